//! How the two tables of figures are made.

use h3o::{CellIndex, Resolution};

use crate::domain::score::Dimension;
use crate::query::{Figures, ampi, cells, figures};
use crate::snapshot::{
    Snapshot, Span,
    column::{SCORE_PARTS, Tally},
    schema::{Kind, Schema, Slot},
};

use super::{
    super::{
        round::{Truth, controlled},
        suppress::{MIN_HOUSEHOLDS, Partition, RESOLUTIONS, Zone},
    },
    HexFigures, Hexes, Policy, Town,
};

/// Sensitive counts are published as multiples of this, and at most all but this many.
const COUNT_STEP: i64 = 3;
/// Sums of scores are published as multiples of half a household.
const SCORE_STEP: i64 = SCORE_PARTS / 2;
/// Decimals of a value, exact or public; of an index.
const EXACT_PLACES: f64 = 1e5;
const PUBLIC_PLACES: f64 = 1e3;
const INDEX_PLACES: f64 = 1e2;

type Dimensions = [Option<f64>; 5];

/// Numbers of one hexagon while its level is made.
struct Draft {
    id: CellIndex,
    members: Box<[CellIndex]>,
    households: u32,
    people: u32,
    values: Vec<Option<f64>>,
    known: Box<[u32]>,
}

/// Every populated cell, exact.
pub(super) fn exact(snapshot: &Snapshot) -> Hexes {
    let slots = || snapshot.schema().mapped().map(|(slot, _)| slot);
    let draft = |id, figures: &Figures| Draft {
        id,
        members: [id].into(),
        households: figures.households,
        people: figures.people,
        known: slots().map(|slot| figures.tallies[slot.0 as usize].known).collect(),
        values: slots().map(|slot| figures.value(snapshot, slot)).collect(),
    };
    let town = figures::town(snapshot);
    let values: Vec<_> = slots().map(|slot| town.value(snapshot, slot)).collect();
    let reference = dimensions(&values);
    let levels = RESOLUTIONS.map(|resolution| {
        let (cells, spans): (Vec<_>, Vec<_>) = cells::walk(snapshot, resolution, None).into_iter().unzip();
        let each = figures::of_each(snapshot, &spans);
        let drafts = cells.into_iter().zip(&each).map(|(cell, figures)| draft(cell, figures));
        finish(drafts.collect(), resolution, &reference, EXACT_PLACES)
    });
    let known = slots().map(|slot| town.tallies[slot.0 as usize].known).collect();
    let town = whole(snapshot, (town.households, town.people), (values, known), EXACT_PLACES);
    Hexes::new(Policy::Exact, snapshot, town, levels)
}

/// Zones of ten households or more, with sensitive figures rounded so that they add up from level to level.
pub(super) fn public(snapshot: &Snapshot) -> Hexes {
    let partition = Partition::new(snapshot);
    let mapped = snapshot.schema().mapped_len();
    if snapshot.households() < MIN_HOUSEHOLDS {
        let town = whole(snapshot, (0, 0), (vec![None; mapped], vec![0; mapped].into()), PUBLIC_PLACES);
        return Hexes::new(Policy::Public, snapshot, town, Default::default());
    }
    let (town, zones) = round(snapshot, &partition);
    let (values, known): (Vec<_>, Vec<_>) = town.iter().copied().unzip();
    let reference = dimensions(&values);
    let levels = std::array::from_fn(|level| {
        let drafts = partition.levels()[level].iter().zip(&zones[level]).map(|(zone, figures)| {
            let (values, known): (Vec<_>, Vec<_>) = figures.iter().copied().unzip();
            let people = zone.spans.iter().map(|&span| snapshot.people_in(span)).sum();
            let members = zone.members.clone().into();
            Draft { id: zone.id, members, households: zone.households, people, values, known: known.into() }
        });
        finish(drafts.collect(), RESOLUTIONS[level], &reference, PUBLIC_PLACES)
    });
    let counts = (snapshot.households(), snapshot.people());
    let town = whole(snapshot, counts, (values, known.into()), PUBLIC_PLACES);
    Hexes::new(Policy::Public, snapshot, town, levels)
}

/// A value and how many households it rests on.
type Figure = (Option<f64>, u32);

/// The rounded figures of the town and of the zones of each level, one for each mapped property.
fn round(snapshot: &Snapshot, partition: &Partition) -> (Vec<Figure>, [Vec<Vec<Figure>>; 5]) {
    let parents: Vec<Vec<u32>> =
        partition.levels().iter().map(|level| level.iter().map(|zone| zone.parent).collect()).collect();
    let mut town = Vec::new();
    let mut zones: [Vec<Vec<Figure>>; 5] = partition.levels().each_ref().map(|level| vec![Vec::new(); level.len()]);
    for (slot, property) in snapshot.schema().mapped() {
        let step = if property.kind == Kind::Score { SCORE_STEP } else { COUNT_STEP };
        let tree = tree(snapshot, partition, &parents, slot);
        let figures = round_property(&parents, &tree, step, snapshot.column(slot).parts());
        let mut levels = figures.into_iter();
        town.extend(levels.next().unwrap_or_default());
        for (zones, figures) in zones.iter_mut().zip(levels) {
            zones.iter_mut().zip(figures).for_each(|(zone, figure)| zone.push(figure));
        }
    }
    (town, zones)
}

