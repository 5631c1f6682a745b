//! Coordinate systems as the OGC APIs name them, in the axis order that the authority says.

use std::{fmt, str::FromStr};

use geo::Coord;

use crate::{
    domain::geo::{BBox, LonLat},
    ingest::crs::{Crs, Transform},
};

/// A coordinate system of an answer or a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// OGC CRS84: WGS 84 degrees, longitude first.
    Crs84,
    /// One of EPSG's, its axes in EPSG's order.
    Epsg(Crs),
}

/// Not a coordinate system that is served.
#[derive(Debug, thiserror::Error)]
#[error("not one of the coordinate systems in the collection's \"crs\"")]
pub struct InvalidReference;

/// Points of each side of a box that are brought to degrees.
const SIDE_POINTS: u32 = 16;

impl Reference {
    /// Every system, CRS84 first.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Crs84).chain(Crs::ALL.map(Self::Epsg))
    }

    /// Whether the first axis is the northing or the latitude.
    pub const fn is_northing_first(self) -> bool {
        match self {
            Self::Crs84 => false,
            Self::Epsg(crs) => crs.is_northing_first(),
        }
    }

    /// The box in degrees around `[min1, min2, max1, max2]` in this system's axis order; `west` is greater than `east`
    /// where it crosses the antimeridian. Errors: what is wrong with the corners.
    pub fn bbox(self, [a, b, c, d]: [f64; 4]) -> Result<BBox, &'static str> {
        let (west, south, east, north) = if self.is_northing_first() { (b, a, d, c) } else { (a, b, c, d) };
        if south > north {
            return Err("the southern side is north of the northern");
        }
        let bbox = BBox { west, south, east, north };
        match self {
            Self::Epsg(crs) if !crs.is_degrees() => projected(crs, bbox),
            _ if LonLat::new(west, south).is_err() || LonLat::new(east, north).is_err() => {
                Err("beyond 180 degrees of longitude or 90 of latitude")
            }
            _ => Ok(bbox),
        }
    }
}

/// The box in degrees around a box in metres, by points along its sides.
fn projected(crs: Crs, metres: BBox) -> Result<BBox, &'static str> {
    if metres.west > metres.east {
        return Err("the western side is east of the eastern");
    }
    let transform = Transform::new(crs);
    let along = |from: f64, to: f64, at: u32| from + (to - from) * f64::from(at) / f64::from(SIDE_POINTS);
    let points = (0..=SIDE_POINTS).flat_map(|at| {
        let (x, y) = (along(metres.west, metres.east, at), along(metres.south, metres.north, at));
        [(x, metres.south), (x, metres.north), (metres.west, y), (metres.east, y)]
    });
    let points: Option<Vec<LonLat>> = points.map(|(x, y)| transform.to_degrees(x, y)).collect();
    points.and_then(BBox::around).ok_or("beyond what this coordinate system can say")
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crs84 => f.write_str("http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
            Self::Epsg(crs) => write!(f, "http://www.opengis.net/def/crs/EPSG/0/{}", crs.epsg()),
        }
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    /// Reads the address of the definition, a URN, and a safe CURIE (`[EPSG:4326]`, `[OGC:CRS84]`).
    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let text = text.trim();
        let curie = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let rest = ["http://www.opengis.net/def/crs/", "https://www.opengis.net/def/crs/", "urn:ogc:def:crs:"]
            .into_iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .or(curie)
            .ok_or(InvalidReference)?;
        let pieces: Vec<&str> = rest.split(['/', ':']).collect();
        match (pieces.first(), pieces.last()) {
            (Some(&"OGC"), Some(&"CRS84")) => Ok(Self::Crs84),
            (Some(&"EPSG"), Some(code)) if pieces.len() <= 3 => {
                let plain = code.bytes().all(|b| b.is_ascii_digit());
                code.parse().ok().filter(|_| plain).and_then(Crs::from_epsg).map(Self::Epsg).ok_or(InvalidReference)
            }
            _ => Err(InvalidReference),
        }
    }
}

/// Brings degrees to the system of an answer, in its axis order.
pub(super) struct Projector {
    transform: Option<Transform>,
    is_northing_first: bool,
}

impl Projector {
    pub(super) fn new(reference: Reference) -> Self {
        let transform = match reference {
            Reference::Epsg(crs) if !crs.is_degrees() => Some(Transform::new(crs)),
            _ => None,
        };
        Self { transform, is_northing_first: reference.is_northing_first() }
    }

