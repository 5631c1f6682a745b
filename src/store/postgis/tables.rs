//! Features as SQL sees them: one table of all layers, and for each layer a view in the comune's own schema, with typed
//! geometry and columns, that QGIS opens. The views can only be read.

use std::fmt::Write as _;

use geo::{Centroid as _, Geometry, InteriorPoint as _};
use geozero::{CoordDimensions, ToWkb as _};
use h3o::{LatLng, Resolution};
use serde_json::{Map, json};
use sqlx::PgConnection;

use super::{
    super::{
        block::compute,
        error::StoreError,
        layer::{Layer, LayerName},
        table::{Column, Plan, quote, value_at},
    },
    copy::{Cell, Load},
};
use crate::domain::{comune::Comune, feature::Value};

/// WGS 84, the only system that we write.
const SRS: i32 = 4326;
/// PostgreSQL takes 1,600 columns; what is beyond stays in the exact form of the layer only.
const FIELDS_MAX: usize = 1_500;
/// PostgreSQL cuts longer names off.
const NAME_BYTES_MAX: usize = 63;
/// The cells of the features.
const CELL_RESOLUTION: Resolution = Resolution::Nine;

/// Why a layer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A reference layer.
    Reference,
    /// The public figures of the generation that is served.
    Figures,
}

/// A layer on its way to its table and its view.
pub(in crate::store) struct Prepared {
    name: LayerName,
    title: String,
    shape: &'static str,
    /// Field, column and type of each.
    columns: Vec<(String, String, Column)>,
    rows: Vec<Row>,
}

struct Row {
    id: i64,
    ewkb: Vec<u8>,
    cell: Option<i64>,
    properties: Vec<u8>,
}

/// Lays a layer out, off the threads that wait.
pub(super) async fn prepare(layer: Layer) -> Result<Prepared, StoreError> {
    compute(move || {
        let plan = Plan::of(&layer, FIELDS_MAX, NAME_BYTES_MAX);
        let row = |feature: &crate::domain::feature::Feature| {
            let geometry = plan.shape.fit(&feature.geometry);
            let mut properties = Map::new();
            for (at, (field, column, kind)) in plan.columns.iter().enumerate() {
                if let Some(value) = written(value_at(feature, at, field), *kind) {
                    properties.insert(column.clone(), value);
                }
            }
            Ok(Row {
                id: feature.id as i64,
                ewkb: geometry
                    .to_ewkb(CoordDimensions::xy(), Some(SRS))
                    .map_err(|_| StoreError::Encode("a geometry"))?,
                cell: cell_of(&geometry),
                properties: serde_json::to_vec(&properties).map_err(|_| StoreError::Encode("a feature"))?,
            })
        };
        let rows = layer.features.iter().map(row).collect::<Result<_, StoreError>>()?;
        let columns = plan.columns.iter().map(|(field, column, kind)| (field.to_string(), column.clone(), *kind));
        Ok(Prepared {
            name: layer.name.clone(),
            title: layer.titles.it.to_string(),
            shape: plan.shape.name(),
            columns: columns.collect(),
            rows,
        })
    })
    .await
}

/// A value as the view's cast reads it; none for what its type cannot hold.
fn written(value: &Value, column: Column) -> Option<serde_json::Value> {
    // No text of PostgreSQL holds a NUL; its calendar is written otherwise before year 1 and after 9999.
    let plain = |text: String| Some(json!(text.replace('\0', "")));
    let shown = |year: i16| (1..=9_999).contains(&year);
    match (value, column) {
        (Value::Null, _) => None,
        (Value::Flag(flag), Column::Flag) => Some(json!(flag)),
        (Value::Whole(whole), Column::Whole | Column::Number) => Some(json!(whole)),
        (Value::Number(number), Column::Number) => number.is_finite().then(|| json!(number)),
        (Value::Date(date), Column::Date) => shown(date.year()).then(|| json!(date.to_string())),
        (Value::Instant(instant), Column::Instant) => {
            shown(instant.strftime("%Y").to_string().parse().unwrap_or_default()).then(|| json!(instant.to_string()))
        }
        (value, _) => value.written().and_then(plain),
    }
}

