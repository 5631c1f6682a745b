//! Records: what a row of a bank says, typed.

use jiff::civil::Date;

use super::{
    bank::BankKind,
    codice_fiscale::FiscalCode,
    household::Kinship,
    period::Period,
    person::{Residence, Sex},
    personal::Personal,
};

/// Where a record comes from: `row` counts from 1 after the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// Bank.
    pub bank: BankKind,
    /// Row of its current file.
    pub row: u32,
}

/// One readable row of a bank.
#[derive(Clone, Debug)]
pub struct Record {
    /// Row of the file, from 1.
    pub row: u32,
    /// Whom it speaks of.
    pub identity: Identity,
    /// What binds rows of one bank: `codice_famiglia` in the registry, `protocollo_dsu` in the ISEE banks.
    pub group: Option<Box<str>>,
    /// Where, as written.
    pub address: Option<Box<WrittenAddress>>,
    /// What it says.
    pub fact: Fact,
}

/// What a row says of who it is about. Every field is evidence, none is proof.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The fiscal code.
    pub code: CodeEvidence,
    /// The name.
    pub name: Option<Box<WrittenName>>,
    /// Birth date.
    pub birth: Option<BirthEvidence>,
    /// Belfiore code (or Z-code) of the birth place, where the bank says it.
    pub birth_place: Option<[u8; 4]>,
    /// Sex, where the bank says it.
    pub sex: Option<Sex>,
}

/// A fiscal code as it was found.
#[derive(Clone, Debug, Default)]
pub enum CodeEvidence {
    /// No code.
    #[default]
    Missing,
    /// A well-formed code, its check character right.
    Valid(FiscalCode),
    /// A text that is no valid code (wrong letter, wrong length); may be near one. Upper case, no blanks.
    Broken(Personal),
}

/// A name as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenName {
    /// Two columns (either may hold the other: exports swap them).
    Parts {
        /// Surname.
        surname: Personal,
        /// Given name or names.
        given: Personal,
    },
    /// One column, the order of surname and name being unsure.
    Whole(Personal),
}

/// A birth date as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BirthEvidence {
    /// The date as read.
    pub date: Date,
    /// The other reading, where the text allows it (day and month swapped, or another century).
    pub other: Option<Date>,
}

/// An address as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenAddress {
    /// One text.
    Text(Personal),
    /// In parts.
    Parts(Box<AddressParts>),
}

/// An address in columns; a missing part is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressParts {
    /// DUG: via, piazza…
    pub kind: Personal,
    /// DUF: the name.
    pub name: Personal,
    /// Civic number, which may hold its exponent as well.
    pub number: Personal,
    /// Exponent.
    pub exponent: Personal,
    /// Staircase, interior and the like, already joined.
    pub interior: Personal,
    /// Locality, hamlet.
    pub locality: Personal,
    /// CAP.
    pub postcode: Personal,
}

impl WrittenAddress {
    /// The address on one line, as an export shows it.
    pub fn to_line(&self) -> Personal {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => {
                let mut line = String::new();
                for part in [&parts.kind, &parts.name, &parts.number] {
                    push_part(&mut line, part, " ");
                }
                push_part(&mut line, &parts.exponent, "/");
                push_part(&mut line, &parts.interior, " int. ");
                push_part(&mut line, &parts.locality, ", ");
                push_part(&mut line, &parts.postcode, " - ");
                Personal::from(line)
            }
        }
    }
}

fn push_part(line: &mut String, part: &Personal, before: &str) {
    if !part.is_empty() {
        if !line.is_empty() {
            line.push_str(before);
        }
        line.push_str(part.reveal());
    }
}

/// What a row says beyond who and where. Amounts are in euro cents.
#[derive(Clone, Debug)]
pub enum Fact {
    /// Anagrafe.
    Registration {
        /// Place in the family.
        kinship: Kinship,
        /// Whether the person lives here.
        residence: Residence,
        /// Citizenship as written, folded.
        citizenship: Box<str>,
        /// Residence since.
        since: Option<Date>,
    },
    /// ISEE attestation; the record's person is the declarant.
    IseeStatement {
        /// Presented on, until.
        validity: Period,
        /// `ordinario`, `minorenni`, `corrente`…
        kind: Box<str>,
        /// ISEE for ordinary benefits.
        isee: i64,
        /// ISEE for ADI, SFL, AUU and the bonuses, from 2026.
        isee_inclusione: Option<i64>,
        /// Equivalence scale, in hundredths.
        scale: u16,
        /// ISR, income part.
        isr: i64,
        /// ISP, asset part.
        isp: i64,
    },
    /// ISEE nucleus member.
    IseeMember {
        /// Whether this member signed the statement.
        role: IseeRole,
    },
    /// INPS benefit.
    Benefit {
        /// ADI, IND.ACC, PENS, AUU, NASPI…
        code: Box<str>,
        /// A month.
        monthly: i64,
        /// When it runs.
        period: Period,
    },
    /// Taxable income of a year.
    Income {
        /// Tax year.
        year: i16,
        /// Amount.
        amount: i64,
        /// DIPENDENTE, PENSIONE, AUTONOMO…
        kind: Box<str>,
    },
    /// Invalidity report.
    Invalidity {
        /// Percentage, 0 to 100.
        percent: u8,
        /// Indennità di accompagnamento, L. 104 art. 3 c. 3.
        support: Support,
        /// Date of the report.
        date: Option<Date>,
    },
    /// Health service's frail person.
    Frailty {
        /// Life-support or other device at home.
        device: Option<Box<str>>,
        /// lieve, moderata, grave.
        severity: Severity,
    },
    /// Social services' case.
    SocialCase {
        /// ISTAT user area: POV, FAM, DIS, ELD, ADD, IMMNOM, MULBEN.
        area: Box<str>,
        /// Service, folded.
        service: Box<str>,
        /// When it runs.
        period: Period,
    },
    /// Waste tax position.
    WasteTax {
        /// Square metres.
        area_m2: u32,
        /// Declared occupants.
        occupants: u16,
        /// Unpaid.
        arrears: i64,
    },
    /// Public housing contract.
    PublicHousing {
        /// Monthly rent.
        rent: i64,
        /// Months of rent unpaid.
        arrears_months: u16,
    },
}

/// Who a member of an ISEE nucleus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IseeRole {
    /// D: signed.
    Declarant,
    /// C: any other member.
    Member,
}

/// What an invalidity report grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Support {
    /// Indennità di accompagnamento.
    pub attendance: bool,
    /// L. 104/1992 art. 3 c. 3.
    pub severe: bool,
}

/// Degree of frailty by the health service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// lieve
    Mild,
    /// moderata
    Moderate,
    /// grave
    Severe,
}
