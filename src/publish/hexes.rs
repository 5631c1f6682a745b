//! The hexagons on their way out: outlines projected once and found by box, so that a tile costs only what it shows;
//! and the one rounding of figures, so that tile, table, card and export say the same.

use std::sync::{Arc, OnceLock};

use h3o::Resolution;
use rayon::prelude::*;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::tile::{Attribute, BUFFER, Kind, LayerWriter, MAX_TILE_BYTES, Shape, TileAddress, Zooms};
use crate::{
    access::{
        Disclosed,
        hexes::{HexFigures, Hexes, RESOLUTIONS, plain},
    },
    snapshot::layer::{Field, FieldKind},
};

mod found;

pub use found::found_fields;

/// Hexagons in one tile at most; where there would be more, the next coarser resolution is shown.
pub const MAX_HEXES: usize = 4_000;

/// Tiles are made at these zooms; the finest resolution is reached before the last.
pub const ZOOMS: Zooms = Zooms { from: 0, to: 14 };

type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// The outlines and the published figures of one resolution, by position in its level.
struct Sheet {
    shapes: Vec<Shape>,
    ids: Vec<Box<str>>,
    figures: Vec<Option<f64>>,
    tree: RTree<Entry>,
}

/// Disclosed hexagons ready for tiles. Each resolution is projected at its first use.
pub struct HexChart {
    hexes: Disclosed<Arc<Hexes>>,
    sheets: [OnceLock<Sheet>; RESOLUTIONS.len()],
}

impl HexChart {
    /// Takes the figures.
    pub const fn new(hexes: Disclosed<Arc<Hexes>>) -> Self {
        Self { hexes, sheets: [const { OnceLock::new() }; RESOLUTIONS.len()] }
    }

    /// The figures.
    pub const fn hexes(&self) -> &Disclosed<Arc<Hexes>> {
        &self.hexes
    }

    /// Projects every resolution now, so that no first viewer waits.
    pub fn warm(&self) {
        (0..RESOLUTIONS.len()).into_par_iter().for_each(|at| {
            self.sheet(at);
        });
    }

    /// The tile's bytes (MVT 2.1, layer `hexes`), always below [`MAX_TILE_BYTES`]; none where there are no hexagons.
    ///
    /// Hexagons are chosen by their true boxes against the buffered tile, so none is cut at a seam.
    pub fn tile(&self, tile: TileAddress) -> Vec<u8> {
        self.laid(tile, |at, sheet, seen| self.draw(RESOLUTIONS[at], sheet, tile, seen))
    }

    /// The same tile with only the hexagons that `keep` keeps, by the place of their resolution among
    /// [`RESOLUTIONS`] and their own in its level. The resolution is that of the whole tile unless fewer bytes allow a
    /// finer one.
    pub fn tile_of(&self, tile: TileAddress, keep: impl Fn(usize, u32) -> bool) -> Vec<u8> {
        self.laid(tile, |at, sheet, seen| {
            let kept: Vec<u32> = seen.iter().copied().filter(|&place| keep(at, place)).collect();
            self.draw(RESOLUTIONS[at], sheet, tile, &kept)
        })
    }

    /// The finest drawing that is allowed: by the zoom, by the number of hexagons, by the bytes.
    fn laid(&self, tile: TileAddress, draw: impl Fn(usize, &Sheet, &[u32]) -> Vec<u8>) -> Vec<u8> {
        let finest = resolution_of(tile.z());
        for (at, &resolution) in RESOLUTIONS.iter().enumerate().rev() {
            if resolution > finest {
                continue;
            }
            let sheet = self.sheet(at);
            let seen = sheet.seen(tile);
            if seen.len() > MAX_HEXES && at > 0 {
                continue;
            }
            let bytes = draw(at, sheet, &seen);
            if bytes.len() < MAX_TILE_BYTES {
                return bytes;
            }
        }
        Vec::new()
    }

    fn sheet(&self, at: usize) -> &Sheet {
        self.sheets[at].get_or_init(|| Sheet::new(self.hexes.level(RESOLUTIONS[at])))
    }

