//! A question as it is written in JSON (RFC 8259), strictly: an unknown, repeated or misplaced member is an error that
//! names it.

use h3o::{CellIndex, Resolution};
use serde::Deserialize;

use crate::{
    app::error::Error,
    domain::geo::{BBox, LonLat},
    query::{
        area::{Area, InvalidArea},
        page::Direction,
    },
};

/// Longest question in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep brackets may stand in each other.
const MAX_DEPTH: usize = 40;

/// A question, as it was asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) collection: String,
    pub(super) filter: Option<serde_json::Value>,
    #[serde(rename = "filter-lang")]
    pub(super) filter_lang: Option<String>,
    pub(super) area: Option<AreaAsked>,
    pub(super) date: Option<String>,
    pub(super) group: Option<GroupAsked>,
    #[serde(default)]
    pub(super) measures: Vec<MeasureAsked>,
    #[serde(default)]
    pub(super) order: Vec<OrderAsked>,
    pub(super) limit: Option<usize>,
    pub(super) cursor: Option<String>,
    pub(super) nearest: Option<NearestAsked>,
}

/// A shape.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum AreaAsked {
    Polygon {
        geometry: Polygons,
    },
    Cells {
        ids: Vec<String>,
    },
    Circle {
        center: [f64; 2],
        radius_m: f64,
    },
    Corridor {
        line: Line,
        width_m: f64,
    },
    Bbox {
        bbox: [f64; 4],
    },
    Feature {
        layer: String,
        id: u64,
    },
    Union {
        of: Vec<AreaAsked>,
    },
    Difference {
        of: Vec<AreaAsked>,
    },
    Intersection {
        of: Vec<AreaAsked>,
    },
    Isochrone(ReachAsked),
    /// An isochrone, once it is drawn.
    #[serde(skip)]
    Drawn(geo::MultiPolygon<f64>),
}

/// Where one gets within some minutes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReachAsked {
    pub(super) from: [f64; 2],
    pub(super) minutes: f64,
    pub(super) profile: Option<String>,
    pub(super) scenario: Option<String>,
}

/// A GeoJSON geometry of areas (RFC 7946).
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Polygons {
    Polygon { coordinates: Vec<Vec<Position>> },
    MultiPolygon { coordinates: Vec<Vec<Vec<Position>>> },
}

/// A GeoJSON line.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Line {
    LineString { coordinates: Vec<Position> },
}

/// Longitude, latitude; a height is not looked at.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Vec<f64>")]
pub(super) struct Position([f64; 2]);

impl TryFrom<Vec<f64>> for Position {
    type Error = &'static str;

    fn try_from(numbers: Vec<f64>) -> Result<Self, &'static str> {
        match numbers[..] {
            [lon, lat] | [lon, lat, _] => Ok(Self([lon, lat])),
            _ => Err("a position is longitude and latitude"),
        }
    }
}

/// By what rows are divided.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum GroupAsked {
    Hex { resolution: u8 },
    Layer { layer: String },
    Property { property: String },
}

/// What is measured: one of these.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MeasureAsked {
    pub(super) count: Option<String>,
    pub(super) sum: Option<String>,
    pub(super) mean: Option<String>,
    pub(super) quantiles: Option<Vec<f64>>,
    pub(super) of: Option<String>,
    pub(super) share: Option<String>,
}

/// In which order groups come.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderAsked {
    pub(super) by: By,
    #[serde(default)]
    pub(super) direction: DirectionAsked,
}

/// A measure by its place, or the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "the place of a measure, or \"group\"")]
pub(super) enum By {
    Measure(usize),
    Group(GroupWord),
}

/// The word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum GroupWord {
    Group,
}

/// Which way.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DirectionAsked {
    #[default]
    Asc,
    Desc,
}

impl From<DirectionAsked> for Direction {
    fn from(asked: DirectionAsked) -> Self {
        match asked {
            DirectionAsked::Asc => Self::Ascending,
            DirectionAsked::Desc => Self::Descending,
        }
    }
}

/// The nearest rows to a point.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NearestAsked {
    pub(super) to: [f64; 2],
    pub(super) k: usize,
}

