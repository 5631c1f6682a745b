//! Named faults: what a written address does not share with the register, and what each costs.

/// A set of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults(u32);

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        impl Faults {
            $($(#[$doc])* pub(super) const $name: Self = Self(1 << $bit);)*
        }
        const NAMES: &[(Faults, &str)] = &[$((Faults::$name, $text)),*];
    };
}

faults! {
    /// No DUG is written.
    DUG_MISSING = 0, "dug_missing";
    /// Another DUG of the same family.
    DUG_NEAR = 1, "dug_near";
    /// Another DUG.
    DUG_OTHER = 2, "dug_other";
    /// The DUG has a typing error.
    DUG_TYPO = 3, "dug_typo";
    /// A preposition is missing, added or another.
    PREPOSITION = 4, "preposition";
    /// A first name is missing.
    FIRST_NAME = 5, "first_name";
    /// Two different first names.
    FIRST_NAME_CONFLICT = 6, "first_name_conflict";
    /// A title is missing or added.
    TITLE = 7, "title";
    /// SAN is missing or added.
    SAINT = 8, "saint";
    /// PROVINCIALE, VECCHIA… is missing or added.
    QUALIFIER = 9, "qualifier";
    /// A word is only an initial.
    INITIAL = 10, "initial";
    /// A word is cut short.
    ABBREVIATION = 11, "abbreviation";
    /// One typing error in a word.
    TYPO = 12, "typo";
    /// Two typing errors in a word.
    TYPOS = 13, "typos";
    /// Two words written as one, or one as two.
    GLUED = 14, "glued";
    /// Words in another order.
    ORDER = 15, "order";
    /// A word of the register is not written.
    WORD_MISSING = 16, "word_missing";
    /// A written word is not in the register.
    WORD_EXTRA = 17, "word_extra";
    /// A numeral of the name is missing, added or another.
    NUMERAL = 18, "numeral";
    /// Another street is nearly as likely.
    CLOSE_SECOND = 19, "close_second";
    /// The civic number is not in the register.
    CIVIC_MISSING = 20, "civic_not_found";
    /// The number is there with another exponent.
    EXPONENT = 21, "exponent_not_found";
    /// The exponent was written onto the number.
    EXPONENT_GLUED = 22, "exponent_glued";
    /// No number is written.
    NO_NUMBER = 23, "no_number";
    /// Another likely street has this number, the one of this name has not.
    CIVIC_ELSEWHERE = 24, "civic_on_another_street";
    /// The access's coordinates are suspect.
    SUSPECT_POINT = 25, "suspect_point";
    /// An old name, an alias, or the name in another language.
    OTHER_NAME = 26, "other_name";
    /// The locality does not agree.
    LOCALITY = 27, "locality";
    /// A number range: 12-14.
    RANGE = 28, "range";
    /// A first name is added.
    FIRST_NAME_EXTRA = 29, "first_name_added";
    /// The typing error makes another common word, or only the last vowel differs: LECCO and LECCI.
    OTHER_WORD = 30, "may_be_another_word";
}

impl Faults {
    /// Adds.
    pub(super) const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Both.
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of these is among them.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Their names.
    pub(super) fn names(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(f, _)| self.has(*f)).map(|(_, n)| *n).collect()
    }
}

