//! The words of one register: numbered, weighed by rarity, and found again through typing errors.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::{canonical::Key, dug::Dug, edit};

/// A word of the register (or two words written as one).
pub(super) type Token = u32;

/// Hasher for keys that are digests already.
#[derive(Clone, Copy, Default)]
pub(super) struct Digest(u64);

impl std::hash::Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = Key::start(Dug(1)).word(bytes).finish() ^ self.0.rotate_left(7);
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map whose keys are digests.
pub(super) type DigestMap<V> = HashMap<u64, V, BuildHasherDefault<Digest>>;

/// The digest of one word.
pub(super) fn digest(word: &str) -> u64 {
    Key::start(Dug::NONE).word(word.as_bytes()).finish()
}

/// A spelling and the token it stands for.
#[derive(Clone, Debug)]
struct Form {
    text: Box<str>,
    token: Token,
}

/// Frozen vocabulary.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon {
    forms: Vec<Form>,
    exact: DigestMap<u32>,
    /// Token of each numeral.
    numbers: HashMap<u32, Token>,
    /// Forms by what is left of them after one or two deletions (symmetric delete): digest → range in `deleted`.
    deletes: DigestMap<(u32, u32)>,
    deleted: Vec<u32>,
    sorted: Vec<u32>,
    tokens: u32,
}

/// A word of the register near a written one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    /// Which.
    pub(super) token: Token,
    /// Edits between them.
    pub(super) edits: u8,
    /// Length of the longer.
    pub(super) len: u8,
    /// Whether they differ in their last vowel only, or by it.
    pub(super) is_ending: bool,
}

impl Lexicon {
    /// The token of a word, made where it is new.
    pub(super) fn intern(&mut self, word: &str) -> Token {
        if let Some(found) = self.find(word) {
            return found;
        }
        let token = self.tokens;
        self.tokens += 1;
        self.add_form(word, token);
        token
    }

    /// The token of a numeral, made where it is new.
    pub(super) fn intern_number(&mut self, n: u32) -> Token {
        if let Some(found) = self.numbers.get(&n) {
            return *found;
        }
        let token = self.tokens;
        self.tokens += 1;
        self.numbers.insert(n, token);
        token
    }

    /// Lets another spelling lead to a token; an own word is never bent to another.
    pub(super) fn add_form(&mut self, word: &str, token: Token) {
        let key = digest(word);
        if !self.exact.contains_key(&key) {
            self.exact.insert(key, self.forms.len() as u32);
            self.forms.push(Form { text: word.into(), token });
        }
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.tokens as usize
    }

    /// The token of a spelling.
    pub(super) fn find(&self, word: &str) -> Option<Token> {
        let form = &self.forms[*self.exact.get(&digest(word))? as usize];
        (&*form.text == word).then_some(form.token)
    }

    /// The token of a numeral.
    pub(super) fn find_number(&self, n: u32) -> Option<Token> {
        self.numbers.get(&n).copied()
    }

    /// Builds the index of deletions; after this no form may be added.
    pub(super) fn freeze(&mut self) {
        let mut pairs: Vec<(u64, u32)> = Vec::new();
        for (i, form) in self.forms.iter().enumerate() {
            each_deletion(form.text.as_bytes(), reach(form.text.len()), &mut |rest| {
                pairs.push((bytes_digest(rest), i as u32))
            });
        }
        pairs.sort_unstable();
        pairs.dedup();
        self.deleted = pairs.iter().map(|p| p.1).collect();
        let mut start = 0;
        for run in pairs.chunk_by(|a, b| a.0 == b.0) {
            self.deletes.insert(run[0].0, (start, start + run.len() as u32));
            start += run.len() as u32;
        }
        self.sorted = (0..self.forms.len() as u32).collect();
        self.sorted.sort_unstable_by(|a, b| self.forms[*a as usize].text.cmp(&self.forms[*b as usize].text));
        self.forms.shrink_to_fit();
        self.deleted.shrink_to_fit();
    }

    /// Every form within the edits that its length allows (at most `limit`), through the index.
    pub(super) fn near(&self, word: &str, limit: usize, seen: &mut Vec<u32>, out: &mut Vec<Near>) {
        if !is_comparable(word) {
            return;
        }
        seen.clear();
        each_deletion(word.as_bytes(), reach(word.len()).min(limit), &mut |rest| {
            if let Some(&(from, to)) = self.deletes.get(&bytes_digest(rest)) {
                seen.extend_from_slice(&self.deleted[from as usize..to as usize]);
            }
        });
        seen.sort_unstable();
        seen.dedup();
        for &form in seen.iter() {
            self.compare(word, form, limit, out);
        }
    }

