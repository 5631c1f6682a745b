//! The hexagons as a table that says the same as the map: sorted, page by page, as JSON.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use h3o::Resolution;
use serde::Serialize;

use super::hexes;
use crate::{
    access::{
        Disclosed,
        hexes::{HexFigures, Hexes},
    },
    snapshot::schema::Slot,
};

/// Rows of one page at most.
pub const MAX_ROWS: usize = 1_000;

/// By what the rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// By id.
    Id,
    /// By households.
    Households,
    /// By people.
    People,
    /// By a mapped property; rows where it is unknown come last.
    Property(Slot),
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Least first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// Which rows of which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Of this resolution.
    pub resolution: Resolution,
    /// By this.
    pub sort: SortKey,
    /// This way.
    pub direction: Direction,
    /// After so many rows.
    pub skip: usize,
    /// At most so many, up to [`MAX_ROWS`].
    pub limit: usize,
}

#[derive(Serialize)]
struct Document<'a> {
    resolution: u8,
    matched: usize,
    rows: Vec<RowOut<'a>>,
    next: Option<String>,
}

#[derive(Serialize)]
struct RowOut<'a> {
    id: String,
    merged: u32,
    households: u32,
    people: u32,
    center: [f64; 2],
    values: BTreeMap<&'a str, Option<f64>>,
}

/// The page; `cursor` writes the token by which a client asks for the rows after so many.
pub fn write(figures: &Disclosed<Arc<Hexes>>, page: &Page, cursor: impl Fn(usize) -> String) -> Vec<u8> {
    let level = figures.level(page.resolution);
    let mut order: Vec<&HexFigures> = level.iter().collect();
    order.sort_by(|a, b| compare(a, b, page).then(u64::from(a.id).cmp(&u64::from(b.id))));
    let rows: Vec<_> =
        order.iter().skip(page.skip).take(page.limit.min(MAX_ROWS)).map(|hex| row_out(figures, hex)).collect();
    let after = page.skip + rows.len();
    super::json(&Document {
        resolution: page.resolution.into(),
        matched: level.len(),
        next: (after < level.len() && !rows.is_empty()).then(|| cursor(after)),
        rows,
    })
}

fn compare(a: &HexFigures, b: &HexFigures, page: &Page) -> Ordering {
    let turned = |order: Ordering| match page.direction {
        Direction::Ascending => order,
        Direction::Descending => order.reverse(),
    };
    match page.sort {
        SortKey::Id => turned(u64::from(a.id).cmp(&u64::from(b.id))),
        SortKey::Households => turned(a.households.cmp(&b.households)),
        SortKey::People => turned(a.people.cmp(&b.people)),
        SortKey::Property(slot) => match (a.value(slot), b.value(slot)) {
            (Some(a), Some(b)) => turned(a.total_cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        },
    }
}

fn row_out<'a>(figures: &'a Hexes, hex: &HexFigures) -> RowOut<'a> {
    RowOut {
        id: hex.id.to_string(),
        merged: hexes::merged_of(hex),
        households: hex.households,
        people: hex.people,
        center: [hex.center.lon(), hex.center.lat()],
        values: figures
            .schema()
            .mapped()
            .map(|(slot, property)| (&*property.key, hexes::shown(hex.value(slot))))
            .collect(),
    }
}
