//! The work on plans: one worker a plan, off the threads that wait, watched and stopped from outside; a plan that was being
//! worked out when the machine died is worked out again.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};

use super::{compute::compute, terrain::Terrains};
use crate::{
    app::{App, Error},
    casework::{
        event::IdempotencyKey,
        plan::{Command, Plan, PlanId, Progress, State},
    },
    domain::watch::Watch,
};

/// Plans that are worked out at once: each takes every core.
const AT_ONCE: usize = 2;
/// How often the journal is looked at for what other nodes did.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Seconds after which a computation that nobody here works on is taken over from the node that began it.
const ABANDONED_S: i64 = 180;
/// Tries to finish a plan to whose stops somebody was meanwhile: the first few as long as was ordered, then in a hurry.
const TRIES: u32 = 12;
const PATIENT_TRIES: u32 = 3;
const HURRIED_S: f64 = 1.0;

/// Why work came to no end.
#[derive(Debug)]
pub(super) enum Stopped {
    /// Nobody wants it any more.
    Cancelled,
    /// What was ordered cannot be; says why.
    Failed(String),
    /// What was asked for is not there, or does not fit.
    Refused(Error),
    /// A fault of ours, or of the machine.
    Broken(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal(_) => Self::Broken(error),
            other => Self::Refused(other),
        }
    }
}

/// What whoever waits for the work is told.
impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Refused(error) | Stopped::Broken(error) => error,
            Stopped::Failed(reason) => Self::conflict("cannot_be_planned", reason),
            Stopped::Cancelled => Self::Unavailable("the work was stopped".to_owned()),
        }
    }
}

/// A worker's ticket: how far it is, and whether it should stop.
pub(in crate::app) struct Ticket {
    cancelled: AtomicBool,
    progress: Mutex<Progress>,
    told: watch::Sender<()>,
}

impl Ticket {
    /// A ticket whose progress wakes these listeners.
    pub(super) fn new(told: watch::Sender<()>) -> Self {
        Self { cancelled: AtomicBool::new(false), progress: Mutex::default(), told }
    }

