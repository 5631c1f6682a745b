//! A reference layer made ready for tiles: every shape projected once, found by its box.

use std::{collections::BTreeMap, sync::Arc};

use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{
    address::{EXTENT, TileAddress},
    layer::{Attribute, LayerWriter},
    shape::{BUFFER, Kind, Shape},
};
use crate::{
    access::Disclosed,
    domain::feature::{Feature, Value},
    snapshot::layer::Layer,
};

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

/// How a layer is laid out over the zooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Every feature from the first zoom on.
    Alike,
    /// Streets: the greater ones first, by `rank` (1 the greatest, to 4) or by OpenStreetMap's `highway`.
    Rank,
}

type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// A disclosed layer ready for tiles; frozen.
pub struct Chart {
    layer: Disclosed<Arc<Layer>>,
    zooms: Zooms,
    shapes: Vec<Shape>,
    from_zooms: Vec<u8>,
    kind: Kind,
    tree: RTree<Entry>,
}

impl Chart {
    /// Projects every shape.
    pub fn new(layer: Disclosed<Arc<Layer>>, zooms: Zooms, order: Order) -> Self {
        let shapes: Vec<Shape> = layer.features().iter().map(|feature| Shape::of(&feature.geometry)).collect();
        let entries = shapes
            .iter()
            .enumerate()
            .filter_map(|(i, shape)| {
                let b = shape.bounds();
                (b[0] <= b[2]).then(|| Entry::new(Rectangle::from_corners([b[0], b[1]], [b[2], b[3]]), i as u32))
            })
            .collect();
        let from_zooms = layer
            .features()
            .iter()
            .map(|feature| match order {
                Order::Alike => zooms.from,
                Order::Rank => (zooms.from + rank(feature) - 1).min(zooms.to),
            })
            .collect();
        let kind = shapes.iter().map(Shape::kind).max_by_key(|&kind| kind as u8).unwrap_or(Kind::Point);
        Self { layer, zooms, shapes, from_zooms, kind, tree: RTree::bulk_load(entries) }
    }

    /// The layer.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// What its shapes are; of mixed ones, those of the greatest dimension.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it is drawn.
    pub const fn zooms(&self) -> Zooms {
        self.zooms
    }

    /// The tile's bytes (MVT 2.1, one layer), always below [`MAX_TILE_BYTES`]; none where nothing is seen.
    ///
    /// Where the whole would be too large it is drawn coarser: points of one square become one with their number
    /// in `count`; lines and polygons lose detail, then the smaller half of them, then half of the rest.
    pub fn tile(&self, tile: TileAddress) -> Vec<u8> {
        self.tile_of(tile, |_| true)
    }

    /// The same tile with only the features that `keep` keeps, by their place in the layer.
    pub fn tile_of(&self, tile: TileAddress, keep: impl Fn(u32) -> bool) -> Vec<u8> {
        if tile.z() < self.zooms.from {
            return Vec::new();
        }
        let mut seen = self.seen(tile);
        seen.retain(|&place| keep(place));
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
            .filter(|&i| self.from_zooms[i as usize] <= tile.z())
            .collect();
        seen.sort_unstable();
        seen
    }

    fn draw(&self, tile: TileAddress, seen: &[u32], coarseness: u32) -> Vec<u8> {
        let mut layer = LayerWriter::new(self.layer.name());
        if self.kind == Kind::Point && coarseness > 0 {
            self.draw_counted(tile, seen, CLUSTER << coarseness.min(6), &mut layer);
            return layer.into_tile();
        }
        let coarser = f64::from(1_u32 << coarseness);
        let tolerance = if tile.z() >= self.zooms.to { coarser - 1.0 } else { TOLERANCE * coarser };
        let kept = if coarseness < 2 { seen.to_vec() } else { self.largest(seen, seen.len() >> (coarseness - 1)) };
        let (mut tags, mut commands) = (Vec::new(), Vec::new());
        for i in kept {
            let shape = &self.shapes[i as usize];
            shape.draw(tile, tolerance, &mut commands);
            if !commands.is_empty() {
                let feature = &self.layer.features()[i as usize];
                tags.clear();
                tag(&mut layer, &mut tags, feature);
                layer.feature(feature.id, &tags, shape.kind(), &commands);
            }
        }
        layer.into_tile()
    }

    /// So many of the features, the largest by the longer side of their box, in the layer's order.
    fn largest(&self, seen: &[u32], count: usize) -> Vec<u32> {
        let mut by_side: Vec<(f64, u32)> = seen
            .iter()
            .map(|&i| {
                let b = self.shapes[i as usize].bounds();
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
            let Shape::Points(points) = &self.shapes[i as usize] else { continue };
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
                tag(layer, &mut tags, &self.layer.features()[first as usize]);
            }
            layer.tag(&mut tags, count, Attribute::Whole(together));
            // A point that stands for many has an id of the tile, not of the layer.
            layer.feature(id, &tags, Kind::Point, &commands);
        }
    }
}

fn tag(layer: &mut LayerWriter, tags: &mut Vec<u32>, feature: &Feature) {
    for (name, value) in &feature.properties {
        let text;
        let attribute = match value {
            Value::Null => continue,
            Value::Flag(flag) => Attribute::Flag(*flag),
            Value::Whole(whole) => Attribute::Whole(*whole),
            Value::Number(number) => Attribute::Number(*number),
            Value::Text(text) => Attribute::Text(text),
            Value::Date(_) | Value::Instant(_) | Value::List(_) => {
                text = value.written().unwrap_or_default();
                Attribute::Text(&text)
            }
        };
        let key = layer.key(name);
        layer.tag(tags, key, attribute);
    }
}

/// The rank of a street, 1 to 4.
fn rank(feature: &Feature) -> u8 {
    let property = |name: &str| feature.properties.iter().find(|(key, _)| &**key == name).map(|(_, value)| value);
    match (property("rank"), property("highway")) {
        (Some(Value::Whole(rank)), _) => (*rank).clamp(1, 4) as u8,
        (_, Some(Value::Text(class))) => match class.trim_end_matches("_link") {
            "motorway" | "trunk" | "primary" => 1,
            "secondary" => 2,
            "tertiary" => 3,
            _ => 4,
        },
        _ => 1,
    }
}
