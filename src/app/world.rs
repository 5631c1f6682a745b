//! The world that is served: one snapshot with everything made from it, frozen, shared, swapped whole.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use geo::{Geometry, Point};
use rayon::prelude::*;

use super::{
    address::Gazetteer,
    cache::{Cache, Tally},
    error::Error,
    file,
    orders::Orders,
    question::Assignments,
    selection::Shelf,
    tile::FoundKey,
};
use crate::{
    access::{
        Actor, Disclosed, ExactFigures, OpenData, PublicFigures,
        audit::AuditEvent,
        disclose, grant,
        hexes::{Hexes, Policy, Prepared},
    },
    domain::{
        feature::{Feature, Value},
        geo::{BBox, LonLat},
        place::{Access, CivicNumber, Street, StreetId},
    },
    geocode,
    publish::{
        hexes::HexChart,
        tile::{Chart, Order, TileAddress, Zooms},
    },
    query::collection::{Households, People, ReferenceLayer},
    snapshot::{Snapshot, layer::Layer, schema::Titles},
};

/// Bytes of tiles and documents that a world keeps.
const CACHE_BYTES: usize = 192 << 20;

/// Bytes of tiles that a world keeps for filters and of households: however many filters are tried, the tiles that
/// everybody asks for stay.
const FOUND_BYTES: usize = 64 << 20;

/// A box for a town where nothing may be shown yet: Italy.
const ITALY: BBox = BBox { west: 6.6, south: 35.4, east: 18.6, north: 47.1 };

/// What a world is made of.
pub struct Ingredients<'a> {
    /// The households.
    pub snapshot: Arc<Snapshot>,
    /// Imported reference layers.
    pub layers: Vec<Layer>,
    /// Streets of the register.
    pub streets: &'a [Street],
    /// Accesses of the register.
    pub accesses: &'a [Access],
}

/// What is kept of what was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A tile of the hexagons.
    Hexes(Policy, TileAddress),
    /// A tile of the chart at that place.
    Chart(u16, TileAddress),
    /// A document, by its canonical question.
    Document(Policy, Box<str>),
}

/// A world; nothing edits it.
pub struct World {
    generation: Box<str>,
    snapshot: Arc<Snapshot>,
    prepared: Prepared,
    public: HexChart,
    exact: OnceLock<HexChart>,
    households: Arc<Households>,
    people: Arc<People>,
    charts: Vec<Chart>,
    layers: Vec<Arc<ReferenceLayer>>,
    places: BTreeMap<Box<str>, u16>,
    gazetteer: Option<Arc<dyn Gazetteer>>,
    pub(super) cache: Cache<Key>,
    pub(super) found: Cache<FoundKey>,
    pub(super) shelf: file::Shelf,
    pub(super) selections: Shelf,
    pub(super) orders: Orders,
    pub(super) assignments: Assignments,
}

/// What an actor sees of the figures.
pub struct Sight<'a> {
    /// The figures.
    pub chart: &'a HexChart,
    /// To be kept before an answer from it leaves.
    pub event: AuditEvent,
}

impl World {
    /// Makes what the public sees: its figures with their outlines, and the charts of the layers.
    pub fn new(parts: Ingredients<'_>) -> Result<Self, Error> {
        let prepared = Prepared::new(&parts.snapshot);
        let open = grant::<OpenData>(&Actor::anonymous()).map_err(Error::internal)?;
        let figures = grant::<PublicFigures>(&Actor::anonymous()).map_err(Error::internal)?;
        let hexes = || {
            let public = HexChart::new(disclose::hexes(&figures, &prepared).0);
            public.warm();
            public
        };
        let chart = |layer: Layer| {
            let (zooms, order) = layout(layer.name());
            let layer = Arc::new(layer);
            let chart = Chart::new(disclose::layer(&open, &layer).0, zooms, order);
            (chart, Arc::new(ReferenceLayer::new(layer)))
        };
        let layers = || reference_layers(parts.layers, parts.streets, parts.accesses);
        let (public, (charts, layers)): (HexChart, (Vec<Chart>, Vec<Arc<ReferenceLayer>>)) =
            rayon::join(hexes, || layers().into_par_iter().map(chart).unzip());
        let households = Arc::new(Households::new(Arc::clone(&parts.snapshot)));
        let generation = generation_of(&parts.snapshot, charts.iter().map(Chart::layer));
        let places = (0..).zip(&charts).map(|(place, chart)| (chart.layer().name().into(), place)).collect();
        Ok(Self {
            generation,
            people: Arc::new(People::new(Arc::clone(&households))),
            households,
            snapshot: parts.snapshot,
            prepared,
            public,
            exact: OnceLock::new(),
            charts,
            layers,
            places,
            gazetteer: None,
            cache: Cache::new(CACHE_BYTES),
            found: Cache::new(FOUND_BYTES),
            shelf: file::shelf(),
            selections: Shelf::default(),
            orders: Orders::default(),
            assignments: Assignments::default(),
        })
    }

