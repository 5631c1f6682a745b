//! The cascade: exact keys first, then every name that shares words, weighed with the civic number.

use super::{
    align::{Aligned, Query},
    canonical::{self, FirstWord, Key, Name},
    civic::{Civic, Written},
    dug::Dug,
    fault::{Faults, cost},
    ladder::{self, Step},
    parse::{Parsed, Reading},
    register::{NameSource, Register, medoid},
    score::{self, CivicEvidence, Features},
};
use crate::domain::{
    geo::LonLat,
    place::{AccessId, PlaceLevel, PlaceMethod, PlaceStatus, Placement, StreetId},
    record::WrittenAddress,
};

/// Memory that one thread uses again for every address.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(super) parsed: Parsed,
    name: Name,
    query: Query,
    weights: Vec<f32>,
    touched: Vec<u32>,
    pub(super) candidates: Vec<Candidate>,
}

/// A street that may be meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) street: u32,
    pub(super) name: u32,
    pub(super) aligned: Aligned,
    pub(super) step: Step,
    /// Penalty of name, DUG, number, locality and reading together.
    pub(super) total: f32,
    /// Words of the query that weigh.
    pub(super) words: u8,
    pub(super) civic: Civic,
}

/// How many names are aligned word by word.
const ALIGNED: usize = 16;
/// Totals nearer than this are a tie.
pub(super) const TIE: f32 = 0.1;
/// A street that has the number is a rival of one that has not, up to this total beyond it.
const ELSEWHERE: f32 = 0.6;
/// A candidate below this total ends the search for other readings.
const GOOD: f32 = 0.45;
/// Least radius in metres of a locality.
const LOCALITY_M: f64 = 200.0;
/// Above this total no candidate is kept.
const HOPELESS: f32 = 3.0;
/// A later reading of the text must win by so much.
const READING: f32 = 0.08;
/// The same where it takes the civic number into the name: LEONE 13 for LEONE XIII.
const NUMBER_TAKEN: f32 = 0.4;

/// Finds the place of an address.
pub fn locate(register: &Register, written: &WrittenAddress) -> Placement {
    thread_local! {
        static SCRATCH: std::cell::RefCell<Scratch> = std::cell::RefCell::default();
    }
    SCRATCH.with_borrow_mut(|scratch| locate_with(register, written, scratch))
}

/// The same with the caller's memory.
pub fn locate_with(register: &Register, written: &WrittenAddress, scratch: &mut Scratch) -> Placement {
    read(register, written, &mut scratch.parsed);
    place(register, scratch)
}

/// M0: the row gives the register's own codes. A code that the register does not have leaves the decision to the text.
pub fn locate_coded(
    register: &Register,
    access: Option<AccessId>,
    street: Option<StreetId>,
    written: &WrittenAddress,
) -> Placement {
    if let Some(at) = access.and_then(|id| register.access_position(id)) {
        let id = register.accesses[at as usize].street;
        let step = ladder::at_door(register, at, Faults::default());
        return placement(register, Some(id), &step, PlaceMethod::Code, 1.0, step.faults);
    }
    let Some(position) = street.and_then(|id| register.street_position(id)) else { return locate(register, written) };
    let mut parsed = Parsed::default();
    read(register, written, &mut parsed);
    let civic = parsed.readings.first().map(|r| r.civic).unwrap_or_default();
    let step = ladder::climb(register, position, &civic);
    placement(register, street, &step, PlaceMethod::Code, 1.0, step.faults)
}

pub(super) fn read(register: &Register, written: &WrittenAddress, parsed: &mut Parsed) {
    match written {
        WrittenAddress::Text(text) => parsed.read_text(text.reveal(), &register.town),
        WrittenAddress::Parts(parts) => parsed.read_parts(parts, &register.town),
    }
}

pub(super) fn placement(
    register: &Register,
    street: Option<StreetId>,
    step: &Step,
    method: PlaceMethod,
    score: f32,
    faults: Faults,
) -> Placement {
    Placement {
        access: step.access.map(|a| register.accesses[a as usize].id),
        street,
        level: step.level,
        method,
        score,
        status: score::zone(score, faults),
        point: step.point,
        uncertainty_m: step.uncertainty_m,
        faults: faults.names(),
    }
}