    /// Decimals that say a centimetre, or finer.
    pub(super) const fn decimals(&self) -> u8 {
        if self.transform.is_some() { 3 } else { 7 }
    }

    /// The coordinates of a place; not finite where the system cannot say it.
    pub(super) fn place(&self, place: Coord<f64>) -> Coord<f64> {
        let [x, y] = match &self.transform {
            None => [place.x, place.y],
            Some(transform) => {
                let point = LonLat::new(place.x, place.y).ok().and_then(|point| transform.from_degrees(point));
                point.unwrap_or([f64::NAN, f64::NAN])
            }
        };
        if self.is_northing_first { Coord { x: y, y: x } } else { Coord { x, y } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_read_as_addresses_and_curies() {
        for reference in Reference::all() {
            assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference);
        }
        let monte_mario = Reference::Epsg(Crs::MonteMario1);
        for text in ["https://www.opengis.net/def/crs/EPSG/0/3003", "urn:ogc:def:crs:EPSG::3003", "[EPSG:3003]"] {
            assert_eq!(text.parse::<Reference>().unwrap(), monte_mario, "{text}");
        }
        assert_eq!("[OGC:CRS84]".parse::<Reference>().unwrap(), Reference::Crs84);
        for text in ["", "[EPSG:+3003]", "EPSG:3003", "[EPSG:99999]", "http://www.opengis.net/def/crs/EPSG/0/3003/1"] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    #[test]
    fn axes_stand_in_the_order_of_the_authority() {
        let place = |text: &str| Projector::new(text.parse().unwrap()).place(Coord { x: 16.28, y: 38.97 });
        let place = |text: &str| <[f64; 2]>::from(<(f64, f64)>::from(place(text)));
        let near = |[a, b]: [f64; 2], [c, d]: [f64; 2]| (a - c).abs() < 0.01 && (b - d).abs() < 0.01;
        // By PROJ 9.5.1, as in the tests of `ingest::crs`.
        assert!(near(place("[OGC:CRS84]"), [16.28, 38.97]));
        assert!(near(place("[EPSG:4326]"), [38.97, 16.28]));
        assert!(near(place("[EPSG:6706]"), [38.97, 16.28]));
        assert!(near(place("[EPSG:3003]"), [2131046.522, 4338739.453]));
        assert!(near(place("[EPSG:6709]"), [4324055.438, 91016.992]));
        assert!(near(place("[EPSG:7793]"), [91016.992, 4324055.438]));
        assert!(near(place("[EPSG:3857]"), [1812281.310, 4717375.241]));
        let [northing, easting] = place("[EPSG:3035]");
        assert!(northing < easting, "EPSG:3035 has the northing first: {northing} {easting}");
    }

    #[test]
    fn a_box_comes_back_around_what_was_in_it() {
        for reference in Reference::all() {
            let projector = Projector::new(reference);
            let corners = [(16.2, 38.9), (16.4, 38.9), (16.2, 39.0), (16.4, 39.0)];
            let places = corners.map(|(x, y)| projector.place(Coord { x, y }));
            let axis = |at: usize| places.iter().map(move |place| if at == 0 { place.x } else { place.y });
            let least = |at: usize| axis(at).fold(f64::INFINITY, f64::min);
            let most = |at: usize| axis(at).fold(f64::NEG_INFINITY, f64::max);
            let bbox = reference.bbox([least(0), least(1), most(0), most(1)]).unwrap();
            for (lon, lat) in corners {
                let inside = (bbox.west - 1e-7..bbox.east + 1e-7).contains(&lon)
                    && (bbox.south - 1e-7..bbox.north + 1e-7).contains(&lat);
                assert!(inside, "{reference}: {lon} {lat} {bbox:?}");
            }
            assert!(bbox.east - bbox.west < 0.23 && bbox.north - bbox.south < 0.13, "{reference}: {bbox:?}");
        }
    }

    #[test]
    fn a_box_may_cross_the_antimeridian_and_a_wrong_one_is_none() {
        let over = Reference::Crs84.bbox([170.0, -10.0, -170.0, 10.0]).unwrap();
        assert!(over.west > over.east);
        for corners in [[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 181.0, 1.0], [0.0, -91.0, 1.0, 1.0]] {
            assert!(Reference::Crs84.bbox(corners).is_err(), "{corners:?}");
        }
        assert!(Reference::Epsg(Crs::Utm33).bbox([1e30, 0.0, 2e30, 1.0]).is_err());
    }
}
