//! A layer with a value of every kind and a shape of every kind, for the writers' tests.

use std::sync::Arc;

use geo::{Geometry, line_string, point, polygon};

use crate::{
    access::{Actor, Disclosed, OpenData, disclose, grant, opened::Opened, opened::Picked},
    domain::feature::{Feature, Value},
    query::collection::ReferenceLayer,
    snapshot::{layer::Layer, schema::Titles},
};

/// The rows of a layer of these shapes, as open data.
pub fn opened(shapes: Vec<Geometry<f64>>, picked: Picked) -> Disclosed<Opened> {
    let features = (1..).zip(shapes).map(|(id, geometry)| Feature { id, geometry, properties: values(id) }).collect();
    let layer = Arc::new(ReferenceLayer::new(Arc::new(Layer::freeze("prova", Titles::new("Prova", "Test"), features))));
    disclose::layer_rows(&grant::<OpenData>(&Actor::anonymous()).unwrap(), &layer, picked).0
}

/// A value of every kind; every third row has none but its number.
fn values(id: u64) -> Vec<(Box<str>, Value)> {
    let mut values = vec![("numero".into(), Value::Whole(id as i64 - 2))];
    if !id.is_multiple_of(3) {
        values.extend([
            ("nome \"di\" via".into(), Value::Text(format!("=Forlì, {id}").into())),
            ("quota".into(), Value::Number(id as f64 / 4.0)),
            ("vero".into(), Value::Flag(id.is_multiple_of(2))),
            ("giorno".into(), Value::Date(jiff::civil::date(2026, 11, 23))),
            ("istante".into(), Value::Instant("2026-11-23T08:30:00Z".parse().unwrap())),
            ("usi".into(), Value::List(["casa".into(), "negozio".into()].into())),
        ]);
    }
    values
}

/// A shape of every kind.
pub fn shapes() -> Vec<Geometry<f64>> {
    let square = |x: f64, y: f64, side: f64| polygon![(x: x, y: y), (x: x, y: y + side), (x: x + side, y: y + side)];
    let line = line_string![(x: 16.0, y: 38.0), (x: 16.5, y: 38.25), (x: 17.0, y: 38.0)];
    vec![
        point!(x: 16.123456789, y: -38.0).into(),
        line.clone().into(),
        square(16.0, 38.0, 1.0).into(),
        geo::MultiPoint(vec![point!(x: 1.0, y: 2.0), point!(x: 3.0, y: 4.0)]).into(),
        geo::MultiLineString(vec![line.clone(), line]).into(),
        geo::MultiPolygon(vec![square(0.0, 0.0, 2.0), square(5.0, 5.0, 1.0)]).into(),
        geo::Polygon::new(
            square(0.0, 0.0, 9.0).exterior().clone(),
            vec![square(1.0, 2.0, 1.0).exterior().clone(), square(2.0, 4.0, 1.0).exterior().clone()],
        )
        .into(),
    ]
}
