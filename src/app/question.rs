//! Questions to a collection: how many, where, how much, and who is nearest.
//!
//! Whoever may read households is answered whole; whoever reads figures alone, nothing of one or two households; everybody
//! may ask open data and the published figures. What was asked is in the log before the answer leaves.

use std::{cell::Cell, sync::Arc};

use geo::CoordsIter;

use super::{
    App,
    cache::{Body, Cache, Kept},
    collections,
    error::Error,
    selection,
    tile::Answer,
    world::{Key, World},
};
use crate::{
    access::{
        Actor, Disclosed, ExactFigures, Grant, HouseholdRecords, OpenData, Subject,
        answer::Told,
        askable,
        audit::AuditEvent,
        disclose, grant,
        hexes::Policy,
        opened::{Opened, Picked},
    },
    domain::geo::LonLat,
    publish::{self, answer::Frame},
    query::{
        Budget, Selection,
        aggregate::{self, Assignment, Grouping, Measure},
        area::Area,
        collection::Collection,
        filter::{Filter, Lang},
        nearest, page,
    },
    snapshot::{Row, Rows, layer::Shapes, schema::Sensitivity},
};

mod arrange;
mod asked;
pub(super) mod picked;
mod reach;

use asked::{AreaAsked, Asked, GroupAsked, MeasureAsked};
pub use asked::{MAX_BYTES, read_up_to};

/// Bytes of assignments of rows to areas that a world keeps.
const SHELF_BYTES: usize = 64 << 20;
/// Measures of a question at most, and quantiles of one.
const MAX_MEASURES: usize = 16;
/// Rows of a nearest question at most.
const MAX_NEAREST: usize = 10_000;
/// Positions of all features that a question names, each as often as it is named.
const MAX_FEATURE_VERTICES: usize = 1_000_000;
/// How much of a question's words the log keeps.
const LOGGED_CHARS: usize = 400;

/// Which rows lie in which areas of a layer, by collection and layer.
pub(super) struct Assignments(Cache<(Box<str>, Box<str>), Assigned>);

struct Assigned(Arc<Assignment>);

impl Kept for Assigned {
    fn weight(&self) -> usize {
        self.0.heap_bytes() + 256
    }
}

impl Default for Assignments {
    fn default() -> Self {
        Self(Cache::new(SHELF_BYTES))
    }
}

/// By what right a question is asked.
enum Right {
    Records(Grant<HouseholdRecords>),
    Figures(Grant<ExactFigures>),
    Open(Grant<OpenData>),
}

/// What is asked, and how far it is open.
struct Asking {
    world: Arc<World>,
    collection: Arc<dyn Collection>,
    up_to: Sensitivity,
    policy: Policy,
    right: Right,
}

/// A question about how many.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// Of what.
    pub collection: String,
    /// Which of them.
    pub filter: Option<String>,
    /// `cql2-text` or `cql2-json`.
    pub filter_lang: Option<String>,
    /// Where, as JSON.
    pub area: Option<String>,
}

