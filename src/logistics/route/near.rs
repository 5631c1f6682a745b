//! Which stops are near a stop: to be taken out together, and to be put in beside.

use rayon::prelude::*;

use super::model::{Model, NONE};

/// Near stops, nearest first.
pub struct Near {
    width: usize,
    /// By task: by distance alone.
    around: Vec<u32>,
    beside_width: usize,
    /// By task: by distance and by how well their windows follow each other.
    beside: Vec<u32>,
}

/// So many are looked at when stops are taken out.
const AROUND: usize = 100;

impl Near {
    /// Looks for the near stops of every stop; `beside`: how many places are tried when a stop is put in.
    pub fn new(model: &Model<'_>, beside: usize) -> Self {
        let tasks = model.tasks;
        let width = AROUND.min(tasks.saturating_sub(1));
        let beside_width = beside.min(tasks.saturating_sub(1));
        let lists: Vec<(Vec<u32>, Vec<u32>)> = (0..tasks as u32)
            .into_par_iter()
            .map(|task| {
                let by_road = nearest(tasks, task, width, |other| road(model, task, other));
                let by_both = nearest(tasks, task, beside_width, |other| {
                    follow(model, task, other).min(follow(model, other, task))
                });
                (by_road, by_both)
            })
            .collect();
        let (mut around, mut near) = (Vec::new(), Vec::new());
        for (by_road, by_both) in lists {
            around.extend(by_road);
            near.extend(by_both);
        }
        Self { width, around, beside_width, beside: near }
    }

    /// Near by distance.
    #[inline]
    pub fn around(&self, task: u32) -> &[u32] {
        &self.around[task as usize * self.width..(task as usize + 1) * self.width]
    }

    /// Near in place and time.
    #[inline]
    pub fn beside(&self, task: u32) -> &[u32] {
        &self.beside[task as usize * self.beside_width..(task as usize + 1) * self.beside_width]
    }
}

fn nearest(tasks: usize, task: u32, width: usize, far: impl Fn(u32) -> i64) -> Vec<u32> {
    let mut all: Vec<(i64, u32)> = (0..tasks as u32).filter(|other| *other != task).map(|o| (far(o), o)).collect();
    if width < all.len() && width > 0 {
        all.select_nth_unstable(width - 1);
        all.truncate(width);
    }
    all.sort_unstable();
    all.truncate(width);
    all.into_iter().map(|(_, other)| other).collect()
}

fn road(model: &Model<'_>, a: u32, b: u32) -> i64 {
    let arcs = &model.arcs[0];
    let (a, b) = (model.nodes[a as usize].place, model.nodes[b as usize].place);
    debug_assert!(a != NONE && b != NONE, "tasks have places");
    arcs.cost(a, b) + arcs.cost(b, a)
}

/// How far it is from a stop to the next, waiting and lateness counted.
fn follow(model: &Model<'_>, a: u32, b: u32) -> i64 {
    let (from, to) = (&model.nodes[a as usize], &model.nodes[b as usize]);
    let arcs = &model.arcs[0];
    let leg = arcs.time(from.place, to.place);
    let wait = (to.windows.open - leg - from.service - from.windows.close).clamp(0, super::arcs::FAR);
    let late = (from.windows.open + from.service + leg - to.windows.close).clamp(0, super::arcs::FAR);
    arcs.cost(from.place, to.place) + (wait / 5 + late) * arcs.unit()
}
