//! A frozen reference layer: features of any shape, found by box.

use std::{collections::HashMap, sync::OnceLock};

use geo::{BoundingRect, Coord, Geometry, Polygon};
use rstar::{AABB, RTree, RTreeObject};

use crate::domain::{
    feature::{Feature, Value},
    geo::BBox,
};

use super::schema::Titles;

/// What the shapes of a layer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shapes {
    /// Points.
    Points,
    /// Lines.
    Lines,
    /// Polygons.
    Polygons,
    /// More than one of these.
    Mixed,
}

impl Shapes {
    /// The word used in the API: `point`, `line`, `polygon`, `mixed`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Points => "point",
            Self::Lines => "line",
            Self::Polygons => "polygon",
            Self::Mixed => "mixed",
        }
    }
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// True or false.
    Flag,
    /// Whole numbers.
    Whole,
    /// Whole numbers and fractions.
    Number,
    /// Text, or values of more than one kind.
    Text,
    /// Days.
    Date,
    /// Moments.
    Instant,
    /// Lists of texts.
    List,
}

/// A field of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Box<str>,
    /// What its values are.
    pub kind: FieldKind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Boxed {
    envelope: AABB<[f64; 2]>,
    at: u32,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// A reference layer: open data, nobody's household.
#[derive(Debug)]
pub struct Layer {
    name: Box<str>,
    titles: Titles,
    shapes: Shapes,
    fields: Vec<Field>,
    features: Vec<Feature>,
    generation: Box<str>,
    bounds: Option<BBox>,
    tree: OnceLock<RTree<Boxed>>,
    columns: OnceLock<Vec<Box<[Value]>>>,
    /// Places in the order of the ids.
    by_id: OnceLock<Vec<u32>>,
}

impl Layer {
    /// Freezes features that passed the gate of `ingest`; those without a box (empty shapes) stay but are never in a box.
    /// Fields are gathered from the features, in the order in which they first appear.
    pub fn freeze(name: &str, titles: Titles, features: Vec<Feature>) -> Self {
        Self {
            name: name.into(),
            titles,
            shapes: shapes_of(&features),
            fields: fields_of(&features),
            generation: generation_of(&features),
            bounds: features.iter().filter_map(bbox_of).reduce(BBox::join),
            tree: OnceLock::new(),
            columns: OnceLock::new(),
            by_id: OnceLock::new(),
            features,
        }
    }

    /// Its name in URLs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name for people.
    pub const fn titles(&self) -> &Titles {
        &self.titles
    }

    /// What its shapes are.
    pub const fn shapes(&self) -> Shapes {
        self.shapes
    }

    /// Its fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Its features, in the given order.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The box around everything.
    pub const fn bounds(&self) -> Option<BBox> {
        self.bounds
    }

    /// 16 hexadecimal digits of the hash of its features.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// The values of a field, one for each feature, each of the field's kind or nothing. Made at the first question.
    pub fn column(&self, field: usize) -> &[Value] {
        let columns = self.columns.get_or_init(|| {
            let places: HashMap<&str, usize> =
                self.fields.iter().enumerate().map(|(place, field)| (&*field.name, place)).collect();
            let empty = || vec![Value::Null; self.features.len()].into_boxed_slice();
            let mut columns: Vec<Box<[Value]>> = self.fields.iter().map(|_| empty()).collect();
            for (at, feature) in self.features.iter().enumerate() {
                for (name, value) in &feature.properties {
                    let place = places[&**name];
                    columns[place][at] = fitted(value, self.fields[place].kind);
                }
            }
            columns
        });
        &columns[field]
    }

    /// The place of the feature with an id.
    pub fn place_of(&self, id: u64) -> Option<u32> {
        let by_id = self.by_id.get_or_init(|| {
            let mut places: Vec<u32> = (0..self.features.len() as u32).collect();
            places.sort_by_key(|&place| self.features[place as usize].id);
            places
        });
        by_id.binary_search_by_key(&id, |&place| self.features[place as usize].id).ok().map(|at| by_id[at])
    }

    /// Features whose box touches a box, in the layer's order. The tree that finds them is made at the first question.
    pub fn in_box(&self, bbox: BBox) -> impl Iterator<Item = &Feature> {
        self.places_in(bbox).into_iter().map(|at| &self.features[at as usize])
    }

    /// As [`in_box`](Self::in_box): their places.
    pub fn places_in(&self, bbox: BBox) -> Vec<u32> {
        let envelope = AABB::from_corners([bbox.west, bbox.south], [bbox.east, bbox.north]);
        let mut found: Vec<u32> =
            self.tree().locate_in_envelope_intersecting(&envelope).map(|boxed| boxed.at).collect();
        found.sort_unstable();
        found
    }

    fn tree(&self) -> &RTree<Boxed> {
        self.tree.get_or_init(|| {
            let boxed = |(at, feature)| {
                let b = bbox_of(feature)?;
                Some(Boxed { envelope: AABB::from_corners([b.west, b.south], [b.east, b.north]), at: at as u32 })
            };
            RTree::bulk_load(self.features.iter().enumerate().filter_map(boxed).collect())
        })
    }
}

fn bbox_of(feature: &Feature) -> Option<BBox> {
    let rect = feature.geometry.bounding_rect()?;
    let (min, max) = (rect.min(), rect.max());
    Some(BBox { west: min.x, south: min.y, east: max.x, north: max.y })
}

fn shapes_of(features: &[Feature]) -> Shapes {
    use geo::Geometry as G;
    let mut shapes = features.iter().map(|feature| match feature.geometry {
        G::Point(_) | G::MultiPoint(_) => Shapes::Points,
        G::Line(_) | G::LineString(_) | G::MultiLineString(_) => Shapes::Lines,
        G::Polygon(_) | G::MultiPolygon(_) | G::Rect(_) | G::Triangle(_) => Shapes::Polygons,
        G::GeometryCollection(_) => Shapes::Mixed,
    });
    let first = shapes.next().unwrap_or(Shapes::Mixed);
    if shapes.all(|shape| shape == first) { first } else { Shapes::Mixed }
}

fn fields_of(features: &[Feature]) -> Vec<Field> {
    let mut fields: Vec<(Box<str>, Option<FieldKind>)> = Vec::new();
    for (name, value) in features.iter().flat_map(|feature| &feature.properties) {
        let kind = match value {
            Value::Null => None,
            Value::Flag(_) => Some(FieldKind::Flag),
            Value::Whole(_) => Some(FieldKind::Whole),
            Value::Number(_) => Some(FieldKind::Number),
            Value::Text(_) => Some(FieldKind::Text),
            Value::Date(_) => Some(FieldKind::Date),
            Value::Instant(_) => Some(FieldKind::Instant),
            Value::List(_) => Some(FieldKind::List),
        };
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = widest(*known, kind),
            None => fields.push((name.clone(), kind)),
        }
    }
    fields.into_iter().map(|(name, kind)| Field { name, kind: kind.unwrap_or(FieldKind::Text) }).collect()
}

