//! The properties of a person.

use super::{
    Kind, Property, Sensitivity, Unit,
    base::{Words, category, property},
};

/// A category's key, Italian and English name.
type Entry = (&'static str, &'static str, &'static str);

const SEX: [Entry; 2] = [("f", "femmina", "female"), ("m", "maschio", "male")];

const KINSHIP: [Entry; 5] = [
    ("head", "intestatario della scheda", "head"),
    ("spouse", "coniuge", "spouse"),
    ("child", "figlio o figlia", "child"),
    ("parent", "padre o madre", "parent"),
    ("other", "altro parente o convivente", "other relative or cohabitant"),
];

const CITIZENSHIP: [Entry; 3] = [
    ("italian", "italiana", "Italian"),
    ("eu", "di altro Stato dell'Unione europea", "of another State of the European Union"),
    ("foreign", "di uno Stato fuori dell'Unione europea", "of a State outside the European Union"),
];

const FRAILTY: [Entry; 4] = [
    ("none", "non segnalata", "not reported"),
    ("mild", "lieve", "mild"),
    ("moderate", "moderata", "moderate"),
    ("severe", "grave", "severe"),
];

const WORK: [Entry; 4] = [
    ("employment", "lavoro dipendente", "employment"),
    ("self_employment", "lavoro autonomo", "self-employment"),
    ("pension", "pensione", "pension"),
    ("other", "altro", "other"),
];

/// The properties of a person unless the app declares others, in order: `birth` (day), `sex` (`f`, `m`), `kinship` (`head`,
/// `spouse`, `child`, `parent`, `other`), `citizenship` (`italian`, `eu`, `foreign`), `income` (cents), `income_source`
/// (`employment`, `self_employment`, `pension`, `other`), `invalidity` (per cent), `attendance_allowance` (flag), `frailty`
/// (`none`, `mild`, `moderate`, `severe`), `life_support` (flag).
pub fn person_attributes() -> Vec<Property> {
    let health = person_health();
    let mut all = person_facts();
    all.extend(health);
    all
}

fn person_facts() -> Vec<Property> {
    let personal = |kind, unit, words: &Words| property(kind, unit, Sensitivity::Personal, words);
    vec![
        personal(
            Kind::Day,
            Unit::None,
            &Words("birth", ["Data di nascita", "Birth date"], ["Data di nascita.", "Birth date."]),
        ),
        personal(category(&SEX), Unit::None, &Words("sex", ["Sesso", "Sex"], ["Sesso.", "Sex."])),
        personal(
            category(&KINSHIP),
            Unit::None,
            &Words(
                "kinship",
                ["Relazione di parentela", "Kinship"],
                ["Posto nella famiglia anagrafica.", "Place in the family of the registry."],
            ),
        ),
        personal(
            category(&CITIZENSHIP),
            Unit::None,
            &Words("citizenship", ["Cittadinanza", "Citizenship"], ["Cittadinanza.", "Citizenship."]),
        ),
        personal(
            Kind::Cents,
            Unit::Euro,
            &Words(
                "income",
                ["Reddito", "Income"],
                [
                    "Reddito complessivo dell'ultimo anno d'imposta noto.",
                    "Taxable income of the last tax year that is known.",
                ],
            ),
        ),
        personal(
            category(&WORK),
            Unit::None,
            &Words(
                "income_source",
                ["Fonte di reddito", "Source of income"],
                ["Fonte prevalente del reddito.", "Where most of the income comes from."],
            ),
        ),
    ]
}

fn person_health() -> [Property; 4] {
    let health = |kind, unit, words: &Words| property(kind, unit, Sensitivity::Health, words);
    [
        health(
            Kind::Count,
            Unit::None,
            &Words(
                "invalidity",
                ["Invalidità", "Invalidity"],
                [
                    "Percentuale di invalidità civile; zero dove non c'è un verbale.",
                    "Per cent of civil invalidity; zero where there is no report.",
                ],
            ),
        ),
        health(
            Kind::Flag,
            Unit::None,
            &Words(
                "attendance_allowance",
                ["Indennità di accompagnamento", "Attendance allowance"],
                [
                    "Riceve l'indennità di accompagnamento (L. 18/1980).",
                    "Receives the attendance allowance (L. 18/1980).",
                ],
            ),
        ),
        health(
            category(&FRAILTY),
            Unit::None,
            &Words(
                "frailty",
                ["Fragilità sanitaria", "Frailty"],
                ["Grado segnalato dall'azienda sanitaria.", "Degree that the health service reports."],
            ),
        ),
        health(
            Kind::Flag,
            Unit::None,
            &Words(
                "life_support",
                ["Apparecchio salvavita", "Life-support device"],
                [
                    "Dipende in casa da un apparecchio elettrico salvavita.",
                    "Depends on an electric life-support device at home.",
                ],
            ),
        ),
    ]
}
