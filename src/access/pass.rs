//! A crew's pass: a link that lasts one shift and opens its own run only. The link's token is kept as its hash.

use jiff::Timestamp;

use super::{
    actor::Actor,
    token::{Secret, TokenHash},
};

/// A link that was given to a crew, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which: names the crew in the audit log.
    pub id: Box<str>,
    /// Of which plan.
    pub plan: Box<str>,
    /// Which run.
    pub run: Box<str>,
    /// The hash of its token.
    pub hash: TokenHash,
    /// Not good from then on.
    pub expires: Timestamp,
    /// Whether it was taken back.
    pub revoked: Option<Timestamp>,
}

/// Why a link does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// No link has this token.
    #[error("the link is not known")]
    Unknown,
    /// Its shift is over.
    #[error("the link's shift is over: ask for another")]
    Expired,
    /// It was taken back.
    #[error("the link was taken back: ask for another")]
    Revoked,
}

/// Proof that a crew came in by a link that is good. Only [`admit`] makes one.
#[derive(Clone, Debug)]
pub struct Pass {
    actor: Actor,
    plan: Box<str>,
    run: Box<str>,
    expires: Timestamp,
}

impl Pass {
    /// The crew, as the audit log names it.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The plan of its run.
    pub fn plan(&self) -> &str {
        &self.plan
    }

    /// Its run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Until when it is good.
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }
}

/// Lets in who shows the token of a link that is good at that moment. Every link is compared, in constant time.
pub fn admit<'a>(links: impl IntoIterator<Item = &'a Link>, token: &Secret, now: Timestamp) -> Result<Pass, Closed> {
    let hash = token.hash();
    let found = links.into_iter().fold(None, |found, link| if link.hash == hash { Some(link) } else { found });
    let link = found.ok_or(Closed::Unknown)?;
    if link.revoked.is_some() {
        return Err(Closed::Revoked);
    }
    if now >= link.expires {
        return Err(Closed::Expired);
    }
    let actor = Actor::crew(&format!("crew {}", link.id));
    Ok(Pass { actor, plan: link.plan.clone(), run: link.run.clone(), expires: link.expires })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_own_run_until_its_end_and_not_when_taken_back() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (mine, other) = (Secret::of([1; 32]), Secret::of([2; 32]));
        let link = |secret: &Secret, run: &str| Link {
            id: run.into(),
            plan: "p".into(),
            run: run.into(),
            hash: secret.hash(),
            expires: at(100),
            revoked: None,
        };
        let mut links = [link(&mine, "r1"), link(&other, "r2")];
        let pass = admit(&links, &mine, at(99)).unwrap();
        assert_eq!((pass.plan(), pass.run(), pass.actor().name()), ("p", "r1", "crew r1"));
        assert_eq!(admit(&links, &mine, at(100)).unwrap_err(), Closed::Expired);
        assert_eq!(admit(&links, &Secret::of([3; 32]), at(1)).unwrap_err(), Closed::Unknown);
        links[0].revoked = Some(at(5));
        assert_eq!(admit(&links, &mine, at(6)).unwrap_err(), Closed::Revoked);
        assert!(admit(&links, &other, at(6)).is_ok());
    }
}
