//! The civic ladder: from a street and a written number to a door, or as near as the register allows.

use super::{
    civic::{Civic, Written},
    fault::Faults,
    register::{Register, is_sound},
};
use crate::domain::{
    geo::LonLat,
    place::{Access, PlaceLevel, PointQuality},
};

/// A step of the ladder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    /// How near.
    pub(super) level: PlaceLevel,
    /// The door, where it is the one that was written.
    pub(super) access: Option<u32>,
    /// Where.
    pub(super) point: Option<LonLat>,
    /// Radius in metres.
    pub(super) uncertainty_m: Option<f32>,
    /// What does not agree.
    pub(super) faults: Faults,
}

/// A house number apart is about so many metres along the street.
const METRES_PER_NUMBER: f32 = 8.0;
/// Widest gap of numbers over which is interpolated.
const MAX_GAP: u32 = 12;
/// Radius of a door's own point.
const DOOR_M: f32 = 5.0;
/// Radius where another exponent of the number, or the neighbours, stand for it.
const NEIGHBOUR_M: f32 = 20.0;
/// Radius of a point that is suspect.
const SUSPECT_M: f32 = 500.0;

/// Climbs the ladder as far as the register allows.
pub(super) fn climb(register: &Register, street: u32, civic: &Civic) -> Step {
    let doors = register.doors(street);
    match civic.written {
        Written::Nothing | Written::WithoutNumber => on_street(register, street, Faults::NO_NUMBER),
        Written::Metres => climb_number(register, street, doors, civic, civic.number)
            .filter(|s| s.access.is_some())
            .or_else(|| {
                climb_number(register, street, doors, civic, civic.number / 1000).filter(|s| s.access.is_some())
            })
            .unwrap_or_else(|| on_street(register, street, Faults::CIVIC_MISSING)),
        Written::Number => climb_number(register, street, doors, civic, civic.number)
            .or_else(|| near(register, street, doors, civic.number).filter(|_| !is_filler(civic.number)))
            .unwrap_or_else(|| {
                let fault = if is_filler(civic.number) { Faults::NO_NUMBER } else { Faults::CIVIC_MISSING };
                on_street(register, street, fault)
            }),
    }
}

/// 999 stands for no number where the street has no such door.
const fn is_filler(number: u32) -> bool {
    matches!(number, 999 | 9999 | 99999)
}

fn climb_number(register: &Register, street: u32, doors: &[Access], civic: &Civic, number: u32) -> Option<Step> {
    let same = numbered(doors, number);
    let base = position_of(register, street);
    let exact = |at: usize, faults: Faults| Some(at_door(register, base + at as u32, faults));
    if let Some(at) = find(doors, same.clone(), civic.exponent.as_str(), civic.is_red) {
        return exact(at, Faults::default());
    }
    let exponent = civic.exponent.as_str();
    if exponent == "R"
        && let Some(at) = find(doors, same.clone(), "", true)
    {
        return exact(at, Faults::default());
    }
    // 12-14: one door over two numbers; only where the register has no exponent 14.
    let is_range = exponent.parse::<u32>().is_ok_and(|n| n > number && n <= number + 12);
    if is_range && let Some(at) = find(doors, same.clone(), "", false) {
        return exact(at, Faults::RANGE);
    }
    if same.is_empty() {
        return unglue(register, doors, civic, base);
    }
    // A plain number stands for its exponents, and the other way about; it is not the door that was written.
    let at = find(doors, same.clone(), "", false).unwrap_or(same.start);
    let door = &doors[at];
    let point = door.point.filter(|_| is_sound(door)).or(register.streets[street as usize].medoid);
    Some(Step {
        level: PlaceLevel::OtherExponent,
        access: None,
        point,
        uncertainty_m: point.map(|_| NEIGHBOUR_M),
        faults: Faults::EXPONENT,
    })
}

/// `6811` is 681/1 where no door of the street has so high a number and that exponent is there.
fn unglue(register: &Register, doors: &[Access], civic: &Civic, base: u32) -> Option<Step> {
    let highest = doors.last().and_then(|d| d.number.number).unwrap_or(0);
    if civic.number <= highest || !civic.exponent.is_empty() || civic.written != Written::Number {
        return None;
    }
    let mut found = None;
    for scale in [10, 100, 1000] {
        let (number, digits) = (civic.number / scale, civic.number % scale);
        let exponent = digits.to_string();
        if number == 0 || scale / 10 > digits.max(1) {
            continue;
        }
        if let Some(at) = find(doors, numbered(doors, number), &exponent, false) {
            if found.is_some() {
                return None;
            }
            found = Some(at_door(register, base + at as u32, Faults::EXPONENT_GLUED));
        }
    }
    found
}