/// Answers a question written in JSON.
///
/// Errors: `Invalid` with the part that makes no sense; `Unauthenticated`, `Forbidden` for what the actor may not ask;
/// `Missing` for a collection that is not there; `Conflict` for another day than the snapshot's; `Costly` where it costs
/// more than one may.
pub async fn ask(app: &App, actor: &Actor, body: Vec<u8>) -> Result<Answer, Error> {
    let (asked, words) = aside(move || {
        let asked: Asked = asked::read("body", &body)?;
        let mut words: serde_json::Value = asked::read("body", &body)?;
        if let Some(members) = words.as_object_mut() {
            members.remove("limit");
            members.remove("cursor");
        }
        Ok((asked, words.to_string()))
    })
    .await?;
    let asking = asking(app.world()?, actor, &asked.collection)?;
    if let Some(date) = &asked.date {
        check_date(&asking, date)?;
    }
    let lang = lang(asked.filter_lang.as_deref(), asked.filter.as_ref().is_some_and(|filter| !filter.is_string()))?;
    let filter = asked.filter.as_ref().map(|filter| filter.as_str().map_or_else(|| filter.to_string(), str::to_owned));
    let object = object("ask", &asking, filter.as_deref(), &words);
    let area = reach::settle(app, actor, asked.area.clone()).await?;
    let selection = select(&asking, filter.as_deref(), lang, area).await?;
    if let Some(near) = &asked.nearest {
        if asked.group.is_some() || !asked.measures.is_empty() || !asked.order.is_empty() || asked.cursor.is_some() {
            return Err(Error::invalid("nearest", "is asked alone: without group, measures, order, cursor"));
        }
        return nearest_rows(app, actor, asking, &selection, near).await;
    }
    let measures = measures(&asking, &asked.measures)?;
    let (grouping, areas) = match &asked.group {
        None => (None, None),
        Some(group) => grouping(&asking, group).await.map(|(grouping, areas)| (Some(grouping), areas))?,
    };
    let collection = Arc::clone(&asking.collection);
    let answer = aside(move || {
        aggregate::answer(&*collection, &selection, grouping.as_ref(), &measures)
            .map_err(|error| Error::invalid("measures", error))
    })
    .await?;
    let (told, event) = asking.tell(&object, answer);
    app.journal.keep(&[event]).await?;
    let words = format!("{words} {:?}", asking.policy);
    let order = arrange::order(&told, &asked.order)?;
    let (order, next) =
        arrange::page(&order, &[asking.world.generation(), &words], asked.limit, asked.cursor.as_deref())?;
    let areas = areas.and_then(|name| asking.world.layer(&name));
    let frame = asking.frame();
    let body = publish::answer::write(&told, &frame, areas.as_deref(), &order, next.map(|cursor| cursor.to_string()));
    Ok(Answer { body: Arc::new(Body::new(body)), policy: asking.policy, world: asking.world })
}

/// Answers how many rows a filter finds in an area, and of how many.
pub async fn count(app: &App, actor: &Actor, asked: &Count) -> Result<Answer, Error> {
    let asking = asking(app.world()?, actor, &asked.collection)?;
    let area = asked.area.clone();
    let area: Option<AreaAsked> = match area {
        None => None,
        Some(text) => Some(aside(move || asked::read("area", text.as_bytes())).await?),
    };
    let lang = lang(asked.filter_lang.as_deref(), false)?;
    let words = format!("area={}", asked.area.as_deref().unwrap_or_default());
    let object = object("count", &asking, asked.filter.as_deref(), &words);
    let area = reach::settle(app, actor, area).await?;
    let found = select(&asking, asked.filter.as_deref(), lang, area.clone()).await?;
    let all = select(&asking, None, lang, area).await?;
    let collection = Arc::clone(&asking.collection);
    let (found, all) = aside(move || {
        let of = |selection: &Selection| aggregate::answer(&*collection, selection, None, &[]);
        Ok((of(&found).map_err(Error::internal)?, of(&all).map_err(Error::internal)?))
    })
    .await?;
    let (found, event) = asking.tell(&object, found);
    let (all, _) = asking.tell(&object, all);
    app.journal.keep(&[event]).await?;
    let body = publish::answer::count(&found, &all, &asking.frame());
    Ok(Answer { body: Arc::new(Body::new(body)), policy: asking.policy, world: asking.world })
}

