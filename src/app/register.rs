//! The civic register, made from what was imported: points borrowed where it has none, suspects flagged.

use geo::{Geometry, MultiPolygon};

use super::{error::Error, rebuild, source};
use crate::{
    domain::{
        feature::{Feature, Value},
        place::Alias,
        watch::Watch,
    },
    geocode::{self, Register, RegisterInput, Town},
    store::{Contents, SourceKind, Store, form},
};

/// Name of the layer that holds the comune's border.
pub const BOUNDARY: &str = "boundary";

/// What the register is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterReport {
    /// Streets.
    pub streets: u64,
    /// Accesses.
    pub accesses: u64,
    /// Accesses with a point, their own or borrowed.
    pub located: u64,
    /// Accesses whose point is the Comune's own.
    pub borrowed: u64,
    /// Accesses whose point is outside the comune.
    pub outside: u64,
    /// Accesses whose point is far from their street.
    pub far: u64,
}

/// Builds the register from the current sources; empty where none was imported.
pub(super) async fn build(
    store: &dyn Store,
    contents: &Contents,
    watch: &dyn Watch,
) -> Result<(Register, RegisterReport), Error> {
    let Some(source) = rebuild::current(contents, &SourceKind::Civics) else {
        return Ok((Register::default(), RegisterReport::default()));
    };
    let payload = source::payload_of(store, source.id).await?.unwrap_or_default();
    let (streets, mut accesses) = form::decode::<form::Civics>(&payload, "the civic register")?.into_parts();
    let features = source::features_of(store, BOUNDARY).await?.unwrap_or_default();
    watch.begin("civic register", 0);
    let points = match rebuild::current(contents, &SourceKind::CivicPoints) {
        Some(source) => {
            let payload = source::payload_of(store, source.id).await?.unwrap_or_default();
            form::decode::<form::CivicPoints>(&payload, "the civic points")?.into_points()
        }
        None => Vec::new(),
    };
    let town = town(&features);
    let aliases = aliases(contents);
    if !points.is_empty() {
        // The Comune's points are matched by the geocoder itself, so there is a register before the register.
        let input = RegisterInput { town: town.clone(), streets: streets.clone(), accesses, aliases: aliases.clone() };
        let mut lending = Register::build(input);
        lending.borrow_points(points);
        accesses = lending.accesses().to_vec();
    }
    if let Some(boundary) = boundary(&features) {
        geocode::flag_suspects(&mut accesses, &boundary);
    }
    let register = Register::build(RegisterInput { town, streets, accesses, aliases });
    let report = report(&register);
    Ok((register, report))
}

fn report(register: &Register) -> RegisterReport {
    use crate::domain::place::PointQuality;
    let with = |quality| register.accesses().iter().filter(|access| access.quality == quality).count() as u64;
    RegisterReport {
        streets: register.streets().len() as u64,
        accesses: register.accesses().len() as u64,
        located: register.accesses().iter().filter(|access| access.point.is_some()).count() as u64,
        borrowed: with(PointQuality::Borrowed),
        outside: with(PointQuality::OutsideComune),
        far: with(PointQuality::FarFromStreet),
    }
}

fn aliases(contents: &Contents) -> Vec<Alias> {
    let settled = contents.aliases.iter();
    settled.filter_map(|a| Some(Alias { spelling: (*a.written).into(), street: a.street? })).collect()
}

/// The comune as its border layer names it.
pub(super) fn town(boundary: &[Feature]) -> Town {
    let text = |keys: &[&str]| {
        boundary.iter().flat_map(|feature| &feature.properties).find_map(|(key, value)| match value {
            Value::Text(text) if keys.iter().any(|wanted| key.eq_ignore_ascii_case(wanted)) => Some(text.to_string()),
            _ => None,
        })
    };
    Town {
        names: text(&["name", "nome", "comune", "denominazione", "den_com"]).into_iter().collect(),
        province: text(&["prov_acr", "provincia", "sigla", "prov"]).unwrap_or_default(),
        postcodes: text(&["cap", "postcode"]).into_iter().collect(),
    }
}

/// The comune's border, where its layer has polygons.
pub(super) fn boundary(features: &[Feature]) -> Option<MultiPolygon<f64>> {
    let mut polygons = Vec::new();
    for feature in features {
        match &feature.geometry {
            Geometry::Polygon(polygon) => polygons.push(polygon.clone()),
            Geometry::MultiPolygon(several) => polygons.extend(several.iter().cloned()),
            _ => {}
        }
    }
    (!polygons.is_empty()).then_some(MultiPolygon(polygons))
}
