//! The one table of properties: what can be known of a household or a hexagon, how it is stored, shown and guarded.

use std::collections::HashMap;

use crate::domain::score::Dimension;

mod base;
mod person;

pub use base::household_attributes;
pub use person::person_attributes;

/// A text in the two languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Titles {
    /// Italian.
    pub it: Box<str>,
    /// English.
    pub en: Box<str>,
}

impl Titles {
    /// Both texts.
    pub fn new(it: &str, en: &str) -> Self {
        Self { it: it.into(), en: en.into() }
    }
}

/// How a property lies in the snapshot, hence what a figure of it means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A score 0 to 1 of each household; a figure is the mean over the households that have it.
    Score,
    /// Deprived, sound or unknown; a figure is the share of deprived among the known.
    Finding,
    /// An index of areas (AMPI, town = 100): no household has it.
    Index,
    /// A whole number of each household (0 to 65,535); a figure is the mean.
    Count,
    /// An amount in cents of euro, which may be unknown; a figure is the mean in euro.
    Cents,
    /// Any finite number, which may be unknown; a figure is the mean.
    Number,
    /// True or false; a figure is the share of true.
    Flag,
    /// A day, which may be unknown; no figure.
    Day,
    /// One of these (key, title) entries, at most 255; no figure.
    Category(Vec<(Box<str>, Titles)>),
}

impl Kind {
    /// Whether hexagons carry a figure of it that maps show.
    pub const fn is_mapped(&self) -> bool {
        matches!(self, Self::Score | Self::Finding | Self::Index)
    }
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 0 to 1, shown as per cent.
    Share,
    /// 0 to 1.
    Score,
    /// An index, the town is 100.
    Index,
    /// A number of things.
    Count,
    /// Euro.
    Euro,
    /// Years.
    Years,
    /// Nothing to measure.
    None,
}

impl Unit {
    /// The word used in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Score => "score",
            Self::Index => "index",
            Self::Count => "count",
            Self::Euro => "euro",
            Self::Years => "years",
            Self::None => "none",
        }
    }
}

/// How guarded the value of one household is; figures of areas go through disclosure whatever this says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sensitivity {
    /// Says nothing about anybody.
    Public,
    /// Exists for areas only.
    Aggregate,
    /// Says something about a household.
    Personal,
    /// Says something about health (GDPR art. 9).
    Health,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Property {
    /// Lower-case ASCII letters, digits and `_`, at most 40; unique.
    pub key: Box<str>,
    /// How it lies.
    pub kind: Kind,
    /// What its figures are counted in.
    pub unit: Unit,
    /// Who may see the value of one household.
    pub sensitivity: Sensitivity,
    /// Short name.
    pub title: Titles,
    /// One sentence.
    pub description: Titles,
    /// The dimension it belongs to.
    pub dimension: Option<Dimension>,
    /// Decimals to show.
    pub decimals: u8,
}

/// A place in the table of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonSlot(pub u16);

/// A place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u16);

/// An indicator of the model, as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// Its key in the model.
    pub key: Box<str>,
    /// Its dimension.
    pub dimension: Dimension,
    /// Short name.
    pub title: Titles,
    /// One sentence.
    pub description: Titles,
    /// `Health` where the finding says something about health, else `Personal`.
    pub sensitivity: Sensitivity,
}

/// The table cannot be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidSchema {
    /// Two rows with one key.
    #[error("property \"{0}\" is declared twice")]
    Duplicate(Box<str>),
    /// A key that is no key.
    #[error("\"{0}\" is not a property key: lower-case letters, digits and _, at most 40")]
    Key(Box<str>),
    /// A kind that attributes may not have.
    #[error("attribute \"{0}\" must be a count, cents, number, day, flag or category of at most 255 entries")]
    Attribute(Box<str>),
    /// More rows than a slot can say, or fewer than the base and the indicators.
    #[error("{0} properties: at least the base and the indicators, at most 4,096")]
    Many(usize),
}

/// The table: base properties, then one share per indicator, then the attributes of households; beside it the table of
/// people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    properties: Vec<Property>,
    slots: HashMap<Box<str>, Slot>,
    indicators: u16,
    people: Vec<Property>,
}

impl Schema {
    /// Mean score of fragility.
    pub const FRAGILITY: Slot = Slot(0);
    /// Share of fragile households.
    pub const FRAGILE: Slot = Slot(1);
    /// Area index over the five dimensions (AMPI, vulnerability sign).
    pub const AMPI: Slot = Slot(7);
    /// Share of households with a benefit due and not received.
    pub const UNCOVERED: Slot = Slot(8);
    const BASE: u16 = 9;

