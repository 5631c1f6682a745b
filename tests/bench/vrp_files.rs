//! Readers of benchmark instances: Solomon's and Gehring and Homberger's text, CVRPLIB's.
//!
//! The best known costs beside Solomon's and Gehring and Homberger's are of double precision: here a thousandth is the unit.
//! Solomon's have a key for the least total distance, which is what is compared; the others have only the one of the
//! fewest vehicles, then distance, so their fleet is as small as that. X by CVRPLIB's rule: distances rounded to whole numbers.

use std::{collections::BTreeMap, fs, path::Path};

use atlante::logistics::problem::{Amount, Draft, Job, Limits, Matrix, Problem, Vehicle, Window};

/// Units of ours in one of Solomon's.
const UNIT: f64 = 1000.0;

/// A problem with the best cost that anybody has found.
pub struct Instance {
    pub problem: Problem,
    /// The best known cost, by the same rule.
    pub best: f64,
    /// Our units of cost that make one of theirs.
    pub scale: f64,
}

/// An instance by its name, of the folder of instances.
pub fn read(folder: &Path, name: &str) -> Option<Instance> {
    let text = |path: &str| fs::read_to_string(folder.join(path)).ok();
    if let Some(file) = text(&format!("cvrp/{name}.vrp")) {
        let solution = text(&format!("cvrp/{name}.sol"))?;
        let best = solution.lines().find_map(|line| line.strip_prefix("Cost ")?.trim().parse().ok())?;
        return Some(Instance { problem: cvrp(&file)?, best, scale: 1.0 });
    }
    let file = text(&format!("solomon/{name}.txt")).or_else(|| text(&format!("gh200/{name}.txt")))?;
    let known: serde_json::Value = serde_json::from_str(&text("vroom-scripts_VRPTW_BKS.json")?).ok()?;
    let distance = &known[format!("{name}_distance")];
    let (best, fleet) = match distance["best_known_cost"].as_f64() {
        Some(best) => (best, None),
        None => (known[name]["best_known_cost"].as_f64()?, known[name]["solved_with_vehicles"].as_u64()),
    };
    Some(Instance { problem: vrptw(&file, fleet)?, best, scale: UNIT })
}

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn vrptw(text: &str, most: Option<u64>) -> Option<Problem> {
    let rows: Vec<Vec<f64>> = text.lines().map(numbers).collect();
    let fleet = rows.iter().find(|row| row.len() == 2)?;
    let stops: Vec<&Vec<f64>> = rows.iter().filter(|row| row.len() == 7).collect();
    let places: Vec<(f64, f64)> = stops.iter().map(|row| (row[1], row[2])).collect();
    let window = |row: &[f64]| Window { from_s: (row[4] * UNIT) as i64, to_s: (row[5] * UNIT) as i64 };
    let jobs = stops[1..].iter().enumerate().map(|(at, row)| Job {
        id: at as u64 + 1,
        location: at + 1,
        service_s: (row[6] * UNIT) as u32,
        delivery: Amount(vec![row[3] as u32]),
        windows: vec![window(row)],
        ..Job::default()
    });
    let vehicle = |id: u64| Vehicle { window: Some(window(stops[0])), ..depot_vehicle(id, fleet[1] as u32) };
    let cell = |distance: f64| (distance * UNIT).round();
    problem(jobs.collect(), (1..=most.unwrap_or(fleet[0] as u64)).map(vehicle).collect(), &places, cell)
}

fn cvrp(text: &str) -> Option<Problem> {
    let header = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.rsplit(':').next()?.trim().parse::<f64>().ok()
    };
    let section = |name: &str| {
        let lines = text.lines().skip_while(|line| !line.starts_with(name)).skip(1);
        lines.map(numbers).take_while(|row| row.len() > 1).collect::<Vec<_>>()
    };
    let places: Vec<(f64, f64)> = section("NODE_COORD_SECTION").iter().map(|row| (row[1], row[2])).collect();
    let demands: Vec<u32> = section("DEMAND_SECTION").iter().map(|row| row[1] as u32).collect();
    let capacity = header("CAPACITY")? as u32;
    let jobs: Vec<Job> = (1..places.len())
        .map(|at| Job { id: at as u64, location: at, delivery: Amount(vec![demands[at]]), ..Job::default() })
        .collect();
    let least = demands.iter().sum::<u32>().div_ceil(capacity);
    let vehicles = (1..=u64::from(least) + 20).map(|id| depot_vehicle(id, capacity));
    problem(jobs, vehicles.collect(), &places, f64::round)
}

fn depot_vehicle(id: u64, capacity: u32) -> Vehicle {
    Vehicle { start: Some(0), end: Some(0), capacity: Some(Amount(vec![capacity])), ..Vehicle::new(id, "car") }
}

fn problem(
    jobs: Vec<Job>,
    vehicles: Vec<Vehicle>,
    places: &[(f64, f64)],
    cell: impl Fn(f64) -> f64,
) -> Option<Problem> {
    let distance = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
    let cells = places.iter().flat_map(|a| places.iter().map(|b| cell(distance(a, b)) as u32).collect::<Vec<_>>());
    let matrix = Matrix::new(places.len(), cells.collect(), Vec::new()).ok()?;
    let matrices = BTreeMap::from([("car".to_owned(), matrix)]);
    Problem::checked(Draft { jobs, vehicles, matrices, ..Draft::default() }, &Limits::default()).ok()
}
