//! GeoJSON (RFC 7946, and the `crs` member of the 2008 text where it is there).
//!
//! Read as a stream of features into flat coordinates, so that a hostile feature spoils itself only. Before
//! that one scan bounds the depth; bare `NaN` and `Infinity`, which some programs write though JSON has
//! no such words, become empty objects, so that only their features are lost.

use std::{borrow::Cow, fmt};

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value as Json;

use super::{LayerReading, layer::Layer};
use crate::{
    domain::{feature::Value, watch::Watch},
    ingest::{Error, crs::Crs, sheet::unreadable},
};

/// Deepest nesting of brackets: honest files stay under ten.
const DEPTH: usize = 64;

/// Reads a FeatureCollection, a Feature or a bare geometry.
pub fn read(file: &str, bytes: &[u8], watch: &dyn Watch) -> Result<LayerReading, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(unreadable(file, "the file is empty"));
    }
    let bytes = gate(bytes).map_err(|reason| unreadable(file, reason))?;
    watch.begin("layer", 0);
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let not_json = |error: &serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        unreadable(file, format!("this is not GeoJSON: {} at line {line}, column {column}", kind(error)))
    };
    let found = Document { watch }.deserialize(&mut reader).map_err(|error| not_json(&error))?;
    reader.end().map_err(|error| not_json(&error))?;
    if watch.cancelled() {
        return Err(Error::Stopped);
    }
    let features = found.features.ok_or_else(|| unreadable(file, "this JSON is no GeoJSON: no features, no geometry"))?;
    let crs = match found.crs {
        None => Crs::Wgs84,
        Some(name) => name.parse().map_err(|_| unreadable(file, "the declared coordinate system is not one we read"))?,
    };
    let mut layer = Layer::new(file, crs);
    for feature in features {
        if layer.next_row().is_multiple_of(1024) {
            watch.advance(1024);
            if watch.cancelled() {
                return Err(Error::Stopped);
            }
        }
        let found = feature.and_then(|feature| {
            let properties = flatten(feature.properties, &mut layer);
            Ok((geometry(feature.shape?, 0)?, properties))
        });
        layer.take(found)?;
    }
    Ok(layer.finish())
}

fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends too early (truncated)",
        serde_json::error::Category::Data => "something else stands where a member belongs",
        _ => "a syntax error",
    }
}

/// One pass outside strings: bounds the depth, and puts `{}` where a bare word stands for no number.
fn gate(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let (mut depth, mut at) = (0_usize, 0);
    let mut replaced: Option<Vec<u8>> = None;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'[' | b'{' => {
                depth += 1;
                if depth > DEPTH {
                    return Err(format!("the JSON is nested deeper than {DEPTH} levels, at byte {at}"));
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'N' | b'I' | b'-' | b'n' => {
                const WORDS: [&[u8]; 5] = [b"NaN", b"-Infinity", b"Infinity", b"-NaN", b"nan"];
                if let Some(word) = WORDS.iter().find(|word| bytes[at..].starts_with(word)) {
                    let copy = replaced.get_or_insert_with(|| bytes.to_vec());
                    // `null` has a letter too many: an empty object stands for it, and is no number either.
                    copy[at..at + word.len()].fill(b' ');
                    copy[at..at + 2].copy_from_slice(b"{}");
                    at += word.len() - 1;
                }
            }
            0 => return Err("the file is binary, not text".to_owned()),
            _ => {}
        }
        at += 1;
    }
    Ok(replaced.map_or(Cow::Borrowed(bytes), Cow::Owned))
}

/// The closing quote, or the end.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// What a document says before its features are judged.
#[derive(Default)]
struct Found {
    crs: Option<String>,
    features: Option<Vec<Result<Raw, &'static str>>>,
}

/// A feature as it stands in the file.
struct Raw {
    shape: Result<Shape, &'static str>,
    properties: Vec<(String, Json)>,
}

/// A geometry as it stands in the file.
#[derive(Default)]
struct Shape {
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

struct Document<'w> {
    watch: &'w dyn Watch,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = Found::default();
        let mut alone = Parts::default();
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match &*key {
                "features" => found.features = Some(map.next_value_seed(Features { watch: self.watch })?),
                "crs" => found.crs = crs_name(&map.next_value()?),
                other => alone.take(other, &mut map)?,
            }
        }
        if found.features.is_none() && alone.is_something() {
            found.features = Some(vec![alone.into_raw()]);
        }
        Ok(found)
    }
}

fn crs_name(crs: &Json) -> Option<String> {
    match crs {
        Json::Null => None,
        crs => Some(crs.pointer("/properties/name").and_then(Json::as_str).unwrap_or("unknown").to_owned()),
    }
}

struct Features<'w> {
    watch: &'w dyn Watch,
}

impl<'de> DeserializeSeed<'de> for Features<'_> {
    type Value = Vec<Result<Raw, &'static str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_> {
    type Value = Vec<Result<Raw, &'static str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut features = Vec::new();
        while let Some(feature) = seq.next_element::<Lenient<Parts>>()? {
            features.push(match feature {
                Lenient::Object(parts) => parts.into_raw(),
                Lenient::Null | Lenient::Other => Err("something else stands where a feature belongs"),
            });
            if features.len().is_multiple_of(1024) && self.watch.cancelled() {
                break;
            }
        }
        Ok(features)
    }
}