fn widest(a: Option<FieldKind>, b: Option<FieldKind>) -> Option<FieldKind> {
    use FieldKind::{Number, Text, Whole};
    match (a, b) {
        (None, kind) | (kind, None) => kind,
        (Some(a), Some(b)) if a == b => Some(a),
        (Some(Whole), Some(Number)) | (Some(Number), Some(Whole)) => Some(Number),
        _ => Some(Text),
    }
}

/// A value as its field's kind says: text takes all, a number takes whole numbers, else nothing.
fn fitted(value: &Value, kind: FieldKind) -> Value {
    match (kind, value) {
        (FieldKind::Text, value) => value.written().map_or(Value::Null, |text| Value::Text(text.into())),
        (FieldKind::Number, Value::Whole(whole)) => Value::Number(*whole as f64),
        (FieldKind::Flag, Value::Flag(_))
        | (FieldKind::Whole, Value::Whole(_))
        | (FieldKind::Number, Value::Number(_))
        | (FieldKind::Date, Value::Date(_))
        | (FieldKind::Instant, Value::Instant(_))
        | (FieldKind::List, Value::List(_)) => value.clone(),
        _ => Value::Null,
    }
}

fn generation_of(features: &[Feature]) -> Box<str> {
    // Hashing is fast over long runs of bytes and slow over many short ones.
    const RUN: usize = 1 << 16;
    let mut hasher = blake3::Hasher::new();
    let mut bytes = Vec::with_capacity(RUN + 1024);
    for feature in features {
        note_feature(&mut bytes, feature);
        if bytes.len() >= RUN {
            hasher.update(&bytes);
            bytes.clear();
        }
    }
    hasher.update(&bytes).finalize().to_hex()[..16].into()
}

