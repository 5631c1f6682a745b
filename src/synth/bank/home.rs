//! Waste tax and public housing: UTF-8, `;`, CRLF, free-text addresses.

use super::{Rows, Sheets};
use crate::{
    domain::bank::BankKind,
    synth::{
        address,
        spelling::{CodeDirt, code, euro, title},
        world::Tenure,
    },
};

pub(super) const WASTE: &str = "codice_utente;intestatario;codice_fiscale;ubicazione;mq;occupanti;insoluto\r\n";
pub(super) const PUBLIC: &str = "contratto;assegnatario;codice_fiscale;alloggio;canone;morosita_mesi\r\n";

const WASTE_CODES: CodeDirt = CodeDirt { missing: 0.04, lower: 0.033, wrong: 0.032 };
const PUBLIC_CODES: CodeDirt = CodeDirt { missing: 0.021, lower: 0.034, wrong: 0.033 };

pub(super) fn push(rows: &mut Rows<'_>, sheets: &mut Sheets) {
    if rows.dice.chance(0.903) {
        push_waste(rows, sheets);
    }
    if rows.home().tenure == Tenure::Public {
        push_public(rows, sheets);
    }
}

fn push_waste(rows: &mut Rows<'_>, sheets: &mut Sheets) {
    let holder = &rows.members()[0];
    let wealth = f64::from(rows.home().wealth);
    let code = code(holder, WASTE_CODES, &mut rows.dice);
    let address = address::line(rows.town, rows.household, &mut rows.dice);
    let people = f64::from(rows.home().members);
    let area = 48.0 + 11.0 * people + 20.0 * wealth + 19.0 * rows.dice.normal();
    let area = area.clamp(24.0, 240.0) as u32;
    let late = rows.dice.chance((0.15 - 0.1 * wealth).clamp(0.03, 0.5));
    let arrears = if late { rows.dice.whole(9_000, 190_000) } else { 0 };
    let occupants = rows.residents().count();
    let names = &rows.town.names;
    sheets[BankKind::Tari as usize].row(
        rows.about(0),
        format_args!(
            "U{:07};{} {};{code};{address};{area};{occupants};{}\r\n",
            rows.household,
            names.surname(holder),
            names.given(holder),
            euro(arrears)
        ),
    );
}

fn push_public(rows: &mut Rows<'_>, sheets: &mut Sheets) {
    let holder = &rows.members()[0];
    let code = code(holder, PUBLIC_CODES, &mut rows.dice);
    let address = address::line(rows.town, rows.household, &mut rows.dice);
    let rent = rows.dice.whole(3_000, 16_500);
    let months = [0, 1, 3, 8, 12][rows.dice.weighted(&[0.42, 0.14, 0.15, 0.14, 0.15])];
    let names = &rows.town.names;
    let holder = format!("{} {}", title(&names.given(holder)), title(names.surname(holder)));
    sheets[BankKind::Erp as usize].row(
        rows.about(0),
        format_args!("ERP{};{holder};{code};{address};{};{months}\r\n", rows.household, euro(rent)),
    );
}
