//! What the tags of ways and nodes mean.

use crate::roads::{
    FaultReason,
    edge::{Access, Class, Edge, Level, Limits, Mode, Way},
};

/// Tags of one element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tags<'a>(pub(super) &'a [(&'a str, &'a str)]);

impl<'a> Tags<'a> {
    pub(super) fn get(self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(held, _)| *held == key).map(|(_, value)| *value)
    }

    fn says(self, key: &str) -> bool {
        self.get(key).is_some_and(|value| value != "no")
    }

    /// The value of a key in a direction, else the key's own.
    fn directed(self, key: &str, way: Way) -> Option<&'a str> {
        let ending = if way == Way::Forward { ":forward" } else { ":backward" };
        let held = |(name, _): &&(&str, &str)| name.strip_prefix(key) == Some(ending);
        self.0.iter().find(held).map(|(_, value)| *value).or_else(|| self.get(key))
    }
}

/// A way that is a road: an edge without ends.
#[derive(Clone, Debug)]
pub(super) struct Road {
    pub(super) edge: Edge,
    pub(super) name: Option<String>,
    /// Of a ferry.
    pub(super) duration_s: Option<f64>,
}

/// What the tags of a way say; none where it is no road. Values that cannot be read are counted by the caller.
pub(super) fn road(tags: Tags<'_>, faults: &mut Vec<FaultReason>) -> Option<Road> {
    let class = match tags.get("highway") {
        Some(highway) => Class::parse(highway).filter(|class| *class != Class::Ferry)?,
        None if tags.get("route") == Some("ferry") => Class::Ferry,
        None => return None,
    };
    if tags.get("area") == Some("yes") {
        return None;
    }
    let mut read = |value: Option<&str>, parse: fn(&str) -> Option<Sign>| {
        value.and_then(|value| {
            let sign = parse(value.trim());
            if sign.is_none() {
                faults.push(FaultReason::UnreadableValue);
            }
            sign.and_then(Sign::value)
        })
    };
    let limits = Limits {
        height_m: read(tags.get("maxheight").or_else(|| tags.get("maxheight:physical")), metres),
        weight_t: read(tags.get("maxweight").or_else(|| tags.get("maxweightrating")), tonnes),
        width_m: read(tags.get("maxwidth").or_else(|| tags.get("maxwidth:physical")), metres),
    };
    let signed = ["maxspeed", "maxspeed:forward", "maxspeed:backward"].into_iter().find_map(|key| tags.get(key));
    let speed_kmh = read(signed, speed);
    let roundabout = matches!(tags.get("junction"), Some("roundabout" | "circular"));
    let mut flags = 0;
    for (is, flag) in [
        (tags.says("bridge"), Edge::BRIDGE),
        (tags.says("tunnel") && tags.get("tunnel") != Some("building_passage"), Edge::TUNNEL),
        (tags.says("ford"), Edge::FORD),
        (roundabout, Edge::ROUNDABOUT),
    ] {
        flags |= if is { flag } else { 0 };
    }
    let (forward, backward) = oneway(tags, class, roundabout);
    let edge = Edge {
        from: 0,
        to: 0,
        name: None,
        class,
        flags,
        layer: tags.get("layer").and_then(|layer| layer.trim().parse().ok()).unwrap_or(0),
        forward: access(tags, class, Way::Forward, forward),
        backward: access(tags, class, Way::Backward, backward),
        speed_kmh,
        limits,
    };
    let name = tags.get("name").or_else(|| tags.get("ref")).map(str::to_owned).filter(|name| !name.trim().is_empty());
    let duration_s = tags.get("duration").filter(|_| class == Class::Ferry).and_then(seconds);
    Some(Road { edge, name, duration_s })
}

/// Whether vehicles go one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Traffic {
    Flows,
    Stops,
}

fn oneway(tags: Tags<'_>, class: Class, roundabout: bool) -> (Traffic, Traffic) {
    use Traffic::{Flows, Stops};
    let said = tags.get("oneway:motor_vehicle").or_else(|| tags.get("oneway:vehicle")).or_else(|| tags.get("oneway"));
    match said {
        Some("yes" | "1" | "true") => (Flows, Stops),
        Some("-1" | "reverse") => (Stops, Flows),
        // Which way is open changes during the day: nobody should count on it.
        Some("reversible") => (Stops, Stops),
        Some("no" | "0" | "false") => (Flows, Flows),
        _ if roundabout || matches!(class, Class::Motorway | Class::MotorwayLink) => (Flows, Stops),
        _ => (Flows, Flows),
    }
}

fn access(tags: Tags<'_>, class: Class, way: Way, traffic: Traffic) -> Access {
    let mut access = Access::NONE;
    for mode in Mode::ALL {
        let level = match mode {
            Mode::Emergency => emergency(tags, class, way),
            _ => last_said(tags, keys(mode), way).unwrap_or_else(|| usual(tags, class, mode)),
        };
        let runs = mode == Mode::Foot && tags.get("oneway:foot") != Some("yes") || traffic == Traffic::Flows;
        access = access.with(mode, if runs { level } else { Level::No });
    }
    access
}

