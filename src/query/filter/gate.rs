//! What stands before the parser: bytes, depth and counts, looked at token by token, so that nothing is nested as deep
//! as a parser's stack.

use super::FilterError;

/// Bytes of a filter.
pub const BYTES_MAX: usize = 256 << 10;
/// Brackets within brackets, or `NOT` and `-` in a row, in text.
pub const DEPTH_MAX: usize = 24;
/// Brackets within brackets in JSON, where each operation takes two.
pub const JSON_DEPTH_MAX: usize = 2 * DEPTH_MAX + 8;
/// Words, signs and values together.
pub const TOKENS_MAX: usize = 60_000;
/// `AND` and `OR`, and comparisons between them.
pub const CONNECTIVES_MAX: usize = 1_000;
/// `+ - * / % ^ div`.
pub const ARITHMETIC_MAX: usize = 200;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare name or a keyword.
    Word,
    /// A name in double quotes; in JSON, any string.
    Quoted,
    /// A text in single quotes.
    Text,
    /// A number without its sign.
    Number,
    /// A sign.
    Sign,
}

/// A token of the source.
#[derive(Clone, Copy, Debug)]
pub struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// As it is written, quotes included.
    pub text: &'s str,
    /// Its first byte.
    pub at: usize,
}

fn refuse<T>(source: &str, at: usize, reason: impl Into<String>) -> Result<T, FilterError> {
    Err(FilterError { position: Some(characters(source, at)), reason: reason.into() })
}

/// Characters before a byte.
pub fn characters(source: &str, byte: usize) -> usize {
    source.char_indices().take_while(|(at, _)| *at < byte).count()
}

fn bounded(source: &str) -> Result<(), FilterError> {
    if source.len() > BYTES_MAX {
        let reason = format!("the filter has {} bytes; {BYTES_MAX} are the most", source.len());
        return Err(FilterError { position: None, reason });
    }
    if let Some(at) = source.find('\0') {
        return refuse(source, at, "a NUL character");
    }
    Ok(())
}

/// Whether a character may stand in a bare name, as the grammar of the parser has it.
fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | ':')
}

/// The length of the token that begins here; none where a quote does not end.
fn length(rest: &str) -> Option<(Kind, usize)> {
    let first = rest.chars().next()?;
    let run = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
    Some(match first {
        '\'' | '"' => {
            let kind = if first == '\'' { Kind::Text } else { Kind::Quoted };
            let mut from = 1;
            loop {
                let end = from + rest[from..].find(first)?;
                // A quote within is doubled.
                if rest[end + 1..].starts_with(first) {
                    from = end + 2;
                } else {
                    return Some((kind, end + 1));
                }
            }
        }
        c if c.is_ascii_digit() => {
            let end = run(|c| c.is_ascii_alphanumeric() || c == '.');
            let signed = rest[..end].ends_with(['e', 'E']) && rest[end..].starts_with(['+', '-']);
            let more = if signed {
                1 + rest[end + 1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - end - 1)
            } else {
                0
            };
            (Kind::Number, end + more)
        }
        c if in_name(c) => (Kind::Word, run(in_name)),
        '<' | '>' | '!' if rest[1..].starts_with(['=', '>']) => (Kind::Sign, 2),
        c => (Kind::Sign, c.len_utf8()),
    })
}

/// What is counted while the tokens of a text go by.
#[derive(Default)]
struct Counts {
    /// For each open bracket, whether a shape's coordinates are in it.
    open: Vec<bool>,
    connectives: usize,
    arithmetic: usize,
    prefixes: usize,
    /// Numbers of the position of a shape that is being read.
    numbers: usize,
    /// For each open bracket and the outside, whether a comparison stands since the last connective.
    compared: Vec<bool>,
}

/// The tokens of a text, within the bounds and with brackets that close.
pub fn scan_text(source: &str) -> Result<Vec<Token<'_>>, FilterError> {
    bounded(source)?;
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut counts = Counts { compared: vec![false], ..Counts::default() };
    let mut at = 0;
    loop {
        at += source[at..].len() - source[at..].trim_start().len();
        if at == source.len() {
            break;
        }
        let Some((kind, length)) = length(&source[at..]) else {
            return refuse(source, at, "a quote that does not end");
        };
        let token = Token { kind, text: &source[at..at + length], at };
        if tokens.len() == TOKENS_MAX {
            return refuse(source, at, format!("more than {TOKENS_MAX} words, signs and values"));
        }
        if kind == Kind::Number && token.text.parse::<f64>().is_err() {
            return refuse(source, at, "not a number: what follows it stands apart");
        }
        let before = [tokens.len().checked_sub(2).and_then(|at| tokens.get(at)), tokens.last()];
        follows(source, before, &token)?;
        counts.note(source, tokens.last(), &token)?;
        tokens.push(token);
        at += length;
    }
    match counts.open.len() {
        0 if tokens.is_empty() => Err(FilterError { position: Some(0), reason: "the filter is empty".to_owned() }),
        0 => Ok(tokens),
        _ => refuse(source, source.len(), "a bracket that does not close"),
    }
}

