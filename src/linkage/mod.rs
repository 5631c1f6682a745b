//! Records of all banks become people, people become households.
//!
//! The registry (anagrafe) is the spine. A row of another bank finds its person by tiers, surest first: its code as it
//! is, a code that the person's own data make, a broken code one edit away with name and date agreeing, then
//! Fellegi–Sunter over names, birth, address (`weights`), then the households already matched. What is left and
//! speaks of somebody becomes a person not registered; what speaks of nobody stays unlinked, with the reason.
//!
//! A code is evidence, never the person's id: two people under one code and one person under several both occur.
//! The same input gives the same answer in every run, and the order of rows decides nothing but the numbering.

mod assign;
mod blocking;
mod cases;
mod cluster;
mod compare;
mod explain;
mod household;
mod names;
mod nucleus;
mod rebuild;
mod registry;
mod study;
mod tiers;
mod traits;
mod weights;

#[cfg(test)]
mod tests;

use jiff::civil::Date;

use self::{cases::Cases, names::Names, registry::Registry};
pub use self::{
    compare::Comparison,
    explain::{Step, Waterfall, explain},
    nucleus::{Difference, Reason},
    weights::Model,
};
use crate::domain::{
    bank::BankKind,
    codice_fiscale::FiscalCode,
    household::{Household, HouseholdId},
    person::{Person, PersonId},
    place::{AccessId, StreetId},
    record::{CodeEvidence, Record, RecordKey},
    watch::Watch,
};

/// What is linked.
pub struct Input<'a> {
    /// The banks, each once; the registry may be missing.
    pub banks: &'a [BankRecords<'a>],
    /// Whether `codice_famiglia` may be used.
    pub family: FamilyEvidence,
    /// The day for which nuclei are current, and up to which two-digit years reach.
    pub as_of: Date,
    /// What people decided: left alone.
    pub decided: &'a [Decision],
}

/// The records of a bank.
#[derive(Clone, Copy)]
pub struct BankRecords<'a> {
    /// Which bank.
    pub kind: BankKind,
    /// Its rows, in any order; `row` is unique.
    pub records: &'a [Record],
    /// Where the geocoder put each row's address, parallel to `records`; a missing tail is unknown.
    pub places: &'a [Option<AddressKey>],
}

/// An accepted placement, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddressKey {
    /// Street of the register.
    pub street: Option<StreetId>,
    /// Access of the register.
    pub access: Option<AccessId>,
}

/// Whether the registry's family code may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyEvidence {
    /// Households are the registry's families.
    Shown,
    /// Households are rebuilt from address, kinship, surnames, ages and ISEE nuclei.
    Hidden,
}

/// A pair of rows that a person judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// One row.
    pub one: RecordKey,
    /// The other.
    pub other: RecordKey,
    /// What was decided.
    pub verdict: Verdict,
}

/// What was decided of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They speak of one person.
    Same,
    /// They speak of two.
    Different,
}

/// How many rows of a bank may speak of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Multiplicity {
    /// One, but for a row entered twice.
    One,
    /// Several.
    Many,
}

const fn multiplicity(kind: BankKind) -> Multiplicity {
    match kind {
        BankKind::Anagrafe | BankKind::FragiliAsl => Multiplicity::One,
        // Statements, benefits, incomes and cases repeat by year; reports are revised; one may hold several homes.
        BankKind::IseeAttestazioni
        | BankKind::IseeComponenti
        | BankKind::PrestazioniInps
        | BankKind::Redditi
        | BankKind::Invalidita
        | BankKind::ServiziSociali
        | BankKind::Tari
        | BankKind::Erp => Multiplicity::Many,
    }
}

