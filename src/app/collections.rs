//! What there is to be asked, by who asks: the reference layers for all, figures of hexagons as fine as the role allows,
//! households and their people for those with a grant. A collection that one may not see is not listed.
//!
//! The figures are a collection for each resolution, `hexes_6` to `hexes_10`; `hexes` is resolution 9.

use std::sync::Arc;

use h3o::Resolution;

use super::{error::Error, world::World};
use crate::{
    access::{
        Actor, Denied, Disclosed, ExactFigures, HouseholdRecords, OpenData, PublicFigures,
        audit::AuditEvent,
        disclose, grant,
        hexes::{Policy, RESOLUTIONS},
        opened::{Opened, Picked},
    },
    query::collection::{Collection, Households, People, ReferenceLayer},
    snapshot::schema::{Sensitivity, Titles},
};

/// The resolution of the collection `hexes`.
pub const USUAL_RESOLUTION: Resolution = Resolution::Nine;

/// Where the rows of a collection come from.
#[derive(Clone)]
enum Source {
    Layer(Arc<ReferenceLayer>),
    Hexes { world: Arc<World>, resolution: Resolution, policy: Policy, rows: Arc<ReferenceLayer> },
    Households(Arc<Households>),
    People(Arc<People>),
}

/// A collection that an actor may ask.
#[derive(Clone)]
pub struct Offer {
    name: Box<str>,
    source: Source,
    up_to: Sensitivity,
}

/// Names of households and people, which only some may see.
const GUARDED: [&str; 2] = ["households", "people"];

/// Every collection that the actor may see.
pub fn all(world: &Arc<World>, actor: &Actor) -> Vec<Offer> {
    let hexes = std::iter::once("hexes".to_owned()).chain(RESOLUTIONS.map(|resolution| format!("hexes_{resolution}")));
    let hexes = hexes.filter_map(|name| figures(world, actor, &name)?.ok());
    let guarded = GUARDED.iter().filter_map(|name| guarded(world, actor, name)?.ok());
    let layers = world.layers().iter().filter(|layer| !is_ours(layer.name())).map(layer);
    hexes.chain(guarded).chain(layers).collect()
}

/// Whether a name is never a reference layer's.
fn is_ours(name: &str) -> bool {
    GUARDED.contains(&name) || resolution_of(name).is_some()
}

/// The collection of that name.
///
/// Errors: `Missing` for a name that is none's, `Unauthenticated` where the public asks for what is guarded, `Forbidden`
/// where the role may not see it.
pub fn one(world: &Arc<World>, actor: &Actor, name: &str) -> Result<Offer, Error> {
    if let Some(offer) = figures(world, actor, name).or_else(|| guarded(world, actor, name)) {
        return offer.map_err(|denied| refused(actor, &denied));
    }
    world.layer(name).map(|one| layer(&one)).ok_or_else(|| {
        let shown: String = name.chars().filter(char::is_ascii_graphic).take(48).collect();
        Error::Missing(format!("there is no collection \"{shown}\""))
    })
}

/// Whoever showed nothing is asked to sign in; whoever did is told no.
pub(super) fn refused(actor: &Actor, denied: &Denied) -> Error {
    if *actor == Actor::anonymous() {
        Error::Unauthenticated("this collection needs a token of a role that may read it")
    } else {
        Error::Forbidden(denied.to_string())
    }
}

fn layer(layer: &Arc<ReferenceLayer>) -> Offer {
    Offer { name: layer.name().into(), source: Source::Layer(Arc::clone(layer)), up_to: Sensitivity::Public }
}

fn resolution_of(name: &str) -> Option<Resolution> {
    if name == "hexes" {
        return Some(USUAL_RESOLUTION);
    }
    let number = name.strip_prefix("hexes_")?;
    RESOLUTIONS.into_iter().find(|resolution| resolution.to_string() == number)
}

/// Figures of hexagons, the finest that the actor may see.
fn figures(world: &Arc<World>, actor: &Actor, name: &str) -> Option<Result<Offer, Denied>> {
    let resolution = resolution_of(name)?;
    let prepared = world.prepared();
    let offer = |policy, rows: &Arc<ReferenceLayer>| Offer {
        name: name.into(),
        source: Source::Hexes { world: Arc::clone(world), resolution, policy, rows: Arc::clone(rows) },
        up_to: Sensitivity::Aggregate,
    };
    if let Ok(grant) = grant::<ExactFigures>(actor) {
        return Some(Ok(offer(Policy::Exact, prepared.collection(&grant, resolution))));
    }
    let open = grant::<PublicFigures>(actor);
    Some(open.map(|grant| offer(Policy::Public, prepared.collection(&grant, resolution))))
}

