//! A comune that comes or goes.

use sqlx::{ColumnIndex, Decode, FromRow, Type, TypeInfo as _, ValueRef as _};

use super::{
    super::{
        Answer, Layer,
        carriage::{Carried, Cell, HomeRow, Kind, Row, Table},
    },
    Home, Link, Value, Values, Writing as _, values,
};

/// A row as it lies.
struct Lying(Row);

impl<'r, R> FromRow<'r, R> for Lying
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let cell = |at: usize| {
            let value = row.try_get_raw(at)?;
            Ok(match value.type_info().name() {
                _ if value.is_null() => Cell::Null,
                "INT8" | "INTEGER" => Cell::Whole(row.try_get(at)?),
                "TEXT" => Cell::Text(row.try_get(at)?),
                _ => Cell::Bytes(row.try_get(at)?),
            })
        };
        (0..row.len()).map(cell).collect::<Result<Row, _>>().map(Self)
    }
}

/// The cells of a row, of the kinds of the table.
fn bound<'q>(cells: Row, table: &Table) -> impl Iterator<Item = Value<'q>> {
    cells.into_iter().zip(table.columns).map(|(cell, (_, kind))| match (cell, kind) {
        (Cell::Whole(number), _) => number.into(),
        (Cell::Text(text), _) => text.into(),
        (Cell::Bytes(bytes), _) => bytes.into(),
        (Cell::Null, Kind::Whole) => Value::Whole(None),
        (Cell::Null, Kind::Text) => Value::Text(None),
        (Cell::Null, Kind::Bytes) => Value::Bytes(None),
    })
}

/// The comune, then the cells.
fn of<'q>(comune: &'q str, cells: Row, table: &Table) -> Values<'q> {
    std::iter::once(comune.into()).chain(bound(cells, table)).collect()
}

impl<H: Home> Carried for H {
    fn rows(&self, table: &'static Table, after: Row) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let mut reading = self.read().await?;
            let rows: Vec<Lying> = reading.rows(&table.select(&after), of(self.key(), after, table)).await?;
            Ok(rows.into_iter().map(|Lying(row)| row).collect())
        })
    }

    fn put(&self, table: &'static Table, rows: Vec<Row>) -> Answer<'_, ()> {
        Box::pin(async move {
            let sql = table.insert();
            let mut writing = self.write().await?;
            for row in rows {
                writing.run(&sql, of(self.key(), row, table)).await?;
            }
            writing.commit(table.name, "arrive").await
        })
    }

    fn stand(&self, table: &'static Table) -> Answer<'_, (u64, Option<Row>)> {
        Box::pin(async move {
            let mut reading = self.read().await?;
            let (count,): (i64,) = reading.one(&table.count(), values![self.key()]).await?;
            let last: Option<Lying> = reading.row(&table.last(), values![self.key()]).await?;
            Ok((count as u64, last.map(|Lying(row)| row)))
        })
    }

    fn home(&self) -> Answer<'_, HomeRow> {
        Box::pin(async move {
            type Found = (i64, i64, Option<String>, Option<String>, i64, Vec<u8>, i64, Option<String>);
            let mut reading = self.read().await?;
            let found: Found = reading
                .one(
                    "select last_source, last_generation, rebuilt, served, audit_count, audit_hash, event_count,
                            arriving
                     from {home} where comune = $1",
                    values![self.key()],
                )
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
            writing.run("update {home} set arriving = $1 where comune = $2", values![arriving, self.key()]).await?;
            writing.commit("home", "mark").await
        })
    }

    fn clear(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut writing = self.write().await?;
            for table in ["source", "generation", "layer", "alias", "token", "event"] {
                writing.run(&format!("delete from {{{table}}} where comune = $1"), values![self.key()]).await?;
            }
            writing.commit("home", "clear").await
        })
    }

    fn settle(&self, home: HomeRow, layers: Vec<Layer>, figures: Vec<Layer>) -> Answer<'_, ()> {
        Box::pin(async move {
            let (mut reference, mut shown) = (Vec::new(), Vec::new());
            for layer in layers {
                reference.push(H::lay(layer).await?);
            }
            for layer in figures {
                shown.push(H::lay(layer).await?);
            }
            let mut writing = self.write().await?;
            let link = &mut *writing;
            for layer in &reference {
                self.show(link, layer).await?;
            }
            self.show_figures(link, &shown, home.served.as_deref()).await?;
            link.run(
                "update {home} set last_source = $1, last_generation = $2, rebuilt = $3, served = $4,
                     audit_count = $5, audit_hash = $6, event_count = $7 where comune = $8",
                values![
                    home.last_source,
                    home.last_generation,
                    home.rebuilt,
                    home.served,
                    home.audit_count,
                    home.audit_hash,
                    home.event_count,
                    self.key()
                ],
            )
            .await?;
            writing.commit("home", "settle").await
        })
    }
}
