//! Export: what the store knows, as a file. The operator at the machine owns the data; what leaves is audited all the
//! same, before the file has its name.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use geo::{Geometry, Point};
use h3o::Resolution;

use super::{
    collections,
    error::Error,
    file::{self, Watched},
    journal::Journal,
    load,
    rebuild::{self, Standing},
};
use crate::{
    access::{
        Actor, Disclosed, HouseholdRecords, LinkRecords, PublicFigures,
        audit::AuditEvent,
        disclose, grant,
        hexes::{Prepared, RESOLUTIONS},
        opened::{Opened, Picked},
    },
    domain::{bank::BankKind, feature::Value, geo::LonLat, personal::Personal, reject::Reject, watch::Watch},
    publish::{
        features::Format,
        table::{Column, Table},
    },
    query::{
        Budget,
        collection::{Collection, FieldKind, Households},
        evaluate,
        filter::{self, Vocabulary},
    },
    snapshot::{Snapshot, schema::Sensitivity},
    store::{
        Artefact, SourceKind, SourceState, Store,
        form::{LinkForm, PlaceForm},
    },
};

pub use file::Narrowing;

/// What can be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `bank,row,person,household,tier,score`
    Links,
    /// `bank,row,text,access_id,street_id,level,method,score,status,lon,lat,uncertainty_m,faults`
    Addresses,
    /// `source,file,row,column,reason`
    Rejects,
    /// A collection by its name: `households` with their place, scores and findings; `hexes` or `hexes_9`, which are the
    /// published ones; a reference layer.
    Collection(Box<str>),
}

/// Where and how to write.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    /// What.
    pub subject: Subject,
    /// The file; its ending is the format where none is said.
    pub output: PathBuf,
    /// The format.
    pub format: Option<Format>,
    /// Resolution of the hexagons; none for the finest that is published.
    pub resolution: Option<Resolution>,
    /// Which rows of a collection; none for all.
    pub narrowing: Option<Narrowing>,
    /// Who exports.
    pub actor: Actor,
}

/// What an export wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Rows in the file.
    pub rows: u64,
    /// Rows without a place, which a file of shapes alone (FlatGeobuf) does not hold.
    pub left_out: u64,
}

/// Writes the file and answers what is in it.
pub async fn export(store: Arc<dyn Store>, order: &ExportOrder, watch: &dyn Watch) -> Result<Exported, Error> {
    let format = format(order)?;
    watch.begin("reading", 0);
    if let Subject::Collection(name) = &order.subject {
        let (rows, event) = collection(store.as_ref(), name, order).await?;
        Journal::new(Some(store)).keep(&[event]).await?;
        watch.begin(if format.is_streamed() { "writing (kB)" } else { "writing (rows)" }, 0);
        let whole = rows.len();
        let written = beside(&order.output, |out| {
            // The writer waits on nobody but the disk, and a command has nothing else to do.
            tokio::task::block_in_place(|| file::write(&rows, format, out, watch))
        })?;
        return Ok(Exported { rows: written, left_out: whole - written });
    }
    if order.narrowing.is_some() {
        return Err(Error::invalid("--filter", "only collections are filtered: households, hexes, layers"));
    }
    if !format.is_streamed() {
        return Err(Error::invalid("--format", format_args!("not {}: csv, geojson, geojsons or fgb", format.key())));
    }
    let (table, event) = match order.subject {
        Subject::Links => links(store.as_ref(), &order.actor).await?,
        Subject::Addresses => addresses(store.as_ref(), &order.actor, watch).await?,
        Subject::Rejects | Subject::Collection(_) => rejects(store.as_ref(), &order.actor).await?,
    };
    Journal::new(Some(store)).keep(&[event]).await?;
    let rows = write(&table, format, &order.output, watch)?;
    Ok(Exported { rows, left_out: table.rows().len() as u64 - rows })
}

fn format(order: &ExportOrder) -> Result<Format, Error> {
    let ending = || order.output.extension().and_then(|ending| ending.to_str()).and_then(Format::of_key);
    order.format.or_else(ending).ok_or_else(|| {
        let endings = Format::ALL.map(|format| format!(".{}", format.key())).join(", ");
        Error::invalid("--output", format_args!("the file ends with {endings}, or --format says what it is"))
    })
}

/// Writes a table as CSV.
pub fn write_csv(table: &Table, path: &Path, watch: &dyn Watch) -> Result<(), Error> {
    write(table, Format::Csv, path, watch).map(drop)
}

fn write(table: &Table, format: Format, path: &Path, watch: &dyn Watch) -> Result<u64, Error> {
    beside(path, |out| table.write(format, &mut Watched { out, watch, bytes: 0 }).map_err(Error::internal))
}

