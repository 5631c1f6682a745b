//! A siting problem as a file: one JSON in, one JSON out.

use std::{fs::File, io::Read as _, path::Path, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, SeqAccess, Visitor},
};
use serde_json::{Value, json};

use super::error::Error;
use crate::{
    domain::watch::Watch,
    logistics::siting::{self, Answer, CELLS_MAX, Fault, Objective, Problem, Terms},
};

/// Bytes of a problem at most.
pub const BYTES_MAX: u64 = 256 << 20;

/// Reads a problem, chooses the sites off the waiting threads, and answers as JSON. A problem's fault names its place.
pub async fn solve(input: &Path, seed: u64, watch: Arc<dyn Watch + Send>) -> Result<Value, Error> {
    let file = input.to_owned();
    let work = move || -> Result<Value, Error> {
        let problem = read(&bytes(&file)?)?;
        Ok(of_answer(&siting::solve(&problem, seed, watch.as_ref())))
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn bytes(file: &Path) -> Result<Vec<u8>, Error> {
    let place = file.display().to_string();
    let failed = |error: std::io::Error| Error::invalid(&place, error);
    let mut bytes = Vec::new();
    File::open(file).map_err(failed)?.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Sites, assignment, cost, bound, how far from the best that is at most, and what there is no room for.
pub fn of_answer(answer: &Answer) -> Value {
    let crowd = &answer.crowd;
    json!({
        "sites": answer.sites,
        "assignment": answer.assignment,
        "cost": answer.cost,
        "lower_bound": answer.lower_bound,
        "proved": answer.proved,
        "gap": answer.gap(),
        "served": answer.served,
        "unreachable": answer.unreachable,
        "crowded": { "demands": crowd.demands, "weight": crowd.weight, "short": crowd.short },
    })
}

/// A problem as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    weights: Numbers,
    costs: Matrix,
    p: usize,
    objective: Aim,
    #[serde(default)]
    cover: Option<f64>,
    #[serde(default)]
    capacities: Option<Numbers>,
    #[serde(default)]
    fixed: Option<Vec<usize>>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Aim {
    PMedian,
    PCenter,
    MaxCover,
}

/// Reads a problem. Errors: more bytes or cells than may be, no JSON, a field that is not known, rows of different
/// lengths, a number that makes no sense; each with its place.
pub fn read(bytes: &[u8]) -> Result<Problem, Error> {
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Error::invalid("problem", format!("more than {BYTES_MAX} bytes")));
    }
    let written: Written = serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("problem, line {}, column {}", error.line(), error.column());
        Error::invalid(&place, reason(&error, bytes))
    })?;
    let objective = match (written.objective, written.cover) {
        (Aim::PMedian, _) => Objective::PMedian,
        (Aim::PCenter, _) => Objective::PCenter,
        (Aim::MaxCover, Some(cover)) => Objective::MaxCover { cover },
        (Aim::MaxCover, None) => return Err(Error::invalid("cover", "max-cover needs it")),
    };
    let rows = written.costs.rows;
    if rows != written.weights.0.len() && !written.weights.0.is_empty() {
        let reason = format!("{rows} rows for {} weights", written.weights.0.len());
        return Err(Error::invalid("costs", reason));
    }
    let terms = Terms {
        weights: written.weights.0,
        candidates: written.costs.width,
        costs: written.costs.cells,
        p: written.p,
        objective,
        capacities: written.capacities.map(|capacities| capacities.0),
        fixed: written.fixed.unwrap_or_default(),
    };
    Problem::checked(terms).map_err(|Fault { place, reason }| Error::invalid(&place, reason))
}

/// What the parser says, with a word of help where it met what is no JSON.
fn reason(error: &serde_json::Error, bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let from = error.column().saturating_sub(1).min(line.len());
    let here = line[from..].trim_ascii_start();
    // The parser stops at the letter, before it or after it.
    let odd = ["NaN", "Infinity", "aN", "nfinity", "-Infinity"].iter().any(|word| here.starts_with(word.as_bytes()));
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default().to_owned();
    if odd { format!("{said}: NaN and Infinity are no JSON; null says that a candidate cannot serve") } else { said }
}

