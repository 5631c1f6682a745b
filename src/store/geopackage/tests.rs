use std::path::PathBuf;

use geo::Geometry;
use geozero::{ToGeo as _, wkb::Wkb};

use super::*;
use crate::store::{Change, Embedded, Store as _, suite};

/// A file that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("atlante-gpkg-{}-{name}.gpkg", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A GeoPackage with one table `t` of points, whose definition and rows are given.
async fn made(name: &str, sql: &str) -> Scratch {
    let scratch = Scratch::new(name);
    let options = SqliteConnectOptions::new().filename(&scratch.0).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let frame = "
        create table gpkg_spatial_ref_sys (srs_name, srs_id integer, organization, organization_coordsys_id, definition);
        insert into gpkg_spatial_ref_sys values ('x', 100, 'EPSG', 32633, '');
        create table gpkg_contents (table_name text, data_type text);
        insert into gpkg_contents values ('t', 'features');
        create table gpkg_geometry_columns (table_name text, column_name text, srs_id integer);
        insert into gpkg_geometry_columns values ('t', 'geom', 100);";
    sqlx::raw_sql(&format!("{frame}{sql}")).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    scratch
}

/// A header in little-endian, and a WKB that this module does not look into.
const BLOB: &str = "x'4750000164000000AABB'";

#[tokio::test]
async fn values_come_as_they_are_stored() {
    let sql = format!(
        "create table t (fid integer primary key, geom blob, flag boolean, size, \"it's\"\"\" text, twice as (fid * 2));
         insert into t (fid, geom, flag, size, \"it's\"\"\") values
             (-3, {BLOB}, 1, 9e999, 'à'), (5, null, 7, x'00', cast(x'ff41' as text)), (9, {BLOB}, null, 2.5, '');"
    );
    let scratch = made("odd ?#%41 è", &sql).await;
    let tables = read(&scratch.0, Some("t")).await.unwrap();
    assert_eq!(tables[0].srs, Srs { organization: "EPSG".into(), code: 32633 });
    let rows: Vec<_> = tables[0].rows.iter().map(|row| (row.id, row.wkb.as_deref(), values(row))).collect();
    let wkb = Some(&[0xaa, 0xbb][..]);
    assert_eq!(
        rows,
        [
            (-3, wkb, vec![Value::Flag(true), Value::Null, Value::Text("à".into())]),
            (5, None, vec![Value::Whole(7), Value::Null, Value::Text("\u{fffd}A".into())]),
            (9, wkb, vec![Value::Null, Value::Number(2.5), Value::Text("".into())]),
        ]
    );
    let names: Vec<&str> = tables[0].rows[0].properties.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["flag", "size", "it's\""], "no key, no geometry, nothing computed");
}

fn values(row: &Row) -> Vec<Value> {
    row.properties.iter().map(|(_, value)| value.clone()).collect()
}

#[tokio::test]
async fn a_bad_geometry_rejects_its_row_only() {
    let blobs = [
        "x''",
        "'text'",
        "7",
        "x'4750'",
        "x'5850000164000000AA'",
        "x'4750090164000000AA'",
        "x'4750002164000000AA'",
        "x'4750000165000000AA'",
        "x'4750000F64000000AA'",
        "x'4750000364000000AABB'",
        "x'4750000164000000'",
    ];
    let rows: Vec<String> = blobs.iter().map(|blob| format!("insert into t (geom) values ({blob});")).collect();
    let sql = format!(
        "create table t (fid integer primary key, geom blob); {} insert into t (geom) values ({BLOB});
         insert into t (geom) values (x'4750001164000000AA');",
        rows.join("")
    );
    let scratch = made("geometry", &sql).await;
    let table = read(&scratch.0, None).await.unwrap().remove(0);
    assert_eq!(table.rows.len(), 2);
    assert_eq!(table.rows[1].wkb, None, "flagged as empty");
    let rejected: Vec<u32> = table.rejects.iter().map(|reject| reject.row).collect();
    assert_eq!(rejected, (1..=blobs.len() as u32).collect::<Vec<_>>());
    assert!(table.rejects.iter().all(|reject| reject.column.as_deref() == Some("geom")));
}

#[tokio::test]
async fn many_rows_come_in_order_and_a_huge_one_is_rejected() {
    let sql = format!(
        "create table t (fid integer primary key, geom blob, note);
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 3500)
         insert into t select i, {BLOB}, i from n;
         update t set note = zeroblob({}) where fid = 2000;
         update t set note = zeroblob({}) where fid in (100, 101, 102);",
        ROW_BYTES_MAX + 1,
        ROW_BYTES_MAX / 2 - 1000,
    );
    let scratch = made("many", &sql).await;
    let table = read(&scratch.0, None).await.unwrap().remove(0);
    let ids: Vec<i64> = table.rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, (1..=3500).filter(|id| *id != 2000).collect::<Vec<_>>());
    assert_eq!(table.rejects.iter().map(|reject| reject.row).collect::<Vec<_>>(), [2000]);
}

