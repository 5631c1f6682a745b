//! Rebuild: from all that the store holds, who is who, who lives with whom, and where.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rayon::prelude::*;

use super::{error::Error, register, source};
use crate::{
    domain::{
        bank::BankKind,
        personal::Personal,
        place::{PlaceStatus, Placement, Street},
        record::{Record, WrittenAddress},
        watch::Watch,
    },
    geocode::{self, Register},
    linkage::{self, AddressKey, BankRecords, FamilyEvidence},
    store::{
        Artefact, Contents, Generation, GenerationId, Line, Source, SourceKind, SourceState, Store, StoreError,
        form::{self, LinkForm, PeopleForm, PlaceForm, PlacesForm},
    },
};

/// What a rebuild found.
#[derive(Debug)]
pub struct Rebuilt {
    /// Its generation.
    pub generation: GenerationId,
    /// What was linked.
    pub linkage: linkage::Report,
    /// How the addresses of each bank were placed.
    pub places: Vec<(BankKind, PlaceTally)>,
    /// Streets and accesses of the register.
    pub register: register::RegisterReport,
}

/// Addresses of a bank by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlaceTally {
    /// Rows with an address.
    pub rows: u64,
    /// Taken.
    pub accepted: u64,
    /// For a person to decide.
    pub review: u64,
    /// Not taken.
    pub rejected: u64,
}

/// The records of a bank, in the order of its rows.
pub(super) struct Bank {
    pub(super) kind: BankKind,
    pub(super) records: Vec<Record>,
}

/// The current source of a kind.
pub(super) fn current<'a>(contents: &'a Contents, kind: &SourceKind) -> Option<&'a Source> {
    contents.sources.iter().rev().find(|source| source.kind == *kind && source.state == SourceState::Complete)
}

/// Every bank that was imported, read back.
pub(super) async fn banks(store: &dyn Store, contents: &Contents, watch: &dyn Watch) -> Result<Vec<Bank>, Error> {
    watch.begin("reading the banks", BankKind::ALL.len() as u64);
    let mut banks = Vec::new();
    for (done, kind) in BankKind::ALL.into_iter().enumerate() {
        if let Some(source) = current(contents, &SourceKind::Bank(kind)) {
            let records = source::records_of(store, source.id, kind, &source.file).await?;
            banks.push(Bank { kind, records });
        }
        watch.advance(done as u64 + 1);
        stop(watch)?;
    }
    Ok(banks)
}

/// Ends the work where someone asked for it.
pub(super) fn stop(watch: &dyn Watch) -> Result<(), Error> {
    if watch.cancelled() { Err(Error::Conflict("stopped; nothing of this step was kept".into())) } else { Ok(()) }
}

/// What the people and places are made of: their name is the hash of the sources' numbers and of the aliases.
fn name_of(contents: &Contents) -> GenerationId {
    let mut hasher = blake3::Hasher::new();
    let complete = contents.sources.iter().filter(|source| source.state == SourceState::Complete);
    let mut sources: Vec<String> = complete.map(|source| format!("{:?} {:?}", source.id, source.kind)).collect();
    sources.sort();
    for source in sources {
        hasher.update(source.as_bytes());
    }
    for alias in &contents.aliases {
        hasher.update(format!("{} {:?}", alias.written, alias.street).as_bytes());
    }
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    GenerationId(u64::from_be_bytes(bytes))
}

/// Whether people and places are those of the sources as they stand.
pub async fn is_current(store: &dyn Store) -> Result<bool, Error> {
    let contents = store.contents().await?;
    Ok(contents.rebuilt.as_ref().is_some_and(|head| head.id == name_of(&contents)))
}

/// Links and places every row, and publishes what came out. None where no bank was imported yet.
pub async fn rebuild(store: &dyn Store, now: Timestamp, watch: &dyn Watch) -> Result<Option<Rebuilt>, Error> {
    let contents = store.contents().await?;
    let (register, report) = register::build(store, &contents, watch).await?;
    let banks = banks(store, &contents, watch).await?;
    if banks.is_empty() {
        return Ok(None);
    }
    let places = place_all(&register, &banks, watch)?;
    let as_of = now.to_zoned(TimeZone::UTC).date();
    let linked = link_all(&banks, &places, as_of, watch)?;
    stop(watch)?;
    let tallies = banks.iter().filter_map(|bank| tally(bank.kind, &places.form)).collect();
    // Millions of rows are let go before their links are written down, and nobody waits for that.
    let gone = tokio::task::spawn_blocking(move || drop(banks));
    let id = name_of(&contents);
    let mut tiers = Vec::new();
    let links: Vec<LinkForm> = linked.links.iter().map(|link| LinkForm::new(link, &mut tiers)).collect();
    let artefacts = vec![
        (Artefact::Register, form::encode(&form::Civics::new(&streets_of(&register), register.accesses()))?),
        (Artefact::People, form::encode(&PeopleForm::new(&linked.people, &linked.households))?),
        (Artefact::Links, form::encode(&(tiers, links))?),
        (Artefact::Places, form::encode(&places.form)?),
    ];
    let generation = Generation { id, line: Line::Rebuilt, as_of, at: now, artefacts, figures: Vec::new() };
    watch.begin("keeping people and places", 0);
    store.publish(generation).await?;
    gone.await.map_err(Error::internal)?;
    Ok(Some(Rebuilt { generation: id, linkage: linked.report, places: tallies, register: report }))
}

fn link_all(banks: &[Bank], places: &Places, as_of: Date, watch: &dyn Watch) -> Result<linkage::Linked, Error> {
    let keys = keys(banks, places);
    let input = records(banks, &keys);
    link(&linkage::Input { banks: &input, family: FamilyEvidence::Shown, as_of, decided: &[] }, watch)
}

