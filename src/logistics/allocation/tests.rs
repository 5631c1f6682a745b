//! Laws of the allocation, and its judge.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{Allocation, Claim, Decision, Needs, Outcome, Reason, Share, Stock, allocate, twin};

const DAY: Date = date(2026, 11, 24);

fn needs(cold: &str) -> Needs {
    cold.split_whitespace().map(str::to_owned).collect()
}

fn claim(id: u64) -> Claim {
    Claim { id, class: 0, need: 1.0, tie: 0, members: 2, units: 1, needs: Needs::new(), depot: None }
}

fn stock(kit: &str, units: u32) -> Stock {
    Stock {
        kit: kit.to_owned(),
        depot: "scuola".to_owned(),
        lot: None,
        expires: None,
        units,
        serves: (1, 6),
        meets: Needs::new(),
    }
}

fn any_needs() -> impl Strategy<Value = Needs> {
    prop_oneof![3 => Just(needs("")), 1 => Just(needs("cold-chain")), 1 => Just(needs("cold-chain oxygen"))]
}

fn depot() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["nord".to_owned(), "sud".to_owned()])
}

type ClaimRow = (u32, u32, u64, u32, u32, Needs, Option<String>);
type LotRow = (String, i8, u32, u32, u32, Needs, bool);

fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let one = (0_u32..3, 0_u32..4, 0_u64..3, 1_u32..6, 1_u32..4, any_needs(), prop::option::of(depot()));
    prop::collection::vec(one, 0..30).prop_map(|rows| {
        let claim = |(id, (class, need, tie, members, units, needs, depot)): (usize, ClaimRow)| Claim {
            id: id as u64 * 7 % 31,
            class,
            need: f64::from(need) / 2.0,
            tie,
            members,
            units,
            needs,
            depot,
        };
        rows.into_iter().enumerate().map(claim).collect()
    })
}

/// Lots of which no two are alike.
fn stocks() -> impl Strategy<Value = Vec<Stock>> {
    let one = (depot(), 0_i8..6, 0_u32..8, 1_u32..4, 0_u32..4, any_needs(), any::<bool>());
    prop::collection::vec(one, 0..10).prop_map(|rows| {
        let lot = |(at, (depot, day, units, from, more, meets, keeps)): (usize, LotRow)| Stock {
            kit: ["acqua", "cibo"][at % 2].to_owned(),
            depot,
            lot: Some(format!("L{at}")),
            expires: (!keeps).then(|| date(2026, 11, 22 + day)),
            units,
            serves: (from, from + more),
            meets,
        };
        rows.into_iter().enumerate().map(lot).collect()
    })
}

fn shares(decision: &Decision) -> &[Share] {
    match &decision.outcome {
        Outcome::Given { shares, .. } => shares,
        Outcome::Not(_) => &[],
    }
}

/// The claim, its rank, lots and units, what is left.
type Named = (u64, u32, Vec<(Option<String>, u32)>, u64);

/// A decision by names that do not depend on the order of the lists.
fn named(allocation: &Allocation, stock: &[Stock]) -> Vec<Named> {
    let decisions = allocation.decisions.iter();
    let lots = |decision| -> Vec<_> {
        shares(decision).iter().map(|share| (stock[share.stock].lot.clone(), share.units)).collect()
    };
    decisions.map(|decision| (decision.claim, decision.rank, lots(decision), decision.left)).collect()
}

fn suits(claim: &Claim, lot: &Stock) -> bool {
    claim.depot.as_ref().is_none_or(|depot| *depot == lot.depot)
        && claim.needs == lot.meets
        && (lot.serves.0..=lot.serves.1).contains(&claim.members)
        && lot.expires.is_none_or(|last| DAY <= last)
}