fn not_found(faults: Faults, score: f32) -> Placement {
    Placement {
        access: None,
        street: None,
        level: PlaceLevel::NotFound,
        method: PlaceMethod::None,
        score,
        status: PlaceStatus::Reject,
        point: None,
        uncertainty_m: None,
        faults: faults.names(),
    }
}

fn place(register: &Register, scratch: &mut Scratch) -> Placement {
    if let Some((name, civic, step)) = exact(register, scratch) {
        let entry = &register.names[name as usize];
        if step.access.is_some() || civic.written != Written::Number {
            let id = register.streets[entry.street as usize].street.id;
            let (method, score) = match entry.source {
                NameSource::Official => (PlaceMethod::ExactKey, score::EXACT),
                NameSource::Other => (PlaceMethod::Alias, score::ALIAS),
            };
            return placement(register, Some(id), &step, method, score, step.faults);
        }
    }
    search(register, scratch);
    let placement = decide(register, &scratch.candidates);
    match scratch.parsed.locality {
        Some(locality) if placement.level == PlaceLevel::NotFound => in_locality(register, locality, placement),
        _ => placement,
    }
}

/// The street is not found, the locality is: the middle of its streets, for a person to look at.
fn in_locality(register: &Register, locality: u16, mut placement: Placement) -> Placement {
    let points: Vec<LonLat> =
        register.streets.iter().filter(|s| s.locality == Some(locality)).filter_map(|s| s.medoid).collect();
    placement.level = PlaceLevel::Locality;
    placement.status = PlaceStatus::Review;
    placement.point = medoid(&points);
    placement.uncertainty_m =
        placement.point.map(|middle| points.iter().map(|p| p.distance_m(middle)).fold(LOCALITY_M, f64::max) as f32);
    placement
}

/// M1: the one street whose name has this key; of several readings the one whose door is there.
fn exact(register: &Register, scratch: &mut Scratch) -> Option<(u32, Civic, Step)> {
    let Scratch { parsed, name, .. } = scratch;
    let mut best: Option<(u32, Civic, Step)> = None;
    for reading in &parsed.readings {
        canonical::read(&parsed.lexed, reading.from, reading.to, name);
        let dug = name.dugs.first().copied().unwrap_or(Dug::NONE);
        if name.parts.is_empty() || name.is_dug_misspelled {
            continue;
        }
        let key = canonical::digest(Key::start(dug), &parsed.lexed, &name.parts, |_| true);
        let Some(under) = register.strict.get(&key) else { continue };
        if let Some(found) = only(register, under.names(), parsed.locality) {
            let step = ladder::climb(register, register.names[found as usize].street, &reading.civic);
            if step.access.is_some() {
                return Some((found, reading.civic, step));
            }
            best = best.or(Some((found, reading.civic, step)));
        }
    }
    best
}

/// The name that stands alone among some, or in the locality that is written.
fn only(register: &Register, names: &[u32], locality: Option<u16>) -> Option<u32> {
    let street = |n: u32| register.names[n as usize].street;
    let first = *names.first()?;
    if names.iter().all(|n| street(*n) == street(first)) {
        return Some(first);
    }
    let mut here =
        names.iter().filter(|n| locality.is_some() && register.streets[street(**n) as usize].locality == locality);
    match (here.next(), here.next()) {
        (Some(only), None) => Some(*only),
        _ => None,
    }
}

/// Fills the candidates, best first, one for each street.
pub(super) fn search(register: &Register, scratch: &mut Scratch) {
    search_in(register, scratch, shortlist);
}

