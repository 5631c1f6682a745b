//! Carriage: a comune on its way from one home to another, row by row as it lies, seals and all.
//!
//! ```text
//! key ─► mark ─► tables in the order of their keys ─► digests agree ─► features and figures ─► check ─► unmark
//! ```
//! The rows are those that both homes keep alike; the key of the comune goes with them, so that nothing is opened on the
//! way, and numbers, names, times and the audit chain are the same afterwards. Until the end the comune is marked as
//! arriving, and nobody can open it. After an interruption the same move goes on after the last row that arrived; where
//! the old home has changed since, it starts anew.

use std::sync::Arc;

use super::{Answer, Contents, Embedded, Layer, Opened, Place, Postgis, Store, StoreError, place::Home, vault};
use crate::domain::{comune::Comune, watch::Watch};

/// The mark of a comune of which nothing that counts has arrived yet.
pub(super) const NOTHING: &str = "nothing yet";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Whole,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A value on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Whole(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The values of a row, in the order of the table's columns.
pub(super) type Row = Vec<Cell>;

/// A table that every home keeps alike.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name, without what a home puts before it.
    pub(super) name: &'static str,
    /// Its columns but the comune; the first ones are its key.
    pub(super) columns: &'static [(&'static str, Kind)],
    keys: usize,
    /// Rows that are in memory at once.
    page: u32,
}

/// Every table, those that others refer to first.
static ALL: [Table; 10] = {
    use Kind::{Bytes, Text, Whole};
    [
        Table {
            name: "source",
            columns: &[
                ("id", Whole),
                ("kind", Text),
                ("content", Bytes),
                ("file", Text),
                ("state", Text),
                ("begun_at", Text),
                ("batches", Whole),
                ("rows", Whole),
                ("records", Whole),
                ("rejects", Whole),
            ],
            keys: 1,
            page: 500,
        },
        Table {
            name: "batch",
            columns: &[
                ("source", Whole),
                ("idx", Whole),
                ("first_row", Whole),
                ("last_row", Whole),
                ("records", Whole),
                ("refused", Whole),
                ("length", Whole),
                ("hash", Bytes),
                ("troubles_length", Whole),
                ("troubles_hash", Bytes),
                ("troubles", Bytes),
                ("payload", Bytes),
            ],
            keys: 2,
            page: 8,
        },
        Table {
            name: "generation",
            columns: &[("id", Text), ("line", Text), ("ordinal", Whole), ("as_of", Text), ("at", Text)],
            keys: 1,
            page: 500,
        },
        Table {
            name: "artefact",
            columns: &[("generation", Text), ("name", Text), ("length", Whole), ("chunks", Whole)],
            keys: 2,
            page: 500,
        },
        Table {
            name: "chunk",
            columns: &[
                ("generation", Text),
                ("name", Text),
                ("idx", Whole),
                ("length", Whole),
                ("hash", Bytes),
                ("bytes", Bytes),
            ],
            keys: 3,
            page: 2,
        },
        Table {
            name: "layer",
            columns: &[
                ("name", Text),
                ("title_it", Text),
                ("title_en", Text),
                ("features", Whole),
                ("length", Whole),
                ("hash", Bytes),
                ("bytes", Bytes),
            ],
            keys: 1,
            page: 1,
        },
        Table { name: "alias", columns: &[("written", Text), ("street", Whole), ("at", Text)], keys: 1, page: 500 },
        Table {
            name: "token",
            columns: &[
                ("id", Whole),
                ("name", Text),
                ("role", Text),
                ("hash", Bytes),
                ("created_at", Text),
                ("revoked_at", Text),
            ],
            keys: 1,
            page: 500,
        },
        Table {
            name: "audit",
            columns: &[
                ("seq", Whole),
                ("at", Text),
                ("actor", Text),
                ("role", Text),
                ("action", Text),
                ("object", Text),
                ("rows", Whole),
                ("outcome", Text),
                ("prev", Bytes),
                ("hash", Bytes),
            ],
            keys: 1,
            page: 500,
        },
        Table {
            name: "event",
            columns: &[
                ("seq", Whole),
                ("kind", Text),
                ("stream", Text),
                ("key", Text),
                ("at", Text),
                ("actor", Text),
                ("length", Whole),
                ("hash", Bytes),
                ("body", Bytes),
            ],
            keys: 1,
            page: 50,
        },
    ]
};

