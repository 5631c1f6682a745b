//! The health service's list (ISO-8859-1, one name column) and the social services' cases (tabs): half and a third
//! without code, names and dates as someone dictated them.

use jiff::civil::Date;

use super::{Rows, Sheets, day_before};
use crate::{
    domain::bank::BankKind,
    synth::{
        address,
        dice::Dice,
        people::{DEVICES, Person, TODAY},
        spelling::{CodeDirt, code, day, names},
    },
};

pub(super) const FRAIL: &str = "COGNOME E NOME;NATO IL;INDIRIZZO;CODICE FISCALE;DISPOSITIVO;GRADO\r\n";
pub(super) const CASES: &str =
    "cartella\tcognome\tnome\tdata_nascita\tcodice_fiscale\tindirizzo\tarea_utenza\tservizio\tdal\tal\r\n";

const FRAIL_CODES: CodeDirt = CodeDirt { missing: 0.55, lower: 0.022, wrong: 0.02 };
const CASE_CODES: CodeDirt = CodeDirt { missing: 0.31, lower: 0.032, wrong: 0.03 };

pub(super) fn push(rows: &mut Rows<'_>, sheets: &mut Sheets) {
    for (i, p) in rows.members().iter().enumerate() {
        let age = f64::from(p.age());
        let frail = if p.attendance { 0.6 } else { (0.16 * ((age - 62.0).max(0.0) / 25.0)).min(0.3) };
        if p.device.is_some() || rows.dice.chance(frail) {
            push_frail(rows, i, p, sheets);
        }
    }
    let wealth = f64::from(rows.home().wealth);
    if rows.dice.chance((0.043 * (-wealth).exp()).min(0.4)) {
        let member = rows.dice.index(rows.members().len());
        let many = if rows.dice.chance(0.3) { 2 } else { 1 };
        for case in 0..many {
            push_case(rows, member, case, sheets);
        }
    }
}

fn push_frail(rows: &mut Rows<'_>, i: usize, p: &Person, sheets: &mut Sheets) {
    let (surname, given) = names(&rows.town.names, p, &mut rows.dice);
    let born = if rows.dice.chance(0.81) {
        swapped(p.birth, &mut rows.dice, |d, m, y| format!("{d:02}/{m:02}/{y}"))
    } else {
        swapped(p.birth, &mut rows.dice, |d, m, y| format!("{d:02}-{m:02}-{:02}", y % 100))
    };
    let address = address::line(rows.town, rows.household, &mut rows.dice);
    let code = code(p, FRAIL_CODES, &mut rows.dice);
    let device = p.device.map_or("", |d| DEVICES[usize::from(d)]);
    let severe = if p.device.is_some() || p.attendance { 0.8 } else { 0.22 };
    let degree = if rows.dice.chance(severe) { "grave" } else { rows.dice.word(&["moderata", "lieve"]) };
    sheets[BankKind::FragiliAsl as usize]
        .row(rows.about(i), format_args!("{surname} {given};{born};{address};{code};{device};{degree}\r\n"));
}

/// A date, day and month now and then the wrong way round.
fn swapped(date: Date, dice: &mut Dice, write: fn(i8, i8, i16) -> String) -> String {
    let (d, m) = (date.day(), date.month());
    if d <= 12 && dice.chance(0.1) { write(m, d, date.year()) } else { write(d, m, date.year()) }
}

fn area(p: &Person, foreign: bool, dice: &mut Dice) -> (&'static str, &'static str) {
    let draw = dice.unit();
    match p.age() {
        _ if foreign && draw < 0.4 => ("IMMNOM", "mediazione culturale"),
        _ if p.invalidity >= 74 && draw < 0.6 => ("DIS", "assistenza domiciliare integrata"),
        70.. => ("ELD", dice.word(&["assistenza domiciliare", "pasti a domicilio"])),
        0..18 => ("FAM", dice.word(&["educativa domiciliare", "sostegno alla genitorialità"])),
        _ if draw < 0.14 => ("ADD", "accompagnamento sociale"),
        _ if draw < 0.40 => ("FAM", "sostegno alla genitorialità"),
        _ => ("POV", dice.word(&["contributo economico", "distribuzione beni di prima necessità"])),
    }
}

fn push_case(rows: &mut Rows<'_>, member: usize, case: u8, sheets: &mut Sheets) {
    let p = &rows.members()[member];
    let (surname, given) = names(&rows.town.names, p, &mut rows.dice);
    let born = if rows.dice.chance(0.7) {
        swapped(p.birth, &mut rows.dice, |d, m, y| format!("{d:02}/{m:02}/{y}"))
    } else {
        swapped(p.birth, &mut rows.dice, |d, m, y| format!("{y}-{m:02}-{d:02}"))
    };
    let code = code(p, CASE_CODES, &mut rows.dice);
    let address = address::line(rows.town, rows.household, &mut rows.dice);
    let (area, service) = area(p, p.nation > 0, &mut rows.dice);
    let opened = rows.dice.whole(20, 1900);
    let from = day_before(TODAY, opened).max(p.birth);
    let closed = rows.dice.chance(0.4).then(|| day(day_before(TODAY, rows.dice.whole(0, opened)).max(from)));
    sheets[BankKind::ServiziSociali as usize].row(
        rows.about(member),
        format_args!(
            "C{:07}{case}\t{surname}\t{given}\t{born}\t{code}\t{address}\t{area}\t{service}\t{}\t{}\r\n",
            rows.household,
            day(from),
            closed.unwrap_or_default()
        ),
    );
}
