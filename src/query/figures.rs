//! Figures: what some rows hold of every property.

use h3o::CellIndex;

use crate::snapshot::{
    Snapshot, Span,
    column::{Column, Tally},
    schema::{Kind, Slot},
};

/// What some rows hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Households.
    pub households: u32,
    /// People.
    pub people: u32,
    /// Sum and known count of each property, in slot order; zeros for indexes and categories.
    pub tallies: Box<[Tally]>,
}

/// The figures of disjoint spans of rows, each in O(1) a property.
pub fn of(snapshot: &Snapshot, spans: &[Span]) -> Figures {
    let tally = |slot| {
        let column = snapshot.column(slot);
        spans.iter().fold(Tally::default(), |sum, &span| sum + column.tally(span))
    };
    Figures {
        households: spans.iter().map(|span| span.len()).sum(),
        people: spans.iter().map(|&span| snapshot.people_in(span)).sum(),
        tallies: (0..snapshot.schema().properties().len()).map(|slot| tally(Slot(slot as u16))).collect(),
    }
}

/// The figures of many spans, each its own; made column by column.
pub fn of_each(snapshot: &Snapshot, spans: &[Span]) -> Vec<Figures> {
    let slots = snapshot.schema().properties().len();
    let mut each: Vec<Figures> = spans
        .iter()
        .map(|&span| Figures {
            households: span.len(),
            people: snapshot.people_in(span),
            tallies: vec![Tally::default(); slots].into(),
        })
        .collect();
    for slot in 0..slots {
        let tallies = snapshot.column(Slot(slot as u16)).tallies(spans);
        for (figures, tally) in each.iter_mut().zip(tallies) {
            figures.tallies[slot] = tally;
        }
    }
    each
}

/// The figures of a cell of resolution 0 to 12.
pub fn of_cell(snapshot: &Snapshot, cell: CellIndex) -> Figures {
    of(snapshot, &[snapshot.span(cell)])
}

/// The figures of all placed households.
pub fn town(snapshot: &Snapshot) -> Figures {
    of(snapshot, &[snapshot.all()])
}

impl Figures {
    /// The figure of a property: mean of a score, a count or a number, mean in euro of cents, share of a finding or a flag;
    /// none where nothing is known or the property has no figure.
    pub fn value(&self, snapshot: &Snapshot, slot: Slot) -> Option<f64> {
        value(snapshot, slot, self.tallies[slot.0 as usize])
    }
}

/// The figure of a property from its tally, as [`Figures::value`] gives it.
pub fn value(snapshot: &Snapshot, slot: Slot, Tally { sum, known }: Tally) -> Option<f64> {
    let column = snapshot.column(slot);
    if known == 0 || matches!(column, Column::Absent | Column::Days { .. } | Column::Categories(_)) {
        return None;
    }
    let unit = if snapshot.schema().property(slot).kind == Kind::Cents { 100.0 } else { column.parts() as f64 };
    Some(sum as f64 / unit / f64::from(known))
}
