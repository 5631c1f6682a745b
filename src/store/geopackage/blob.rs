//! A shape as a GeoPackage holds it.

use geo::{BoundingRect as _, Geometry, HasDimensions as _};
use geozero::{CoordDimensions, ToWkb as _};

use super::super::error::StoreError;

/// WGS 84, the only system that we write.
pub(in crate::store) const SRS: i32 = 4326;

/// StandardGeoPackageBinary (clause 2.1.3): header, envelope for what is not a point, WKB; little-endian.
pub(in crate::store) fn of(geometry: &Geometry<f64>) -> Result<Vec<u8>, StoreError> {
    const LITTLE_ENDIAN: u8 = 1;
    const ENVELOPE_XY: u8 = 1 << 1;
    const EMPTY: u8 = 1 << 4;
    let envelope = match geometry {
        Geometry::Point(_) => None,
        other => other.bounding_rect(),
    };
    let mut flags = LITTLE_ENDIAN;
    flags |= if envelope.is_some() { ENVELOPE_XY } else { 0 };
    flags |= if geometry.is_empty() { EMPTY } else { 0 };
    let mut blob = vec![b'G', b'P', 0, flags];
    blob.extend(SRS.to_le_bytes());
    if let Some(rect) = envelope {
        for number in [rect.min().x, rect.max().x, rect.min().y, rect.max().y] {
            blob.extend(number.to_le_bytes());
        }
    }
    blob.extend(geometry.to_wkb(CoordDimensions::xy()).map_err(|_| StoreError::Encode("a geometry"))?);
    Ok(blob)
}
