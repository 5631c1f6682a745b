//! Items as GeoJSON with what an API adds: links, counts, the time, and coordinates in the system that was asked for.

use super::{Link, Reference, crs::Projector};
use crate::{
    access::{Disclosed, opened::Opened},
    publish::features::{
        WriteError,
        geojson::{self, Coordinates, Dress},
    },
};

/// What stands around the items of a page.
pub struct Envelope<'a> {
    /// Links.
    pub links: &'a [Link],
    /// How many there are on all pages.
    pub matched: u64,
    /// When it was made, RFC 3339.
    pub at: &'a str,
    /// The system of the coordinates.
    pub crs: Reference,
}

/// A page: a FeatureCollection with one feature a line.
pub fn page(features: &Disclosed<Opened>, envelope: &Envelope<'_>) -> Result<Vec<u8>, WriteError> {
    let links = links(envelope);
    let at = format!("\"{}\"", envelope.at);
    let (matched, returned) = (envelope.matched.to_string(), features.len().to_string());
    let members: [(&str, &str); 4] =
        [("links", &links), ("timeStamp", &at), ("numberMatched", &matched), ("numberReturned", &returned)];
    let mut out = Vec::with_capacity(4_096 + 512 * features.len().min(100_000) as usize);
    dressed(envelope.crs, &members, |dress| geojson::write(features, dress, &mut out))?;
    Ok(out)
}

/// One feature; none where there is none.
pub fn one(features: &Disclosed<Opened>, envelope: &Envelope<'_>) -> Option<Vec<u8>> {
    let row = features.rows().next()?;
    let links = links(envelope);
    Some(dressed(envelope.crs, &[("links", &links)], |dress| geojson::feature(features, row, dress)))
}

fn links(envelope: &Envelope<'_>) -> String {
    String::from_utf8(crate::publish::json(&envelope.links)).unwrap_or_default()
}

fn dressed<T>(crs: Reference, members: &[(&str, &str)], write: impl FnOnce(&Dress<'_>) -> T) -> T {
    if crs == Reference::Crs84 {
        return write(&Dress { members, coordinates: Coordinates::Crs84 });
    }
    let projector = Projector::new(crs);
    let place = |place| projector.place(place);
    write(&Dress { members, coordinates: Coordinates::Placed { place: &place, decimals: projector.decimals() } })
}
