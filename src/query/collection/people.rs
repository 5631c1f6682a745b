//! The people of the placed households as a collection: each at the point of the household.

use std::{borrow::Cow, sync::Arc};

use geo::Geometry;
use jiff::civil::Date;

use super::{
    Collection, Column, Field, FieldKind, Households,
    households::{field_of, seen, shown_attribute},
};
use crate::domain::{
    feature::Value,
    geo::{BBox, LonLat},
    period::days_of,
    person::PersonId,
};
use crate::snapshot::{
    Row, Rows, Snapshot,
    column::{self, Values},
    layer::Shapes,
    schema::{PersonSlot, Sensitivity, Titles, Unit},
};

/// Where a field comes from.
#[derive(Clone, Copy, Debug)]
enum Origin {
    /// The person's number.
    Person,
    /// A property of the person.
    Own(PersonSlot),
    /// Full years on the day of the snapshot.
    Age,
    /// A field of the household.
    Household(usize),
}

/// The people of a snapshot. Fields: `person` (its number), `household`, every property of the schema's table of people,
/// `age` (full years on the snapshot's day), then the fields of the household; where a name is taken already, it is
/// `household_` and the name.
pub struct People {
    households: Arc<Households>,
    titles: Titles,
    fields: Vec<Field>,
    origins: Vec<Origin>,
    birth: Option<PersonSlot>,
    ages: Values,
}

impl People {
    /// The people of these households.
    pub fn new(households: Arc<Households>) -> Self {
        let snapshot = households.snapshot();
        let mut all = vec![
            (whole("person", "Persona", "Person", Unit::Count), Origin::Person),
            (households.fields()[0].clone(), Origin::Household(0)),
        ];
        let own = snapshot.schema().people().iter().zip(0..);
        all.extend(own.map(|(property, slot)| (field_of(property), Origin::Own(PersonSlot(slot)))));
        let birth = snapshot.schema().person_slot("birth");
        if birth.is_some() {
            all.push((whole("age", "Età", "Age", Unit::Years), Origin::Age));
        }
        for (at, field) in households.fields().iter().enumerate().skip(1) {
            let taken = all.iter().any(|(other, _)| other.name == field.name);
            let name = if taken { format!("household_{}", field.name).into() } else { field.name.clone() };
            all.push((Field { name, ..field.clone() }, Origin::Household(at)));
        }
        let (fields, origins) = all.into_iter().unzip();
        let ages = birth.map_or_else(Vec::new, |slot| ages(snapshot, slot));
        let titles = Titles::new("Persone", "People");
        Self { titles, fields, origins, birth, ages: Values::U8(ages), households }
    }

    /// The households in which they live.
    pub const fn households(&self) -> &Arc<Households> {
        &self.households
    }

    fn snapshot(&self) -> &Snapshot {
        self.households.snapshot()
    }

    fn birth(&self) -> Option<&column::Column> {
        self.birth.map(|slot| self.snapshot().residents().column(slot))
    }
}

fn whole(name: &str, it: &str, en: &str, unit: Unit) -> Field {
    Field {
        name: name.into(),
        kind: FieldKind::Whole,
        title: Titles::new(it, en),
        description: Titles::default(),
        unit,
        sensitivity: Sensitivity::Personal,
        choices: Box::default(),
    }
}

/// Full years of everyone on the snapshot's day, zero where the birth is not known.
fn ages(snapshot: &Snapshot, birth: PersonSlot) -> Vec<u8> {
    let column::Column::Days { known, days } = snapshot.residents().column(birth) else { return Vec::new() };
    let birthdays = birthdays(snapshot.about().as_of);
    let age = |(row, &day): (u32, &i32)| {
        if known.get(Row(row)) { birthdays.partition_point(|&birthday| day <= birthday) as u8 } else { 0 }
    };
    (0..).zip(days).map(age).collect()
}

/// The last birth dates of those who are one year old on a day, two, and so on to 255; in days.
pub(super) fn birthdays(as_of: Date) -> Vec<i32> {
    let years = |age: i32| as_of.checked_sub(jiff::Span::new().years(age)).map_or(i32::MIN, days_of);
    (1..=i32::from(u8::MAX)).map(years).collect()
}

impl Collection for People {
    fn name(&self) -> &'static str {
        "people"
    }

    fn titles(&self) -> &Titles {
        &self.titles
    }

    fn generation(&self) -> &str {
        self.households.generation()
    }

    fn len(&self) -> u32 {
        self.snapshot().residents().len()
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn column(&self, field: usize) -> Column<'_> {
        let snapshot = self.snapshot();
        match self.origins[field] {
            Origin::Person => Column::Made,
            Origin::Own(slot) => {
                seen(snapshot.residents().column(slot), &snapshot.schema().people()[usize::from(slot.0)].kind)
            }
            Origin::Age => match self.birth() {
                Some(column::Column::Days { known, .. }) => Column::Numbers { known, values: &self.ages, scale: 1.0 },
                _ => Column::Made,
            },
            Origin::Household(at) => Column::Household(at),
        }
    }

    fn value(&self, field: usize, row: Row) -> Value {
        let snapshot = self.snapshot();
        match self.origins[field] {
            Origin::Person => Value::Whole(snapshot.residents().person(row).0.into()),
            Origin::Own(slot) => {
                let kind = &snapshot.schema().people()[usize::from(slot.0)].kind;
                shown_attribute(snapshot.residents().value(slot, row), kind)
            }
            Origin::Age => match (self.birth(), &self.ages) {
                (Some(column::Column::Days { known, .. }), Values::U8(ages)) if known.get(row) => {
                    Value::Whole(ages[row.0 as usize].into())
                }
                _ => Value::Null,
            },
            Origin::Household(at) => self.households.value(at, snapshot.home_of(row)),
        }
    }

    fn id(&self, row: Row) -> u64 {
        self.snapshot().residents().person(row).0.into()
    }

    fn row_of(&self, id: u64) -> Option<Row> {
        self.snapshot().person_row(PersonId(u32::try_from(id).ok()?))
    }

    fn shapes(&self) -> Shapes {
        Shapes::Points
    }

    fn geometry(&self, row: Row) -> Cow<'_, Geometry<f64>> {
        Cow::Owned(self.households.geometry(self.snapshot().home_of(row)).into_owned())
    }

    fn point(&self, row: Row) -> Option<LonLat> {
        self.households.point(self.snapshot().home_of(row))
    }

    fn bounds(&self) -> Option<BBox> {
        self.households.bounds()
    }

    fn homes(&self) -> Option<&Arc<Households>> {
        Some(&self.households)
    }

    fn in_box(&self, bbox: BBox) -> Rows {
        self.snapshot().spread(&self.households.in_box(bbox))
    }
}