    fn draw(&self, resolution: Resolution, sheet: &Sheet, tile: TileAddress, seen: &[u32]) -> Vec<u8> {
        let level = self.hexes.level(resolution);
        let mut layer = LayerWriter::new("hexes");
        let [id, households, people, merged] = ["id", "n", "p", "merged"].map(|name| layer.key(name));
        let keys: Vec<_> = self.hexes.schema().mapped().map(|(_, property)| layer.key(&property.key)).collect();
        let (mut tags, mut commands) = (Vec::new(), Vec::new());
        for &position in seen {
            let hex = &level[position as usize];
            sheet.shapes[position as usize].draw(tile, 0.0, &mut commands);
            if commands.is_empty() {
                continue;
            }
            tags.clear();
            layer.tag(&mut tags, id, Attribute::Text(&sheet.ids[position as usize]));
            layer.tag(&mut tags, households, Attribute::Whole(hex.households.into()));
            layer.tag(&mut tags, people, Attribute::Whole(hex.people.into()));
            layer.tag(&mut tags, merged, Attribute::Whole(merged_of(hex).into()));
            let figures = &sheet.figures[position as usize * keys.len()..];
            for (&key, figure) in keys.iter().zip(figures) {
                if let Some(figure) = *figure {
                    layer.tag(&mut tags, key, Attribute::Number(figure));
                }
            }
            layer.feature(u64::from(position) + 1, &tags, Kind::Polygon, &commands);
        }
        layer.into_tile()
    }
}

impl Sheet {
    fn new(level: &[HexFigures]) -> Self {
        let shapes: Vec<Shape> =
            level.par_iter().map(|hex| Shape::of(&geo::Geometry::MultiPolygon(hex.geometry().clone()))).collect();
        let entries = shapes
            .iter()
            .enumerate()
            .filter_map(|(i, shape)| {
                let b = shape.bounds();
                (b[0] <= b[2]).then(|| Entry::new(Rectangle::from_corners([b[0], b[1]], [b[2], b[3]]), i as u32))
            })
            .collect();
        let ids = level.iter().map(|hex| hex.id.to_string().into()).collect();
        let figures = level.par_iter().flat_map_iter(|hex| hex.values.iter().map(|&value| shown(value))).collect();
        Self { shapes, ids, figures, tree: RTree::bulk_load(entries) }
    }

    fn seen(&self, tile: TileAddress) -> Vec<u32> {
        let [x0, y0, x1, y1] = tile.square(BUFFER);
        let window = AABB::from_corners([x0, y0], [x1, y1]);
        let mut seen: Vec<u32> = self.tree.locate_in_envelope_intersecting(&window).map(|entry| entry.data).collect();
        seen.sort_unstable();
        seen
    }
}

/// The finest resolution shown at a zoom: a hexagon is then 10 to 25 pixels wide on a map of 512-pixel tiles, and a
/// tile of a full town holds fewer than [`MAX_HEXES`].
pub const fn resolution_of(zoom: u8) -> Resolution {
    match zoom {
        0..=8 => Resolution::Six,
        9..=10 => Resolution::Seven,
        11 => Resolution::Eight,
        12 => Resolution::Nine,
        _ => Resolution::Ten,
    }
}

/// The attributes of the layer `hexes`.
pub fn fields(hexes: &Hexes) -> Vec<Field> {
    let field = |name: &str, kind| Field { name: name.into(), kind };
    let mut fields = vec![field("id", FieldKind::Text)];
    fields.extend(["n", "p", "merged"].map(|name| field(name, FieldKind::Whole)));
    fields.extend(hexes.schema().mapped().map(|(_, property)| field(&property.key, FieldKind::Number)));
    fields
}

/// How many cells were joined into a hexagon; 1 for one that stands alone.
pub const fn merged_of(hex: &HexFigures) -> u32 {
    hex.members.len() as u32
}

/// A figure as it is published: the same digits in tile, table, card and export.
pub fn shown(value: Option<f32>) -> Option<f64> {
    value.map(plain)
}
