//! The small changes, and what the store holds.

use std::sync::Arc;

use sqlx::{Connection as _, SqliteConnection};

use super::{
    super::generation::Line,
    super::{
        error::StoreError,
        layer::{self, Layer, LayerHead, LayerName, Titles},
        ledger::{Alias, AuditRow, Change, Contents, Token},
        vault::Secrecy,
    },
    Embedded,
    blocks::{Block, Found, pack, unpack},
    compute, generations, sources, tables,
};
use crate::domain::place::StreetId;

/// Where a layer's exact features lie.
pub(super) fn layer_place(name: &str) -> String {
    format!("store_layer/{name}")
}

impl Embedded {
    pub(super) async fn save_change(&self, change: Change) -> Result<(), StoreError> {
        let comune = self.key();
        if let Change::Layer(layer) = change {
            return self.save_layer(layer).await;
        }
        let mut writer = self.writer().await;
        let mut tx = writer.begin().await?;
        match change {
            Change::Layer(_) => {}
            Change::LayerRemoved(name) => remove_layer(&mut tx, comune, &name).await?,
            Change::Alias(alias) => save_alias(&mut tx, comune, alias).await?,
            Change::AliasRemoved(written) => {
                let done = sqlx::query("delete from store_alias where comune = ? and written = ?")
                    .bind(comune)
                    .bind(written.as_ref())
                    .execute(&mut *tx)
                    .await?;
                some(done.rows_affected(), || "the alias".to_owned())?;
            }
            Change::Token(token) => save_token(&mut tx, comune, token).await?,
            Change::TokenRevoked { name, at } => {
                let done = sqlx::query(
                    "update store_token set revoked_at = ? where comune = ? and name = ? and revoked_at is null",
                )
                .bind(at.to_string())
                .bind(comune)
                .bind(name.as_ref())
                .execute(&mut *tx)
                .await?;
                some(done.rows_affected(), || format!("a token named \"{name}\""))?;
            }
            Change::Audit(rows) => append_audit(&mut tx, comune, rows).await?,
        }
        Ok(tx.commit().await?)
    }

    async fn save_layer(&self, layer: Layer) -> Result<(), StoreError> {
        let vault = Arc::clone(&self.vault);
        let (layer, block) = compute(move || {
            let bytes = layer::encode(&layer.features)?;
            let block = pack(&vault, Secrecy::Plain, &layer_place(layer.name.as_str()), &bytes)?;
            Ok((layer, block))
        })
        .await?;
        let comune = self.key();
        let mut writer = self.writer().await;
        let mut tx = writer.begin().await?;
        let old = sqlx::query("delete from store_layer where comune = ? and name = ?")
            .bind(comune)
            .bind(layer.name.as_str())
            .execute(&mut *tx)
            .await?;
        if old.rows_affected() == 0 && tables::is_listed(&mut tx, &layer.name).await? {
            return Err(StoreError::Conflict(format!("\"{}\" is the name of published figures", layer.name)));
        }
        sqlx::query(
            "insert into store_layer (comune, name, title_it, title_en, features, length, hash, bytes)
             values (?, ?, ?, ?, ?, ?, ?, ?)",
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
        tables::write_table(&mut tx, &layer).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn read_layer(&self, name: LayerName) -> Result<Layer, StoreError> {
        type Row = (String, String, i64, Vec<u8>, Vec<u8>);
        let mut reader = self.reader().await?;
        let row: Option<Row> = sqlx::query_as(
            "select title_it, title_en, length, hash, bytes from store_layer where comune = ? and name = ?",
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
        let mut reader = self.reader().await?;
        let mut tx = reader.begin().await?;
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

    pub(super) async fn read_audit(&self, from: u64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let mut reader = self.reader().await?;
        let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "select seq, body, hash from store_audit where comune = ? and seq >= ? order by seq limit ?",
        )
        .bind(self.key())
        .bind(i64::try_from(from).unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&mut *reader)
        .await?;
        rows.into_iter().map(|(seq, body, hash)| Ok(AuditRow { seq: seq as u64, body, hash: digest(hash)? })).collect()
    }
}

fn some(rows: u64, what: impl FnOnce() -> String) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Missing(what())) } else { Ok(()) }
}

fn digest(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("a hash is cut short".to_owned()))
}

