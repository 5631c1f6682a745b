//! Compares a written name with a name of the register, word by word, and names what differs.

use super::{
    canonical::{Name, Part},
    dug::{self, Dug},
    fault::{Faults, cost},
    lexer::Lexed,
    lexicon::{Near, Token},
    register::{Item, MAX_PARTS, NameEntry, Register},
    words::{self, Class},
};

/// A word of the query (or two written apart that may be one) and the register's words it may mean.
#[derive(Clone, Copy, Debug)]
struct QueryItem {
    mask: u16,
    /// Its letter, where it is only one.
    initial: u8,
    near: (u32, u32),
}

/// A register word that a query word may mean.
#[derive(Clone, Copy, Debug)]
struct Meant {
    token: Token,
    cost: f32,
    faults: Faults,
}

/// A written name, its words looked up once.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    items: Vec<QueryItem>,
    meant: Vec<Meant>,
    classes: Vec<Class>,
    is_town: Vec<bool>,
    lengths: Vec<u8>,
    dugs: Vec<Dug>,
    is_dug_misspelled: bool,
    near: Vec<Near>,
    seen: Vec<u32>,
}

/// What an alignment found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Aligned {
    /// Sum of the costs of the faults of the name and the DUG.
    pub(super) penalty: f32,
    /// Which.
    pub(super) faults: Faults,
    /// Sum of the rarities of the words found.
    pub(super) found: f32,
}

impl Query {
    /// Looks up the words of a name.
    pub(super) fn prepare(&mut self, register: &Register, lexed: &Lexed, name: &Name) {
        self.items.clear();
        self.meant.clear();
        self.classes.clear();
        self.is_town.clear();
        self.lengths.clear();
        self.dugs.clone_from(&name.dugs);
        self.is_dug_misspelled = name.is_dug_misspelled;
        let parts = &name.parts[..name.parts.len().min(MAX_PARTS)];
        for (i, part) in parts.iter().enumerate() {
            self.classes.push(part.class);
            let raw = part.raw(lexed);
            self.is_town.push(register.town.has_name_word(raw));
            self.lengths.push(raw.len() as u8);
            let from = self.meant.len() as u32;
            match (part.class, part.number) {
                (Class::Number, Some(n)) => {
                    self.push_number(register, n, 0.0);
                    // FR. VI may be a number, QUINTO a name.
                    if let Some(token) = register.lexicon.find(raw) {
                        self.push(token, 0.0, Faults::default());
                    }
                }
                (Class::Initial, number) => {
                    if let Some(n) = number {
                        self.push_number(register, n, 0.05);
                    }
                    for text in [part.canonical(lexed), raw] {
                        if let Some(token) = register.lexicon.find(text) {
                            self.push(token, 0.0, Faults::default());
                        }
                    }
                }
                _ => self.push_word(register, raw, part.canonical(lexed), part),
            }
            let initial = if raw.len() == 1 { raw.as_bytes()[0] } else { 0 };
            self.items.push(QueryItem { mask: 1 << i, initial, near: (from, self.meant.len() as u32) });
        }
        self.join(register, lexed, name);
    }

    fn push(&mut self, token: Token, cost: f32, faults: Faults) {
        self.meant.push(Meant { token, cost, faults });
    }

    fn push_number(&mut self, register: &Register, n: u32, cost: f32) {
        if let Some(token) = register.lexicon.find_number(n) {
            self.push(token, cost, Faults::default());
        }
    }

