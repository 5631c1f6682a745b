//! GeoPackages (OGC 12-128r17): those that others made, read here as strangers (nothing of the file is run, nothing in it is
//! believed), and those that we make for others ([`create`]).
//!
//! The file is opened read-only and immutable. Only real tables are read (a view or a virtual table can run what its
//! maker wrote), column by column with a bound on each value, row by row in the order of their keys.

use std::path::Path;

use sqlx::{
    Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use crate::domain::{feature::Value, reject::Reject};

pub(super) mod blob;
#[cfg(test)]
mod tests;
pub(super) mod write;

pub use write::{Blank, create};

/// Bytes of one row; a larger one is rejected. Also what is read at once.
pub const ROW_BYTES_MAX: i64 = 64 << 20;
/// Rows of one table.
pub const ROWS_MAX: usize = 5_000_000;
/// Bytes of one table in memory.
pub const TABLE_BYTES_MAX: i64 = 2 << 30;
const TABLES_MAX: i64 = 1_000;
/// SQLite nests the sum of their sizes at most 1,000 deep.
const COLUMNS_MAX: usize = 900;
const ROWS_AT_ONCE: i64 = 1_000;

/// A feature table as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The system of its coordinates.
    pub srs: Srs,
    /// Its rows, by key.
    pub rows: Vec<Row>,
    /// Rows that could not be read.
    pub rejects: Vec<Reject>,
}

/// A coordinate system as a GeoPackage names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srs {
    /// `EPSG`, or `NONE` for undefined.
    pub organization: String,
    /// Its code there.
    pub code: i64,
}

/// A row of a feature table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its key.
    pub id: i64,
    /// Its geometry as ISO WKB, not looked into; x before y. None where it is missing or empty.
    pub wkb: Option<Vec<u8>>,
    /// Its attributes in the order of the columns. Blobs and what is not finite are missing.
    pub properties: Vec<(Box<str>, Value)>,
}

