//! What is this home's own: rows go in by COPY, and layers are rows of one table with a view of each.

use std::sync::Arc;

use sqlx::{PgConnection, Postgres, Transaction, postgres::PgArguments};

use super::{
    super::{
        block::{Block, PackedBatch},
        error::StoreError,
        generation::{Artefact, GenerationId},
        layer::{Layer, LayerName},
        ledger::Faults,
        source::SourceId,
        sql::{Home, Link, Record, Values, arguments},
        vault::Vault,
    },
    Postgis, Unended, Writing,
    copy::{self, Cell, Load},
    tables::{self, Prepared, Purpose},
    unacquired,
};
use crate::domain::comune::Comune;

/// A statement as this home writes it.
fn written(statement: &str) -> String {
    statement.replace('{', "atlante.").replace('}', "")
}

impl Link for PgConnection {
    async fn run(&mut self, statement: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let done = sqlx::query_with(&written(statement), arguments::<PgArguments>(values)?).execute(self).await?;
        Ok(done.rows_affected())
    }

    async fn rows<R: Record>(&mut self, statement: &str, values: Values<'_>) -> Result<Vec<R>, StoreError> {
        Ok(sqlx::query_as_with(&written(statement), arguments::<PgArguments>(values)?).fetch_all(self).await?)
    }

    async fn row<R: Record>(&mut self, statement: &str, values: Values<'_>) -> Result<Option<R>, StoreError> {
        Ok(sqlx::query_as_with(&written(statement), arguments::<PgArguments>(values)?).fetch_optional(self).await?)
    }
}

impl Home for Postgis {
    type Link = PgConnection;
    type Reading = Transaction<'static, Postgres>;
    type Writing = Writing;
    type Laid = Prepared;

    fn comune(&self) -> Comune {
        self.comune
    }

    fn key(&self) -> &str {
        self.comune.as_str()
    }

    fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    async fn read(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.transact("begin isolation level repeatable read read only").await
    }

    async fn write(&self) -> Result<Writing, StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let mut tx = Unended(Some(self.pool.acquire().await.map_err(unacquired)?));
        sqlx::query("begin").execute(&mut *tx).await?;
        sqlx::query("select set_config('app.comuni', $1, true)").bind(self.key()).execute(&mut *tx).await?;
        let row: Option<(i64,)> =
            sqlx::query_as("update atlante.home set revision = revision + 1 where comune = $1 returning revision")
                .bind(self.key())
                .fetch_optional(&mut *tx)
                .await?;
        let (revision,) = row.ok_or_else(|| StoreError::NotThere(format!("the database holds no {}", self.comune)))?;
        Ok(Writing { tx, comune: self.comune, revision, _turn: turn })
    }

    async fn load_batches(
        &self,
        link: &mut PgConnection,
        source: SourceId,
        batches: Vec<PackedBatch>,
    ) -> Result<(), StoreError> {
        if batches.is_empty() {
            return Ok(());
        }
        let staged = copy::stage(link, "batch").await?;
        let mut load = Load::begin(link, &staged).await?;
        for batch in &batches {
            let PackedBatch { index, first_row, last_row, records, refused, payload, troubles } = batch;
            load.row(&[
                Cell::Bytes(self.key().as_bytes()),
                Cell::Whole(source.0),
                Cell::Whole((*index).into()),
                Cell::Whole((*first_row).into()),
                Cell::Whole((*last_row).into()),
                Cell::Whole((*records).into()),
                Cell::Whole(*refused as i64),
                Cell::Whole(payload.length),
                Cell::Bytes(&payload.hash),
                Cell::Whole(troubles.length),
                Cell::Bytes(&troubles.hash),
                Cell::Bytes(&troubles.bytes),
                Cell::Bytes(&payload.bytes),
            ])
            .await?;
        }
        load.finish().await?;
        copy::unstage(link, "batch").await
    }

    async fn load_chunks(
        &self,
        link: &mut PgConnection,
        generation: GenerationId,
        artefact: Artefact,
        chunks: Vec<Block>,
    ) -> Result<(), StoreError> {
        if chunks.is_empty() {
            return Ok(());
        }
        let generation = generation.to_string();
        let staged = copy::stage(link, "chunk").await?;
        let mut load = Load::begin(link, &staged).await?;
        for (index, chunk) in chunks.into_iter().enumerate() {
            load.row(&[
                Cell::Bytes(self.key().as_bytes()),
                Cell::Bytes(generation.as_bytes()),
                Cell::Bytes(artefact.name().as_bytes()),
                Cell::Whole(index as i64),
                Cell::Whole(chunk.length),
                Cell::Bytes(&chunk.hash),
                Cell::Bytes(&chunk.bytes),
            ])
            .await?;
        }
        load.finish().await?;
        copy::unstage(link, "chunk").await
    }

    async fn lay(layer: Layer) -> Result<Prepared, StoreError> {
        tables::prepare(layer).await
    }

    async fn show(&self, link: &mut PgConnection, layer: &Prepared) -> Result<(), StoreError> {
        tables::write_table(link, self.comune, layer, Purpose::Reference).await
    }

    async fn hide(&self, link: &mut PgConnection, name: &LayerName) -> Result<(), StoreError> {
        tables::drop_table(link, self.comune, name).await
    }

    async fn show_figures(
        &self,
        link: &mut PgConnection,
        figures: &[Prepared],
        _generation: Option<&str>,
    ) -> Result<(), StoreError> {
        tables::replace_figures(link, self.comune, figures).await
    }

    async fn is_figures(&self, link: &mut PgConnection, name: &LayerName) -> Result<bool, StoreError> {
        tables::is_figures(link, self.comune, name).await
    }

    /// PostgreSQL reads its own disk as it goes.
    async fn check_disk(_link: &mut PgConnection, _faults: &mut Faults) -> Result<(), StoreError> {
        Ok(())
    }

    async fn check_shown(&self, link: &mut PgConnection, faults: &mut Faults) -> Result<(), StoreError> {
        for (name, reason) in tables::faults(link, self.comune).await? {
            faults.add(format!("layer {name}"), reason);
        }
        Ok(())
    }
}
