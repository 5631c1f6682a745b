//! The legend of a choropleth map: class breaks, counts, histogram.

/// How a map of one property at one resolution is classed.
#[derive(Clone, Debug, PartialEq)]
pub struct Legend {
    /// Class borders, ascending, one more than there are classes; a value belongs to the last class whose lower border it
    /// reaches, the greatest value to the last class. Empty where nothing is known.
    pub breaks: Vec<f64>,
    /// Hexagons per class.
    pub counts: Vec<u32>,
    /// Households per class.
    pub households: Vec<u32>,
    /// Edges of the histogram's 20 bins (21 numbers). Empty where nothing is known.
    pub edges: Vec<f64>,
    /// Hexagons per bin.
    pub bins: Vec<u32>,
    /// Hexagons whose value is not known.
    pub unknown: u32,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
}

/// Classes some hexagons: the value, if known, and the households of each. `decimals` bounds how fine borders may be.
pub fn classify(hexes: impl Iterator<Item = (Option<f32>, u32)>, decimals: u8) -> Legend {
    let _ = (hexes, decimals);
    Legend {
        breaks: vec![],
        counts: vec![],
        households: vec![],
        edges: vec![],
        bins: vec![],
        unknown: 0,
        min: None,
        max: None,
    }
}
