//! GeoPackages for others: one feature table of what was disclosed, indexed, with the names that people read.

use std::{collections::HashSet, fmt::Write as _, path::Path};

use geo::{BoundingRect as _, Rect};
use sqlx::{
    Connection as _, Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};

use super::{
    super::{
        error::StoreError,
        table::{Shape, free_name, quote},
    },
    blob::{self, SRS},
};
use crate::{
    access::{Disclosed, opened::Opened},
    domain::{feature::Value, watch::Watch},
    query::collection::FieldKind,
    snapshot::Row,
};

/// What every GeoPackage begins with.
const EMPTY: &str = include_str!("empty.sql");
/// Values bound in one statement; SQLite takes 32,766.
const VALUES_MAX: usize = 8_192;
/// SQLite takes 2,000 columns.
const FIELDS_MAX: usize = 1_900;

/// What is written, by its columns.
struct Plan {
    table: String,
    shape: Shape,
    columns: Vec<(String, FieldKind)>,
}

/// A GeoPackage that is open and has nothing in it yet.
pub struct Blank(SqliteConnection);

/// Opens a new file, or an empty one. Once it is open it may lose its name: what is written later is then seen by nobody
/// but who holds the file open.
///
/// Errors: `Unreachable` and `Full` for the disk.
pub async fn create(path: &Path) -> Result<Blank, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        // A file that is not whole is thrown away, so nothing is kept to mend it.
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .locking_mode(SqliteLockingMode::Exclusive)
        .pragma("temp_store", "memory")
        .foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(EMPTY).execute(&mut connection).await?;
    Ok(Blank(connection))
}

impl Blank {
    /// Writes one feature table, named after the collection, in the order of the rows; answers how many.
    ///
    /// Errors: `Unreachable` and `Full` for the disk, `Conflict` when a watcher wants it stopped.
    pub async fn fill(self, rows: &Disclosed<Opened>, watch: &dyn Watch) -> Result<u64, StoreError> {
        let Self(mut connection) = self;
        let plan = Plan::of(rows);
        let mut all = connection.begin().await?;
        for statement in plan.create() {
            sqlx::raw_sql(&statement).execute(&mut *all).await?;
        }
        let extent = plan.fill(&mut all, rows, watch).await?;
        plan.register(&mut all, rows, extent).await?;
        // Programs that edit the file keep its index by these; they call functions that such programs bring.
        sqlx::raw_sql(&plan.triggers()).execute(&mut *all).await?;
        all.commit().await?;
        connection.close().await?;
        Ok(rows.len())
    }
}

const fn declared(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Flag => "BOOLEAN",
        FieldKind::Whole => "INTEGER",
        FieldKind::Number => "DOUBLE",
        FieldKind::Text | FieldKind::List => "TEXT",
        FieldKind::Date => "DATE",
        FieldKind::Instant => "DATETIME",
    }
}

/// The shape of a row as its table wants it, and the box around it.
fn shaped(rows: &Opened, row: Row, shape: Shape) -> Result<(Vec<u8>, Option<Rect<f64>>), StoreError> {
    let geometry = shape.fit(&rows.geometry(row));
    Ok((blob::of(&geometry)?, geometry.bounding_rect()))
}

impl Plan {
    fn of(rows: &Opened) -> Self {
        let mut taken: HashSet<String> = ["fid".to_owned(), "geom".to_owned()].into();
        let columns = rows
            .fields()
            .take(FIELDS_MAX)
            .map(|field| (free_name(&field.name, usize::MAX, &mut taken), field.kind))
            .collect();
        let shape = rows.rows().map(|row| match rows.point(row) {
            Some(_) => Shape::Point,
            None => Shape::of(&rows.geometry(row)),
        });
        let shape = shape.reduce(Shape::join).unwrap_or(Shape::Geometry);
        Self { table: rows.name().to_owned(), shape, columns }
    }

    fn index(&self) -> String {
        format!("rtree_{}_geom", self.table)
    }

    fn create(&self) -> [String; 2] {
        let mut table = format!(
            "create table {} (fid integer primary key autoincrement not null, geom {}",
            quote(&self.table),
            self.shape.name()
        );
        for (name, kind) in &self.columns {
            let _ = write!(table, ", {} {}", quote(name), declared(*kind));
        }
        table.push(')');
        [table, format!("create virtual table {} using rtree(id, minx, maxx, miny, maxy)", quote(&self.index()))]
    }

    /// Writes the rows and their boxes, as many at once as a statement takes; answers the box around all.
    async fn fill(
        &self,
        connection: &mut SqliteConnection,
        rows: &Opened,
        watch: &dyn Watch,
    ) -> Result<Option<Rect<f64>>, StoreError> {
        let width = self.columns.len() + 2;
        let at_once = (VALUES_MAX / width).clamp(1, 200);
        let all: Vec<Row> = rows.rows().collect();
        let mut extent: Option<Rect<f64>> = None;
        for (done, together) in all.chunks(at_once).enumerate() {
            if watch.cancelled() {
                return Err(StoreError::Conflict("stopped before the file was whole".to_owned()));
            }
            let (sql, boxes_sql) =
                (insert(&self.table, width, together.len()), insert(&self.index(), 5, together.len()));
            let mut query = sqlx::query(&sql).persistent(together.len() == at_once);
            let mut boxes = Vec::with_capacity(together.len());
            for &row in together {
                let (blob, rect) = shaped(rows, row, self.shape)?;
                query = self.bind(query.bind(rows.id(row) as i64).bind(blob), rows, row);
                boxes.extend(rect.map(|rect| (rows.id(row) as i64, rect)));
                extent = match (extent, rect) {
                    (Some(a), Some(b)) => Some(around(a, b)),
                    (a, b) => a.or(b),
                };
            }
            query.execute(&mut *connection).await?;
            if boxes.len() == together.len() {
                index(sqlx::query(&boxes_sql).persistent(boxes.len() == at_once), &boxes, connection).await?;
            } else if !boxes.is_empty() {
                // Empty shapes have no box.
                let sql = insert(&self.index(), 5, boxes.len());
                index(sqlx::query(&sql).persistent(false), &boxes, connection).await?;
            }
            watch.advance(((done + 1) * at_once).min(all.len()) as u64);
        }
        Ok(extent)
    }

