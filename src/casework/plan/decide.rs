//! What may be done to a plan as it stands: a command becomes events, or is refused.

use std::collections::BTreeSet;

use super::{Code, Event, Order, Outcome, Plan, PlanId, Result, State, StreamId, Work};

/// What somebody wants of a plan.
#[derive(Clone, Debug)]
pub enum Command {
    /// To order it.
    Order {
        /// What.
        order: Box<Order>,
        /// In what capacity whoever orders it acts.
        role: Box<str>,
        /// The plan whose failed and unserved stops these are.
        after: Option<PlanId>,
    },
    /// To work it out again.
    Replan {
        /// Under which closures; none: as before.
        scenario: Option<Option<StreamId>>,
        /// How long to look; none: as before.
        effort_seconds: Option<f64>,
        /// What chance begins with; none: as before.
        seed: Option<u64>,
    },
    /// To keep what was worked out in a round.
    Finish {
        /// Which round.
        round: u32,
        /// What came out.
        work: Box<Work>,
    },
    /// To say that a round came to nothing.
    Fail {
        /// Which round.
        round: u32,
        /// Why.
        reason: Box<str>,
    },
    /// To stop waiting.
    Cancel,
    /// To keep a change by hand.
    Move {
        /// Of which version.
        version: u32,
        /// What came out.
        result: Box<Result>,
    },
    /// To fix stops where they are.
    Lock(Locking),
    /// To let stops go again.
    Unlock(Locking),
    /// To agree to it.
    Approve,
    /// To say how it went at a stop.
    Deliver {
        /// Which.
        code: Code,
        /// How.
        outcome: Outcome,
    },
}

/// Which stops are locked or let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locking {
    /// These.
    Stops(Vec<Code>),
    /// Those of a run.
    Run(Box<str>),
}

/// Why something cannot be done to a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one already.
    #[error("the plan is there already")]
    Already,
    /// There is none.
    #[error("there is no such plan")]
    None,
    /// Not as it stands.
    #[error("the plan is {}: this cannot be done now", .0.key())]
    State(State),
    /// There is no such stop.
    #[error("the plan has no such stop")]
    Stop,
    /// There is no such run.
    #[error("the plan has no such run")]
    Run,
    /// The key is of something else that was told before.
    #[error("the key was given to something else")]
    Key,
    /// Somebody else was faster.
    #[error("the plan has changed meanwhile: look at it again")]
    Overtaken,
}

impl Refusal {
    /// Its word in the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Already => "already",
            Self::None => "no_such_plan",
            Self::State(_) => "state",
            Self::Stop => "no_such_stop",
            Self::Run => "no_such_run",
            Self::Key => "key",
            Self::Overtaken => "overtaken",
        }
    }
}

/// What a command does to a plan as it stands.
pub fn decide(plan: Option<&Plan>, command: Command) -> std::result::Result<Event, Refusal> {
    if let Command::Order { order, role, after } = command {
        return if plan.is_some() { Err(Refusal::Already) } else { Ok(Event::Ordered { order, role, after }) };
    }
    let plan = plan.ok_or(Refusal::None)?;
    let only = |states: &[State]| {
        if states.contains(&plan.state) { Ok(()) } else { Err(Refusal::State(plan.state)) }
    };
    match command {
        Command::Order { .. } => Err(Refusal::Already),
        Command::Replan { scenario, effort_seconds, seed } => {
            only(&[State::Ready, State::Approved, State::Closed, State::Failed, State::Cancelled])?;
            let order = &plan.order;
            Ok(Event::Reordered {
                scenario: scenario.unwrap_or(order.scenario),
                effort_seconds: effort_seconds.unwrap_or(order.effort_seconds),
                seed: seed.unwrap_or(order.seed),
            })
        }
        Command::Finish { round, work } => {
            round_of(plan, round)?;
            if keeps_done(plan, &work.result) { Ok(Event::Computed { round, work }) } else { Err(Refusal::Overtaken) }
        }
        Command::Fail { round, reason } => round_of(plan, round).map(|()| Event::Failed { round, reason }),
        Command::Cancel => only(&[State::Computing]).map(|()| Event::Cancelled),
        Command::Move { version, result } => {
            only(&[State::Ready, State::Approved])?;
            if version == plan.version { Ok(Event::Moved { version, result }) } else { Err(Refusal::Overtaken) }
        }
        Command::Lock(which) => locking(plan, which).map(|codes| Event::Locked { codes, locked: true }),
        Command::Unlock(which) => locking(plan, which).map(|codes| Event::Locked { codes, locked: false }),
        Command::Approve => only(&[State::Ready]).map(|()| Event::Approved { version: plan.version }),
        Command::Deliver { code, outcome } => {
            // Who was there tells it, though the stop has left the runs meanwhile.
            if plan.shown.contains_key(&code) { Ok(Event::Delivered { code, outcome }) } else { Err(Refusal::Stop) }
        }
    }
}

/// Whether every stop where somebody was is still with the crew that was there.
fn keeps_done(plan: &Plan, result: &Result) -> bool {
    plan.told.keys().filter_map(|code| plan.stop(code)).all(|(was, stop)| {
        result.runs.iter().any(|run| run.crew == was.crew && run.stops.iter().any(|one| one.code == stop.code))
    })
}

fn round_of(plan: &Plan, round: u32) -> std::result::Result<(), Refusal> {
    match plan.state {
        State::Computing if plan.round == round => Ok(()),
        _ => Err(Refusal::Overtaken),
    }
}

fn locking(plan: &Plan, which: Locking) -> std::result::Result<Vec<Code>, Refusal> {
    if !matches!(plan.state, State::Ready | State::Approved) {
        return Err(Refusal::State(plan.state));
    }
    match which {
        Locking::Run(id) => {
            let run = plan.run(&id).ok_or(Refusal::Run)?;
            Ok(run.stops.iter().map(|stop| stop.code.clone()).collect())
        }
        Locking::Stops(codes) => {
            let known = plan.result.iter().flat_map(|result| &result.runs).flat_map(|run| &run.stops);
            let known: BTreeSet<&Code> = known.map(|stop| &stop.code).collect();
            if codes.iter().all(|code| known.contains(code)) { Ok(codes) } else { Err(Refusal::Stop) }
        }
    }
}
