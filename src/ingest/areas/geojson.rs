//! GeoJSON (RFC 7946, and the `crs` member of the 2008 text where it is there).
//!
//! Read as a stream of features into flat coordinates, so that a hostile feature spoils itself only. Before
//! that one scan bounds the depth; bare `NaN` and `Infinity`, which some programs write though JSON has
//! no such words, become empty objects, so that only their features are lost.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value as Json;

use super::{
    LayerReading, dates,
    layer::Layer,
    lenient::{Lenient, Members},
    shape::Shape,
};
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
    let features =
        found.features.ok_or_else(|| unreadable(file, "this JSON is no GeoJSON: no features, no geometry"))?;
    let crs = match found.crs {
        None => Crs::Wgs84,
        Some(name) => {
            name.parse().map_err(|_| unreadable(file, "the declared coordinate system is not one we read"))?
        }
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
            let shape = feature.shape?;
            if shape.has_open_ring() {
                layer.lose("geometry", "an open ring is closed");
            }
            Ok((shape.into_geometry(0)?, properties))
        });
        layer.take(found)?;
    }
    let mut reading = layer.finish();
    dates::read(&mut reading.features);
    Ok(reading)
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
        if found.features.is_none() && alone.own.is_something() || alone.geometry.is_some() {
            found.features = Some(vec![Ok(alone.into_raw())]);
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
                Lenient::Object(parts) => Ok(parts.into_raw()),
                Lenient::Null | Lenient::Other => Err("something else stands where a feature belongs"),
            });
            if features.len().is_multiple_of(1024) && self.watch.cancelled() {
                break;
            }
        }
        Ok(features)
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
    fn into_raw(self) -> Raw {
        let own = self.own.is_something();
        let shape = match self.geometry {
            Some(shape) => shape,
            None if own => Ok(self.own),
            None => Err("there is no geometry"),
        };
        Raw { shape, properties: self.properties }
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

/// Plain values, in the order of the file. A nested object gives its members, by their own names, or behind
/// the object's where that name is taken; arrays of texts are lists; other arrays and deeper objects are left out.
fn flatten(properties: Vec<(String, Json)>, layer: &mut Layer<'_>) -> Vec<(Box<str>, Value)> {
    let outer: std::collections::HashSet<String> =
        properties.iter().filter(|(_, value)| !value.is_object()).map(|(key, _)| key.clone()).collect();
    let mut taken: std::collections::HashSet<String> = std::collections::HashSet::new();
    let mut flat = Vec::with_capacity(properties.len());
    let mut add = |key: String, value: &Json, layer: &mut Layer<'_>| {
        let Some(value) = plain(value) else {
            return layer.lose(&key, "an array of other things than texts, or a deeper object, is dropped");
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
        Json::Array(items) => {
            Value::List(items.iter().map(|item| item.as_str().map(Into::into)).collect::<Option<_>>()?)
        }
        Json::Object(_) => return None,
    })
}
