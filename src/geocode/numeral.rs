//! Numerals of street names: words, roman, ordinals, month abbreviations.

/// The value of a numeral written as a word (cardinal or ordinal, either gender) or in roman letters of two or more.
///
/// Words go to 100 and roman to 39: higher ones are surnames more often than numbers.
pub(super) fn value(word: &str) -> Option<u32> {
    spelled(word).or_else(|| if word.len() >= 2 { roman(word) } else { None })
}

/// The value of a roman numeral in I, V, X only (D, C, M and L are words or initials more often).
pub(super) fn roman(word: &str) -> Option<u32> {
    if word.is_empty() || word.len() > 7 || !word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X')) {
        return None;
    }
    (1..=39).find(|&n| written_roman(n) == word)
}

/// The roman form of 1 to 39.
pub(super) fn written_roman(n: u32) -> String {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let mut out = "X".repeat((n / 10).min(3) as usize);
    out.push_str(ONES[(n % 10) as usize]);
    out
}

const UNITS: [(&str, &str); 20] = [
    ("", ""),
    ("UNO", "PRIM"),
    ("DUE", "SECOND"),
    ("TRE", "TERZ"),
    ("QUATTRO", "QUART"),
    ("CINQUE", "QUINT"),
    ("SEI", "SEST"),
    ("SETTE", "SETTIM"),
    ("OTTO", "OTTAV"),
    ("NOVE", "NON"),
    ("DIECI", "DECIM"),
    ("UNDICI", "UNDICESIM"),
    ("DODICI", "DODICESIM"),
    ("TREDICI", "TREDICESIM"),
    ("QUATTORDICI", "QUATTORDICESIM"),
    ("QUINDICI", "QUINDICESIM"),
    ("SEDICI", "SEDICESIM"),
    ("DICIASSETTE", "DICIASSETTESIM"),
    ("DICIOTTO", "DICIOTTESIM"),
    ("DICIANNOVE", "DICIANNOVESIM"),
];

const TENS: [(u32, &str); 8] = [
    (20, "VENT"),
    (30, "TRENT"),
    (40, "QUARANT"),
    (50, "CINQUANT"),
    (60, "SESSANT"),
    (70, "SETTANT"),
    (80, "OTTANT"),
    (90, "NOVANT"),
];

/// Every spelled form of the numbers that streets use, with its value; `NONE` forms are left out by the caller.
pub(super) fn forms() -> Vec<(String, u32)> {
    let mut out = Vec::new();
    for (n, (cardinal, ordinal)) in UNITS.iter().enumerate().skip(1) {
        out.push(((*cardinal).to_owned(), n as u32));
        for end in ["O", "A"] {
            out.push((format!("{ordinal}{end}"), n as u32));
        }
    }
    for (tens, stem) in TENS {
        out.push((format!("{stem}{}", if tens == 20 { "I" } else { "A" }), tens));
        for end in ["O", "A"] {
            out.push((format!("{stem}ESIM{end}"), tens));
        }
        for (unit, (cardinal, _)) in UNITS.iter().enumerate().take(10).skip(1) {
            let elided = cardinal.starts_with(['U', 'O']);
            let joint = match (elided, tens) {
                (true, _) => "",
                (false, 20) => "I",
                (false, _) => "A",
            };
            let whole = format!("{stem}{joint}{cardinal}");
            let stem_of_ordinal = match unit {
                3 | 6 => whole.as_str(),
                _ => &whole[..whole.len() - 1],
            };
            for end in ["O", "A"] {
                out.push((format!("{stem_of_ordinal}ESIM{end}"), tens + unit as u32));
            }
            if unit == 1 {
                out.push((format!("{stem}UN"), tens + 1));
            }
            out.push((whole, tens + unit as u32));
        }
    }
    for (word, n) in [
        ("DECIMOPRIMO", 11),
        ("UNDECIMO", 11),
        ("DECIMOSECONDO", 12),
        ("DUODECIMO", 12),
        ("DECIMOTERZO", 13),
        ("DECIMOQUARTO", 14),
        ("DECIMOQUINTO", 15),
        ("DECIMOSESTO", 16),
        ("DECIMOSETTIMO", 17),
        ("DECIMOTTAVO", 18),
        ("DECIMONONO", 19),
        ("VENTITRE", 23),
        ("CENTO", 100),
        ("PRIMI", 1),
    ] {
        out.push((word.to_owned(), n));
    }
    out
}

fn spelled(word: &str) -> Option<u32> {
    use std::{collections::HashMap, sync::OnceLock};
    static TABLE: OnceLock<HashMap<String, u32>> = OnceLock::new();
    TABLE.get_or_init(|| forms().into_iter().collect()).get(word).copied()
}

/// The month of an old abbreviation: 7BRE is SETTEMBRE.
pub(super) fn month(number: u32) -> Option<&'static str> {
    Some(match number {
        7 => "SETTEMBRE",
        8 => "OTTOBRE",
        9 => "NOVEMBRE",
        10 => "DICEMBRE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_numeral_has_one_value() {
        for (word, n) in [
            ("QUATTRO", 4),
            ("QUARTO", 4),
            ("QUARTA", 4),
            ("IV", 4),
            ("XX", 20),
            ("VENTI", 20),
            ("VENTITREESIMO", 23),
            ("VENTITRE", 23),
            ("VENTUNO", 21),
            ("VENTOTTO", 28),
            ("TRENTUNESIMA", 31),
            ("TREDICESIMO", 13),
            ("XXIII", 23),
            ("VENTICINQUE", 25),
            ("VENTISEIESIMO", 26),
        ] {
            assert_eq!(value(word), Some(n), "{word}");
        }
        for word in ["DI", "MI", "CIVIC", "IIII", "VX", "I", "ROMA", "DC", ""] {
            assert_eq!(value(word), None, "{word}");
        }
    }
}
