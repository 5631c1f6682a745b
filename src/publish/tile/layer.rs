//! A layer of a tile being written (Mapbox Vector Tile 2.1).

use std::collections::HashMap;

use super::{address::EXTENT, shape::Kind, wire};

/// A value of an attribute. MVT knows no null: a missing value is an absent attribute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attribute<'a> {
    /// Text.
    Text(&'a str),
    /// Whole number.
    Whole(i64),
    /// Finite number.
    Number(f64),
    /// True or false.
    Flag(bool),
}

/// Collects the features of one layer; keys and values are written once.
pub struct LayerWriter {
    name: String,
    keys: Vec<String>,
    values: Vec<u8>,
    count_values: u32,
    numbers: HashMap<u64, u32, Spread>,
    wholes: HashMap<i64, u32, Spread>,
    texts: HashMap<Box<str>, u32>,
    flags: [Option<u32>; 2],
    features: Vec<u8>,
    count_features: usize,
    scratch: Vec<u8>,
}

/// Names an attribute of the layer that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u32);

impl LayerWriter {
    /// A layer without features yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            keys: Vec::new(),
            values: Vec::new(),
            count_values: 0,
            numbers: HashMap::default(),
            wholes: HashMap::default(),
            texts: HashMap::new(),
            flags: [None; 2],
            features: Vec::new(),
            count_features: 0,
            scratch: Vec::new(),
        }
    }

    /// The key of that name, made at its first use.
    pub fn key(&mut self, name: &str) -> Key {
        if let Some(known) = self.keys.iter().position(|key| key == name) {
            return Key(known as u32);
        }
        self.keys.push(name.to_owned());
        Key(self.keys.len() as u32 - 1)
    }

    /// Adds an attribute to the tags of a feature.
    pub fn tag(&mut self, tags: &mut Vec<u32>, key: Key, value: Attribute<'_>) {
        if let Some(index) = self.value(value) {
            tags.extend([key.0, index]);
        }
    }

    fn value(&mut self, value: Attribute<'_>) -> Option<u32> {
        let next = self.count_values;
        self.scratch.clear();
        let index = match value {
            Attribute::Text(text) => {
                if let Some(&known) = self.texts.get(text) {
                    return Some(known);
                }
                wire::counted(&mut self.scratch, 1, text.as_bytes());
                *self.texts.entry(text.into()).or_insert(next)
            }
            Attribute::Number(number) if !number.is_finite() => return None,
            Attribute::Number(number) => {
                // Zero has one bit pattern, so that equal values are written once.
                let number = if number == 0.0 { 0.0 } else { number };
                wire::double(&mut self.scratch, 3, number);
                *self.numbers.entry(number.to_bits()).or_insert(next)
            }
            Attribute::Whole(whole) => {
                wire::number(&mut self.scratch, if whole < 0 { 4 } else { 5 }, whole as u64);
                *self.wholes.entry(whole).or_insert(next)
            }
            Attribute::Flag(flag) => {
                wire::number(&mut self.scratch, 7, u64::from(flag));
                *self.flags[usize::from(flag)].get_or_insert(next)
            }
        };
        if index == next {
            wire::counted(&mut self.values, 4, &self.scratch);
            self.count_values += 1;
        }
        Some(index)
    }

    /// Adds a feature; `id` is unique in the layer. A feature without commands is not seen and not written.
    pub fn feature(&mut self, id: u64, tags: &[u32], kind: Kind, commands: &[u32]) {
        if commands.is_empty() {
            return;
        }
        let feature = &mut self.scratch;
        feature.clear();
        wire::number(feature, 1, id);
        if !tags.is_empty() {
            wire::packed(feature, 2, tags);
        }
        wire::number(feature, 3, kind as u64);
        wire::packed(feature, 4, commands);
        wire::counted(&mut self.features, 2, feature);
        self.count_features += 1;
    }

    /// Features so far.
    pub const fn len(&self) -> usize {
        self.count_features
    }

    /// Whether no feature was written.
    pub const fn is_empty(&self) -> bool {
        self.count_features == 0
    }

    /// The bytes of a tile of this one layer; a layer without features gives the empty tile.
    pub fn into_tile(self) -> Vec<u8> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut layer = Vec::with_capacity(self.features.len() + self.values.len() + 256);
        wire::number(&mut layer, 15, 2);
        wire::counted(&mut layer, 1, self.name.as_bytes());
        layer.extend_from_slice(&self.features);
        for key in &self.keys {
            wire::counted(&mut layer, 3, key.as_bytes());
        }
        layer.extend_from_slice(&self.values);
        wire::number(&mut layer, 5, u64::from(EXTENT));
        let mut tile = Vec::with_capacity(layer.len() + 8);
        wire::counted(&mut tile, 3, &layer);
        tile
    }
}

/// A hasher for keys that are already numbers: tens of thousands of values go through it for one tile, and none of
/// them is chosen by a stranger.
#[derive(Clone, Copy, Default)]
pub(super) struct Spread;

impl std::hash::BuildHasher for Spread {
    type Hasher = Spreader;

    fn build_hasher(&self) -> Spreader {
        Spreader(0)
    }
}

/// The state of [`Spread`].
pub(super) struct Spreader(u64);

impl std::hash::Hasher for Spreader {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }
}
