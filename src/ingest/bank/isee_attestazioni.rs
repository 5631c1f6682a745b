//! ISEE attestations (INPS): one row a statement. The ISE is not kept: it follows from ISR and ISP (DPCM 159/2013).

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::IseeAttestazioni, tables: &[SINCE_2026, BEFORE_2026], assemble };

const SINCE_2026: Table = Table { name: "INPS attestations with both ISEE, since 2026", columns: COLUMNS };

const BEFORE_2026: Table =
    Table { name: "INPS attestations, one ISEE, before 2026", columns: COLUMNS.split_at(COLUMNS.len() - 1).0 };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("PROTOCOLLO DSU", F::Group, P::Text, N::Required),
        column("DATA PRESENTAZIONE", F::From, P::Day, N::Required),
        column("DATA SCADENZA", F::To, P::Day, N::IfWritten),
        column("TIPO", F::Kind, P::Text, N::Optional),
        column("CODICE FISCALE DICHIARANTE", F::Code, P::Text, N::Required),
        column("ISR", F::Isr, P::Amount, N::Required),
        column("ISP", F::Isp, P::Amount, N::Required),
        column("SCALA EQUIVALENZA", F::Scale, P::Hundredths, N::Required),
        column("ISEE", F::Isee, P::Amount, N::Required),
        column("ISEE INCLUSIONE", F::IseeInclusione, P::Amount, N::IfWritten),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::IseeStatement {
        validity: draft.period(),
        kind: draft.text(F::Kind).map(str::to_lowercase).unwrap_or_default().into(),
        isee: draft.whole(F::Isee).ok_or(Gap("no ISEE"))?,
        isee_inclusione: draft.whole(F::IseeInclusione),
        scale: draft
            .whole(F::Scale)
            .and_then(|scale| u16::try_from(scale).ok())
            .filter(|scale| (100..=5000).contains(scale))
            .ok_or(Gap("the equivalence scale is not between 1 and 50"))?,
        isr: draft.whole(F::Isr).ok_or(Gap("no ISR"))?,
        isp: draft.whole(F::Isp).ok_or(Gap("no ISP"))?,
    })
}
