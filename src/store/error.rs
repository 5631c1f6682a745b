//! What can go wrong with a store. No message holds a value of a row.

use super::layer::InvalidLayerName;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room: the disk, or the bound set for the file. Nothing of the call was kept.
    #[error("the disk of the store is full: nothing of this step was kept; free some room and run it again")]
    Full,
    /// Another process has been writing for longer than we wait.
    #[error("the store is being written by another process; try again when it has finished")]
    Busy,
    /// What is on disk is not what was written.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The file or the server cannot be reached or read; the last change may or may not be there.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// Written by a newer Atlante.
    #[error("the store has schema {found}, this program knows {known}: use a newer atlante")]
    Newer {
        /// Of the file.
        found: i64,
        /// Of this program.
        known: i64,
    },
    /// A database that is not ours.
    #[error("{0} is not a store of Atlante")]
    Foreign(String),
    /// The folder holds no store yet.
    #[error("no store in this folder: `atlante import` makes one")]
    Absent,
    /// The folder holds another comune.
    #[error("this store is of the comune {held}, not of {asked}: use another folder")]
    OtherComune {
        /// In the store.
        held: String,
        /// Asked for.
        asked: String,
    },
    /// The key file is not there, and the store has sealed rows.
    #[error(
        "the key {0} is missing: put back the copy that was kept apart; without it nobody can open the personal rows"
    )]
    KeyMissing(String),
    /// The key file is not the one that sealed this store, or is not a key.
    #[error("the key {0} does not open this store")]
    KeyWrong(String),
    /// The key file can be read by other users of the machine.
    #[error("the key {0} can be read by others: chmod 600 it")]
    KeyExposed(String),
    /// No such source, generation, artefact, layer or token.
    #[error("{0} is not in the store")]
    Missing(String),
    /// A batch came before the one that goes before it.
    #[error("batch {found} was given where batch {expected} comes next")]
    Gap {
        /// Next index of the source.
        expected: u32,
        /// Given index.
        found: u32,
    },
    /// The source is no longer open.
    #[error("another file of the same kind was imported meanwhile: import this one again to replace it")]
    Superseded,
    /// The change does not follow what is there: a name that is taken, an audit entry that is not the next.
    #[error("{0}")]
    Conflict(String),
    /// An artefact or a batch larger than the store takes.
    #[error("{0} is too large for the store")]
    TooLarge(String),
    /// Not the name of a layer.
    #[error(transparent)]
    LayerName(#[from] InvalidLayerName),
    /// A stored form of ours that cannot be written: a defect of the program.
    #[error("cannot encode {0}")]
    Encode(&'static str),
}
