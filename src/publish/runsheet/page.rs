//! The page to be printed: totals of the plan where it has several runs, then each run on pages of its own.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    map, stop,
    text::{Escaped, css_string},
    words::{Words, span},
};
use crate::access::sheet::{Run, Sheet, Tongue};

const STYLE: &str = include_str!("page.css");

pub(super) fn write(sheet: &Sheet, tongue: Tongue) -> String {
    let words = Words::of(tongue);
    let title = if sheet.runs.len() == 1 { words.sheet } else { words.sheets };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} – {}</title><style>\n{STYLE}",
        tongue.of("it", "en"),
        Escaped(&sheet.head.name)
    );
    margins(sheet, &words, &mut out);
    out.push_str("</style></head><body><main>");
    if sheet.runs.is_empty() {
        write!(out, "<section><h1>{}</h1><p>{}</p></section>", Escaped(&sheet.head.name), words.none).ok();
    } else if sheet.runs.len() > 1 {
        cover(sheet, &words, &mut out);
    }
    for run in &sheet.runs {
        one(sheet, run, &words, &mut out);
    }
    out.push_str("</main></body></html>\n");
    out
}

/// What stands in the margins of every page: which run, which plan, which page.
fn margins(sheet: &Sheet, words: &Words, out: &mut String) {
    let head = &sheet.head;
    let day = head.day.map(|day| words.day(day)).unwrap_or_default();
    let foot = [
        format!("{} {}", words.plan, head.plan),
        format!("{} {}", words.version, head.version),
        format!("{} {}", words.data, head.generation),
    ];
    let foot = css_string(&foot.join(" · "));
    let count = format!(
        "{} counter(page) {} counter(pages)",
        css_string(&format!("{} ", words.page)),
        css_string(&format!(" {} ", words.page_of))
    );
    writeln!(out, "@page {{ @bottom-left {{ content: {foot}; }} @bottom-right {{ content: {count}; }} }}").ok();
    for run in &sheet.runs {
        let left = css_string(&format!("{} {} · {}", words.run, run.number, run.crew));
        let right = css_string(&format!("{} · {day}", head.name));
        write!(
            out,
            "@page run{0} {{ @top-left {{ content: {left}; }} @top-right {{ content: {right}; }} }}\n\
             #run{0} {{ page: run{0}; }}\n",
            run.number
        )
        .ok();
    }
}

/// The totals of the plan.
fn cover(sheet: &Sheet, words: &Words, out: &mut String) {
    let head = &sheet.head;
    write!(
        out,
        "<section class=\"cover\"><header class=\"top\"><div><p class=\"over\">{}</p><h1>{}</h1></div>{}</header>",
        words.sheets,
        Escaped(&head.name),
        dated(sheet, &format!("{} {}", words.version, head.version), words)
    )
    .ok();
    let sum = |of: fn(&Run) -> u32| sheet.runs.iter().map(of).sum::<u32>();
    let figures = [
        (sheet.runs.len().to_string(), if sheet.runs.len() == 1 { words.run_one } else { words.runs }),
        (sheet.stops().to_string(), if sheet.stops() == 1 { words.stop_one } else { words.stops }),
        (sum(load).to_string(), if sum(load) == 1 { words.kit_one } else { words.kits }),
        (words.length(sum(|run| run.distance_m)), words.distance),
        (span(sum(|run| run.duration_s)), words.duration),
    ];
    strip(&figures, out);
    loads(sheet.runs.iter(), words, out);
    out.push_str(&map::all(sheet, words));
    write!(
        out,
        "<table class=\"runs\"><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th class=\"r\">{}</th>\
         <th class=\"r\">{}</th><th class=\"r\">{}</th></tr></thead><tbody>",
        words.run, words.crew, words.depart, words.back, words.stops, words.kits, words.road
    )
    .ok();
    for run in &sheet.runs {
        let at =
            |clock: Option<_>| clock.map_or_else(|| "–".to_owned(), |at: crate::access::sheet::Clock| at.to_string());
        write!(
            out,
            "<tr><td><i class=\"swatch\" style=\"background:{}\"></i>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td></tr>",
            map::colour_of(run),
            run.number,
            Escaped(&run.crew),
            at(run.depart),
            at(run.arrive),
            run.stops.len(),
            load(run),
            words.length(run.distance_m)
        )
        .ok();
    }
    write!(out, "</tbody></table><p class=\"return\">{}</p></section>", words.return_it).ok();
}