/// Why a GeoPackage was not read.
#[derive(Debug, thiserror::Error)]
pub enum GeoPackageError {
    /// No file, or not ours to read.
    #[error("cannot be opened: {0}")]
    Unreachable(#[from] std::io::Error),
    /// Another format.
    #[error("is not a GeoPackage: {0}")]
    NotGeoPackage(&'static str),
    /// Its last changes lie in a log beside it.
    #[error("is still open in another program: close it there, so that its last changes are in the file")]
    Unfinished,
    /// No such table.
    #[error("has no feature table \"{asked}\"; it has: {known}")]
    NoTable {
        /// Asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// A view or a virtual table.
    #[error("\"{0}\" is not a plain table: export it to a new GeoPackage")]
    NotPlain(String),
    /// Past a bound.
    #[error("\"{table}\" has more than {limit}")]
    TooLarge {
        /// Which table.
        table: String,
        /// What it passes.
        limit: String,
    },
    /// Cannot be read to its end.
    #[error("is damaged: {0}")]
    Damaged(String),
}

impl From<sqlx::Error> for GeoPackageError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) if error.code().as_deref() == Some("26") => {
                Self::NotGeoPackage("no SQLite file")
            }
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// A feature table as the file lists it.
struct Listed {
    name: String,
    geometry: String,
    srs_id: i64,
    srs: Srs,
}

/// Reads one feature table, or all of them.
pub async fn read(path: &Path, table: Option<&str>) -> Result<Vec<Table>, GeoPackageError> {
    let mut connection = open(path).await?;
    for name in ["gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"] {
        match is_plain(&mut connection, name).await? {
            Some(true) => {}
            Some(false) => return Err(GeoPackageError::NotPlain(name.to_owned())),
            None => return Err(GeoPackageError::NotGeoPackage("it lists no contents")),
        }
    }
    let mut listed = list(&mut connection).await?;
    if let Some(asked) = table {
        let known = listed.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ");
        listed.retain(|table| table.name == asked);
        if listed.is_empty() {
            return Err(GeoPackageError::NoTable { asked: asked.chars().take(64).collect(), known });
        }
    }
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut tables = Vec::with_capacity(listed.len());
    for one in listed {
        tables.push(read_table(&mut connection, &file, one).await?);
    }
    connection.close().await?;
    Ok(tables)
}

async fn open(path: &Path) -> Result<SqliteConnection, GeoPackageError> {
    let file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(file, 100), &mut head)?;
    whole(&head, length)?;
    // Read as immutable, the log would be passed over in silence.
    for log in ["-wal", "-journal"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(log);
        if std::fs::metadata(beside).is_ok_and(|meta| meta.len() > 0) {
            return Err(GeoPackageError::Unfinished);
        }
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(true)
        .foreign_keys(false)
        .pragma("trusted_schema", "off")
        .pragma("cell_size_check", "on")
        .pragma("query_only", "on")
        .pragma("mmap_size", "0");
    Ok(SqliteConnection::connect_with(&options).await?)
}

/// Whether the head of the file (https://www.sqlite.org/fileformat.html, 1.3) is SQLite's and the file has all the pages
/// that it tells of: SQLite itself reads a file cut short until it misses something.
fn whole(head: &[u8], length: u64) -> Result<(), GeoPackageError> {
    let Some(head) = head.first_chunk::<100>().filter(|head| head.starts_with(b"SQLite format 3\0")) else {
        return Err(GeoPackageError::NotGeoPackage("no SQLite file"));
    };
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let page_bytes = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let (changes, pages, counted_at) = (number(24), u64::from(number(28)), number(92));
    if changes == counted_at && length < pages * page_bytes {
        return Err(GeoPackageError::Damaged("it is cut short".to_owned()));
    }
    Ok(())
}

/// Whether a name is that of a plain table; none where there is nothing of that name.
async fn is_plain(connection: &mut SqliteConnection, name: &str) -> Result<Option<bool>, GeoPackageError> {
    let row: Option<(String, Option<String>)> = sqlx::query_as(
        "select type, sql from sqlite_schema where name = ? collate nocase and type in ('table', 'view')",
    )
    .bind(name)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(kind, sql)| {
        let words = sql.unwrap_or_default().to_lowercase();
        let mut words = words.split_whitespace();
        kind == "table" && words.next() == Some("create") && words.next() != Some("virtual")
    }))
}

async fn list(connection: &mut SqliteConnection) -> Result<Vec<Listed>, GeoPackageError> {
    type Found = (String, String, i64, Option<String>, Option<i64>);
    let rows: Vec<Found> = sqlx::query_as(
        "select cast(c.table_name as text), cast(g.column_name as text), cast(g.srs_id as integer),
                cast(s.organization as text), cast(s.organization_coordsys_id as integer)
         from gpkg_contents c join gpkg_geometry_columns g on g.table_name = c.table_name
         left join gpkg_spatial_ref_sys s on s.srs_id = g.srs_id
         where c.data_type = 'features' order by 1 limit ?",
    )
    .bind(TABLES_MAX)
    .fetch_all(connection)
    .await?;
    let listed = rows.into_iter().map(|(name, geometry, srs_id, organization, code)| Listed {
        name,
        geometry,
        srs_id,
        srs: Srs { organization: organization.unwrap_or_else(|| "NONE".to_owned()), code: code.unwrap_or(srs_id) },
    });
    Ok(listed.collect())
}

/// A column to read.
struct Column {
    name: Box<str>,
    meaning: Meaning,
}

/// What the values of a column mean beside what SQLite stores, by its declared type (OGC 12-128r17, table 1).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Nothing more.
    Plain,
    /// Zero and one are false and true.
    Flag,
    /// Texts are days.
    Day,
    /// Texts are moments.
    Moment,
}

impl Meaning {
    fn of(declared: &str) -> Self {
        match declared.to_ascii_uppercase().as_str() {
            "BOOLEAN" => Self::Flag,
            "DATE" => Self::Day,
            "DATETIME" => Self::Moment,
            _ => Self::Plain,
        }
    }
}

