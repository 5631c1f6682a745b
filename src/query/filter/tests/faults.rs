//! Filters that nobody should write: row 4 of the fault matrix. Each gets an answer or a reason, soon, on a small stack.

use proptest::prelude::*;

use super::{households, read};
use crate::{
    query::{
        Budget,
        budget::Spent,
        collection::{Collection, Households},
        evaluate,
        filter::{
            FilterError, Lang, Vocabulary,
            gate::{self, BYTES_MAX},
            parse,
        },
        invented::layer,
    },
    snapshot::{layer::Shapes, schema::Sensitivity},
};

fn ask(text: &str, lang: Lang, households: &Households) -> Result<u64, FilterError> {
    let filter = parse(text, lang, &Vocabulary::new(households, Sensitivity::Health))?;
    Ok(evaluate::rows(&filter, households, &Budget::default()).unwrap().len())
}

/// Texts that end a text, comment out the rest, or mean something to a database: as values they find nobody, elsewhere
/// they are no CQL2.
#[test]
fn injections_are_values_or_nothing() {
    let households = households();
    for hostile in [
        "' OR '1'='1",
        "'; DROP TABLE household; --",
        "' UNION SELECT 1 --",
        "\\'; --",
        "/*",
        "%27",
        "\u{2019}",
        "${jndi:x}",
        "{{7*7}}",
        "<script>",
        "\r\nSet-Cookie: a",
        "../../etc/passwd",
        "'||pg_sleep(9)||'",
        "\" OR \"\"=\"",
        "$1",
        "?",
        "\u{202e}",
    ] {
        let quoted = hostile.replace('\'', "''");
        assert_eq!(ask(&format!("tenure = '{quoted}'"), Lang::Text, &households), Ok(0), "{hostile}");
        assert!(ask(&format!("people = {hostile}"), Lang::Text, &households).is_err(), "{hostile}");
        let named = format!("\"{}\" = 1", hostile.replace('"', "\"\""));
        assert!(ask(&named, Lang::Text, &households).is_err(), "{hostile}");
    }
}

