//! Laws of the assessment, and the banks of Lamezia joined by their truth.

mod lamezia;

use jiff::civil::{Date, date};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{
    Assessment, Dated, Fragile, JoinedFact, Language, Model, Situation, assess, assess_all, composite,
    entitlement::{Benefit, Standing},
    explain, gather,
    situation::Banks,
};
use crate::domain::{
    bank::BankKind,
    household::{Household, HouseholdId, Kinship},
    period::Period,
    person::{Person, PersonId, Residence},
    personal::Personal,
    record::{Fact, IseeRole, Severity, Support},
    score::{Finding, Score},
    watch::Unwatched,
};

const DAY: Date = date(2026, 6, 30);

fn person(id: u32, birth_year: i16) -> Person {
    Person {
        id: PersonId(id),
        codes: Vec::new(),
        surname: Personal::default(),
        given: Personal::default(),
        birth: Some(date(birth_year, 1, 1)),
        sex: None,
        household: Some(HouseholdId(0)),
        residence: Residence::Resident,
    }
}

fn registered(citizenship: &str, since: Date) -> Fact {
    let (kinship, residence) = (Kinship::Head, Residence::Resident);
    Fact::Registration { kinship, residence, citizenship: citizenship.into(), since: Some(since) }
}

fn statement(isee: i64, from: Date, to: Date) -> Fact {
    let validity = Period { from: Some(from), to: Some(to) };
    let (isr, isp) = (isee, 0);
    Fact::IseeStatement { validity, kind: "ordinario".into(), isee, isee_inclusione: Some(isee), scale: 100, isr, isp }
}

fn benefit(code: &str) -> Fact {
    Fact::Benefit { code: code.into(), monthly: 50_000, period: Period { from: Some(date(2024, 1, 1)), to: None } }
}

#[derive(Debug)]
struct Home {
    people: Vec<Person>,
    facts: Vec<(u32, Option<&'static str>, Fact)>,
}

impl Home {
    fn of(births: &[i16]) -> Self {
        let people: Vec<Person> = births.iter().zip(0..).map(|(year, id)| person(id, *year)).collect();
        let facts = people.iter().map(|p| (p.id.0, None, registered("Italia", date(2000, 1, 1)))).collect();
        Self { people, facts }
    }

    fn with(mut self, person: u32, fact: Fact) -> Self {
        self.facts.push((person, None, fact));
        self
    }

    fn with_isee(mut self, protocol: &'static str, statement: Fact) -> Self {
        self.facts.push((0, Some(protocol), statement));
        for p in &self.people {
            self.facts.push((p.id.0, Some(protocol), Fact::IseeMember { role: IseeRole::Member }));
        }
        self
    }