/// A list of at most so many numbers as there may be cells.
struct Numbers(Vec<f64>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut cells = Vec::new();
        Row { cells: &mut cells, name: "the list" }.deserialize(deserializer)?;
        match cells.iter().position(|cell| cell.is_infinite()) {
            Some(at) => Err(D::Error::custom(format!("[{at}]: null is no number"))),
            None => Ok(Self(cells)),
        }
    }
}

/// Rows of one length, end to end; null is infinite.
#[derive(Default)]
struct Matrix {
    cells: Vec<f64>,
    rows: usize,
    width: usize,
}

impl<'de> Deserialize<'de> for Matrix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Rows)
    }
}

struct Rows;

impl<'de> Visitor<'de> for Rows {
    type Value = Matrix;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of rows, one a demand")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Matrix, A::Error> {
        let mut matrix = Matrix::default();
        while rows.next_element_seed(Row { cells: &mut matrix.cells, name: "costs" })?.is_some() {
            let (before, now) = (matrix.rows * matrix.width, matrix.cells.len());
            let width = now - before;
            if matrix.rows == 0 {
                matrix.width = width;
            } else if width != matrix.width {
                let (row, first) = (matrix.rows, matrix.width);
                return Err(A::Error::custom(format!("costs[{row}] has {width} cells, costs[0] has {first}")));
            }
            matrix.rows += 1;
            if matrix.rows > CELLS_MAX {
                return Err(A::Error::custom(format!("more than {CELLS_MAX} rows")));
            }
        }
        Ok(matrix)
    }
}

