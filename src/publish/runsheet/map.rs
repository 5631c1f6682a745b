//! The map of a sheet: quiet streets, where the run goes, its stops by number, north and a scale.

use std::fmt::Write as _;

use geo::{Coord, LineString};

use super::{frame::Frame, text::Escaped, words::Words};
use crate::access::sheet::{Run, Sheet, Stop};

/// Tenths of a millimetre: across, down.
const SIZE: [f64; 2] = [1_860.0, 900.0];

/// Free of stops around.
const MARGIN: f64 = 90.0;

/// Half across a stop's mark.
const MARK: f64 = 29.0;

/// Between arrows along a run.
const ARROW_EVERY: f64 = 230.0;

/// Streets' pieces that are drawn at most: beyond, paper shows nothing more.
const PIECES_MAX: usize = 40_000;

/// Points nearer to the one before are left out of a drawn line.
const FINE: f64 = 4.0;

/// Stops of a map beyond which each is a dot, and only those are numbered that have room where they are.
const DENSE: usize = 60;

/// Of a dense map's stops every tenth is numbered before the others.
const TENTH: u32 = 10;

/// Colours of the runs, those of the screen; all dark enough to be read on white paper. Where
/// colours are not told apart, the number of the run stands at its stops.
const COLOURS: [&str; 12] = [
    "#1f5fa8", "#b03a0c", "#0b6b5d", "#7c2d92", "#7a5600", "#b4165f", "#3f6212", "#0b6582", "#7f1d1d", "#3d4b5c",
    "#4338a8", "#8a4b08",
];

/// The map of one run.
pub(super) fn one(sheet: &Sheet, run: &Run, words: &Words) -> String {
    let title = format!("{} {}", words.map_of, run.number);
    drawn(sheet, &[run], words, &title, SIZE)
}

/// The map of all runs together.
pub(super) fn all(sheet: &Sheet, words: &Words) -> String {
    let runs: Vec<&Run> = sheet.runs.iter().collect();
    drawn(sheet, &runs, words, words.overview, [SIZE[0], 1_060.0])
}

fn points<'a>(runs: &'a [&Run]) -> impl Iterator<Item = Coord<f64>> + 'a {
    let stops = |run: &'a Run| run.stops.iter().map(|stop| stop.at).chain(run.start);
    runs.iter()
        .flat_map(move |run| run.line.0.iter().copied().chain(stops(run).map(|at| Coord { x: at.lon(), y: at.lat() })))
}

fn drawn(sheet: &Sheet, runs: &[&Run], words: &Words, title: &str, size: [f64; 2]) -> String {
    let Some(frame) = Frame::around(points(runs), size, MARGIN) else { return String::new() };
    let [width, height] = size;
    let mut out = format!(
        "<svg class=\"map\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>",
        Escaped(title)
    );
    let streets = path(sheet.streets.iter(), &frame, PIECES_MAX);
    write!(out, "<path class=\"streets\" d=\"{streets}\"/>").ok();
    for run in runs {
        let line = path(std::iter::once(&run.line), &frame, usize::MAX);
        let colour = colour_of(run);
        write!(out, "<path class=\"casing\" d=\"{line}\"/><path class=\"way\" stroke=\"{colour}\" d=\"{line}\"/>").ok();
    }
    for run in runs {
        arrows(&run.line, &frame, colour_of(run), &mut out);
    }
    marks(runs, &frame, words, &mut out);
    furniture(&frame, words, &mut out);
    out.push_str("</svg>");
    out
}

/// The colour of a run, on its own map too: who has the screen and the sheet before them sees one and the same run.
pub(super) const fn colour_of(run: &Run) -> &'static str {
    COLOURS[(run.number.saturating_sub(1)) as usize % COLOURS.len()]
}

/// Lines as path data in whole units; what cannot be seen is left out, and points that fall together are one.
fn path<'a>(lines: impl Iterator<Item = &'a LineString<f64>>, frame: &Frame, pieces_max: usize) -> String {
    let mut out = String::new();
    let mut pieces = 0;
    for line in lines {
        let places = thinned(line.0.iter().map(|point| frame.place(*point).map(f64::round)));
        let mut pen = None;
        for pair in places.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            if !frame.sees(from, to) {
                continue;
            }
            if pen.is_none_or(|pen| apart(pen, from)) {
                write!(out, "M{} {}", from[0], from[1]).ok();
            }
            if apart(from, to) {
                write!(out, "L{} {}", to[0], to[1]).ok();
            }
            pen = Some(to);
            pieces += 1;
            if pieces == pieces_max {
                return out;
            }
        }
    }
    out
}

/// Whether two places are not one.
fn apart(a: [f64; 2], b: [f64; 2]) -> bool {
    (a[0] - b[0]).hypot(a[1] - b[1]) > 0.01
}

