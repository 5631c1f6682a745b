//! Features of a collection, page by page: filter, box, time, order; and one feature by its id.

use jiff::Timestamp;

use super::{
    App,
    collections::{self, Offer},
    error::Error,
};
use crate::{
    access::{
        Actor, Disclosed,
        hexes::Policy,
        opened::{Opened, Picked},
    },
    domain::geo::BBox,
    publish::ogc::Reference,
    query::collection::Collection,
    snapshot::{Row, Rows, schema::Sensitivity},
};

/// Features of a page at most.
pub const MAX_LIMIT: u32 = 10_000;

/// Features of a page where nobody says.
pub const USUAL_LIMIT: u32 = 10;

/// A question for features, as it was asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Features at most.
    pub limit: Option<u32>,
    /// `minx,miny,maxx,maxy`, or six numbers of which the heights are not looked at.
    pub bbox: Option<String>,
    /// In which coordinate system the box is; CRS84 where nobody says.
    pub bbox_crs: Option<String>,
    /// In which the answer shall be; CRS84 where nobody says.
    pub crs: Option<String>,
    /// Names of the properties to be told, with commas between.
    pub properties: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A page of features.
pub struct Page {
    /// The features.
    pub features: Disclosed<Opened>,
    /// In which coordinate system they shall be written.
    pub crs: Reference,
    /// How many there are on all pages.
    pub matched: u64,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
    /// For whom it may be kept.
    pub policy: Policy,
    /// Fields up to this sensitivity are in it.
    pub up_to: Sensitivity,
    /// Of which world.
    pub generation: Box<str>,
    /// When it was made.
    pub at: Timestamp,
}

/// A page of the features of a collection.
pub async fn page(app: &App, actor: &Actor, name: &str, asked: &Question) -> Result<Page, Error> {
    let world = app.world()?;
    let offer = collections::one(&world, actor, name)?;
    let collection = offer.collection();
    let limit = limit_of(asked)?;
    let crs = reference("crs", asked.crs.as_deref())?;
    let boxes = boxes_of(asked)?;
    let after = asked.cursor.as_deref().map(|cursor| place_of(cursor, &*collection)).transpose()?;
    let rows = matching(&*collection, boxes.as_deref());
    let matched = rows.as_ref().map_or_else(|| u64::from(collection.len()), Rows::len);
    let from = after.map_or(0, |row| row + 1);
    let mut taken: Vec<Row> = match &rows {
        None => (from..collection.len()).take(limit as usize + 1).map(Row).collect(),
        Some(rows) => rows.bitmap().range(from..).take(limit as usize + 1).map(Row).collect(),
    };
    let more = taken.len() > limit as usize;
    taken.truncate(limit as usize);
    let next = taken.last().filter(|_| more).map(|row| format!("{:x}", row.0));
    let features = disclosed(app, actor, &offer, taken, asked.properties.as_deref()).await?;
    Ok(Page {
        features,
        crs,
        matched,
        next,
        policy: offer.policy(),
        up_to: offer.up_to(),
        generation: world.generation().into(),
        at: Timestamp::now(),
    })
}

/// The feature of an id.
///
/// Errors: `Missing` where there is none.
pub async fn one(app: &App, actor: &Actor, name: &str, id: &str, crs: Option<&str>) -> Result<Page, Error> {
    let world = app.world()?;
    let offer = collections::one(&world, actor, name)?;
    let crs = reference("crs", crs)?;
    let absent = || Error::Missing("there is no such feature".to_owned());
    let plain = id.bytes().all(|b| b.is_ascii_digit());
    let row = id.parse().ok().filter(|_| plain).and_then(|id| offer.collection().row_of(id)).ok_or_else(absent)?;
    let features = disclosed(app, actor, &offer, vec![row], None).await?;
    Ok(Page {
        features,
        crs,
        matched: 1,
        next: None,
        policy: offer.policy(),
        up_to: offer.up_to(),
        generation: world.generation().into(),
        at: Timestamp::now(),
    })
}

