//! A row on its way to a record: what its cells say, by field.

use jiff::civil::Date;

use super::{Field, parse};
use crate::domain::{
    household::Kinship,
    period::Period,
    person::{Residence, Sex},
    personal::Personal,
    record::{AddressParts, BirthEvidence, CodeEvidence, IseeRole, Severity, WrittenAddress, WrittenName},
};

/// A cell, read.
#[derive(Clone, Copy)]
pub(super) enum Written<'a> {
    Text(&'a str),
    Date(Date),
    Birth(BirthEvidence),
    /// Cents, hundredths, counts.
    Whole(i64),
    Flag(bool),
    Place([u8; 4]),
    Sex(Sex),
    Kinship(Kinship),
    Residence(Residence),
    Role(IseeRole),
    Severity(Severity),
}

pub(super) struct Draft<'a> {
    values: [Option<Written<'a>>; Field::COUNT],
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self { values: [None; Field::COUNT] }
    }
}

/// One getter for each kind of value: another kind under the same field is a fault of the table, shown by a test.
macro_rules! getter {
    ($name:ident, $variant:ident, $type:ty) => {
        pub(super) fn $name(&self, field: Field) -> Option<$type> {
            match self.values[field as usize] {
                Some(Written::$variant(value)) => Some(value),
                _ => None,
            }
        }
    };
}

impl<'a> Draft<'a> {
    pub(super) fn set(&mut self, field: Field, value: Written<'a>) {
        self.values[field as usize] = Some(value);
    }

    getter!(text, Text, &'a str);
    getter!(date, Date, Date);
    getter!(whole, Whole, i64);
    getter!(flag, Flag, bool);

    pub(super) fn kinship(&self) -> Option<Kinship> {
        match self.values[Field::Kinship as usize] {
            Some(Written::Kinship(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn residence(&self) -> Option<Residence> {
        match self.values[Field::Residence as usize] {
            Some(Written::Residence(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn role(&self) -> Option<IseeRole> {
        match self.values[Field::Role as usize] {
            Some(Written::Role(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn severity(&self) -> Option<Severity> {
        match self.values[Field::Severity as usize] {
            Some(Written::Severity(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn sex(&self) -> Option<Sex> {
        match self.values[Field::Sex as usize] {
            Some(Written::Sex(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn place(&self) -> Option<[u8; 4]> {
        match self.values[Field::BirthPlace as usize] {
            Some(Written::Place(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn birth(&self) -> Option<BirthEvidence> {
        match self.values[Field::Birth as usize] {
            Some(Written::Birth(value)) => Some(value),
            Some(Written::Date(date)) => Some(BirthEvidence { date, other: None }),
            _ => None,
        }
    }

    pub(super) fn code(&self) -> CodeEvidence {
        self.text(Field::Code).map_or(CodeEvidence::Missing, parse::code_evidence)
    }

    pub(super) fn folded(&self, field: Field) -> Box<str> {
        self.text(field).map(crate::domain::fold::fold).unwrap_or_default().into()
    }

    pub(super) fn period(&self) -> Period {
        Period { from: self.date(Field::From), to: self.date(Field::To) }
    }

    fn personal(&self, field: Field) -> Personal {
        Personal::from(self.text(field).unwrap_or_default())
    }

    pub(super) fn name(&self) -> Option<Box<WrittenName>> {
        let parts = (self.text(Field::Surname), self.text(Field::Given));
        let name = match (self.text(Field::WholeName), parts) {
            (Some(whole), _) => WrittenName::Whole(Personal::from(whole)),
            (None, (None, None)) => return None,
            (None, _) => {
                WrittenName::Parts { surname: self.personal(Field::Surname), given: self.personal(Field::Given) }
            }
        };
        Some(Box::new(name))
    }

    pub(super) fn address(&self) -> Option<WrittenAddress> {
        if let Some(text) = self.text(Field::AddressText) {
            return Some(WrittenAddress::Text(Personal::from(text)));
        }
        let place = [Field::AddressKind, Field::AddressName, Field::AddressLocality];
        place.iter().find_map(|field| self.text(*field))?;
        let inside = [(Field::AddressStaircase, "scala "), (Field::AddressInterior, "interno ")];
        let mut interior = String::new();
        for (field, label) in inside {
            if let Some(text) = self.text(field) {
                if !interior.is_empty() {
                    interior.push(' ');
                }
                interior.push_str(label);
                interior.push_str(text);
            }
        }
        Some(WrittenAddress::Parts(Box::new(AddressParts {
            kind: self.personal(Field::AddressKind),
            name: self.personal(Field::AddressName),
            number: self.personal(Field::AddressNumber),
            exponent: self.personal(Field::AddressExponent),
            interior: Personal::from(interior),
            locality: self.personal(Field::AddressLocality),
            postcode: self.personal(Field::AddressPostcode),
        })))
    }
}
