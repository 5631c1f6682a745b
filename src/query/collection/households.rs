//! The placed households as a collection: one point a row.

use std::{borrow::Cow, sync::Arc};

use geo::{Geometry, Point};

use super::{Collection, Column, Field, FieldKind};
use crate::domain::{
    feature::Value,
    geo::{BBox, LonLat},
    household::HouseholdId,
    score::Finding,
};
use crate::snapshot::{
    Attribute, Cell, Row, Rows, Snapshot, column,
    layer::Shapes,
    schema::{Kind, Property, Sensitivity, Slot, Titles, Unit},
};

/// Fields before those of the schema: `household`, `people`.
const OWN: usize = 2;

/// The households of a snapshot. Fields: `household` (its number), `people`, then every property of the schema that
/// households have, in order: findings are true, false or unknown, amounts are in euro.
pub struct Households {
    snapshot: Arc<Snapshot>,
    titles: Titles,
    fields: Vec<Field>,
    slots: Vec<Slot>,
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
        Self { titles: Titles::new("Famiglie", "Households"), fields, slots, snapshot }
    }

    /// The snapshot.
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The slot of a field, where it is a property of the schema.
    pub fn slot(&self, field: usize) -> Option<Slot> {
        self.slots.get(field.checked_sub(OWN)?).copied()
    }
}

fn field_of(property: &Property) -> Field {
    Field {
        name: property.key.clone(),
        kind: match &property.kind {
            Kind::Score | Kind::Index | Kind::Cents | Kind::Number => FieldKind::Number,
            Kind::Count => FieldKind::Whole,
            Kind::Finding | Kind::Flag => FieldKind::Flag,
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
        (Cell::Attribute(Attribute::Count(count)), _) => Value::Whole(count.into()),
        (Cell::Attribute(Attribute::Cents(cents)), _) => Value::Number(f64::from(cents) / 100.0),
        (Cell::Attribute(Attribute::Number(number)), _) => Value::Number(number.into()),
        (Cell::Attribute(Attribute::Flag(flag)), _) => Value::Flag(flag),
        (Cell::Attribute(Attribute::Category(place)), Kind::Category(entries)) => {
            entries.get(usize::from(place)).map_or(Value::Null, |(key, _)| Value::Text(key.clone()))
        }
        _ => Value::Null,
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
        let Some(slot) = self.slot(field) else { return Column::Made };
        let scale = if self.snapshot.schema().property(slot).kind == Kind::Cents { 100.0 } else { 1.0 };
        match self.snapshot.column(slot) {
            column::Column::Absent => Column::Made,
            column::Column::Marks { known, set } => Column::Marks { known, set },
            column::Column::Numbers { known, numbers } => Column::Numbers { known, values: numbers.values(), scale },
            column::Column::Categories(places) => Column::Categories(places),
        }
    }

    fn value(&self, field: usize, row: Row) -> Value {
        match self.slot(field) {
            Some(slot) => shown(self.snapshot.value(slot, row), self.snapshot.schema().property(slot)),
            None if field == 0 => Value::Whole(self.snapshot.household(row).0.into()),
            None => Value::Whole(self.snapshot.people_at(row).into()),
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
        let inside = |row: &Row| bbox.contains(self.snapshot.point(*row));
        self.snapshot.all().rows().filter(inside).collect()
    }
}
