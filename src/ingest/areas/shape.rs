//! A GeoJSON geometry as it stands in the file: nested coordinates, flat at the level of points.

use std::fmt;

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value as Json;

use super::lenient::{Lenient, List, Members, scalars};

/// A geometry as it stands in the file.
#[derive(Default)]
pub(super) struct Shape {
    kind: String,
    coordinates: Option<Nest>,
    parts: Vec<Self>,
    broken: bool,
}

/// Nested coordinates, flat at the level of points.
enum Nest {
    Point(Coord<f64>),
    Points(Vec<Coord<f64>>),
    Deeper(Vec<Self>),
    Empty,
    Broken,
}

impl Members for Shape {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => match map.next_value::<Json>()? {
                Json::String(kind) => self.kind = kind,
                _ => self.broken = true,
            },
            "coordinates" => self.coordinates = Some(map.next_value()?),
            "geometries" => match map.next_value::<List<Lenient<Self>>>()?.0 {
                Some(parts) => {
                    for part in parts {
                        match part {
                            Lenient::Object(part) => self.parts.push(part),
                            Lenient::Null | Lenient::Other => self.broken = true,
                        }
                    }
                }
                None => self.broken = true,
            },
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// An item of nested coordinates.
enum Item {
    Number(f64),
    Nest(Nest),
}

impl<'de> Deserialize<'de> for Nest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Item::deserialize(deserializer)? {
            Item::Number(_) => Self::Broken,
            Item::Nest(nest) => nest,
        })
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Coordinates)
    }
}

struct Coordinates;

impl<'de> Visitor<'de> for Coordinates {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")
    }

    scalars!(Item::Nest(Nest::Broken));

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item::Nest(Nest::Broken))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Item, E> {
        Ok(Item::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Item, E> {
        Ok(Item::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Item, E> {
        Ok(Item::Number(number))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Item::Nest(Nest::Broken))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        let mut nest = Nest::Empty;
        let (mut first, mut count) = (0.0, 0_usize);
        while let Some(item) = seq.next_element::<Item>()? {
            nest = match (nest, item) {
                (Nest::Empty, Item::Number(x)) if count == 0 => {
                    first = x;
                    Nest::Empty
                }
                (Nest::Empty, Item::Number(y)) if count == 1 => Nest::Point(Coord { x: first, y }),
                // Height and measure are left out.
                (Nest::Point(point), Item::Number(_)) => Nest::Point(point),
                (Nest::Empty, Item::Nest(Nest::Point(point))) if count == 0 => Nest::Points(vec![point]),
                (Nest::Points(mut points), Item::Nest(Nest::Point(point))) => {
                    points.push(point);
                    Nest::Points(points)
                }
                (Nest::Empty, Item::Nest(deeper @ (Nest::Points(_) | Nest::Deeper(_) | Nest::Empty))) if count == 0 => {
                    Nest::Deeper(vec![deeper])
                }
                (Nest::Deeper(mut list), Item::Nest(deeper @ (Nest::Points(_) | Nest::Deeper(_) | Nest::Empty))) => {
                    list.push(deeper);
                    Nest::Deeper(list)
                }
                _ => Nest::Broken,
            };
            count += 1;
        }
        // A lone number is no point.
        Ok(Item::Nest(if count == 1 && matches!(nest, Nest::Empty) { Nest::Broken } else { nest }))
    }
}

const MISFIT: &str = "the coordinates do not fit the kind of geometry, or one of them is no number";

impl Shape {
    /// Whether anything was written.
    pub(super) const fn is_something(&self) -> bool {
        self.coordinates.is_some() || !self.parts.is_empty()
    }

    /// Whether a ring of a polygon does not end where it begins.
    pub(super) fn has_open_ring(&self) -> bool {
        fn open(nest: &Nest) -> bool {
            match nest {
                Nest::Points(points) => points.first() != points.last(),
                Nest::Deeper(list) => list.iter().any(open),
                Nest::Point(_) | Nest::Empty | Nest::Broken => false,
            }
        }
        matches!(self.kind.as_str(), "Polygon" | "MultiPolygon") && self.coordinates.as_ref().is_some_and(open)
    }

    /// The geometry, not yet checked for validity.
    pub(super) fn into_geometry(self, depth: usize) -> Result<Geometry<f64>, &'static str> {
        if self.broken || depth > 8 {
            return Err("the geometry cannot be read");
        }
        if self.kind == "GeometryCollection" {
            let parts = self.parts.into_iter().map(|part| part.into_geometry(depth + 1)).collect::<Result<_, _>>()?;
            return Ok(Geometry::GeometryCollection(GeometryCollection(parts)));
        }
        build(&self.kind, self.coordinates.ok_or("the geometry has no coordinates")?)
    }
}

fn build(kind: &str, coordinates: Nest) -> Result<Geometry<f64>, &'static str> {
    Ok(match (kind, coordinates) {
        (_, Nest::Empty) => return Err("the geometry is empty"),
        ("Point", Nest::Point(point)) => Geometry::Point(Point(point)),
        ("MultiPoint", Nest::Points(points)) => {
            Geometry::MultiPoint(MultiPoint(points.into_iter().map(Point).collect()))
        }
        ("LineString", Nest::Points(points)) => Geometry::LineString(LineString(points)),
        ("MultiLineString", Nest::Deeper(lines)) => Geometry::MultiLineString(MultiLineString(rings(lines)?)),
        ("Polygon", Nest::Deeper(list)) => Geometry::Polygon(polygon(list)?),
        ("MultiPolygon", Nest::Deeper(list)) => {
            let polygons = list.into_iter().map(|nest| match nest {
                Nest::Deeper(list) => polygon(list),
                _ => Err(MISFIT),
            });
            Geometry::MultiPolygon(MultiPolygon(polygons.collect::<Result<_, _>>()?))
        }
        _ => return Err(MISFIT),
    })
}

fn rings(lists: Vec<Nest>) -> Result<Vec<LineString<f64>>, &'static str> {
    let lines = lists.into_iter().map(|nest| match nest {
        Nest::Points(points) => Ok(LineString(points)),
        _ => Err(MISFIT),
    });
    lines.collect()
}

fn polygon(list: Vec<Nest>) -> Result<Polygon<f64>, &'static str> {
    let mut rings = rings(list)?.into_iter();
    Ok(Polygon::new(rings.next().ok_or(MISFIT)?, rings.collect()))
}
