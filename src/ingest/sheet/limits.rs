//! What a file may hold at most. A limit is there so that a hostile file costs no more than an honest one.

/// Limits of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes once uncompressed.
    pub bytes: u64,
    /// Uncompressed bytes for one compressed byte, once past `free_bytes`.
    pub ratio: u64,
    /// Uncompressed bytes that are read whatever the ratio.
    pub free_bytes: u64,
    /// Columns of the header.
    pub columns: usize,
    /// Bytes of a cell.
    pub field_bytes: usize,
    /// Bytes of a row.
    pub row_bytes: usize,
    /// Lines that a quoted cell may run over.
    pub row_lines: usize,
    /// Rows.
    pub rows: u32,
    /// Entries of an archive.
    pub entries: usize,
}

impl Default for Limits {
    /// Wide enough for the national registers (three gigabytes), narrow enough for a small server.
    fn default() -> Self {
        Self {
            bytes: 8 << 30,
            ratio: 200,
            free_bytes: 1 << 20,
            columns: 1024,
            field_bytes: 1 << 20,
            row_bytes: 4 << 20,
            row_lines: 32,
            rows: 100_000_000,
            entries: 4096,
        }
    }
}
