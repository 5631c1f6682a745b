//! Zones of the reference system H3: which have figures, and their figures with those of their sub-zones.

use std::{collections::BTreeSet, sync::Arc};

use geo::{Intersects, LineString, MultiPolygon, Polygon, Rect};
use h3o::{CellIndex, Resolution};
use jiff::{SignedDuration, tz::TimeZone};

use super::{
    App, collections,
    error::Error,
    items::{self, Condition},
    world::World,
};
use crate::{
    access::{
        Actor, Disclosed,
        hexes::{Hexes, Policy, RESOLUTIONS},
    },
    domain::geo::BBox,
    publish::ogc::dggs::{FINEST, MAX_DEPTH},
    query::Selection,
    snapshot::{Row, grid},
};

/// Zones of a list at most.
pub const MAX_ZONES: usize = 100_000;

/// Sub-zones of a depth at most.
const MAX_SUB_ZONES: u64 = 20_000;

/// A question for zones, as it was asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Of which level; the finest where nobody says.
    pub level: Option<u8>,
    /// Whether seven zones are told one by one although they fill one.
    pub is_flat: bool,
    /// Only this zone and its sub-zones.
    pub parent: Option<CellIndex>,
    /// A box in degrees; `west` greater than `east` crosses the antimeridian.
    pub bbox: Option<BBox>,
    /// A moment or an interval.
    pub datetime: Option<String>,
    /// A condition on the figures.
    pub filter: Condition,
    /// Zones at most.
    pub limit: Option<usize>,
    /// The last zone of the page before.
    pub cursor: Option<CellIndex>,
}

/// Zones that were found.
pub struct Zones {
    /// In ascending order of the index.
    pub cells: Vec<CellIndex>,
    /// Whether there are more.
    pub more: bool,
    /// The figures.
    pub hexes: Disclosed<Arc<Hexes>>,
    /// For whom the answer may be kept.
    pub policy: Policy,
}

/// The figures that the actor may see; what the audit log says of it is kept.
pub async fn figures(app: &App, actor: &Actor) -> Result<(Arc<World>, Disclosed<Arc<Hexes>>), Error> {
    let world = app.world()?;
    let sight = world.sight(actor)?;
    let hexes = sight.chart.hexes().clone();
    app.journal.keep(&[sight.event]).await?;
    Ok((world, hexes))
}

/// The zones of which there are figures.
pub async fn list(app: &App, actor: &Actor, asked: &Question) -> Result<Zones, Error> {
    let level = level_of(asked.level)?;
    let limit = match asked.limit {
        Some(0) => return Err(Error::invalid("limit", "at least 1")),
        limit => limit.unwrap_or(MAX_ZONES).min(MAX_ZONES),
    };
    let is_then = is_then(app, asked.datetime.as_deref())?;
    let (world, hexes) = figures(app, actor).await?;
    let passing = passing(&world, actor, level, &asked.filter).await?;
    let (asked, from) = (asked.clone(), hexes.clone());
    let found = tokio::task::spawn_blocking(move || {
        let mut cells = if is_then { populated(&from, level, passing.as_ref()) } else { Vec::new() };
        cells.retain(|&cell| asked.parent.is_none_or(|parent| cell.parent(parent.resolution()) == Some(parent)));
        if let Some(bbox) = asked.bbox {
            cells.retain(|&cell| touches(cell, bbox));
        }
        if !asked.is_flat {
            // Cells of one level, each once: they can be joined.
            CellIndex::compact(&mut cells).map_err(Error::internal)?;
            cells.sort_unstable_by_key(|&cell| order(cell));
        }
        let after = asked.cursor.map(order);
        cells.retain(|&cell| after.is_none_or(|after| order(cell) > after));
        let more = cells.len() > limit;
        cells.truncate(limit);
        Ok::<_, Error>((cells, more))
    });
    let (cells, more) = found.await.map_err(Error::internal)??;
    let policy = hexes.policy();
    Ok(Zones { cells, more, hexes, policy })
}

/// Whether the day of the figures is in an interval, as `datetime` says it.
pub fn is_then(app: &App, datetime: Option<&str>) -> Result<bool, Error> {
    let Some(interval) = datetime.map(items::interval).transpose()? else { return Ok(true) };
    let day = app.world()?.snapshot().about().as_of.to_zoned(TimeZone::UTC).map_err(Error::internal)?.timestamp();
    Ok(interval.meets(day, day + SignedDuration::from_secs(86_399)))
}

/// The order of the hierarchy, whatever the levels: by the digits, the coarser before what is in it.
fn order(cell: CellIndex) -> (u64, u8) {
    let raw = u64::from(cell);
    let level = u8::from(cell.resolution());
    let unused = 3 * (15 - u32::from(level));
    (raw & !(0xf << 52) & !((1_u64 << unused) - 1), level)
}

