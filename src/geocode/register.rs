//! The register, frozen: streets, accesses, and every index that answers for them.

use std::collections::HashMap;

use super::{
    align::cost_of_missing,
    canonical::{self, Key, Name, Part},
    dug::Dug,
    lexer::{Gap, Lexed},
    lexicon::{DigestMap, Lexicon, Token},
    numeral,
    parse::TownWords,
    words::{self, Class},
};
use crate::domain::{
    geo::{BBox, LonLat, Plane},
    place::{Access, AccessId, Alias, Street, StreetId},
};

/// What addresses call the comune besides its streets.
#[derive(Clone, Debug, Default)]
pub struct Town {
    /// The comune's name, and its other names.
    pub names: Vec<String>,
    /// Two-letter province, or empty.
    pub province: String,
    /// CAP, where known.
    pub postcodes: Vec<String>,
}

/// All that a register is built from. Accesses whose street is missing are left out (ingest has rejected them).
#[derive(Clone, Debug, Default)]
pub struct RegisterInput {
    /// The comune.
    pub town: Town,
    /// Streets; the order does not matter.
    pub streets: Vec<Street>,
    /// Accesses; the order does not matter.
    pub accesses: Vec<Access>,
    /// Spellings that were settled.
    pub aliases: Vec<Alias>,
}

/// A street with what is known of its doors.
#[derive(Clone, Debug)]
pub struct StreetEntry {
    /// The street.
    pub street: Street,
    /// The door that lies in the middle of the others (longitude, latitude); absent where no door has a sound point.
    pub medoid: Option<LonLat>,
    /// Box around its doors' sound points.
    pub bbox: Option<BBox>,
    /// Locality among the town's.
    pub(super) locality: Option<u16>,
    from: u32,
    to: u32,
}

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameSource {
    /// ODONIMO.
    Official,
    /// Another language, an old name, what a person settled.
    Other,
}

/// A word of a name in the register: one position, or several written as one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) token: Token,
    /// Positions it covers.
    pub(super) mask: u16,
    pub(super) class: Class,
    /// Its first letter as spelled.
    pub(super) initial: u8,
    /// Rarity: natural log of names over names with it.
    pub(super) weight: f32,
    /// What it costs when it is not written.
    pub(super) worth: f32,
    /// Whether it is the head of the name: its last word.
    pub(super) is_head: bool,
}

/// One name of one street.
#[derive(Clone, Debug)]
pub(super) struct NameEntry {
    pub(super) street: u32,
    pub(super) dug: Dug,
    pub(super) source: NameSource,
    /// Range in the items.
    pub(super) items: (u32, u32),
    /// What all its words cost when none is written.
    pub(super) worth: f32,
}

/// Names under one digest: most often one.
#[derive(Clone, Debug)]
pub(super) enum Under {
    One(u32),
    Many(Vec<u32>),
}

impl Under {
    /// The names.
    pub(super) fn names(&self) -> &[u32] {
        match self {
            Self::One(n) => std::slice::from_ref(n),
            Self::Many(n) => n,
        }
    }
}

/// A name that holds a word, and what that word saves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    pub(super) name: u32,
    pub(super) worth: f32,
}

/// Most words of a name that are compared.
pub(super) const MAX_PARTS: usize = 14;

/// The frozen register of one comune: shared by reference, read from many threads.
#[derive(Clone, Debug, Default)]
pub struct Register {
    pub(super) town: TownWords,
    pub(super) streets: Vec<StreetEntry>,
    pub(super) accesses: Vec<Access>,
    street_index: HashMap<StreetId, u32>,
    access_index: HashMap<AccessId, u32>,
    pub(super) names: Vec<NameEntry>,
    pub(super) items: Vec<Item>,
    pub(super) lexicon: Lexicon,
    /// DUG and all words → names.
    pub(super) strict: DigestMap<Under>,
    /// Words without DUG and prepositions → names.
    pub(super) loose: DigestMap<Under>,
    postings: Vec<Posting>,
    posting_starts: Vec<u32>,
    medoid: Option<LonLat>,
}

impl Register {
    /// Builds every index. The same input in any order gives the same register.
    pub fn build(input: RegisterInput) -> Self {
        let mut localities: Vec<String> =
            input.streets.iter().map(|s| s.locality.clone()).filter(|l| !l.trim().is_empty()).collect();
        localities.sort_unstable();
        localities.dedup();
        let town = TownWords::new(
            input.town.names.iter().map(String::as_str),
            localities.iter().map(String::as_str),
            &input.town.province,
            input.town.postcodes.iter().map(String::as_str),
        );
        let mut register = Self { town, ..Self::default() };
        register.place(input.streets, input.accesses);
        register.name(&input.aliases);
        register.weigh();
        register.lexicon.freeze();
        register
    }

