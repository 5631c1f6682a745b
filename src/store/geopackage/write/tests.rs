use std::sync::Arc;

use geo::{Geometry, line_string, point, polygon};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::{
    access::{Actor, Disclosed, OpenData, disclose, grant, opened::Opened, opened::Picked},
    domain::{
        feature::{Feature, Value},
        watch::Unwatched,
    },
    query::collection::ReferenceLayer,
    snapshot::{layer::Layer, schema::Titles},
};

/// Rows of a layer of these shapes, each with a value of every kind.
pub(in crate::store) fn opened(shapes: Vec<Geometry<f64>>) -> Disclosed<Opened> {
    let values = |id: u64| -> Vec<(Box<str>, Value)> {
        let list = Value::List(["casa".into(), "negozio".into()].into());
        vec![
            ("fid".into(), Value::Whole(id as i64)),
            ("nome".into(), if id == 2 { Value::Null } else { Value::Text("=1+1".into()) }),
            ("quota".into(), Value::Number(-0.5)),
            ("vero".into(), Value::Flag(id == 1)),
            ("giorno".into(), Value::Date(jiff::civil::date(2026, 11, 23))),
            ("istante".into(), Value::Instant("2026-11-23T08:30:00.5Z".parse().unwrap())),
            ("usi".into(), list),
        ]
    };
    let feature = |(id, geometry)| Feature { id, geometry, properties: values(id) };
    let features = (1..).zip(shapes).map(feature).collect();
    let layer = Arc::new(ReferenceLayer::new(Arc::new(Layer::freeze("prova", Titles::new("Prova", "Test"), features))));
    disclose::layer_rows(&grant::<OpenData>(&Actor::anonymous()).unwrap(), &layer, Picked::All).0
}

#[tokio::test]
async fn what_is_written_reads_back_and_is_indexed() {
    let square = polygon![(x: 16.0, y: 38.0), (x: 17.0, y: 38.0), (x: 17.0, y: 39.0)];
    let line = line_string![(x: 16.0, y: 38.0), (x: 16.5, y: 38.25)];
    let point = point!(x: 16.5, y: 38.5);
    for (shapes, kind) in [
        (vec![point.into(), point.into()], "POINT"),
        (vec![square.clone().into(), geo::MultiPolygon(vec![square.clone()]).into()], "MULTIPOLYGON"),
        (vec![point.into(), line.into(), square.into()], "GEOMETRY"),
    ] as [(Vec<Geometry<f64>>, _); 3]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.gpkg");
        let count = super::create(&path).await.unwrap().fill(&opened(shapes.clone()), &Unwatched).await.unwrap();
        assert_eq!(count as usize, shapes.len());
        assert!(!folder.path().join("x.gpkg-journal").exists() && !folder.path().join("x.gpkg-wal").exists());
        let tables = super::super::read(&path, None).await.unwrap();
        let [table] = tables.as_slice() else { panic!("one table, not {}", tables.len()) };
        assert_eq!((table.name.as_str(), table.srs.code, table.rows.len()), ("prova", 4326, shapes.len()));
        let values: Vec<Value> = table.rows[0].properties.iter().map(|(_, value)| value.clone()).collect();
        assert_eq!(table.rows[0].properties[0].0.as_ref(), "fid_2", "a field of the key's name gets another");
        assert_eq!(values[..4], [Value::Whole(1), Value::Text("=1+1".into()), Value::Number(-0.5), Value::Flag(true)]);
        assert_eq!(values[5], Value::Instant("2026-11-23T08:30:00.5Z".parse().unwrap()));
        assert_eq!(table.rows[1].properties[1].1, Value::Null);
        let mut file = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
        let found = sqlx::query("select geometry_type_name from gpkg_geometry_columns").fetch_one(&mut file).await;
        assert_eq!(found.unwrap().get::<String, _>(0), kind);
        let inside = "select count(*) from rtree_prova_geom where minx <= 16.4 and maxx >= 16.0";
        let expected = if kind == "POINT" { 0 } else { 2 };
        assert_eq!(sqlx::query(inside).fetch_one(&mut file).await.unwrap().get::<i64, _>(0), expected, "{kind}");
        let id = "select application_id from pragma_application_id";
        assert_eq!(sqlx::query(id).fetch_one(&mut file).await.unwrap().get::<i64, _>(0), 0x4750_4B47);
    }
}
