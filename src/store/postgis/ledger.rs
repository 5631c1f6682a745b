//! The small changes, and what the store holds.

use std::sync::Arc;

use sqlx::PgConnection;

use super::super::sql::{Home as _, Writing as _};
use super::{
    super::generation::Line,
    super::{
        block::{Block, Found, compute, layer_place, pack, unpack},
        error::StoreError,
        layer::{self, Layer, LayerHead, LayerName, Titles},
        ledger::{Alias, Change, Contents, Token},
        vault::Secrecy,
    },
    Postgis, generations, sources,
    tables::{self, Purpose},
};
use crate::{
    access::{
        audit::{Entry, Hash, Head},
        token::TokenHash,
    },
    domain::{comune::Comune, place::StreetId},
};

impl Postgis {
    pub(super) async fn save_change(&self, change: Change) -> Result<(), StoreError> {
        let comune = self.key();
        if let Change::Layer(layer) = change {
            return self.save_layer(layer).await;
        }
        let (object, op) = told(&change);
        let mut writing = self.write().await?;
        let tx = &mut *writing;
        match change {
            Change::Layer(_) => {}
            Change::LayerRemoved(name) => remove_layer(tx, self.comune, &name).await?,
            Change::Alias(alias) => save_alias(&mut *tx, comune, alias).await?,
            Change::AliasRemoved(written) => {
                let done = sqlx::query("delete from atlante.alias where comune = $1 and written = $2")
                    .bind(comune)
                    .bind(written.as_ref())
                    .execute(&mut *tx)
                    .await?;
                some(done.rows_affected(), || "the alias".to_owned())?;
            }
            Change::Token(token) => save_token(&mut *tx, comune, token).await?,
            Change::TokenRevoked { name, at } => {
                let done = sqlx::query(
                    "update atlante.token set revoked_at = $1 where comune = $2 and name = $3 and revoked_at is null",
                )
                .bind(at.to_string())
                .bind(comune)
                .bind(name.as_ref())
                .execute(&mut *tx)
                .await?;
                some(done.rows_affected(), || format!("a token named \"{name}\""))?;
            }
            Change::Audit(rows) => append_audit(&mut *tx, comune, rows).await?,
        }
        writing.commit(&object, op).await
    }

    async fn save_layer(&self, layer: Layer) -> Result<(), StoreError> {
        let vault = Arc::clone(&self.vault);
        let (layer, block) = compute(move || {
            let bytes = layer::encode(&layer.features)?;
            let block = pack(&vault, Secrecy::Plain, &layer_place(layer.name.as_str()), &bytes)?;
            Ok((layer, block))
        })
        .await?;
        let (layer, shown) = tables::prepare(layer).await?;
        let comune = self.key();
        let mut writing = self.write().await?;
        let tx = &mut *writing;
        sqlx::query("delete from atlante.layer where comune = $1 and name = $2")
            .bind(comune)
            .bind(layer.name.as_str())
            .execute(&mut *tx)
            .await?;
        if tables::is_figures(&mut *tx, self.comune, &layer.name).await? {
            return Err(StoreError::Conflict(format!("\"{}\" is the name of published figures", layer.name)));
        }
        sqlx::query(
            "insert into atlante.layer (comune, name, title_it, title_en, features, length, hash, bytes)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(comune)
        .bind(layer.name.as_str())
        .bind(layer.titles.it.as_ref())
        .bind(layer.titles.en.as_ref())
        .bind(layer.features.len() as i64)
        .bind(block.length)
        .bind(block.hash)
        .bind(block.bytes)
        .execute(&mut *tx)
        .await?;
        tables::write_table(&mut *tx, self.comune, &shown, Purpose::Reference).await?;
        writing.commit(&format!("layer/{}", layer.name), "save").await
    }

    pub(super) async fn read_layer(&self, name: LayerName) -> Result<Layer, StoreError> {
        type Row = (String, String, i64, Vec<u8>, Vec<u8>);
        let mut reader = self.read().await?;
        let row: Option<Row> = sqlx::query_as(
            "select title_it, title_en, length, hash, bytes from atlante.layer where comune = $1 and name = $2",
        )
        .bind(self.key())
        .bind(name.as_str())
        .fetch_optional(&mut *reader)
        .await?;
        let (it, en, length, hash, bytes) = row.ok_or_else(|| StoreError::Missing(format!("layer \"{name}\"")))?;
        let found = Found { place: layer_place(name.as_str()), block: Block { length, hash, bytes } };
        let vault = Arc::clone(&self.vault);
        let features = compute(move || layer::decode(&unpack(&vault, Secrecy::Plain, &found)?)).await?;
        Ok(Layer { name, titles: Titles { it: it.into(), en: en.into() }, features })
    }

    pub(super) async fn read_contents(&self) -> Result<Contents, StoreError> {
        let comune = self.key();
        let mut tx = self.read().await?;
        let contents = Contents {
            comune: self.comune,
            sources: sources::all(&mut tx, comune).await?,
            rebuilt: generations::current(&mut tx, comune, Line::Rebuilt).await?,
            served: generations::current(&mut tx, comune, Line::Served).await?,
            layers: layers(&mut tx, comune).await?,
            aliases: aliases(&mut tx, comune).await?,
            tokens: tokens(&mut tx, comune).await?,
            audit_head: audit_head(&mut tx, comune).await?,
        };
        tx.rollback().await?;
        Ok(contents)
    }

    pub(super) async fn read_audit(&self, from: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let mut reader = self.read().await?;
        audit_entries(&mut reader, self.key(), from, limit).await
    }
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

fn some(rows: u64, what: impl FnOnce() -> String) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Missing(what())) } else { Ok(()) }
}

