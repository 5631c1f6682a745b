//! CQL2 (OGC 21-065r2), text and JSON, by the crate `cql2`: this file alone names it.
//!
//! The crate parses and nothing else: its own evaluation and SQL are not ours. The gate has looked at the source before.

use std::num::NonZeroUsize;

use cql2::{Error, Expr, Geometry};
use pest::error::InputLocation;

use super::filter::{
    FilterError, Lang,
    gate::{self, Kind, Token},
    node::Node,
    shape,
};

/// Steps that the grammar may take: brackets that do not close as they should are tried twice at each depth.
const STEPS_MAX: usize = 4_000_000;

/// Reads a filter that the gate let pass.
pub fn read(source: &str, lang: Lang, tokens: &[Token<'_>]) -> Result<Node, FilterError> {
    match lang {
        Lang::Text => {
            refuse_loose(source, tokens)?;
            pest::set_call_limit(NonZeroUsize::new(STEPS_MAX));
            cql2::parse_text(source).map(node).map_err(|error| explain(source, tokens, error))
        }
        Lang::Json => cql2::parse_json(source).map(node).map_err(|error| {
            let position = (error.line() > 0).then(|| place(source, error.line(), error.column()));
            let reason = if error.is_syntax() || error.is_eof() {
                "this is not JSON".to_owned()
            } else {
                "this is not a CQL2 expression in JSON: each is a value, {\"op\", \"args\"}, {\"property\"}, {\"date\"}, \
                 {\"timestamp\"}, {\"interval\"}, {\"bbox\"} or a GeoJSON geometry with the coordinates of its type"
                    .to_owned()
            };
            FilterError { position, reason }
        }),
    }
}

/// The character at a line and a byte of it, both from 1.
fn place(source: &str, line: usize, column: usize) -> usize {
    let before: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    gate::characters(source, (before + column.saturating_sub(1)).min(source.len()))
}

/// Refuses what the crate lets pass: more than one argument where it drops the others.
fn refuse_loose(source: &str, tokens: &[Token<'_>]) -> Result<(), FilterError> {
    for window in tokens.windows(4) {
        let [name, open, _, after] = window else { continue };
        let is_one = ["date", "timestamp"].iter().any(|word| name.text.eq_ignore_ascii_case(word));
        if name.kind == Kind::Word && is_one && open.text == "(" && after.text == "," {
            let position = Some(gate::characters(source, after.at));
            return Err(FilterError { position, reason: format!("{} takes one text", name.text) });
        }
    }
    Ok(())
}

fn explain(source: &str, tokens: &[Token<'_>], error: Error) -> FilterError {
    match error {
        Error::Pest(error) => {
            let byte = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            let position = Some(gate::characters(source, byte));
            if error.variant.message().contains("call limit") {
                return FilterError { position, reason: "too many brackets to be told apart".to_owned() };
            }
            let reason = match tokens.iter().find(|token| token.at + token.text.len() > byte) {
                Some(token) => {
                    let shown: String = token.text.chars().take(32).collect();
                    format!("this is not CQL2 from here on: {shown}")
                }
                None => "the filter ends too early".to_owned(),
            };
            FilterError { position, reason }
        }
        Error::NestedGeometryCollection => {
            FilterError { position: None, reason: "a GEOMETRYCOLLECTION cannot hold another".to_owned() }
        }
        Error::MissingArgument(name) => FilterError { position: None, reason: format!("{name} lacks an argument") },
        _ => FilterError { position: None, reason: "this is not CQL2".to_owned() },
    }
}

fn nodes(list: impl IntoIterator<Item = Box<Expr>>) -> Vec<Node> {
    list.into_iter().map(|expr| node(*expr)).collect()
}

fn node(expr: Expr) -> Node {
    match expr {
        Expr::Operation { op, args } => Node::Call(op.to_lowercase(), nodes(args)),
        Expr::Interval { interval } => Node::Interval(nodes(interval)),
        Expr::Timestamp { timestamp } => Node::Timestamp(Box::new(node(*timestamp))),
        Expr::Date { date } => Node::Date(Box::new(node(*date))),
        Expr::Property { property } => Node::Property(property),
        Expr::BBox { bbox } => Node::Box(nodes(bbox)),
        Expr::Float(number) => Node::Number(number),
        Expr::Literal(text) => Node::Text(text),
        Expr::Bool(truth) => Node::Truth(truth),
        Expr::Array(items) => Node::List(nodes(items)),
        Expr::Geometry(geometry) => Node::Shape(shape_of(geometry)),
        Expr::Null => Node::Null,
    }
}

fn shape_of(geometry: Geometry) -> Result<geo::Geometry<f64>, String> {
    let text = match geometry {
        Geometry::Wkt(text) => text,
        Geometry::GeoJSON(json) => {
            // As the crate understood it, whatever escapes its keys were written with.
            gate::scan_json(&json.to_string()).map_err(|error| error.reason)?;
            Geometry::GeoJSON(json).to_wkt().map_err(|_| "the geometry cannot be read".to_owned())?
        }
    };
    shape::read_wkt(&text).map_err(str::to_owned)
}
