//! Public housing: one row a contract; the holder has the given name first.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::Erp, tables: &[Table { name: "public housing", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("CONTRATTO", F::Unused, P::Text, N::Optional),
        column("ASSEGNATARIO", F::WholeName, P::Text, N::Optional),
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("ALLOGGIO", F::AddressText, P::Text, N::Optional),
        column("CANONE", F::Amount, P::Amount, N::Required),
        column("MOROSITA MESI", F::Months, P::Whole(1200), N::Required),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::PublicHousing {
        rent: draft.whole(F::Amount).ok_or(Gap("no rent"))?,
        arrears_months: draft.whole(F::Months).map(|months| months as u16).ok_or(Gap("no months of arrears"))?,
    })
}
