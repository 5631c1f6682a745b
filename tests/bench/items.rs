//! Pages of items, from the question to the bytes of GeoJSON.

use std::{sync::Arc, time::Instant};

use atlante::{
    access::{Actor, Role},
    app::{
        App, Ingredients, World,
        items::{self, Condition, Question},
    },
    publish::ogc::{Reference, items as written},
    snapshot::Snapshot,
};

use crate::{Table, town::runtime};

/// Pages that are walked.
const PAGES: usize = 500;

/// Thousands of households with a filter, page by page.
pub fn measure(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let parts = Ingredients { snapshot: Arc::clone(snapshot), layers: vec![], streets: &[], accesses: &[] };
    let app = App::without_store();
    app.swap(Arc::new(World::new(parts).expect("a world")));
    let actor = Actor::named("bench", Role::Health);
    for (sort, limit) in [(None, 1_000), (None, 100), (Some("-people"), 100)] {
        let mut question = Question {
            limit: Some(limit),
            filter: Condition { text: Some("people >= 2 OR fragility > 0.1".to_owned()), ..Condition::default() },
            sort: sort.map(str::to_owned),
            ..Question::default()
        };
        let (mut first_s, mut last_s, mut bytes, mut pages) = (f64::MAX, f64::MAX, 0, 0);
        runtime().block_on(async {
            for at in 0..PAGES {
                let (mut least_s, mut next) = (f64::MAX, None);
                let runs = if at == 0 || at > PAGES - 5 { 20 } else { 1 };
                for _ in 0..runs {
                    let begun = Instant::now();
                    let page = items::page(&app, &actor, "households", &question).await.expect("a page");
                    let crs = Reference::Crs84;
                    let envelope =
                        written::Envelope { links: &[], matched: page.matched, at: "2026-06-30T00:00:00Z", crs };
                    bytes = written::page(&page.features, &envelope).expect("bytes").len();
                    least_s = least_s.min(begun.elapsed().as_secs_f64());
                    next = page.next;
                }
                if at == 0 {
                    first_s = least_s;
                }
                (last_s, pages) = (least_s, at + 1);
                match next {
                    Some(next) => question.cursor = Some(next),
                    None => break,
                }
            }
        });
        let order = sort.unwrap_or("row order");
        table.note(
            format!("items?limit={limit} of households with a filter, {order}: page 1, page {pages}"),
            "≤ 5 ms",
            format!("{:.2} ms, {:.2} ms ({} kB)", first_s * 1e3, last_s * 1e3, bytes / 1_000),
        );
    }
}
