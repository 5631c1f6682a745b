//! Run sheets: from a plan to what a crew takes along, and back from a table that was filled in.

use bytes::Bytes;
use geo::{Coord, LineString};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    App, Error,
    casework::{Delivered, Delivery, permit},
    file::{self, Pieces},
    roads::Roads,
    world::World,
};
use crate::{
    access::{
        Actor, Disclosed, disclose,
        sheet::{Clock, Head, Run, Sheet, Stop, Told, Tongue},
    },
    casework::{
        delivery::{self, Story},
        event::IdempotencyKey,
        moment,
        plan::{self, Plan, PlanId},
    },
    domain::geo::{BBox, LonLat},
    ingest::outcomes,
    publish::{features::Format, runsheet},
    query::collection::{Collection as _, ReferenceLayer},
    snapshot::layer::Shapes,
};

/// Bytes of a table that comes back at most.
pub const TABLE_BYTES_MAX: usize = 16 << 20;

/// Names of layers in which streets may lie as lines, the best first.
const STREET_LAYERS: [&str; 3] = ["roads", "strade", "streets"];

/// What lies around the runs is shown too, in degrees.
const AROUND: f64 = 0.01;

/// A file of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// For navigators.
    Gpx,
    /// A table of stops.
    Csv,
    /// A spreadsheet of stops.
    Xlsx,
    /// Runs and stops.
    GeoJson,
}

impl FileFormat {
    /// The format of a file's ending.
    pub fn of_ending(ending: &str) -> Option<Self> {
        Some(match ending {
            "gpx" => Self::Gpx,
            "csv" => Self::Csv,
            "xlsx" => Self::Xlsx,
            "geojson" => Self::GeoJson,
            _ => return None,
        })
    }

    /// The value of `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Gpx => runsheet::gpx::MEDIA_TYPE,
            Self::Csv => Format::Csv.content_type(),
            Self::Xlsx => Format::Xlsx.content_type(),
            Self::GeoJson => Format::GeoJson.content_type(),
        }
    }
}

/// The page to be printed, of all runs or of one; in the audit log before it leaves.
///
/// Errors: `Forbidden`, `Missing` for the plan or the run.
pub async fn page(app: &App, actor: &Actor, plan: &str, run: Option<&str>, tongue: Tongue) -> Result<String, Error> {
    let sheet = disclosed(app, actor, plan, run).await?;
    aside(move || runsheet::html(&sheet, tongue)).await
}

/// A file of all runs or of one, written while it is sent; in the audit log before it leaves.
///
/// Errors: as [`page`], `Unavailable` where too many files are being written.
pub async fn file(
    app: &App,
    actor: &Actor,
    plan: &str,
    run: Option<&str>,
    (format, tongue): (FileFormat, Tongue),
) -> Result<Pieces, Error> {
    let sheet = disclosed(app, actor, plan, run).await?;
    match format {
        FileFormat::Csv => file::stream(app, sheet.stops(tongue), Format::Csv),
        FileFormat::Xlsx => file::stream(app, sheet.stops(tongue), Format::Xlsx),
        FileFormat::GeoJson => file::stream(app, sheet.map(), Format::GeoJson),
        FileFormat::Gpx => file::written(app, move |out| {
            let mut bytes = Vec::new();
            runsheet::gpx::write(&sheet, tongue, &mut bytes).map_err(Error::internal)?;
            out.write_all(&bytes).map_err(Error::internal)
        }),
    }
}

async fn disclosed(app: &App, actor: &Actor, plan: &str, run: Option<&str>) -> Result<Disclosed<Sheet>, Error> {
    let grant = permit(actor)?;
    let plan = app.plan(id_of(plan)?).await?;
    let mut sheet = of(&plan)?;
    if let Some(run) = run {
        sheet = sheet.only(run).ok_or_else(no_run)?;
    }
    if let Ok(world) = app.world() {
        sheet.head.generation = world.generation().into();
    }
    let (roads, world) = (app.roads().ok(), app.world().ok());
    let sheet = aside(move || {
        sheet.streets = streets(roads.as_deref(), world.as_deref(), &sheet);
        sheet
    });
    let (sheet, event) = disclose::sheet(&grant, sheet.await?);
    app.journal.keep(&[event]).await?;
    Ok(sheet)
}

/// The id that a plan's address names. Errors: `Missing`: there can be no such plan.
pub(super) fn id_of(text: &str) -> Result<PlanId, Error> {
    text.parse().map_err(|_| plan::Refusal::None.into())
}

