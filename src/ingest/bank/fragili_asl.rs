//! Frail people known to the health service. Its dates come in two forms, some with day and month swapped.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::FragiliAsl, tables: &[Table { name: "health service", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("COGNOME E NOME", F::WholeName, P::Text, N::Optional),
        column("NATO IL", F::Birth, P::BirthSwapped, N::Optional),
        column("INDIRIZZO", F::AddressText, P::Text, N::Optional),
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("DISPOSITIVO", F::Device, P::Text, N::Optional),
        column("GRADO", F::Severity, P::Severity, N::Required),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::Frailty {
        device: draft.text(F::Device).map(|device| device.to_lowercase().into()),
        severity: draft.severity().ok_or(Gap("no degree of frailty"))?,
    })
}
