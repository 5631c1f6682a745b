//! Groups of equal spellings that a person decides once.

use std::collections::BTreeMap;

use crate::domain::{
    fold::fold,
    personal::Personal,
    place::{AccessId, PlaceStatus, Placement, StreetId},
    record::WrittenAddress,
};

/// Rows whose address is written the same way (after folding): one decision settles them all.
#[derive(Clone, Debug)]
pub struct ReviewGroup {
    /// The spelling, folded.
    pub spelling: Personal,
    /// Positions in the order in which they were handed in, from 0.
    pub rows: Vec<usize>,
    /// Review or reject.
    pub status: PlaceStatus,
    /// The street that seems right, where one does.
    pub suggested_street: Option<StreetId>,
    /// The access that seems right, where one does.
    pub suggested_access: Option<AccessId>,
    /// Score of the suggestion.
    pub score: f32,
    /// Why it was not accepted.
    pub faults: Vec<&'static str>,
}

/// Groups what was not accepted: the largest groups first, so that the first decisions settle most rows.
pub fn review_groups<'a>(rows: impl IntoIterator<Item = (&'a WrittenAddress, &'a Placement)>) -> Vec<ReviewGroup> {
    let mut groups: BTreeMap<String, ReviewGroup> = BTreeMap::new();
    for (i, (written, placement)) in rows.into_iter().enumerate() {
        if placement.status == PlaceStatus::Accept {
            continue;
        }
        let spelling = fold(written.to_line().reveal());
        if spelling.is_empty() {
            continue;
        }
        groups.entry(spelling).and_modify(|g| g.rows.push(i)).or_insert_with_key(|spelling| ReviewGroup {
            spelling: Personal::from(spelling.as_str()),
            rows: vec![i],
            status: placement.status,
            suggested_street: placement.street,
            suggested_access: placement.access,
            score: placement.score,
            faults: placement.faults.clone(),
        });
    }
    let mut groups: Vec<ReviewGroup> = groups.into_values().collect();
    groups.sort_by(|a, b| b.rows.len().cmp(&a.rows.len()).then_with(|| a.spelling.cmp(&b.spelling)));
    groups
}