/// Reads the text in each way, and weighs the names that `list` puts into `touched`.
fn search_in(register: &Register, scratch: &mut Scratch, list: impl Fn(&Register, &mut Scratch)) {
    scratch.candidates.clear();
    for i in 0..scratch.parsed.readings.len().min(4) {
        for first in [FirstWord::Dug, FirstWord::Name] {
            let least = scratch.candidates.iter().map(|c| c.total).fold(f32::INFINITY, f32::min);
            let reading = scratch.parsed.readings[i];
            if least < GOOD || (first == FirstWord::Name && !may_be_name(register, scratch, &reading)) {
                break;
            }
            canonical::read_as(&scratch.parsed.lexed, reading.from, reading.to, first, &mut scratch.name);
            if scratch.name.parts.is_empty() {
                continue;
            }
            let Scratch { parsed, name, query, .. } = scratch;
            query.prepare(register, &parsed.lexed, name);
            list(register, scratch);
            let has_number = scratch.parsed.readings.first().is_some_and(|r| r.civic.written == Written::Number);
            let takes_number = has_number && reading.civic.written != Written::Number;
            let extra = if takes_number { NUMBER_TAKEN } else { READING * i as f32 };
            for at in 0..scratch.touched.len() {
                let name = scratch.touched[at];
                let candidate = judge(register, scratch, name, &reading, extra);
                keep(&mut scratch.candidates, candidate);
            }
        }
    }
    scratch.candidates.sort_by(|a, b| a.total.total_cmp(&b.total).then(a.street.cmp(&b.street)));
}

/// Whether the first word, read as a DUG, is a word of names here: BELVEDERE CASTELLONE.
fn may_be_name(register: &Register, scratch: &Scratch, reading: &Reading) -> bool {
    let word = scratch.parsed.lexed.at(reading.from);
    !scratch.name.dugs.is_empty()
        && word.len() > 1
        && register.lexicon.find(word).is_some_and(|token| !register.names_with(token).is_empty())
}

/// The names that would cost least, as far as shared words tell, in `touched`.
fn shortlist(register: &Register, scratch: &mut Scratch) {
    let Scratch { query, weights, touched, .. } = scratch;
    weights.resize(register.names.len(), 0.0);
    touched.clear();
    query.each_shared(register, |name, saving| {
        let sum = &mut weights[name as usize];
        if *sum == 0.0 {
            touched.push(name);
            *sum = 100.0 - register.names[name as usize].worth;
        }
        *sum += saving;
    });
    if touched.len() > ALIGNED {
        for name in touched.iter() {
            weights[*name as usize] -= query.cost_of_dug(register.names[*name as usize].dug);
        }
        touched.select_nth_unstable_by(ALIGNED - 1, |a, b| {
            weights[*b as usize].total_cmp(&weights[*a as usize]).then(a.cmp(b))
        });
        for name in &touched[ALIGNED..] {
            weights[*name as usize] = 0.0;
        }
        touched.truncate(ALIGNED);
    }
    for name in touched.iter() {
        weights[*name as usize] = 0.0;
    }
}

fn judge(register: &Register, scratch: &Scratch, name: u32, reading: &Reading, extra: f32) -> Candidate {
    let entry = &register.names[name as usize];
    let mut aligned = scratch.query.align(register, entry);
    if entry.source == NameSource::Other {
        aligned.penalty += cost::OTHER_NAME;
        aligned.faults.add(Faults::OTHER_NAME);
    }
    let locality = register.streets[entry.street as usize].locality;
    if let (Some(written), Some(own)) = (scratch.parsed.locality, locality)
        && written != own
    {
        aligned.penalty += cost::LOCALITY;
        aligned.faults.add(Faults::LOCALITY);
    }
    aligned.penalty += extra;
    let step = ladder::climb(register, entry.street, &reading.civic);
    let number = match evidence(&reading.civic, &step) {
        CivicEvidence::Found | CivicEvidence::None => 0.0,
        CivicEvidence::OtherExponent => cost::EXPONENT,
        CivicEvidence::Missing => cost::CIVIC_MISSING,
    };
    Candidate {
        street: entry.street,
        name,
        aligned,
        step,
        total: aligned.penalty + number,
        words: scratch.query.heavy_words() as u8,
        civic: reading.civic,
    }
}

fn keep(candidates: &mut Vec<Candidate>, candidate: Candidate) {
    if candidate.total > HOPELESS {
        return;
    }
    match candidates.iter_mut().find(|c| c.street == candidate.street) {
        Some(other) if other.total <= candidate.total => {}
        Some(other) => *other = candidate,
        None => candidates.push(candidate),
    }
}

