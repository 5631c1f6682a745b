//! One rule, one test.

use jiff::civil::{Date, date};

use super::town::{
    AS_OF, Filled, Resident, born, case, code, frail, invent, key, linked, member, parts, place, registered, registry,
    statement, whole,
};
use crate::{
    domain::{
        bank::BankKind,
        household::Kinship,
        period::Period,
        person::{PersonId, Residence, Sex},
        record::{Fact, Record},
        watch::Watch,
    },
    linkage::{
        BankRecords, Decision, FamilyEvidence, Input, Link, LinkageError, Linked, Reason, Tier, Unlinked, Verdict,
        explain, link,
    },
};

fn asl(records: Vec<Record>) -> Filled {
    (BankKind::FragiliAsl, records, Vec::new())
}

fn social(records: Vec<Record>) -> Filled {
    (BankKind::ServiziSociali, records, Vec::new())
}

fn of(linked: &Linked, bank: BankKind, row: u32) -> Link {
    *linked.links.iter().find(|link| link.record == key(bank, row)).unwrap()
}

/// Someone whose name is nobody else's.
fn unique(residents: &[Resident], n: usize) -> &Resident {
    let same = |a: &Resident, b: &Resident| a.surname == b.surname && a.given == b.given;
    residents.iter().filter(|one| residents.iter().filter(|other| same(one, other)).count() == 1).nth(n).unwrap()
}

fn person_of(residents: &[Resident], who: &Resident) -> Option<PersonId> {
    residents.iter().position(|other| other.code() == who.code()).map(|i| PersonId(i as u32))
}

#[test]
fn rows_without_code_are_found_through_slips_of_the_pen() {
    let residents = invent(300, 7);
    let a = unique(&residents, 3);
    let b = unique(&residents, 9);
    let rows = vec![
        frail(1, whole(&format!("{} {}", a.surname, a.given)), Some(a.birth), ""),
        frail(2, whole(&format!("{} {}", b.given, b.surname)), Some(b.birth), ""),
        frail(3, whole(&format!("{}X {}", residents[0].surname, residents[0].given)), Some(residents[0].birth), ""),
    ];
    let out = linked(&[registry(&residents), asl(rows)], FamilyEvidence::Shown, &[]);
    for (row, who) in [(1, a), (2, b), (3, &residents[0])] {
        let link = of(&out, BankKind::FragiliAsl, row);
        assert_eq!((link.person, link.tier), (person_of(&residents, who), Tier::FellegiSunter), "{link:?}");
        assert!(link.household.is_some() && link.score > 0.9);
    }
}

#[test]
fn a_broken_code_alone_finds_the_one_person_an_edit_away() {
    let residents = invent(200, 3);
    let who = &residents[5];
    let text = who.code();
    let broken = format!("{}?{}", &text.reveal()[..7], &text.reveal()[8..]);
    let short = text.reveal()[..15].to_owned();
    let far = format!("XXX{}", &broken[3..]);
    let rows = [broken, short, far].into_iter().zip(1..).map(|(text, row)| frail(row, None, None, &text)).collect();
    let (_, rows, places): Filled = asl(rows);
    let out = linked(&[registry(&residents), (BankKind::Invalidita, rows, places)], FamilyEvidence::Shown, &[]);
    for row in [1, 2] {
        let link = of(&out, BankKind::Invalidita, row);
        assert_eq!((link.person, link.tier), (Some(PersonId(5)), Tier::NearCode));
    }
    let link = of(&out, BankKind::Invalidita, 3);
    assert_eq!((link.person, link.tier), (None, Tier::Unlinked(Unlinked::UnknownCode)));
}

#[test]
fn a_code_that_belongs_to_somebody_else_does_not_decide() {
    let residents = invent(300, 11);
    let (a, b) = (unique(&residents, 0), unique(&residents, 4));
    assert!(a.surname != b.surname && a.given != b.given);
    let text = a.code();
    let rows = vec![
        // Everything but the code says b.
        case(1, parts(&b.surname, &b.given), Some(b.birth), text.reveal()),
        // The name is nobody's.
        case(2, parts("WOJTYLA", "KAROL"), Some(date(1950, 5, 18)), text.reveal()),
    ];
    let out = linked(&[registry(&residents), social(rows)], FamilyEvidence::Shown, &[]);
    assert_eq!(of(&out, BankKind::ServiziSociali, 1).person, person_of(&residents, b));
    let link = of(&out, BankKind::ServiziSociali, 2);
    assert_eq!((link.person, link.tier), (person_of(&residents, a), Tier::DisputedCode));
    assert!(link.score < 0.9);
}

