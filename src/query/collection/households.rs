//! The placed households as a collection: one point a row.

use std::{borrow::Cow, sync::Arc};

use geo::{Geometry, Point};

use super::{Collection, Column, Field, FieldKind};
use crate::domain::{
    feature::Value,
    geo::{BBox, LonLat},
    household::HouseholdId,
    period::date_of,
    score::Finding,
};
use crate::snapshot::{
    Attribute, Cell, Row, Rows, Snapshot,
    bits::Bits,
    column,
    layer::Shapes,
    schema::{Kind, Property, Sensitivity, Slot, Titles, Unit},
};

/// Fields before those of the schema: `household`, `people`.
const OWN: usize = 2;

/// The households of a snapshot. Fields: `household` (its number), `people`, then every property of the schema that
/// households have, in order: findings are true, false or unknown, amounts are in euro; then `needs` and `health_needs`,
/// the lists of the indicators in which the household is deprived, those of health apart.
pub struct Households {
    snapshot: Arc<Snapshot>,
    titles: Titles,
    fields: Vec<Field>,
    slots: Vec<Slot>,
    needs: [Vec<usize>; 2],
    /// How many live there is known of every household.
    every: Bits,
}

impl Households {
    /// The households of a snapshot.
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        let own = |name: &str, it: &str, en: &str, sensitivity| Field {
            name: name.into(),
            kind: FieldKind::Whole,
            title: Titles::new(it, en),
            description: Titles::default(),
            unit: Unit::Count,
            sensitivity,
            choices: Box::default(),
        };
        let mut fields = vec![
            own("household", "Famiglia", "Household", Sensitivity::Personal),
            own("people", "Persone", "People", Sensitivity::Personal),
        ];
        let mut slots = Vec::new();
        for (slot, property) in (0..).map(Slot).zip(snapshot.schema().properties()) {
            if property.sensitivity != Sensitivity::Aggregate {
                fields.push(field_of(property));
                slots.push(slot);
            }
        }
        let needs = [Sensitivity::Personal, Sensitivity::Health].map(|guard| {
            let of = |slot: &Slot| slots.iter().position(|other| other == slot).map(|place| place + OWN);
            let guarded = |slot: &Slot| snapshot.schema().property(*slot).sensitivity == guard;
            snapshot.schema().indicators().filter(guarded).filter_map(|slot| of(&slot)).collect::<Vec<usize>>()
        });
        let [personal, health] = &needs;
        let lists = [
            needs_field(NEEDS, Sensitivity::Personal, personal, &fields),
            needs_field(HEALTH_NEEDS, Sensitivity::Health, health, &fields),
        ];
        fields.extend(lists);
        let every = Bits::new((0..snapshot.households() as usize).map(|_| true));
        Self { titles: Titles::new("Famiglie", "Households"), fields, slots, needs, every, snapshot }
    }

    /// The snapshot.
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The indicators of a list of needs, as fields.
    fn needs_of(&self, field: usize) -> Option<&[usize]> {
        self.needs.get(field.checked_sub(OWN + self.slots.len())?).map(Vec::as_slice)
    }

    fn needs_at(&self, needs: &[usize], row: Row) -> Value {
        let found = |&field: &usize| Some((field, self.snapshot.value(self.slot(field)?, row)));
        let known: Vec<(usize, Cell)> = needs.iter().filter_map(found).collect();
        if known.iter().all(|(_, cell)| *cell == Cell::Finding(Finding::Unknown)) {
            return Value::Null;
        }
        let deprived = known.iter().filter(|(_, cell)| *cell == Cell::Finding(Finding::Deprived));
        Value::List(deprived.map(|(field, _)| self.fields[*field].name.clone()).collect())
    }

    /// The slot of a field, where it is a property of the schema.
    pub fn slot(&self, field: usize) -> Option<Slot> {
        self.slots.get(field.checked_sub(OWN)?).copied()
    }
}

const NEEDS: (&str, [&str; 2], [&str; 2]) = (
    "needs",
    ["Bisogni", "Needs"],
    [
        "Indicatori in cui la famiglia è deprivata, senza quelli sanitari.",
        "Indicators in which the household is deprived, those of health aside.",
    ],
);
const HEALTH_NEEDS: (&str, [&str; 2], [&str; 2]) = (
    "health_needs",
    ["Bisogni sanitari", "Health needs"],
    ["Indicatori sanitari in cui la famiglia è deprivata.", "Indicators of health in which the household is deprived."],
);

fn needs_field(
    (name, title, description): (&str, [&str; 2], [&str; 2]),
    sensitivity: Sensitivity,
    needs: &[usize],
    fields: &[Field],
) -> Field {
    Field {
        name: name.into(),
        kind: FieldKind::List,
        title: Titles::new(title[0], title[1]),
        description: Titles::new(description[0], description[1]),
        unit: Unit::None,
        sensitivity,
        choices: needs.iter().map(|&at| (fields[at].name.clone(), fields[at].title.clone())).collect(),
    }
}

