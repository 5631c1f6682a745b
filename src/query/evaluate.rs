//! Which rows pass a filter: columns are scanned a word of rows at a time, what is dear is asked of those rows alone that
//! what is cheap has left open.

use super::{
    budget::{Budget, Spent},
    collection::{Collection, Column},
    filter::{
        Filter,
        predicate::{Comparison, List, Moment, Number, Operand, Predicate, Text},
    },
    mask::{Mask, Truth, rows_of},
};
use crate::snapshot::{Row, Rows};

mod cell;
mod locate;
mod number;
mod place;
mod scan;
mod visit;

/// The rows for which a filter is true (not false, not unknown). The filter was read for this collection.
///
/// Errors: the budget is spent.
pub fn rows(filter: &Filter, collection: &dyn Collection, budget: &Budget) -> Result<Rows, Spent> {
    let evaluator = Evaluator { collection, people: None, budget, len: collection.len() };
    Ok(evaluator.truth(filter.predicate(), &Mask::all(collection.len()))?.set.rows())
}

/// Evaluates predicates over one collection.
#[derive(Clone, Copy)]
struct Evaluator<'c> {
    collection: &'c dyn Collection,
    /// Those for whose households something is evaluated: the fields of the predicate are theirs.
    people: Option<&'c dyn Collection>,
    budget: &'c Budget,
    len: u32,
}

impl<'c> Evaluator<'c> {
    /// The place of a field of the predicate in the collection at hand.
    fn place(self, field: usize) -> usize {
        match self.people.map(|people| people.column(field)) {
            Some(Column::Household(at)) => at,
            _ => field,
        }
    }

