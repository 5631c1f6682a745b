//! The places of a plan on the roads: snapped for each profile, and the times and distances between them.

use std::{
    collections::{BTreeMap, VecDeque, btree_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use super::work::Stopped;
use crate::{
    app::{App, Error, roads},
    casework::{
        event::StreamId,
        order::{LonLat as Point, Order},
        scenario::ScenarioId,
    },
    domain::{geo::LonLat, watch::Watch},
    logistics::problem::{Matrix, UNREACHABLE},
    roads::{
        plane::{Plane, Snapped, Unsnapped},
        profile::Profile,
    },
};

/// Places of one plan between which times are computed, at most: a matrix of each profile is kept while it is solved.
const PLACES_MAX: usize = 4_000;

/// Places of a terrain that is kept, and terrains that are kept, at most: some dozen megabytes.
const KEPT_PLACES_MAX: usize = 1_000;
const KEPT_MOST: usize = 4;

/// The planes of an order: its own profile first.
#[derive(Clone)]
pub(super) struct Planes {
    main: Profile,
    all: BTreeMap<Profile, Arc<Plane>>,
}

/// The profile of a key. Errors: `Invalid` with its place in the order.
pub(super) fn profile(place: &str, key: &str) -> Result<Profile, Error> {
    Profile::parse(key).ok_or_else(|| Error::invalid(place, "car, van, truck, foot or emergency"))
}

/// The profiles of an order: its own, and that of each crew.
pub(super) fn profiles(order: &Order) -> Result<(Profile, Vec<Profile>), Error> {
    let main = profile("profile", &order.profile)?;
    let of = |(at, crew): (usize, &crate::casework::order::Crew)| match &crew.profile {
        Some(key) => profile(&format!("crews[{at}].profile"), key),
        None => Ok(main),
    };
    Ok((main, order.crews.iter().enumerate().map(of).collect::<Result<_, _>>()?))
}

impl Planes {
    /// The planes of an order under its scenario, or under another.
    pub(super) async fn of(app: &App, order: &Order, scenario: Option<StreamId>) -> Result<Self, Error> {
        let (main, crews) = profiles(order)?;
        let mut all = BTreeMap::new();
        for profile in [main].into_iter().chain(crews) {
            if let Entry::Vacant(place) = all.entry(profile) {
                place.insert(roads::plane(app, profile, scenario.map(ScenarioId)).await?);
            }
        }
        Ok(Self { main, all })
    }

    /// Whether these are the same planes: other roads and other closures are others.
    fn are(&self, other: &Self) -> bool {
        let same = |(profile, plane): (&Profile, &Arc<Plane>)| {
            other.all.get(profile).is_some_and(|other| Arc::ptr_eq(plane, other))
        };
        self.main == other.main && self.all.len() == other.all.len() && self.all.iter().all(same)
    }

    /// The plane of the order's own profile.
    pub(super) fn main(&self) -> &Plane {
        &self.all[&self.main]
    }

    /// The plane of a profile of the order.
    pub(super) fn get(&self, profile: Profile) -> &Plane {
        self.all.get(&profile).unwrap_or(&self.all[&self.main])
    }

    /// A point on the roads of the order's own profile.
    pub(super) fn snap(&self, [lon, lat]: Point, street: Option<&str>) -> Result<Snapped, Unsnapped> {
        match LonLat::new(lon, lat) {
            Ok(point) => self.main().snap(point, street),
            Err(_) => Err(Unsnapped::NoRoads),
        }
    }

    /// The times from each of some points to each of others, in minutes; infinite where no way leads.
    pub(super) fn minutes(
        &self,
        from: &[Snapped],
        to: &[Snapped],
        watch: &dyn Watch,
    ) -> Result<Vec<Vec<f64>>, Stopped> {
        if from.is_empty() || to.is_empty() {
            return Ok(vec![Vec::new(); from.len()]);
        }
        let matrix = self.main().matrix(from, to, watch).ok_or(Stopped::Cancelled)?;
        let cell = |ds: &u32| if *ds == UNREACHABLE { f64::INFINITY } else { f64::from(*ds) / 600.0 };
        Ok(matrix.durations_ds.chunks(matrix.columns.max(1)).map(|row| row.iter().map(cell).collect()).collect())
    }
}

/// A place that matrices know.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    at: Point,
    street: Option<Box<str>>,
    /// Where something was done already: whoever stands there goes on from the nearest open road.
    visited: Visited,
}

/// Whether somebody was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visited {
    /// Yes.
    Before,
    /// Not yet.
    NotYet,
}

/// Coordinates bit by bit, the street, whether a crew was there.
type Known = ([u64; 2], Option<Box<str>>, bool);

/// Places in the order of their indices, each once.
#[derive(Default)]
pub(super) struct Spots {
    all: Vec<Spot>,
    known: BTreeMap<Known, usize>,
}

impl Spots {
    /// The index of a place.
    pub(super) fn add(&mut self, at: Point, street: Option<&str>, visited: Visited) -> usize {
        let street: Option<Box<str>> = street.map(Into::into);
        let key = (at.map(f64::to_bits), street.clone(), visited == Visited::Before);
        *self.known.entry(key).or_insert_with(|| {
            self.all.push(Spot { at, street, visited });
            self.all.len() - 1
        })
    }
}