/// Numbers to be put behind others.
struct Row<'a> {
    cells: &'a mut Vec<f64>,
    name: &'static str,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<(), A::Error> {
        while let Some(number) = numbers.next_element::<Option<f64>>()? {
            self.cells.push(number.unwrap_or(f64::INFINITY));
            if self.cells.len() > CELLS_MAX {
                return Err(A::Error::custom(format!("{} has more than {CELLS_MAX} cells", self.name)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> String {
        read(text.as_bytes()).expect_err(text).to_string()
    }

    #[test]
    fn a_problem_is_read_and_null_cannot_serve() {
        let text = r#"{"weights":[1,2],"costs":[[1,null],[3,4]],"p":1,"objective":"max-cover","cover":3,"fixed":null}"#;
        let problem = read(text.as_bytes()).expect("a problem");
        assert_eq!((problem.demands(), problem.candidates(), problem.p()), (2, 2, 1));
        assert!(problem.cost(0, 1).is_infinite());
        let answer = of_answer(&siting::solve(&problem, 1, &crate::domain::watch::Unwatched));
        assert_eq!(answer["sites"], json!([0]));
        assert_eq!((&answer["cost"], &answer["proved"]), (&json!(0.0), &json!(true)));
    }

    #[test]
    fn what_there_is_no_room_for_is_told_and_by_how_much() {
        let solved = |capacities: &str, fixed: &str| {
            let text = format!(
                r#"{{"weights":[4,4,4,0,7],"costs":[[1,2,9],[1,2,9],[1,2,9],[1,1,1],[null,null,null]],"p":2,
                "objective":"p-median","capacities":{capacities},"fixed":{fixed}}}"#
            );
            of_answer(&siting::solve(&read(text.as_bytes()).expect("a problem"), 1, &crate::domain::watch::Unwatched))
        };
        let told = |answer: &Value| answer["crowded"].clone();
        let room = solved("[8,4,1]", "[]");
        assert_eq!(told(&room), json!({ "demands": [], "weight": 0.0, "short": 0.0 }));
        // Seven are asked for by a fifth that nobody reaches: no room is missing for it.
        assert_eq!(room["unreachable"], json!([4]));
        let small = told(&solved("[4,4,1]", "[]"));
        assert_eq!((&small["weight"], &small["short"]), (&json!(4.0), &json!(4.0)));
        assert_eq!(small["demands"].as_array().map(Vec::len), Some(1));
        // A site that is open whatever comes leaves less for the others.
        assert_eq!(told(&solved("[8,4,1]", "[2]"))["short"], json!(3.0));
        // There is room for twelve, but not for three fours whole.
        let split = told(&solved("[6,6,0]", "[]"));
        assert_eq!((&split["weight"], &split["short"]), (&json!(4.0), &json!(0.0)));
    }

    #[test]
    fn what_makes_no_sense_is_named_by_its_place() {
        let with = |weights: &str, costs: &str, rest: &str| {
            refused(&format!(r#"{{"weights":{weights},"costs":{costs},"objective":"p-median",{rest}}}"#))
        };
        for (said, place) in [
            (with("[1,2]", "[[1,2],[3,-4]]", r#""p":1"#), "costs[1][1]: negative"),
            (with("[1,2]", "[[1,2],[3]]", r#""p":1"#), "costs[1] has 1 cells, costs[0] has 2"),
            (with("[1,2]", "[[1,2]]", r#""p":1"#), "costs: 1 rows for 2 weights"),
            (with("[1,-2]", "[[1],[1]]", r#""p":1"#), "weights[1]: negative"),
            (with("[null]", "[[1]]", r#""p":1"#), "[0]: null is no number"),
            (with("[1]", "[[NaN]]", r#""p":1"#), "null says that a candidate cannot serve"),
            (with("[1]", "[[Infinity]]", r#""p":1"#), "null says that a candidate cannot serve"),
            (with("[1]", "[[1e999]]", r#""p":1"#), "out of range"),
            (with("[1]", "[[1]]", r#""p":0"#), "p: no site"),
            (with("[1]", "[[1]]", r#""p":2"#), "p: 2 sites of 1 candidates"),
            (with("[1]", "[[1]]", r#""p":-1"#), "line 1"),
            (with("[]", "[]", r#""p":1"#), "weights: there is no demand"),
            (with("[1]", "[[]]", r#""p":1"#), "costs: there is no candidate"),
            (with("[1]", "[[1,2]]", r#""p":1,"fixed":[2]"#), "fixed[0]: candidate 2 of 2"),
            (with("[1]", "[[1,2]]", r#""p":2,"fixed":[1,1]"#), "fixed[1]: candidate 1 is there twice"),
            (with("[1]", "[[1,2]]", r#""p":1,"fixed":[0,1]"#), "fixed: 2 fixed sites, p is 1"),
            (with("[1]", "[[1,2]]", r#""p":1,"capacities":[1]"#), "capacities: 1 for 2 candidates"),
            (with("[1]", "[[1,2]]", r#""p":1,"capacities":[1,-1]"#), "capacities[1]: negative"),
            (with("[1]", "[[1,2]]", r#""p":1,"capacites":[1,1]"#), "unknown field `capacites`"),
            (with("[1e300]", "[[1e300]]", r#""p":1"#), "costs: the sum of weights"),
            (refused(r#"{"weights":[1],"costs":[[1]],"p":1,"objective":"max-cover"}"#), "cover: max-cover needs it"),
            (refused(r#"{"weights":[1],"costs":[[1]],"p":1,"objective":"p-best"}"#), "p-median"),
            (refused("["), "line 1"),
            (refused(""), "line 1"),
            (refused(&"[".repeat(100_000)), "line 1"),
        ] {
            assert!(said.contains(place), "{said} does not say {place}");
        }
    }

    proptest! {
        #[test]
        fn noise_is_refused_or_solved(cut in 0_usize..120, at in 0_usize..120, byte in any::<u8>()) {
            let text = r#"{"weights":[1,2.5],"costs":[[1,null,3],[3,4e1,0]],"p":2,"objective":"p-center","capacities":[3,2,9],"fixed":[1]}"#;
            let mut bytes = text.as_bytes().to_vec();
            let place = at % bytes.len();
            bytes[place] = byte;
            bytes.truncate(bytes.len() - cut.min(bytes.len()) * usize::from(byte % 2 == 0));
            if let Ok(problem) = read(&bytes) {
                let answer = siting::solve(&problem, 1, &crate::domain::watch::Unwatched);
                prop_assert!(answer.lower_bound <= answer.cost);
            }
        }
    }
}
