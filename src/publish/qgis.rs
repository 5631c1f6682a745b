//! What QGIS opens: a layer definition (QLR) with every layer of this server, and styles (QML) of the collections. The
//! elements are those that QGIS 3.22 and later read; what they leave out has QGIS' own default.

mod symbol;

use std::fmt::Write as _;

use self::symbol::{Colour, Mark};
use crate::{domain::geo::BBox, query::collection::Field, snapshot::layer::Shapes};

/// How a collection is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// In classes of an attribute: borders ascending, one more than there are classes; each class has its lower border.
    Graded {
        /// The attribute.
        attribute: Box<str>,
        /// Its borders.
        breaks: Vec<f64>,
    },
    /// Every feature alike.
    Plain(Manner),
}

/// How features that are all alike are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The outline of areas alone.
    Outline,
    /// Lines of streets.
    Street,
    /// Street names.
    Name,
    /// Civic numbers.
    Number,
    /// Anything else.
    Other,
}

impl Look {
    /// How a collection is drawn that has no classes.
    pub fn of(name: &str) -> Self {
        Self::Plain(match name {
            "boundary" | "sections" | "neighbourhoods" => Manner::Outline,
            "roads" => Manner::Street,
            "streets" => Manner::Name,
            "civics" => Manner::Number,
            _ => Manner::Other,
        })
    }
}

/// A collection as QGIS shall see it.
pub struct Sheet<'a> {
    /// Its name in URLs.
    pub name: &'a str,
    /// Its name for people.
    pub title: &'a str,
    /// Its shapes.
    pub shapes: Shapes,
    /// The box around it.
    pub bounds: Option<BBox>,
    /// Its fields.
    pub fields: &'a [Field],
    /// How it is drawn.
    pub look: Look,
    /// Whether it is drawn when the file is opened.
    pub shown: Shown,
}

/// Whether a layer is drawn when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Yes.
    Drawn,
    /// Only once somebody wants it.
    Waiting,
}

/// The vector tiles of the hexagons.
pub struct Tiles<'a> {
    /// Their address, with `{z}`, `{x}` and `{y}`.
    pub url: &'a str,
    /// First and last zoom.
    pub zooms: (u8, u8),
    /// Class borders of `fragility`.
    pub breaks: &'a [f64],
}

/// A file with every layer.
pub struct Definition<'a> {
    /// The server's public address without a final slash.
    pub base: &'a str,
    /// The group that holds the layers.
    pub title: &'a str,
    /// An authentication configuration of the user's QGIS: its name alone, never what it holds.
    pub authcfg: Option<&'a str>,
    /// The hexagons as tiles.
    pub tiles: Tiles<'a>,
    /// The collections, topmost first.
    pub sheets: &'a [Sheet<'a>],
}

/// Text as it stands in XML, in an attribute as well.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // XML 1.0 has no other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => {}
            c => out.push(c),
        }
    }
    out
}

/// A style file for layers of a collection.
pub fn style(sheet: &Sheet<'_>) -> String {
    let mut out = String::from("<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n");
    let labels = u8::from(label(sheet).is_some());
    let _ = writeln!(
        out,
        "<qgis version=\"3.22.0\" styleCategories=\"Symbology|Labeling|Fields\" labelsEnabled=\"{labels}\">"
    );
    drawn(sheet, &mut out);
    let geometry = match sheet.shapes {
        Shapes::Points => 0,
        Shapes::Lines => 1,
        Shapes::Polygons => 2,
        Shapes::Mixed => 4,
    };
    let _ = writeln!(out, "<layerGeometryType>{geometry}</layerGeometryType>\n</qgis>");
    out
}