fn guarded(world: &Arc<World>, actor: &Actor, name: &str) -> Option<Result<Offer, Denied>> {
    let source = match name {
        "households" => Source::Households(Arc::clone(world.households())),
        "people" => Source::People(Arc::clone(world.people())),
        _ => return None,
    };
    Some(grant::<HouseholdRecords>(actor).map(|grant| Offer { name: name.into(), source, up_to: grant.ceiling() }))
}

impl Offer {
    /// Its name in URLs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The collection, to be asked.
    pub fn collection(&self) -> Arc<dyn Collection> {
        match &self.source {
            Source::Layer(rows) | Source::Hexes { rows, .. } => Arc::clone(rows) as _,
            Source::Households(households) => Arc::clone(households) as _,
            Source::People(people) => Arc::clone(people) as _,
        }
    }

    /// Fields up to this sensitivity may be asked and seen.
    pub const fn up_to(&self) -> Sensitivity {
        self.up_to
    }

    /// For whom its answers may be kept on their way.
    pub const fn policy(&self) -> Policy {
        match self.source {
            Source::Layer(_) => Policy::Public,
            Source::Hexes { policy, .. } => policy,
            Source::Households(_) | Source::People(_) => Policy::Exact,
        }
    }

    /// Whether it tells of the town's people on the day of the snapshot, not of open data.
    pub const fn is_of_the_town(&self) -> bool {
        !matches!(self.source, Source::Layer(_))
    }

    /// The layer that draws it as tiles; none where it has no tiles.
    pub fn tiles(&self) -> Option<&str> {
        match &self.source {
            Source::Layer(layer) => Some(layer.name()),
            Source::Hexes { .. } => (*self.name == *"hexes").then_some("hexes"),
            Source::Households(households) => Some(households.name()),
            Source::People(_) => None,
        }
    }

    /// Its name for people.
    pub fn titles(&self) -> Titles {
        match &self.source {
            Source::Hexes { resolution, .. } => Titles::new(
                &format!("Esagoni, risoluzione {resolution}"),
                &format!("Hexagons, resolution {resolution}"),
            ),
            Source::Layer(rows) => rows.titles().clone(),
            Source::Households(households) => households.titles().clone(),
            Source::People(people) => people.titles().clone(),
        }
    }

    /// What it holds, for people.
    pub fn description(&self) -> Titles {
        match &self.source {
            Source::Layer(_) => Titles::new("Dati aperti di riferimento", "Open reference data"),
            Source::Hexes { policy: Policy::Public, .. } => Titles::new(
                "Cifre pubblicate di esagoni H3, uniti dove le famiglie sono meno di dieci e arrotondate",
                "Published figures of H3 hexagons, joined where households are fewer than ten, and rounded",
            ),
            Source::Hexes { policy: Policy::Exact, .. } => {
                Titles::new("Cifre esatte di esagoni H3", "Exact figures of H3 hexagons")
            }
            Source::Households(_) => Titles::new(
                "Le famiglie collocate, una per punto, con gli attributi che il ruolo può leggere",
                "The placed households, one a point, with the attributes that the role may read",
            ),
            Source::People(_) => Titles::new(
                "Le persone delle famiglie collocate, con gli attributi che il ruolo può leggere",
                "The people of the placed households, with the attributes that the role may read",
            ),
        }
    }

    /// Rows of it, as the actor may see them, and what the audit log says of that.
    pub fn disclose(&self, actor: &Actor, picked: Picked) -> Result<(Disclosed<Opened>, AuditEvent), Error> {
        Ok(match &self.source {
            Source::Layer(layer) => disclose::layer_rows(&grant::<OpenData>(actor)?, layer, picked),
            Source::Hexes { world, resolution, policy: Policy::Public, .. } => {
                disclose::hex_rows(&grant::<PublicFigures>(actor)?, world.prepared(), *resolution, picked)
            }
            Source::Hexes { world, resolution, policy: Policy::Exact, .. } => {
                disclose::hex_rows(&grant::<ExactFigures>(actor)?, world.prepared(), *resolution, picked)
            }
            Source::Households(households) => {
                disclose::household_rows(&grant::<HouseholdRecords>(actor)?, households, picked)
            }
            Source::People(people) => disclose::people_rows(&grant::<HouseholdRecords>(actor)?, people, picked),
        })
    }
}