proptest! {
    #[test]
    fn the_twin_decides_the_same(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        let twin = twin::allocate(&claims, &stock, DAY);
        let here: Vec<(usize, Vec<Share>)> =
            allocation.decisions.iter().map(|one| (one.position, shares(one).to_vec())).collect();
        prop_assert_eq!(here, twin);
    }

    #[test]
    fn what_is_promised_is_there(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        let mut given = vec![0_u32; stock.len()];
        for decision in &allocation.decisions {
            let claim = &claims[decision.position];
            let mut units = 0;
            for share in shares(decision) {
                prop_assert!(share.units > 0 && suits(claim, &stock[share.stock]), "a kit that suits, not expired");
                given[share.stock] += share.units;
                units += share.units;
            }
            if let Outcome::Given { short, .. } = decision.outcome {
                prop_assert_eq!(units + short, claim.units);
                prop_assert!(short == 0 || decision.left == 0, "short only where nothing is left");
            } else {
                prop_assert_eq!(decision.left, 0, "refused only where nothing is left");
            }
        }
        for (lot, (given, left)) in stock.iter().zip(given.iter().zip(&allocation.left)) {
            prop_assert_eq!(lot.units, given + left);
        }
        prop_assert_eq!(allocation.decisions.len(), claims.len());
    }

    #[test]
    fn nobody_gets_what_one_before_was_refused(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        for (at, before) in allocation.decisions.iter().enumerate() {
            if matches!(before.outcome, Outcome::Given { short: 0, .. }) {
                continue;
            }
            let refused = &claims[before.position];
            for after in &allocation.decisions[at + 1..] {
                prop_assert!(shares(after).iter().all(|share| !suits(refused, &stock[share.stock])));
                let (a, b) = (refused, &claims[after.position]);
                prop_assert!((a.class, -a.need, a.tie, a.id) <= (b.class, -b.need, b.tie, b.id));
            }
        }
    }

    #[test]
    fn neither_list_has_an_order(claims in claims(), stock in stocks(), turn in 0_usize..30) {
        let allocation = named(&allocate(&claims, &stock, DAY).expect("sound"), &stock);
        let (mut claims, mut stock) = (claims, stock);
        if !claims.is_empty() {
            let by = turn % claims.len();
            claims.rotate_left(by);
        }
        stock.reverse();
        prop_assert_eq!(allocation, named(&allocate(&claims, &stock, DAY).expect("sound"), &stock));
    }

    #[test]
    fn of_the_same_kit_the_soonest_to_expire_goes_first(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        for decision in &allocation.decisions {
            let claim = &claims[decision.position];
            for share in shares(decision) {
                let lot = &stock[share.stock];
                let sooner = (0..stock.len()).filter(|&other| {
                    let other = &stock[other];
                    suits(claim, other) && other.kit == lot.kit && other.serves == lot.serves
                        && other.expires.is_some() && (lot.expires.is_none() || other.expires < lot.expires)
                });
                for other in sooner {
                    let before: u32 = allocation.decisions[..decision.rank as usize]
                        .iter().flat_map(shares).filter(|share| share.stock == other).map(|share| share.units).sum();
                    prop_assert_eq!(before, stock[other].units, "what expires sooner is given first");
                }
            }
        }
    }
}

#[test]
fn a_refusal_says_why() {
    let lots = [
        Stock { expires: Some(date(2026, 11, 23)), serves: (5, 6), ..stock("scaduto", 9) },
        Stock { expires: Some(DAY), serves: (1, 2), ..stock("ultimo giorno", 1) },
        Stock { meets: needs("cold-chain"), ..stock("insulina", 1) },
    ];
    let reason = |claim: Claim| match allocate(&[claim], &lots, DAY).expect("sound").decisions.remove(0).outcome {
        Outcome::Not(reason) => Some(reason),
        Outcome::Given { .. } => None,
    };
    assert_eq!(reason(claim(1)), None, "what expires today is given today");
    assert_eq!(reason(Claim { depot: Some("altrove".to_owned()), ..claim(1) }), Some(Reason::Depot));
    assert_eq!(reason(Claim { needs: needs("oxygen"), ..claim(1) }), Some(Reason::Needs));
    assert_eq!(reason(Claim { members: 3, ..claim(1) }), Some(Reason::Size));
    assert_eq!(reason(Claim { members: 5, ..claim(1) }), Some(Reason::Expired));
    assert_eq!(reason(Claim { members: 5, needs: needs("cold-chain"), ..claim(1) }), None);
    let two = allocate(&[claim(8), Claim { need: 2.0, ..claim(9) }], &lots, DAY).expect("sound");
    let [first, second] = two.decisions.as_slice() else { panic!("two claims") };
    assert_eq!((first.claim, first.rank, first.left), (9, 1, 0));
    assert_eq!((second.claim, &second.outcome), (8, &Outcome::Not(Reason::Exhausted)));
    assert_eq!(two.left, [9, 0, 1]);
    let empty = allocate(&[claim(1)], &[], DAY).expect("sound");
    assert_eq!(empty.decisions[0].outcome, Outcome::Not(Reason::Depot));
}

#[test]
fn what_cannot_be_ranked_is_refused_by_its_place() {
    let lots = [stock("cibo", 1)];
    let said = |claims: &[Claim], lots: &[Stock]| allocate(claims, lots, DAY).expect_err("refused").to_string();
    assert!(said(&[claim(1), Claim { need: f64::NAN, ..claim(2) }], &lots).starts_with("claims[1].need"));
    assert!(said(&[claim(1), claim(2), Claim { class: 3, ..claim(1) }], &lots).starts_with("claims[2].id"));
    assert!(said(&[Claim { members: 0, ..claim(1) }], &lots).starts_with("claims[0].members"));
    assert!(said(&[Claim { units: 0, ..claim(1) }], &lots).starts_with("claims[0].units"));
    assert!(said(&[claim(1)], &[Stock { serves: (3, 2), ..stock("cibo", 1) }]).starts_with("stock[0].serves"));
}