/// The fields by which the actor may ask a collection.
pub async fn fields(app: &App, actor: &Actor, collection: &str) -> Result<Answer, Error> {
    let asking = asking(app.world()?, actor, collection)?;
    let of_people = asking.collection.snapshot().is_some() || asking.collection.homes().is_some();
    let exact = !of_people || matches!(asking.right, Right::Records(_));
    let whose = format!("fields {} {:?} {exact}", asking.collection.name(), asking.up_to);
    let (collection, up_to, world) = (Arc::clone(&asking.collection), asking.up_to, Arc::clone(&asking.world));
    let make = move || {
        let ranges = publish::answer::Ranges { exact, schema: world.snapshot().schema() };
        Ok(publish::answer::fields(&*collection, up_to, world.generation(), &ranges))
    };
    let key = Key::Document(asking.policy, format!("{whose} {}", asking.collection.generation()).into());
    let body = asking.world.cache.get_or_make(key, make).await?;
    Ok(Answer { body, policy: asking.policy, world: asking.world })
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// What the actor may ask of a collection.
fn asking(world: Arc<World>, actor: &Actor, name: &str) -> Result<Asking, Error> {
    let (subject, collection): (Subject, Arc<dyn Collection>) = match name {
        "households" => (Subject::Households, Arc::clone(world.households()) as _),
        "people" => (Subject::People, Arc::clone(world.people()) as _),
        _ => {
            let offer = collections::one(&world, actor, name)?;
            let right = match offer.policy() {
                Policy::Public => Right::Open(grant::<OpenData>(actor)?),
                Policy::Exact => Right::Figures(grant::<ExactFigures>(actor)?),
            };
            let (collection, up_to, policy) = (offer.collection(), offer.up_to(), offer.policy());
            return Ok(Asking { world, collection, up_to, policy, right });
        }
    };
    let up_to = askable(actor, subject).map_err(|denied| {
        if *actor == Actor::anonymous() {
            Error::Unauthenticated("questions over households need a token of a role that may ask them")
        } else {
            Error::Forbidden(denied.to_string())
        }
    })?;
    let right = match grant::<HouseholdRecords>(actor) {
        Ok(grant) => Right::Records(grant),
        Err(_) => Right::Figures(grant::<ExactFigures>(actor)?),
    };
    Ok(Asking { world, collection, up_to, policy: Policy::Exact, right })
}

impl Asking {
    fn tell(&self, object: &str, answer: aggregate::Answer) -> (Disclosed<Told>, AuditEvent) {
        match &self.right {
            Right::Records(grant) => disclose::answer(grant, object, answer),
            Right::Figures(grant) => disclose::guarded_answer(grant, object, answer),
            Right::Open(grant) => disclose::open_answer(grant, object, answer),
        }
    }

    fn frame(&self) -> Frame<'_> {
        let of_the_town = self.policy == Policy::Exact || self.collection.name() == "hexes";
        Frame {
            generation: self.world.generation(),
            as_of: of_the_town.then(|| self.world.snapshot().about().as_of),
            collection: &*self.collection,
        }
    }

    /// The place of a field that may be asked by.
    fn field(&self, place: &str, name: &str) -> Result<usize, Error> {
        let open = |&at: &usize| self.collection.fields()[at].sensitivity <= self.up_to;
        self.collection.field(name).filter(open).ok_or_else(|| {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(48).collect();
            Error::invalid(place, format_args!("\"{shown}\" is not a property that you may ask by"))
        })
    }
}

fn check_date(asking: &Asking, date: &str) -> Result<(), Error> {
    let as_of = asking.world.snapshot().about().as_of;
    match date.parse::<jiff::civil::Date>() {
        Ok(date) if date == as_of => Ok(()),
        Ok(_) => Err(Error::Conflict(format!("what is known is of {as_of}: ask of that day, or without a date"))),
        Err(_) => Err(Error::invalid("date", format_args!("not a day such as {as_of}"))),
    }
}

fn lang(name: Option<&str>, is_json: bool) -> Result<Lang, Error> {
    match name {
        None if is_json => Ok(Lang::Json),
        None => Ok(Lang::Text),
        Some(name) => Lang::named(name).ok_or_else(|| Error::invalid("filter-lang", "cql2-text or cql2-json")),
    }
}