const SHAPES: [&str; 7] =
    ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"];

/// Whether a word begins a shape in well-known text.
pub fn begins_shape(word: &str) -> bool {
    SHAPES.iter().any(|shape| {
        word.get(..shape.len()).is_some_and(|head| head.eq_ignore_ascii_case(shape))
            && ["", "Z", "M", "ZM"].iter().any(|marker| word[shape.len()..].eq_ignore_ascii_case(marker))
    })
}

const MARKERS: [&str; 4] = ["Z", "M", "ZM", "EMPTY"];

fn is_any(token: &Token<'_>, words: &[&str]) -> bool {
    token.kind == Kind::Word && words.iter().any(|word| token.text.eq_ignore_ascii_case(word))
}

/// Refuses a word where an operator belongs that only begins like one: the parser behind would take `likely` for `like`
/// and `ly`, and what it takes so would not have been counted.
fn follows(source: &str, before: [Option<&Token<'_>>; 2], token: &Token<'_>) -> Result<(), FilterError> {
    const OPERATORS: [&str; 8] = ["and", "or", "not", "like", "in", "between", "is", "div"];
    let is_operand = |before: &Token<'_>| match before.kind {
        Kind::Word => !is_any(before, &OPERATORS),
        Kind::Sign => before.text == ")",
        Kind::Quoted | Kind::Text | Kind::Number => true,
    };
    let ([earlier, Some(last)], Kind::Word) = (before, token.kind) else { return Ok(()) };
    let wanted: &[&str] = if is_any(last, &["is"]) {
        &["not", "null"]
    } else if is_any(last, &["not"]) && earlier.is_some_and(|earlier| is_any(earlier, &["is"])) {
        &["null"]
    } else if is_any(last, &["not"]) && earlier.is_some_and(is_operand) {
        &["like", "in", "between"]
    } else if last.kind == Kind::Word && begins_shape(last.text) {
        &MARKERS
    } else if is_operand(last) {
        &OPERATORS
    } else {
        return Ok(());
    };
    let in_shape = is_any(last, &MARKERS) || is_any(token, &MARKERS);
    if is_any(token, wanted) || in_shape {
        return Ok(());
    }
    let shown: String = token.text.chars().take(32).collect();
    refuse(source, token.at, format!("this is not CQL2 from here on: {shown}"))
}

impl Counts {
    /// What may stand in a shape: positions of up to four numbers. Anything else would be read as arithmetic in the
    /// arguments of a function.
    fn position(&mut self, source: &str, before: Option<&Token<'_>>, token: &Token<'_>) -> Result<(), FilterError> {
        let is_sign = |token: &Token<'_>| matches!(token.text, "+" | "-");
        let fits = match token.kind {
            Kind::Number => true,
            Kind::Word => begins_shape(token.text) || is_any(token, &MARKERS),
            Kind::Sign if is_sign(token) => !before.is_some_and(is_sign),
            Kind::Sign => matches!(token.text, "(" | ")" | ","),
            Kind::Quoted | Kind::Text => false,
        };
        if !fits {
            return refuse(source, token.at, "a shape holds numbers, commas and brackets alone");
        }
        match token.kind {
            Kind::Number => self.numbers += 1,
            Kind::Sign if !is_sign(token) => self.numbers = 0,
            _ => {}
        }
        if self.numbers > 4 {
            return refuse(source, token.at, "a coordinate has more than four numbers");
        }
        Ok(())
    }

