//! FlatGeobuf 3 with its packed Hilbert R-tree, EPSG:4326, longitude first, encoded by us so that nothing waits on a disk:
//! rows are encoded once to know their sizes, the index is written, and they are encoded again in its order.
//!
//! Memory: some 50 bytes a row for the index, and the rows that are being written.

use std::{borrow::Cow, io::Write};

use flatbuffers::FlatBufferBuilder;
use flatgeobuf::{Column, ColumnArgs, ColumnType, Crs, CrsArgs, GeometryType, Header, HeaderArgs};
use geo::{BoundingRect, Geometry};
use rayon::prelude::*;

use self::{
    feature::Encoder,
    index::{Leaf, NODE_SIZE},
};
use super::{Listed, Source, WriteError};
use crate::{
    access::{Disclosed, opened::Opened},
    snapshot::layer::FieldKind,
};

mod feature;
mod index;
#[cfg(test)]
mod tests;

const MAGIC: &[u8; 8] = b"fgb\x03fgb\x00";

/// Rows that one core encodes at once.
const ROWS_AT_ONCE: usize = 1_024;

/// Writes the rows that have a shape, in the order of the index; answers how many. The format holds none without one.
pub fn write(rows: &Disclosed<Opened>, out: &mut dyn Write) -> Result<u64, WriteError> {
    features(&Listed::new(rows), out)
}

pub(in crate::publish) fn features(source: &dyn Source, out: &mut dyn Write) -> Result<u64, WriteError> {
    let kind = kind_of(source);
    let encoder = Encoder::new(source, kind);
    let mut leaves = leaves(source, &encoder);
    let extent = leaves.iter().map(|leaf| leaf.bbox).reduce(index::join);
    if let Some(extent) = extent {
        index::sort(&mut leaves, extent);
    }
    out.write_all(MAGIC)?;
    out.write_all(&header(source, kind, extent, leaves.len() as u64))?;
    index::write(&leaves, out)?;
    // Two pieces a core, so that no core waits for the slowest.
    let cores = rayon::current_num_threads().max(1);
    for together in leaves.chunks(ROWS_AT_ONCE * cores * 2) {
        let pieces: Vec<Vec<u8>> = together
            .par_chunks(ROWS_AT_ONCE)
            .map(|leaves| {
                let mut bytes = Vec::with_capacity(leaves.iter().map(|leaf| leaf.bytes as usize).sum());
                for leaf in leaves {
                    encoder.encode(source, leaf.at as usize, &mut bytes);
                }
                bytes
            })
            .collect();
        for piece in pieces {
            out.write_all(&piece)?;
        }
    }
    Ok(leaves.len() as u64)
}

/// Place, box and size of every row that has a shape.
fn leaves(source: &dyn Source, encoder: &Encoder) -> Vec<Leaf> {
    let leaf = |bytes: &mut Vec<u8>, at: usize| {
        let bbox = if let Some(point) = source.point(at) {
            [point.x, point.y, point.x, point.y]
        } else {
            let rect = source.geometry(at)?.bounding_rect()?;
            [rect.min().x, rect.min().y, rect.max().x, rect.max().y]
        };
        bytes.clear();
        encoder.encode(source, at, bytes);
        Some(Leaf { bbox, at: at as u32, bytes: bytes.len() as u32, rank: 0 })
    };
    (0..source.len()).into_par_iter().map_init(Vec::new, leaf).flatten_iter().collect()
}

/// The one kind of all shapes, multi where there is one multi, unknown where they are mixed.
fn kind_of(source: &dyn Source) -> GeometryType {
    let kind = |at| match source.point(at) {
        Some(_) => Some(GeometryType::Point),
        None => source.geometry(at).map(|shape| feature::kind(&shape)),
    };
    let join = |all: GeometryType, next: GeometryType| match (feature::multi(all), feature::multi(next)) {
        _ if all == next => all,
        (a, b) if a == b => a,
        _ => GeometryType::Unknown,
    };
    (0..source.len()).filter_map(kind).reduce(join).unwrap_or(GeometryType::Unknown)
}

const fn column_kind(kind: FieldKind) -> ColumnType {
    match kind {
        FieldKind::Flag => ColumnType::Bool,
        FieldKind::Whole => ColumnType::Long,
        FieldKind::Number => ColumnType::Double,
        FieldKind::Text => ColumnType::String,
        FieldKind::Date | FieldKind::Instant => ColumnType::DateTime,
        FieldKind::List => ColumnType::Json,
    }
}

fn header(source: &dyn Source, kind: GeometryType, extent: Option<[f64; 4]>, count: u64) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let columns: Vec<_> = source
        .fields()
        .into_iter()
        .map(|field| {
            let name = builder.create_string(field.name);
            let title = (field.title != field.name).then(|| builder.create_string(field.title));
            let description = (!field.description.is_empty()).then(|| builder.create_string(field.description));
            let column = ColumnArgs {
                name: Some(name),
                type_: column_kind(field.kind),
                title,
                description,
                nullable: true,
                ..ColumnArgs::default()
            };
            Column::create(&mut builder, &column)
        })
        .collect();
    let organization = builder.create_string("EPSG");
    let header = HeaderArgs {
        name: Some(builder.create_string(source.name())),
        envelope: extent.map(|extent| builder.create_vector(&extent)),
        geometry_type: kind,
        columns: Some(builder.create_vector(&columns)),
        features_count: count,
        // An index of nothing is not allowed by the format.
        index_node_size: if count > 0 { NODE_SIZE } else { 0 },
        crs: Some(Crs::create(&mut builder, &CrsArgs { org: Some(organization), code: 4326, ..CrsArgs::default() })),
        ..HeaderArgs::default()
    };
    let header = Header::create(&mut builder, &header);
    builder.finish_size_prefixed(header, None);
    builder.finished_data().to_vec()
}

/// A shape as it is encoded: single where all are, multi where one is.
fn fitted(shape: Cow<'_, Geometry<f64>>, kind: GeometryType) -> Cow<'_, Geometry<f64>> {
    if feature::kind(&shape) == kind || kind == GeometryType::Unknown {
        return shape;
    }
    Cow::Owned(match shape.into_owned() {
        Geometry::Point(point) => geo::MultiPoint(vec![point]).into(),
        Geometry::Line(line) => geo::MultiLineString(vec![line.into()]).into(),
        Geometry::LineString(line) => geo::MultiLineString(vec![line]).into(),
        Geometry::Polygon(polygon) => geo::MultiPolygon(vec![polygon]).into(),
        Geometry::Rect(rect) => geo::MultiPolygon(vec![rect.to_polygon()]).into(),
        Geometry::Triangle(triangle) => geo::MultiPolygon(vec![triangle.to_polygon()]).into(),
        multi => multi,
    })
}
