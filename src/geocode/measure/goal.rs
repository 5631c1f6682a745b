//! The goal table of `addresses.md`: noisy queries in 18 classes and streets that are not here.

use std::{collections::HashSet, io::Read, time::Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    data::{self, ANAGNI, LAMEZIA, TownFiles, say},
    noise::{self, CLASSES, Noise},
};
use crate::{
    domain::place::{Access, PlaceLevel, PlaceStatus, StreetId},
    geocode::{
        self, Register, RegisterInput, Scratch, Town,
        canonical::{self, Key, Name},
        cascade,
        dug::Dug,
        lexer::{Gap, Lexed},
        words::{self, Class},
    },
};

/// DUG and name apart, comune: the odonimi of a region.
pub(crate) fn odonimi(data: &std::path::Path, region: &str) -> Vec<(String, String)> {
    let bytes = std::fs::read(data.join(format!("odonimi/odonimi_{region}.csv.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (dug, duf, comune) = (column("DUG"), column("DUF"), column("codice_belfiore"));
    reader.records().map(|r| r.unwrap()).map(|r| (r[comune].to_owned(), format!("{} {}", &r[dug], &r[duf]))).collect()
}

fn key(text: &str, is_with_dug: &str) -> u64 {
    let (mut lexed, mut name) = (Lexed::default(), Name::default());
    lexed.push(text, Gap::SPACE);
    lexed.join_abbreviations(words::is_abbreviation);
    canonical::read(&lexed, 0, lexed.lexemes.len(), &mut name);
    let dug = if is_with_dug.is_empty() { Dug::NONE } else { name.dugs.first().copied().unwrap_or_default() };
    canonical::digest(Key::start(dug), &lexed, &name.parts, |p| !p.is_light())
}

/// Whom or what a street is named after, however it is written: its words without DUG, prepositions, first names, titles, saints
/// and qualifiers, in one piece.
pub(crate) fn eponym(text: &str) -> String {
    let (mut lexed, mut name) = (Lexed::default(), Name::default());
    lexed.push(text, Gap::SPACE);
    lexed.join_abbreviations(words::is_abbreviation);
    canonical::read(&lexed, 0, lexed.lexemes.len(), &mut name);
    let is_heavy = |c: Class| matches!(c, Class::Word | Class::Number);
    let is_first_name = |w: &str| words::meaning(w).is_some_and(|m| m.class == Class::FirstName);
    let heavy: Vec<_> = name.parts.iter().filter(|p| is_heavy(p.class)).collect();
    let mut kept: Vec<String> = heavy
        .iter()
        .filter(|p| heavy.len() < 2 || p.number.is_some() || !is_first_name(p.raw(&lexed)))
        .map(|p| p.number.map_or_else(|| p.canonical(&lexed).to_owned(), |n| n.to_string()))
        .collect();
    if kept.is_empty() {
        kept = heavy.iter().map(|p| p.raw(&lexed).to_owned()).collect();
    }
    kept.concat()
}

/// How a street is known not to be in the register.
#[derive(Clone, Copy)]
pub(crate) enum Absent {
    /// No street is named after the same, however written.
    Eponym,
    /// No street has the same name, under whatever DUG.
    Name,
    /// No street has the same DUG and name.
    Key,
}

/// Streets of other comuni that are not in the register.
pub(crate) fn strangers(register: &Register, data: &std::path::Path, absent: Absent, count: usize, rng: &mut ChaCha8Rng) -> Vec<String> {
    let mark = |name: &str| match absent {
        Absent::Eponym => eponym(name),
        Absent::Name => key(name, "").to_string(),
        Absent::Key => key(name, "dug").to_string(),
    };
    let own: HashSet<String> = register.streets().iter().map(|s| mark(&s.street.name)).collect();
    let mut all: Vec<String> = ["18", "12", "03"].iter().flat_map(|r| odonimi(data, r)).map(|o| o.1).collect();
    all.sort();
    let mut out = Vec::new();
    while out.len() < count {
        let name = &all[rng.random_range(0..all.len())];
        if !own.contains(&mark(name)) {
            out.push(name.clone());
        }
    }
    out
}

#[derive(Default, Clone, Copy)]
struct Row {
    asked: usize,
    street_best: usize,
    accepted: usize,
    accepted_right: usize,
    door_right: usize,
}

fn goal(town: &str, register: &Register, per_class: usize, rng: &mut ChaCha8Rng) -> Vec<(Noise, Row)> {
    let doors: Vec<&Access> = register.accesses().iter().filter(|a| a.number.number.is_some()).collect();
    let mut by_class = Vec::new();
    let mut scratch = Scratch::default();
    let names: HashSet<u64> = register.streets().iter().map(|s| key(&s.street.name, "dug")).collect();
    for class in CLASSES {
        let mut row = Row::default();
        let mut tries = 0;
        while row.asked < per_class && tries < 200_000 {
            tries += 1;
            let door = doors[rng.random_range(0..doors.len())];
            let street = register.street(door.street).unwrap();
            let Some(text) = noise::misspelled(class, &street.street.name, rng) else { continue };
            // Another street's own name, or one with a typing error that makes it so, is no error that can be seen.
            if key(&text, "dug") != key(&street.street.name, "dug") && names.contains(&key(&text, "dug")) {
                continue;
            }
            let query = noise::with_number(class, &text, door.number.number.unwrap(), &door.number.exponent, town, rng);
            let placed = geocode::locate_with(register, &data::text(&query), &mut scratch);
            row.asked += 1;
            cascade::search(register, &mut scratch);
            let best = scratch.candidates.first().map(|c| register.streets()[c.street as usize].street.id);
            row.street_best += usize::from(placed.street == Some(door.street) || (placed.street.is_none() && best == Some(door.street)));
            let accepted = placed.status == PlaceStatus::Accept;
            row.accepted += usize::from(accepted);
            row.accepted_right += usize::from(accepted && placed.street == Some(door.street));
            row.door_right += usize::from(accepted && placed.access == Some(door.id));
            if std::env::var_os("ATLANTE_GEOCODE_LOG").is_some() && !(accepted && placed.access == Some(door.id)) {
                say(&format!(
                    "  {class:?} {query:?} truth {} -> {:?} {:?} {} {:.3} {:?}",
                    street.street.name,
                    placed.street.and_then(|s| register.street(s)).map(|s| &s.street.name),
                    placed.level,
                    placed.status.name(),
                    placed.score,
                    placed.faults
                ));
            }
        }
        by_class.push((class, row));
    }
    by_class
}

fn negatives(register: &Register, names: &[String], rng: &mut ChaCha8Rng) -> usize {
    let mut scratch = Scratch::default();
    let mut accepted = 0;
    for name in names {
        let query = format!("{name} {}", rng.random_range(1..40));
        let placed = geocode::locate_with(register, &data::text(&query), &mut scratch);
        if placed.status == PlaceStatus::Accept && placed.level < PlaceLevel::Locality {
            accepted += 1;
            if std::env::var_os("ATLANTE_GEOCODE_LOG").is_some() {
                let street = placed.street.and_then(|s| register.street(s)).map(|s| s.street.name.as_str());
                say(&format!("  stranger {query:?} -> {street:?} {:?} {:.3} {:?}", placed.level, placed.score, placed.faults));
            }
        }
    }
    accepted
}

fn alessandria(data: &std::path::Path) -> Register {
    let mut input = RegisterInput {
        town: Town { names: vec!["ALESSANDRIA".into()], province: "AL".into(), postcodes: vec!["15121".into(), "15122".into()] },
        ..RegisterInput::default()
    };
    let mut seen = HashSet::new();
    for (i, row) in data::rows(data.join("alessandria/numeri-civici.csv"), b';').into_iter().enumerate() {
        let street = StreetId(row["CodiceVia"].parse().unwrap());
        if seen.insert(street) {
            input.streets.push(crate::domain::place::Street {
                id: street,
                name: format!("{} {}", row["DUG"], row["DUF"]).to_uppercase(),
                locality: String::new(),
                other_names: vec![],
            });
        }
        input.accesses.push(Access {
            id: crate::domain::place::AccessId(i as u64),
            street,
            number: crate::domain::place::CivicNumber {
                number: row["Civico"].parse().ok(),
                exponent: row["Esponente"].to_uppercase().into(),
                note: "".into(),
            },
            point: None,
            quality: crate::domain::place::PointQuality::Sound,
            postcode: None,
        });
    }
    Register::build(input)
}

fn town(files: TownFiles, data: &std::path::Path) -> (&'static str, Register) {
    (files.name, data::register(files, data))
}

#[test]
fn goal_table() {
    let Some(data) = data::shared() else { return };
    for (name, register) in [town(LAMEZIA, &data), town(ANAGNI, &data), ("ALESSANDRIA", alessandria(&data))] {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let rows = goal(name, &register, 200, &mut rng);
        let share = |n: usize, of: usize| 100.0 * n as f64 / of.max(1) as f64;
        let mut sum = Row::default();
        for (class, r) in &rows {
            say(&format!(
                "fig {name:14} {:18} {:5} street {:6.2} accepted {:6.2} precision {:6.2} door {:6.2}",
                format!("{class:?}"),
                r.asked,
                share(r.street_best, r.asked),
                share(r.accepted_right, r.asked),
                share(r.accepted_right, r.accepted),
                share(r.door_right, r.accepted_right)
            ));
            sum.asked += r.asked;
            sum.street_best += r.street_best;
            sum.accepted += r.accepted;
            sum.accepted_right += r.accepted_right;
            sum.door_right += r.door_right;
        }
        let strange = [Absent::Eponym, Absent::Name, Absent::Key].map(|absent| {
            let names = strangers(&register, &data, absent, 4000, &mut rng);
            share(negatives(&register, &names, &mut rng), names.len())
        });
        say(&format!(
            "fig {name:14} ALL {:5} street {:.2} R {:.2} P {:.3} door {:.2} | strangers accepted by eponym {:.2} %, by name {:.2} %, by DUG+name {:.2} %",
            sum.asked,
            share(sum.street_best, sum.asked),
            share(sum.accepted_right, sum.asked),
            share(sum.accepted_right, sum.accepted),
            share(sum.door_right, sum.accepted_right),
            strange[0],
            strange[1],
            strange[2],
        ));
    }
}

#[test]
fn the_shortlist_agrees_with_a_full_scan() {
    let Some(data) = data::shared() else { return };
    let (name, register) = town(LAMEZIA, &data);
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let doors = register.accesses();
    let (mut asked, mut differ) = (0, 0);
    let (mut fast, mut slow) = (Scratch::default(), Scratch::default());
    while asked < 1500 {
        let door = &doors[rng.random_range(0..doors.len())];
        let street = &register.street(door.street).unwrap().street.name;
        let class = CLASSES[rng.random_range(0..CLASSES.len())];
        let Some(text) = noise::misspelled(class, street, &mut rng) else { continue };
        let text = noise::misspelled(CLASSES[rng.random_range(0..CLASSES.len())], &text, &mut rng).unwrap_or(text);
        let query = noise::with_number(class, &text, door.number.number.unwrap_or(1), &door.number.exponent, name, &mut rng);
        asked += 1;
        cascade::read(&register, &data::text(&query), &mut fast.parsed);
        cascade::read(&register, &data::text(&query), &mut slow.parsed);
        cascade::search(&register, &mut fast);
        cascade::search_by_scan(&register, &mut slow);
        let best = |s: &Scratch| s.candidates.first().map(|c| (c.street, c.total));
        if best(&fast) != best(&slow) && best(&slow).is_some_and(|s| s.1 < 1.5) {
            differ += 1;
            say(&format!("  differs {query:?} {:?} {:?}", best(&fast), best(&slow)));
        }
    }
    say(&format!("fig full scan: {differ} of {asked} best candidates differ"));
    assert!(differ * 500 <= asked, "{differ}");
}

#[test]
fn addresses_a_second() {
    let Some(data) = data::shared() else { return };
    let register = data::register(LAMEZIA, &data);
    let mut scratch = Scratch::default();
    for bank in ["anagrafe", "tari"] {
        let rows = data::bank(LAMEZIA, bank, &data);
        let start = Instant::now();
        let mut searched = 0;
        for (written, _) in &rows {
            let placed = geocode::locate_with(&register, written, &mut scratch);
            searched += usize::from(placed.method != crate::domain::place::PlaceMethod::ExactKey);
        }
        let seconds = start.elapsed().as_secs_f64();
        say(&format!("fig speed {bank}: {:.0} addresses a second, {searched} of {} beyond the exact key", rows.len() as f64 / seconds, rows.len()));
        assert!(rows.len() as f64 / seconds > 10_000.0 || cfg!(debug_assertions));
    }
    let rows = data::bank(LAMEZIA, "tari", &data);
    let fuzzy: Vec<_> = rows
        .iter()
        .filter(|(w, _)| geocode::locate_with(&register, w, &mut scratch).method == crate::domain::place::PlaceMethod::Fuzzy)
        .collect();
    let start = Instant::now();
    for (written, _) in &fuzzy {
        geocode::locate_with(&register, written, &mut scratch);
    }
    say(&format!("fig speed fuzzy: {:.1} µs each over {}", start.elapsed().as_secs_f64() * 1e6 / fuzzy.len() as f64, fuzzy.len()));
}
