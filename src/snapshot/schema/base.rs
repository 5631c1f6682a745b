//! The properties that every snapshot has.

use crate::domain::score::Dimension;

use super::{Kind, Property, Sensitivity, Titles, Unit};

/// Key, Italian and English title, Italian and English sentence.
struct Words(&'static str, [&'static str; 2], [&'static str; 2]);

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

const COUNTED: [(Kind, Unit, Words); 4] = [
    (
        Kind::Count,
        Unit::Count,
        Words(
            "members",
            ["Componenti", "Members"],
            ["Persone residenti nella famiglia.", "Residents in the household."],
        ),
    ),
    (
        Kind::Count,
        Unit::Count,
        Words("minors", ["Minori", "Minors"], ["Componenti con meno di 18 anni.", "Members under 18."]),
    ),
    (
        Kind::Count,
        Unit::Count,
        Words("over75", ["Oltre 75 anni", "Over 75"], ["Componenti con più di 75 anni.", "Members over 75."]),
    ),
    (
        Kind::Cents,
        Unit::Euro,
        Words(
            "isee",
            ["ISEE", "ISEE"],
            ["ISEE corrente della famiglia, dove attestato.", "Current ISEE of the household, where attested."],
        ),
    ),
];

const TENURE: [(&str, &str, &str); 4] = [
    ("owned", "di proprietà", "owned"),
    ("rented", "in affitto", "rented"),
    ("public", "edilizia pubblica", "public housing"),
    ("other", "altro titolo", "other"),
];

fn property(kind: Kind, unit: Unit, sensitivity: Sensitivity, Words(key, title, description): &Words) -> Property {
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

/// The attributes that a household carries unless the app declares others: `members`, `minors`, `over75` (counts), `isee`
/// (cents), `tenure` (category: `owned`, `rented`, `public`, `other`).
pub fn household_attributes() -> Vec<Property> {
    let tenure = TENURE.iter().map(|&(key, it, en)| (key.into(), Titles::new(it, en))).collect();
    let words = Words(
        "tenure",
        ["Titolo di godimento", "Tenure"],
        ["Titolo con cui la famiglia occupa la casa.", "By what right the household holds its home."],
    );
    let counted = COUNTED.iter().map(|(kind, unit, words)| (kind.clone(), *unit, words));
    let all = counted.chain([(Kind::Category(tenure), Unit::None, &words)]);
    all.map(|(kind, unit, words)| property(kind, unit, Sensitivity::Personal, words)).collect()
}