    /// The same world where addresses can be found.
    pub fn with_gazetteer(self, gazetteer: Arc<dyn Gazetteer>) -> Self {
        Self { gazetteer: Some(gazetteer), ..self }
    }

    /// Makes now what only few may see, so that the first of them does not wait.
    pub fn warm(&self) {
        self.prepared.warm();
    }

    /// Which world this is: changes with the households, the layers and the register.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// The households.
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The figures of both policies.
    pub const fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// The households as a collection, made once.
    pub const fn households(&self) -> &Arc<Households> {
        &self.households
    }

    /// The people as a collection, made once.
    pub const fn people(&self) -> &Arc<People> {
        &self.people
    }

    /// The reference layer of that name as a collection, made once; none where there is no such layer.
    pub fn layer(&self, name: &str) -> Option<Arc<ReferenceLayer>> {
        self.chart(name).and_then(|place| self.layers.get(usize::from(place))).cloned()
    }

    /// Every reference layer as a collection, by name.
    pub fn layers(&self) -> &[Arc<ReferenceLayer>] {
        &self.layers
    }

    /// Layers beside the hexagons.
    pub fn charts(&self) -> &[Chart] {
        &self.charts
    }

    /// Who finds addresses.
    pub(super) fn gazetteer(&self) -> Option<&Arc<dyn Gazetteer>> {
        self.gazetteer.as_ref()
    }

    /// How the cache has done.
    pub fn tally(&self) -> Tally {
        self.cache.tally() + self.found.tally()
    }

    /// The place of a layer among the charts.
    pub(super) fn chart(&self, name: &str) -> Option<u16> {
        self.places.get(name).copied()
    }

    /// The hexagons ready for tiles, of a policy whose grant was obtained.
    pub(super) fn hexes(&self, policy: Policy) -> &HexChart {
        match policy {
            Policy::Public => &self.public,
            Policy::Exact => self.exact.get().unwrap_or(&self.public),
        }
    }

    /// The exact figures, where somebody who may has looked at them.
    pub(super) fn seen_exactly(&self) -> Option<&Disclosed<Arc<Hexes>>> {
        self.exact.get().map(HexChart::hexes)
    }

    /// The finest figures that the actor may see, and what the audit log says of it.
    pub fn sight(&self, actor: &Actor) -> Result<Sight<'_>, Error> {
        if let Ok(grant) = grant::<ExactFigures>(actor) {
            let (hexes, event) = disclose::hexes(&grant, &self.prepared);
            return Ok(Sight { chart: self.exact.get_or_init(|| HexChart::new(hexes)), event });
        }
        let grant = grant::<PublicFigures>(actor).map_err(|denied| Error::Forbidden(denied.to_string()))?;
        let (_, event) = disclose::hexes(&grant, &self.prepared);
        Ok(Sight { chart: &self.public, event })
    }

    /// The box of everything that may be shown: the hexagons, else the layers, else Italy.
    pub fn bounds(&self) -> BBox {
        let layers = || {
            let corners = self.charts.iter().filter_map(|chart| chart.layer().bounds()).flat_map(corners);
            BBox::around(corners)
        };
        self.public.hexes().town().bounds.or_else(layers).unwrap_or(ITALY)
    }
}

fn corners(bbox: BBox) -> impl Iterator<Item = LonLat> {
    [(bbox.west, bbox.south), (bbox.east, bbox.north)].into_iter().filter_map(|(lon, lat)| LonLat::new(lon, lat).ok())
}