#[test]
fn an_interim_code_leads_to_the_final_one_by_name_and_date() {
    let mut residents = invent(200, 5);
    let who = unique(&residents, 2).clone();
    let newcomer = Resident { surname: "OKAFOR".into(), given: "CHIDI".into(), ..who.clone() };
    residents.push(newcomer.clone());
    let mut bank = registry(&residents);
    // The registry still has the newcomer's provisional code.
    bank.1.last_mut().unwrap().identity.code = code("07643520567");
    let rows = vec![
        case(1, parts(&who.surname, &who.given), Some(who.birth), "07643520567"),
        case(2, None, None, newcomer.code().reveal()),
    ];
    let only_first = vec![case(1, parts(&who.surname, &who.given), Some(who.birth), "00000000018")];
    let out = linked(&[registry(&residents), social(only_first)], FamilyEvidence::Shown, &[]);
    let link = of(&out, BankKind::ServiziSociali, 1);
    assert_eq!((link.person, link.tier), (person_of(&residents, &who), Tier::Provisional));
    let out = linked(&[bank, social(rows)], FamilyEvidence::Shown, &[]);
    let link = of(&out, BankKind::ServiziSociali, 2);
    assert_eq!((link.person, link.tier), (Some(PersonId(residents.len() as u32 - 1)), Tier::Provisional));
    assert_eq!(out.people.last().unwrap().codes.len(), 2, "both codes are kept");
}

#[test]
fn an_omocode_of_the_same_base_is_another_person() {
    let residents = invent(100, 13);
    let who = &residents[8];
    let twin = who.code().omocodes()[1];
    let rows = vec![case(1, parts(&who.surname, &who.given), Some(who.birth), twin.reveal())];
    let out = linked(&[registry(&residents), social(rows)], FamilyEvidence::Shown, &[]);
    let link = of(&out, BankKind::ServiziSociali, 1);
    assert_eq!((link.person.unwrap().0 as usize, link.tier), (residents.len(), Tier::Unregistered));
}

#[test]
fn rows_of_the_registry_are_one_person_by_code_and_name_and_never_by_code_alone() {
    let residents = invent(50, 17);
    let mut bank = registry(&residents);
    let mut again = registered(900, &residents[3]);
    if let Fact::Registration { residence, .. } = &mut again.fact {
        *residence = Residence::Emigrated;
    }
    let mut thief = registered(901, &residents[4]);
    thief.identity.name = Some(Box::new(parts("WOJTYLA", "KAROL")));
    thief.identity.birth = Some(born(date(1950, 5, 18)));
    let mut bare = registered(902, &residents[6]);
    bare.identity.code = code("");
    bank.1.extend([again, thief, bare]);
    let out = linked(&[bank], FamilyEvidence::Shown, &[]);
    let person = |row| of(&out, BankKind::Anagrafe, row).person;
    assert_eq!(person(900), person(4));
    assert_eq!(out.people[3].residence, Residence::Resident, "the resident's row speaks for both");
    assert_ne!(person(901), person(5));
    assert_eq!(person(902), person(7));
    assert_eq!(out.report.registered as usize, residents.len() + 1);
}

#[test]
fn where_a_bank_has_one_row_a_person_the_better_row_keeps_it() {
    let residents = invent(300, 19);
    let who = unique(&residents, 6);
    let name = format!("{} {}", who.surname, who.given);
    let rows = vec![
        frail(1, whole(&name), Some(who.birth), who.code().reveal()),
        // Entered twice, to the letter.
        frail(2, whole(&name), Some(who.birth), ""),
        // Somebody like that, born in another year.
        frail(3, whole(&name), who.birth.checked_sub(jiff::Span::new().years(1)).ok(), ""),
    ];
    let out = linked(&[registry(&residents), asl(rows)], FamilyEvidence::Shown, &[]);
    let person = |row| of(&out, BankKind::FragiliAsl, row).person;
    assert_eq!(person(1), person_of(&residents, who));
    assert_eq!(person(2), person(1));
    assert_ne!(person(3), person(1));
}

#[test]
fn a_row_of_a_nucleus_is_found_among_those_of_its_household() {
    let residents = invent(400, 23);
    let family = (0..400).find(|f| residents.iter().filter(|r| r.family == *f).count() == 5).unwrap();
    let members: Vec<&Resident> = residents.iter().filter(|r| r.family == family).collect();
    let mut rows: Vec<Record> = (1..5)
        .map(|i| member(i as u32, "DSU-1", parts(&members[i].surname, &members[i].given), members[i].code().reveal()))
        .collect();
    // The head, by a common name, without code, date or address.
    rows.push(member(9, "DSU-1", parts(&members[0].surname, &members[0].given), ""));
    let out = linked(&[registry(&residents), (BankKind::IseeComponenti, rows, Vec::new())], FamilyEvidence::Shown, &[]);
    let link = of(&out, BankKind::IseeComponenti, 9);
    assert_eq!(link.person, person_of(&residents, members[0]), "{link:?}");
    assert!(matches!(link.tier, Tier::Household | Tier::FellegiSunter));
}

