//! Whom a plan is to reach: households of a filter, an area or a list, each with its class, its need, its door.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{door, words};
use crate::{
    access::{Actor, HouseholdRecords, Planning, grant},
    app::{
        App, Error,
        casework::chance,
        question::picked::{self, Picked, Picking},
        selection,
    },
    casework::{
        order::Order,
        plan::{Code, Plan, Target},
    },
    domain::{feature::Value, household::HouseholdId},
    query::{Selection, collection::Collection, filter::Lang},
    snapshot::Row,
};

/// Households of one plan at most.
pub(super) const MOST: u32 = 20_000;

/// Letters and digits of a code: none that is taken for another.
const ALPHABET: &[u8; 29] = b"23456789ABCDEFGHJKMNPQRTUVWXY";

/// What an order says of people, found.
struct Wanted {
    picked: Picked,
    classes: Vec<Arc<Selection>>,
    needs: Vec<(Arc<Selection>, Box<str>)>,
    need: usize,
}

/// Looks the order's people up without keeping anything, so that whoever orders hears at once what makes no sense.
/// Answers how many households it finds.
pub(super) async fn look(app: &App, actor: &Actor, order: &Order) -> Result<u64, Error> {
    let wanted = wanted(app, actor, order).await?;
    let listed = order.people.households.as_ref().map_or(0, Vec::len) as u64;
    let only_list = order.people.filter.is_none() && order.people.area.is_none();
    let count = if only_list { listed } else { u64::from(wanted.picked.selection.len()) + listed };
    if count > u64::from(MOST) {
        return Err(Error::invalid("people", format_args!("{count} households; {MOST} are the most of one plan")));
    }
    if count == 0 {
        return Err(Error::invalid("people", "there is nobody of this kind"));
    }
    Ok(count)
}

/// What is known of the households of a list.
pub(super) struct Listed {
    /// By the numbers of which data.
    pub(super) generation: Box<str>,
    /// Households of the town, each once.
    pub(super) households: u64,
    /// Their people, as far as the households are placed.
    pub(super) people: u64,
    /// Households that have no place on the map: a plan leaves them out and says so.
    pub(super) unplaced: Vec<u64>,
    /// What is no household of the town.
    pub(super) unknown: Vec<u64>,
}

/// Looks a list of households up; that it was looked up is in the log before anybody is answered.
pub(super) async fn listed(app: &App, actor: &Actor, ids: &BTreeSet<u64>) -> Result<Listed, Error> {
    let picked = picked::households(app, actor, Picking::default()).await?;
    let event = grant::<HouseholdRecords>(actor)?.event("a list of households", ids.len() as u64);
    app.journal.keep(&[event]).await?;
    let snapshot = picked.world.households().snapshot();
    let row_of = |id: u64| u32::try_from(id).ok().and_then(|id| snapshot.row_of(HouseholdId(id)));
    let (placed, others): (Vec<u64>, Vec<u64>) = ids.iter().partition(|id| row_of(**id).is_some());
    let registered = match &app.store {
        Some(store) if !others.is_empty() => door::registered(store.as_ref()).await?,
        _ => 0,
    };
    let (unplaced, unknown): (Vec<u64>, Vec<u64>) = others.into_iter().partition(|id| *id < registered);
    let people = placed.iter().filter_map(|id| row_of(*id)).map(|row| u64::from(snapshot.people_at(row))).sum();
    let generation = picked.world.generation().into();
    Ok(Listed { generation, households: (placed.len() + unplaced.len()) as u64, people, unplaced, unknown })
}

/// Every household of an order; what was looked at is in the log before anything is made of it.
pub(super) async fn gather(app: &App, actor: &Actor, order: &Order) -> Result<Vec<Target>, Error> {
    let wanted = wanted(app, actor, order).await?;
    let households = Arc::clone(wanted.picked.world.households());
    let mut rows: Vec<Row> = Vec::new();
    let mut lost: Vec<u64> = Vec::new();
    if order.people.filter.is_some() || order.people.area.is_some() {
        rows.extend(wanted.picked.selection.rows().iter());
    }
    for id in order.people.households.iter().flatten() {
        let row = u32::try_from(*id).ok().and_then(|id| households.snapshot().row_of(HouseholdId(id)));
        row.map_or_else(|| lost.push(*id), |row| rows.push(row));
    }
    rows.sort_unstable();
    rows.dedup();
    lost.sort_unstable();
    lost.dedup();
    keep(app, actor, order, rows.len() + lost.len()).await?;
    let ids: BTreeSet<u32> = rows.iter().map(|row| households.snapshot().household(*row).0).collect();
    let doors = match &app.store {
        Some(store) => door::of(store.as_ref(), ids).await?,
        None => BTreeMap::new(),
    };
    let mut codes = Codes::default();
    let mut targets: Vec<Target> =
        rows.into_iter().map(|row| Ok(target(&wanted, row, &doors, codes.draw()?))).collect::<Result<_, Error>>()?;
    let last = order.priority.len() as u32;
    for household in lost {
        targets.push(Target {
            code: codes.draw()?,
            household,
            at: None,
            door: Box::default(),
            street: None,
            class: last,
            need: 0.0,
            members: 1,
            skills: BTreeSet::new(),
            notes: Box::default(),
            given: None,
            refused: Some(words::no_place()),
            remedy: None,
        });
    }
    Ok(targets)
}

