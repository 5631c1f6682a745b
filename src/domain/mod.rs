//! Layer 0, the words: true with no data at hand, known to everyone, knowing nobody.
//!
//! Coordinates are WGS 84 / ETRF2000 degrees, longitude first, unless a name says otherwise.

pub mod bank;
pub mod codice_fiscale;
pub mod comune;
pub mod feature;
pub mod fold;
pub mod geo;
pub mod household;
pub mod outcome;
pub mod period;
pub mod person;
pub mod personal;
pub mod place;
pub mod record;
pub mod reject;
pub mod score;
pub mod toponym;
pub mod watch;
