//! The ISEE and the ADI scale, recomputed from their parameters (DPCM 159/2013 art. 2–5; d.l. 48/2023 art. 2).
//!
//! ISEE = (ISR + 0.20 · ISP) / scale. The INPS statement is what counts; this is for checks and what-ifs.

use crate::fragility::{
    model::parameters::{Adi, IseeRules},
    situation::Member,
};

/// Share of the assets that counts as income.
const ASSET_SHARE: f64 = 0.20;
/// Share of the home's value beyond its franchise that counts.
const HOME_SHARE: f64 = 2.0 / 3.0;
/// Invalidity from which a disability counts as medium for the ISEE and the ADI.
pub const DISABILITY_PERCENT: u8 = 67;

/// What a household declares. Euro.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Declaration {
    /// ISR: income, after its deductions.
    pub income: f64,
    /// IMU value of the home, net of the mortgage left.
    pub home: f64,
    /// Movable assets.
    pub mobile: f64,
    /// Members, at least one.
    pub members: u8,
    /// Children among them.
    pub children: u8,
    /// Whether the comune is one of the fifteen metropolitan capitals.
    pub city: City,
}

/// What kind of comune a household lives in, for the home's franchise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum City {
    /// One of the fifteen metropolitan capitals.
    MetropolitanCapital,
    /// Any other.
    Other,
}

/// The equivalence scale with the mark-up for children.
pub fn scale(rules: &IseeRules, members: u8, children: u8) -> f64 {
    let listed = rules.scale.len();
    let members = usize::from(members.max(1));
    let base = rules.scale.get(members.min(listed) - 1).copied().unwrap_or(1.0);
    let further = members.saturating_sub(listed) as f64 * rules.scale_further;
    let markup = rules.children.iter().rev().find(|(from, _)| children >= *from).map_or(0.0, |(_, markup)| *markup);
    base + further + markup
}

/// ISP: what counts of home and movable assets.
pub fn assets(rules: &IseeRules, d: &Declaration) -> f64 {
    let beyond = |free: u8| f64::from(d.children.saturating_sub(free));
    let franchise = match d.city {
        City::MetropolitanCapital => rules.home_franchise_metro,
        City::Other => rules.home_franchise,
    } + rules.home_child * beyond(rules.home_children_free);
    let home = (d.home - franchise).max(0.0) * HOME_SHARE;
    let further = f64::from(d.members.saturating_sub(1));
    let free = (rules.mobile_base + rules.mobile_member * further).min(rules.mobile_cap)
        + rules.mobile_child * beyond(rules.mobile_children_free);
    home + (d.mobile - free).max(0.0)
}

/// The ISEE in euro, not rounded.
pub fn compute(rules: &IseeRules, d: &Declaration) -> f64 {
    (d.income + ASSET_SHARE * assets(rules, d)) / scale(rules, d.members, d.children)
}

/// The ADI scale. The first adult is 1; who is disabled or a senior adds once, by the greater; one adult who is neither
/// adds as carer where a child under three or a disability asks for care. Hardship certificates are in no bank.
pub fn adi_scale(adi: &Adi, members: &[Member]) -> f64 {
    let disabled = |m: &Member| m.invalid_from(DISABILITY_PERCENT);
    let mut adults: Vec<f64> = Vec::new();
    let (mut minors, mut carers) = (0_u32, 0_u32);
    for member in members {
        if member.aged(..18) {
            minors += 1;
        } else if disabled(member) {
            adults.push(adi.scale_disabled);
        } else if member.aged(adi.senior_age..) {
            adults.push(adi.scale_senior);
        } else {
            carers += 1;
        }
    }
    adults.sort_by(f64::total_cmp);
    let needs_care = members.iter().any(|m| m.aged(..3) || disabled(m));
    // Someone is the first: an adult who adds nothing where there is one, else the one who would add least.
    if carers > 0 {
        carers -= 1;
    } else if !adults.is_empty() {
        adults.remove(0);
    }
    let carer = if carers > 0 && needs_care { adi.scale_carer } else { 0.0 };
    let first = f64::from(minors.min(2)) * adi.scale_first_minors;
    let further = f64::from(minors.saturating_sub(2)) * adi.scale_further_minors;
    let severe = members.iter().any(|m| m.invalidity.is_some_and(|(_, s)| s.attendance || s.severe));
    let cap = if severe { adi.scale_cap_severe } else { adi.scale_cap };
    (1.0 + adults.iter().sum::<f64>() + carer + first + further).min(cap)
}
