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
    if is_no_road(tags, class) {
        return None;
    }
    if tags.0.iter().any(|(key, _)| is_conditional(key)) {
        faults.push(FaultReason::ConditionalRestriction);
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
    let limits = LIMITS.map(|(signs, parse)| signs.map(|sign| read(tags.get(sign), parse)));
    let limits = strictest(limits);
    let signed = ["maxspeed", "maxspeed:forward", "maxspeed:backward"].into_iter().find_map(|key| tags.get(key));
    let speed_kmh = read(signed, speed).or_else(|| zone_speed(tags));
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
    let edge = Edge {
        from: 0,
        to: 0,
        name: None,
        class,
        flags,
        layer: tags.get("layer").and_then(|layer| layer.trim().parse().ok()).unwrap_or(0),
        forward: access(tags, class, Way::Forward),
        backward: access(tags, class, Way::Backward),
        speed_kmh,
        limits,
    };
    let name = tags.get("name").or_else(|| tags.get("ref")).map(str::to_owned).filter(|name| !name.trim().is_empty());
    let duration = tags.get("duration").filter(|_| class == Class::Ferry);
    let duration_s = duration.and_then(seconds);
    if duration_s.is_none() && duration.is_some() {
        faults.push(FaultReason::UnreadableValue);
    }
    Some(Road { edge, name, duration_s })
}

/// What has the tags of a road and cannot be used as one by anybody.
fn is_no_road(tags: Tags<'_>, class: Class) -> bool {
    let is = |key: &str, value: &str| tags.get(key) == Some(value);
    // Who walks crosses a square; what is known of it is its border, and one goes along that.
    let walked = matches!(class, Class::Pedestrian | Class::Footway | Class::Path);
    // OSRM's own list of what may be built while it is open.
    let built = tags.get("construction").is_some_and(|what| !matches!(what, "no" | "minor" | "widening"));
    (is("area", "yes") && !walked) || built || is("impassable", "yes") || is("status", "impassable")
}

/// Whether a key tells what holds at some times only, of access, direction or a limit.
fn is_conditional(key: &str) -> bool {
    const OF: [&str; 11] = [
        "access",
        "vehicle",
        "motor_vehicle",
        "motorcar",
        "goods",
        "hgv",
        "foot",
        "oneway",
        "maxheight",
        "maxweight",
        "maxwidth",
    ];
    key.strip_suffix(":conditional").is_some_and(|key| OF.contains(&key.split(':').next().unwrap_or_default()))
}

/// The signs of height, weight and width, and how they are read.
const LIMITS: [([&str; 2], Parse); 3] = [
    (["maxheight", "maxheight:physical"], metres),
    (["maxweight", "maxweightrating"], tonnes),
    (["maxwidth", "maxwidth:physical"], metres),
];
type Parse = fn(&str) -> Option<Sign>;

/// Of each pair of signs the one that lets less pass.
fn strictest(signs: [[Option<f32>; 2]; 3]) -> Limits {
    let [first, second] = [0, 1].map(|which| {
        let [height_m, weight_t, width_m] = signs.map(|pair| pair[which]);
        Limits { height_m, weight_t, width_m }
    });
    first.and(second)
}

/// The speed of the zone that the road is said to be in, where no sign tells its own: `maxspeed:type=IT:urban`.
fn zone_speed(tags: Tags<'_>) -> Option<f32> {
    let said = ["maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic"].map(|key| tags.get(key));
    said.into_iter().flatten().filter(|zone| zone.contains(':')).find_map(|zone| speed(zone.trim())?.value())
}

/// Whether a mode may go in a direction, as far as one-way signs tell: its own before those of its kind and those of all.
fn flows(tags: Tags<'_>, class: Class, mode: Mode, way: Way) -> bool {
    let keys: &[&str] = match mode {
        // Who walks is bound by signs for walkers, and by the stairs that move.
        Mode::Foot => &["oneway:foot", "conveying"],
        Mode::Car => &["oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"],
        Mode::Goods => &["oneway:goods", "oneway:motor_vehicle", "oneway:vehicle", "oneway"],
        Mode::Heavy => &["oneway:hgv", "oneway:motor_vehicle", "oneway:vehicle", "oneway"],
        Mode::Emergency => &["oneway:emergency", "oneway:motor_vehicle", "oneway:vehicle", "oneway"],
    };
    match keys.iter().find_map(|key| tags.get(key)) {
        Some("yes" | "1" | "true" | "forward") => way == Way::Forward,
        Some("-1" | "reverse" | "backward") => way == Way::Backward,
        // Which way is open changes during the day: nobody should count on it.
        Some("reversible") => false,
        Some("no" | "0" | "false") => true,
        _ => {
            let round = matches!(tags.get("junction"), Some("roundabout" | "circular"));
            let implied = round || matches!(class, Class::Motorway | Class::MotorwayLink);
            mode == Mode::Foot || !implied || way == Way::Forward
        }
    }
}

