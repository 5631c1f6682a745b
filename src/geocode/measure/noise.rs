//! Ways in which offices misspell an address, one class each, seeded.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::geocode::{
    dug, numeral,
    words::{self, Class},
};

/// Error classes of `addresses.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noise {
    Case,
    Apostrophe,
    DugShort,
    DugMissing,
    DugWrong,
    Preposition,
    Initial,
    FirstNameDropped,
    Inverted,
    Title,
    Saint,
    Numeral,
    Typo,
    TwoTypos,
    Glued,
    Tail,
    CivicForm,
    Interior,
}

pub(crate) const CLASSES: [Noise; 18] = [
    Noise::Case,
    Noise::Apostrophe,
    Noise::DugShort,
    Noise::DugMissing,
    Noise::DugWrong,
    Noise::Preposition,
    Noise::Initial,
    Noise::FirstNameDropped,
    Noise::Inverted,
    Noise::Title,
    Noise::Saint,
    Noise::Numeral,
    Noise::Typo,
    Noise::TwoTypos,
    Noise::Glued,
    Noise::Tail,
    Noise::CivicForm,
    Noise::Interior,
];

fn pick<'a, T>(rng: &mut ChaCha8Rng, of: &'a [T]) -> &'a T {
    &of[rng.random_range(0..of.len())]
}

fn class_of(word: &str) -> Option<Class> {
    words::meaning(word).map(|m| m.class)
}

/// DUG and words of a name.
fn split(name: &str) -> (&str, Vec<&str>) {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.split_first() {
        Some((first, rest)) if !rest.is_empty() && !dug::meanings(first.trim_end_matches('\'')).is_empty() => {
            (first, rest.to_vec())
        }
        _ => ("", words),
    }
}

fn join(kind: &str, words: &[impl AsRef<str>]) -> String {
    let mut out = kind.to_owned();
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word.as_ref());
    }
    out
}

/// One edit in a word of four letters or more.
fn typo(word: &str, rng: &mut ChaCha8Rng) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = rng.random_range(0..letters.len() - 1);
    match rng.random_range(0..4) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = char::from(b'a' + rng.random_range(0..26_u8)),
    }
    letters.into_iter().collect()
}

fn misspell(name: &str, times: usize, rng: &mut ChaCha8Rng) -> Option<String> {
    let (kind, mut words) = split(name);
    let mut owned: Vec<String> = words.drain(..).map(str::to_owned).collect();
    for _ in 0..times {
        let long: Vec<usize> = (0..owned.len()).filter(|&i| owned[i].chars().count() >= 4).collect();
        if long.is_empty() {
            return None;
        }
        let at = *pick(rng, &long);
        owned[at] = typo(&owned[at], rng);
    }
    let out = join(kind, &owned);
    (out != name).then_some(out)
}

fn shorten(kind: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    let shorts: &[&str] = match kind.trim_end_matches('\'') {
        "VIA" => &["V.", "v."],
        "VIALE" => &["V.le", "VLE", "V.LE"],
        "PIAZZA" => &["P.zza", "P.ZA", "Pzza", "P.za"],
        "PIAZZALE" => &["P.le", "P.LE"],
        "CORSO" => &["C.so", "CSO"],
        "CONTRADA" => &["C.da", "CDA", "C/DA", "Contr."],
        "LOCALITA" => &["Loc.", "LOC", "Località"],
        "FRAZIONE" => &["Fraz.", "FRAZ"],
        "TRAVERSA" => &["Trav.", "TR.", "Tr."],
        "VICO" => &["V.co", "VCO"],
        "VICOLO" => &["V.lo", "Vic.", "VLO"],
        "LARGO" => &["L.go", "LGO"],
        "STRADA" => &["Str.", "STR"],
        "SALITA" => &["Sal."],
        _ => return None,
    };
    Some((*pick(rng, shorts)).to_owned())
}

