//! TileJSON 3.0.0: what a client must know to draw a layer. Every address is absolute (QGIS loses the port of a
//! relative one) and carries the generation, so that tiles may be kept for ever.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

use super::tile::{Kind, Zooms};
use crate::{
    domain::geo::BBox,
    snapshot::layer::{Field, FieldKind},
};

/// A layer to be described.
pub struct TileSet<'a> {
    /// Its name: the name of the layer in its tiles as well.
    pub name: &'a str,
    /// Title for people.
    pub title: &'a str,
    /// Whom the data comes from, as HTML-free text.
    pub attribution: &'a str,
    /// The snapshot's generation.
    pub generation: &'a str,
    /// Where it is.
    pub bounds: BBox,
    /// Where it is drawn.
    pub zooms: Zooms,
    /// Its shapes.
    pub kind: Kind,
    /// Its attributes.
    pub fields: &'a [Field],
    /// The filter by which its tiles are asked for: its text and its language.
    pub filter: Option<(&'a str, &'a str)>,
    /// Fewer found in one place than this are not told; nought where everything is.
    pub least: u32,
}

#[derive(Serialize)]
struct Document<'a> {
    tilejson: &'static str,
    name: &'a str,
    description: &'a str,
    version: &'static str,
    scheme: &'static str,
    attribution: &'a str,
    tiles: [String; 1],
    minzoom: u8,
    maxzoom: u8,
    bounds: [f64; 4],
    center: [f64; 3],
    vector_layers: [VectorLayer<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    disclosure: Option<Disclosure>,
}

/// What is not told, and that it is not (a key of our own: TileJSON 3.0.0, 3, allows any).
#[derive(Serialize)]
struct Disclosure {
    min: u32,
    note: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct VectorLayer<'a> {
    id: &'a str,
    description: &'a str,
    minzoom: u8,
    maxzoom: u8,
    geometry_type: &'static str,
    fields: BTreeMap<&'a str, &'static str>,
}

/// The document; `base` is the public address of the server without a final slash.
pub fn write(set: &TileSet<'_>, base: &str) -> Vec<u8> {
    let b = set.bounds;
    let fields = set
        .fields
        .iter()
        .map(|field| {
            let kind = match field.kind {
                FieldKind::Text | FieldKind::Date | FieldKind::Instant | FieldKind::List => "String",
                FieldKind::Whole | FieldKind::Number => "Number",
                FieldKind::Flag => "Boolean",
            };
            (&*field.name, kind)
        })
        .collect();
    let zooms = set.zooms;
    let document = Document {
        tilejson: "3.0.0",
        name: set.name,
        description: set.title,
        version: "1.0.0",
        scheme: "xyz",
        attribution: set.attribution,
        tiles: [format!("{base}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt?g={}{}", set.name, set.generation, asked(set))],
        minzoom: zooms.from,
        maxzoom: zooms.to,
        bounds: [b.west, b.south, b.east, b.north],
        center: [
            f64::midpoint(b.west, b.east),
            f64::midpoint(b.south, b.north),
            f64::from(12_u8.clamp(zooms.from, zooms.to)),
        ],
        vector_layers: [VectorLayer {
            id: set.name,
            description: set.title,
            minzoom: zooms.from,
            maxzoom: zooms.to,
            geometry_type: set.kind.name(),
            fields,
        }],
        disclosure: (set.least > 0).then(|| disclosure(set.least)),
    };
    super::json(&document)
}

/// The filter as the rest of an address.
fn asked(set: &TileSet<'_>) -> String {
    set.filter.map_or_else(String::new, |(text, lang)| format!("&filter={}&filter-lang={lang}", escaped(text)))
}

/// Every byte that is not unreserved (RFC 3986, 2.3) as a per cent sign and two digits: no brace is left that a client
/// would take for a part of the template.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(out, "%{byte:02X}").ok();
        }
    }
    out
}

fn disclosure(min: u32) -> Disclosure {
    let it = format!("Dove le famiglie trovate sono meno di {min} il numero non è dato: resta solo \"of\".");
    let en = format!("Where fewer than {min} households were found the number is not given: only \"of\" is.");
    Disclosure { min, note: BTreeMap::from([("it", it), ("en", en)]) }
}