/// Between the neighbours of the same parity, or the nearest door.
fn near(register: &Register, street: u32, doors: &[Access], number: u32) -> Option<Step> {
    let usable = |d: &&Access| d.number.number.is_some() && d.point.is_some() && is_sound(d);
    let value = |d: &Access| d.number.number.unwrap_or(0);
    let same_side = |d: &&Access| value(d) % 2 == number % 2;
    let below = doors.iter().filter(usable).filter(same_side).rfind(|d| value(d) < number);
    let above = doors.iter().filter(usable).filter(same_side).find(|d| value(d) > number);
    if let (Some(a), Some(b)) = (below, above)
        && let (Some(p), Some(q)) = (a.point, b.point)
        && value(b) - value(a) <= MAX_GAP
    {
        let share = f64::from(number - value(a)) / f64::from(value(b) - value(a));
        let between = |x: f64, y: f64| x + (y - x) * share;
        let point = LonLat::new(between(p.lon(), q.lon()), between(p.lat(), q.lat())).ok()?;
        let uncertainty_m = NEIGHBOUR_M.max(p.distance_m(q) as f32 / 2.0);
        return Some(Step {
            level: PlaceLevel::Interpolated,
            access: None,
            point: Some(point),
            uncertainty_m: Some(uncertainty_m),
            faults: Faults::CIVIC_MISSING,
        });
    }
    let nearest = doors.iter().filter(usable).min_by_key(|d| (value(d).abs_diff(number), value(d)))?;
    let gap = value(nearest).abs_diff(number) as f32;
    let street_m = radius_m(register, street);
    let uncertainty_m = (NEIGHBOUR_M + gap * METRES_PER_NUMBER).min(street_m.max(NEIGHBOUR_M));
    Some(Step {
        level: PlaceLevel::Nearest,
        access: None,
        point: nearest.point,
        uncertainty_m: Some(uncertainty_m),
        faults: Faults::CIVIC_MISSING,
    })
}

/// The street itself.
pub(super) fn on_street(register: &Register, street: u32, faults: Faults) -> Step {
    let point = register.streets[street as usize].medoid;
    let uncertainty_m = point.map(|_| radius_m(register, street));
    Step { level: PlaceLevel::Street, access: None, point, uncertainty_m, faults }
}

/// A door of the register.
pub(super) fn at_door(register: &Register, at: u32, mut faults: Faults) -> Step {
    let door = &register.accesses[at as usize];
    if !matches!(door.quality, PointQuality::Sound | PointQuality::Borrowed) && door.point.is_some() {
        faults.add(Faults::SUSPECT_POINT);
    }
    let uncertainty_m = door.point.map(|_| if is_sound(door) { DOOR_M } else { SUSPECT_M });
    let level = if door.point.is_some() { PlaceLevel::Exact } else { PlaceLevel::ExactNoCoordinates };
    Step { level, access: Some(at), point: door.point, uncertainty_m, faults }
}

fn radius_m(register: &Register, street: u32) -> f32 {
    let entry = &register.streets[street as usize];
    let corners =
        entry.bbox.and_then(|b| Some((LonLat::new(b.west, b.south).ok()?, LonLat::new(b.east, b.north).ok()?)));
    corners.map_or(NEIGHBOUR_M, |(a, b)| (a.distance_m(b) as f32 / 2.0).max(NEIGHBOUR_M))
}

fn position_of(register: &Register, street: u32) -> u32 {
    let doors = register.doors(street);
    doors.first().and_then(|d| register.access_position(d.id)).unwrap_or(0)
}

/// The doors that have a number, by position in their street.
pub(super) fn numbered(doors: &[Access], number: u32) -> std::ops::Range<usize> {
    let from = doors.partition_point(|d| d.number.number < Some(number));
    from..from + doors[from..].partition_point(|d| d.number.number == Some(number))
}

fn find(doors: &[Access], same: std::ops::Range<usize>, exponent: &str, is_red: bool) -> Option<usize> {
    let fits = |d: &Access| {
        let registered = d.number.exponent.bytes().filter(u8::is_ascii_alphanumeric);
        let red = d.number.note.starts_with('R');
        registered.eq(exponent.bytes()) && red == is_red
    };
    same.clone().find(|&i| fits(&doors[i])).or_else(|| {
        // A colour that the text does not name, where only one door has this number and exponent.
        let mut plain =
            same.filter(|&i| doors[i].number.exponent.bytes().filter(u8::is_ascii_alphanumeric).eq(exponent.bytes()));
        match (plain.next(), plain.next()) {
            (Some(only), None) if !is_red => Some(only),
            _ => None,
        }
    })
}
