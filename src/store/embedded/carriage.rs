//! A comune that comes or goes.

use sqlx::{Row as _, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::super::sql::Home as _;
use super::{
    super::{
        Answer, Layer,
        carriage::{Carried, Cell, Dialect, HomeRow, Kind, Row, Table},
        error::StoreError,
    },
    Embedded, tables,
};

const DIALECT: Dialect = Dialect::Sqlite;

fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments<'q>>,
    cell: Cell,
    kind: Kind,
) -> Query<'q, Sqlite, SqliteArguments<'q>> {
    match (cell, kind) {
        (Cell::Whole(number), _) => query.bind(number),
        (Cell::Text(text), _) => query.bind(text),
        (Cell::Bytes(bytes), _) => query.bind(bytes),
        (Cell::Null, Kind::Whole) => query.bind(None::<i64>),
        (Cell::Null, Kind::Text) => query.bind(None::<String>),
        (Cell::Null, Kind::Bytes) => query.bind(None::<Vec<u8>>),
    }
}

fn read(row: &sqlx::sqlite::SqliteRow, table: &Table) -> Result<Row, StoreError> {
    let cell = |(at, (_, kind)): (usize, &(&str, Kind))| {
        Ok(match kind {
            Kind::Whole => row.try_get::<Option<i64>, _>(at)?.map_or(Cell::Null, Cell::Whole),
            Kind::Text => row.try_get::<Option<String>, _>(at)?.map_or(Cell::Null, Cell::Text),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map_or(Cell::Null, Cell::Bytes),
        })
    };
    table.columns.iter().enumerate().map(cell).collect()
}

async fn page(
    connection: &mut SqliteConnection,
    comune: &str,
    table: &'static Table,
    after: Row,
) -> Result<Vec<Row>, StoreError> {
    let sql = table.select(&after, DIALECT);
    let mut query = sqlx::query(&sql).bind(comune);
    for (cell, (_, kind)) in after.into_iter().zip(table.columns) {
        query = bind(query, cell, *kind);
    }
    query.fetch_all(connection).await?.iter().map(|row| read(row, table)).collect()
}

impl Carried for Embedded {
    fn rows(&self, table: &'static Table, after: Row) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let mut reader = self.reader().await?;
            page(&mut reader, self.key(), table, after).await
        })
    }

    fn put(&self, table: &'static Table, rows: Vec<Row>) -> Answer<'_, ()> {
        Box::pin(async move {
            let sql = table.insert(DIALECT);
            let mut writer = self.writer().await;
            let mut tx = writer.begin().await?;
            for row in rows {
                let mut query = sqlx::query(&sql).bind(self.key());
                for (cell, (_, kind)) in row.into_iter().zip(table.columns) {
                    query = bind(query, cell, *kind);
                }
                query.execute(&mut *tx).await?;
            }
            Ok(tx.commit().await?)
        })
    }

    fn stand(&self, table: &'static Table) -> Answer<'_, (u64, Option<Row>)> {
        Box::pin(async move {
            let mut tx = self.reader().await?;
            let (count,): (i64,) = sqlx::query_as(&table.count(DIALECT)).bind(self.key()).fetch_one(&mut *tx).await?;
            let last = sqlx::query(&table.last(DIALECT)).bind(self.key()).fetch_optional(&mut *tx).await?;
            Ok((count as u64, last.map(|row| read(&row, table)).transpose()?))
        })
    }

    fn home(&self) -> Answer<'_, HomeRow> {
        Box::pin(async move {
            type Found = (i64, i64, Option<String>, Option<String>, i64, Vec<u8>, i64, Option<String>);
            let mut tx = self.reader().await?;
            let found: Found = sqlx::query_as(
                "select last_source, last_generation, rebuilt, served, audit_count, audit_hash, event_count,
                        arriving
                 from store_home where comune = ?1",
            )
            .bind(self.key())
            .fetch_one(&mut *tx)
            .await?;
            let (last_source, last_generation, rebuilt, served, audit_count, audit_hash, event_count, arriving) = found;
            Ok(HomeRow {
                last_source,
                last_generation,
                rebuilt,
                served,
                audit_count,
                audit_hash,
                event_count,
                arriving,
            })
        })
    }

    fn mark(&self, arriving: Option<String>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut writer = self.writer().await;
            let mut tx = writer.begin().await?;
            sqlx::query("update store_home set arriving = ?1 where comune = ?2")
                .bind(arriving)
                .bind(self.key())
                .execute(&mut *tx)
                .await?;
            Ok(tx.commit().await?)
        })
    }

    fn clear(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut writer = self.writer().await;
            let mut tx = writer.begin().await?;
            for table in ["source", "generation", "layer", "alias", "token", "event"] {
                let sql = format!("delete from store_{table} where comune = ?1");
                sqlx::query(&sql).bind(self.key()).execute(&mut *tx).await?;
            }
            Ok(tx.commit().await?)
        })
    }

    fn settle(&self, home: HomeRow, layers: Vec<Layer>, figures: Vec<Layer>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut writer = self.writer().await;
            let mut tx = writer.begin().await?;
            for layer in &layers {
                tables::write_table(&mut tx, layer).await?;
            }
            tables::replace_figures(&mut tx, self.key(), &figures).await?;
            sqlx::query(
                "update store_about set (generation, as_of, published_at) =
                     (select id, as_of, at from store_generation where comune = ?1 and id = ?2) where id = 1",
            )
            .bind(self.key())
            .bind(&home.served)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "update store_home set last_source = ?1, last_generation = ?2, rebuilt = ?3, served = ?4,
                     audit_count = ?5, audit_hash = ?6, event_count = ?7 where comune = ?8",
            )
            .bind(home.last_source)
            .bind(home.last_generation)
            .bind(home.rebuilt)
            .bind(home.served)
            .bind(home.audit_count)
            .bind(home.audit_hash)
            .bind(home.event_count)
            .bind(self.key())
            .execute(&mut *tx)
            .await?;
            Ok(tx.commit().await?)
        })
    }
}
