//! Towns of a few lines of text, written as OSM PBF.

use std::{collections::HashMap, io::Write as _, sync::Arc};

use crate::{
    domain::{geo::LonLat, watch::Unwatched},
    roads::{
        Reading, closure,
        closure::Closure,
        ground::Ground,
        osm,
        plane::{Plane, Snapped},
        profile::Profile,
    },
};

/// `node 1 0 0 barrier=gate` (hundreds of metres), `way 10 1 2 3 highway=residential`, `turn 20 10 2 11 restriction=no_left_turn`
/// (from, via, to; a via of several ways is written `w11,w12`).
pub(super) struct Sketch {
    pub(super) nodes: Vec<(i64, f64, f64)>,
    bytes: Vec<u8>,
    content: Vec<u8>,
}

/// Degrees of a hundred metres or so.
pub(super) const STEP: f64 = 0.001;
pub(super) const CORNER: [f64; 2] = [12.5, 42.0];

pub(super) fn point(x: f64, y: f64) -> LonLat {
    LonLat::new(CORNER[0] + x * STEP, CORNER[1] + y * STEP).expect("a point")
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

pub(super) fn number(bytes: &mut Vec<u8>, field: u64, value: u64) {
    varint(bytes, field << 3);
    varint(bytes, value);
}

pub(super) fn message(bytes: &mut Vec<u8>, field: u64, inner: &[u8]) {
    varint(bytes, field << 3 | 2);
    varint(bytes, inner.len() as u64);
    bytes.extend_from_slice(inner);
}

pub(super) fn packed(bytes: &mut Vec<u8>, field: u64, values: impl IntoIterator<Item = u64>) {
    let mut inner = Vec::new();
    values.into_iter().for_each(|value| varint(&mut inner, value));
    message(bytes, field, &inner);
}

pub(super) const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn deltas(values: &[i64]) -> Vec<u64> {
    let before = std::iter::once(&0).chain(values);
    values.iter().zip(before).map(|(value, before)| zigzag(value - before)).collect()
}

/// Texts of a block.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn place(&mut self, text: &str) -> u64 {
        if self.0.is_empty() {
            self.0.push(String::new());
        }
        let found = self.0.iter().position(|held| held == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        found as u64
    }

    fn tags(&mut self, bytes: &mut Vec<u8>, tags: &[(&str, &str)]) {
        let keys: Vec<u64> = tags.iter().map(|(key, _)| self.place(key)).collect();
        let values: Vec<u64> = tags.iter().map(|(_, value)| self.place(value)).collect();
        packed(bytes, 2, keys);
        packed(bytes, 3, values);
    }
}

/// A block of a file: its header and its blob.
pub(super) fn block(kind: &str, content: &[u8], size: u64) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(content).expect("memory");
    let mut blob = Vec::new();
    number(&mut blob, 2, size);
    message(&mut blob, 3, &zlib.finish().expect("memory"));
    let mut header = Vec::new();
    message(&mut header, 1, kind.as_bytes());
    number(&mut header, 3, blob.len() as u64);
    [&(header.len() as u32).to_be_bytes()[..], &header, &blob].concat()
}

pub(super) fn header() -> Vec<u8> {
    let mut content = Vec::new();
    message(&mut content, 4, b"OsmSchema-V0.6");
    message(&mut content, 4, b"DenseNodes");
    block("OSMHeader", &content, content.len() as u64)
}

