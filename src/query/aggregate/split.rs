//! How rows fall into groups.

use std::collections::{BTreeMap, HashMap};

use h3o::{CellIndex, Resolution};

use super::{Grouping, Key};
use crate::domain::feature::Value;
use crate::query::{
    collection::{Collection, Column},
    page,
    selection::Selection,
};
use crate::snapshot::{Row, Snapshot, Span, column::NO_CATEGORY, grid};

/// The groups of selected rows.
pub(super) struct Split {
    /// Ascending.
    pub(super) keys: Vec<Key>,
    /// The group of each selected row, in row order.
    pub(super) of: Vec<u32>,
}

/// The cells with selected rows, ascending, each with the span from its first selected row to its last row. Costs the
/// cells, not the rows.
pub(super) fn cells(snapshot: &Snapshot, selection: &Selection, resolution: Resolution) -> Vec<(CellIndex, Span)> {
    let bitmap = selection.rows().bitmap();
    let mut found = Vec::new();
    let mut next = bitmap.min();
    while let Some(row) = next {
        let Some(cell) = snapshot.cell(Row(row)).parent(resolution) else { break };
        let end = snapshot.span_from(cell, row).end.max(row + 1);
        found.push((cell, Span { start: row, end }));
        next = bitmap.range(end..).next();
    }
    found
}

/// The groups of any collection's rows, by a walk.
pub(super) fn of(collection: &dyn Collection, selection: &Selection, grouping: &Grouping) -> Split {
    let rows = selection.rows().iter();
    match grouping {
        Grouping::Hex(resolution) => {
            let cell = |row: Row| match collection.homes() {
                Some(homes) => homes.snapshot().cell(homes.snapshot().home_of(row)).parent(*resolution),
                None => grid::cell_at(collection.point(row)?, grid::ROW_RESOLUTION).parent(*resolution),
            };
            numbered(rows.map(|row| cell(row).map_or(u64::MAX, u64::from)), |raw| {
                CellIndex::try_from(raw).map_or(Key::Outside, Key::Cell)
            })
        }
        Grouping::Areas(assignment) => {
            let area = |row| assignment.area(row).map_or(u64::MAX, |area| area.0.into());
            numbered(rows.map(area), |area| u32::try_from(area).map_or(Key::Outside, |area| Key::Area(Row(area))))
        }
        Grouping::Field(field) => of_field(collection, selection, *field),
    }
}

/// Groups of numbers, ascending.
fn numbered(numbers: impl Iterator<Item = u64>, key: impl Fn(u64) -> Key) -> Split {
    let mut places: HashMap<u64, u32> = HashMap::new();
    let mut last = None;
    // Neighbours in the table are mostly of one group.
    let of = numbers.map(|number| match last {
        Some((same, place)) if same == number => place,
        _ => {
            let next = places.len() as u32;
            let place = *places.entry(number).or_insert(next);
            last = Some((number, place));
            place
        }
    });
    let of: Vec<u32> = of.collect();
    let ascending: BTreeMap<u64, u32> = places.into_iter().collect();
    arranged(
        &ascending.values().copied().collect::<Vec<_>>(),
        ascending.keys().map(|&number| key(number)).collect(),
        of,
    )
}

/// Groups by the values of a field.
fn of_field(collection: &dyn Collection, selection: &Selection, field: usize) -> Split {
    let rows = selection.rows().iter();
    let mut keys: Vec<Value> = Vec::new();
    let of: Vec<u32> = match collection.column(field) {
        Column::Categories(places) => {
            keys = collection.fields()[field].choices.iter().map(|(key, _)| Value::Text(key.clone())).collect();
            keys.push(Value::Null);
            let unknown = keys.len() as u32 - 1;
            let place = |row: Row| match places[row.0 as usize] {
                NO_CATEGORY => unknown,
                place => place.into(),
            };
            rows.map(place).collect()
        }
        Column::Marks { known, set } => {
            keys.extend([Value::Flag(false), Value::Flag(true), Value::Null]);
            rows.map(|row| if known.get(row) { u32::from(set.get(row)) } else { 2 }).collect()
        }
        _ => {
            let mut places: HashMap<Option<String>, u32> = HashMap::new();
            let place = |row| {
                let value = collection.value(field, row);
                // Values of one field are of one kind, so what is written of them tells them apart.
                *places.entry(value.written()).or_insert_with(|| {
                    keys.push(value);
                    keys.len() as u32 - 1
                })
            };
            rows.map(place).collect()
        }
    };
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.sort_by(|&a, &b| page::compare(&keys[a as usize], &keys[b as usize]));
    let keys = order.iter().map(|&at| Key::Value(keys[at as usize].clone())).collect();
    arranged(&order, keys, of)
}

/// Puts groups in order: `order` says which group comes at each place.
fn arranged(order: &[u32], keys: Vec<Key>, of: Vec<u32>) -> Split {
    let mut places = vec![0; order.len()];
    for (place, &at) in (0..).zip(order) {
        places[at as usize] = place;
    }
    Split { keys, of: of.into_iter().map(|at| places[at as usize]).collect() }
}
