//! Schemas (JSON Schema 2020-12): what a collection can be filtered by (Features Part 3), what its items tell (Part 5).

use serde_json::{Map, Value as Json, json};

use crate::{
    access::{Disclosed, opened::Opened},
    publish::json as written,
    query::collection::{Field, FieldKind},
    snapshot::{
        layer::Shapes,
        schema::{Titles, Unit},
    },
};

/// What a collection can be filtered by; the geometry is `geometry`. `at` is the document's own address.
pub fn queryables(at: &str, titles: &Titles, whole: &Disclosed<Opened>) -> Vec<u8> {
    let mut properties = properties(whole);
    properties.insert("geometry".into(), geometry(whole));
    document(at, titles, &properties)
}

/// What an item tells: its id, its geometry, its properties.
pub fn returnables(at: &str, titles: &Titles, whole: &Disclosed<Opened>) -> Vec<u8> {
    let mut properties = properties(whole);
    let sequence = json!({"type": "integer", "x-ogc-role": "id", "x-ogc-propertySeq": 0, "title": "id"});
    // A field of that name keeps it: the id of a feature is beside its properties, not among them.
    properties.entry("id").or_insert(sequence);
    properties.insert("geometry".into(), geometry(whole));
    document(at, titles, &properties)
}

fn document(at: &str, titles: &Titles, properties: &Map<String, Json>) -> Vec<u8> {
    written(&json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": at,
        "type": "object",
        "title": titles.it,
        "properties": properties,
        "additionalProperties": false,
    }))
}

fn properties(whole: &Disclosed<Opened>) -> Map<String, Json> {
    whole.fields().zip(1..).map(|(field, place)| (field.name.to_string(), property(field, place))).collect()
}

fn property(field: &Field, place: usize) -> Json {
    let mut property = match field.kind {
        FieldKind::Flag => json!({"type": "boolean"}),
        FieldKind::Whole => json!({"type": "integer"}),
        FieldKind::Number => json!({"type": "number"}),
        FieldKind::Text => json!({"type": "string"}),
        FieldKind::Date => json!({"type": "string", "format": "date"}),
        FieldKind::Instant => json!({"type": "string", "format": "date-time"}),
        FieldKind::List => json!({"type": "array", "items": {"type": "string"}}),
    };
    property["title"] = json!(field.title.it);
    property["x-ogc-propertySeq"] = json!(place);
    if !field.description.it.is_empty() {
        property["description"] = json!(field.description.it);
    }
    if let Some(unit) = unit(field.unit) {
        property["x-ogc-unit"] = json!(unit);
    }
    if !field.choices.is_empty() {
        property["enum"] = field.choices.iter().map(|(key, _)| &**key).collect();
    }
    property
}

/// As UCUM writes it.
const fn unit(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Share | Unit::Score => Some("1"),
        Unit::Euro => Some("[EUR]"),
        Unit::Years => Some("a"),
        Unit::Index | Unit::Count | Unit::None => None,
    }
}

fn geometry(whole: &Disclosed<Opened>) -> Json {
    let format = match whole.shapes() {
        Shapes::Points => "geometry-point-or-multipoint",
        Shapes::Lines => "geometry-linestring-or-multilinestring",
        Shapes::Polygons => "geometry-polygon-or-multipolygon",
        Shapes::Mixed => "geometry-any",
    };
    json!({"format": format, "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 0, "title": "geometry"})
}
