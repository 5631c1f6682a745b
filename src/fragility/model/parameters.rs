//! Thresholds that the law changes every year: dated tables of the model file, never code.

use jiff::civil::Date;

use crate::domain::period::Period;

/// A table whose rows are in force one after the other.
#[derive(Clone, Debug)]
pub struct DatedTable<T>(pub(super) Vec<(Period, T)>);

impl<T> DatedTable<T> {
    /// The row in force on a day.
    pub fn at(&self, day: Date) -> Option<&T> {
        self.0.iter().find(|(period, _)| period.contains(day)).map(|(_, row)| row)
    }
}

/// Every dated table of a model.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// ADI.
    pub adi: DatedTable<Adi>,
    /// AUU.
    pub auu: DatedTable<Auu>,
    /// Indennità di accompagnamento.
    pub attendance: DatedTable<Attendance>,
    /// Bonus sociale.
    pub bonus_sociale: DatedTable<BonusSociale>,
    /// ISEE for ordinary benefits.
    pub isee_ordinary: DatedTable<IseeRules>,
    /// ISEE for ADI, SFL, AUU and the bonuses.
    pub isee_inclusion: DatedTable<IseeRules>,
}

/// Assegno di inclusione (d.l. 48/2023). Euro a year.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adi {
    /// ISEE up to which it is due.
    pub isee_max: f64,
    /// Household income below which it is due, times the scale.
    pub income_max: f64,
    /// The same where all members are of `old_age` or older.
    pub income_old_max: f64,
    /// Scale: each other member with a disability.
    pub scale_disabled: f64,
    /// Scale: each other member of `senior_age`.
    pub scale_senior: f64,
    /// Scale: one adult who cares.
    pub scale_carer: f64,
    /// Scale: each adult in certified serious hardship.
    pub scale_hardship: f64,
    /// Scale: each of the first two minors.
    pub scale_first_minors: f64,
    /// Scale: each further minor.
    pub scale_further_minors: f64,
    /// The scale's cap.
    pub scale_cap: f64,
    /// The cap with a severe disability.
    pub scale_cap_severe: f64,
    /// Age from which a member opens the right.
    pub senior_age: u8,
    /// Age for `income_old_max`.
    pub old_age: u8,
    /// Years of residence in Italy that are asked for.
    pub residence_years: u8,
}

/// Assegno unico e universale (d.lgs. 230/2021).
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auu {
    /// Age below which a child opens the right.
    pub age_below: u8,
}

/// Indennità di accompagnamento (l. 18/1980).
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attendance {
    /// Euro a month.
    pub monthly: f64,
}

/// Bonus sociale for power, gas and water.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BonusSociale {
    /// ISEE up to which it is due, euro.
    pub isee_max: f64,
    /// The same for large families, euro.
    pub isee_max_large: f64,
    /// Children from which a family is large.
    pub large_children: u8,
}

/// Parameters of an ISEE (DPCM 159/2013). Euro.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IseeRules {
    /// Equivalence scale for 1, 2, … members.
    pub scale: Vec<f64>,
    /// For each member beyond the list.
    pub scale_further: f64,
    /// (children from, mark-up) in rising order.
    pub children: Vec<(u8, f64)>,
    /// Value of the home that does not count.
    pub home_franchise: f64,
    /// The same in the metropolitan capitals.
    pub home_franchise_metro: f64,
    /// More of it for each child after `home_children_free`.
    pub home_child: f64,
    /// Children without effect on the home.
    pub home_children_free: u8,
    /// Movable assets that do not count, for the first member.
    pub mobile_base: f64,
    /// For each further member.
    pub mobile_member: f64,
    /// Up to here.
    pub mobile_cap: f64,
    /// Beyond the cap, for each child after `mobile_children_free`.
    pub mobile_child: f64,
    /// Children without effect on movable assets.
    pub mobile_children_free: u8,
}