/// Those whom another plan left, as it knew them: households are numbered anew whenever the register is read again, so that
/// a number of then may be anybody's now. What was looked at is in the log, as with [`gather`].
pub(super) async fn left(app: &App, actor: &Actor, order: &Order, before: &Plan) -> Result<Vec<Target>, Error> {
    let wanted: BTreeSet<u64> = order.people.households.iter().flatten().copied().collect();
    let targets = before.targets.iter().filter(|target| wanted.contains(&target.household));
    let mut codes = Codes::default();
    let mut left = Vec::new();
    for target in targets {
        let refused = target.at.is_none().then(words::no_place);
        left.push(Target { code: codes.draw()?, given: None, refused, remedy: None, ..target.clone() });
    }
    keep(app, actor, order, left.len()).await?;
    Ok(left)
}

/// What was looked at is in the log before anything is made of it.
async fn keep(app: &App, actor: &Actor, order: &Order, count: usize) -> Result<(), Error> {
    let object = format!("plan {}: {}", plain(&order.name), plain(&order.purpose));
    let planning = grant::<Planning>(actor)?.event(&object, count as u64);
    app.journal.keep(&[planning, grant::<HouseholdRecords>(actor)?.event(&object, count as u64)]).await
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

async fn wanted(app: &App, actor: &Actor, order: &Order) -> Result<Wanted, Error> {
    let people = &order.people;
    let picking =
        Picking { filter: people.filter.as_deref(), lang: people.filter_lang.as_deref(), area: people.area.as_ref() };
    let picked = picked::households(app, actor, picking).await.map_err(|error| within("people", error))?;
    if people.households.is_some() && people.generation.as_deref().is_some_and(|of| of != picked.world.generation()) {
        return Err(Error::conflict(
            "generation",
            "households were numbered anew since the list was made: make it again",
        ));
    }
    let collection: Arc<dyn Collection> = Arc::clone(picked.world.households()) as _;
    let find = |place: String, text: Box<str>| {
        let (picked, collection) = (&picked, &collection);
        async move {
            let lang = if text.trim_start().starts_with('{') { Lang::Json } else { Lang::Text };
            let found = selection::select(&picked.world, collection, picked.up_to, &text, lang).await;
            found.map_err(|error| within(&place, error))
        }
    };
    let (mut classes, mut needs) = (Vec::new(), Vec::new());
    for (at, class) in order.priority.iter().enumerate() {
        classes.push(find(format!("priority[{at}]"), class.filter.clone()).await?);
    }
    for (at, need) in order.needs.iter().enumerate() {
        needs.push((find(format!("needs[{at}]"), need.filter.clone()).await?, need.skill.clone()));
    }
    let need = picked.field("need", &order.need)?;
    Ok(Wanted { picked, classes, needs, need })
}

/// An error of a filter, named by the part of the order it is in.
fn within(part: &str, error: Error) -> Error {
    match error {
        Error::Invalid { place, reason, position } if place == "filter" || place == "filter-lang" => {
            Error::Invalid { place: format!("{part}.{place}"), reason, position }
        }
        other => other,
    }
}

fn target(wanted: &Wanted, row: Row, doors: &BTreeMap<u32, door::Door>, code: Code) -> Target {
    let households = wanted.picked.world.households();
    let snapshot = households.snapshot();
    let HouseholdId(id) = snapshot.household(row);
    let point = snapshot.point(row);
    let holds = |selection: &Selection| selection.bits().get(row);
    let class = wanted.classes.iter().position(|class| holds(class)).unwrap_or(wanted.classes.len());
    let need = match households.value(wanted.need, row) {
        Value::Whole(whole) => whole as f64,
        Value::Number(number) if number.is_finite() => number,
        Value::Flag(true) => 1.0,
        _ => 0.0,
    };
    let door = doors.get(&id).cloned().unwrap_or_default();
    Target {
        code,
        household: u64::from(id),
        at: Some([point.lon(), point.lat()]),
        door: door.text.into(),
        street: door.street.map(Into::into),
        class: class as u32,
        need,
        members: u32::from(snapshot.people_at(row)).max(1),
        skills: wanted.needs.iter().filter(|(who, _)| holds(who)).map(|(_, skill)| skill.clone()).collect(),
        notes: door.note.into(),
        given: None,
        refused: None,
        remedy: None,
    }
}

/// Codes of one plan: drawn by chance, so that they say nothing, each once.
#[derive(Default)]
struct Codes(BTreeSet<Code>);

impl Codes {
    fn draw(&mut self) -> Result<Code, Error> {
        loop {
            let mut chance = chance()?;
            let code: String = (0..5)
                .map(|_| {
                    let letter = ALPHABET[(chance % ALPHABET.len() as u64) as usize];
                    chance /= ALPHABET.len() as u64;
                    char::from(letter)
                })
                .collect();
            if self.0.insert(code.clone().into()) {
                return Ok(code.into());
            }
        }
    }
}
