//! The small changes, and what the store holds.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    super::{
        block::{Block, Found, compute, layer_place, pack, unpack},
        error::StoreError,
        generation::Line,
        layer::{self, Layer, LayerHead, LayerName, Titles},
        ledger::{Alias, Change, Contents, Token},
        vault::Secrecy,
    },
    Home, Link, Writing as _, generations, sources, values,
};
use crate::{
    access::{
        audit::{Entry, Hash, Head},
        token::TokenHash,
    },
    domain::place::StreetId,
};

/// [`Store::save`](super::super::Store::save).
pub(super) async fn save<H: Home>(home: &H, change: Change) -> Result<(), StoreError> {
    let (object, op) = told(&change);
    if let Change::Layer(layer) = change {
        return save_layer(home, layer, &object, op).await;
    }
    let (comune, mut writing) = (home.key(), home.write().await?);
    let link = &mut *writing;
    match change {
        Change::Layer(_) => {}
        Change::LayerRemoved(name) => {
            let done =
                link.run("delete from {layer} where comune = $1 and name = $2", values![comune, name.as_str()]).await?;
            some(done, || format!("layer \"{name}\""))?;
            home.hide(link, &name).await?;
        }
        Change::Alias(alias) => save_alias(link, comune, alias).await?,
        Change::AliasRemoved(written) => {
            let done =
                link.run("delete from {alias} where comune = $1 and written = $2", values![comune, &*written]).await?;
            some(done, || "the alias".to_owned())?;
        }
        Change::Token(token) => save_token(link, comune, token).await?,
        Change::TokenRevoked { name, at } => {
            let done = link
                .run(
                    "update {token} set revoked_at = $1 where comune = $2 and name = $3 and revoked_at is null",
                    values![at.to_string(), comune, &*name],
                )
                .await?;
            some(done, || format!("a token named \"{name}\""))?;
        }
        Change::Audit(entries) => append_audit(link, comune, entries).await?,
    }
    writing.commit(&object, op).await
}

/// Object and verb as the changes name them.
fn told(change: &Change) -> (String, &'static str) {
    match change {
        Change::Layer(layer) => (format!("layer/{}", layer.name), "save"),
        Change::LayerRemoved(name) => (format!("layer/{name}"), "remove"),
        Change::Alias(_) => ("alias".to_owned(), "save"),
        Change::AliasRemoved(_) => ("alias".to_owned(), "remove"),
        Change::Token(_) => ("token".to_owned(), "save"),
        Change::TokenRevoked { .. } => ("token".to_owned(), "revoke"),
        Change::Audit(_) => ("audit".to_owned(), "append"),
    }
}

async fn save_layer<H: Home>(home: &H, layer: Layer, object: &str, op: &str) -> Result<(), StoreError> {
    let vault = Arc::clone(home.vault());
    let (layer, block) = compute(move || {
        let bytes = layer::encode(&layer.features)?;
        let block = pack(&vault, Secrecy::Plain, &layer_place(layer.name.as_str()), &bytes)?;
        Ok((layer, block))
    })
    .await?;
    let (name, titles, features) = (layer.name.clone(), layer.titles.clone(), layer.features.len());
    let laid = H::lay(layer).await?;
    let (comune, mut writing) = (home.key(), home.write().await?);
    let link = &mut *writing;
    if home.is_figures(link, &name).await? {
        return Err(StoreError::Conflict(format!("\"{name}\" is the name of published figures")));
    }
    link.run("delete from {layer} where comune = $1 and name = $2", values![comune, name.as_str()]).await?;
    let (name, count) = (name.as_str(), features as i64);
    link.run(
        "insert into {layer} (comune, name, title_it, title_en, features, length, hash, bytes)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![comune, name, &*titles.it, &*titles.en, count, block.length, block.hash, block.bytes],
    )
    .await?;
    home.show(link, &laid).await?;
    writing.commit(object, op).await
}

