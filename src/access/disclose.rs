//! From an answer to something that may leave: every function takes a grant and yields its audit event.

use std::{ops::Deref, sync::Arc};

use h3o::Resolution;

use crate::domain::{geo::LonLat, household::HouseholdId};
use crate::query::{
    self, Selection,
    aggregate::Answer,
    collection::{Collection, Field, ReferenceLayer},
};
use crate::snapshot::{
    Cell, Row, Rows, Snapshot,
    layer::Layer,
    schema::{Property, Sensitivity, Slot},
};

use super::{
    answer::Told,
    audit::{AuditEvent, Entry},
    found::{FoundHexes, FoundHouseholds, LEAST_FOUND},
    grant::{ExactFigures, FigurePurpose, Grant, HouseholdRecords, LinkRecords, OpenData, OwnRun, Planning, ReadAudit},
    hexes::{Changes, Hexes, Prepared},
    opened::{Opened, Picked},
    pass::Pass,
    sheet::{Sheet, Tongue, rows},
};

/// What went through disclosure; it reads as the thing itself. Only this module makes one:
///
/// ```compile_fail,E0423
/// use atlante::access::Disclosed;
/// let forged = Disclosed("a household");
/// ```
#[derive(Clone, Debug)]
pub struct Disclosed<T>(T);

impl<T> Deref for Disclosed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl Disclosed<Opened> {
    /// With fewer fields, in the given order: what is left out needs no new disclosure.
    pub fn only(self, names: &[&str]) -> Self {
        Self(self.0.only(names))
    }
}

impl Disclosed<Sheet> {
    /// Its stops as rows: they say no more than the sheet.
    pub fn stops(&self, tongue: Tongue) -> Disclosed<Opened> {
        Self::as_rows(rows::stops(self, tongue))
    }

    /// Its runs as lines and its stops as points: they say no more than the sheet.
    pub fn map(&self) -> Disclosed<Opened> {
        Self::as_rows(rows::map(self))
    }

    fn as_rows(rows: Arc<dyn Collection>) -> Disclosed<Opened> {
        let fields = (0..rows.fields().len()).collect();
        Disclosed(Opened::new(rows, Picked::All, fields))
    }
}

impl Disclosed<Changes> {
    /// Anywhere: that says nothing.
    pub const fn everywhere() -> Self {
        Self(Changes::Everywhere)
    }

    /// Nowhere: the picture is the one that was seen.
    pub const fn nowhere() -> Self {
        Self(Changes::none())
    }

    /// What changed in either.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self(self.0.and(&other.0))
    }
}

/// The figures of hexagons, as fine as the purpose allows. Of published figures the event need not be kept.
pub fn hexes<P: FigurePurpose>(grant: &Grant<P>, prepared: &Prepared) -> (Disclosed<Arc<Hexes>>, AuditEvent) {
    let hexes = prepared.table(P::POLICY);
    (Disclosed(Arc::clone(hexes)), grant.event("hexes", hexes.town().households.into()))
}

/// What a filter found, hexagon by hexagon, for who may read exact figures: no fewer than
/// [`LEAST_FOUND`], and means of what is not health.
pub fn found_few(
    grant: &Grant<ExactFigures>,
    prepared: &Prepared,
    selection: &Arc<Selection>,
    object: &str,
) -> (Disclosed<FoundHexes>, AuditEvent) {
    let found = prepared.found(selection, (Sensitivity::Personal, LEAST_FOUND));
    (Disclosed(found), grant.event(object, selection.len().into()))
}

/// What a filter found, hexagon by hexagon, for who may read households: every count, and means of what the grant opens.
pub fn found_all(
    grant: &Grant<HouseholdRecords>,
    prepared: &Prepared,
    selection: &Arc<Selection>,
    object: &str,
) -> (Disclosed<FoundHexes>, AuditEvent) {
    let found = prepared.found(selection, (grant.ceiling(), 0));
    (Disclosed(found), grant.event(object, selection.len().into()))
}

