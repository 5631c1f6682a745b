//! What a filter found among the households, on its way out: counted hexagon by hexagon, or one by one.

use std::sync::Arc;

use h3o::{CellIndex, Resolution};

use crate::domain::geo::BBox;
use crate::query::{Selection, cells, collection::Collection, figures};
use crate::snapshot::{
    Cell, Row, Rows, Snapshot, Span,
    column::Tally,
    schema::{Kind, Property, Schema, Sensitivity, Slot},
};

use super::hexes::Hexes;

/// Who may read figures but no households is told of no fewer found than this; of fewer, and of none, it is told alike
/// that they are few.
pub const LEAST_FOUND: u32 = 3;

/// Decimals of a mean, as parts of one.
const PLACES: f64 = 1e5;

/// What was found, hexagon by hexagon.
pub struct FoundHexes {
    hexes: Arc<Hexes>,
    snapshot: Arc<Snapshot>,
    selection: Arc<Selection>,
    spans: [Arc<[Span]>; 5],
    slots: Vec<Slot>,
    least: u32,
}

/// What was found in a hexagon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Households that were found.
    pub households: u32,
    /// People in them.
    pub people: u32,
    span: Span,
}

impl FoundHexes {
    pub(super) fn new(
        (hexes, spans): (Arc<Hexes>, [Arc<[Span]>; 5]),
        snapshot: Arc<Snapshot>,
        selection: Arc<Selection>,
        (up_to, least): (Sensitivity, u32),
    ) -> Self {
        let open = |property: &Property| property.sensitivity <= up_to && property.kind != Kind::Index;
        let slots = snapshot.schema().mapped().filter(|(_, property)| open(property)).map(|(slot, _)| slot).collect();
        Self { hexes, snapshot, selection, spans, slots, least }
    }

    /// The hexagons in which was looked.
    pub fn hexes(&self) -> &Hexes {
        &self.hexes
    }

    /// The mapped properties of which means are given, in schema order.
    pub fn properties(&self) -> impl ExactSizeIterator<Item = &Property> {
        self.slots.iter().map(|&slot| self.snapshot.schema().property(slot))
    }

    /// Fewer found than this are not told; nought where everything is.
    pub const fn least(&self) -> u32 {
        self.least
    }

    /// Makes ready for the hexagons at these places of a level.
    pub fn prepare(&self, resolution: Resolution, places: &[u32]) {
        let Some(level) = super::hexes::RESOLUTIONS.iter().position(|&known| known == resolution) else { return };
        let spans = places.iter().filter_map(|&place| self.spans[level].get(place as usize));
        self.selection.prepare(&self.slots, spans.map(|span| span.len()).sum());
    }

    /// What was found in the hexagon at a place of a level; none where it is too little to be told.
    pub fn at(&self, resolution: Resolution, place: usize) -> Option<Found> {
        let level = super::hexes::RESOLUTIONS.iter().position(|&known| known == resolution)?;
        let span = *self.spans[level].get(place)?;
        let households = self.selection.count_in(span);
        let found = || Found { households, people: self.selection.people_in(span), span };
        (households >= self.least).then(found)
    }

    /// The means over what was found, one for each of [`properties`](Self::properties); none where nothing is known.
    pub fn means(&self, found: Found) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        self.slots.iter().map(move |&slot| {
            let tally = self.selection.tally(slot, found.span);
            figures::value(&self.snapshot, slot, tally).map(|mean| (mean * PLACES).round() / PLACES)
        })
    }
}

/// Households one by one or gathered, all or those that were found, with the properties that a grant opens.
pub struct FoundHouseholds {
    snapshot: Arc<Snapshot>,
    households: Arc<dyn Collection>,
    selection: Option<Arc<Selection>>,
    needs: Vec<Slot>,
}

/// Some households together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gathered {
    /// Households.
    pub households: u32,
    /// People in them.
    pub people: u32,
    /// Fragile ones.
    pub fragile: u32,
    /// Those with a benefit due and not received.
    pub uncovered: u32,
    fragility: Tally,
}

