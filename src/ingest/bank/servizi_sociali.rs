//! Cases of the social services: one row a service given to a person.

use super::{Column, Field as F, Gap, Mapping, Need as N, Parser as P, Table, column, draft::Draft};
use crate::domain::{bank::BankKind, record::Fact};

pub(super) const MAPPING: Mapping = Mapping {
    bank: BankKind::ServiziSociali,
    tables: &[Table { name: "social services", columns: COLUMNS }],
    assemble,
};

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
        column("CARTELLA", F::Unused, P::Text, N::Optional),
        column("COGNOME", F::Surname, P::Text, N::Optional),
        column("NOME", F::Given, P::Text, N::Optional),
        column("DATA NASCITA", F::Birth, P::Birth, N::Optional),
        column("CODICE FISCALE", F::Code, P::Text, N::Optional),
        column("INDIRIZZO", F::AddressText, P::Text, N::Optional),
        column("AREA UTENZA", F::Kind, P::Text, N::Required),
        column("SERVIZIO", F::Service, P::Text, N::Required),
        column("DAL", F::From, P::Day, N::Required),
        column("AL", F::To, P::Day, N::IfWritten),
];

fn assemble(draft: &Draft<'_>) -> Result<Fact, Gap> {
    Ok(Fact::SocialCase {
        area: draft.text(F::Kind).map(str::to_uppercase).ok_or(Gap("no user area"))?.into(),
        service: draft.folded(F::Service),
        period: draft.period(),
    })
}