/// How a row found its person, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// A row of the registry: the person is its own.
    Registry,
    /// A person decided it.
    Decided,
    /// The code, as it is.
    Code,
    /// The code that the registered person's own data make, the registry having none or an interim one; or an interim
    /// code with name and birth date agreeing exactly.
    Provisional,
    /// A broken code one edit from the person's, nothing else against it.
    NearCode,
    /// The declarant of the same ISEE statement, whom the statement's other row names.
    Declarant,
    /// Fellegi–Sunter.
    FellegiSunter,
    /// Fellegi–Sunter inside the households that the row's group already matched.
    Household,
    /// The code, as it is, though the name says otherwise and nobody else fits.
    DisputedCode,
    /// Nobody of the registry: a person known from this and perhaps other rows.
    Unregistered,
    /// No person.
    Unlinked(Unlinked),
}

/// Why a row has no person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unlinked {
    /// Neither a code nor a name.
    NoIdentity,
    /// A broken code and nothing else; no registered code is one edit away.
    UnknownCode,
    /// More than one person fits.
    Ambiguous,
    /// A name with neither birth date nor address.
    Weak,
    /// A person decided that it is not the one that it would be linked to.
    Decided,
}

impl Tier {
    /// The name used in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Decided => "decided",
            Self::Code => "code",
            Self::Provisional => "provisional",
            Self::NearCode => "near_code",
            Self::Declarant => "declarant",
            Self::FellegiSunter => "fellegi_sunter",
            Self::Household => "household",
            Self::DisputedCode => "disputed_code",
            Self::Unregistered => "unregistered",
            Self::Unlinked(Unlinked::NoIdentity) => "unlinked_no_identity",
            Self::Unlinked(Unlinked::UnknownCode) => "unlinked_unknown_code",
            Self::Unlinked(Unlinked::Ambiguous) => "unlinked_ambiguous",
            Self::Unlinked(Unlinked::Weak) => "unlinked_weak",
            Self::Unlinked(Unlinked::Decided) => "unlinked_decided",
        }
    }
}

/// Whom a row speaks of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The row.
    pub record: RecordKey,
    /// The person.
    pub person: Option<PersonId>,
    /// The person's household; of who has died or left, the one they were of.
    pub household: Option<HouseholdId>,
    /// How it was found.
    pub tier: Tier,
    /// Probability that the link is right, 0 to 1; 0 without a person.
    pub score: f32,
}

/// What the linkage says.
#[derive(Debug)]
pub struct Linked {
    /// Everyone, `people[i].id.0 == i`: the registered first.
    pub people: Vec<Person>,
    /// Every household with a resident, `households[i].id.0 == i`.
    pub households: Vec<Household>,
    /// One a record, in the order of the input.
    pub links: Vec<Link>,
    /// Why a household and its nucleus differ, member by member.
    pub differences: Vec<Difference>,
    /// What was learnt of each bank that needed it.
    pub models: Vec<(BankKind, Model)>,
    /// Figures of the run.
    pub report: Report,
}

/// Figures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows by bank and tier, in the order of both; only what occurred.
    pub tiers: Vec<(BankKind, Tier, u32)>,
    /// People of the registry.
    pub registered: u32,
    /// People known from other banks only.
    pub unregistered: u32,
    /// Households.
    pub households: u32,
    /// Pairs compared by Fellegi–Sunter.
    pub pairs: u64,
    /// Rounds of expectation–maximisation.
    pub rounds: u32,
}

/// Why nothing was linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkageError {
    /// Someone asked to stop.
    #[error("the linkage was stopped")]
    Cancelled,
    /// Rows are counted in 32 bits.
    #[error("{0} rows are more than one comune can have")]
    TooManyRows(usize),
    /// The rows of a bank come in one piece.
    #[error("the bank {0} is given twice")]
    RepeatedBank(BankKind),
}

