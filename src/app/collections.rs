//! What there is to be asked, by who asks: the reference layers for all, figures of hexagons as fine as the role allows,
//! households and their people for those with a grant. A collection that one may not see is not listed.

use std::sync::Arc;

use super::{error::Error, world::World};
use crate::{
    access::{
        Actor, Denied, Disclosed, HouseholdRecords, OpenData,
        audit::AuditEvent,
        disclose, grant,
        hexes::Policy,
        opened::{Opened, Picked},
    },
    query::collection::{Collection, Households, ReferenceLayer},
    snapshot::schema::{Sensitivity, Titles},
};

/// Where the rows of a collection come from.
#[derive(Clone)]
enum Source {
    Layer(Arc<ReferenceLayer>),
    Households(Arc<Households>),
}

/// A collection that an actor may ask.
#[derive(Clone)]
pub struct Offer {
    source: Source,
    up_to: Sensitivity,
}

/// Names that never are a reference layer's, in the order in which they are listed.
const GUARDED: [&str; 1] = ["households"];

/// Every collection that the actor may see.
pub fn all(world: &World, actor: &Actor) -> Vec<Offer> {
    let guarded = GUARDED.iter().filter_map(|name| guarded(world, actor, name)?.ok());
    let layers = world.layers().iter().filter(|layer| !GUARDED.contains(&layer.name()));
    guarded.chain(layers.map(open)).collect()
}

/// The collection of that name.
///
/// Errors: `Missing` for a name that is none's, `Unauthenticated` where the public asks for what is guarded, `Forbidden`
/// where the role may not see it.
pub fn one(world: &World, actor: &Actor, name: &str) -> Result<Offer, Error> {
    if let Some(offer) = guarded(world, actor, name) {
        return offer.map_err(|denied| refused(actor, &denied));
    }
    world.layer(name).map(|layer| open(&layer)).ok_or_else(|| {
        let shown: String = name.chars().filter(char::is_ascii_graphic).take(48).collect();
        Error::Missing(format!("there is no collection \"{shown}\""))
    })
}

/// Whoever showed nothing is asked to sign in; whoever did is told no.
fn refused(actor: &Actor, denied: &Denied) -> Error {
    if *actor == Actor::anonymous() {
        Error::Unauthenticated("this collection needs a token of a role that may read it")
    } else {
        Error::Forbidden(denied.to_string())
    }
}

fn open(layer: &Arc<ReferenceLayer>) -> Offer {
    Offer { source: Source::Layer(Arc::clone(layer)), up_to: Sensitivity::Public }
}

fn guarded(world: &World, actor: &Actor, name: &str) -> Option<Result<Offer, Denied>> {
    match name {
        "households" => {
            Some(grant::<HouseholdRecords>(actor).map(|grant| Offer {
                source: Source::Households(Arc::clone(world.households())),
                up_to: grant.ceiling(),
            }))
        }
        _ => None,
    }
}

impl Offer {
    /// The collection, to be asked.
    pub fn collection(&self) -> Arc<dyn Collection> {
        match &self.source {
            Source::Layer(layer) => Arc::clone(layer) as _,
            Source::Households(households) => Arc::clone(households) as _,
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
            Source::Households(_) => Policy::Exact,
        }
    }

    /// What it holds, for people.
    pub fn description(&self) -> Titles {
        match self.source {
            Source::Layer(_) => Titles::new("Dati aperti di riferimento", "Open reference data"),
            Source::Households(_) => Titles::new(
                "Le famiglie collocate, una per punto, con gli attributi che il ruolo può leggere",
                "The placed households, one a point, with the attributes that the role may read",
            ),
        }
    }

    /// Rows of it, as the actor may see them, and what the audit log says of that.
    pub fn disclose(&self, actor: &Actor, picked: Picked) -> Result<(Disclosed<Opened>, AuditEvent), Error> {
        Ok(match &self.source {
            Source::Layer(layer) => disclose::layer_rows(&grant::<OpenData>(actor)?, layer, picked),
            Source::Households(households) => {
                disclose::household_rows(&grant::<HouseholdRecords>(actor)?, households, picked)
            }
        })
    }
}