/// The columns that are stored; what is computed would run the maker's SQL.
async fn columns(connection: &mut SqliteConnection, table: &Listed) -> Result<Vec<Column>, GeoPackageError> {
    let rows: Vec<(String, String, i64, i64)> =
        sqlx::query_as("select name, type, pk, hidden from pragma_table_xinfo(?)")
            .bind(&table.name)
            .fetch_all(connection)
            .await?;
    if !rows.iter().any(|(name, _, _, hidden)| *hidden == 0 && name.eq_ignore_ascii_case(&table.geometry)) {
        return Err(GeoPackageError::Damaged(format!("\"{}\" lacks its geometry column", table.name)));
    }
    let keys = rows.iter().filter(|(_, _, pk, _)| *pk > 0).count();
    let is_attribute = |(name, kind, pk, hidden): &(String, String, i64, i64)| {
        let is_key = keys == 1 && *pk == 1 && kind.eq_ignore_ascii_case("integer");
        *hidden == 0 && !is_key && !name.eq_ignore_ascii_case(&table.geometry)
    };
    let attributes = rows.iter().filter(|row| is_attribute(row));
    let columns: Vec<Column> =
        attributes.map(|(name, kind, ..)| Column { name: name.as_str().into(), meaning: Meaning::of(kind) }).collect();
    if columns.len() > COLUMNS_MAX {
        return Err(too_large(&table.name, format!("{COLUMNS_MAX} columns")));
    }
    Ok(columns)
}

fn too_large(table: &str, limit: String) -> GeoPackageError {
    GeoPackageError::TooLarge { table: table.to_owned(), limit }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What is asked of a table: first how large its rows are, without their values, then the values of as many as fit.
struct Questions {
    sizes: String,
    values: String,
}

impl Questions {
    fn of(table: &Listed, columns: &[Column]) -> Self {
        let names = std::iter::once(quote(&table.geometry)).chain(columns.iter().map(|column| quote(&column.name)));
        let names: Vec<String> = names.collect();
        let size: Vec<String> = names.iter().map(|name| format!("coalesce(octet_length({name}), 0)")).collect();
        let (size, names, table) = (size.join(" + "), names.join(", "), quote(&table.name));
        Self {
            sizes: format!("select rowid, {size} from {table} where rowid > ? order by rowid limit {ROWS_AT_ONCE}"),
            values: format!(
                "select rowid, {names} from {table} where rowid > ? and rowid <= ? and {size} <= {ROW_BYTES_MAX}
                 order by rowid"
            ),
        }
    }
}

async fn read_table(connection: &mut SqliteConnection, file: &str, listed: Listed) -> Result<Table, GeoPackageError> {
    if is_plain(connection, &listed.name).await? != Some(true) {
        return Err(GeoPackageError::NotPlain(listed.name));
    }
    let columns = columns(connection, &listed).await?;
    let questions = Questions::of(&listed, &columns);
    let mut table = Table { name: listed.name.clone(), srs: listed.srs.clone(), rows: vec![], rejects: vec![] };
    let reject = |id: i64, column: Option<&str>, reason: String| Reject {
        file: file.to_owned(),
        row: u32::try_from(id).unwrap_or(u32::MAX),
        column: column.map(str::to_owned),
        reason,
    };
    let (mut last, mut total) = (i64::MIN, 0);
    loop {
        let sizes: Vec<(i64, i64)> = sqlx::query_as(&questions.sizes).bind(last).fetch_all(&mut *connection).await?;
        let Some(until) = fitting(&listed.name, last, &sizes, &mut total)? else {
            return Ok(table);
        };
        let large = sizes.iter().filter(|(id, size)| *id <= until && *size > ROW_BYTES_MAX);
        let reason = || format!("has more than {} MB", ROW_BYTES_MAX >> 20);
        table.rejects.extend(large.map(|(id, _)| reject(*id, None, reason())));
        let rows = sqlx::query(&questions.values).bind(last).bind(until).fetch_all(&mut *connection).await?;
        for row in &rows {
            match read_row(row, &listed, &columns)? {
                Ok(row) => table.rows.push(row),
                Err((id, reason)) => table.rejects.push(reject(id, Some(&listed.geometry), reason.to_owned())),
            }
        }
        if table.rows.len() + table.rejects.len() > ROWS_MAX {
            return Err(too_large(&listed.name, format!("{ROWS_MAX} rows")));
        }
        last = until;
    }
}

/// The last of the rows that are read together; none when there are no more rows.
fn fitting(table: &str, mut last: i64, sizes: &[(i64, i64)], total: &mut i64) -> Result<Option<i64>, GeoPackageError> {
    let mut together = 0;
    let mut until = None;
    for &(id, size) in sizes {
        if id <= last {
            return Err(GeoPackageError::Damaged(format!("the keys of \"{table}\" are out of order")));
        }
        last = id;
        let size = if size > ROW_BYTES_MAX { 0 } else { size };
        together += size;
        if together > ROW_BYTES_MAX {
            break;
        }
        *total += size;
        until = Some(id);
    }
    if *total > TABLE_BYTES_MAX {
        return Err(too_large(table, format!("{} MB", TABLE_BYTES_MAX >> 20)));
    }
    Ok(until)
}

/// A row, or its key and why its geometry cannot be taken.
fn read_row(
    row: &SqliteRow,
    listed: &Listed,
    columns: &[Column],
) -> Result<Result<Row, (i64, &'static str)>, GeoPackageError> {
    let id: i64 = row.try_get(0)?;
    let raw = row.try_get_raw(1)?;
    let wkb = match (raw.is_null(), raw.type_info().name()) {
        (true, _) => None,
        (false, "BLOB") => match wkb_of(row.try_get_unchecked(1)?, listed.srs_id) {
            Ok(wkb) => wkb.map(<[u8]>::to_vec),
            Err(reason) => return Ok(Err((id, reason))),
        },
        _ => return Ok(Err((id, "the geometry is no blob"))),
    };
    let mut properties = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        properties.push((column.name.clone(), value_of(row, at + 2, column)?));
    }
    Ok(Ok(Row { id, wkb, properties }))
}

