use proptest::prelude::*;

use super::{
    super::{event::IdempotencyKey, moment::Clock},
    *,
};
use crate::domain::outcome::OutcomeKind;

const ID: PlanId = StreamId(7);

fn order() -> Order {
    serde_json::from_str(
        r#"{"name":"Acqua","people":{"filter":"fragile"},"depots":[{"id":"a","at":[13.1,41.7]}],
            "crews":[{"id":"1","shift":["08:00","14:00"],"capacity":50}],"seed":1}"#,
    )
    .unwrap()
}

fn stop(code: &str) -> Stop {
    Stop {
        code: code.into(),
        n: 1,
        at: [13.1, 41.7],
        door: "VIA ROMA 1".into(),
        kit: None,
        units: 1,
        source: None,
        members: 2,
        window: None,
        eta: Clock::default(),
        leave: Clock::default(),
        needs: vec![],
        notes: "".into(),
        from_road_m: 0,
        locked: false,
        outcome: None,
    }
}

fn work(codes: &[&str], unserved: &[&str]) -> Box<Work> {
    let run = Run {
        id: "1".into(),
        crew: "1".into(),
        title: "1".into(),
        depot: "a".into(),
        start: [13.1, 41.7],
        end: None,
        depart: Clock::default(),
        arrive: Clock::default(),
        duration_s: 0,
        distance_m: 0,
        load: 1,
        trips: 1,
        line: Line::LineString { coordinates: vec![] },
        stops: codes.iter().map(|code| stop(code)).collect(),
        rests: vec![],
    };
    let out = |code: &&str| Unserved {
        code: (*code).into(),
        at: None,
        door: "".into(),
        class: 0,
        reason: Reason::new("no_place", "?", "?"),
        relaxation: None,
    };
    let target = |(code, household): (&&str, u64)| Target {
        code: (*code).into(),
        household,
        at: None,
        door: "".into(),
        street: None,
        class: 0,
        need: 0.0,
        members: 1,
        skills: BTreeSet::new(),
        notes: "".into(),
        given: None,
        refused: None,
        remedy: None,
    };
    let result = Result { runs: vec![run], unserved: unserved.iter().map(out).collect(), ..Result::default() };
    let targets = codes.iter().chain(unserved).zip(100..).map(target).collect();
    Box::new(Work { result, targets })
}

fn outcome(kind: OutcomeKind) -> Outcome {
    Outcome { kind, units: None, at: Timestamp::UNIX_EPOCH, by: "squadra".into(), note: "".into() }
}

/// The keys of what is told one after another.
fn key(n: usize) -> IdempotencyKey {
    format!("k{n:04}").parse().unwrap()
}

/// Decides, and applies what was decided.
fn obey(plan: &mut Option<Plan>, command: Command) -> std::result::Result<(), Refusal> {
    let event = decide(plan.as_ref(), command)?;
    let told = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&told).unwrap(), event, "an event is read back as it was");
    let count = plan.as_ref().map_or(0, |plan| plan.told.values().map(Story::len).sum());
    *plan = apply(ID, plan.take(), event, Kept { key: &key(count), at: Timestamp::UNIX_EPOCH, by: "chi" });
    Ok(())
}

fn ordered() -> Option<Plan> {
    let mut plan = None;
    obey(&mut plan, Command::Order { order: Box::new(order()), role: "coordinator".into(), after: None }).unwrap();
    plan
}

fn state(plan: Option<&Plan>) -> State {
    plan.unwrap().state
}

