//! The municipal registry: UTF-8 with BOM, `;`, CRLF; one row a person, families together.

use super::Sheet;
use crate::{
    domain::{household::Kinship, person::Sex},
    synth::{
        address,
        dice::{Dice, Stage},
        people::Status,
        spelling::day,
        words::NATIONS,
        world::Town,
    },
};

pub(super) const HEADER: &str = "\u{feff}codice_famiglia;codice_fiscale;cognome;nome;sesso;data_nascita;\
codice_luogo_nascita;cittadinanza;legame;specie;denominazione;civico;esponente;scala;interno;data_residenza;stato\r\n";

pub(super) fn push(town: &Town, household: usize, sheet: &mut Sheet) {
    let mut dice = Dice::new(town.seed, Stage::Rows, 1 << 40 | household as u64);
    let home = &town.households[household];
    let address = address::parts(town, household, &mut dice);
    for (i, p) in town.members(home).iter().enumerate() {
        let kinship = match p.kinship {
            Kinship::Head => "IS",
            Kinship::Spouse => "MG",
            Kinship::Child => "FG",
            Kinship::Parent | Kinship::Other => "MA",
        };
        let status = match p.status {
            Status::Resident => "RESIDENTE",
            Status::Emigrated => "EMIGRATO",
            Status::Untraceable => "IRREPERIBILE",
            Status::Dead => "DECEDUTO",
        };
        let citizenship = if p.nation == 0 { "Italia" } else { NATIONS[usize::from(p.nation) - 1].citizenship };
        let since = day(home.since.max(p.birth));
        sheet.row(
            (home.first as usize + i, household),
            format_args!(
                "F{household:07};{};{};{};{};{};{};{citizenship};{kinship};{};{};{};{};{};{};{since};{status}\r\n",
                p.code.reveal(),
                town.names.surname(p),
                town.names.given(p),
                if p.sex == Sex::F { "F" } else { "M" },
                day(p.birth),
                std::str::from_utf8(&p.place).unwrap_or_default(),
                address.kind,
                address.name,
                address.number,
                address.exponent,
                address.stair,
                address.interior,
            ),
        );
    }
}
