//! A reference layer made ready for tiles: every shape projected once, found by its box.

use std::collections::BTreeMap;

use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{
    address::{EXTENT, TileAddress},
    layer::{Attribute, LayerWriter},
    shape::{BUFFER, Kind, Shape},
};
use crate::domain::feature::{Feature, Value};

/// No tile is larger.
pub const MAX_TILE_BYTES: usize = 500_000;

/// Lines and rings lose the points within so many units of the drawn line: half a pixel of a 512-pixel tile.
const TOLERANCE: f64 = 4.0;

/// Side in units of the squares in which points are first counted together: 8 pixels of a 512-pixel tile.
const CLUSTER: u32 = 64;

/// Times that a tile is made coarser before it is given up as empty; at the last one, a tile is one square.
const MAX_COARSENESS: u32 = 7;

/// From which zoom something is drawn, and from which in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zooms {
    /// Nothing is drawn below.
    pub from: u8,
    /// No tile is offered above; a client enlarges these.
    pub to: u8,
}

/// A feature to be drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Unique in its layer.
    pub id: u64,
    /// Where.
    pub shape: Shape,
    /// Not drawn at smaller zooms.
    pub from_zoom: u8,
    /// Attributes: a position in the chart's fields, and the value.
    pub properties: Vec<(u16, Value)>,
}

/// What a field of a layer holds, in the words of TileJSON 3 (`vector_layers[].fields`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// Whole or real number.
    Number,
    /// True or false.
    Flag,
}

/// A field of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
}

/// What the features of a layer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geometries {
    /// Hexagons of the H3 grid.
    Hexes,
    /// Points.
    Points,
    /// Lines.
    Lines,
    /// Polygons.
    Polygons,
}

impl Geometries {
    /// The name used in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hexes => "hexes",
            Self::Points => "point",
            Self::Lines => "line",
            Self::Polygons => "polygon",
        }
    }

    /// The name that TileJSON clients know.
    pub const fn tile_type(self) -> &'static str {
        match self {
            Self::Points => "point",
            Self::Lines => "line",
            Self::Hexes | Self::Polygons => "polygon",
        }
    }
}

type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// A layer ready for tiles; frozen.
pub struct Chart {
    name: String,
    fields: Vec<Field>,
    geometries: Geometries,
    zooms: Zooms,
    features: Vec<Drawn>,
    tree: RTree<Entry>,
}