pub(super) fn field_of(property: &Property) -> Field {
    Field {
        name: property.key.clone(),
        kind: match &property.kind {
            Kind::Score | Kind::Index | Kind::Cents | Kind::Number => FieldKind::Number,
            Kind::Count => FieldKind::Whole,
            Kind::Finding | Kind::Flag => FieldKind::Flag,
            Kind::Day => FieldKind::Date,
            Kind::Category(_) => FieldKind::Text,
        },
        title: property.title.clone(),
        description: property.description.clone(),
        unit: property.unit,
        sensitivity: property.sensitivity,
        choices: match &property.kind {
            Kind::Category(entries) => entries.clone().into(),
            _ => Box::default(),
        },
    }
}

fn shown(cell: Cell, property: &Property) -> Value {
    match (cell, &property.kind) {
        (Cell::Score(Some(score)), _) => Value::Number((f64::from(score) * 1e6).round() / 1e6),
        (Cell::Finding(Finding::Deprived), _) => Value::Flag(true),
        (Cell::Finding(Finding::Sound), _) => Value::Flag(false),
        (Cell::Attribute(attribute), kind) => shown_attribute(attribute, kind),
        _ => Value::Null,
    }
}

pub(super) fn shown_attribute(attribute: Attribute, kind: &Kind) -> Value {
    match (attribute, kind) {
        (Attribute::Count(count), _) => Value::Whole(count.into()),
        (Attribute::Cents(cents), _) => Value::Number(f64::from(cents) / 100.0),
        (Attribute::Number(number), _) => Value::Number(number.into()),
        (Attribute::Flag(flag), _) => Value::Flag(flag),
        (Attribute::Day(days), _) => date_of(days).map_or(Value::Null, Value::Date),
        (Attribute::Category(place), Kind::Category(entries)) => {
            entries.get(usize::from(place)).map_or(Value::Null, |(key, _)| Value::Text(key.clone()))
        }
        _ => Value::Null,
    }
}

/// A column of the snapshot as a filter sees it.
pub(super) fn seen<'a>(column: &'a column::Column, kind: &Kind) -> Column<'a> {
    let scale = if *kind == Kind::Cents { 100.0 } else { 1.0 };
    match column {
        column::Column::Absent => Column::Made,
        column::Column::Marks { known, set } => Column::Marks { known, set },
        column::Column::Numbers { known, numbers } => Column::Numbers { known, values: numbers.values(), scale },
        column::Column::Days { known, days } => Column::Days { known, days },
        column::Column::Categories(places) => Column::Categories(places),
    }
}

impl Collection for Households {
    fn name(&self) -> &'static str {
        "households"
    }

    fn titles(&self) -> &Titles {
        &self.titles
    }

    fn generation(&self) -> &str {
        self.snapshot.generation()
    }

    fn len(&self) -> u32 {
        self.snapshot.households()
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn column(&self, field: usize) -> Column<'_> {
        match (self.slot(field), self.needs_of(field)) {
            (Some(slot), _) => seen(self.snapshot.column(slot), &self.snapshot.schema().property(slot).kind),
            (None, Some(needs)) => Column::Named(needs),
            (None, None) if field == 0 => Column::Made,
            (None, None) => Column::Numbers { known: &self.every, values: self.snapshot.sizes(), scale: 1.0 },
        }
    }

    fn value(&self, field: usize, row: Row) -> Value {
        match (self.slot(field), self.needs_of(field)) {
            (Some(slot), _) => shown(self.snapshot.value(slot, row), self.snapshot.schema().property(slot)),
            (None, Some(needs)) => self.needs_at(needs, row),
            (None, None) if field == 0 => Value::Whole(self.snapshot.household(row).0.into()),
            (None, None) => Value::Whole(self.snapshot.people_at(row).into()),
        }
    }

    fn id(&self, row: Row) -> u64 {
        self.snapshot.household(row).0.into()
    }

    fn row_of(&self, id: u64) -> Option<Row> {
        self.snapshot.row_of(HouseholdId(u32::try_from(id).ok()?))
    }

    fn shapes(&self) -> Shapes {
        Shapes::Points
    }

    fn geometry(&self, row: Row) -> Cow<'_, Geometry<f64>> {
        let point = self.snapshot.point(row);
        Cow::Owned(Point::new(point.lon(), point.lat()).into())
    }

    fn point(&self, row: Row) -> Option<LonLat> {
        Some(self.snapshot.point(row))
    }

    fn bounds(&self) -> Option<BBox> {
        self.snapshot.bounds()
    }

    fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        Some(&self.snapshot)
    }

    fn in_box(&self, bbox: BBox) -> Rows {
        self.snapshot.in_box(bbox)
    }
}
