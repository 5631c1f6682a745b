//! Features of a collection, page by page: filter, box, time, order; and one feature by its id.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    App,
    collections::{self, Offer},
    error::Error,
    orders::{self, Span},
    selection,
    world::World,
};
use crate::{
    access::{
        Actor, Disclosed,
        opened::{Opened, Picked},
    },
    domain::geo::BBox,
    publish::ogc::Reference,
    query::{
        Selection,
        collection::{Collection, FieldKind},
        filter::Lang,
        moment::Interval,
        page::{self, Cursor},
    },
    snapshot::{Row, Rows},
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
    /// A moment, or an interval that may be open at one end.
    pub datetime: Option<String>,
    /// A condition.
    pub filter: Condition,
    /// Properties that must have a value, as texts.
    pub equal: Vec<(String, String)>,
    /// In which coordinate system the answer shall be; CRS84 where nobody says.
    pub crs: Option<String>,
    /// Names of the properties to be told, with commas between.
    pub properties: Option<String>,
    /// Names of properties with `+` or `-` before, with commas between.
    pub sort: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A filter, as it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// CQL2.
    pub text: Option<String>,
    /// `cql2-text` or `cql2-json`; the first where nobody says.
    pub lang: Option<String>,
    /// In which coordinate system its shapes are; CRS84 where nobody says.
    pub crs: Option<String>,
}

/// A page of features.
pub struct Page {
    /// The features.
    pub features: Disclosed<Opened>,
    /// Of what, and how far it is open.
    pub offer: Offer,
    /// In which coordinate system they shall be written.
    pub crs: Reference,
    /// How many there are on all pages.
    pub matched: u64,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
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
    let bbox = asked.bbox.as_deref().map(|text| bbox(text, asked.bbox_crs.as_deref())).transpose()?;
    let datetime = asked.datetime.as_deref().map(interval).transpose()?;
    let is_open = |field: usize| collection.fields()[field].sensitivity <= offer.up_to();
    let keys = asked.sort.as_deref().map(|text| orders::keys(text, &*collection, is_open)).transpose()?;
    let order = world.orders.order(&collection, keys.unwrap_or_default()).await?;
    let filters = filters(&world, &offer, &collection, asked).await?;
    let words = format!("{:?} {:?}", asked.filter, asked.equal);
    let stale = |error: page::InvalidCursor| Error::invalid("cursor", error);
    let cursor: Option<Cursor> = asked.cursor.as_deref().map(|text| text.parse().map_err(stale)).transpose()?;
    let found = {
        let collection = Arc::clone(&collection);
        aside(move || {
            let both = (filters.len() > 1).then(|| intersection(&filters));
            let filter = both.as_ref().or_else(|| filters.first().map(|one| one.rows()));
            let question = page::Question { filter, words: &words, bbox, datetime };
            page::of(&*collection, &question, &order, limit as usize, cursor.as_ref())
        })
        .await?
        .map_err(stale)?
    };
    let features = disclosed(app, actor, &offer, found.rows, asked.properties.as_deref()).await?;
    let next = found.next.map(|cursor| cursor.to_string());
    let generation = world.generation().into();
    Ok(Page { features, offer, crs, matched: found.matched, next, generation, at: Timestamp::now() })
}

/// What each of the conditions finds.
async fn filters(
    world: &World,
    offer: &Offer,
    collection: &Arc<dyn Collection>,
    asked: &Question,
) -> Result<Vec<Arc<Selection>>, Error> {
    let mut found = Vec::new();
    found.extend(condition(world, offer, collection, &asked.filter).await?);
    if !asked.equal.is_empty() {
        let text = asked.equal.iter().map(|(name, value)| equality(&**collection, name, value));
        let text = text.collect::<Result<Vec<String>, Error>>()?.join(" AND ");
        found.push(selection::select(world, collection, offer.up_to(), &text, Lang::Text).await?);
    }
    Ok(found)
}

/// What a filter finds; none where there is no filter.
pub(super) async fn condition(
    world: &World,
    offer: &Offer,
    collection: &Arc<dyn Collection>,
    asked: &Condition,
) -> Result<Option<Arc<Selection>>, Error> {
    let lang = asked.lang.as_deref().map_or(Some(Lang::Text), Lang::named);
    let lang = lang.ok_or_else(|| Error::invalid("filter-lang", "cql2-text or cql2-json"))?;
    let crs = match reference("filter-crs", asked.crs.as_deref())? {
        Reference::Crs84 => None,
        Reference::Epsg(crs) => Some(crs),
    };
    let Some(text) = &asked.text else { return Ok(None) };
    Ok(Some(selection::select_in(world, collection, offer.up_to(), text, lang, crs).await?))
}

