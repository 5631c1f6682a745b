//! The whole store, read and verified.

use sqlx::PgConnection;

use super::super::sql::Home as _;
use super::{
    super::{
        block::{Block, Found, layer_place, payload_place, troubles_place, unpack_all},
        error::StoreError,
        generation::Artefact,
        ledger::{Fault, Faults},
        source::{SourceKind, SourceState},
        sql::events,
        vault::Secrecy,
    },
    Postgis, generations, ledger, sources, tables,
};
use crate::access::audit;

/// Batches that are in memory at once.
const BATCHES_AT_ONCE: i64 = 16;

impl Postgis {
    pub(super) async fn check_all(&self) -> Result<Vec<Fault>, StoreError> {
        let mut faults = Faults::default();
        // One moment of the whole: others may be writing while it is checked.
        let mut tx = self.read().await?;
        let reader = &mut *tx;
        let sources = sources::all(&mut *reader, self.key()).await;
        for source in faults.take("sources", sources)?.unwrap_or_default() {
            let place = format!("source {} ({})", source.id.0, source.file);
            let result = self.check_source(&mut *reader, &source, &mut faults).await;
            faults.take(&place, result)?;
        }
        let result = self.check_generations(&mut *reader, &mut faults).await;
        faults.take("generations", result)?;
        let result = self.check_layers(&mut *reader, &mut faults).await;
        faults.take("layers", result)?;
        let result = self.check_audit(&mut *reader, &mut faults).await;
        faults.take("audit log", result)?;
        let result = events::check(&mut *reader, self.key(), &self.vault, &mut faults).await;
        faults.take("events", result)?;
        Ok(faults.list)
    }

    async fn check_source(
        &self,
        reader: &mut PgConnection,
        source: &super::super::source::Source,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let place = format!("source {} ({})", source.id.0, source.file);
        let (count, last, rows, records, refused): (i64, i64, i64, i64, i64) = sqlx::query_as(
            "select count(*), coalesce(max(idx), -1), coalesce(sum(last_row - first_row + 1), 0)::bigint,
                    coalesce(sum(records), 0)::bigint, coalesce(sum(refused), 0)::bigint
             from atlante.batch where comune = $1 and source = $2",
        )
        .bind(self.key())
        .bind(source.id.0)
        .fetch_one(&mut *reader)
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
            self.check_batches(reader, source, from, faults).await?;
            from += BATCHES_AT_ONCE;
        }
        Ok(())
    }

    async fn check_batches(
        &self,
        reader: &mut PgConnection,
        source: &super::super::source::Source,
        from: i64,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        type Row = (i64, i64, Vec<u8>, Vec<u8>, i64, Vec<u8>, Vec<u8>);
        let rows: Vec<Row> = sqlx::query_as(
            "select idx, length, hash, payload, troubles_length, troubles_hash, troubles from atlante.batch
             where comune = $1 and source = $2 and idx >= $3 and idx < $4",
        )
        .bind(self.key())
        .bind(source.id.0)
        .bind(from)
        .bind(from + BATCHES_AT_ONCE)
        .fetch_all(reader)
        .await?;
        for (index, length, hash, bytes, troubles_length, troubles_hash, troubles) in rows {
            let payload = Found { place: payload_place(source.id.0, index), block: Block { length, hash, bytes } };
            let block = Block { length: troubles_length, hash: troubles_hash, bytes: troubles };
            let troubles = Found { place: troubles_place(source.id.0, index), block };
            self.check_blocks(source.kind.secrecy(), vec![payload, troubles], faults).await?;
        }
        Ok(())
    }

    async fn check_blocks(&self, secrecy: Secrecy, found: Vec<Found>, faults: &mut Faults) -> Result<(), StoreError> {
        for block in found {
            let place = block.place.clone();
            let result = unpack_all(&self.vault, secrecy, vec![block]).await;
            faults.take(&place, result)?;
        }
        Ok(())
    }

    async fn check_generations(&self, reader: &mut PgConnection, faults: &mut Faults) -> Result<(), StoreError> {
        let (lost,): (i64,) = sqlx::query_as(
            "select count(*) from atlante.home h where comune = $1 and (
                 served is not null and not exists
                     (select 1 from atlante.generation g where g.comune = h.comune and g.id = h.served)
                 or rebuilt is not null and not exists
                     (select 1 from atlante.generation g where g.comune = h.comune and g.id = h.rebuilt))",
        )
        .bind(self.key())
        .fetch_one(&mut *reader)
        .await?;
        if lost > 0 {
            faults.add("generations", "the current one is not there");
        }
        let rows: Vec<(String, String)> =
            sqlx::query_as("select generation, name from atlante.artefact where comune = $1 order by generation, name")
                .bind(self.key())
                .fetch_all(&mut *reader)
                .await?;
        for (generation, name) in rows {
            let place = format!("generation {generation}, {name}");
            let Some(artefact) = Artefact::from_stored(&name) else {
                faults.add(place, "is an unknown artefact");
                continue;
            };
            let chunks = generations::chunks(reader, self.key(), &generation, artefact).await;
            let Some(Some((length, found))) = faults.take(&place, chunks)? else {
                continue;
            };
            let sum: i64 = found.iter().map(|found| found.block.length).sum();
            if sum != length {
                faults.add(&place, "its chunks do not add up to its length");
            }
            self.check_blocks(artefact.secrecy(), found, faults).await?;
        }
        Ok(())
    }

    async fn check_audit(&self, reader: &mut PgConnection, faults: &mut Faults) -> Result<(), StoreError> {
        let head = ledger::audit_head(&mut *reader, self.key()).await?;
        let entries = ledger::audit_entries(reader, self.key(), 0, u32::MAX).await?;
        if let Err(broken) = audit::verify(&entries, head) {
            faults.add("audit log", broken.to_string());
        }
        Ok(())
    }

    async fn check_layers(&self, reader: &mut PgConnection, faults: &mut Faults) -> Result<(), StoreError> {
        type Row = (String, i64, Vec<u8>, Vec<u8>);
        let rows: Vec<Row> = sqlx::query_as(
            "select name, length, hash, bytes from atlante.layer where comune = $1 order by name collate \"C\"",
        )
        .bind(self.key())
        .fetch_all(&mut *reader)
        .await?;
        for (name, length, hash, bytes) in rows {
            let found = Found { place: layer_place(&name), block: Block { length, hash, bytes } };
            self.check_blocks(Secrecy::Plain, vec![found], faults).await?;
        }
        for (name, reason) in tables::faults(reader, self.comune).await? {
            faults.add(format!("layer {name}"), reason);
        }
        Ok(())
    }
}