    /// The table for a model's indicators and the declared attributes of households.
    pub fn new(indicators: &[Indicator], attributes: &[Property]) -> Result<Self, InvalidSchema> {
        let mut properties = base::mapped();
        properties.extend(indicators.iter().map(of_indicator));
        for attribute in attributes {
            check_attribute(attribute)?;
            properties.push(attribute.clone());
        }
        Self::of(properties, indicators.len())
    }

    /// The same table beside which people have these properties.
    pub fn with_people(self, people: &[Property]) -> Result<Self, InvalidSchema> {
        people.iter().try_for_each(check_attribute)?;
        if people.len() > 256 {
            return Err(InvalidSchema::Many(people.len()));
        }
        slots_of(people)?;
        Ok(Self { people: people.to_vec(), ..self })
    }

    pub(super) fn of(properties: Vec<Property>, indicators: usize) -> Result<Self, InvalidSchema> {
        if properties.len() > 4096 || properties.len() < Self::BASE as usize + indicators {
            return Err(InvalidSchema::Many(properties.len()));
        }
        let slots = slots_of(&properties)?;
        Ok(Self { properties, slots, indicators: indicators as u16, people: Vec::new() })
    }

    /// Whether a kind may stand at a place of a table with so many indicators.
    pub(super) fn allows(place: usize, indicators: usize, kind: &Kind) -> bool {
        let base = Self::BASE as usize;
        match place {
            0 | 2..=6 => *kind == Kind::Score,
            1 | 8 => *kind == Kind::Finding,
            7 => *kind == Kind::Index,
            _ if place < base + indicators => *kind == Kind::Finding,
            _ => !kind.is_mapped(),
        }
    }

    /// The properties of a person, in slot order; none unless they were declared.
    pub fn people(&self) -> &[Property] {
        &self.people
    }

    /// Where a key stands in the table of people.
    pub fn person_slot(&self, key: &str) -> Option<PersonSlot> {
        self.people.iter().position(|property| *property.key == *key).map(|slot| PersonSlot(slot as u16))
    }

    /// Every row, in slot order.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The row at a slot of this table.
    pub fn property(&self, slot: Slot) -> &Property {
        &self.properties[slot.0 as usize]
    }

    /// Where a key stands.
    pub fn slot(&self, key: &str) -> Option<Slot> {
        self.slots.get(key).copied()
    }

    /// The slot of a dimension's score.
    pub const fn dimension(dimension: Dimension) -> Slot {
        Slot(2 + dimension as u16)
    }

    /// The properties that maps show, in order: base properties then indicators. `values` of hexagons follow it:
    /// the slot of a mapped property is also its place there.
    pub fn mapped(&self) -> impl ExactSizeIterator<Item = (Slot, &Property)> {
        self.properties[..self.mapped_len()].iter().enumerate().map(|(slot, p)| (Slot(slot as u16), p))
    }

    /// How many properties maps show.
    pub fn mapped_len(&self) -> usize {
        (Self::BASE + self.indicators) as usize
    }

    /// The slots of the indicators, in the model's order.
    pub fn indicators(&self) -> impl ExactSizeIterator<Item = Slot> + use<> {
        (Self::BASE..Self::BASE + self.indicators).map(Slot)
    }

    /// The slots of the attributes, in the declared order.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = Slot> + use<> {
        (Self::BASE + self.indicators..self.properties.len() as u16).map(Slot)
    }
}

fn check_attribute(attribute: &Property) -> Result<(), InvalidSchema> {
    let many = matches!(&attribute.kind, Kind::Category(entries) if entries.len() > 255);
    if attribute.kind.is_mapped() || many { Err(InvalidSchema::Attribute(attribute.key.clone())) } else { Ok(()) }
}

fn slots_of(properties: &[Property]) -> Result<HashMap<Box<str>, Slot>, InvalidSchema> {
    let mut slots = HashMap::new();
    for (slot, property) in properties.iter().enumerate() {
        if !is_key(&property.key) {
            return Err(InvalidSchema::Key(property.key.clone()));
        }
        if slots.insert(property.key.clone(), Slot(slot as u16)).is_some() {
            return Err(InvalidSchema::Duplicate(property.key.clone()));
        }
    }
    Ok(slots)
}

fn is_key(key: &str) -> bool {
    (1..=40).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && key.as_bytes()[0].is_ascii_lowercase()
}

fn of_indicator(indicator: &Indicator) -> Property {
    Property {
        key: indicator.key.clone(),
        kind: Kind::Finding,
        unit: Unit::Share,
        sensitivity: indicator.sensitivity,
        title: indicator.title.clone(),
        description: indicator.description.clone(),
        dimension: Some(indicator.dimension),
        decimals: 1,
    }
}
