//! Readers of benchmark instances: Solomon's and Gehring and Homberger's text, CVRPLIB's.
//!
//! The best known costs beside Solomon's and Gehring and Homberger's are of double precision: here a thousandth is the unit.
//! Solomon's have a key for the least total distance, which is what is compared; the others have only the one of the
//! fewest vehicles, then distance, so their fleet is as small as that. X by CVRPLIB's rule: distances rounded to whole numbers.
//! Gehring and Homberger's thousand by DIMACS's: truncated to one decimal, the least total distance.

use std::{collections::BTreeMap, fs, path::Path};

use atlante::logistics::problem::{Amount, Draft, Job, Limits, Matrix, Problem, Vehicle, Window};

/// Units of ours in one of Solomon's.
const UNIT: f64 = 1000.0;

/// Units of ours in one of DIMACS's.
const TENTH: f64 = 10.0;

/// A problem with the best cost that anybody has found.
pub struct Instance {
    pub problem: Problem,
    /// The best known cost, by the same rule.
    pub best: f64,
    /// Our units of cost that make one of theirs.
    pub scale: f64,
    /// How many vehicles it is cut to.
    pub fleet: Option<u64>,
}

/// An instance by its name, of the folder of instances.
pub fn read(folder: &Path, name: &str) -> Option<Instance> {
    let text = |path: &str| fs::read_to_string(folder.join(path)).ok();
    let solved = |inner: &str| {
        let solution = text(&format!("{inner}/{name}.sol"))?;
        let best = solution.lines().find_map(|line| line.strip_prefix("Cost ")?.trim().parse().ok())?;
        Some((text(&format!("{inner}/{name}.vrp"))?, best))
    };
    if let Some((file, best)) = solved("cvrp") {
        return Some(Instance { problem: cvrp(&file)?, best, scale: 1.0, fleet: None });
    }
    if let Some((file, best)) = solved("vrptw_gh1000") {
        return Some(Instance { problem: dimacs(&file)?, best, scale: TENTH, fleet: None });
    }
    let file = text(&format!("solomon/{name}.txt")).or_else(|| text(&format!("gh200/{name}.txt")))?;
    let known: serde_json::Value = serde_json::from_str(&text("vroom-scripts_VRPTW_BKS.json")?).ok()?;
    let distance = &known[format!("{name}_distance")];
    let (best, fleet) = match distance["best_known_cost"].as_f64() {
        Some(best) => (best, None),
        None => (known[name]["best_known_cost"].as_f64()?, known[name]["solved_with_vehicles"].as_u64()),
    };
    Some(Instance { problem: vrptw(&file, fleet)?, best, scale: UNIT, fleet })
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

/// What VRPLIB's text says before its sections, by name.
fn header(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

/// The rows of a section of VRPLIB's text, without their number.
fn section(text: &str, name: &str) -> Vec<Vec<f64>> {
    let lines = text.lines().skip_while(|line| !line.starts_with(name)).skip(1);
    lines.map(numbers).take_while(|row| row.len() > 1).map(|row| row[1..].to_vec()).collect()
}

fn coordinates(text: &str) -> Vec<(f64, f64)> {
    section(text, "NODE_COORD_SECTION").iter().map(|row| (row[0], row[1])).collect()
}

fn cvrp(text: &str) -> Option<Problem> {
    let places = coordinates(text);
    let demands: Vec<u32> = section(text, "DEMAND_SECTION").iter().map(|row| row[0] as u32).collect();
    let capacity = header(text, "CAPACITY")? as u32;
    let jobs: Vec<Job> = (1..places.len())
        .map(|at| Job { id: at as u64, location: at, delivery: Amount(vec![demands[at]]), ..Job::default() })
        .collect();
    let least = demands.iter().sum::<u32>().div_ceil(capacity);
    let vehicles = (1..=u64::from(least) + 20).map(|id| depot_vehicle(id, capacity));
    problem(jobs, vehicles.collect(), &places, f64::round)
}

fn dimacs(text: &str) -> Option<Problem> {
    let (demands, windows) = (section(text, "DEMAND_SECTION"), section(text, "TIME_WINDOW_SECTION"));
    let window = |at: usize| Window { from_s: (windows[at][0] * TENTH) as i64, to_s: (windows[at][1] * TENTH) as i64 };
    let (capacity, service) = (header(text, "CAPACITY")? as u32, header(text, "SERVICE_TIME")?);
    let jobs = (1..demands.len()).map(|at| Job {
        id: at as u64,
        location: at,
        service_s: (service * TENTH) as u32,
        delivery: Amount(vec![demands[at][0] as u32]),
        windows: vec![window(at)],
        ..Job::default()
    });
    let vehicle = |id: u64| Vehicle { window: Some(window(0)), ..depot_vehicle(id, capacity) };
    let fleet = header(text, "VEHICLES")? as u64;
    problem(jobs.collect(), (1..=fleet).map(vehicle).collect(), &coordinates(text), |cell| (cell * TENTH).floor())
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
