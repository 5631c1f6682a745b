//! Where households are gathered before the freeze.

use rayon::prelude::*;

use crate::domain::{
    geo::LonLat,
    household::HouseholdId,
    period::date_of,
    person::PersonId,
    score::{Finding, Score},
};

use super::{
    bits::Bits,
    column::{Column, NO_CATEGORY, NUMBER_LIMIT, NUMBER_PARTS, Numbers, SCORE_PARTS, Values},
    encode, grid,
    people::People,
    schema::{Kind, Property, Schema},
    world::{About, Parts, Snapshot, Unplaced, point_of},
};

/// The value of an attribute, in the kind that the schema declares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attribute {
    /// Not known.
    Unknown,
    /// For `Kind::Count`.
    Count(u16),
    /// For `Kind::Cents`: cents of euro.
    Cents(i32),
    /// For `Kind::Number`: finite, within ±16,777,216.
    Number(f32),
    /// For `Kind::Day`: days since 1970-01-01.
    Day(i32),
    /// For `Kind::Flag`.
    Flag(bool),
    /// For `Kind::Category`: the place of the entry.
    Category(u8),
}

impl Attribute {
    fn fits(self, kind: &Kind) -> bool {
        match (self, kind) {
            (Self::Number(number), Kind::Number) => number.abs() <= NUMBER_LIMIT,
            (Self::Day(days), Kind::Day) => date_of(days).is_some(),
            (Self::Category(place), Kind::Category(entries)) => usize::from(place) < entries.len(),
            (Self::Unknown, _)
            | (Self::Count(_), Kind::Count)
            | (Self::Cents(_), Kind::Cents)
            | (Self::Flag(_), Kind::Flag) => true,
            _ => false,
        }
    }
}

/// A person who lives in a placed household.
#[derive(Clone, Copy, Debug)]
pub struct PersonRow<'a> {
    /// Who; each at most once in a snapshot.
    pub person: PersonId,
    /// One value per property of people, in the schema's order.
    pub attributes: &'a [Attribute],
}

/// One placed household.
#[derive(Clone, Debug)]
pub struct HouseholdRow<'a> {
    /// Which; each at most once in a snapshot.
    pub household: HouseholdId,
    /// Where it lives; kept to 10⁻⁷ degrees (about a centimetre).
    pub point: LonLat,
    /// Who lives there, in any order.
    pub members: &'a [PersonRow<'a>],
    /// Score of fragility; unknown where no indicator is known.
    pub fragility: Option<Score>,
    /// Score per dimension, in the order of `Dimension::ALL`.
    pub dimensions: [Option<Score>; 5],
    /// Whether it is fragile (Alkire–Foster poor).
    pub fragile: Finding,
    /// Whether a benefit is due and not received.
    pub uncovered: Finding,
    /// One finding per indicator, in the schema's order.
    pub findings: &'a [Finding],
    /// One value per attribute, in the schema's order.
    pub attributes: &'a [Attribute],
}

/// A household that does not fit the schema.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidRow {
    /// Too few or too many findings or attributes.
    #[error("household {household}: {given} {what}, the schema has {wanted}")]
    Width {
        /// Which household.
        household: u32,
        /// Findings or attributes.
        what: &'static str,
        /// As given.
        given: usize,
        /// As declared.
        wanted: usize,
    },
    /// A value of another kind than declared.
    #[error("household {household}: attribute \"{key}\" is not of its declared kind")]
    Kind {
        /// Which household.
        household: u32,
        /// Which attribute.
        key: Box<str>,
    },
    /// The same household again.
    #[error("household {household} is placed twice")]
    Twice {
        /// Which household.
        household: u32,
    },
    /// The same person again.
    #[error("person {person} is placed twice")]
    PersonTwice {
        /// Which person.
        person: u32,
    },
    /// More than a row number can say: households, people, or members of one household.
    #[error("household {household}: at most {limit}")]
    Many {
        /// Which household.
        household: u32,
        /// The limit.
        limit: u32,
    },
}

/// The most rows of one snapshot: every sum over them fits 64 bits.
pub const MAX_ROWS: u32 = 1 << 27;

/// The most people of one snapshot.
pub const MAX_PEOPLE: u32 = 1 << 28;

/// A household as it waits.
struct Waiting {
    point: [i32; 2],
    household: u32,
    people: u16,
    first_person: u32,
    scores: [Option<f32>; 6],
}

/// Gathers households, then freezes.
pub struct Builder {
    about: About,
    schema: Schema,
    unplaced: Unplaced,
    waiting: Vec<Waiting>,
    findings: Vec<Finding>,
    attributes: Vec<Attribute>,
    persons: Vec<u32>,
    person_attributes: Vec<Attribute>,
}