/// [`Store::layer`](super::super::Store::layer).
pub(super) async fn layer<H: Home>(home: &H, name: LayerName) -> Result<Layer, StoreError> {
    type Row = (String, String, i64, Vec<u8>, Vec<u8>);
    let mut reading = home.read().await?;
    let row: Option<Row> = reading
        .row(
            "select title_it, title_en, length, hash, bytes from {layer} where comune = $1 and name = $2",
            values![home.key(), name.as_str()],
        )
        .await?;
    drop(reading);
    let (it, en, length, hash, bytes) = row.ok_or_else(|| StoreError::Missing(format!("layer \"{name}\"")))?;
    let found = Found { place: layer_place(name.as_str()), block: Block { length, hash, bytes } };
    let vault = Arc::clone(home.vault());
    let features = compute(move || layer::decode(&unpack(&vault, Secrecy::Plain, &found)?)).await?;
    Ok(Layer { name, titles: Titles { it: it.into(), en: en.into() }, features })
}

/// [`Store::contents`](super::super::Store::contents).
pub(super) async fn contents<H: Home>(home: &H) -> Result<Contents, StoreError> {
    let (comune, mut reading) = (home.key(), home.read().await?);
    let link = &mut *reading;
    Ok(Contents {
        comune: home.comune(),
        sources: sources::all(link, comune).await?,
        rebuilt: generations::current(link, comune, Line::Rebuilt).await?,
        served: generations::current(link, comune, Line::Served).await?,
        layers: layers(link, comune).await?,
        aliases: aliases(link, comune).await?,
        tokens: tokens(link, comune).await?,
        audit_head: audit_head(link, comune).await?,
    })
}

/// [`Store::audit`](super::super::Store::audit).
pub(super) async fn audit<H: Home>(home: &H, from: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
    let mut reading = home.read().await?;
    audit_entries(&mut *reading, home.key(), from, limit).await
}

fn some(rows: u64, what: impl FnOnce() -> String) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Missing(what())) } else { Ok(()) }
}

fn digest(bytes: Vec<u8>) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("a hash is cut short".to_owned()))
}

fn instant(text: &str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt("a time cannot be read".to_owned()))
}

async fn save_alias<L: Link>(link: &mut L, comune: &str, alias: Alias) -> Result<(), StoreError> {
    let street = alias.street.map(|street| street.0 as i64);
    link.run(
        "insert into {alias} (comune, written, street, at) values ($1, $2, $3, $4)
         on conflict (comune, written) do update set street = excluded.street, at = excluded.at",
        values![comune, &*alias.written, street, alias.at.to_string()],
    )
    .await?;
    Ok(())
}

async fn save_token<L: Link>(link: &mut L, comune: &str, token: Token) -> Result<(), StoreError> {
    let (taken,): (i64,) = link
        .one(
            "select count(*) from {token} where comune = $1 and name = $2 and revoked_at is null",
            values![comune, &*token.name],
        )
        .await?;
    if taken > 0 {
        return Err(StoreError::Conflict(format!("there is a token named \"{}\": revoke it first", token.name)));
    }
    let (created, revoked) = (token.created_at.to_string(), token.revoked_at.map(|at| at.to_string()));
    link.run(
        "insert into {token} (comune, id, name, role, hash, created_at, revoked_at)
         values ($1, (select coalesce(max(id), 0) + 1 from {token} where comune = $1), $2, $3, $4, $5, $6)",
        values![comune, &*token.name, token.role.key(), *token.hash.as_bytes(), created, revoked],
    )
    .await?;
    Ok(())
}

