//! The policy table as it stands, the audit log under attack, tokens.

use std::sync::Arc;

use jiff::Timestamp;
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    actor::Capacity,
    audit::{self, Entry, Head},
    hexes::{Policy, Prepared},
    opened::Picked,
    policy::{Action, Verdict, verdict},
    token::{InvalidToken, Secret, TokenHash},
    *,
};
use crate::query::collection::{Collection, Households, People};
use crate::snapshot::{Cell, Row, Rows, invented, schema::Sensitivity};

/// A change of the policy shows here, in a table that a data protection officer can read.
#[test]
fn the_policy_is_this_table() {
    let mut table = String::new();
    for capacity in Capacity::all() {
        let words = Action::ALL.map(|action| match verdict(capacity, action) {
            Verdict::No => "-",
            Verdict::UpTo(Sensitivity::Public) => "yes",
            Verdict::UpTo(Sensitivity::Aggregate) => "areas",
            Verdict::UpTo(Sensitivity::Personal) => "personal",
            Verdict::UpTo(Sensitivity::Health) => "health",
        });
        let words = words.map(|word| format!("{word:9}")).concat();
        table.extend([format!("{:17}", capacity.key()).as_str(), words.trim_end(), "\n"]);
    }
    let expected = "\
public           yes      areas    -        -        -        -        -        -        -
viewer           yes      areas    areas    -        -        -        -        -        -
coordinator      yes      areas    areas    personal personal -        -        personal -
social           yes      areas    areas    personal -        -        -        -        -
health           yes      areas    areas    health   -        -        -        -        -
civil_protection yes      areas    areas    health   -        -        -        health   -
admin            yes      areas    -        -        -        yes      -        -        -
auditor          yes      areas    -        -        -        -        yes      -        -
crew             yes      areas    -        -        -        -        -        -        personal
local_operator   yes      areas    areas    health   personal yes      yes      health   -
";
    println!("{:17}{}", "", Action::ALL.map(Action::key).join(" "));
    assert_eq!(table, expected);
}

#[test]
fn roles_are_read_by_their_words_only() {
    for role in Role::ALL {
        assert_eq!(role.key().parse(), Ok(role));
    }
    assert!(
        "local_operator".parse::<Role>().is_err() && "Admin".parse::<Role>().is_err() && "".parse::<Role>().is_err()
    );
}

#[test]
fn what_is_disclosed_follows_the_grant() {
    let (snapshot, _) = invented::world(3, 2000, 5, 0.05);
    let snapshot = Arc::new(snapshot);
    let prepared = Prepared::new(&snapshot);
    let viewer = Actor::named("ufficio", Role::Viewer);
    let (public, event) = disclose::hexes(&grant::<PublicFigures>(&Actor::anonymous()).unwrap(), &prepared);
    assert!(public.policy() == Policy::Public && !event.is_kept());
    let (exact, event) = disclose::hexes(&grant::<ExactFigures>(&viewer).unwrap(), &prepared);
    assert!(exact.policy() == Policy::Exact && event.is_kept());
    let denied = grant::<HouseholdRecords>(&viewer).unwrap_err();
    assert!(denied.event("households").is_kept());
    assert_eq!(denied.to_string(), "the role viewer may not read_households");
    let columns = |role| {
        let grant = grant::<HouseholdRecords>(&Actor::named("x", role)).unwrap();
        let (households, _) = disclose::households(&grant, &snapshot, Rows::of_spans(&[snapshot.all()]));
        let row = households.rows().next().unwrap();
        let health = snapshot.schema().slot("health").unwrap();
        assert_eq!(households.value(health, row) == Cell::Absent, role == Role::Social);
        assert!(households.columns().all(|(_, p)| p.sensitivity != Sensitivity::Aggregate));
        households.columns().filter(|(_, p)| p.sensitivity == Sensitivity::Health).count()
    };
    assert_eq!((columns(Role::Social), columns(Role::Health)), (0, 7));
}

#[test]
fn people_leave_with_the_fields_that_the_grant_opens() {
    let households = Arc::new(Households::new(Arc::new(invented::world(3, 400, 5, 0.05).0)));
    let people = Arc::new(People::new(Arc::clone(&households)));
    for role in [Role::Coordinator, Role::Social, Role::Health, Role::CivilProtection] {
        let grant = grant::<HouseholdRecords>(&Actor::named("x", role)).unwrap();
        let sees_health = matches!(role, Role::Health | Role::CivilProtection);
        let (homes, _) = disclose::household_rows(&grant, &households, Picked::All);
        let (persons, event) = disclose::people_rows(&grant, &people, Picked::All);
        assert!(event.is_kept() && persons.len() == u64::from(people.len()));
        for (opened, health) in [(&homes, "health_needs"), (&persons, "health_needs"), (&persons, "life_support")] {
            assert_eq!(opened.fields().any(|field| *field.name == *health), sees_health, "{role:?}: {health}");
            assert!(opened.fields().any(|field| *field.name == *"needs"));
            assert!(sees_health || opened.fields().all(|field| field.sensitivity < Sensitivity::Health));
            assert_eq!(opened.values(Row(3)).len(), opened.fields().len());
        }
    }
    assert!(grant::<HouseholdRecords>(&Actor::named("x", Role::Viewer)).is_err());
}

