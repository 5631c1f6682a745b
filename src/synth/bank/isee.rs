//! The two ISEE banks: UTF-8, `;`, LF, decimal comma; a statement for 2025, for 2026, for both, or none.

use jiff::civil::date;

use super::{Rows, Sheet, Sheets};
use crate::{
    domain::bank::BankKind,
    synth::{
        spelling::{day, euro},
        world::scale,
    },
};

pub(super) const STATEMENTS: &str = "protocollo_dsu;data_presentazione;data_scadenza;tipo;codice_fiscale_dichiarante;\
isr;isp;ise;scala_equivalenza;isee;isee_inclusione\n";
pub(super) const MEMBERS: &str = "protocollo_dsu;codice_fiscale;cognome;nome;rapporto\n";

pub(super) fn push(rows: &mut Rows<'_>, sheets: &mut Sheets) {
    let wealth = f64::from(rows.home().wealth);
    rows.files = rows.dice.chance((0.77 - 0.13 * wealth).clamp(0.35, 0.95));
    if !rows.files {
        return;
    }
    for year in [2025_i16, 2026] {
        if rows.dice.chance(0.745) {
            push_statement(rows, year, sheets);
        }
    }
}

/// Who is in the nucleus: mostly the family; now and then an adult child has one of its own, or someone who lives
/// elsewhere still belongs.
fn nucleus(rows: &mut Rows<'_>) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = rows.residents().map(|(i, _)| rows.about(i)).collect();
    if found.len() > 2 && rows.dice.chance(0.07) {
        found.pop();
    }
    let other = (rows.household + 1) % rows.town.households.len();
    if rows.dice.chance(0.02) && other != rows.household {
        found.push((rows.town.households[other].first as usize, other));
    }
    found
}

fn push_statement(rows: &mut Rows<'_>, year: i16, sheets: &mut Sheets) {
    let nucleus = nucleus(rows);
    let Some(declarant) = nucleus.first().copied() else { return };
    let people = &rows.town.people;
    let minors = nucleus.iter().filter(|(p, _)| people[*p].age() < 18).count();
    let disabled = nucleus.iter().filter(|(p, _)| people[*p].invalidity >= 67).count();
    let markup = match minors {
        0..3 => 0.0,
        3 => 0.2,
        4 => 0.35,
        _ => 0.5,
    };
    let divisor = scale(nucleus.len()) + markup + 0.5 * disabled as f64;
    let (kind, factor) = match rows.dice.unit() {
        draw if draw < 0.86 => ("ordinario", 1.0),
        draw if draw < 0.92 => ("corrente", 0.68),
        draw if draw < 0.97 => ("minorenni", 1.0),
        _ => ("universita", 1.0),
    };
    let drift = if year == 2025 { rows.dice.between(0.92, 1.03) } else { 1.0 };
    let ise = rows.home().isee as f64 * scale(usize::from(rows.home().members)) * factor * drift;
    let assets = (ise * rows.dice.between(0.0, 0.6)).min(ise * 4.0);
    let isr = (ise - 0.2 * assets) as i64;
    let (isp, ise) = (assets as i64, isr + (0.2 * assets) as i64);
    let isee = (ise as f64 / divisor) as i64;
    let inclusion = if year < 2026 { String::new() } else { euro((isee as f64 * rows.dice.between(0.82, 1.0)) as i64) };
    let presented = date(year, rows.dice.whole(1, 6) as i8, rows.dice.whole(1, 28) as i8);
    let protocol = format!("INPS-ISEE-{year}-{:08}Z-00", rows.household * 2 + usize::from(year == 2026) + 1);
    sheets[BankKind::IseeAttestazioni as usize].row(
        declarant,
        format_args!(
            "{protocol};{};31/12/{year};{kind};{};{};{};{};{};{};{inclusion}\n",
            day(presented),
            people[declarant.0].code.reveal(),
            euro(isr),
            euro(isp),
            euro(ise),
            format!("{divisor:.2}").replace('.', ","),
            euro(isee),
        ),
    );
    push_members(rows, &protocol, &nucleus, &mut sheets[BankKind::IseeComponenti as usize]);
}

fn push_members(rows: &Rows<'_>, protocol: &str, nucleus: &[(usize, usize)], sheet: &mut Sheet) {
    for (i, about) in nucleus.iter().enumerate() {
        let p = &rows.town.people[about.0];
        let names = &rows.town.names;
        let role = if i == 0 { "D" } else { "C" };
        sheet.row(
            *about,
            format_args!("{protocol};{};{};{};{role}\n", p.code.reveal(), names.surname(p), names.given(p)),
        );
    }
}
