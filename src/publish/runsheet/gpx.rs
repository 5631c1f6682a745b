//! GPX 1.1 for navigators: a waypoint for each stop, a track for each run.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{
    text::Escaped,
    words::{Words, day_iso},
};
use crate::access::{
    Disclosed,
    sheet::{Run, Sheet, Stop, Tongue},
};

/// Media type.
pub const MEDIA_TYPE: &str = "application/gpx+xml";

/// Writes the runs. Errors: those of `out`.
pub fn write(sheet: &Disclosed<Sheet>, tongue: Tongue, out: &mut dyn Write) -> io::Result<()> {
    let words = Words::of(tongue);
    write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Atlante\" \
         xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd\">\n"
    )?;
    let day = sheet.head.day.map(|day| format!(" – {}", day_iso(day))).unwrap_or_default();
    writeln!(out, "<metadata><name>{}{day}</name></metadata>", Escaped(&sheet.head.name))?;
    let many = sheet.runs.len() > 1;
    for run in &sheet.runs {
        for stop in &run.stops {
            waypoint(&words, many, run, stop, out)?;
        }
    }
    for run in &sheet.runs {
        let name = format!("{} {} – {}", words.run, run.number, run.crew);
        writeln!(out, "<trk><name>{}</name><trkseg>", Escaped(name))?;
        for point in &run.line.0 {
            writeln!(out, "<trkpt lat=\"{:.6}\" lon=\"{:.6}\"/>", point.y, point.x)?;
        }
        writeln!(out, "</trkseg></trk>")?;
    }
    writeln!(out, "</gpx>")
}

fn waypoint(words: &Words, many: bool, run: &Run, stop: &Stop, out: &mut dyn Write) -> io::Result<()> {
    let number = if many { format!("{}.{}", run.number, stop.number) } else { stop.number.to_string() };
    let mut said = format!("{} × {}", stop.units, stop.kit);
    if let Some(eta) = stop.eta {
        write!(said, " · {} {eta}", words.eta).ok();
    }
    if let Some((from, until)) = stop.window {
        write!(said, " · {} {from}–{until}", words.window).ok();
    }
    if let Some(metres) = stop.walk_m {
        write!(said, " · {}", words.walk(metres)).ok();
    }
    if !stop.notes.is_empty() {
        write!(said, " · {}: {}", words.access, stop.notes).ok();
    }
    writeln!(
        out,
        "<wpt lat=\"{:.6}\" lon=\"{:.6}\"><name>{number} {}</name><cmt>{}</cmt><desc>{}</desc><sym>Flag, Blue</sym></wpt>",
        stop.at.lat(),
        stop.at.lon(),
        Escaped(&stop.code),
        Escaped(&stop.door),
        Escaped(said),
    )
}