/// The cell of a point on the surface.
fn cell_of(geometry: &Geometry<f64>) -> Option<i64> {
    let point = match geometry {
        Geometry::Point(point) => Some(*point),
        other => other.interior_point().or_else(|| other.centroid()),
    }?;
    let at = LatLng::new(point.y(), point.x()).ok()?;
    Some(u64::from(at.to_cell(CELL_RESOLUTION)) as i64)
}

/// The type of a column of a view.
const fn declared(column: Column) -> &'static str {
    match column {
        Column::Flag => "boolean",
        Column::Whole => "bigint",
        Column::Number => "double precision",
        Column::Text => "text",
        Column::Date => "date",
        Column::Instant => "timestamptz",
    }
}

/// The schema of a comune's views.
fn schema(comune: Comune) -> String {
    format!("atlante_{}", comune.as_str().to_lowercase())
}

/// An SQL text.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Prepared {
    /// The fields as `atlante.shown` keeps them.
    fn listed(&self) -> serde_json::Value {
        let one = |(field, column, kind): &(String, String, Column)| json!({ "field": field.replace('\0', ""), "column": column, "type": declared(*kind) });
        self.columns.iter().map(one).collect()
    }

    fn view(&self, comune: Comune) -> String {
        let view = format!("{}.{}", quote(&schema(comune)), quote(self.name.as_str()));
        let mut sql = format!("drop view if exists {view}; create view {view} as select id as fid, ");
        let _ = write!(sql, "geom::geometry({}, {SRS}) as geom", self.shape);
        for (_, column, kind) in &self.columns {
            let (key, name) = (literal(column), quote(column));
            let _ = write!(sql, ", (properties ->> {key})::{} as {name}", declared(*kind));
        }
        let (code, name, shape) = (literal(comune.as_str()), literal(self.name.as_str()), literal(self.shape));
        let _ = write!(
            sql,
            " from atlante.feature where comune = {code} and layer = {name} and shape = {shape}; comment on view {view} is {}",
            literal(&self.title.replace('\0', ""))
        );
        // A simple view could be written through: these rows have another master.
        let _ = write!(
            sql,
            "; create rule read_only_insert as on insert to {view} do instead nothing; \
             create rule read_only_update as on update to {view} do instead nothing; \
             create rule read_only_delete as on delete to {view} do instead nothing"
        );
        sql
    }
}

/// Writes a layer's features in place of those of the same name, and its view where its columns changed.
pub(super) async fn write_table(
    connection: &mut PgConnection,
    comune: Comune,
    layer: &Prepared,
    purpose: Purpose,
) -> Result<(), StoreError> {
    let (code, name, listed) = (comune.as_str(), layer.name.as_str(), layer.listed());
    let (same,): (bool,) = sqlx::query_as(
        "select exists (select 1 from atlante.shown where comune = $1 and name = $2 and shape = $3
             and columns = $4::jsonb and title = $5) and to_regclass($6) is not null",
    )
    .bind(code)
    .bind(name)
    .bind(layer.shape)
    .bind(listed.to_string())
    .bind(layer.title.replace('\0', ""))
    .bind(format!("{}.{}", quote(&schema(comune)), quote(name)))
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query("delete from atlante.feature where comune = $1 and layer = $2")
        .bind(code)
        .bind(name)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into atlante.shown (comune, name, title, shape, columns, features, figures)
         values ($1, $2, $3, $4, $5::jsonb, $6, $7)
         on conflict (comune, name) do update set title = excluded.title, shape = excluded.shape,
             columns = excluded.columns, features = excluded.features, figures = excluded.figures",
    )
    .bind(code)
    .bind(name)
    .bind(layer.title.replace('\0', ""))
    .bind(layer.shape)
    .bind(listed.to_string())
    .bind(layer.rows.len() as i64)
    .bind(purpose == Purpose::Figures)
    .execute(&mut *connection)
    .await?;
    let columns = "atlante.feature (comune, layer, id, shape, geom, cell, properties)";
    let mut load = Load::begin(connection, columns).await?;
    for row in &layer.rows {
        load.row(&[
            Cell::Bytes(code.as_bytes()),
            Cell::Bytes(name.as_bytes()),
            Cell::Whole(row.id),
            Cell::Bytes(layer.shape.as_bytes()),
            Cell::Bytes(&row.ewkb),
            row.cell.map_or(Cell::Null, Cell::Whole),
            Cell::Json(&row.properties),
        ])
        .await?;
    }
    load.finish().await?;
    if !same {
        let sql = format!("create schema if not exists {}; {}", quote(&schema(comune)), layer.view(comune));
        sqlx::Executor::execute(connection, sql.as_str()).await?;
    }
    Ok(())
}