/// Adds a feature's bytes; two that differ give bytes that differ, since every length goes before what it counts.
fn note_feature(bytes: &mut Vec<u8>, feature: &Feature) {
    bytes.extend(feature.id.to_le_bytes());
    note_geometry(bytes, &feature.geometry);
    note_count(bytes, feature.properties.len());
    for (name, value) in &feature.properties {
        note_text(bytes, name);
        match value {
            Value::Null => bytes.push(0),
            Value::Flag(flag) => bytes.extend([1, u8::from(*flag)]),
            Value::Whole(whole) => {
                bytes.push(2);
                bytes.extend(whole.to_le_bytes());
            }
            Value::Number(number) => {
                bytes.push(3);
                bytes.extend(number.to_bits().to_le_bytes());
            }
            Value::Text(text) => {
                bytes.push(4);
                note_text(bytes, text);
            }
            Value::Date(date) => {
                bytes.push(5);
                note_text(bytes, &date.to_string());
            }
            Value::Instant(instant) => {
                bytes.push(6);
                bytes.extend(instant.as_nanosecond().to_le_bytes());
            }
            Value::List(texts) => {
                bytes.push(7);
                note_count(bytes, texts.len());
                texts.iter().for_each(|text| note_text(bytes, text));
            }
        }
    }
}

fn note_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend((count as u64).to_le_bytes());
}