/// Writes beside the file and renames, so that a file that has its name is whole; what is not whole goes.
fn beside<T>(path: &Path, write: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, Error>) -> Result<T, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::invalid(&path.display().to_string(), error);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&part).map_err(|error| failed(&error))?);
    let written = write(&mut out).and_then(|written| {
        out.flush().map_err(|error| failed(&error))?;
        std::fs::rename(&part, path).map_err(|error| failed(&error))?;
        Ok(written)
    });
    if written.is_err() {
        // What it failed on is what is told.
        std::fs::remove_file(&part).ok();
    }
    match written {
        Err(Error::Internal(cause)) => Err(failed(&cause)),
        other => other,
    }
}

/// The rows of a collection that leave.
async fn collection(
    store: &dyn Store,
    name: &str,
    order: &ExportOrder,
) -> Result<(Disclosed<Opened>, AuditEvent), Error> {
    let actor = &order.actor;
    match name {
        "households" => {
            let households = Arc::new(Households::new(snapshot(store).await?));
            let grant = grant::<HouseholdRecords>(actor)?;
            let picked = picked(&*households, grant.ceiling(), order)?;
            Ok(disclose::household_rows(&grant, &households, picked))
        }
        // Also at the machine these are the published ones.
        _ if name == "hexes" || name.starts_with("hexes_") => {
            let snapshot = snapshot(store).await?;
            let prepared = Prepared::new(&snapshot);
            let grant = grant::<PublicFigures>(actor)?;
            let named = RESOLUTIONS.into_iter().find(|resolution| name.ends_with(&format!("_{resolution}")));
            let resolution = named.or(order.resolution).unwrap_or(RESOLUTIONS[RESOLUTIONS.len() - 1]);
            let hexes = prepared.collection(&grant, resolution);
            if hexes.is_empty() && snapshot.households() > 0 {
                return Err(Error::invalid("--resolution", "no hexagon is published at this resolution"));
            }
            let picked = picked(&**hexes, Sensitivity::Aggregate, order)?;
            Ok(disclose::hex_rows(&grant, &prepared, resolution, picked))
        }
        _ => {
            let world = load::world(store).await?;
            let world = Arc::new(world.ok_or_else(nothing_served)?);
            let offer = collections::one(&world, actor, name)?;
            offer.disclose(actor, picked(&*offer.collection(), offer.up_to(), order)?)
        }
    }
}

fn picked(collection: &dyn Collection, up_to: Sensitivity, order: &ExportOrder) -> Result<Picked, Error> {
    let Some(Narrowing { text, lang }) = &order.narrowing else { return Ok(Picked::All) };
    let filter = filter::parse(text, *lang, &Vocabulary::new(collection, up_to))?;
    Ok(Picked::Set(Arc::new(evaluate::rows(&filter, collection, &Budget::default())?)))
}

fn nothing_served() -> Error {
    Error::Conflict("nothing is served yet: run `atlante refresh` first".into())
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::Text(text.into()) }
}

fn whole(number: Option<u64>) -> Value {
    number.map_or(Value::Null, |number| Value::Whole(number as i64))
}

fn score(score: f32) -> Value {
    Value::Number((f64::from(score) * 1e4).round() / 1e4)
}

fn columns(columns: &[(&str, FieldKind)]) -> Vec<Column> {
    columns.iter().map(|(name, kind)| Column::new(name, *kind)).collect()
}

async fn links(store: &dyn Store, actor: &Actor) -> Result<(Table, AuditEvent), Error> {
    let standing = Standing::of(&store.contents().await?)?;
    let (tiers, links) = standing.links(store).await?;
    let grant = grant::<LinkRecords>(actor)?;
    let (links, event) = disclose::records(&grant, "links", links);
    let names = columns(&[
        ("bank", FieldKind::Text),
        ("row", FieldKind::Whole),
        ("person", FieldKind::Whole),
        ("household", FieldKind::Whole),
        ("tier", FieldKind::Text),
        ("score", FieldKind::Number),
    ]);
    let table = Table::of_records("links", names, &links, |link: &LinkForm| {
        let tier = tiers.get(usize::from(link.tier)).map_or("", AsRef::as_ref);
        let values = vec![
            text(link.bank().name()),
            Value::Whole(link.row.into()),
            whole(link.person().map(|person| person.0.into())),
            whole(link.household().map(|household| household.0.into())),
            text(tier),
            score(link.score),
        ];
        (None, values)
    });
    Ok((table, event))
}

