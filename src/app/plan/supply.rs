//! Who is given what, and at which points it is set down.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use geo::{Centroid as _, InteriorPoint as _};

use super::{
    fleet, words,
    work::{Stopped, Ticket},
};
use crate::{
    app::{App, Error},
    casework::{
        order::{Depot, LonLat as Point, Order, Per, SiteObjective, Sites},
        plan::{Crowded, Given, Result as Found, Site, StockLeft, Target},
    },
    domain::feature::Value,
    logistics::{
        allocation::{self, Claim, Crew, Leg, Outcome, Stock},
        siting,
    },
    query::collection::Collection,
    roads::plane::Snapped,
    snapshot::Row,
};

/// The place of stock that lies wherever it is needed.
const ANYWHERE: &str = "";

/// Candidates of a layer at most.
const CANDIDATES_MAX: u32 = 2_000;

/// The points that an order may choose from.
pub(super) fn candidates(app: &App, sites: &Sites) -> Result<Vec<Depot>, Error> {
    let Some(name) = &sites.layer else { return Ok(sites.places.clone()) };
    let candidates = of_layer(app, name)?;
    if candidates.len() < sites.count {
        return Err(Error::invalid("sites.count", format!("the layer has {} candidates", candidates.len())));
    }
    Ok(candidates)
}

/// Every feature of a layer as a candidate: what `fixed` counts by.
pub(super) fn of_layer(app: &App, name: &str) -> Result<Vec<Depot>, Error> {
    let world = app.world()?;
    let layer = world.layer(name).ok_or_else(|| Error::invalid("sites.layer", "there is no such layer"))?;
    if layer.len() > CANDIDATES_MAX {
        let reason = format!("{} candidates; {CANDIDATES_MAX} are the most", layer.len());
        return Err(Error::invalid("sites.layer", reason));
    }
    let title = |row: Row| {
        let names = ["name", "nome", "denominazione", "NOME", "DENOMINAZIONE", "title", "titolo"];
        let named = names.iter().find_map(|name| match layer.value(layer.field(name)?, row) {
            Value::Text(text) => Some(text.to_string()),
            _ => None,
        });
        named.unwrap_or_else(|| format!("{name} {}", layer.id(row)))
    };
    let depot = |row: Row| {
        let shape = layer.geometry(row);
        let point = layer.point(row).map(|point| [point.lon(), point.lat()]);
        let inside = || shape.interior_point().or_else(|| shape.centroid()).map(|point| [point.x(), point.y()]);
        let at: Point = point.or_else(inside)?;
        Some(Depot { id: format!("{name}-{}", layer.id(row)).into(), title: title(row).into(), at })
    };
    Ok((0..layer.len()).map(Row).filter_map(depot).collect())
}

/// The ways from the depots of an order to the households that they reach.
pub(super) struct Ways<'w> {
    /// Whether a crew starts from each depot.
    staffed: Vec<bool>,
    /// Whether each depot lies on a road.
    on_road: &'w [Option<Snapped>],
    /// The households that are reached.
    able: &'w [usize],
    /// Minutes, by depot on a road, then by household of `able`.
    minutes: &'w [Vec<f64>],
}

impl<'w> Ways<'w> {
    /// The ways from depots, of which some lie on a road, to those who are reached; crews are where they were before.
    pub(super) fn new(
        order: &Order,
        on_road: &'w [Option<Snapped>],
        (able, minutes): (&'w [usize], &'w [Vec<f64>]),
        before: Option<&Found>,
    ) -> Self {
        let open: Vec<bool> = on_road.iter().map(Option::is_some).collect();
        Self { staffed: fleet::staffed(order, &open, before), on_road, able, minutes }
    }

    /// The ways to each household that is reached; what lies anywhere is as near as the nearest depot.
    fn legs(&self, depots: &[Depot]) -> BTreeMap<usize, Vec<Leg>> {
        let mut rows = self.minutes.iter();
        let rows: Vec<Option<&Vec<f64>>> = self.on_road.iter().map(|one| one.and_then(|_| rows.next())).collect();
        let leg = |depot: usize, column: usize| {
            let minutes = rows.get(depot).copied().flatten()?.get(column).copied().filter(|m| m.is_finite())?;
            let crew = if self.staffed.get(depot) == Some(&true) { Crew::There } else { Crew::None };
            Some(Leg { depot: depots[depot].id.to_string(), time_s: (minutes * 60.0).round() as u32, crew })
        };
        let legs = |(column, at): (usize, &usize)| {
            let mut legs: Vec<Leg> = (0..depots.len()).filter_map(|depot| leg(depot, column)).collect();
            let nearest = legs.iter().min_by_key(|leg| (leg.crew, leg.time_s));
            let anywhere = nearest.map(|leg| Leg { depot: ANYWHERE.to_owned(), ..leg.clone() });
            legs.extend(anywhere);
            (*at, legs)
        };
        self.able.iter().enumerate().map(legs).collect()
    }
}

