//! Residents: who they are, how they live together, what they earn, what ails them.

use jiff::civil::Date;

use super::{
    dice::Dice,
    ground::Character,
    words::{self, CAPITALS, NATIONS},
};
use crate::domain::{codice_fiscale::CodiceFiscale, household::Kinship, period::age_at, person::Sex};

/// The day on which the invented banks were exported.
pub(super) const TODAY: Date = jiff::civil::date(2026, 6, 30);

/// Names by people: position 0 is Italian, then the nations in their order.
pub(super) struct Names {
    pub(super) men: [Vec<String>; 6],
    pub(super) women: [Vec<String>; 6],
    pub(super) surnames: [Vec<String>; 6],
    capitals: Vec<[u8; 4]>,
}

impl Names {
    pub(super) fn new() -> Self {
        let lists = |italian: &str, of: fn(&words::Nation) -> &'static str| {
            std::array::from_fn(|i| words::list(if i == 0 { italian } else { of(&NATIONS[i - 1]) }))
        };
        let mut names = Self {
            men: lists(words::MEN, |n| n.men),
            women: lists(words::WOMEN, |n| n.women),
            surnames: lists(words::SURNAMES, |n| n.surnames),
            capitals: CAPITALS.split(' ').filter_map(|code| code.as_bytes().try_into().ok()).collect(),
        };
        names.surnames[0] = words::italian_surnames();
        names
    }

    pub(super) fn surname(&self, p: &Person) -> &str {
        &self.surnames[usize::from(p.nation)][usize::from(p.surname)]
    }

    fn given_list(&self, p: &Person) -> &[String] {
        let lists = if p.sex == Sex::F { &self.women } else { &self.men };
        &lists[usize::from(p.nation)]
    }

    /// The first given name.
    pub(super) fn first_given(&self, p: &Person) -> &str {
        &self.given_list(p)[usize::from(p.given)]
    }

    /// Given name or names, as the registry has them.
    pub(super) fn given(&self, p: &Person) -> String {
        let list = self.given_list(p);
        match p.second_given {
            Some(second) => format!("{} {}", list[usize::from(p.given)], list[usize::from(second)]),
            None => list[usize::from(p.given)].clone(),
        }
    }
}

/// What the registry says of the residence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Resident,
    Emigrated,
    Untraceable,
    Dead,
}

/// What a life at home depends on.
pub(super) const DEVICES: [&str; 5] =
    ["ossigenoterapia", "ventilatore", "dialisi domiciliare", "nutrizione enterale", "letto antidecubito"];

#[derive(Clone)]
pub(super) struct Person {
    pub(super) code: CodiceFiscale,
    pub(super) birth: Date,
    pub(super) place: [u8; 4],
    pub(super) sex: Sex,
    pub(super) kinship: Kinship,
    pub(super) nation: u8,
    pub(super) surname: u16,
    pub(super) given: u16,
    pub(super) second_given: Option<u16>,
    pub(super) status: Status,
    /// Euro a year; pension where `retired`.
    pub(super) income: u32,
    pub(super) work: Work,
    /// 0, or a percentage.
    pub(super) invalidity: u8,
    pub(super) attendance: bool,
    pub(super) severe: bool,
    pub(super) device: Option<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    None,
    Employed,
    SelfEmployed,
    Retired,
}

impl Person {
    pub(super) fn age(&self) -> u8 {
        age_at(self.birth, TODAY)
    }
}

/// A member yet without name: age, sex, place in the family, and whose surname.
struct Seat {
    age: i64,
    sex: Sex,
    kinship: Kinship,
    /// Whether the surname is the head's.
    family_name: bool,
}

fn seat(age: i64, sex: Sex, kinship: Kinship, family_name: bool) -> Seat {
    Seat { age: age.clamp(0, 103), sex, kinship, family_name }
}

fn any_sex(dice: &mut Dice) -> Sex {
    if dice.chance(0.515) { Sex::F } else { Sex::M }
}