/// What the log says was asked: as many of its words as it keeps, the filter first.
fn object(verb: &str, asking: &Asking, filter: Option<&str>, words: &str) -> String {
    let name = asking.collection.name();
    let words = format!("{verb} {name}: {} {words}", filter.unwrap_or_default());
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LOGGED_CHARS).collect()
}

/// The rows that a filter finds in an area.
async fn select(
    asking: &Asking,
    filter: Option<&str>,
    lang: Lang,
    area: Option<AreaAsked>,
) -> Result<Arc<Selection>, Error> {
    let (world, collection) = (&asking.world, &asking.collection);
    let found = match filter {
        Some(text) => selection::select(world, collection, asking.up_to, text, lang).await?,
        None => selection::select_by(world, collection, Filter::everything()).await?,
    };
    let Some(area) = area else { return Ok(found) };
    let (world, collection) = (Arc::clone(world), Arc::clone(collection));
    aside(move || {
        let vertices = Cell::new(0);
        let feature = |place: &str, layer: &str, id: u64| feature_of(&world, place, layer, id, &vertices);
        let area = area.build("area", &feature)?;
        let inside = area.rows_of(&*collection, &Budget::default())?;
        let rows: Rows = (found.rows().bitmap() & inside.bitmap()).into();
        Ok(Arc::new(match collection.snapshot() {
            Some(snapshot) => Selection::of_households(rows, Arc::clone(snapshot)),
            None => Selection::new(rows, collection.len()),
        }))
    })
    .await
}

/// The area of a layer's feature; `vertices` counts those of all features of a question, which are few bytes to name.
fn feature_of(world: &World, place: &str, layer: &str, id: u64, vertices: &Cell<usize>) -> Result<Area, Error> {
    let found =
        world.layer(layer).ok_or_else(|| Error::invalid(&format!("{place}.layer"), "there is no such layer"))?;
    let row = found.row_of(id).ok_or_else(|| Error::invalid(&format!("{place}.id"), "there is no such feature"))?;
    let geometry = found.geometry(row);
    vertices.set(vertices.get() + geometry.coords_count());
    if vertices.get() > MAX_FEATURE_VERTICES {
        let reason = format!("the features together have more than {MAX_FEATURE_VERTICES} positions");
        return Err(Error::invalid(&format!("{place}.id"), reason));
    }
    let polygons = match geometry.into_owned() {
        geo::Geometry::Polygon(polygon) => geo::MultiPolygon(vec![polygon]),
        geo::Geometry::MultiPolygon(polygons) => polygons,
        _ => {
            return Err(Error::invalid(
                &format!("{place}.id"),
                "that feature is no area: ask for a corridor or a circle",
            ));
        }
    };
    Area::of_polygons(polygons).map_err(|error| Error::invalid(&format!("{place}.id"), error.reason))
}

fn measures(asking: &Asking, asked: &[MeasureAsked]) -> Result<Vec<Measure>, Error> {
    if asked.len() > MAX_MEASURES {
        return Err(Error::invalid("measures", format_args!("at most {MAX_MEASURES}")));
    }
    let measure = |(asked, at): (&MeasureAsked, usize)| {
        let place = format!("measures[{at}]");
        let field = |name: &str| asking.field(&place, name);
        match asked {
            MeasureAsked { count: Some(what), sum: None, mean: None, quantiles: None, of: None, share: None } => {
                match what.as_str() {
                    "households" => Ok(Measure::Households),
                    "people" => Ok(Measure::People),
                    "features" => Ok(Measure::Rows),
                    _ => Err(Error::invalid(&place, "count households, people or features")),
                }
            }
            MeasureAsked { sum: Some(name), count: None, mean: None, quantiles: None, of: None, share: None } => {
                field(name).map(Measure::Sum)
            }
            MeasureAsked { mean: Some(name), count: None, sum: None, quantiles: None, of: None, share: None } => {
                field(name).map(Measure::Mean)
            }
            MeasureAsked { share: Some(name), count: None, sum: None, mean: None, quantiles: None, of: None } => {
                field(name).map(Measure::Share)
            }
            MeasureAsked {
                quantiles: Some(shares),
                of: Some(name),
                count: None,
                sum: None,
                mean: None,
                share: None,
            } if shares.len() <= MAX_MEASURES => {
                field(name).map(|field| Measure::Quantiles(field, shares.clone().into()))
            }
            _ => Err(Error::invalid(&place, "one of count, sum, mean, share, or quantiles (at most 16) with of")),
        }
    };
    asked.iter().zip(0..).map(measure).collect()
}