    /// Orders streets and accesses and looks where each street lies.
    fn place(&mut self, mut streets: Vec<Street>, accesses: Vec<Access>) {
        streets.sort_by_key(|s| s.id);
        streets.dedup_by_key(|s| s.id);
        self.street_index = streets.iter().enumerate().map(|(i, s)| (s.id, i as u32)).collect();
        let mut accesses: Vec<Access> =
            accesses.into_iter().filter(|a| self.street_index.contains_key(&a.street)).collect();
        accesses.sort_by(|a, b| (a.street, &a.number, a.id).cmp(&(b.street, &b.number, b.id)));
        self.accesses = accesses;
        let mut from = 0;
        for street in streets {
            let to = from + self.accesses[from..].partition_point(|a| a.street <= street.id);
            let points: Vec<LonLat> =
                self.accesses[from..to].iter().filter(|a| is_sound(a)).filter_map(|a| a.point).collect();
            self.streets.push(StreetEntry {
                medoid: medoid(&points),
                bbox: BBox::around(points.iter().copied()),
                locality: if street.locality.is_empty() { None } else { self.town.locality(&street.locality) },
                street,
                from: from as u32,
                to: to as u32,
            });
            from = to;
        }
        self.access_index = self.accesses.iter().enumerate().map(|(i, a)| (a.id, i as u32)).collect();
        let centres: Vec<LonLat> = self.streets.iter().filter_map(|s| s.medoid).collect();
        self.medoid = medoid(&centres);
    }

    /// Puts every name of every street through the canonical form.
    fn name(&mut self, aliases: &[Alias]) {
        let mut work = (Lexed::default(), Name::default());
        for street in 0..self.streets.len() as u32 {
            let entry = self.streets[street as usize].street.clone();
            self.add_name(street, &entry.name, NameSource::Official, &mut work);
            for other in &entry.other_names {
                self.add_name(street, other, NameSource::Other, &mut work);
            }
            // "VIA LANA / LANAERWEG", "VIA ROMA (EX VIA REGIA)".
            for piece in entry
                .name
                .split(['/', '(', ')'])
                .map(str::trim)
                .filter(|p| p.len() > 3 && p.len() < entry.name.trim().len())
            {
                let old = ["EX ", "GIA ", "GIA' "].iter().find_map(|o| piece.strip_prefix(o)).unwrap_or(piece);
                self.add_name(street, old, NameSource::Other, &mut work);
            }
        }
        for alias in aliases {
            if let Some(&street) = self.street_index.get(&alias.street) {
                self.add_name(street, alias.spelling.reveal(), NameSource::Other, &mut work);
            }
        }
    }

    fn add_name(&mut self, street: u32, text: &str, source: NameSource, (lexed, name): &mut (Lexed, Name)) {
        lexed.clear();
        lexed.push(text, Gap::SPACE);
        lexed.join_abbreviations(words::is_abbreviation);
        canonical::read(lexed, 0, lexed.lexemes.len(), name);
        name.parts.truncate(MAX_PARTS);
        if name.parts.is_empty() {
            return;
        }
        let id = self.names.len() as u32;
        let dug = name.dugs.first().copied().unwrap_or_default();
        file(&mut self.strict, canonical::digest(Key::start(dug), lexed, &name.parts, |_| true), id);
        file(&mut self.loose, canonical::digest(Key::start(Dug::NONE), lexed, &name.parts, |p| !p.is_light()), id);
        let from = self.items.len() as u32;
        self.add_items(lexed, &name.parts);
        self.names.push(NameEntry { street, dug, source, items: (from, self.items.len() as u32), worth: 0.0 });
    }

