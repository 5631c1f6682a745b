//! From what was written to what it says: names become fields, values take their kinds, or an error says what does not
//! fit and where.

use std::sync::Arc;

use super::{
    FilterError, Lang, Vocabulary,
    gate::{self, Kind, Token, begins_shape},
    node::Node,
    predicate::{Arithmetic, Comparison, Folding, List, Moment, Number, Operand, Period, Place, Predicate, Text},
    shape::{self, Shape},
    when::example,
};
use crate::query::collection::FieldKind;

/// What a piece turned out to be.
pub(super) enum Piece {
    Truth(Predicate),
    Number(Number),
    Text(Text),
    Moment(Moment),
    Period(Period),
    Place(Place),
    List(List),
    Null,
}

impl Piece {
    /// Its kind in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Truth(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Moment(moment) if moment.is_day() => "a day",
            Self::Moment(_) => "a moment",
            Self::Period(_) => "a period",
            Self::Place(_) => "a geometry",
            Self::List(_) => "a list",
            Self::Null => "nothing",
        }
    }
}

pub(super) type Checked<T> = Result<T, FilterError>;

/// Reads the pieces of one filter in the order in which they stand, so that each is found again in the source.
pub(super) struct Checker<'s, 'v> {
    source: &'s str,
    lang: Lang,
    tokens: &'s [Token<'s>],
    vocabulary: &'s Vocabulary<'v>,
    /// The first token that was not come to yet.
    next: usize,
    /// The byte of the piece that was come to last.
    at: Option<usize>,
    vertices: usize,
}

