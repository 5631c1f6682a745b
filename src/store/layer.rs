//! Reference layers, and the form in which they are stored.

use std::{fmt, str::FromStr};

use geo::Geometry;
use geozero::{CoordDimensions, ToGeo, ToWkb, wkb::Wkb};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::domain::{
    feature::{Feature, Value},
    period,
};

/// A layer's name, which is also the name of its table and a part of URLs: a small letter, then at most 47 small letters,
/// digits or underscores. Names that the store or SQLite keep for themselves are refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerName(Box<str>);

/// Not the name of a layer.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" cannot name a layer: use small letters, digits and underscores, a letter first, at most 48")]
pub struct InvalidLayerName(String);

impl LayerName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LayerName {
    type Err = InvalidLayerName;

    fn from_str(text: &str) -> Result<Self, InvalidLayerName> {
        const KEPT: [&str; 5] = ["store_", "gpkg_", "rtree_", "sqlite_", "geometry_columns"];
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let ok = (1..=48).contains(&text.len())
            && text.as_bytes()[0].is_ascii_lowercase()
            && text.bytes().all(plain)
            && !KEPT.iter().any(|kept| text.starts_with(kept));
        if ok { Ok(Self(text.into())) } else { Err(InvalidLayerName(text.chars().take(64).collect())) }
    }
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A title in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Titles {
    /// Italian.
    pub it: Box<str>,
    /// English.
    pub en: Box<str>,
}

/// A reference layer. Degrees, longitude first.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: LayerName,
    /// Its title.
    pub titles: Titles,
    /// Its features.
    pub features: Vec<Feature>,
}

/// A reference layer without its features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerHead {
    /// Its name.
    pub name: LayerName,
    /// Its title.
    pub titles: Titles,
    /// How many features.
    pub features: u64,
}

/// A feature as it is stored: the exact values, which the columns of a GeoPackage cannot all hold.
#[derive(Serialize, Deserialize)]
struct StoredFeature {
    id: u64,
    wkb: Vec<u8>,
    /// Field of the layer, value.
    properties: Vec<(u32, StoredValue)>,
}

#[derive(Serialize, Deserialize)]
enum StoredValue {
    Null,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(Box<str>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since 1970-01-01T00:00Z, nanoseconds.
    Instant(i64, i32),
    List(Box<[Box<str>]>),
}

/// The fields of some features in order of first appearance.
pub(super) fn fields(features: &[Feature]) -> Vec<Box<str>> {
    let mut seen = std::collections::HashSet::new();
    let names = features.iter().flat_map(|feature| feature.properties.iter().map(|(name, _)| name));
    names.filter(|name| seen.insert(*name)).cloned().collect()
}

/// Features as bytes: the fields, then the features.
pub(super) fn encode(features: &[Feature]) -> Result<Vec<u8>, StoreError> {
    let fields = fields(features);
    let positions: std::collections::HashMap<&str, u32> = (0..).zip(&fields).map(|(i, name)| (&**name, i)).collect();
    let stored = features
        .iter()
        .map(|feature| {
            let value = |(name, value): &(Box<str>, Value)| (positions[&**name], StoredValue::from(value));
            let wkb = feature.geometry.to_wkb(CoordDimensions::xy()).map_err(|_| StoreError::Encode("a geometry"))?;
            Ok(StoredFeature { id: feature.id, wkb, properties: feature.properties.iter().map(value).collect() })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    postcard::to_stdvec(&(&fields, &stored)).map_err(|_| StoreError::Encode("a layer"))
}

/// Reads back what [`encode`] wrote.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Feature>, StoreError> {
    let broken = || StoreError::Corrupt("a layer cannot be decoded".to_owned());
    let (fields, stored): (Vec<Box<str>>, Vec<StoredFeature>) = postcard::from_bytes(bytes).map_err(|_| broken())?;
    stored
        .into_iter()
        .map(|feature| {
            let geometry: Geometry<f64> = Wkb(feature.wkb).to_geo().map_err(|_| broken())?;
            let property = |(field, value): (u32, StoredValue)| {
                Ok((fields.get(field as usize).ok_or_else(broken)?.clone(), Value::from(value)))
            };
            let properties = feature.properties.into_iter().map(property).collect::<Result<_, StoreError>>()?;
            Ok(Feature { id: feature.id, geometry, properties })
        })
        .collect()
}

impl From<&Value> for StoredValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Flag(flag) => Self::Flag(*flag),
            Value::Whole(whole) => Self::Whole(*whole),
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text.clone()),
            Value::Date(date) => Self::Date(period::days_of(*date)),
            Value::Instant(instant) => Self::Instant(instant.as_second(), instant.subsec_nanosecond()),
            Value::List(texts) => Self::List(texts.clone()),
        }
    }
}

impl From<StoredValue> for Value {
    /// A day or a moment that no calendar has is nothing.
    fn from(value: StoredValue) -> Self {
        match value {
            StoredValue::Null => Self::Null,
            StoredValue::Flag(flag) => Self::Flag(flag),
            StoredValue::Whole(whole) => Self::Whole(whole),
            StoredValue::Number(number) => Self::Number(number),
            StoredValue::Text(text) => Self::Text(text),
            StoredValue::Date(days) => period::date_of(days).map_or(Self::Null, Self::Date),
            StoredValue::Instant(seconds, nanoseconds) => {
                Timestamp::new(seconds, nanoseconds).map_or(Self::Null, Self::Instant)
            }
            StoredValue::List(texts) => Self::List(texts),
        }
    }
}