    fn add_items(&mut self, lexed: &Lexed, parts: &[Part]) {
        for (i, part) in parts.iter().enumerate() {
            let raw = part.raw(lexed);
            let token = match (part.class, part.number) {
                (Class::Number, Some(n)) => self.lexicon.intern_number(n),
                _ => self.lexicon.intern(part.canonical(lexed)),
            };
            self.lexicon.add_form(raw, token);
            self.push_item(token, 1 << i, part.class, raw);
        }
        for (i, two) in parts.windows(2).enumerate() {
            let is_whole_number = |p: &Part| p.class == Class::Number;
            if two.iter().any(is_whole_number) || two[0].end != two[1].start {
                continue;
            }
            let joined = &lexed.buffer[two[0].start as usize..two[1].end as usize];
            if joined.len() >= 5 {
                let token = self.lexicon.intern(joined);
                self.push_item(token, 0b11 << i, Class::Word, joined);
            }
        }
        if let [first, .., last] = parts
            && parts.len() > 2
            && first.end <= last.start
            && last.end - first.start <= 40
        {
            let joined = &lexed.buffer[first.start as usize..last.end as usize];
            let token = self.lexicon.intern(joined);
            self.push_item(token, ((1_u32 << parts.len()) - 1) as u16, Class::Word, joined);
        }
    }

    fn push_item(&mut self, token: Token, mask: u16, class: Class, raw: &str) {
        let initial = raw.as_bytes().first().copied().unwrap_or_default();
        self.items.push(Item { token, mask, class, initial, weight: 0.0, worth: 0.0, is_head: false });
    }