pub(super) fn no_run() -> Error {
    Error::missing("no_such_run", "the plan has no such run")
}

/// The runs of a plan as a sheet. Errors: `Conflict` where the plan was not worked out.
pub(super) fn of(plan: &Plan) -> Result<Sheet, Error> {
    let not_yet = || Error::conflict("state", format_args!("the plan is {}: it has no runs yet", plan.state.key()));
    let result = plan.result.as_ref().ok_or_else(not_yet)?;
    let runs = (1..).zip(&result.runs).map(|(at, run)| run_of(plan, number_of(plan, run).unwrap_or(at), run)).collect();
    let head = Head {
        plan: plan.id.to_string().into(),
        name: plan.name.clone(),
        version: plan.version.into(),
        day: plan.order.day,
        generation: "".into(),
        made: Some(plan.changed),
    };
    Ok(Sheet { head, runs, streets: Vec::new() })
}

/// A run is called by the place of its crew in the order, on paper as on the screen, whatever other crews stay at home.
fn number_of(plan: &Plan, run: &plan::Run) -> Option<u32> {
    plan.order.crews.iter().position(|crew| crew.id == run.crew).map(|at| at as u32 + 1)
}

fn run_of(plan: &Plan, number: u32, run: &plan::Run) -> Run {
    let plan::Line::LineString { coordinates } = &run.line;
    let sites = plan.result.iter().flat_map(|result| &result.sites);
    let depots = plan.order.depots.iter().map(|depot| (&depot.id, &depot.title));
    let titles = depots.chain(sites.map(|site| (&site.id, &site.title)));
    let depot = titles.into_iter().find(|(id, _)| **id == run.depot).map(|(_, title)| title.clone());
    Run {
        id: run.id.clone(),
        number,
        crew: titled(&run.title, &run.crew),
        depot: depot.or_else(|| Some(run.depot.clone())).filter(|title| !title.is_empty()),
        start: place(run.start),
        depart: Some(clock(run.depart)),
        arrive: Some(clock(run.arrive)),
        duration_s: run.duration_s,
        distance_m: run.distance_m,
        load: run.load,
        trips: run.trips,
        line: coordinates.iter().map(|&[x, y]| Coord { x, y }).collect(),
        stops: run.stops.iter().filter_map(|stop| stop_of(plan, stop)).collect(),
    }
}

/// A title, or where there is none the name that stands for it.
fn titled(title: &str, name: &str) -> Box<str> {
    if title.trim().is_empty() { name.into() } else { title.into() }
}

/// What a kit is called by those who carry it.
fn kit_of(plan: &Plan, kit: Option<&str>) -> Box<str> {
    let Some(kit) = kit else { return "kit".into() };
    let stock = plan.order.stock.iter().find(|stock| *stock.kit == *kit);
    titled(stock.map_or("", |stock| &stock.title), kit)
}

fn stop_of(plan: &Plan, stop: &plan::Stop) -> Option<Stop> {
    Some(Stop {
        code: stop.code.clone(),
        number: stop.n,
        at: place(stop.at)?,
        door: stop.door.clone(),
        kit: kit_of(plan, stop.kit.as_deref()),
        units: stop.units,
        members: (stop.members > 0).then_some(stop.members),
        window: stop.window.map(|[from, until]| (clock(from), clock(until))),
        eta: Some(clock(stop.eta)),
        needs: stop.needs.clone(),
        notes: stop.notes.clone(),
        walk_m: stop.walk_m(),
        outcome: stop.outcome.as_ref().map(|told| Told {
            outcome: told.kind,
            units: told.units,
            note: told.note.clone(),
            at: Some(told.at),
        }),
    })
}

fn place([lon, lat]: [f64; 2]) -> Option<LonLat> {
    LonLat::new(lon, lat).ok()
}

const fn clock(at: moment::Clock) -> Clock {
    Clock(at.seconds())
}

/// Streets near the runs: the roads that are served, else the first layer that has lines.
fn streets(roads: Option<&Roads>, world: Option<&World>, sheet: &Sheet) -> Vec<LineString<f64>> {
    let stops = sheet.runs.iter().flat_map(|run| run.stops.iter().map(|stop| stop.at).chain(run.start));
    let ways = sheet.runs.iter().flat_map(|run| run.line.0.iter().filter_map(|point| place([point.x, point.y])));
    let Some(bounds) = BBox::around(stops.chain(ways)) else { return Vec::new() };
    let around = BBox {
        west: bounds.west - AROUND,
        south: bounds.south - AROUND,
        east: bounds.east + AROUND,
        north: bounds.north + AROUND,
    };
    if let Some(network) = roads.map(Roads::network) {
        let line = |edge: u32| network.shape(edge).iter().map(|at| Coord { x: at.lon(), y: at.lat() }).collect();
        return network.near(around).into_iter().map(line).collect();
    }
    let Some(world) = world else { return Vec::new() };
    let of_lines = |name: &&str| world.layer(name).filter(|layer| layer.shapes() == Shapes::Lines);
    STREET_LAYERS.iter().find_map(of_lines).map_or_else(Vec::new, |layer| lines(&layer, around))
}

