//! A stretch of road, and what its signs say.

use super::profile::Vehicle;

/// What kind of road an edge is (OSM's `highway`, and ferries).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// `motorway`
    Motorway,
    /// `motorway_link`
    MotorwayLink,
    /// `trunk`
    Trunk,
    /// `trunk_link`
    TrunkLink,
    /// `primary`
    Primary,
    /// `primary_link`
    PrimaryLink,
    /// `secondary`
    Secondary,
    /// `secondary_link`
    SecondaryLink,
    /// `tertiary`
    Tertiary,
    /// `tertiary_link`
    TertiaryLink,
    /// `unclassified`, and `road`
    Unclassified,
    /// `residential`
    Residential,
    /// `living_street`
    LivingStreet,
    /// `service`
    Service,
    /// `track`
    Track,
    /// `pedestrian`
    Pedestrian,
    /// `footway`
    Footway,
    /// `cycleway`
    Cycleway,
    /// `path`
    Path,
    /// `bridleway`
    Bridleway,
    /// `steps`
    Steps,
    /// `route=ferry`
    Ferry,
}

impl Class {
    /// All of them; the position is the stored code.
    pub const ALL: [(Self, &'static str); 22] = [
        (Self::Motorway, "motorway"),
        (Self::MotorwayLink, "motorway_link"),
        (Self::Trunk, "trunk"),
        (Self::TrunkLink, "trunk_link"),
        (Self::Primary, "primary"),
        (Self::PrimaryLink, "primary_link"),
        (Self::Secondary, "secondary"),
        (Self::SecondaryLink, "secondary_link"),
        (Self::Tertiary, "tertiary"),
        (Self::TertiaryLink, "tertiary_link"),
        (Self::Unclassified, "unclassified"),
        (Self::Residential, "residential"),
        (Self::LivingStreet, "living_street"),
        (Self::Service, "service"),
        (Self::Track, "track"),
        (Self::Pedestrian, "pedestrian"),
        (Self::Footway, "footway"),
        (Self::Cycleway, "cycleway"),
        (Self::Path, "path"),
        (Self::Bridleway, "bridleway"),
        (Self::Steps, "steps"),
        (Self::Ferry, "ferry"),
    ];

    /// The class of an OSM `highway` value.
    pub fn parse(highway: &str) -> Option<Self> {
        match highway {
            "road" => Some(Self::Unclassified),
            _ => Self::ALL.iter().find(|(_, name)| *name == highway).map(|(class, _)| *class),
        }
    }

    /// OSM's name.
    pub fn key(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether it is a road for through traffic, where signs say the speed.
    pub fn is_main(self) -> bool {
        self <= Self::TertiaryLink
    }
}

/// Whose signs are obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// On foot.
    Foot,
    /// Motor cars.
    Car,
    /// Light goods vehicles.
    Goods,
    /// Heavy goods vehicles.
    Heavy,
    /// Emergency vehicles.
    Emergency,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Foot, Self::Car, Self::Goods, Self::Heavy, Self::Emergency];

    /// The bit of the mode in a set.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// How far a road, or a barrier, is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Closed.
    No,
    /// One may arrive or set out here, not drive through: private, destination, delivery, restricted zone (ZTL).
    End,
    /// Open.
    Yes,
}

/// The level of each mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access(pub(super) u16);

impl Access {
    /// Closed to all.
    pub const NONE: Self = Self(0);
    /// Open to all.
    pub const ALL: Self = Self(0b10_1010_1010);

    /// The level of a mode.
    pub const fn level(self, mode: Mode) -> Level {
        match self.0 >> (mode as u16 * 2) & 3 {
            0 => Level::No,
            1 => Level::End,
            _ => Level::Yes,
        }
    }

    /// The same with the level of one mode changed.
    #[must_use]
    pub const fn with(self, mode: Mode, level: Level) -> Self {
        let shift = mode as u16 * 2;
        Self(self.0 & !(3 << shift) | (level as u16) << shift)
    }
}

/// In which direction an edge is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// From its beginning to its end.
    Forward,
    /// From its end to its beginning.
    Backward,
}

impl Way {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Forward, Self::Backward];
}

/// Signs of height, weight and width; none where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Metres.
    pub height_m: Option<f32>,
    /// Tonnes.
    pub weight_t: Option<f32>,
    /// Metres.
    pub width_m: Option<f32>,
}

impl Limits {
    /// Whether a vehicle passes under and over the signs.
    pub fn allow(&self, vehicle: &Vehicle) -> bool {
        let fits = |measure: Option<f64>, sign: Option<f32>| match (measure, sign) {
            (Some(measure), Some(sign)) => measure <= f64::from(sign) + 1e-4,
            _ => true,
        };
        fits(vehicle.height_m, self.height_m)
            && fits(vehicle.weight_t, self.weight_t)
            && fits(vehicle.width_m, self.width_m)
    }

    /// The stricter of two signs each.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let least = |a: Option<f32>, b: Option<f32>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self {
            height_m: least(self.height_m, other.height_m),
            weight_t: least(self.weight_t, other.weight_t),
            width_m: least(self.width_m, other.width_m),
        }
    }
}

/// A stretch of road between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The node where it begins.
    pub from: u32,
    /// The node where it ends.
    pub to: u32,
    /// Its street's name: a position in the names.
    pub name: Option<u32>,
    /// What kind of road.
    pub class: Class,
    /// [`Edge::BRIDGE`] and the others.
    pub flags: u8,
    /// OSM's layer: below zero under ground, above zero over it.
    pub layer: i8,
    /// Who may use it as drawn.
    pub forward: Access,
    /// Who may use it the other way.
    pub backward: Access,
    /// The signed speed; of a ferry, its own.
    pub speed_kmh: Option<f32>,
    /// Signs.
    pub limits: Limits,
}

impl Edge {
    /// A bridge.
    pub const BRIDGE: u8 = 1;
    /// A tunnel.
    pub const TUNNEL: u8 = 2;
    /// A ford.
    pub const FORD: u8 = 4;
    /// A roundabout.
    pub const ROUNDABOUT: u8 = 8;

    /// Who may use it in a direction.
    pub const fn access(&self, way: Way) -> Access {
        match way {
            Way::Forward => self.forward,
            Way::Backward => self.backward,
        }
    }

    /// The nodes where it begins and ends in a direction.
    pub const fn ends(&self, way: Way) -> (u32, u32) {
        match way {
            Way::Forward => (self.from, self.to),
            Way::Backward => (self.to, self.from),
        }
    }

    /// Whether it stands above what lies under it.
    pub const fn is_bridge(&self) -> bool {
        self.flags & Self::BRIDGE != 0 || (self.layer > 0 && !self.is_tunnel())
    }

    /// Whether it is a tunnel.
    pub const fn is_tunnel(&self) -> bool {
        self.flags & Self::TUNNEL != 0
    }

    /// Whether it goes through water.
    pub const fn is_ford(&self) -> bool {
        self.flags & Self::FORD != 0
    }
}
