//! Generations and their artefacts, in chunks, loaded by COPY.

use sqlx::PgConnection;

use super::super::sql::{Home as _, Writing as _};
use super::{
    super::{
        block::{Block, Found, PackedArtefact, chunk_place, join_chunks, pack_artefacts},
        error::StoreError,
        generation::{Artefact, Generation, GenerationHead, GenerationId, KEPT, Line},
    },
    Postgis,
    copy::{self, Cell, Load},
    tables,
};

impl Postgis {
    pub(super) async fn publish_generation(&self, generation: Generation) -> Result<GenerationHead, StoreError> {
        let Generation { id, line, as_of, at, artefacts, figures } = generation;
        let packed = pack_artefacts(&self.vault, id, artefacts).await?;
        let comune = self.key();
        let mut shown = Vec::with_capacity(figures.len());
        for layer in figures {
            shown.push(tables::prepare(layer).await?.1);
        }
        let mut writing = self.write().await?;
        let tx = &mut *writing;
        sqlx::query("delete from atlante.generation where comune = $1 and id = $2")
            .bind(comune)
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        let (ordinal,): (i64,) = sqlx::query_as(match line {
            Line::Rebuilt => {
                "update atlante.home set last_generation = last_generation + 1, rebuilt = $1 where comune = $2
                 returning last_generation"
            }
            Line::Served => {
                "update atlante.home set last_generation = last_generation + 1, served = $1 where comune = $2
                 returning last_generation"
            }
        })
        .bind(id.to_string())
        .bind(comune)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query(
            "insert into atlante.generation (comune, id, line, ordinal, as_of, at) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(comune)
        .bind(id.to_string())
        .bind(line.name())
        .bind(ordinal)
        .bind(as_of.to_string())
        .bind(at.to_string())
        .execute(&mut *tx)
        .await?;
        for artefact in packed {
            insert_artefact(&mut *tx, comune, id, artefact).await?;
        }
        sqlx::query(
            "delete from atlante.generation where comune = $1 and line = $2 and id not in
                 (select id from atlante.generation where comune = $1 and line = $2 order by ordinal desc limit $3)",
        )
        .bind(comune)
        .bind(line.name())
        .bind(i64::from(KEPT))
        .execute(&mut *tx)
        .await?;
        if line == Line::Served {
            tables::replace_figures(tx, self.comune, &shown).await?;
        }
        let head =
            current(&mut *tx, comune, line).await?.ok_or_else(|| StoreError::Missing(format!("generation {id}")))?;
        writing.commit(&format!("generation/{id}"), line.name()).await?;
        Ok(head)
    }

    pub(super) async fn read_artefact(&self, id: GenerationId, artefact: Artefact) -> Result<Vec<u8>, StoreError> {
        let generation = id.to_string();
        let mut reader = self.read().await?;
        let (length, found) = chunks(&mut reader, self.key(), &generation, artefact)
            .await?
            .ok_or_else(|| StoreError::Missing(format!("{artefact} of generation {id}")))?;
        drop(reader);
        join_chunks(&self.vault, id, artefact, length, found).await
    }
}

/// An artefact's length and its chunks, all of them, in order.
pub(super) async fn chunks(
    connection: &mut PgConnection,
    comune: &str,
    generation: &str,
    artefact: Artefact,
) -> Result<Option<(i64, Vec<Found>)>, StoreError> {
    // One statement, so that no generation is dropped between its head and its chunks.
    type Row = (i64, i64, Option<i64>, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select a.length, a.chunks, c.idx, c.length, c.hash, c.bytes
         from atlante.artefact a left join atlante.chunk c using (comune, generation, name)
         where comune = $1 and generation = $2 and name = $3 order by c.idx",
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
    connection: &mut PgConnection,
    comune: &str,
    line: Line,
) -> Result<Option<GenerationHead>, StoreError> {
    type Row = (String, String, String, Option<String>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "select g.id, g.as_of, g.at, a.name, a.length
         from atlante.home h join atlante.generation g on g.comune = h.comune
              and g.id = case when $1 = 'rebuilt' then h.rebuilt else h.served end
         left join atlante.artefact a on a.comune = g.comune and a.generation = g.id
         where h.comune = $2",
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
    connection: &mut PgConnection,
    comune: &str,
    generation: GenerationId,
    packed: PackedArtefact,
) -> Result<(), StoreError> {
    let PackedArtefact { artefact, length, chunks } = packed;
    sqlx::query("insert into atlante.artefact (comune, generation, name, length, chunks) values ($1, $2, $3, $4, $5)")
        .bind(comune)
        .bind(generation.to_string())
        .bind(artefact.name())
        .bind(length as i64)
        .bind(chunks.len() as i64)
        .execute(&mut *connection)
        .await?;
    if chunks.is_empty() {
        return Ok(());
    }
    let id = generation.to_string();
    let staged = copy::stage(connection, "chunk").await?;
    let mut load = Load::begin(connection, &staged).await?;
    for (index, chunk) in chunks.into_iter().enumerate() {
        load.row(&[
            Cell::Bytes(comune.as_bytes()),
            Cell::Bytes(id.as_bytes()),
            Cell::Bytes(artefact.name().as_bytes()),
            Cell::Whole(index as i64),
            Cell::Whole(chunk.length),
            Cell::Bytes(&chunk.hash),
            Cell::Bytes(&chunk.bytes),
        ])
        .await?;
    }
    load.finish().await?;
    copy::unstage(connection, "chunk").await
}