    fn push_word(&mut self, register: &Register, raw: &str, canonical: &str, part: &Part) {
        let own = register.lexicon.find(canonical);
        if let Some(token) = own {
            self.push(token, 0.0, Faults::default());
        }
        let spelled = if raw == canonical { None } else { register.lexicon.find(raw).filter(|t| Some(*t) != own) };
        if let Some(token) = spelled {
            self.push(token, 0.02, Faults::default());
        }
        if part.class == Class::Preposition {
            return;
        }
        let is_known = own.is_some() || spelled.is_some() || words::is_common(raw);
        let (limit, extra, fault) =
            if is_known { (1, cost::TYPO_OF_KNOWN, Faults::OTHER_WORD) } else { (2, 0.0, Faults::default()) };
        self.push_near(register, raw, limit, extra, fault);
        if part.is_dotted && raw.len() >= 3 {
            for (form, token) in register.lexicon.beginning_with(raw).take(24) {
                if form.len() >= raw.len() + 2 {
                    self.push(token, cost::ABBREVIATION, Faults::ABBREVIATION);
                }
            }
        }
    }

    fn push_near(&mut self, register: &Register, word: &str, limit: usize, extra: f32, faults: Faults) {
        self.near.clear();
        register.lexicon.near(word, limit, &mut self.seen, &mut self.near);
        for i in 0..self.near.len() {
            let Near { token, edits, len, is_ending } = self.near[i];
            let mut fault = if edits > 1 { Faults::TYPOS } else { Faults::TYPO };
            let mut cost = cost::typo(edits, len) + extra;
            if is_ending {
                cost += cost::ENDING;
                fault.add(Faults::OTHER_WORD);
            }
            self.push(token, cost, fault.with(faults));
        }
    }

    /// Adds neighbours written as one, and the whole name written as one.
    fn join(&mut self, register: &Register, lexed: &Lexed, name: &Name) {
        let parts = &name.parts[..name.parts.len().min(MAX_PARTS)];
        for from in 0..parts.len() {
            for to in [from + 2, parts.len()] {
                if to > parts.len() || to < from + 2 || (to == parts.len() && to != from + 2 && from > 0) {
                    continue;
                }
                let (first, last) = (parts[from], parts[to - 1]);
                let is_run = parts[from..to].windows(2).all(|w| w[0].end == w[1].start);
                if !is_run || (to == parts.len() && from == 0 && to > 2 && last.end - first.start > 40) {
                    continue;
                }
                let joined = &lexed.buffer[first.start as usize..last.end as usize];
                let start = self.meant.len() as u32;
                if let Some(token) = register.lexicon.find(joined) {
                    self.push(token, cost::GLUED, Faults::GLUED);
                }
                if joined.len() >= 7 {
                    self.push_near(register, joined, 1, cost::GLUED, Faults::GLUED);
                }
                let end = self.meant.len() as u32;
                if end > start {
                    let mask = ((1_u32 << to) - (1_u32 << from)) as u16;
                    self.items.push(QueryItem { mask, initial: 0, near: (start, end) });
                }
            }
        }
    }

    /// What would be saved of the penalty by the words that each name shares; calls back once for each (name, saving).
    pub(super) fn each_shared(&self, register: &Register, mut call: impl FnMut(u32, f32)) {
        for item in &self.items {
            let own: f32 =
                (0..self.classes.len()).filter(|i| item.mask & (1 << i) != 0).map(|i| self.cost_added(i).0).sum();
            let meant = &self.meant[item.near.0 as usize..item.near.1 as usize];
            for (i, m) in meant.iter().enumerate() {
                if meant[..i].iter().any(|earlier| earlier.token == m.token) {
                    continue;
                }
                for posting in register.names_with(m.token) {
                    call(posting.name, posting.worth + own - m.cost);
                }
            }
        }
    }

    fn cost_between(&self, query: &QueryItem, item: &Item) -> Option<(f32, Faults)> {
        let meant = &self.meant[query.near.0 as usize..query.near.1 as usize];
        let mut best: Option<(f32, Faults)> = None;
        for m in meant {
            if m.token == item.token && best.is_none_or(|b| m.cost < b.0) {
                best = Some((m.cost, m.faults));
            }
        }
        if best.is_none_or(|b| b.0 > 0.1)
            && query.initial != 0
            && query.initial == item.initial
            && item.mask.count_ones() == 1
        {
            let cost = match item.class {
                Class::Word if item.is_head => cost::INITIAL_HEAD,
                Class::Word => cost::INITIAL_WORD,
                Class::Saint => 0.02,
                _ => cost::INITIAL_LIGHT,
            };
            if best.is_none_or(|b| cost < b.0) {
                best = Some((cost, Faults::INITIAL));
            }
        }
        if let Some((cost, faults)) = &mut best
            && item.mask.count_ones() > 1
            && query.mask.count_ones() == 1
        {
            *cost += cost::GLUED;
            faults.add(Faults::GLUED);
        }
        best
    }

