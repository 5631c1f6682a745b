//! Bank rows against their truth.

use std::{io::Write, time::Instant};

use super::data::{self, ANAGNI, LAMEZIA, TownFiles, say};
use crate::{
    domain::place::{Access, PlaceLevel, PlaceStatus},
    geocode::{self, Register, Scratch},
};

const BANKS: [&str; 5] = ["anagrafe", "tari", "erp", "fragili_asl", "servizi_sociali"];

#[derive(Default)]
struct Tally {
    numbered: usize,
    right: usize,
    wrong: usize,
    wrong_street: usize,
    review: usize,
    unnumbered: usize,
    street_right: usize,
    street_wrong: usize,
}

fn measure(register: &Register, town: TownFiles, bank: &str, data: &std::path::Path, log: &mut Vec<u8>) -> Tally {
    let rows = data::bank(town, bank, data);
    let mut tally = Tally::default();
    let mut scratch = Scratch::default();
    for (written, truth) in &rows {
        let placed = geocode::locate_with(register, written, &mut scratch);
        let truth: &Access = register.access(*truth).unwrap();
        let line = written.to_line();
        let has_number =
            scratch.parsed.readings.first().is_some_and(|r| r.civic.written == geocode::civic::Written::Number);
        let accepted = placed.status == PlaceStatus::Accept;
        let street_name = |id| register.street(id).map_or("", |s| &s.street.name);
        let verdict = if has_number {
            tally.numbered += 1;
            let is_door = matches!(placed.level, PlaceLevel::Exact | PlaceLevel::ExactNoCoordinates);
            match (accepted, placed.access == Some(truth.id), is_door) {
                (true, true, _) => {
                    tally.right += 1;
                    continue;
                }
                (true, false, true) => {
                    tally.wrong += 1;
                    "WRONG"
                }
                (true, false, false) if placed.street != Some(truth.street) => {
                    tally.wrong_street += 1;
                    "STREET"
                }
                _ => {
                    tally.review += 1;
                    "miss"
                }
            }
        } else {
            tally.unnumbered += 1;
            match (accepted, placed.street == Some(truth.street)) {
                (true, true) => {
                    tally.street_right += 1;
                    continue;
                }
                (true, false) => {
                    tally.street_wrong += 1;
                    "STREET-N"
                }
                _ => "miss-n",
            }
        };
        let _ = writeln!(
            log,
            "{verdict}\t{bank}\t{}\t{}\t{} {}{}\t-> {} {:?} {} {:.3} {:?}",
            line.reveal(),
            placed.status.name(),
            street_name(truth.street),
            truth.number.number.unwrap_or(0),
            truth.number.exponent,
            placed.street.map_or("", street_name),
            placed.level,
            placed.method.name(),
            placed.score,
            placed.faults,
        );
    }
    tally
}

#[test]
fn banks_against_truth() {
    let Some(data) = data::shared() else { return };
    say("town     bank              rows  right%   wrong%  street-  review%   snc  right%  wrong%");
    for town in [LAMEZIA, ANAGNI] {
        let start = Instant::now();
        let register = data::register(town, &data);
        say(&format!("register {} built in {:?}", town.folder, start.elapsed()));
        let mut log = Vec::new();
        for bank in BANKS {
            let t = measure(&register, town, bank, &data, &mut log);
            let share = |n: usize, of: usize| 100.0 * n as f64 / of.max(1) as f64;
            say(&format!(
                "{:8} {bank:16} {:6} {:7.3} {:8.3} {:8} {:8.3} {:5} {:7.2} {:7.2}",
                town.folder,
                t.numbered,
                share(t.right, t.numbered),
                share(t.wrong, t.numbered),
                t.wrong_street,
                share(t.review, t.numbered),
                t.unnumbered,
                share(t.street_right, t.unnumbered),
                share(t.street_wrong, t.unnumbered),
            ));
            assert!(share(t.right, t.numbered) >= 96.0, "{} {bank}: right accesses accepted", town.folder);
            assert!(share(t.wrong, t.numbered) <= 0.3, "{} {bank}: wrong accesses accepted", town.folder);
        }
        if let Some(folder) = std::env::var_os("ATLANTE_GEOCODE_LOG") {
            std::fs::write(std::path::Path::new(&folder).join(format!("{}.tsv", town.folder)), log).unwrap();
        }
    }
}
