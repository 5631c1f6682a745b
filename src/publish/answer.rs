//! Answers to questions as JSON: counts, groups with their figures, the nearest rows, and by which fields one may ask.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::{
    access::{Disclosed, answer::Told, opened::Opened},
    domain::{feature::Value, geo::LonLat, score::Dimension},
    query::{
        aggregate::{Figure, Figures, Key, Measure},
        collection::{Collection, Field, FieldKind, ReferenceLayer},
    },
    snapshot::{
        Row,
        schema::{Schema, Sensitivity, Titles},
    },
};

/// Functions that a filter may call.
pub const FUNCTIONS: [&str; 31] = [
    "casei",
    "accenti",
    "age_at",
    "within_metres",
    "s_intersects",
    "s_disjoint",
    "s_equals",
    "s_touches",
    "s_within",
    "s_overlaps",
    "s_crosses",
    "s_contains",
    "t_after",
    "t_before",
    "t_contains",
    "t_disjoint",
    "t_during",
    "t_equals",
    "t_finishedBy",
    "t_finishes",
    "t_intersects",
    "t_meets",
    "t_metBy",
    "t_overlappedBy",
    "t_overlaps",
    "t_startedBy",
    "t_starts",
    "a_equals",
    "a_contains",
    "a_containedBy",
    "a_overlaps",
];

/// Of what an answer is.
pub struct Frame<'a> {
    /// Of the world.
    pub generation: &'a str,
    /// The day of what is known of the town; none for open data.
    pub as_of: Option<Date>,
    /// Of what rows.
    pub collection: &'a dyn Collection,
}

#[derive(Serialize)]
struct Words<'a> {
    it: &'a str,
    en: &'a str,
}

fn words(titles: &Titles) -> Words<'_> {
    Words { it: &titles.it, en: &titles.en }
}

impl Frame<'_> {
    fn head(&self) -> Map<String, Json> {
        let mut head = Map::new();
        head.insert("generation".into(), self.generation.into());
        head.insert("as_of".into(), self.as_of.map(|day| day.to_string()).into());
        head.insert("collection".into(), self.collection.name().into());
        head
    }

    /// Whether rows are counted in households and people.
    fn counts_people(&self) -> bool {
        self.collection.snapshot().is_some() || self.collection.homes().is_some()
    }
}

/// Groups in the given order and the total: `matched` and every figure are as they may be told.
pub fn write(
    told: &Disclosed<Told>,
    frame: &Frame<'_>,
    areas: Option<&ReferenceLayer>,
    order: &[usize],
    next: Option<String>,
) -> Vec<u8> {
    let groups = order.iter().filter_map(|&at| told.groups().get(at));
    let group = |(key, figures): &(Key, Figures)| {
        let mut group = Map::new();
        group.insert("group".into(), key_of(key, areas));
        if let Some(title) = title_of(key, frame.collection, areas) {
            group.insert("title".into(), title);
        }
        group.insert("values".into(), values(told.measures(), Some(figures)));
        counts(&mut group, Some(figures), frame);
        Json::Object(group)
    };
    let mut document = frame.head();
    document.insert("matched".into(), told.total().map(|total| total.rows).into());
    document.insert("groups".into(), groups.map(group).collect::<Vec<_>>().into());
    let mut total = Map::new();
    total.insert("values".into(), values(told.measures(), told.total()));
    counts(&mut total, told.total(), frame);
    document.insert("total".into(), total.into());
    document.insert("next".into(), next.into());
    document.insert("disclosure".into(), disclosure(told));
    super::json(&document)
}

/// How many were found, of how many.
pub fn count(found: &Disclosed<Told>, all: &Disclosed<Told>, frame: &Frame<'_>) -> Vec<u8> {
    let mut document = frame.head();
    document.insert("matched".into(), found.total().map(|total| total.rows).into());
    counts(&mut document, found.total(), frame);
    let mut of = Map::new();
    counts(&mut of, all.total(), frame);
    document.insert("of".into(), of.into());
    document.insert("disclosure".into(), disclosure(found));
    super::json(&document)
}

/// The nearest rows with their metres, nearest first, of so many that match.
pub fn nearest(opened: &Disclosed<Opened>, metres: &[f64], matched: u64, frame: &Frame<'_>) -> Vec<u8> {
    let row = |(row, &metres): (Row, &f64)| {
        let properties: Map<String, Json> = opened
            .fields()
            .zip(opened.values(row))
            .map(|(field, value)| (field.name.to_string(), plain(&value)))
            .collect();
        let point = opened.point(row);
        json!({
            "id": opened.id(row),
            "distance_m": (metres * 100.0).round() / 100.0,
            "lon": point.map(LonLat::lon),
            "lat": point.map(LonLat::lat),
            "properties": properties,
        })
    };
    let mut document = frame.head();
    document.insert("matched".into(), matched.into());
    document.insert("nearest".into(), opened.rows().zip(metres).map(row).collect::<Vec<_>>().into());
    super::json(&document)
}

fn counts(into: &mut Map<String, Json>, figures: Option<&Figures>, frame: &Frame<'_>) {
    if frame.counts_people() {
        into.insert("households".into(), figures.map(|figures| figures.households).into());
        into.insert("people".into(), figures.map(|figures| figures.people).into());
    } else {
        into.insert("features".into(), figures.map(|figures| figures.rows).into());
    }
}

