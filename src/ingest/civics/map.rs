//! The `--map` text: which column of a civic table says what.

use std::str::FromStr;

use crate::ingest::Error;

/// `street=DUG+DUF,street_id=CodiceVia,number=Civico,…`: names of columns; those of `street` are joined with a
/// blank. `street` must be there, and `x` and `y` both or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// DUG and DUF, in this order, or one column with both.
    pub street: Vec<String>,
    /// The street's code.
    pub street_id: Option<String>,
    /// Civic number.
    pub number: Option<String>,
    /// Exponent.
    pub exponent: Option<String>,
    /// Colour.
    pub note: Option<String>,
    /// Locality, hamlet.
    pub locality: Option<String>,
    /// CAP.
    pub postcode: Option<String>,
    /// The access's code.
    pub access_id: Option<String>,
    /// Belfiore code of the comune.
    pub comune: Option<String>,
    /// Easting or longitude.
    pub x: Option<String>,
    /// Northing or latitude.
    pub y: Option<String>,
}

impl FromStr for ColumnMap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut map = Self::default();
        for part in text.split(',') {
            let Some((key, column)) = part.split_once('=') else {
                return Err(Error::Map(format!("\"{}\" is not of the form field=COLUMN", shown(part))));
            };
            let column = column.trim();
            if column.is_empty() {
                return Err(Error::Map(format!("\"{}\" names no column", shown(key))));
            }
            map.set(key.trim(), column)?;
        }
        if map.street.is_empty() {
            return Err(Error::Map("street is missing".to_owned()));
        }
        if map.x.is_some() != map.y.is_some() {
            return Err(Error::Map("x and y go together".to_owned()));
        }
        Ok(map)
    }
}

impl ColumnMap {
    fn set(&mut self, key: &str, column: &str) -> Result<(), Error> {
        let twice = || Error::Map(format!("{} is given twice", shown(key)));
        let place = match key {
            "street" if self.street.is_empty() => {
                self.street = column.split('+').map(|name| name.trim().to_owned()).collect();
                if self.street.iter().any(String::is_empty) {
                    return Err(Error::Map("street has an empty column between + signs".to_owned()));
                }
                return Ok(());
            }
            "street" => return Err(twice()),
            "street_id" => &mut self.street_id,
            "number" => &mut self.number,
            "exponent" => &mut self.exponent,
            "note" => &mut self.note,
            "locality" => &mut self.locality,
            "postcode" => &mut self.postcode,
            "access_id" => &mut self.access_id,
            "comune" => &mut self.comune,
            "x" => &mut self.x,
            "y" => &mut self.y,
            other => {
                let known = "street, street_id, number, exponent, note, locality, postcode, access_id, comune, x, y";
                return Err(Error::Map(format!("\"{}\" is none of {known}", shown(other))));
            }
        };
        match place.replace(column.to_owned()) {
            Some(_) => Err(twice()),
            None => Ok(()),
        }
    }
}

fn shown(text: &str) -> String {
    text.trim().chars().take(40).collect()
}