/// Links every row.
pub fn link(input: &Input<'_>, watch: &dyn Watch) -> Result<Linked, LinkageError> {
    let total = check(input)?;
    let pause = || if watch.cancelled() { Err(LinkageError::Cancelled) } else { Ok(()) };
    watch.begin("linkage", total as u64);
    let mut names = Names::default();
    let spine = input.banks.iter().find(|bank| bank.kind == BankKind::Anagrafe);
    let decisions = tiers::Decisions::read(input);
    let registry = Registry::build(spine, decisions.registry_pairs(), input.as_of, &mut names);
    pause()?;
    let mut fates = tiers::by_code(input, &registry, &names, &decisions);
    pause()?;
    let mut cases = Cases::gather(input, &registry, &fates, &mut names, &decisions);
    watch.advance(total as u64 / 2);
    cases.match_near_codes(&names, &mut fates);
    tiers::share_declarants(input, &mut fates);
    cases.drop_settled(&fates);
    cases.compare(&names);
    cases.learn();
    cases.assign(&mut fates);
    pause()?;
    let families = household::families(input, &registry, &fates);
    cases.assign_within(&families, &names, &mut fates);
    let strangers = cluster::strangers(&cases, &names, &mut fates);
    tiers::apply_decisions(input, &decisions, &mut fates);
    pause()?;
    watch.advance(total as u64);
    Ok(assemble(input, &registry, &names, Parts { fates, families, strangers, cases: &cases }))
}

/// Counts the rows of an input that can be linked.
fn check(input: &Input<'_>) -> Result<usize, LinkageError> {
    for (i, bank) in input.banks.iter().enumerate() {
        if input.banks[..i].iter().any(|other| other.kind == bank.kind) {
            return Err(LinkageError::RepeatedBank(bank.kind));
        }
    }
    let total = input.banks.iter().map(|bank| bank.records.len()).sum();
    if u32::try_from(total).is_err() { Err(LinkageError::TooManyRows(total)) } else { Ok(total) }
}

struct Parts<'a> {
    fates: tiers::Fates,
    families: household::Families,
    strangers: Vec<cluster::Stranger>,
    cases: &'a Cases<'a>,
}

fn assemble(input: &Input<'_>, registry: &Registry<'_>, names: &Names, parts: Parts<'_>) -> Linked {
    let Parts { fates, families, strangers, cases } = parts;
    let mut people = household::people(registry, names, &families);
    people.extend(
        strangers
            .iter()
            .enumerate()
            .map(|(i, stranger)| stranger.person(PersonId((registry.people.len() + i) as u32), names, input.as_of)),
    );
    let mut links = Vec::with_capacity(fates.len());
    for (bank, rows) in input.banks.iter().zip(fates.banks()) {
        for (record, fate) in bank.records.iter().zip(rows) {
            let person = fate.person().map(PersonId);
            let household = person.and_then(|person| people[person.0 as usize].household);
            let key = RecordKey { bank: bank.kind, row: record.row };
            links.push(Link { record: key, person, household, tier: fate.tier(), score: fate.score() });
            if let (Some(person), CodeEvidence::Valid(code)) = (person, &record.identity.code) {
                note_code(&mut people[person.0 as usize].codes, *code);
            }
        }
    }
    let mut households = families.households();
    let differences = nucleus::attach(input, registry, &links, &people, &mut households);
    let report = Report {
        tiers: count_tiers(&links),
        registered: registry.people.len() as u32,
        unregistered: strangers.len() as u32,
        households: households.len() as u32,
        pairs: cases.pairs(),
        rounds: cases.rounds(),
    };
    Linked { people, households, links, differences, models: cases.models(), report }
}

fn note_code(codes: &mut Vec<FiscalCode>, code: FiscalCode) {
    if !codes.contains(&code) {
        codes.push(code);
    }
}

fn count_tiers(links: &[Link]) -> Vec<(BankKind, Tier, u32)> {
    let mut counts = std::collections::BTreeMap::new();
    for link in links {
        *counts.entry((link.record.bank, link.tier)).or_insert(0) += 1;
    }
    counts.into_iter().map(|((bank, tier), count)| (bank, tier, count)).collect()
}