    fn situation(&self, banks: Banks) -> Situation {
        let members = self.people.iter().map(|p| p.id).collect();
        let households = [Household { id: HouseholdId(0), members, nucleus: None }];
        let facts = self.facts.iter().map(|(person, group, fact)| JoinedFact {
            household: None,
            person: Some(PersonId(*person)),
            group: *group,
            fact,
        });
        gather(&self.people, &households, facts, banks, DAY).situation(0).unwrap()
    }
}

fn deprived(model: &Dated<'_>, situation: &Situation) -> Vec<&'static str> {
    let found = assess(model, situation);
    let key = |position: usize| model.model.indicators()[position].indicator.key;
    found.contributions(model).filter(|c| c.finding == Finding::Deprived).map(|c| key(c.position)).collect()
}

fn standing(model: &Dated<'_>, situation: &Situation, benefit: Benefit) -> Standing {
    let at = Benefit::ALL.iter().position(|b| *b == benefit).unwrap();
    assess(model, situation).benefits[at]
}

#[test]
fn an_old_woman_alone_with_a_ventilator() {
    let model = Model::shipped();
    let model = model.at(DAY).unwrap();
    let home = Home::of(&[1940])
        .with(0, benefit("PENS"))
        .with(0, Fact::Frailty { device: Some("ventilatore".into()), severity: Severity::Severe })
        .with(0, Fact::Invalidity { percent: 100, support: Support { attendance: true, severe: false }, date: None })
        .with(0, Fact::WasteTax { area_m2: 70, occupants: 1, arrears: 25_000 });
    let situation = home.situation(Banks::ALL);
    let expected = [
        "income_poor",
        "waste_arrears",
        "attendance",
        "invalid",
        "life_support",
        "severe_frailty",
        "very_old",
        "alone_elder",
    ];
    assert_eq!(deprived(&model, &situation), expected);
    assert_eq!(standing(&model, &situation, Benefit::Attendance), Standing::Uncovered);
    assert_eq!(standing(&model, &situation, Benefit::Auu), Standing::NotDue);
    let paid = home.with(0, benefit("IND.ACC")).situation(Banks::ALL);
    assert_eq!(standing(&model, &paid, Benefit::Attendance), Standing::Received);
}

#[test]
fn the_statement_of_last_year_is_over() {
    let old = statement(100_000, date(2025, 2, 1), date(2025, 12, 31));
    let new = statement(2_000_000, date(2026, 2, 1), date(2026, 12, 31));
    let later = statement(900_000, date(2026, 5, 1), date(2026, 12, 31));
    let isee = |home: Home| home.situation(Banks::ALL).isee.map(|isee| isee.ordinary);
    assert_eq!(isee(Home::of(&[1980]).with_isee("A", old.clone())), None);
    assert_eq!(isee(Home::of(&[1980]).with_isee("A", old).with_isee("B", new.clone())), Some(2_000_000));
    assert_eq!(isee(Home::of(&[1980]).with_isee("B", new).with_isee("C", later)), Some(900_000));
}

#[test]
fn benefits_due_and_not_received() {
    let model = Model::shipped();
    let model = model.at(DAY).unwrap();
    let low = || statement(300_000, date(2026, 2, 1), date(2026, 12, 31));
    let poor = || Home::of(&[1985, 2015]).with_isee("A", low());
    let due = poor().situation(Banks::ALL);
    for benefit in [Benefit::Adi, Benefit::Auu] {
        assert_eq!(standing(&model, &due, benefit), Standing::Uncovered, "{benefit:?}");
    }
    assert_eq!(standing(&model, &due, Benefit::BonusSociale), Standing::Unverified);
    let received = poor().with(0, benefit("ADI")).with(1, benefit("AUU")).situation(Banks::ALL);
    assert!(assess(&model, &received).uncovered().next().is_none());
    let blind = poor().situation(Banks::ALL.without(BankKind::PrestazioniInps));
    assert_eq!(standing(&model, &blind, Benefit::Adi), Standing::Unknown);
    assert_eq!(standing(&model, &Home::of(&[1985, 2015]).situation(Banks::ALL), Benefit::Adi), Standing::Unknown);
    let earning = poor().with(0, Fact::Income { year: 2025, amount: 1_500_000, kind: "DIPENDENTE".into() });
    assert_eq!(standing(&model, &earning.situation(Banks::ALL), Benefit::Adi), Standing::NotDue);
    let newcomer = Home::of(&[1985]).with(0, registered("Marocco", date(2025, 12, 1))).with_isee("A", low());
    assert_eq!(standing(&model, &newcomer.situation(Banks::ALL), Benefit::Adi), Standing::NotDue);
    assert!(deprived(&model, &newcomer.situation(Banks::ALL)).contains(&"newcomer"));
}

#[test]
fn the_adi_scale_by_hand() {
    let model = Model::shipped();
    let adi = model.parameters().adi.at(DAY).unwrap();
    let scale = |home: Home| super::isee::adi_scale(adi, &home.situation(Banks::ALL).members);
    let disabled =
        |attendance| Fact::Invalidity { percent: 100, support: Support { attendance, severe: false }, date: None };
    for (home, expected) in [
        (Home::of(&[1985]), 1.0),
        (Home::of(&[1950]), 1.0),
        (Home::of(&[1950, 1951]), 1.4),
        (Home::of(&[1985, 1984, 2015, 2016, 2017]), 1.4),
        (Home::of(&[1985, 1984, 2025]), 1.55),
        (Home::of(&[1985, 1950]).with(1, disabled(false)), 1.5),
        (Home::of(&[1985, 1984, 1950, 1951, 1952, 1953, 2015, 2016]), 2.2),
        (Home::of(&[1985, 1984, 1950, 1951, 1952, 1953, 2015, 2016]).with(2, disabled(true)), 2.3),
    ] {
        let found = scale(home);
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }
}

#[test]
fn explanations_hold_numbers_and_say_what_is_missing() {
    let model = Model::shipped();
    let model = model.at(DAY).unwrap();
    let home = Home::of(&[1940]).with_isee("A", statement(415_050, date(2026, 2, 1), date(2026, 12, 31)));
    let isee = model.indicators.iter().find(|i| i.spec.indicator.key == "isee_low").unwrap();
    let situation = home.situation(Banks::ALL);
    assert_eq!(explain(isee, &situation, Language::It), "ISEE basso: ISEE di 4150,50 euro (soglia 9530)");
    assert_eq!(explain(isee, &situation, Language::En), "Low ISEE: ISEE of 4150.50 euro (threshold 9530)");
    let blind = home.situation(Banks::ALL.without(BankKind::IseeAttestazioni));
    assert_eq!(explain(isee, &blind, Language::It), "ISEE basso: non si sa, manca la banca isee_attestazioni");
    for indicator in &model.indicators {
        for language in [Language::It, Language::En] {
            assert!(!explain(indicator, &situation, language).contains('{'));
        }
    }
}

#[test]
fn nothing_known_is_no_score() {
    let model = Model::shipped();
    let model = model.at(DAY).unwrap();
    let found = assess(&model, &Home::of(&[1940]).situation(Banks::default()));
    assert_eq!((found.score, found.standing, found.known), (None, Fragile::Unknown, 0));
    assert!(found.dimensions.iter().all(Option::is_none));
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let severity = prop_oneof![Just(Severity::Mild), Just(Severity::Moderate), Just(Severity::Severe)];
    prop_oneof![
        (0_i64..5_000_000, 2020_i16..2026, prop_oneof![Just("DIPENDENTE"), Just("PENSIONE"), Just("?")])
            .prop_map(|(amount, year, kind)| Fact::Income { year, amount, kind: kind.into() }),
        prop_oneof![Just("ADI"), Just("AUU"), Just("PENS"), Just("NASPI"), Just("IND.ACC"), Just("?")]
            .prop_map(benefit),
        (0_u8..=100, any::<bool>(), any::<bool>()).prop_map(|(percent, attendance, severe)| Fact::Invalidity {
            percent,
            support: Support { attendance, severe },
            date: None
        }),
        (severity, any::<bool>())
            .prop_map(|(severity, on)| Fact::Frailty { device: on.then(|| "dialisi".into()), severity }),
        (0_u32..200, 0_u16..9, 0_i64..90_000).prop_map(|(area_m2, occupants, arrears)| Fact::WasteTax {
            area_m2,
            occupants,
            arrears
        }),
        (0_u16..24).prop_map(|arrears_months| Fact::PublicHousing { rent: 5000, arrears_months }),
        Just(Fact::SocialCase { area: "POV".into(), service: "".into(), period: Period::default() }),
        (prop_oneof![Just("Italia"), Just("Cina")], 1990_i16..2026)
            .prop_map(|(citizenship, year)| registered(citizenship, date(year, 7, 1))),
    ]
}

fn any_home() -> impl Strategy<Value = (Home, Banks)> {
    let births = proptest::collection::vec(1920_i16..2026, 1..7);
    let facts = proptest::collection::vec((0_u32..6, any_fact()), 0..12);
    (births, facts, 0_i64..3_000_000, any::<u16>()).prop_map(|(births, facts, isee, banks)| {
        let mut home = Home::of(&births).with_isee("A", statement(isee, date(2026, 2, 1), date(2026, 12, 31)));
        home.facts.extend(facts.into_iter().map(|(person, fact)| (person, None, fact)));
        (home, BankKind::ALL.into_iter().filter(|b| banks & (1 << *b as u16) != 0).collect())
    })
}

proptest! {
    #[test]
    fn contributions_sum_to_the_score((home, banks) in any_home()) {
        let model = Model::shipped();
        let model = model.at(DAY).unwrap();
        let found = assess(&model, &home.situation(banks));
        let sum: f64 = found.contributions(&model).map(|c| c.amount).sum();
        prop_assert!((sum - f64::from(found.score.map_or(0.0, Score::get))).abs() < 1e-6);
        prop_assert_eq!(found.deprived & !found.known, 0);
        prop_assert!(found.known_weight <= 1.0 + 1e-6);
    }

    #[test]
    fn a_missing_bank_makes_unknown_and_changes_nothing_else((home, banks) in any_home(), bank in 0_usize..10) {
        let model = Model::shipped();
        let model = model.at(DAY).unwrap();
        let bank = BankKind::ALL[bank];
        let (with, without) = (assess(&model, &home.situation(banks)), assess(&model, &home.situation(banks.without(bank))));
        for indicator in &model.indicators {
            let after = without.finding(indicator.position);
            if indicator.spec.indicator.banks.contains(&bank) {
                prop_assert_eq!(after, Finding::Unknown);
            } else {
                prop_assert_eq!(after, with.finding(indicator.position));
            }
        }
    }

    #[test]
    fn aggregates_are_means_of_households(homes in proptest::collection::vec(any_home(), 1..12)) {
        let model = Model::shipped();
        let model = model.at(DAY).unwrap();
        let all: Vec<_> = homes.iter().map(|(home, banks)| assess(&model, &home.situation(*banks))).collect();
        let whole = composite::aggregate(&model, &all);
        let scores: Vec<f64> = all.iter().filter_map(Assessment::censored).map(|s| f64::from(s.get())).collect();
        let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
        prop_assert!((whole.m0 - mean).abs() < 1e-6);
        prop_assert!((whole.m0 - whole.headcount * whole.intensity).abs() < 1e-9);
        let (a, b) = all.split_at(all.len() / 2);
        let parts = [a, b].map(|part| composite::aggregate(&model, part)).map(|part| (part.population, part.m0));
        prop_assert!((composite::recompose(&parts) - whole.m0).abs() < 1e-9);
    }
}

#[test]
fn all_together_is_one_by_one() {
    let model = Model::shipped();
    let model = model.at(DAY).unwrap();
    let people: Vec<Person> =
        (0..500).map(|i| Person { household: Some(HouseholdId(i / 2)), ..person(i, 1930 + (i % 90) as i16) }).collect();
    let household = |id: u32| Household {
        id: HouseholdId(id),
        members: vec![PersonId(id * 2), PersonId(id * 2 + 1)],
        nucleus: None,
    };
    let households: Vec<Household> = (0..250).map(household).collect();
    let facts: Vec<(u32, Fact)> = (0..500)
        .rev()
        .map(|i| (i, Fact::Income { year: 2025, amount: i64::from(i) * 7000, kind: "DIPENDENTE".into() }))
        .collect();
    let joined =
        || facts.iter().map(|(p, fact)| JoinedFact { household: None, person: Some(PersonId(*p)), group: None, fact });
    let gathered = gather(&people, &households, joined(), Banks::ALL, DAY);
    let all = assess_all(&model, &gathered, &Unwatched);
    assert_eq!(all.len(), 250);
    for (i, found) in all.iter().enumerate() {
        let situation = gathered.situation(i).unwrap();
        assert_eq!(*found, assess(&model, &situation));
        let expected: i64 = households[i].members.iter().map(|p| i64::from(p.0) * 7000).sum();
        assert_eq!(situation.last_income(), Some(expected), "the facts of the household and no others");
    }
}
