//! COPY in binary form (<https://www.postgresql.org/docs/15/sql-copy.html>, "Binary Format"): rows on their way to a table.

use sqlx::{PgConnection, postgres::PgCopyIn};

use super::super::error::StoreError;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Sent when so much is ready.
const PIECE_BYTES: usize = 1 << 20;

/// A value of a row.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Null,
    /// `bigint`.
    Whole(i64),
    /// `text`, `bytea`, or a geometry as EWKB: these lie as they are.
    Bytes(&'a [u8]),
    /// `jsonb`, as text.
    Json(&'a [u8]),
}

/// A COPY under way.
pub(super) struct Load<'c> {
    copy: PgCopyIn<&'c mut PgConnection>,
    ready: Vec<u8>,
}

impl<'c> Load<'c> {
    /// Begins to fill the columns of a table: `atlante.feature (comune, layer)`.
    pub(super) async fn begin(connection: &'c mut PgConnection, columns: &str) -> Result<Self, StoreError> {
        let copy = connection.copy_in_raw(&format!("copy {columns} from stdin with (format binary)")).await?;
        let mut ready = SIGNATURE.to_vec();
        // No flags, no extension.
        ready.extend([0; 8]);
        Ok(Self { copy, ready })
    }

    /// One row. Errors: [`StoreError::TooLarge`] for a value of more than a gigabyte.
    pub(super) async fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        const BYTES_MAX: usize = 1 << 30;
        self.ready.extend((cells.len() as i16).to_be_bytes());
        for cell in cells {
            match cell {
                Cell::Null => self.ready.extend((-1_i32).to_be_bytes()),
                Cell::Whole(number) => {
                    self.ready.extend(8_i32.to_be_bytes());
                    self.ready.extend(number.to_be_bytes());
                }
                Cell::Bytes(bytes) | Cell::Json(bytes) if bytes.len() >= BYTES_MAX => {
                    return Err(StoreError::TooLarge("a value".to_owned()));
                }
                Cell::Bytes(bytes) => {
                    self.ready.extend((bytes.len() as i32).to_be_bytes());
                    self.ready.extend(*bytes);
                }
                Cell::Json(bytes) => {
                    self.ready.extend((bytes.len() as i32 + 1).to_be_bytes());
                    // The version of jsonb's binary form.
                    self.ready.push(1);
                    self.ready.extend(*bytes);
                }
            }
        }
        if self.ready.len() >= PIECE_BYTES {
            self.copy.send(std::mem::take(&mut self.ready)).await?;
        }
        Ok(())
    }

    /// Sends what is left; the rows are there when the transaction is.
    pub(super) async fn finish(mut self) -> Result<(), StoreError> {
        self.ready.extend((-1_i16).to_be_bytes());
        self.copy.send(self.ready).await?;
        self.copy.finish().await?;
        Ok(())
    }
}

/// The table of the session through which rows pass to a table behind the wall: COPY does not pass a row-level policy.
pub(super) async fn stage(connection: &mut PgConnection, table: &str) -> Result<String, StoreError> {
    let staged = format!("pg_temp.staged_{table}");
    let sql = format!(
        "create temp table if not exists staged_{table} (like atlante.{table} including storage) on commit delete rows"
    );
    sqlx::Executor::execute(connection, sql.as_str()).await?;
    Ok(staged)
}

/// Takes what was staged through the wall.
pub(super) async fn unstage(connection: &mut PgConnection, table: &str) -> Result<(), StoreError> {
    let sql =
        format!("insert into atlante.{table} select * from pg_temp.staged_{table}; truncate pg_temp.staged_{table}");
    sqlx::Executor::execute(connection, sql.as_str()).await?;
    Ok(())
}