/// `"name" = value` in CQL2, the value as the field's kind writes it.
fn equality(collection: &dyn Collection, name: &str, value: &str) -> Result<String, Error> {
    let field = collection.field(name).map(|at| &collection.fields()[at]);
    let kind = field.ok_or_else(|| Error::invalid(name, "no such property"))?.kind;
    let quoted = || format!("'{}'", value.replace('\'', "''"));
    let literal = match kind {
        FieldKind::Text => quoted(),
        FieldKind::Date => format!("DATE({})", quoted()),
        FieldKind::Instant => format!("TIMESTAMP({})", quoted()),
        FieldKind::Flag => value.parse::<bool>().map_err(|_| Error::invalid(name, "true or false"))?.to_string(),
        FieldKind::Whole | FieldKind::Number => {
            let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| Error::invalid(name, "not a number"))?.to_string()
        }
        FieldKind::List => return Err(Error::invalid(name, "a list cannot be asked for like this: use filter")),
    };
    Ok(format!("\"{}\" = {literal}", name.replace('"', "\"\"")))
}

fn intersection(filters: &[Arc<Selection>]) -> Rows {
    let mut rows = filters.iter().map(|one| one.rows().bitmap().clone());
    let first = rows.next().unwrap_or_default();
    rows.fold(first, |all, one| all & one).into()
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// The feature of an id.
///
/// Errors: `Missing` where there is none.
pub async fn one(app: &App, actor: &Actor, name: &str, id: &str, crs: Option<&str>) -> Result<Page, Error> {
    let world = app.world()?;
    let offer = collections::one(&world, actor, name)?;
    let crs = reference("crs", crs)?;
    let plain = id.bytes().all(|b| b.is_ascii_digit());
    let row = id.parse().ok().filter(|_| plain).and_then(|id| offer.collection().row_of(id));
    let row = row.ok_or_else(|| Error::Missing("there is no such feature".to_owned()))?;
    let features = disclosed(app, actor, &offer, vec![row], None).await?;
    let generation = world.generation().into();
    Ok(Page { features, offer, crs, matched: 1, next: None, generation, at: Timestamp::now() })
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
    let Some(properties) = properties.filter(|names| !names.is_empty()) else {
        app.journal.keep(&[event]).await?;
        return Ok(features);
    };
    let names: Vec<&str> = properties.split(',').collect();
    if let Some(unknown) = names.iter().find(|name| !features.fields().any(|field| *field.name == ***name)) {
        let shown: String = unknown.chars().filter(|c| !c.is_control()).take(48).collect();
        return Err(Error::invalid("properties", format_args!("there is no property \"{shown}\"")));
    }
    app.journal.keep(&[event]).await?;
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

/// Reads an interval of time.
pub(super) fn interval(text: &str) -> Result<Interval, Error> {
    Interval::parse(text).map_err(|error| Error::invalid("datetime", error))
}

/// Reads `minx,miny,maxx,maxy`, or six numbers of which the heights are not looked at; in degrees, west of east but
/// where it crosses the antimeridian.
pub fn bbox(text: &str, crs: Option<&str>) -> Result<BBox, Error> {
    let crs = reference("bbox-crs", crs)?;
    let invalid = |reason: &str| Error::invalid("bbox", reason);
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = text.split(',').take(7).map(number).collect();
    let corners = match numbers.as_deref() {
        Some(&[a, b, c, d]) => [a, b, c, d],
        Some(&[a, b, low, c, d, high]) if low <= high => [a, b, c, d],
        Some(&[_, _, _, _, _, _]) => return Err(invalid("the lower height is above the upper")),
        _ => return Err(invalid("four or six finite numbers with commas between")),
    };
    crs.bbox(corners).map_err(invalid)
}

/// A collection to be described.
pub struct Described {
    /// Which.
    pub offer: Offer,
    /// Every row of it, as the actor may see them.
    pub whole: Disclosed<Opened>,
    /// The first and the last moment that it tells of.
    pub span: Span,
}

/// Every collection that the actor sees, to be described; an actor's descriptions are one audit event a minute.
pub async fn catalogue(app: &App, actor: &Actor) -> Result<Vec<Described>, Error> {
    let world = app.world()?;
    let mut found = Vec::new();
    for offer in collections::all(&world, actor) {
        found.push(describe(app, actor, &world, offer).await?);
    }
    Ok(found)
}

/// One collection, to be described.
pub async fn described(app: &App, actor: &Actor, name: &str) -> Result<Described, Error> {
    let world = app.world()?;
    let offer = collections::one(&world, actor, name)?;
    describe(app, actor, &world, offer).await
}

async fn describe(app: &App, actor: &Actor, world: &Arc<World>, offer: Offer) -> Result<Described, Error> {
    let (whole, event) = offer.disclose(actor, Picked::All)?;
    app.journal.note(actor, &event, world.generation()).await?;
    let day = || world.snapshot().about().as_of.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp());
    let span =
        if offer.is_of_the_town() { day().map(|day| [day, day]) } else { world.orders.span(&*offer.collection()) };
    Ok(Described { offer, whole, span })
}