/// The places of a plan and what lies between them.
#[derive(Clone)]
pub(super) struct Terrain {
    planes: Planes,
    snapped: BTreeMap<Profile, Vec<Option<Snapped>>>,
    /// By the key of the profile.
    pub(super) matrices: BTreeMap<String, Matrix>,
}

/// Terrains of the plans that are being changed by hand: a drag asks many times before it ends.
#[derive(Default)]
pub(super) struct Terrains(Mutex<VecDeque<(Vec<Spot>, Terrain)>>);

impl Terrains {
    /// The terrain of some places, as it was made before where nothing has changed.
    pub(super) fn terrain(&self, planes: Planes, spots: &Spots, watch: &dyn Watch) -> Result<Terrain, Stopped> {
        if spots.all.len() > KEPT_PLACES_MAX {
            return Terrain::new(planes, spots, watch);
        }
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |(places, terrain): &&(Vec<Spot>, Terrain)| *places == spots.all && terrain.planes.are(&planes);
        if let Some((_, terrain)) = lock().iter().find(known) {
            return Ok(terrain.clone());
        }
        let terrain = Terrain::new(planes, spots, watch)?;
        let mut kept = lock();
        kept.push_back((spots.all.clone(), terrain.clone()));
        while kept.len() > KEPT_MOST {
            kept.pop_front();
        }
        Ok(terrain)
    }
}

impl Terrain {
    /// Snaps the places and computes what lies between them; work for the processor.
    pub(super) fn new(planes: Planes, spots: &Spots, watch: &dyn Watch) -> Result<Self, Stopped> {
        let size = spots.all.len();
        if size > PLACES_MAX {
            let reason = format!("{size} places are to be reached; {PLACES_MAX} are the most of one plan: divide it");
            return Err(Stopped::Failed(reason));
        }
        let (mut snapped, mut matrices) = (BTreeMap::new(), BTreeMap::new());
        for (profile, plane) in &planes.all {
            let found: Vec<Option<Snapped>> = spots.all.iter().map(|spot| place(plane, spot)).collect();
            matrices.insert(profile.key().to_owned(), between(plane, &found, watch)?);
            snapped.insert(*profile, found);
        }
        Ok(Self { planes, snapped, matrices })
    }

    /// Metres from the road where a profile stops to a place.
    pub(super) fn walk_m(&self, profile: Profile, place: usize) -> u32 {
        let snapped = self.snapped.get(&profile).and_then(|snapped| snapped.get(place).copied().flatten());
        snapped.map_or(0, |snapped| snapped.distance_m.round() as u32)
    }

    /// The line of a way through places, for a profile; straight where no way is known.
    pub(super) fn line(&self, profile: Profile, places: &[usize], spots: &Spots) -> Vec<Point> {
        let plane = self.planes.get(profile);
        let found: Option<Vec<Snapped>> = match self.snapped.get(&profile) {
            Some(snapped) => places.iter().map(|at| snapped.get(*at).copied().flatten()).collect(),
            None => None,
        };
        match found.and_then(|found| plane.route(&found)) {
            Some(route) => route.line.coords().map(|c| [c.x, c.y]).collect(),
            None => places.iter().filter_map(|at| spots.all.get(*at)).map(|spot| spot.at).collect(),
        }
    }
}

fn place(plane: &Plane, spot: &Spot) -> Option<Snapped> {
    let point = LonLat::new(spot.at[0], spot.at[1]).ok()?;
    match plane.snap(point, spot.street.as_deref()) {
        Ok(snapped) => Some(snapped),
        Err(_) if spot.visited == Visited::Before => plane.nearest(point, 1).first().copied(),
        Err(_) => None,
    }
}

fn between(plane: &Plane, places: &[Option<Snapped>], watch: &dyn Watch) -> Result<Matrix, Stopped> {
    let size = places.len();
    let on_road: Vec<usize> = (0..size).filter(|at| places[*at].is_some()).collect();
    let points: Vec<Snapped> = places.iter().copied().flatten().collect();
    let (mut durations, mut lengths) = (vec![UNREACHABLE; size * size], vec![UNREACHABLE; size * size]);
    if !points.is_empty() {
        let matrix = plane.matrix(&points, &points, watch).ok_or(Stopped::Cancelled)?;
        for (row, from) in on_road.iter().enumerate() {
            for (column, to) in on_road.iter().enumerate() {
                let (cell, at) = (row * matrix.columns + column, from * size + to);
                if matrix.durations_ds[cell] != UNREACHABLE {
                    durations[at] = (matrix.durations_ds[cell] + 5) / 10;
                    lengths[at] = matrix.lengths_m[cell];
                }
            }
        }
    }
    for at in 0..size {
        (durations[at * size + at], lengths[at * size + at]) = (0, 0);
    }
    Matrix::new(size, durations, lengths).map_err(|fault| Stopped::Broken(Error::internal(fault.to_string())))
}
