//! Figures of groups: from running sums where rows are households and groups are spans, by a walk elsewhere.

use super::{Figure, Figures, Key, Measure, split::Split};
use crate::domain::feature::Value;
use crate::query::{
    collection::{Collection, Column, Households},
    selection::Selection,
};
use crate::snapshot::{
    Row, Span,
    column::{self, Values},
    schema::{Kind, Slot},
};

/// The figures of all selected rows.
pub(super) fn total(collection: &dyn Collection, selection: &Selection, measures: &[Measure]) -> Figures {
    if collection.snapshot().is_some() {
        return of_span(collection, selection, Span { start: 0, end: collection.len() }, measures);
    }
    let split = Split { keys: vec![Key::Outside], of: vec![0; selection.len() as usize] };
    of_rows(collection, selection, &split, measures).pop().unwrap_or_default()
}

/// The figures of the selected households of a span.
pub(super) fn of_span(collection: &dyn Collection, selection: &Selection, span: Span, measures: &[Measure]) -> Figures {
    let (rows, people) = (selection.count_in(span), selection.people_in(span));
    let value = |measure: &Measure| match measure {
        Measure::Households | Measure::Rows => count(rows, rows),
        Measure::People => count(people, rows),
        Measure::Sum(field) | Measure::Mean(field) | Measure::Share(field) => {
            let summed = summed(collection, selection, *field, span);
            let (sum, known) = summed.unwrap_or_else(|| walked(collection, selection, *field, span));
            figure(measure, sum, known)
        }
        Measure::Quantiles(field, shares) => {
            let read = reader(collection, *field);
            let rows = selection.rows().bitmap().range(span.start..span.end);
            quantiles(rows.filter_map(|row| read(Row(row))).collect(), shares)
        }
    };
    Figures { rows, households: rows, people, values: measures.iter().map(value).collect() }
}

/// The sum of a property of households from running sums; none where the field is none.
fn summed(collection: &dyn Collection, selection: &Selection, field: usize, span: Span) -> Option<(f64, u32)> {
    let snapshot = collection.snapshot()?;
    let slot: Slot = snapshot.schema().slot(&collection.fields()[field].name)?;
    let column = snapshot.column(slot);
    if !matches!(column, column::Column::Marks { .. } | column::Column::Numbers { .. }) {
        return None;
    }
    let unit = if snapshot.schema().property(slot).kind == Kind::Cents { 100.0 } else { column.parts() as f64 };
    let tally = selection.tally(slot, span);
    Some((tally.sum as f64 / unit, tally.known))
}

fn walked(collection: &dyn Collection, selection: &Selection, field: usize, span: Span) -> (f64, u32) {
    let read = reader(collection, field);
    let rows = selection.rows().bitmap().range(span.start..span.end);
    rows.filter_map(|row| read(Row(row))).fold((0.0, 0), |(sum, known), value| (sum + value, known + 1))
}

fn count(number: u32, known: u32) -> Figure {
    Figure { numbers: [Some(number.into())].into(), known }
}

fn figure(measure: &Measure, sum: f64, known: u32) -> Figure {
    let number = match measure {
        Measure::Sum(_) => Some(sum),
        _ => (known > 0).then(|| sum / f64::from(known)),
    };
    Figure { numbers: [number].into(), known }
}

fn quantiles(mut values: Vec<f64>, shares: &[f64]) -> Figure {
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: &f64| {
        let last = values.len().checked_sub(1)?;
        let place = share * last as f64;
        let (low, high) = (values[place.floor() as usize], values[(place.ceil() as usize).min(last)]);
        Some(low + (high - low) * place.fract())
    };
    Figure { numbers: shares.iter().map(at).collect(), known: values.len() as u32 }
}

/// What is gathered of a group on a walk.
struct Gathered {
    figures: Figures,
    /// One past the household that was counted last: rows of people come household by household.
    home: u32,
    sums: Vec<(f64, u32)>,
    values: Vec<Vec<f64>>,
}

/// The figures of each group of rows, by one walk.
pub(super) fn of_rows(
    collection: &dyn Collection,
    selection: &Selection,
    split: &Split,
    measures: &[Measure],
) -> Vec<Figures> {
    let readers: Vec<Option<Reader<'_>>> =
        measures.iter().map(|measure| Some(reader(collection, measure.field()?))).collect();
    let empty = || Gathered {
        figures: Figures::default(),
        home: 0,
        sums: vec![(0.0, 0); measures.len()],
        values: vec![Vec::new(); measures.len()],
    };
    let mut groups: Vec<Gathered> = split.keys.iter().map(|_| empty()).collect();
    for (row, &at) in selection.rows().iter().zip(&split.of) {
        let group = &mut groups[at as usize];
        tell(collection, row, group);
        for (at, read) in readers.iter().enumerate() {
            let Some(value) = read.as_ref().and_then(|read| read(row)) else { continue };
            if let Measure::Quantiles(..) = measures[at] {
                group.values[at].push(value);
            } else {
                group.sums[at].0 += value;
                group.sums[at].1 += 1;
            }
        }
    }
    groups.into_iter().map(|group| finish(group, measures)).collect()
}

fn tell(collection: &dyn Collection, row: Row, group: &mut Gathered) {
    group.figures.rows += 1;
    if let Some(snapshot) = collection.snapshot() {
        group.figures.households += 1;
        group.figures.people += u32::from(snapshot.people_at(row));
    } else if let Some(homes) = collection.homes() {
        let home = homes.snapshot().home_of(row).0 + 1;
        group.figures.households += u32::from(home != group.home);
        group.figures.people += 1;
        group.home = home;
    }
}

fn finish(gathered: Gathered, measures: &[Measure]) -> Figures {
    let Gathered { mut figures, sums, values, .. } = gathered;
    let value = |((measure, (sum, known)), values): ((&Measure, (f64, u32)), Vec<f64>)| match measure {
        Measure::Rows => count(figures.rows, figures.rows),
        Measure::Households => count(figures.households, figures.rows),
        Measure::People => count(figures.people, figures.rows),
        Measure::Quantiles(_, shares) => quantiles(values, shares),
        measure => figure(measure, sum, known),
    };
    figures.values = measures.iter().zip(sums).zip(values).map(value).collect();
    figures
}

type Reader<'a> = Box<dyn Fn(Row) -> Option<f64> + 'a>;

/// Reads a field as a number: true is one, unknown is nothing.
fn reader(collection: &dyn Collection, field: usize) -> Reader<'_> {
    match collection.column(field) {
        Column::Marks { known, set } => Box::new(|row| known.get(row).then(|| f64::from(u8::from(set.get(row))))),
        Column::Numbers { known, values, scale } => {
            Box::new(move |row| known.get(row).then(|| number(values, row.0 as usize) / scale))
        }
        Column::Household(at) => match collection.homes() {
            Some(homes) => at_home(homes, at),
            None => Box::new(move |row| plain(&collection.value(field, row))),
        },
        _ => Box::new(move |row| plain(&collection.value(field, row))),
    }
}

fn at_home(homes: &Households, field: usize) -> Reader<'_> {
    let read = reader(homes, field);
    Box::new(move |row| read(homes.snapshot().home_of(row)))
}

fn number(values: &Values, at: usize) -> f64 {
    match values {
        Values::U8(v) => v[at].into(),
        Values::U16(v) => v[at].into(),
        Values::I32(v) => v[at].into(),
        Values::F32(v, _) => v[at].into(),
    }
}

fn plain(value: &Value) -> Option<f64> {
    match value {
        Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
        Value::Whole(whole) => Some(*whole as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}
