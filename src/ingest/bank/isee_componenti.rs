//! Members of the ISEE nuclei (INPS): one row a member of a statement.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping =
    Mapping { bank: BankKind::IseeComponenti, tables: &[Table { name: "INPS members", columns: COLUMNS }], assemble };

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("PROTOCOLLO DSU", F::Group, P::Text, N::Required),
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("COGNOME", F::Surname, P::Text, N::Optional),
        column("NOME", F::Given, P::Text, N::Optional),
        column("RAPPORTO", F::Role, P::Role, N::Required),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::IseeMember { role: draft.role().ok_or(Gap("no part in the statement"))? })
}