impl<'s, 'v> Checker<'s, 'v> {
    pub(super) const fn new(
        source: &'s str,
        lang: Lang,
        tokens: &'s [Token<'s>],
        vocabulary: &'s Vocabulary<'v>,
    ) -> Self {
        Self { source, lang, tokens, vocabulary, next: 0, at: None, vertices: 0 }
    }

    /// The whole.
    pub(super) fn filter(mut self, node: Node) -> Checked<Predicate> {
        self.truth(node)
    }

    /// Goes on to the next token that is so; where none is left, to the first of all.
    fn come_to(&mut self, is: impl Fn(&Token<'_>) -> bool) {
        let found = self.tokens.get(self.next..).and_then(|rest| rest.iter().position(&is)).map(|at| at + self.next);
        if let Some(place) = found.or_else(|| self.tokens.iter().position(&is)) {
            self.next = place + 1;
            self.at = Some(self.tokens[place].at);
        }
    }

    fn come_to_name(&mut self, name: &str) {
        let quoted = |text: &str| text.len() > 1 && text[1..text.len() - 1].replace("\"\"", "\"") == name;
        self.come_to(|token| match token.kind {
            Kind::Word => token.text == name,
            Kind::Quoted => quoted(token.text),
            _ => false,
        });
    }

    pub(super) fn come_to_call(&mut self, name: &str) {
        let ends = |text: &str| {
            text.len() >= name.len()
                && text.is_char_boundary(text.len() - name.len())
                && text[text.len() - name.len()..].eq_ignore_ascii_case(name)
        };
        self.come_to(|token| ends(token.text.trim_matches('"')));
    }

    pub(super) const fn here(&self) -> Option<usize> {
        self.at
    }

    pub(super) fn fail<T>(&self, at: Option<usize>, reason: impl Into<String>) -> Checked<T> {
        let position = at.map(|byte| gate::characters(self.source, byte));
        Err(FilterError { position, reason: reason.into() })
    }

    /// A piece that is true, false or unknown.
    pub(super) fn truth(&mut self, node: Node) -> Checked<Predicate> {
        let before = self.at;
        match self.piece(node)? {
            Piece::Truth(predicate) => Ok(predicate),
            Piece::Null => Ok(Predicate::Constant(None)),
            other => {
                let at = self.at.or(before);
                self.fail(at, format!("{} stands where a condition is needed", other.kind()))
            }
        }
    }

    /// What a piece is.
    pub(super) fn piece(&mut self, node: Node) -> Checked<Piece> {
        Ok(match node {
            Node::Call(name, args) => return self.call(&name, args),
            Node::Property(name) => return self.property(&name),
            Node::Number(number) => {
                self.come_to(|token| token.kind == Kind::Number);
                if !number.is_finite() {
                    return self.fail(self.at, "the number is too large");
                }
                Piece::Number(Number::Literal(number))
            }
            Node::Text(text) => {
                self.come_to_text();
                Piece::Text(Text::Literal(text.into()))
            }
            Node::Truth(truth) => Piece::Truth(Predicate::Constant(Some(truth))),
            Node::Null => Piece::Null,
            Node::Date(inner) => {
                let text = self.plain_text(*inner, "date")?;
                Piece::Moment(Moment::Day(self.day(&text)?))
            }
            Node::Timestamp(inner) => {
                let text = self.plain_text(*inner, "timestamp")?;
                Piece::Moment(Moment::Instant(self.instant(&text)?))
            }
            Node::Interval(bounds) => Piece::Period(self.period(bounds)?),
            Node::Box(sides) => Piece::Place(self.boxed(&sides)?),
            Node::List(items) => Piece::List(self.list(items)?),
            Node::Shape(geometry) => Piece::Place(self.shape(geometry)?),
        })
    }

    pub(super) fn come_to_text(&mut self) {
        let kind = if self.lang == Lang::Text { Kind::Text } else { Kind::Quoted };
        self.come_to(|token| token.kind == kind);
    }

    fn property(&mut self, name: &str) -> Checked<Piece> {
        self.come_to_name(name);
        let collection = self.vocabulary.collection;
        let Some(place) = collection.field(name) else {
            if matches!(name, "geometry" | "geom") {
                return Ok(Piece::Place(Place::Own));
            }
            let reason = format!("{} has no property \"{}\"", collection.name(), short(name));
            return self.fail(self.at, reason);
        };
        let field = &collection.fields()[place];
        if field.sensitivity > self.vocabulary.up_to {
            return self.fail(self.at, format!("the property \"{name}\" is not open to you"));
        }
        Ok(match field.kind {
            FieldKind::Flag => Piece::Truth(Predicate::Flag(place)),
            FieldKind::Whole | FieldKind::Number => Piece::Number(Number::Field(place)),
            FieldKind::Text => Piece::Text(Text::Field(place)),
            FieldKind::Date => Piece::Moment(Moment::DayField(place)),
            FieldKind::Instant => Piece::Moment(Moment::InstantField(place)),
            FieldKind::List => Piece::List(List::Field(place)),
        })
    }

    fn plain_text(&mut self, node: Node, of: &str) -> Checked<String> {
        match node {
            Node::Text(text) => {
                self.come_to_text();
                Ok(text)
            }
            _ => self.fail(self.at, format!("{of} takes a text such as {}", example(of))),
        }
    }

    fn boxed(&mut self, sides: &[Node]) -> Checked<Place> {
        self.come_to_call("bbox");
        let at = self.at;
        let numbers: Option<Vec<f64>> =
            sides.iter().map(|side| if let Node::Number(n) = side { Some(*n) } else { None }).collect();
        let sides = match numbers.as_deref() {
            Some(&[west, south, east, north] | &[west, south, _, east, north, _]) => [west, south, east, north],
            _ => return self.fail(at, "bbox takes 4 numbers, or 6 with heights"),
        };
        match Shape::of_box(sides, self.vocabulary.crs) {
            Ok(shape) => Ok(Place::Literal(Arc::new(shape))),
            Err(reason) => self.fail(at, reason),
        }
    }

    fn shape(&mut self, geometry: Result<geo::Geometry<f64>, String>) -> Checked<Place> {
        match self.lang {
            Lang::Text => self.come_to(|token| token.kind == Kind::Word && begins_shape(token.text)),
            Lang::Json => self.come_to(|token| matches!(token.text, "\"coordinates\"" | "\"geometries\"")),
        }
        let shape = geometry.and_then(|geometry| Shape::new(geometry, self.vocabulary.crs).map_err(str::to_owned));
        match shape {
            Ok(shape) => {
                self.vertices += shape.vertices();
                if self.vertices > shape::VERTICES_MAX {
                    return self.fail(self.at, "the geometries have more than 10,000 points together");
                }
                Ok(Place::Literal(Arc::new(shape)))
            }
            Err(reason) => self.fail(self.at, reason),
        }
    }

    fn list(&mut self, items: Vec<Node>) -> Checked<List> {
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match self.piece(item)? {
                Piece::Text(Text::Literal(text)) => texts.push(text),
                other => return self.fail(self.at, format!("{} in a list: lists hold texts", other.kind())),
            }
        }
        texts.sort_unstable();
        texts.dedup();
        Ok(List::Literal(texts))
    }

    fn call(&mut self, name: &str, mut args: Vec<Node>) -> Checked<Piece> {
        let truth = |predicate| Ok(Piece::Truth(predicate));
        if let Some(comparison) = comparison(name) {
            let [a, b] = self.exactly(name, args)?;
            return self.compare(comparison, a, b).map(Piece::Truth);
        }
        if let Some(sign) = arithmetic(name) {
            return self.calculate(name, sign, args);
        }
        match name {
            "and" | "or" => {
                if args.is_empty() {
                    return self.fail(self.at, format!("{name} needs arguments"));
                }
                let all = args.into_iter().map(|arg| self.truth(arg)).collect::<Checked<Vec<_>>>()?;
                truth(if name == "and" { Predicate::And(all) } else { Predicate::Or(all) })
            }
            "not" => {
                let [inner] = self.exactly(name, args)?;
                truth(Predicate::Not(Box::new(self.truth(inner)?)))
            }
            "isnull" => {
                let [inner] = self.exactly(name, args)?;
                let operand = match self.piece(inner)? {
                    Piece::Truth(truth) => Operand::Truth(truth),
                    Piece::Number(number) => Operand::Number(number),
                    Piece::Text(text) => Operand::Text(text),
                    Piece::Moment(moment) => Operand::Moment(moment),
                    Piece::List(list) => Operand::List(list),
                    Piece::Null => return truth(Predicate::Constant(Some(true))),
                    // Every row has a shape.
                    Piece::Place(_) | Piece::Period(_) => return truth(Predicate::Constant(Some(false))),
                };
                truth(Predicate::Unknown(Box::new(operand)))
            }
            "between" => {
                let [value, low, high] = self.exactly(name, args)?;
                let from = self.next;
                let low = self.compare(Comparison::GreaterOrEqual, value.clone(), low)?;
                let (next, at) = (self.next, self.at);
                self.next = from;
                let high = self.compare(Comparison::LessOrEqual, value, high)?;
                self.next = self.next.max(next);
                self.at = self.at.max(at);
                truth(Predicate::And(vec![low, high]))
            }
            "in" => {
                let list = args.pop();
                match (args.pop(), list, args.is_empty()) {
                    (Some(value), Some(Node::List(items)), true) => self.among(value, items).map(Piece::Truth),
                    _ => self.fail(self.at, "in takes a value and a list"),
                }
            }
            _ => self.function(name, args),
        }
    }

    /// As many arguments as there must be.
    pub(super) fn exactly<const N: usize>(&mut self, name: &str, args: Vec<Node>) -> Checked<[Node; N]> {
        let count = args.len();
        if let Ok(args) = <[Node; N]>::try_from(args) {
            return Ok(args);
        }
        self.come_to_call(name);
        self.fail(self.at, format!("{name} takes {N} argument{}, not {count}", if N == 1 { "" } else { "s" }))
    }

    fn calculate(&mut self, name: &str, sign: Arithmetic, args: Vec<Node>) -> Checked<Piece> {
        if args.len() < 2 || (args.len() > 2 && matches!(sign, Arithmetic::Power | Arithmetic::Quotient)) {
            return self.fail(self.at, format!("{name} takes 2 arguments, not {}", args.len()));
        }
        let mut total: Option<Number> = None;
        let mut unknown = false;
        for arg in args {
            match self.piece(arg)? {
                Piece::Number(number) => {
                    total = Some(match total {
                        None => number,
                        Some(so_far) => folded(sign, so_far, number),
                    });
                }
                Piece::Null => unknown = true,
                other => return self.fail(self.at, format!("{} stands where a number is needed", other.kind())),
            }
        }
        match total {
            Some(total) if !unknown => Ok(Piece::Number(total)),
            _ => Ok(Piece::Null),
        }
    }

    fn compare(&mut self, comparison: Comparison, a: Node, b: Node) -> Checked<Predicate> {
        let a = self.piece(a)?;
        let b = self.piece(b)?;
        self.compared(comparison, a, b)
    }

    pub(super) fn compared(&self, comparison: Comparison, a: Piece, b: Piece) -> Checked<Predicate> {
        Ok(match (a, b) {
            (Piece::Null, _) | (_, Piece::Null) => Predicate::Constant(None),
            (Piece::Number(a), Piece::Number(b)) => Predicate::Numbers(comparison, a, b),
            (Piece::Text(a), Piece::Text(b)) => Predicate::Texts(comparison, a, b),
            (Piece::Moment(a), Piece::Moment(b)) => Predicate::Moments(comparison, a, b),
            (Piece::Truth(a), Piece::Truth(b)) => Predicate::Truths(comparison, Box::new(a), Box::new(b)),
            (Piece::Moment(a), Piece::Text(Text::Literal(text))) => {
                Predicate::Moments(comparison, a, self.moment_of(&text)?)
            }
            (Piece::Text(Text::Literal(text)), Piece::Moment(b)) => {
                Predicate::Moments(comparison, self.moment_of(&text)?, b)
            }
            (a, b) => {
                return self.fail(self.at, format!("{} cannot be compared with {}", a.kind(), b.kind()));
            }
        })
    }

    fn among(&mut self, value: Node, items: Vec<Node>) -> Checked<Predicate> {
        let value = self.piece(value)?;
        let mut open = false;
        let (mut numbers, mut texts, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match (&value, self.piece(item)?) {
                (_, Piece::Null) => open = true,
                (Piece::Number(_), Piece::Number(Number::Literal(number))) => numbers.push(number),
                (Piece::Text(_), Piece::Text(Text::Literal(text))) => texts.push(text),
                (value, item) => others.push(self.compared(Comparison::Equal, again(value), item)?),
            }
        }
        let list = match &value {
            Piece::Number(of) if !numbers.is_empty() => {
                numbers.sort_by(f64::total_cmp);
                Some(Predicate::NumberAmong { of: of.clone(), list: numbers, open })
            }
            Piece::Text(of) if !texts.is_empty() => {
                texts.sort_unstable();
                Some(Predicate::TextAmong { of: of.clone(), list: texts, open })
            }
            Piece::Null => return Ok(Predicate::Constant(None)),
            _ => open.then_some(Predicate::Constant(None)),
        };
        Ok(match (list, others.is_empty()) {
            (Some(list), true) => list,
            (list, _) => Predicate::Or(list.into_iter().chain(others).collect()),
        })
    }
}

