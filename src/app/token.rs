//! From what a client shows to who it is.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;

use super::error::Error;
use crate::{
    access::{
        Actor,
        token::{Secret, TokenHash},
    },
    store::{Store, Token},
};

/// What a client shows.
pub enum Credential<'a> {
    /// A token alone (Bearer, X-Api-Key).
    Token(&'a str),
    /// The name of a token and the token (Basic).
    Named {
        /// The name; an empty one is any.
        name: &'a str,
        /// The token.
        token: &'a str,
    },
}

/// A revoked token is good no longer than this.
const FRESH: Duration = Duration::from_secs(2);

const REFUSED: Error = Error::Unauthenticated("the token is not known, or was revoked");

struct Table {
    at: Instant,
    rows: Vec<(TokenHash, Actor)>,
}

/// The tokens of the store, read again when they are older than two seconds.
pub(super) struct Keyring {
    store: Option<Arc<dyn Store>>,
    table: ArcSwap<Option<Table>>,
    reading: tokio::sync::Mutex<()>,
}

impl Keyring {
    pub(super) fn new(store: Option<Arc<dyn Store>>) -> Self {
        Self { store, table: ArcSwap::from_pointee(None), reading: tokio::sync::Mutex::new(()) }
    }

    /// Who shows it. Errors: `Unauthenticated`, `Unavailable` where the store is away.
    pub(super) async fn authenticate(&self, credential: &Credential<'_>) -> Result<Actor, Error> {
        let (name, text) = match credential {
            Credential::Token(token) => ("", *token),
            Credential::Named { name, token } => (*name, *token),
        };
        let hash = Secret::parse(text).map_err(|_| REFUSED)?.hash();
        self.refresh().await?;
        let table = self.table.load();
        // Every row is compared, in constant time, so that the time tells nothing.
        let rows = table.as_ref().as_ref().map_or(&[][..], |table| &table.rows);
        let found = rows.iter().fold(None, |found, (known, actor)| if *known == hash { Some(actor) } else { found });
        found.filter(|actor| name.is_empty() || actor.name() == name).cloned().ok_or(REFUSED)
    }

    fn is_fresh(&self) -> bool {
        self.table.load().as_ref().as_ref().is_some_and(|table| table.at.elapsed() < FRESH)
    }

    async fn refresh(&self) -> Result<(), Error> {
        let Some(store) = &self.store else { return Ok(()) };
        if self.is_fresh() {
            return Ok(());
        }
        let _one = self.reading.lock().await;
        if self.is_fresh() {
            return Ok(());
        }
        let tokens = store.contents().await?.tokens;
        let rows = tokens.iter().filter_map(row).collect();
        self.table.store(Arc::new(Some(Table { at: Instant::now(), rows })));
        Ok(())
    }
}

/// A token that was not revoked.
fn row(token: &Token) -> Option<(TokenHash, Actor)> {
    token.revoked_at.is_none().then(|| (token.hash, Actor::named(&token.name, token.role)))
}
