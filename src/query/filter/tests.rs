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

mod faults;
mod standard;
