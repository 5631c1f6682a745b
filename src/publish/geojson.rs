//! GeoJSON (RFC 7946): longitude, latitude in degrees, seven decimals (a centimetre), one feature at a time.

use std::io::Write;

use geo::{Coord, Geometry, LineString, Polygon, Winding};
use serde_json::{Value as Json, json};

use super::table::{Row, Table, WriteError};
use crate::domain::feature::Value;

/// Writes a FeatureCollection with one feature a line.
pub fn write(table: &Table, mut out: impl Write) -> Result<(), WriteError> {
    write!(out, "{{\"type\":\"FeatureCollection\",\"name\":{},\"features\":[", Json::from(table.name.as_str()))?;
    for (i, row) in table.rows.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &feature(table, row))
            .map_err(|error| WriteError::Format { format: "GeoJSON", reason: error.to_string() })?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(out.flush()?)
}

fn feature(table: &Table, row: &Row) -> Json {
    let properties: serde_json::Map<String, Json> =
        table.columns.iter().zip(&row.values).map(|(column, value)| (column.name.clone(), plain(value))).collect();
    json!({
        "type": "Feature",
        "id": row.id,
        "geometry": row.geometry.as_ref().map_or(Json::Null, geometry),
        "properties": properties,
    })
}

/// A value as JSON.
pub fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Flag(flag) => Json::from(*flag),
        Value::Whole(whole) => Json::from(*whole),
        Value::Number(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Date(date) => Json::from(date.to_string()),
        Value::Instant(instant) => Json::from(instant.to_string()),
        Value::List(texts) => texts.iter().map(|text| Json::from(text.as_ref())).collect(),
    }
}

/// A geometry object; exteriors run counter-clockwise (RFC 7946, 3.1.6).
pub fn geometry(shape: &Geometry<f64>) -> Json {
    let object = |kind: &str, coordinates: Json| json!({"type": kind, "coordinates": coordinates});
    match shape {
        Geometry::Point(p) => object("Point", position(p.0)),
        Geometry::MultiPoint(points) => object("MultiPoint", points.iter().map(|p| position(p.0)).collect()),
        Geometry::Line(l) => object("LineString", [l.start, l.end].into_iter().map(position).collect()),
        Geometry::LineString(l) => object("LineString", path(l)),
        Geometry::MultiLineString(lines) => object("MultiLineString", lines.iter().map(path).collect()),
        Geometry::Polygon(p) => object("Polygon", rings(p)),
        Geometry::MultiPolygon(polygons) => object("MultiPolygon", polygons.iter().map(rings).collect()),
        Geometry::Rect(r) => object("Polygon", rings(&r.to_polygon())),
        Geometry::Triangle(t) => object("Polygon", rings(&t.to_polygon())),
        Geometry::GeometryCollection(parts) => {
            json!({"type": "GeometryCollection", "geometries": parts.iter().map(geometry).collect::<Vec<_>>()})
        }
    }
}

fn position(c: Coord<f64>) -> Json {
    let cut = |degrees: f64| (degrees * 1e7).round() / 1e7;
    json!([cut(c.x), cut(c.y)])
}

fn path(line: &LineString<f64>) -> Json {
    line.coords().copied().map(position).collect()
}

fn rings(polygon: &Polygon<f64>) -> Json {
    let mut exterior = polygon.exterior().clone();
    exterior.make_ccw_winding();
    let holes = polygon.interiors().iter().map(|hole| {
        let mut hole = hole.clone();
        hole.make_cw_winding();
        hole
    });
    std::iter::once(exterior).chain(holes).map(|ring| path(&ring)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::table::{Column, ColumnKind};
    use geo::polygon;

    #[test]
    fn what_is_written_reads_back_with_the_crate_of_the_format() {
        let shape = polygon![(x: 16.0, y: 38.0), (x: 16.0, y: 39.0), (x: 17.0, y: 39.0)];
        let table = Table {
            name: "prova \"1\"".into(),
            columns: vec![Column::new("nome", ColumnKind::Text), Column::new("n", ColumnKind::Whole)],
            rows: vec![
                Row {
                    id: 1, geometry: Some(shape.into()), values: vec![Value::Text("Forlì".into()), Value::Whole(3)]
                },
                Row { id: 2, geometry: None, values: vec![Value::Null, Value::Null] },
            ],
        };
        let mut out = Vec::new();
        write(&table, &mut out).unwrap();
        let read: geojson::GeoJson = String::from_utf8(out).unwrap().parse().unwrap();
        let collection = geojson::FeatureCollection::try_from(read).unwrap();
        assert_eq!(collection.features.len(), 2);
        assert_eq!(collection.features[0].property("nome").unwrap(), "Forlì");
        let back: Polygon<f64> = collection.features[0].geometry.clone().unwrap().value.try_into().unwrap();
        assert!(back.exterior().is_ccw());
        assert!(collection.features[1].geometry.is_none());
    }
}
