//! Who asks, from what the request shows: `Authorization: Bearer`, `Authorization: Basic name:token` or `X-Api-Key`.
//! Nothing shown is the public; something shown that is not good is an error, never the public.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use super::{Server, error::Problem, parameters::Parameters};
use crate::{
    access::Actor,
    app::{plan, token::Credential},
};

/// Who asks.
pub struct Who(pub Actor);

impl FromRequestParts<Server> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        of(server, &parts.headers).await.map(Self)
    }
}

/// Who asks at an address that takes no parameters.
pub struct Bare(pub Actor);

impl FromRequestParts<Server> for Bare {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let Who(actor) = Who::from_request_parts(parts, server).await?;
        Parameters::read(parts.uri.query(), &[])?;
        Ok(Self(actor))
    }
}

/// Who plans, at an address that takes no parameters. That somebody may not is in the audit log.
pub struct Planner(pub Actor);

impl FromRequestParts<Server> for Planner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let Bare(actor) = Bare::from_request_parts(parts, server).await?;
        plan::admit(server.app(), &actor).await?;
        Ok(Self(actor))
    }
}

/// Who asks with these headers.
pub async fn of(server: &Server, headers: &HeaderMap) -> Result<Actor, Problem> {
    let app = server.app();
    Ok(match shown(headers)? {
        None => Actor::anonymous(),
        Some(Shown::Token(token)) => app.authenticate(&Credential::Token(&token)).await?,
        Some(Shown::Named(name, token)) => app.authenticate(&Credential::Named { name: &name, token: &token }).await?,
    })
}

enum Shown {
    Token(String),
    Named(String, String),
}

fn shown(headers: &HeaderMap) -> Result<Option<Shown>, Problem> {
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let mut keys = headers.get_all("x-api-key").iter();
    let found = match (authorizations.next(), keys.next()) {
        (None, None) => return Ok(None),
        // Two credentials would leave open whose rights count.
        (Some(_), Some(_)) => return Err(Problem::Credentials),
        (Some(value), None) => authorization(value.to_str().map_err(|_| Problem::Credentials)?)?,
        (None, Some(value)) => Shown::Token(value.to_str().map_err(|_| Problem::Credentials)?.trim().to_owned()),
    };
    if authorizations.next().is_some() || keys.next().is_some() {
        return Err(Problem::Credentials);
    }
    Ok(Some(found))
}

fn authorization(value: &str) -> Result<Shown, Problem> {
    let (scheme, rest) = value.trim().split_once(' ').ok_or(Problem::Credentials)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Shown::Token(rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Problem::Credentials);
    }
    let bytes = base64(rest.trim()).ok_or(Problem::Credentials)?;
    let text = String::from_utf8(bytes).map_err(|_| Problem::Credentials)?;
    let (name, token) = text.split_once(':').ok_or(Problem::Credentials)?;
    Ok(Shown::Named(name.to_owned(), token.to_owned()))
}

/// Base64 (RFC 4648, 4), padding optional; none for anything else.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    if digits.len() % 4 == 1 || digits.len() > 1_024 {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() * 3 / 4);
    for chunk in digits.chunks(4) {
        let mut word = 0_u32;
        for &digit in chunk {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            word = word << 6 | u32::from(value);
        }
        let bytes = (word << (6 * (4 - chunk.len()))).to_be_bytes();
        out.extend_from_slice(&bytes[1..chunk.len()]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc_and_of_a_token() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg", "foob"),
            ("bmFtZTpwYXNz", "name:pass"),
        ] {
            assert_eq!(base64(text).unwrap(), bytes.as_bytes(), "{text}");
        }
        assert!(base64("Zg=g").is_none() && base64("Z").is_none() && base64("Zm9v YmFy").is_none());
    }
}