    fn bind<'q>(
        &self,
        mut query: Query<'q, Sqlite, SqliteArguments<'q>>,
        rows: &Opened,
        row: Row,
    ) -> Query<'q, Sqlite, SqliteArguments<'q>> {
        for (value, _) in rows.values(row).zip(&self.columns) {
            query = match value {
                Value::Null => query.bind(None::<i64>),
                Value::Flag(flag) => query.bind(i64::from(flag)),
                Value::Whole(whole) => query.bind(whole),
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(String::from(text)),
                // A GeoPackage's moments have milliseconds (clause 1.1.1.1.2, table 1).
                Value::Instant(instant) => query.bind(instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
                value @ (Value::Date(_) | Value::List(_)) => query.bind(value.written()),
            };
        }
        query
    }

    /// Lists the table, its index and the names of its fields.
    async fn register(
        &self,
        connection: &mut SqliteConnection,
        rows: &Opened,
        extent: Option<Rect<f64>>,
    ) -> Result<(), StoreError> {
        sqlx::query("insert into gpkg_contents values (?1, 'features', ?2, ?3, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?4, ?5, ?6, ?7, ?8)")
            .bind(&self.table)
            .bind(&*rows.titles().it)
            .bind(format!("Atlante, generation {}", rows.generation()))
            .bind(extent.map(|rect| rect.min().x))
            .bind(extent.map(|rect| rect.min().y))
            .bind(extent.map(|rect| rect.max().x))
            .bind(extent.map(|rect| rect.max().y))
            .bind(SRS)
            .execute(&mut *connection)
            .await?;
        sqlx::query("insert into gpkg_geometry_columns values (?, 'geom', ?, ?, 0, 0)")
            .bind(&self.table)
            .bind(self.shape.name())
            .bind(SRS)
            .execute(&mut *connection)
            .await?;
        sqlx::query("insert into gpkg_ogr_contents values (?, ?)")
            .bind(&self.table)
            .bind(rows.len() as i64)
            .execute(&mut *connection)
            .await?;
        sqlx::query(
            "insert into gpkg_extensions values
             (?, 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        )
        .bind(&self.table)
        .execute(&mut *connection)
        .await?;
        for (field, (column, _)) in rows.fields().zip(&self.columns) {
            sqlx::query("insert into gpkg_data_columns values (?, ?, ?, ?, ?, null, null)")
                .bind(&self.table)
                .bind(column)
                .bind(column)
                .bind(&*field.title.it)
                .bind(&*field.description.it)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    /// The triggers that keep the index (OGC 12-128r17, F.3).
    fn triggers(&self) -> String {
        let (table, index, name) = (quote(&self.table), quote(&self.index()), self.index());
        let trigger = |suffix: &str| quote(&format!("{name}_{suffix}"));
        let shown = "new.geom notnull and not ST_IsEmpty(new.geom)";
        let hidden = "(new.geom isnull or ST_IsEmpty(new.geom))";
        let put = format!(
            "insert or replace into {index} values (new.fid, ST_MinX(new.geom), ST_MaxX(new.geom), ST_MinY(new.geom), ST_MaxY(new.geom));"
        );
        let drop = |which: &str| format!("delete from {index} where id {which};");
        [
            (trigger("insert"), format!("after insert on {table} when ({shown}) begin {put} end;")),
            (
                trigger("update1"),
                format!("after update of geom on {table} when old.fid = new.fid and ({shown}) begin {put} end;"),
            ),
            (
                trigger("update2"),
                format!(
                    "after update of geom on {table} when old.fid = new.fid and {hidden} begin {} end;",
                    drop("= old.fid")
                ),
            ),
            (
                trigger("update3"),
                format!(
                    "after update on {table} when old.fid != new.fid and ({shown}) begin {} {put} end;",
                    drop("= old.fid")
                ),
            ),
            (
                trigger("update4"),
                format!(
                    "after update on {table} when old.fid != new.fid and {hidden} begin {} end;",
                    drop("in (old.fid, new.fid)")
                ),
            ),
            (
                trigger("delete"),
                format!("after delete on {table} when old.geom not null begin {} end;", drop("= old.fid")),
            ),
        ]
        .map(|(name, what)| format!("create trigger {name} {what}\n"))
        .concat()
    }
}

fn insert(table: &str, width: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    format!("insert into {} values {}", quote(table), vec![row.as_str(); rows].join(","))
}

async fn index<'q>(
    mut query: Query<'q, Sqlite, SqliteArguments<'q>>,
    boxes: &[(i64, Rect<f64>)],
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    for (id, rect) in boxes {
        query = query.bind(*id).bind(rect.min().x).bind(rect.max().x).bind(rect.min().y).bind(rect.max().y);
    }
    query.execute(connection).await?;
    Ok(())
}

fn around(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    let (low, high) = ((a.min(), b.min()), (a.max(), b.max()));
    Rect::new((low.0.x.min(low.1.x), low.0.y.min(low.1.y)), (high.0.x.max(high.1.x), high.0.y.max(high.1.y)))
}

#[cfg(test)]
pub(in crate::store) mod tests;
