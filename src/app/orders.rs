//! Orders of rows and spans of time, made once for each collection of a world and kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, tz::TimeZone};

use super::error::Error;
use crate::{
    domain::feature::Value,
    query::{
        collection::{Collection, FieldKind},
        page::{Direction, Order},
    },
    snapshot::Row,
};

/// Bytes of orders that a world keeps; beyond it the memory starts anew.
const MOST_BYTES: usize = 64 << 20;

/// Fields to sort by at most.
const MOST_KEYS: usize = 8;

type OrderKey = (Box<str>, Vec<(usize, Direction)>);

/// First and last moment of a collection.
pub type Span = Option<[Timestamp; 2]>;

/// What was made.
#[derive(Default)]
pub(super) struct Orders {
    orders: Mutex<HashMap<OrderKey, Arc<Order>>>,
    spans: Mutex<HashMap<Box<str>, Span>>,
}

impl Orders {
    /// The order by those fields; sorted off the threads that wait, where it was not yet.
    pub(super) async fn order(
        &self,
        collection: &Arc<dyn Collection>,
        keys: Vec<(usize, Direction)>,
    ) -> Result<Arc<Order>, Error> {
        if keys.is_empty() {
            return Ok(Arc::new(Order::natural()));
        }
        let key = (identity(&**collection), keys);
        if let Some(order) = self.orders.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(order));
        }
        let (from, keys) = (Arc::clone(collection), key.1.clone());
        let made = tokio::task::spawn_blocking(move || Arc::new(Order::by(&*from, &keys)));
        let order = made.await.map_err(Error::internal)?;
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = orders.values().map(|order| order.heap_bytes()).sum();
        if bytes + order.heap_bytes() > MOST_BYTES {
            orders.clear();
        }
        orders.insert(key, Arc::clone(&order));
        Ok(order)
    }

    /// The first and the last moment that a collection tells of.
    pub(super) fn span(&self, collection: &dyn Collection) -> Span {
        let key = identity(collection);
        if let Some(span) = self.spans.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *span;
        }
        let span = span_of(collection);
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).insert(key, span);
        span
    }
}

fn identity(collection: &dyn Collection) -> Box<str> {
    format!("{} {}", collection.name(), collection.generation()).into()
}

fn span_of(collection: &dyn Collection) -> Span {
    let fields = collection.fields().iter().enumerate();
    let timely = fields.filter(|(_, field)| matches!(field.kind, FieldKind::Date | FieldKind::Instant));
    let moments = timely.flat_map(|(at, _)| {
        (0..collection.len()).filter_map(move |row| match collection.value(at, Row(row)) {
            Value::Instant(instant) => Some(instant),
            Value::Date(date) => date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
            _ => None,
        })
    });
    moments.fold(None, |span: Span, at| Some(span.map_or([at, at], |[first, last]| [first.min(at), last.max(at)])))
}

/// Reads `+a,-b`: fields that may be asked, the first counts most.
pub(super) fn keys(
    text: &str,
    collection: &dyn Collection,
    is_open: impl Fn(usize) -> bool,
) -> Result<Vec<(usize, Direction)>, Error> {
    let invalid = |reason: String| Error::invalid("sortby", reason);
    let mut keys = Vec::new();
    for piece in text.split(',') {
        // A plus sign of a URL is a space in a form.
        let (direction, name) = match piece.chars().next() {
            Some('-') => (Direction::Descending, &piece[1..]),
            Some('+' | ' ') => (Direction::Ascending, &piece[1..]),
            _ => (Direction::Ascending, piece),
        };
        let field = collection.field(name).filter(|&field| is_open(field)).ok_or_else(|| {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(48).collect();
            invalid(format!("there is no property \"{shown}\""))
        })?;
        if keys.iter().any(|&(known, _)| known == field) {
            return Err(invalid("a property is named twice".to_owned()));
        }
        keys.push((field, direction));
    }
    if keys.len() > MOST_KEYS {
        return Err(invalid(format!("at most {MOST_KEYS} properties")));
    }
    Ok(keys)
}
