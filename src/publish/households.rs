//! Households as points: gathered by H3 cell below zoom 14, one by one from there on. Every household is in one feature
//! of one tile of a zoom, so that `n` and `p` over all tiles are the totals.

use std::collections::BTreeMap;

use h3o::Resolution;

use super::tile::{Attribute, EXTENT, Key, Kind, LayerWriter, MAX_TILE_BYTES, Shape, TileAddress, Zooms, project};
use crate::{
    access::{
        Disclosed,
        found::{FoundHouseholds, Gathered},
        hexes,
    },
    domain::geo::LonLat,
    snapshot::{
        Row, grid,
        layer::{Field, FieldKind},
    },
};

/// The layer's name, in URLs and in its tiles.
pub const NAME: &str = "households";

/// Tiles are made at these zooms; at the last one a unit of a tile is 15 centimetres.
pub const ZOOMS: Zooms = Zooms { from: 0, to: 16 };

/// From this zoom on every place is a feature of its own.
pub const SINGLE_FROM: u8 = 14;

/// Ids of features that stand for more than one household begin here: households' own numbers are below, cells' above.
const MANY: u64 = 1 << 32;

/// Powers of two that are the sides of the squares in which places are joined; the last one is the tile's.
const MAX_COARSENESS: u32 = EXTENT.trailing_zeros();

/// The resolution of the cells by which households are gathered: 30 to 70 pixels wide on a map of 512-pixel tiles.
const fn gathered_at(zoom: u8) -> Resolution {
    match zoom {
        0..=5 => Resolution::Three,
        6 => Resolution::Four,
        7 => Resolution::Five,
        8..=9 => Resolution::Six,
        10 => Resolution::Seven,
        11..=12 => Resolution::Eight,
        _ => Resolution::Nine,
    }
}

/// The tile's bytes (MVT 2.1, layer `households`), below [`MAX_TILE_BYTES`]; none where there are no households.
///
/// A feature has `id` (of one household its number), `n` households, `p` people, `fragile` and `uncovered` households
/// among them, `fragility` (the mean, where known); of one household alone also `needs`, the keys of its indicators with
/// commas between. A cell has `cell`. Where a tile would be too large `needs` are left out, then places are joined into
/// squares, and `n` says how many households each stands for.
pub fn tile(tile: TileAddress, households: &Disclosed<FoundHouseholds>) -> Vec<u8> {
    if tile.z() < SINGLE_FROM {
        return cells(tile, households);
    }
    let seen = seen(tile, households);
    let whole = places(tile, households, &seen, None);
    if whole.len() < MAX_TILE_BYTES {
        return whole;
    }
    (0..=MAX_COARSENESS)
        .map(|coarseness| places(tile, households, &seen, Some(coarseness)))
        .find(|bytes| bytes.len() < MAX_TILE_BYTES)
        .unwrap_or_default()
}

/// The attributes of the layer.
pub fn fields() -> Vec<Field> {
    let field = |(name, kind): (&str, FieldKind)| Field { name: name.into(), kind };
    let whole = ["id", "n", "p", "fragile", "uncovered"].map(|name| (name, FieldKind::Whole));
    let others = [("fragility", FieldKind::Number), ("needs", FieldKind::Text), ("cell", FieldKind::Text)];
    whole.into_iter().chain(others).map(field).collect()
}

/// The numbers that every feature has.
struct Keys {
    id: Key,
    counts: [Key; 4],
    fragility: Key,
}

impl Keys {
    fn new(layer: &mut LayerWriter) -> Self {
        let counts = ["n", "p", "fragile", "uncovered"].map(|name| layer.key(name));
        Self { id: layer.key("id"), counts, fragility: layer.key("fragility") }
    }

