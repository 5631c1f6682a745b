//! A slow, strict reader of vector tiles, written from the specification alone: the judge of the encoder.

use std::collections::HashSet;

/// A layer as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Units along the side.
    pub extent: u64,
    /// Its features.
    pub features: Vec<Feature>,
}

/// A feature as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its id.
    pub id: u64,
    /// 1 point, 2 line, 3 polygon.
    pub kind: u64,
    /// Attributes.
    pub properties: Vec<(String, Value)>,
    /// Runs of points: one for each MoveTo; rings are not closed.
    pub parts: Vec<Vec<[i64; 2]>>,
}

/// A value as read.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Field 1.
    Text(String),
    /// Field 3.
    Number(f64),
    /// Fields 4 and 5.
    Whole(i64),
    /// Field 7.
    Flag(bool),
}

impl Feature {
    /// An attribute.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.properties.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// A whole number that must be there.
    pub fn whole(&self, key: &str) -> i64 {
        match self.get(key) {
            Some(Value::Whole(n)) => *n,
            other => panic!("{key} is {other:?}"),
        }
    }

    /// A text that must be there.
    pub fn text(&self, key: &str) -> &str {
        match self.get(key) {
            Some(Value::Text(text)) => text,
            other => panic!("{key} is {other:?}"),
        }
    }
}

enum Field<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0_u64;
    for shift in 0..10 {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << (7 * shift);
        if byte < 0x80 {
            return value;
        }
    }
    panic!("a number without end");
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Varint(varint(&mut bytes)),
            1 => {
                let (eight, rest) = bytes.split_at(8);
                bytes = rest;
                Field::Fixed64(eight.try_into().unwrap())
            }
            2 => {
                let length = varint(&mut bytes) as usize;
                let (run, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(run)
            }
            other => panic!("wire type {other}"),
        };
        out.push((tag >> 3, field));
    }
    out
}

fn packed(mut bytes: &[u8]) -> Vec<u64> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        out.push(varint(&mut bytes));
    }
    out
}

/// Reads a tile; panics on anything that the specification forbids.
pub fn decode(bytes: &[u8]) -> Vec<Layer> {
    let layers: Vec<Layer> = fields(bytes)
        .into_iter()
        .map(|field| match field {
            (3, Field::Bytes(layer)) => decode_layer(layer),
            _ => panic!("a tile holds only layers"),
        })
        .collect();
    let names: HashSet<_> = layers.iter().map(|l| l.name.clone()).collect();
    assert_eq!(names.len(), layers.len(), "layer names are unique");
    layers
}

fn decode_layer(bytes: &[u8]) -> Layer {
    let (mut name, mut extent, mut version) = (None, 4096, None);
    let (mut keys, mut values, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields(bytes) {
        match field {
            (15, Field::Varint(v)) => version = Some(v),
            (1, Field::Bytes(b)) => name = Some(String::from_utf8(b.to_vec()).unwrap()),
            (2, Field::Bytes(b)) => raw.push(b),
            (3, Field::Bytes(b)) => keys.push(String::from_utf8(b.to_vec()).unwrap()),
            (4, Field::Bytes(b)) => values.push(decode_value(b)),
            (5, Field::Varint(v)) => extent = v,
            (other, _) => panic!("field {other} in a layer"),
        }
    }
    assert_eq!(version, Some(2));
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "keys are written once");
    for (i, value) in values.iter().enumerate() {
        assert!(!values[..i.min(200)].contains(value), "values are written once");
    }
    let features: Vec<Feature> = raw.into_iter().map(|b| decode_feature(b, &keys, &values)).collect();
    assert_eq!(features.iter().map(|f| f.id).collect::<HashSet<_>>().len(), features.len(), "ids are unique");
    assert!(!features.is_empty(), "a layer has features");
    Layer { name: name.expect("a layer has a name"), extent, features }
}

fn decode_value(bytes: &[u8]) -> Value {
    let mut all = fields(bytes);
    assert_eq!(all.len(), 1, "a value is one value");
    match all.remove(0) {
        (1, Field::Bytes(b)) => Value::Text(String::from_utf8(b.to_vec()).unwrap()),
        (3, Field::Fixed64(b)) => Value::Number(f64::from_le_bytes(b)),
        (4 | 5, Field::Varint(v)) => Value::Whole(v as i64),
        (7, Field::Varint(v)) => Value::Flag(v != 0),
        (other, _) => panic!("field {other} in a value"),
    }
}

fn decode_feature(bytes: &[u8], keys: &[String], values: &[Value]) -> Feature {
    let (mut id, mut kind, mut tags, mut geometry) = (0, 0, Vec::new(), Vec::new());
    for field in fields(bytes) {
        match field {
            (1, Field::Varint(v)) => id = v,
            (2, Field::Bytes(b)) => tags = packed(b),
            (3, Field::Varint(v)) => kind = v,
            (4, Field::Bytes(b)) => geometry = packed(b),
            (other, _) => panic!("field {other} in a feature"),
        }
    }
    let properties =
        tags.chunks(2).map(|pair| (keys[pair[0] as usize].clone(), values[pair[1] as usize].clone())).collect();
    Feature { id, kind, properties, parts: decode_geometry(&geometry, kind) }
}

fn decode_geometry(commands: &[u64], kind: u64) -> Vec<Vec<[i64; 2]>> {
    let unzigzag = |v: u64| ((v >> 1) as i64) ^ -((v & 1) as i64);
    let (mut parts, mut at, mut i) = (Vec::<Vec<[i64; 2]>>::new(), [0_i64, 0], 0);
    let mut open = false;
    while i < commands.len() {
        let (id, count) = (commands[i] & 7, commands[i] >> 3);
        i += 1;
        assert!(count > 0, "a command counts at least one");
        if id == 7 {
            assert!(kind == 3 && count == 1 && open);
            assert!(parts.last().unwrap().len() >= 3, "a ring has three points");
            assert_ne!(parts.last().unwrap().first(), parts.last().unwrap().last(), "no repeated closing point");
            open = false;
            continue;
        }
        for _ in 0..count {
            let step = [unzigzag(commands[i]), unzigzag(commands[i + 1])];
            i += 2;
            at = [at[0] + step[0], at[1] + step[1]];
            match id {
                1 => {
                    assert!(kind != 3 || !open, "a ring is closed before the next");
                    parts.push(vec![at]);
                    open = true;
                }
                2 => {
                    assert_ne!(step, [0, 0], "no step of zero length");
                    parts.last_mut().unwrap().push(at);
                }
                other => panic!("command {other}"),
            }
        }
    }
    assert!(kind != 3 || !open);
    parts
}

/// Twice the area by the surveyor's formula.
pub fn twice_area(ring: &[[i64; 2]]) -> i64 {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
}
