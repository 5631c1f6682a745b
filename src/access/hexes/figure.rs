//! How the two tables of figures are made.

use h3o::{CellIndex, Resolution};
use rayon::prelude::*;

use crate::domain::score::Dimension;
use crate::query::{ampi, cells, figures};
use crate::snapshot::{
    Snapshot, Span,
    column::{SCORE_PARTS, Tally},
    schema::{Kind, Property, Schema, Slot},
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

/// Numbers of one hexagon, or of the town, while they are gathered property by property.
#[derive(Clone)]
struct Draft {
    id: CellIndex,
    members: Box<[CellIndex]>,
    households: u32,
    people: u32,
    values: Vec<Option<f32>>,
    known: Vec<u32>,
    /// The dimensions' means before rounding, from which the index is made.
    dimensions: Dimensions,
}

/// A value and how many households it rests on.
type Figure = (Option<f64>, u32);

impl Draft {
    fn new(id: CellIndex, members: Box<[CellIndex]>, (households, people): (u32, u32), mapped: usize) -> Self {
        let (values, known) = (Vec::with_capacity(mapped), Vec::with_capacity(mapped));
        Self { id, members, households, people, values, known, dimensions: [None; 5] }
    }

    /// Takes the figure of the next mapped property, to be shown to so many parts of one.
    fn push(&mut self, (value, known): Figure, places: f64) {
        let dimension = self.values.len().wrapping_sub(Schema::dimension(Dimension::Economic).0 as usize);
        if let Some(mean) = self.dimensions.get_mut(dimension) {
            *mean = value;
        }
        self.values.push(value.map(|value| ((value * places).round() / places) as f32));
        self.known.push(known);
    }

    fn index(&mut self, index: Option<f64>) {
        let slot = Schema::AMPI.0 as usize;
        self.values[slot] = index.map(|index| ((index * INDEX_PLACES).round() / INDEX_PLACES) as f32);
        self.known[slot] = if index.is_some() { self.households } else { 0 };
    }
}

/// Every populated cell, exact.
pub(super) fn exact(snapshot: &Snapshot) -> Hexes {
    let mapped = snapshot.schema().mapped_len();
    let gather = |mut drafts: Vec<Draft>, spans: &[Span]| {
        for (slot, _) in snapshot.schema().mapped() {
            for (draft, tally) in drafts.iter_mut().zip(snapshot.column(slot).tallies(spans)) {
                draft.push((figures::value(snapshot, slot, tally), tally.known), EXACT_PLACES);
            }
        }
        drafts
    };
    let town = gather(vec![town(snapshot)], &[snapshot.all()]).swap_remove(0);
    let levels = RESOLUTIONS.map(|resolution| {
        let (cells, spans): (Vec<_>, Vec<_>) = cells::walk(snapshot, resolution, None).into_iter().unzip();
        let counts = |span: Span| (span.len(), snapshot.people_in(span));
        let draft = |(&cell, &span): (&CellIndex, &Span)| Draft::new(cell, [cell].into(), counts(span), mapped);
        let drafts = cells.iter().zip(&spans).map(draft).collect();
        finish(gather(drafts, &spans), resolution, &town.dimensions)
    });
    Hexes::new(Policy::Exact, snapshot, whole(snapshot, town), levels)
}

/// Zones of ten households or more, with sensitive figures rounded so that they add up from level to level.
pub(super) fn public(snapshot: &Snapshot) -> Hexes {
    let partition = Partition::new(snapshot);
    let mapped = snapshot.schema().mapped_len();
    let mut town = town(snapshot);
    if snapshot.households() < MIN_HOUSEHOLDS {
        (town.households, town.people) = (0, 0);
        (0..mapped).for_each(|_| town.push((None, 0), PUBLIC_PLACES));
        return Hexes::new(Policy::Public, snapshot, published(snapshot, town), Default::default());
    }
    let draft = |zone: &Zone| {
        let people = zone.spans.iter().map(|&span| snapshot.people_in(span)).sum();
        Draft::new(zone.id, zone.members.clone().into(), (zone.households, people), mapped)
    };
    let zones = partition.levels().iter().map(|level| level.iter().map(draft).collect());
    let mut levels: Vec<Vec<Draft>> = std::iter::once(vec![town]).chain(zones).collect();
    let parents: Vec<Vec<u32>> =
        partition.levels().iter().map(|level| level.iter().map(|zone| zone.parent).collect()).collect();
    let mapped: Vec<(Slot, &Property)> = snapshot.schema().mapped().collect();
    let rounded = mapped.par_iter().map(|(slot, property)| {
        let step = if property.kind == Kind::Score { SCORE_STEP } else { COUNT_STEP };
        let tree = tree(snapshot, &partition, &parents, *slot);
        round_property(&parents, &tree, step, snapshot.column(*slot).parts())
    });
    for figures in rounded.collect::<Vec<_>>() {
        for (draft, figure) in levels.iter_mut().flatten().zip(figures.into_iter().flatten()) {
            draft.push(figure, PUBLIC_PLACES);
        }
    }
    let town = levels.remove(0).swap_remove(0);
    let mut levels = levels.into_iter().zip(RESOLUTIONS);
    let levels = std::array::from_fn(|_| {
        let level = levels.next();
        level.map(|(drafts, resolution)| finish(drafts, resolution, &town.dimensions)).unwrap_or_default()
    });
    Hexes::new(Policy::Public, snapshot, published(snapshot, town), levels)
}

/// The town before its figures; its id is never shown.
fn town(snapshot: &Snapshot) -> Draft {
    let id = CellIndex::first(Resolution::Zero);
    let counts = (snapshot.households(), snapshot.people());
    Draft::new(id, Box::default(), counts, snapshot.schema().mapped_len())
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

/// Adds the index of a level.
fn finish(drafts: Vec<Draft>, resolution: Resolution, reference: &Dimensions) -> Vec<HexFigures> {
    let zones: Vec<Dimensions> = drafts.iter().map(|draft| draft.dimensions).collect();
    let index = ampi::of(reference, &zones);
    let hexes = drafts.into_par_iter().zip(index).map(|(mut draft, index)| {
        draft.index(index);
        let counts = (draft.households, draft.people);
        HexFigures::new((draft.id, resolution), draft.members, counts, draft.values.into(), draft.known.into())
    });
    hexes.collect()
}

/// The town as it is published: households without a place are counted in threes, as every count of few.
fn published(snapshot: &Snapshot, draft: Draft) -> Town {
    let town = whole(snapshot, draft);
    Town { unplaced_households: town.unplaced_households.saturating_add(1) / 3 * 3, ..town }
}

/// The town, whose index is 100 by definition.
fn whole(snapshot: &Snapshot, mut draft: Draft) -> Town {
    draft.index(draft.dimensions.iter().any(Option::is_some).then_some(100.0));
    Town {
        about: snapshot.about().clone(),
        households: draft.households,
        people: draft.people,
        unplaced_households: snapshot.unplaced().households,
        bounds: None,
        values: draft.values.into(),
        known: draft.known.into(),
    }
}
