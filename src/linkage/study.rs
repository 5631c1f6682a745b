//! What agreement is worth in this town: u from its registry, m from the cases by expectation–maximisation.

use std::hash::{DefaultHasher, Hash, Hasher};

use rayon::prelude::*;

use super::{
    cases::{Case, Cases},
    compare::{Comparison, compare},
    names::{NO_NAME, NameOption, NameOrder, Names},
    traits::Traits,
    weights::{FRACTION, Table, Tally, u_table},
};

/// Rounds of expectation–maximisation at most, and the change of m at which it has settled.
const MOST_ROUNDS: u32 = 20;
const SETTLED: f32 = 0.0005;

/// How many people are drawn for u, and how many others each is compared with.
const DRAWN: usize = 60_000;
const OTHERS: usize = 5;

/// How each level falls among different people of the registry.
pub(super) fn u_of(people: &[Traits], names: &Names) -> Table {
    exact_shares(people, u_table(&different_pairs(people, names)))
}

/// Levels over pairs of different people, drawn by a shuffle that only depends on who they are.
fn different_pairs(people: &[Traits], names: &Names) -> Tally {
    let content = |t: &Traits| {
        let mut hasher = DefaultHasher::new();
        (names.text(t.surname), names.text(t.given), t.birth, t.birth_place, t.access).hash(&mut hasher);
        t.ordinary_code().map(|code| *code.as_bytes()).hash(&mut hasher);
        hasher.finish()
    };
    let mut shuffled: Vec<(u64, u32)> =
        people.par_iter().enumerate().map(|(i, person)| (content(person), i as u32)).collect();
    shuffled.par_sort_unstable();
    shuffled.truncate(DRAWN);
    let count = shuffled.len();
    let tally_of = |i: usize| {
        let mut tally = Tally::default();
        // As a row of another bank, which does not say what the person is in the family.
        let a = Traits { kinship: None, ..people[shuffled[i].1 as usize] };
        let kept = NameOption { surname: a.surname, given: a.given, order: NameOrder::Kept };
        let swapped = NameOption { surname: a.given, given: a.surname, order: NameOrder::Swapped };
        for step in 1..=OTHERS.min(count.saturating_sub(1)) {
            let b = &people[shuffled[(i + step) % count].1 as usize];
            tally.add(compare(names, &[kept, swapped], &a, b).0, 1.0);
        }
        tally
    };
    (0..count).into_par_iter().map(tally_of).reduce(Tally::default, |a, b| a.merge(&b))
}

/// Replaces the sampled shares of what is too rare to sample by the exact ones.
fn exact_shares(people: &[Traits], mut u: Table) -> Table {
    let total = people.len().max(2) as f64;
    let pairs = total * (total - 1.0);
    let same = |keys: &mut Vec<u64>| {
        keys.par_sort_unstable();
        keys.chunk_by(|a, b| a == b).map(|run| run.len() as f64 * (run.len() - 1) as f64).sum::<f64>()
    };
    let known = |key: fn(&Traits) -> u64| people.iter().map(key).filter(|&key| key != 0).collect::<Vec<u64>>();
    let namesakes = same(&mut known(|t| if t.surname == NO_NAME { 0 } else { u64::from(t.surname) + 1 })).max(1.0);
    let at_access = same(&mut known(|t| t.access));
    let on_street = same(&mut known(|t| t.street));
    let home = |t: &Traits, place: u64| {
        let mut hasher = DefaultHasher::new();
        (t.surname, place).hash(&mut hasher);
        if place == 0 || t.surname == NO_NAME { 0 } else { hasher.finish() | 1 }
    };
    let family_access = same(&mut people.iter().map(|t| home(t, t.access)).filter(|&key| key != 0).collect());
    let family_street = same(&mut people.iter().map(|t| home(t, t.street)).filter(|&key| key != 0).collect());
    let born_together = same(&mut known(|t| t.birth.key()));
    let mut set = |comparison: Comparison, level: usize, share: f64| {
        let share = (share as f32).clamp(1e-7, 0.9);
        let row = &mut u[comparison as usize];
        let rest: f32 = row.iter().enumerate().filter(|(i, _)| *i != level).map(|(_, p)| p).sum();
        for p in row.iter_mut() {
            *p *= (1.0 - share) / rest.max(1e-9);
        }
        row[level] = share;
    };
    set(Comparison::Birth, 0, born_together / pairs);
    if at_access > 0.0 {
        set(Comparison::Address, 0, at_access / pairs);
        set(Comparison::Address, 1, (on_street - at_access).max(1.0) / pairs);
        set(Comparison::NamesakeAddress, 0, family_access / namesakes);
        set(Comparison::NamesakeAddress, 1, (family_street - family_access).max(1.0) / namesakes);
    }
    u
}

impl Cases<'_> {
    /// Expectation–maximisation: every case counts for each candidate by its probability.
    pub(super) fn learn(&mut self) {
        while self.rounds < MOST_ROUNDS && !self.open_rows.is_empty() {
            self.rounds += 1;
            let mut tallies = self.lessons_tally.clone();
            let mut present = vec![(0_u64, 0_u64); tallies.len()];
            let shares: Vec<(u32, Tally, u64)> = self
                .open_rows
                .par_chunks(256)
                .flat_map_iter(|chunk| chunk.iter().map(|case| self.expected(case)))
                .collect();
            for (bank, tally, found) in &shares {
                let mine = std::mem::take(&mut tallies[*bank as usize]);
                tallies[*bank as usize] = mine.merge(tally);
                present[*bank as usize].0 += found;
                present[*bank as usize].1 += 1;
            }
            let coverage = self.coverage.iter().zip(present).map(|(&(known, all), (found, cases))| {
                ((known + found as f64 / FRACTION) / (all + cases as f64)) as f32
            });
            let models = self.models.iter_mut().zip(&tallies).zip(coverage);
            let moved = models.map(|((model, tally), coverage)| model.learn(tally, Some(coverage)));
            if moved.fold(0.0, f32::max) < SETTLED {
                break;
            }
        }
    }

    /// What a case adds to the levels of its bank, and its probability of being of someone registered.
    fn expected(&self, case: &Case) -> (u32, Tally, u64) {
        let mut tally = Tally::default();
        let posterior = self.posterior(case, |_| true);
        for (candidate, probability) in self.candidates_of(case).iter().zip(&posterior.candidates) {
            tally.add(candidate.pattern, *probability);
        }
        (case.row.bank, tally, (f64::from(1.0 - posterior.absent) * FRACTION) as u64)
    }
}
