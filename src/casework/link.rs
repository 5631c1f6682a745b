//! Links by which crews see their runs: given for one shift, taken back before if need be. The token is never here, its
//! hash is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{event::StreamId, moment, plan::PlanId};
use crate::access::{pass, token::TokenHash};

/// What happened to a link, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It was given to a crew.
    Given {
        /// Of which plan.
        plan: PlanId,
        /// Which run.
        run: Box<str>,
        /// The hash of its token, 64 hexadecimal digits.
        hash: Box<str>,
        /// Not good from then on.
        #[serde(with = "moment::text")]
        expires: Timestamp,
    },
    /// It was taken back.
    TakenBack,
}

impl Event {
    /// A link that is given.
    pub fn given(plan: PlanId, run: &str, hash: &TokenHash, expires: Timestamp) -> Self {
        Self::Given { plan, run: run.into(), hash: hash.to_string().into(), expires }
    }
}

/// The link after an event; an event that cannot follow changes nothing.
pub fn apply(id: StreamId, link: Option<pass::Link>, event: Event, at: Timestamp) -> Option<pass::Link> {
    match (link, event) {
        (None, Event::Given { plan, run, hash, expires }) => Some(pass::Link {
            id: id.to_string().into(),
            plan: plan.to_string().into(),
            run,
            hash: TokenHash::from_bytes(bytes(&hash)?),
            expires,
            revoked: None,
        }),
        (Some(link), Event::TakenBack) => Some(pass::Link { revoked: link.revoked.or(Some(at)), ..link }),
        (link, _) => link,
    }
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::token::Secret;

    #[test]
    fn a_link_comes_back_from_the_journal_and_is_taken_back_once() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let secret = Secret::of([7; 32]);
        let event = Event::given(StreamId(9), "r1", &secret.hash(), at(100));
        let text = serde_json::to_string(&event).unwrap();
        assert!(!text.contains(secret.reveal()));
        let link = apply(StreamId(3), None, serde_json::from_str(&text).unwrap(), at(1)).unwrap();
        assert_eq!((&*link.plan, &*link.run, link.hash == secret.hash()), ("0000000000000009", "r1", true));
        let again = apply(StreamId(3), Some(link), event, at(2)).unwrap();
        assert_eq!(again.expires, at(100));
        let back = apply(StreamId(3), Some(again), Event::TakenBack, at(3)).unwrap();
        assert_eq!(apply(StreamId(3), Some(back), Event::TakenBack, at(4)).unwrap().revoked, Some(at(3)));
        assert_eq!(apply(StreamId(3), None, Event::TakenBack, at(4)), None);
    }
}
