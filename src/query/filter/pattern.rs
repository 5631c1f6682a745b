//! Texts compared by pattern, without case, without accents.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::predicate::Folding;
use crate::domain;

/// A pattern of `LIKE`: `%` stands for any characters, `_` for one, `\` takes the meaning from the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The pieces between the `%`s: the first holds to the start, the last to the end.
    pieces: Vec<Vec<Option<char>>>,
}

impl Pattern {
    /// Reads a pattern; a lone `\` at the end stands for itself.
    pub fn new(text: &str) -> Self {
        let mut pieces = vec![Vec::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let piece = match c {
                '%' => {
                    pieces.push(Vec::new());
                    continue;
                }
                '_' => None,
                '\\' => Some(chars.next().unwrap_or('\\')),
                other => Some(other),
            };
            if let Some(last) = pieces.last_mut() {
                last.push(piece);
            }
        }
        let last = pieces.len() - 1;
        let mut at = 0;
        pieces.retain(|piece| {
            at += 1;
            at == 1 || at == last + 1 || !piece.is_empty()
        });
        Self { pieces }
    }

    /// Whether a whole text is like this. Each piece is taken where it first fits, so nothing is tried twice over:
    /// at most the text's length times the longest piece's.
    pub fn matches(&self, text: &[char]) -> bool {
        let fits = |piece: &[Option<char>], text: &[char]| {
            piece.len() <= text.len() && piece.iter().zip(text).all(|(want, c)| want.is_none_or(|want| want == *c))
        };
        let [first, middle @ .., last] = self.pieces.as_slice() else {
            return self.pieces.first().is_some_and(|only| only.len() == text.len() && fits(only, text));
        };
        if !fits(first, text) {
            return false;
        }
        let mut rest = &text[first.len()..];
        for piece in middle {
            let Some(at) = (0..=rest.len()).find(|&at| fits(piece, &rest[at..])) else { return false };
            rest = &rest[at + piece.len()..];
        }
        rest.len() >= last.len() && fits(last, &rest[rest.len() - last.len()..])
    }

    /// As it is written.
    #[cfg(test)]
    pub(crate) fn written(&self) -> String {
        let sign = |sign: &Option<char>| match sign {
            None => "_".to_owned(),
            Some(c @ ('%' | '_' | '\\')) => format!("\\{c}"),
            Some(c) => c.to_string(),
        };
        let pieces: Vec<String> = self.pieces.iter().map(|piece| piece.iter().map(sign).collect()).collect();
        pieces.join("%")
    }

    /// Steps that a text of so many characters may take.
    pub fn steps(&self, characters: usize) -> u64 {
        (characters + 1) as u64 * self.pieces.iter().map(Vec::len).max().unwrap_or(0).max(1) as u64
    }
}

/// A text without case or accents.
pub fn fold(folding: Folding, text: &str) -> String {
    match folding {
        // Character by character, so that a piece of a text folds as it does within the whole.
        Folding::Case => text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect(),
        Folding::Accents => text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(plain).nfc().collect(),
    }
}

/// Letters with a stroke or joined, which are no letter with a mark: `ø`, `ł`, `æ`.
fn plain(c: char) -> impl Iterator<Item = char> {
    let letters = if c.is_ascii() || c.is_numeric() { None } else { domain::fold::letters(c) };
    let lower = c.is_lowercase();
    let folded = letters.into_iter().flat_map(str::chars);
    let folded = folded.map(move |plain| if lower { plain.to_ascii_lowercase() } else { plain });
    letters.is_none().then_some(c).into_iter().chain(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Pattern::new(pattern).matches(&text.chars().collect::<Vec<_>>())
    }

    /// The obvious one: tries everything.
    fn slow(text: &[char], pattern: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['%', rest @ ..] => (0..=text.len()).any(|at| slow(&text[at..], rest)),
            ['_', rest @ ..] => !text.is_empty() && slow(&text[1..], rest),
            ['\\', c, rest @ ..] | [c, rest @ ..] => text.first() == Some(c) && slow(&text[1..], rest),
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_as_the_obvious_one_does(text in "[ab%\\\\]{0,9}", pattern in "([ab%_]|\\\\%|\\\\a|\\\\\\\\){0,7}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(like(&text, &pattern), slow(&chars(&text), &chars(&pattern)), "{} {}", text, pattern);
        }
    }

    #[test]
    fn many_wildcards_cost_little() {
        let text = "a".repeat(20_000);
        assert!(!like(&text, &format!("{}b", "%a".repeat(2_000))));
        assert!(like(&text, &"%a_".repeat(2_000)));
    }

    #[test]
    fn case_and_accents_fold() {
        assert_eq!(fold(Folding::Case, "Straße"), fold(Folding::Case, "STRASSE"));
        assert_eq!(fold(Folding::Case, "Οδος"), fold(Folding::Case, "ΟΔΟΣ"));
        assert_eq!(fold(Folding::Accents, "Chișinău København Łódź"), "Chisinau Kobenhavn Lodz");
        assert_eq!(fold(Folding::Accents, "débárquér"), "debarquer");
        assert_eq!(fold(Folding::Accents, "città"), fold(Folding::Accents, "citta\u{300}"));
    }
}
