//! The slow twin: every row against everyone, without blocking.

use super::{
    super::{cases::Cases, household, names::Names, registry::Registry, tiers},
    town::{AS_OF, case, frail, invent, parts, registry, whole},
};
use crate::{
    domain::bank::BankKind,
    linkage::{BankRecords, FamilyEvidence, Input},
};

#[test]
fn blocking_loses_nobody_whom_comparing_everyone_finds() {
    let residents = invent(250, 43);
    let mut frails = Vec::new();
    let mut cases = Vec::new();
    for (i, resident) in residents.iter().enumerate().filter(|(i, _)| i % 3 == 0) {
        let (surname, given) = (&resident.surname, &resident.given);
        let shorter = &given[..given.len() - 1];
        let row = i as u32 + 1;
        frails.push(match i % 4 {
            0 => frail(row, whole(&format!("{given} {surname}")), Some(resident.birth), ""),
            1 => frail(row, whole(&format!("{surname}A {given}")), Some(resident.birth), ""),
            2 => frail(row, whole(&format!("{surname} {given}")), resident.birth.with().day(28).build().ok(), ""),
            _ => frail(row, whole(&format!("{surname} {shorter}")), Some(resident.birth), ""),
        });
        cases.push(case(row, parts(surname, given), Some(resident.birth), ""));
    }
    let spine = registry(&residents);
    let banks = [
        BankRecords { kind: spine.0, records: &spine.1, places: &spine.2 },
        BankRecords { kind: BankKind::FragiliAsl, records: &frails, places: &[] },
        BankRecords { kind: BankKind::ServiziSociali, records: &cases, places: &[] },
    ];
    let input = Input { banks: &banks, family: FamilyEvidence::Shown, as_of: AS_OF, decided: &[] };
    let answer = |everyone: bool| {
        let mut names = Names::default();
        let decisions = tiers::Decisions::read(&input);
        let registry = Registry::build(Some(&banks[0]), &[], AS_OF, &mut names);
        let mut fates = tiers::by_code(&input, &registry, &names, &decisions);
        let mut cases = Cases::gather(&input, &registry, &fates, &mut names, &decisions);
        if everyone {
            cases.compare_everyone(&names);
        } else {
            cases.compare(&names);
        }
        cases.learn();
        cases.assign(&mut fates);
        let families = household::families(&input, &registry, &fates);
        cases.assign_within(&families, &names, &mut fates);
        fates.banks().concat().iter().map(tiers::Fate::person).collect::<Vec<_>>()
    };
    let (blocked, slow) = (answer(false), answer(true));
    let found = slow.iter().filter(|person| person.is_some()).count();
    assert!(found > residents.len() + 100, "{found}");
    assert_eq!(blocked, slow);
}