/// Hostile SQL in the file is never run: endless views, triggers, virtual tables.
#[tokio::test]
async fn what_could_run_is_refused() {
    let endless =
        "with recursive n(i) as (select 1 union all select i + 1 from n) select i as fid, x'00' as geom from n";
    let cases = [
        ("view", format!("create view t as {endless};"), "t"),
        ("virtual", "create virtual table t using rtree(fid, geom, b);".to_owned(), "t"),
        (
            "contents",
            format!(
                "drop table gpkg_contents; create view gpkg_contents as select fid as table_name, 'features' as data_type from ({endless});"
            ),
            "gpkg_contents",
        ),
    ];
    for (name, sql, blamed) in cases {
        let scratch = made(name, &sql).await;
        match read(&scratch.0, None).await {
            Err(GeoPackageError::NotPlain(table)) => assert_eq!(table, blamed),
            other => panic!("{name}: {other:?}"),
        }
    }
    let plain = made("plain", "create table t (fid integer primary key, geom blob) without rowid;").await;
    assert!(matches!(read(&plain.0, None).await, Err(GeoPackageError::Damaged(_))));
}

#[tokio::test]
async fn other_files_are_named_for_what_they_are() {
    let scratch = Scratch::new("other");
    assert!(matches!(read(&scratch.0, None).await, Err(GeoPackageError::Unreachable(_))));
    for bytes in [&b""[..], b"a,b\n1,2\n", b"SQLite format 3"] {
        std::fs::write(&scratch.0, bytes).unwrap();
        assert!(matches!(read(&scratch.0, None).await, Err(GeoPackageError::NotGeoPackage(_))));
    }
    std::fs::write(&scratch.0, [b"SQLite format 3\0".as_slice(), &[7; 4000]].concat()).unwrap();
    assert!(read(&scratch.0, None).await.is_err());

    let made = made("good", "create table t (fid integer primary key, geom blob);").await;
    let error = read(&made.0, Some("u")).await.unwrap_err();
    assert_eq!(error.to_string(), "has no feature table \"u\"; it has: t");
    // Every truncation, and bytes turned over all along the file: an answer or an error, never a panic.
    let whole = std::fs::read(&made.0).unwrap();
    for n in 0..200 {
        let mut bytes = whole[..whole.len() * n / 200].to_vec();
        std::fs::write(&scratch.0, &bytes).unwrap();
        assert!(read(&scratch.0, None).await.is_err());
        bytes = whole.clone();
        bytes[16 + (whole.len() - 17) * n / 200] ^= 0x55;
        std::fs::write(&scratch.0, &bytes).unwrap();
        let _ = read(&scratch.0, None).await;
    }
    let log = PathBuf::from(format!("{}-wal", made.0.display()));
    std::fs::write(&log, "x").unwrap();
    assert!(matches!(read(&made.0, None).await, Err(GeoPackageError::Unfinished)));
    std::fs::remove_file(log).unwrap();
}

/// What we write, we read: the feature tables of our own store.
#[tokio::test]
async fn our_own_tables_come_back() {
    let folder = std::env::temp_dir().join(format!("atlante-gpkg-own-{}", std::process::id()));
    let store = Embedded::create(&folder, "M208".parse().unwrap()).await.unwrap();
    let layer = suite::awkward_layer();
    store.save(Change::Layer(layer.clone())).await.unwrap();
    store.close().await.unwrap();
    let table = read(&folder.join(crate::store::embedded::FILE), Some("awkward")).await.unwrap().remove(0);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(table.srs, Srs { organization: "EPSG".into(), code: 4326 });
    for (row, feature) in table.rows.iter().zip(&layer.features) {
        assert_eq!(row.id, feature.id as i64);
        let geometry: Geometry<f64> = Wkb(row.wkb.clone().unwrap()).to_geo().unwrap();
        assert_eq!(geometry, feature.geometry);
    }
    assert_eq!(table.rows.len(), 4);
    assert_eq!(values(&table.rows[0])[1], Value::Whole(i64::MIN));
}

#[tokio::test]
async fn natural_earth_is_read() {
    let shared = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("data/cql2/ne110m4cql2.gpkg");
    if !path.exists() {
        println!("skipped: {} is not here", path.display());
        return;
    }
    let tables = read(&path, None).await.unwrap();
    let counts: Vec<(&str, usize)> = tables.iter().map(|table| (table.name.as_str(), table.rows.len())).collect();
    assert_eq!(
        counts,
        [
            ("ne_110m_admin_0_countries", 177),
            ("ne_110m_populated_places_simple", 243),
            ("ne_110m_rivers_lake_centerlines", 13)
        ]
    );
    let places = &tables[1];
    assert!(places.rejects.is_empty());
    let rome = places.rows.iter().find(|row| row.properties.contains(&("name".into(), Value::Text("Rome".into()))));
    let rome: Geometry<f64> = Wkb(rome.unwrap().wkb.clone().unwrap()).to_geo().unwrap();
    let Geometry::Point(rome) = rome else { panic!("a point") };
    assert!((rome.x() - 12.48).abs() < 0.01 && (rome.y() - 41.90).abs() < 0.01, "longitude first");
    assert!(places.rows.iter().any(|row| row.properties.contains(&("boolean".into(), Value::Flag(true)))));
}