    /// Weighs the words by rarity, lists the names of each word, and opens the forms that a typing error may hide.
    fn weigh(&mut self) {
        let mut pairs: Vec<(Token, u32)> = Vec::with_capacity(self.items.len());
        for (n, name) in self.names.iter().enumerate() {
            let items = &self.items[name.items.0 as usize..name.items.1 as usize];
            pairs.extend(items.iter().filter(|i| !is_light(i.class)).map(|i| (i.token, n as u32)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut counts = vec![0_u32; self.lexicon.len() + 1];
        for (token, _) in &pairs {
            counts[*token as usize + 1] += 1;
        }
        let total = self.names.len() as f32;
        for item in &mut self.items {
            let count = counts[item.token as usize + 1].max(1) as f32;
            item.weight = if is_light(item.class) { 0.05 } else { (1.0 + total / count).ln() };
        }
        for i in 1..counts.len() {
            counts[i] += counts[i - 1];
        }
        for name in &mut self.names {
            name.worth = appraise(&mut self.items[name.items.0 as usize..name.items.1 as usize]);
        }
        let worth = |token: Token, n: u32| {
            let name = &self.names[n as usize];
            let items = &self.items[name.items.0 as usize..name.items.1 as usize];
            items.iter().filter(|i| i.token == token).map(|i| i.worth).fold(0.0, f32::max)
        };
        self.postings = pairs.iter().map(|&(token, name)| Posting { name, worth: worth(token, name) }).collect();
        self.posting_starts = counts;
        self.open_forms();
    }

    fn open_forms(&mut self) {
        for (word, n) in numeral::forms() {
            if let Some(token) = self.lexicon.find_number(n) {
                self.lexicon.add_form(&word, token);
            }
        }
        let mut forms: Vec<_> = words::spelled_forms().collect();
        forms.sort_unstable_by_key(|f| f.0);
        for (word, meaning) in forms {
            if let Some(token) = self.lexicon.find(meaning.canonical) {
                self.lexicon.add_form(word, token);
            }
        }
    }

    /// The names that hold a word.
    pub(super) fn names_with(&self, token: Token) -> &[Posting] {
        let at = token as usize;
        match self.posting_starts.get(at..at + 2) {
            Some(&[from, to]) => &self.postings[from as usize..to as usize],
            _ => &[],
        }
    }

    /// The words of a name.
    pub(super) fn items_of(&self, name: &NameEntry) -> &[Item] {
        &self.items[name.items.0 as usize..name.items.1 as usize]
    }

    /// The doors of a street by position, in the order of their numbers.
    pub(super) fn doors(&self, street: u32) -> &[Access] {
        let entry = &self.streets[street as usize];
        &self.accesses[entry.from as usize..entry.to as usize]
    }

    pub(super) fn street_position(&self, id: StreetId) -> Option<u32> {
        self.street_index.get(&id).copied()
    }

    /// Every street, by id.
    pub fn streets(&self) -> &[StreetEntry] {
        &self.streets
    }

    /// A street by its PROGRESSIVO_NAZIONALE.
    pub fn street(&self, id: StreetId) -> Option<&StreetEntry> {
        self.street_position(id).map(|i| &self.streets[i as usize])
    }

    /// Every access, by street, number and exponent.
    pub fn accesses(&self) -> &[Access] {
        &self.accesses
    }

    /// An access by its PROGRESSIVO_ACCESSO.
    pub fn access(&self, id: AccessId) -> Option<&Access> {
        self.access_index.get(&id).map(|&i| &self.accesses[i as usize])
    }

    /// The accesses of a street, in the order of their numbers.
    pub fn accesses_of(&self, id: StreetId) -> &[Access] {
        self.street_position(id).map_or(&[], |i| self.doors(i))
    }

    /// The street that lies in the middle of the others (longitude, latitude); absent where no point is known.
    pub fn medoid(&self) -> Option<LonLat> {
        self.medoid
    }

    /// Replaces the points of accesses (by position) and looks again where each street lies.
    pub(super) fn with_points(&mut self, points: &[(u32, LonLat)]) {
        for (at, point) in points {
            let access = &mut self.accesses[*at as usize];
            access.point = Some(*point);
            access.quality = crate::domain::place::PointQuality::Borrowed;
        }
        self.settle_streets();
    }

    /// Marks the accesses whose point is suspect (see [`flag_suspects`](super::flag_suspects)), borrowed ones as well, and looks
    /// again where each street lies. Gives how many are outside the comune and how many far from their street.
    pub fn flag_suspects(&mut self, boundary: &geo::MultiPolygon<f64>) -> (usize, usize) {
        let found = super::flag_suspects(&mut self.accesses, boundary);
        self.settle_streets();
        found
    }

    /// Looks where each street lies, by the sound points of its doors.
    fn settle_streets(&mut self) {
        for i in 0..self.streets.len() {
            let points: Vec<LonLat> =
                self.doors(i as u32).iter().filter(|a| is_sound(a)).filter_map(|a| a.point).collect();
            self.streets[i].medoid = medoid(&points);
            self.streets[i].bbox = BBox::around(points);
        }
        let centres: Vec<LonLat> = self.streets.iter().filter_map(|s| s.medoid).collect();
        self.medoid = medoid(&centres);
    }

    pub(super) fn access_position(&self, id: AccessId) -> Option<u32> {
        self.access_index.get(&id).copied()
    }
}

/// Sets what each word of a name costs when it is not written; gives the sum.
fn appraise(items: &mut [Item]) -> f32 {
    let is_single = |i: &Item| i.mask.is_power_of_two();
    let weight: f32 = items.iter().filter(|i| is_single(i)).map(|i| i.weight).sum();
    let head = items.iter().filter(|i| is_single(i) && i.class == Class::Word).map(|i| i.mask).max();
    for item in items.iter_mut().filter(|i| is_single(i)) {
        item.is_head = head == Some(item.mask);
        item.worth = cost_of_missing(item.class, item.weight / weight.max(0.1), item.is_head);
    }
    for i in 0..items.len() {
        if !is_single(&items[i]) {
            let mask = items[i].mask;
            items[i].worth = items.iter().filter(|o| is_single(o) && o.mask & mask != 0).map(|o| o.worth).sum();
        }
    }
    items.iter().filter(|i| is_single(i)).map(|i| i.worth).sum()
}

fn is_light(class: Class) -> bool {
    matches!(class, Class::Preposition | Class::InnerDug)
}

/// Whether nothing speaks against an access's point.
pub(super) fn is_sound(access: &Access) -> bool {
    use crate::domain::place::PointQuality;
    matches!(access.quality, PointQuality::Sound | PointQuality::Borrowed)
}

fn file(map: &mut DigestMap<Under>, key: u64, name: u32) {
    match map.get_mut(&key) {
        None => {
            map.insert(key, Under::One(name));
        }
        Some(Under::Many(names)) => names.push(name),
        Some(under) => {
            let first = under.names()[0];
            *under = Under::Many(vec![first, name]);
        }
    }
}

/// The point nearest to the component-wise median of all: a door that exists, in the thick of them.
pub fn medoid(points: &[LonLat]) -> Option<LonLat> {
    let first = *points.first()?;
    let plane = Plane::around(first);
    let projected: Vec<[f64; 2]> = points.iter().map(|p| plane.project(*p)).collect();
    let middle = [0, 1].map(|axis| {
        let mut values: Vec<f64> = projected.iter().map(|p| p[axis]).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    });
    let distance = |p: &[f64; 2]| (p[0] - middle[0]).hypot(p[1] - middle[1]);
    let best = (0..points.len()).min_by(|&a, &b| distance(&projected[a]).total_cmp(&distance(&projected[b])))?;
    Some(points[best])
}
