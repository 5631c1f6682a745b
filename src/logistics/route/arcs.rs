//! Times, costs and metres between places as one sort of vehicle drives them.

use std::borrow::Cow;

use super::model::{NONE, Table};
use crate::logistics::problem::{Matrix, Problem, UNREACHABLE, Vehicle};

/// A leg that cannot be driven is as long as this, and no sum of others is.
pub const FAR: i64 = 1 << 40;

/// Up to so many places the tables are also kept turned, so that a stop's legs lie side by side in both directions.
const TURNED: usize = 3_000;

/// What a sort of vehicle drives.
pub struct Arcs<'a> {
    places: usize,
    times: Table<'a>,
    /// Times to a place, where they differ from times from it.
    turned: Option<Vec<u32>>,
    /// Where costs are not times.
    costs: Option<Table<'a>>,
    /// What a cell of the costs counts.
    unit: i64,
    metres: &'a [u32],
}

fn reach(cell: u32) -> i64 {
    if cell == UNREACHABLE { FAR } else { i64::from(cell) }
}

impl<'a> Arcs<'a> {
    /// One for each sort of vehicle; which is whose; how many units of cost make 1.
    pub fn all(problem: &'a Problem) -> (Vec<u32>, Vec<Self>, f64) {
        let plain = |vehicle: &Vehicle| {
            problem.matrices[&vehicle.profile].costs().is_empty()
                && (vehicle.costs.per_hour - 3600.0).abs() < 1e-9
                && vehicle.costs.per_km == 0.0
        };
        let whole = |vehicle: &Vehicle| vehicle.costs.fixed.fract() == 0.0 && vehicle.costs.per_task_hour == 0.0;
        let scale = if problem.vehicles.iter().all(|vehicle| plain(vehicle) && whole(vehicle)) { 1 } else { 100 };
        let mut keys: Vec<(&str, [u64; 3])> = Vec::new();
        let (mut classes, mut all) = (Vec::new(), Vec::new());
        for vehicle in &problem.vehicles {
            let costs = vehicle.costs;
            let key = (
                vehicle.profile.as_str(),
                [vehicle.speed_factor.to_bits(), costs.per_hour.to_bits(), costs.per_km.to_bits()],
            );
            let class = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                keys.push(key);
                all.push(Self::new(&problem.matrices[&vehicle.profile], vehicle, plain(vehicle), scale));
                keys.len() - 1
            });
            classes.push(class as u32);
        }
        (classes, all, scale as f64)
    }

    fn new(matrix: &'a Matrix, vehicle: &Vehicle, plain: bool, scale: i64) -> Self {
        let places = matrix.size();
        let factor = vehicle.speed_factor;
        let times: Table<'a> = if (factor - 1.0).abs() < 1e-9 {
            Cow::Borrowed(matrix.durations_s())
        } else {
            let scaled =
                |cell: &u32| if *cell == UNREACHABLE { *cell } else { (f64::from(*cell) / factor).round() as u32 };
            Cow::Owned(matrix.durations_s().iter().map(scaled).collect())
        };
        let costs: Option<Table<'a>> = if plain {
            None
        } else if !matrix.costs().is_empty() {
            Some(Cow::Borrowed(matrix.costs()))
        } else {
            let metres = matrix.distances_m();
            let cost = |(at, time): (usize, &u32)| {
                let metres = metres.get(at).copied().filter(|cell| *cell != UNREACHABLE).unwrap_or(0);
                let cost = vehicle.costs.per_hour * f64::from(*time) / 3600.0
                    + vehicle.costs.per_km * f64::from(metres) / 1000.0;
                if *time == UNREACHABLE { UNREACHABLE } else { (cost * scale as f64).round().min(4e9) as u32 }
            };
            Some(Cow::Owned(times.iter().enumerate().map(cost).collect()))
        };
        let unit = if costs.is_some() && matrix.costs().is_empty() { 1 } else { scale };
        let turned = (places <= TURNED && !is_symmetric(&times, places)).then(|| turn(&times, places));
        Self { places, times, turned, costs, unit, metres: matrix.distances_m() }
    }

    /// The time of a leg; 0 from or to nowhere in particular.
    #[inline]
    pub fn time(&self, from: u32, to: u32) -> i64 {
        if from == NONE || to == NONE { 0 } else { reach(self.times[from as usize * self.places + to as usize]) }
    }

    /// The cost of a leg.
    #[inline]
    pub fn cost(&self, from: u32, to: u32) -> i64 {
        if from == NONE || to == NONE {
            return 0;
        }
        let table = self.costs.as_ref().unwrap_or(&self.times);
        let cell = table[from as usize * self.places + to as usize];
        if cell == UNREACHABLE { FAR } else { i64::from(cell) * self.unit }
    }

    /// The metres of a leg.
    #[inline]
    pub fn metres(&self, from: u32, to: u32) -> i64 {
        if from == NONE || to == NONE || self.metres.is_empty() {
            return 0;
        }
        let cell = self.metres[from as usize * self.places + to as usize];
        if cell == UNREACHABLE { 0 } else { i64::from(cell) }
    }

    /// Whether a cost is a time, so that one look tells both.
    #[inline]
    pub const fn is_plain(&self) -> bool {
        self.costs.is_none()
    }

    /// What a second costs where [`Self::is_plain`].
    #[inline]
    pub const fn unit(&self) -> i64 {
        self.unit
    }

    /// The legs from a place, and to it where they lie side by side.
    #[inline]
    pub fn around(&self, place: u32) -> Around<'_> {
        let (from, to) = (place as usize * self.places, (place as usize + 1) * self.places);
        let out = &self.times[from..to];
        match &self.turned {
            Some(turned) => Around { out, into: &turned[from..to], step: 1 },
            None if self.places <= TURNED => Around { out, into: out, step: 1 },
            None => Around { out, into: &self.times[place as usize..], step: self.places },
        }
    }
}

/// The legs from and to one place.
#[derive(Clone, Copy)]
pub struct Around<'m> {
    out: &'m [u32],
    into: &'m [u32],
    step: usize,
}

impl Around<'_> {
    /// The time from there to a place.
    #[inline]
    pub fn to(&self, place: u32) -> i64 {
        if place == NONE { 0 } else { reach(self.out[place as usize]) }
    }

    /// The time from a place to there.
    #[inline]
    pub fn from(&self, place: u32) -> i64 {
        if place == NONE { 0 } else { reach(self.into[place as usize * self.step]) }
    }
}

fn is_symmetric(table: &[u32], places: usize) -> bool {
    (0..places).all(|row| (0..row).all(|column| table[row * places + column] == table[column * places + row]))
}

fn turn(table: &[u32], places: usize) -> Vec<u32> {
    (0..places * places).map(|at| table[(at % places) * places + at / places]).collect()
}