/// Gives the stock of an order, or what is left of it, to those who come first among those who have nothing yet, each from
/// the depot that is nearest by road; where no stock is named, everybody gets a unit each. Answers what is left.
pub(super) fn allocate(
    order: &Order,
    ways: &Ways<'_>,
    targets: &mut [Target],
    left: Option<&[StockLeft]>,
) -> Result<Vec<StockLeft>, Stopped> {
    let units = |target: &Target| match order.kit_units.per {
        Per::Household => 1,
        Per::Member => target.members,
    };
    let able: Vec<usize> =
        (0..targets.len()).filter(|at| targets[*at].refused.is_none() && targets[*at].given.is_none()).collect();
    if order.stock.is_empty() {
        for at in able {
            targets[at].given = Some(Given { kit: None, units: units(&targets[at]), depot: None, why: None });
        }
        return Ok(Vec::new());
    }
    let stock = lots(order, &order.depots, left);
    let mut legs = ways.legs(&order.depots);
    let met: BTreeSet<&str> = order.stock.iter().flat_map(|stock| stock.needs.iter().map(|need| &**need)).collect();
    let mut claim = |at: usize| {
        let target = &targets[at];
        Claim {
            id: at as u64,
            class: target.class,
            need: target.need,
            tie: target.household,
            members: target.members,
            units: units(target),
            needs: target.skills.iter().filter(|skill| met.contains(&***skill)).map(ToString::to_string).collect(),
            depots: (!order.depots.is_empty()).then(|| legs.remove(&at).unwrap_or_default()),
        }
    };
    let claims: Vec<Claim> = able.into_iter().map(&mut claim).collect();
    let day = order.day.unwrap_or_else(|| jiff::Zoned::now().date());
    let allocation = allocation::allocate(&claims, &stock, day)
        .map_err(|fault| Stopped::Failed(format!("the stock cannot be allocated: {fault}")))?;
    settle(&allocation, (&claims, &stock), &order.depots, targets);
    let left = order.stock.iter().zip(&allocation.left).map(|(one, left)| StockLeft {
        kit: one.kit.clone(),
        depot: one.depot.clone(),
        lot: one.lot.clone(),
        units: one.units,
        left: *left,
    });
    Ok(left.collect())
}

