//! The figures of hexagons, made once for each snapshot: tiles, table, legend, card and export all read these numbers.

use std::sync::{Arc, OnceLock};

use geo::{Coord, LineString, MultiPolygon, Polygon};
use h3o::{CellIndex, Resolution, geom::SolventBuilder};

use crate::domain::geo::{BBox, LonLat};
use crate::query::{Legend, Selection, cells, collection::ReferenceLayer, legend};
use crate::snapshot::{
    About, Snapshot, Span, grid,
    schema::{Schema, Sensitivity, Slot},
};

use super::found::FoundHexes;
use super::grant::{FigurePurpose, Grant};

pub use self::collection::{cell_of, number};
pub use super::suppress::RESOLUTIONS;
pub use changes::{CHANGED_RESOLUTION, Changes};

/// Which figures these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Zones of ten households or more, sensitive figures rounded.
    Public,
    /// Every populated cell, exact.
    Exact,
}

impl Policy {
    /// The word used in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Exact => "exact",
        }
    }
}

/// The figures of a hexagon, or of hexagons joined into one zone.
#[derive(Debug)]
pub struct HexFigures {
    /// Unique at its resolution: the cell itself; for a zone of joined cells, the coarser cell that they share.
    pub id: CellIndex,
    /// At which it is shown; `id` may be coarser.
    pub resolution: Resolution,
    /// The populated cells of `resolution` that it is made of, ascending; one where it stands alone.
    pub members: Box<[CellIndex]>,
    /// Households.
    pub households: u32,
    /// People.
    pub people: u32,
    /// One value for each mapped property, in schema order; none where unknown.
    pub values: Box<[Option<f32>]>,
    /// Households whose value is known, for each mapped property.
    pub known: Box<[u32]>,
    /// The mean of its members' centres.
    pub center: LonLat,
    /// A box that holds its members, a little wider than they are.
    pub bbox: BBox,
    outline: OnceLock<MultiPolygon<f64>>,
}

impl HexFigures {
    /// Whether it is a zone of joined cells (a pool), even of one.
    pub fn is_pool(&self) -> bool {
        self.id.resolution() != self.resolution
    }

    /// The value of a mapped property.
    pub fn value(&self, slot: Slot) -> Option<f32> {
        self.values.get(slot.0 as usize).copied().flatten()
    }

    /// The outline of the members' union, degrees, longitude first, exterior rings counter-clockwise; made once.
    pub fn geometry(&self) -> &MultiPolygon<f64> {
        self.outline.get_or_init(|| outline(&self.members))
    }

    pub(super) fn new(
        (id, resolution): (CellIndex, Resolution),
        members: Box<[CellIndex]>,
        (households, people): (u32, u32),
        values: Box<[Option<f32>]>,
        known: Box<[u32]>,
    ) -> Self {
        let (lon, lat) = members.iter().fold((0.0, 0.0), |(lon, lat), &cell| {
            let center = grid::center(cell);
            (lon + center.lon(), lat + center.lat())
        });
        let count = members.len().max(1) as f64;
        let center = LonLat::new(lon / count, lat / count).unwrap_or(grid::center(id));
        let bbox = members.iter().map(|&cell| grid::bbox(cell)).reduce(BBox::join).unwrap_or(grid::bbox(id));
        let outline = OnceLock::new();
        Self { id, resolution, members, households, people, values, known, center, bbox, outline }
    }
}

/// Corners of equal hexagons are computed alike, so shared borders dissolve; cells that cannot be dissolved stay side by side.
fn outline(members: &[CellIndex]) -> MultiPolygon<f64> {
    if let [_, _, ..] = members
        && let Ok(union) = SolventBuilder::new().build().dissolve(members.iter().copied())
    {
        return union;
    }
    MultiPolygon(members.iter().map(|&cell| hexagon(cell)).collect())
}

fn hexagon(cell: CellIndex) -> Polygon<f64> {
    let ring: Vec<Coord<f64>> = cell.boundary().iter().map(|p| Coord { x: p.lng(), y: p.lat() }).collect();
    Polygon::new(LineString(ring), Vec::new())
}

