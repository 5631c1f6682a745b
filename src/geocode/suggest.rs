//! Type-ahead: what a text that is being typed may become.

use std::collections::HashMap;

use super::{
    align::dug_cost,
    canonical::{self, Name},
    cascade::{Scratch, search},
    civic::Written,
    ladder,
    lexicon::Near,
    register::Register,
    words::Class,
};
use crate::domain::{
    geo::LonLat,
    personal::Personal,
    place::{AccessId, PlaceLevel, StreetId},
};

/// One line of the list under the search box.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// Street as the register spells it, number and locality.
    pub label: String,
    /// Which street.
    pub street: StreetId,
    /// Which door, where the number is there.
    pub access: Option<AccessId>,
    /// The number as typed, where one is.
    pub number: Option<Personal>,
    /// Where (longitude, latitude), where known.
    pub point: Option<LonLat>,
    /// How near to the door.
    pub level: PlaceLevel,
    /// How well the text fits, 0 to 1.
    pub score: f32,
}

/// What a word cost that is being typed: each letter yet to come, a little.
const UNTYPED_LETTER: f32 = 0.01;
/// A typed word that is found through a typing error.
const MISTYPED: f32 = 0.5;
/// An initial for a word.
const INITIAL: f32 = 0.3;

/// The streets and doors that a text being typed may mean, best first, at most `limit`: every typed word begins a word of the
/// street; where none fits, the geocoder's own candidates.
pub fn suggest(register: &Register, text: &str, limit: usize) -> Vec<Suggestion> {
    let mut scratch = Scratch::default();
    scratch.parsed.read_text(text, &register.town);
    let mut best: HashMap<u32, (f32, usize)> = HashMap::new();
    for i in 0..scratch.parsed.readings.len() {
        let reading = scratch.parsed.readings[i];
        for (street, cost) in complete(register, &scratch, reading.from, reading.to) {
            let cost = cost + 0.05 * i as f32;
            let entry = best.entry(street).or_insert((cost, i));
            if cost < entry.0 {
                *entry = (cost, i);
            }
        }
    }
    if best.is_empty() {
        search(register, &mut scratch);
        best.extend(scratch.candidates.iter().map(|c| (c.street, (c.total, 0))));
    }
    let mut ranked: Vec<(u32, f32, usize)> = best.into_iter().map(|(s, (cost, i))| (s, cost, i)).collect();
    let name = |s: u32| register.streets[s as usize].street.name.as_str();
    ranked.sort_by(|a, b| {
        a.1.total_cmp(&b.1).then_with(|| name(a.0).len().cmp(&name(b.0).len())).then_with(|| name(a.0).cmp(name(b.0)))
    });
    // A street that has the door stands before one that has not.
    let mut lines: Vec<Suggestion> = ranked
        .into_iter()
        .take(limit.saturating_mul(4).max(limit))
        .map(|(street, cost, i)| line(register, &scratch, street, cost, i))
        .collect();
    lines.sort_by(|a, b| b.score.total_cmp(&a.score));
    lines.truncate(limit);
    lines
}

fn line(register: &Register, scratch: &Scratch, street: u32, cost: f32, reading: usize) -> Suggestion {
    let civic = scratch.parsed.readings[reading].civic;
    let entry = &register.streets[street as usize];
    let step = ladder::climb(register, street, &civic);
    let is_numbered = civic.written == Written::Number;
    let mut label = entry.street.name.clone();
    let number = is_numbered.then(|| match civic.exponent.as_str() {
        "" => civic.number.to_string(),
        exponent => format!("{}/{exponent}", civic.number),
    });
    if let Some(number) = &number
        && step.access.is_some()
    {
        label.push(' ');
        label.push_str(number);
    }
    if !entry.street.locality.is_empty() {
        label.push_str(" (");
        label.push_str(&entry.street.locality);
        label.push(')');
    }
    let missing = if is_numbered && step.access.is_none() { 0.3 } else { 0.0 };
    Suggestion {
        label,
        street: entry.street.id,
        access: step.access.map(|a| register.accesses[a as usize].id),
        number: number.map(Personal::from),
        point: step.point,
        level: step.level,
        score: 1.0 / (1.0 + (cost + missing).max(0.0)),
    }
}

/// Names of which the typed words begin words; the cost of the best for each street.
fn complete(register: &Register, scratch: &Scratch, from: usize, to: usize) -> Vec<(u32, f32)> {
    let lexed = &scratch.parsed.lexed;
    let mut name = Name::default();
    canonical::read(lexed, from, to, &mut name);
    let heavy: Vec<_> = name.parts.iter().filter(|p| p.class != Class::Preposition).collect();
    let heavy = if heavy.is_empty() { name.parts.iter().collect() } else { heavy };
    let mut sums: HashMap<u32, (f32, u32)> = HashMap::new();
    let mut near: Vec<Near> = Vec::new();
    for (i, part) in heavy.iter().enumerate().take(16) {
        let raw = part.raw(lexed);
        let mut costs: HashMap<u32, f32> = HashMap::new();
        let mut offer = |token: u32, cost: f32| {
            let least = costs.entry(token).or_insert(cost);
            *least = least.min(cost);
        };
        if let Some(token) = part.number.and_then(|n| register.lexicon.find_number(n)) {
            offer(token, 0.0);
        }
        for exact in [part.canonical(lexed), raw] {
            if let Some(token) = register.lexicon.find(exact) {
                offer(token, 0.0);
            }
        }
        for (form, token) in register.lexicon.beginning_with(raw) {
            let dotted = if raw.len() == 1 && i + 1 < heavy.len() { INITIAL } else { 0.0 };
            offer(token, dotted + UNTYPED_LETTER * (form.len() - raw.len()) as f32);
        }
        if costs.is_empty() && raw.len() > 3 {
            near.clear();
            register.lexicon.near(raw, 2, &mut Vec::new(), &mut near);
            for n in &near {
                costs.entry(n.token).or_insert(MISTYPED * f32::from(n.edits));
            }
        }
        let mut reached: HashMap<u32, f32> = HashMap::new();
        for (token, cost) in costs {
            for posting in register.names_with(token) {
                let least = reached.entry(posting.name).or_insert(cost);
                *least = least.min(cost);
            }
        }
        for (name, cost) in reached {
            let sum = sums.entry(name).or_default();
            sum.0 += cost;
            sum.1 |= 1 << i;
        }
    }
    let all = (1_u32 << heavy.len().min(16)) - 1;
    sums.into_iter()
        .filter(|(_, (_, found))| *found == all)
        .map(|(n, (cost, _))| {
            let entry = &register.names[n as usize];
            let doors = register.doors(entry.street).len() as f32;
            (
                entry.street,
                cost + 0.5 * dug_cost(&name.dugs, entry.dug).0 + 0.02 * entry.worth - 0.005 * (1.0 + doors).ln(),
            )
        })
        .collect()
}