fn level_of(level: Option<u8>) -> Result<Resolution, Error> {
    let Some(level) = level else { return Ok(FINEST) };
    let invalid = || Error::invalid("zone-level", format_args!("not between 0 and {FINEST}"));
    Resolution::try_from(level).ok().filter(|&level| level <= FINEST).ok_or_else(invalid)
}

/// Rows of the level's figures that pass the filter; none where there is no filter.
async fn passing(
    world: &Arc<World>,
    actor: &Actor,
    level: Resolution,
    filter: &Condition,
) -> Result<Option<Arc<Selection>>, Error> {
    if filter.text.is_none() {
        return Ok(None);
    }
    if !RESOLUTIONS.contains(&level) {
        return Err(Error::invalid("zone-level", "there are figures to filter by at levels 6 to 10"));
    }
    let offer = collections::one(world, actor, &format!("hexes_{level}"))?;
    items::condition(world, &offer, &offer.collection(), filter).await
}

/// The populated zones of a level, ascending; above the coarsest figures, the zones that hold those.
fn populated(hexes: &Hexes, level: Resolution, passing: Option<&Arc<Selection>>) -> Vec<CellIndex> {
    let at = level.max(RESOLUTIONS[0]);
    let figures = hexes.level(at).iter().zip(0_u32..);
    let passed = figures.filter(|(_, row)| passing.is_none_or(|selection| selection.rows().bitmap().contains(*row)));
    let cells = passed.flat_map(|(hex, _)| hex.members.iter().copied());
    let cells: BTreeSet<u64> = cells.filter_map(|cell| cell.parent(level)).map(u64::from).collect();
    cells.into_iter().filter_map(|raw| CellIndex::try_from(raw).ok()).collect()
}

/// Whether a cell shares a point with a box.
fn touches(cell: CellIndex, bbox: BBox) -> bool {
    let halves = if bbox.west <= bbox.east {
        vec![bbox]
    } else {
        vec![BBox { east: 180.0, ..bbox }, BBox { west: -180.0, ..bbox }]
    };
    let around = grid::bbox(cell);
    if !halves.iter().any(|half| half.touches(&around)) {
        return false;
    }
    let ring: LineString<f64> = cell.boundary().iter().map(|corner| (corner.lng(), corner.lat())).collect();
    let outline = Polygon::new(ring, Vec::new());
    let boxes = halves.iter().map(|b| Rect::new((b.west, b.south), (b.east, b.north)).to_polygon());
    boxes.collect::<MultiPolygon<f64>>().intersects(&outline)
}

/// Reads `2`, `0-2`, `0,1,2`: levels below a zone, each once, ascending.
///
/// Errors: what is not that, beyond the finest figures, or more sub-zones than one answer holds.
pub fn depths(text: Option<&str>, zone: CellIndex) -> Result<Vec<u8>, Error> {
    let invalid = |reason: &str| Error::invalid("zone-depth", reason);
    let number = |text: &str| {
        let plain = !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u8>()
            .ok()
            .filter(|_| plain)
            .ok_or_else(|| invalid("a depth, two with - between, or some with , between"))
    };
    let text = text.unwrap_or("0");
    let depths: BTreeSet<u8> = match text.split_once('-') {
        Some((low, high)) => (number(low)?..=number(high)?).collect(),
        None => text.split(',').take(17).map(number).collect::<Result<_, Error>>()?,
    };
    let (Some(&least), Some(&most)) = (depths.first(), depths.last()) else {
        return Err(invalid("the first depth is greater than the second"));
    };
    let level = u8::from(zone.resolution());
    if most > MAX_DEPTH || level + most > u8::from(FINEST) {
        return Err(invalid("beyond five levels below the zone, or beyond level 10"));
    }
    if level + least < u8::from(RESOLUTIONS[0]) && most > 0 {
        return Err(invalid("there are no figures above level 6"));
    }
    let finest = Resolution::try_from(level + most).map_err(Error::internal)?;
    if zone.children_count(finest) > MAX_SUB_ZONES {
        return Err(invalid("more sub-zones than one answer holds"));
    }
    Ok(depths.into_iter().collect())
}

/// The rows of the figures at a level that speak of a zone's descendants there.
pub fn rows_under(hexes: &Hexes, zone: CellIndex, level: Resolution) -> Vec<Row> {
    let is_under = |cell: &CellIndex| cell.parent(zone.resolution()) == Some(zone);
    let figures = hexes.level(level).iter().zip(0..);
    figures.filter(|(hex, _)| hex.members.iter().any(is_under)).map(|(_, row)| Row(row)).collect()
}