/// A value once more.
fn again(piece: &Piece) -> Piece {
    match piece {
        Piece::Truth(truth) => Piece::Truth(truth.clone()),
        Piece::Number(number) => Piece::Number(number.clone()),
        Piece::Text(text) => Piece::Text(text.clone()),
        Piece::Moment(moment) => Piece::Moment(*moment),
        Piece::Period(period) => Piece::Period(*period),
        Piece::Place(place) => Piece::Place(place.clone()),
        Piece::List(list) => Piece::List(list.clone()),
        Piece::Null => Piece::Null,
    }
}

/// Two numbers made one; at once where both are known.
fn folded(sign: Arithmetic, a: Number, b: Number) -> Number {
    match (&a, &b) {
        (Number::Literal(x), Number::Literal(y)) if sign.of(*x, *y).is_finite() => Number::Literal(sign.of(*x, *y)),
        _ => Number::Of(sign, Box::new(a), Box::new(b)),
    }
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "=" => Comparison::Equal,
        "<>" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn arithmetic(name: &str) -> Option<Arithmetic> {
    Some(match name {
        "+" => Arithmetic::Add,
        "-" => Arithmetic::Subtract,
        "*" => Arithmetic::Multiply,
        "/" => Arithmetic::Divide,
        "div" => Arithmetic::Quotient,
        "%" => Arithmetic::Remainder,
        "^" => Arithmetic::Power,
        _ => return None,
    })
}

/// A name as it may be shown in an error.
pub(super) fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// What folds a text, by its name.
pub(super) fn folding(name: &str) -> Option<Folding> {
    match name {
        "casei" => Some(Folding::Case),
        "accenti" => Some(Folding::Accents),
        _ => None,
    }
}