fn streets_of(register: &Register) -> Vec<Street> {
    register.streets().iter().map(|entry| entry.street.clone()).collect()
}

/// Links, in the words of this layer.
pub(super) fn link(input: &linkage::Input<'_>, watch: &dyn Watch) -> Result<linkage::Linked, Error> {
    linkage::link(input, watch).map_err(|error| match error {
        linkage::LinkageError::Cancelled => Error::Conflict(error.to_string()),
        linkage::LinkageError::TooManyRows(_) | linkage::LinkageError::RepeatedBank(_) => {
            Error::invalid("banks", error)
        }
    })
}

/// The accepted places of every record, bank by bank.
pub(super) fn keys(banks: &[Bank], places: &Places) -> Vec<Vec<Option<AddressKey>>> {
    banks.iter().map(|bank| address_keys(bank, places)).collect()
}

/// The banks as the linkage takes them.
pub(super) fn records<'a>(banks: &'a [Bank], keys: &'a [Vec<Option<AddressKey>>]) -> Vec<BankRecords<'a>> {
    let banks = banks.iter().zip(keys);
    banks.map(|(bank, places)| BankRecords { kind: bank.kind, records: &bank.records, places }).collect()
}

/// Where every address was put: each spelling once.
pub(super) struct Places {
    form: PlacesForm,
    accepted: Vec<Option<AddressKey>>,
}

/// A spelling, so that equal ones are placed once.
#[derive(PartialEq, Eq, Hash)]
enum Spelling<'a> {
    Text(&'a str),
    Parts([&'a str; 7]),
}

fn spelling(address: &WrittenAddress) -> Spelling<'_> {
    match address {
        WrittenAddress::Text(text) => Spelling::Text(text.reveal()),
        WrittenAddress::Parts(p) => Spelling::Parts(
            [&p.kind, &p.name, &p.number, &p.exponent, &p.interior, &p.locality, &p.postcode].map(Personal::reveal),
        ),
    }
}

/// Places the address of every row.
pub(super) fn place_all(register: &Register, banks: &[Bank], watch: &dyn Watch) -> Result<Places, Error> {
    let mut index: HashMap<Spelling<'_>, u32> = HashMap::new();
    let mut distinct: Vec<&WrittenAddress> = Vec::new();
    let mut form = PlacesForm::default();
    for bank in banks {
        let mut rows = Vec::new();
        for record in &bank.records {
            if let Some(address) = record.address.as_deref() {
                let at = *index.entry(spelling(address)).or_insert_with(|| {
                    distinct.push(address);
                    distinct.len() as u32 - 1
                });
                rows.push((record.row, at));
            }
        }
        form.push(bank.kind, rows);
    }
    let placements = locate_all(register, &distinct, watch)?;
    let accepted = placements
        .iter()
        .map(|p| (p.status == PlaceStatus::Accept).then_some(AddressKey { street: p.street, access: p.access }))
        .collect();
    form.places = placements.iter().map(PlaceForm::new).collect();
    Ok(Places { form, accepted })
}

/// Locates addresses on all cores.
pub(super) fn locate_all(
    register: &Register,
    addresses: &[&WrittenAddress],
    watch: &dyn Watch,
) -> Result<Vec<Placement>, Error> {
    const CHUNK: usize = 16_384;
    watch.begin("geocoding", addresses.len() as u64);
    let mut placements = Vec::with_capacity(addresses.len());
    for chunk in addresses.chunks(CHUNK) {
        placements.par_extend(chunk.par_iter().with_min_len(256).map(|address| geocode::locate(register, address)));
        watch.advance(placements.len() as u64);
        stop(watch)?;
    }
    Ok(placements)
}

fn address_keys(bank: &Bank, places: &Places) -> Vec<Option<AddressKey>> {
    let rows = places.form.rows_of(bank.kind);
    let mut next = rows.iter().peekable();
    bank.records
        .iter()
        .map(|record| {
            let (_, at) = next.next_if(|(row, _)| *row == record.row)?;
            places.accepted[*at as usize]
        })
        .collect()
}

fn tally(bank: BankKind, form: &PlacesForm) -> Option<(BankKind, PlaceTally)> {
    let rows = form.rows_of(bank);
    let mut tally = PlaceTally { rows: rows.len() as u64, ..PlaceTally::default() };
    for (_, at) in rows {
        match form.places[*at as usize].status() {
            "accept" => tally.accepted += 1,
            "review" => tally.review += 1,
            _ => tally.rejected += 1,
        }
    }
    (!rows.is_empty()).then_some((bank, tally))
}

/// Who is who and where, as the last import left it. Errors: [`Error::Conflict`] before the first import.
pub(super) struct Standing {
    pub(super) id: GenerationId,
}

impl Standing {
    pub(super) fn of(contents: &Contents) -> Result<Self, Error> {
        let head = contents.rebuilt.as_ref();
        let head =
            head.ok_or_else(|| Error::Conflict("no bank was imported yet: run `atlante import` first".into()))?;
        Ok(Self { id: head.id })
    }

    pub(super) async fn people(&self, store: &dyn Store) -> Result<PeopleForm, Error> {
        self.read(store, Artefact::People).await
    }

    pub(super) async fn links(&self, store: &dyn Store) -> Result<(Vec<Box<str>>, Vec<LinkForm>), Error> {
        self.read(store, Artefact::Links).await
    }

    pub(super) async fn places(&self, store: &dyn Store) -> Result<PlacesForm, Error> {
        self.read(store, Artefact::Places).await
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, store: &dyn Store, artefact: Artefact) -> Result<T, Error> {
        let bytes = store.artefact(self.id, artefact).await?;
        let name = artefact.name();
        let decoded: Result<T, StoreError> = form::decode(&bytes, name);
        Ok(decoded?)
    }
}
