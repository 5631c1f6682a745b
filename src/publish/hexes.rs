//! The hexagons as they are published: for each resolution the zones, their figures, and their outlines, projected
//! once and found by box, so that a tile costs only what it shows.

use std::collections::HashMap;

use geo::{BoundingRect, Geometry};
use h3o::{CellIndex, LatLng, Resolution, geom::SolventBuilder};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::tile::{
    Attribute, BUFFER, Kind, LayerWriter, MAX_TILE_BYTES, Shape, TileAddress,
};

/// Coarsest resolution that is published.
pub const MIN_RESOLUTION: u8 = 6;
/// Finest resolution that is published.
pub const MAX_RESOLUTION: u8 = 10;
/// Zones in one tile at most; where there would be more, the next coarser resolution is shown.
pub const MAX_ZONES: usize = 4_000;

/// A zone: a cell that stands alone, or small cells joined.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The cell, or the parent of the cells that were joined.
    pub id: CellIndex,
    /// Cells joined; 1 for a cell that stands alone.
    pub merged: u32,
    /// Households.
    pub households: u32,
    /// People.
    pub people: u32,
    /// Centre of its box: longitude, latitude in degrees.
    pub center: [f64; 2],
}

/// A zone to be laid out.
pub struct ZoneInput {
    /// The cell, or the parent of the cells that were joined.
    pub id: CellIndex,
    /// The cells of the resolution that it covers, at least one.
    pub cells: Vec<CellIndex>,
    /// Households.
    pub households: u32,
    /// People.
    pub people: u32,
    /// A figure for each property, in the order of the properties; none where it is not known.
    pub values: Vec<Option<f64>>,
}

/// A property of the zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its key, as in the schema.
    pub key: String,
    /// Decimals with which it is published.
    pub decimals: u8,
}

type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// The zones of one resolution; frozen.
pub struct Sheet {
    resolution: u8,
    zones: Vec<Zone>,
    shapes: Vec<Shape>,
    values: Vec<Option<f64>>,
    width: usize,
    positions: HashMap<u64, u32>,
    tree: RTree<Entry>,
}

impl Sheet {
    /// Lays the zones out. A zone whose cells have no outline is left without a shape but keeps its figures.
    pub fn new(resolution: u8, properties: &[Property], inputs: Vec<ZoneInput>) -> Self {
        let width = properties.len();
        let mut sheet = Self {
            resolution,
            zones: Vec::with_capacity(inputs.len()),
            shapes: Vec::with_capacity(inputs.len()),
            values: Vec::with_capacity(inputs.len() * width),
            width,
            positions: HashMap::with_capacity(inputs.len()),
            tree: RTree::new(),
        };
        let mut entries = Vec::with_capacity(inputs.len());
        for input in inputs {
            let position = sheet.zones.len() as u32;
            let outline = outline(&input.cells);
            let shape = Shape::of(&outline);
            let b = shape.bounds();
            if b[0] <= b[2] {
                entries.push(Entry::new(Rectangle::from_corners([b[0], b[1]], [b[2], b[3]]), position));
            }
            sheet.values.extend((0..width).map(|i| {
                input.values.get(i).copied().flatten().map(|value| round(value, properties[i].decimals))
            }));
            sheet.positions.insert(u64::from(input.id), position);
            sheet.shapes.push(shape);
            sheet.zones.push(Zone {
                id: input.id,
                merged: input.cells.len() as u32,
                households: input.households,
                people: input.people,
                center: center(&outline, input.id),
            });
        }
        sheet.tree = RTree::bulk_load(entries);
        sheet
    }

    /// H3 resolution.
    pub const fn resolution(&self) -> u8 {
        self.resolution
    }

    /// The zones, in their order.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The position of the zone of that id.
    pub fn position(&self, id: CellIndex) -> Option<usize> {
        self.positions.get(&u64::from(id)).map(|&position| position as usize)
    }

    /// The figures of a zone, in the order of the properties.
    pub fn values(&self, position: usize) -> &[Option<f64>] {
        &self.values[position * self.width..(position + 1) * self.width]
    }

    /// The outline of a zone.
    pub fn shape(&self, position: usize) -> &Shape {
        &self.shapes[position]
    }

    fn seen(&self, tile: TileAddress) -> Vec<u32> {
        let [x0, y0, x1, y1] = tile.square(BUFFER);
        let window = AABB::from_corners([x0, y0], [x1, y1]);
        let mut seen: Vec<u32> = self.tree.locate_in_envelope_intersecting(&window).map(|entry| entry.data).collect();
        seen.sort_unstable();
        seen
    }

