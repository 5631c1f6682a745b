//! Generations and their artefacts, in chunks.

use sqlx::SqliteConnection;

use super::super::sql::Home as _;
use super::{
    super::{
        block::{Block, Found, PackedArtefact, chunk_place, join_chunks, pack_artefacts},
        error::StoreError,
        generation::{Artefact, Generation, GenerationHead, GenerationId, KEPT, Line},
    },
    Embedded, tables,
};

impl Embedded {
    pub(super) async fn publish_generation(&self, generation: Generation) -> Result<GenerationHead, StoreError> {
        let Generation { id, line, as_of, at, artefacts, figures } = generation;
        let packed = pack_artefacts(&self.vault, id, artefacts).await?;
        let comune = self.key();
        let mut writer = self.writer().await;
        let mut tx = writer.begin().await?;
        sqlx::query("delete from store_generation where comune = ? and id = ?")
            .bind(comune)
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        let (ordinal,): (i64,) = sqlx::query_as(match line {
            Line::Rebuilt => {
                "update store_home set last_generation = last_generation + 1, rebuilt = ? where comune = ?
                 returning last_generation"
            }
            Line::Served => {
                "update store_home set last_generation = last_generation + 1, served = ? where comune = ?
                 returning last_generation"
            }
        })
        .bind(id.to_string())
        .bind(comune)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query("insert into store_generation (comune, id, line, ordinal, as_of, at) values (?, ?, ?, ?, ?, ?)")
            .bind(comune)
            .bind(id.to_string())
            .bind(line.name())
            .bind(ordinal)
            .bind(as_of.to_string())
            .bind(at.to_string())
            .execute(&mut *tx)
            .await?;
        for artefact in packed {
            insert_artefact(&mut tx, comune, id, artefact).await?;
        }
        sqlx::query(
            "delete from store_generation where comune = ?1 and line = ?2 and id not in
                 (select id from store_generation where comune = ?1 and line = ?2 order by ordinal desc limit ?3)",
        )
        .bind(comune)
        .bind(line.name())
        .bind(KEPT)
        .execute(&mut *tx)
        .await?;
        if line == Line::Served {
            tables::replace_figures(&mut tx, comune, &figures).await?;
            sqlx::query("update store_about set generation = ?, as_of = ?, published_at = ? where id = 1")
                .bind(id.to_string())
                .bind(as_of.to_string())
                .bind(at.to_string())
                .execute(&mut *tx)
                .await?;
        }
        let head =
            current(&mut tx, comune, line).await?.ok_or_else(|| StoreError::Missing(format!("generation {id}")))?;
        tx.commit().await?;
        // A large generation goes to the file now, not in the middle of somebody's small change.
        sqlx::query("pragma wal_checkpoint(passive)").execute(&mut writer.connection).await?;
        Ok(head)
    }

    pub(super) async fn read_artefact(&self, id: GenerationId, artefact: Artefact) -> Result<Vec<u8>, StoreError> {
        let generation = id.to_string();
        let mut reader = self.reader().await?;
        let (length, found) = chunks(&mut reader, self.key(), &generation, artefact)
            .await?
            .ok_or_else(|| StoreError::Missing(format!("{artefact} of generation {id}")))?;
        drop(reader);
        join_chunks(&self.vault, id, artefact, length, found).await
    }
}

/// An artefact's length and its chunks, all of them, in order.
pub(super) async fn chunks(
    connection: &mut SqliteConnection,
    comune: &str,
    generation: &str,
    artefact: Artefact,
) -> Result<Option<(i64, Vec<Found>)>, StoreError> {
    // One statement, so that no generation is dropped between its head and its chunks.
    type Row = (i64, i64, Option<i64>, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select a.length, a.chunks, c.idx, c.length, c.hash, c.bytes
         from store_artefact a left join store_chunk c using (comune, generation, name)
         where comune = ? and generation = ? and name = ? order by c.idx",
    )
    .bind(comune)
    .bind(generation)
    .bind(artefact.name())
    .fetch_all(connection)
    .await?;
    let Some(&(length, count, ..)) = rows.first() else {
        return Ok(None);
    };
    let found: Vec<Found> = rows
        .into_iter()
        .filter_map(|(_, _, index, length, hash, bytes)| {
            Some((index?, Block { length: length?, hash: hash?, bytes: bytes? }))
        })
        .map(|(index, block)| Found { place: chunk_place(generation, artefact, index as usize, count as usize), block })
        .collect();
    if found.len() as i64 == count {
        Ok(Some((length, found)))
    } else {
        Err(StoreError::Corrupt(format!("{artefact} of generation {generation} lacks a chunk")))
    }
}

/// The current generation of a line.
pub(super) async fn current(
    connection: &mut SqliteConnection,
    comune: &str,
    line: Line,
) -> Result<Option<GenerationHead>, StoreError> {
    type Row = (String, String, String, Option<String>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "select g.id, g.as_of, g.at, a.name, a.length
         from store_home h join store_generation g on g.comune = h.comune
              and g.id = case when ?1 = 'rebuilt' then h.rebuilt else h.served end
         left join store_artefact a on a.comune = g.comune and a.generation = g.id
         where h.comune = ?2",
    )
    .bind(line.name())
    .bind(comune)
    .fetch_all(connection)
    .await?;
    let Some((id, as_of, at, ..)) = rows.first() else {
        return Ok(None);
    };
    let broken = || StoreError::Corrupt("the current generation cannot be read".to_owned());
    let named = rows
        .iter()
        .filter_map(|(.., name, length)| Some((Artefact::from_stored(name.as_ref()?)?, *length.as_ref()? as u64)));
    let mut artefacts: Vec<(Artefact, u64)> = named.collect();
    artefacts.sort_unstable();
    Ok(Some(GenerationHead {
        id: GenerationId::from_stored(id).ok_or_else(broken)?,
        as_of: as_of.parse().map_err(|_| broken())?,
        at: at.parse().map_err(|_| broken())?,
        artefacts,
    }))
}

async fn insert_artefact(
    connection: &mut SqliteConnection,
    comune: &str,
    generation: GenerationId,
    packed: PackedArtefact,
) -> Result<(), StoreError> {
    let PackedArtefact { artefact, length, chunks } = packed;
    sqlx::query("insert into store_artefact (comune, generation, name, length, chunks) values (?, ?, ?, ?, ?)")
        .bind(comune)
        .bind(generation.to_string())
        .bind(artefact.name())
        .bind(length as i64)
        .bind(chunks.len() as i64)
        .execute(&mut *connection)
        .await?;
    for (index, chunk) in chunks.into_iter().enumerate() {
        sqlx::query(
            "insert into store_chunk (comune, generation, name, idx, length, hash, bytes) values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(comune)
        .bind(generation.to_string())
        .bind(artefact.name())
        .bind(index as i64)
        .bind(chunk.length)
        .bind(chunk.hash)
        .bind(chunk.bytes)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