    /// Whether to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Asks it to stop.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        self.lock().clone()
    }

    /// Says how far it is.
    pub(super) fn set(&self, progress: Progress) {
        *self.lock() = progress;
        self.told.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Ticket {
    fn begin(&self, step: &'static str, total: u64) {
        self.set(Progress { stage: step.into(), done: 0, of: total, cost: None });
    }

    fn advance(&self, done: u64) {
        self.lock().done += done;
    }

    fn cancelled(&self) -> bool {
        self.is_cancelled()
    }
}

/// Stops the work of a ticket when whoever waits for it leaves.
pub(super) struct Leaving(pub(super) Arc<Ticket>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Who works on what here.
pub(in crate::app) struct Workers {
    at_work: Mutex<BTreeMap<PlanId, (u32, Arc<Ticket>)>>,
    seats: Arc<Semaphore>,
    /// What drags are priced on.
    pub(super) kept: Terrains,
}

impl Default for Workers {
    fn default() -> Self {
        Self { at_work: Mutex::default(), seats: Arc::new(Semaphore::new(AT_ONCE)), kept: Terrains::default() }
    }
}

impl Workers {
    fn at_work(&self) -> MutexGuard<'_, BTreeMap<PlanId, (u32, Arc<Ticket>)>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ticket of a plan that is worked on here.
    pub(super) fn ticket(&self, id: PlanId) -> Option<Arc<Ticket>> {
        self.at_work().get(&id).map(|(_, ticket)| Arc::clone(ticket))
    }

    /// Asks whoever works on a plan to stop, unless it is at a later round than is meant.
    pub(super) fn cancel(&self, id: PlanId, round: u32) {
        if let Some((_, ticket)) = self.at_work().get(&id).filter(|(working, _)| *working <= round) {
            ticket.cancel();
        }
    }

    /// A seat for work that somebody waits for. Errors: `Unavailable` where none becomes free.
    pub(super) async fn seat(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Error> {
        let busy = || Error::Unavailable("too many plans are being worked out".to_owned());
        let seat = Arc::clone(&self.seats).acquire_owned();
        tokio::time::timeout(Duration::from_secs(20), seat).await.map_err(|_| busy())?.map_err(|_| busy())
    }
}

/// Works on a plan that is to be worked out, unless somebody here does already.
pub(super) fn engage(app: &Arc<App>, plan: &Arc<Plan>) {
    let (id, round) = (plan.id, plan.round);
    let ticket = {
        let mut at_work = app.desk.workers.at_work();
        match at_work.get(&id) {
            Some((working, _)) if *working >= round => return,
            Some((_, older)) => older.cancel(),
            None => {}
        }
        let ticket = Arc::new(Ticket::new(app.desk.teller()));
        at_work.insert(id, (round, Arc::clone(&ticket)));
        ticket
    };
    let (app, plan) = (Arc::clone(app), Arc::clone(plan));
    tokio::spawn(async move {
        let seats = Arc::clone(&app.desk.workers.seats);
        let seat = seats.acquire_owned().await;
        work(&app, plan, &ticket).await;
        drop(seat);
        let mut at_work = app.desk.workers.at_work();
        if at_work.get(&id).is_some_and(|(_, current)| Arc::ptr_eq(current, &ticket)) {
            at_work.remove(&id);
        }
        drop(at_work);
        app.desk.tell();
    });
}

async fn work(app: &Arc<App>, mut plan: Arc<Plan>, ticket: &Arc<Ticket>) {
    let (id, round) = (plan.id, plan.round);
    for attempt in 1..=TRIES {
        let done = compute(app, &plan, ticket).await;
        let is_last = attempt == TRIES;
        // Somebody was at a stop meanwhile: what is done stays where it was, so it is worked out anew.
        let told = |now: &Plan| now.told != plan.told && !is_last && !matches!(done, Err(Stopped::Cancelled));
        match app.plan(id).await {
            Ok(now) if now.state != State::Computing || now.round != round => return,
            Ok(now) if told(&now) => plan = now,
            _ => match finish(app, &plan, done).await {
                Ending::Settled => return,
                Ending::Overtaken if is_last => {
                    let reason = Stopped::Failed("the crews are faster than the plan: try again".to_owned());
                    let _ = finish(app, &plan, Err(reason)).await;
                    return;
                }
                Ending::Overtaken => match app.plan(id).await {
                    Ok(now) if now.state == State::Computing && now.round == round => plan = now,
                    _ => return,
                },
            },
        }
        if attempt >= PATIENT_TRIES {
            let mut hurried = (*plan).clone();
            hurried.order.effort_seconds = hurried.order.effort_seconds.min(HURRIED_S);
            plan = Arc::new(hurried);
        }
    }
}

/// What became of work that was done.
enum Ending {
    /// It is on disk, or nobody wants it.
    Settled,
    /// Somebody was at a stop meanwhile.
    Overtaken,
}

async fn finish(app: &App, plan: &Plan, done: Result<crate::casework::plan::Work, Stopped>) -> Ending {
    let round = plan.round;
    let command = match done {
        Ok(work) => Command::Finish { round, work: Box::new(work) },
        // Cancelling is on disk before the worker hears of it.
        Err(Stopped::Cancelled) => return Ending::Settled,
        Err(Stopped::Failed(reason)) => Command::Fail { round, reason: reason.into() },
        Err(Stopped::Refused(error)) => Command::Fail { round, reason: error.to_string().into() },
        Err(Stopped::Broken(error)) => {
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            tracing::error!(cause, plan = %plan.id, "a plan could not be worked out");
            Command::Fail { round, reason: "something failed inside".into() }
        }
    };
    // Two nodes that finish the same round keep one of them.
    let Ok(key) = format!("computed-{round}").parse::<IdempotencyKey>() else { return Ending::Settled };
    for wait_s in [1, 5, 20] {
        match app.obey(plan.id, key.clone(), &plan.by, command.clone()).await {
            Err(Error::Unavailable(_)) => tokio::time::sleep(Duration::from_secs(wait_s)).await,
            Err(error) => {
                tracing::info!(error = %error, plan = %plan.id, "a computation was overtaken");
                return Ending::Overtaken;
            }
            Ok(_) => return Ending::Settled,
        }
    }
    tracing::error!(plan = %plan.id, "a plan was worked out and cannot be kept: the store is away");
    Ending::Settled
}

/// Asks every worker to stop, where the program ends: what is not worked out yet is worked out after the next start.
pub fn stop(app: &App) {
    app.desk.workers.at_work().values().for_each(|(_, ticket)| ticket.cancel());
}

/// Follows the journal: what other nodes did is known here a moment later, and what nobody works on is taken over. What was
/// being worked out when this program last ended is worked out again. Runs until dropped.
pub async fn follow(app: Arc<App>) {
    let mut first = true;
    loop {
        if app.world().is_ok() && app.catch_up().await.is_ok() {
            for plan in app.desk.all() {
                let abandoned = |plan: &Plan| {
                    let since = Timestamp::now().as_second() - plan.changed.as_second();
                    since > ABANDONED_S + plan.order.effort_seconds as i64
                };
                match plan.state {
                    State::Computing if app.desk.workers.ticket(plan.id).is_some() => {}
                    State::Computing if first || abandoned(&plan) => engage(&app, &plan),
                    State::Computing => {}
                    // What somebody ordered since is of a later round.
                    _ => app.desk.workers.cancel(plan.id, plan.round),
                }
            }
            first = false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::event::StreamId;

    #[test]
    fn who_stops_a_round_does_not_stop_the_next_one() {
        let workers = Workers::default();
        let ticket = Arc::new(Ticket::new(watch::Sender::new(())));
        workers.at_work().insert(StreamId(1), (2, Arc::clone(&ticket)));
        workers.cancel(StreamId(1), 1);
        assert!(!ticket.is_cancelled(), "the second round was ordered since");
        workers.cancel(StreamId(1), 2);
        assert!(ticket.is_cancelled());
    }
}
