//! The figures as a collection: hexagons that are filtered, paged and written like any layer.

use std::sync::{Arc, OnceLock};

use geo::Geometry;
use h3o::{CellIndex, Resolution};

use crate::domain::feature::{Feature, Value};
use crate::query::collection::{Field, FieldKind, ReferenceLayer};
use crate::snapshot::{
    layer::Layer,
    schema::{Property, Sensitivity, Titles, Unit},
};

use super::{HexFigures, Hexes, RESOLUTIONS, place, plain};

/// One collection for each resolution, made at its first use, and an empty one for all others.
#[derive(Debug, Default)]
pub(super) struct Collections([OnceLock<Arc<ReferenceLayer>>; RESOLUTIONS.len() + 1]);

impl Collections {
    pub(super) fn at(&self, hexes: &Hexes, resolution: Resolution) -> &Arc<ReferenceLayer> {
        let at = place(resolution).unwrap_or(RESOLUTIONS.len());
        self.0[at].get_or_init(|| Arc::new(make(hexes, resolution)))
    }
}

/// The number of a cell of resolution 10 or coarser: below 2^53, the same in every generation. Bits, from the lowest: 30 of
/// its digits (those past its own resolution are 7), 7 of its base cell, 4 of its resolution.
pub fn number(cell: CellIndex) -> u64 {
    let raw = u64::from(cell);
    let (resolution, place) = (raw >> 52 & 0xf, raw >> 15 & ((1 << 37) - 1));
    resolution << 37 | place
}

/// The cell of a number; none where it is no cell's.
pub fn cell_of(number: u64) -> Option<CellIndex> {
    let (resolution, place) = (number >> 37, number & ((1 << 37) - 1));
    let raw = 1 << 59 | resolution << 52 | place << 15 | 0x7fff;
    (resolution <= 10).then(|| CellIndex::try_from(raw).ok()).flatten()
}

fn make(hexes: &Hexes, resolution: Resolution) -> ReferenceLayer {
    let fields = fields(hexes);
    let feature = |hex: &HexFigures| {
        let own = [
            Value::Text(hex.id.to_string().into()),
            Value::Whole(u8::from(resolution).into()),
            Value::Whole(hex.members.len() as i64),
            Value::Whole(hex.households.into()),
            Value::Whole(hex.people.into()),
        ];
        let figures = hex.values.iter().map(|value| value.map_or(Value::Null, |value| Value::Number(plain(value))));
        let values = own.into_iter().chain(figures);
        Feature {
            id: number(hex.id),
            geometry: Geometry::MultiPolygon(hex.geometry().clone()),
            properties: fields.iter().map(|field| field.name.clone()).zip(values).collect(),
        }
    };
    let features = hexes.level(resolution).iter().map(feature).collect();
    let layer = Layer::freeze("hexes", Titles::new("Esagoni", "Hexagons"), features);
    ReferenceLayer::with_fields(Arc::new(layer), fields)
}

/// `id`, `resolution`, `merged`, `households`, `people`, then every mapped property: figures of areas, not of anybody.
fn fields(hexes: &Hexes) -> Vec<Field> {
    let own = |name: &str, kind, unit, [it, en]: [&str; 2], [it_more, en_more]: [&str; 2]| Field {
        name: name.into(),
        kind,
        title: Titles::new(it, en),
        description: Titles::new(it_more, en_more),
        unit,
        sensitivity: Sensitivity::Aggregate,
        choices: Box::default(),
    };
    let mapped = |property: &Property| Field {
        name: property.key.clone(),
        kind: FieldKind::Number,
        title: property.title.clone(),
        description: property.description.clone(),
        unit: property.unit,
        sensitivity: Sensitivity::Aggregate,
        choices: Box::default(),
    };
    let mut fields = vec![
        own(
            "id",
            FieldKind::Text,
            Unit::None,
            ["Cella", "Cell"],
            [
                "Indice H3 della cella, o della zona che unisce più celle.",
                "H3 index of the cell, or of the zone of several.",
            ],
        ),
        own(
            "resolution",
            FieldKind::Whole,
            Unit::None,
            ["Risoluzione", "Resolution"],
            ["Risoluzione H3.", "H3 resolution."],
        ),
        own(
            "merged",
            FieldKind::Whole,
            Unit::Count,
            ["Celle unite", "Joined cells"],
            ["Celle che compongono la zona.", "Cells of which the zone is made."],
        ),
        own("households", FieldKind::Whole, Unit::Count, ["Famiglie", "Households"], ["", ""]),
        own("people", FieldKind::Whole, Unit::Count, ["Persone", "People"], ["", ""]),
    ];
    fields.extend(hexes.schema().mapped().map(|(_, property)| mapped(property)));
    fields
}