    /// Aligns with a name: the cheapest pairs first, what is left over counts as missing or added.
    pub(super) fn align(&self, register: &Register, name: &NameEntry) -> Aligned {
        let items = register.items_of(name);
        let mut pairs = [(0.0_f32, 0_u8, 0_u8, Faults::default()); 96];
        let mut count = 0;
        for (r, item) in items.iter().enumerate() {
            for (q, query) in self.items.iter().enumerate() {
                if count < pairs.len()
                    && let Some((cost, faults)) = self.cost_between(query, item)
                {
                    // Of pairs that cost the same, the neighbours' order decides.
                    let skew = f32::from((q as i8 - r as i8).unsigned_abs()) * 1e-4;
                    pairs[count] = (cost + skew, r as u8, q as u8, faults);
                    count += 1;
                }
            }
        }
        let pairs = &mut pairs[..count];
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut aligned = Aligned::default();
        let (mut in_register, mut in_query) = (0_u16, 0_u16);
        let mut order = [u8::MAX; MAX_PARTS];
        for &(cost, r, q, faults) in pairs.iter() {
            let (item, query) = (&items[usize::from(r)], &self.items[usize::from(q)]);
            if item.mask & in_register != 0 || query.mask & in_query != 0 {
                continue;
            }
            in_register |= item.mask;
            in_query |= query.mask;
            aligned.penalty += cost;
            aligned.faults.add(faults);
            aligned.found += item.weight * (1.0 - 0.5 * cost.min(1.0));
            order[item.mask.trailing_zeros() as usize % MAX_PARTS] = query.mask.trailing_zeros() as u8;
        }
        let conflict = Self::count_missing(items, in_register, &mut aligned);
        self.count_added(in_query, conflict, &mut aligned);
        let placed = order.iter().filter(|q| **q != u8::MAX);
        if !placed.is_sorted() {
            let is_abbreviated = aligned.faults.has(Faults::INITIAL);
            aligned.penalty += if is_abbreviated { cost::ORDER_OF_INITIALS } else { cost::ORDER };
            aligned.faults.add(Faults::ORDER);
        }
        self.count_dug(name, &mut aligned);
        aligned
    }

    /// What the register has and the query has not; gives whether a first name is among it.
    fn count_missing(items: &[Item], covered: u16, aligned: &mut Aligned) -> bool {
        let mut misses_first_name = false;
        for item in items.iter().filter(|i| i.mask.count_ones() == 1 && i.mask & covered == 0) {
            aligned.penalty += item.worth;
            aligned.faults.add(fault_of_missing(item.class));
            misses_first_name |= item.class == Class::FirstName;
        }
        misses_first_name
    }

    /// What a word too many costs.
    fn cost_added(&self, i: usize) -> (f32, Faults) {
        match self.classes[i] {
            Class::Preposition => (cost::PREPOSITION, Faults::PREPOSITION),
            Class::InnerDug => (cost::INNER_DUG_EXTRA, Faults::DUG_OTHER),
            Class::Saint => (cost::SAINT, Faults::SAINT),
            Class::Title => (cost::TITLE_EXTRA, Faults::TITLE),
            Class::Qualifier => (cost::QUALIFIER, Faults::QUALIFIER),
            Class::Number => (cost::NUMERAL_EXTRA, Faults::NUMERAL),
            Class::Initial => (cost::INITIAL_EXTRA, Faults::INITIAL),
            Class::FirstName => (cost::FIRST_NAME_EXTRA, Faults::FIRST_NAME_EXTRA),
            Class::Word if self.is_town[i] => (cost::TOWN_EXTRA, Faults::LOCALITY),
            Class::Word if self.lengths[i] <= 2 => (cost::STRAY, Faults::WORD_EXTRA),
            Class::Word => (cost::WORD_EXTRA, Faults::WORD_EXTRA),
        }
    }