#[test]
fn a_plan_goes_from_its_order_to_its_end() {
    let mut plan = ordered();
    assert_eq!(state(plan.as_ref()), State::Computing);
    assert_eq!(obey(&mut plan, Command::Approve), Err(Refusal::State(State::Computing)));
    obey(&mut plan, Command::Finish { round: 1, work: work(&["A", "B"], &["C"]) }).unwrap();
    assert_eq!(obey(&mut plan, Command::Finish { round: 1, work: work(&[], &[]) }), Err(Refusal::Overtaken));
    obey(&mut plan, Command::Lock(Locking::Run("1".into()))).unwrap();
    obey(&mut plan, Command::Unlock(Locking::Stops(vec!["B".into()]))).unwrap();
    assert_eq!(obey(&mut plan, Command::Lock(Locking::Stops(vec!["Z".into()]))), Err(Refusal::Stop));
    let locked = |plan: &Option<Plan>| -> Vec<bool> {
        plan.as_ref().unwrap().result.as_ref().unwrap().runs[0].stops.iter().map(|stop| stop.locked).collect()
    };
    assert_eq!(locked(&plan), [true, false]);
    obey(&mut plan, Command::Approve).unwrap();
    let deliver = |code: &str, kind| Command::Deliver { code: code.into(), outcome: outcome(kind) };
    assert_eq!(obey(&mut plan, deliver("C", OutcomeKind::Absent)), Err(Refusal::Stop), "nobody goes there");
    obey(&mut plan, deliver("A", OutcomeKind::Absent)).unwrap();
    assert_eq!(state(plan.as_ref()), State::Approved);
    obey(&mut plan, deliver("B", OutcomeKind::Delivered)).unwrap();
    assert_eq!(state(plan.as_ref()), State::Closed);
    assert_eq!(plan.as_ref().unwrap().left(), [100, 102], "who was absent and who was left out");
    obey(&mut plan, deliver("A", OutcomeKind::Delivered)).unwrap();
    assert_eq!(plan.as_ref().unwrap().left(), [102], "the last word counts, and both are kept");
    assert_eq!(plan.as_ref().unwrap().told["A"].len(), 2);
}

#[test]
fn planned_again_it_keeps_what_was_told_and_falls_back_to_what_held() {
    let mut plan = ordered();
    obey(&mut plan, Command::Finish { round: 1, work: work(&["A", "B"], &[]) }).unwrap();
    obey(&mut plan, Command::Approve).unwrap();
    let deliver = Command::Deliver { code: "A".into(), outcome: outcome(OutcomeKind::Delivered) };
    obey(&mut plan, deliver).unwrap();
    let again = || Command::Replan { scenario: Some(Some(StreamId(3))), effort_seconds: None, seed: Some(9) };
    for end in [Command::Cancel, Command::Fail { round: 3, reason: "no roads".into() }] {
        obey(&mut plan, again()).unwrap();
        assert_eq!(state(plan.as_ref()), State::Computing);
        assert_eq!(plan.as_ref().unwrap().order.scenario, Some(StreamId(3)));
        obey(&mut plan, end).unwrap();
        assert_eq!(state(plan.as_ref()), State::Approved, "what held before holds again");
    }
    assert_eq!(plan.as_ref().unwrap().reason.as_deref(), Some("no roads"));
    obey(&mut plan, again()).unwrap();
    assert_eq!(obey(&mut plan, Command::Finish { round: 1, work: work(&[], &[]) }), Err(Refusal::Overtaken));
    obey(&mut plan, Command::Finish { round: 4, work: work(&["B", "A"], &[]) }).unwrap();
    let (_, stop) = plan.as_ref().unwrap().stop("A").unwrap();
    assert_eq!(stop.outcome.as_ref().unwrap().kind, OutcomeKind::Delivered);
    assert_eq!((plan.as_ref().unwrap().version, state(plan.as_ref())), (2, State::Ready));
}

#[test]
fn a_computation_that_would_move_what_is_done_does_not_count() {
    let mut plan = ordered();
    obey(&mut plan, Command::Finish { round: 1, work: work(&["A", "B"], &[]) }).unwrap();
    obey(&mut plan, Command::Replan { scenario: None, effort_seconds: None, seed: None }).unwrap();
    // Told after the computation began: it knows nothing of it.
    let deliver = Command::Deliver { code: "A".into(), outcome: outcome(OutcomeKind::Delivered) };
    obey(&mut plan, deliver).unwrap();
    let lost = Command::Finish { round: 2, work: work(&["B"], &["A"]) };
    assert_eq!(obey(&mut plan, lost), Err(Refusal::Overtaken));
    let mut moved = work(&["A", "B"], &[]);
    moved.result.runs[0].crew = "2".into();
    assert_eq!(obey(&mut plan, Command::Finish { round: 2, work: moved }), Err(Refusal::Overtaken));
    obey(&mut plan, Command::Finish { round: 2, work: work(&["A"], &["B"]) }).unwrap();
    assert_eq!(state(plan.as_ref()), State::Ready);
}

