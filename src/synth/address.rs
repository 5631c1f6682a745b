//! How offices write an address: parts in the registry, free text elsewhere, each with its own carelessness.

use super::{
    NAME, POSTCODE,
    dice::Dice,
    register::push,
    spelling::{slip, title},
    streets::{EXPONENTS, ORDINALS_SHORT},
    words::ORDINALS,
    world::Town,
};

/// The registry's columns for an address.
pub(super) struct Parts {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) number: String,
    pub(super) exponent: &'static str,
    pub(super) stair: &'static str,
    pub(super) interior: String,
}

/// The home behind a door: the same in every bank.
struct Home {
    stair: &'static str,
    interior: Option<u32>,
}

fn home(town: &Town, household: usize) -> Home {
    let mixed = (household as u64 ^ town.seed.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let flats = town.doors[town.households[household].door as usize].attraction > 2.0;
    let stair = if flats { ["", "A", "B", "C"][(mixed % 4) as usize] } else { "" };
    let numbered = flats || mixed % 10 < 4;
    Home { stair, interior: numbered.then_some((mixed / 64 % 24) as u32 + 1) }
}

/// As the registry has it: 12 % of the streets not as the register spells them.
pub(super) fn parts(town: &Town, household: usize, dice: &mut Dice) -> Parts {
    let door = &town.doors[town.households[household].door as usize];
    let (kind, name) = split(&town.streets[door.street as usize].name);
    let draw = dice.unit();
    let (kind, name) = match draw {
        _ if draw < 0.045 => (kind.to_owned(), respell(name, dice)),
        _ if draw < 0.12 => {
            (short(kind, dice).to_owned(), if dice.chance(0.4) { title(name) } else { name.to_owned() })
        }
        _ => (kind.to_owned(), name.to_owned()),
    };
    let home = home(town, household);
    Parts {
        kind,
        name,
        number: door.number.to_string(),
        exponent: EXPONENTS[usize::from(door.exponent)],
        stair: home.stair,
        interior: home.interior.map(|i| i.to_string()).unwrap_or_default(),
    }
}

/// In one line, as people dictate it.
pub(super) fn line(town: &Town, household: usize, dice: &mut Dice) -> String {
    let door = &town.doors[town.households[household].door as usize];
    let (kind, name) = split(&town.streets[door.street as usize].name);
    let mut name = if dice.chance(0.23) { respell(name, dice) } else { name.to_owned() };
    let kind = if dice.chance(0.35) { short(kind, dice).to_owned() } else { kind.to_owned() };
    let mut text = match dice.unit() {
        draw if draw < 0.07 => {
            name = name.to_lowercase();
            format!("{} {name}", kind.to_lowercase())
        }
        draw if draw < 0.55 => format!("{} {}", title(&kind), title(&name)),
        draw if draw < 0.56 => name,
        _ => format!("{kind} {name}"),
    };
    push_number(&mut text, door.number, EXPONENTS[usize::from(door.exponent)], dice);
    let home = home(town, household);
    if !home.stair.is_empty() && dice.chance(0.55) {
        text.push_str(dice.word(&[" scala ", " sc. ", " Sc."]));
        text.push_str(home.stair);
    }
    if let Some(interior) = home.interior.filter(|_| dice.chance(0.45)) {
        text.push_str(dice.word(&[" int. ", " int.", " interno "]));
        text.push_str(&interior.to_string());
    }
    if dice.chance(0.1) {
        push(&mut text, format_args!(" - {POSTCODE} {NAME}"));
    }
    text
}

fn push_number(text: &mut String, number: u16, exponent: &str, dice: &mut Dice) {
    if dice.chance(0.012) {
        text.push_str(dice.word(&[" snc", " S.N.C.", ", snc", ""]));
        return;
    }
    text.push_str(dice.word(&[" ", " ", ", ", " n. ", " N.", ", n. ", ", N.", " n° ", " n° "]));
    text.push_str(&number.to_string());
    if !exponent.is_empty() {
        let long = exponent.len() > 1;
        match dice.index(4) {
            1 if !long => text.push_str(exponent),
            2 if !long => push(text, format_args!("-{exponent}")),
            3 => push(text, format_args!(" {}", exponent.to_lowercase())),
            _ => push(text, format_args!("/{exponent}")),
        }
    }
}

/// DUG and the rest.
fn split(street: &str) -> (&str, &str) {
    street.split_once(' ').unwrap_or(("", street))
}

fn short<'a>(kind: &'a str, dice: &mut Dice) -> &'a str {
    match kind {
        "VIA" => dice.word(&["V.", "via", "Via"]),
        "VIALE" => dice.word(&["V.le", "Vle", "Viale"]),
        "CORSO" => dice.word(&["C.so", "Cso", "Corso"]),
        "PIAZZA" => dice.word(&["P.za", "P.zza", "Piazza"]),
        "PIAZZALE" => dice.word(&["P.le", "P.LE", "Piazzale"]),
        "LARGO" => dice.word(&["L.go", "Largo", "L.GO"]),
        "CONTRADA" => dice.word(&["C.da", "Cda", "C/da"]),
        "LOCALITA'" => dice.word(&["Loc.", "Località", "LOC"]),
        "TRAVERSA" => dice.word(&["Tr.", "Trav.", "Traversa"]),
        "VICO" => dice.word(&["V.co", "Vico", "V.CO"]),
        "VICOLO" => dice.word(&["V.lo", "Vicolo", "Vic."]),
        "STRADA" => dice.word(&["Str.", "S.da", "Strada"]),
        other => other,
    }
}

const PREPOSITIONS: [&str; 8] = ["DEI", "DEGLI", "DEL", "DELLA", "DELLE", "DI", "DELL", "DE"];

fn respell(name: &str, dice: &mut Dice) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let [first, rest @ ..] = words.as_slice() else { return name.to_owned() };
    let rest_text = rest.join(" ");
    let preposition = PREPOSITIONS.contains(first);
    let two = !rest.is_empty() && rest[rest.len() - 1].len() > 3;
    let ordinal = ORDINALS.iter().position(|ordinal| ordinal == first);
    if let Some(position) = ordinal.filter(|_| dice.chance(0.6)) {
        return format!("{} {rest_text}", ORDINALS_SHORT[position]);
    }
    match dice.unit() {
        draw if draw < 0.30 && two && !preposition && first.len() > 2 => {
            format!("{}. {rest_text}", first.chars().next().unwrap_or('S'))
        }
        draw if draw < 0.38 && two && preposition => rest_text,
        draw if draw < 0.46 && two && rest.len() == 1 && first.len() > 3 => rest_text,
        draw if draw < 0.58 && two && rest.len() == 1 => format!("{rest_text} {first}"),
        _ => slip(name, dice),
    }
}