impl Gathered {
    /// The mean fragility of those of which it is known, 0 to 1.
    pub fn fragility(&self, households: &FoundHouseholds) -> Option<f64> {
        let mean = figures::value(&households.snapshot, Schema::FRAGILITY, self.fragility)?;
        Some((mean * PLACES).round() / PLACES)
    }
}

impl std::ops::AddAssign for Gathered {
    fn add_assign(&mut self, other: Self) {
        self.households += other.households;
        self.people += other.people;
        self.fragile += other.fragile;
        self.uncovered += other.uncovered;
        self.fragility = self.fragility + other.fragility;
    }
}

impl FoundHouseholds {
    pub(super) fn new(
        snapshot: Arc<Snapshot>,
        households: Arc<dyn Collection>,
        selection: Option<Arc<Selection>>,
        up_to: Sensitivity,
    ) -> Self {
        let schema = snapshot.schema();
        let needs = schema.indicators().filter(|&slot| schema.property(slot).sensitivity <= up_to).collect();
        Self { snapshot, households, selection, needs }
    }

    /// The cells of a resolution (0 to 12) whose own box touches a box, with what was found there; ascending, none empty.
    pub fn cells(&self, resolution: Resolution, bbox: BBox) -> impl Iterator<Item = (CellIndex, Gathered)> + '_ {
        let cells = cells::walk(&self.snapshot, resolution, Some(bbox)).into_iter();
        cells.map(|(cell, span)| (cell, self.in_span(span))).filter(|(_, gathered)| gathered.households > 0)
    }

    /// Those that were found in a box, in row order.
    pub fn rows_in(&self, bbox: BBox) -> Vec<Row> {
        let rows: Rows = self.households.in_box(bbox);
        let found = |row: &Row| self.selection.as_ref().is_none_or(|selection| selection.bits().get(*row));
        rows.iter().filter(found).collect()
    }

    /// Where the household of a row lives.
    pub fn point(&self, row: Row) -> crate::domain::geo::LonLat {
        self.snapshot.point(row)
    }

    /// The number of the household of a row.
    pub fn id(&self, row: Row) -> u32 {
        self.snapshot.household(row).0
    }

    /// The household of a row, alone.
    pub fn one(&self, row: Row) -> Gathered {
        let span = Span { start: row.0, end: row.0 + 1 };
        let tally = |slot| self.snapshot.tally(slot, span);
        Gathered {
            households: 1,
            people: self.snapshot.people_at(row).into(),
            fragile: tally(Schema::FRAGILE).sum as u32,
            uncovered: tally(Schema::UNCOVERED).sum as u32,
            fragility: tally(Schema::FRAGILITY),
        }
    }

    /// The keys of the open indicators that a household has, in the model's order.
    pub fn needs(&self, row: Row) -> impl Iterator<Item = &str> {
        let has = move |slot: &&Slot| {
            matches!(self.snapshot.value(**slot, row), Cell::Finding(crate::domain::score::Finding::Deprived))
        };
        self.needs.iter().filter(has).map(|&slot| &*self.snapshot.schema().property(slot).key)
    }

    fn in_span(&self, span: Span) -> Gathered {
        let tally = |slot| match &self.selection {
            Some(selection) => selection.tally(slot, span),
            None => self.snapshot.tally(slot, span),
        };
        let (households, people) = match &self.selection {
            Some(selection) => (selection.count_in(span), selection.people_in(span)),
            None => (span.len(), self.snapshot.people_in(span)),
        };
        if households == 0 {
            return Gathered::default();
        }
        let [fragile, uncovered] = [Schema::FRAGILE, Schema::UNCOVERED].map(|slot| tally(slot).sum as u32);
        Gathered { households, people, fragile, uncovered, fragility: tally(Schema::FRAGILITY) }
    }
}