    /// What the query has and the register has not.
    fn count_added(&self, covered: u16, misses_first_name: bool, aligned: &mut Aligned) {
        for (i, class) in self.classes.iter().enumerate().filter(|(i, _)| covered & (1 << i) == 0) {
            let (cost, fault) = self.cost_added(i);
            aligned.penalty += cost;
            aligned.faults.add(fault);
            if misses_first_name && matches!(class, Class::FirstName | Class::Initial | Class::Word) {
                aligned.penalty += cost::FIRST_NAME_CONFLICT;
                aligned.faults.add(Faults::FIRST_NAME_CONFLICT);
            }
        }
    }

    /// What the written DUG costs against another.
    pub(super) fn cost_of_dug(&self, registered: Dug) -> f32 {
        dug_cost(&self.dugs, registered).0
    }

    fn count_dug(&self, name: &NameEntry, aligned: &mut Aligned) {
        let (cost, fault) = dug_cost(&self.dugs, name.dug);
        aligned.penalty += cost;
        aligned.faults.add(fault);
        if self.is_dug_misspelled {
            aligned.penalty += cost::DUG_TYPO;
            aligned.faults.add(Faults::DUG_TYPO);
        }
    }

    /// How many words are no prepositions.
    pub(super) fn heavy_words(&self) -> usize {
        self.classes.iter().filter(|c| !matches!(c, Class::Preposition | Class::InnerDug)).count()
    }
}

/// What a written DUG costs against the register's.
pub(super) fn dug_cost(written: &[Dug], registered: Dug) -> (f32, Faults) {
    match written.iter().position(|d| *d == registered) {
        Some(0) => (0.0, Faults::default()),
        Some(_) => (cost::DUG_ALTERNATIVE, Faults::DUG_NEAR),
        None if written.is_empty() || registered == Dug::NONE => (cost::DUG_MISSING, Faults::DUG_MISSING),
        None if written.iter().any(|d| dug::is_near(*d, registered)) => (cost::DUG_NEAR, Faults::DUG_NEAR),
        None => (cost::DUG_OTHER, Faults::DUG_OTHER),
    }
}

/// What a word of the register costs when it is not written; `share` is its part of the name's weight.
pub(super) fn cost_of_missing(class: Class, share: f32, is_head: bool) -> f32 {
    match class {
        Class::Preposition => cost::PREPOSITION,
        Class::InnerDug => cost::INNER_DUG,
        Class::Saint => cost::SAINT,
        Class::Title => cost::TITLE_MISSING,
        Class::Qualifier => cost::QUALIFIER,
        Class::Number => cost::NUMERAL_MISSING,
        Class::FirstName => cost::FIRST_NAME_MISSING,
        Class::Initial | Class::Word => {
            cost::WORD_MISSING + cost::WORD_MISSING_SHARE * share + if is_head { cost::HEAD_MISSING } else { 0.0 }
        }
    }
}

fn fault_of_missing(class: Class) -> Faults {
    match class {
        Class::Preposition => Faults::PREPOSITION,
        Class::InnerDug => Faults::DUG_MISSING,
        Class::Saint => Faults::SAINT,
        Class::Title => Faults::TITLE,
        Class::Qualifier => Faults::QUALIFIER,
        Class::Number => Faults::NUMERAL,
        Class::FirstName => Faults::FIRST_NAME,
        Class::Initial | Class::Word => Faults::WORD_MISSING,
    }
}
