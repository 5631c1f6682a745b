//! Any civic table, through a [`ColumnMap`].

use super::{
    civic_number, coordinates,
    map::ColumnMap,
    register::{At, Register},
};
use crate::{
    domain::{
        fold::fold,
        place::{Access, AccessId, PointQuality, Street, StreetId},
    },
    ingest::{
        Error,
        crs::{Crs, Transform},
        sheet::RawRow,
    },
};

pub(super) struct Reader {
    file: String,
    header: Vec<String>,
    street: Vec<usize>,
    street_id: Option<usize>,
    number: Option<usize>,
    exponent: Option<usize>,
    note: Option<usize>,
    locality: Option<usize>,
    postcode: Option<usize>,
    access_id: Option<usize>,
    comune: Option<usize>,
    x: Option<usize>,
    y: Option<usize>,
    transform: Transform,
}

impl Reader {
    pub(super) fn new(file: &str, header: &[String], map: &ColumnMap, crs: Crs) -> Result<Self, Error> {
        let mut missing = Vec::new();
        let mut find = |name: &str| {
            let place = position(header, name);
            if place.is_none() {
                missing.push(name.to_owned());
            }
            place
        };
        let street = map.street.iter().filter_map(|name| find(name)).collect();
        let mut optional = |name: &Option<String>| name.as_deref().and_then(&mut find);
        let reader = Self {
            file: file.to_owned(),
            header: header.to_vec(),
            street,
            street_id: optional(&map.street_id),
            number: optional(&map.number),
            exponent: optional(&map.exponent),
            note: optional(&map.note),
            locality: optional(&map.locality),
            postcode: optional(&map.postcode),
            access_id: optional(&map.access_id),
            comune: optional(&map.comune),
            x: optional(&map.x),
            y: optional(&map.y),
            transform: Transform::new(crs),
        };
        if missing.is_empty() { Ok(reader) } else { Err(Error::MissingColumns { file: file.to_owned(), missing }) }
    }

    pub(super) fn take(&self, row: RawRow<'_>, register: &mut Register) {
        let text = |column: Option<usize>| column.map(|column| row.cell(column).trim()).unwrap_or_default();
        let name_of = |column: Option<usize>| column.and_then(|column| self.header.get(column)).map(String::as_str);
        let at = At { file: &self.file, row: row.row };
        match self.comune {
            Some(column) if !register.wants(row.cell(column)) => return,
            Some(_) => {}
            None => register.count(),
        }
        let parts: Vec<&str> =
            self.street.iter().map(|&column| row.cell(column).trim()).filter(|part| !part.is_empty()).collect();
        let name = parts.join(" ");
        if fold(&name).is_empty() {
            return register.reject(at.note(name_of(self.street.last().copied()), "the street is empty"));
        }
        let locality = text(self.locality);
        let street = StreetId(match (text(self.street_id), text(self.street_id).parse()) {
            ("", _) => register.make_id(format!("street|{}|{}", fold(&name), fold(locality))),
            (_, Ok(id)) => id,
            (code, Err(_)) => register.make_id(format!("street|{code}")),
        });
        let (written, exponent) = (text(self.number), text(self.exponent));
        let number = civic_number(written, exponent, text(self.note));
        register
            .street_of_quarter(Street { id: street, name, locality: locality.to_owned(), other_names: Vec::new() }, at);
        let id = match (text(self.access_id), text(self.access_id).parse()) {
            ("", _) => {
                let key = format!("access|{}|{:?}|{}|{}", street.0, number.number, number.exponent, number.note);
                register.make_access_id(&key)
            }
            (_, Ok(id)) => id,
            (code, Err(_)) => register.make_id(format!("access|{code}")),
        };
        let place = coordinates::place(text(self.x), text(self.y), &self.transform);
        let point = register.point(place, at, name_of(self.x).unwrap_or_default(), name_of(self.y).unwrap_or_default());
        let postcode = Some(text(self.postcode)).filter(|code| !code.is_empty()).map(Into::into);
        register.access(Access { id: AccessId(id), street, number, point, quality: PointQuality::Sound, postcode }, at);
    }
}

/// As written, or else as folded.
fn position(header: &[String], name: &str) -> Option<usize> {
    let folded = fold(name);
    header.iter().position(|column| column == name).or_else(|| header.iter().position(|column| fold(column) == folded))
}
