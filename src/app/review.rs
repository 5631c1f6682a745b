//! Review: addresses that a person decides, equal spellings once; a spelling that is settled holds from then on.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{error::Error, journal::Journal, rebuild, register};
use crate::{
    access::{Actor, Administer, Disclosed, LinkRecords, disclose, grant},
    domain::{
        bank::BankKind,
        feature::Value,
        fold::fold,
        personal::Personal,
        place::{PlaceStatus, StreetId},
        record::WrittenAddress,
        watch::Watch,
    },
    geocode::{self, Register},
    publish::table::{Column, Table},
    query::collection::FieldKind,
    store::{Alias, Change, Store},
};

/// A spelling to decide, with what seems right.
pub struct Group {
    /// As written, folded.
    pub spelling: Personal,
    /// How many rows are written so.
    pub rows: u64,
    /// Which banks have them.
    pub banks: Vec<BankKind>,
    /// Review or reject.
    pub status: PlaceStatus,
    /// The street that seems right: id and name.
    pub suggestion: Option<(StreetId, String)>,
    /// Score of the suggestion.
    pub score: f32,
    /// Why it was not accepted.
    pub faults: Vec<&'static str>,
}

/// Every spelling that waits for a person, those with most rows first.
pub async fn groups(store: Arc<dyn Store>, actor: &Actor, watch: &dyn Watch) -> Result<Disclosed<Vec<Group>>, Error> {
    let grant = grant::<LinkRecords>(actor)?;
    let contents = store.contents().await?;
    let (register, _) = register::build(store.as_ref(), &contents, watch).await?;
    let banks = rebuild::banks(store.as_ref(), &contents, watch).await?;
    let mut kinds = Vec::new();
    let mut written = Vec::new();
    for bank in &banks {
        for address in bank.records.iter().filter_map(|record| record.address.as_deref()) {
            kinds.push(bank.kind);
            written.push(address);
        }
    }
    let placements = rebuild::locate_all(&register, &written, watch)?;
    let groups = geocode::review_groups(written.iter().copied().zip(&placements));
    let groups = groups.into_iter().map(|group| Group {
        rows: group.rows.len() as u64,
        banks: group.rows.iter().map(|row| kinds[*row]).collect::<BTreeSet<_>>().into_iter().collect(),
        spelling: group.spelling,
        status: group.status,
        suggestion: group
            .suggested_street
            .and_then(|street| Some((street, register.street(street)?.street.name.clone()))),
        score: group.score,
        faults: group.faults,
    });
    let (groups, event) = disclose::records(&grant, "review", groups.collect());
    Journal::new(Some(store)).keep(&[event]).await?;
    Ok(groups)
}

/// The groups as a table: `spelling,rows,banks,status,street_id,street,score,faults`.
pub fn table(groups: &Disclosed<Vec<Group>>) -> Table {
    let columns = vec![
        Column::new("spelling", FieldKind::Text),
        Column::new("rows", FieldKind::Whole),
        Column::new("banks", FieldKind::Text),
        Column::new("status", FieldKind::Text),
        Column::new("street_id", FieldKind::Whole),
        Column::new("street", FieldKind::Text),
        Column::new("score", FieldKind::Number),
        Column::new("faults", FieldKind::Text),
    ];
    let text = |text: &str| Value::Text(text.into());
    Table::of_records("review", columns, groups, |group: &Group| {
        let banks: Vec<&str> = group.banks.iter().map(|bank| bank.name()).collect();
        let (id, street) = group
            .suggestion
            .as_ref()
            .map_or((Value::Null, Value::Null), |(street, name)| (Value::Whole(street.0 as i64), text(name)));
        let values = vec![
            text(group.spelling.reveal()),
            Value::Whole(group.rows as i64),
            text(&banks.join(" ")),
            text(group.status.name()),
            id,
            street,
            Value::Number((f64::from(group.score) * 1e4).round() / 1e4),
            text(&group.faults.join(" ")),
        ];
        (None, values)
    })
}

/// Settles how a street is written, once for all: rows written so are placed anew at the next refresh.
/// Errors: a street that the register does not have, an empty spelling.
pub async fn settle(
    store: Arc<dyn Store>,
    actor: &Actor,
    spelling: &str,
    street: StreetId,
    watch: &dyn Watch,
) -> Result<(), Error> {
    let grant = grant::<Administer>(actor)?;
    let contents = store.contents().await?;
    let (register, _) = register::build(store.as_ref(), &contents, watch).await?;
    if register.street(street).is_none() {
        return Err(Error::invalid("--street", format!("no street of the register has the number {}", street.0)));
    }
    let written = street_of(&register, spelling);
    if written.is_empty() {
        return Err(Error::invalid("--spelling", "no street is written"));
    }
    store.save(Change::Alias(Alias { written: written.into(), street: Some(street), at: Timestamp::now() })).await?;
    Journal::new(Some(store)).keep(&[grant.event("alias", 1)]).await
}

/// The street as it is written, whether or not number and interior stand behind it: as the list shows a spelling.
fn street_of(register: &Register, spelling: &str) -> String {
    let read = geocode::explain(register, &WrittenAddress::Text(Personal::from(spelling)));
    let words: Vec<&str> = read.words.iter().map(Personal::reveal).collect();
    fold(&format!("{} {}", read.kind, words.join(" ")))
}