#[test]
fn who_was_there_tells_it_though_the_stop_has_left_the_run() {
    let mut plan = ordered();
    obey(&mut plan, Command::Finish { round: 1, work: work(&["A", "B"], &[]) }).unwrap();
    obey(&mut plan, Command::Replan { scenario: None, effort_seconds: None, seed: None }).unwrap();
    obey(&mut plan, Command::Finish { round: 2, work: work(&["A"], &["B"]) }).unwrap();
    let left = |plan: &Option<Plan>| plan.as_ref().unwrap().left().len();
    assert_eq!(left(&plan), 1, "B was cut off");
    let deliver = |code: &str, kind| Command::Deliver { code: code.into(), outcome: outcome(kind) };
    assert_eq!(obey(&mut plan, deliver("Z", OutcomeKind::Delivered)), Err(Refusal::Stop));
    assert!(plan.as_ref().unwrap().was_shown("B", "1") && !plan.as_ref().unwrap().was_shown("B", "2"));
    obey(&mut plan, deliver("B", OutcomeKind::Delivered)).unwrap();
    assert_eq!(left(&plan), 0, "and yet somebody was there");
}

#[test]
fn a_unit_is_in_one_plan_only() {
    let mut order = order();
    order.stock = serde_json::from_str(r#"[{"kit":"K","units":9},{"kit":"L","units":5}]"#).unwrap();
    let mut plan = None;
    obey(&mut plan, Command::Order { order: Box::new(order), role: "coordinator".into(), after: None }).unwrap();
    let mut work = work(&["A", "B", "C"], &["D", "E"]);
    let lot = |kit: &str, units, left| StockLeft { kit: kit.into(), depot: None, lot: None, units, left };
    work.result.stock = vec![lot("K", 9, 1), lot("L", 5, 5)];
    // D was given its units and no crew could bring them; nothing was left for E.
    for target in &mut work.targets[..4] {
        target.given = Some(Given { kit: Some("K".into()), units: 2, depot: None, why: None });
    }
    obey(&mut plan, Command::Finish { round: 1, work }).unwrap();
    let units = |plan: &Option<Plan>| -> Vec<u32> {
        plan.as_ref().unwrap().stock_left().iter().map(|stock| stock.units).collect()
    };
    assert_eq!(units(&plan), [3, 5], "what was left, and what D waits for");
    let deliver = |code: &str, kind, units| {
        let outcome = Outcome { units, ..outcome(kind) };
        Command::Deliver { code: code.into(), outcome }
    };
    obey(&mut plan, deliver("A", OutcomeKind::Delivered, None)).unwrap();
    obey(&mut plan, deliver("B", OutcomeKind::Partial, Some(1))).unwrap();
    obey(&mut plan, deliver("C", OutcomeKind::Absent, None)).unwrap();
    assert_eq!(units(&plan), [6, 5], "one of B's and both of C's came back");
}

#[test]
fn what_stays_inside_is_not_told() {
    let mut plan = ordered();
    obey(&mut plan, Command::Finish { round: 1, work: work(&["A"], &[]) }).unwrap();
    let told = serde_json::to_value(plan.unwrap()).unwrap();
    for inside in ["targets", "told", "locked", "role", "round", "household"] {
        assert!(told.get(inside).is_none() && !told["result"].to_string().contains("\"household\""), "{inside}");
    }
    assert_eq!(told["id"], "0000000000000007");
    assert_eq!(told["result"]["runs"][0]["line"]["type"], "LineString");
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (1..4_u32).prop_map(|round| Event::Computed { round, work: work(&["A", "B"], &["C"]) }),
        (1..4_u32).prop_map(|round| Event::Failed { round, reason: "?".into() }),
        Just(Event::Cancelled),
        Just(Event::Reordered { scenario: None, effort_seconds: 1.0, seed: 1 }),
        (0..4_u32).prop_map(|version| Event::Moved { version, result: Box::new(work(&["B", "A"], &["C"]).result) }),
        any::<bool>().prop_map(|locked| Event::Locked { codes: vec!["A".into()], locked }),
        (0..4_u32).prop_map(|version| Event::Approved { version }),
        (0..3_usize).prop_map(|at| Event::Delivered {
            code: ["A", "B", "C"][at].into(),
            outcome: outcome(OutcomeKind::ALL[at]),
        }),
    ]
}