impl Builder {
    /// An empty world.
    pub const fn new(about: About, schema: Schema) -> Self {
        Self {
            about,
            schema,
            unplaced: Unplaced { households: 0, people: 0 },
            waiting: Vec::new(),
            findings: Vec::new(),
            attributes: Vec::new(),
            persons: Vec::new(),
            person_attributes: Vec::new(),
        }
    }

    /// The table that rows must fit.
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Takes a placed household. A row that does not fit is refused and leaves nothing behind;
    /// a household that comes twice is told at the freeze.
    pub fn place(&mut self, row: &HouseholdRow<'_>) -> Result<(), InvalidRow> {
        self.check(row)?;
        let point = [(row.point.lon() * 1e7).round() as i32, (row.point.lat() * 1e7).round() as i32];
        let [a, b, c, d, e] = row.dimensions;
        self.waiting.push(Waiting {
            point,
            household: row.household.0,
            people: row.members.len() as u16,
            first_person: self.persons.len() as u32,
            scores: [row.fragility, a, b, c, d, e].map(|score| score.map(Score::get)),
        });
        self.findings.push(row.fragile);
        self.findings.push(row.uncovered);
        self.findings.extend_from_slice(row.findings);
        self.attributes.extend_from_slice(row.attributes);
        for member in row.members {
            self.persons.push(member.person.0);
            self.person_attributes.extend_from_slice(member.attributes);
        }
        Ok(())
    }

    /// Counts a household that has no place.
    pub const fn leave_out(&mut self, people: u16) {
        self.unplaced.households += 1;
        self.unplaced.people += people as u32;
    }

    fn check(&self, row: &HouseholdRow<'_>) -> Result<(), InvalidRow> {
        let household = row.household.0;
        if self.waiting.len() >= MAX_ROWS as usize {
            return Err(InvalidRow::Many { household, limit: MAX_ROWS });
        }
        if row.members.len() > usize::from(u16::MAX) {
            return Err(InvalidRow::Many { household, limit: u16::MAX.into() });
        }
        if self.persons.len() + row.members.len() > MAX_PEOPLE as usize {
            return Err(InvalidRow::Many { household, limit: MAX_PEOPLE });
        }
        let width = |what, given: usize, wanted: usize| {
            if given == wanted { Ok(()) } else { Err(InvalidRow::Width { household, what, given, wanted }) }
        };
        width("findings", row.findings.len(), self.schema.indicators().len())?;
        width("attributes", row.attributes.len(), self.schema.attributes().len())?;
        let fits = |declared: &mut dyn Iterator<Item = &Property>, values: &[Attribute]| match declared
            .zip(values)
            .find(|(property, value)| !value.fits(&property.kind))
        {
            Some((Property { key, .. }, _)) => Err(InvalidRow::Kind { household, key: key.clone() }),
            None => Ok(()),
        };
        fits(&mut self.schema.attributes().map(|slot| self.schema.property(slot)), row.attributes)?;
        for member in row.members {
            width("values of a person", member.attributes.len(), self.schema.people().len())?;
            fits(&mut self.schema.people().iter(), member.attributes)?;
        }
        Ok(())
    }

