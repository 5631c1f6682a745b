//! Why a row has its person: every comparison with its level and its weight, summed as a waterfall.

use super::{
    BankRecords, Input, Link, Linked, Tier,
    compare::{Comparison, MISSING, compare},
    names::Names,
    registry::{registration, standing},
    traits::Traits,
    weights::Model,
};
use crate::domain::{
    bank::BankKind,
    fold::fold,
    person::PersonId,
    record::{CodeEvidence, RecordKey, WrittenName},
};

/// The weights of a link, in bits, from the prior to the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// How the link was made; the deterministic tiers do not depend on the weights below.
    pub tier: Tier,
    /// Before any comparison.
    pub prior: f32,
    /// The comparisons that say something, in order.
    pub steps: Vec<Step>,
    /// What other candidates take away, or a household already matched adds; zero for the deterministic tiers.
    pub context: f32,
    /// Prior, steps and context together.
    pub sum: f32,
    /// The sum as a probability, 0 to 1.
    pub probability: f32,
}

/// One comparison of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What was compared.
    pub comparison: Comparison,
    /// At which level it agrees; one of [`Comparison::levels`].
    pub level: &'static str,
    /// Probability of this level among rows of one person.
    pub m: f32,
    /// The same among rows of two.
    pub u: f32,
    /// log2 of m over u, with what a rare or common name adds.
    pub weight: f32,
}

/// Shows the weights of a row's link. None where the row has no registered person or the bank is not in the input.
/// Reads the registry once (for how common the names are): fit for one question at a time.
pub fn explain(input: &Input<'_>, linked: &Linked, record: RecordKey) -> Option<Waterfall> {
    let link = linked.links.iter().find(|link| link.record == record)?;
    let person = link.person?;
    let (_, model) = linked.models.iter().find(|(kind, _)| *kind == record.bank)?;
    let bank = input.banks.iter().find(|bank| bank.kind == record.bank)?;
    let at = bank.records.iter().position(|other| other.row == record.row)?;
    let mut names = Names::default();
    let own = registered(input, linked, person, &mut names)?;
    let mut options = Vec::new();
    let mut identity = bank.records[at].identity.clone();
    if let CodeEvidence::Valid(_) = identity.code {
        // A valid code decides by itself: what is shown is what the rest says.
        identity.code = CodeEvidence::Missing;
    }
    let place = bank.places.get(at).copied().flatten();
    let traits = Traits::read(&identity, place, input.as_of, &mut names, &mut options);
    count_names(input, &own, &mut names);
    let (pattern, option) = compare(&names, &options, &traits, &own);
    let terms = options.get(option).map_or([0.0; 2], |option| model.term_frequency(&names, *option, pattern));
    let steps = Comparison::ALL.into_iter().filter_map(|comparison| {
        let level = pattern.level(comparison);
        let (m, u) = if level == MISSING { return None } else { model.m_u(comparison, level) };
        let term = match comparison {
            Comparison::Surname => terms[0],
            Comparison::Given => terms[1],
            _ => 0.0,
        };
        let name = comparison.levels()[usize::from(level)];
        Some(Step { comparison, level: name, m, u, weight: model.weight(comparison, level) + term })
    });
    Some(total(link, model, steps.collect()))
}

fn total(link: &Link, model: &Model, steps: Vec<Step>) -> Waterfall {
    let prior = model.prior();
    let weights = prior + steps.iter().map(|step| step.weight).sum::<f32>();
    let context = match link.tier {
        Tier::FellegiSunter | Tier::Household => bits_of(link.score) - weights,
        _ => 0.0,
    };
    let sum = weights + context;
    Waterfall { tier: link.tier, prior, steps, context, sum, probability: 1.0 / (1.0 + (-sum).exp2()) }
}

/// The log odds of a probability, in bits, as far as 32 bits tell it from certainty.
fn bits_of(probability: f32) -> f32 {
    let probability = probability.clamp(1e-7, 1.0 - 1e-7);
    (probability / (1.0 - probability)).log2()
}

fn registry<'a>(input: &Input<'a>) -> Option<BankRecords<'a>> {
    input.banks.iter().find(|bank| bank.kind == BankKind::Anagrafe).copied()
}

/// The traits of the row that speaks for a registered person.
fn registered(input: &Input<'_>, linked: &Linked, person: PersonId, names: &mut Names) -> Option<Traits> {
    let bank = registry(input)?;
    let first = input.banks.iter().take_while(|b| b.kind != BankKind::Anagrafe).map(|b| b.records.len()).sum();
    let links = linked.links.get(first..)?.iter().zip(bank.records).enumerate();
    let rows = links.filter(|(_, (link, _))| link.person == Some(person));
    let (at, (_, record)) = rows.min_by_key(|(_, (_, record))| standing(record))?;
    let place = bank.places.get(at).copied().flatten();
    let mut traits = Traits::read(&record.identity, place, input.as_of, names, &mut Vec::new());
    traits.kinship = Some(registration(record).1);
    Some(traits)
}

/// Counts the people of the registry who bear the person's names.
fn count_names(input: &Input<'_>, own: &Traits, names: &mut Names) {
    let Some(bank) = registry(input) else { return };
    let (surname, given) = (names.text(own.surname).to_owned(), names.text(own.given).to_owned());
    for record in bank.records {
        if let Some(WrittenName::Parts { surname: a, given: b }) = record.identity.name.as_deref() {
            let is_surname = fold(a.reveal()) == surname;
            let is_given = fold(b.reveal()) == given;
            let or_none = |is: bool, id| if is { id } else { super::names::NO_NAME };
            names.count(or_none(is_surname, own.surname), or_none(is_given, own.given));
        }
    }
}
