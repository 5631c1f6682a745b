//! Fiscal codes: the ordinary one with its omocodes, the provisional one, the STP one.
//! Source: DM 23-12-1976; the check tables are in the decree.

use std::fmt;

/// Any code by which the administration knows a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FiscalCode {
    /// Sixteen characters, check letter right, any of the 128 omocodes.
    Ordinary(CodiceFiscale),
    /// Eleven digits with the Partita IVA check digit.
    Provisional([u8; 11]),
    /// `STP` and thirteen digits.
    Stp([u8; 16]),
}

/// An ordinary code: upper case, well formed, its check letter right.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodiceFiscale([u8; 16]);

impl CodiceFiscale {
    /// The sixteen characters.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for CodiceFiscale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹codice fiscale›")
    }
}

impl fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹fiscal code›")
    }
}
