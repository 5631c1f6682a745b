//! The whole invented town in memory, compact: some 100 bytes a resident.

use std::collections::HashSet;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{
    areas, bank,
    dice::{Dice, Stage},
    ground::{Ground, to_degrees},
    people::{self, Names, Person, Status, Work},
    register, roads,
    streets::{self, Door, Street},
};
use crate::domain::geo::LonLat;

/// By what right a home is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tenure {
    Owned,
    Rented,
    Public,
}

pub(super) struct Household {
    /// Position of its first member among the people; the others follow.
    pub(super) first: u32,
    pub(super) members: u8,
    /// Position of its door.
    pub(super) door: u32,
    pub(super) tenure: Tenure,
    /// In the home since.
    pub(super) since: Date,
    /// About −1.5 poor to 1.5 rich.
    pub(super) wealth: f32,
    /// What a statement of 2026 would say, in cents.
    pub(super) isee: i64,
}

/// An invented town. Make one with [`town`], take its files with [`Town::write`].
pub struct Town {
    pub(super) seed: u64,
    pub(super) ground: Ground,
    pub(super) streets: Vec<Street>,
    pub(super) doors: Vec<Door>,
    pub(super) names: Names,
    pub(super) people: Vec<Person>,
    pub(super) households: Vec<Household>,
}

/// Invents a town: at least 50 households. Pure: the same arguments give the same town on any machine.
pub fn town(households: u32, seed: u64) -> Town {
    let households = households.max(50);
    let ground = Ground::new(households, seed);
    let mut streets = streets::lay(&ground, seed);
    let doors = streets::open_doors(&ground, &mut streets, households, seed);
    let names = Names::new();
    let mut town = Town { seed, ground, streets, doors, names, people: Vec::new(), households: Vec::new() };
    town.settle(households);
    town.part_codes();
    town
}

impl Town {
    fn settle(&mut self, count: u32) {
        let mut sum = 0.0_f64;
        let attraction: Vec<f64> = self
            .doors
            .iter()
            .map(|door| {
                sum += f64::from(door.attraction);
                sum
            })
            .collect();
        let one = |i: u32| self.settle_one(i, &attraction);
        let settled: Vec<(Household, Vec<Person>)> = (0..count).into_par_iter().map(one).collect();
        for (mut household, people) in settled {
            household.first = self.people.len() as u32;
            self.people.extend(people);
            self.households.push(household);
        }
    }

    fn settle_one(&self, i: u32, attraction: &[f64]) -> (Household, Vec<Person>) {
        let mut dice = Dice::new(self.seed, Stage::Household, u64::from(i));
        let total = attraction.last().copied().unwrap_or(0.0);
        let drawn = dice.unit() * total;
        let door = attraction.partition_point(|sum| *sum <= drawn).min(self.doors.len() - 1);
        let district = &self.ground.districts[self.streets[self.doors[door].street as usize].district as usize];
        let character = district.character;
        let wealth = 0.75 * character.wealth + 0.45 * dice.normal();
        let people = people::settle(&self.names, character, wealth, &mut dice);
        let tenure = if dice.chance(character.public) {
            Tenure::Public
        } else if dice.chance((0.30 - 0.2 * wealth).clamp(0.05, 0.7)) {
            Tenure::Rented
        } else {
            Tenure::Owned
        };
        let years = dice.unit() * if people[0].nation == 0 { 32.0 } else { 14.0 };
        let since = bank::day_before(people::TODAY, (years * 365.0) as i64 + 3);
        let isee = isee(&people, wealth, tenure, &mut dice);
        let household = Household {
            first: 0,
            members: people.len() as u8,
            door: door as u32,
            tenure,
            since,
            wealth: wealth as f32,
            isee,
        };
        (household, people)
    }

    /// Two people with the same code: the later one gets an omocode, as the tax agency does.
    fn part_codes(&mut self) {
        let mut seen = HashSet::with_capacity(self.people.len());
        for person in &mut self.people {
            if seen.insert(person.code) {
                continue;
            }
            if let Some(free) = person.code.omocodes().into_iter().find(|code| seen.insert(*code)) {
                person.code = free;
            }
        }
    }

    pub(super) fn members(&self, household: &Household) -> &[Person] {
        &self.people[household.first as usize..household.first as usize + usize::from(household.members)]
    }

    pub(super) fn point(&self, door: u32) -> LonLat {
        to_degrees(self.doors[door as usize].at)
    }

    /// How many households.
    pub fn households(&self) -> usize {
        self.households.len()
    }

    /// How many people, those who died or left included.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// How many residents.
    pub fn residents(&self) -> usize {
        self.people.iter().filter(|p| p.status == Status::Resident).count()
    }

    /// How many accesses the register has.
    pub fn accesses(&self) -> usize {
        self.doors.len()
    }

    /// Gives every file, piece by piece: a path that comes again continues the file of that name. The paths are
    /// `civics/indirizzario.csv`, `civics/stradario.csv`, `boundary.geojson`, `sections.geojson`,
    /// `neighbourhoods.geojson`, `streets.geojson`, `roads.geojson`, `banks/<kind>.csv`, `truth/<kind>.csv`, `truth/persons.csv` and
    /// `truth/households.csv`. Peak memory is the town itself and a few megabytes.
    pub fn write(&self, sink: &mut dyn FnMut(&str, &[u8])) {
        register::write(self, sink);
        areas::write(self, sink);
        roads::write(self, sink);
        bank::write(self, sink);
    }

    /// Every file, whole: for towns small enough.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        self.write(&mut |path, bytes| match files.iter_mut().find(|(known, _)| known == path) {
            Some((_, content)) => content.extend_from_slice(bytes),
            None => files.push((path.to_owned(), bytes.to_vec())),
        });
        files
    }
}

/// ISEE equivalence scale by members.
pub(super) fn scale(members: usize) -> f64 {
    match members {
        0 | 1 => 1.0,
        2 => 1.57,
        3 => 2.04,
        4 => 2.46,
        n => 2.85 + 0.35 * (n as f64 - 5.0),
    }
}

fn isee(people: &[Person], wealth: f64, tenure: Tenure, dice: &mut Dice) -> i64 {
    let income: f64 = people.iter().map(|p| if p.work == Work::None { 0.0 } else { f64::from(p.income) }).sum();
    let assets = if tenure == Tenure::Owned { 9_000.0 * (0.9 * wealth + 0.9 * dice.normal()).exp() } else { 0.0 };
    (((income * 0.82 + 0.2 * assets) / scale(people.len())) * 100.0) as i64
}
