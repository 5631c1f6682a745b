//! A run is at most so long on the road, and so far.

/// The most of a run: seconds and metres.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Seconds on the road.
    pub travel_s: i64,
    /// Metres.
    pub distance_m: i64,
}

impl Most {
    /// Whether a run may be as long.
    #[inline]
    pub const fn allows(&self, travel_s: i64, distance_m: i64) -> bool {
        travel_s <= self.travel_s && distance_m <= self.distance_m
    }
}
