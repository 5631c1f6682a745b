//! Points of the Comune's own civic layer for accesses that the register has without coordinates.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    cascade::{Scratch, search},
    civic::Exponent,
    ladder::numbered,
    register::Register,
};
use crate::domain::{geo::LonLat, place::CivicNumber};

/// A point of the Comune's layer: street as written there, number, longitude and latitude.
pub type OwnPoint = (String, CivicNumber, LonLat);

/// What came of borrowing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BorrowReport {
    /// Accesses that got a point.
    pub borrowed: usize,
    /// Accesses that have none still.
    pub still_without: usize,
    /// Points whose street is not in the register.
    pub points_without_street: usize,
    /// Points whose street is known but whose number is not in the register.
    pub points_without_access: usize,
    /// Street texts of the layer that differ from the register's name, and the name they were taken for.
    pub variants: Vec<(String, String)>,
    /// Street texts that were not found.
    pub unknown_streets: Vec<String>,
}

/// Name penalty up to which the numbers of a street may speak for it.
const KIN: f32 = 1.3;
/// Share of a street text's numbers that must be in the register where the name alone does not decide.
const SHARED_NUMBERS: f64 = 0.6;

impl Register {
    /// Gives accesses without coordinates the Comune's points: street texts go through the geocoder, numbers through the
    /// ladder; where the name leaves a doubt, the numbers that both have decide. Points of the register are never replaced.
    pub fn borrow_points(&mut self, points: Vec<OwnPoint>) -> BorrowReport {
        let mut report = BorrowReport::default();
        let mut by_text: BTreeMap<String, Vec<(CivicNumber, LonLat)>> = BTreeMap::new();
        for (text, number, point) in points {
            by_text.entry(text.trim().to_owned()).or_default().push((number, point));
        }
        let found = self.match_streets(&by_text, &mut report);
        let mut given: HashMap<u32, LonLat> = HashMap::new();
        let mut spare: Vec<(u32, u32, LonLat)> = Vec::new();
        for (text, street) in &found {
            for (number, point) in &by_text[text] {
                match self.door_of(*street, number) {
                    Some(at) => {
                        given.entry(at).or_insert(*point);
                    }
                    None => match number.number {
                        Some(n) => spare.push((*street, n, *point)),
                        None => report.points_without_access += 1,
                    },
                }
            }
        }
        self.use_spare(&spare, &mut given, &mut report);
        let mut points: Vec<(u32, LonLat)> =
            given.into_iter().filter(|(at, _)| self.accesses[*at as usize].point.is_none()).collect();
        points.sort_unstable_by_key(|p| p.0);
        report.borrowed = points.len();
        self.with_points(&points);
        report.still_without = self.accesses.iter().filter(|a| a.point.is_none()).count();
        report
    }

    /// The street of each text: exact names first, so that a variant does not take a street that has its own text.
    fn match_streets(
        &self,
        by_text: &BTreeMap<String, Vec<(CivicNumber, LonLat)>>,
        report: &mut BorrowReport,
    ) -> Vec<(String, u32)> {
        let mut scratch = Scratch::default();
        let mut found: Vec<(String, u32)> = Vec::new();
        let mut open: Vec<(f32, &String, u32)> = Vec::new();
        for (text, points) in by_text {
            scratch.parsed.read_street(text);
            search(self, &mut scratch);
            let shared = |street: u32| {
                let hits = points.iter().filter(|(n, _)| self.door_of(street, n).is_some()).count();
                hits as f64 / points.len().max(1) as f64
            };
            let best = scratch
                .candidates
                .iter()
                .filter(|c| c.aligned.penalty <= KIN)
                .filter(|c| c.aligned.penalty < 0.1 || shared(c.street) >= SHARED_NUMBERS)
                .min_by(|a, b| {
                    let doubt = |c: &super::cascade::Candidate| f64::from(c.aligned.penalty) - shared(c.street);
                    doubt(a).total_cmp(&doubt(b))
                });
            match best {
                Some(c) if c.aligned.penalty < 0.1 => found.push((text.clone(), c.street)),
                Some(c) => open.push((c.aligned.penalty, text, c.street)),
                None => {
                    report.points_without_street += points.len();
                    report.unknown_streets.push(text.clone());
                }
            }
        }
        let mut taken: HashSet<u32> = found.iter().map(|f| f.1).collect();
        open.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        for (_, text, street) in open {
            if taken.insert(street) {
                found.push((text.clone(), street));
            } else {
                report.points_without_street += by_text[text].len();
                report.unknown_streets.push(text.clone());
            }
        }
        for (text, street) in &found {
            let name = &self.streets[*street as usize].street.name;
            if name != text {
                report.variants.push((text.clone(), name.clone()));
            }
        }
        found
    }

    fn door_of(&self, street: u32, number: &CivicNumber) -> Option<u32> {
        let doors = self.doors(street);
        let exponent = Exponent::of(&number.exponent);
        let same = numbered(doors, number.number?);
        let at = same.into_iter().find(|&i| Exponent::of(&doors[i].number.exponent) == exponent)?;
        self.access_position(doors[at].id)
    }

    /// A point whose exponent the register does not have serves the plain number, where both stand alone.
    fn use_spare(&self, spare: &[(u32, u32, LonLat)], given: &mut HashMap<u32, LonLat>, report: &mut BorrowReport) {
        for &(street, number, point) in spare {
            let alone = spare.iter().filter(|s| s.0 == street && s.1 == number).count() == 1;
            let plain = CivicNumber { number: Some(number), ..CivicNumber::default() };
            match self.door_of(street, &plain).filter(|at| alone && !given.contains_key(at)) {
                Some(at) => {
                    given.insert(at, point);
                }
                None => report.points_without_access += 1,
            }
        }
    }
}
