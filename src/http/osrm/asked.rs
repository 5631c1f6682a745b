//! A request in OSRM's words (API version 1): coordinates in the path, options in the query, both strictly.

use crate::{domain::geo::LonLat, http::parameters::decoded as decoded_query, roads::profile::Profile};

/// Longest path and query that are read, in bytes.
const MAX_BYTES: usize = 60_000;

/// A fault as OSRM tells it: a code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// OSRM's word.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl Fault {
    /// A fault.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The address makes no sense.
    pub fn url(message: impl Into<String>) -> Self {
        Self::new("InvalidUrl", message)
    }

    /// An option makes no sense.
    pub fn value(name: &str, message: &str) -> Self {
        Self::new("InvalidValue", format!("{name}: {message}"))
    }
}

/// The profile of a path: our own names, and those by which OSRM's clients call them.
pub fn profile(name: &str) -> Result<Profile, Fault> {
    let known = match name {
        "driving" | "driving-car" | "routed-car" => "car",
        "walking" | "routed-foot" => "foot",
        "driving-hgv" => "truck",
        name => name,
    };
    Profile::ALL.into_iter().find(|profile| profile.key() == known).ok_or_else(|| {
        let shown: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
        Fault::new("InvalidValue", format!("profile: {shown} is not car, van, truck, foot or emergency"))
    })
}

/// The coordinates of a path: `lon,lat;lon,lat`, `polyline(…)` or `polyline6(…)`; an ending `.json` is OSRM's default.
pub fn coordinates(text: &str) -> Result<Vec<LonLat>, Fault> {
    if text.len() > MAX_BYTES {
        return Err(Fault::new("TooBig", format!("coordinates are longer than {MAX_BYTES} bytes")));
    }
    let text = text.strip_suffix(".json").unwrap_or(text);
    let encoded = |start: &str| text.strip_prefix(start).and_then(|rest| rest.strip_suffix(')'));
    let pairs = if let Some(line) = encoded("polyline6(") {
        decoded(line, 1e6)
    } else if let Some(line) = encoded("polyline(") {
        decoded(line, 1e5)
    } else {
        text.split(';').map(pair).collect()
    };
    let pairs = pairs.ok_or_else(|| Fault::url("coordinates are lon,lat;lon,lat or polyline(…)"))?;
    if pairs.is_empty() {
        return Err(Fault::url("no coordinates"));
    }
    let place = |(at, [lon, lat]): (usize, [f64; 2])| {
        LonLat::new(lon, lat).map_err(|error| Fault::value(&format!("coordinate {at}"), error.reason))
    };
    pairs.into_iter().enumerate().map(place).collect()
}

fn pair(text: &str) -> Option<[f64; 2]> {
    let (lon, lat) = text.split_once(',')?;
    let number = |text: &str| {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        text.parse::<f64>().ok().filter(|_| plain)
    };
    Some([number(lon)?, number(lat)?])
}

/// Google's encoded polyline: latitude first, differences in steps of `1 / scale` degrees.
fn decoded(text: &str, scale: f64) -> Option<Vec<[f64; 2]>> {
    let mut bytes = text.bytes();
    let (mut lat, mut lon) = (0_i64, 0_i64);
    let mut pairs = Vec::new();
    while bytes.len() > 0 {
        lat = lat.checked_add(step(&mut bytes)?)?;
        lon = lon.checked_add(step(&mut bytes)?)?;
        pairs.push([lon as f64 / scale, lat as f64 / scale]);
    }
    Some(pairs)
}

fn step(bytes: &mut std::str::Bytes<'_>) -> Option<i64> {
    let (mut value, mut shift) = (0_i64, 0);
    loop {
        let five = i64::from(bytes.next()?.checked_sub(63).filter(|six| *six < 64)?);
        value |= (five & 31) << shift;
        if five & 32 == 0 {
            return Some(if value & 1 == 1 { !(value >> 1) } else { value >> 1 });
        }
        shift += 5;
        if shift > 40 {
            return None;
        }
    }
}