/// An address of a bank and where it was put.
struct PlacedRow {
    bank: BankKind,
    row: u32,
    written: Personal,
    place: PlaceForm,
}

async fn addresses(store: &dyn Store, actor: &Actor, watch: &dyn Watch) -> Result<(Table, AuditEvent), Error> {
    let contents = store.contents().await?;
    let standing = Standing::of(&contents)?;
    let places = standing.places(store).await?;
    let mut rows = Vec::new();
    for bank in rebuild::banks(store, &contents, watch).await? {
        for record in bank.records {
            let (Some(address), Some(place)) = (record.address, places.place_of(bank.kind, record.row)) else {
                continue;
            };
            rows.push(PlacedRow { bank: bank.kind, row: record.row, written: address.to_line(), place: place.clone() });
        }
    }
    let grant = grant::<LinkRecords>(actor)?;
    let (rows, event) = disclose::records(&grant, "addresses", rows);
    let names = columns(&[
        ("bank", FieldKind::Text),
        ("row", FieldKind::Whole),
        ("text", FieldKind::Text),
        ("access_id", FieldKind::Whole),
        ("street_id", FieldKind::Whole),
        ("level", FieldKind::Text),
        ("method", FieldKind::Text),
        ("score", FieldKind::Number),
        ("status", FieldKind::Text),
        ("lon", FieldKind::Number),
        ("lat", FieldKind::Number),
        ("uncertainty_m", FieldKind::Number),
        ("faults", FieldKind::Text),
    ]);
    let table = Table::of_records("addresses", names, &rows, |row| {
        let mut values = vec![text(row.bank.name()), Value::Whole(row.row.into()), text(row.written.reveal())];
        values.extend(place_values(&row.place));
        (row.place.point().map(shape), values)
    });
    Ok((table, event))
}

fn shape(point: LonLat) -> Geometry<f64> {
    Geometry::Point(Point::new(point.lon(), point.lat()))
}

/// `access_id,street_id,level,method,score,status,lon,lat,uncertainty_m,faults`
fn place_values(place: &PlaceForm) -> [Value; 10] {
    let degrees = |value: fn(LonLat) -> f64| {
        place.point().map_or(Value::Null, |point| Value::Number((value(point) * 1e7).round() / 1e7))
    };
    [
        whole(place.access().map(|access| access.0)),
        whole(place.street().map(|street| street.0)),
        text(place.level()),
        text(place.method()),
        score(place.score()),
        text(place.status()),
        degrees(LonLat::lon),
        degrees(LonLat::lat),
        place.uncertainty_m.map_or(Value::Null, |metres| Value::Number(f64::from(metres).round())),
        text(&place.faults),
    ]
}

/// The snapshot that is served.
pub(super) async fn snapshot(store: &dyn Store) -> Result<Arc<Snapshot>, Error> {
    let served = store.contents().await?.served;
    let head = served.ok_or_else(nothing_served)?;
    let bytes = store.artefact(head.id, Artefact::Snapshot).await?;
    Ok(Arc::new(Snapshot::decode(&bytes).map_err(Error::internal)?))
}

async fn rejects(store: &dyn Store, actor: &Actor) -> Result<(Table, AuditEvent), Error> {
    let mut rows: Vec<(String, Reject)> = Vec::new();
    for source in store.contents().await?.sources {
        if source.state == SourceState::Complete {
            let name = source_name(&source.kind);
            rows.extend(store.rejects(source.id).await?.into_iter().map(|reject| (name.clone(), reject)));
        }
    }
    let grant = grant::<LinkRecords>(actor)?;
    let (rows, event) = disclose::records(&grant, "rejects", rows);
    let names = columns(&[
        ("source", FieldKind::Text),
        ("file", FieldKind::Text),
        ("row", FieldKind::Whole),
        ("column", FieldKind::Text),
        ("reason", FieldKind::Text),
    ]);
    let table = Table::of_records("rejects", names, &rows, |(source, reject)| {
        let column = reject.column.as_deref().unwrap_or_default();
        let values =
            vec![text(source), text(&reject.file), Value::Whole(reject.row.into()), text(column), text(&reject.reason)];
        (None, values)
    });
    Ok((table, event))
}

/// What a source is called in reports and exports.
pub fn source_name(kind: &SourceKind) -> String {
    match kind {
        SourceKind::Bank(bank) => bank.name().to_owned(),
        SourceKind::Civics => "civics".to_owned(),
        SourceKind::CivicPoints => "civic_points".to_owned(),
        SourceKind::Layer(name) => format!("layer {name}"),
        SourceKind::Roads => "roads".to_owned(),
    }
}