/// Reads JSON past the gate of bytes and depth.
pub(super) fn read<T: for<'a> Deserialize<'a>>(place: &str, bytes: &[u8]) -> Result<T, Error> {
    read_up_to(place, bytes, MAX_BYTES)
}

/// Reads JSON of at most so many bytes past the gate of depth.
pub fn read_up_to<T: for<'a> Deserialize<'a>>(place: &str, bytes: &[u8], most: usize) -> Result<T, Error> {
    if bytes.len() > most {
        return Err(Error::invalid(place, format_args!("longer than {most} bytes")));
    }
    if depth(bytes) > MAX_DEPTH {
        return Err(Error::invalid(place, format_args!("brackets more than {MAX_DEPTH} deep")));
    }
    serde_json::from_slice(bytes).map_err(|error| Error::invalid(place, error))
}

/// How deep brackets stand in each other, texts aside.
fn depth(bytes: &[u8]) -> usize {
    let (mut deepest, mut depth, mut quoted, mut escaped) = (0, 0_usize, false, false);
    for &byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

impl AreaAsked {
    /// The area; `feature` gives that of a layer's feature. Errors name the part by its path from `place`.
    pub(super) fn build(
        &self,
        place: &str,
        feature: &dyn Fn(&str, &str, u64) -> Result<Area, Error>,
    ) -> Result<Area, Error> {
        let within = |part: &str| format!("{place}.{part}");
        let at =
            |part: &str, error: InvalidArea| Error::invalid(&format!("{place}{part}.{}", error.place), error.reason);
        let each = |of: &[Self]| -> Result<Vec<Area>, Error> {
            of.iter().zip(0..).map(|(part, at): (_, usize)| part.build(&format!("{place}.of[{at}]"), feature)).collect()
        };
        let plain = |positions: &[Position]| positions.iter().map(|position| position.0).collect::<Vec<_>>();
        let rings = |rings: &[Vec<Position>]| rings.iter().map(|ring| plain(ring)).collect::<Vec<_>>();
        match self {
            Self::Polygon { geometry: Polygons::Polygon { coordinates } } => {
                Area::polygons(&[rings(coordinates)]).map_err(|error| at(".geometry", error))
            }
            Self::Polygon { geometry: Polygons::MultiPolygon { coordinates } } => {
                let polygons: Vec<_> = coordinates.iter().map(|polygon| rings(polygon)).collect();
                Area::polygons(&polygons).map_err(|error| at(".geometry", error))
            }
            Self::Cells { ids } => {
                let cell = |(id, at): (&String, usize)| {
                    id.parse::<CellIndex>()
                        .map_err(|_| Error::invalid(&within(&format!("ids[{at}]")), "not an H3 cell"))
                };
                let cells = ids.iter().zip(0..).map(cell).collect::<Result<_, _>>()?;
                Area::cells(cells).map_err(|error| at("", error))
            }
            Self::Circle { center: [lon, lat], radius_m } => {
                let center =
                    LonLat::new(*lon, *lat).map_err(|error| Error::invalid(&within("center"), error.reason))?;
                Area::circle(center, *radius_m).map_err(|error| at("", error))
            }
            Self::Corridor { line: Line::LineString { coordinates }, width_m } => {
                Area::corridor(&plain(coordinates), *width_m).map_err(|error| at("", error))
            }
            Self::Bbox { bbox: [west, south, east, north] } => {
                let bbox = BBox { west: *west, south: *south, east: *east, north: *north };
                Area::bbox(bbox).map_err(|error| at("", error))
            }
            Self::Feature { layer, id } => feature(place, layer, *id),
            Self::Drawn(polygons) => {
                Area::of_polygons(polygons.clone()).map_err(|_| Error::invalid(place, "nothing is reached from there"))
            }
            Self::Isochrone(_) => Err(Error::invalid(place, "an isochrone cannot stand here")),
            Self::Union { of } => Area::union(each(of)?).map_err(|error| at("", error)),
            Self::Difference { of } => Area::difference(each(of)?).map_err(|error| at("", error)),
            Self::Intersection { of } => Area::intersection(each(of)?).map_err(|error| at("", error)),
        }
    }
}

/// A resolution by which rows are grouped.
pub(super) fn resolution(number: u8) -> Result<Resolution, Error> {
    let known = Resolution::try_from(number).ok().filter(|resolution| u8::from(*resolution) <= 12);
    known.ok_or_else(|| Error::invalid("group.resolution", "not between 0 and 12"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(text: &str) -> String {
        let none = |place: &str, _: &str, _: u64| Err(Error::invalid(place, "no layers here"));
        match read::<AreaAsked>("area", text.as_bytes()).and_then(|area| area.build("area", &none)) {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn areas_are_read_and_errors_say_where() {
        let square = "[[[0,0],[1,0,9],[1,1],[0,0]]]";
        for (text, found) in [
            (&format!(r#"{{"type":"polygon","geometry":{{"type":"Polygon","coordinates":{square}}}}}"#)[..], "fine"),
            (&format!(r#"{{"type":"polygon","geometry":{{"type":"MultiPolygon","coordinates":[{square}]}}}}"#), "fine"),
            (r#"{"type":"circle","center":[16,38],"radius_m":100}"#, "fine"),
            (r#"{"type":"circle","center":[16,98],"radius_m":100}"#, "area.center: latitude out of range"),
            (r#"{"type":"circle","center":[16,38],"radius_m":-1}"#, "area.radius_m: not between"),
            (r#"{"type":"circle","center":[16,38],"radius_m":1e999}"#, "area: number out of range"),
            (r#"{"type":"circle","center":[16,38],"radius":1}"#, "unknown field `radius`"),
            (r#"{"type":"disc"}"#, "unknown variant `disc`"),
            (r#"{"type":"cells","ids":["891e8056033ffff","x"]}"#, "area.ids[1]: not an H3 cell"),
            (r#"{"type":"bbox","bbox":[1,2,3]}"#, "invalid length 3"),
            (r#"{"type":"union","of":[{"type":"feature","layer":"a","id":1}]}"#, "area.of[0]: no layers here"),
            (r#"{"type":"union","of":[{"type":"bbox","bbox":[1,2,3,1]}]}"#, "area.of[0].bbox: south"),
            (
                r#"{"type":"corridor","line":{"type":"LineString","coordinates":[[1,2]]},"width_m":5}"#,
                "area.line: fewer",
            ),
            (
                r#"{"type":"polygon","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}}"#,
                "area.geometry.coordinates[0]: not closed",
            ),
        ] {
            assert!(area(text).contains(found), "{text}: {}", area(text));
        }
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(area(&deep).contains("deep"));
        let text = format!(r#"{{"type":"{}"}}"#, "[".repeat(1000));
        assert!(area(&text).contains("unknown variant"), "brackets in a text are none");
        assert!(area(&" ".repeat(MAX_BYTES + 1)).contains("longer"));
    }

    proptest::proptest! {
        /// Whatever comes, the gate answers: an area or a reason, never a fault.
        #[test]
        fn spoilt_areas_are_refused(which in 0_usize..4, at in 0_usize..200, byte: u8, cut in 0_usize..300) {
            let whole = [
                r#"{"type":"polygon","geometry":{"type":"Polygon","coordinates":[[[16.2,38.9],[16.4,38.9],[16.4,39],[16.2,38.9]]]}}"#,
                r#"{"type":"difference","of":[{"type":"circle","center":[16,38],"radius_m":100},{"type":"bbox","bbox":[1,2,3,4]}]}"#,
                r#"{"type":"corridor","line":{"type":"LineString","coordinates":[[16.2,38.9],[16.4,38.9]]},"width_m":50}"#,
                r#"{"type":"cells","ids":["8a1e9a50a0affff","891e9a50a0fffff"]}"#,
            ];
            let mut bytes = whole[which].as_bytes().to_vec();
            let place = at % bytes.len();
            bytes[place] = byte;
            bytes.truncate(cut.max(1));
            let none = |place: &str, _: &str, _: u64| Err(Error::invalid(place, "no layers here"));
            let read = read::<AreaAsked>("area", &bytes).and_then(|area| area.build("area", &none));
            if let Err(error) = read {
                proptest::prop_assert!(matches!(&error, Error::Invalid { place, .. } if place.starts_with("area")), "{error}");
            }
        }
    }
}
