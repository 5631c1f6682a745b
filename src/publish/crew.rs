//! A crew's own run as JSON, for the page on its telephone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::access::{
    Disclosed,
    sheet::{Clock, Run, Sheet, Stop},
};

#[derive(Serialize)]
struct Document<'a> {
    plan: Plan<'a>,
    run: RunForm<'a>,
    expires: String,
}

#[derive(Serialize)]
struct Plan<'a> {
    id: &'a str,
    name: &'a str,
    version: u64,
    day: Option<String>,
}

#[derive(Serialize)]
struct RunForm<'a> {
    id: &'a str,
    number: u32,
    crew: &'a str,
    depot: Option<&'a str>,
    start: Option<[f64; 2]>,
    depart: Option<String>,
    arrive: Option<String>,
    duration_s: u32,
    distance_m: u32,
    trips: u32,
    load: Vec<Load<'a>>,
    stops: Vec<StopForm<'a>>,
}

#[derive(Serialize)]
struct Load<'a> {
    kit: &'a str,
    units: u32,
}

#[derive(Serialize)]
struct StopForm<'a> {
    code: &'a str,
    n: u32,
    at: [f64; 2],
    door: &'a str,
    kit: &'a str,
    units: u32,
    members: Option<u32>,
    window: Option<[String; 2]>,
    eta: Option<String>,
    needs: &'a [Box<str>],
    notes: &'a str,
    walk_m: Option<u32>,
    outcome: Option<ToldForm<'a>>,
}

#[derive(Serialize)]
struct ToldForm<'a> {
    kind: &'static str,
    units: Option<u32>,
    note: &'a str,
    at: Option<String>,
}

/// The one run of a crew's sheet, and until when its link is good; none where the sheet has no run.
pub fn write(sheet: &Disclosed<Sheet>, expires: Timestamp) -> Option<Vec<u8>> {
    let run = sheet.runs.first()?;
    let head = &sheet.head;
    let document = Document {
        plan: Plan {
            id: &head.plan,
            name: &head.name,
            version: head.version,
            day: head.day.map(|day| day.to_string()),
        },
        run: form(run),
        expires: expires.to_string(),
    };
    Some(super::json(&document))
}

fn form(run: &Run) -> RunForm<'_> {
    let mut load: BTreeMap<&str, u32> = BTreeMap::new();
    for stop in &run.stops {
        *load.entry(&stop.kit).or_default() += stop.units;
    }
    RunForm {
        id: &run.id,
        number: run.number,
        crew: &run.crew,
        depot: run.depot.as_deref(),
        start: run.start.map(|at| [at.lon(), at.lat()]),
        depart: clock(run.depart),
        arrive: clock(run.arrive),
        duration_s: run.duration_s,
        distance_m: run.distance_m,
        trips: run.trips,
        load: load.into_iter().map(|(kit, units)| Load { kit, units }).collect(),
        stops: run.stops.iter().map(stop).collect(),
    }
}

fn stop(stop: &Stop) -> StopForm<'_> {
    StopForm {
        code: &stop.code,
        n: stop.number,
        at: [stop.at.lon(), stop.at.lat()],
        door: &stop.door,
        kit: &stop.kit,
        units: stop.units,
        members: stop.members,
        window: stop.window.map(|(from, until)| [from.to_string(), until.to_string()]),
        eta: clock(stop.eta),
        needs: &stop.needs,
        notes: &stop.notes,
        walk_m: stop.walk_m,
        outcome: stop.outcome.as_ref().map(|told| ToldForm {
            kind: told.outcome.key(),
            units: told.units,
            note: &told.note,
            at: told.at.map(|at| at.to_string()),
        }),
    }
}

fn clock(at: Option<Clock>) -> Option<String> {
    at.map(|at| at.to_string())
}