/// Kits that a run brings.
fn load(run: &Run) -> u32 {
    run.stops.iter().map(|stop| stop.units).sum()
}

/// The day, and what the plan is.
fn dated(sheet: &Sheet, plan: &str, words: &Words) -> String {
    let day = sheet.head.day.map(|day| words.day(day)).unwrap_or_default();
    format!("<div class=\"dated\"><b>{day}</b><span>{}</span></div>", Escaped(plan))
}

fn strip(figures: &[(String, &str)], out: &mut String) {
    out.push_str("<dl class=\"totals\">");
    for (figure, name) in figures {
        write!(out, "<div><dt>{name}</dt><dd>{figure}</dd></div>").ok();
    }
    out.push_str("</dl>");
}

/// What is to be loaded, kit by kit.
fn loads<'a>(runs: impl Iterator<Item = &'a Run>, words: &Words, out: &mut String) {
    let mut kits: BTreeMap<&str, u32> = BTreeMap::new();
    for stop in runs.flat_map(|run| &run.stops) {
        *kits.entry(&stop.kit).or_default() += stop.units;
    }
    if kits.is_empty() {
        return;
    }
    let kits: Vec<String> = kits.iter().map(|(kit, units)| format!("<b>{units}</b> × {}", Escaped(kit))).collect();
    write!(out, "<p class=\"load\"><b>{}:</b> {}</p>", words.load, kits.join(" &nbsp;·&nbsp; ")).ok();
}

fn one(sheet: &Sheet, run: &Run, words: &Words, out: &mut String) {
    write!(
        out,
        "<section class=\"run\" id=\"run{0}\" aria-labelledby=\"title{0}\"><header class=\"top\"><div>\
         <p class=\"over\">{1} {0}</p><h1 id=\"title{0}\">{2}</h1>",
        run.number,
        words.run,
        Escaped(&run.crew)
    )
    .ok();
    if let Some(depot) = &run.depot {
        write!(out, "<p class=\"depot\">{} <b>{}</b></p>", words.from_depot, Escaped(depot)).ok();
    }
    let plan = format!("{} · {} {}", sheet.head.name, words.version, sheet.head.version);
    write!(out, "</div>{}</header>", dated(sheet, &plan, words)).ok();
    let mut figures = vec![
        (run.stops.len().to_string(), if run.stops.len() == 1 { words.stop_one } else { words.stops }),
        (load(run).to_string(), if load(run) == 1 { words.kit_one } else { words.kits }),
        (words.length(run.distance_m), words.distance),
        (span(run.duration_s), words.duration),
    ];
    figures.extend(run.depart.map(|at| (at.to_string(), words.depart)));
    figures.extend(run.arrive.map(|at| (at.to_string(), words.back)));
    strip(&figures, out);
    loads(std::iter::once(run), words, out);
    if run.trips > 1 {
        write!(out, "<p class=\"trips\">{} {}</p>", run.trips, words.trips).ok();
    }
    out.push_str(&map::one(sheet, run, words));
    if run.stops.is_empty() {
        write!(out, "<p>{}</p></section>", words.empty).ok();
        return;
    }
    write!(
        out,
        "<table class=\"stops\"><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>",
        words.no, words.time, words.place, words.outcome, words.navigate
    )
    .ok();
    for one in &run.stops {
        stop::row(one, words, out);
    }
    write!(
        out,
        "</tbody></table><div class=\"end\"><div class=\"fields\"><span>{}<i></i></span><span>{}<i></i></span>\
         <span>{}<i></i></span><span class=\"wide\">{}<i></i></span></div><p class=\"return\">{}</p></div></section>",
        words.left_at, words.back_at, words.km, words.leader, words.return_it
    )
    .ok();
}
