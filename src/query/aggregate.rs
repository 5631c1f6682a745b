//! Questions that are answered with figures: rows, divided into groups, measured.
//!
//! Over households the groups of hexagons are spans of rows, and counts and sums of a span come from the running sums of
//! the selection: an answer costs its cells, however many households there are. Other groups walk the rows that were found.

use std::sync::Arc;

use h3o::{CellIndex, Resolution};

use super::{
    collection::{Collection, FieldKind, ReferenceLayer},
    selection::Selection,
};
use crate::domain::feature::Value;
use crate::snapshot::{Row, layer::Shapes};

mod assignment;
mod measure;
mod split;

pub use assignment::Assignment;

/// By what rows are divided.
#[derive(Clone, Debug)]
pub enum Grouping {
    /// By the cell of a resolution, 0 to 12, in which they are counted.
    Hex(Resolution),
    /// By the area of a layer in which they lie.
    Areas(Arc<Assignment>),
    /// By the value of a field.
    Field(usize),
}

/// What is measured of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Households.
    Households,
    /// People.
    People,
    /// Rows, whatever they are.
    Rows,
    /// Sum of a field over the rows where it is known.
    Sum(usize),
    /// Mean of a field over the rows where it is known.
    Mean(usize),
    /// Quantiles of a field over the rows where it is known, each between 0 and 1, by straight lines between neighbours
    /// (Hyndman and Fan 1996, type 7).
    Quantiles(usize, Box<[f64]>),
    /// Share of a flag or an indicator that is true among the rows where it is known.
    Share(usize),
}

impl Measure {
    /// The field that it reads.
    pub const fn field(&self) -> Option<usize> {
        match self {
            Self::Households | Self::People | Self::Rows => None,
            Self::Sum(field) | Self::Mean(field) | Self::Quantiles(field, _) | Self::Share(field) => Some(*field),
        }
    }
}

/// What a group is of.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// A cell.
    Cell(CellIndex),
    /// A feature of the layer of areas.
    Area(Row),
    /// In no area.
    Outside,
    /// A value; nothing where it is not known.
    Value(Value),
}

/// A figure and the rows whose value is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// One number, or one for each quantile; none where nothing is known.
    pub numbers: Box<[Option<f64>]>,
    /// Rows on which it rests.
    pub known: u32,
}

/// What some rows hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Rows.
    pub rows: u32,
    /// Households; zero where rows are features.
    pub households: u32,
    /// People; zero where rows are features.
    pub people: u32,
    /// One for each measure.
    pub values: Vec<Figure>,
}

/// An answer: exact; what may be told of it is for `access` to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What was measured.
    pub measures: Vec<Measure>,
    /// Each group with rows in it, in the order of the keys: cells and areas ascending, values ascending, nothing last.
    pub groups: Vec<(Key, Figures)>,
    /// All rows together.
    pub total: Figures,
}

/// A measure or a group that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidMeasure(String);

/// Measures rows. `groups` none is the total alone. Errors: what cannot be measured or grouped by.
pub fn answer(
    collection: &dyn Collection,
    selection: &Selection,
    groups: Option<&Grouping>,
    measures: &[Measure],
) -> Result<Answer, InvalidMeasure> {
    measures.iter().try_for_each(|measure| check_measure(collection, measure))?;
    if let Some(grouping) = groups {
        check_grouping(collection, grouping)?;
    }
    let total = measure::total(collection, selection, measures);
    let groups = match (groups, collection.snapshot()) {
        (None, _) => Vec::new(),
        (Some(Grouping::Hex(resolution)), Some(snapshot)) => split::cells(snapshot, selection, *resolution)
            .into_iter()
            .map(|(cell, span)| (Key::Cell(cell), measure::of_span(collection, selection, span, measures)))
            .collect(),
        (Some(grouping), _) => {
            let split = split::of(collection, selection, grouping);
            let figures = measure::of_rows(collection, selection, &split, measures);
            split.keys.into_iter().zip(figures).filter(|(_, figures)| figures.rows > 0).collect()
        }
    };
    Ok(Answer { measures: measures.to_vec(), groups, total })
}

/// Whether the rows are households or people, who can be counted.
fn counts_people(collection: &dyn Collection) -> bool {
    collection.snapshot().is_some() || collection.homes().is_some()
}

fn check_measure(collection: &dyn Collection, measure: &Measure) -> Result<(), InvalidMeasure> {
    let fail = |reason: String| Err(InvalidMeasure(reason));
    let number = |field: usize| {
        let field = &collection.fields()[field];
        match field.kind {
            _ if is_name(&field.name) => fail(format!("\"{}\" is a name, not an amount", field.name)),
            FieldKind::Whole | FieldKind::Number => Ok(()),
            _ => fail(format!("\"{}\" is no number", field.name)),
        }
    };
    match measure {
        Measure::Households | Measure::People if !counts_people(collection) => {
            fail(format!("{} are not counted in households or people", collection.name()))
        }
        Measure::Households | Measure::People | Measure::Rows => Ok(()),
        Measure::Sum(field) | Measure::Mean(field) => number(*field),
        Measure::Quantiles(field, shares) => {
            if shares.is_empty() || !shares.iter().all(|share| (0.0..=1.0).contains(share)) {
                return fail("quantiles are numbers between 0 and 1".to_owned());
            }
            number(*field)
        }
        Measure::Share(field) => match &collection.fields()[*field] {
            field if field.kind == FieldKind::Flag => Ok(()),
            field => fail(format!("\"{}\" is neither true nor false", field.name)),
        },
    }
}

/// Whole numbers by which households and people are called.
fn is_name(field: &str) -> bool {
    matches!(field, "household" | "person")
}

fn check_grouping(collection: &dyn Collection, grouping: &Grouping) -> Result<(), InvalidMeasure> {
    match grouping {
        Grouping::Hex(resolution) if u8::from(*resolution) > 12 => {
            Err(InvalidMeasure("cells are not finer than resolution 12".to_owned()))
        }
        Grouping::Hex(_) | Grouping::Areas(_) if collection.shapes() == Shapes::Points => Ok(()),
        Grouping::Hex(_) | Grouping::Areas(_) => {
            Err(InvalidMeasure(format!("{} are not points: they lie in no one cell or area", collection.name())))
        }
        Grouping::Field(field) => match &collection.fields()[*field] {
            field if matches!(field.kind, FieldKind::Number | FieldKind::List) => {
                Err(InvalidMeasure(format!("\"{}\" has too many values to group by", field.name)))
            }
            _ => Ok(()),
        },
    }
}

/// The areas of a layer, as an assignment is made of them.
pub fn is_areas(layer: &ReferenceLayer) -> bool {
    layer.shapes() == Shapes::Polygons
}

#[cfg(test)]
mod tests;
