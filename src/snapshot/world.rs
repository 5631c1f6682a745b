//! The snapshot itself.

use std::{fmt, sync::OnceLock};

use h3o::CellIndex;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::domain::{
    comune::Comune,
    geo::{BBox, LonLat},
    household::HouseholdId,
    person::PersonId,
    score::Finding,
};

use super::{
    builder::Attribute,
    column::{Column, Numbers, Tally, Values},
    cover::{Cover, Relation, Shape},
    grid,
    people::{People, attribute_at},
    rows::{Row, Rows, Span},
    schema::{Kind, Schema, Slot, Titles},
};

/// Of what and of when a snapshot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The comune.
    pub comune: Comune,
    /// Its name.
    pub name: Box<str>,
    /// The day at which households were assessed.
    pub as_of: Date,
    /// The fragility model's id.
    pub model_id: Box<str>,
    /// The fragility model's version.
    pub model_version: Box<str>,
    /// The fragility model's name.
    pub model_title: Titles,
}

/// Households that have no place, counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unplaced {
    /// Households.
    pub households: u32,
    /// People in them.
    pub people: u32,
}

/// The value of a property of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell {
    /// A score.
    Score(Option<f32>),
    /// A finding.
    Finding(Finding),
    /// An attribute.
    Attribute(Attribute),
    /// Areas have it, households do not.
    Absent,
}

/// What is stored of a snapshot; all else is made from it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) about: About,
    pub(super) schema: Schema,
    pub(super) unplaced: Unplaced,
    pub(super) cells: Vec<u64>,
    pub(super) points: Vec<[i32; 2]>,
    pub(super) households: Vec<u32>,
    pub(super) people: Numbers,
    pub(super) columns: Vec<Column>,
    pub(super) residents: People,
}

/// A frozen world. Nothing edits it; it is shared as `Arc` and swapped whole. It does not print its households.
pub struct Snapshot {
    generation: Box<str>,
    parts: Parts,
    by_household: Vec<u32>,
    by_person: OnceLock<Vec<u32>>,
    bounds: Option<BBox>,
    cover: Cover,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot {} of {} households", self.generation, self.households())
    }
}

/// Units of 10⁻⁷ degrees to a point; stored points were in range when they were frozen.
pub(super) fn point_of([lon, lat]: [i32; 2]) -> Option<LonLat> {
    LonLat::new(f64::from(lon) / 1e7, f64::from(lat) / 1e7).ok()
}

impl Snapshot {
    /// Makes the indexes over parts whose rows are sorted by cell and whose households and points were checked.
    pub(super) fn assemble(generation: Box<str>, parts: Parts) -> Self {
        let mut by_household: Vec<u32> = (0..parts.cells.len() as u32).collect();
        by_household.par_sort_unstable_by_key(|&row| parts.households[row as usize]);
        let bounds = BBox::around(parts.points.iter().filter_map(|&p| point_of(p)));
        let cover = Cover::new(&parts.points);
        Self { generation, parts, by_household, by_person: OnceLock::new(), bounds, cover }
    }

    pub(super) const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Which snapshot this is: 16 hexadecimal digits of the hash of its content.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// Of what and of when it is.
    pub const fn about(&self) -> &About {
        &self.parts.about
    }

    /// The table of its properties.
    pub const fn schema(&self) -> &Schema {
        &self.parts.schema
    }

    /// How many placed households, one a row.
    pub fn households(&self) -> u32 {
        self.parts.cells.len() as u32
    }

    /// How many people live in placed households.
    pub fn people(&self) -> u32 {
        self.people_in(self.all())
    }

    /// Households without a place.
    pub const fn unplaced(&self) -> Unplaced {
        self.parts.unplaced
    }

    /// The box around every placed household.
    pub const fn bounds(&self) -> Option<BBox> {
        self.bounds
    }

    /// Every row.
    pub fn all(&self) -> Span {
        Span { start: 0, end: self.households() }
    }

    /// The rows of a cell of resolution 0 to 12; empty for finer cells.
    pub fn span(&self, cell: CellIndex) -> Span {
        grid::span_of(&self.parts.cells, cell)
    }

    /// The rows of a cell known to begin at a row: cheaper than [`span`](Self::span) when walking.
    pub fn span_from(&self, cell: CellIndex, start: u32) -> Span {
        grid::span_after(&self.parts.cells, cell, start)
    }

    /// The cell of a row, resolution 12.
    pub fn cell(&self, row: Row) -> CellIndex {
        CellIndex::try_from(self.parts.cells[row.0 as usize]).expect("row cells are checked at the freeze")
    }

