//! Whom each case is given to: probabilities among its candidates, one row a person where the bank has one.

use super::{
    Multiplicity, Tier,
    cases::{Candidate, Case, Cases},
    compare::{Comparison, EXACT},
    household::Families,
    multiplicity,
    names::{FixedMap, FixedSet, Names},
    tiers::{DISPUTED, Fate, Fates},
    traits::CodeTrait,
};

/// Probability from which a link is taken.
pub(super) const ACCEPTED: f32 = 0.9;

/// Weights nearer than this are one weight.
const SAME_BITS: f32 = 1e-3;

/// Probability that a row of a group speaks of someone of a household that the group already matched.
const GROUP_COVERAGE: f32 = 0.9;

/// Probabilities of a case's candidates and of its person being in nobody's row.
pub(super) struct Posterior {
    pub(super) candidates: Vec<f32>,
    pub(super) absent: f32,
}

/// Probabilities from bits, the last for nobody.
fn shares(mut bits: Vec<f32>, absent: f32) -> Posterior {
    let top = bits.iter().copied().fold(absent, f32::max);
    let absent = (absent - top).exp2();
    for bit in &mut bits {
        *bit = (*bit - top).exp2();
    }
    let mut sorted = bits.clone();
    sorted.sort_by(f32::total_cmp);
    let sum = absent + sorted.iter().sum::<f32>();
    for share in &mut bits {
        *share /= sum;
    }
    Posterior { candidates: bits, absent: absent / sum }
}

