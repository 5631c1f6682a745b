//! Invalidity reports (INPS): percentage, attendance allowance, L. 104/1992 art. 3 c. 3.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{
    bank::BankKind,
    record::{Fact, Support},
};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::Invalidita, tables: &[Table { name: "INPS reports", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("PERCENTUALE", F::Percent, P::Whole(100), N::Required),
        column("ACCOMPAGNAMENTO", F::Attendance, P::Flag, N::Required),
        column("LEGGE104 C3", F::Severe, P::Flag, N::Required),
        column("DATA VERBALE", F::Date, P::Day, N::Optional),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::Invalidity {
        percent: draft.whole(F::Percent).map(|percent| percent as u8).ok_or(Gap("no percentage"))?,
        support: Support {
            attendance: draft.flag(F::Attendance).unwrap_or_default(),
            severe: draft.flag(F::Severe).unwrap_or_default(),
        },
        date: draft.date(F::Date),
    })
}