/// The rows on their way out; what the audit log says of it is kept before.
async fn disclosed(
    app: &App,
    actor: &Actor,
    offer: &Offer,
    rows: Vec<Row>,
    properties: Option<&str>,
) -> Result<Disclosed<Opened>, Error> {
    let (features, event) = offer.disclose(actor, Picked::Page(rows))?;
    app.journal.keep(&[event]).await?;
    let Some(properties) = properties.filter(|names| !names.is_empty()) else { return Ok(features) };
    let names: Vec<&str> = properties.split(',').collect();
    if let Some(unknown) = names.iter().find(|name| !features.fields().any(|field| *field.name == ***name)) {
        let shown: String = unknown.chars().filter(|c| !c.is_control()).take(48).collect();
        return Err(Error::invalid("properties", format_args!("there is no property \"{shown}\"")));
    }
    Ok(features.only(&names))
}

fn limit_of(asked: &Question) -> Result<u32, Error> {
    match asked.limit {
        None => Ok(USUAL_LIMIT),
        Some(0) => Err(Error::invalid("limit", "at least 1")),
        // A limit above the maximum is the maximum (Part 1, 7.15.2).
        Some(limit) => Ok(limit.min(MAX_LIMIT)),
    }
}

/// A coordinate system by its address.
pub(super) fn reference(place: &str, text: Option<&str>) -> Result<Reference, Error> {
    text.map_or(Ok(Reference::Crs84), |text| text.parse().map_err(|error| Error::invalid(place, error)))
}

/// The boxes asked for, in degrees: two where one crosses the antimeridian.
fn boxes_of(asked: &Question) -> Result<Option<Vec<BBox>>, Error> {
    let crs = reference("bbox-crs", asked.bbox_crs.as_deref())?;
    asked.bbox.as_deref().map(|text| boxes(text, crs)).transpose()
}

/// Reads `minx,miny,maxx,maxy`, or six numbers of which the heights are not looked at.
pub(super) fn boxes(text: &str, crs: Reference) -> Result<Vec<BBox>, Error> {
    let invalid = |reason: &str| Error::invalid("bbox", reason);
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = text.split(',').take(7).map(number).collect();
    let corners = match numbers.as_deref() {
        Some(&[a, b, c, d]) => [a, b, c, d],
        Some(&[a, b, low, c, d, high]) if low <= high => [a, b, c, d],
        Some(&[_, _, _, _, _, _]) => return Err(invalid("the lower height is above the upper")),
        _ => return Err(invalid("four or six finite numbers with commas between")),
    };
    crs.boxes(corners).map_err(invalid)
}

/// The rows in any of the boxes; none for all rows.
fn matching(collection: &dyn Collection, boxes: Option<&[BBox]>) -> Option<Rows> {
    let boxes = boxes?;
    let found = boxes.iter().map(|&bbox| collection.in_box(bbox)).reduce(|a, b| Rows::from(a.bitmap() | b.bitmap()));
    Some(found.unwrap_or_default())
}

/// The row after which a page begins.
fn place_of(cursor: &str, collection: &dyn Collection) -> Result<u32, Error> {
    u32::from_str_radix(cursor, 16)
        .ok()
        .filter(|&row| row < collection.len())
        .ok_or_else(|| Error::invalid("cursor", "not of this collection: start again"))
}

/// Every collection that the actor sees, whole, for its description; an actor's descriptions are one audit event a minute.
pub async fn catalogue(app: &App, actor: &Actor) -> Result<Vec<(Offer, Disclosed<Opened>)>, Error> {
    let world = app.world()?;
    let mut found = Vec::new();
    for offer in collections::all(&world, actor) {
        let (whole, event) = offer.disclose(actor, Picked::All)?;
        app.journal.note(actor, &event, world.generation()).await?;
        found.push((offer, whole));
    }
    Ok(found)
}

/// One collection whole, for its description.
pub async fn described(app: &App, actor: &Actor, name: &str) -> Result<(Offer, Disclosed<Opened>), Error> {
    let world = app.world()?;
    let offer = collections::one(&world, actor, name)?;
    let (whole, event) = offer.disclose(actor, Picked::All)?;
    app.journal.note(actor, &event, world.generation()).await?;
    Ok((offer, whole))
}