fn digest(bytes: Vec<u8>) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("a hash is cut short".to_owned()))
}

fn instant(text: &str) -> Result<jiff::Timestamp, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt("a time cannot be read".to_owned()))
}

async fn remove_layer(connection: &mut PgConnection, comune: Comune, name: &LayerName) -> Result<(), StoreError> {
    let done = sqlx::query("delete from atlante.layer where comune = $1 and name = $2")
        .bind(comune.as_str())
        .bind(name.as_str())
        .execute(&mut *connection)
        .await?;
    some(done.rows_affected(), || format!("layer \"{name}\""))?;
    tables::drop_table(connection, comune, name).await
}

async fn save_alias(connection: &mut PgConnection, comune: &str, alias: Alias) -> Result<(), StoreError> {
    sqlx::query(
        "insert into atlante.alias (comune, written, street, at) values ($1, $2, $3, $4)
         on conflict (comune, written) do update set street = excluded.street, at = excluded.at",
    )
    .bind(comune)
    .bind(alias.written.as_ref())
    .bind(alias.street.map(|street| street.0 as i64))
    .bind(alias.at.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

async fn save_token(connection: &mut PgConnection, comune: &str, token: Token) -> Result<(), StoreError> {
    let (taken,): (i64,) =
        sqlx::query_as("select count(*) from atlante.token where comune = $1 and name = $2 and revoked_at is null")
            .bind(comune)
            .bind(token.name.as_ref())
            .fetch_one(&mut *connection)
            .await?;
    if taken > 0 {
        return Err(StoreError::Conflict(format!("there is a token named \"{}\": revoke it first", token.name)));
    }
    sqlx::query(
        "insert into atlante.token (comune, id, name, role, hash, created_at, revoked_at)
         values ($1, (select coalesce(max(id), 0) + 1 from atlante.token where comune = $1), $2, $3, $4, $5, $6)",
    )
    .bind(comune)
    .bind(token.name.as_ref())
    .bind(token.role.key())
    .bind(token.hash.as_bytes().to_vec())
    .bind(token.created_at.to_string())
    .bind(token.revoked_at.map(|at| at.to_string()))
    .execute(connection)
    .await?;
    Ok(())
}

async fn append_audit(connection: &mut PgConnection, comune: &str, entries: Vec<Entry>) -> Result<(), StoreError> {
    let mut head = audit_head(connection, comune).await?;
    for entry in entries {
        if entry.seq != head.count + 1 || entry.prev != head.hash {
            let next = head.count + 1;
            return Err(StoreError::Conflict(format!("audit entry {} was given where {next} comes next", entry.seq)));
        }
        head = Head { count: entry.seq, hash: entry.hash };
        sqlx::query(
            "insert into atlante.audit (comune, seq, at, actor, role, action, object, rows, outcome, prev, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(comune)
        .bind(entry.seq as i64)
        .bind(entry.at.into_string())
        .bind(entry.actor.into_string())
        .bind(entry.role.into_string())
        .bind(entry.action.into_string())
        .bind(entry.object.into_string())
        .bind(entry.rows as i64)
        .bind(entry.outcome.into_string())
        .bind(entry.prev.to_vec())
        .bind(entry.hash.to_vec())
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query("update atlante.home set audit_count = $1, audit_hash = $2 where comune = $3")
        .bind(head.count as i64)
        .bind(head.hash.to_vec())
        .bind(comune)
        .execute(connection)
        .await?;
    Ok(())
}

/// Where the audit log ends.
pub(super) async fn audit_head(connection: &mut PgConnection, comune: &str) -> Result<Head, StoreError> {
    let (count, hash): (i64, Vec<u8>) =
        sqlx::query_as("select audit_count, audit_hash from atlante.home where comune = $1")
            .bind(comune)
            .fetch_one(connection)
            .await?;
    Ok(Head { count: count as u64, hash: digest(hash)? })
}

/// Entries of the audit log.
pub(super) async fn audit_entries(
    connection: &mut PgConnection,
    comune: &str,
    from: u64,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    type Row = (i64, String, String, String, String, String, i64, String, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = sqlx::query_as(
        "select seq, at, actor, role, action, object, rows, outcome, prev, hash from atlante.audit
         where comune = $1 and seq >= $2 order by seq limit $3",
    )
    .bind(comune)
    .bind(i64::try_from(from).unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(connection)
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

async fn layers(connection: &mut PgConnection, comune: &str) -> Result<Vec<LayerHead>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "select name, title_it, title_en, features from atlante.layer where comune = $1 order by name collate \"C\"",
    )
    .bind(comune)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(name, it, en, features)| {
            let titles = Titles { it: it.into(), en: en.into() };
            Ok(LayerHead { name: name.parse()?, titles, features: features as u64 })
        })
        .collect()
}

async fn aliases(connection: &mut PgConnection, comune: &str) -> Result<Vec<Alias>, StoreError> {
    let rows: Vec<(String, Option<i64>, String)> =
        sqlx::query_as("select written, street, at from atlante.alias where comune = $1 order by written")
            .bind(comune)
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(written, street, at)| {
            let street = street.map(|street| StreetId(street as u64));
            Ok(Alias { written: written.into(), street, at: instant(&at)? })
        })
        .collect()
}

async fn tokens(connection: &mut PgConnection, comune: &str) -> Result<Vec<Token>, StoreError> {
    type Row = (String, String, Vec<u8>, String, Option<String>);
    let rows: Vec<Row> = sqlx::query_as(
        "select name, role, hash, created_at, revoked_at from atlante.token where comune = $1 order by id",
    )
    .bind(comune)
    .fetch_all(connection)
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