    /// Where the household of a row lives.
    pub fn point(&self, row: Row) -> LonLat {
        point_of(self.parts.points[row.0 as usize]).expect("points are checked at the freeze")
    }

    /// Whose row it is.
    pub fn household(&self, row: Row) -> HouseholdId {
        HouseholdId(self.parts.households[row.0 as usize])
    }

    /// The row of a household, if it is placed.
    pub fn row_of(&self, household: HouseholdId) -> Option<Row> {
        let of = |row: &u32| self.parts.households[*row as usize];
        self.by_household.binary_search_by_key(&household.0, of).ok().map(|at| Row(self.by_household[at]))
    }

    /// People of the household of a row.
    pub fn people_at(&self, row: Row) -> u16 {
        self.parts.people.part(row) as u16
    }

    /// People of each household, in row order.
    pub fn sizes(&self) -> &Values {
        self.parts.people.values()
    }

    /// People in a span.
    pub fn people_in(&self, span: Span) -> u32 {
        self.parts.people.sum_in(span) as u32
    }

    /// The column of a property of this snapshot's schema.
    pub fn column(&self, slot: Slot) -> &Column {
        &self.parts.columns[slot.0 as usize]
    }

    /// What a span holds of a property, in O(1).
    pub fn tally(&self, slot: Slot, span: Span) -> Tally {
        self.column(slot).tally(span)
    }

    /// The value of a property of a row.
    pub fn value(&self, slot: Slot, row: Row) -> Cell {
        let kind = &self.schema().property(slot).kind;
        match self.column(slot) {
            Column::Absent => Cell::Absent,
            Column::Marks { known, set } if *kind == Kind::Finding => Cell::Finding(match known.get(row) {
                false => Finding::Unknown,
                true if set.get(row) => Finding::Deprived,
                true => Finding::Sound,
            }),
            Column::Numbers { known, numbers } if *kind == Kind::Score => Cell::Score(match numbers.values() {
                Values::F32(scores, _) if known.get(row) => Some(scores[row.0 as usize]),
                _ => None,
            }),
            column => Cell::Attribute(attribute_at(column, row)),
        }
    }

    /// Rows whose point is in a shape, however it is told; see [`Shape`]. Errors: the shape's own.
    pub fn rows_in<S: Shape>(&self, shape: &mut S) -> Result<Rows, S::Stop> {
        self.cover.rows(&self.parts.points, shape)
    }

    /// Rows whose point lies in a box or on its border.
    pub fn in_box(&self, bbox: BBox) -> Rows {
        match self.rows_in(&mut Boxed(bbox)) {
            Ok(rows) => rows,
            Err(never) => match never {},
        }
    }

    /// The row of a person, if the household is placed.
    pub fn person_row(&self, person: PersonId) -> Option<Row> {
        let persons = self.residents();
        let by_person = self.by_person.get_or_init(|| persons.by_number());
        let of = |row: &u32| persons.person(Row(*row));
        by_person.binary_search_by_key(&person, of).ok().map(|at| Row(by_person[at]))
    }

    /// The `k` nearest rows to a point that are wanted, with the distance in metres, nearest first, ties in row order. `any`
    /// says whether some row of a span may be wanted: what it denies is not looked at.
    pub fn nearest(
        &self,
        point: LonLat,
        k: usize,
        any: impl Fn(Span) -> bool,
        wanted: impl Fn(Row) -> bool,
    ) -> Vec<(Row, f64)> {
        self.cover.nearest(&self.parts.points, (point, k), any, wanted)
    }

    /// Bytes on the heap of all that it keeps.
    pub fn heap_bytes(&self) -> usize {
        let p = &self.parts;
        let fixed = p.cells.capacity() * 8 + p.points.capacity() * 8;
        let ids = p.households.capacity() * 4 + self.by_household.capacity() * 4;
        self.cover.heap_bytes()
            + fixed
            + ids
            + p.people.heap_bytes()
            + p.columns.iter().map(Column::heap_bytes).sum::<usize>()
    }
}

struct Boxed(BBox);

impl Shape for Boxed {
    type Stop = std::convert::Infallible;

    fn relation(&mut self, bbox: &BBox) -> Result<Relation, Self::Stop> {
        let inside = |point: Option<LonLat>| point.is_some_and(|point| self.0.contains(point));
        let corner = |lon, lat| LonLat::new(lon, lat).ok();
        Ok(if !self.0.touches(bbox) {
            Relation::Outside
        } else if inside(corner(bbox.west, bbox.south)) && inside(corner(bbox.east, bbox.north)) {
            Relation::Inside
        } else {
            Relation::Border
        })
    }

    fn contains(&mut self, point: LonLat) -> bool {
        self.0.contains(point)
    }
}
