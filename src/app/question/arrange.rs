//! In which order groups are told, and how many at a time.

use std::cmp::Ordering;

use super::{
    asked::{By, OrderAsked},
    page,
};
use crate::{
    access::answer::Told,
    app::error::Error,
    query::page::{Cursor, Direction},
};

/// Groups of a page of a question that does not say.
const USUAL_GROUPS: usize = 1_000;
/// Groups of a page at most.
const MAX_GROUPS: usize = 10_000;
/// Keys to order by at most.
const MAX_KEYS: usize = 8;

/// The places of the groups in the order asked for; figures that are not known come last, ties as the groups lie.
pub(super) fn order(told: &Told, asked: &[OrderAsked]) -> Result<Vec<usize>, Error> {
    if asked.len() > MAX_KEYS {
        return Err(Error::invalid("order", format_args!("at most {MAX_KEYS} keys")));
    }
    if let Some(at) = asked.iter().position(|key| matches!(key.by, By::Measure(at) if at >= told.measures().len())) {
        return Err(Error::invalid(&format!("order[{at}].by"), "there is no such measure"));
    }
    let mut places: Vec<usize> = (0..told.groups().len()).collect();
    let number =
        |place: usize, measure: usize| told.groups()[place].1.values[measure].numbers.first().copied().flatten();
    places.sort_by(|&a, &b| {
        let by = asked.iter().map(|key| {
            let direction = Direction::from(key.direction);
            match key.by {
                By::Group(_) => directed(a.cmp(&b), direction),
                By::Measure(at) => match (number(a, at), number(b, at)) {
                    (Some(a), Some(b)) => directed(a.total_cmp(&b), direction),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                },
            }
        });
        by.into_iter().find(|by| by.is_ne()).unwrap_or_else(|| a.cmp(&b))
    });
    Ok(places)
}

fn directed(by: Ordering, direction: Direction) -> Ordering {
    if direction == Direction::Descending { by.reverse() } else { by }
}

/// A page of them.
pub(super) fn page(
    places: &[usize],
    words: &[&str],
    limit: Option<usize>,
    cursor: Option<&str>,
) -> Result<(Vec<usize>, Option<Cursor>), Error> {
    let limit = limit.unwrap_or(USUAL_GROUPS);
    if !(1..=MAX_GROUPS).contains(&limit) {
        return Err(Error::invalid("limit", format_args!("not between 1 and {MAX_GROUPS}")));
    }
    let stale = |error: page::InvalidCursor| Error::invalid("cursor", error);
    let cursor = cursor.map(|text| text.parse().map_err(stale)).transpose()?;
    let (range, next) = page::slice(words, places.len(), limit, cursor.as_ref()).map_err(stale)?;
    Ok((places[range].to_vec(), next))
}
