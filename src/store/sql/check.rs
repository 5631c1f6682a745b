//! The whole store, read and verified. What is large is read a piece at a time.

use std::sync::Arc;

use super::{
    super::{
        block::{Block, Found, chunk_place, layer_place, payload_place, troubles_place, unpack_all},
        error::StoreError,
        generation::Artefact,
        ledger::{Fault, Faults},
        source::{Source, SourceKind, SourceState},
        vault::{Secrecy, Vault},
    },
    Home, Link, events, ledger, sources, values,
};
use crate::access::audit::{self, Head};

/// Batches that are in memory at once.
const BATCHES_AT_ONCE: i64 = 16;
/// Entries of the audit log that are in memory at once.
const ENTRIES_AT_ONCE: u32 = 10_000;

/// [`Store::check`](super::super::Store::check).
pub(super) async fn all<H: Home>(home: &H) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Faults::default();
    // One moment of the whole: others may be writing while it is checked.
    let mut reading = home.read().await?;
    let disk = H::check_disk(&mut *reading, &mut faults).await;
    if faults.take("pages", disk)?.is_none() {
        return Ok(faults.list);
    }
    let mut survey = Survey { link: &mut *reading, comune: home.key(), vault: home.vault(), faults };
    let sources = sources::all(survey.link, survey.comune).await;
    for source in survey.faults.take("sources", sources)?.unwrap_or_default() {
        let result = survey.source(&source).await;
        survey.faults.take(&place_of(&source), result)?;
    }
    let result = survey.generations().await;
    survey.faults.take("generations", result)?;
    let result = survey.layers().await;
    survey.faults.take("layers", result)?;
    let result = home.check_shown(survey.link, &mut survey.faults).await;
    survey.faults.take("layers", result)?;
    let result = survey.audit().await;
    survey.faults.take("audit log", result)?;
    let result = events::check(survey.link, survey.comune, survey.vault, &mut survey.faults).await;
    survey.faults.take("events", result)?;
    Ok(survey.faults.list)
}

fn place_of(source: &Source) -> String {
    format!("source {} ({})", source.id.0, source.file)
}

/// A check under way.
struct Survey<'a, L> {
    link: &'a mut L,
    comune: &'a str,
    vault: &'a Arc<Vault>,
    faults: Faults,
}

