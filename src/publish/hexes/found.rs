//! The hexagons with what a filter found in them.

use h3o::Resolution;

use super::{HexChart, RESOLUTIONS, Sheet};
use crate::{
    access::{Disclosed, found::FoundHexes},
    publish::tile::{Attribute, Kind, LayerWriter, TileAddress},
    snapshot::layer::{Field, FieldKind},
};

/// A share, as parts of one.
const PLACES: f64 = 1e5;

impl HexChart {
    /// The tile's bytes (MVT 2.1, layer `hexes`): every hexagon with `of`, the households in it; where it may be told with
    /// `n`, those that were found, `p`, the people in them, `share`, and the means over those found.
    ///
    /// The chart is that of the exact figures, whose hexagons are the cells in which was looked.
    pub fn found_tile(&self, tile: TileAddress, found: &Disclosed<FoundHexes>) -> Vec<u8> {
        self.laid(tile, |at, sheet, seen| {
            found.prepare(RESOLUTIONS[at], seen);
            self.draw_found(RESOLUTIONS[at], sheet, (tile, seen), found)
        })
    }

    fn draw_found(
        &self,
        resolution: Resolution,
        sheet: &Sheet,
        (tile, seen): (TileAddress, &[u32]),
        found: &FoundHexes,
    ) -> Vec<u8> {
        let level = self.hexes.level(resolution);
        let mut layer = LayerWriter::new("hexes");
        let [id, of, households, people, share] = ["id", "of", "n", "p", "share"].map(|name| layer.key(name));
        let keys: Vec<_> = found.properties().map(|property| layer.key(&property.key)).collect();
        let (mut tags, mut commands) = (Vec::new(), Vec::new());
        for &position in seen {
            let hex = &level[position as usize];
            sheet.shapes[position as usize].draw(tile, 0.0, &mut commands);
            if commands.is_empty() {
                continue;
            }
            tags.clear();
            layer.tag(&mut tags, id, Attribute::Text(&sheet.ids[position as usize]));
            layer.tag(&mut tags, of, Attribute::Whole(hex.households.into()));
            if let Some(here) = found.at(resolution, position as usize) {
                layer.tag(&mut tags, households, Attribute::Whole(here.households.into()));
                layer.tag(&mut tags, people, Attribute::Whole(here.people.into()));
                let part = f64::from(here.households) / f64::from(hex.households.max(1));
                layer.tag(&mut tags, share, Attribute::Number((part * PLACES).round() / PLACES));
                if here.households > 0 {
                    for (&key, mean) in keys.iter().zip(found.means(here)) {
                        if let Some(mean) = mean {
                            layer.tag(&mut tags, key, Attribute::Number(mean));
                        }
                    }
                }
            }
            layer.feature(u64::from(position) + 1, &tags, Kind::Polygon, &commands);
        }
        layer.into_tile()
    }
}

/// The attributes of the layer `hexes` where a filter found something.
pub fn found_fields(found: &FoundHexes) -> Vec<Field> {
    let field = |name: &str, kind| Field { name: name.into(), kind };
    let mut fields = vec![field("id", FieldKind::Text)];
    fields.extend(["of", "n", "p"].map(|name| field(name, FieldKind::Whole)));
    fields.push(field("share", FieldKind::Number));
    fields.extend(found.properties().map(|property| field(&property.key, FieldKind::Number)));
    fields
}