/// Renderer, labels and the names of the fields: what style and layer definition have in common.
fn drawn(sheet: &Sheet<'_>, out: &mut String) {
    match &sheet.look {
        Look::Graded { attribute, breaks } if breaks.len() > 1 => graded(sheet.shapes, attribute, breaks, out),
        Look::Graded { .. } => single(sheet.shapes, Manner::Other, out),
        Look::Plain(manner) => single(sheet.shapes, *manner, out),
    }
    if let Some(field) = label(sheet) {
        let size = if field == "number" { 7 } else { 9 };
        let _ = writeln!(
            out,
            "<labeling type=\"simple\"><settings calloutType=\"simple\">\
             <text-style fieldName=\"{}\" isExpression=\"0\" fontSize=\"{size}\" fontSizeUnit=\"Point\" textColor=\"43,60,78,255\" textOpacity=\"1\">\
             <text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" bufferSizeUnits=\"MM\" bufferColor=\"255,255,255,255\" bufferOpacity=\"1\"/></text-style>\
             <placement placement=\"{}\" dist=\"0.6\" distUnits=\"MM\"/>\
             <rendering scaleVisibility=\"1\" scaleMin=\"0\" scaleMax=\"{}\" drawLabels=\"1\"/></settings></labeling>",
            escaped(field),
            if sheet.shapes == Shapes::Lines { 2 } else { 0 },
            if field == "number" { 4_000 } else { 25_000 },
        );
    }
    out.push_str("<aliases>\n");
    for (at, field) in sheet.fields.iter().enumerate() {
        let _ = writeln!(
            out,
            "<alias index=\"{at}\" field=\"{}\" name=\"{}\"/>",
            escaped(&field.name),
            escaped(&field.title.it)
        );
    }
    out.push_str("</aliases>\n<blendMode>0</blendMode>\n<featureBlendMode>0</featureBlendMode>\n<layerOpacity>1</layerOpacity>\n");
}

/// The field that is written beside the features.
fn label<'a>(sheet: &Sheet<'a>) -> Option<&'a str> {
    let wanted: &[&str] = match sheet.look {
        Look::Plain(Manner::Name | Manner::Street) => &["name", "nome"],
        Look::Plain(Manner::Number) => &["number"],
        _ => &[],
    };
    sheet.fields.iter().map(|field| &*field.name).find(|name| wanted.contains(name))
}

fn single(shapes: Shapes, manner: Manner, out: &mut String) {
    out.push_str(
        "<renderer-v2 type=\"singleSymbol\" forceraster=\"0\" symbollevels=\"0\" enableorderby=\"0\">\n<symbols>\n",
    );
    symbol::write(&plain(shapes, manner), "0", out);
    out.push_str("</symbols>\n</renderer-v2>\n");
}

const fn plain(shapes: Shapes, manner: Manner) -> Mark {
    const SLATE: Colour = Colour([74, 95, 115]);
    const PALE: Colour = Colour([154, 166, 178]);
    match (shapes, manner) {
        (Shapes::Points, Manner::Name) => Mark::Point { fill: PALE, edge: PALE, size_mm: 0.6 },
        (Shapes::Points, _) => Mark::Point { fill: Colour([69, 90, 107]), edge: Colour([255, 255, 255]), size_mm: 1.2 },
        (Shapes::Lines, Manner::Street) => Mark::Line { colour: PALE, width_mm: 0.4 },
        (Shapes::Lines, _) => Mark::Line { colour: SLATE, width_mm: 0.5 },
        (_, Manner::Outline) => Mark::Outline { edge: SLATE, width_mm: 0.5 },
        _ => Mark::Area { fill: PALE, edge: SLATE, width_mm: 0.2, opacity: 0.5 },
    }
}

/// The sign of a class out of so many, in the colours of the web's legend.
fn class_mark(shapes: Shapes, class: usize, classes: usize) -> Mark {
    const WHITE: Colour = Colour([255, 255, 255]);
    let fill = symbol::ramp(class, classes);
    match shapes {
        Shapes::Points => Mark::Point { fill, edge: Colour([91, 111, 130]), size_mm: 2.0 },
        Shapes::Lines => Mark::Line { colour: fill, width_mm: 0.8 },
        Shapes::Polygons | Shapes::Mixed => Mark::Area { fill, edge: WHITE, width_mm: 0.1, opacity: 0.82 },
    }
}

fn graded(shapes: Shapes, attribute: &str, breaks: &[f64], out: &mut String) {
    let _ = writeln!(
        out,
        "<renderer-v2 type=\"graduatedSymbol\" attr=\"{}\" graduatedMethod=\"GraduatedColor\" forceraster=\"0\" symbollevels=\"0\" enableorderby=\"0\">\n<ranges>",
        escaped(attribute)
    );
    for (class, pair) in breaks.windows(2).enumerate() {
        let _ = writeln!(
            out,
            "<range symbol=\"{class}\" lower=\"{}\" upper=\"{}\" label=\"{} – {}\" render=\"true\"/>",
            pair[0],
            pair[1],
            italian(pair[0]),
            italian(pair[1])
        );
    }
    out.push_str("</ranges>\n<symbols>\n");
    let classes = breaks.len() - 1;
    for class in 0..classes {
        symbol::write(&class_mark(shapes, class, classes), &class.to_string(), out);
    }
    out.push_str("</symbols>\n</renderer-v2>\n");
}

fn italian(number: f64) -> String {
    number.to_string().replace('.', ",")
}

