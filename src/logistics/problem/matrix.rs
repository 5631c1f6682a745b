//! Times and distances between places.

use super::Fault;

/// A cell of a matrix: there is no way.
pub const UNREACHABLE: u32 = u32::MAX;

/// The greatest cell that means a time or a distance: sums of a day's run stay far from overflow.
const GREATEST: u32 = 100_000_000;

/// Times, distances and costs between places, row major, from × to.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    size: usize,
    durations_s: Vec<u32>,
    distances_m: Vec<u32>,
    costs: Vec<u32>,
}

impl Matrix {
    /// A matrix of `size` × `size` cells; distances may be empty (all 0). [`UNREACHABLE`] where there is no way.
    /// Errors: not square, cells too great.
    pub fn new(size: usize, durations_s: Vec<u32>, distances_m: Vec<u32>) -> Result<Self, Fault> {
        let cells = size.saturating_mul(size);
        for (place, table) in [("durations", &durations_s), ("distances", &distances_m)] {
            if table.len() != cells && !(place == "distances" && table.is_empty()) {
                return Err(Fault::new(place, format!("{} cells, {size} × {size} expected", table.len())));
            }
            if let Some(at) = table.iter().position(|cell| *cell > GREATEST && *cell != UNREACHABLE) {
                let (row, column) = (at / size, at % size);
                return Err(Fault::new(format!("{place}[{row}][{column}]"), format!("more than {GREATEST}")));
            }
        }
        Ok(Self { size, durations_s, distances_m, costs: Vec::new() })
    }

    /// The same with costs of its own instead of times.
    pub fn with_costs(self, costs: Vec<u32>) -> Result<Self, Fault> {
        let checked = Self::new(self.size, costs, Vec::new())
            .map_err(|fault| Fault::new(fault.place.replace("durations", "costs"), fault.reason))?;
        Ok(Self { costs: checked.durations_s, ..self })
    }

    /// Rows of numbers as they come from outside, rounded; infinity where there is no way. `name` is the place in faults.
    /// Errors: not square, not a number, negative, too great; the first of each row.
    pub fn cells(name: &str, rows: &[Vec<f64>]) -> Result<Vec<u32>, Vec<Fault>> {
        let size = rows.len();
        let mut cells = Vec::with_capacity(size.saturating_mul(size).min(1 << 28));
        let mut faults = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            if row.len() != size {
                faults.push(Fault::new(format!("{name}[{at}]"), format!("{} cells, {size} expected", row.len())));
                continue;
            }
            for (column, cell) in row.iter().enumerate() {
                if *cell == f64::INFINITY || cell.to_bits() == f64::from(UNREACHABLE).to_bits() {
                    cells.push(UNREACHABLE);
                } else if (0.0..=f64::from(GREATEST)).contains(cell) {
                    cells.push(cell.round() as u32);
                } else {
                    let place = format!("{name}[{at}][{column}]");
                    faults.push(Fault::new(place, format!("{cell} is not a number from 0 to {GREATEST}")));
                    break;
                }
            }
        }
        if faults.is_empty() { Ok(cells) } else { Err(faults) }
    }

    /// How many places.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// All times, row major.
    pub fn durations_s(&self) -> &[u32] {
        &self.durations_s
    }

    /// All distances, row major; empty where none are known.
    pub fn distances_m(&self) -> &[u32] {
        &self.distances_m
    }

    /// All costs, row major; empty where times and distances make them.
    pub fn costs(&self) -> &[u32] {
        &self.costs
    }

    /// The time from a place to another.
    pub fn duration_s(&self, from: usize, to: usize) -> Option<u32> {
        self.durations_s.get(from * self.size + to).copied().filter(|cell| *cell != UNREACHABLE)
    }

    /// The distance from a place to another; 0 where none are known.
    pub fn distance_m(&self, from: usize, to: usize) -> u32 {
        self.distances_m.get(from * self.size + to).copied().filter(|cell| *cell != UNREACHABLE).unwrap_or(0)
    }
}