/// Shares of households with 1, 2, … 8 members.
const SIZES: [f64; 8] = [0.330, 0.272, 0.158, 0.150, 0.063, 0.020, 0.0055, 0.0007];

fn seats(character: Character, dice: &mut Dice) -> Vec<Seat> {
    let older = 6.0 * character.age;
    let size = dice.weighted(&SIZES) + 1;
    let draw = dice.unit();
    match size {
        1 if draw < 0.47 => {
            let age = (dice.between(66.0, 97.0) + older * 0.3) as i64;
            vec![seat(age, if dice.chance(0.68) { Sex::F } else { Sex::M }, Kinship::Head, true)]
        }
        1 => vec![seat((dice.between(22.0, 66.0) + older) as i64, any_sex(dice), Kinship::Head, true)],
        2 if draw < 0.22 => {
            let child = dice.whole(0, 32);
            let parent =
                seat(child + dice.whole(20, 40), if dice.chance(0.82) { Sex::F } else { Sex::M }, Kinship::Head, true);
            vec![parent, seat(child, any_sex(dice), Kinship::Child, dice.chance(0.4))]
        }
        2 if draw < 0.30 => {
            let head = dice.whole(38, 66);
            let parent = seat(
                head + dice.whole(20, 34),
                if dice.chance(0.8) { Sex::F } else { Sex::M },
                Kinship::Parent,
                dice.chance(0.3),
            );
            vec![seat(head, any_sex(dice), Kinship::Head, true), parent]
        }
        2 => couple((dice.between(28.0, 90.0) + older) as i64, dice),
        _ => family(size, character, dice),
    }
}

fn couple(age: i64, dice: &mut Dice) -> Vec<Seat> {
    let age = age.max(24);
    vec![seat(age, Sex::M, Kinship::Head, true), seat(age - dice.whole(-3, 7), Sex::F, Kinship::Spouse, false)]
}

fn family(size: usize, character: Character, dice: &mut Dice) -> Vec<Seat> {
    let lone = dice.chance(0.10);
    let grandparent = size > 3 && dice.chance(0.16);
    let mut found = if lone {
        vec![seat(dice.whole(28, 52), Sex::F, Kinship::Head, true)]
    } else {
        couple((dice.between(30.0, 58.0) + 3.0 * character.age) as i64, dice)
    };
    let parent_age = found[found.len() - 1].age;
    let children = size - found.len() - usize::from(grandparent);
    let mut age = parent_age - dice.whole(20, 34);
    for _ in 0..children {
        found.push(seat(age.max(0), any_sex(dice), Kinship::Child, !lone || dice.chance(0.4)));
        age -= dice.whole(1, 5);
    }
    if grandparent {
        let sex = if dice.chance(0.75) { Sex::F } else { Sex::M };
        let age = found[0].age + dice.whole(22, 34);
        found.push(seat(age, sex, Kinship::Parent, sex == Sex::M));
    }
    found
}

/// The members of a household, the head first. `wealth`: about −1.5 poor to 1.5 rich.
pub(super) fn settle(names: &Names, character: Character, wealth: f64, dice: &mut Dice) -> Vec<Person> {
    let nation = if dice.chance(character.foreign) { 1 + dice.index(NATIONS.len()) as u8 } else { 0 };
    let surnames = names.surnames[usize::from(nation)].len();
    let family_name = dice.skewed(surnames) as u16;
    let seats = seats(character, dice);
    seats
        .into_iter()
        .map(|seat| {
            let surname = if seat.family_name { family_name } else { dice.skewed(surnames) as u16 };
            let mut person = name(names, &seat, nation, surname, dice);
            employ(&mut person, wealth, dice);
            ail(&mut person, wealth, dice);
            person
        })
        .collect()
}

