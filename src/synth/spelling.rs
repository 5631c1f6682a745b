//! How offices write names, codes and dates: cases, slips of the finger, gaps.

use jiff::civil::Date;

use super::{
    dice::Dice,
    people::{Names, Person},
};

/// `D'ANGELO DELLA VALLE` → `D'Angelo Della Valle`.
pub(super) fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut start = true;
    for c in text.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = !c.is_alphanumeric();
    }
    out
}

/// A slip of the finger: two letters swapped, one doubled, dropped or hit beside.
pub(super) fn slip(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let places: Vec<usize> =
        (1..letters.len()).filter(|i| letters[*i].is_alphabetic() && letters[i - 1].is_alphabetic()).collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let at = *dice.pick(&places);
    match dice.index(4) {
        0 => letters.swap(at - 1, at),
        1 => letters.insert(at, letters[at]),
        2 => {
            letters.remove(at);
        }
        _ => letters[at] = *dice.pick(&['A', 'E', 'I', 'O', 'L', 'N', 'R', 'S', 'T', 'C']),
    }
    letters.into_iter().collect()
}

/// How careless a bank is with codes: shares of codes missing, in lower case, and wrong.
#[derive(Clone, Copy)]
pub(super) struct CodeDirt {
    pub(super) missing: f64,
    pub(super) lower: f64,
    pub(super) wrong: f64,
}

pub(super) fn code(person: &Person, dirt: CodeDirt, dice: &mut Dice) -> String {
    let code = person.code.reveal();
    let draw = dice.unit();
    if draw < dirt.missing {
        String::new()
    } else if draw < dirt.missing + dirt.lower {
        code.to_lowercase()
    } else if draw < dirt.missing + dirt.lower + dirt.wrong {
        let mut letters: Vec<char> = code.chars().collect();
        let at = dice.index(15);
        if dice.chance(0.5) {
            letters.swap(at, at + 1);
        } else {
            letters[at] = *dice.pick(&['A', 'C', 'E', 'L', 'M', 'P', 'R', 'S', 'T', '1', '2', '4', '6', '8']);
        }
        letters.into_iter().collect()
    } else {
        code.to_owned()
    }
}

/// Surname and given name as an office that asks people writes them: with slips, second names left out, in one case.
pub(super) fn names(all: &Names, person: &Person, dice: &mut Dice) -> (String, String) {
    let (mut surname, mut given) = (all.surname(person).to_owned(), all.given(person));
    if person.second_given.is_some() && dice.chance(0.5) {
        all.first_given(person).clone_into(&mut given);
    }
    match dice.unit() {
        draw if draw < 0.035 => surname = slip(&surname, dice),
        draw if draw < 0.07 => given = slip(&given, dice),
        draw if draw < 0.1 => std::mem::swap(&mut surname, &mut given),
        _ => {}
    }
    if dice.chance(0.41) { (title(&surname), title(&given)) } else { (surname, given) }
}

/// `30/06/2026`.
pub(super) fn day(date: Date) -> String {
    format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
}

/// Euro with a decimal comma, from cents.
pub(super) fn euro(cents: i64) -> String {
    format!("{},{:02}", cents / 100, cents % 100)
}