fn log(count: u64) -> (Vec<Entry>, Head) {
    let mut head = Head::default();
    let entries = (0..count)
        .map(|at| {
            let actor = Actor::named(["anna", "bruno"][at as usize % 2], Role::ALL[at as usize % 8]);
            let event = match grant::<HouseholdRecords>(&actor) {
                Ok(grant) => grant.event("households", at * 7),
                Err(denied) => denied.event("households"),
            };
            let (entry, next) = audit::append(head, Timestamp::from_second(1_780_000_000 + at as i64).unwrap(), &event);
            head = next;
            entry
        })
        .collect();
    (entries, head)
}

#[test]
fn an_honest_log_is_whole() {
    for count in [0, 1, 50] {
        let (entries, head) = log(count);
        assert_eq!(audit::verify(&entries, head), Ok(()));
        assert_eq!(head.count, count);
        // Read in two parts, it ends in the same place.
        let (first, rest) = entries.split_at(entries.len() / 2);
        let read = audit::follow(first, Head::default()).and_then(|at| audit::follow(rest, at));
        assert_eq!(read.and_then(|at| audit::ends(at, head)), Ok(()));
    }
    let (entries, _) = log(1);
    assert_eq!(entries[0].at.as_ref(), "2026-05-28T20:26:40Z");
}

/// Flips, deletions, truncations, insertions, reorders and forks whose hashes were made anew: 10,000 of them.
#[test]
fn every_tampering_is_found() {
    let mut rng = ChaCha8Rng::seed_from_u64(20260630);
    let (honest, head) = log(40);
    for at in 0..10_000 {
        let mut entries = honest.clone();
        let one = rng.random_range(0..entries.len());
        match at % 7 {
            0 => flip(&mut entries[one], &mut rng),
            1 => drop(entries.remove(one)),
            2 => entries.truncate(one),
            3 => entries.insert(one, honest[rng.random_range(0..40)].clone()),
            4 => entries.shuffle(&mut rng),
            5 => {
                // A fork: one entry is rewritten and every hash after it made anew.
                let mut fork = Head { count: one as u64, hash: honest[one].prev };
                let event = grant::<OpenData>(&Actor::named("mallory", Role::Admin)).unwrap().event("x", at);
                for entry in &mut entries[one..] {
                    (*entry, fork) = audit::append(fork, Timestamp::UNIX_EPOCH, &event);
                }
            }
            _ => {
                let other = rng.random_range(0..entries.len());
                let (rows, actor) = (entries[other].rows, entries[other].actor.clone());
                entries[one].rows = rows.wrapping_add(1);
                entries[one].actor = actor;
            }
        }
        if entries != honest {
            assert!(audit::verify(&entries, head).is_err(), "tampering {at} was not found");
        }
    }
}

fn flip(entry: &mut Entry, rng: &mut ChaCha8Rng) {
    let bit = 1u8 << rng.random_range(0..8);
    match rng.random_range(0..7) {
        0 => entry.seq ^= u64::from(bit),
        1 => entry.rows ^= u64::from(bit),
        2 => entry.prev[rng.random_range(0..32)] ^= bit,
        3 => entry.hash[rng.random_range(0..32)] ^= bit,
        4 => entry.at = entry.at.replace('2', "3").into(),
        5 => entry.outcome = if &*entry.outcome == "allowed" { "denied" } else { "allowed" }.into(),
        _ => entry.action = format!("{}_", entry.action).into(),
    }
}

#[test]
fn fields_cannot_run_together() {
    let actor = |name| Actor::named(name, Role::Viewer);
    let event = |name, object| grant::<ExactFigures>(&actor(name)).unwrap().event(object, 1);
    let (a, _) = audit::append(Head::default(), Timestamp::UNIX_EPOCH, &event("ab", "c"));
    let (b, _) = audit::append(Head::default(), Timestamp::UNIX_EPOCH, &event("a", "bc"));
    assert_ne!(a.hash, b.hash);
}

#[test]
fn a_token_is_kept_as_a_hash() {
    let secret = Secret::of([7; 32]);
    assert_eq!(secret.reveal(), format!("atl_{}", "07".repeat(32)));
    assert_eq!(format!("{secret:?}"), "‹token›");
    let stored = TokenHash::from_bytes(*secret.hash().as_bytes());
    assert_eq!(Secret::parse(secret.reveal()).unwrap().hash(), stored);
    assert_ne!(Secret::of([8; 32]).hash(), stored);
    for wrong in ["", "atl_", "atl_07", &secret.reveal().replace('7', "g"), &secret.reveal().to_uppercase()] {
        assert_eq!(Secret::parse(wrong), Err(InvalidToken));
    }
}