#[test]
fn nesting_of_every_operator_ends_in_an_answer_or_a_reason() {
    let deep = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    for times in [10, gate::DEPTH_MAX - 2, gate::DEPTH_MAX, gate::DEPTH_MAX + 1, 100, 1_000, 10_000, 100_000] {
        let texts = [
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
            deep("GEOMETRYCOLLECTION(", "POINT(1 1)", ")", times),
            format!("people>1{}", "+1".repeat(times)),
            format!("people>1{}", " and people>1".repeat(times)),
            format!("people>1{}", " or people>1".repeat(times)),
            format!("people>1{}", "=1".repeat(times)),
            format!("people>1{}", "^2".repeat(times)),
            format!("tenure like 'b'{}", " like 'b'".repeat(times)),
            format!("people>1{}", " in (1)".repeat(times)),
            format!("people>1{}", " is null".repeat(times)),
            format!("people {}", "between 1 and ".repeat(times)),
        ];
        let json = [
            deep(r#"{"op":"not","args":["#, "true", "]}", times),
            deep("[", "1", "]", times),
            deep(r#"{"a":"#, "1", "}", times),
            deep(r#"{"op":"and","args":[true,"#, "true", "]}", times),
            deep(r#"{"type":"GeometryCollection","geometries":["#, "", "]}", times),
            format!(r#"{{"type":"Polygon","coordinates":{}}}"#, deep("[", "1,1", "]", times)),
        ];
        let too_deep = times > gate::JSON_DEPTH_MAX;
        for (text, lang) in texts.iter().map(|t| (t, Lang::Text)).chain(json.iter().map(|t| (t, Lang::Json))) {
            let outcome = parse(text, lang, &Vocabulary::new(&households(), Sensitivity::Health));
            let flat = text.starts_with("people>1") && times <= 1_000;
            assert!(!too_deep || flat || outcome.is_err(), "{times} {}", text.chars().take(40).collect::<String>());
        }
    }
    assert!(read(&deep("(", "people>1", ")", gate::DEPTH_MAX)).is_ok());
    assert!(read(&format!("people>1{}", " and people>1".repeat(900))).is_ok());
}

/// Found by noise: the parser takes `likely` for `like` and `ly`, so that a gate which counts words saw no operator in a
/// chain of thousands, and the stack overflowed.
#[test]
fn operators_that_run_into_what_follows_are_seen() {
    for piece in [
        " likea",
        " andb",
        " orb",
        " inb",
        " divb",
        " not likea",
        " not inb",
        " is nulland people",
        " is not nullor b",
        "and1",
        "or1",
        "div2",
        "like2",
        " and1or1",
        " betweena",
        " isnull",
    ] {
        for first in ["people", "(people", "1", "'a'", "\"people\"", "people>1", "true"] {
            for times in [3, 100, 30_000] {
                let close = if first.starts_with('(') { ")" } else { "" };
                assert!(
                    read(&format!("{first}{}{close}", piece.repeat(times))).is_err(),
                    "{first}{piece} {times} times"
                );
            }
        }
    }
    for inner in ["1+1", "1-", "-", "1 -1 ", "a+", "'a'+", "1*", "1 "] {
        for shape in ["POINT", "LINESTRING", "Z", "M", "POINT Z", "polygon("] {
            let text = format!("S_INTERSECTS(geom,{shape}({}1))", inner.repeat(20_000));
            assert!(read(&text).is_err(), "{shape} {inner}");
        }
    }
    for text in [
        "S_INTERSECTS(geom,POINT(+16 -39))",
        "S_INTERSECTS(geom,POINT Z(16 39 1.5))",
        "S_INTERSECTS(geom,GEOMETRYCOLLECTION(POINT(-16 -39),LINESTRINGZ(1 1 1,-2 -2 -2)))",
        "people is not null and tenure not like 'a%' and people not in (1,2) and people not between 1 and 2",
        "not people is null or not (fragile) and people div 2 = -1",
        "people in (1,2) and not fragile",
    ] {
        assert!(read(text).is_ok(), "{text}: {:?}", read(text).err());
    }
}

#[test]
fn too_large_is_said_before_anything_is_read() {
    for text in [
        format!("tenure = '{}'", "a".repeat(1 << 20)),
        "(".repeat(1 << 20),
        format!("people in ({}1)", "1,".repeat(1 << 19)),
        format!("S_INTERSECTS(geom,LINESTRING({}1 1))", "1 1,".repeat(20_000)),
        format!("tenure in ({}'a')", "'a',".repeat(70_000)),
        "\0".to_owned(),
        String::new(),
        "   ".to_owned(),
    ] {
        assert!(read(&text).is_err());
    }
    let json = format!(r#"{{"op":"=","args":["{}",1]}}"#, "a".repeat(BYTES_MAX));
    assert!(parse(&json, Lang::Json, &Vocabulary::new(&households(), Sensitivity::Health)).is_err());
}

/// The reason, and the character at which it stands.
#[test]
fn what_does_not_fit_is_said_and_where() {
    for (text, position, reason) in [
        ("nobody = 1", 0, "has no property \"nobody\""),
        ("people > 1 and \"no body\" = 1", 15, "has no property"),
        ("people > 1 and tenure = 1", 24, "a text cannot be compared with a number"),
        ("people = 'three'", 9, "a number cannot be compared with a text"),
        ("people", 0, "a number stands where a condition is needed"),
        ("fragile > 1", 10, "true or false cannot be compared with a number"),
        ("fragile = 'true'", 10, "true or false cannot be compared with a text"),
        ("people > 1 or sleep(10) = 1", 14, "there is no function \"sleep\""),
        ("casei(tenure,'a') = 'b'", 0, "casei takes 1 argument, not 2"),
        ("casei(people) = 'b'", 0, "casei takes a text, not a number"),
        ("casei() = 'b'", 0, "casei takes 1 argument, not 0"),
        ("S_INTERSECTS(geom)", 0, "s_intersects takes 2 arguments, not 1"),
        ("S_INTERSECTS(people,POINT(16 39))", 13, "s_intersects takes geometries, not a number"),
        ("S_INTERSECTS(geom,POINT(39 116))", 18, "not on Earth"),
        ("S_INTERSECTS(geom,POLYGON((0 0,1 0,1 1)))", 18, "a ring is not closed"),
        ("S_INTERSECTS(geom,POLYGON((0 0,1 1,1 0,0 1,0 0)))", 18, "its rings cross"),
        ("S_INTERSECTS(geom,BBOX(1,2,3))", 18, "bbox takes 4 numbers"),
        ("S_INTERSECTS(geom,BBOX(0,2,1,1))", 18, "the south of the box lies north"),
        ("T_AFTER(people,DATE('2026-01-01'))", 8, "t_after takes days"),
        ("T_AFTER(visited,DATE('2026-02-30'))", 21, "this is not a day"),
        ("T_AFTER(visited,TIMESTAMP('2026-02-20'))", 26, "this is not a moment"),
        ("T_DURING(visited,INTERVAL('2026-02-20','2026-01-20'))", 26, "the period ends before it begins"),
        ("T_DURING(visited,INTERVAL('2026-02-20'))", 17, "interval takes 2 arguments, not 1"),
        ("visited = DATE('2026-01-01','x')", 27, "DATE takes one text"),
        ("tenure like people", 12, "the pattern of like"),
        ("people like '3%'", 0, "like takes a text, not a number"),
        ("people + tenure > 1", 9, "a text stands where a number is needed"),
        ("A_CONTAINS(needs,(1,2))", 18, "a number in a list"),
        ("A_CONTAINS(people,('a'))", 11, "a_contains takes lists of texts"),
        ("age_at(people,DATE('2026-01-01')) > 1", 0, "age_at takes"),
        ("within_metres(geom,POINT(16 39),-1)", 0, "within_metres takes"),
        ("within_metres(geom,POINT(16 39),10000000)", 0, "within_metres takes"),
        ("people >", 8, "ends too early"),
        ("people > > 1", 9, "comparisons do not follow"),
        ("(people > 1", 11, "a bracket that does not close"),
        ("people > 1)", 10, "a bracket closes"),
        ("tenure = 'a", 9, "a quote that does not end"),
        ("people = 1; fragile", 10, "not CQL2 from here on: ;"),
        ("città = 1", 0, "has no property \"città\""),
        ("tenure = 'è' and è = 1", 17, "has no property \"è\""),
    ] {
        let error = read(text).expect_err(text);
        assert!(error.reason.contains(reason), "{text}: {}", error.reason);
        assert_eq!(error.position, Some(position), "{text}: {}", error.reason);
    }
    let households = households();
    let error =
        parse("people > 0 and flagged", Lang::Text, &Vocabulary::new(&households, Sensitivity::Personal)).unwrap_err();
    assert_eq!((error.position, error.reason.as_str()), (Some(15), "the property \"flagged\" is not open to you"));
}

#[test]
fn json_of_other_forms_is_refused() {
    let households = households();
    for text in [
        "",
        "{",
        "[]",
        "1",
        "\"people\"",
        "{}",
        r#"{"op":"="}"#,
        r#"{"op":"=","args":{}}"#,
        r#"{"op":"=","args":[]}"#,
        r#"{"op":"=","args":[{"property":"people"}]}"#,
        r#"{"op":"and","args":[]}"#,
        r#"{"op":"in","args":[1,2]}"#,
        r#"{"op":"not","args":[true,true]}"#,
        r#"{"op":"between","args":[1,2]}"#,
        r#"{"property":["people"]}"#,
        r#"{"op":"=","args":[{"property":"people"},1e400]}"#,
        r#"{"op":"=","args":[{"property":"people"},NaN]}"#,
        r#"{"op":"s_intersects","args":[{"property":"geom"},{"type":"Point","coordinates":[1]}]}"#,
        r#"{"op":"s_intersects","args":[{"property":"geom"},{"type":"Point","c\u006fordinates":[1]}]}"#,
        r#"{"op":"s_intersects","args":[{"property":"geom"},{"type":"Polygon","coordinates":[[1,2],[3,4]]}]}"#,
        r#"{"op":"s_intersects","args":[{"property":"geom"},{"type":"Point","coordinates":[]}]}"#,
        r#"{"op":"s_intersects","args":[{"property":"geom"},{"bbox":["a",1,2,3]}]}"#,
        r#"{"op":"=","args":[{"date":1},{"date":"2026-01-01"}]}"#,
        r#"{"op":"t_after","args":[{"interval":[]},{"interval":[1,2,3]}]}"#,
        r#"{"op":"=","args":[{"property":"people"},1]} x"#,
        r#"{"op":"=","args":[{"property":"people"},1]"#,
    ] {
        let error = ask(text, Lang::Json, &households).expect_err(text);
        assert!(!error.reason.is_empty(), "{text}");
    }
    assert!(ask("true", Lang::Json, &households).is_ok());
}

#[test]
fn what_costs_too_much_stops() {
    let households = households();
    let dear = format!("casei(tenure) like '{}'", "%a_".repeat(1_000));
    assert!(ask(&dear, Lang::Text, &households).is_ok());
    let layer = layer(1, 4_000, Shapes::Polygons);
    let ring: Vec<String> = (0..=4_000)
        .map(|at| f64::from(at % 4_000) * std::f64::consts::TAU / 4_000.0)
        .map(|turn| format!("{:.9} {:.9}", 3.0 * turn.cos(), 3.0 * turn.sin()))
        .collect();
    let text = format!("S_OVERLAPS(geom,POLYGON(({})))", ring.join(","));
    let filter = parse(&text, Lang::Text, &Vocabulary::new(&layer, Sensitivity::Public)).unwrap();
    assert_eq!(
        evaluate::rows(&filter, &layer, &Budget::default()),
        Err(Spent { given: crate::query::budget::DEFAULT_UNITS })
    );
    assert!(layer.len() == 4_000);
    // Found by noise: a line that runs over itself has a node for each pair of its edges.
    let line = vec!["-12 81,-0.5 64,1 -20"; 2_000].join(",");
    for text in [
        format!("S_CROSSES(geom,LINESTRING({line}))"),
        format!("S_EQUALS(LINESTRING({line}),LINESTRING(1 1,2 2))"),
        format!("S_INTERSECTS(geom,MULTILINESTRING(({line}),(1 1,2 2)))"),
    ] {
        let filter = parse(&text[..], Lang::Text, &Vocabulary::new(&layer, Sensitivity::Public)).unwrap();
        assert!(evaluate::rows(&filter, &layer, &Budget::default()).is_err());
    }
}

const PIECES: [&str; 60] = [
    "people",
    "fragile",
    "tenure",
    "visited",
    "needs",
    "geom",
    "nobody",
    "\"people\"",
    "(",
    ")",
    "(",
    ")",
    ",",
    "=",
    "<>",
    "<",
    ">=",
    "and",
    "or",
    "not",
    "is null",
    "is not null",
    "between",
    "in",
    "like",
    "+",
    "-",
    "*",
    "/",
    "div",
    "%",
    "^",
    "1",
    "2.5",
    "1e3",
    "-7",
    "'a'",
    "'%a'",
    "''",
    "true",
    "false",
    "null",
    "casei(",
    "accenti(",
    "s_intersects(",
    "t_after(",
    "a_overlaps(",
    "age_at(",
    "within_metres(",
    "POINT(16 39)",
    "POLYGON((0 0,1 0,1 1,0 0))",
    "BBOX(16,38,17,40)",
    "DATE('2026-01-01')",
    "TIMESTAMP('2026-01-01T00:00:00Z')",
    "INTERVAL('..','2026-01-01')",
    "s_within(geom,",
    "EMPTY",
    "Z",
    "'",
    "é",
];

const WHOLE: [&str; 8] = [
    "people>=3 and NOT (fragile=true) or tenure like 'r%'",
    "s_intersects(geom,POLYGON((16 38,17 38,17 40,16 40,16 38)))",
    "visited between DATE('2026-01-01') and DATE('2026-03-01')",
    "casei(accenti(tenure)) in ('rent','own') and people in (1,2,3+1)",
    r#"{"op":"and","args":[{"op":">=","args":[{"property":"people"},3]},{"op":"isNull","args":[{"property":"tenure"}]}]}"#,
    r#"{"op":"s_within","args":[{"property":"geom"},{"type":"Polygon","coordinates":[[[16,38],[17,38],[17,40],[16,38]]]}]}"#,
    r#"{"op":"t_during","args":[{"property":"visited"},{"interval":["2026-01-01",".."]}]}"#,
    r#"{"op":"like","args":[{"op":"casei","args":[{"property":"tenure"}]},"r%"]}"#,
];

fn spoilt() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), any::<char>(), 0..4_u8);
    (prop::sample::select(WHOLE.to_vec()), prop::collection::vec(change, 1..4)).prop_map(|(whole, changes)| {
        let mut chars: Vec<char> = whole.chars().collect();
        for (at, c, how) in changes {
            let at = at.index(chars.len());
            match how {
                0 => chars[at] = c,
                1 => chars.insert(at, c),
                2 if chars.len() > 1 => drop(chars.remove(at)),
                _ => chars.truncate(at.max(1)),
            }
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn noise_is_read_or_refused(
        text in prop_oneof![
            any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            prop::collection::vec(prop::sample::select(PIECES.to_vec()), 1..24).prop_map(|pieces| pieces.join(" ")),
            prop::collection::vec(prop::sample::select(PIECES.to_vec()), 1..24).prop_map(|pieces| pieces.concat()),
            spoilt(),
        ],
        json in any::<bool>(),
    ) {
        thread_local! {
            static HOUSEHOLDS: Households = households();
        }
        HOUSEHOLDS.with(|households| {
            let lang = if json || text.starts_with('{') { Lang::Json } else { Lang::Text };
            if let Err(error) = ask(&text, lang, households) {
                assert!(error.position.is_none_or(|at| at <= text.chars().count()) && !error.reason.is_empty());
            }
        });
    }
}