async fn append_audit<L: Link>(link: &mut L, comune: &str, entries: Vec<Entry>) -> Result<(), StoreError> {
    let mut head = audit_head(link, comune).await?;
    for entry in entries {
        if entry.seq != head.count + 1 || entry.prev != head.hash {
            let next = head.count + 1;
            return Err(StoreError::Conflict(format!("audit entry {} was given where {next} comes next", entry.seq)));
        }
        head = Head { count: entry.seq, hash: entry.hash };
        let Entry { seq, at, actor, role, action, object, rows, outcome, prev, hash } = &entry;
        let (seq, rows) = (*seq as i64, *rows as i64);
        link.run(
            "insert into {audit} (comune, seq, at, actor, role, action, object, rows, outcome, prev, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![comune, seq, &**at, &**actor, &**role, &**action, &**object, rows, &**outcome, *prev, *hash],
        )
        .await?;
    }
    link.run(
        "update {home} set audit_count = $1, audit_hash = $2 where comune = $3",
        values![head.count as i64, head.hash, comune],
    )
    .await?;
    Ok(())
}

/// Where the audit log ends.
pub(super) async fn audit_head<L: Link>(link: &mut L, comune: &str) -> Result<Head, StoreError> {
    let (count, hash): (i64, Vec<u8>) =
        link.one("select audit_count, audit_hash from {home} where comune = $1", values![comune]).await?;
    Ok(Head { count: count as u64, hash: digest(hash)? })
}

/// Entries of the audit log.
pub(super) async fn audit_entries<L: Link>(
    link: &mut L,
    comune: &str,
    from: u64,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    type Row = (i64, String, String, String, String, String, i64, String, Vec<u8>, Vec<u8>);
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let rows: Vec<Row> = link
        .rows(
            "select seq, at, actor, role, action, object, rows, outcome, prev, hash from {audit}
             where comune = $1 and seq >= $2 order by seq limit $3",
            values![comune, from, limit],
        )
        .await?;
    rows.into_iter()
        .map(|(seq, at, actor, role, action, object, rows, outcome, prev, hash)| {
            Ok(Entry {
                seq: seq as u64,
                at: at.into(),
                actor: actor.into(),
                role: role.into(),
                action: action.into(),
                object: object.into(),
                rows: rows as u64,
                outcome: outcome.into(),
                prev: digest(prev)?,
                hash: digest(hash)?,
            })
        })
        .collect()
}

async fn layers<L: Link>(link: &mut L, comune: &str) -> Result<Vec<LayerHead>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = link
        .rows(
            "select name, title_it, title_en, features from {layer} where comune = $1 order by name collate \"C\"",
            values![comune],
        )
        .await?;
    rows.into_iter()
        .map(|(name, it, en, features)| {
            let titles = Titles { it: it.into(), en: en.into() };
            Ok(LayerHead { name: name.parse()?, titles, features: features as u64 })
        })
        .collect()
}

async fn aliases<L: Link>(link: &mut L, comune: &str) -> Result<Vec<Alias>, StoreError> {
    let rows: Vec<(String, Option<i64>, String)> = link
        .rows("select written, street, at from {alias} where comune = $1 order by written", values![comune])
        .await?;
    rows.into_iter()
        .map(|(written, street, at)| {
            let street = street.map(|street| StreetId(street as u64));
            Ok(Alias { written: written.into(), street, at: instant(&at)? })
        })
        .collect()
}

async fn tokens<L: Link>(link: &mut L, comune: &str) -> Result<Vec<Token>, StoreError> {
    type Row = (String, String, Vec<u8>, String, Option<String>);
    let rows: Vec<Row> = link
        .rows(
            "select name, role, hash, created_at, revoked_at from {token} where comune = $1 order by id",
            values![comune],
        )
        .await?;
    rows.into_iter()
        .map(|(name, role, hash, created_at, revoked_at)| {
            Ok(Token {
                name: name.into(),
                role: role.parse().map_err(|_| StoreError::Corrupt("a token has an unknown role".to_owned()))?,
                hash: TokenHash::from_bytes(digest(hash)?),
                created_at: instant(&created_at)?,
                revoked_at: revoked_at.as_deref().map(instant).transpose()?,
            })
        })
        .collect()
}
