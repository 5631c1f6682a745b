//! The banks of Lamezia, joined by the truth (not by our linkage): the model must find a believable town, fast.

use std::{io::Cursor, path::PathBuf, time::Instant};

use jiff::civil::Date;

use super::{
    Banks, Benefit, DAY, Fact, Fragile, Household, HouseholdId, IseeRole, JoinedFact, Model, Period, Person, PersonId,
    Severity, Support, Unwatched, assess_all, composite, gather, person, registered,
};

fn lamezia() -> Option<PathBuf> {
    let shared = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let folder = shared.join("data/lamezia");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no data of Lamezia");
    None
}

fn rows(path: PathBuf, delimiter: u8) -> Vec<Vec<String>> {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8(bytes).unwrap_or_else(|e| e.into_bytes().iter().map(|b| char::from(*b)).collect());
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(Cursor::new(text));
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn day(text: &str) -> Option<Date> {
    let part = |range| text.get(range).and_then(|t: &str| t.parse::<i16>().ok());
    Date::new(part(6..10)?, part(3..5)? as i8, part(0..2)? as i8).ok()
}

fn cents(text: &str) -> i64 {
    (text.replace(',', ".").parse::<f64>().unwrap_or(0.0) * 100.0).round() as i64
}

fn fact(bank: &str, r: &[String]) -> Option<Fact> {
    Some(match bank {
        "anagrafe" => registered(&r[7], day(&r[15])?),
        "isee_attestazioni" => Fact::IseeStatement {
            validity: Period { from: day(&r[1]), to: day(&r[2]) },
            kind: r[3].as_str().into(),
            isee: cents(&r[9]),
            isee_inclusione: (!r[10].is_empty()).then(|| cents(&r[10])),
            scale: 100,
            isr: cents(&r[5]),
            isp: cents(&r[6]),
        },
        "isee_componenti" => Fact::IseeMember { role: IseeRole::Member },
        "prestazioni_inps" => Fact::Benefit {
            code: r[1].as_str().into(),
            monthly: cents(&r[3]),
            period: Period { from: day(&r[4]), to: day(&r[5]) },
        },
        "redditi" => Fact::Income { year: r[1].parse().ok()?, amount: cents(&r[2]), kind: r[3].as_str().into() },
        "invalidita" => Fact::Invalidity {
            percent: r[1].parse().ok()?,
            support: Support { attendance: r[2] == "S", severe: r[3] == "S" },
            date: day(&r[4]),
        },
        "fragili_asl" => Fact::Frailty {
            device: Some(r[4].as_str().into()),
            severity: if r[5] == "grave" { Severity::Severe } else { Severity::Mild },
        },
        "servizi_sociali" => Fact::SocialCase {
            area: r[6].as_str().into(),
            service: r[7].as_str().into(),
            period: Period { from: day(&r[8]), to: day(&r[9]) },
        },
        "tari" => Fact::WasteTax { area_m2: r[4].parse().ok()?, occupants: r[5].parse().ok()?, arrears: cents(&r[6]) },
        _ => Fact::PublicHousing { rent: cents(&r[4]), arrears_months: r[5].parse().ok()? },
    })
}

struct Town {
    people: Vec<Person>,
    households: Vec<Household>,
    facts: Vec<(HouseholdId, PersonId, Option<String>, Fact)>,
}

fn town(folder: &std::path::Path) -> Town {
    let truth = |name: &str| rows(folder.join("truth").join(name), b',');
    let mut households: Vec<Household> = (0..truth("households.csv").len() as u32)
        .map(|id| Household { id: HouseholdId(id), members: Vec::new(), nucleus: None })
        .collect();
    let mut people = Vec::new();
    for (id, r) in truth("persons.csv").into_iter().enumerate() {
        let household: u32 = r[1].parse().unwrap();
        let birth = Some(r[3].parse().unwrap());
        people.push(Person { birth, household: Some(HouseholdId(household)), ..person(id as u32, 1900) });
        if r[8] == "1" {
            households[household as usize].members.push(PersonId(id as u32));
        }
    }
    let mut facts = Vec::new();
    for bank in crate::domain::bank::BankKind::ALL.map(crate::domain::bank::BankKind::name) {
        let delimiter = match bank {
            "redditi" => b'|',
            "servizi_sociali" => b'\t',
            _ => b';',
        };
        let read = rows(folder.join("banks").join(format!("{bank}.csv")), delimiter);
        for (r, t) in read.iter().zip(truth(&format!("{bank}.csv"))) {
            let group = bank.starts_with("isee").then(|| r[0].clone());
            if let Some(fact) = fact(bank, r) {
                facts.push((HouseholdId(t[2].parse().unwrap()), PersonId(t[1].parse().unwrap()), group, fact));
            }
        }
    }
    Town { people, households, facts }
}

#[test]
fn lamezia_is_a_believable_town() {
    let Some(folder) = lamezia() else { return };
    let town = town(&folder);
    let model = Model::shipped();
    let model = model.at(DAY).unwrap();
    let start = Instant::now();
    let joined = town.facts.iter().map(|(household, person, group, fact)| JoinedFact {
        household: Some(*household),
        person: Some(*person),
        group: group.as_deref(),
        fact,
    });
    let gathered = gather(&town.people, &town.households, joined, Banks::ALL, DAY);
    let all = assess_all(&model, &gathered, &Unwatched);
    println!("{} households, {} facts: {:?}", all.len(), town.facts.len(), start.elapsed());
    let figures = composite::aggregate(&model, &all);
    println!("H {:.3} A {:.3} M0 {:.4}", figures.headcount, figures.intensity, figures.m0);
    for (j, indicator) in model.indicators.iter().enumerate() {
        let known = all.iter().filter(|a| a.known & (1 << indicator.position) != 0).count();
        let share = figures.raw[j];
        println!("{:16} raw {share:.4} known {:.3}", indicator.spec.indicator.key, known as f64 / all.len() as f64);
        assert!(share > 0.0 && share < 0.8, "{}: {share}", indicator.spec.indicator.key);
    }
    for (j, benefit) in Benefit::ALL.into_iter().enumerate() {
        let mut counts = std::collections::BTreeMap::<String, usize>::new();
        for a in &all {
            *counts.entry(format!("{:?}", a.benefits[j])).or_default() += 1;
        }
        println!("{benefit:?} {counts:?}");
    }
    assert_eq!(all.len(), 27_591);
    let empty = town.households.iter().filter(|h| h.members.is_empty()).count();
    assert_eq!(all.iter().filter(|a| a.standing == Fragile::Unknown).count(), empty, "only where nobody lives");
    assert!((0.05..0.30).contains(&figures.headcount), "share of fragile households {}", figures.headcount);
}
