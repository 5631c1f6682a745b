//! Feature tables: the layers as QGIS sees them in a copy of the file (OGC GeoPackage 1.3, clause 2.1).

use std::fmt::Write as _;

use geo::{BoundingRect as _, Rect};
use sqlx::{Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::super::{
    error::StoreError,
    geopackage::blob::{self, SRS},
    layer::{Layer, LayerName},
    table::{Column, Plan, Shape, quote, value_at},
};
use crate::domain::feature::{Feature, Value};

/// SQLite takes 2,000 columns; what is beyond stays in the exact form of the layer only.
const FIELDS_MAX: usize = 1_900;
/// SQLite has no bound of its own.
const NAME_BYTES_MAX: usize = 300;
/// Values bound in one statement; SQLite takes 32,766.
const VALUES_MAX: usize = 8_192;

/// The type's name in a GeoPackage (clause 1.1.1.1.3).
const fn declared(column: Column) -> &'static str {
    match column {
        Column::Flag => "boolean",
        Column::Whole => "integer",
        Column::Number => "double",
        Column::Text => "text",
        Column::Date => "date",
        Column::Instant => "datetime",
    }
}

fn create(plan: &Plan<'_>) -> String {
    let mut sql = format!(
        "create table {} (fid integer primary key not null, geom {}",
        quote(plan.name.as_str()),
        plan.shape.name()
    );
    for (_, column, kind) in &plan.columns {
        let _ = write!(sql, ", {} {}", quote(column), declared(*kind));
    }
    sql.push(')');
    sql
}

fn insert(plan: &Plan<'_>, rows: usize) -> String {
    let row = format!("({})", vec!["?"; plan.columns.len() + 2].join(", "));
    format!("insert into {} values {}", quote(plan.name.as_str()), vec![row.as_str(); rows].join(", "))
}

/// Writes a layer's feature table in place of the one of the same name.
pub(super) async fn write_table(connection: &mut SqliteConnection, layer: &Layer) -> Result<(), StoreError> {
    drop_table(connection, &layer.name).await?;
    let plan = Plan::of(layer, FIELDS_MAX, NAME_BYTES_MAX);
    sqlx::query(&create(&plan)).persistent(false).execute(&mut *connection).await?;
    let rows_max = (VALUES_MAX / (plan.columns.len() + 2)).clamp(1, 500);
    for features in layer.features.chunks(rows_max) {
        let sql = insert(&plan, features.len());
        let mut query = sqlx::query(&sql).persistent(features.len() == rows_max);
        for feature in features {
            query = bind_feature(query, &plan, feature)?;
        }
        query.execute(&mut *connection).await?;
    }
    register(connection, layer, plan.shape).await
}

/// Drops a layer's feature table, if there is one.
pub(super) async fn drop_table(connection: &mut SqliteConnection, name: &LayerName) -> Result<(), StoreError> {
    for table in ["gpkg_geometry_columns", "gpkg_contents"] {
        sqlx::query(&format!("delete from {table} where table_name = ?"))
            .bind(name.as_str())
            .execute(&mut *connection)
            .await?;
    }
    let sql = format!("drop table if exists {}", quote(name.as_str()));
    sqlx::query(&sql).persistent(false).execute(connection).await?;
    Ok(())
}

/// Replaces the figures of the generation before. Errors: `Conflict` when a reference layer has the name of one.
pub(super) async fn replace_figures(
    connection: &mut SqliteConnection,
    comune: &str,
    figures: &[Layer],
) -> Result<(), StoreError> {
    let old: Vec<(String,)> = sqlx::query_as(
        "select table_name from gpkg_contents where data_type = 'features'
         and table_name not in (select name from store_layer where comune = ?)",
    )
    .bind(comune)
    .fetch_all(&mut *connection)
    .await?;
    for (name,) in old {
        drop_table(connection, &name.parse()?).await?;
    }
    for layer in figures {
        if is_listed(connection, &layer.name).await? {
            return Err(StoreError::Conflict(format!("\"{}\" is the name of a reference layer", layer.name)));
        }
        write_table(connection, layer).await?;
    }
    Ok(())
}

/// Whether a feature table of this name is listed.
pub(super) async fn is_listed(connection: &mut SqliteConnection, name: &LayerName) -> Result<bool, StoreError> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from gpkg_contents where table_name = ?")
        .bind(name.as_str())
        .fetch_one(connection)
        .await?;
    Ok(count > 0)
}

fn bind_feature<'q>(
    mut query: Query<'q, Sqlite, SqliteArguments<'q>>,
    plan: &Plan<'_>,
    feature: &Feature,
) -> Result<Query<'q, Sqlite, SqliteArguments<'q>>, StoreError> {
    query = query.bind(feature.id as i64).bind(blob::of(&plan.shape.fit(&feature.geometry))?);
    for (at, (field, _, kind)) in plan.columns.iter().enumerate() {
        let value = value_at(feature, at, field);
        query = match (value, kind) {
            (Value::Null, _) => query.bind(None::<i64>),
            (value, Column::Text | Column::Date) | (value @ (Value::Text(_) | Value::Date(_) | Value::List(_)), _) => {
                query.bind(value.written())
            }
            // A GeoPackage's moments have milliseconds (clause 1.1.1.1.2, table 1).
            (Value::Instant(instant), _) => query.bind(instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
            (Value::Whole(whole), Column::Number) => query.bind(*whole as f64),
            (Value::Flag(flag), _) => query.bind(i64::from(*flag)),
            (Value::Whole(whole), _) => query.bind(*whole),
            (Value::Number(number), _) => query.bind(*number),
        };
    }
    Ok(query)
}

/// Lists the table, so that whoever opens the file finds it.
async fn register(connection: &mut SqliteConnection, layer: &Layer, shape: Shape) -> Result<(), StoreError> {
    let rects = layer.features.iter().filter_map(|feature| feature.geometry.bounding_rect());
    let extent = rects.reduce(|a, b| {
        let (low, high) = ((a.min(), b.min()), (a.max(), b.max()));
        Rect::new((low.0.x.min(low.1.x), low.0.y.min(low.1.y)), (high.0.x.max(high.1.x), high.0.y.max(high.1.y)))
    });
    sqlx::query(
        "insert into gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id)
         values (?1, 'features', ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(layer.name.as_str())
    .bind(layer.titles.it.as_ref())
    .bind(extent.map(|rect| rect.min().x))
    .bind(extent.map(|rect| rect.min().y))
    .bind(extent.map(|rect| rect.max().x))
    .bind(extent.map(|rect| rect.max().y))
    .bind(SRS)
    .execute(&mut *connection)
    .await?;
    sqlx::query("insert into gpkg_geometry_columns values (?, 'geom', ?, ?, 0, 0)")
        .bind(layer.name.as_str())
        .bind(shape.name())
        .bind(SRS)
        .execute(connection)
        .await?;
    Ok(())
}