/// An object, or whatever stands in its place.
enum Lenient<T> {
    Object(T),
    Null,
    Other,
}

/// What is read member by member.
trait Members: Default {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

impl<'de, T: Members> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(std::marker::PhantomData))
    }
}

struct LenientVisitor<T>(std::marker::PhantomData<T>);

macro_rules! scalars {
    ($value:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

macro_rules! numbers {
    ($value:expr) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

impl<'de, T: Members> Visitor<'de> for LenientVisitor<T> {
    type Value = Lenient<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    scalars!(Lenient::Other);
    numbers!(Lenient::Other);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Lenient::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Lenient::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = T::default();
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            members.take(&key, &mut map)?;
        }
        Ok(Lenient::Object(members))
    }
}

/// The members of a feature, or of a geometry that stands alone.
#[derive(Default)]
struct Parts {
    geometry: Option<Result<Shape, &'static str>>,
    properties: Vec<(String, Json)>,
    own: Shape,
}

impl Parts {
    const fn is_something(&self) -> bool {
        self.geometry.is_some() || self.own.coordinates.is_some() || !self.own.parts.is_empty()
    }

    fn into_raw(self) -> Result<Raw, &'static str> {
        let own = self.own.coordinates.is_some() || !self.own.parts.is_empty();
        let shape = match self.geometry {
            Some(shape) => shape,
            None if own => Ok(self.own),
            None => Err("there is no geometry"),
        };
        Ok(Raw { shape, properties: self.properties })
    }
}

impl Members for Parts {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "geometry" => {
                self.geometry = Some(match map.next_value::<Lenient<Shape>>()? {
                    Lenient::Object(shape) => Ok(shape),
                    Lenient::Null => Err("there is no geometry"),
                    Lenient::Other => Err("something else stands where a geometry belongs"),
                });
            }
            "properties" => {
                if let Lenient::Object(Attributes(properties)) = map.next_value()? {
                    self.properties = properties;
                }
            }
            other => self.own.take(other, map)?,
        }
        Ok(())
    }
}

#[derive(Default)]
struct Attributes(Vec<(String, Json)>);

impl Members for Attributes {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.0.push((key.to_owned(), map.next_value()?));
        Ok(())
    }
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

/// An array, or nothing where something else stands.
struct List<T>(Option<Vec<T>>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = List<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            scalars!(List(None));
            numbers!(List(None));
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(List(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(List(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(List(Some(items)))
            }
        }
        deserializer.deserialize_any(Items(std::marker::PhantomData))
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

fn geometry(shape: Shape, depth: usize) -> Result<Geometry<f64>, &'static str> {
    if shape.broken || depth > 8 {
        return Err("the geometry cannot be read");
    }
    if shape.kind == "GeometryCollection" {
        let parts = shape.parts.into_iter().map(|part| geometry(part, depth + 1)).collect::<Result<_, _>>()?;
        return Ok(Geometry::GeometryCollection(GeometryCollection(parts)));
    }
    let coordinates = shape.coordinates.ok_or("the geometry has no coordinates")?;
    Ok(match (shape.kind.as_str(), coordinates) {
        (_, Nest::Broken) => return Err(MISFIT),
        (_, Nest::Empty) => return Err("the geometry is empty"),
        ("Point", Nest::Point(point)) => Geometry::Point(Point(point)),
        ("MultiPoint", Nest::Points(points)) => Geometry::MultiPoint(MultiPoint(points.into_iter().map(Point).collect())),
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

/// Plain values, in the order of the file. A nested object gives its members, by their own names, or behind
/// the object's where that name is taken; arrays and deeper objects are left out.
fn flatten(properties: Vec<(String, Json)>, layer: &mut Layer<'_>) -> Vec<(Box<str>, Value)> {
    let outer: std::collections::HashSet<String> =
        properties.iter().filter(|(_, value)| !value.is_object()).map(|(key, _)| key.clone()).collect();
    let mut taken: std::collections::HashSet<String> = std::collections::HashSet::new();
    let mut flat = Vec::with_capacity(properties.len());
    let mut add = |key: String, value: &Json, layer: &mut Layer<'_>| {
        let Some(value) = plain(value) else {
            return layer.lose(&key, "an array or a deeper object is dropped");
        };
        if taken.insert(key.clone()) {
            flat.push((key.into(), value));
        } else {
            layer.lose(&key, "the same name again: the first value is kept");
        }
    };
    for (key, value) in properties {
        let Json::Object(members) = value else {
            add(key, &value, layer);
            continue;
        };
        for (inner, value) in &members {
            let name = if outer.contains(inner) { format!("{key}.{inner}") } else { inner.clone() };
            add(name, value, layer);
        }
    }
    flat
}

fn plain(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Whole(whole),
            (None, Some(number)) if number.is_finite() => Value::Number(number),
            _ => return None,
        },
        Json::String(text) => Value::Text(text.as_str().into()),
        // What the gate puts in the place of a bare NaN.
        Json::Object(members) if members.is_empty() => Value::Null,
        Json::Array(_) | Json::Object(_) => return None,
    })
}
