//! The model file as it is written, and every check between it and a [`Model`].

use jiff::civil::Date;
use serde::Deserialize;
use toml::value::Datetime;

use super::{
    DimensionSpec, IndicatorSpec, Model, ModelError, Text, Unit,
    parameters::{Adi, Attendance, Auu, BonusSociale, DatedTable, IseeRules, Parameters},
};
use crate::{
    domain::{bank::BankKind, period::Period, score::Dimension},
    fragility::{assessment::MAX_INDICATORS, indicator},
};

/// A file longer than this is no model (1 MiB).
const MAX_BYTES: usize = 1 << 20;
const SUM_TOLERANCE: f64 = 1e-6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: String,
    title: RawText,
    valid_from: Datetime,
    valid_to: Option<Datetime>,
    k: f64,
    dimension: Vec<RawDimension>,
    indicator: Vec<RawIndicator>,
    benefit: RawBenefits,
    isee: Vec<RawIsee>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    it: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDimension {
    key: String,
    title: RawText,
    weight: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndicator {
    key: String,
    dimension: String,
    banks: Vec<String>,
    unit: RawUnit,
    weight: f64,
    law: String,
    title: RawText,
    description: RawText,
    explain: RawText,
    cutoff: Vec<RawCutoff>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawUnit {
    Euro,
    Count,
    Years,
    Months,
    Percent,
    Share,
    M2,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCutoff {
    from: Datetime,
    to: Option<Datetime>,
    value: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBenefits {
    adi: Vec<toml::Table>,
    auu: Vec<toml::Table>,
    attendance: Vec<toml::Table>,
    bonus_sociale: Vec<toml::Table>,
}

#[derive(Deserialize)]
struct RawIsee {
    regime: Regime,
    #[serde(flatten)]
    rest: toml::Table,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Regime {
    Ordinary,
    Inclusion,
}

fn invalid<T>(place: impl Into<String>, reason: impl Into<String>) -> Result<T, ModelError> {
    Err(ModelError::Invalid { place: place.into(), reason: reason.into() })
}

pub(super) fn read(text: &str) -> Result<Model, ModelError> {
    if text.len() > MAX_BYTES {
        return Err(ModelError::Syntax(format!("it is longer than {MAX_BYTES} bytes")));
    }
    let file: File = toml::from_str(text).map_err(|e| ModelError::Syntax(e.to_string()))?;
    if file.id.is_empty() || file.version.is_empty() {
        return invalid("id and version", "empty");
    }
    if !(file.k.is_finite() && file.k > 0.0 && file.k <= 1.0) {
        return invalid("k", format!("{} is not above 0 and up to 1", file.k));
    }
    let model = Model {
        id: file.id,
        version: file.version,
        title: read_text("title", file.title)?,
        valid: read_period("valid_from and valid_to", &file.valid_from, file.valid_to.as_ref())?,
        k: file.k,
        dimensions: read_dimensions(file.dimension)?,
        indicators: read_indicators(file.indicator)?,
        parameters: read_parameters(file.benefit, file.isee)?,
    };
    for dimension in Dimension::ALL {
        let weights = model.indicators.iter().filter(|i| i.indicator.dimension == dimension).map(|i| i.weight);
        check_sum(format!("weights of the indicators of {dimension}"), weights)?;
    }
    Ok(model)
}

fn check_sum(place: String, weights: impl Iterator<Item = f64>) -> Result<(), ModelError> {
    let sum: f64 = weights.sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return invalid(place, format!("they sum to {sum}, not to 1"));
    }
    Ok(())
}

fn read_text(place: &str, text: RawText) -> Result<Text, ModelError> {
    if text.it.trim().is_empty() || text.en.trim().is_empty() {
        return invalid(place, "both languages are needed");
    }
    Ok(Text { it: text.it, en: text.en })
}

fn read_weight(place: &str, weight: f64) -> Result<f64, ModelError> {
    if weight.is_finite() && weight > 0.0 && weight <= 1.0 {
        return Ok(weight);
    }
    invalid(format!("{place}, weight"), format!("{weight} is not above 0 and up to 1"))
}

fn read_dimensions(raw: Vec<RawDimension>) -> Result<Vec<DimensionSpec>, ModelError> {
    check_sum("weights of the dimensions".to_owned(), raw.iter().map(|d| d.weight))?;
    let mut found: Vec<DimensionSpec> = Vec::new();
    for entry in raw {
        let place = format!("dimension {}", entry.key);
        let Some(dimension) = Dimension::ALL.into_iter().find(|d| d.key() == entry.key) else {
            return invalid(place, "no such dimension");
        };
        if found.iter().any(|d| d.dimension == dimension) {
            return invalid(place, "twice");
        }
        let weight = read_weight(&place, entry.weight)?;
        found.push(DimensionSpec { dimension, title: read_text(&place, entry.title)?, weight });
    }
    for dimension in Dimension::ALL {
        if found.iter().all(|d| d.dimension != dimension) {
            return invalid(format!("dimension {dimension}"), "missing");
        }
    }
    found.sort_by_key(|d| d.dimension);
    Ok(found)
}

fn read_indicators(raw: Vec<RawIndicator>) -> Result<Vec<IndicatorSpec>, ModelError> {
    if raw.len() > MAX_INDICATORS {
        return invalid("indicator", format!("more than {MAX_INDICATORS}"));
    }
    let mut found: Vec<IndicatorSpec> = Vec::with_capacity(raw.len());
    for entry in raw {
        let place = format!("indicator {}", entry.key);
        if found.iter().any(|i| i.indicator.key == entry.key) {
            return invalid(place, "twice");
        }
        found.push(read_indicator(&place, entry)?);
    }
    Ok(found)
}

fn read_indicator(place: &str, entry: RawIndicator) -> Result<IndicatorSpec, ModelError> {
    let Some(indicator) = indicator::find(&entry.key) else {
        let known: Vec<&str> = indicator::ALL.iter().map(|i| i.key).collect();
        return invalid(place, format!("no such indicator; there are {}", known.join(", ")));
    };
    if entry.dimension != indicator.dimension.key() {
        return invalid(format!("{place}, dimension"), format!("it belongs to {}", indicator.dimension));
    }
    let mut banks: Vec<&str> = entry.banks.iter().map(String::as_str).collect();
    let mut expected: Vec<&str> = indicator.banks.iter().copied().map(BankKind::name).collect();
    banks.sort_unstable();
    expected.sort_unstable();
    if banks != expected {
        return invalid(format!("{place}, banks"), format!("it reads {}", expected.join(", ")));
    }
    let mut cutoffs = Vec::with_capacity(entry.cutoff.len());
    for cutoff in &entry.cutoff {
        let place = format!("{place}, cutoff");
        if !cutoff.value.is_finite() {
            return invalid(place, "not finite");
        }
        cutoffs.push((read_period(&place, &cutoff.from, cutoff.to.as_ref())?, cutoff.value));
    }
    Ok(IndicatorSpec {
        indicator,
        title: read_text(&format!("{place}, title"), entry.title)?,
        description: read_text(&format!("{place}, description"), entry.description)?,
        explain: read_text(&format!("{place}, explain"), entry.explain)?,
        law: entry.law,
        unit: read_unit(entry.unit),
        weight: read_weight(place, entry.weight)?,
        cutoffs: in_order(&format!("{place}, cutoff"), cutoffs)?,
    })
}

const fn read_unit(raw: RawUnit) -> Unit {
    match raw {
        RawUnit::Euro => Unit::Euro,
        RawUnit::Count => Unit::Count,
        RawUnit::Years => Unit::Years,
        RawUnit::Months => Unit::Months,
        RawUnit::Percent => Unit::Percent,
        RawUnit::Share => Unit::Share,
        RawUnit::M2 => Unit::M2,
    }
}

fn read_period(place: &str, from: &Datetime, to: Option<&Datetime>) -> Result<Period, ModelError> {
    let period = Period { from: Some(read_date(place, from)?), to: to.map(|to| read_date(place, to)).transpose()? };
    if period.to.is_some() && period.to < period.from {
        return invalid(place, "it ends before it begins");
    }
    Ok(period)
}

fn read_date(place: &str, value: &Datetime) -> Result<Date, ModelError> {
    let day = match (value.date, value.time, value.offset) {
        (Some(date), None, None) => Date::new(date.year as i16, date.month as i8, date.day as i8).ok(),
        _ => None,
    };
    day.map_or_else(|| invalid(place, format!("{value} is not a day, as 2026-01-01")), Ok)
}

fn in_order<T>(place: &str, mut rows: Vec<(Period, T)>) -> Result<Vec<(Period, T)>, ModelError> {
    rows.sort_by_key(|(period, _)| period.from);
    for pair in rows.windows(2) {
        if pair[0].0.to.is_none_or(|to| Some(to) >= pair[1].0.from) {
            return invalid(place, "two periods overlap");
        }
    }
    Ok(rows)
}

fn read_parameters(benefit: RawBenefits, isee: Vec<RawIsee>) -> Result<Parameters, ModelError> {
    let (ordinary, inclusion): (Vec<_>, Vec<_>) = isee.into_iter().partition(|i| i.regime == Regime::Ordinary);
    let rest = |rows: Vec<RawIsee>| rows.into_iter().map(|row| row.rest).collect();
    Ok(Parameters {
        adi: read_table::<Adi>("benefit.adi", benefit.adi)?,
        auu: read_table::<Auu>("benefit.auu", benefit.auu)?,
        attendance: read_table::<Attendance>("benefit.attendance", benefit.attendance)?,
        bonus_sociale: read_table::<BonusSociale>("benefit.bonus_sociale", benefit.bonus_sociale)?,
        isee_ordinary: read_isee("isee ordinary", rest(ordinary))?,
        isee_inclusion: read_isee("isee inclusion", rest(inclusion))?,
    })
}

fn read_isee(place: &str, rows: Vec<toml::Table>) -> Result<DatedTable<IseeRules>, ModelError> {
    let table = read_table::<IseeRules>(place, rows)?;
    for (_, rules) in &table.0 {
        if rules.scale.is_empty() || rules.scale.iter().any(|s| *s < 1.0) {
            return invalid(format!("{place}, scale"), "it needs at least one value, none below 1");
        }
        if !rules.children.is_sorted_by(|a, b| a.0 < b.0) {
            return invalid(format!("{place}, children"), "the numbers of children do not rise");
        }
    }
    Ok(table)
}

fn read_table<T: serde::de::DeserializeOwned>(
    place: &str,
    rows: Vec<toml::Table>,
) -> Result<DatedTable<T>, ModelError> {
    let mut found = Vec::with_capacity(rows.len());
    for mut row in rows {
        let Some(from) = take_date(&mut row, "from") else {
            return invalid(place, "every row needs a day `from`");
        };
        let to = take_date(&mut row, "to");
        let period = read_period(place, &from, to.as_ref())?;
        check_finite(place, &row)?;
        match T::deserialize(toml::Value::Table(row)) {
            Ok(value) => found.push((period, value)),
            Err(e) => return invalid(place, e.to_string()),
        }
    }
    Ok(DatedTable(in_order(place, found)?))
}

fn take_date(row: &mut toml::Table, key: &str) -> Option<Datetime> {
    match row.get(key) {
        Some(toml::Value::Datetime(_)) => row.remove(key)?.as_datetime().copied(),
        _ => None,
    }
}

fn check_finite(place: &str, row: &toml::Table) -> Result<(), ModelError> {
    for (key, value) in row {
        if value.as_float().is_some_and(|v| !v.is_finite() || v < 0.0) {
            return invalid(format!("{place}, {key}"), "not finite, or below zero");
        }
    }
    Ok(())
}
