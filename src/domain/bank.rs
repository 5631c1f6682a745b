//! The banks: what the offices export.

use std::{fmt, str::FromStr};

/// One of the ten exports that the Comune gathers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BankKind {
    /// Municipal registry.
    Anagrafe,
    /// ISEE attestations (INPS): one row a statement.
    IseeAttestazioni,
    /// Members of the ISEE nuclei (INPS): one row a member of a statement.
    IseeComponenti,
    /// Benefits that INPS pays.
    PrestazioniInps,
    /// Yearly incomes (tax agency).
    Redditi,
    /// Invalidity reports (INPS).
    Invalidita,
    /// Frail people known to the health service.
    FragiliAsl,
    /// Cases of the social services.
    ServiziSociali,
    /// Waste tax.
    Tari,
    /// Public housing.
    Erp,
}

impl BankKind {
    /// Every bank, in the order in which they are read.
    pub const ALL: [Self; 10] = [
        Self::Anagrafe,
        Self::IseeAttestazioni,
        Self::IseeComponenti,
        Self::PrestazioniInps,
        Self::Redditi,
        Self::Invalidita,
        Self::FragiliAsl,
        Self::ServiziSociali,
        Self::Tari,
        Self::Erp,
    ];

    /// The name used in files, commands and exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anagrafe => "anagrafe",
            Self::IseeAttestazioni => "isee_attestazioni",
            Self::IseeComponenti => "isee_componenti",
            Self::PrestazioniInps => "prestazioni_inps",
            Self::Redditi => "redditi",
            Self::Invalidita => "invalidita",
            Self::FragiliAsl => "fragili_asl",
            Self::ServiziSociali => "servizi_sociali",
            Self::Tari => "tari",
            Self::Erp => "erp",
        }
    }
}

impl fmt::Display for BankKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of a bank.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a bank: {list}", list = BankKind::ALL.map(BankKind::name).join(", "))]
pub struct InvalidBank(pub String);

impl FromStr for BankKind {
    type Err = InvalidBank;

    fn from_str(text: &str) -> Result<Self, InvalidBank> {
        Self::ALL.into_iter().find(|bank| bank.name() == text).ok_or_else(|| InvalidBank(text.to_owned()))
    }
}
