//! Who travels: what is open to them, how fast they are, what they measure.

use super::edge::{Access, Class, Edge, Level, Mode, Way};

/// Who travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// A car.
    Car,
    /// A light goods vehicle, up to 3.5 t.
    Van,
    /// A heavy goods vehicle.
    Truck,
    /// Someone on foot.
    Foot,
    /// An ambulance or a vehicle of civil protection on duty: private roads, restricted zones (ZTL) and pedestrian streets
    /// are open to it.
    Emergency,
}

/// What a vehicle measures; nothing is checked where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vehicle {
    /// Metres from the ground.
    pub height_m: Option<f64>,
    /// Tonnes, loaded.
    pub weight_t: Option<f64>,
    /// Metres.
    pub width_m: Option<f64>,
}

impl Profile {
    /// All of them, in the order of the screens.
    pub const ALL: [Self; 5] = [Self::Car, Self::Van, Self::Truck, Self::Foot, Self::Emergency];

    /// A key for files and URLs.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Van => "van",
            Self::Truck => "truck",
            Self::Foot => "foot",
            Self::Emergency => "emergency",
        }
    }

    /// The profile of a key; OSRM's own names (`driving`, `walking`) are understood too.
    pub fn parse(key: &str) -> Option<Self> {
        match key {
            "driving" => Some(Self::Car),
            "walking" => Some(Self::Foot),
            _ => Self::ALL.into_iter().find(|profile| profile.key() == key),
        }
    }

    /// What such a vehicle usually measures.
    pub const fn vehicle(self) -> Vehicle {
        match self {
            Self::Car => Vehicle { height_m: Some(1.9), weight_t: Some(2.0), width_m: Some(1.9) },
            Self::Van => Vehicle { height_m: Some(2.7), weight_t: Some(3.5), width_m: Some(2.1) },
            Self::Truck => Vehicle { height_m: Some(3.8), weight_t: Some(12.0), width_m: Some(2.55) },
            Self::Emergency => Vehicle { height_m: Some(2.8), weight_t: Some(5.0), width_m: Some(2.2) },
            Self::Foot => Vehicle { height_m: None, weight_t: None, width_m: None },
        }
    }

    /// The kind of traffic whose signs it obeys.
    pub const fn mode(self) -> Mode {
        match self {
            Self::Car => Mode::Car,
            Self::Van => Mode::Goods,
            Self::Truck => Mode::Heavy,
            Self::Foot => Mode::Foot,
            Self::Emergency => Mode::Emergency,
        }
    }

    /// What a stretch of road is to a vehicle of this profile in one direction; signs of height, weight and width count.
    pub fn level(self, edge: &Edge, way: Way, vehicle: &Vehicle) -> Level {
        let access: Access = edge.access(way);
        if edge.limits.allow(vehicle) { access.level(self.mode()) } else { Level::No }
    }

    /// Kilometres an hour on a stretch of road.
    pub fn speed_kmh(self, edge: &Edge) -> f64 {
        if self == Self::Foot {
            return match edge.class {
                Class::Ferry => f64::from(edge.speed_kmh.unwrap_or(10.0)),
                Class::Steps => 2.5,
                Class::Track | Class::Path | Class::Bridleway => 4.0,
                _ => 5.0,
            };
        }
        if edge.class == Class::Ferry {
            return f64::from(edge.speed_kmh.unwrap_or(10.0));
        }
        let usual = usual_kmh(edge.class);
        let signed = edge.speed_kmh.map(|sign| f64::from(sign) * 0.9);
        let base = match signed {
            Some(signed) if edge.class.is_main() => signed,
            Some(signed) => signed.min(usual),
            None => usual,
        };
        let speed = match self {
            Self::Car | Self::Foot => base.min(120.0),
            Self::Van => base.min(100.0),
            Self::Truck => (base * 0.9).min(75.0),
            // Where others walk it goes slowly, but it goes.
            Self::Emergency => (base * 1.15).clamp(20.0, 130.0),
        };
        if edge.is_ford() { speed.min(10.0) } else { speed }.max(1.0)
    }
}

/// What a car does on a road of a class where no sign says anything.
const fn usual_kmh(class: Class) -> f64 {
    match class {
        Class::Motorway => 110.0,
        Class::Trunk => 85.0,
        Class::Primary => 65.0,
        Class::Secondary => 55.0,
        Class::MotorwayLink => 50.0,
        Class::Tertiary | Class::TrunkLink => 45.0,
        Class::Unclassified | Class::PrimaryLink => 35.0,
        Class::Residential | Class::SecondaryLink | Class::TertiaryLink => 30.0,
        Class::Service => 15.0,
        Class::LivingStreet | Class::Track | Class::Ferry => 10.0,
        Class::Pedestrian => 8.0,
        Class::Footway | Class::Cycleway | Class::Path | Class::Bridleway | Class::Steps => 5.0,
    }
}
