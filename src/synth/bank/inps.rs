//! Benefits (ISO-8859-1), incomes (`|`) and invalidity reports; CRLF.

use jiff::civil::date;

use super::{Rows, Sheets, day_before};
use crate::{
    domain::bank::BankKind,
    synth::{
        people::{Person, TODAY, Work},
        spelling::{CodeDirt, code, day, euro},
    },
};

pub(super) const BENEFITS: &str = "codice_fiscale;codice_prestazione;descrizione;importo_mensile;dal;al\r\n";
pub(super) const INCOMES: &str = "CF|ANNO_IMPOSTA|REDDITO_COMPLESSIVO|TIPO_PREVALENTE\r\n";
pub(super) const INVALIDITY: &str = "codice_fiscale;percentuale;accompagnamento;legge104_c3;data_verbale\r\n";

const WRONG: CodeDirt = CodeDirt { missing: 0.02, lower: 0.033, wrong: 0.03 };
/// ISEE in cents up to which the invented INPS pays ADI.
const ADI_ISEE: i64 = 1_014_000;

pub(super) fn push(rows: &mut Rows<'_>, sheets: &mut Sheets) {
    push_adi(rows, sheets);
    for (i, p) in rows.members().iter().enumerate() {
        push_benefits(rows, i, p, sheets);
        push_incomes(rows, i, p, sheets);
        if p.invalidity > 0 {
            let flag = |yes: bool| if yes { "S" } else { "N" };
            let reported = day_before(TODAY, rows.dice.whole(30, 5000));
            let written = code(p, WRONG, &mut rows.dice);
            sheets[BankKind::Invalidita as usize].row(
                rows.about(i),
                format_args!(
                    "{written};{};{};{};{}\r\n",
                    p.invalidity,
                    flag(p.attendance),
                    flag(p.severe),
                    day(reported.max(p.birth))
                ),
            );
        }
    }
}

struct Paid<'a> {
    code: &'a str,
    what: &'a str,
    monthly: i64,
    from: String,
    to: String,
}

fn pay(rows: &Rows<'_>, i: usize, p: &Person, paid: &Paid<'_>, sheets: &mut Sheets) {
    sheets[BankKind::PrestazioniInps as usize].row(
        rows.about(i),
        format_args!(
            "{};{};{};{};{};{}\r\n",
            p.code.reveal(),
            paid.code,
            paid.what,
            euro(paid.monthly),
            paid.from,
            paid.to
        ),
    );
}

fn push_adi(rows: &mut Rows<'_>, sheets: &mut Sheets) {
    let opens = |p: &Person| p.age() < 18 || p.age() >= 60 || p.invalidity >= 67;
    let poor = rows.home().isee <= ADI_ISEE && rows.members().iter().any(opens);
    let Some((i, p)) = rows.residents().find(|(_, p)| p.age() >= 18) else { return };
    if rows.files && poor && rows.dice.chance(0.78) {
        let monthly = rows.dice.whole(18_000, 90_000);
        let from = day(date(2025, rows.dice.whole(1, 12) as i8, 1));
        pay(rows, i, p, &Paid { code: "ADI", what: "Assegno di inclusione", monthly, from, to: String::new() }, sheets);
    }
}

fn push_benefits(rows: &mut Rows<'_>, i: usize, p: &Person, sheets: &mut Sheets) {
    let age = p.age();
    let open = String::new;
    if age < 18 && rows.dice.chance(0.87) {
        let monthly = rows.dice.whole(5_700, 20_000);
        let from = day(date(2022, 3, 1).max(date(p.birth.year(), p.birth.month(), 1)));
        let what = "Assegno unico e universale";
        pay(rows, i, p, &Paid { code: "AUU", what, monthly, from, to: open() }, sheets);
    }
    if p.work == Work::Retired {
        let from = day(date(p.birth.year() + 66, 1, 1));
        let monthly = i64::from(p.income) * 100 / 13;
        pay(rows, i, p, &Paid { code: "PENS", what: "Pensione", monthly, from, to: open() }, sheets);
    }
    if p.attendance && rows.dice.chance(0.92) {
        let from = day(day_before(date(2026, 1, 1), rows.dice.whole(0, 4000)).max(p.birth));
        let what = "Indennità di accompagnamento";
        pay(rows, i, p, &Paid { code: "IND.ACC", what, monthly: 55_153, from, to: open() }, sheets);
    }
    let jobless = if p.work == Work::None { 0.075 } else { 0.014 };
    if (20..65).contains(&age) && rows.dice.chance(jobless) {
        let monthly = rows.dice.whole(50_000, 140_000);
        let from = day(date(2025, rows.dice.whole(1, 12) as i8, 1));
        let to = day(date(2027, rows.dice.whole(1, 12) as i8, 1));
        let what = "Nuova assicurazione sociale per l'impiego";
        pay(rows, i, p, &Paid { code: "NASPI", what, monthly, from, to }, sheets);
    }
}

fn push_incomes(rows: &mut Rows<'_>, i: usize, p: &Person, sheets: &mut Sheets) {
    let kind = match p.work {
        Work::None => return,
        Work::Employed => "DIPENDENTE",
        Work::SelfEmployed => "AUTONOMO",
        Work::Retired => "PENSIONE",
    };
    for year in [2023, 2024] {
        if rows.dice.chance(0.97) {
            let amount = f64::from(p.income) * if year == 2023 { rows.dice.between(0.9, 1.02) } else { 1.0 };
            let kind = if rows.dice.chance(0.02) { "DIPENDENTE" } else { kind };
            sheets[BankKind::Redditi as usize]
                .row(rows.about(i), format_args!("{}|{year}|{amount:.0}|{kind}\r\n", p.code.reveal()));
        }
    }
}
