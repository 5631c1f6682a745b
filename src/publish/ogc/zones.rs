//! Zones as lists (JSON, GeoJSON, 64-bit integers) and their figures (DGGS-JSON).

use std::sync::Arc;

use h3o::{CellIndex, Resolution};
use serde_json::{Map, Value as Json, json};

use super::{
    dggs::{H3, outline},
    link::Link,
};
use crate::{
    access::{
        Disclosed,
        hexes::{HexFigures, Hexes, plain},
    },
    publish::json as written,
};

/// The populated zones of a level with the figures that speak of each, by the index.
pub struct Sheet<'a> {
    hexes: &'a Disclosed<Arc<Hexes>>,
    members: Vec<(CellIndex, &'a HexFigures)>,
}

impl<'a> Sheet<'a> {
    /// The zones of a level; none where there are no figures at it.
    pub fn new(hexes: &'a Disclosed<Arc<Hexes>>, level: Resolution) -> Self {
        let of = |hex: &'a HexFigures| hex.members.iter().map(move |&cell| (cell, hex));
        let mut members: Vec<(CellIndex, &HexFigures)> = hexes.level(level).iter().flat_map(of).collect();
        members.sort_unstable_by_key(|(cell, _)| u64::from(*cell));
        Self { hexes, members }
    }

    /// The figures that speak of a zone.
    pub fn get(&self, cell: CellIndex) -> Option<&'a HexFigures> {
        let found = self.members.binary_search_by_key(&u64::from(cell), |(known, _)| u64::from(*known));
        found.ok().map(|at| self.members[at].1)
    }

    /// The value of a field of a zone.
    fn value(&self, hex: &HexFigures, field: &str) -> Option<f64> {
        match field {
            "households" => Some(hex.households.into()),
            "people" => Some(hex.people.into()),
            "merged" => Some(hex.members.len() as f64),
            key => self.hexes.schema().slot(key).and_then(|slot| hex.value(slot)).map(plain),
        }
    }
}

/// The fields of zones, in order.
pub fn fields(hexes: &Disclosed<Arc<Hexes>>) -> Vec<String> {
    let own = ["households", "people", "merged"].map(str::to_owned);
    own.into_iter().chain(hexes.schema().mapped().map(|(_, property)| property.key.to_string())).collect()
}

/// The zones as a JSON object.
pub fn list(cells: &[CellIndex], links: &[Link]) -> Vec<u8> {
    let area: f64 = cells.iter().map(|cell| cell.area_m2()).sum();
    let zones: Vec<String> = cells.iter().map(ToString::to_string).collect();
    written(&json!({"zones": zones, "returnedAreaMetersSquare": area, "links": links}))
}

/// The zones as 64-bit integers: how many, then each, little-endian.
pub fn binary(cells: &[CellIndex]) -> Vec<u8> {
    let numbers = std::iter::once(cells.len() as u64).chain(cells.iter().map(|&cell| cell.into()));
    numbers.flat_map(u64::to_le_bytes).collect()
}

/// The zones as features with their outlines; those at the level of the figures say with how many others they share them.
pub fn features(cells: &[CellIndex], sheet: &Sheet<'_>, links: &[Link]) -> Vec<u8> {
    let feature = |cell: &CellIndex| {
        let id = cell.to_string();
        let mut properties = json!({"zoneID": id, "level": u8::from(cell.resolution())});
        if let Some(hex) = sheet.get(*cell) {
            properties["figuresOf"] = json!(hex.id.to_string());
            properties["merged"] = json!(hex.members.len());
        }
        json!({"type": "Feature", "id": id, "geometry": outline(*cell), "properties": properties})
    };
    let features: Vec<Json> = cells.iter().map(feature).collect();
    written(&json!({"type": "FeatureCollection", "features": features, "links": links}))
}

/// A depth below a zone: its sub-zones in order, and their figures.
pub struct Depth<'a> {
    /// Levels below the zone.
    pub depth: u8,
    /// The sub-zones.
    pub cells: Vec<CellIndex>,
    /// The figures of their level.
    pub sheet: Sheet<'a>,
}

impl Depth<'_> {
    /// Whether anything is known of any sub-zone.
    pub fn is_known(&self) -> bool {
        self.cells.iter().any(|&cell| self.sheet.get(cell).is_some())
    }
}

/// The figures of a zone and its sub-zones as DGGS-JSON: for each field a list at each depth, in the order of sub-zones.
pub fn data(base: &str, zone: CellIndex, depths: &[Depth<'_>], names: &[String]) -> Vec<u8> {
    let mut values = Map::new();
    let mut schema = Map::new();
    for (name, place) in names.iter().zip(1..) {
        let of = |depth: &Depth<'_>| {
            let value = |&cell: &CellIndex| depth.sheet.get(cell).and_then(|hex| depth.sheet.value(hex, name));
            let data: Vec<Option<f64>> = depth.cells.iter().map(value).collect();
            let count = data.len();
            json!({"depth": depth.depth, "shape": {"count": count, "subZones": count}, "data": data})
        };
        values.insert(name.clone(), depths.iter().map(of).collect());
        schema.insert(name.clone(), json!({"type": "number", "x-ogc-propertySeq": place}));
    }
    written(&json!({
        "dggrs": format!("{base}/dggs/{H3}"),
        "zoneId": zone.to_string(),
        "depths": depths.iter().map(|depth| depth.depth).collect::<Vec<_>>(),
        "schema": {"type": "object", "properties": schema},
        "values": values,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_list_begins_with_its_length() {
        let cell: CellIndex = "8a1e8e0000cffff".parse().unwrap();
        let bytes = binary(&[cell]);
        assert_eq!(bytes[..8], 1_u64.to_le_bytes());
        assert_eq!(bytes[8..], 0x8a1_e8e0_000c_ffff_u64.to_le_bytes());
        assert_eq!(binary(&[]).len(), 8);
    }
}
