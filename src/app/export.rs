//! Export: what the store knows, as a file. The operator at the machine owns the data; what leaves is audited all the
//! same, before the file has its name.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    sync::Arc,
};

use geo::{Geometry, Point};
use h3o::Resolution;

use super::{
    error::Error,
    journal::Journal,
    rebuild::{self, Standing},
};
use crate::{
    access::{
        Actor, HouseholdRecords, LinkRecords, PublicFigures,
        audit::AuditEvent,
        disclose, grant,
        hexes::{Prepared, RESOLUTIONS},
    },
    domain::{bank::BankKind, feature::Value, geo::LonLat, personal::Personal, reject::Reject, watch::Watch},
    publish::{
        csv, flatgeobuf, geojson,
        table::{Column, ColumnKind, Table, WriteError},
    },
    snapshot::{Rows, Snapshot},
    store::{
        Artefact, SourceKind, SourceState, Store,
        form::{LinkForm, PlaceForm},
    },
};

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `bank,row,person,household,tier,score`
    Links,
    /// `bank,row,text,access_id,street_id,level,method,score,status,lon,lat,uncertainty_m,faults`
    Addresses,
    /// Households with their place, scores and findings.
    Households,
    /// The published hexagons.
    Hexes,
    /// `source,file,row,column,reason`
    Rejects,
}

/// Where and how to write.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    /// What.
    pub subject: Subject,
    /// The file; its ending is the format: `.csv`, `.geojson`, `.fgb`.
    pub output: PathBuf,
    /// Resolution of the hexagons; none for the finest that is published.
    pub resolution: Option<Resolution>,
    /// Who exports.
    pub actor: Actor,
}

/// The formats of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    GeoJson,
    FlatGeobuf,
}

fn format(path: &Path) -> Result<Format, Error> {
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("geojson" | "json") => Ok(Format::GeoJson),
        Some("fgb") => Ok(Format::FlatGeobuf),
        _ => Err(Error::invalid("--output", "the file ends with .csv, .geojson or .fgb")),
    }
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
    let format = format(&order.output)?;
    watch.begin("export", 0);
    let (table, event) = match order.subject {
        Subject::Links => links(store.as_ref(), &order.actor).await?,
        Subject::Addresses => addresses(store.as_ref(), &order.actor, watch).await?,
        Subject::Households => households(store.as_ref(), &order.actor).await?,
        Subject::Hexes => hexes(store.as_ref(), order).await?,
        Subject::Rejects => rejects(store.as_ref(), &order.actor).await?,
    };
    Journal::new(Some(store)).keep(&[event]).await?;
    write(&table, format, &order.output)?;
    let left_out = match format {
        Format::FlatGeobuf => table.rows().iter().filter(|row| row.geometry.is_none()).count() as u64,
        Format::Csv | Format::GeoJson => 0,
    };
    Ok(Exported { rows: table.rows().len() as u64 - left_out, left_out })
}

/// Writes a table as CSV.
pub fn write_csv(table: &Table, path: &Path) -> Result<(), Error> {
    write(table, Format::Csv, path)
}

/// Writes beside the file and renames, so that a file that has its name is whole.
fn write(table: &Table, format: Format, path: &Path) -> Result<(), Error> {
    let failed = |error: &dyn std::fmt::Display| Error::invalid(&path.display().to_string(), error);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let file = BufWriter::with_capacity(1 << 20, File::create(&part).map_err(|error| failed(&error))?);
    let written: Result<(), WriteError> = match format {
        Format::Csv => csv::write(table, file),
        Format::GeoJson => geojson::write(table, file),
        Format::FlatGeobuf => flatgeobuf::write(table, file),
    };
    written.map_err(|error| failed(&error)).and_then(|()| std::fs::rename(&part, path).map_err(|error| failed(&error)))
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

fn columns(columns: &[(&str, ColumnKind)]) -> Vec<Column> {
    columns.iter().map(|(name, kind)| Column::new(name, *kind)).collect()
}

async fn links(store: &dyn Store, actor: &Actor) -> Result<(Table, AuditEvent), Error> {
    let standing = Standing::of(&store.contents().await?)?;
    let (tiers, links) = standing.links(store).await?;
    let grant = grant::<LinkRecords>(actor)?;
    let (links, event) = disclose::records(&grant, "links", links);
    let names = columns(&[
        ("bank", ColumnKind::Text),
        ("row", ColumnKind::Whole),
        ("person", ColumnKind::Whole),
        ("household", ColumnKind::Whole),
        ("tier", ColumnKind::Text),
        ("score", ColumnKind::Number),
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
        ("bank", ColumnKind::Text),
        ("row", ColumnKind::Whole),
        ("text", ColumnKind::Text),
        ("access_id", ColumnKind::Whole),
        ("street_id", ColumnKind::Whole),
        ("level", ColumnKind::Text),
        ("method", ColumnKind::Text),
        ("score", ColumnKind::Number),
        ("status", ColumnKind::Text),
        ("lon", ColumnKind::Number),
        ("lat", ColumnKind::Number),
        ("uncertainty_m", ColumnKind::Number),
        ("faults", ColumnKind::Text),
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
    let head = served.ok_or_else(|| Error::Conflict("nothing is served yet: run `atlante refresh` first".into()))?;
    let bytes = store.artefact(head.id, Artefact::Snapshot).await?;
    Ok(Arc::new(Snapshot::decode(&bytes).map_err(Error::internal)?))
}

async fn households(store: &dyn Store, actor: &Actor) -> Result<(Table, AuditEvent), Error> {
    let snapshot = snapshot(store).await?;
    let grant = grant::<HouseholdRecords>(actor)?;
    let rows = Rows::of_spans(&[snapshot.all()]);
    let (households, event) = disclose::households(&grant, &snapshot, rows);
    Ok((Table::of_households(&households), event))
}

async fn hexes(store: &dyn Store, order: &ExportOrder) -> Result<(Table, AuditEvent), Error> {
    let snapshot = snapshot(store).await?;
    let grant = grant::<PublicFigures>(&order.actor)?;
    let (hexes, event) = disclose::hexes(&grant, &Prepared::new(&snapshot));
    let resolution = order.resolution.unwrap_or(RESOLUTIONS[RESOLUTIONS.len() - 1]);
    if hexes.level(resolution).is_empty() && snapshot.households() > 0 {
        return Err(Error::invalid("--resolution", "no hexagon is published at this resolution"));
    }
    Ok((Table::of_hexes(&hexes, resolution), event))
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
        ("source", ColumnKind::Text),
        ("file", ColumnKind::Text),
        ("row", ColumnKind::Whole),
        ("column", ColumnKind::Text),
        ("reason", ColumnKind::Text),
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
    }
}