/// One value for each measure, a list for quantiles.
fn values(measures: &[Measure], figures: Option<&Figures>) -> Json {
    let value = |(at, measure): (usize, &Measure)| {
        let numbers = figures.and_then(|figures| figures.values.get(at)).map(|Figure { numbers, .. }| numbers);
        let number =
            |at: usize| numbers.and_then(|numbers| numbers.get(at).copied().flatten()).map_or(Json::Null, number);
        match measure {
            Measure::Quantiles(_, shares) => (0..shares.len()).map(number).collect::<Vec<_>>().into(),
            _ => number(0),
        }
    };
    measures.iter().enumerate().map(value).collect::<Vec<_>>().into()
}

/// To six decimals, whole where it is whole.
fn number(number: f64) -> Json {
    let rounded = (number * 1e6).round() / 1e6;
    if rounded.fract() == 0.0 && rounded.abs() < 9e15 { (rounded as i64).into() } else { rounded.into() }
}

fn key_of(key: &Key, areas: Option<&ReferenceLayer>) -> Json {
    match key {
        Key::Cell(cell) => cell.to_string().into(),
        Key::Area(row) => areas.map(|areas| areas.id(*row)).into(),
        Key::Outside => Json::Null,
        Key::Value(value) => plain(value),
    }
}

fn title_of(key: &Key, collection: &dyn Collection, areas: Option<&ReferenceLayer>) -> Option<Json> {
    match key {
        Key::Outside => Some(json!(Words { it: "Fuori da ogni area", en: "In no area" })),
        Key::Area(row) => {
            let areas = areas?;
            let name = ["name", "nome", "title", "titolo", "NAME", "NOME"].iter().find_map(|name| areas.field(name))?;
            Some(areas.value(name, *row).written()?.into())
        }
        Key::Value(Value::Text(text)) => {
            let choice =
                |field: &Field| field.choices.iter().find(|(key, _)| key == text).map(|(_, title)| json!(words(title)));
            collection.fields().iter().find_map(choice)
        }
        Key::Cell(_) | Key::Value(_) => None,
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Flag(flag) => (*flag).into(),
        Value::Whole(whole) => (*whole).into(),
        Value::Number(number) => (*number).into(),
        Value::List(texts) => texts.iter().map(|text| Json::from(&**text)).collect::<Vec<_>>().into(),
        other => other.written().into(),
    }
}

fn disclosure(told: &Told) -> Json {
    let withheld = told.withheld();
    let note = if withheld.min > 1 {
        Words {
            it: "Di una o due famiglie non si dice nulla: gruppi, totali e medie così piccoli mancano.",
            en: "Nothing is told of one or two households: groups, totals and means that small are left out.",
        }
    } else {
        Words { it: "Le cifre sono esatte.", en: "Figures are exact." }
    };
    json!({
        "withheld": withheld.any(),
        "min": withheld.min,
        "groups": withheld.groups,
        "figures": withheld.figures,
        "note": note,
    })
}

/// How ranges of fields are told.
pub struct Ranges<'a> {
    /// Least and greatest as they are; else the hundredth and the ninety-ninth part of a hundred, rounded outward, which
    /// tell of nobody.
    pub exact: bool,
    /// Says to which dimension a field belongs.
    pub schema: &'a Schema,
}

/// The fields by which one may ask, up to a sensitivity.
pub fn fields(collection: &dyn Collection, up_to: Sensitivity, generation: &str, ranges: &Ranges<'_>) -> Vec<u8> {
    let open = |&at: &usize| collection.fields()[at].sensitivity <= up_to;
    let field = |at: usize| {
        let field = &collection.fields()[at];
        let choices = field.choices.iter().map(|(key, title)| json!({ "key": &**key, "title": words(title) }));
        let range = range(collection, at, ranges.exact);
        let dimension =
            ranges.schema.slot(&field.name).and_then(|slot| ranges.schema.property(slot).dimension).map(Dimension::key);
        json!({
            "name": &*field.name,
            "kind": kind(field.kind),
            "title": words(&field.title),
            "description": words(&field.description),
            "unit": field.unit.key(),
            "choices": choices.collect::<Vec<_>>(),
            "min": range.map(|(min, _)| number(min)),
            "max": range.map(|(_, max)| number(max)),
            "dimension": dimension,
        })
    };
    super::json(&json!({
        "collection": collection.name(),
        "generation": generation,
        "fields": (0..collection.fields().len()).filter(open).map(field).collect::<Vec<_>>(),
        "functions": FUNCTIONS.as_slice(),
    }))
}

const fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Flag => "flag",
        FieldKind::Whole => "whole",
        FieldKind::Number => "number",
        FieldKind::Text => "text",
        FieldKind::Date => "date",
        FieldKind::Instant => "instant",
        FieldKind::List => "list",
    }
}

/// The range of a field of numbers.
fn range(collection: &dyn Collection, field: usize, exact: bool) -> Option<(f64, f64)> {
    let about = &collection.fields()[field];
    if !matches!(about.kind, FieldKind::Whole | FieldKind::Number) || matches!(&*about.name, "household" | "person") {
        return None;
    }
    let read = |row| match collection.value(field, Row(row)) {
        Value::Whole(whole) => Some(whole as f64),
        Value::Number(number) => Some(number),
        _ => None,
    };
    let mut values: Vec<f64> = (0..collection.len()).filter_map(read).collect();
    values.sort_unstable_by(f64::total_cmp);
    let (min, max) = (*values.first()?, *values.last()?);
    if exact {
        return Some((min, max));
    }
    let (low, high) = (values[values.len() / 100], values[values.len() - 1 - values.len() / 100]);
    let step = 10_f64.powf((high - low).abs().max(1e-6).log10().floor() - 1.0);
    Some(((low / step).floor() * step, (high / step).ceil() * step))
}
