//! How far one gets, as an area of a question: `query` knows no roads, so the area is drawn before it is asked.

use super::asked::{AreaAsked, ReachAsked};
use crate::{
    access::Actor,
    app::{
        App, Error,
        way::{self, Reach},
    },
    domain::geo::LonLat,
    roads::profile::Profile,
};

/// Isochrones of one question at most.
const MOST: usize = 8;

/// Draws every isochrone of an area. Errors: `Invalid` with the part; those of [`way::isochrone`].
pub(super) async fn settle(app: &App, actor: &Actor, area: Option<AreaAsked>) -> Result<Option<AreaAsked>, Error> {
    let Some(mut area) = area else { return Ok(None) };
    let mut found = Vec::new();
    find("area", &mut area, &mut found);
    if found.len() > MOST {
        return Err(Error::invalid("area", format_args!("{} isochrones: at most {MOST}", found.len())));
    }
    for (place, part) in found {
        if let AreaAsked::Isochrone(asked) = part {
            let drawn =
                way::isochrone(app, actor, reach(&place, asked)?).await.map_err(|error| within(&place, error))?;
            *part = AreaAsked::Drawn(drawn.into_iter().next().unwrap_or_else(|| geo::MultiPolygon(Vec::new())));
        }
    }
    Ok(Some(area))
}

fn find<'a>(place: &str, area: &'a mut AreaAsked, found: &mut Vec<(String, &'a mut AreaAsked)>) {
    match area {
        AreaAsked::Isochrone(_) => found.push((place.to_owned(), area)),
        AreaAsked::Union { of } | AreaAsked::Difference { of } | AreaAsked::Intersection { of } => {
            of.iter_mut().zip(0..).for_each(|(part, at): (_, usize)| find(&format!("{place}.of[{at}]"), part, found));
        }
        _ => {}
    }
}

fn reach(place: &str, asked: &ReachAsked) -> Result<Reach, Error> {
    let part = |name: &str| format!("{place}.{name}");
    let profile = asked.profile.as_deref().unwrap_or("car");
    let profile = Profile::parse(profile)
        .ok_or_else(|| Error::invalid(&part("profile"), "car, van, truck, foot or emergency"))?;
    let [lon, lat] = asked.from;
    let from = LonLat::new(lon, lat).map_err(|error| Error::invalid(&part("from"), error.reason))?;
    let scenario = asked
        .scenario
        .as_deref()
        .map(|id| id.parse().map_err(|_| Error::invalid(&part("scenario"), "not the id of a scenario")));
    Ok(Reach { profile, from: vec![from], minutes: vec![asked.minutes], scenario: scenario.transpose()? })
}

/// An error of a part, named by its path in the question.
fn within(at: &str, error: Error) -> Error {
    match error {
        Error::Invalid { place, reason, position } => {
            Error::Invalid { place: format!("{at}.{}", place.trim_end_matches("[0]")), reason, position }
        }
        error => error,
    }
}