/// Removes a layer's features and its view, if there are any.
pub(super) async fn drop_table(
    connection: &mut PgConnection,
    comune: Comune,
    name: &LayerName,
) -> Result<(), StoreError> {
    let sql = format!("drop view if exists {}.{}", quote(&schema(comune)), quote(name.as_str()));
    sqlx::Executor::execute(&mut *connection, sql.as_str()).await?;
    sqlx::query("delete from atlante.shown where comune = $1 and name = $2")
        .bind(comune.as_str())
        .bind(name.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces the figures of the generation before. Errors: `Conflict` when a reference layer has the name of one.
pub(super) async fn replace_figures(
    connection: &mut PgConnection,
    comune: Comune,
    figures: &[Prepared],
) -> Result<(), StoreError> {
    let old: Vec<(String, bool)> = sqlx::query_as("select name, figures from atlante.shown where comune = $1")
        .bind(comune.as_str())
        .fetch_all(&mut *connection)
        .await?;
    for (name, is_figures) in &old {
        let again = figures.iter().any(|layer| layer.name.as_str() == name);
        if *is_figures && !again {
            drop_table(connection, comune, &name.parse()?).await?;
        } else if !is_figures && again {
            return Err(StoreError::Conflict(format!("\"{name}\" is the name of a reference layer")));
        }
    }
    for layer in figures {
        write_table(connection, comune, layer, Purpose::Figures).await?;
    }
    Ok(())
}

/// Whether the name is that of published figures.
pub(super) async fn is_figures(
    connection: &mut PgConnection,
    comune: Comune,
    name: &LayerName,
) -> Result<bool, StoreError> {
    let (taken,): (bool,) =
        sqlx::query_as("select exists (select 1 from atlante.shown where comune = $1 and name = $2 and figures)")
            .bind(comune.as_str())
            .bind(name.as_str())
            .fetch_one(connection)
            .await?;
    Ok(taken)
}

/// What is shown and is not what was stored: layer, reason.
pub(super) async fn faults(
    connection: &mut PgConnection,
    comune: Comune,
) -> Result<Vec<(String, &'static str)>, StoreError> {
    type Found = (String, bool, bool, bool);
    let rows: Vec<Found> = sqlx::query_as(
        "select coalesce(s.name, l.name), s.name is not null,
                coalesce(s.features, 0) = (select count(*) from atlante.feature f
                    where f.comune = $1 and f.layer = s.name and f.shape = s.shape),
                coalesce(s.figures, false) or l.features is not distinct from s.features
         from (select * from atlante.shown where comune = $1) s
         full join (select * from atlante.layer where comune = $1) l on l.name = s.name order by 1",
    )
    .bind(comune.as_str())
    .fetch_all(&mut *connection)
    .await?;
    let mut found = Vec::new();
    for (name, is_listed, is_whole, is_agreed) in rows {
        let view = format!("{}.{}", quote(&schema(comune)), quote(&name));
        let (seen,): (bool,) =
            sqlx::query_as("select to_regclass($1) is not null").bind(view).fetch_one(&mut *connection).await?;
        let reason = match (is_listed, is_whole && is_agreed, seen) {
            (false, ..) => "its features are not listed",
            (_, false, _) => "its features are not those that were counted",
            (_, _, false) => "its view is missing",
            _ => continue,
        };
        found.push((name, reason));
    }
    Ok(found)
}
