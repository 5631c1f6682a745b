//! A stop as a row of a sheet.

use std::fmt::Write as _;

use super::{code, text::Escaped, words::Words};
use crate::{access::sheet::Stop, domain::outcome::OutcomeKind};

/// Writes the row; it is never broken over two pages.
pub(super) fn row(stop: &Stop, words: &Words, out: &mut String) {
    write!(out, "<tr class=\"stop\"><th scope=\"row\" class=\"n\"><span>{}</span></th>", stop.number).ok();
    time(stop, words, out);
    place(stop, words, out);
    outcome(stop, words, out);
    let address = code::address(stop.at);
    let label = format!("{} {}", words.code_of, Escaped(&stop.code));
    write!(
        out,
        "<td class=\"code\"><a href=\"{address}\">{}</a><span class=\"key\">{}</span></td></tr>",
        code::svg(&address, &label),
        Escaped(&stop.code)
    )
    .ok();
}

fn time(stop: &Stop, words: &Words, out: &mut String) {
    let eta = stop.eta.map_or_else(|| "–".to_owned(), |eta| eta.to_string());
    write!(out, "<td class=\"time\"><b>{eta}</b>").ok();
    match stop.window {
        Some((from, until)) => write!(out, "<small>{}<br>{from}–{until}</small></td>", words.window),
        None => write!(out, "<small>{}</small></td>", words.any_time),
    }
    .ok();
}

fn place(stop: &Stop, words: &Words, out: &mut String) {
    write!(
        out,
        "<td class=\"place\"><b class=\"door\">{}</b><div class=\"what\"><b>{} × {}</b>",
        Escaped(&stop.door),
        stop.units,
        Escaped(&stop.kit)
    )
    .ok();
    if let Some(members) = stop.members {
        let people = if members == 1 { words.member_one } else { words.members };
        write!(out, " · {members} {people}").ok();
    }
    out.push_str("</div>");
    if !stop.needs.is_empty() {
        let needs: Vec<String> = stop.needs.iter().map(|need| Escaped(words.need(need)).to_string()).collect();
        write!(out, "<div class=\"need\">{}: {}</div>", words.needs, needs.join(", ")).ok();
    }
    if let Some(metres) = stop.walk_m {
        write!(out, "<div class=\"walk\">{}</div>", words.walk(metres)).ok();
    }
    if !stop.notes.is_empty() {
        write!(out, "<div class=\"access\"><b>{}:</b> {}</div>", words.access, Escaped(&stop.notes)).ok();
    }
    out.push_str("</td>");
}

fn outcome(stop: &Stop, words: &Words, out: &mut String) {
    let told = stop.outcome.as_ref();
    out.push_str("<td class=\"outcome\"><ul>");
    for known in OutcomeKind::ALL {
        let is_so = told.is_some_and(|told| told.outcome == known);
        let mark = if is_so { "<i class=\"box on\">×</i>" } else { "<i class=\"box\"></i>" };
        write!(out, "<li>{mark}{}", words.tongue.of(known.titles().0, known.titles().1)).ok();
        if known == OutcomeKind::Partial {
            match told.filter(|_| is_so).and_then(|told| told.units) {
                Some(units) => write!(out, ", {} {units}", words.how_many),
                None => write!(out, ", {} <i class=\"gap\"></i>", words.how_many),
            }
            .ok();
        }
        out.push_str("</li>");
    }
    out.push_str("</ul><div class=\"note\">");
    match told.filter(|told| !told.note.is_empty()) {
        Some(told) => write!(out, "{}: {}", words.note, Escaped(&told.note)),
        None => write!(out, "{}<i class=\"line\"></i>", words.note),
    }
    .ok();
    out.push_str("</div></td>");
}