/// The layer definition file.
pub fn definition(about: &Definition<'_>) -> String {
    let tiles = tile_source(about);
    let mut out = String::from(
        "<!DOCTYPE qgis-layer-definition>\n<qlr>\n<layer-tree-group name=\"\" checked=\"Qt::Checked\" expanded=\"1\">\n",
    );
    let _ =
        writeln!(out, "<layer-tree-group name=\"{}\" checked=\"Qt::Checked\" expanded=\"1\">", escaped(about.title));
    let mut leaf = |id: &str, name: &str, source: &str, provider: &str, shown: Shown| {
        let checked = if shown == Shown::Drawn { "Qt::Checked" } else { "Qt::Unchecked" };
        let _ = writeln!(
            out,
            "<layer-tree-layer id=\"{}\" name=\"{}\" source=\"{}\" providerKey=\"{provider}\" checked=\"{checked}\" expanded=\"0\" legend_exp=\"\"/>",
            escaped(id),
            escaped(name),
            escaped(source)
        );
    };
    for sheet in about.sheets {
        leaf(&id_of(sheet.name), sheet.title, &feature_source(about, sheet), "OAPIF", sheet.shown);
    }
    leaf(TILES_ID, TILES_TITLE, &tiles, "vectortile", Shown::Drawn);
    out.push_str("</layer-tree-group>\n</layer-tree-group>\n<maplayers>\n");
    for sheet in about.sheets {
        map_layer(about, sheet, &mut out);
    }
    tile_layer(about, &tiles, &mut out);
    out.push_str("</maplayers>\n</qlr>\n");
    out
}

const TILES_ID: &str = "atlante_hexes_tiles";
const TILES_TITLE: &str = "Fragilità (tessere)";

fn id_of(name: &str) -> String {
    format!("atlante_{name}")
}

/// A value of a data source: QGIS quotes it and takes a backslash for an escape.
fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\'', "\\'")
}

/// Where QGIS finds the features (its provider `OAPIF`).
fn feature_source(about: &Definition<'_>, sheet: &Sheet<'_>) -> String {
    let auth = about.authcfg.map(|id| format!("authcfg={id} ")).unwrap_or_default();
    format!(
        "{auth}pagingEnabled='true' restrictToRequestBBOX='1' typename='{}' url='{}/ogc' version='OGC_API_FEATURES'",
        quoted(sheet.name),
        quoted(about.base)
    )
}

/// Where QGIS finds the tiles: their address is percent-encoded where it would end the value.
fn tile_source(about: &Definition<'_>) -> String {
    let mut url = String::new();
    for c in about.tiles.url.chars() {
        match c {
            '{' | '}' | '=' | '&' | '%' | '+' => {
                let _ = write!(url, "%{:02X}", c as u32);
            }
            c => url.push(c),
        }
    }
    let auth = about.authcfg.map(|id| format!("authcfg={id}&")).unwrap_or_default();
    let (first, last) = about.tiles.zooms;
    format!("{auth}type=xyz&url={url}&zmin={first}&zmax={last}&styleUrl={}/styles/fragility.json", about.base)
}

/// A coordinate system by its EPSG code; `internal` is its number in QGIS' own table, without which 3.22 takes it for none.
fn system(code: u32, internal: u32, out: &mut String) {
    let _ = writeln!(
        out,
        "<srs><spatialrefsys nativeFormat=\"Wkt\"><srsid>{internal}</srsid><srid>{code}</srid><authid>EPSG:{code}</authid></spatialrefsys></srs>"
    );
}

fn map_layer(about: &Definition<'_>, sheet: &Sheet<'_>, out: &mut String) {
    let geometry = match sheet.shapes {
        Shapes::Points => "Point",
        Shapes::Lines => "Line",
        Shapes::Polygons => "Polygon",
        Shapes::Mixed => "Unknown",
    };
    let labels = u8::from(label(sheet).is_some());
    let _ = writeln!(
        out,
        "<maplayer type=\"vector\" geometry=\"{geometry}\" labelsEnabled=\"{labels}\" styleCategories=\"AllStyleCategories\" hasScaleBasedVisibilityFlag=\"0\" readOnly=\"0\">"
    );
    if let Some(b) = sheet.bounds {
        let _ = writeln!(
            out,
            "<extent><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></extent>",
            b.west, b.south, b.east, b.north
        );
    }
    let _ = writeln!(
        out,
        "<id>{}</id>\n<datasource>{}</datasource>\n<layername>{}</layername>",
        escaped(&id_of(sheet.name)),
        escaped(&feature_source(about, sheet)),
        escaped(sheet.title)
    );
    // GeoJSON is longitude first whatever the system is called, and QGIS calls this one so.
    system(4326, 3452, out);
    out.push_str("<provider encoding=\"UTF-8\">OAPIF</provider>\n");
    drawn(sheet, out);
    out.push_str("</maplayer>\n");
}

