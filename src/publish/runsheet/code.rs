//! The square code of a stop (ISO/IEC 18004): a `geo:` address (RFC 5870) that a telephone opens in its navigator.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::domain::geo::LonLat;

/// White around the code, in modules, as the standard wants.
const QUIET: usize = 4;

/// The address of a place: latitude first, five decimals (a metre).
pub(super) fn address(at: LonLat) -> String {
    format!("geo:{:.5},{:.5}", at.lat(), at.lon())
}

/// The code as a drawing. Empty for a text too long for any code, which no address is.
pub(super) fn svg(text: &str, title: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, line) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = line[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                // Neighbours of a row are one bar: no hairlines between them on paper.
                write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET).ok();
            }
            x += run.max(1);
        }
    }
    let side = width + 2 * QUIET;
    format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{title}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    )
}