impl Sketch {
    pub(super) fn draw(text: &str) -> Self {
        let mut texts = Texts::default();
        let mut nodes = Vec::new();
        let mut group = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (plain, tagged): (Vec<&str>, Vec<&str>) = line.split_whitespace().partition(|word| !word.contains('='));
            let values: Vec<String> = tagged.iter().map(|tag| tag.replace('_', " ")).collect();
            let tags: Vec<(&str, &str)> = tagged
                .iter()
                .zip(&values)
                .map(|(tag, spaced)| {
                    let (key, value) = tag.split_once('=').expect("a tag");
                    // Names have blanks, keys and values of OSM have none.
                    if key == "name" { (key, spaced.split_once('=').expect("a tag").1) } else { (key, value) }
                })
                .collect();
            let id: i64 = plain[1].parse().expect("an identifier");
            let mut element = Vec::new();
            match plain[0] {
                "node" => {
                    let (x, y): (f64, f64) = (plain[2].parse().expect("x"), plain[3].parse().expect("y"));
                    nodes.push((id, x, y));
                    number(&mut element, 1, zigzag(id));
                    texts.tags(&mut element, &tags);
                    let nano = |corner: f64, by: f64| zigzag(((corner + by * STEP) * 1e7).round() as i64);
                    number(&mut element, 8, nano(CORNER[1], y));
                    number(&mut element, 9, nano(CORNER[0], x));
                    message(&mut group, 1, &element);
                }
                "way" => {
                    number(&mut element, 1, id as u64);
                    texts.tags(&mut element, &tags);
                    let refs: Vec<i64> = plain[2..].iter().map(|id| id.parse().expect("a node")).collect();
                    packed(&mut element, 8, deltas(&refs));
                    message(&mut group, 3, &element);
                }
                _ => {
                    relation(&mut element, &mut texts, id, &plain[2..], &tags);
                    message(&mut group, 4, &element);
                }
            }
        }
        let mut table = Vec::new();
        texts.place("");
        texts.0.iter().for_each(|text| message(&mut table, 1, text.as_bytes()));
        let mut content = Vec::new();
        message(&mut content, 1, &table);
        message(&mut content, 2, &group);
        let bytes = [header(), block("OSMData", &content, content.len() as u64)].concat();
        Self { nodes, bytes, content }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The block of data, not packed.
    pub(super) fn content(&self) -> &[u8] {
        &self.content
    }

    pub(super) fn read(&self) -> Reading {
        osm::read(&self.bytes, &Unwatched).expect("a sketch is read")
    }

    pub(super) fn ground(&self, profile: Profile) -> Arc<Ground> {
        Arc::new(Ground::build(Arc::new(self.read().network), profile))
    }

    /// The nodes that are passed from one point to another, or what stops one.
    pub(super) fn way(&self, profile: Profile, from: (f64, f64), to: (f64, f64)) -> String {
        self.way_under(profile, &[], from, to)
    }

    /// The same under closures.
    pub(super) fn way_under(&self, profile: Profile, closures: &[Closure], from: (f64, f64), to: (f64, f64)) -> String {
        let ground = self.ground(profile);
        let plane = Plane::new(ground.clone(), &closure::closed(&ground, closures));
        let snap = |(x, y)| plane.snap(point(x, y), None);
        let (from, to) = match (snap(from), snap(to)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(error), _) | (_, Err(error)) => return error.to_string(),
        };
        self.passed(&plane, &from, &to)
    }

    pub(super) fn passed(&self, plane: &Plane, from: &Snapped, to: &Snapped) -> String {
        let names: HashMap<(i64, i64), i64> =
            self.nodes.iter().map(|(id, x, y)| (key(CORNER[0] + x * STEP, CORNER[1] + y * STEP), *id)).collect();
        let Some(route) = plane.route(&[*from, *to]) else { return "no way".to_owned() };
        let ids = route.line.0.iter().filter_map(|c| names.get(&key(c.x, c.y))).map(i64::to_string);
        ids.collect::<Vec<_>>().join(" ")
    }
}

fn key(lon: f64, lat: f64) -> (i64, i64) {
    ((lon * 1e6).round() as i64, (lat * 1e6).round() as i64)
}

fn relation(element: &mut Vec<u8>, texts: &mut Texts, id: i64, members: &[&str], tags: &[(&str, &str)]) {
    let mut tags = tags.to_vec();
    tags.push(("type", "restriction"));
    number(element, 1, id as u64);
    texts.tags(element, &tags);
    let [from, via, to] = members else { panic!("from, via, to") };
    let mut list: Vec<(i64, &str, u64)> = Vec::new();
    list.extend(from.split(',').map(|id| (id.parse().expect("a way"), "from", 1)));
    for part in via.split(',') {
        match part.strip_prefix('w') {
            Some(way) => list.push((way.parse().expect("a way"), "via", 1)),
            None => list.push((part.parse().expect("a node"), "via", 0)),
        }
    }
    list.extend(to.split(',').map(|id| (id.parse().expect("a way"), "to", 1)));
    packed(element, 8, list.iter().map(|(_, role, _)| texts.place(role)).collect::<Vec<_>>());
    packed(element, 9, deltas(&list.iter().map(|(id, ..)| *id).collect::<Vec<_>>()));
    packed(element, 10, list.iter().map(|(.., kind)| *kind));
}
