//! Road files that are cut, bent, swollen or noise.

use proptest::prelude::*;

use super::{
    shared,
    sketch::{Sketch, block, header, message, number, packed, zigzag},
};
use crate::{
    domain::watch::{Unwatched, Watch},
    roads::{FaultReason, RoadsError, edge::Class, network::Network, osm, profile::Profile},
};

const TOWN: &str = "node 1 0 0\nnode 2 10 0\nnode 3 20 0 barrier=gate\nnode 4 20 10
    way 10 1 2 3 highway=residential name=Via_Roma\nway 11 3 4 highway=service access=private
    way 12 2 4 highway=residential oneway=yes\nturn 20 10 3 11 restriction=no_left_turn";

fn error(bytes: &[u8]) -> RoadsError {
    osm::read(bytes, &Unwatched).expect_err("bad bytes")
}

#[test]
fn an_empty_file_and_one_without_roads_say_so() {
    assert!(matches!(error(b""), RoadsError::Empty));
    assert!(matches!(error(&header()), RoadsError::Empty));
    assert!(matches!(error(Sketch::draw("node 1 0 0\nway 10 1 1 building=yes").bytes()), RoadsError::Empty));
    assert!(matches!(error(b"<?xml version='1.0'?><osm/>"), RoadsError::NotPbf { at: 0, .. }));
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused_with_the_place() {
    let whole = Sketch::draw(TOWN);
    let ends = [header().len(), whole.bytes().len()];
    for cut in 1..whole.bytes().len() {
        match (error(&whole.bytes()[..cut]), ends.contains(&cut)) {
            (RoadsError::Empty, true) => {}
            (RoadsError::Truncated { at }, false) => assert!(at == 0 || at == ends[0] as u64),
            (RoadsError::NotPbf { at: 0, .. }, false) if cut < header().len() => {}
            (error, _) => panic!("cut at {cut}: {error}"),
        }
    }
}

#[test]
fn bombs_are_refused_before_they_unpack() {
    let zeros = vec![0; 4 << 20];
    // It says less than it is, or more.
    for size in [1000, zeros.len() as u64 + 1] {
        let bytes = [header(), block("OSMData", &zeros, size)].concat();
        assert!(matches!(error(&bytes), RoadsError::NotPbf { reason: "it does not unpack to the size it says", .. }));
    }
    let bytes = [header(), block("OSMData", &zeros, 1 << 40)].concat();
    assert!(matches!(error(&bytes), RoadsError::TooLarge { unit: "bytes", .. }));
    // Many blocks, each of an honest size.
    let full = block("OSMData", &zeros, zeros.len() as u64);
    let bytes = std::iter::once(header()).chain(std::iter::repeat_n(full, 40)).collect::<Vec<_>>().concat();
    assert!(matches!(error(&bytes), RoadsError::TooLarge { unit: "bytes in all", .. }));
    // Empty elements: two bytes each in the file, hundreds in memory.
    let group: Vec<u8> = [0x1a, 0].repeat(1 << 20);
    let mut content = vec![0x12];
    let mut size = group.len() as u64;
    while size >= 0x80 {
        content.push(size as u8 | 0x80);
        size >>= 7;
    }
    content.push(size as u8);
    content.extend(group);
    let bytes = [header(), block("OSMData", &content, content.len() as u64)].concat();
    assert!(matches!(error(&bytes), RoadsError::TooLarge { unit: "elements", .. }));
}

#[test]
fn missing_nodes_cut_the_road_and_are_counted() {
    let sketch = Sketch::draw(
        "node 1 0 0\nnode 2 10 0\nnode 4 30 0\nnode 5 40 0\nway 10 1 2 3 4 5 highway=residential\nway 11 7 8 highway=residential",
    );
    let reading = sketch.read();
    assert_eq!((reading.network.edges().len(), reading.roads), (2, 2));
    let counts: Vec<_> = reading.faults.iter().map(|fault| (fault.reason, fault.count, fault.first)).collect();
    assert_eq!(counts, [(FaultReason::MissingNode, 3, 10), (FaultReason::NoLength, 1, 11)]);
    assert_eq!(reading.network.edges()[0].class, Class::Residential);
    assert!(matches!(error(Sketch::draw("way 11 7 8 highway=residential").bytes()), RoadsError::Empty));
    // A point beyond the pole is as good as missing.
    let polar = Sketch::draw("node 1 0 0\nnode 2 10 0\nnode 3 0 90000\nway 10 1 2 3 highway=residential");
    assert_eq!(polar.read().faults[0].reason, FaultReason::NotOnEarth);
}

/// Somebody who gave up.
struct Gone;

impl Watch for Gone {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn cancelled(&self) -> bool {
        true
    }
}

#[test]
fn reading_can_be_cancelled() {
    assert!(matches!(osm::read(Sketch::draw(TOWN).bytes(), &Gone), Err(RoadsError::Cancelled)));
}

#[test]
fn parts_come_back_and_damaged_ones_are_refused() {
    let network = Sketch::draw(TOWN).read().network;
    let parts = network.to_parts();
    let again = Network::from_parts(parts.clone()).expect("its own parts");
    assert_eq!(again.to_parts(), parts);
    assert_eq!((again.edges(), again.restrictions()), (network.edges(), network.restrictions()));
    let damages: [fn(&mut crate::roads::network::Parts); 8] = [
        |parts| parts.edges.clear(),
        |parts| parts.edges[0].0 = 99,
        |parts| parts.edges[0].2 = 7,
        |parts| parts.edges[0].3 = 200,
        |parts| parts.shape_first[1] = 0,
        |parts| parts.shapes[0] = [f64::NAN, 0.0],
        |parts| parts.barriers.push((1000, 0)),
        |parts| parts.restrictions[0].0 = 1000,
    ];
    for damage in damages {
        let mut bent = parts.clone();
        damage(&mut bent);
        assert!(Network::from_parts(bent).is_err());
    }
}

/// How many turns: `ATLANTE_FUZZ=1000000` for the long run.
fn turns() -> u64 {
    std::env::var("ATLANTE_FUZZ").ok().and_then(|turns| turns.parse().ok()).unwrap_or(3_000)
}

/// A street whose nodes are stored densely, as differences, with identifiers below zero and at the ends of what there is.
fn dense_town() -> Vec<u8> {
    let ids = [-5, i64::MAX, i64::MIN + 1, 7, 8];
    let mut texts = Vec::new();
    for text in ["", "highway", "residential"] {
        message(&mut texts, 1, text.as_bytes());
    }
    // Differences wrap, as the identifiers do.
    let differences = |values: &[i64]| {
        let before = std::iter::once(&0).chain(values);
        values.iter().zip(before).map(|(value, before)| zigzag(value.wrapping_sub(*before))).collect::<Vec<u64>>()
    };
    let (mut nodes, mut way, mut ways) = (Vec::new(), Vec::new(), Vec::new());
    packed(&mut nodes, 1, differences(&ids));
    let places: Vec<i64> = (0..5).map(|n| 420_000_000 + n * 10_000).collect();
    packed(&mut nodes, 8, differences(&places));
    packed(&mut nodes, 9, differences(&places));
    packed(&mut nodes, 10, [0, 1, 2, 0, 0, 0, 0]);
    number(&mut way, 1, 10);
    packed(&mut way, 2, [1]);
    packed(&mut way, 3, [2]);
    packed(&mut way, 8, differences(&ids));
    let mut group = Vec::new();
    message(&mut group, 2, &nodes);
    message(&mut ways, 3, &way);
    let mut content = Vec::new();
    message(&mut content, 1, &texts);
    message(&mut content, 2, &group);
    message(&mut content, 2, &ways);
    content
}

/// A few kilobytes that name millions of nodes.
#[test]
fn roads_of_more_nodes_than_a_file_holds_are_refused() {
    let mut way = Vec::new();
    number(&mut way, 1, 10);
    packed(&mut way, 2, [1]);
    packed(&mut way, 3, [2]);
    packed(&mut way, 8, std::iter::repeat_n(2, 1_100_000));
    let (mut texts, mut group, mut content) = (Vec::new(), Vec::new(), Vec::new());
    for text in ["", "highway", "residential"] {
        message(&mut texts, 1, text.as_bytes());
    }
    message(&mut group, 3, &way);
    message(&mut group, 3, &way);
    message(&mut content, 1, &texts);
    message(&mut content, 2, &group);
    let bytes = [header(), block("OSMData", &content, content.len() as u64)].concat();
    assert!(bytes.len() < 90_000);
    assert!(matches!(error(&bytes), RoadsError::TooLarge { unit: "nodes of roads", .. }));
}

/// Seeded noise: honest files with bytes changed, packed and unpacked. Nothing panics; what is read makes a ground.
#[test]
fn noise_is_refused_or_read() {
    let honest = Sketch::draw(TOWN);
    let dense = dense_town();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let (mut read, mut refused) = (0, 0);
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for _ in 0..turns() {
        // The parser behind the zlib is met only by noise that is packed after it is made.
        let mut bytes = honest.bytes().to_vec();
        let packed = next() % 2 == 0;
        if packed {
            let mut content = if next() % 2 == 0 { honest.content().to_vec() } else { dense.clone() };
            for _ in 0..=next() % 3 {
                let at = next() as usize % content.len();
                match next() % 6 {
                    0 => content[at] ^= 1 << (next() % 8),
                    1 => content.truncate(at.max(1)),
                    // The longest number: identifiers, differences and lengths that overflow.
                    2 => drop(content.splice(at..at, [0xff; 9].into_iter().chain([next() as u8]))),
                    3 => content[at] |= 0x80,
                    _ => content[at] = next() as u8,
                }
            }
            let said = content.len() as u64 + u64::from(next() % 40 == 0);
            bytes = [header(), block("OSMData", &content, said)].concat();
        } else {
            let at = next() as usize % bytes.len();
            bytes[at] = next() as u8;
        }
        match osm::read(&bytes, &Unwatched) {
            Ok(reading) => {
                read += 1;
                let parts = reading.network.to_parts();
                Network::from_parts(parts).expect("what is read is whole");
                if read % 50 == 0 {
                    crate::roads::ground::Ground::build(reading.network.into(), Profile::Car);
                }
            }
            Err(_) => refused += 1,
        }
    }
    std::panic::set_hook(quiet);
    println!("{read} read, {refused} refused");
    assert!(read > 0 && refused > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(osm::read(&bytes, &Unwatched).is_err());
    }

    #[test]
    fn any_bytes_after_an_honest_header_are_refused(bytes in prop::collection::vec(any::<u8>(), 1..2000)) {
        prop_assert!(osm::read(&[header(), bytes].concat(), &Unwatched).is_err());
    }
}

#[test]
fn real_files_cut_at_many_places_are_refused() {
    let Some(data) = shared() else { return };
    let bytes = std::fs::read(data.join("osm/valhalla-via_montebello_roma_italy.osm.pbf")).expect("a file");
    assert!(osm::read(&bytes, &Unwatched).is_ok());
    for part in 1..200 {
        let cut = bytes.len() * part / 200;
        assert!(osm::read(&bytes[..cut], &Unwatched).is_err(), "cut at {cut}");
    }
}