/// What a zone truly holds of a property.
#[derive(Clone, Copy, Default)]
struct Node {
    households: u32,
    tally: Tally,
    /// Households in its finest zones where the property is wholly unknown.
    silent: u32,
}

/// The town alone, then the zones of each level: the finest are read, the coarser are their sums.
fn tree(snapshot: &Snapshot, partition: &Partition, parents: &[Vec<u32>], slot: Slot) -> Vec<Vec<Node>> {
    let empty = partition.levels().iter().map(|level| vec![Node::default(); level.len()]);
    let mut tree: Vec<Vec<Node>> = std::iter::once(vec![Node::default()]).chain(empty).collect();
    let leaves: &[Zone] = &partition.levels()[4];
    let spans: Vec<Span> = leaves.iter().flat_map(|zone| zone.spans.iter().copied()).collect();
    let mut tallies = snapshot.column(slot).tallies(&spans).into_iter();
    for (node, zone) in tree[parents.len()].iter_mut().zip(leaves) {
        node.households = zone.households;
        node.tally = tallies.by_ref().take(zone.spans.len()).fold(Tally::default(), |sum, tally| sum + tally);
        node.silent = if node.tally.known == 0 { zone.households } else { 0 };
    }
    for level in (0..parents.len()).rev() {
        for (at, &parent) in parents[level].iter().enumerate() {
            let Node { households, tally, silent } = tree[level + 1][at];
            let up = &mut tree[level][parent as usize];
            *up = Node { households: up.households + households, tally: up.tally + tally, silent: up.silent + silent };
        }
    }
    tree
}

/// First how many are unknown is rounded (finest zones where all are unknown stay so), then the sum over the known; a figure
/// that rests on fewer than ten households is not given.
fn round_property(parents: &[Vec<u32>], tree: &[Vec<Node>], step: i64, parts: i64) -> Vec<Vec<Figure>> {
    let truths = |of: &dyn Fn(usize, usize, &Node) -> Truth| -> Vec<Vec<Truth>> {
        let level = |(level, nodes): (usize, &Vec<Node>)| {
            nodes.iter().enumerate().map(|(at, node)| of(level, at, node)).collect()
        };
        tree.iter().enumerate().map(level).collect()
    };
    let missing = truths(&|_, _, node| {
        let heard = i64::from(node.households - node.silent);
        Truth { value: heard - i64::from(node.tally.known), cap: heard }
    });
    let unknown = controlled(parents, &missing, COUNT_STEP);
    let known = |level: usize, at: usize| {
        let node = tree[level][at];
        i64::from(node.households - node.silent) - unknown[level][at]
    };
    let sums = truths(&|level, at, node| Truth { value: node.tally.sum, cap: (known(level, at) - COUNT_STEP) * parts });
    let sums = controlled(parents, &sums, step);
    let figure = |level: usize, at: usize| {
        let known = known(level, at);
        let value = sums[level][at] as f64 / parts as f64 / known as f64;
        ((known >= i64::from(MIN_HOUSEHOLDS)).then_some(value), known as u32)
    };
    (0..tree.len()).map(|level| (0..tree[level].len()).map(|at| figure(level, at)).collect()).collect()
}

fn dimensions(values: &[Option<f64>]) -> Dimensions {
    Dimension::ALL.map(|dimension| values[Schema::dimension(dimension).0 as usize])
}

/// Adds the index of a level, and rounds the values to so many parts of one.
fn finish(drafts: Vec<Draft>, resolution: Resolution, reference: &Dimensions, places: f64) -> Vec<HexFigures> {
    let zones: Vec<Dimensions> = drafts.iter().map(|draft| dimensions(&draft.values)).collect();
    let index = ampi::of(reference, &zones);
    let hexes = drafts.into_iter().zip(index).map(|(mut draft, index)| {
        draft.values[Schema::AMPI.0 as usize] = index;
        draft.known[Schema::AMPI.0 as usize] = if index.is_some() { draft.households } else { 0 };
        let values = rounded(&draft.values, places);
        let counts = (draft.households, draft.people);
        HexFigures::new((draft.id, resolution), draft.members, counts, values, draft.known)
    });
    hexes.collect()
}

/// Values to show: shares and scores to so many parts of one, the index to two decimals.
fn rounded(values: &[Option<f64>], places: f64) -> Box<[Option<f32>]> {
    let round = |(slot, value): (usize, &Option<f64>)| {
        let places = if slot == Schema::AMPI.0 as usize { INDEX_PLACES } else { places };
        value.map(|value| ((value * places).round() / places) as f32)
    };
    values.iter().enumerate().map(round).collect()
}

fn whole(
    snapshot: &Snapshot,
    (households, people): (u32, u32),
    (mut values, mut known): (Vec<Option<f64>>, Box<[u32]>),
    places: f64,
) -> Town {
    let ampi = Schema::AMPI.0 as usize;
    values[ampi] = dimensions(&values).iter().any(Option::is_some).then_some(100.0);
    known[ampi] = if values[ampi].is_some() { households } else { 0 };
    Town {
        about: snapshot.about().clone(),
        households,
        people,
        unplaced_households: snapshot.unplaced().households,
        bounds: None,
        values: rounded(&values, places),
        known,
    }
}
