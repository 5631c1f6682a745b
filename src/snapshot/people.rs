//! The people of placed households, in the order of the households' rows: the people of a span of households are a span.

use rayon::prelude::*;
use roaring::RoaringBitmap;

use crate::domain::person::PersonId;

use super::{
    builder::Attribute,
    column::{Column, NO_CATEGORY, Values},
    rows::{Row, Rows, Span},
    schema::PersonSlot,
    world::Snapshot,
};

/// Everyone who lives in a placed household, a row each. Within a household by number.
#[derive(Clone, Debug, PartialEq)]
pub struct People {
    persons: Vec<u32>,
    columns: Vec<Column>,
}

impl People {
    /// Columns stand in the order of the schema's table of people.
    pub(super) const fn new(persons: Vec<u32>, columns: Vec<Column>) -> Self {
        Self { persons, columns }
    }

    /// How many.
    pub fn len(&self) -> u32 {
        self.persons.len() as u32
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// Who it is.
    pub fn person(&self, row: Row) -> PersonId {
        PersonId(self.persons[row.0 as usize])
    }

    /// The column of a property of the schema's table of people.
    pub fn column(&self, slot: PersonSlot) -> &Column {
        &self.columns[usize::from(slot.0)]
    }

    /// The value of a property of a row.
    pub fn value(&self, slot: PersonSlot, row: Row) -> Attribute {
        attribute_at(self.column(slot), row)
    }

    pub(super) fn persons(&self) -> &[u32] {
        &self.persons
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Rows by the number of the person.
    pub(super) fn by_number(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..self.len()).collect();
        rows.par_sort_unstable_by_key(|&row| self.persons[row as usize]);
        rows
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.persons.capacity() * 4 + self.columns.iter().map(Column::heap_bytes).sum::<usize>()
    }
}

/// The value of an attribute in a row of its column.
pub(super) fn attribute_at(column: &Column, row: Row) -> Attribute {
    let at = row.0 as usize;
    match column {
        Column::Marks { known, set } if known.get(row) => Attribute::Flag(set.get(row)),
        Column::Days { known, days } if known.get(row) => Attribute::Day(days[at]),
        Column::Categories(places) if places[at] != NO_CATEGORY => Attribute::Category(places[at]),
        Column::Numbers { known, numbers } if known.get(row) => match numbers.values() {
            Values::F32(v, _) => Attribute::Number(v[at]),
            Values::I32(v) => Attribute::Cents(v[at]),
            Values::U16(v) => Attribute::Count(v[at]),
            Values::U8(v) => Attribute::Count(v[at].into()),
        },
        _ => Attribute::Unknown,
    }
}

impl Snapshot {
    /// The people of the placed households.
    pub const fn residents(&self) -> &People {
        &self.parts().residents
    }

    /// The rows of the people of a span of households.
    pub fn people_of(&self, span: Span) -> Span {
        let before = |end| self.parts().people.before(end) as u32;
        Span { start: before(span.start), end: before(span.end.max(span.start)) }
    }

    /// The row of the household in which a row of people lives.
    pub fn home_of(&self, person: Row) -> Row {
        Row(self.parts().people.row_at(person.0.into()))
    }

    /// The rows of the people of a set of households.
    pub fn spread(&self, homes: &Rows) -> Rows {
        const DENSE: u64 = 64;
        let spans = self.spans_of(homes);
        if homes.len() * DENSE < u64::from(self.households()) {
            return RoaringBitmap::from_sorted_iter(spans.flat_map(|span| span.start..span.end))
                .expect("people lie in the order of their households")
                .into();
        }
        let mut words = vec![0_u64; (self.residents().len() as usize).div_ceil(64)];
        for span in spans {
            for at in span.start..span.end {
                words[at as usize / 64] |= 1 << (at % 64);
            }
        }
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        RoaringBitmap::from_lsb0_bytes(0, &bytes).into()
    }

    /// The people of each household of a set, in order: by a running sum where the next one is near.
    fn spans_of(&self, homes: &Rows) -> impl Iterator<Item = Span> {
        const NEAR: u32 = 64;
        let people = &self.parts().people;
        let (mut at, mut before) = (0, 0);
        homes.iter().filter(|home| home.0 < self.households()).map(move |home| {
            let start = if home.0 - at > NEAR {
                people.before(home.0) as u32
            } else {
                before + (at..home.0).map(|row| people.part(Row(row)) as u32).sum::<u32>()
            };
            (at, before) = (home.0 + 1, start + people.part(home) as u32);
            Span { start, end: before }
        })
    }
}
