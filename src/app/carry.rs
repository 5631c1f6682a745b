//! Carry: a comune moves from one home of the store to another, and is verified there.

use std::sync::Arc;

use super::{error::Error, refresh};
use crate::{
    domain::{comune::Comune, watch::Watch},
    snapshot::Snapshot,
    store::{self, Artefact, Carriage, Place},
};

/// Carries a comune, the only one where none is named; the old home stays as it is. Calling again after an interruption
/// goes on. Errors: `Conflict` where the new home has the comune already or the old one changed meanwhile.
pub async fn carry(from: &Place, to: &Place, comune: Option<Comune>, watch: &dyn Watch) -> Result<Carriage, Error> {
    let home = store::open(from, comune).await?;
    let arrival = store::carry(&home, home.comune(), to, watch).await?;
    // The figures are made again from the snapshot that arrived: both homes keep them only for others to look at.
    let served = home.store().contents().await?.served;
    let figures = match served.filter(|head| head.artefacts.iter().any(|(name, _)| *name == Artefact::Snapshot)) {
        Some(head) => {
            let bytes = arrival.store().artefact(head.id, Artefact::Snapshot).await?;
            let made = tokio::task::spawn_blocking(move || {
                let snapshot = Snapshot::decode(&bytes).map_err(Error::internal)?;
                refresh::figures(&Arc::new(snapshot))
            });
            made.await.map_err(Error::internal)??
        }
        None => Vec::new(),
    };
    watch.begin("laying out and checking", 0);
    let carriage = arrival.settle(figures).await?;
    home.close().await?;
    Ok(carriage)
}
