//! The doors of households as a crew reads them: street and number, and how sure the place is.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    app::{Error, rebuild::Standing, world::written},
    domain::{
        bank::BankKind,
        household::HouseholdId,
        place::{AccessId, CivicNumber, PlaceLevel, StreetId},
        toponym,
    },
    store::{
        Artefact, Store,
        form::{self, PlaceForm},
    },
};

/// A door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Door {
    /// Street and number.
    pub(super) text: String,
    /// The street.
    pub(super) street: Option<String>,
    /// How sure the place is, where it is not the door itself.
    pub(super) note: String,
}

/// The doors of some households; one that has no accepted address is left out.
pub(super) async fn of(store: &dyn Store, wanted: BTreeSet<u32>) -> Result<BTreeMap<u32, Door>, Error> {
    let contents = store.contents().await?;
    // A world without banks behind it (a demo's, a test's) has no addresses.
    let (Ok(standing), Some(served)) = (Standing::of(&contents), &contents.served) else { return Ok(BTreeMap::new()) };
    let (_, links) = standing.links(store).await?;
    let places = standing.places(store).await?;
    let (_, households) = standing.people(store).await?.into_parts();
    let register = store.artefact(served.id, Artefact::Register).await?;
    let read = move || -> Result<BTreeMap<u32, Door>, Error> {
        let (streets, accesses) = form::decode::<form::Civics>(&register, "the civic register")?.into_parts();
        let names: BTreeMap<StreetId, String> = streets.into_iter().map(|street| (street.id, street.name)).collect();
        let numbers: BTreeMap<AccessId, (StreetId, CivicNumber)> =
            accesses.into_iter().map(|access| (access.id, (access.street, access.number))).collect();
        let mut best: BTreeMap<u32, (u8, &PlaceForm)> = BTreeMap::new();
        for link in &links {
            let Some(HouseholdId(household)) = link.household().filter(|one| wanted.contains(&one.0)) else { continue };
            let place = places.place_of(link.bank(), link.row).filter(|place| place.status() == "accept");
            let Some(place) = place.filter(|place| place.point().is_some()) else { continue };
            let members = households.get(household as usize).map(|one| one.members.as_slice()).unwrap_or_default();
            let head = link.person().is_some() && members.first() == link.person().as_ref();
            // As the refresh chooses where a household lives.
            let rank = match (link.bank() == BankKind::Anagrafe, head) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            let found = best.entry(household).or_insert((rank, place));
            if rank < found.0 {
                *found = (rank, place);
            }
        }
        Ok(best.into_iter().map(|(household, (_, place))| (household, door(place, &names, &numbers))).collect())
    };
    tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
}

/// How many households are registered, placed or not: they are numbered from zero.
pub(super) async fn registered(store: &dyn Store) -> Result<u64, Error> {
    let contents = store.contents().await?;
    let Ok(standing) = Standing::of(&contents) else { return Ok(0) };
    let (_, households) = standing.people(store).await?.into_parts();
    Ok(households.len() as u64)
}

fn door(
    place: &PlaceForm,
    names: &BTreeMap<StreetId, String>,
    numbers: &BTreeMap<AccessId, (StreetId, CivicNumber)>,
) -> Door {
    let access = place.access().and_then(|access| numbers.get(&access));
    let street = access.map(|(street, _)| *street).or_else(|| place.street());
    let street = street.and_then(|street| names.get(&street)).cloned();
    let exact = [PlaceLevel::Exact, PlaceLevel::OtherExponent].iter().any(|level| level.name() == place.level());
    let number = access.filter(|_| exact).map(|(_, number)| written(number));
    let text = match (street.as_deref().map(toponym::written), number) {
        (Some(street), Some(number)) => format!("{street} {number}"),
        (Some(street), None) => format!("{street}, civico da cercare"),
        (None, _) => String::new(),
    };
    let note = match place.uncertainty_m.filter(|_| !exact) {
        Some(metres) => format!("posizione approssimata, entro {metres:.0} m"),
        None if exact => String::new(),
        None => "posizione approssimata".to_owned(),
    };
    Door { text, street, note }
}
