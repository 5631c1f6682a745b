//! Small parts of answers: addresses with their query, moments.

use jiff::Timestamp;

/// An address with the query with which it was asked.
pub fn with_query(at: &str, query: Option<&str>) -> String {
    match query.filter(|query| !query.is_empty()) {
        Some(query) => format!("{at}?{query}"),
        None => at.to_owned(),
    }
}

/// The address of the next page of the same question.
pub fn further(at: &str, query: Option<&str>, cursor: &str) -> String {
    let rest = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<&str> = rest.filter(|pair| pair.split('=').next() != Some("cursor")).collect();
    let cursor = format!("cursor={cursor}");
    pairs.push(&cursor);
    format!("{at}?{}", pairs.join("&"))
}

/// The address of the same question in another format.
pub fn formatted(at: &str, query: Option<&str>, format: &str) -> String {
    let rest = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<&str> = rest.filter(|pair| pair.split('=').next() != Some("f")).collect();
    let format = format!("f={format}");
    pairs.push(&format);
    format!("{at}?{}", pairs.join("&"))
}

/// A query in which the values of a parameter that may be repeated stand in one, with commas between.
pub fn joined(query: &str, name: &str) -> String {
    let is_it = |pair: &&str| pair.split('=').next() == Some(name);
    let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    let values: Vec<&str> =
        pairs.iter().filter(|pair| is_it(pair)).filter_map(|pair| Some(pair.split_once('=')?.1)).collect();
    let mut rest: Vec<String> = pairs.iter().filter(|pair| !is_it(pair)).map(|&pair| pair.to_owned()).collect();
    if !values.is_empty() {
        rest.push(format!("{name}={}", values.join(",")));
    }
    rest.join("&")
}

/// A moment to the millisecond, RFC 3339.
pub fn moment(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_asks_the_same_and_goes_on() {
        assert_eq!(further("a", None, "1f"), "a?cursor=1f");
        assert_eq!(further("a", Some("limit=3&cursor=1&f=json"), "2"), "a?limit=3&f=json&cursor=2");
        assert_eq!(joined("subset=Lat(1)&f=json&subset=Lon(2)", "subset"), "f=json&subset=Lat(1),Lon(2)");
        assert_eq!(joined("f=json", "subset"), "f=json");
        assert_eq!(moment("2026-11-23T10:00:00.123456Z".parse().unwrap()), "2026-11-23T10:00:00.123Z");
    }
}
