//! Waste tax: one row a position.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::Tari, tables: &[Table { name: "waste tax", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("CODICE UTENTE", F::Unused, P::Text, N::Optional),
        column("INTESTATARIO", F::WholeName, P::Text, N::Optional),
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("UBICAZIONE", F::AddressText, P::Text, N::Optional),
        column("MQ", F::AreaM2, P::Whole(1_000_000), N::Required),
        column("OCCUPANTI", F::Occupants, P::Whole(1000), N::Required),
        column("INSOLUTO", F::Amount, P::Amount, N::Required),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::WasteTax {
        area_m2: draft.whole(F::AreaM2).map(|area| area as u32).ok_or(Gap("no area"))?,
        occupants: draft.whole(F::Occupants).map(|people| people as u16).ok_or(Gap("no occupants"))?,
        arrears: draft.whole(F::Amount).ok_or(Gap("no arrears"))?,
    })
}
