//! The query of a URL, strictly: an unknown, repeated or malformed parameter is an error that names it.

use std::{borrow::Cow, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::{Server, error::Problem};

/// Longest query that is read, in bytes: a filter with a shape of some hundred points.
const MAX_QUERY_BYTES: usize = 16_384;

/// The parameters of a request.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads the query; only these names may be in it, each once.
    pub fn read(query: Option<&str>, names: &[&str]) -> Result<Self, Problem> {
        let query = query.unwrap_or_default();
        if query.len() > MAX_QUERY_BYTES {
            return Err(Problem::parameter("", format!("the query is longer than {MAX_QUERY_BYTES} bytes")));
        }
        let mut known: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).unwrap_or(Cow::Borrowed("?"));
            if !names.contains(&&*name) {
                let shown: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
                let reason = if names.is_empty() {
                    "unknown: this address takes no parameters".to_owned()
                } else {
                    format!("unknown: this address takes {}", names.join(", "))
                };
                return Err(Problem::parameter(&shown, reason));
            }
            if known.iter().any(|(other, _)| *other == *name) {
                return Err(Problem::parameter(&name, "given more than once"));
            }
            let value = decoded(value).ok_or_else(|| Problem::parameter(&name, "not percent-encoded UTF-8"))?;
            known.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(known))
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A text that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Problem> {
        self.text(name).ok_or_else(|| Problem::parameter(name, "missing"))
    }

    /// A number.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.text(name)
            .map(|text| text.parse().map_err(|_| Problem::parameter(name, "not a whole number in range")))
            .transpose()
    }
}

/// The parts of a path. Parts that are no text are of no address that there is.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Server> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let Path(found) = Path::from_request_parts(parts, server).await.map_err(|_| Problem::NoSuchPath)?;
        Ok(Self(found))
    }
}

/// A piece of a form-encoded query; none where it is not UTF-8 or a per cent sign stands alone.
pub(super) fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                (high * 16 + low) as u8
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blamed(query: &str, names: &[&str]) -> String {
        match Parameters::read(Some(query), names) {
            Err(Problem::Parameter { name, .. }) => name,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("{query} was taken"),
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(blamed("q=1&x=2", &["q"]), "x");
        assert_eq!(blamed("q=1&q=2", &["q"]), "q");
        assert_eq!(blamed("q=%ff", &["q"]), "q");
        assert_eq!(blamed("q=%f", &["q"]), "q");
        assert_eq!(blamed("<script>", &[]), "<script>");
        let read = Parameters::read(Some("q=via+Citt%C3%A0&limit=8&"), &["q", "limit"]).unwrap();
        assert_eq!((read.text("q"), read.number::<usize>("limit").unwrap()), (Some("via Città"), Some(8)));
        assert!(Parameters::read(Some("limit=-1"), &["limit"]).unwrap().number::<usize>("limit").is_err());
    }
}