#[test]
fn who_is_not_registered_is_one_person_in_all_banks_and_two_codes_are_two() {
    let residents = invent(200, 29);
    let birth = date(1961, 4, 9);
    let stranger = |surname: &str| Resident {
        surname: surname.into(),
        given: "AMINATA".into(),
        sex: Sex::F,
        birth,
        kinship: Kinship::Head,
        family: 0,
    };
    let (a, b) = (stranger("DIALLO"), stranger("DIALLI"));
    let rows = vec![
        case(1, parts("DIALLO", "AMINATA"), Some(birth), a.code().reveal()),
        case(2, parts("DIALLO", "AMINATA"), Some(birth), ""),
        case(3, parts("DIALLI", "AMINATA"), Some(birth), a.code().omocodes()[1].reveal()),
        case(4, None, None, b.code().omocodes()[3].reveal()),
        case(5, parts("KEITA", "OUMAR"), None, ""),
    ];
    let frails = vec![frail(1, whole("Diallo Aminata"), Some(birth), a.code().reveal())];
    let out = linked(&[registry(&residents), social(rows), asl(frails)], FamilyEvidence::Shown, &[]);
    let person = |row| of(&out, BankKind::ServiziSociali, row).person;
    assert!(person(1).unwrap().0 as usize >= residents.len());
    assert_eq!(of(&out, BankKind::FragiliAsl, 1).person, person(1));
    assert!(person(2).is_some() && person(3) != person(1) && person(4) != person(1) && person(4) != person(3));
    assert_eq!(of(&out, BankKind::ServiziSociali, 5).tier, Tier::Unlinked(Unlinked::Weak));
    let unregistered = &out.people[person(1).unwrap().0 as usize];
    assert_eq!((unregistered.residence, unregistered.household), (Residence::Unregistered, None));
    assert_eq!((unregistered.birth, unregistered.sex), (Some(birth), Some(Sex::F)));
}

#[test]
fn what_a_person_decided_stands() {
    let residents = invent(200, 31);
    let (a, b) = (unique(&residents, 1), unique(&residents, 5));
    let (a_row, b_row) = (person_of(&residents, a).unwrap().0 + 1, person_of(&residents, b).unwrap().0 + 1);
    let rows = || {
        vec![
            case(1, parts(&a.surname, &a.given), Some(a.birth), ""),
            case(2, parts(&a.surname, &a.given), Some(a.birth), a.code().reveal()),
        ]
    };
    let decide = |row, other, verdict| Decision {
        one: key(BankKind::ServiziSociali, row),
        other: key(BankKind::Anagrafe, other),
        verdict,
    };
    let decided = [decide(1, b_row, Verdict::Same), decide(2, a_row, Verdict::Different)];
    let out = linked(&[registry(&residents), social(rows())], FamilyEvidence::Shown, &decided);
    let link = of(&out, BankKind::ServiziSociali, 1);
    assert_eq!((link.person, link.tier), (person_of(&residents, b), Tier::Decided));
    assert_ne!(of(&out, BankKind::ServiziSociali, 2).person, person_of(&residents, a));
    let apart = [Decision {
        one: key(BankKind::ServiziSociali, 1),
        other: key(BankKind::ServiziSociali, 2),
        verdict: Verdict::Different,
    }];
    let out = linked(&[registry(&residents), social(rows())], FamilyEvidence::Shown, &apart);
    assert_eq!(of(&out, BankKind::ServiziSociali, 2).person, person_of(&residents, a), "the surer row keeps it");
    assert_eq!(of(&out, BankKind::ServiziSociali, 1).tier, Tier::Unlinked(Unlinked::Decided));
    let merged = [Decision {
        one: key(BankKind::Anagrafe, a_row),
        other: key(BankKind::Anagrafe, b_row),
        verdict: Verdict::Same,
    }];
    let out = linked(&[registry(&residents)], FamilyEvidence::Shown, &merged);
    assert_eq!(of(&out, BankKind::Anagrafe, a_row).person, of(&out, BankKind::Anagrafe, b_row).person);
}

