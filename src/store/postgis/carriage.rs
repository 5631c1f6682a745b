//! A comune that comes or goes.

use sqlx::{PgConnection, Postgres, Row as _, postgres::PgArguments, query::Query};

use super::super::sql::{Home as _, Writing as _};
use super::{
    super::{
        Answer, Layer,
        carriage::{Carried, Cell, Dialect, HomeRow, Kind, Row, Table},
        error::StoreError,
    },
    Postgis, tables,
};

const DIALECT: Dialect = Dialect::Postgres;

fn bind(query: Query<'_, Postgres, PgArguments>, cell: Cell, kind: Kind) -> Query<'_, Postgres, PgArguments> {
    match (cell, kind) {
        (Cell::Whole(number), _) => query.bind(number),
        (Cell::Text(text), _) => query.bind(text),
        (Cell::Bytes(bytes), _) => query.bind(bytes),
        (Cell::Null, Kind::Whole) => query.bind(None::<i64>),
        (Cell::Null, Kind::Text) => query.bind(None::<String>),
        (Cell::Null, Kind::Bytes) => query.bind(None::<Vec<u8>>),
    }
}

fn read(row: &sqlx::postgres::PgRow, table: &Table) -> Result<Row, StoreError> {
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
    connection: &mut PgConnection,
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

impl Carried for Postgis {
    fn rows(&self, table: &'static Table, after: Row) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let mut tx = self.read().await?;
            page(&mut tx, self.key(), table, after).await
        })
    }

    fn put(&self, table: &'static Table, rows: Vec<Row>) -> Answer<'_, ()> {
        Box::pin(async move {
            let sql = table.insert(DIALECT);
            let mut writing = self.write().await?;
            for row in rows {
                let mut query = sqlx::query(&sql).bind(self.key());
                for (cell, (_, kind)) in row.into_iter().zip(table.columns) {
                    query = bind(query, cell, *kind);
                }
                query.execute(&mut *writing).await?;
            }
            writing.commit(table.name, "arrive").await
        })
    }

    fn stand(&self, table: &'static Table) -> Answer<'_, (u64, Option<Row>)> {
        Box::pin(async move {
            let mut tx = self.read().await?;
            let (count,): (i64,) = sqlx::query_as(&table.count(DIALECT)).bind(self.key()).fetch_one(&mut *tx).await?;
            let last = sqlx::query(&table.last(DIALECT)).bind(self.key()).fetch_optional(&mut *tx).await?;
            Ok((count as u64, last.map(|row| read(&row, table)).transpose()?))
        })
    }

    fn home(&self) -> Answer<'_, HomeRow> {
        Box::pin(async move {
            type Found = (i64, i64, Option<String>, Option<String>, i64, Vec<u8>, i64, Option<String>);
            let mut tx = self.read().await?;
            let found: Found = sqlx::query_as(
                "select last_source, last_generation, rebuilt, served, audit_count, audit_hash, event_count,
                        arriving
                 from atlante.home where comune = $1",
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
            let mut writing = self.write().await?;
            sqlx::query("update atlante.home set arriving = $1 where comune = $2")
                .bind(arriving)
                .bind(self.key())
                .execute(&mut *writing)
                .await?;
            writing.commit("home", "mark").await
        })
    }

    fn clear(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut writing = self.write().await?;
            for table in ["source", "generation", "layer", "alias", "token", "event"] {
                let sql = format!("delete from atlante.{table} where comune = $1");
                sqlx::query(&sql).bind(self.key()).execute(&mut *writing).await?;
            }
            writing.commit("home", "clear").await
        })
    }

    fn settle(&self, home: HomeRow, layers: Vec<Layer>, figures: Vec<Layer>) -> Answer<'_, ()> {
        Box::pin(async move {
            let (mut reference, mut shown) = (Vec::new(), Vec::new());
            for layer in layers {
                reference.push(tables::prepare(layer).await?.1);
            }
            for layer in figures {
                shown.push(tables::prepare(layer).await?.1);
            }
            let mut writing = self.write().await?;
            let tx = &mut *writing;
            for layer in &reference {
                tables::write_table(&mut *tx, self.comune, layer, tables::Purpose::Reference).await?;
            }
            tables::replace_figures(&mut *tx, self.comune, &shown).await?;
            sqlx::query(
                "update atlante.home set last_source = $1, last_generation = $2, rebuilt = $3, served = $4,
                     audit_count = $5, audit_hash = $6, event_count = $7 where comune = $8",
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
            writing.commit("home", "settle").await
        })
    }
}
