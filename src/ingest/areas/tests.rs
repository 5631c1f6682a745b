use std::path::PathBuf;

use super::*;
use crate::domain::watch::Unwatched;

fn shared(file: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let read = std::fs::read(root.join("data").join(file)).ok();
    if read.is_none() {
        say("skipped: the shared data are not here");
    }
    read
}

fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn the_sections_of_lamezia_come_out_valid() {
    use geo::Validation;
    let Some(bytes) = shared("lamezia/istat_sezioni_censimento_lamezia.geojson") else { return };
    let layer = read("sections", &bytes, &Unwatched).unwrap();
    say(&format!("{:?}", layer.warnings));
    assert_eq!((layer.features.len(), layer.rejects.len()), (317, 0), "{:?}", layer.rejects);
    assert!(layer.features.iter().all(|feature| feature.geometry.is_valid()));
}

#[test]
fn the_other_shared_layers_are_read_whole() {
    for file in [
        "anagni/stradario_A269.geojson",
        "anagni/comune_A269_anagni.geojson",
        "protezione_civile/niscemi_area_interdetta.geojson",
        "protezione_civile/niscemi_fascia_sicurezza_OS19.geojson",
        "protezione_civile/vesuvio_aree_attesa.geojson",
        "protezione_civile/vesuvio_aree_incontro.geojson",
        "protezione_civile/vesuvio_zona_rossa.geojson",
    ] {
        let Some(bytes) = shared(file) else { return };
        let layer = read(file, &bytes, &Unwatched).unwrap();
        say(&format!("{file}: {} features, {:?} {:?}", layer.features.len(), layer.rejects, layer.warnings));
        assert!(layer.rejects.is_empty(), "{file}: {:?}", layer.rejects);
    }
}
