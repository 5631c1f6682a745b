//! What is on board, piece by piece: every piece has a step where it comes on board and one where it leaves.

use super::{Judge, Wrong};
use crate::logistics::{
    plan::{Kind, Run},
    problem::{Amount, Task, Vehicle},
};

impl Judge<'_> {
    /// Follows every piece; the loads told are the sums of the pieces, and none exceeds what fits.
    pub(super) fn loads(&mut self, vehicle: &Vehicle, run: &Run) {
        let steps = &run.steps;
        let last = steps.len() - 1;
        let is_loading = |at: usize| matches!(steps[at].kind, Kind::Start | Kind::Reload(_));
        let dimensions = self.problem.dimensions();
        let mut aboard = vec![vec![0_i64; dimensions]; steps.len()];
        let mut carry = |amount: &Amount, from: usize, to: usize| {
            for leg in &mut aboard[from..to] {
                leg.iter_mut().enumerate().for_each(|(dimension, load)| *load += i64::from(amount.of(dimension)));
            }
        };
        for at in 0..=last {
            match steps[at].kind {
                Kind::Task(Task::Job(id)) => {
                    let Some(job) = self.problem.jobs.iter().find(|job| job.id == id) else { continue };
                    let from = (0..at).rev().find(|at| is_loading(*at)).unwrap_or(0);
                    carry(&job.delivery, from, at);
                    let to = (at + 1..last).find(|at| is_loading(*at)).unwrap_or(last);
                    carry(&job.pickup, at, if is_loading(to) { to } else { last + 1 });
                }
                Kind::Task(Task::Pickup(id)) => {
                    let Some(shipment) = self.problem.shipments.iter().find(|s| s.pickup.id == id) else { continue };
                    let brought = Kind::Task(Task::Delivery(shipment.delivery.id));
                    let to = steps[at..].iter().position(|step| step.kind == brought);
                    carry(&shipment.amount, at, to.map_or(last + 1, |to| at + to));
                }
                _ => {}
            }
        }
        let done = self.problem.done.get(&vehicle.id).map_or(0, Vec::len);
        for (at, loads) in aboard.iter().enumerate() {
            if steps[at].load != *loads {
                self.inconsistent(Some(at), "what is on board is not what was put there");
            }
            // What is over, no plan can help; a start that is over was loaded for what is done as well.
            if at < done || (done > 0 && at == 0) {
                continue;
            }
            for (dimension, load) in loads.iter().enumerate() {
                let pause = vehicle.breaks.iter().find(|pause| steps[at].kind == Kind::Break(pause.id));
                let fits = vehicle.capacity.as_ref().map(|capacity| i64::from(capacity.of(dimension)));
                let rests =
                    pause.and_then(|pause| pause.max_load.as_ref()?.0.get(dimension)).map(|most| i64::from(*most));
                let most = [fits, rests].into_iter().flatten().min();
                if let Some(by) = most.map(|most| load - most).filter(|by| *by > 0) {
                    self.wrong(Some(at), Wrong::Load { dimension, by });
                }
            }
        }
    }
}