/// Without the points that nobody would see; both ends stay.
fn thinned(places: impl Iterator<Item = [f64; 2]>) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = Vec::new();
    let mut last = None;
    for place in places {
        let far = kept.last().is_none_or(|before| (before[0] - place[0]).hypot(before[1] - place[1]) >= FINE);
        last = (!far).then_some(place);
        kept.extend(far.then_some(place));
    }
    kept.extend(last);
    kept
}

/// Small arrows along the way, each where the way is straight enough to show where it goes.
fn arrows(line: &LineString<f64>, frame: &Frame, colour: &str, out: &mut String) {
    let mut since = ARROW_EVERY / 2.0;
    for pair in line.0.windows(2) {
        let (a, b) = (frame.place(pair[0]), frame.place(pair[1]));
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy);
        since += length;
        if since < ARROW_EVERY || length < 8.0 {
            continue;
        }
        since = 0.0;
        let (x, y) = (f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1]));
        let turn = dy.atan2(dx).to_degrees();
        write!(
            out,
            "<path class=\"arrow\" fill=\"{colour}\" d=\"M20 0L-14 15L-7 0L-14 -15z\" \
             transform=\"translate({x:.0} {y:.0}) rotate({turn:.0})\"/>"
        )
        .ok();
    }
}

/// Starts and stops, none over another: a mark that finds its place taken stands beside it, with a line to where it belongs.
fn marks(runs: &[&Run], frame: &Frame, words: &Words, out: &mut String) {
    let mut taken: Vec<[f64; 2]> = Vec::new();
    let mut signs = String::new();
    for start in runs.iter().filter_map(|run| run.start) {
        let at = frame.place(Coord { x: start.lon(), y: start.lat() });
        if taken.iter().any(|other| (other[0] - at[0]).hypot(other[1] - at[1]) < 1.0) {
            continue;
        }
        taken.push(at);
        let [x, y] = at;
        write!(
            signs,
            "<rect class=\"start\" x=\"{:.0}\" y=\"{:.0}\" width=\"64\" height=\"64\" rx=\"8\"/>\
             <text class=\"startword\" x=\"{x:.0}\" y=\"{:.0}\">{}</text>",
            x - 32.0,
            y - 32.0,
            y + 15.0,
            words.start
        )
        .ok();
    }
    if runs.iter().map(|run| run.stops.len()).sum::<usize>() > DENSE {
        dots(runs, frame, out);
        out.push_str(&signs);
        return few(runs, frame, &mut taken, out);
    }
    let mut lines = String::new();
    for run in runs {
        for stop in &run.stops {
            let at = frame.place(Coord { x: stop.at.lon(), y: stop.at.lat() });
            let spot = free(at, &taken, frame);
            taken.push(spot);
            if apart(spot, at) {
                leader(at, spot, &mut lines);
            }
            let said = if runs.len() > 1 { format!("{}.{}", run.number, stop.number) } else { stop.number.to_string() };
            mark(spot, &said, colour_of(run), &mut signs);
        }
    }
    out.push_str(&lines);
    out.push_str(&signs);
}

fn leader(at: [f64; 2], [x, y]: [f64; 2], out: &mut String) {
    let [left, top] = at;
    write!(
        out,
        "<path class=\"leader\" d=\"M{left:.0} {top:.0}L{x:.0} {y:.0}\"/>\
         <circle class=\"spot\" cx=\"{left:.0}\" cy=\"{top:.0}\" r=\"8\"/>"
    )
    .ok();
}

/// A numbered mark.
fn mark([x, y]: [f64; 2], said: &str, colour: &str, out: &mut String) {
    let small = ["", "", "", " small", " tiny", " tiny"].get(said.len()).unwrap_or(&" tiny");
    write!(
        out,
        "<circle class=\"stop\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"{MARK}\" stroke=\"{colour}\"/>\
         <text class=\"number{small}\" x=\"{x:.0}\" y=\"{:.0}\">{said}</text>",
        y + 11.0
    )
    .ok();
}

/// Many stops: a dot for each.
fn dots(runs: &[&Run], frame: &Frame, out: &mut String) {
    for run in runs {
        for stop in &run.stops {
            let [x, y] = frame.place(Coord { x: stop.at.lon(), y: stop.at.lat() });
            let colour = colour_of(run);
            write!(out, "<circle class=\"dot\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"11\" fill=\"{colour}\"/>").ok();
        }
    }
}