fn note_text(bytes: &mut Vec<u8>, text: &str) {
    note_count(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn note_geometry(bytes: &mut Vec<u8>, geometry: &Geometry<f64>) {
    let polygon = |bytes: &mut Vec<u8>, polygon: &Polygon<f64>| {
        note_count(bytes, polygon.interiors().len());
        note_line(bytes, &polygon.exterior().0);
        polygon.interiors().iter().for_each(|ring| note_line(bytes, &ring.0));
    };
    match geometry {
        Geometry::Point(point) => {
            bytes.push(0);
            note_coord(bytes, point.0);
        }
        Geometry::Line(line) => {
            bytes.push(1);
            note_line(bytes, &[line.start, line.end]);
        }
        Geometry::LineString(line) => {
            bytes.push(2);
            note_line(bytes, &line.0);
        }
        Geometry::Polygon(one) => {
            bytes.push(3);
            polygon(bytes, one);
        }
        Geometry::MultiPoint(points) => {
            bytes.push(4);
            note_count(bytes, points.0.len());
            points.iter().for_each(|point| note_coord(bytes, point.0));
        }
        Geometry::MultiLineString(lines) => {
            bytes.push(5);
            note_count(bytes, lines.0.len());
            lines.iter().for_each(|line| note_line(bytes, &line.0));
        }
        Geometry::MultiPolygon(polygons) => {
            bytes.push(6);
            note_count(bytes, polygons.0.len());
            polygons.iter().for_each(|one| polygon(bytes, one));
        }
        Geometry::GeometryCollection(parts) => {
            bytes.push(7);
            note_count(bytes, parts.0.len());
            parts.iter().for_each(|part| note_geometry(bytes, part));
        }
        Geometry::Rect(rect) => {
            bytes.push(8);
            note_line(bytes, &[rect.min(), rect.max()]);
        }
        Geometry::Triangle(triangle) => {
            bytes.push(9);
            note_line(bytes, &triangle.to_array());
        }
    }
}

fn note_line(bytes: &mut Vec<u8>, line: &[Coord<f64>]) {
    note_count(bytes, line.len());
    for &coord in line {
        note_coord(bytes, coord);
    }
}

fn note_coord(bytes: &mut Vec<u8>, coord: Coord<f64>) {
    bytes.extend(coord.x.to_bits().to_le_bytes());
    bytes.extend(coord.y.to_bits().to_le_bytes());
}

#[cfg(test)]
mod tests {
    use geo::{LineString, Point, polygon};

    use super::{
        FieldKind::{Number, Text},
        *,
    };

    fn feature(id: u64, geometry: Geometry<f64>, properties: Vec<(&str, Value)>) -> Feature {
        let properties = properties.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Feature { id, geometry, properties }
    }

    #[test]
    fn a_layer_finds_by_box_in_its_own_order() {
        let points = (0..500u64).map(|id| {
            let (x, y) = ((id * 37 % 100) as f64 / 100.0, (id * 61 % 97) as f64 / 100.0);
            feature(id + 1, Point::new(x, y).into(), vec![("n", Value::Whole(id as i64))])
        });
        let layer = Layer::freeze("points", Titles::new("Punti", "Points"), points.collect());
        let bbox = BBox { west: 0.2, south: 0.1, east: 0.5, north: 0.4 };
        let inside = |f: &&Feature| {
            let Geometry::Point(p) = f.geometry else { return false };
            (0.2..=0.5).contains(&p.x()) && (0.1..=0.4).contains(&p.y())
        };
        let slow: Vec<u64> = layer.features().iter().filter(inside).map(|f| f.id).collect();
        assert_eq!(layer.in_box(bbox).map(|f| f.id).collect::<Vec<_>>(), slow);
        assert!(!slow.is_empty() && layer.shapes() == Shapes::Points);
        assert_eq!(layer.bounds().map(|b| (b.west, b.south)), Some((0.0, 0.0)));
    }

    #[test]
    fn fields_take_the_widest_kind() {
        let line = LineString::from(vec![(0.0, 0.0), (1.0, 1.0)]);
        let square = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0)];
        let features = vec![
            feature(1, line.into(), vec![("a", Value::Whole(1)), ("b", Value::Null), ("c", Value::Flag(true))]),
            feature(
                2,
                square.into(),
                vec![("a", Value::Number(0.5)), ("c", Value::Whole(1)), ("d", Value::Text("x".into()))],
            ),
        ];
        let layer = Layer::freeze("mixed", Titles::default(), features.clone());
        let kinds: Vec<_> = layer.fields().iter().map(|f| (&*f.name, f.kind)).collect();
        assert_eq!(kinds, [("a", Number), ("b", Text), ("c", Text), ("d", Text)]);
        assert_eq!(layer.shapes(), Shapes::Mixed);
        let again = Layer::freeze("mixed", Titles::default(), features[..1].to_vec());
        assert_ne!(layer.generation(), again.generation());
        assert!(Layer::freeze("none", Titles::default(), vec![]).bounds().is_none());
    }

    #[test]
    fn layers_that_differ_a_little_have_other_names() {
        let line = |points: &[(f64, f64)]| Geometry::LineString(LineString::from(points.to_vec()));
        let lines = |lines: &[&[(f64, f64)]]| {
            Geometry::MultiLineString(lines.iter().map(|points| LineString::from(points.to_vec())).collect())
        };
        let (a, b, c, d) = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0));
        let one = |properties: Vec<(&str, Value)>| vec![feature(1, line(&[a, b]), properties)];
        let text = |text: &str| Value::Text(text.into());
        let worlds = [
            vec![],
            one(vec![]),
            vec![feature(2, line(&[a, b]), vec![])],
            vec![feature(1, line(&[b, a]), vec![])],
            vec![feature(1, lines(&[&[a, b]]), vec![])],
            vec![feature(1, lines(&[&[a, b, c, d]]), vec![])],
            vec![feature(1, lines(&[&[a, b], &[c, d]]), vec![])],
            vec![feature(1, lines(&[&[a, b, c], &[d]]), vec![])],
            one(vec![("n", Value::Null)]),
            one(vec![("n", Value::Whole(1))]),
            one(vec![("n", Value::Number(1.0))]),
            one(vec![("n", Value::Flag(true))]),
            one(vec![("n", text("1"))]),
            one(vec![("n", text("")), ("1", Value::Null)]),
            one(vec![("n1", Value::Null)]),
        ];
        let name = |features: &Vec<Feature>| Layer::freeze("a", Titles::default(), features.clone()).generation;
        let names: std::collections::BTreeSet<_> = worlds.iter().map(name).collect();
        assert_eq!(names.len(), worlds.len());
    }
}