fn tile_layer(about: &Definition<'_>, source: &str, out: &mut String) {
    let _ = writeln!(
        out,
        "<maplayer type=\"vector-tile\" styleCategories=\"AllStyleCategories\" hasScaleBasedVisibilityFlag=\"0\">\n<id>{TILES_ID}</id>\n<datasource>{}</datasource>\n<layername>{TILES_TITLE}</layername>",
        escaped(source)
    );
    system(3857, 3857, out);
    out.push_str("<provider>vectortile</provider>\n<renderer type=\"basic\">\n<styles>\n");
    let breaks = about.tiles.breaks;
    let classes = breaks.len().saturating_sub(1);
    for class in 0..classes {
        // The first class takes what is less, the last what is more: finer zooms reach further than the legend.
        let mut bounds = Vec::new();
        if class > 0 {
            bounds.push(format!("\"fragility\" >= {}", breaks[class]));
        }
        if class + 1 < classes {
            bounds.push(format!("\"fragility\" < {}", breaks[class + 1]));
        }
        let name = format!("{} – {}", italian(breaks[class]), italian(breaks[class + 1]));
        tile_style(&name, &bounds.join(" AND "), &class_mark(Shapes::Polygons, class, classes), out);
    }
    if classes == 0 {
        tile_style("Esagoni", "", &plain(Shapes::Polygons, Manner::Other), out);
    }
    out.push_str("</styles>\n</renderer>\n<blendMode>0</blendMode>\n<layerOpacity>1</layerOpacity>\n</maplayer>\n");
}

fn tile_style(name: &str, expression: &str, mark: &Mark, out: &mut String) {
    let _ = writeln!(
        out,
        "<style layer=\"hexes\" name=\"{}\" expression=\"{}\" geometry=\"2\" enabled=\"1\" min-zoom=\"-1\" max-zoom=\"-1\">\n<symbols>",
        escaped(name),
        escaped(expression)
    );
    symbol::write(mark, "0", out);
    out.push_str("</symbols>\n</style>\n");
}

#[cfg(test)]
mod tests {
    use super::{symbol::SCALE, *};

    fn sheet(look: Look) -> Sheet<'static> {
        Sheet {
            name: "hexes",
            title: "Esagoni <\"&'>",
            shapes: Shapes::Polygons,
            bounds: None,
            fields: &[],
            look,
            shown: Shown::Drawn,
        }
    }

    #[test]
    fn classes_have_the_colours_of_the_legend_and_nothing_breaks_out() {
        let breaks = vec![0.0, 0.04, 0.06, 0.08, 0.1, 0.12, 0.16, 0.3];
        let graded = sheet(Look::Graded { attribute: "fragility".into(), breaks: breaks.clone() });
        let text = style(&graded);
        assert_eq!(text.matches("<range ").count(), 7);
        assert!(text.contains("lower=\"0.04\" upper=\"0.06\" label=\"0,04 – 0,06\""), "{text}");
        for Colour([r, g, b]) in SCALE {
            assert!(text.contains(&format!("value=\"{r},{g},{b},255\"")), "{text}");
        }
        let about = Definition {
            base: "http://127.0.0.1:8080",
            title: "Atlante",
            authcfg: Some("abc1234"),
            tiles: Tiles {
                url: "http://127.0.0.1:8080/tiles/hexes/{z}/{x}/{y}.mvt?g=1",
                zooms: (0, 14),
                breaks: &breaks,
            },
            sheets: &[graded, sheet(Look::of("boundary"))],
        };
        let text = definition(&about);
        assert!(text.contains("Esagoni &lt;&quot;&amp;&apos;&gt;") && !text.contains("Esagoni <"), "{text}");
        assert!(text.contains("/%7Bz%7D/%7Bx%7D/%7By%7D.mvt?g%3D1&amp;zmin=0&amp;zmax=14"), "{text}");
        assert_eq!(text.matches("authcfg=abc1234").count(), 6, "in the tree and in the layers");
        assert_eq!(text.matches("<style ").count(), 7);
        assert_eq!(text.matches("<maplayer ").count(), text.matches("</maplayer>").count());
    }

    #[test]
    fn nothing_known_is_drawn_alike() {
        let text = style(&sheet(Look::Graded { attribute: "fragility".into(), breaks: Vec::new() }));
        assert!(text.contains("singleSymbol") && !text.contains("<range "));
    }
}