impl<L: Link> Survey<'_, L> {
    async fn source(&mut self, source: &Source) -> Result<(), StoreError> {
        let place = place_of(source);
        let (count, last, rows, records, refused): (i64, i64, i64, i64, i64) = self
            .link
            .one(
                "select count(*), coalesce(max(idx), -1), cast(coalesce(sum(last_row - first_row + 1), 0) as bigint),
                        cast(coalesce(sum(records), 0) as bigint), cast(coalesce(sum(refused), 0) as bigint)
                 from {batch} where comune = $1 and source = $2",
                values![self.comune, source.id.0],
            )
            .await?;
        if source.state == SourceState::Superseded {
            if count > 0 {
                self.faults.add(place, "is superseded and still has batches");
            }
            return Ok(());
        }
        if count != i64::from(source.batches) || last + 1 != count {
            self.faults.add(&place, format!("has {count} batches of {}", source.batches));
        }
        let totals = source.totals;
        let is_bank = matches!(source.kind, SourceKind::Bank(_));
        if is_bank && records + refused != rows {
            self.faults.add(&place, format!("{records} records and {refused} rejects are not {rows} rows"));
        }
        if is_bank && [totals.rows, totals.records, totals.rejects].map(|n| n as i64) != [rows, records, refused] {
            self.faults.add(&place, "its batches do not add up to its totals");
        }
        let mut from = 0;
        while from <= last {
            self.batches(source, from).await?;
            from += BATCHES_AT_ONCE;
        }
        Ok(())
    }

    async fn batches(&mut self, source: &Source, from: i64) -> Result<(), StoreError> {
        type Row = (i64, i64, Vec<u8>, Vec<u8>, i64, Vec<u8>, Vec<u8>);
        let rows: Vec<Row> = self
            .link
            .rows(
                "select idx, length, hash, payload, troubles_length, troubles_hash, troubles from {batch}
                 where comune = $1 and source = $2 and idx >= $3 and idx < $4",
                values![self.comune, source.id.0, from, from + BATCHES_AT_ONCE],
            )
            .await?;
        let secrecy = source.kind.secrecy();
        for (index, length, hash, bytes, troubles_length, troubles_hash, troubles) in rows {
            self.block(secrecy, payload_place(source.id.0, index), Block { length, hash, bytes }).await?;
            let block = Block { length: troubles_length, hash: troubles_hash, bytes: troubles };
            self.block(secrecy, troubles_place(source.id.0, index), block).await?;
        }
        Ok(())
    }

    async fn block(&mut self, secrecy: Secrecy, place: String, block: Block) -> Result<(), StoreError> {
        let found = Found { place: place.clone(), block };
        let result = unpack_all(self.vault, secrecy, vec![found]).await;
        self.faults.take(&place, result)?;
        Ok(())
    }

    async fn generations(&mut self) -> Result<(), StoreError> {
        let (lost,): (i64,) = self
            .link
            .one(
                "select count(*) from {home} h where comune = $1 and (
                     served is not null and not exists
                         (select 1 from {generation} g where g.comune = h.comune and g.id = h.served)
                     or rebuilt is not null and not exists
                         (select 1 from {generation} g where g.comune = h.comune and g.id = h.rebuilt))",
                values![self.comune],
            )
            .await?;
        if lost > 0 {
            self.faults.add("generations", "the current one is not there");
        }
        let rows: Vec<(String, String, i64, i64)> = self
            .link
            .rows(
                "select generation, name, length, chunks from {artefact} where comune = $1
                 order by generation collate \"C\", name collate \"C\"",
                values![self.comune],
            )
            .await?;
        for (generation, name, length, chunks) in rows {
            let place = format!("generation {generation}, {name}");
            let Some(artefact) = Artefact::from_stored(&name) else {
                self.faults.add(place, "is an unknown artefact");
                continue;
            };
            let sum = self.chunks(&generation, artefact, chunks).await;
            if self.faults.take(&place, sum)?.is_some_and(|sum| sum != length) {
                self.faults.add(&place, "its chunks do not add up to its length");
            }
        }
        Ok(())
    }

    /// The sum of the lengths of an artefact's chunks. Errors: `Corrupt` when they are not so many.
    async fn chunks(&mut self, generation: &str, artefact: Artefact, count: i64) -> Result<i64, StoreError> {
        let lacking = || StoreError::Corrupt(format!("{artefact} of generation {generation} lacks a chunk"));
        let (found,): (i64,) = self
            .link
            .one(
                "select count(*) from {chunk} where comune = $1 and generation = $2 and name = $3",
                values![self.comune, generation, artefact.name()],
            )
            .await?;
        if found != count {
            return Err(lacking());
        }
        let mut sum = 0_i64;
        for index in 0..count {
            let row: Option<(i64, Vec<u8>, Vec<u8>)> = self
                .link
                .row(
                    "select length, hash, bytes from {chunk}
                     where comune = $1 and generation = $2 and name = $3 and idx = $4",
                    values![self.comune, generation, artefact.name(), index],
                )
                .await?;
            let (length, hash, bytes) = row.ok_or_else(lacking)?;
            let place = chunk_place(generation, artefact, index as usize, count as usize);
            self.block(artefact.secrecy(), place, Block { length, hash, bytes }).await?;
            sum = sum.saturating_add(length);
        }
        Ok(sum)
    }

    async fn layers(&mut self) -> Result<(), StoreError> {
        let names: Vec<(String,)> = self
            .link
            .rows("select name from {layer} where comune = $1 order by name collate \"C\"", values![self.comune])
            .await?;
        for (name,) in names {
            let (length, hash, bytes): (i64, Vec<u8>, Vec<u8>) = self
                .link
                .one(
                    "select length, hash, bytes from {layer} where comune = $1 and name = $2",
                    values![self.comune, &name],
                )
                .await?;
            self.block(Secrecy::Plain, layer_place(&name), Block { length, hash, bytes }).await?;
        }
        Ok(())
    }

    async fn audit(&mut self) -> Result<(), StoreError> {
        let head = ledger::audit_head(self.link, self.comune).await?;
        let (mut at, mut from) = (Head::default(), 0);
        let broken = loop {
            let entries = ledger::audit_entries(self.link, self.comune, from, ENTRIES_AT_ONCE).await?;
            if entries.is_empty() {
                break audit::ends(at, head).err();
            }
            match audit::follow(&entries, at) {
                Ok(read) => (at, from) = (read, read.count + 1),
                Err(broken) => break Some(broken),
            }
        };
        if let Some(broken) = broken {
            self.faults.add("audit log", broken.to_string());
        }
        Ok(())
    }
}