impl Cases<'_> {
    /// Bits of a candidate, prior and all.
    fn bits(&self, case: &Case, candidate: &Candidate) -> f32 {
        let model = &self.models[case.row.bank as usize];
        model.prior() + model.sum(candidate.pattern) + candidate.term_frequency
    }

    /// Probabilities among the candidates that are allowed.
    pub(super) fn posterior(&self, case: &Case, is_allowed: impl Fn(&Candidate) -> bool) -> Posterior {
        let candidates = self.candidates_of(case).iter();
        let bits = candidates
            .map(|candidate| if is_allowed(candidate) { self.bits(case, candidate) } else { f32::NEG_INFINITY })
            .collect();
        shares(bits, self.models[case.row.bank as usize].absent())
    }

    /// Gives each case to the candidate that it fits, if it fits one.
    pub(super) fn assign(&self, fates: &mut Fates) {
        let taken: Vec<FixedSet<u32>> = self
            .input
            .banks
            .iter()
            .zip(fates.banks())
            .map(|(bank, fates)| match multiplicity(bank.kind) {
                Multiplicity::One => fates.iter().filter_map(Fate::person).collect(),
                Multiplicity::Many => FixedSet::default(),
            })
            .collect();
        let mut refused: Vec<Vec<u32>> = vec![Vec::new(); self.open_rows.len()];
        for (case, refused) in self.open_rows.iter().zip(&mut refused) {
            let taken = &taken[case.row.bank as usize];
            let candidates = self.candidates_of(case).iter();
            refused.extend(candidates.filter(|c| taken.contains(&c.person) && !is_twice_entered(c)).map(|c| c.person));
        }
        let mut best: Vec<Option<Offer>> =
            self.open_rows.iter().zip(&refused).map(|(case, refused)| self.offer(case, refused)).collect();
        loop {
            let losers = self.losers(&best);
            if losers.is_empty() {
                break;
            }
            for (i, person) in losers {
                refused[i].push(person);
                best[i] = self.offer(&self.open_rows[i], &refused[i]);
            }
        }
        for (case, offer) in self.open_rows.iter().zip(best) {
            if let Some(offer) = offer.filter(|offer| offer.probability >= ACCEPTED) {
                let fate = Fate::Found { person: offer.person, tier: tier_of(case, &offer), score: offer.probability };
                fates.set(case.row, fate);
            }
        }
    }

    fn offer(&self, case: &Case, refused: &[u32]) -> Option<Offer> {
        let posterior = self.posterior(case, |candidate| !refused.contains(&candidate.person));
        let candidates = self.candidates_of(case).iter().zip(&posterior.candidates);
        let (candidate, &probability) = candidates.max_by(|a, b| a.1.total_cmp(b.1))?;
        (probability > 0.0).then(|| Offer {
            person: candidate.person,
            probability,
            bits: self.bits(case, candidate),
            pattern: candidate.pattern,
        })
    }

    /// Where a bank has one row a person: the cases whose person fits another case better.
    fn losers(&self, best: &[Option<Offer>]) -> Vec<(usize, u32)> {
        let mut winners: FixedMap<(u32, u32), f32> = FixedMap::default();
        let contested = |case: &Case, offer: &Offer| {
            let kind = self.input.banks[case.row.bank as usize].kind;
            multiplicity(kind) == Multiplicity::One && offer.probability >= ACCEPTED
        };
        let offers = || self.open_rows.iter().zip(best).enumerate().filter_map(|(i, (c, o))| Some((i, c, o.as_ref()?)));
        for (_, case, offer) in offers().filter(|(_, case, offer)| contested(case, offer)) {
            let top = winners.entry((case.row.bank, offer.person)).or_insert(f32::MIN);
            *top = top.max(offer.bits);
        }
        offers()
            .filter(|(_, case, offer)| contested(case, offer))
            .filter(|(_, case, offer)| offer.bits + SAME_BITS < winners[&(case.row.bank, offer.person)])
            .filter(|(_, _, offer)| !is_exact(offer.pattern))
            .map(|(i, _, offer)| (i, offer.person))
            .collect()
    }

    /// Gives the cases that are still open to someone of the households that their group already matched, then to
    /// the person of their code, if they have one.
    pub(super) fn assign_within(&self, families: &Families, names: &Names, fates: &mut Fates) {
        let groups = self.matched_groups(families, fates);
        let mut found = Vec::new();
        for case in self.open(fates) {
            let record = self.record(case.row);
            let relatives = record.group.as_deref().and_then(|group| groups.get(group));
            let fate = relatives
                .and_then(|relatives| self.find_within(case, relatives, names))
                .or(case.fallback.map(|person| Fate::Found { person, tier: Tier::DisputedCode, score: DISPUTED }));
            found.extend(fate.map(|fate| (case.row, fate)));
        }
        for (row, fate) in found {
            fates.set(row, fate);
        }
    }

    /// Members of the households of the linked rows of each group that has an open case.
    fn matched_groups(&self, families: &Families, fates: &Fates) -> FixedMap<&str, Vec<u32>> {
        let mut groups: FixedMap<&str, Vec<u32>> = FixedMap::default();
        for case in self.open(fates) {
            if let Some(group) = self.record(case.row).group.as_deref() {
                groups.entry(group).or_default();
            }
        }
        if groups.is_empty() {
            return groups;
        }
        for (bank, bank_fates) in self.input.banks.iter().zip(fates.banks()) {
            for (record, fate) in bank.records.iter().zip(bank_fates) {
                let members = record.group.as_deref().and_then(|group| groups.get_mut(group));
                if let (Some(members), Some(person)) = (members, fate.person()) {
                    members.extend(families.relatives(person));
                }
            }
        }
        for members in groups.values_mut() {
            members.sort_unstable();
            members.dedup();
        }
        groups
    }

    fn find_within(&self, case: &Case, relatives: &[u32], names: &Names) -> Option<Fate> {
        let model = &self.models[case.row.bank as usize];
        let options = self.options(case);
        let mut bits = Vec::new();
        let mut people = Vec::new();
        for &person in relatives {
            if let Some(candidate) = self.weigh_pair(case, options, person, names) {
                people.push(person);
                let prior = (GROUP_COVERAGE / relatives.len() as f32).log2();
                bits.push(prior + model.sum(candidate.pattern) + candidate.term_frequency);
            }
        }
        let posterior = shares(bits, (1.0 - GROUP_COVERAGE).log2());
        let best = people.into_iter().zip(posterior.candidates).max_by(|a, b| a.1.total_cmp(&b.1));
        best.filter(|(_, probability)| *probability >= ACCEPTED).map(|(person, score)| Fate::Found {
            person,
            tier: Tier::Household,
            score,
        })
    }
}

/// The best candidate of a case.
struct Offer {
    person: u32,
    probability: f32,
    bits: f32,
    pattern: super::compare::Pattern,
}

fn tier_of(case: &Case, offer: &Offer) -> Tier {
    if case.traits.code == CodeTrait::Interim && is_exact(offer.pattern) {
        Tier::Provisional
    } else {
        Tier::FellegiSunter
    }
}

/// Name and birth date agree to the letter: a second such row of one bank is the first one entered again.
fn is_exact(pattern: super::compare::Pattern) -> bool {
    [Comparison::Surname, Comparison::Given, Comparison::Birth].into_iter().all(|c| pattern.level(c) == EXACT)
}

fn is_twice_entered(candidate: &Candidate) -> bool {
    is_exact(candidate.pattern)
}