/// A name as this class of error writes it; nothing where the class does not apply.
#[expect(clippy::too_many_lines, reason = "one arm for each class of error, read as a table")]
pub(crate) fn misspelled(class: Noise, name: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    let (kind, words) = split(name);
    let is = |word: &str, class: Class| class_of(word.trim_end_matches('\'')) == Some(class);
    // A first name that stands before a surname: not a numeral, not CARLO ALBERTO.
    let is_given = |words: &[&str]| {
        let plain = |w: &&str| class_of(w).is_none() && numeral::value(w).is_none() && w.len() > 1;
        words.len() > 1 && is(words[0], Class::FirstName) && numeral::value(words[0]).is_none() && words.last().is_some_and(plain)
    };
    match class {
        Noise::Case => Some(if rng.random_bool(0.5) { name.to_lowercase() } else { title_case(name) }),
        Noise::Apostrophe => name.contains('\'').then(|| match rng.random_range(0..3) {
            0 => name.replace('\'', "' "),
            1 => name.replace('\'', " "),
            _ => name.replace('\'', "’"),
        }),
        Noise::DugShort => shorten(kind, rng).map(|k| join(&k, &words)),
        Noise::DugMissing => (!kind.is_empty()).then(|| join("", &words)),
        Noise::DugWrong => {
            let other = *pick(rng, &["VIA", "PIAZZA", "VIALE", "VICOLO", "LARGO", "CORSO"]);
            (!kind.is_empty() && other != kind).then(|| join(other, &words))
        }
        Noise::Preposition => {
            let kept: Vec<&str> = words.iter().copied().filter(|w| !is(w, Class::Preposition)).collect();
            (kept.len() < words.len() && !kept.is_empty() && !name.contains('\'')).then(|| join(kind, &kept))
        }
        Noise::Initial => {
            let first = words.first().filter(|_| is_given(&words))?;
            let short = format!("{}.", first.chars().next()?);
            let rest: Vec<&str> = std::iter::once(short.as_str()).chain(words[1..].iter().copied()).collect();
            Some(join(kind, &rest))
        }
        Noise::FirstNameDropped => {
            is_given(&words).then(|| join(kind, &words[1..]))
        }
        Noise::Inverted => (words.len() == 2 && is_given(&words)).then(|| join(kind, &[words[1], words[0]])),
        Noise::Title => {
            if let Some(at) = words.iter().position(|w| is(w, Class::Title)).filter(|_| words.len() > 1) {
                let mut kept = words;
                kept.remove(at);
                return Some(join(kind, &kept));
            }
            let first = words.first().filter(|_| is_given(&words))?;
            let title = *pick(rng, &["Gen.", "DON", "Avv.", "On.", "PROF.", "MONS."]);
            let rest: Vec<&str> = [title, first].into_iter().chain(words[1..].iter().copied()).collect();
            Some(join(kind, &rest))
        }
        Noise::Saint => {
            let at = words.iter().position(|w| matches!(*w, "SAN" | "SANTA" | "SANTO"))?;
            let mut owned: Vec<&str> = words;
            owned[at] = match owned[at] {
                "SANTA" => *pick(rng, &["S.", "S.TA", "S.ta", "Sta"]),
                "SANTO" => *pick(rng, &["S.", "S.TO", "Sto"]),
                _ => *pick(rng, &["S.", "S"]),
            };
            Some(join(kind, &owned))
        }
        Noise::Numeral => {
            let (at, n) = words.iter().enumerate().find_map(|(i, w)| {
                let n = w.parse().ok().or_else(|| numeral::value(w))?;
                (1..=31).contains(&n).then_some((i, n))
            })?;
            let mut owned: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
            let forms: Vec<String> =
                numeral::forms().into_iter().filter(|(w, m)| *m == n && *w != words[at]).map(|(w, _)| w).collect();
            owned[at] = match rng.random_range(0..3) {
                0 => n.to_string(),
                1 => numeral::written_roman(n),
                _ => pick(rng, &forms).clone(),
            };
            let out = join(kind, &owned);
            (out != name).then_some(out)
        }
        Noise::Typo => misspell(name, 1, rng),
        Noise::TwoTypos => misspell(name, 2, rng),
        Noise::Glued => {
            (words.len() > 1 && !name.bytes().any(|b| b.is_ascii_digit())).then(|| {
                let at = rng.random_range(0..words.len() - 1);
                let mut owned: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
                let second = owned.remove(at + 1);
                owned[at].push_str(&second);
                join(kind, &owned)
            })
        }
        Noise::Tail | Noise::CivicForm | Noise::Interior => Some(name.to_owned()),
    }
}

fn title_case(text: &str) -> String {
    let mut out = String::new();
    let mut starts = true;
    for c in text.chars() {
        out.push(if starts { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
        starts = c == ' ' || c == '\'';
    }
    out
}

/// The number as this class writes it, behind the street.
pub(crate) fn with_number(class: Noise, street: &str, number: u32, exponent: &str, town: &str, rng: &mut ChaCha8Rng) -> String {
    let plain = match exponent {
        "" => number.to_string(),
        e if e.bytes().all(|b| b.is_ascii_digit()) => format!("{number}/{e}"),
        e => match (class, rng.random_range(0..5)) {
            (Noise::CivicForm, 0) => format!("{number}{e}"),
            (Noise::CivicForm, 1) => format!("{number} {}", e.to_lowercase()),
            (Noise::CivicForm, 2) => format!("{number}-{e}"),
            _ => format!("{number}/{e}"),
        },
    };
    let joint = match (class, rng.random_range(0..6)) {
        (Noise::CivicForm, 0) => " n. ",
        (Noise::CivicForm, 1) => ", n° ",
        (Noise::CivicForm, 2) => " N.",
        (Noise::CivicForm, 3) => ", civico ",
        (_, 4) => ", ",
        _ => " ",
    };
    let mut out = format!("{street}{joint}{plain}");
    match class {
        Noise::Tail => {
            let city = title_case(town);
            out.push_str(&match rng.random_range(0..4) {
                0 => format!(" - 88046 {city}"),
                1 => format!(", 88046 {city}"),
                2 => format!(" {town}"),
                _ => format!(" - {city}"),
            });
        }
        Noise::Interior => {
            let unit = *pick(rng, &[" int. ", " interno ", " sc. B int. ", " scala A interno ", ", piano ", " int.", " pal. C int. ", "/int. "]);
            out.push_str(&format!("{unit}{}", rng.random_range(1..30)));
        }
        _ => {}
    }
    out
}
