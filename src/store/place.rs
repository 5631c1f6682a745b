//! Where a store is, and the store once it is opened, whichever its home.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Embedded, Postgis, Store, error::StoreError, postgis::Url};
use crate::domain::comune::Comune;

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Place {
    /// The store of one comune in a folder, which also holds its key.
    Folder(PathBuf),
    /// A database of many comuni; the keys lie in a folder here.
    Server {
        /// Which database.
        url: Url,
        /// The folder that holds `keys/M208.key`.
        keys: PathBuf,
    },
}

impl Place {
    /// The folder with the keys.
    pub fn keys(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
            Self::Server { keys, .. } => keys,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Server { url, .. } => write!(f, "{url}"),
        }
    }
}

/// A store that was opened.
pub struct Opened {
    home: Home,
    keys: PathBuf,
}

/// The home of an opened store.
pub(super) enum Home {
    /// A folder.
    Embedded(Arc<Embedded>),
    /// A server.
    Postgis(Arc<Postgis>),
}

impl Opened {
    /// The store.
    pub fn store(&self) -> Arc<dyn Store> {
        match &self.home {
            Home::Embedded(store) => store.clone(),
            Home::Postgis(store) => store.clone(),
        }
    }

    /// Its home.
    pub(super) const fn home(&self) -> &Home {
        &self.home
    }

    /// The folder with its key.
    pub(super) fn keys(&self) -> &Path {
        &self.keys
    }

    /// Whose it is.
    pub fn comune(&self) -> Comune {
        match &self.home {
            Home::Embedded(store) => store.comune(),
            Home::Postgis(store) => store.comune(),
        }
    }

    /// Ends it, where nobody else holds it any more: the log of a file is folded in, so that a copy of the file alone is
    /// whole; connections are let go of.
    pub async fn close(self) -> Result<(), StoreError> {
        match self.home {
            Home::Embedded(store) => match Arc::into_inner(store) {
                Some(store) => store.close().await,
                None => Ok(()),
            },
            Home::Postgis(store) => {
                if let Some(store) = Arc::into_inner(store) {
                    store.close().await;
                }
                Ok(())
            }
        }
    }
}

/// Opens the store of a comune, of the only one where none is named. Errors: those of [`Embedded::open`] and
/// [`Postgis::open`]; [`StoreError::OtherComune`].
pub async fn open(place: &Place, comune: Option<Comune>) -> Result<Opened, StoreError> {
    let home = match place {
        Place::Folder(folder) => {
            let store = Embedded::open(folder).await?;
            if let Some(asked) = comune.filter(|asked| *asked != store.comune()) {
                let held = store.comune().to_string();
                return Err(StoreError::OtherComune { held, asked: asked.to_string() });
            }
            Home::Embedded(Arc::new(store))
        }
        Place::Server { url, keys } => Home::Postgis(Arc::new(Postgis::open(url, keys, comune).await?)),
    };
    Ok(Opened { home, keys: place.keys().to_owned() })
}

/// Opens the store of a comune, or makes it.
pub async fn create(place: &Place, comune: Comune) -> Result<Opened, StoreError> {
    let home = match place {
        Place::Folder(folder) => Home::Embedded(Arc::new(Embedded::create(folder, comune).await?)),
        Place::Server { url, keys } => Home::Postgis(Arc::new(Postgis::create(url, keys, comune).await?)),
    };
    Ok(Opened { home, keys: place.keys().to_owned() })
}
