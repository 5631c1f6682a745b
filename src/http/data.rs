//! `/data/…`: collections as files, whole or in parts (RFC 9110, 14).

use std::ops::Range;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures_util::stream;

use super::{
    Server,
    actor::Who,
    answer,
    error::Problem,
    parameters::{At, Parameters},
};
use crate::{
    access::hexes::Policy,
    app::{
        self,
        file::{Delivery, Narrowing, Pieces},
    },
    publish::features::Format,
    query::filter::Lang,
};

/// `GET /data/{collection}.{ending}[?filter=CQL2[&filter-lang=cql2-text|cql2-json]]`. What everybody may have whole is sent
/// in any part and has a strong tag; what is filtered, or is for some only, is written while it is sent.
pub async fn file(
    State(server): State<Server>,
    method: Method,
    At(file): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["filter", "filter-lang"])?;
    let (name, format) = file
        .rsplit_once('.')
        .and_then(|(name, ending)| Some((name, Format::of_key(ending)?)))
        .ok_or(Problem::NoSuchPath)?;
    let download = app::file::fetch(server.app(), &actor, name, format, narrowing(&asked)?).await?;
    let mut response = match download.delivery {
        Delivery::Pieces(pieces) => {
            let mut response = Response::new(body(pieces));
            response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
            response
        }
        Delivery::Volume(volume) => {
            let tag = HeaderValue::from_str(volume.tag()).map_err(app::Error::internal)?;
            let part = match asked_part(&method, &headers, volume.tag(), volume.bytes()) {
                Part::Unsatisfiable => return Err(Problem::Range(volume.bytes())),
                Part::Known => None,
                Part::Whole => Some((StatusCode::OK, 0..volume.bytes())),
                Part::Of(range) => Some((StatusCode::PARTIAL_CONTENT, range)),
            };
            let mut response = Response::new(Body::empty());
            match part {
                None => *response.status_mut() = StatusCode::NOT_MODIFIED,
                Some((status, range)) => {
                    *response.status_mut() = status;
                    let sent = response.headers_mut();
                    sent.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
                    if status == StatusCode::PARTIAL_CONTENT {
                        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, volume.bytes());
                        sent.insert(header::CONTENT_RANGE, HeaderValue::from_str(&text).map_err(app::Error::internal)?);
                    }
                    if method != Method::HEAD {
                        *response.body_mut() = body(volume.part(range));
                    }
                }
            }
            response.headers_mut().insert(header::ETAG, tag);
            response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            response
        }
    };
    let is_whole = response.status() != StatusCode::NOT_MODIFIED;
    let sent = response.headers_mut();
    if is_whole {
        sent.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        let disposition = format!("attachment; filename=\"{}.{}\"", name, format.key());
        sent.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(app::Error::internal)?);
    }
    sent.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(match download.policy {
            Policy::Public => "public, no-cache",
            Policy::Exact => "private, no-store",
        }),
    );
    sent.insert(header::VARY, HeaderValue::from_static("Authorization, X-Api-Key"));
    Ok(response)
}

fn narrowing(asked: &Parameters) -> Result<Option<Narrowing>, Problem> {
    let wrong = || Problem::parameter("filter-lang", "cql2-text or cql2-json");
    let lang = asked.text("filter-lang").map_or(Ok(Lang::default()), |name| Lang::named(name).ok_or_else(wrong))?;
    match asked.text("filter").filter(|text| !text.trim().is_empty()) {
        Some(text) => Ok(Some(Narrowing { text: text.to_owned(), lang })),
        None if asked.text("filter-lang").is_some() => Err(Problem::parameter("filter", "missing")),
        None => Ok(None),
    }
}

/// What is written while it is sent.
pub fn body(pieces: Pieces) -> Body {
    Body::from_stream(stream::unfold(pieces, |mut pieces| async move { Some((pieces.next().await?, pieces)) }))
}

/// What of a file is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// All.
    Whole,
    /// These bytes.
    Of(Range<u64>),
    /// Bytes that it does not have.
    Unsatisfiable,
    /// Nothing: the client has it.
    Known,
}

fn asked_part(method: &Method, headers: &HeaderMap, tag: &str, bytes: u64) -> Part {
    if answer::has(headers, tag.as_bytes()) {
        return Part::Known;
    }
    // A range is for GET, and for the file of which the client holds the rest; a date does not say which that is.
    let same = headers.get(header::IF_RANGE).is_none_or(|known| known.as_bytes() == tag.as_bytes());
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    match range.filter(|_| same && *method == Method::GET) {
        Some(range) => part_of(range, bytes),
        None => Part::Whole,
    }
}

/// Reads `bytes=FIRST-LAST`, `bytes=FIRST-` or `bytes=-LENGTH`. Several ranges, and what is no range of bytes, are answered
/// with the whole, as one may.
fn part_of(range: &str, bytes: u64) -> Part {
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
        return Part::Whole;
    };
    let range = match (first, last) {
        ("", length) => match number(length) {
            Some(0) => return Part::Unsatisfiable,
            Some(length) => bytes.saturating_sub(length)..bytes,
            None => return Part::Whole,
        },
        (first, "") => match number(first) {
            Some(first) => first..bytes,
            None => return Part::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(bytes),
            _ => return Part::Whole,
        },
    };
    if range.start < range.end { Part::Of(range) } else { Part::Unsatisfiable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_rfc() {
        for (range, part) in [
            ("bytes=0-499", Part::Of(0..500)),
            ("bytes=500-999", Part::Of(500..1000)),
            ("bytes=9500-", Part::Of(9500..10_000)),
            ("bytes=-500", Part::Of(9500..10_000)),
            ("bytes=-20000", Part::Of(0..10_000)),
            ("bytes=9999-20000", Part::Of(9999..10_000)),
            ("bytes=0-18446744073709551615", Part::Of(0..10_000)),
            ("bytes=10000-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=-", Part::Whole),
            ("lines=0-1", Part::Whole),
        ] {
            assert_eq!(part_of(range, 10_000), part, "{range}");
        }
        assert_eq!(part_of("bytes=0-", 0), Part::Unsatisfiable);
    }

    #[test]
    fn a_range_holds_only_of_the_same_file_and_never_of_a_known_one() {
        let asked = |pairs: &[(header::HeaderName, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
            asked_part(&Method::GET, &headers, "\"a\"", 10)
        };
        let range = (header::RANGE, "bytes=2-3");
        assert_eq!(asked(&[]), Part::Whole);
        assert_eq!(asked(std::slice::from_ref(&range)), Part::Of(2..4));
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, "\"a\"")]), Part::Of(2..4));
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, "\"b\"")]), Part::Whole);
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, "W/\"a\"")]), Part::Whole);
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, "Sat, 29 Oct 1994 19:43:31 GMT")]), Part::Whole);
        assert_eq!(asked(&[range, (header::IF_NONE_MATCH, "\"a\"")]), Part::Known);
    }
}