fn lines(layer: &ReferenceLayer, within: BBox) -> Vec<LineString<f64>> {
    let mut found = Vec::new();
    for row in layer.in_box(within).iter() {
        match layer.geometry(row).into_owned() {
            geo::Geometry::LineString(line) => found.push(line),
            geo::Geometry::MultiLineString(lines) => found.extend(lines.0),
            _ => {}
        }
    }
    found
}

/// What became of a table that came back.
#[derive(Serialize)]
pub struct Back {
    /// Outcomes that were kept now.
    pub accepted: u32,
    /// Outcomes that were there before.
    pub known: u32,
    /// Rows that were not kept, and why.
    pub rejects: Vec<Reject>,
}

/// A row that was not kept.
#[derive(Serialize)]
pub struct Reject {
    /// Row after the header, from 1.
    pub row: u32,
    /// Which column is to blame, where one is.
    pub column: Option<String>,
    /// Why; never what was written.
    pub reason: String,
}

/// Keeps the outcomes of a table (CSV or XLSX) that was filled in. Rows that cannot be kept are told, the others are kept;
/// the same table twice is once.
///
/// Errors: `Forbidden`, `Missing` for the plan, `Invalid` for what is no table with the columns.
pub async fn take_back(app: &App, actor: &Actor, plan: &str, bytes: Bytes) -> Result<Back, Error> {
    let grant = permit(actor)?;
    let id = id_of(plan)?;
    let plan = app.plan(id).await?;
    let read = aside(move || outcomes::read("file", &bytes)).await?;
    let reading = read.map_err(|error| Error::invalid("file", error))?;
    let reject = |reject: crate::domain::reject::Reject| Reject {
        row: reject.row,
        column: reject.column,
        reason: reject.reason,
    };
    let mut back = Back { accepted: 0, known: 0, rejects: reading.rejects.into_iter().map(reject).collect() };
    let (mut rows, mut deliveries) = (Vec::new(), Vec::new());
    let now = Timestamp::now();
    for line in reading.lines {
        let told = plan.told.get(line.code.as_str());
        let outcome = delivery::Outcome {
            kind: line.outcome,
            units: line.units,
            // The control room has read what the crews told: its word comes after.
            at: told.and_then(Story::last).map_or(now, |last| now.max(last.at + SignedDuration::from_nanos(1))),
            by: actor.name().into(),
            note: line.note.as_str().into(),
        };
        let same = |known: &delivery::Outcome| {
            (known.kind, known.units, &known.note) == (outcome.kind, outcome.units, &outcome.note)
        };
        if told.and_then(Story::last).is_some_and(same) {
            back.known += 1;
            continue;
        }
        rows.push(line.row);
        deliveries.push(Delivery { key: key_of(&line, told.map_or(0, Story::len))?, code: line.code.into(), outcome });
    }
    // What is kept is in the audit log before it is.
    app.journal.keep(&[grant.event(&format!("plan {id} outcomes"), deliveries.len() as u64)]).await?;
    for (row, answer) in rows.into_iter().zip(app.deliver(id, actor.name(), deliveries).await?) {
        match answer {
            Delivered::Accepted => back.accepted += 1,
            Delivered::Known => back.known += 1,
            Delivered::Refused(refusal) => {
                back.rejects.push(Reject { row, column: Some("codice".to_owned()), reason: refusal.to_string() });
            }
        }
    }
    back.rejects.sort_by_key(|reject| reject.row);
    Ok(back)
}

/// The same row of the same table, told at the same place of the stop's story, is the same event.
fn key_of(line: &outcomes::Line, told: usize) -> Result<IdempotencyKey, Error> {
    let said = format!("{}\0{}\0{:?}\0{}\0{told}", line.code, line.outcome, line.units, line.note);
    let hash = blake3::hash(said.as_bytes()).to_hex();
    format!("file.{}", &hash[..32]).parse().map_err(Error::internal)
}

/// Work of unknown length off the waiting threads.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