/// The stock of an order as the allocation knows it; what lies at no depot of the plan lies wherever it is needed.
fn lots(order: &Order, depots: &[Depot], left: Option<&[StockLeft]>) -> Vec<Stock> {
    let known: BTreeSet<&str> = depots.iter().map(|depot| &*depot.id).collect();
    let depot_of = |stock: &crate::casework::order::Stock| match stock.depot.as_deref() {
        Some(depot) if known.contains(depot) => depot.to_owned(),
        _ => ANYWHERE.to_owned(),
    };
    order
        .stock
        .iter()
        .enumerate()
        .map(|(at, one)| Stock {
            kit: one.kit.to_string(),
            depot: depot_of(one),
            lot: one.lot.as_ref().map(ToString::to_string),
            expires: one.expires,
            units: left.and_then(|left| left.get(at)).map_or(one.units, |left| left.left),
            serves: one.members.map_or((0, u32::MAX), |[low, high]| (low, high)),
            meets: one.needs.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

/// Writes what was decided onto those of whom it was.
fn settle(
    allocation: &allocation::Allocation,
    (claims, stock): (&[Claim], &[Stock]),
    depots: &[Depot],
    targets: &mut [Target],
) {
    let titles: BTreeMap<&str, &str> = depots
        .iter()
        .map(|depot| (&*depot.id, if depot.title.is_empty() { &*depot.id } else { &*depot.title }))
        .collect();
    let mut missing = 0;
    for decision in &allocation.decisions {
        let target = &mut targets[decision.claim as usize];
        match &decision.outcome {
            Outcome::Not(reason) => {
                target.refused = Some(words::not_given(*reason));
                if *reason == allocation::Reason::Exhausted {
                    // What is added goes first to those who come before it.
                    missing += claims[decision.position].units;
                    target.remedy = Some(words::more_stock(missing));
                }
            }
            Outcome::Given { shares, .. } => {
                let kits: BTreeSet<&str> = shares.iter().map(|share| stock[share.stock].kit.as_str()).collect();
                let source = decision.source.as_ref().filter(|source| source.leg.depot != ANYWHERE);
                target.given = Some(Given {
                    kit: Some(kits.into_iter().collect::<Vec<_>>().join(" + ").into()),
                    units: shares.iter().map(|share| share.units).sum(),
                    depot: source.map(|source| source.leg.depot.as_str().into()),
                    why: source.filter(|_| depots.len() > 1).map(|source| words::source(source, &titles)),
                });
            }
        }
    }
}

/// What was chosen among the candidates.
#[derive(Default)]
pub(super) struct Chosen {
    pub(super) sites: Vec<Site>,
    pub(super) lower_bound: Option<f64>,
    pub(super) proved: bool,
    pub(super) crowded: Option<Crowded>,
}

impl Chosen {
    /// As it was.
    pub(super) fn of(found: &Found) -> Self {
        Self {
            sites: found.sites.clone(),
            lower_bound: found.lower_bound,
            proved: found.proved,
            crowded: found.crowded.clone(),
        }
    }
}

/// Chooses points for those who are given something. `minutes` are by candidate, then by household of `able`.
pub(super) fn choose(
    order: &Order,
    (candidates, on_road): (&[Depot], &[Option<Snapped>]),
    (targets, able): (&[Target], &[usize]),
    minutes: &[Vec<f64>],
    ticket: &Arc<Ticket>,
) -> Result<Chosen, Stopped> {
    let Some(sites) = &order.sites else { return Ok(Chosen::default()) };
    let given: Vec<(usize, f64)> = able
        .iter()
        .enumerate()
        .filter_map(|(column, at)| Some((column, f64::from(targets[*at].given.as_ref()?.units))))
        .collect();
    if given.is_empty() {
        return Ok(Chosen::default());
    }
    // The rows of candidates that lie on no road are not there: nobody is reached from them.
    let mut rows = minutes.iter();
    let by_candidate: Vec<Option<&Vec<f64>>> =
        on_road.iter().map(|snapped| snapped.and_then(|_| rows.next())).collect();
    let cost = |column: usize, row: Option<&Vec<f64>>| row.map_or(f64::INFINITY, |row| row[column]);
    let costs = given.iter().flat_map(|(column, _)| by_candidate.iter().map(move |row| cost(*column, *row))).collect();
    let objective = match (sites.objective, sites.within_minutes) {
        (SiteObjective::PMedian, _) => siting::Objective::PMedian,
        (SiteObjective::PCenter, _) => siting::Objective::PCenter,
        (SiteObjective::MaxCover, within) => siting::Objective::MaxCover { cover: within.unwrap_or(15.0) },
    };
    let terms = siting::Terms {
        weights: given.iter().map(|(_, units)| *units).collect(),
        candidates: candidates.len(),
        costs,
        p: sites.count,
        objective,
        capacities: sites.capacity.map(|capacity| vec![capacity; candidates.len()]),
        fixed: sites.fixed.clone(),
    };
    let problem = siting::Problem::checked(terms)
        .map_err(|fault| Stopped::Failed(format!("the points cannot be chosen: {fault}")))?;
    let answer = siting::solve(&problem, order.seed, &**ticket);
    if ticket.is_cancelled() {
        return Err(Stopped::Cancelled);
    }
    let crowd = &answer.crowd;
    let load = |site: usize| -> f64 {
        let of = answer.assignment.iter().zip(&given);
        of.filter(|(assigned, _)| **assigned == Some(site)).map(|(_, (_, units))| units).sum()
    };
    let chosen = answer.sites.iter().map(|&index| {
        let Depot { id, title, at } = candidates[index].clone();
        Site { index, id, title, at, load: load(index) }
    });
    Ok(Chosen {
        sites: chosen.collect(),
        lower_bound: answer.lower_bound.is_finite().then_some(answer.lower_bound),
        proved: answer.proved,
        crowded: (!crowd.demands.is_empty())
            .then(|| words::crowded(crowd.demands.len() as u32, crowd.weight, crowd.short)),
    })
}