/// The keys that speak of a mode, the general before the special.
const fn keys(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::Foot => &["access", "foot"],
        Mode::Car => &["access", "vehicle", "motor_vehicle", "motorcar"],
        Mode::Goods => &["access", "vehicle", "motor_vehicle", "goods"],
        Mode::Heavy => &["access", "vehicle", "motor_vehicle", "hgv"],
        Mode::Emergency => &["access", "emergency"],
    }
}

fn last_said(tags: Tags<'_>, keys: &[&str], way: Way) -> Option<Level> {
    keys.iter().rev().find_map(|key| tags.directed(key, way).and_then(level))
}

/// What a value of access means; none where it says nothing that is known.
fn level(value: &str) -> Option<Level> {
    value.split(';').filter_map(|value| one_level(value.trim())).max()
}

fn one_level(value: &str) -> Option<Level> {
    Some(match value {
        "yes" | "permissive" | "designated" | "official" | "public" | "discouraged" => Level::Yes,
        "private" | "permit" | "residents" | "destination" | "delivery" | "customers" | "employees" => Level::End,
        "no" | "agricultural" | "forestry" | "emergency" | "psv" | "bus" | "military" | "use_sidepath" => Level::No,
        _ => return None,
    })
}

/// Emergency vehicles pass what is private, restricted (ZTL) or for pedestrians; only what is closed to all stops them.
fn emergency(tags: Tags<'_>, class: Class, way: Way) -> Level {
    match tags.directed("emergency", way).and_then(level) {
        Some(Level::No) => return Level::No,
        Some(_) => return Level::Yes,
        None => {}
    }
    if tags.directed("access", way) == Some("no") {
        let opened = ["vehicle", "motor_vehicle", "motorcar"].iter().filter_map(|key| tags.directed(key, way));
        return if opened.filter_map(level).any(|level| level != Level::No) { Level::Yes } else { Level::No };
    }
    match class {
        Class::Footway | Class::Cycleway | Class::Path | Class::Bridleway | Class::Steps => {
            last_said(tags, keys(Mode::Car), way).filter(|level| *level != Level::No).map_or(Level::No, |_| Level::Yes)
        }
        _ => Level::Yes,
    }
}

/// What a road of a class is to a mode where no sign says anything.
fn usual(tags: Tags<'_>, class: Class, mode: Mode) -> Level {
    let grade = tags.get("tracktype");
    match (class, mode) {
        (Class::Motorway | Class::MotorwayLink, Mode::Foot) => Level::No,
        (_, Mode::Foot) if tags.get("motorroad") == Some("yes") => Level::No,
        (_, Mode::Foot) => Level::Yes,
        (Class::Pedestrian | Class::Footway | Class::Cycleway | Class::Path | Class::Bridleway | Class::Steps, _) => {
            Level::No
        }
        // Houses in the country stand on tracks; nobody drives through.
        (Class::Track, Mode::Heavy) => {
            if grade == Some("grade1") {
                Level::End
            } else {
                Level::No
            }
        }
        (Class::Track, _) => {
            if matches!(grade, Some("grade4" | "grade5")) {
                Level::No
            } else {
                Level::End
            }
        }
        (Class::Service, _) if tags.get("service") == Some("emergency_access") => Level::No,
        _ => Level::Yes,
    }
}

/// What a node on a road says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gate {
    pub(super) access: Access,
    pub(super) is_ford: bool,
    pub(super) limits: Limits,
}

/// What the tags of a node on a road mean; none where they mean nothing for traffic.
pub(super) fn gate(tags: Tags<'_>) -> Option<Gate> {
    let barrier = tags.get("barrier").filter(|barrier| *barrier != "no");
    let mut access = Access::ALL;
    for mode in Mode::ALL {
        let said = match mode {
            Mode::Emergency => None,
            _ => last_said(tags, keys(mode), Way::Forward),
        };
        access = access.with(mode, said.unwrap_or_else(|| stops(barrier, mode)));
    }
    let emergency = match tags.get("emergency").and_then(level) {
        Some(Level::No) => Level::No,
        Some(_) => Level::Yes,
        None if barrier.is_none() && tags.get("access") == Some("no") => Level::No,
        None => stops(barrier, Mode::Emergency),
    };
    access = access.with(Mode::Emergency, emergency);
    let limits = Limits {
        height_m: tags.get("maxheight").and_then(metres).and_then(Sign::value),
        weight_t: tags.get("maxweight").and_then(tonnes).and_then(Sign::value),
        width_m: tags.get("maxwidth").or_else(|| tags.get("maxwidth:physical")).and_then(metres).and_then(Sign::value),
    };
    let gate = Gate { access, is_ford: tags.says("ford"), limits };
    let speaks = gate.access != Access::ALL || gate.is_ford || gate.limits != Limits::default();
    speaks.then_some(gate)
}