/// What faults cost. The unit is about one half of a clear mistake: below 0.5 a spelling is everyday, above 1.5 it names another street.
pub(super) mod cost {
    /// No DUG.
    pub(in super::super) const DUG_MISSING: f32 = 0.2;
    /// A later meaning of an abbreviation (V. for VICOLO).
    pub(in super::super) const DUG_ALTERNATIVE: f32 = 0.3;
    /// VICO for VICOLO.
    pub(in super::super) const DUG_NEAR: f32 = 0.4;
    /// PIAZZA for VIA.
    pub(in super::super) const DUG_OTHER: f32 = 0.7;
    /// VAI for VIA.
    pub(in super::super) const DUG_TYPO: f32 = 0.1;
    /// DELLE TERME and TERME.
    pub(in super::super) const PREPOSITION: f32 = 0.06;
    /// GARIBALDI for GIUSEPPE GARIBALDI.
    pub(in super::super) const FIRST_NAME_MISSING: f32 = 0.3;
    /// GIUSEPPE GARIBALDI for GARIBALDI.
    pub(in super::super) const FIRST_NAME_EXTRA: f32 = 0.45;
    /// ANITA for GIUSEPPE, beside what is missing and added.
    pub(in super::super) const FIRST_NAME_CONFLICT: f32 = 1.2;
    /// CADORNA for GENERALE CADORNA.
    pub(in super::super) const TITLE_MISSING: f32 = 0.2;
    /// GENERALE CADORNA for CADORNA.
    pub(in super::super) const TITLE_EXTRA: f32 = 0.25;
    /// NICOLA for SAN NICOLA.
    pub(in super::super) const SAINT: f32 = 0.6;
    /// STRADA FAMELICA for STRADA VICINALE FAMELICA.
    pub(in super::super) const QUALIFIER: f32 = 0.4;
    /// VICO DI ROMA for VICO DI VIA ROMA.
    pub(in super::super) const INNER_DUG: f32 = 0.12;
    /// TRAVERSA DI VIA ROMA is not VIA ROMA.
    pub(in super::super) const INNER_DUG_EXTRA: f32 = 0.9;
    /// VICO ROMA for VICO PRIMO ROMA.
    pub(in super::super) const NUMERAL_MISSING: f32 = 0.9;
    /// A numeral too many, or another.
    pub(in super::super) const NUMERAL_EXTRA: f32 = 1.3;
    /// G. for GIUSEPPE.
    pub(in super::super) const INITIAL_LIGHT: f32 = 0.12;
    /// B. for BELVEDERE.
    pub(in super::super) const INITIAL_WORD: f32 = 0.35;
    /// An initial that stands for nothing.
    pub(in super::super) const INITIAL_EXTRA: f32 = 0.5;
    /// PROV for PROVINCIALE.
    pub(in super::super) const ABBREVIATION: f32 = 0.3;
    /// A typing error in a word that is another word of the register.
    pub(in super::super) const TYPO_OF_KNOWN: f32 = 0.3;
    /// LECCO and LECCI.
    pub(in super::super) const ENDING: f32 = 0.2;
    /// S. for SPOSATO, the head of the name.
    pub(in super::super) const INITIAL_HEAD: f32 = 0.8;
    /// A stray of one or two letters.
    pub(in super::super) const STRAY: f32 = 0.35;
    /// MONTE GRAPPA and MONTEGRAPPA.
    pub(in super::super) const GLUED: f32 = 0.1;
    /// BRUTII DEI, FERRARI ENZO.
    pub(in super::super) const ORDER: f32 = 0.15;
    /// SANTO CARLO for CARLO S.: an initial out of its place.
    pub(in super::super) const ORDER_OF_INITIALS: f32 = 0.55;
    /// A word that is missing: this, and its share of the name's weight times the next.
    pub(in super::super) const WORD_MISSING: f32 = 0.35;
    /// The same.
    pub(in super::super) const WORD_MISSING_SHARE: f32 = 1.2;
    /// The last word, the surname, is missing: as much again.
    pub(in super::super) const HEAD_MISSING: f32 = 0.6;
    /// A word too many.
    pub(in super::super) const WORD_EXTRA: f32 = 1.1;
    /// The comune's own name too many.
    pub(in super::super) const TOWN_EXTRA: f32 = 0.15;
    /// Localities differ.
    pub(in super::super) const LOCALITY: f32 = 0.5;
    /// An old name or alias.
    pub(in super::super) const OTHER_NAME: f32 = 0.05;
    /// The number has another exponent in the register.
    pub(in super::super) const EXPONENT: f32 = 0.25;
    /// The number is not there.
    pub(in super::super) const CIVIC_MISSING: f32 = 0.6;

    /// One or two typing errors in a word of this length.
    pub(in super::super) fn typo(edits: u8, len: u8) -> f32 {
        match (edits, len) {
            (0, _) => 0.0,
            (1, 0..=3) => 0.8,
            (1, 4) => 0.55,
            (1, 5) => 0.42,
            (1, 6..=7) => 0.32,
            (1, _) => 0.25,
            (_, 0..=8) => 0.95,
            (_, _) => 0.7,
        }
    }
}