impl Chart {
    /// A layer of features as they were read; fields in order of first appearance.
    pub fn of_features(name: &str, features: &[Feature], zooms: Zooms) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        let drawn = features
            .iter()
            .map(|feature| Drawn {
                id: feature.id,
                shape: Shape::of(&feature.geometry),
                from_zoom: zooms.from,
                properties: feature
                    .properties
                    .iter()
                    .filter(|(_, value)| *value != Value::Null)
                    .map(|(key, value)| (field_of(&mut fields, key, value), value.clone()))
                    .collect(),
            })
            .collect();
        Self::new(name, fields, drawn, zooms)
    }

    /// A layer of shapes that are already projected.
    pub fn new(name: &str, fields: Vec<Field>, features: Vec<Drawn>, zooms: Zooms) -> Self {
        let entries = features
            .iter()
            .enumerate()
            .filter_map(|(i, feature)| {
                let b = feature.shape.bounds();
                (b[0] <= b[2]).then(|| Entry::new(Rectangle::from_corners([b[0], b[1]], [b[2], b[3]]), i as u32))
            })
            .collect();
        let geometries = match features.iter().map(|f| f.shape.kind() as u8).max() {
            Some(3) => Geometries::Polygons,
            Some(2) => Geometries::Lines,
            _ => Geometries::Points,
        };
        Self { name: name.to_owned(), fields, geometries, zooms, features, tree: RTree::bulk_load(entries) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The greatest dimension among its shapes.
    pub const fn geometries(&self) -> Geometries {
        self.geometries
    }

    /// Where it is drawn.
    pub const fn zooms(&self) -> Zooms {
        self.zooms
    }

    /// How many features it has.
    pub const fn len(&self) -> usize {
        self.features.len()
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// The tile's bytes (MVT 2.1, one layer), always below [`MAX_TILE_BYTES`]; none where nothing is seen.
    ///
    /// Where the whole would be too large it is drawn coarser: points of one square become one with their number
    /// in `count`; lines and polygons lose detail, then the smaller half of them, then half of the rest.
    pub fn tile(&self, tile: TileAddress) -> Vec<u8> {
        if tile.z() < self.zooms.from {
            return Vec::new();
        }
        let seen = self.seen(tile);
        for coarseness in 0..=MAX_COARSENESS {
            let bytes = self.draw(tile, &seen, coarseness);
            if bytes.len() < MAX_TILE_BYTES {
                return bytes;
            }
        }
        Vec::new()
    }

    /// Positions of the features whose box touches the tile, in their order.
    fn seen(&self, tile: TileAddress) -> Vec<u32> {
        let [x0, y0, x1, y1] = tile.square(BUFFER);
        let window = AABB::from_corners([x0, y0], [x1, y1]);
        let mut seen: Vec<u32> = self
            .tree
            .locate_in_envelope_intersecting(&window)
            .map(|entry| entry.data)
            .filter(|&i| self.features[i as usize].from_zoom <= tile.z())
            .collect();
        seen.sort_unstable();
        seen
    }

    fn draw(&self, tile: TileAddress, seen: &[u32], coarseness: u32) -> Vec<u8> {
        let mut layer = LayerWriter::new(&self.name);
        if self.geometries == Geometries::Points && coarseness > 0 {
            self.draw_counted(tile, seen, CLUSTER << coarseness.min(6), &mut layer);
            return layer.into_tile();
        }
        let coarser = f64::from(1_u32 << coarseness);
        let tolerance = if tile.z() >= self.zooms.to { coarser - 1.0 } else { TOLERANCE * coarser };
        let kept = if coarseness < 2 { seen.to_vec() } else { self.largest(seen, seen.len() >> (coarseness - 1)) };
        let (mut tags, mut commands) = (Vec::new(), Vec::new());
        for i in kept {
            let feature = &self.features[i as usize];
            feature.shape.draw(tile, tolerance, &mut commands);
            if !commands.is_empty() {
                tags.clear();
                self.tag(&mut layer, &mut tags, feature);
                layer.feature(feature.id, &tags, feature.shape.kind(), &commands);
            }
        }
        layer.into_tile()
    }

    /// So many of the features, the largest by the longer side of their box, in the layer's order.
    fn largest(&self, seen: &[u32], count: usize) -> Vec<u32> {
        let mut by_side: Vec<(f64, u32)> = seen
            .iter()
            .map(|&i| {
                let b = self.features[i as usize].shape.bounds();
                ((b[2] - b[0]).max(b[3] - b[1]), i)
            })
            .collect();
        by_side.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut kept: Vec<u32> = by_side.into_iter().take(count).map(|(_, i)| i).collect();
        kept.sort_unstable();
        kept
    }

    /// One point a square with how many it stands for; the squares of neighbouring tiles do not overlap, so counts
    /// add up to the layer.
    fn draw_counted(&self, tile: TileAddress, seen: &[u32], square: u32, layer: &mut LayerWriter) {
        let mut squares: BTreeMap<(u32, u32), ([f64; 2], u32, i64)> = BTreeMap::new();
        for &i in seen {
            let Shape::Points(points) = &self.features[i as usize].shape else { continue };
            for &point in points {
                let [x, y] = tile.place(point);
                let extent = f64::from(EXTENT);
                if (0.0..extent).contains(&x) && (0.0..extent).contains(&y) {
                    squares.entry((y as u32 / square, x as u32 / square)).or_insert((point, i, 0)).2 += 1;
                }
            }
        }
        let count = layer.key("count");
        let (mut tags, mut commands) = (Vec::new(), Vec::new());
        for (id, (point, first, together)) in (1..).zip(squares.into_values()) {
            Shape::Points(vec![point]).draw(tile, 0.0, &mut commands);
            tags.clear();
            if together == 1 {
                self.tag(layer, &mut tags, &self.features[first as usize]);
            }
            layer.tag(&mut tags, count, Attribute::Whole(together));
            // A point that stands for many has an id of the tile, not of the layer.
            layer.feature(id, &tags, Kind::Point, &commands);
        }
    }

    fn tag(&self, layer: &mut LayerWriter, tags: &mut Vec<u32>, feature: &Drawn) {
        for (field, value) in &feature.properties {
            let attribute = match value {
                Value::Null => continue,
                Value::Flag(flag) => Attribute::Flag(*flag),
                Value::Whole(whole) => Attribute::Whole(*whole),
                Value::Number(number) => Attribute::Number(*number),
                Value::Text(text) => Attribute::Text(text),
            };
            let key = layer.key(&self.fields[usize::from(*field)].name);
            layer.tag(tags, key, attribute);
        }
    }
}

fn field_of(fields: &mut Vec<Field>, name: &str, value: &Value) -> u16 {
    if let Some(known) = fields.iter().position(|field| field.name == name) {
        return known as u16;
    }
    let kind = match value {
        Value::Flag(_) => FieldKind::Flag,
        Value::Whole(_) | Value::Number(_) => FieldKind::Number,
        Value::Null | Value::Text(_) => FieldKind::Text,
    };
    fields.push(Field { name: name.to_owned(), kind });
    fields.len() as u16 - 1
}
