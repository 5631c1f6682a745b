//! The properties that every snapshot has.

use crate::domain::score::Dimension;

use super::{Kind, Property, Sensitivity, Titles, Unit};

/// Key, Italian and English title, Italian and English sentence.
pub(super) struct Words(pub(super) &'static str, pub(super) [&'static str; 2], pub(super) [&'static str; 2]);

const MAPPED: [(Kind, Sensitivity, Words); 9] = [
    (
        Kind::Score,
        Sensitivity::Personal,
        Words(
            "fragility",
            ["Fragilità", "Fragility"],
            [
                "Punteggio medio di fragilità delle famiglie, da 0 a 1.",
                "Mean fragility score of the households, 0 to 1.",
            ],
        ),
    ),
    (
        Kind::Finding,
        Sensitivity::Personal,
        Words(
            "fragile",
            ["Famiglie fragili", "Fragile households"],
            [
                "Quota di famiglie fragili secondo il conteggio di Alkire–Foster.",
                "Share of households that are fragile by Alkire–Foster counting.",
            ],
        ),
    ),
    (
        Kind::Score,
        Sensitivity::Personal,
        Words(
            "economic",
            ["Economia", "Economy"],
            ["Fragilità economica media: reddito, ISEE, morosità.", "Mean economic fragility: income, ISEE, arrears."],
        ),
    ),
    (
        Kind::Score,
        Sensitivity::Health,
        Words(
            "health",
            ["Salute e autonomia", "Health and autonomy"],
            ["Fragilità media per salute e autonomia.", "Mean fragility in health and autonomy."],
        ),
    ),
    (
        Kind::Score,
        Sensitivity::Personal,
        Words(
            "relational",
            ["Relazioni", "Relations"],
            [
                "Fragilità relazionale media: solitudine, genitori soli, assenza di rete.",
                "Mean relational fragility: living alone, lone parents, no network.",
            ],
        ),
    ),
    (
        Kind::Score,
        Sensitivity::Personal,
        Words(
            "integration",
            ["Integrazione", "Integration"],
            ["Fragilità media per lingua, lavoro e istruzione.", "Mean fragility in language, work and schooling."],
        ),
    ),
    (
        Kind::Score,
        Sensitivity::Personal,
        Words("housing", ["Abitazione", "Housing"], ["Fragilità abitativa media.", "Mean fragility of the home."]),
    ),
    (
        Kind::Index,
        Sensitivity::Aggregate,
        Words(
            "ampi",
            ["Indice AMPI", "AMPI index"],
            [
                "Indice composito delle cinque dimensioni (AMPI, comune = 100; più alto è più fragile).",
                "Composite index of the five dimensions (AMPI, town = 100; higher is more fragile).",
            ],
        ),
    ),
    (
        Kind::Finding,
        Sensitivity::Personal,
        Words(
            "uncovered",
            ["Bisogno scoperto", "Uncovered need"],
            [
                "Quota di famiglie con una prestazione spettante e non ricevuta.",
                "Share of households with a benefit due and not received.",
            ],
        ),
    ),
];

/// How the attributes of a household lie, in order; `tenure` is put among them as it alone is a category.
const ATTRIBUTES: [(Kind, Unit, Sensitivity, Words); 12] = [
    (
        Kind::Count,
        Unit::Count,
        Sensitivity::Personal,
        Words(
            "members",
            ["Componenti", "Members"],
            ["Persone residenti nella famiglia.", "Residents in the household."],
        ),
    ),
    (
        Kind::Count,
        Unit::Count,
        Sensitivity::Personal,
        Words("minors", ["Minori", "Minors"], ["Componenti con meno di 18 anni.", "Members under 18."]),
    ),
    (
        Kind::Count,
        Unit::Count,
        Sensitivity::Personal,
        Words("over75", ["Oltre 75 anni", "Over 75"], ["Componenti con più di 75 anni.", "Members over 75."]),
    ),
    (
        Kind::Cents,
        Unit::Euro,
        Sensitivity::Personal,
        Words(
            "isee",
            ["ISEE", "ISEE"],
            ["ISEE corrente della famiglia, dove attestato.", "Current ISEE of the household, where attested."],
        ),
    ),
    (
        Kind::Flag,
        Unit::None,
        Sensitivity::Personal,
        Words(
            "alone",
            ["Persona sola", "Lives alone"],
            ["La famiglia è di una sola persona.", "The household is one person."],
        ),
    ),
    (
        Kind::Flag,
        Unit::None,
        Sensitivity::Personal,
        Words(
            "home_care",
            ["Assistenza domiciliare", "Home care"],
            [
                "Alla data riceve dai servizi sociali l'assistenza domiciliare (SAD) o l'assistenza domiciliare integrata (ADI).",
                "On the day the social services give home help (SAD) or integrated home care (ADI).",
            ],
        ),
    ),
    (
        Kind::Flag,
        Unit::None,
        Sensitivity::Health,
        Words(
            "attendance_allowance",
            ["Indennità di accompagnamento", "Attendance allowance"],
            [
                "Almeno un componente riceve l'indennità di accompagnamento (L. 18/1980).",
                "At least one member receives the attendance allowance (L. 18/1980).",
            ],
        ),
    ),
    (
        Kind::Count,
        Unit::Count,
        Sensitivity::Health,
        Words(
            "invalid_members",
            ["Componenti invalidi", "Invalid members"],
            [
                "Componenti con invalidità civile riconosciuta, dal 34 per cento.",
                "Members with a recognised invalidity, from 34 per cent.",
            ],
        ),
    ),
    (
        Kind::Cents,
        Unit::Euro,
        Sensitivity::Personal,
        Words(
            "arrears_tari",
            ["Arretrati TARI", "Waste tax arrears"],
            [
                "TARI non pagata, dove la famiglia ha una posizione.",
                "Waste tax unpaid, where the household has a position.",
            ],
        ),
    ),
    (
        Kind::Count,
        Unit::Years,
        Sensitivity::Personal,
        Words(
            "oldest",
            ["Età del più anziano", "Age of the oldest"],
            [
                "Anni compiuti del componente più anziano, dove ogni età è nota.",
                "Full years of the oldest member, where every age is known.",
            ],
        ),
    ),
    (
        Kind::Cents,
        Unit::Euro,
        Sensitivity::Personal,
        Words(
            "income",
            ["Reddito", "Income"],
            [
                "Reddito complessivo dei componenti nell'ultimo anno d'imposta noto.",
                "Taxable income of the members in the last tax year that is known.",
            ],
        ),
    ),
    (
        Kind::Count,
        Unit::Count,
        Sensitivity::Personal,
        Words(
            "benefits",
            ["Prestazioni INPS", "INPS benefits"],
            [
                "Prestazioni INPS in pagamento, senza l'indennità di accompagnamento.",
                "INPS benefits in payment, the attendance allowance aside.",
            ],
        ),
    ),
];

const TENURE: [(&str, &str, &str); 4] = [
    ("owned", "di proprietà", "owned"),
    ("rented", "in affitto", "rented"),
    ("public", "edilizia pubblica", "public housing"),
    ("other", "altro titolo", "other"),
];

pub(super) fn property(
    kind: Kind,
    unit: Unit,
    sensitivity: Sensitivity,
    Words(key, title, description): &Words,
) -> Property {
    Property {
        key: (*key).into(),
        kind,
        unit,
        sensitivity,
        title: Titles::new(title[0], title[1]),
        description: Titles::new(description[0], description[1]),
        dimension: Dimension::ALL.into_iter().find(|dimension| dimension.key() == *key),
        decimals: match unit {
            Unit::Score => 3,
            Unit::Euro => 2,
            Unit::Share | Unit::Index => 1,
            Unit::Count | Unit::Years | Unit::None => 0,
        },
    }
}

/// The properties before the indicators.
pub(super) fn mapped() -> Vec<Property> {
    let unit = |kind: &Kind| match kind {
        Kind::Score => Unit::Score,
        Kind::Finding => Unit::Share,
        _ => Unit::Index,
    };
    MAPPED.iter().map(|(kind, guard, words)| property(kind.clone(), unit(kind), *guard, words)).collect()
}

/// Where `tenure` stands among the attributes.
const TENURE_PLACE: usize = 4;

/// The attributes that a household carries unless the app declares others, in order: `members`, `minors`, `over75`, `isee`,
/// `tenure` (category: `owned`, `rented`, `public`, `other`), `alone`, `home_care`, `attendance_allowance`,
/// `invalid_members`, `arrears_tari`, `oldest`, `income`, `benefits`.
pub fn household_attributes() -> Vec<Property> {
    let words = Words(
        "tenure",
        ["Titolo di godimento", "Tenure"],
        ["Titolo con cui la famiglia occupa la casa.", "By what right the household holds its home."],
    );
    let plain = ATTRIBUTES.iter().map(|(kind, unit, guard, words)| property(kind.clone(), *unit, *guard, words));
    let mut all: Vec<Property> = plain.collect();
    all.insert(TENURE_PLACE, property(category(&TENURE), Unit::None, Sensitivity::Personal, &words));
    all
}

/// A category of these keys, with their Italian and English names.
pub(super) fn category(entries: &[(&str, &str, &str)]) -> Kind {
    Kind::Category(entries.iter().map(|&(key, it, en)| (key.into(), Titles::new(it, en))).collect())
}
