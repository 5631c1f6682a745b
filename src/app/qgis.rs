//! What a GIS officer opens: one file with every layer, and the styles of the collections.

use std::sync::Arc;

use h3o::Resolution;

use super::{
    App,
    collections::{self, Offer},
    error::Error,
    world::World,
};
use crate::{
    access::{
        Actor, Disclosed,
        hexes::{Hexes, RESOLUTIONS},
    },
    publish::{
        hexes::ZOOMS,
        qgis::{self, Definition, Look, Sheet, Shown, Tiles},
    },
    query::collection::Field,
    snapshot::schema::{Schema, Slot},
};

/// The resolution whose classes the tiles are drawn in, and whose features are drawn first.
const USUAL_RESOLUTION: Resolution = Resolution::Nine;

/// Class borders of a score of households: all of them are 0 to 1.
const SCORE_BREAKS: [f64; 7] = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0];

/// The layer definition of everything that the actor may see; `base` is the server's public address without a final slash.
///
/// Errors: `Invalid` where `authcfg` is not seven letters and digits, as QGIS makes them.
pub fn definition(app: &App, actor: &Actor, base: &str, authcfg: Option<&str>) -> Result<String, Error> {
    if authcfg.is_some_and(|id| id.len() != 7 || !id.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Err(Error::invalid(
            "authcfg",
            "seven letters and digits: the id of an authentication configuration of QGIS",
        ));
    }
    let world = app.world()?;
    let figures = world.sight(actor)?.chart.hexes().clone();
    let offers: Vec<Offer> =
        collections::all(&world, actor).into_iter().filter(|offer| offer.name() != "hexes").collect();
    let fields: Vec<Vec<Field>> = offers.iter().map(visible).collect();
    let titles: Vec<_> = offers.iter().map(Offer::titles).collect();
    let sheets: Vec<Sheet<'_>> = offers
        .iter()
        .zip(&fields)
        .zip(&titles)
        .map(|((offer, fields), title)| sheet(offer, fields, &title.it, look(offer, &figures, Schema::FRAGILITY)))
        .collect();
    let url = format!("{base}/tiles/hexes/{{z}}/{{x}}/{{y}}.mvt?g={}", world.generation());
    Ok(qgis::definition(&Definition {
        base,
        title: &format!("Atlante, {}", world.snapshot().about().name),
        authcfg,
        tiles: Tiles {
            url: &url,
            zooms: (ZOOMS.from, ZOOMS.to),
            breaks: &borders(&figures, USUAL_RESOLUTION, Schema::FRAGILITY),
        },
        sheets: &sheets,
    }))
}

/// The style of a collection; hexagons are classed by a mapped property (`fragility` where none is said) as their legend is.
///
/// Errors: those of [`collections::one`]; `Invalid` for what is no mapped property.
pub fn style(app: &App, actor: &Actor, name: &str, property: Option<&str>) -> Result<String, Error> {
    let world = app.world()?;
    let offer = collections::one(&world, actor, name)?;
    let slot = slot_of(&world, &offer, property)?;
    let figures = world.sight(actor)?.chart.hexes().clone();
    let fields = visible(&offer);
    Ok(qgis::style(&sheet(&offer, &fields, &offer.titles().it, look(&offer, &figures, slot))))
}

fn slot_of(world: &World, offer: &Offer, property: Option<&str>) -> Result<Slot, Error> {
    let Some(property) = property else { return Ok(Schema::FRAGILITY) };
    let schema = world.snapshot().schema();
    let slot = schema.slot(property).filter(|slot| usize::from(slot.0) < schema.mapped_len());
    slot.filter(|_| resolution_of(offer).is_some())
        .ok_or_else(|| Error::invalid("property", "not a property of the map, or not of this collection"))
}

fn resolution_of(offer: &Offer) -> Option<Resolution> {
    let name = offer.name();
    if name == "hexes" {
        return Some(USUAL_RESOLUTION);
    }
    RESOLUTIONS.into_iter().find(|resolution| *name == format!("hexes_{resolution}"))
}

fn borders(figures: &Disclosed<Arc<Hexes>>, resolution: Resolution, slot: Slot) -> Vec<f64> {
    figures.legend(resolution, slot).map(|legend| legend.breaks.clone()).unwrap_or_default()
}

fn look(offer: &Offer, figures: &Disclosed<Arc<Hexes>>, slot: Slot) -> Look {
    let attribute = figures.schema().property(slot).key.clone();
    match (resolution_of(offer), offer.name()) {
        (Some(resolution), _) => Look::Graded { attribute, breaks: borders(figures, resolution, slot) },
        (None, "households") => Look::Graded { attribute, breaks: SCORE_BREAKS.to_vec() },
        (None, name) => Look::of(name),
    }
}

/// The fields of a collection that its reader may see.
fn visible(offer: &Offer) -> Vec<Field> {
    let collection = offer.collection();
    collection.fields().iter().filter(|field| field.sensitivity <= offer.up_to()).cloned().collect()
}

fn sheet<'a>(offer: &'a Offer, fields: &'a [Field], title: &'a str, look: Look) -> Sheet<'a> {
    let collection = offer.collection();
    Sheet {
        name: offer.name(),
        title,
        shapes: collection.shapes(),
        bounds: collection.bounds(),
        fields,
        look,
        shown: if offer.name() == "boundary" { Shown::Drawn } else { Shown::Waiting },
    }
}
