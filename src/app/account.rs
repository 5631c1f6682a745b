//! Accounts: the tokens by which programs and people come in.

use std::sync::Arc;

use jiff::Timestamp;
use rand::TryRngCore as _;

use super::{error::Error, journal::Journal};
use crate::{
    access::{Actor, Administer, Role, grant, token::Secret},
    store::{Change, Store, Token},
};

/// Makes a token and answers its secret, which is nowhere else from now on.
pub async fn add_token(store: Arc<dyn Store>, actor: &Actor, role: Role, name: &str) -> Result<Secret, Error> {
    let grant = grant::<Administer>(actor)?;
    if name.trim().is_empty() || name.len() > 100 || name.contains(|c: char| c.is_control() || c == ':') {
        return Err(Error::invalid("--name", "one to 100 characters, without colon"));
    }
    let mut bytes = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(Error::internal)?;
    let secret = Secret::of(bytes);
    let token = Token { name: name.into(), role, hash: secret.hash(), created_at: Timestamp::now(), revoked_at: None };
    store.save(Change::Token(token)).await?;
    Journal::new(Some(store)).keep(&[grant.event(&format!("token {name}"), 1)]).await?;
    Ok(secret)
}

/// Every token without its secret, revoked ones too.
pub async fn list_tokens(store: &dyn Store, actor: &Actor) -> Result<Vec<Token>, Error> {
    grant::<Administer>(actor)?;
    Ok(store.contents().await?.tokens)
}

/// Revokes the token of a name, of that role where one is given.
pub async fn revoke_token(store: Arc<dyn Store>, actor: &Actor, name: &str, role: Option<Role>) -> Result<(), Error> {
    let grant = grant::<Administer>(actor)?;
    let tokens = store.contents().await?.tokens;
    let held = tokens
        .iter()
        .any(|token| *token.name == *name && token.revoked_at.is_none() && role.is_none_or(|role| token.role == role));
    if !held {
        return Err(Error::Missing(format!("no token in use is named \"{name}\"")));
    }
    store.save(Change::TokenRevoked { name: name.into(), at: Timestamp::now() }).await?;
    Journal::new(Some(store)).keep(&[grant.event(&format!("token {name} revoked"), 1)]).await
}
