//! Features in the file formats of the world, streamed from rows that were disclosed: whatever the collection, the same
//! rows, fields and values in every format.
//!
//! | format | `f=` | ending | made by |
//! |---|---|---|---|
//! | GeoJSON (RFC 7946) | `geojson`, `json` | `.geojson` | [`geojson`] |
//! | GeoJSON text sequence (RFC 8142) | `geojsons` | `.geojsons` | [`geojson`] |
//! | FlatGeobuf 3 with its index | `fgb` | `.fgb` | [`flatgeobuf`] |
//! | CSV (RFC 4180) | `csv` | `.csv` | [`csv`] |
//! | GeoPackage 1.3 | `gpkg` | `.gpkg` | `store::geopackage`: it is a file with a database inside |
//! | XLSX | `xlsx` | `.xlsx` | `store::workbook`: it is packed from parts on a disk |

pub mod csv;
mod digits;
pub mod flatgeobuf;
pub mod geojson;
mod source;
mod wkt;

use std::io::Write;

use self::geojson::Dress;
use crate::access::{Disclosed, opened::Opened};

pub(in crate::publish) use source::{Heading, Listed, Source};

/// A file format of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// One object with every feature.
    GeoJson,
    /// One feature after the other, each after a record separator.
    GeoJsonSeq,
    /// Binary, with an index by box.
    FlatGeobuf,
    /// An SQLite file that desktop GIS edits.
    GeoPackage,
    /// A table of text.
    Csv,
    /// A spreadsheet.
    Xlsx,
}

impl Format {
    /// Every format, the one that is given where none is asked for first.
    pub const ALL: [Self; 6] =
        [Self::GeoJson, Self::FlatGeobuf, Self::GeoPackage, Self::Csv, Self::Xlsx, Self::GeoJsonSeq];

    /// The word of `f=`, which is also the ending of a file.
    pub const fn key(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsons",
            Self::FlatGeobuf => "fgb",
            Self::GeoPackage => "gpkg",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format's name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::GeoJson => "GeoJSON",
            Self::GeoJsonSeq => "GeoJSON text sequence",
            Self::FlatGeobuf => "FlatGeobuf",
            Self::GeoPackage => "GeoPackage",
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
        }
    }

    /// The media type, without parameters.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::GeoJsonSeq => "application/geo+json-seq",
            Self::FlatGeobuf => "application/flatgeobuf",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The value of `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            other => other.media_type(),
        }
    }

    /// The format that `f=` or the ending of a file names; `json` is GeoJSON.
    pub fn of_key(key: &str) -> Option<Self> {
        let key = key.to_ascii_lowercase();
        if key == "json" {
            return Some(Self::GeoJson);
        }
        Self::ALL.into_iter().find(|format| format.key() == key)
    }

    /// Whether a file of it is written from its beginning to its end while it is sent.
    pub const fn is_streamed(self) -> bool {
        !matches!(self, Self::GeoPackage | Self::Xlsx)
    }

    /// The one of these formats that an `Accept` header likes best (RFC 9110, 12.5.1), the first of equals; none where it
    /// refuses them all. `application/json` is taken for GeoJSON. No header at all takes the first.
    pub fn negotiate(accept: Option<&str>, offered: &[Self]) -> Option<Self> {
        let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return offered.first().copied() };
        let weights = offered.iter().map(|&format| (format, weight(accept, format)));
        weights
            .filter(|(_, weight)| *weight > 0)
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map(|(format, _)| format)
    }
}

/// How much an `Accept` header likes a format, in thousandths: the most exact of the ranges that match it decides.
fn weight(accept: &str, format: Format) -> u16 {
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut pieces = range.split(';').map(str::trim);
        let media = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let quality = pieces.find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")));
        let quality = quality.map_or(1000, |text| match text.parse::<f32>() {
            Ok(quality) if (0.0..=1.0).contains(&quality) => (quality * 1000.0).round() as u16,
            _ => 0,
        });
        let (kind, _) = format.media_type().split_once('/').unwrap_or_default();
        let exactness = match media.as_str() {
            "*/*" => 1,
            media if media.strip_suffix("/*") == Some(kind) => 2,
            "application/json" if format == Format::GeoJson => 3,
            media if media == format.media_type() => 4,
            _ => continue,
        };
        if exactness > best.0 {
            best = (exactness, quality);
        }
    }
    best.1
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The destination refused.
    #[error("the file could not be written: {0}")]
    Io(#[from] std::io::Error),
    /// The format's own writer refused.
    #[error("the {format} writer refused: {reason}")]
    Format {
        /// Which.
        format: &'static str,
        /// In its words; holds no values.
        reason: String,
    },
}

impl WriteError {
    pub(in crate::publish) fn not_streamed(format: Format) -> Self {
        Self::Format { format: format.title(), reason: "it is made on a disk".to_owned() }
    }
}

/// Writes rows in a format that is streamed, as they lie (CRS84) and without members of the caller's; answers how many.
/// What is handed to `out` at once is some 64 kB, or a little more.
///
/// Errors: `Format` for a format that is not streamed.
pub fn write(rows: &Disclosed<Opened>, format: Format, out: &mut dyn Write) -> Result<u64, WriteError> {
    match format {
        Format::GeoJson => geojson::write(rows, &Dress::PLAIN, out)?,
        Format::GeoJsonSeq => geojson::write_sequence(rows, &Dress::PLAIN, out)?,
        Format::FlatGeobuf => return flatgeobuf::write(rows, out),
        Format::Csv => csv::write(rows, out)?,
        Format::GeoPackage | Format::Xlsx => return Err(WriteError::not_streamed(format)),
    }
    Ok(rows.len())
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod format_tests {
    use super::*;

    #[test]
    fn accept_is_obeyed() {
        for (accept, format) in [
            (None, Some(Format::GeoJson)),
            (Some("*/*"), Some(Format::GeoJson)),
            (Some("application/json"), Some(Format::GeoJson)),
            (Some("text/csv"), Some(Format::Csv)),
            (Some("text/*, application/geo+json;q=0.5"), Some(Format::Csv)),
            (Some("application/flatgeobuf;q=0.9, text/csv;q=0.8, */*;q=0.1"), Some(Format::FlatGeobuf)),
            (Some("text/html"), None),
            (Some("application/geo+json;q=0, */*;q=0.2"), Some(Format::FlatGeobuf)),
            (Some("application/GEOPACKAGE+sqlite3"), Some(Format::GeoPackage)),
        ] {
            assert_eq!(Format::negotiate(accept, &Format::ALL), format, "{accept:?}");
        }
        assert_eq!(Format::negotiate(Some("text/csv"), &[Format::GeoJson]), None);
    }

    #[test]
    fn every_key_names_its_format() {
        for format in Format::ALL {
            assert_eq!(Format::of_key(format.key()), Some(format));
        }
        assert_eq!(Format::of_key("JSON"), Some(Format::GeoJson));
        assert_eq!(Format::of_key("shp"), None);
    }
}