/// Households as points, those that were found or all, with what the grant opens.
pub fn household_points(
    grant: &Grant<HouseholdRecords>,
    households: &Arc<query::collection::Households>,
    selection: Option<&Arc<Selection>>,
    object: &str,
) -> (Disclosed<FoundHouseholds>, AuditEvent) {
    let rows = selection.map_or(households.len(), |selection| selection.len());
    let snapshot = Arc::clone(households.snapshot());
    let found = FoundHouseholds::new(snapshot, Arc::clone(households) as _, selection.cloned(), grant.ceiling());
    (Disclosed(found), grant.event(object, rows.into()))
}

/// Where two disclosed tables differ: it says no more than they do, so it needs no grant of its own.
pub fn changes(old: &Disclosed<Arc<Hexes>>, new: &Disclosed<Arc<Hexes>>) -> Disclosed<Changes> {
    Disclosed(Changes::between(old, new))
}

/// A reference layer, which is open data.
pub fn layer(grant: &Grant<OpenData>, layer: &Arc<Layer>) -> (Disclosed<Arc<Layer>>, AuditEvent) {
    (Disclosed(Arc::clone(layer)), grant.event(layer.name(), layer.features().len() as u64))
}

/// Households, with the columns that the grant opens.
#[derive(Clone, Debug)]
pub struct Households {
    snapshot: Arc<Snapshot>,
    rows: Rows,
    columns: Vec<Slot>,
}

impl Households {
    /// The snapshot's rows, ascending. Read only the [`columns`](Self::columns) of them.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.rows.iter()
    }

    /// The properties that are open, in schema order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (Slot, &Property)> {
        self.columns.iter().map(|&slot| (slot, self.snapshot.schema().property(slot)))
    }

    /// The value of an open property; absent where the column is closed.
    pub fn value(&self, slot: Slot, row: Row) -> Cell {
        if self.columns.contains(&slot) { self.snapshot.value(slot, row) } else { Cell::Absent }
    }

    /// Whose row it is, where it lives, how many people.
    pub fn who(&self, row: Row) -> (HouseholdId, LonLat, u16) {
        (self.snapshot.household(row), self.snapshot.point(row), self.snapshot.people_at(row))
    }
}

/// Households one by one: the columns whose sensitivity the grant opens.
pub fn households(
    grant: &Grant<HouseholdRecords>,
    snapshot: &Arc<Snapshot>,
    rows: Rows,
) -> (Disclosed<Households>, AuditEvent) {
    let open =
        |property: &Property| property.sensitivity <= grant.ceiling() && property.sensitivity != Sensitivity::Aggregate;
    let slots = (0..).map(Slot).zip(snapshot.schema().properties());
    let columns = slots.filter(|(_, property)| open(property)).map(|(slot, _)| slot).collect();
    let event = grant.event("households", rows.len());
    (Disclosed(Households { snapshot: Arc::clone(snapshot), rows, columns }), event)
}

/// Rows of a reference layer, which is open data, whole.
pub fn layer_rows(
    grant: &Grant<OpenData>,
    layer: &Arc<ReferenceLayer>,
    picked: Picked,
) -> (Disclosed<Opened>, AuditEvent) {
    let fields = (0..layer.fields().len()).collect();
    let opened = Opened::new(Arc::clone(layer) as _, picked, fields);
    let event = grant.event(layer.name(), opened.len());
    (Disclosed(opened), event)
}

/// Hexagons of a resolution one by one, of the policy that the purpose allows. Of published figures the event need not be
/// kept. The rows of `picked` are those of [`Prepared::collection`] for the same grant.
pub fn hex_rows<P: FigurePurpose>(
    grant: &Grant<P>,
    prepared: &Prepared,
    resolution: Resolution,
    picked: Picked,
) -> (Disclosed<Opened>, AuditEvent) {
    let hexes = prepared.collection(grant, resolution);
    let fields = (0..hexes.fields().len()).collect();
    let opened = Opened::new(Arc::clone(hexes) as _, picked, fields);
    let event = grant.event("hexes", opened.len());
    (Disclosed(opened), event)
}