/// A value as the number that its shortest decimal says, so that tiles, JSON and class borders agree to the last digit.
pub fn plain(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// The figures of the whole town, placed households only.
#[derive(Clone, Debug)]
pub struct Town {
    /// Of what and of when.
    pub about: About,
    /// Placed households.
    pub households: u32,
    /// People in them.
    pub people: u32,
    /// Households without a place.
    pub unplaced_households: u32,
    /// A box that holds every hexagon shown; none where nothing may be shown.
    pub bounds: Option<BBox>,
    /// One value for each mapped property, in schema order.
    pub values: Box<[Option<f32>]>,
    /// Households whose value is known.
    pub known: Box<[u32]>,
}

/// All figures of one policy.
#[derive(Debug)]
pub struct Hexes {
    policy: Policy,
    generation: Box<str>,
    schema: Schema,
    town: Town,
    levels: [Vec<HexFigures>; 5],
    legends: [Vec<OnceLock<Legend>>; 5],
    collections: collection::Collections,
}

impl Hexes {
    pub(super) fn new(policy: Policy, snapshot: &Snapshot, mut town: Town, levels: [Vec<HexFigures>; 5]) -> Self {
        town.bounds = levels.iter().flatten().map(|hex| hex.bbox).reduce(BBox::join);
        let schema = snapshot.schema().clone();
        let legends = std::array::from_fn(|_| (0..schema.mapped_len()).map(|_| OnceLock::new()).collect());
        Self {
            policy,
            generation: snapshot.generation().into(),
            schema,
            town,
            levels,
            legends,
            collections: collection::Collections::default(),
        }
    }

    /// Which figures these are.
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    /// Of which snapshot.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// The table of properties; `values` follow `schema().mapped()`.
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The whole town.
    pub const fn town(&self) -> &Town {
        &self.town
    }

    /// All hexagons of a resolution, ascending by id; none where figures are not shown at it.
    pub fn level(&self, resolution: Resolution) -> &[HexFigures] {
        place(resolution).map_or(&[], |at| &self.levels[at])
    }

    /// The hexagon of an id at a resolution.
    pub fn get(&self, resolution: Resolution, id: CellIndex) -> Option<&HexFigures> {
        let level = self.level(resolution);
        level.binary_search_by_key(&u64::from(id), |hex| hex.id.into()).ok().map(|at| &level[at])
    }

    /// The hexagon or zone of which a populated cell is a member, at the cell's own resolution.
    pub fn find(&self, cell: CellIndex) -> Option<&HexFigures> {
        let resolution = cell.resolution();
        let mut parents = (0..=u8::from(resolution)).rev().filter_map(|r| cell.parent(Resolution::try_from(r).ok()?));
        let found = parents.find_map(|id| self.get(resolution, id));
        let is_member = |hex: &&HexFigures| hex.members.binary_search(&cell).is_ok();
        found.filter(is_member).or_else(|| self.level(resolution).iter().filter(|hex| hex.is_pool()).find(is_member))
    }

    /// The hexagon or zone in which the households at a point are counted. Hexagons do not nest exactly: near a border this
    /// may be a neighbour of the hexagon that covers the point.
    pub fn at(&self, resolution: Resolution, point: LonLat) -> Option<&HexFigures> {
        self.find(grid::cell_at(point, grid::ROW_RESOLUTION).parent(resolution)?)
    }

    /// Hexagons whose box touches a box, ascending by id.
    pub fn in_box(&self, resolution: Resolution, bbox: BBox) -> impl Iterator<Item = &HexFigures> {
        self.level(resolution).iter().filter(move |hex| hex.bbox.touches(&bbox))
    }

    /// The hexagons of a resolution as a collection named `hexes`, made once: `id, resolution, merged, households, people`,
    /// then every mapped property, as they are shown in tile and table. Empty where figures are not shown at it.
    pub fn collection(&self, resolution: Resolution) -> &Arc<ReferenceLayer> {
        self.collections.at(self, resolution)
    }

    /// The legend of a mapped property at a resolution, made once; none for other properties and resolutions.
    pub fn legend(&self, resolution: Resolution, slot: Slot) -> Option<&Legend> {
        let at = place(resolution)?;
        let values = || self.levels[at].iter().map(|hex| (hex.value(slot).map(plain), hex.households));
        Some(self.legends[at].get(slot.0 as usize)?.get_or_init(|| legend::classify(values())))
    }
}

fn place(resolution: Resolution) -> Option<usize> {
    RESOLUTIONS.iter().position(|&r| r == resolution)
}

/// The figures of both policies, made from one snapshot; each table at its first use, once.
#[derive(Clone, Debug)]
pub struct Prepared {
    snapshot: Arc<Snapshot>,
    public: OnceLock<Arc<Hexes>>,
    exact: OnceLock<Arc<Hexes>>,
    spans: OnceLock<[Arc<[Span]>; 5]>,
}

impl Prepared {
    /// Takes the snapshot.
    pub fn new(snapshot: &Arc<Snapshot>) -> Self {
        Self { snapshot: Arc::clone(snapshot), public: OnceLock::new(), exact: OnceLock::new(), spans: OnceLock::new() }
    }

    /// Makes both tables now, so that nobody waits for them.
    pub fn warm(&self) {
        rayon::join(|| self.table(Policy::Public), || self.table(Policy::Exact));
    }

    /// The figures that a grant opens, as a collection to be filtered and paged: see [`Hexes::collection`].
    pub fn collection<P: FigurePurpose>(&self, _: &Grant<P>, resolution: Resolution) -> &Arc<ReferenceLayer> {
        self.table(P::POLICY).collection(resolution)
    }

    /// What was found in the exact hexagons, told up to a sensitivity and no fewer than so many.
    pub(super) fn found(&self, selection: &Arc<Selection>, told: (Sensitivity, u32)) -> FoundHexes {
        let spans = self.spans.get_or_init(|| {
            RESOLUTIONS.map(|resolution| {
                cells::walk(&self.snapshot, resolution, None).into_iter().map(|(_, span)| span).collect()
            })
        });
        let table = (Arc::clone(self.table(Policy::Exact)), spans.clone());
        FoundHexes::new(table, Arc::clone(&self.snapshot), Arc::clone(selection), told)
    }

    pub(super) fn table(&self, policy: Policy) -> &Arc<Hexes> {
        match policy {
            Policy::Public => self.public.get_or_init(|| Arc::new(figure::public(&self.snapshot))),
            Policy::Exact => self.exact.get_or_init(|| Arc::new(figure::exact(&self.snapshot))),
        }
    }
}

mod changes;
mod collection;
mod figure;

#[cfg(test)]
mod tests;
