//! What is this home's own: a row at a time goes in, and layers are tables of the GeoPackage.

use std::sync::Arc;

use sqlx::{Sqlite, SqliteConnection, Transaction, sqlite::SqliteArguments};

use super::{
    super::{
        block::{Block, PackedBatch},
        error::StoreError,
        generation::{Artefact, GenerationId},
        layer::{Layer, LayerName},
        ledger::Faults,
        source::SourceId,
        sql::{Home, Link, Record, Values, arguments, values},
        vault::Vault,
    },
    Embedded, Writing, tables,
};
use crate::domain::comune::Comune;

/// A statement as this home writes it: SQLite puts texts in the order of their bytes anyway.
fn written(statement: &str) -> String {
    statement.replace('{', "store_").replace('}', "").replace(" collate \"C\"", "")
}

impl Link for SqliteConnection {
    async fn run(&mut self, statement: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let done =
            sqlx::query_with(&written(statement), arguments::<SqliteArguments<'_>>(values)?).execute(self).await?;
        Ok(done.rows_affected())
    }

    async fn rows<R: Record>(&mut self, statement: &str, values: Values<'_>) -> Result<Vec<R>, StoreError> {
        Ok(sqlx::query_as_with(&written(statement), arguments::<SqliteArguments<'_>>(values)?).fetch_all(self).await?)
    }

    async fn row<R: Record>(&mut self, statement: &str, values: Values<'_>) -> Result<Option<R>, StoreError> {
        Ok(sqlx::query_as_with(&written(statement), arguments::<SqliteArguments<'_>>(values)?)
            .fetch_optional(self)
            .await?)
    }
}

impl Home for Embedded {
    type Link = SqliteConnection;
    type Reading = Transaction<'static, Sqlite>;
    type Writing = Writing;
    type Laid = Layer;

    fn comune(&self) -> Comune {
        self.comune
    }

    fn key(&self) -> &str {
        self.comune.as_str()
    }

    fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    async fn read(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.readers.begin().await?)
    }

    async fn write(&self) -> Result<Writing, StoreError> {
        Writing::begin(self.writer().await).await
    }

    /// A large generation goes to the file now, not in the middle of somebody's small change.
    async fn rest(&self) -> Result<(), StoreError> {
        let mut writer = self.writer().await;
        sqlx::query("pragma wal_checkpoint(passive)").execute(&mut writer.connection).await?;
        Ok(())
    }

    async fn load_batches(
        &self,
        link: &mut SqliteConnection,
        source: SourceId,
        batches: Vec<PackedBatch>,
    ) -> Result<(), StoreError> {
        for PackedBatch { index, first_row, last_row, records, refused, payload, troubles } in batches {
            let values = values![
                self.key(),
                source.0,
                index,
                first_row,
                last_row,
                records,
                refused as i64,
                payload.length,
                payload.hash,
                troubles.length,
                troubles.hash,
                troubles.bytes,
                payload.bytes
            ];
            let statement = "insert into {batch} (comune, source, idx, first_row, last_row, records, refused, length,
                 hash, troubles_length, troubles_hash, troubles, payload)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
            link.run(statement, values).await?;
        }
        Ok(())
    }

    async fn load_chunks(
        &self,
        link: &mut SqliteConnection,
        generation: GenerationId,
        artefact: Artefact,
        chunks: Vec<Block>,
    ) -> Result<(), StoreError> {
        let generation = generation.to_string();
        for (index, Block { length, hash, bytes }) in chunks.into_iter().enumerate() {
            link.run(
                "insert into {chunk} (comune, generation, name, idx, length, hash, bytes)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                values![self.key(), &generation, artefact.name(), index as i64, length, hash, bytes],
            )
            .await?;
        }
        Ok(())
    }

    async fn lay(layer: Layer) -> Result<Layer, StoreError> {
        Ok(layer)
    }

    async fn show(&self, link: &mut SqliteConnection, layer: &Layer) -> Result<(), StoreError> {
        tables::write_table(link, layer).await
    }

    async fn hide(&self, link: &mut SqliteConnection, name: &LayerName) -> Result<(), StoreError> {
        tables::drop_table(link, name).await
    }

    async fn show_figures(
        &self,
        link: &mut SqliteConnection,
        figures: &[Layer],
        generation: Option<&str>,
    ) -> Result<(), StoreError> {
        tables::replace_figures(link, self.key(), figures).await?;
        link.run(
            "update {about} set (generation, as_of, published_at) =
                 (select id, as_of, at from {generation} where comune = $1 and id = $2) where id = 1",
            values![self.key(), generation],
        )
        .await?;
        Ok(())
    }

    async fn is_figures(&self, link: &mut SqliteConnection, name: &LayerName) -> Result<bool, StoreError> {
        let row: Option<(i64,)> = link
            .row("select 1 from {layer} where comune = $1 and name = $2", values![self.key(), name.as_str()])
            .await?;
        Ok(row.is_none() && tables::is_listed(link, name).await?)
    }

    async fn check_disk(link: &mut SqliteConnection, faults: &mut Faults) -> Result<(), StoreError> {
        let rows: Vec<(String,)> = link.rows("pragma integrity_check(100)", values![]).await?;
        for (reason,) in rows.into_iter().filter(|(reason,)| reason != "ok") {
            faults.add("pages", reason);
        }
        let rows: Vec<(String,)> = link.rows("select \"table\" from pragma_foreign_key_check", values![]).await?;
        for (table,) in rows {
            faults.add("keys", format!("a row of {table} has lost what it belongs to"));
        }
        Ok(())
    }

    async fn check_shown(&self, link: &mut SqliteConnection, faults: &mut Faults) -> Result<(), StoreError> {
        let rows: Vec<(String,)> = link
            .rows(
                "select name from {layer} where comune = $1 and name not in
                     (select table_name from gpkg_geometry_columns join gpkg_contents using (table_name)) order by name",
                values![self.key()],
            )
            .await?;
        for (name,) in rows {
            faults.add(format!("layer {name}"), "its feature table is not listed");
        }
        Ok(())
    }
}