    fn column(self, field: usize) -> Column<'c> {
        self.collection.column(self.place(field))
    }

    /// What a predicate says of the wanted rows; of the others it may say anything.
    fn truth(self, predicate: &Predicate, wanted: &Mask) -> Result<Truth, Spent> {
        self.budget.spend(u64::from(self.len / 16) + 1)?;
        if let Some(truth) = self.of_homes(predicate)? {
            return Ok(truth);
        }
        match predicate {
            Predicate::Constant(truth) => Ok(Truth::same(self.len, *truth)),
            Predicate::Not(inner) => Ok(self.truth(inner, wanted)?.negated()),
            Predicate::And(all) => self.all_of(all, wanted),
            Predicate::Or(all) => self.any_of(all, wanted),
            Predicate::Flag(field) => self.flag(*field, wanted),
            Predicate::Truths(comparison, a, b) => {
                Ok(compared(*comparison, self.truth(a, wanted)?, &self.truth(b, wanted)?))
            }
            Predicate::Unknown(operand) => Ok(Truth::of(self.known(operand, wanted)?.inverted())),
            Predicate::Numbers(comparison, a, b) => self.numbers(*comparison, a, b, wanted),
            Predicate::NumberAmong { of, list, open } => self.number_among(of, list, *open, wanted),
            Predicate::Texts(..) | Predicate::TextAmong { .. } | Predicate::Like(..) => self.texts(predicate, wanted),
            Predicate::Moments(comparison, a, b) => self.moments(*comparison, *a, *b, wanted),
            Predicate::Spatial(relation, a, b) => self.spatial(*relation, a, b, wanted),
            Predicate::Near(shape, metres) => self.near(shape, *metres, wanted),
            Predicate::Temporal(allen, a, b) => self.temporal(*allen, a, b, wanted),
            Predicate::Lists(inclusion, a, b) => self.lists(*inclusion, a, b, wanted),
        }
    }

    /// What is said of people by their households alone is asked of the households, and spread.
    fn of_homes(self, predicate: &Predicate) -> Result<Option<Truth>, Spent> {
        let Some(homes) = self.collection.homes() else { return Ok(None) };
        let is_connective = matches!(predicate, Predicate::Constant(_));
        if is_connective || !visit::is_of_homes(predicate, self.collection) {
            return Ok(None);
        }
        let inner = Self { collection: &**homes, people: Some(self.collection), budget: self.budget, len: homes.len() };
        let truth = inner.truth(predicate, &Mask::all(homes.len()))?;
        self.budget.spend(u64::from(self.len / 4))?;
        let spread = |mask: &Mask| match mask.count() {
            count if count == u64::from(mask.len()) => Mask::all(self.len),
            _ => Mask::of_rows(self.len, &homes.snapshot().spread(&mask.rows())),
        };
        Ok(Some(Truth { known: spread(&truth.known), set: spread(&truth.set) }))
    }

    fn all_of(self, all: &[Predicate], wanted: &Mask) -> Result<Truth, Spent> {
        let mut so_far: Option<(Truth, Mask)> = None;
        for one in visit::cheapest_first(all) {
            so_far = Some(match so_far {
                None => {
                    let truth = self.truth(one, wanted)?;
                    let open = wanted.clone().without(truth.denied().words());
                    (truth, open)
                }
                Some((_, open)) if open.is_empty() => return Ok(Truth::same(self.len, Some(false))),
                Some((truth, open)) => {
                    let truth = truth.and(&self.truth(one, &open)?);
                    let open = open.without(truth.denied().words());
                    (truth, open)
                }
            });
        }
        Ok(so_far.map_or_else(|| Truth::same(self.len, Some(true)), |(truth, _)| truth))
    }

    fn any_of(self, all: &[Predicate], wanted: &Mask) -> Result<Truth, Spent> {
        let mut truth = Truth::same(self.len, Some(false));
        let mut open = wanted.clone();
        for one in visit::cheapest_first(all) {
            if open.is_empty() {
                break;
            }
            truth = truth.or(&self.truth(one, &open)?);
            open = open.without(truth.set.words());
        }
        Ok(truth)
    }

    /// Asks row by row of the wanted ones, each for so many units.
    fn each(
        self,
        wanted: &Mask,
        units: u64,
        mut ask: impl FnMut(Row) -> Result<Option<bool>, Spent>,
    ) -> Result<Truth, Spent> {
        let mut known = vec![0; wanted.words().len()];
        let mut set = known.clone();
        for (at, &word) in wanted.words().iter().enumerate().filter(|(_, word)| **word != 0) {
            self.budget.spend(u64::from(word.count_ones()) * units)?;
            for row in rows_of(at, word) {
                if let Some(truth) = ask(row)? {
                    known[at] |= 1 << (row.0 % 64);
                    set[at] |= u64::from(truth) << (row.0 % 64);
                }
            }
        }
        Ok(Truth { known: Mask::of_words(self.len, known), set: Mask::of_words(self.len, set) })
    }

    fn flag(self, field: usize, wanted: &Mask) -> Result<Truth, Spent> {
        if let Column::Marks { known, set } = self.column(field) {
            return Ok(Truth { known: Mask::of_bits(known), set: Mask::of_bits(set) });
        }
        self.each(wanted, 8, |row| Ok(self.flag_at(field, row)))
    }

    /// Rows where an operand has a value.
    fn known(self, operand: &Operand, wanted: &Mask) -> Result<Mask, Spent> {
        let direct = match operand {
            Operand::Truth(Predicate::Flag(field))
            | Operand::Number(Number::Field(field))
            | Operand::Moment(Moment::DayField(field) | Moment::InstantField(field)) => Some(*field),
            _ => None,
        };
        if let Some(Column::Marks { known, .. } | Column::Numbers { known, .. } | Column::Days { known, .. }) =
            direct.map(|field| self.column(field))
        {
            return Ok(Mask::of_bits(known));
        }
        let truth = match operand {
            Operand::Truth(truth) => return Ok(self.truth(truth, wanted)?.known),
            Operand::Number(number) => return self.number_known(number),
            Operand::Text(text) => self.text_known(text, wanted)?,
            Operand::Moment(moment) => self.each(wanted, 8, |row| Ok(Some(self.moment_at(*moment, row).is_some())))?,
            Operand::List(List::Literal(_)) => Truth::same(self.len, Some(true)),
            Operand::List(List::Field(field)) => match self.column(*field) {
                Column::Named(marks) => return Ok(self.any_known(marks)),
                _ => self.each(wanted, 8, |row| Ok(Some(self.list_at(*field, row).is_some())))?,
            },
        };
        Ok(truth.set)
    }

    fn text_known(self, text: &Text, wanted: &Mask) -> Result<Truth, Spent> {
        match text {
            Text::Literal(_) => Ok(Truth::same(self.len, Some(true))),
            Text::Folded(_, inner) => self.text_known(inner, wanted),
            Text::Field(_) => self.each(wanted, 8, |row| Ok(Some(self.text_at(text, row).is_some()))),
        }
    }
}

/// Two truths compared; false comes before true.
fn compared(comparison: Comparison, a: Truth, b: &Truth) -> Truth {
    let known = a.known.and(b.known.words());
    let set = match comparison {
        Comparison::Equal | Comparison::NotEqual => {
            let both = a.set.clone().and(b.set.words());
            let differ = a.set.or(b.set.words()).without(both.words());
            if comparison == Comparison::Equal { differ.inverted() } else { differ }
        }
        Comparison::Less => b.set.clone().without(a.set.words()),
        Comparison::LessOrEqual => a.set.inverted().or(b.set.words()),
        Comparison::Greater => a.set.without(b.set.words()),
        Comparison::GreaterOrEqual => b.set.clone().inverted().or(a.set.words()),
    };
    Truth { set: set.and(known.words()), known }
}

#[cfg(test)]
mod tests;
