//! Yearly incomes (tax agency): one row a person and tax year.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::Redditi, tables: &[Table { name: "tax agency", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("CF", F::Code, P::Text, N::Optional),
        column("ANNO IMPOSTA", F::Year, P::Year, N::Required),
        column("REDDITO COMPLESSIVO", F::Amount, P::Amount, N::Required),
        column("TIPO PREVALENTE", F::Kind, P::Text, N::Optional),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::Income {
        year: draft.whole(F::Year).map(|year| year as i16).ok_or(Gap("no tax year"))?,
        amount: draft.whole(F::Amount).ok_or(Gap("no income"))?,
        kind: draft.text(F::Kind).map(str::to_uppercase).unwrap_or_default().into(),
    })
}