proptest! {
    /// Telephones that come back in any order, and tell some of it twice, make the same plan.
    #[test]
    fn deeds_told_in_any_order_make_the_same_plan(
        deeds in prop::collection::vec((0..2_usize, 0..OutcomeKind::ALL.len(), 0..4_i64), 1..12),
        shuffled in any::<prop::sample::Index>(),
        seed in any::<u64>(),
    ) {
        let mut ready = ordered();
        obey(&mut ready, Command::Finish { round: 1, work: work(&["A", "B"], &[]) }).unwrap();
        obey(&mut ready, Command::Approve).unwrap();
        let told = |order: &[usize]| {
            order.iter().fold(ready.clone(), |plan, &n| {
                let (stop, kind, at) = deeds[n];
                let at = Timestamp::from_second(at).unwrap();
                let outcome = Outcome { at, ..outcome(OutcomeKind::ALL[kind]) };
                let event = Event::Delivered { code: ["A", "B"][stop].into(), outcome };
                apply(ID, plan, event, Kept { key: &key(n), at: Timestamp::UNIX_EPOCH, by: "chi" })
            })
        };
        let plain: Vec<usize> = (0..deeds.len()).collect();
        let mut other = plain.clone();
        other.sort_by_key(|n| (*n as u64 + 1).wrapping_mul(seed | 1));
        other.push(shuffled.index(deeds.len()));
        let (one, two) = (told(&plain).unwrap(), told(&other).unwrap());
        prop_assert_eq!(&one, &two);
        for (stop, code) in ["A", "B"].iter().enumerate() {
            let last = deeds.iter().enumerate().filter(|(_, deed)| deed.0 == stop).max_by_key(|(n, deed)| (deed.2, *n));
            let kind = last.map(|(_, deed)| OutcomeKind::ALL[deed.1]);
            prop_assert_eq!(one.outcome(code).map(|outcome| outcome.kind), kind);
        }
    }

    /// Whatever was written by whichever node: nothing told is lost, and a plan that is ready has runs.
    #[test]
    fn any_events_make_a_plan_that_makes_sense(events in prop::collection::vec(event(), 0..30)) {
        let mut plan = ordered();
        let mut told = 0;
        for event in events {
            told += usize::from(matches!(event, Event::Delivered { .. }));
            let before = plan.as_ref().unwrap().version;
            plan = apply(ID, plan, event, Kept { key: &key(told), at: Timestamp::UNIX_EPOCH, by: "chi" });
            let plan = plan.as_ref().unwrap();
            prop_assert_eq!(plan.told.values().map(Story::len).sum::<usize>(), told);
            prop_assert!(plan.version == before || plan.version == before + 1);
            let worked_out = matches!(plan.state, State::Ready | State::Approved | State::Closed);
            prop_assert!(!worked_out || plan.result.is_some());
            prop_assert!(plan.state != State::Closed || plan.is_done());
            for stop in plan.result.iter().flat_map(|result| &result.runs).flat_map(|run| &run.stops) {
                prop_assert_eq!(stop.outcome.as_ref(), plan.outcome(&stop.code));
                prop_assert_eq!(stop.locked, plan.locked.contains(&stop.code));
            }
        }
    }
}