/// The few numbers that stand on many dots: one run numbers the stops that have room where they are, its ends and every
/// tenth before the others; of several runs each has its own number once, where it is farthest from its start.
fn few(runs: &[&Run], frame: &Frame, taken: &mut Vec<[f64; 2]>, out: &mut String) {
    let place = |stop: &Stop| frame.place(Coord { x: stop.at.lon(), y: stop.at.lat() });
    let [run] = runs else {
        for run in runs {
            let start = run.start.map_or([0.0, 0.0], |at| frame.place(Coord { x: at.lon(), y: at.lat() }));
            let far = |stop: &Stop| (place(stop)[0] - start[0]).hypot(place(stop)[1] - start[1]);
            let Some(last) = run.stops.iter().max_by(|a, b| far(a).total_cmp(&far(b))) else { continue };
            let spot = free(place(last), taken, frame);
            taken.push(spot);
            mark(spot, &run.number.to_string(), colour_of(run), out);
        }
        return;
    };
    let last = run.stops.len();
    let rank = |at: usize, stop: &Stop| match () {
        () if at == 0 || at + 1 == last => 0,
        () if stop.number.is_multiple_of(TENTH) => 1,
        () => 2,
    };
    let mut order: Vec<(u32, &Stop)> = run.stops.iter().enumerate().map(|(at, stop)| (rank(at, stop), stop)).collect();
    order.sort_by_key(|(rank, _)| *rank);
    for (_, stop) in order {
        let at = place(stop);
        if clear(at, taken, frame) {
            taken.push(at);
            mark(at, &stop.number.to_string(), colour_of(run), out);
        }
    }
}

/// Whether a mark has room: inside the drawing, over no other.
fn clear(spot: [f64; 2], taken: &[[f64; 2]], frame: &Frame) -> bool {
    let inside = (0..2).all(|axis| (MARK + 4.0..=frame.size[axis] - MARK - 4.0).contains(&spot[axis]));
    inside && taken.iter().all(|other| (other[0] - spot[0]).hypot(other[1] - spot[1]) >= 2.0 * MARK + 4.0)
}

/// The nearest place for a mark that no other has, inside the drawing; its own where all are taken.
fn free(at: [f64; 2], taken: &[[f64; 2]], frame: &Frame) -> [f64; 2] {
    if clear(at, taken, frame) {
        return at;
    }
    for ring in 1..=12 {
        let radius = f64::from(ring) * 34.0;
        let steps = 8 + ring * 4;
        for step in 0..steps {
            let angle = std::f64::consts::TAU * f64::from(step) / f64::from(steps) - std::f64::consts::FRAC_PI_4;
            let spot = [at[0] + radius * angle.cos(), at[1] + radius * angle.sin()];
            if clear(spot, taken, frame) {
                return spot;
            }
        }
    }
    at
}

/// North and the scale.
fn furniture(frame: &Frame, words: &Words, out: &mut String) {
    let [width, height] = frame.size;
    let (metres, units) = frame.bar();
    let said = if metres < 1_000.0 { format!("{metres:.0} m") } else { format!("{:.0} km", metres / 1_000.0) };
    let (x, y) = (40.0, height - 36.0);
    write!(
        out,
        "<g class=\"furniture\"><rect class=\"plate\" x=\"{:.0}\" y=\"{:.0}\" width=\"{:.0}\" height=\"76\" rx=\"6\"/>\
         <path class=\"bar\" d=\"M{x:.0} {:.0}V{y:.0}H{:.0}V{:.0}\"/>\
         <text class=\"scale\" x=\"{:.0}\" y=\"{:.0}\">{said}</text>\
         <rect class=\"plate\" x=\"{:.0}\" y=\"20\" width=\"72\" height=\"112\" rx=\"6\"/>\
         <path class=\"needle\" d=\"M{:.0} 30l22 58l-22 -14l-22 14z\"/>\
         <text class=\"north\" x=\"{:.0}\" y=\"122\">{}</text></g>",
        x - 20.0,
        y - 56.0,
        units + 40.0,
        y - 14.0,
        x + units,
        y - 14.0,
        x + units / 2.0,
        y - 22.0,
        width - 92.0,
        width - 56.0,
        width - 56.0,
        words.north
    )
    .ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_line_keeps_its_ends_and_nothing_that_nobody_sees() {
        let line = [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 0.0], [10.0, 0.0]];
        let kept = |points: &[[f64; 2]]| -> Vec<i64> {
            thinned(points.iter().copied()).iter().map(|place| place[0].round() as i64).collect()
        };
        assert_eq!(kept(&line), [0, 9, 10]);
        assert_eq!(kept(&line[..2]), [0, 1]);
        assert!(thinned(std::iter::empty()).is_empty());
    }

    #[test]
    fn marks_that_would_lie_over_each_other_stand_apart_inside_the_drawing() {
        let corners = [Coord { x: 13.0, y: 41.0 }, Coord { x: 13.01, y: 41.01 }];
        let frame = Frame::around(corners.into_iter(), SIZE, MARGIN).expect("a frame");
        let mut taken: Vec<[f64; 2]> = Vec::new();
        for _ in 0..40 {
            let spot = free([90.0, 90.0], &taken, &frame);
            assert!(taken.iter().all(|other| (other[0] - spot[0]).hypot(other[1] - spot[1]) >= 2.0 * MARK));
            assert!((0..2).all(|axis| (MARK..=SIZE[axis] - MARK).contains(&spot[axis])));
            taken.push(spot);
        }
    }
}