/// The options of a query.
pub struct Options(Vec<(String, String)>);

/// Options of every service that change no answer here: no hints are given out, so none can come back that says anything.
const HINTS: [&str; 4] = ["hints", "generate_hints", "skip_waypoints", "snapping"];
/// Options that would change the answer and that are not followed: anything but what is written here is refused.
const UNSUPPORTED: [(&str, &[&str]); 4] = [
    ("bearings", &[""]),
    ("approaches", &["", "unrestricted"]),
    ("exclude", &[""]),
    // A road on which one may not set out is none here.
    ("snapping", &["", "default"]),
];
/// Options that are true or false.
const CHOICES: [&str; 2] = ["generate_hints", "skip_waypoints"];

impl Options {
    /// Reads a query; of one service these names may be in it, each once.
    pub fn read(query: Option<&str>, names: &[&str]) -> Result<Self, Fault> {
        let query = query.unwrap_or_default();
        if query.len() > MAX_BYTES {
            return Err(Fault::new("TooBig", format!("the query is longer than {MAX_BYTES} bytes")));
        }
        let mut known: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded_query(value).ok_or_else(|| Fault::new("InvalidQuery", "not percent-encoded UTF-8"))?;
            let ours = names.contains(&name) || ["scenario", "radiuses"].contains(&name);
            let refused = UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == name);
            if let Some((_, fine)) = refused {
                // As many empty entries as coordinates say nothing.
                if value.split(';').any(|entry| !fine.contains(&entry)) {
                    return Err(Fault::new("NotImplemented", format!("{name} is not followed here")));
                }
            } else if !ours && !HINTS.contains(&name) {
                let shown: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
                return Err(Fault::new("InvalidQuery", format!("{shown} is not an option of this service")));
            }
            if CHOICES.contains(&name) && !["true", "false"].contains(&&*value) {
                return Err(Fault::value(name, "true or false"));
            }
            if known.iter().any(|(other, _)| other == name) {
                return Err(Fault::new("InvalidQuery", format!("{name} is given more than once")));
            }
            known.push((name.to_owned(), value.into_owned()));
        }
        Ok(Self(known))
    }

    /// What an option says.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// One of some words; the first where nothing is said.
    pub fn choice<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<T, Fault> {
        match self.text(name) {
            None => Ok(words[0].1),
            Some(text) => words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Fault::value(name, &words.join(", "))
            }),
        }
    }

    /// Which of `count` coordinates: `all`, or places in order.
    pub fn places(&self, name: &str, count: usize) -> Result<Vec<usize>, Fault> {
        let text = match self.text(name) {
            None | Some("all" | "") => return Ok((0..count).collect()),
            Some(text) => text,
        };
        let place = |text: &str| text.parse().ok().filter(|at| *at < count);
        let places: Option<Vec<usize>> = text.split(';').map(place).collect();
        places.ok_or_else(|| Fault::value(name, "all, or places of coordinates from 0, with ; between"))
    }

    /// How far each coordinate may be from a road; none where that is not said.
    pub fn radiuses(&self, count: usize) -> Result<Vec<Option<f64>>, Fault> {
        let Some(text) = self.text("radiuses").filter(|text| !text.is_empty()) else { return Ok(vec![None; count]) };
        let one = |text: &str| match text {
            "" | "unlimited" => Some(None),
            text => text.parse::<f64>().ok().filter(|radius| radius.is_finite() && *radius >= 0.0).map(Some),
        };
        let radiuses: Option<Vec<Option<f64>>> = text.split(';').map(one).collect();
        let radiuses = radiuses.ok_or_else(|| Fault::value("radiuses", "metres or unlimited, with ; between"))?;
        if radiuses.len() == count {
            Ok(radiuses)
        } else {
            Err(Fault::new("InvalidOptions", format!("{} radiuses for {count} coordinates", radiuses.len())))
        }
    }
}
