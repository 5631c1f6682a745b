//! Generations: what one refresh made, published and served as a whole.

use std::fmt;

use jiff::{Timestamp, civil::Date};

use super::{layer::Layer, vault::Secrecy};

/// Generations of a line that are kept: the one that is served and the one before, for a node that is still reading it.
pub const KEPT: u32 = 2;

/// A generation's name, chosen by who makes it (from the hash of what it was made of, so that the same input has the
/// same name). Shown as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GenerationId(pub u64);

impl fmt::Display for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl GenerationId {
    /// Reads the stored form.
    pub(super) fn from_stored(text: &str) -> Option<Self> {
        (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

/// Which line a generation continues: each has a current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// People, households and places, rebuilt by an import from all sources.
    Rebuilt,
    /// The frozen world, made by a refresh.
    Served,
}

impl Line {
    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rebuilt => "rebuilt",
            Self::Served => "served",
        }
    }
}

/// What a generation is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Artefact {
    /// The frozen civic register.
    Register,
    /// People and households.
    People,
    /// Row of a bank → person, household.
    Links,
    /// Row of a bank → place.
    Places,
    /// The frozen world.
    Snapshot,
    /// The frozen reference layers.
    Layers,
    /// The public hexagons.
    Hexes,
    /// The fragility model it was made with.
    Model,
    /// What the refresh told: counts, warnings.
    Report,
}

impl Artefact {
    /// Every artefact.
    pub const ALL: [Self; 9] = [
        Self::Register,
        Self::People,
        Self::Links,
        Self::Places,
        Self::Snapshot,
        Self::Layers,
        Self::Hexes,
        Self::Model,
        Self::Report,
    ];

    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::People => "people",
            Self::Links => "links",
            Self::Places => "places",
            Self::Snapshot => "snapshot",
            Self::Layers => "layers",
            Self::Hexes => "hexes",
            Self::Model => "model",
            Self::Report => "report",
        }
    }

    /// Whether it says something about people, and so is sealed.
    pub(super) const fn secrecy(self) -> Secrecy {
        match self {
            Self::People | Self::Links | Self::Places | Self::Snapshot => Secrecy::Sealed,
            Self::Register | Self::Layers | Self::Hexes | Self::Model | Self::Report => Secrecy::Plain,
        }
    }

    /// Reads the stored form.
    pub(super) fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|artefact| artefact.name() == text)
    }
}

impl fmt::Display for Artefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A generation on its way into the store. Its artefacts do not print themselves.
pub struct Generation {
    /// Its name.
    pub id: GenerationId,
    /// Which line it continues.
    pub line: Line,
    /// The date it describes.
    pub as_of: Date,
    /// Now.
    pub at: Timestamp,
    /// Its artefacts, each at most once.
    pub artefacts: Vec<(Artefact, Vec<u8>)>,
    /// Public figures (the hexagons) for whoever opens a copy of the store in QGIS: feature tables that are replaced
    /// with the generation. Nothing personal may be in them.
    pub figures: Vec<Layer>,
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("id", &self.id).field("line", &self.line).finish_non_exhaustive()
    }
}

/// A generation in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationHead {
    /// Its name.
    pub id: GenerationId,
    /// The date it describes.
    pub as_of: Date,
    /// When it was published.
    pub at: Timestamp,
    /// Its artefacts and their lengths in bytes, in the order of [`Artefact::ALL`].
    pub artefacts: Vec<(Artefact, u64)>,
}
