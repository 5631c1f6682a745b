//! The third judge: what a filter finds, PostGIS finds by the same filter written as SQL.

use std::{collections::BTreeSet, fmt::Write as _};

use geozero::wkb;
use sqlx::Executor as _;

use super::*;
use crate::{
    domain::feature::Value,
    query::{
        budget::Budget,
        collection::{Collection, FieldKind, Households},
        evaluate,
        invented::{Inventor, layer},
        sql,
    },
    snapshot::{Row, Rows, invented, layer::Shapes},
};

/// Filters that are asked of all collections together.
const FILTERS: usize = 2_000;
/// How long one filter may take in SQL.
const PATIENCE: &str = "10s";

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const fn declared(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Flag => "boolean",
        FieldKind::Whole => "bigint",
        FieldKind::Number => "float8",
        FieldKind::Text => "text collate \"C\"",
        FieldKind::Date => "date",
        FieldKind::Instant => "timestamptz",
        FieldKind::List => "text[] collate \"C\"",
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Whole(whole) => format!("'{whole}'::bigint"),
        Value::Number(number) => format!("'{number:e}'::float8"),
        Value::Text(text) => quoted(text),
        Value::Date(date) => format!("date '{date}'"),
        Value::Instant(instant) => format!("timestamptz '{instant}'"),
        Value::List(texts) => {
            let sorted: BTreeSet<&str> = texts.iter().map(|text| &**text).collect();
            format!("array[{}]::text[]", sorted.into_iter().map(quoted).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Lays a collection out as the table `judge`: row, geom, a typed column of each field.
pub(super) async fn load(connection: &mut PgConnection, collection: &dyn Collection) {
    let mut create =
        "drop table if exists judge; create temp table judge (row bigint primary key, geom geometry(Geometry, 4326)"
            .to_owned();
    for field in collection.fields() {
        let _ = write!(create, ", \"{}\" {}", field.name.replace('"', "\"\""), declared(field.kind));
    }
    connection.execute(format!("{create})").as_str()).await.unwrap();
    let rows: Vec<Row> = (0..collection.len()).map(Row).collect();
    for some in rows.chunks(200) {
        let mut insert = "insert into judge values ".to_owned();
        for (at, row) in some.iter().enumerate() {
            let _ = write!(insert, "{}({}, null", if at > 0 { ", " } else { "" }, row.0);
            for field in 0..collection.fields().len() {
                let _ = write!(insert, ", {}", literal(&collection.value(field, *row)));
            }
            insert.push(')');
        }
        connection.execute(insert.as_str()).await.unwrap();
        for row in some {
            sqlx::query("update judge set geom = st_setsrid($1, 4326) where row = $2")
                .bind(wkb::Encode(collection.geometry(*row).into_owned()))
                .bind(i64::from(row.0))
                .execute(&mut *connection)
                .await
                .unwrap();
        }
    }
    connection.execute("analyze judge").await.unwrap();
}

/// The rows for which a condition is true.
pub(super) async fn rows(connection: &mut PgConnection, condition: &str) -> Result<Rows, sqlx::Error> {
    let sql = format!("select row from judge where {condition}");
    let found: Vec<(i64,)> = sqlx::query_as(&sql).persistent(false).fetch_all(connection).await?;
    Ok(found.into_iter().map(|(row,)| Row(row as u32)).collect())
}

/// Asks filters that look random: how many were judged.
async fn judge(connection: &mut PgConnection, collection: &dyn Collection, seed: u64, count: usize) -> usize {
    load(connection, collection).await;
    let back: Vec<(wkb::Decode<geo::Geometry<f64>>,)> =
        sqlx::query_as("select geom from judge order by row").fetch_all(&mut *connection).await.unwrap();
    for (row, (shape,)) in (0..).map(Row).zip(back) {
        assert_eq!(shape.geometry.as_ref(), Some(&*collection.geometry(row)), "shapes come back as they went");
    }
    let mut inventor = Inventor::new(seed, collection);
    let (mut judged, mut asked) = (0, 0);
    while judged < count && asked < 20 * count {
        asked += 1;
        let filter = inventor.filter();
        let Some(condition) = sql::condition(filter.predicate(), collection) else { continue };
        let fast = evaluate::rows(&filter, collection, &Budget::new(u64::MAX)).unwrap();
        match rows(connection, &condition).await {
            Ok(slow) => {
                let differ: Vec<Row> =
                    (0..collection.len()).map(Row).filter(|row| fast.contains(*row) != slow.contains(*row)).collect();
                assert!(differ.is_empty(), "seed {seed}: {:?}: rows {differ:?} of {condition}", filter.predicate());
                judged += 1;
            }
            // What has no result is an error in SQL and unknown for us: overflow, out of range.
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code.starts_with("22")) => {}
            Err(error) => panic!("{error}: {condition}"),
        }
    }
    judged
}

#[tokio::test]
async fn two_thousand_filters_find_what_sql_finds() {
    let Some(place) = Place::new() else { return };
    let mut connection = connect(&place.url()).await.unwrap();
    connection.execute(format!("set statement_timeout = '{PATIENCE}'").as_str()).await.unwrap();
    let mut judged = 0;
    for round in 0..4 {
        let (snapshot, _) = invented::world(round, 400, 3, 0.05);
        let households = Households::new(Arc::new(snapshot));
        judged += judge(&mut connection, &households, round, FILTERS / 8).await;
        for (at, shapes) in [Shapes::Points, Shapes::Lines, Shapes::Polygons, Shapes::Mixed].into_iter().enumerate() {
            let layer = layer(round, 150, shapes);
            judged += judge(&mut connection, &layer, round * 10 + at as u64, FILTERS / 32).await;
        }
    }
    println!("{judged} filters were judged by PostGIS");
    assert!(judged >= FILTERS * 9 / 10, "{judged} were judged");
}