/// Rows of households: the fields whose sensitivity the grant opens.
pub fn household_rows(
    grant: &Grant<HouseholdRecords>,
    households: &Arc<query::collection::Households>,
    picked: Picked,
) -> (Disclosed<Opened>, AuditEvent) {
    let opened = Opened::new(Arc::clone(households) as _, picked, open_fields(grant, households.fields()));
    let event = grant.event("households", opened.len());
    (Disclosed(opened), event)
}

/// Rows of people: the fields whose sensitivity the grant opens.
pub fn people_rows(
    grant: &Grant<HouseholdRecords>,
    people: &Arc<query::collection::People>,
    picked: Picked,
) -> (Disclosed<Opened>, AuditEvent) {
    let opened = Opened::new(Arc::clone(people) as _, picked, open_fields(grant, people.fields()));
    let event = grant.event("people", opened.len());
    (Disclosed(opened), event)
}

fn open_fields(grant: &Grant<HouseholdRecords>, fields: &[Field]) -> Box<[usize]> {
    let open = |(at, field): (usize, &Field)| (field.sensitivity <= grant.ceiling()).then_some(at);
    fields.iter().enumerate().filter_map(open).collect()
}

/// An answer over households or people to whoever may read them: whole. `question` says in the log what was asked.
pub fn answer(grant: &Grant<HouseholdRecords>, question: &str, answer: Answer) -> (Disclosed<Told>, AuditEvent) {
    let event = grant.event(question, answer.total.rows.into());
    (Disclosed(Told::whole(answer)), event)
}

/// An answer over households or people to whoever reads figures alone: nothing of one or two households, see
/// [`answer`](mod@super::answer).
pub fn guarded_answer(grant: &Grant<ExactFigures>, question: &str, answer: Answer) -> (Disclosed<Told>, AuditEvent) {
    let event = grant.event(question, answer.total.rows.into());
    (Disclosed(Told::guarded(answer)), event)
}

/// An answer over features: whole. Should it be over households all the same, it tells of no few of them.
pub fn open_answer(grant: &Grant<OpenData>, question: &str, answer: Answer) -> (Disclosed<Told>, AuditEvent) {
    let event = grant.event(question, answer.total.rows.into());
    (Disclosed(Told::guarded(answer)), event)
}

/// The runs of a plan to who directs them.
pub fn sheet(grant: &Grant<Planning>, sheet: Sheet) -> (Disclosed<Sheet>, AuditEvent) {
    let event = grant.event(&format!("plan {} sheet", sheet.head.plan), sheet.stops());
    (Disclosed(sheet), event)
}

/// Its own run to a crew; none where the sheet is of another plan or has no such run.
pub fn own_run(grant: &Grant<OwnRun>, pass: &Pass, sheet: Sheet) -> Option<(Disclosed<Sheet>, AuditEvent)> {
    // A grant and a pass of two crews would open one's run to the other.
    if grant.actor() != pass.actor() || *sheet.head.plan != *pass.plan() {
        return None;
    }
    let own = sheet.only(pass.run())?;
    let event = grant.event(&format!("plan {} run {}", pass.plan(), pass.run()), own.stops());
    Some((Disclosed(own), event))
}

/// How bank rows were joined and placed, or why they were rejected: rows made by `app` from the store.
pub fn records<T>(grant: &Grant<LinkRecords>, object: &'static str, rows: Vec<T>) -> (Disclosed<Vec<T>>, AuditEvent) {
    let event = grant.event(object, rows.len() as u64);
    (Disclosed(rows), event)
}

/// The audit log itself.
pub fn log(grant: &Grant<ReadAudit>, entries: Vec<Entry>) -> (Disclosed<Vec<Entry>>, AuditEvent) {
    let event = grant.event("audit", entries.len() as u64);
    (Disclosed(entries), event)
}