fn evidence(civic: &Civic, step: &Step) -> CivicEvidence {
    match (civic.written, step.level) {
        (Written::Nothing | Written::WithoutNumber, _) => CivicEvidence::None,
        _ if step.access.is_some() => CivicEvidence::Found,
        _ if step.faults.has(Faults::NO_NUMBER) => CivicEvidence::None,
        (_, PlaceLevel::OtherExponent) => CivicEvidence::OtherExponent,
        _ => CivicEvidence::Missing,
    }
}

/// The features of the first candidate.
pub(super) fn features(candidates: &[Candidate]) -> Features {
    let Some(best) = candidates.first() else { return Features::default() };
    let margin = candidates.get(1).map_or(2.0, |second| second.total - best.total).min(2.0);
    Features {
        penalty: best.aligned.penalty,
        margin,
        found: best.aligned.found,
        words: best.words,
        faults: best.aligned.faults,
        civic: evidence(&best.civic, &best.step),
    }
}

fn decide(register: &Register, candidates: &[Candidate]) -> Placement {
    let Some(best) = candidates.first() else { return not_found(Faults::default(), 0.0) };
    let features = features(candidates);
    let mut faults = best.aligned.faults.with(best.step.faults);
    let mut score = score::probability(&features);
    if best.words <= 1 && faults.has(Faults::TYPOS) {
        score = score.min(score::NEVER_ALONE);
    }
    // Who drops a name or a title keeps what joined it: "Via Genova" is not Via Duca di Genova.
    if faults.has(Faults::PREPOSITION) && faults.has(Faults::TITLE.with(Faults::FIRST_NAME)) {
        score = score.min(score::NEVER_ALONE);
    }
    if score < score::REVIEW {
        return not_found(faults, score);
    }
    if features.margin < TIE {
        faults.add(Faults::CLOSE_SECOND);
        let mut ambiguous = not_found(faults, score.min(0.5));
        ambiguous.level = PlaceLevel::Ambiguous;
        ambiguous.status = PlaceStatus::Review;
        return ambiguous;
    }
    let rival = candidates.iter().skip(1).find(|c| c.aligned.penalty <= best.aligned.penalty + TIE);
    if matches!(features.civic, CivicEvidence::Missing | CivicEvidence::OtherExponent)
        && candidates.iter().skip(1).any(|c| c.step.access.is_some() && c.total < best.total + ELSEWHERE)
    {
        faults.add(Faults::CIVIC_ELSEWHERE);
    }
    if features.margin < 0.4 {
        faults.add(Faults::CLOSE_SECOND);
    }
    let method = if rival.is_some() { PlaceMethod::CivicTie } else { method(register, best) };
    let id = register.streets[best.street as usize].street.id;
    placement(register, Some(id), &best.step, method, score, faults)
}

fn method(register: &Register, candidate: &Candidate) -> PlaceMethod {
    let faults = candidate.aligned.faults;
    let fuzzy = Faults::TYPO
        .with(Faults::TYPOS)
        .with(Faults::ABBREVIATION)
        .with(Faults::WORD_MISSING)
        .with(Faults::WORD_EXTRA)
        .with(Faults::NUMERAL)
        .with(Faults::FIRST_NAME_CONFLICT);
    let optional = Faults::FIRST_NAME
        .with(Faults::FIRST_NAME_EXTRA)
        .with(Faults::TITLE)
        .with(Faults::PREPOSITION)
        .with(Faults::SAINT)
        .with(Faults::QUALIFIER)
        .with(Faults::INITIAL)
        .with(Faults::ORDER)
        .with(Faults::LOCALITY);
    if faults.has(fuzzy) {
        PlaceMethod::Fuzzy
    } else if faults.has(Faults::GLUED) {
        PlaceMethod::CompactKey
    } else if register.names[candidate.name as usize].source == NameSource::Other {
        PlaceMethod::Alias
    } else if faults.has(optional) {
        PlaceMethod::OptionalWords
    } else if faults == Faults::default() {
        PlaceMethod::ExactKey
    } else {
        PlaceMethod::ExactName
    }
}

/// The judge of [`search`]: aligns every name of the register.
#[cfg(test)]
pub(super) fn search_by_scan(register: &Register, scratch: &mut Scratch) {
    search_in(register, scratch, |register, scratch| {
        scratch.touched.clear();
        scratch.touched.extend(0..register.names.len() as u32);
    });
}
