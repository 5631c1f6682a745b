//! Municipal registry: one row a person, the family by its code.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::Anagrafe, tables: &[Table { name: "municipal registry", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("CODICE FAMIGLIA", F::Group, P::Text, N::Required),
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("COGNOME", F::Surname, P::Text, N::Optional),
        column("NOME", F::Given, P::Text, N::Optional),
        column("SESSO", F::Sex, P::Sex, N::Optional),
        column("DATA NASCITA", F::Birth, P::Birth, N::Optional),
        column("CODICE LUOGO NASCITA", F::BirthPlace, P::Place, N::Optional),
        column("CITTADINANZA", F::Citizenship, P::Text, N::Optional),
        column("LEGAME", F::Kinship, P::Kinship, N::Required),
        column("SPECIE", F::AddressKind, P::Text, N::Optional),
        column("DENOMINAZIONE", F::AddressName, P::Text, N::Optional),
        column("CIVICO", F::AddressNumber, P::Text, N::Optional),
        column("ESPONENTE", F::AddressExponent, P::Text, N::Optional),
        column("SCALA", F::AddressStaircase, P::Text, N::Optional),
        column("INTERNO", F::AddressInterior, P::Text, N::Optional),
        column("DATA RESIDENZA", F::Since, P::Day, N::Optional),
        column("STATO", F::Residence, P::Residence, N::Required),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::Registration {
        kinship: draft.kinship().ok_or(Gap("no place in the family"))?,
        residence: draft.residence().ok_or(Gap("no state of residence"))?,
        citizenship: draft.folded(F::Citizenship),
        since: draft.date(F::Since),
    })
}
