//! From a situation to its score: Alkire–Foster counting with unknowns.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::{
    domain::{
        household::HouseholdId,
        score::{Dimension, Finding, Score},
        watch::Watch,
    },
    fragility::{
        entitlement::{self, Benefit, Standing},
        indicator::Measure,
        model::{Dated, InForce, Language, Model, Text},
        situation::{Gathered, Situation},
    },
};

/// A model has no more indicators than this: findings are bits.
pub(super) const MAX_INDICATORS: usize = 32;

/// What was found of a household. Some 60 bytes; positions are those of the model's indicators.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Which.
    pub household: HouseholdId,
    /// Bit per indicator in force whose value is known.
    pub known: u32,
    /// Bit per indicator beyond its cut-off.
    pub deprived: u32,
    /// Weight of what is known, 0 to 1, of all that is in force.
    pub known_weight: f32,
    /// c: weighted share of deprivations among what is known; none where nothing is.
    pub score: Option<Score>,
    /// The same inside each dimension, in the order of [`Dimension::ALL`].
    pub dimensions: [Option<Score>; 5],
    /// Whether the score reaches k.
    pub standing: Fragile,
    /// Benefits due against received, in the order of [`Benefit::ALL`].
    pub benefits: [Standing; 4],
}

/// Whether a household counts as fragile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragile {
    /// The score reaches k.
    Yes,
    /// It does not.
    No,
    /// Nothing is known.
    Unknown,
}

/// What an indicator adds to a household's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// Position of the indicator in the model.
    pub position: usize,
    /// Deprived, sound or unknown.
    pub finding: Finding,
    /// Part of the score; these sum to it.
    pub amount: f64,
}

impl Assessment {
    /// What was found for the indicator at a position of the model.
    pub const fn finding(&self, position: usize) -> Finding {
        let bit = 1_u32 << position;
        if self.known & bit == 0 {
            Finding::Unknown
        } else if self.deprived & bit != 0 {
            Finding::Deprived
        } else {
            Finding::Sound
        }
    }

    /// What each indicator in force adds to the score: the amounts sum to it.
    pub fn contributions<'a>(&'a self, model: &'a Dated<'_>) -> impl Iterator<Item = Contribution> + 'a {
        let known = known_weight(model, self.known);
        model.indicators.iter().map(move |i| {
            let finding = self.finding(i.position);
            let amount = if finding == Finding::Deprived { i.weight / known } else { 0.0 };
            Contribution { position: i.position, finding, amount }
        })
    }

    /// The score where the household is fragile, else zero (Alkire–Foster's censored score); none where unknown.
    pub fn censored(&self) -> Option<Score> {
        self.score.map(|score| if self.standing == Fragile::Yes { score } else { Score::ZERO })
    }

    /// Benefits that are due and not received.
    pub fn uncovered(&self) -> impl Iterator<Item = Benefit> + '_ {
        Benefit::ALL.into_iter().zip(self.benefits).filter(|(_, s)| *s == Standing::Uncovered).map(|(b, _)| b)
    }
}

fn known_weight(model: &Dated<'_>, known: u32) -> f64 {
    model.indicators.iter().filter(|i| known & (1 << i.position) != 0).map(|i| i.weight).sum()
}

/// What the indicator reads: unknown where one of its banks was not present, or nobody lives here.
pub fn measure(indicator: &InForce<'_>, situation: &Situation) -> Measure {
    let indicator = indicator.spec.indicator;
    if situation.members.is_empty() || !situation.banks.contain_all(indicator.banks) {
        return Measure::Unknown;
    }
    (indicator.measure)(situation)
}

fn find(indicator: &InForce<'_>, situation: &Situation) -> Finding {
    match measure(indicator, situation) {
        Measure::Value(v) if indicator.spec.indicator.direction.deprived(v, indicator.cutoff) => Finding::Deprived,
        Measure::Value(_) | Measure::Elsewhere => Finding::Sound,
        Measure::Unknown => Finding::Unknown,
    }
}