    /// The people of the households in order, within each by their number; no one twice.
    fn people(&self, order: &[u32]) -> Result<People, InvalidRow> {
        let mut people: Vec<u32> = Vec::with_capacity(self.persons.len());
        for home in order.iter().map(|&at| &self.waiting[at as usize]) {
            let first = people.len();
            people.extend(home.first_person..home.first_person + u32::from(home.people));
            people[first..].sort_unstable_by_key(|&at| self.persons[at as usize]);
        }
        let mut sorted = self.persons.clone();
        sorted.par_sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(InvalidRow::PersonTwice { person: pair[0] });
        }
        let width = self.schema.people().len();
        let column = |slot: usize| {
            let kind = &self.schema.people()[slot].kind;
            attribute(kind, &people, |at| self.person_attributes[at as usize * width + slot])
        };
        let columns = (0..width).into_par_iter().map(column).collect();
        Ok(People::new(people.iter().map(|&at| self.persons[at as usize]).collect(), columns))
    }

    /// Sorts, packs and indexes. The order in which households came does not show in the result.
    pub fn freeze(self) -> Result<Snapshot, InvalidRow> {
        let cells: Vec<u64> = self.waiting.par_iter().map(|w| cell_of(w.point)).collect();
        let mut order: Vec<u32> = (0..self.waiting.len() as u32).collect();
        order.par_sort_unstable_by_key(|&at| (cells[at as usize], self.waiting[at as usize].household));
        let waiting = || order.iter().map(|&at| &self.waiting[at as usize]);
        let households: Vec<u32> = waiting().map(|w| w.household).collect();
        let mut sorted = households.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(InvalidRow::Twice { household: pair[0] });
        }
        let columns =
            (0..self.schema.properties().len()).into_par_iter().map(|slot| self.column(slot, &order)).collect();
        let parts = Parts {
            cells: order.iter().map(|&at| cells[at as usize]).collect(),
            points: waiting().map(|w| w.point).collect(),
            people: Numbers::new(Values::U16(waiting().map(|w| w.people).collect())),
            households,
            columns,
            residents: self.people(&order)?,
            about: self.about,
            schema: self.schema,
            unplaced: self.unplaced,
        };
        let generation = encode::generation(&encode::body(&parts));
        Ok(Snapshot::assemble(generation, parts))
    }

    fn column(&self, slot: usize, order: &[u32]) -> Column {
        let width = self.schema.indicators().len() + 2;
        let attributes = self.schema.attributes().len();
        let first_attribute = self.schema.mapped_len();
        match (&self.schema.properties()[slot].kind, slot) {
            (Kind::Index, _) => Column::Absent,
            (Kind::Score, _) => {
                let place = slot.saturating_sub(1);
                scores(order, |at| self.waiting[at as usize].scores[place])
            }
            (Kind::Finding, _) => {
                let place = match slot as u16 {
                    s if s == Schema::FRAGILE.0 => 0,
                    s if s == Schema::UNCOVERED.0 => 1,
                    s => (s - Schema::UNCOVERED.0) as usize + 1,
                };
                findings(order, |at| self.findings[at as usize * width + place])
            }
            (kind, _) => {
                attribute(kind, order, |at| self.attributes[at as usize * attributes + slot - first_attribute])
            }
        }
    }
}

fn cell_of(point: [i32; 2]) -> u64 {
    let point = point_of(point).expect("a point in range stays in range when rounded");
    grid::cell_at(point, grid::ROW_RESOLUTION).into()
}

fn scores(order: &[u32], of: impl Fn(u32) -> Option<f32>) -> Column {
    let values = order.iter().map(|&at| of(at).unwrap_or(0.0)).collect();
    Column::Numbers {
        known: Bits::new(order.iter().map(|&at| of(at).is_some())),
        numbers: Numbers::new(Values::F32(values, SCORE_PARTS)),
    }
}

fn findings(order: &[u32], of: impl Fn(u32) -> Finding) -> Column {
    Column::Marks {
        known: Bits::new(order.iter().map(|&at| of(at) != Finding::Unknown)),
        set: Bits::new(order.iter().map(|&at| of(at) == Finding::Deprived)),
    }
}

fn attribute(kind: &Kind, order: &[u32], of: impl Fn(u32) -> Attribute) -> Column {
    let known = || Bits::new(order.iter().map(|&at| of(at) != Attribute::Unknown));
    let numbers = |values| Column::Numbers { known: known(), numbers: Numbers::new(values) };
    let number = |at| if let Attribute::Number(x) = of(at) { x } else { 0.0 };
    let cents = |at| if let Attribute::Cents(x) = of(at) { x } else { 0 };
    let count = |at| if let Attribute::Count(x) = of(at) { x } else { 0 };
    let place = |at| if let Attribute::Category(x) = of(at) { x } else { NO_CATEGORY };
    let order_of = || order.iter().copied();
    match kind {
        Kind::Count if order_of().all(|at| u8::try_from(count(at)).is_ok()) => {
            numbers(Values::U8(order_of().map(|at| count(at) as u8).collect()))
        }
        Kind::Count => numbers(Values::U16(order_of().map(count).collect())),
        Kind::Cents => numbers(Values::I32(order_of().map(cents).collect())),
        Kind::Flag => {
            let set = Bits::new(order_of().map(|at| of(at) == Attribute::Flag(true)));
            Column::Marks { known: known(), set }
        }
        Kind::Day => {
            let day = |at| if let Attribute::Day(days) = of(at) { days } else { 0 };
            Column::Days { known: known(), days: order_of().map(day).collect() }
        }
        Kind::Category(_) => Column::Categories(order_of().map(place).collect()),
        Kind::Number | Kind::Score | Kind::Finding | Kind::Index => {
            numbers(Values::F32(order_of().map(number).collect(), NUMBER_PARTS))
        }
    }
}
