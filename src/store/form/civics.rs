//! Streets, accesses and civic points.

use serde::{Deserialize, Serialize};

use crate::domain::{
    geo::LonLat,
    place::{Access, AccessId, CivicNumber, PointQuality, Street, StreetId},
};

#[derive(Serialize, Deserialize)]
struct StreetForm {
    id: u64,
    name: String,
    locality: String,
    other_names: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct NumberForm {
    number: Option<u32>,
    exponent: Box<str>,
    note: Box<str>,
}

#[derive(Serialize, Deserialize)]
struct AccessForm {
    id: u64,
    street: u64,
    number: NumberForm,
    point: Option<(f64, f64)>,
    quality: u8,
    postcode: Option<Box<str>>,
}

/// Some streets and accesses.
#[derive(Serialize, Deserialize)]
pub struct Civics {
    streets: Vec<StreetForm>,
    accesses: Vec<AccessForm>,
}

const QUALITIES: [PointQuality; 4] =
    [PointQuality::Sound, PointQuality::Borrowed, PointQuality::OutsideComune, PointQuality::FarFromStreet];

fn number_form(number: &CivicNumber) -> NumberForm {
    NumberForm { number: number.number, exponent: number.exponent.clone(), note: number.note.clone() }
}

fn civic_number(form: NumberForm) -> CivicNumber {
    CivicNumber { number: form.number, exponent: form.exponent, note: form.note }
}

fn point((lon, lat): (f64, f64)) -> Option<LonLat> {
    LonLat::new(lon, lat).ok()
}

impl Civics {
    /// The stored form of streets and accesses.
    pub fn new(streets: &[Street], accesses: &[Access]) -> Self {
        let streets = streets.iter().map(|street| StreetForm {
            id: street.id.0,
            name: street.name.clone(),
            locality: street.locality.clone(),
            other_names: street.other_names.clone(),
        });
        let accesses = accesses.iter().map(|access| AccessForm {
            id: access.id.0,
            street: access.street.0,
            number: number_form(&access.number),
            point: access.point.map(|point| (point.lon(), point.lat())),
            quality: QUALITIES.iter().position(|quality| *quality == access.quality).unwrap_or_default() as u8,
            postcode: access.postcode.clone(),
        });
        Self { streets: streets.collect(), accesses: accesses.collect() }
    }

    /// The streets and accesses.
    pub fn into_parts(self) -> (Vec<Street>, Vec<Access>) {
        let streets = self.streets.into_iter().map(|form| Street {
            id: StreetId(form.id),
            name: form.name,
            locality: form.locality,
            other_names: form.other_names,
        });
        let accesses = self.accesses.into_iter().map(|form| Access {
            id: AccessId(form.id),
            street: StreetId(form.street),
            number: civic_number(form.number),
            point: form.point.and_then(point),
            quality: QUALITIES.get(usize::from(form.quality)).copied().unwrap_or_default(),
            postcode: form.postcode,
        });
        (streets.collect(), accesses.collect())
    }
}

/// Civic points from elsewhere: street as written, number, point.
#[derive(Serialize, Deserialize)]
pub struct CivicPoints(Vec<(String, NumberForm, (f64, f64))>);

impl CivicPoints {
    /// The stored form.
    pub fn new<'a>(points: impl Iterator<Item = (&'a str, &'a CivicNumber, LonLat)>) -> Self {
        Self(
            points.map(|(street, number, at)| (street.to_owned(), number_form(number), (at.lon(), at.lat()))).collect(),
        )
    }

    /// The points.
    pub fn into_points(self) -> Vec<(String, CivicNumber, LonLat)> {
        self.0.into_iter().filter_map(|(street, number, at)| Some((street, civic_number(number), point(at)?))).collect()
    }
}
