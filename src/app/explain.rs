//! Explain: why a row of a bank was given to that person and put at that place.

use std::sync::Arc;

use jiff::Timestamp;

use super::{error::Error, journal::Journal, rebuild, register};
use crate::{
    access::{Actor, Disclosed, LinkRecords, disclose, grant},
    domain::{record::RecordKey, watch::Watch},
    geocode,
    linkage::{self, FamilyEvidence, Link, Waterfall},
    store::Store,
};

/// Why a row is where it is.
pub struct Explained {
    /// The link.
    pub link: Link,
    /// The weights of the link, where it is to someone of the registry.
    pub waterfall: Option<Waterfall>,
    /// How its address was read and judged, where it has one.
    pub address: Option<geocode::Explanation>,
}

/// Explains one row, by linking anew: what is explained is what the present rules say of the present rows.
pub async fn explain(
    store: Arc<dyn Store>,
    actor: &Actor,
    record: RecordKey,
    watch: &dyn Watch,
) -> Result<Disclosed<Vec<Explained>>, Error> {
    let grant = grant::<LinkRecords>(actor)?;
    let contents = store.contents().await?;
    let (register, _) = register::build(store.as_ref(), &contents, watch).await?;
    let banks = rebuild::banks(store.as_ref(), &contents, watch).await?;
    let places = rebuild::place_all(&register, &banks, watch)?;
    let keys = rebuild::keys(&banks, &places);
    let input = rebuild::records(&banks, &keys);
    let as_of = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let input = linkage::Input { banks: &input, family: FamilyEvidence::Shown, as_of, decided: &[] };
    let linked = rebuild::link(&input, watch)?;
    let missing = || Error::Missing(format!("{}, row {} is not among the records", record.bank, record.row));
    let link = linked.links.iter().find(|link| link.record == record).copied().ok_or_else(missing)?;
    let bank = banks.iter().find(|bank| bank.kind == record.bank).ok_or_else(missing)?;
    let row = bank.records.iter().find(|other| other.row == record.row).ok_or_else(missing)?;
    let explained = Explained {
        link,
        waterfall: linkage::explain(&input, &linked, record),
        address: row.address.as_deref().map(|address| geocode::explain(&register, address)),
    };
    let (explained, event) = disclose::records(&grant, "explanation", vec![explained]);
    Journal::new(Some(store)).keep(&[event]).await?;
    Ok(explained)
}
