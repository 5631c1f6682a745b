//! ANNCSU: INDIR (accesses, 19 columns) and STRAD (streets, 9 columns and an empty tenth).

use super::{
    civic_number, coordinates,
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

/// Columns that both files have.
const STREET: [&str; 3] = ["CODICE COMUNE", "PROGRESSIVO NAZIONALE", "ODONIMO"];
/// What only INDIR has.
const ACCESS: &str = "PROGRESSIVO ACCESSO";

pub(super) struct Reader {
    file: String,
    header: Vec<String>,
    comune: usize,
    street: usize,
    name: usize,
    locality: Option<usize>,
    languages: [Option<usize>; 2],
    access: Option<AccessColumns>,
    transform: Transform,
}

struct AccessColumns {
    id: usize,
    number: Option<usize>,
    exponent: Option<usize>,
    colour: Option<usize>,
    metric: Option<usize>,
    unnumbered: Option<usize>,
    x: Option<usize>,
    y: Option<usize>,
}

impl Reader {
    pub(super) fn new(file: &str, header: &[String]) -> Result<Self, Error> {
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let find = |name: &str| folded.iter().position(|column| column == name);
        let missing: Vec<String> =
            STREET.iter().filter(|name| find(name).is_none()).map(|name| (*name).to_owned()).collect();
        let (Some(comune), Some(street), Some(name)) = (find(STREET[0]), find(STREET[1]), find(STREET[2])) else {
            return Err(Error::MissingColumns { file: file.to_owned(), missing });
        };
        let access = find(ACCESS).map(|id| AccessColumns {
            id,
            number: find("CIVICO"),
            exponent: find("ESPONENTE"),
            colour: find("SPECIFICITA"),
            metric: find("METRICO"),
            unnumbered: find("PROGRESSIVO SNC"),
            x: find("COORD X COMUNE"),
            y: find("COORD Y COMUNE"),
        });
        let numbered = find("CIVICO").or_else(|| find("METRICO")).is_some();
        // A number without the access's code is INDIR that lost a column, not STRAD.
        let lacking = match (access.is_some(), numbered) {
            (true, false) => "CIVICO",
            (false, true) => ACCESS,
            _ => "",
        };
        if !lacking.is_empty() {
            return Err(Error::MissingColumns { file: file.to_owned(), missing: vec![lacking.to_owned()] });
        }
        Ok(Self {
            file: file.to_owned(),
            header: header.to_vec(),
            comune,
            street,
            name,
            locality: find("LOCALITA"),
            languages: [find("DIZIONE LINGUA1"), find("DIZIONE LINGUA2")],
            access,
            transform: Transform::new(Crs::Rdn2008),
        })
    }

    pub(super) fn take(&self, row: RawRow<'_>, register: &mut Register) {
        if !register.wants(row.cell(self.comune)) {
            return;
        }
        let at = At { file: &self.file, row: row.row };
        let text = |column: Option<usize>| column.map(|column| row.cell(column).trim()).unwrap_or_default();
        let refuse = |column: usize, reason: &str| at.note(self.header.get(column).map(String::as_str), reason);
        let Ok(street) = row.cell(self.street).trim().parse() else {
            return register.reject(refuse(self.street, "is not a number"));
        };
        let name = row.cell(self.name).trim();
        if name.is_empty() {
            return register.reject(refuse(self.name, "is empty"));
        }
        let street = StreetId(street);
        let other_names =
            self.languages.iter().map(|column| text(*column)).filter(|other| !other.is_empty() && *other != name);
        let whole = Street {
            id: street,
            name: name.to_owned(),
            locality: text(self.locality).to_owned(),
            other_names: other_names.map(str::to_owned).collect(),
        };
        let Some(columns) = &self.access else {
            return register.street(whole, at);
        };
        let Ok(id) = row.cell(columns.id).trim().parse() else {
            return register.reject(refuse(columns.id, "is not a number"));
        };
        register.street(whole, at);
        let (civic, metric) = (text(columns.number), text(columns.metric));
        let written = if civic.is_empty() { metric } else { civic };
        let written = if text(columns.unnumbered).is_empty() { written } else { "" };
        let number = civic_number(written, text(columns.exponent), text(columns.colour));
        if number.number.is_none() && !written.is_empty() && written != "0" {
            let column = if civic.is_empty() { columns.metric } else { columns.number };
            register.warn(
                at.note(column.and_then(|column| self.header.get(column)).map(String::as_str), "is not a number"),
            );
        }
        let name_of =
            |column: Option<usize>| column.and_then(|column| self.header.get(column)).map_or("", String::as_str);
        let place = coordinates::place(text(columns.x), text(columns.y), &self.transform);
        let point = register.point(place, at, name_of(columns.x), name_of(columns.y));
        register.access(
            Access { id: AccessId(id), street, number, point, quality: PointQuality::Sound, postcode: None },
            at,
        );
    }
}