impl Table {
    fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The key, in the order of its bytes, as an order or as one side of a comparison.
    fn key(&self) -> String {
        let one = |(name, kind): &(&str, Kind)| match kind {
            Kind::Text => format!("{name} collate \"C\""),
            Kind::Whole | Kind::Bytes => (*name).to_owned(),
        };
        self.columns[..self.keys].iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn places(from: usize, count: usize) -> String {
        (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
    }

    /// Rows of a comune (the first value) after a key (the next ones, where there is one), in order.
    pub(super) fn select(&self, after: &[Cell]) -> String {
        let (list, table, key) = (self.list(), self.name, self.key());
        let beyond = match after.len() {
            0 => String::new(),
            count => format!(" and ({key}) > ({})", Self::places(2, count)),
        };
        format!("select {list} from {{{table}}} where comune = $1{beyond} order by {key} limit {}", self.page)
    }

    /// The row with the last key of a comune.
    pub(super) fn last(&self) -> String {
        let backwards = self.key().replace(", ", " desc, ") + " desc";
        format!("select {} from {{{}}} where comune = $1 order by {backwards} limit 1", self.list(), self.name)
    }

    /// Puts a row (comune first) unless its key is there.
    pub(super) fn insert(&self) -> String {
        let places = Self::places(1, self.columns.len() + 1);
        format!("insert into {{{}}} (comune, {}) values ({places}) on conflict do nothing", self.name, self.list())
    }

    /// How many rows a comune has.
    pub(super) fn count(&self) -> String {
        format!("select count(*) from {{{}}} where comune = $1", self.name)
    }
}

/// What a home knows of a comune beside its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HomeRow {
    pub(super) last_source: i64,
    pub(super) last_generation: i64,
    pub(super) rebuilt: Option<String>,
    pub(super) served: Option<String>,
    pub(super) audit_count: i64,
    pub(super) audit_hash: Vec<u8>,
    pub(super) event_count: i64,
    /// What is being moved here.
    pub(super) arriving: Option<String>,
}

/// What a home does for a comune that comes or goes.
pub(super) trait Carried: Store {
    /// Some rows after a key, in order.
    fn rows(&self, table: &'static Table, after: Row) -> Answer<'_, Vec<Row>>;

    /// Keeps rows, in one transaction; one that is there already stays.
    fn put(&self, table: &'static Table, rows: Vec<Row>) -> Answer<'_, ()>;

    /// How many rows there are, and the last of them.
    fn stand(&self, table: &'static Table) -> Answer<'_, (u64, Option<Row>)>;

    /// What the home knows beside the rows.
    fn home(&self) -> Answer<'_, HomeRow>;

    /// Marks the comune as arriving, or as whole.
    fn mark(&self, arriving: Option<String>) -> Answer<'_, ()>;

    /// Removes every row but those of the audit log, which only ever grows.
    fn clear(&self) -> Answer<'_, ()>;

    /// Lays out the features, and takes over what the old home knew; the mark stays.
    fn settle(&self, home: HomeRow, layers: Vec<Layer>, figures: Vec<Layer>) -> Answer<'_, ()>;
}

/// A comune whose rows have arrived and agree with those it was carried from.
pub struct Arrival {
    from: Arc<dyn Carried>,
    to: Arc<dyn Carried>,
    rows: u64,
    digest: String,
}

/// What was carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carriage {
    /// Whose.
    pub comune: Comune,
    /// Rows of all tables.
    pub rows: u64,
    /// The hash (blake3) of all of them in hexadecimal digits, the same in both homes.
    pub digest: String,
    /// Entries of the audit log.
    pub audit_entries: u64,
}

/// Carries the rows of a comune to another place and verifies them there by hash. Calling again after an interruption
/// goes on. Errors: [`StoreError::Conflict`] where the place holds the comune already, where the old home changed
/// meanwhile, or where it was asked to stop.
pub async fn carry(from: &Opened, comune: Comune, to: &Place, watch: &dyn Watch) -> Result<Arrival, StoreError> {
    let from_keys = from.keys().to_owned();
    let from = carried(from);
    vault::copy_key(&from_keys, to.keys(), comune)?;
    let to: Arc<dyn Carried> = match to {
        Place::Folder(folder) => Arc::new(Embedded::receive(folder, comune).await?),
        Place::Server { url, keys } => Arc::new(Postgis::receive(url, keys, comune).await?),
    };
    let state = state_of(&*from).await?;
    match to.home().await?.arriving {
        Some(mark) if mark == state => {}
        Some(_) => {
            to.clear().await?;
            to.mark(Some(state.clone())).await?;
        }
        None => {
            for table in &ALL {
                if to.stand(table).await?.0 > 0 {
                    return Err(StoreError::Conflict(format!(
                        "there is a store of {comune} already, and it is not empty"
                    )));
                }
            }
            to.mark(Some(state.clone())).await?;
        }
    }
    for table in &ALL {
        carry_table(&*from, &*to, table, watch).await?;
    }
    let mut rows = 0;
    let mut digest = blake3::Hasher::new();
    for table in &ALL {
        watch.begin("verifying", 0);
        let ((count, old), (_, new)) = (digest_of(&*from, table, watch).await?, digest_of(&*to, table, watch).await?);
        if old != new {
            to.mark(Some(NOTHING.to_owned())).await?;
            return Err(StoreError::Conflict(format!(
                "{} changed while it was moved: run the same move again",
                table.name
            )));
        }
        rows += count;
        digest.update(&old);
    }
    if state_of(&*from).await? != state {
        return Err(StoreError::Conflict("the store changed while it was moved: run the same move again".to_owned()));
    }
    Ok(Arrival { from, to, rows, digest: digest.finalize().to_hex().to_string() })
}

impl Arrival {
    /// The new home, to be read; it is not whole yet.
    pub fn store(&self) -> &dyn Store {
        &*self.to
    }

    /// Lays out the features and the figures, verifies the whole with the key, and lets everyone in.
    pub async fn settle(self, figures: Vec<Layer>) -> Result<Carriage, StoreError> {
        let contents: Contents = self.from.contents().await?;
        let mut layers = Vec::with_capacity(contents.layers.len());
        for layer in &contents.layers {
            layers.push(self.to.layer(&layer.name).await?);
        }
        self.to.settle(self.from.home().await?, layers, figures).await?;
        if let Some(fault) = self.to.check().await?.into_iter().next() {
            return Err(StoreError::Corrupt(format!("{}: {}", fault.place, fault.reason)));
        }
        let head = self.to.contents().await?.audit_head;
        if head != contents.audit_head {
            return Err(StoreError::Conflict(
                "the audit log grew while it was moved: run the same move again".to_owned(),
            ));
        }
        self.to.mark(None).await?;
        let audit_entries = head.count;
        Ok(Carriage { comune: contents.comune, rows: self.rows, digest: self.digest, audit_entries })
    }
}

fn carried(opened: &Opened) -> Arc<dyn Carried> {
    match opened.home() {
        Home::Embedded(store) => store.clone(),
        Home::Postgis(store) => store.clone(),
    }
}

async fn carry_table(
    from: &dyn Carried,
    to: &dyn Carried,
    table: &'static Table,
    watch: &dyn Watch,
) -> Result<(), StoreError> {
    let total = from.stand(table).await?.0;
    watch.begin(table.name, total);
    let (mut done, last) = to.stand(table).await?;
    watch.advance(done);
    let mut after: Row = last.map_or_else(Vec::new, |row| row[..table.keys].to_vec());
    loop {
        if watch.cancelled() {
            return Err(StoreError::Conflict("stopped: run the same move again to go on".to_owned()));
        }
        let rows = from.rows(table, after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last[..table.keys].to_vec();
        done += rows.len() as u64;
        to.put(table, rows).await?;
        watch.advance(done.min(total));
    }
}

/// How many rows a table has, and the hash of all of them in order.
async fn digest_of(
    store: &dyn Carried,
    table: &'static Table,
    watch: &dyn Watch,
) -> Result<(u64, [u8; 32]), StoreError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(table.name.as_bytes());
    let mut count = 0;
    let mut after = Vec::new();
    loop {
        if watch.cancelled() {
            return Err(StoreError::Conflict("stopped: run the same move again to go on".to_owned()));
        }
        let rows = store.rows(table, after).await?;
        let Some(last) = rows.last() else { return Ok((count, *hasher.finalize().as_bytes())) };
        after = last[..table.keys].to_vec();
        count += rows.len() as u64;
        for cell in rows.iter().flatten() {
            digest_cell(&mut hasher, cell);
        }
    }
}

/// Each value with its kind and its length before it, so that values cannot run together.
fn digest_cell(hasher: &mut blake3::Hasher, cell: &Cell) {
    let (kind, bytes): (u8, &[u8]) = match cell {
        Cell::Null => (0, &[]),
        Cell::Whole(number) => (1, &number.to_le_bytes()),
        Cell::Text(text) => (2, text.as_bytes()),
        Cell::Bytes(bytes) => (3, bytes),
    };
    hasher.update(&[kind]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
}

/// What tells one state of a home from another without reading payloads: an interrupted move goes on only where this is
/// the same.
async fn state_of(store: &dyn Carried) -> Result<String, StoreError> {
    let contents = store.contents().await?;
    let home = HomeRow { arriving: None, ..store.home().await? };
    let mut hasher = blake3::Hasher::new();
    let layers = contents.layers.iter().map(|layer| (layer.name.as_str(), layer.features)).collect::<Vec<_>>();
    let told = format!("{home:?} {:?} {:?} {layers:?} {:?}", contents.sources, contents.aliases, contents.tokens);
    hasher.update(told.as_bytes());
    for token in &contents.tokens {
        hasher.update(token.hash.as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}
