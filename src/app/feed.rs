//! The feed: who listens hears that another world is served, and where what it may see has changed.
//!
//! A listener has no queue. It remembers the generation that it last heard of, and asks what has changed from there to
//! the world that is served now: one that is slow hears of several turns at once; one that is too slow, or came back
//! after too long, hears that everything changed.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::watch;

use super::{App, Error, World};
use crate::{
    access::{
        Actor, Disclosed,
        audit::AuditEvent,
        disclose,
        hexes::{Changes, Hexes, Policy},
    },
    publish::{
        change::{self, Change},
        tile::Chart,
    },
};

/// Turns that are remembered.
const MAX_TURNS: usize = 16;

/// Who may listen at once.
const MAX_LISTENERS: usize = 1_024;

/// What was served before a turn: tables, not households.
struct Before {
    public: Disclosed<Arc<Hexes>>,
    exact: Option<Disclosed<Arc<Hexes>>>,
}

/// From one world to the next.
struct Turn {
    from: Box<str>,
    to: Box<str>,
    layers: BTreeSet<Box<str>>,
    /// Kept until the next turn.
    before: Mutex<Option<Arc<Before>>>,
    public: OnceLock<Disclosed<Changes>>,
    exact: OnceLock<Disclosed<Changes>>,
}

/// Where the feed is, and who hears of it.
pub(super) struct Feed {
    turns: Mutex<VecDeque<Arc<Turn>>>,
    turned: watch::Sender<()>,
    listening: Arc<AtomicUsize>,
}

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The generation that is served.
    pub generation: Box<str>,
    /// It, and what has changed since the listener's last news, as JSON.
    pub text: String,
}

/// Somebody who listens; counted until dropped.
pub struct Listener {
    turned: watch::Receiver<()>,
    heard: Option<Box<str>>,
    greeted: bool,
    listening: Arc<AtomicUsize>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listening.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Feed {
    pub(super) fn new() -> Self {
        Self { turns: Mutex::default(), turned: watch::Sender::new(()), listening: Arc::default() }
    }

    /// Remembers the turn from one world to the next and wakes the listeners.
    pub(super) fn turn(&self, old: Option<&World>, new: &World) {
        if let Some(old) = old.filter(|old| old.generation() != new.generation()) {
            let turn = Turn {
                from: old.generation().into(),
                to: new.generation().into(),
                layers: layers_between(old, new),
                before: Mutex::new(Some(Arc::new(Before {
                    public: old.hexes(Policy::Public).hexes().clone(),
                    exact: old.seen_exactly().cloned(),
                }))),
                public: OnceLock::new(),
                exact: OnceLock::new(),
            };
            let mut turns = self.turns();
            if let Some(last) = turns.back() {
                *last.before() = None;
            }
            turns.push_back(Arc::new(turn));
            if turns.len() > MAX_TURNS {
                turns.pop_front();
            }
        }
        self.turned.send_replace(());
    }

    /// The turns that lead from one generation to another; none where that is not remembered.
    fn path(&self, from: &str, to: &str) -> Option<Vec<Arc<Turn>>> {
        if from == to {
            return Some(Vec::new());
        }
        let turns = self.turns();
        let first = turns.iter().rposition(|turn| *turn.from == *from)?;
        let last = turns.iter().skip(first).position(|turn| *turn.to == *to)?;
        Some(turns.range(first..=first + last).cloned().collect())
    }

    fn turns(&self) -> MutexGuard<'_, VecDeque<Arc<Turn>>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    fn before(&self) -> MutexGuard<'_, Option<Arc<Before>>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What changed for whoever sees `after`, the table of the world to which this turn led; made once.
    fn changes(&self, after: &Disclosed<Arc<Hexes>>) -> Disclosed<Changes> {
        let (told, exact) = match after.policy() {
            Policy::Public => (&self.public, false),
            Policy::Exact => (&self.exact, true),
        };
        if let Some(told) = told.get() {
            return told.clone();
        }
        // Nobody can say any more, or nobody could ever see: everything may have changed.
        let Some(before) = self.before().clone() else { return Disclosed::everywhere() };
        let table = if exact { before.exact.as_ref() } else { Some(&before.public) };
        told.get_or_init(|| table.map_or_else(Disclosed::everywhere, |table| disclose::changes(table, after))).clone()
    }
}

/// The names of the layers that came, went, or are not what they were.
fn layers_between(old: &World, new: &World) -> BTreeSet<Box<str>> {
    let of = |world: &World| -> BTreeMap<Box<str>, Box<str>> {
        let layers = world.charts().iter().map(Chart::layer);
        layers.map(|layer| (layer.name().into(), layer.generation().into())).collect()
    };
    let (old, new) = (of(old), of(new));
    old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}

impl App {
    /// Somebody begins to listen, who last heard of that generation. Errors: `Unavailable` where too many do.
    pub fn listen(&self, heard: Option<&str>) -> Result<Listener, Error> {
        let listening = Arc::clone(&self.feed.listening);
        let place = listening.fetch_add(1, Ordering::Relaxed);
        let turned = self.feed.turned.subscribe();
        let listener = Listener { turned, heard: heard.map(Into::into), greeted: false, listening };
        if place < MAX_LISTENERS { Ok(listener) } else { Err(Error::Unavailable("too many listen".to_owned())) }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.feed.listening.load(Ordering::Relaxed)
    }

    /// Waits until there is news for a listener: at first what is served now, then every turn to another world.
    pub async fn turned(&self, listener: &mut Listener) {
        loop {
            listener.turned.borrow_and_update();
            let heard = |world: &Arc<World>| listener.greeted && listener.heard.as_deref() == Some(world.generation());
            // The sender lives as long as this product.
            if self.world().is_ok_and(|world| !heard(&world)) || listener.turned.changed().await.is_err() {
                return;
            }
        }
    }

    /// What a listener has not heard yet, as fine as the actor may see; in the log before it leaves.
    pub async fn news(&self, listener: &mut Listener, actor: &Actor) -> Result<News, Error> {
        let world = self.world()?;
        let generation: Box<str> = world.generation().into();
        let path = listener.heard.as_deref().and_then(|heard| self.feed.path(heard, &generation));
        let who = actor.clone();
        let told = tokio::task::spawn_blocking(move || tell(&world, path.as_deref(), &who)).await;
        let (text, event) = told.map_err(Error::internal)??;
        self.journal.note(actor, &event, &generation).await?;
        (listener.greeted, listener.heard) = (true, Some(generation.clone()));
        Ok(News { generation, text })
    }
}

/// The news of a path that leads to a world, for an actor.
fn tell(world: &World, path: Option<&[Arc<Turn>]>, actor: &Actor) -> Result<(String, AuditEvent), Error> {
    let sight = world.sight(actor)?;
    let table = sight.chart.hexes();
    let changes = match path {
        None => Disclosed::everywhere(),
        Some([]) => Disclosed::nowhere(),
        // Of turns that were not told one by one only the last can still be told.
        Some(turns) => turns.iter().fold(Disclosed::nowhere(), |all, turn| all.and(&turn.changes(table))),
    };
    let layers = path.map(|path| path.iter().flat_map(|turn| turn.layers.iter().map(|name| &**name)).collect());
    let change = Change { generation: world.generation(), as_of: world.snapshot().about().as_of, layers };
    Ok((change::write(&change, &changes), sight.event))
}