fn access(tags: Tags<'_>, class: Class, way: Way) -> Access {
    let mut access = Access::NONE;
    for mode in Mode::ALL {
        let level = match mode {
            Mode::Emergency => emergency(tags, class, way),
            _ => last_said(tags, keys(mode), way).unwrap_or_else(|| usual(tags, class, mode)),
        };
        access = access.with(mode, if flows(tags, class, mode, way) { level } else { Level::No });
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
        "private" | "permit" | "permit_only" | "residents" | "resident" | "destination" | "delivery" | "customers"
        | "employees" | "license" => Level::End,
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
        // A lane of buses is closed to cars, not to ambulances.
        let keys = ["vehicle", "motor_vehicle", "motorcar", "bus", "psv", "taxi"];
        let opened = keys.iter().filter_map(|key| tags.directed(key, way));
        return if opened.filter_map(level).any(|level| level != Level::No) { Level::Yes } else { Level::No };
    }
    if tags.get("smoothness") == Some("impassable") {
        return Level::No;
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
        _ if tags.get("smoothness") == Some("impassable") => Level::No,
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
    for mode in [Mode::Foot, Mode::Car, Mode::Goods, Mode::Heavy] {
        let said = last_said(tags, keys(mode), Way::Forward);
        access = access.with(mode, said.unwrap_or_else(|| stops(tags, barrier, mode)));
    }
    let motors = &keys(Mode::Car)[1..];
    let emergency = match tags.get("emergency").and_then(level) {
        Some(Level::No) => Level::No,
        Some(_) => Level::Yes,
        // What opens for a car opens for an ambulance.
        None if last_said(tags, motors, Way::Forward).is_some_and(|level| level != Level::No) => Level::Yes,
        None if barrier.is_none() && tags.get("access") == Some("no") => Level::No,
        None => stops(tags, barrier, Mode::Emergency),
    };
    access = access.with(Mode::Emergency, emergency);
    let read = |(signs, parse): ([&str; 2], Parse)| {
        signs.map(|sign| tags.get(sign).and_then(|value| parse(value.trim())).and_then(Sign::value))
    };
    let limits = strictest(LIMITS.map(read));
    let gate = Gate { access, is_ford: tags.says("ford"), limits };
    let speaks = gate.access != Access::ALL || gate.is_ford || gate.limits != Limits::default();
    speaks.then_some(gate)
}

/// Whom a barrier stops where no sign says anything.
fn stops(tags: Tags<'_>, barrier: Option<&str>, mode: Mode) -> Level {
    match barrier {
        // It sinks for whom it knows.
        Some("bollard") if tags.get("bollard") == Some("rising") => match mode {
            Mode::Foot | Mode::Emergency => Level::Yes,
            _ => Level::End,
        },
        Some("gate" | "lift_gate" | "swing_gate" | "sliding_gate" | "hampshire_gate")
            if tags.get("locked") == Some("yes") && !matches!(mode, Mode::Foot | Mode::Emergency) =>
        {
            Level::No
        }
        Some(
            // Nobody says what it is: it is there.
            "yes"
            | "bollard"
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
    let factor = match unit {
        "" | "m" => 1.0,
        "cm" => 0.01,
        "ft" => 0.3048,
        "in" => 0.0254,
        _ => return None,
    };
    positive(number * factor)
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
        let limit = zone.trim_start_matches("zone").trim_start_matches(':');
        return match zone {
            "urban" => Some(Sign::At(50.0)),
            "rural" => Some(Sign::At(90.0)),
            "trunk" => Some(Sign::At(110.0)),
            "motorway" => Some(Sign::At(130.0)),
            "living_street" => Some(Sign::At(10.0)),
            _ => limit.parse().ok().and_then(positive),
        };
    }
    let (number, unit) = quantity(value.split([';', '|']).next()?.trim())?;
    match unit {
        "" | "km/h" | "kmh" | "kph" => positive(number),
        "mph" => positive(number * 1.609_344),
        "knots" => positive(number * 1.852),
        _ => None,
    }
}

fn is_no_sign(value: &str) -> bool {
    matches!(
        value,
        "none"
            | "no"
            | "default"
            | "above_default"
            | "no_sign"
            | "unsigned"
            | "below_default"
            | "no_indications"
            | "unknown"
    )
}

/// A number and its unit: `3,5 t`.
fn quantity(value: &str) -> Option<(f32, &str)> {
    let end = value.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(value.len());
    Some((value[..end].replace(',', ".").parse().ok()?, value[end..].trim()))
}

fn positive(number: f32) -> Option<Sign> {
    (number.is_finite() && number > 0.0).then_some(Sign::At(number))
}

/// Seconds of a ferry: `01:20`, `0:20:00`, `PT1H20M`, `P1DT2H`, `1 h 20 min`, or minutes.
fn seconds(value: &str) -> Option<f64> {
    let seconds = if value.contains(|c: char| c.is_ascii_alphabetic()) {
        seconds_of_units(value)?
    } else {
        let parts: Vec<f64> = value.split(':').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        match parts[..] {
            [minutes] => minutes * 60.0,
            [hours, minutes] => hours * 3600.0 + minutes * 60.0,
            [hours, minutes, seconds] => hours * 3600.0 + minutes * 60.0 + seconds,
            _ => return None,
        }
    };
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}

/// Numbers, each with its unit: ISO 8601 without years and months, and as people write.
fn seconds_of_units(value: &str) -> Option<f64> {
    let value = value.to_ascii_lowercase();
    let spaced = value.strip_prefix('p').map(|iso| iso.replace('t', " "));
    let mut rest = spaced.as_deref().unwrap_or(&value).trim();
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let (number, after) = quantity(rest)?;
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let unit = match &after[..end] {
            "d" | "day" | "days" => 86_400.0,
            "h" | "hour" | "hours" | "ora" | "ore" => 3_600.0,
            "m" | "min" | "mins" | "minute" | "minutes" | "minuti" => 60.0,
            "s" | "sec" | "second" | "seconds" | "secondi" => 1.0,
            _ => return None,
        };
        seconds += f64::from(number) * unit;
        rest = after[end..].trim_start();
    }
    Some(seconds)
}
