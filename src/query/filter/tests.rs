//! Filters are read or refused with a reason.

use super::*;
use crate::{
    query::{Budget, collection::Households, evaluate},
    snapshot::invented,
};
use std::sync::Arc;

fn households() -> Households {
    Households::new(Arc::new(invented::world(7, 500, 3, 0.05).0))
}

fn read(text: &str) -> Result<Filter, FilterError> {
    let households = households();
    parse(text, Lang::Text, &Vocabulary::new(&households, Sensitivity::Health))
}

#[test]
fn brackets_blanks_and_languages_do_not_change_what_is_said() {
    let households = households();
    let vocabulary = Vocabulary::new(&households, Sensitivity::Health);
    let text = parse("people>=3 and NOT (fragile = true)", Lang::Text, &vocabulary).unwrap();
    let again = parse(" (people >= 3.0)\nAND not(fragile=TRUE) ", Lang::Text, &vocabulary).unwrap();
    let json = r#"{"op":"and","args":[{"op":">=","args":[{"property":"people"},3]},
        {"op":"not","args":[{"op":"=","args":[{"property":"fragile"},true]}]}]}"#;
    let json = parse(json, Lang::Json, &vocabulary).unwrap();
    assert_eq!(text, again);
    assert_eq!(text, json);
    let rows = evaluate::rows(&text, &households, &Budget::default()).unwrap();
    assert!(rows.len() > 100 && rows.len() < 450, "{}", rows.len());
}

#[test]
fn nesting_as_deep_as_the_gate_lets_pass_is_read_on_a_small_stack() {
    let deep = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let most = gate::DEPTH_MAX;
    for times in [10, most - 2, most, most + 1, 100, 1_000, 10_000, 100_000] {
        for text in [
            deep("(", "people>1", ")", times),
            deep("NOT ", "people>1", "", times),
            deep("NOT (", "people>1", ")", times),
            deep("casei(", "'a'", ")", times) + "='a'",
            deep("-", "people", "", times) + ">1",
            deep("(", "1,2", ")", times) + " = 3",
            format!("people in {}", deep("(", "1,2", ")", times)),
            deep("f(", "1 1", ")", times),
            deep("(", "1 1", ")", times),
            deep("people>1 and (", "people>1", ")", times),
            format!("people>1{}", "+1".repeat(times)),
            format!("people>1{}", " and people>1".repeat(times)),
            format!("people>1{}", "=1".repeat(times)),
            format!("people>1{}", "^2".repeat(times)),
            format!("a like 'b'{}", " like 'b'".repeat(times)),
            format!("people>1{}", " in (1)".repeat(times)),
            format!("people>1{}", " is null".repeat(times)),
            format!("people {}", "between 1 and ".repeat(times)),
        ] {
            let start: String = text.chars().take(40).collect();
            println!("{times} {start}");
            let outcome = read(&text);
            if times > most {
                println!("{times:>7} {start:<42} {:?}", outcome.as_ref().err().map(|e| (e.position, e.reason.clone())));
            }
        }
    }
}

mod standard;
