//! What events make of a plan: the same on every node, whatever they are. An event that was overtaken changes nothing.

use jiff::Timestamp;

use super::{Event, Plan, PlanId, Progress, State, Story};
use crate::casework::event::IdempotencyKey;

/// How an event was kept: with which key, at what instant, by whom.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'e> {
    /// Its key.
    pub key: &'e IdempotencyKey,
    /// When it was kept.
    pub at: Timestamp,
    /// By whom.
    pub by: &'e str,
}

/// What a plan is after an event of its stream.
pub fn apply(id: PlanId, plan: Option<Plan>, event: Event, Kept { key, at, by }: Kept<'_>) -> Option<Plan> {
    let mut plan = match (plan, event) {
        (None, Event::Ordered { order, role, after }) => {
            return Some(Plan {
                id,
                name: order.name.clone(),
                version: 0,
                state: State::Computing,
                progress: Progress::default(),
                reason: None,
                at,
                by: by.into(),
                changed: at,
                after,
                order: *order,
                result: None,
                role,
                round: 1,
                fallback: None,
                targets: Vec::new(),
                told: std::collections::BTreeMap::new(),
                shown: std::collections::BTreeMap::new(),
                locked: std::collections::BTreeSet::new(),
            });
        }
        (None, _) => return None,
        (Some(plan), Event::Ordered { .. }) => return Some(plan),
        (Some(mut plan), event) => {
            plan.take(event, key);
            plan
        }
    };
    plan.changed = at;
    plan.mark();
    Some(plan)
}

impl Plan {
    fn take(&mut self, event: Event, key: &IdempotencyKey) {
        match event {
            Event::Reordered { scenario, effort_seconds, seed } => {
                // Two nodes may ask at once: the later is the one that is worked on, the way back stays the same.
                if self.state != State::Computing {
                    self.fallback = self.result.as_ref().map(|_| self.state);
                }
                self.round += 1;
                self.state = State::Computing;
                (self.order.scenario, self.order.effort_seconds, self.order.seed) = (scenario, effort_seconds, seed);
                self.reason = None;
            }
            Event::Computed { round, work } if self.is_at(round) => {
                self.version += 1;
                self.state = State::Ready;
                self.fallback = None;
                self.result = Some(work.result);
                self.targets = work.targets;
                self.show();
            }
            Event::Failed { round, reason } if self.is_at(round) => {
                self.state = self.fallback.take().unwrap_or(State::Failed);
                self.reason = Some(reason);
            }
            Event::Cancelled if self.state == State::Computing => {
                self.state = self.fallback.take().unwrap_or(State::Cancelled);
            }
            Event::Moved { version, result } if version == self.version && self.state != State::Computing => {
                self.version += 1;
                self.result = Some(*result);
                self.show();
            }
            Event::Locked { codes, locked: true } => self.locked.extend(codes),
            Event::Locked { codes, locked: false } => self.locked.retain(|code| !codes.contains(code)),
            Event::Approved { version } if version == self.version && self.state == State::Ready => {
                self.state = State::Approved;
            }
            Event::Delivered { code, outcome } => self.told.entry(code).or_default().add(key.clone(), outcome),
            Event::Ordered { .. }
            | Event::Computed { .. }
            | Event::Failed { .. }
            | Event::Cancelled
            | Event::Moved { .. }
            | Event::Approved { .. } => {}
        }
    }

    /// Remembers who has which stop.
    fn show(&mut self) {
        for run in self.result.iter().flat_map(|result| &result.runs) {
            for stop in &run.stops {
                self.shown.entry(stop.code.clone()).or_default().insert(run.id.clone());
            }
        }
    }

    fn is_at(&self, round: u32) -> bool {
        self.state == State::Computing && self.round == round
    }

    /// Writes locks and outcomes onto the stops, and closes what is done.
    fn mark(&mut self) {
        let Some(result) = &mut self.result else { return };
        for stop in result.runs.iter_mut().flat_map(|run| &mut run.stops) {
            stop.locked = self.locked.contains(&stop.code);
            stop.outcome = self.told.get(&stop.code).and_then(Story::last).cloned();
        }
        if self.state == State::Approved && self.is_done() {
            self.state = State::Closed;
        }
    }
}
