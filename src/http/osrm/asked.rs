//! A request in OSRM's words (API version 1): coordinates in the path, options in the query, both strictly.

use crate::{
    domain::geo::LonLat,
    http::parameters::decoded as decoded_query,
    roads::{
        plane::{RoadSide, Stops, Wish},
        profile::Profile,
    },
};

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

    /// An option cannot be read.
    pub fn query(name: &str, message: &str) -> Self {
        Self::new("InvalidQuery", format!("{name}: {message}"))
    }

    /// Options that can be read, and do not fit.
    pub fn options(message: impl Into<String>) -> Self {
        Self::new("InvalidOptions", message)
    }

    /// What can be read is not there, or not on Earth.
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
    let pairs = pairs.ok_or_else(|| Fault::query("coordinates", "lon,lat;lon,lat or polyline(…)"))?;
    if pairs.is_empty() {
        return Err(Fault::query("coordinates", "none"));
    }
    let place = |(at, [lon, lat]): (usize, [f64; 2])| {
        LonLat::new(lon, lat).map_err(|error| Fault::value(&format!("coordinate {at}"), error.reason))
    };
    pairs.into_iter().enumerate().map(place).collect()
}

fn pair(text: &str) -> Option<[f64; 2]> {
    let (lon, lat) = text.split_once(',')?;
    Some([number(lon)?, number(lat)?])
}

/// A number in digits; no word for one that is none.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    text.parse().ok().filter(|_| plain)
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

/// Options of every service.
const GENERAL: [&str; 9] = [
    "scenario",
    "radiuses",
    "bearings",
    "approaches",
    "exclude",
    "hints",
    "generate_hints",
    "skip_waypoints",
    "snapping",
];

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
            if !names.contains(&name) && !GENERAL.contains(&name) {
                let shown: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
                return Err(Fault::new("InvalidQuery", format!("{shown} is not an option of this service")));
            }
            if known.iter().any(|(other, _)| other == name) {
                return Err(Fault::new("InvalidQuery", format!("{name} is given more than once")));
            }
            known.push((name.to_owned(), value.into_owned()));
        }
        let options = Self(known);
        // No class of roads can be left out; who says none leaves none out.
        if options.text("exclude").is_some_and(|text| !text.is_empty()) {
            return Err(Fault::value("exclude", "classes of roads cannot be left out here"));
        }
        Ok(options)
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
                Fault::query(name, &words.join(", "))
            }),
        }
    }

    /// Which of `count` coordinates: `all`, or places in order.
    pub fn places(&self, name: &str, count: usize) -> Result<Vec<usize>, Fault> {
        let text = match self.text(name) {
            None | Some("all" | "") => return Ok((0..count).collect()),
            Some(text) => text,
        };
        let places: Result<Vec<usize>, _> = text.split(';').map(str::parse).collect();
        let places = places.map_err(|_| Fault::query(name, "all, or places of coordinates from 0, with ; between"))?;
        match places.iter().find(|at| **at >= count) {
            Some(at) => Err(Fault::options(format!("{name}: {at} of {count} coordinates, counted from 0"))),
            None => Ok(places),
        }
    }

    /// At which of `count` coordinates a route stops: the first and the last are among them, in order.
    pub fn stops(&self, count: usize) -> Result<Vec<usize>, Fault> {
        let stops = self.places("waypoints", count)?;
        if stops.first() != Some(&0) || stops.last() != Some(&(count - 1)) {
            return Err(Fault::value("waypoints", "the first and the last coordinate must be among them"));
        }
        if stops.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(Fault::value("waypoints", "in the order of the coordinates, each once"));
        }
        Ok(stops)
    }

    /// A number above zero.
    pub fn positive(&self, name: &str) -> Result<Option<f64>, Fault> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = number(text).ok_or_else(|| Fault::query(name, "a number"))?;
        if number.is_finite() && number > 0.0 {
            Ok(Some(number))
        } else {
            Err(Fault::options(format!("{name}: above 0")))
        }
    }

    /// One entry for each of `count` coordinates, with `;` between; none where an entry is empty.
    fn entries<T: Clone>(
        &self,
        name: &str,
        count: usize,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Result<Vec<Option<T>>, Fault> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else { return Ok(vec![None; count]) };
        let one = |text: &str| if text.is_empty() { Ok(None) } else { read(text).map(Some) };
        let entries = text.split(';').map(one).collect::<Result<Vec<Option<T>>, Fault>>()?;
        if entries.len() == count {
            Ok(entries)
        } else {
            Err(Fault::options(format!("{} {name} for {count} coordinates", entries.len())))
        }
    }

    /// What is wished of the place of each coordinate.
    pub fn wishes(&self, count: usize) -> Result<Vec<Wish<'static>>, Fault> {
        let bearings = self.entries("bearings", count, bearing)?;
        let sides = self.entries("approaches", count, |text| match text {
            "unrestricted" => Ok(RoadSide::Any),
            "curb" => Ok(RoadSide::Curb),
            "opposite" => Ok(RoadSide::Opposite),
            _ => Err(Fault::query("approaches", "curb, opposite or unrestricted, with ; between")),
        })?;
        let ground = self.choice("snapping", &[("default", Stops::Land), ("any", Stops::Anywhere)])?;
        let one = |(bearing, side): (Option<(u16, u16)>, Option<RoadSide>)| Wish {
            street: None,
            bearing,
            side: side.unwrap_or_default(),
            ground,
        };
        Ok(bearings.into_iter().zip(sides).map(one).collect())
    }

    /// Hints say what is found again without them: they only need be some.
    pub fn check_hints(&self, count: usize) -> Result<(), Fault> {
        let read = |text: &str| {
            let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+/=".contains(&b));
            if fits { Ok(()) } else { Err(Fault::query("hints", "as they were given")) }
        };
        self.entries("hints", count, read).map(|_| ())
    }

    /// How far each coordinate may be from a road; none where that is not said.
    pub fn radiuses(&self, count: usize) -> Result<Vec<Option<f64>>, Fault> {
        let radiuses = self.entries("radiuses", count, |text| match text {
            "unlimited" => Ok(None),
            text => match number(text) {
                Some(radius) if radius.is_finite() && radius >= 0.0 => Ok(Some(radius)),
                Some(_) => Err(Fault::options("radiuses: from 0")),
                None => Err(Fault::query("radiuses", "metres or unlimited, with ; between")),
            },
        })?;
        Ok(radiuses.into_iter().map(Option::flatten).collect())
    }
}

/// A direction and by how much it may differ, whole degrees both.
fn bearing(text: &str) -> Result<(u16, u16), Fault> {
    let whole = |text: &str| text.parse::<u16>().ok();
    let read = text.split_once(',').and_then(|(bearing, range)| Some((whole(bearing)?, whole(range)?)));
    match read.ok_or_else(|| Fault::query("bearings", "bearing,range with ; between"))? {
        (bearing, range) if bearing <= 360 && range <= 180 => Ok((bearing, range)),
        _ => Err(Fault::options("bearings: 0 to 360, and 0 to 180")),
    }
}
