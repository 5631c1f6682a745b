//! Orders of a collection's rows: total, the unknown last, the same every time.

use std::cmp::Ordering::Equal;

use rayon::prelude::*;
use roaring::RoaringBitmap;

use crate::domain::feature::Value;
use crate::query::collection::{Collection, Column};
use crate::snapshot::{Row, column::NO_CATEGORY, column::Values};

/// Which way a field is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Least first.
    #[default]
    Ascending,
    /// Greatest first.
    Descending,
}

/// An order of all rows of a collection. Sorting costs n log n and 8 bytes a row, so keep one that is asked for again.
#[derive(Debug)]
pub struct Order {
    words: Box<str>,
    /// None where it is the row order.
    sorted: Option<Sorted>,
}

#[derive(Debug)]
struct Sorted {
    /// Rows by rank.
    rows: Vec<u32>,
    /// Ranks by row.
    ranks: Vec<u32>,
}

impl Order {
    /// The collection's own order.
    pub fn natural() -> Self {
        Self { words: "".into(), sorted: None }
    }

    /// Sorted by fields (places in [`Collection::fields`]), the first counts most; ties are in row order. Nothing is less
    /// than false, false than true; texts go by code points; the unknown come last in either direction.
    pub fn by(collection: &dyn Collection, keys: &[(usize, Direction)]) -> Self {
        if keys.is_empty() {
            return Self::natural();
        }
        let columns: Vec<Vec<u64>> = keys
            .iter()
            .map(|&(field, direction)| {
                let mut column = ordinals(collection, field);
                if direction == Direction::Descending {
                    column.par_iter_mut().filter(|key| **key != UNKNOWN).for_each(|key| *key = UNKNOWN - 1 - *key);
                }
                column
            })
            .collect();
        let mut rows: Vec<u32> = (0..collection.len()).collect();
        rows.par_sort_by(|&a, &b| {
            columns
                .iter()
                .map(|column| column[a as usize].cmp(&column[b as usize]))
                .find(|by| by.is_ne())
                .unwrap_or(Equal)
        });
        let mut ranks = vec![0; rows.len()];
        for (rank, &row) in rows.iter().enumerate() {
            ranks[row as usize] = rank as u32;
        }
        Self { words: format!("{keys:?}").into(), sorted: Some(Sorted { rows, ranks }) }
    }

    /// The words by which it was asked for.
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.words.len() + self.sorted.as_ref().map_or(0, |sorted| (sorted.rows.len() + sorted.ranks.len()) * 4)
    }

    /// The row at a position.
    pub(super) fn row(&self, position: u32) -> Row {
        Row(self.sorted.as_ref().map_or(position, |sorted| sorted.rows[position as usize]))
    }

    /// The first positions, from one on, of rows that are set. Ranks are walked where that finds enough soon; else the
    /// ranks of the rows that are set are gathered, so it never takes many more steps than there are such rows.
    pub(super) fn positions(&self, set: &RoaringBitmap, from: u32, limit: usize) -> Vec<u32> {
        let Some(Sorted { rows, ranks }) = &self.sorted else {
            return set.range(from..).take(limit).collect();
        };
        let rest = rows.get(from as usize..).unwrap_or_default();
        let patience = (set.len() as usize / 4).min(rest.len());
        let mut positions = Vec::new();
        for (at, &row) in rest[..patience].iter().enumerate() {
            if set.contains(row) {
                positions.push(from + at as u32);
                if positions.len() == limit {
                    return positions;
                }
            }
        }
        if patience == rest.len() {
            return positions;
        }
        positions.clear();
        positions.extend(set.iter().filter_map(|row| ranks.get(row as usize).copied()).filter(|&rank| rank >= from));
        if positions.len() > limit {
            positions.select_nth_unstable(limit);
            positions.truncate(limit);
        }
        positions.sort_unstable();
        positions
    }
}

/// The unknown, after everything.
const UNKNOWN: u64 = u64::MAX;

/// A number for each row that sorts as its value does.
fn ordinals(collection: &dyn Collection, field: usize) -> Vec<u64> {
    match collection.column(field) {
        Column::Marks { known, set } => {
            let key = |row| if known.get(row) { u64::from(set.get(row)) } else { UNKNOWN };
            (0..collection.len()).map(|row| key(Row(row))).collect()
        }
        Column::Numbers { known, values, .. } => {
            let key = |row: u32| if known.get(Row(row)) { number(at(values, row as usize)) } else { UNKNOWN };
            (0..collection.len()).map(key).collect()
        }
        Column::Categories(places) => {
            let choices = &collection.fields()[field].choices;
            let mut keys: Vec<&str> = choices.iter().map(|(key, _)| &**key).collect();
            keys.sort_unstable();
            let rank = |(key, _): &(Box<str>, _)| keys.binary_search(&&**key).map_or(UNKNOWN, |at| at as u64);
            let ranks: Vec<u64> = choices.iter().map(rank).collect();
            let of = |&place: &u8| match place {
                NO_CATEGORY => UNKNOWN,
                place => ranks.get(usize::from(place)).copied().unwrap_or(UNKNOWN),
            };
            places.iter().map(of).collect()
        }
        Column::Days { known, days } => {
            let key = |row: u32| if known.get(Row(row)) { number(days[row as usize].into()) } else { UNKNOWN };
            (0..collection.len()).map(key).collect()
        }
        Column::Plain(values) => ranked(values),
        Column::Named(_) | Column::Household(_) | Column::Made => {
            let values: Vec<Value> =
                (0..collection.len()).into_par_iter().map(|row| collection.value(field, Row(row))).collect();
            ranked(&values)
        }
    }
}

fn at(values: &Values, at: usize) -> f64 {
    match values {
        Values::U8(v) => v[at].into(),
        Values::U16(v) => v[at].into(),
        Values::I32(v) => v[at].into(),
        Values::F32(v, _) => v[at].into(),
    }
}

/// Bits that sort as finite numbers do; minus zero is zero.
fn number(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Values of one kind by their places among each other, equal ones alike.
fn ranked(values: &[Value]) -> Vec<u64> {
    let mut rows: Vec<u32> = (0..values.len() as u32).collect();
    rows.par_sort_by(|&a, &b| compare(&values[a as usize], &values[b as usize]));
    let mut keys = vec![UNKNOWN; values.len()];
    let mut rank = 0;
    for (at, &row) in rows.iter().enumerate() {
        let value = &values[row as usize];
        if at > 0 && compare(&values[rows[at - 1] as usize], value).is_ne() {
            rank += 1;
        }
        if !matches!(value, Value::Null) {
            keys[row as usize] = rank;
        }
    }
    keys
}

/// How values sort: by kind (nothing last), then by value; texts by code points.
pub fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    let class = |value: &Value| match value {
        Value::Flag(_) => 0,
        Value::Whole(_) | Value::Number(_) => 1,
        Value::Text(_) => 2,
        Value::Date(_) => 3,
        Value::Instant(_) => 4,
        Value::List(_) => 5,
        Value::Null => 6,
    };
    let float = |value: f64| value + 0.0;
    match (a, b) {
        (Value::Flag(a), Value::Flag(b)) => a.cmp(b),
        (Value::Whole(a), Value::Whole(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => float(*a).total_cmp(&float(*b)),
        (Value::Whole(a), Value::Number(b)) => (*a as f64).total_cmp(&float(*b)),
        (Value::Number(a), Value::Whole(b)) => float(*a).total_cmp(&(*b as f64)),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Instant(a), Value::Instant(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => a.cmp(b),
        _ => class(a).cmp(&class(b)),
    }
}
