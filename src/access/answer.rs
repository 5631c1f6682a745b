//! Answers to questions over households, as much of them as may be told.
//!
//! Whoever may read households is told all. Whoever reads figures alone (a viewer) is told nothing of one or two
//! households: such groups are left out, and where those left out are together so few that the total would tell of them,
//! the next smallest too; so are totals of one or two; a mean, a sum or a share rests on three households at least, a quantile
//! has three on either side.
//!
//! What is not protected: two answers. Who asks for the same street twice, with and without one house, learns of that house
//! by subtraction; against it stand only the role, which is given to offices bound by secrecy, and the log, which keeps each
//! question with its words before the answer leaves.

use crate::query::aggregate::{Answer, Figure, Figures, Key, Measure};

/// The least households of which figures are told to whoever may not read households.
pub const MIN_TOLD: u32 = 3;
/// The least people of which they are told: a household has rarely as many.
const MIN_PEOPLE: u32 = 10;

/// An answer as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    measures: Vec<Measure>,
    groups: Vec<(Key, Figures)>,
    total: Option<Figures>,
    withheld: Withheld,
}

/// What an answer keeps to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    /// The least households of which it tells; 1 where it tells all.
    pub min: u32,
    /// Groups that were left out.
    pub groups: u32,
    /// Figures that were left out of groups that are told, and of the total.
    pub figures: u32,
    /// Whether the total itself was.
    pub total: bool,
}

impl Withheld {
    /// Whether anything was.
    pub const fn any(&self) -> bool {
        self.groups > 0 || self.figures > 0 || self.total
    }
}

impl Told {
    /// What was measured.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// The groups that are told, in the order of the answer.
    pub fn groups(&self) -> &[(Key, Figures)] {
        &self.groups
    }

    /// All rows together; none where they are too few to be told.
    pub const fn total(&self) -> Option<&Figures> {
        self.total.as_ref()
    }

    /// What was left out.
    pub const fn withheld(&self) -> Withheld {
        self.withheld
    }

    pub(super) fn whole(answer: Answer) -> Self {
        let withheld = Withheld { min: 1, ..Withheld::default() };
        Self { measures: answer.measures, groups: answer.groups, total: Some(answer.total), withheld }
    }

    /// As it may be told to whoever may not read households. Of features nothing is withheld.
    pub(super) fn guarded(answer: Answer) -> Self {
        if answer.total.households == 0 {
            return Self::whole(answer);
        }
        let Answer { measures, groups, total } = answer;
        let mut withheld = Withheld { min: MIN_TOLD, ..Withheld::default() };
        let few = |figures: &Figures| figures.households > 0 && figures.households < MIN_TOLD;
        let (mut closed, mut open): (Vec<_>, Vec<_>) =
            groups.into_iter().enumerate().partition(|(_, (_, figures))| few(figures));
        let mut hidden: u32 = closed.iter().map(|(_, (_, figures))| figures.households).sum();
        while hidden > 0 && hidden < MIN_TOLD {
            let size = |(_, (_, figures)): &(usize, (Key, Figures))| figures.households;
            let Some(smallest) = open.iter().map(size).min() else { break };
            let Some(at) = open.iter().position(|group| size(group) == smallest) else { break };
            hidden += smallest;
            closed.push(open.remove(at));
        }
        withheld.groups = closed.len() as u32;
        let mut groups: Vec<(Key, Figures)> = open.into_iter().map(|(_, group)| group).collect();
        for (_, figures) in &mut groups {
            withheld.figures += guard(&measures, figures);
        }
        withheld.total = few(&total);
        let total = (!withheld.total).then(|| {
            let mut total = total;
            withheld.figures += guard(&measures, &mut total);
            total
        });
        Self { measures, groups, total, withheld }
    }
}

/// Takes out figures that rest on too few; how many.
fn guard(measures: &[Measure], figures: &mut Figures) -> u32 {
    let min = if figures.rows == figures.households { MIN_TOLD } else { MIN_PEOPLE };
    let mut taken = 0;
    for (measure, Figure { numbers, known }) in measures.iter().zip(&mut figures.values) {
        let last = f64::from(known.saturating_sub(1));
        for (at, number) in numbers.iter_mut().enumerate().filter(|(_, number)| number.is_some()) {
            let told = match measure {
                Measure::Households | Measure::People | Measure::Rows => true,
                Measure::Sum(_) | Measure::Mean(_) | Measure::Share(_) => *known == 0 || *known >= min,
                Measure::Quantiles(_, shares) => {
                    let below = (shares[at] * last).floor();
                    let above = last - (shares[at] * last).ceil();
                    below.min(above) >= f64::from(min)
                }
            };
            if !told {
                *number = None;
                taken += 1;
            }
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feature::Value;

    fn figures(households: u32, mean: f64) -> Figures {
        let figure = |number: f64| Figure { numbers: [Some(number)].into(), known: households };
        Figures {
            rows: households,
            households,
            people: households * 2,
            values: vec![figure(households.into()), figure(mean)],
        }
    }

    fn answer(sizes: &[u32]) -> Answer {
        let groups: Vec<_> =
            (0..).zip(sizes).map(|(at, &size)| (Key::Value(Value::Whole(at)), figures(size, 7.0))).collect();
        let total = figures(sizes.iter().sum(), 7.0);
        Answer { measures: vec![Measure::Households, Measure::Mean(0)], groups, total }
    }

    fn told(sizes: &[u32]) -> Vec<u32> {
        Told::guarded(answer(sizes)).groups().iter().map(|(_, figures)| figures.households).collect()
    }

    #[test]
    fn groups_of_one_or_two_are_not_told() {
        assert_eq!(told(&[5, 2, 9, 1]), [5, 9]);
        assert_eq!(told(&[5, 3, 9]), [5, 3, 9]);
        // The total would tell of the one that is left out: the next smallest goes with it.
        assert_eq!(told(&[5, 1, 9]), [9]);
        assert_eq!(told(&[1]), [] as [u32; 0]);
        let all = Told::whole(answer(&[5, 1, 9]));
        assert!(all.groups().len() == 3 && !all.withheld().any());
    }

    #[test]
    fn totals_of_one_or_two_are_not_told() {
        assert!(Told::guarded(answer(&[2])).total().is_none());
        assert!(Told::guarded(answer(&[1, 2])).total().is_some());
        assert!(Told::guarded(answer(&[])).total().is_some(), "that there is nobody may be told");
    }

    #[test]
    fn quantiles_show_nobody() {
        let quantiles = Figure { numbers: [Some(1.0), Some(2.0), Some(3.0)].into(), known: 9 };
        let total = Figures { rows: 9, households: 9, people: 9, values: vec![quantiles] };
        let measures = vec![Measure::Quantiles(0, [0.0, 0.5, 1.0].into())];
        let told = Told::guarded(Answer { measures, groups: vec![], total });
        assert_eq!(*told.total().unwrap().values[0].numbers, [None, Some(2.0), None]);
        assert_eq!(told.withheld().figures, 2);
    }

    /// Who sums what is told and subtracts it from the total never learns of one or two.
    #[test]
    fn what_is_left_out_is_nobody_or_three() {
        for code in 0..5_u32.pow(5) {
            let sizes: Vec<u32> = (0..5).map(|at| code / 5_u32.pow(at) % 5).filter(|&size| size > 0).collect();
            let told = Told::guarded(answer(&sizes));
            let shown: u32 = told.groups().iter().map(|(_, figures)| figures.households).sum();
            let Some(total) = told.total() else { continue };
            assert!(![1, 2].contains(&(total.households - shown)), "{sizes:?}");
        }
    }
}
