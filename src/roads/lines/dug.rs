//! The class of a street from its DUG (denominazione urbanistica generica).

use crate::{
    domain::fold::fold,
    roads::edge::{Access, Class, Edge, Mode},
};

/// Class and flags of a street by its DUG, or by an OSM `highway` value; where neither is given, by the first words of its
/// name.
pub(super) fn class(dug: &str, name: &str) -> (Class, u8) {
    if let Some(class) = Class::parse(dug.trim()) {
        return (class, 0);
    }
    let dug = fold(dug);
    let said = if dug.is_empty() { fold(name) } else { dug };
    let words: Vec<&str> = said.split(' ').collect();
    let flags = match words[0] {
        "PONTE" | "VIADOTTO" | "CAVALCAVIA" | "SOPRAELEVATA" => Edge::BRIDGE,
        "GALLERIA" | "SOTTOPASSO" | "SOTTOVIA" | "TUNNEL" => Edge::TUNNEL,
        "GUADO" => Edge::FORD,
        _ => 0,
    };
    let second = words.get(1).copied().unwrap_or_default();
    let class = match (words[0], second) {
        ("AUTOSTRADA", _) => Class::Motorway,
        ("SUPERSTRADA" | "TANGENZIALE" | "RACCORDO", _) => Class::Trunk,
        ("STRADA", "STATALE" | "REGIONALE") | ("SS" | "SR" | "STATALE" | "REGIONALE", _) => Class::Primary,
        ("STRADA" | "VIA", "PROVINCIALE") | ("SP" | "PROVINCIALE", _) => Class::Secondary,
        ("STRADA", "VICINALE" | "PODERALE" | "INTERPODERALE" | "BIANCA") | ("VICINALE" | "TRATTURO", _) => {
            Class::Service
        }
        ("CIRCONVALLAZIONE" | "VIALE" | "CORSO" | "LUNGOMARE" | "LUNGOTEVERE" | "LUNGO", _) => Class::Tertiary,
        (
            "STRADA" | "STRADONE" | "CONTRADA" | "LOCALITA" | "FRAZIONE" | "BORGATA" | "REGIONE" | "CASCINA" | "PODERE",
            _,
        ) => Class::Unclassified,
        (
            "VICOLO" | "VICO" | "VICOLETTO" | "CHIASSO" | "CALLE" | "CORTE" | "CORTILE" | "RUA" | "SALITA" | "DISCESA"
            | "CALATA" | "RAMPA" | "STRADELLA" | "STRADELLO" | "STRETTO" | "STRETTOIA" | "PIAZZETTA" | "LARGHETTO"
            | "ARCO",
            _,
        ) => Class::LivingStreet,
        ("SCALINATA" | "SCALA" | "SCALE" | "GRADINATA" | "GRADONI" | "GRADINI", _) => Class::Steps,
        ("SENTIERO" | "MULATTIERA" | "VIOTTOLO" | "PASSEGGIATA", _) => Class::Path,
        ("PORTICO" | "PORTICI" | "SOTTOPORTICO" | "PASSAGGIO", _) => Class::Pedestrian,
        _ => Class::Residential,
    };
    (class, flags)
}

/// Who may use a street of a class where nothing else is known.
pub(super) fn access(class: Class) -> Access {
    let foot = Access::NONE.with(Mode::Foot, Access::ALL.level(Mode::Foot));
    match class {
        Class::Steps | Class::Path | Class::Footway | Class::Cycleway | Class::Bridleway => foot,
        Class::Pedestrian => foot.with(Mode::Emergency, Access::ALL.level(Mode::Emergency)),
        Class::Motorway | Class::MotorwayLink => Access::ALL.with(Mode::Foot, Access::NONE.level(Mode::Foot)),
        _ => Access::ALL,
    }
}