/// The box of `subset=Lon(16:17),Lat(38:39)` in a coordinate system, and its `time`.
pub fn subset(text: &str, crs: Option<&str>) -> Result<(Option<BBox>, Option<String>), Error> {
    let invalid = |reason: &str| Error::invalid("subset", reason);
    let crs = items::reference("subset-crs", crs)?;
    let (mut x, mut y, mut time) = (None, None, None);
    let mut rest = text;
    while !rest.is_empty() {
        let (name, after) = rest.split_once('(').ok_or_else(|| invalid("axis(low:high), with commas between"))?;
        let (range, after) = after.split_once(')').ok_or_else(|| invalid("a bracket is not closed"))?;
        let axis = match name.trim().to_ascii_lowercase().as_str() {
            "lon" | "long" | "longitude" | "e" | "x" | "easting" => &mut x,
            "lat" | "latitude" | "n" | "y" | "northing" => &mut y,
            "time" => &mut time,
            _ => return Err(invalid("an axis is none of Lon, Lat, E, N, time")),
        };
        if axis.replace(range.to_owned()).is_some() {
            return Err(invalid("an axis is named twice"));
        }
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    let bound = |text: &str, open: f64| match text.trim() {
        "*" => Ok(open),
        text => text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(|| invalid("a bound is not a number")),
    };
    let span = |range: Option<String>, most: f64| {
        let range = range.unwrap_or_else(|| "*:*".to_owned());
        let (low, high) = range.split_once(':').unwrap_or((&range, &range));
        Ok::<_, Error>([bound(low, -most)?, bound(high, most)?])
    };
    let bbox = if x.is_some() || y.is_some() {
        let ([west, east], [south, north]) = (span(x, 180.0)?, span(y, 90.0)?);
        let northing_first = crs.is_northing_first();
        let corners = if northing_first { [south, west, north, east] } else { [west, south, east, north] };
        Some(crs.bbox(corners).map_err(invalid)?)
    } else {
        None
    };
    Ok((bbox, time.map(|range: String| interval_of(&range))))
}

/// `"a":"b"`, `"a"`, `*:"b"` as an interval of `datetime`; texts stand in quotation marks, so a colon in them is no border.
fn interval_of(range: &str) -> String {
    let open = |text: &str| if text.trim() == "*" { "..".to_owned() } else { text.trim().replace('"', "") };
    let mut quoted = false;
    let border = range.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    });
    match border {
        Some(at) => format!("{}/{}", open(&range[..at]), open(&range[at + 1..])),
        None => open(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_are_one_a_span_or_a_list() {
        let zone: CellIndex = "871e8e000ffffff".parse().unwrap();
        for (text, found) in [("0", vec![0]), ("0-2", vec![0, 1, 2]), ("3,1", vec![1, 3]), ("1,1", vec![1])] {
            assert_eq!(depths(Some(text), zone).unwrap(), found, "{text}");
        }
        assert_eq!(depths(None, zone).unwrap(), [0]);
        for text in ["", "-1", "2-1", "4", "a", "1,", "+1", "0-999"] {
            assert!(depths(Some(text), zone).is_err(), "{text}");
        }
        let coarse: CellIndex = "831e8efffffffff".parse().unwrap();
        assert!(depths(Some("2"), coarse).is_err() && depths(Some("0-5"), coarse).is_err());
        assert_eq!(depths(Some("5"), coarse).unwrap(), [5]);
    }

    #[test]
    fn a_subset_is_a_box_and_an_interval() {
        let (bbox, time) = subset("Lat(38:39),Lon(16:17),time(\"2026-01-01\":*)", None).unwrap();
        assert_eq!(bbox, Some(BBox { west: 16.0, south: 38.0, east: 17.0, north: 39.0 }));
        assert_eq!(time.as_deref(), Some("2026-01-01/.."));
        let (bbox, time) = subset("Lat(38.5)", None).unwrap();
        assert_eq!(bbox, Some(BBox { west: -180.0, south: 38.5, east: 180.0, north: 38.5 }));
        assert_eq!(time, None);
        assert_eq!(subset("time(\"2026-01-01T10:00:00Z\")", None).unwrap().1.as_deref(), Some("2026-01-01T10:00:00Z"));
        for text in ["Lat", "Lat(1", "h(1)", "Lat(1),Lat(2)", "Lat(x)", "Lat(99)"] {
            assert!(subset(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn the_order_of_the_hierarchy_puts_a_zone_before_what_is_in_it() {
        let zone: CellIndex = "871e8e000ffffff".parse().unwrap();
        let children: Vec<CellIndex> = zone.children(Resolution::Eight).collect();
        assert!(children.iter().all(|&child| order(zone) < order(child)));
        assert!(children.windows(2).all(|pair| order(pair[0]) < order(pair[1])));
    }
}