/// By what rows are divided, and the layer of areas.
async fn grouping(asking: &Asking, asked: &GroupAsked) -> Result<(Grouping, Option<String>), Error> {
    match asked {
        GroupAsked::Hex { resolution } => Ok((Grouping::Hex(asked::resolution(*resolution)?), None)),
        GroupAsked::Property { property } => Ok((Grouping::Field(asking.field("group.property", property)?), None)),
        GroupAsked::Layer { layer: name } => {
            let layer = asking.world.layer(name);
            let layer = layer.ok_or_else(|| Error::invalid("group.layer", "there is no such layer"))?;
            if layer.shapes() != Shapes::Polygons {
                return Err(Error::invalid("group.layer", "not a layer of areas"));
            }
            let identity = |collection: &dyn Collection| format!("{} {}", collection.name(), collection.generation());
            let key = (identity(&*asking.collection).into(), identity(&*layer).into());
            let collection = Arc::clone(&asking.collection);
            let make = move || {
                let assignment = Assignment::new(&*collection, &layer, &Budget::default())?;
                Ok(Assigned(Arc::new(assignment)))
            };
            let assigned = asking.world.assignments.0.get_or_keep(key, make).await?;
            Ok((Grouping::Areas(Arc::clone(&assigned.0)), Some(name.clone())))
        }
    }
}

/// The nearest rows one by one: for who may read them.
async fn nearest_rows(
    app: &App,
    actor: &Actor,
    asking: Asking,
    selection: &Arc<Selection>,
    near: &asked::NearestAsked,
) -> Result<Answer, Error> {
    let to = LonLat::new(near.to[0], near.to[1]).map_err(|error| Error::invalid("nearest.to", error.reason))?;
    if !(1..=MAX_NEAREST).contains(&near.k) {
        return Err(Error::invalid("nearest.k", format_args!("not between 1 and {MAX_NEAREST}")));
    }
    if matches!(asking.right, Right::Figures(_)) && asking.collection.name() != "hexes" {
        return Err(Error::Forbidden("the nearest households are for roles that may read households".to_owned()));
    }
    let (collection, from, k) = (Arc::clone(&asking.collection), Arc::clone(selection), near.k);
    let found = aside(move || Ok(nearest::rows(&*collection, &from, to, k, &Budget::default())?)).await?;
    let (rows, metres): (Vec<Row>, Vec<f64>) = found.into_iter().unzip();
    let (opened, event) = opened(&asking, actor, Picked::Page(rows))?;
    app.journal.keep(&[event]).await?;
    let body = publish::answer::nearest(&opened, &metres, selection.len().into(), &asking.frame());
    Ok(Answer { body: Arc::new(Body::new(body)), policy: asking.policy, world: asking.world })
}

fn opened(asking: &Asking, actor: &Actor, picked: Picked) -> Result<(Disclosed<Opened>, AuditEvent), Error> {
    match (&asking.right, asking.collection.name()) {
        (Right::Records(grant), "people") => Ok(disclose::people_rows(grant, asking.world.people(), picked)),
        (Right::Records(grant), _) => Ok(disclose::household_rows(grant, asking.world.households(), picked)),
        (_, name) => collections::one(&asking.world, actor, name)?.disclose(actor, picked),
    }
}