fn instant(text: &str) -> Result<jiff::Timestamp, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt("a time cannot be read".to_owned()))
}

async fn remove_layer(connection: &mut SqliteConnection, comune: &str, name: &LayerName) -> Result<(), StoreError> {
    let done = sqlx::query("delete from store_layer where comune = ? and name = ?")
        .bind(comune)
        .bind(name.as_str())
        .execute(&mut *connection)
        .await?;
    some(done.rows_affected(), || format!("layer \"{name}\""))?;
    tables::drop_table(connection, name).await
}

async fn save_alias(connection: &mut SqliteConnection, comune: &str, alias: Alias) -> Result<(), StoreError> {
    sqlx::query("insert or replace into store_alias (comune, written, street, at) values (?, ?, ?, ?)")
        .bind(comune)
        .bind(alias.written.as_ref())
        .bind(alias.street.map(|street| street.0 as i64))
        .bind(alias.at.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

async fn save_token(connection: &mut SqliteConnection, comune: &str, token: Token) -> Result<(), StoreError> {
    let (taken,): (i64,) =
        sqlx::query_as("select count(*) from store_token where comune = ? and name = ? and revoked_at is null")
            .bind(comune)
            .bind(token.name.as_ref())
            .fetch_one(&mut *connection)
            .await?;
    if taken > 0 {
        return Err(StoreError::Conflict(format!("there is a token named \"{}\": revoke it first", token.name)));
    }
    sqlx::query(
        "insert into store_token (comune, id, name, role, hash, created_at, revoked_at)
         values (?1, (select coalesce(max(id), 0) + 1 from store_token where comune = ?1), ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(comune)
    .bind(token.name.as_ref())
    .bind(token.role.as_ref())
    .bind(token.hash.to_vec())
    .bind(token.created_at.to_string())
    .bind(token.revoked_at.map(|at| at.to_string()))
    .execute(connection)
    .await?;
    Ok(())
}

async fn append_audit(connection: &mut SqliteConnection, comune: &str, rows: Vec<AuditRow>) -> Result<(), StoreError> {
    let mut next = audit_head(connection, comune).await?.map_or(1, |(seq, _)| seq + 1);
    for row in rows {
        if row.seq != next {
            return Err(StoreError::Conflict(format!("audit entry {} was given where {next} comes next", row.seq)));
        }
        sqlx::query("insert into store_audit (comune, seq, body, hash) values (?, ?, ?, ?)")
            .bind(comune)
            .bind(row.seq as i64)
            .bind(row.body)
            .bind(row.hash.to_vec())
            .execute(&mut *connection)
            .await?;
        next += 1;
    }
    Ok(())
}

async fn audit_head(connection: &mut SqliteConnection, comune: &str) -> Result<Option<(u64, [u8; 32])>, StoreError> {
    let row: Option<(i64, Vec<u8>)> =
        sqlx::query_as("select seq, hash from store_audit where comune = ? order by seq desc limit 1")
            .bind(comune)
            .fetch_optional(connection)
            .await?;
    row.map(|(seq, hash)| Ok((seq as u64, digest(hash)?))).transpose()
}

async fn layers(connection: &mut SqliteConnection, comune: &str) -> Result<Vec<LayerHead>, StoreError> {
    let rows: Vec<(String, String, String, i64)> =
        sqlx::query_as("select name, title_it, title_en, features from store_layer where comune = ? order by name")
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

async fn aliases(connection: &mut SqliteConnection, comune: &str) -> Result<Vec<Alias>, StoreError> {
    let rows: Vec<(String, Option<i64>, String)> =
        sqlx::query_as("select written, street, at from store_alias where comune = ? order by written")
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

async fn tokens(connection: &mut SqliteConnection, comune: &str) -> Result<Vec<Token>, StoreError> {
    type Row = (String, String, Vec<u8>, String, Option<String>);
    let rows: Vec<Row> =
        sqlx::query_as("select name, role, hash, created_at, revoked_at from store_token where comune = ? order by id")
            .bind(comune)
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(name, role, hash, created_at, revoked_at)| {
            Ok(Token {
                name: name.into(),
                role: role.into(),
                hash: digest(hash)?,
                created_at: instant(&created_at)?,
                revoked_at: revoked_at.as_deref().map(instant).transpose()?,
            })
        })
        .collect()
}
