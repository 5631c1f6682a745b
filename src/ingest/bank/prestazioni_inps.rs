//! Benefits that INPS pays: one row a benefit and its span.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::PrestazioniInps, tables: &[Table { name: "INPS benefits", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("CODICE PRESTAZIONE", F::Kind, P::Text, N::Required),
        column("IMPORTO MENSILE", F::Amount, P::Amount, N::Required),
        column("DAL", F::From, P::Day, N::Required),
        column("AL", F::To, P::Day, N::IfWritten),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::Benefit {
        code: draft.text(F::Kind).map(str::to_uppercase).ok_or(Gap("no code of the benefit"))?.into(),
        monthly: draft.whole(F::Amount).ok_or(Gap("no amount"))?,
        period: draft.period(),
    })
}