/// Whom a barrier stops where no sign says anything.
fn stops(barrier: Option<&str>, mode: Mode) -> Level {
    match barrier {
        Some(
            "bollard"
            | "block"
            | "jersey_barrier"
            | "stile"
            | "kissing_gate"
            | "turnstile"
            | "cycle_barrier"
            | "chain"
            | "log"
            | "debris"
            | "motorcycle_barrier"
            | "full-height_turnstile"
            | "sump_buster"
            | "planter"
            | "rope",
        ) => match mode {
            Mode::Foot => Level::Yes,
            _ => Level::No,
        },
        Some("wall" | "fence" | "hedge" | "ditch" | "retaining_wall" | "city_wall" | "guard_rail") => Level::No,
        _ => Level::Yes,
    }
}

/// What a value of a limit says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    /// That there is no limit.
    Free,
    /// The limit.
    At(f32),
}

impl Sign {
    fn value(self) -> Option<f32> {
        match self {
            Self::Free => None,
            Self::At(value) => Some(value),
        }
    }
}

/// Metres of a sign; none where it cannot be read.
pub(super) fn metres(value: &str) -> Option<Sign> {
    if is_no_sign(value) {
        return Some(Sign::Free);
    }
    if let Some((feet, inches)) = value.split_once('\'') {
        let inches = inches.trim().trim_end_matches(['"', '\'']).trim();
        let inches: f32 = if inches.is_empty() { 0.0 } else { inches.parse().ok()? };
        return positive(feet.trim().parse::<f32>().ok()?.mul_add(0.3048, inches * 0.0254));
    }
    let (number, unit) = quantity(value)?;
    positive(
        number
            * if unit == "cm" {
                0.01
            } else if matches!(unit, "" | "m") {
                1.0
            } else {
                return None;
            },
    )
}

/// Tonnes of a sign.
pub(super) fn tonnes(value: &str) -> Option<Sign> {
    if is_no_sign(value) {
        return Some(Sign::Free);
    }
    let (number, unit) = quantity(value)?;
    let factor = match unit {
        "" | "t" => 1.0,
        "kg" => 0.001,
        "st" => 0.907_185,
        "lbs" => 0.000_453_592,
        _ => return None,
    };
    positive(number * factor)
}

/// Kilometres an hour of a sign, or of the words for the usual limits.
pub(super) fn speed(value: &str) -> Option<Sign> {
    if is_no_sign(value) || matches!(value, "signals" | "variable") {
        return Some(Sign::Free);
    }
    if value == "walk" {
        return Some(Sign::At(7.0));
    }
    if let Some((_, zone)) = value.split_once(':') {
        return match zone {
            "urban" => Some(Sign::At(50.0)),
            "rural" => Some(Sign::At(90.0)),
            "trunk" => Some(Sign::At(110.0)),
            "motorway" => Some(Sign::At(130.0)),
            "living_street" => Some(Sign::At(10.0)),
            _ => zone.trim_start_matches("zone").parse().ok().and_then(positive),
        };
    }
    let (number, unit) = quantity(value.split([';', '|']).next()?.trim())?;
    match unit {
        "" | "km/h" | "kmh" | "kph" => positive(number),
        "mph" => positive(number * 1.609_344),
        _ => None,
    }
}

fn is_no_sign(value: &str) -> bool {
    matches!(value, "none" | "default" | "no_sign" | "unsigned" | "below_default" | "no_indications" | "unknown")
}

/// A number and its unit: `3,5 t`.
fn quantity(value: &str) -> Option<(f32, &str)> {
    let end = value.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(value.len());
    Some((value[..end].replace(',', ".").parse().ok()?, value[end..].trim()))
}

fn positive(number: f32) -> Option<Sign> {
    (number.is_finite() && number > 0.0).then_some(Sign::At(number))
}

/// Seconds of a ferry: `01:20`, `0:20:00`, `PT20M`, or minutes.
fn seconds(value: &str) -> Option<f64> {
    if let Some(iso) = value.strip_prefix("PT") {
        let (hours, rest) = iso.split_once('H').unwrap_or(("0", iso));
        let minutes = rest.strip_suffix('M').unwrap_or("0");
        return Some(hours.parse::<f64>().ok()? * 3600.0 + minutes.parse::<f64>().ok()? * 60.0).filter(|s| *s > 0.0);
    }
    let parts: Vec<f64> = value.split(':').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let seconds = match parts[..] {
        [minutes] => minutes * 60.0,
        [hours, minutes] => hours * 3600.0 + minutes * 60.0,
        [hours, minutes, seconds] => hours * 3600.0 + minutes * 60.0 + seconds,
        _ => return None,
    };
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}
