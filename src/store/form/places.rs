//! Where the addresses of the banks were put.

use serde::{Deserialize, Serialize};

use crate::domain::{
    bank::BankKind,
    geo::LonLat,
    place::{AccessId, Placement, StreetId},
};

/// A placement as an export shows it: names are those of the domain's ladders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceForm {
    access: Option<u64>,
    street: Option<u64>,
    level: Box<str>,
    method: Box<str>,
    score: f32,
    status: Box<str>,
    point: Option<(f64, f64)>,
    /// Radius in metres within which the door is expected.
    pub uncertainty_m: Option<f32>,
    /// Named faults, joined by blanks.
    pub faults: Box<str>,
}

impl PlaceForm {
    /// The stored form of a placement.
    pub fn new(placement: &Placement) -> Self {
        Self {
            access: placement.access.map(|access| access.0),
            street: placement.street.map(|street| street.0),
            level: placement.level.name().into(),
            method: placement.method.name().into(),
            score: placement.score,
            status: placement.status.name().into(),
            point: placement.point.map(|point| (point.lon(), point.lat())),
            uncertainty_m: placement.uncertainty_m,
            faults: placement.faults.join(" ").into(),
        }
    }

    /// The access.
    pub fn access(&self) -> Option<AccessId> {
        self.access.map(AccessId)
    }

    /// The street.
    pub fn street(&self) -> Option<StreetId> {
        self.street.map(StreetId)
    }

    /// The level's name.
    pub fn level(&self) -> &str {
        &self.level
    }

    /// The method's name.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The calibrated probability.
    pub const fn score(&self) -> f32 {
        self.score
    }

    /// The status' name.
    pub fn status(&self) -> &str {
        &self.status
    }

    /// Where.
    pub fn point(&self) -> Option<LonLat> {
        self.point.and_then(|(lon, lat)| LonLat::new(lon, lat).ok())
    }
}

/// Every distinct placement once, and which row has which.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PlacesForm {
    /// Each placement once.
    pub places: Vec<PlaceForm>,
    /// Bank by its place in `BankKind::ALL`; row; place.
    rows: Vec<(u8, Vec<(u32, u32)>)>,
}

impl PlacesForm {
    /// Adds a bank's rows: `(row, index into places)`, rising by row.
    pub fn push(&mut self, bank: BankKind, rows: Vec<(u32, u32)>) {
        self.rows.push((bank as u8, rows));
    }

    /// The rows of each bank, in the order in which they were added.
    pub fn banks(&self) -> impl Iterator<Item = (BankKind, &[(u32, u32)])> {
        self.rows.iter().filter_map(|(bank, rows)| Some((*BankKind::ALL.get(usize::from(*bank))?, rows.as_slice())))
    }

    /// A bank's rows.
    pub fn rows_of(&self, bank: BankKind) -> &[(u32, u32)] {
        self.rows.iter().find(|(kind, _)| *kind == bank as u8).map_or(&[], |(_, rows)| rows)
    }

    /// Where a row was put.
    pub fn place_of(&self, bank: BankKind, row: u32) -> Option<&PlaceForm> {
        let rows = self.rows_of(bank);
        let at = rows.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        self.places.get(rows[at].1 as usize)
    }
}