/// Assesses one household.
pub fn assess(model: &Dated<'_>, situation: &Situation) -> Assessment {
    let (mut known, mut deprived) = (0_u32, 0_u32);
    let (mut weights, mut sums) = ([0.0_f64; 5], [0.0_f64; 5]);
    for indicator in &model.indicators {
        let finding = find(indicator, situation);
        if finding == Finding::Unknown {
            continue;
        }
        let dimension = indicator.spec.indicator.dimension as usize;
        known |= 1 << indicator.position;
        weights[dimension] += indicator.weight;
        if finding == Finding::Deprived {
            deprived |= 1 << indicator.position;
            sums[dimension] += indicator.weight;
        }
    }
    let known_weight: f64 = weights.iter().sum();
    let score = share(sums.iter().sum(), known_weight);
    let standing = match score {
        Some(score) if f64::from(score.get()) >= model.k() - K_TOLERANCE => Fragile::Yes,
        Some(_) => Fragile::No,
        None => Fragile::Unknown,
    };
    let dimensions = Dimension::ALL.map(|d| share(sums[d as usize], weights[d as usize]));
    Assessment {
        household: situation.household,
        known,
        deprived,
        known_weight: known_weight as f32,
        score,
        dimensions,
        standing,
        benefits: entitlement::judge(model.model.parameters(), situation),
    }
}

/// Weights are decimal fractions: a score that equals k on paper must not miss it by rounding.
const K_TOLERANCE: f64 = 1e-6;

fn share(part: f64, whole: f64) -> Option<Score> {
    if whole > 0.0 { Score::new((part / whole).clamp(0.0, 1.0) as f32).ok() } else { None }
}

/// Assesses every household, on all cores; positions of the answer are those of the gathered households. Stops early,
/// with what is done so far, when the watch is cancelled.
pub fn assess_all(model: &Dated<'_>, gathered: &Gathered<'_>, watch: &dyn Watch) -> Vec<Assessment> {
    const CHUNK: usize = 8192;
    watch.begin("assess", gathered.len() as u64);
    let mut all = Vec::with_capacity(gathered.len());
    let mut at = 0;
    while at < gathered.len() && !watch.cancelled() {
        let end = (at + CHUNK).min(gathered.len());
        let one = |position| gathered.situation(position).map(|situation| assess(model, &situation));
        let chunk: Vec<Option<Assessment>> = (at..end).into_par_iter().with_min_len(256).map(one).collect();
        all.extend(chunk.into_iter().flatten());
        watch.advance((end - at) as u64);
        at = end;
    }
    all
}

/// Why the indicator says what it says of a household: numbers, no names.
pub fn explain(indicator: &InForce<'_>, situation: &Situation, language: Language) -> String {
    let spec = indicator.spec;
    let title = spec.title.in_language(language);
    let said = match measure(indicator, situation) {
        Measure::Value(value) => spec
            .explain
            .in_language(language)
            .replace("{value}", &number(value, language))
            .replace("{cutoff}", &number(indicator.cutoff, language)),
        Measure::Elsewhere => ELSEWHERE.in_static(language).to_owned(),
        Measure::Unknown => {
            let missing: Vec<&str> =
                spec.indicator.banks.iter().filter(|b| !situation.banks.contains(**b)).map(|b| b.name()).collect();
            match missing.as_slice() {
                [] => SILENT.in_static(language).to_owned(),
                banks => format!("{} {}", MISSING.in_static(language), banks.join(", ")),
            }
        }
    };
    format!("{title}: {said}")
}

struct Phrase {
    it: &'static str,
    en: &'static str,
}

const ELSEWHERE: Phrase = Phrase { it: "non riguarda questo nucleo", en: "does not concern this household" };
const SILENT: Phrase = Phrase { it: "la fonte non dice nulla", en: "the source says nothing" };
const MISSING: Phrase = Phrase { it: "non si sa, manca la banca", en: "unknown, missing bank" };

impl Phrase {
    const fn in_static(&self, language: Language) -> &'static str {
        match language {
            Language::It => self.it,
            Language::En => self.en,
        }
    }
}

fn number(value: f64, language: Language) -> String {
    let text = if value.fract().abs() < 0.005 { format!("{value:.0}") } else { format!("{value:.2}") };
    match language {
        Language::It => text.replace('.', ","),
        Language::En => text,
    }
}

impl Model {
    /// Name and description of the indicator at a position, as the assessments use it.
    pub fn texts(&self, position: usize) -> Option<(&Text, &Text)> {
        self.indicators().get(position).map(|spec| (&spec.title, &spec.description))
    }
}
