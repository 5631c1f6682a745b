//! Generations and their artefacts, in chunks.

use super::{
    super::{
        block::{Block, Found, PackedArtefact, chunk_place, join_chunks, pack_artefacts},
        error::StoreError,
        generation::{Artefact, Generation, GenerationHead, GenerationId, KEPT, Line},
    },
    Home, Link, Writing as _, values,
};

/// [`Store::publish`](super::super::Store::publish).
pub(super) async fn publish<H: Home>(home: &H, generation: Generation) -> Result<GenerationHead, StoreError> {
    let Generation { id, line, as_of, at, artefacts, figures } = generation;
    let packed = pack_artefacts(home.vault(), id, artefacts).await?;
    let mut laid = Vec::with_capacity(figures.len());
    for layer in figures {
        laid.push(H::lay(layer).await?);
    }
    let (comune, mut writing) = (home.key(), home.write().await?);
    let (link, name) = (&mut *writing, id.to_string());
    link.run("delete from {generation} where comune = $1 and id = $2", values![comune, &name]).await?;
    let statement = match line {
        Line::Rebuilt => {
            "update {home} set last_generation = last_generation + 1, rebuilt = $1 where comune = $2
             returning last_generation"
        }
        Line::Served => {
            "update {home} set last_generation = last_generation + 1, served = $1 where comune = $2
             returning last_generation"
        }
    };
    let (ordinal,): (i64,) = link.one(statement, values![&name, comune]).await?;
    link.run(
        "insert into {generation} (comune, id, line, ordinal, as_of, at) values ($1, $2, $3, $4, $5, $6)",
        values![comune, &name, line.name(), ordinal, as_of.to_string(), at.to_string()],
    )
    .await?;
    for PackedArtefact { artefact, length, chunks } in packed {
        link.run(
            "insert into {artefact} (comune, generation, name, length, chunks) values ($1, $2, $3, $4, $5)",
            values![comune, &name, artefact.name(), length as i64, chunks.len() as i64],
        )
        .await?;
        home.load_chunks(link, id, artefact, chunks).await?;
    }
    link.run(
        "delete from {generation} where comune = $1 and line = $2 and id not in
             (select id from {generation} where comune = $1 and line = $2 order by ordinal desc limit $3)",
        values![comune, line.name(), KEPT],
    )
    .await?;
    if line == Line::Served {
        home.show_figures(link, &laid, Some(&name)).await?;
    }
    let head = current(link, comune, line).await?.ok_or_else(|| StoreError::Missing(format!("generation {id}")))?;
    writing.commit(&format!("generation/{id}"), line.name()).await?;
    home.rest().await?;
    Ok(head)
}

/// [`Store::artefact`](super::super::Store::artefact).
pub(super) async fn artefact<H: Home>(home: &H, id: GenerationId, artefact: Artefact) -> Result<Vec<u8>, StoreError> {
    let mut reading = home.read().await?;
    let (length, found) = chunks(&mut *reading, home.key(), &id.to_string(), artefact)
        .await?
        .ok_or_else(|| StoreError::Missing(format!("{artefact} of generation {id}")))?;
    drop(reading);
    join_chunks(home.vault(), id, artefact, length, found).await
}

/// An artefact's length and its chunks, all of them, in order.
async fn chunks<L: Link>(
    link: &mut L,
    comune: &str,
    generation: &str,
    artefact: Artefact,
) -> Result<Option<(i64, Vec<Found>)>, StoreError> {
    type Row = (i64, i64, Option<i64>, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>);
    let rows: Vec<Row> = link
        .rows(
            "select a.length, a.chunks, c.idx, c.length, c.hash, c.bytes
             from {artefact} a left join {chunk} c using (comune, generation, name)
             where comune = $1 and generation = $2 and name = $3 order by c.idx",
            values![comune, generation, artefact.name()],
        )
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
pub(super) async fn current<L: Link>(
    link: &mut L,
    comune: &str,
    line: Line,
) -> Result<Option<GenerationHead>, StoreError> {
    type Row = (String, String, String, Option<String>, Option<i64>);
    let rows: Vec<Row> = link
        .rows(
            "select g.id, g.as_of, g.at, a.name, a.length
             from {home} h join {generation} g on g.comune = h.comune
                  and g.id = case when $1 = 'rebuilt' then h.rebuilt else h.served end
             left join {artefact} a on a.comune = g.comune and a.generation = g.id
             where h.comune = $2",
            values![line.name(), comune],
        )
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