    fn note(&mut self, source: &str, before: Option<&Token<'_>>, token: &Token<'_>) -> Result<(), FilterError> {
        let in_shape = self.open.last().copied().unwrap_or(false);
        if in_shape {
            self.position(source, before, token)?;
        }
        let is = |word: &str| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word);
        let prefix = is("not") || (token.text == "-" && !in_shape);
        self.prefixes = if prefix { self.prefixes + 1 } else { 0 };
        match token.text {
            "(" => {
                self.numbers = 0;
                let marker = |token: &Token<'_>| {
                    token.kind == Kind::Word
                        && (begins_shape(token.text)
                            || ["Z", "M", "ZM"].iter().any(|marker| token.text.eq_ignore_ascii_case(marker)))
                };
                self.open.push(in_shape || before.is_some_and(marker));
                self.compared.push(false);
            }
            ")" => {
                if self.open.pop().is_none() {
                    return refuse(source, token.at, "a bracket closes that was not opened");
                }
                self.compared.pop();
            }
            "+" | "-" | "*" | "/" | "%" | "^" if !in_shape => self.arithmetic += 1,
            _ if is("div") => self.arithmetic += 1,
            _ if is("and") || is("or") => {
                self.connectives += 1;
                self.compare(false);
            }
            "," => self.compare(false),
            "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=" => self.follow(source, token)?,
            _ if ["like", "in", "is", "between"].iter().any(|word| is(word)) => self.follow(source, token)?,
            _ => {}
        }
        let reason = match () {
            () if self.open.len() > DEPTH_MAX || self.prefixes > DEPTH_MAX => {
                format!("nested more than {DEPTH_MAX} deep")
            }
            () if self.connectives > CONNECTIVES_MAX => format!("more than {CONNECTIVES_MAX} AND and OR: use IN"),
            () if self.arithmetic > ARITHMETIC_MAX => format!("more than {ARITHMETIC_MAX} arithmetic signs"),
            () => return Ok(()),
        };
        refuse(source, token.at, reason)
    }

    fn follow(&mut self, source: &str, token: &Token<'_>) -> Result<(), FilterError> {
        if self.compared.last() == Some(&true) {
            return refuse(source, token.at, "comparisons do not follow each other: use AND, OR or brackets");
        }
        self.compare(true);
        Ok(())
    }

    fn compare(&mut self, compared: bool) {
        if let Some(last) = self.compared.last_mut() {
            *last = compared;
        }
    }
}

/// What a bracket of JSON holds.
#[derive(Clone, Copy)]
struct Open {
    is_object: bool,
    /// Inside the coordinates of a shape.
    coordinates: bool,
    numbers: usize,
    others: usize,
}

/// The strings and numbers of a JSON text, within the bounds and with brackets that close. Positions of coordinates
/// are looked at here: the parser behind believes that each has two numbers.
pub fn scan_json(source: &str) -> Result<Vec<Token<'_>>, FilterError> {
    bounded(source)?;
    let bytes = source.as_bytes();
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let (mut at, mut key) = (0, None);
    while at < bytes.len() {
        let end = match bytes[at] {
            b'"' => json_string(source, at)?,
            b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
                at + bytes[at..].iter().take_while(|b| is_part(b)).count()
            }
            _ => at + source[at..].chars().next().map_or(1, char::len_utf8),
        };
        let text = &source[at..end];
        match bytes[at] {
            bracket @ (b'{' | b'[') => {
                let inside = open.last().is_some_and(|open| open.coordinates);
                if let Some(last) = open.last_mut() {
                    last.others += 1;
                }
                let coordinates = inside || (bracket == b'[' && key == Some("\"coordinates\""));
                open.push(Open { is_object: bracket == b'{', coordinates, numbers: 0, others: 0 });
                if open.len() > JSON_DEPTH_MAX {
                    return refuse(source, at, format!("nested more than {JSON_DEPTH_MAX} deep"));
                }
            }
            bracket @ (b'}' | b']') => {
                let Some(last) = open.pop().filter(|open| open.is_object == (bracket == b'}')) else {
                    return refuse(source, at, "a bracket closes that was not opened");
                };
                if last.coordinates && last.numbers > 0 && (last.others > 0 || !(2..=4).contains(&last.numbers)) {
                    return refuse(source, at, "a position has two to four numbers");
                }
            }
            b'"' => {
                tokens.push(Token { kind: Kind::Quoted, text, at });
                if let Some(last) = open.last_mut() {
                    last.others += 1;
                }
            }
            b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let kind = if text.parse::<f64>().is_ok_and(f64::is_finite) { Kind::Number } else { Kind::Word };
                if let Some(last) = open.last_mut() {
                    *(if kind == Kind::Number { &mut last.numbers } else { &mut last.others }) += 1;
                    if last.coordinates && kind != Kind::Number {
                        return refuse(source, at, "a coordinate is not a finite number");
                    }
                }
                tokens.push(Token { kind, text, at });
            }
            _ => {}
        }
        if tokens.len() > TOKENS_MAX {
            return refuse(source, at, format!("more than {TOKENS_MAX} values"));
        }
        if !matches!(bytes[at], b' ' | b'\n' | b'\r' | b'\t' | b':') {
            key = (bytes[at] == b'"').then_some(text);
        }
        at = end;
    }
    if open.is_empty() { Ok(tokens) } else { refuse(source, source.len(), "a bracket that does not close") }
}

/// One past the end of the string that begins here.
fn json_string(source: &str, start: usize) -> Result<usize, FilterError> {
    let bytes = source.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return Ok(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    refuse(source, start, "a quote that does not end")
}