fn birth(age: i64, dice: &mut Dice) -> Date {
    let (month, day) = (dice.whole(1, 12) as i8, dice.whole(1, 28) as i8);
    let passed = (month, day) <= (TODAY.month(), TODAY.day());
    let year = TODAY.year() - age as i16 - i16::from(!passed);
    let day = if day == 28 { dice.whole(28, 31) as i8 } else { day };
    Date::new(year, month, day).unwrap_or_else(|_| jiff::civil::date(year, month, 28))
}

fn name(names: &Names, seat: &Seat, nation: u8, surname: u16, dice: &mut Dice) -> Person {
    let list = if seat.sex == Sex::F { &names.women } else { &names.men };
    let given = dice.skewed(list[usize::from(nation)].len()) as u16;
    let second = nation == 0 && dice.chance(0.08);
    let second_given = second.then(|| dice.index(list[0].len()) as u16).filter(|second| *second != given);
    let birth = birth(seat.age, dice);
    let place = match nation {
        0 if dice.chance(0.66) => *b"X001",
        0 => *dice.pick(&names.capitals),
        _ if seat.age < 16 && dice.chance(0.6) => *b"X001",
        _ => NATIONS[usize::from(nation) - 1].place,
    };
    let draw = dice.unit();
    let status = match draw {
        _ if draw < 0.0036 => Status::Dead,
        _ if draw < 0.0075 => Status::Emigrated,
        _ if draw < 0.0111 => Status::Untraceable,
        _ => Status::Resident,
    };
    let list = &list[usize::from(nation)];
    let first = &list[usize::from(given)];
    let given_text =
        second_given.map_or_else(|| first.clone(), |second| format!("{first} {}", list[usize::from(second)]));
    let surname_text = &names.surnames[usize::from(nation)][usize::from(surname)];
    let code = CodiceFiscale::derive(surname_text, &given_text, seat.sex, birth, place)
        .expect("names are letters and places are Belfiore codes");
    Person {
        code,
        birth,
        place,
        sex: seat.sex,
        kinship: seat.kinship,
        nation,
        surname,
        given,
        second_given,
        status,
        income: 0,
        work: Work::None,
        invalidity: 0,
        attendance: false,
        severe: false,
        device: None,
    }
}

fn employ(person: &mut Person, wealth: f64, dice: &mut Dice) {
    let age = person.age();
    let draw = dice.unit();
    person.work = match age {
        19..26 if draw < 0.42 + 0.08 * wealth => Work::Employed,
        26..66 if draw < 0.50 + 0.13 * wealth => Work::Employed,
        26..66 if draw < 0.66 + 0.16 * wealth => Work::SelfEmployed,
        66.. if draw < 0.9 => Work::Retired,
        _ => Work::None,
    };
    let (typical, spread) = match person.work {
        Work::None => return,
        Work::Employed => (17_500.0, 0.5),
        Work::SelfEmployed => (19_000.0, 0.75),
        Work::Retired => (14_200.0, 0.42),
    };
    let young = if age < 30 { -0.3 } else { 0.0 };
    let income = typical * (0.42 * wealth + spread * dice.normal() + young).exp();
    person.income = income.clamp(400.0, 400_000.0) as u32;
}

fn ail(person: &mut Person, wealth: f64, dice: &mut Dice) {
    let age = f64::from(person.age());
    let likely = (0.026 + 0.46 * ((age - 55.0).max(0.0) / 45.0).powi(2)) * (1.0 - 0.25 * wealth).max(0.4);
    if dice.chance(likely) {
        person.invalidity = *dice.pick(&[46, 67, 67, 67, 74, 74, 80, 80, 100, 100, 100]);
        person.attendance = person.invalidity == 100 && dice.chance(if age > 75.0 { 0.8 } else { 0.55 });
        person.severe = person.attendance || dice.chance(0.01);
    }
    let device = if person.attendance { 0.06 } else { 0.0004 + 0.004 * (age / 100.0).powi(3) };
    if dice.chance(device) {
        person.device = Some(dice.weighted(&[0.33, 0.22, 0.18, 0.15, 0.12]) as u8);
    }
}
