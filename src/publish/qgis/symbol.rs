//! Signs as QGIS writes them, and the colours of the data.

use std::fmt::Write as _;

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) [u8; 3]);

/// Light to dark, as on the web: CIE L* falls 95, 88, 79, 66, 52, 36, 21.
pub(super) const SCALE: [Colour; 7] = [
    Colour([0xfd, 0xf0, 0xd5]),
    Colour([0xfb, 0xd9, 0x9b]),
    Colour([0xf5, 0xb7, 0x66]),
    Colour([0xe6, 0x8a, 0x45]),
    Colour([0xc7, 0x5c, 0x3a]),
    Colour([0x96, 0x34, 0x34]),
    Colour([0x5c, 0x1a, 0x33]),
];

/// The colour of a class out of so many.
pub(super) fn ramp(class: usize, classes: usize) -> Colour {
    let along = if classes < 2 { 0.5 } else { class as f64 / (classes - 1) as f64 };
    let place = along * (SCALE.len() - 1) as f64;
    let (Colour(low), Colour(high)) = (SCALE[place.floor() as usize], SCALE[place.ceil() as usize]);
    let mix =
        |at: usize| (f64::from(low[at]) + (f64::from(high[at]) - f64::from(low[at])) * place.fract()).round() as u8;
    Colour([mix(0), mix(1), mix(2)])
}

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mark {
    Point { fill: Colour, edge: Colour, size_mm: f64 },
    Line { colour: Colour, width_mm: f64 },
    Area { fill: Colour, edge: Colour, width_mm: f64, opacity: f64 },
    Outline { edge: Colour, width_mm: f64 },
}

/// Adds a symbol element.
pub(super) fn write(mark: &Mark, name: &str, out: &mut String) {
    let rgb = |Colour([r, g, b]): Colour| format!("{r},{g},{b},255");
    let (kind, class, opacity, options): (_, _, f64, Vec<(&str, String)>) = match *mark {
        Mark::Point { fill, edge, size_mm } => (
            "marker",
            "SimpleMarker",
            1.0,
            vec![
                ("name", "circle".into()),
                ("color", rgb(fill)),
                ("outline_color", rgb(edge)),
                ("outline_width", "0.1".into()),
                ("size", size_mm.to_string()),
            ],
        ),
        Mark::Line { colour, width_mm } => (
            "line",
            "SimpleLine",
            1.0,
            vec![("line_color", rgb(colour)), ("line_width", width_mm.to_string()), ("line_style", "solid".into())],
        ),
        Mark::Area { fill, edge, width_mm, opacity } => (
            "fill",
            "SimpleFill",
            opacity,
            vec![
                ("color", rgb(fill)),
                ("style", "solid".into()),
                ("outline_color", rgb(edge)),
                ("outline_style", "solid".into()),
                ("outline_width", width_mm.to_string()),
            ],
        ),
        Mark::Outline { edge, width_mm } => (
            "fill",
            "SimpleFill",
            1.0,
            vec![
                ("style", "no".into()),
                ("outline_color", rgb(edge)),
                ("outline_style", "solid".into()),
                ("outline_width", width_mm.to_string()),
            ],
        ),
    };
    let _ = writeln!(
        out,
        "<symbol type=\"{kind}\" name=\"{name}\" alpha=\"{opacity}\" clip_to_extent=\"1\" force_rhr=\"0\">\n<layer class=\"{class}\" enabled=\"1\" locked=\"0\" pass=\"0\">\n<Option type=\"Map\">"
    );
    for (key, value) in &options {
        let _ = writeln!(out, "<Option name=\"{key}\" type=\"QString\" value=\"{value}\"/>");
    }
    out.push_str("</Option>\n");
    // Versions before 3.26 read these where the map above is not understood.
    for (key, value) in &options {
        let _ = writeln!(out, "<prop k=\"{key}\" v=\"{value}\"/>");
    }
    out.push_str("</layer>\n</symbol>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_is_that_of_the_web() {
        assert_eq!((0..7).map(|class| ramp(class, 7)).collect::<Vec<_>>(), SCALE);
        assert_eq!((ramp(0, 1), ramp(0, 2), ramp(1, 2)), (SCALE[3], SCALE[0], SCALE[6]));
        assert_eq!(ramp(1, 6), Colour([0xfa, 0xd2, 0x90]));
    }
}