    fn draw(&self, properties: &[Property], tile: TileAddress, seen: &[u32]) -> Vec<u8> {
        let mut layer = LayerWriter::new("hexes");
        let [id, households, people, merged] = ["id", "n", "p", "merged"].map(|name| layer.key(name));
        let keys: Vec<_> = properties.iter().map(|property| layer.key(&property.key)).collect();
        let (mut tags, mut commands) = (Vec::new(), Vec::new());
        for &position in seen {
            let zone = &self.zones[position as usize];
            self.shapes[position as usize].draw(tile, 0.0, &mut commands);
            if commands.is_empty() {
                continue;
            }
            tags.clear();
            layer.tag(&mut tags, id, Attribute::Text(&zone.id.to_string()));
            layer.tag(&mut tags, households, Attribute::Whole(zone.households.into()));
            layer.tag(&mut tags, people, Attribute::Whole(zone.people.into()));
            layer.tag(&mut tags, merged, Attribute::Whole(zone.merged.into()));
            for (key, value) in keys.iter().zip(self.values(position as usize)) {
                if let Some(value) = *value {
                    layer.tag(&mut tags, *key, Attribute::Number(value));
                }
            }
            layer.feature(u64::from(position) + 1, &tags, Kind::Polygon, &commands);
        }
        layer.into_tile()
    }
}

/// Everything that is published of the hexagons under one policy.
pub struct Hexes {
    properties: Vec<Property>,
    sheets: Vec<Sheet>,
}

impl Hexes {
    /// Sheets from coarse to fine, one for each resolution from [`MIN_RESOLUTION`] to [`MAX_RESOLUTION`].
    pub const fn new(properties: Vec<Property>, sheets: Vec<Sheet>) -> Self {
        Self { properties, sheets }
    }

    /// The properties, in the order of the values.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The zones of a resolution, where it is published.
    pub fn sheet(&self, resolution: u8) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.resolution == resolution)
    }

    /// The sheets from coarse to fine.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The tile's bytes (MVT 2.1, layer `hexes`), always below [`MAX_TILE_BYTES`]; none where there are no zones.
    ///
    /// Zones are chosen by their true boxes against the buffered tile, so none is cut at a seam.
    pub fn tile(&self, tile: TileAddress) -> Vec<u8> {
        let finest = resolution_of(tile.z());
        for sheet in self.sheets.iter().rev().filter(|sheet| sheet.resolution <= finest) {
            let seen = sheet.seen(tile);
            if seen.len() > MAX_ZONES && sheet.resolution > MIN_RESOLUTION {
                continue;
            }
            let bytes = sheet.draw(&self.properties, tile, &seen);
            if bytes.len() < MAX_TILE_BYTES {
                return bytes;
            }
        }
        Vec::new()
    }
}

/// The finest resolution shown at a zoom: a hexagon is then 10 to 25 pixels wide on a map of 512-pixel tiles, and a
/// tile of a full town holds fewer than [`MAX_ZONES`].
pub const fn resolution_of(zoom: u8) -> u8 {
    match zoom {
        0..=8 => 6,
        9..=10 => 7,
        11 => 8,
        12 => 9,
        _ => 10,
    }
}

/// The outline of cells of one resolution: a cell's own hexagon, or the union of several.
fn outline(cells: &[CellIndex]) -> Geometry<f64> {
    match cells {
        [one] => {
            let ring: geo::LineString<f64> = one.boundary().iter().map(|p| (p.lng(), p.lat())).collect();
            Geometry::Polygon(geo::Polygon::new(ring, Vec::new()))
        }
        many => SolventBuilder::new()
            .build()
            .dissolve(many.iter().copied())
            .map_or_else(|_| Geometry::MultiPolygon(geo::MultiPolygon::new(Vec::new())), Geometry::MultiPolygon),
    }
}

fn center(outline: &Geometry<f64>, id: CellIndex) -> [f64; 2] {
    outline.bounding_rect().map_or_else(
        || {
            let middle = LatLng::from(id);
            [middle.lng(), middle.lat()]
        },
        |rect| [rect.center().x, rect.center().y],
    )
}

/// A number with so many decimals; the tile, the table and the card then say the same.
pub fn round(value: f64, decimals: u8) -> f64 {
    let scale = 10_f64.powi(i32::from(decimals));
    (value * scale).round() / scale
}

/// The resolution of that number, where H3 has it.
pub fn resolution(number: u8) -> Option<Resolution> {
    Resolution::try_from(number).ok()
}
