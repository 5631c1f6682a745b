//! The whole store, read and verified.

use std::sync::Arc;

use super::{
    super::{
        block::{Block, Found, layer_place, payload_place, troubles_place, unpack_all},
        error::StoreError,
        generation::Artefact,
        ledger::{Fault, Faults},
        source::{Source, SourceKind, SourceState},
        vault::{Secrecy, Vault},
    },
    Home, Link, events, generations, ledger, sources, values,
};
use crate::access::audit;

/// Batches that are in memory at once.
const BATCHES_AT_ONCE: i64 = 16;

/// [`Store::check`](super::super::Store::check).
pub(super) async fn all<H: Home>(home: &H) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Faults::default();
    // One moment of the whole: others may be writing while it is checked.
    let mut reading = home.read().await?;
    let link = &mut *reading;
    let disk = H::check_disk(link, &mut faults).await;
    if faults.take("pages", disk)?.is_none() {
        return Ok(faults.list);
    }
    let (comune, vault) = (home.key(), home.vault());
    let sources = sources::all(link, comune).await;
    for source in faults.take("sources", sources)?.unwrap_or_default() {
        let place = format!("source {} ({})", source.id.0, source.file);
        let result = check_source(link, comune, vault, &source, &mut faults).await;
        faults.take(&place, result)?;
    }
    let result = check_generations(link, comune, vault, &mut faults).await;
    faults.take("generations", result)?;
    let result = check_layers(link, comune, vault, &mut faults).await;
    faults.take("layers", result)?;
    let result = home.check_shown(link, &mut faults).await;
    faults.take("layers", result)?;
    let result = check_audit(link, comune, &mut faults).await;
    faults.take("audit log", result)?;
    let result = events::check(link, comune, vault, &mut faults).await;
    faults.take("events", result)?;
    Ok(faults.list)
}

async fn check_source<L: Link>(
    link: &mut L,
    comune: &str,
    vault: &Arc<Vault>,
    source: &Source,
    faults: &mut Faults,
) -> Result<(), StoreError> {
    let place = format!("source {} ({})", source.id.0, source.file);
    let (count, last, rows, records, refused): (i64, i64, i64, i64, i64) = link
        .one(
            "select count(*), coalesce(max(idx), -1), cast(coalesce(sum(last_row - first_row + 1), 0) as bigint),
                    cast(coalesce(sum(records), 0) as bigint), cast(coalesce(sum(refused), 0) as bigint)
             from {batch} where comune = $1 and source = $2",
            values![comune, source.id.0],
        )
        .await?;
    if source.state == SourceState::Superseded {
        if count > 0 {
            faults.add(place, "is superseded and still has batches");
        }
        return Ok(());
    }
    if count != i64::from(source.batches) || last + 1 != count {
        faults.add(&place, format!("has {count} batches of {}", source.batches));
    }
    let totals = source.totals;
    let is_bank = matches!(source.kind, SourceKind::Bank(_));
    if is_bank && records + refused != rows {
        faults.add(&place, format!("{records} records and {refused} rejects are not {rows} rows"));
    }
    if is_bank && [totals.rows, totals.records, totals.rejects].map(|n| n as i64) != [rows, records, refused] {
        faults.add(&place, "its batches do not add up to its totals");
    }
    let mut from = 0;
    while from <= last {
        check_batches(link, comune, vault, source, from, faults).await?;
        from += BATCHES_AT_ONCE;
    }
    Ok(())
}

async fn check_batches<L: Link>(
    link: &mut L,
    comune: &str,
    vault: &Arc<Vault>,
    source: &Source,
    from: i64,
    faults: &mut Faults,
) -> Result<(), StoreError> {
    type Row = (i64, i64, Vec<u8>, Vec<u8>, i64, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = link
        .rows(
            "select idx, length, hash, payload, troubles_length, troubles_hash, troubles from {batch}
             where comune = $1 and source = $2 and idx >= $3 and idx < $4",
            values![comune, source.id.0, from, from + BATCHES_AT_ONCE],
        )
        .await?;
    for (index, length, hash, bytes, troubles_length, troubles_hash, troubles) in rows {
        let payload = Found { place: payload_place(source.id.0, index), block: Block { length, hash, bytes } };
        let block = Block { length: troubles_length, hash: troubles_hash, bytes: troubles };
        let troubles = Found { place: troubles_place(source.id.0, index), block };
        check_blocks(vault, source.kind.secrecy(), vec![payload, troubles], faults).await?;
    }
    Ok(())
}

async fn check_blocks(
    vault: &Arc<Vault>,
    secrecy: Secrecy,
    found: Vec<Found>,
    faults: &mut Faults,
) -> Result<(), StoreError> {
    for block in found {
        let place = block.place.clone();
        let result = unpack_all(vault, secrecy, vec![block]).await;
        faults.take(&place, result)?;
    }
    Ok(())
}

async fn check_generations<L: Link>(
    link: &mut L,
    comune: &str,
    vault: &Arc<Vault>,
    faults: &mut Faults,
) -> Result<(), StoreError> {
    let (lost,): (i64,) = link
        .one(
            "select count(*) from {home} h where comune = $1 and (
                 served is not null and not exists
                     (select 1 from {generation} g where g.comune = h.comune and g.id = h.served)
                 or rebuilt is not null and not exists
                     (select 1 from {generation} g where g.comune = h.comune and g.id = h.rebuilt))",
            values![comune],
        )
        .await?;
    if lost > 0 {
        faults.add("generations", "the current one is not there");
    }
    let rows: Vec<(String, String)> = link
        .rows(
            "select generation, name from {artefact} where comune = $1
             order by generation collate \"C\", name collate \"C\"",
            values![comune],
        )
        .await?;
    for (generation, name) in rows {
        let place = format!("generation {generation}, {name}");
        let Some(artefact) = Artefact::from_stored(&name) else {
            faults.add(place, "is an unknown artefact");
            continue;
        };
        let chunks = generations::chunks(link, comune, &generation, artefact).await;
        let Some(Some((length, found))) = faults.take(&place, chunks)? else {
            continue;
        };
        let sum: i64 = found.iter().map(|found| found.block.length).sum();
        if sum != length {
            faults.add(&place, "its chunks do not add up to its length");
        }
        check_blocks(vault, artefact.secrecy(), found, faults).await?;
    }
    Ok(())
}

async fn check_audit<L: Link>(link: &mut L, comune: &str, faults: &mut Faults) -> Result<(), StoreError> {
    let head = ledger::audit_head(link, comune).await?;
    let entries = ledger::audit_entries(link, comune, 0, u32::MAX).await?;
    if let Err(broken) = audit::verify(&entries, head) {
        faults.add("audit log", broken.to_string());
    }
    Ok(())
}

async fn check_layers<L: Link>(
    link: &mut L,
    comune: &str,
    vault: &Arc<Vault>,
    faults: &mut Faults,
) -> Result<(), StoreError> {
    let names: Vec<(String,)> =
        link.rows("select name from {layer} where comune = $1 order by name collate \"C\"", values![comune]).await?;
    for (name,) in names {
        // One at a time: layers are large.
        let row: Option<(i64, Vec<u8>, Vec<u8>)> = link
            .row("select length, hash, bytes from {layer} where comune = $1 and name = $2", values![comune, &name])
            .await?;
        let blocks = row.map(|(length, hash, bytes)| Block { length, hash, bytes });
        let found = blocks.map(|block| Found { place: layer_place(&name), block });
        check_blocks(vault, Secrecy::Plain, found.into_iter().collect(), faults).await?;
    }
    Ok(())
}