    fn tag(&self, layer: &mut LayerWriter, tags: &mut Vec<u32>, id: u64, all: &FoundHouseholds, here: &Gathered) {
        tags.clear();
        layer.tag(tags, self.id, Attribute::Whole(id as i64));
        let counts = [here.households, here.people, here.fragile, here.uncovered];
        for (&key, count) in self.counts.iter().zip(counts) {
            layer.tag(tags, key, Attribute::Whole(count.into()));
        }
        if let Some(fragility) = here.fragility(all) {
            layer.tag(tags, self.fragility, Attribute::Number(fragility));
        }
    }
}

/// Where a point is drawn in a tile, if it lies in it: of two neighbours, in one. A point that would be rounded onto the
/// far border is drawn just before it, where clients still look.
fn inside(tile: TileAddress, point: LonLat) -> Option<[u32; 2]> {
    let place = tile.place(project(point));
    let inside = place.iter().all(|v| (0.0..f64::from(EXTENT)).contains(v));
    inside.then(|| place.map(|v| (v.round() as u32).min(EXTENT - 1)))
}

/// The commands of a point in units of a tile.
fn point(tile: TileAddress, [x, y]: [u32; 2], commands: &mut Vec<u32>) {
    let [west, north, east, south] = tile.square(0);
    let unit = |from: f64, to: f64, at: u32| from + (to - from) * f64::from(at) / f64::from(EXTENT);
    Shape::Points(vec![[unit(west, east, x), unit(north, south, y)]]).draw(tile, 0.0, commands);
}

fn cells(tile: TileAddress, households: &FoundHouseholds) -> Vec<u8> {
    let mut layer = LayerWriter::new(NAME);
    let keys = Keys::new(&mut layer);
    let name = layer.key("cell");
    let (mut tags, mut commands) = (Vec::new(), Vec::new());
    // The box is a little wider than the tile, so that no cell's centre at its edge is missed.
    for (cell, here) in households.cells(gathered_at(tile.z()), tile.bounds(1)) {
        let Some(place) = inside(tile, grid::center(cell)) else { continue };
        point(tile, place, &mut commands);
        let id = hexes::number(cell);
        keys.tag(&mut layer, &mut tags, id, households, &here);
        layer.tag(&mut tags, name, Attribute::Text(&cell.to_string()));
        layer.feature(id, &tags, Kind::Point, &commands);
    }
    layer.into_tile()
}

/// The rows in a tile with their places in it.
fn seen(tile: TileAddress, households: &FoundHouseholds) -> Vec<(Row, [u32; 2])> {
    let place = |row: Row| Some((row, inside(tile, households.point(row))?));
    households.rows_in(tile.bounds(1)).into_iter().filter_map(place).collect()
}

/// A feature a place; with a coarseness without needs, a feature for each square of so many units, as a power of two.
fn places(tile: TileAddress, all: &FoundHouseholds, seen: &[(Row, [u32; 2])], coarseness: Option<u32>) -> Vec<u8> {
    let mut together: BTreeMap<[u32; 2], (Row, [u32; 2], Gathered)> = BTreeMap::new();
    for &(row, [x, y]) in seen {
        let shift = coarseness.unwrap_or(0);
        together.entry([y >> shift, x >> shift]).or_insert((row, [x, y], Gathered::default())).2 += all.one(row);
    }
    let mut layer = LayerWriter::new(NAME);
    let keys = Keys::new(&mut layer);
    let needs = layer.key("needs");
    let (mut tags, mut commands) = (Vec::new(), Vec::new());
    for (first, place, here) in together.into_values() {
        point(tile, place, &mut commands);
        let id = u64::from(all.id(first)) | if here.households > 1 { MANY } else { 0 };
        keys.tag(&mut layer, &mut tags, id, all, &here);
        if here.households == 1 && coarseness.is_none() {
            let text = all.needs(first).collect::<Vec<_>>().join(",");
            if !text.is_empty() {
                layer.tag(&mut tags, needs, Attribute::Text(&text));
            }
        }
        layer.feature(id, &tags, Kind::Point, &commands);
    }
    layer.into_tile()
}
