//! Refresh: every household assessed at a day, frozen, published.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::{
    error::Error,
    freeze::{self, Town},
    rebuild::{self, Bank, Standing, stop},
    register, source,
};
use crate::{
    access::{
        Actor, PublicFigures, disclose, grant,
        hexes::{Prepared, RESOLUTIONS},
    },
    domain::{geo::LonLat, household::Household, watch::Watch},
    fragility::{
        self, Assessment, Fragile,
        model::Model,
        situation::{Banks, JoinedFact, gather},
    },
    snapshot::{About, Snapshot, schema},
    store::{
        Artefact, Contents, Generation, GenerationId, Layer, Line, Store, Titles,
        form::{LinkForm, PlaceForm, PlacesForm},
    },
};

/// What to refresh.
#[derive(Clone, Debug)]
pub struct RefreshOrder {
    /// The day at which households are assessed.
    pub as_of: Date,
    /// The text of a model file; none for the shipped one.
    pub model: Option<String>,
}

/// What a refresh made.
#[derive(Clone, Debug)]
pub struct RefreshReport {
    /// The snapshot's generation.
    pub generation: String,
    /// The day.
    pub as_of: Date,
    /// Model id and version.
    pub model: (String, String),
    /// Households that have a place.
    pub placed: u64,
    /// Households that have none.
    pub unplaced: u64,
    /// People of the placed households.
    pub people: u64,
    /// Fragile households among the placed.
    pub fragile: u64,
    /// Bytes of the stored snapshot.
    pub snapshot_bytes: u64,
}

/// Assesses, freezes and publishes.
pub async fn refresh(store: &dyn Store, order: RefreshOrder, watch: &dyn Watch) -> Result<RefreshReport, Error> {
    // An import that was cut off before its end has left rows that nobody linked yet.
    if !rebuild::is_current(store).await? {
        rebuild::rebuild(store, Timestamp::now(), watch).await?;
    }
    let contents = store.contents().await?;
    let standing = Standing::of(&contents)?;
    let model = match &order.model {
        Some(text) => Model::parse(text).map_err(|error| Error::invalid("--model", error))?,
        None => Model::shipped(),
    };
    let dated = model.at(order.as_of).map_err(|error| Error::invalid("--as-of", error))?;
    let (people, households) = standing.people(store).await?.into_parts();
    let (_, links) = standing.links(store).await?;
    let places = standing.places(store).await?;
    let banks = rebuild::banks(store, &contents, watch).await?;
    let present: Banks = banks.iter().map(|bank| bank.kind).collect();
    watch.begin("gathering what is known", 0);
    let facts = joined(&banks, &links);
    let gathered = gather(&people, &households, facts, present, order.as_of);
    let assessments = fragility::assess_all(&dated, &gathered, watch);
    stop(watch)?;
    let homes = homes(&banks, &links, &places, &households);
    let about = about(store, &contents, &model, order.as_of).await?;
    let town = Town { people: &people, households: &households, gathered, assessments: &assessments, homes };
    let snapshot = Arc::new(freeze::freeze(&dated, about, &town)?);
    stop(watch)?;
    let report = report(&snapshot, &model, &assessments);
    publish_world(store, &standing, &snapshot, &order, watch)
        .await
        .map(|bytes| RefreshReport { snapshot_bytes: bytes, ..report })
}

async fn publish_world(
    store: &dyn Store,
    standing: &Standing,
    snapshot: &Arc<Snapshot>,
    order: &RefreshOrder,
    watch: &dyn Watch,
) -> Result<u64, Error> {
    watch.begin("publishing", 0);
    let bytes = snapshot.encode();
    let length = bytes.len() as u64;
    let register = store.artefact(standing.id, Artefact::Register).await?;
    let model = order.model.clone().unwrap_or_else(|| fragility::model::DEFAULT.to_owned());
    let figures = figures(snapshot)?;
    let generation = Generation {
        id: generation_id(snapshot.generation())?,
        line: Line::Served,
        as_of: order.as_of,
        at: Timestamp::now(),
        artefacts: vec![
            (Artefact::Register, register),
            (Artefact::Snapshot, bytes),
            (Artefact::Model, model.into_bytes()),
        ],
        figures,
    };
    store.publish(generation).await?;
    Ok(length)
}

