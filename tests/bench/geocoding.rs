//! Addresses a second on one core, beside a scan of every street for every address.

use atlante::{
    domain::{
        fold::fold,
        place::{Access, PlaceMethod},
        record::WrittenAddress,
    },
    geocode::{self, Register, Scratch},
};

use crate::{
    Table,
    gauge::{each_s, least},
    town::Town,
};

const GOAL: &str = "≥ 10,000 /s";

pub fn measure(table: &mut Table) {
    let town = Town::real();
    let register = town.register();
    let records = town.records();
    let addresses: Vec<&WrittenAddress> =
        records.iter().flat_map(|(_, rows)| rows.iter().filter_map(|row| row.address.as_deref())).collect();
    let mut scratch = Scratch::default();
    let (methods, spent) = least(3, || {
        let method = |address: &&WrittenAddress| geocode::locate_with(&register, address, &mut scratch).method;
        addresses.iter().map(method).collect::<Vec<PlaceMethod>>()
    });
    let names: Vec<String> = register.streets().iter().map(|entry| fold(&entry.street.name)).collect();
    let step = (addresses.len() / 200).max(1);
    let sample: Vec<&WrittenAddress> = addresses.iter().step_by(step).copied().collect();
    let mut found = 0;
    let scan_s = each_s(1, sample.len(), |at| found += usize::from(scan(&register, &names, sample[at]).is_some()));
    let each = spent.cpu_s.min(spent.wall_s) / addresses.len() as f64;
    table.beside(
        format!("geocoding: {} bank addresses of {}, one core", addresses.len(), town.name),
        GOAL,
        format!("{:.0} /s, {:.1} µs each", 1.0 / each, each * 1e6),
        format!("every street scanned: {:.0} /s", 1.0 / scan_s),
        Some(scan_s / each),
    );
    assert!(found > 0, "the twin finds doors too");
    let fuzzy: Vec<&WrittenAddress> =
        addresses.iter().zip(&methods).filter(|(_, method)| **method == PlaceMethod::Fuzzy).map(|(a, _)| *a).collect();
    if fuzzy.is_empty() {
        return;
    }
    let fuzzy_s = each_s(5, fuzzy.len(), |at| {
        geocode::locate_with(&register, fuzzy[at], &mut scratch);
    });
    table.beside(
        format!("geocoding: the {} of them that only the fuzzy path finds", fuzzy.len()),
        GOAL,
        format!("{:.0} /s, {:.1} µs each", 1.0 / fuzzy_s, fuzzy_s * 1e6),
        format!("every street scanned: {:.0} µs each", scan_s * 1e6),
        Some(scan_s / fuzzy_s),
    );
}

/// The slow twin: the street whose name is nearest by edits to any beginning of the address, then its door.
fn scan<'a>(register: &'a Register, names: &[String], address: &WrittenAddress) -> Option<&'a Access> {
    let line = fold(address.to_line().reveal());
    let distance = |name: &String| edits(name.as_bytes(), line.as_bytes());
    let (best, _) = names.iter().enumerate().min_by_key(|(_, name)| distance(name))?;
    let number: Option<u32> = line.split(' ').find_map(|word| word.parse().ok());
    let doors = register.accesses_of(register.streets()[best].street.id);
    doors.iter().find(|door| door.number.number == number)
}

/// Edits (Levenshtein) between a name and the nearest beginning of a line.
fn edits(name: &[u8], line: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=line.len()).collect();
    for (i, a) in name.iter().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, b) in line.iter().enumerate() {
            let swap = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = swap.min(corner + 1).min(row[j] + 1);
        }
    }
    row.into_iter().min().unwrap_or(name.len())
}