fn generation_of<'a>(snapshot: &Snapshot, layers: impl Iterator<Item = &'a Layer>) -> Box<str> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(snapshot.generation().as_bytes());
    for layer in layers {
        hasher.update(&(layer.name().len() as u64).to_le_bytes()).update(layer.name().as_bytes());
        hasher.update(layer.generation().as_bytes());
    }
    hasher.finalize().to_hex()[..16].into()
}

/// The zooms of a layer and its order over them.
fn layout(name: &str) -> (Zooms, Order) {
    match name {
        "civics" => (Zooms { from: 14, to: 16 }, Order::Alike),
        "streets" => (Zooms { from: 11, to: 15 }, Order::Rank),
        _ => (Zooms { from: 0, to: 14 }, Order::Alike),
    }
}

/// The imported layers, and beside them `civics`, `streets` and `boundary`, which are always there: from the register
/// where nobody imported better, empty where there is nothing.
fn reference_layers(mut layers: Vec<Layer>, streets: &[Street], accesses: &[Access]) -> Vec<Layer> {
    let missing = |name: &str| !layers.iter().any(|layer| layer.name() == name);
    let make = |name: &str, titles: Titles, features: &(dyn Fn() -> Vec<Feature> + Sync)| {
        missing(name).then(|| Layer::freeze(name, titles, features()))
    };
    let titles = |it, en| Titles::new(it, en);
    let (streets, civics) = rayon::join(
        || make("streets", titles("Strade", "Streets"), &|| street_features(streets, accesses)),
        || make("civics", titles("Numeri civici", "Civic numbers"), &|| civic_features(streets, accesses)),
    );
    let boundary = make("boundary", titles("Confine comunale", "Municipal boundary"), &Vec::new);
    layers.extend([boundary, streets, civics].into_iter().flatten());
    layers.sort_by(|a, b| a.name().cmp(b.name()));
    layers
}

fn civic_features(streets: &[Street], accesses: &[Access]) -> Vec<Feature> {
    let names: BTreeMap<StreetId, &str> = streets.iter().map(|street| (street.id, street.name.as_str())).collect();
    accesses
        .iter()
        .filter_map(|access| Some((access, access.point?)))
        .zip(1..)
        .map(|((access, point), id)| {
            let text = |key: &str, text: &str| (key.into(), Value::Text(text.into()));
            let mut properties = vec![text("number", &written(&access.number))];
            properties.extend(names.get(&access.street).map(|name| text("street", name)));
            Feature { id, geometry: Geometry::Point(Point::new(point.lon(), point.lat())), properties }
        })
        .collect()
}

/// A civic number as it stands at the door: `12/A`, `SNC` where there is none.
pub(super) fn written(number: &CivicNumber) -> String {
    let mut text = number.number.map_or_else(|| "SNC".to_owned(), |number| number.to_string());
    for part in [&number.exponent, &number.note].into_iter().filter(|part| !part.is_empty()) {
        text.push('/');
        text.push_str(part);
    }
    text
}

/// A street as a point for its name: the access nearest to the median of its accesses.
fn street_features(streets: &[Street], accesses: &[Access]) -> Vec<Feature> {
    let mut doors: BTreeMap<StreetId, Vec<LonLat>> = BTreeMap::new();
    for access in accesses {
        doors.entry(access.street).or_default().extend(access.point);
    }
    streets
        .iter()
        .filter_map(|street| Some((street, doors.get(&street.id)?)))
        .filter_map(|(street, points)| Some((street, points.len(), geocode::medoid(points)?)))
        .zip(1..)
        .map(|((street, count, point), id)| {
            let rank = match count {
                100.. => 1,
                40.. => 2,
                15.. => 3,
                _ => 4,
            };
            let properties = vec![
                ("name".into(), Value::Text(street.name.as_str().into())),
                ("rank".into(), Value::Whole(rank)),
                ("doors".into(), Value::Whole(count as i64)),
            ];
            Feature { id, geometry: Geometry::Point(Point::new(point.lon(), point.lat())), properties }
        })
        .collect()
}