/// The public hexagons, a table for each resolution, for whoever opens a copy of the store in QGIS.
pub(super) fn figures(snapshot: &Arc<Snapshot>) -> Result<Vec<Layer>, Error> {
    let grant = grant::<PublicFigures>(&Actor::anonymous())?;
    let (hexes, _) = disclose::hexes(&grant, &Prepared::new(snapshot));
    RESOLUTIONS
        .into_iter()
        .map(|resolution| {
            let features = hexes.collection(resolution).layer().features().to_vec();
            let number = u8::from(resolution);
            Ok(Layer {
                name: format!("hexes_{number}").parse().map_err(Error::internal)?,
                titles: Titles {
                    it: format!("Esagoni H3, risoluzione {number}").into(),
                    en: format!("H3 hexagons, resolution {number}").into(),
                },
                features,
            })
        })
        .collect()
}

/// The store names generations by 64 bits; a snapshot's name is the hexadecimal of the same hash.
pub(super) fn generation_id(name: &str) -> Result<GenerationId, Error> {
    let digits = name.get(..16).ok_or_else(|| Error::internal("a generation's name is too short"))?;
    u64::from_str_radix(digits, 16).map(GenerationId).map_err(Error::internal)
}

/// Every fact beside whom it was joined to. Links come bank by bank in the order of the records.
fn joined<'a>(banks: &'a [Bank], links: &'a [LinkForm]) -> impl Iterator<Item = JoinedFact<'a>> {
    let records = banks.iter().flat_map(|bank| bank.records.iter().map(move |record| (bank.kind, record)));
    records.zip(links).filter(|((kind, record), link)| link.bank() == *kind && link.row == record.row).map(
        |((_, record), link)| JoinedFact {
            household: link.household(),
            person: link.person(),
            group: record.group.as_deref(),
            fact: &record.fact,
        },
    )
}

/// Where each household lives: the place of its registry rows, the head's first; else of any other row of its members.
fn homes(banks: &[Bank], links: &[LinkForm], places: &PlacesForm, households: &[Household]) -> Vec<Option<LonLat>> {
    let mut homes: Vec<Option<(u8, LonLat)>> = vec![None; households.len()];
    let rows = banks.iter().flat_map(|bank| bank.records.iter().map(move |record| (bank.kind, record)));
    for ((bank, record), link) in rows.zip(links) {
        let Some(household) = link.household().filter(|_| record.address.is_some()) else { continue };
        let place = places.place_of(bank, record.row).filter(|place| place.status() == "accept");
        let Some(point) = place.and_then(PlaceForm::point) else { continue };
        let registry = bank == crate::domain::bank::BankKind::Anagrafe;
        let head =
            link.person().is_some() && households[household.0 as usize].members.first() == link.person().as_ref();
        let rank = match (registry, head) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        let home = &mut homes[household.0 as usize];
        if home.is_none_or(|(best, _)| rank < best) {
            *home = Some((rank, point));
        }
    }
    homes.into_iter().map(|home| home.map(|(_, point)| point)).collect()
}

async fn about(store: &dyn Store, contents: &Contents, model: &Model, as_of: Date) -> Result<About, Error> {
    let features = source::features_of(store, register::BOUNDARY).await?.unwrap_or_default();
    let name = register::town(&features).names.into_iter().next();
    Ok(About {
        comune: contents.comune,
        name: name.unwrap_or_else(|| contents.comune.to_string()).into(),
        as_of,
        model_id: model.id().into(),
        model_version: model.version().into(),
        model_title: schema::Titles::new(&model.title().it, &model.title().en),
    })
}

fn report(snapshot: &Snapshot, model: &Model, assessments: &[Assessment]) -> RefreshReport {
    let fragile = assessments.iter().filter(|assessment| assessment.standing == Fragile::Yes).count();
    RefreshReport {
        generation: snapshot.generation().to_owned(),
        as_of: snapshot.about().as_of,
        model: (model.id().to_owned(), model.version().to_owned()),
        placed: u64::from(snapshot.households()),
        unplaced: u64::from(snapshot.unplaced().households),
        people: u64::from(snapshot.people()),
        fragile: fragile as u64,
        snapshot_bytes: 0,
    }
}
