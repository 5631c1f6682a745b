//! The stored forms of what stages make: compact, versioned by their first byte, read back whole or refused.
//!
//! Stages know nothing of serde; what they hand over is copied into these forms and out of them.

mod civics;
mod linkage;
mod places;
mod roads;

use serde::{Serialize, de::DeserializeOwned};

pub use self::{
    civics::{CivicPoints, Civics},
    linkage::{LinkForm, PeopleForm, PersonForm},
    places::{PlaceForm, PlacesForm},
    roads::RoadsForm,
};
use super::StoreError;

/// Bumped when a form changes: an older payload is then refused, never misread.
const VERSION: u8 = 1;

/// Writes a form.
pub fn encode<T: Serialize>(form: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_extend(form, vec![VERSION]).map_err(|_| StoreError::Encode("a stored form"))
}

/// Reads a form. Errors: [`StoreError::Corrupt`] for another version, missing or left-over bytes.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("{what} cannot be read"));
    let (version, rest) = bytes.split_first().ok_or_else(corrupt)?;
    if *version != VERSION {
        return Err(StoreError::Corrupt(format!(
            "{what} has form {version}, this program knows {VERSION}: import again"
        )));
    }
    match postcard::take_from_bytes(rest) {
        Ok((form, [])) => Ok(form),
        _ => Err(corrupt()),
    }
}
