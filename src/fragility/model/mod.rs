//! The model: indicators, weights and cut-offs by date, read from a versioned TOML file and checked whole.
//!
//! The shipped file, `default.toml` beside this one, explains its own fields.

mod file;
pub mod parameters;

use std::fmt;

use jiff::civil::Date;

use crate::{
    domain::{period::Period, score::Dimension},
    fragility::indicator::Indicator,
};

pub use parameters::Parameters;

/// The shipped model file.
pub const DEFAULT: &str = include_str!("default.toml");

/// A language of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Italian.
    It,
    /// English.
    En,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Italian.
    pub it: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in a language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::It => &self.it,
            Language::En => &self.en,
        }
    }
}

/// The unit of an indicator's value and cut-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Euro.
    Euro,
    /// A number of people or things.
    Count,
    /// Full years.
    Years,
    /// Months.
    Months,
    /// Per cent, 0 to 100.
    Percent,
    /// 0 to 1.
    Share,
    /// Square metres.
    M2,
}

/// What is wrong with a model file. `place` is a path in it, as `indicator isee_low, weight`.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum ModelError {
    /// No TOML, an unknown key, a missing one or one of another type; the message names line and column.
    #[error("the model file cannot be read: {0}")]
    Syntax(String),
    /// A value that makes no sense.
    #[error("the model file, {place}: {reason}")]
    Invalid {
        /// Where.
        place: String,
        /// Why.
        reason: String,
    },
    /// The model says nothing of the day.
    #[error("the model {id} {version} is not valid on {day}")]
    OutOfDate {
        /// Its id.
        id: String,
        /// Its version.
        version: String,
        /// The day asked for.
        day: Date,
    },
}

/// A checked model.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) title: Text,
    pub(super) valid: Period,
    pub(super) k: f64,
    pub(super) dimensions: Vec<DimensionSpec>,
    pub(super) indicators: Vec<IndicatorSpec>,
    pub(super) parameters: Parameters,
}

/// A dimension of the model.
#[derive(Clone, Debug)]
pub struct DimensionSpec {
    /// Which.
    pub dimension: Dimension,
    /// Its name.
    pub title: Text,
    /// 0 to 1; the five sum to 1.
    pub weight: f64,
}

/// An indicator of the model.
#[derive(Clone, Debug)]
pub struct IndicatorSpec {
    /// How it is measured.
    pub indicator: &'static Indicator,
    /// Its name.
    pub title: Text,
    /// What it says, in a sentence or two.
    pub description: Text,
    /// `{value}` and `{cutoff}` stand for numbers.
    pub explain: Text,
    /// Law or source of the definition.
    pub law: String,
    /// Unit of value and cut-off.
    pub unit: Unit,
    /// Weight inside its dimension, 0 to 1.
    pub weight: f64,
    /// Cut-offs by date; they do not overlap.
    pub cutoffs: Vec<(Period, f64)>,
}

impl Model {
    /// Reads and checks a model file.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        file::read(text)
    }

    /// The shipped model.
    pub fn shipped() -> Self {
        Self::parse(DEFAULT).expect("the shipped model is read by a test")
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its name.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// The days on which it may be used.
    pub fn valid(&self) -> Period {
        self.valid
    }

    /// Its dimensions, in the order in which they are shown.
    pub fn dimensions(&self) -> &[DimensionSpec] {
        &self.dimensions
    }

    /// Its indicators, whether in force or not, in the order of the file.
    pub fn indicators(&self) -> &[IndicatorSpec] {
        &self.indicators
    }

    /// The dated thresholds of benefits and ISEE.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The model as it is in force on a day: the weights of what is in force sum to 1.
    pub fn at(&self, day: Date) -> Result<Dated<'_>, ModelError> {
        let mut indicators: Vec<InForce<'_>> = Vec::new();
        for (position, spec) in self.indicators.iter().enumerate() {
            if let Some((_, cutoff)) = spec.cutoffs.iter().find(|(period, _)| period.contains(day)) {
                indicators.push(InForce { position, spec, cutoff: *cutoff, weight: 0.0 });
            }
        }
        if !self.valid.contains(day) || indicators.is_empty() {
            return Err(ModelError::OutOfDate { id: self.id.clone(), version: self.version.clone(), day });
        }
        for spec in &self.dimensions {
            let inside = |i: &InForce<'_>| i.spec.indicator.dimension == spec.dimension;
            let sum: f64 = indicators.iter().filter(|i| inside(i)).map(|i| i.spec.weight).sum();
            for indicator in indicators.iter_mut().filter(|i| inside(i)) {
                indicator.weight = spec.weight * indicator.spec.weight / sum;
            }
        }
        let sum: f64 = indicators.iter().map(|i| i.weight).sum();
        for indicator in &mut indicators {
            indicator.weight /= sum;
        }
        Ok(Dated { model: self, day, indicators })
    }
}

/// An indicator in force on a day.
#[derive(Clone, Copy, Debug)]
pub struct InForce<'a> {
    /// Its position among the model's indicators.
    pub position: usize,
    /// What the model says of it.
    pub spec: &'a IndicatorSpec,
    /// The cut-off in force.
    pub cutoff: f64,
    /// Its share of the whole score; these sum to 1.
    pub weight: f64,
}

/// A model on a day.
#[derive(Clone, Debug)]
pub struct Dated<'a> {
    /// The model.
    pub model: &'a Model,
    /// The day.
    pub day: Date,
    /// The indicators in force, in the order of the file.
    pub indicators: Vec<InForce<'a>>,
}

impl Dated<'_> {
    /// The score from which a household is fragile.
    pub fn k(&self) -> f64 {
        self.model.k
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Euro => "euro",
            Self::Count => "count",
            Self::Years => "years",
            Self::Months => "months",
            Self::Percent => "percent",
            Self::Share => "share",
            Self::M2 => "m2",
        })
    }
}

#[cfg(test)]
mod tests;
