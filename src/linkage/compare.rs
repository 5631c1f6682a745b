//! The comparisons: two records side by side become a pattern of levels.

use super::{
    names::{NO_NAME, NameId, NameOption, NameOrder, Names, is_part, jaro_winkler},
    traits::{CodeTrait, Day, Traits},
};
use crate::domain::{codice_fiscale::CodiceFiscale, household::Kinship};

/// What two records are compared by. Each has at most [`LEVELS`] levels, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// Surname: Jaro–Winkler, parts of a compound, term frequency.
    Surname,
    /// Given name: the same.
    Given,
    /// Whether surname and name stand where the bank declares them.
    Order,
    /// Birth date.
    Birth,
    /// Birth place.
    BirthPlace,
    /// Sex.
    Sex,
    /// Address, of people with different surnames.
    Address,
    /// Address, of people with one surname: relatives share it far more often, so it says less.
    NamesakeAddress,
    /// A fiscal code that is broken.
    Code,
    /// Place in the family of the registered person: of some banks' rows heads are the most, and children none.
    Kinship,
}

/// Most levels of a comparison.
pub(super) const LEVELS: usize = 5;

/// A level, or [`MISSING`].
pub(super) type Level = u8;

/// One side says nothing: no evidence either way.
pub(super) const MISSING: Level = 7;

pub(super) const EXACT: Level = 0;
pub(super) const CLOSE: Level = 2;
pub(super) const FAR_LEVEL: Level = 3;
pub(super) const DIFFERENT_NAME: Level = 4;
pub(super) const DIFFERENT_BIRTH: Level = 4;

/// Similarity from which a name is close, and from which it is far but not different (Jaro–Winkler).
const CLOSE_NAME: f32 = 0.92;
const FAR_NAME: f32 = 0.82;

impl Comparison {
    /// In the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::Surname,
        Self::Given,
        Self::Order,
        Self::Birth,
        Self::BirthPlace,
        Self::Sex,
        Self::Address,
        Self::NamesakeAddress,
        Self::Code,
        Self::Kinship,
    ];

    /// The names of its levels, best first.
    pub const fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Surname | Self::Given => &["exact", "part", "close", "far", "different"],
            Self::Order => &["kept", "swapped"],
            Self::Birth => &["exact", "other_reading", "one_part", "year", "different"],
            Self::BirthPlace | Self::Sex => &["exact", "different"],
            Self::Address | Self::NamesakeAddress => &["access", "street", "different"],
            Self::Code => &["one_edit", "three_edits", "different"],
            Self::Kinship => &["head", "spouse", "child", "parent", "other"],
        }
    }
}

/// The levels of all comparisons of a pair, three bits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pattern(u32);

impl Pattern {
    const BLANK: Self = Self(0o7_777_777_777);

    pub(super) const fn level(self, comparison: Comparison) -> Level {
        (self.0 >> (3 * comparison as u32) & 7) as Level
    }

    const fn with(self, comparison: Comparison, level: Level) -> Self {
        let shift = 3 * comparison as u32;
        Self(self.0 & !(7 << shift) | (level as u32) << shift)
    }
}

/// Compares a record, under the best of its name readings, with another one; also says which reading it was.
pub(super) fn compare(names: &Names, options: &[NameOption], a: &Traits, b: &Traits) -> (Pattern, usize) {
    let (name_pattern, option) = compare_names(names, options, b);
    let mut pattern = name_pattern
        .with(Comparison::Birth, compare_births(a, b))
        .with(Comparison::BirthPlace, compare_birth_places(a.birth_place, b.birth_place))
        .with(Comparison::Kinship, if a.kinship.is_none() { b.kinship.map_or(MISSING, kinship_level) } else { MISSING })
        .with(Comparison::Code, compare_codes(a.code, b.code).min(compare_codes(b.code, a.code)));
    if let (Some(one), Some(other)) = (a.sex, b.sex) {
        pattern = pattern.with(Comparison::Sex, Level::from(one != other));
    }
    let by_address =
        if is_namesake(pattern.level(Comparison::Surname)) { Comparison::NamesakeAddress } else { Comparison::Address };
    (pattern.with(by_address, compare_addresses(a, b)), option)
}

const fn kinship_level(kinship: Kinship) -> Level {
    match kinship {
        Kinship::Head => 0,
        Kinship::Spouse => 1,
        Kinship::Child => 2,
        Kinship::Parent => 3,
        Kinship::Other => 4,
    }
}

/// Whether surnames at this level are taken for one surname.
pub(super) const fn is_namesake(surname: Level) -> bool {
    surname <= CLOSE
}

fn compare_names(names: &Names, options: &[NameOption], b: &Traits) -> (Pattern, usize) {
    let mut best = (Pattern::BLANK, 0);
    let mut best_cost = u8::MAX;
    for (i, option) in options.iter().enumerate() {
        let surname = compare_name(names, option.surname, b.surname);
        let given = compare_name(names, option.given, b.given);
        let order = Level::from(option.order == NameOrder::Swapped);
        // The reading that agrees most; the declared order wins a tie.
        let cost = 2 * (surname % MISSING + given % MISSING) + order;
        if cost < best_cost {
            best_cost = cost;
            let pattern = Pattern::BLANK
                .with(Comparison::Surname, surname)
                .with(Comparison::Given, given)
                .with(Comparison::Order, order);
            best = (pattern, i);
            if cost == 0 {
                break;
            }
        }
    }
    best
}

