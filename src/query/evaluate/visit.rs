//! What a predicate needs to know, and what it costs to know it.

use crate::query::{
    collection::{Collection, Column},
    filter::predicate::{Bound, List, Moment, Number, Operand, Period, Place, Predicate, Text},
};

/// Whether all that a predicate names belongs to the household of a person.
pub(super) fn is_of_homes(predicate: &Predicate, people: &dyn Collection) -> bool {
    let mut all = true;
    fields(predicate, &mut |field| all &= matches!(people.column(field), Column::Household(_)));
    all
}

/// Calls with each field that a predicate names.
fn fields(predicate: &Predicate, call: &mut dyn FnMut(usize)) {
    match predicate {
        Predicate::Constant(_) | Predicate::Spatial(..) | Predicate::Near(..) => {}
        Predicate::Not(inner) => fields(inner, call),
        Predicate::And(all) | Predicate::Or(all) => all.iter().for_each(|one| fields(one, call)),
        Predicate::Flag(field) => call(*field),
        Predicate::Truths(_, a, b) => {
            fields(a, call);
            fields(b, call);
        }
        Predicate::Unknown(operand) => match &**operand {
            Operand::Truth(truth) => fields(truth, call),
            Operand::Number(number) => of_number(number, call),
            Operand::Text(text) => of_text(text, call),
            Operand::Moment(moment) => of_moment(*moment, call),
            Operand::List(list) => of_list(list, call),
        },
        Predicate::Numbers(_, a, b) => {
            of_number(a, call);
            of_number(b, call);
        }
        Predicate::NumberAmong { of, .. } => of_number(of, call),
        Predicate::Texts(_, a, b) => {
            of_text(a, call);
            of_text(b, call);
        }
        Predicate::TextAmong { of, .. } | Predicate::Like(of, _) => of_text(of, call),
        Predicate::Moments(_, a, b) => {
            of_moment(*a, call);
            of_moment(*b, call);
        }
        Predicate::Temporal(_, a, b) => {
            of_period(a, call);
            of_period(b, call);
        }
        Predicate::Lists(_, a, b) => {
            of_list(a, call);
            of_list(b, call);
        }
    }
}

fn of_number(number: &Number, call: &mut dyn FnMut(usize)) {
    match number {
        Number::Literal(_) => {}
        Number::Field(field) => call(*field),
        Number::Of(_, a, b) => {
            of_number(a, call);
            of_number(b, call);
        }
        Number::Age(moment, _) => of_moment(*moment, call),
    }
}

/// Calls with each field that a text is made of.
pub(super) fn of_text(text: &Text, call: &mut dyn FnMut(usize)) {
    match text {
        Text::Literal(_) => {}
        Text::Field(field) => call(*field),
        Text::Folded(_, inner) => of_text(inner, call),
    }
}

fn of_moment(moment: Moment, call: &mut dyn FnMut(usize)) {
    if let Moment::DayField(field) | Moment::InstantField(field) = moment {
        call(field);
    }
}

fn of_period(period: &Period, call: &mut dyn FnMut(usize)) {
    for bound in [period.from, period.to] {
        if let Bound::At(moment) = bound {
            of_moment(moment, call);
        }
    }
}

fn of_list(list: &List, call: &mut dyn FnMut(usize)) {
    if let List::Field(field) = list {
        call(*field);
    }
}

/// The cheapest first: the dearer ones are then asked of fewer rows.
pub(super) fn cheapest_first(all: &[Predicate]) -> Vec<&Predicate> {
    let mut sorted: Vec<&Predicate> = all.iter().collect();
    sorted.sort_by_key(|one| cost(one));
    sorted
}

/// What a predicate costs a row, roughly.
fn cost(predicate: &Predicate) -> u64 {
    match predicate {
        Predicate::Constant(_) | Predicate::Spatial(_, Place::Literal(_), Place::Literal(_)) => 0,
        Predicate::Flag(_) | Predicate::Unknown(_) => 1,
        Predicate::Not(inner) => cost(inner),
        Predicate::And(all) | Predicate::Or(all) => all.iter().map(cost).sum(),
        Predicate::Truths(_, a, b) => cost(a) + cost(b),
        Predicate::Numbers(_, a, b) => cost_of(a) + cost_of(b),
        Predicate::NumberAmong { of, .. } => 2 + cost_of(of),
        Predicate::Moments(..) => 4,
        Predicate::Texts(..) | Predicate::TextAmong { .. } | Predicate::Lists(..) => 8,
        Predicate::Temporal(..) | Predicate::Like(..) => 16,
        Predicate::Spatial(_, a, b) => [a, b].iter().fold(100, |sum, place| match place {
            Place::Own => sum,
            Place::Literal(shape) => sum + shape.vertices() as u64,
        }),
        Predicate::Near(shape, _) => 200 + shape.vertices() as u64,
    }
}

fn cost_of(number: &Number) -> u64 {
    match number {
        Number::Literal(_) => 0,
        Number::Field(_) => 1,
        Number::Of(_, a, b) => 2 + cost_of(a) + cost_of(b),
        Number::Age(..) => 4,
    }
}
