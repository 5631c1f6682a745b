//! What is asked of siting, checked.

/// Cells of the matrix of costs at most (8 bytes each, kept three times while it is solved).
pub const CELLS_MAX: usize = 20_000_000;

/// Sums of weight times cost stay where a float still counts in steps of 1/1000.
const SUM_MAX: f64 = 1e12;

/// What is minimised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The sum of weight × cost.
    PMedian,
    /// The cost of the demand that is worst off, of those that have a weight; how much weight does not matter.
    PCenter,
    /// The weight that is farther than `cover` from every site.
    MaxCover {
        /// The largest cost at which a demand is covered, in the unit of the costs.
        cover: f64,
    },
}

/// What is asked, not checked yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// One a demand: how much it counts, and how much room it takes. Finite, not negative.
    pub weights: Vec<f64>,
    /// Candidates there are.
    pub candidates: usize,
    /// Demand by demand, the cost of each candidate; infinite where it cannot serve. Any unit; not negative.
    pub costs: Vec<f64>,
    /// Sites to open, those fixed included.
    pub p: usize,
    /// What is minimised.
    pub objective: Objective,
    /// One a candidate: the weight that it can serve. A demand is served whole, by one site.
    pub capacities: Option<Vec<f64>>,
    /// Candidates that are open whatever comes.
    pub fixed: Vec<usize>,
}

/// A problem that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem(Terms);

/// Why a problem makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Fault {
    /// Which field, row or cell, as `costs[3][5]`.
    pub place: String,
    /// Why.
    pub reason: String,
}

impl Fault {
    fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

impl Problem {
    /// Checks every number. Errors: the first that makes no sense, by its place.
    pub fn checked(terms: Terms) -> Result<Self, Fault> {
        check_shape(&terms)?;
        check_numbers(&terms)?;
        check_fixed(&terms)?;
        Ok(Self(terms))
    }

    /// Demands there are.
    pub fn demands(&self) -> usize {
        self.0.weights.len()
    }

    /// Candidates there are.
    pub fn candidates(&self) -> usize {
        self.0.candidates
    }

    /// Sites to open.
    pub fn p(&self) -> usize {
        self.0.p
    }

    /// All of it.
    pub fn terms(&self) -> &Terms {
        &self.0
    }

    /// What `candidate` costs `demand`; infinite where it cannot serve.
    pub fn cost(&self, demand: usize, candidate: usize) -> f64 {
        self.0.costs[demand * self.0.candidates + candidate]
    }
}

fn check_shape(terms: &Terms) -> Result<(), Fault> {
    let (demands, candidates) = (terms.weights.len(), terms.candidates);
    if demands == 0 {
        return Err(Fault::new("weights", "there is no demand"));
    }
    if candidates == 0 {
        return Err(Fault::new("costs", "there is no candidate"));
    }
    match demands.checked_mul(candidates) {
        Some(cells) if cells <= CELLS_MAX => {}
        _ => {
            let reason = format!("{demands} demands × {candidates} candidates are more than {CELLS_MAX} cells");
            return Err(Fault::new("costs", reason));
        }
    }
    if terms.costs.len() != demands * candidates {
        let reason = format!("{} cells for {demands} weights × {candidates} candidates", terms.costs.len());
        return Err(Fault::new("costs", reason));
    }
    if terms.p == 0 {
        return Err(Fault::new("p", "no site is asked for"));
    }
    if terms.p > candidates {
        return Err(Fault::new("p", format!("{} sites of {candidates} candidates", terms.p)));
    }
    match &terms.capacities {
        Some(capacities) if capacities.len() != candidates => {
            Err(Fault::new("capacities", format!("{} for {candidates} candidates", capacities.len())))
        }
        _ => Ok(()),
    }
}

/// Why a number is none that can be counted with.
fn odd(number: f64) -> Option<String> {
    if number.is_nan() {
        Some("not a number".to_owned())
    } else if number < 0.0 {
        Some(format!("negative ({number})"))
    } else {
        None
    }
}

fn check_numbers(terms: &Terms) -> Result<(), Fault> {
    for (at, &weight) in terms.weights.iter().enumerate() {
        let place = || format!("weights[{at}]");
        if let Some(reason) = odd(weight) {
            return Err(Fault::new(place(), reason));
        }
        if weight.is_infinite() {
            return Err(Fault::new(place(), "infinite"));
        }
    }
    for (at, &cost) in terms.costs.iter().enumerate() {
        if let Some(reason) = odd(cost) {
            let (demand, candidate) = (at / terms.candidates, at % terms.candidates);
            return Err(Fault::new(format!("costs[{demand}][{candidate}]"), reason));
        }
    }
    for (at, &capacity) in terms.capacities.iter().flatten().enumerate() {
        if let Some(reason) = odd(capacity) {
            return Err(Fault::new(format!("capacities[{at}]"), reason));
        }
    }
    if let Objective::MaxCover { cover } = terms.objective
        && let Some(reason) = odd(cover)
    {
        return Err(Fault::new("cover", reason));
    }
    let farthest = terms.costs.iter().copied().filter(|cost| cost.is_finite()).fold(0.0, f64::max);
    let weight: f64 = terms.weights.iter().sum();
    if farthest > SUM_MAX || weight > SUM_MAX || farthest * weight > SUM_MAX {
        let reason = format!("the sum of weights ({weight}) times the largest cost ({farthest}) is over {SUM_MAX}");
        return Err(Fault::new("costs", reason));
    }
    Ok(())
}

fn check_fixed(terms: &Terms) -> Result<(), Fault> {
    if terms.fixed.len() > terms.p {
        return Err(Fault::new("fixed", format!("{} fixed sites, p is {}", terms.fixed.len(), terms.p)));
    }
    let mut seen = vec![false; terms.candidates];
    for (at, &site) in terms.fixed.iter().enumerate() {
        let place = format!("fixed[{at}]");
        match seen.get_mut(site) {
            None => {
                let reason = format!("candidate {site} of {}, counted from 0", terms.candidates);
                return Err(Fault::new(place, reason));
            }
            Some(true) => return Err(Fault::new(place, format!("candidate {site} is there twice"))),
            Some(fresh) => *fresh = true,
        }
    }
    Ok(())
}