/// The level at which two names agree.
pub(super) fn compare_name(names: &Names, a: NameId, b: NameId) -> Level {
    if a == NO_NAME || b == NO_NAME {
        return MISSING;
    }
    if a == b { EXACT } else { compare_name_texts(names.text(a), names.text(b)) }
}

/// The level at which two different folded names agree.
pub(super) fn compare_name_texts(a: &str, b: &str) -> Level {
    if is_part(a, b) {
        return 1;
    }
    let similarity = if a.contains(' ') == b.contains(' ') { jaro_winkler(a, b) } else { part_similarity(a, b) };
    match () {
        () if similarity >= CLOSE_NAME => CLOSE,
        () if similarity >= FAR_NAME => 3,
        () => DIFFERENT_NAME,
    }
}

/// Similarity of a single name and the word of a compound one that is most like it, or the whole.
fn part_similarity(a: &str, b: &str) -> f32 {
    let (short, long) = if a.contains(' ') { (b, a) } else { (a, b) };
    let words = long.split(' ').filter(|word| word.len() > 2);
    words.map(|word| jaro_winkler(short, word)).fold(jaro_winkler(short, long), f32::max)
}

pub(super) fn compare_births(a: &Traits, b: &Traits) -> Level {
    if !a.birth.is_known() || !b.birth.is_known() {
        return MISSING;
    }
    if a.birth == b.birth {
        return EXACT;
    }
    let readings = |t: &Traits| [t.birth, t.other_birth, t.birth.swapped(), t.other_birth.swapped()];
    let known = |day: &Day| day.is_known();
    if readings(a).iter().filter(|d| known(d)).any(|&d| d == b.birth)
        || readings(b).iter().filter(|d| known(d)).any(|&d| d == a.birth)
    {
        return 1;
    }
    if parts_in_common(a.birth, b.birth) == 2
        || (a.other_birth.is_known() && parts_in_common(a.other_birth, b.birth) == 2)
    {
        return 2;
    }
    if a.birth.year() == b.birth.year() { 3 } else { DIFFERENT_BIRTH }
}

fn parts_in_common(a: Day, b: Day) -> u8 {
    u8::from(a.year() == b.year()) + u8::from(a.month() == b.month()) + u8::from(a.day() == b.day())
}

fn compare_birth_places(a: [u8; 4], b: [u8; 4]) -> Level {
    if a == [0; 4] || b == [0; 4] { MISSING } else { Level::from(a != b) }
}

fn compare_addresses(a: &Traits, b: &Traits) -> Level {
    if a.access != 0 && a.access == b.access {
        EXACT
    } else if a.street == 0 || b.street == 0 {
        MISSING
    } else if a.street == b.street {
        1
    } else {
        2
    }
}

/// A broken code against an ordinary one; anything else is no evidence here.
fn compare_codes(broken: CodeTrait, ordinary: CodeTrait) -> Level {
    let (CodeTrait::Broken(broken), CodeTrait::Ordinary(code)) = (broken, ordinary) else { return MISSING };
    match edits(broken.as_bytes(), &code) {
        0 | 1 => EXACT,
        2 | 3 => 1,
        _ => 2,
    }
}

/// Edits between a broken code and a code: insertions, deletions, substitutions and exchanges of neighbours
/// (optimal string alignment).
pub(super) fn edits(broken: &[u8], code: &CodiceFiscale) -> u8 {
    let code = code.as_bytes();
    let mut rows = [[0_u8; 17]; 3];
    rows[0] = std::array::from_fn(|j| j as u8);
    for (i, &x) in broken.iter().enumerate() {
        let (now, before, earlier) = ((i + 1) % 3, i % 3, (i + 2) % 3);
        rows[now][0] = i as u8 + 1;
        for (j, &y) in code.iter().enumerate() {
            let mut cost = (rows[before][j] + u8::from(x != y)).min(rows[before][j + 1] + 1).min(rows[now][j] + 1);
            if i > 0 && j > 0 && x == code[j - 1] && broken[i - 1] == y {
                cost = cost.min(rows[earlier][j - 1] + 1);
            }
            rows[now][j + 1] = cost;
        }
    }
    rows[broken.len() % 3][16]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_count_what_a_hand_does_wrong() {
        let code = CodiceFiscale::parse("RSSMRA80A01H501U").expect("valid");
        for (text, expected) in [
            ("RSSMRA80A01H501U", 0),
            ("RSSMRA80A01H501X", 1),
            ("RSSMRA80A01H51U", 1),
            ("RSSMRA80A01H5501U", 1),
            ("RSMSRA80A01H501U", 1),
            ("XSSMRA80A01H501X", 2),
            ("RSSMR8A0A10H501U", 2),
        ] {
            assert_eq!(edits(text.as_bytes(), &code), expected, "{text}");
        }
    }

    #[test]
    fn levels_fit_in_a_pattern() {
        for comparison in Comparison::ALL {
            assert!(comparison.levels().len() <= LEVELS);
            for level in 0..comparison.levels().len() as Level {
                let pattern = Pattern::BLANK.with(comparison, level);
                assert_eq!(pattern.level(comparison), level);
                let others = Comparison::ALL.iter().filter(|&&other| other != comparison);
                assert!(others.into_iter().all(|&other| pattern.level(other) == MISSING));
            }
        }
    }
}