    /// The same, the slow way: the judge of [`Lexicon::near`].
    #[cfg(test)]
    pub(super) fn near_by_scan(&self, word: &str, limit: usize, out: &mut Vec<Near>) {
        if !is_comparable(word) {
            return;
        }
        for form in 0..self.forms.len() as u32 {
            self.compare(word, form, limit, out);
        }
    }

    fn compare(&self, word: &str, form: u32, limit: usize, out: &mut Vec<Near>) {
        let form = &self.forms[form as usize];
        let len = word.len().max(form.text.len());
        if let Some(edits) = edit::distance(word.as_bytes(), form.text.as_bytes(), allowed(len).min(limit))
            && edits > 0
            && is_comparable(&form.text)
        {
            let is_ending = edits == 1 && is_same_stem(word, &form.text);
            out.push(Near { token: form.token, edits: edits as u8, len: len as u8, is_ending });
        }
    }

    /// Forms that begin with a text of three letters or more and go on: `PROV` for PROVINCIALE.
    pub(super) fn beginning_with(&self, prefix: &str) -> impl Iterator<Item = (&str, Token)> {
        let at = self.sorted.partition_point(|&f| &*self.forms[f as usize].text < prefix);
        self.sorted[at..]
            .iter()
            .map(|&f| &self.forms[f as usize])
            .take_while(move |f| f.text.starts_with(prefix))
            .map(|f| (&*f.text, f.token))
    }
}

/// Edits allowed between words of which the longer has this length.
pub(super) const fn allowed(len: usize) -> usize {
    match len {
        0..=2 => 0,
        3..=6 => 1,
        _ => 2,
    }
}

/// Deletions that must be indexed so that every allowed pair meets: a word of five letters may face one of seven.
const fn reach(len: usize) -> usize {
    match len {
        0..=1 => 0,
        2..=4 => 1,
        _ => 2,
    }
}

/// Whether two words are one stem with another vowel at the end: GIGLI, GIGLIO; LECCO, LECCI.
fn is_same_stem(a: &str, b: &str) -> bool {
    let stem = |w: &str| w.trim_end_matches(['A', 'E', 'I', 'O']).len();
    let ends = |w: &str| w.ends_with(['A', 'E', 'I', 'O']);
    ends(a) && ends(b) && a.len().min(b.len()) >= 3 && a[..stem(a)] == b[..stem(b)]
}

fn is_comparable(word: &str) -> bool {
    word.len() >= 2 && word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphabetic())
}

fn bytes_digest(bytes: &[u8]) -> u64 {
    Key::start(Dug(3)).word(bytes).finish()
}

/// Calls back with the word and with what is left of it after up to `depth` deletions.
fn each_deletion(word: &[u8], depth: usize, call: &mut impl FnMut(&[u8])) {
    let mut buffer = [0_u8; 48];
    if word.len() > buffer.len() {
        return;
    }
    call(word);
    if depth == 0 {
        return;
    }
    for first in 0..word.len() {
        let len = word.len() - 1;
        buffer[..first].copy_from_slice(&word[..first]);
        buffer[first..len].copy_from_slice(&word[first + 1..]);
        call(&buffer[..len]);
        if depth > 1 && len > 1 {
            let mut inner = [0_u8; 48];
            for second in first..len {
                inner[..second].copy_from_slice(&buffer[..second]);
                inner[second..len - 1].copy_from_slice(&buffer[second + 1..len]);
                call(&inner[..len - 1]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_index_of_deletions_misses_nothing(
            words in prop::collection::vec("[A-D]{2,9}", 1..60),
            queries in prop::collection::vec("[A-D]{1,9}", 1..20),
        ) {
            let mut lexicon = Lexicon::default();
            for word in &words {
                lexicon.intern(word);
            }
            lexicon.freeze();
            for query in &queries {
                for limit in [1, 2] {
                    let (mut fast, mut slow) = (Vec::new(), Vec::new());
                    lexicon.near(query, limit, &mut Vec::new(), &mut fast);
                    lexicon.near_by_scan(query, limit, &mut slow);
                    prop_assert_eq!(&fast, &slow);
                }
            }
        }
    }
}