#[test]
fn the_nucleus_is_kept_beside_the_family_and_its_differences_are_explained() {
    let mut residents = invent(60, 37);
    residents.retain(|resident| resident.family > 1);
    let make = |given: &str, sex, year, kinship, family| Resident {
        surname: "ALIGHIERI".into(),
        given: given.into(),
        sex,
        birth: date(year, 3, 2),
        kinship,
        family,
    };
    let own = [
        make("DANTE", Sex::M, 1975, Kinship::Head, 0),
        make("GEMMA", Sex::F, 1977, Kinship::Head, 1),
        make("PIETRO", Sex::M, 2004, Kinship::Child, 1),
        make("JACOPO", Sex::M, 2012, Kinship::Child, 0),
        make("ANTONIA", Sex::F, 2026, Kinship::Child, 0),
        make("GIOVANNI", Sex::M, 1999, Kinship::Child, 0),
    ];
    let first = residents.len() as u32;
    residents.extend(own.clone());
    let current = |year: i16| Period { from: Some(date(year, 2, 1)), to: Some(date(year, 12, 31)) };
    let statements = vec![
        statement(1, "OLD", current(2025), own[0].code().reveal()),
        statement(2, "NEW", current(2026), own[0].code().reveal()),
        statement(3, "SON", current(2026), own[5].code().reveal()),
    ];
    let members = vec![
        member(1, "NEW", None, own[0].code().reveal()),
        member(2, "NEW", None, own[1].code().reveal()),
        member(3, "NEW", None, own[2].code().reveal()),
        member(4, "OLD", None, own[5].code().reveal()),
        member(5, "SON", None, own[5].code().reveal()),
    ];
    let banks = [
        registry(&residents),
        (BankKind::IseeAttestazioni, statements, Vec::new()),
        (BankKind::IseeComponenti, members, Vec::new()),
    ];
    let out = linked(&banks, FamilyEvidence::Shown, &[]);
    let home = out.people[first as usize].household.unwrap();
    let household = &out.households[home.0 as usize];
    assert_eq!(household.members.first(), Some(&PersonId(first)), "the head first");
    assert_eq!(household.nucleus.as_ref().unwrap().statement_row, 2);
    let reasons: Vec<(u32, Reason)> =
        out.differences.iter().filter(|d| d.household == home).map(|d| (d.person.0 - first, d.reason)).collect();
    assert_eq!(
        reasons,
        [
            (1, Reason::SpouseElsewhere),
            (2, Reason::DependentChildElsewhere),
            (5, Reason::OwnNucleus),
            (3, Reason::LeftOut),
            (4, Reason::BornAfter),
        ]
    );
}

#[test]
fn a_waterfall_adds_up_to_the_score() {
    let residents = invent(300, 41);
    let who = unique(&residents, 3);
    let rows = vec![
        frail(1, whole(&format!("{} {}", who.surname, who.given)), Some(who.birth), ""),
        frail(2, whole(&format!("{} {}", who.surname, who.given)), None, who.code().reveal()),
    ];
    let banks = [registry(&residents), (BankKind::FragiliAsl, rows, vec![Some(place(who.family)), None])];
    let out = linked(&banks, FamilyEvidence::Shown, &[]);
    let inputs: Vec<BankRecords<'_>> =
        banks.iter().map(|(kind, records, places)| BankRecords { kind: *kind, records, places }).collect();
    let input = Input { banks: &inputs, family: FamilyEvidence::Shown, as_of: AS_OF, decided: &[] };
    let waterfall = explain(&input, &out, key(BankKind::FragiliAsl, 1)).unwrap();
    let steps: f32 = waterfall.steps.iter().map(|step| step.weight).sum();
    assert!((waterfall.prior + steps + waterfall.context - waterfall.sum).abs() < 1e-3);
    assert!((waterfall.probability - of(&out, BankKind::FragiliAsl, 1).score).abs() < 1e-3);
    assert!(waterfall.context < 8.0, "{waterfall:?}");
    assert!(waterfall.steps.iter().any(|step| step.comparison.levels().contains(&step.level) && step.weight > 3.0));
    let by_code = explain(&input, &out, key(BankKind::FragiliAsl, 2)).unwrap();
    assert_eq!((by_code.tier, by_code.context), (Tier::Code, 0.0));
    assert!(explain(&input, &out, key(BankKind::FragiliAsl, 77)).is_none());
}

struct Stop;

impl Watch for Stop {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn cancelled(&self) -> bool {
        true
    }
}

#[test]
fn it_stops_when_asked_and_links_nothing_of_nothing() {
    let (_, records, places) = registry(&invent(3, 1));
    let banks = [BankRecords { kind: BankKind::Anagrafe, records: &records, places: &places }];
    let input = |banks| Input { banks, family: FamilyEvidence::Shown, as_of: AS_OF, decided: &[] };
    assert!(matches!(link(&input(&banks), &Stop), Err(LinkageError::Cancelled)));
    let out = linked(&[], FamilyEvidence::Hidden, &[]);
    assert!(out.people.is_empty() && out.links.is_empty() && out.households.is_empty());
    // Without a registry everyone is a stranger, and nobody is lost.
    let rows = vec![frail(1, whole("Rossi Mario"), Date::new(1950, 1, 1).ok(), "RSSMRA50A01H501R")];
    let out = linked(&[asl(rows)], FamilyEvidence::Hidden, &[]);
    assert_eq!(out.links.len(), 1);
}