/// The WKB behind the header of a GeoPackageBinary (clause 2.1.3); none for an empty geometry.
fn wkb_of(blob: &[u8], srs_id: i64) -> Result<Option<&[u8]>, &'static str> {
    let Some((&[b'G', b'P', version, flags, a, b, c, d], rest)) = blob.split_first_chunk::<8>() else {
        return Err("the geometry has no GeoPackage header");
    };
    if version != 0 {
        return Err("the geometry has a later version than 1");
    }
    if flags & 0b10_0000 != 0 {
        return Err("the geometry is of an extended type");
    }
    let srs = if flags & 1 == 1 { i32::from_le_bytes([a, b, c, d]) } else { i32::from_be_bytes([a, b, c, d]) };
    if i64::from(srs) != srs_id {
        return Err("the geometry has another coordinate system than its table");
    }
    let envelope_bytes = match flags >> 1 & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err("the geometry has an unknown envelope"),
    };
    if flags & 0b1_0000 != 0 {
        return Ok(None);
    }
    rest.get(envelope_bytes..).filter(|wkb| !wkb.is_empty()).map(Some).ok_or("the geometry is cut short")
}

fn value_of(row: &SqliteRow, at: usize, column: &Column) -> Result<Value, GeoPackageError> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    Ok(match raw.type_info().name() {
        "INTEGER" | "BOOLEAN" => match row.try_get_unchecked::<i64, _>(at)? {
            whole @ (0 | 1) if column.meaning == Meaning::Flag => Value::Flag(whole == 1),
            whole => Value::Whole(whole),
        },
        "REAL" => match row.try_get_unchecked::<f64, _>(at)? {
            number if number.is_finite() => Value::Number(number),
            _ => Value::Null,
        },
        "TEXT" => {
            let text = String::from_utf8_lossy(row.try_get_unchecked(at)?);
            let meant = match column.meaning {
                Meaning::Day => Value::day(&text),
                Meaning::Moment => Value::instant(&text),
                Meaning::Plain | Meaning::Flag => None,
            };
            // What is not what its column says stays readable.
            meant.unwrap_or_else(|| Value::Text(text.into()))
        }
        _ => Value::Null,
    })
}
