//! FlatGeobuf 3 with its packed Hilbert R-tree: EPSG:4326, longitude first, as GDAL and QGIS read it.

use std::io::Write;

use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geo::Geometry;
use geozero::{ColumnValue, PropertyProcessor};

use super::table::{ColumnKind, Table, WriteError};
use crate::domain::feature::Value;

/// Writes the rows that have a geometry, in the order of the index. The format holds no feature without one.
pub fn write(table: &Table, out: impl Write) -> Result<(), WriteError> {
    let options = FgbWriterOptions {
        // An index of nothing is not allowed by the format.
        write_index: table.rows.iter().any(|row| row.geometry.is_some()),
        crs: FgbCrs { code: 4326, ..FgbCrs::default() },
        promote_to_multi: true,
        ..FgbWriterOptions::default()
    };
    let mut writer =
        FgbWriter::create_with_options(&table.name, geometry_type(table), options).map_err(|e| refused(&e))?;
    for column in &table.columns {
        let kind = match column.kind {
            ColumnKind::Text => ColumnType::String,
            ColumnKind::Whole => ColumnType::Long,
            ColumnKind::Number => ColumnType::Double,
            ColumnKind::Flag => ColumnType::Bool,
        };
        writer.add_column(&column.name, kind, |_, column| column.nullable = true);
    }
    for row in &table.rows {
        let Some(geometry) = &row.geometry else { continue };
        writer
            .add_feature_geom(geometry.clone(), |feature| {
                for (i, (column, value)) in table.columns.iter().zip(&row.values).enumerate() {
                    if let Some(value) = column_value(column.kind, value) {
                        // The writer keeps attributes in memory: it has nothing to fail on.
                        feature.property(i, &column.name, &value).ok();
                    }
                }
            })
            .map_err(|e| refused(&e))?;
    }
    writer.write(out).map_err(|e| refused(&e))
}

fn column_value(kind: ColumnKind, value: &Value) -> Option<ColumnValue<'_>> {
    match (kind, value) {
        (ColumnKind::Text, Value::Text(text)) => Some(ColumnValue::String(text)),
        (ColumnKind::Whole, Value::Whole(whole)) => Some(ColumnValue::Long(*whole)),
        (ColumnKind::Number, Value::Number(number)) => Some(ColumnValue::Double(*number)),
        (ColumnKind::Number, Value::Whole(whole)) => Some(ColumnValue::Double(*whole as f64)),
        (ColumnKind::Flag, Value::Flag(flag)) => Some(ColumnValue::Bool(*flag)),
        _ => None,
    }
}

/// The one type of all shapes, multi where there is one multi, unknown where they are mixed.
fn geometry_type(table: &Table) -> GeometryType {
    let mut kinds = table.rows.iter().filter_map(|row| row.geometry.as_ref()).map(|geometry| match geometry {
        Geometry::Point(_) => GeometryType::Point,
        Geometry::MultiPoint(_) => GeometryType::MultiPoint,
        Geometry::Line(_) | Geometry::LineString(_) => GeometryType::LineString,
        Geometry::MultiLineString(_) => GeometryType::MultiLineString,
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => GeometryType::Polygon,
        Geometry::MultiPolygon(_) => GeometryType::MultiPolygon,
        Geometry::GeometryCollection(_) => GeometryType::Unknown,
    });
    let Some(first) = kinds.next() else { return GeometryType::Unknown };
    kinds.fold(first, |all, kind| match (multi(all), multi(kind)) {
        _ if all == kind => all,
        (a, b) if a == b => a,
        _ => GeometryType::Unknown,
    })
}

fn multi(kind: GeometryType) -> GeometryType {
    match kind {
        GeometryType::Point => GeometryType::MultiPoint,
        GeometryType::LineString => GeometryType::MultiLineString,
        GeometryType::Polygon => GeometryType::MultiPolygon,
        other => other,
    }
}

fn refused(error: &dyn std::fmt::Display) -> WriteError {
    WriteError::Format { format: "FlatGeobuf", reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::table::{Column, Row};
    use flatgeobuf::{FallibleStreamingIterator, FeatureProperties, FgbReader};
    use geo::point;

    fn points(count: u32) -> Table {
        Table {
            name: "punti".into(),
            columns: vec![Column::new("nome", ColumnKind::Text), Column::new("quota", ColumnKind::Number)],
            rows: (0..count)
                .map(|i| Row {
                    id: u64::from(i),
                    geometry: Some(point!(x: 16.0 + f64::from(i) / 1000.0, y: 38.0).into()),
                    values: vec![
                        Value::Text(format!("p{i}").into()),
                        if i % 2 == 0 { Value::Null } else { Value::Number(f64::from(i)) },
                    ],
                })
                .collect(),
        }
    }

    #[test]
    fn a_box_finds_its_points_through_the_index() {
        let mut out = Vec::new();
        write(&points(1_000), &mut out).unwrap();
        let reader = FgbReader::open(std::io::Cursor::new(out)).unwrap();
        assert_eq!(reader.header().features_count(), 1_000);
        let mut found = reader.select_bbox(16.0995, 37.0, 16.2005, 39.0).unwrap();
        let mut names = Vec::new();
        while let Some(feature) = found.next().unwrap() {
            names.push(feature.property::<String>("nome").unwrap());
        }
        names.sort();
        assert_eq!(names.len(), 101);
        assert!(names.contains(&"p100".to_owned()) && names.contains(&"p200".to_owned()));
    }

    #[test]
    fn an_empty_table_is_a_file_without_features() {
        let mut out = Vec::new();
        write(&points(0), &mut out).unwrap();
        assert_eq!(FgbReader::open(std::io::Cursor::new(out)).unwrap().header().features_count(), 0);
    }
}
