//! What a filter says of a row, typed: nothing here can be of the wrong kind, and fields are places in the collection.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::{pattern::Pattern, shape::Shape};

/// An order of two values of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Whether two values so ordered pass.
    pub fn passes(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The same with the sides changed.
    pub const fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Equal | Self::NotEqual => self,
        }
    }
}

/// A truth of every row: true, false or unknown, as SQL has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// The same for all rows; unknown where none.
    Constant(Option<bool>),
    /// The contrary; of the unknown, the unknown.
    Not(Box<Self>),
    /// False where one is false, else unknown where one is unknown.
    And(Vec<Self>),
    /// True where one is true, else unknown where one is unknown.
    Or(Vec<Self>),
    /// A field of truths.
    Flag(usize),
    /// Two truths compared; false comes before true.
    Truths(Comparison, Box<Self>, Box<Self>),
    /// Whether there is no value: never unknown.
    Unknown(Box<Operand>),
    /// Two numbers compared.
    Numbers(Comparison, Number, Number),
    /// A number among some; `open` where one of them is unknown.
    NumberAmong {
        /// Which number.
        of: Number,
        /// Among which, ascending.
        list: Vec<f64>,
        /// Whether an unknown one is among them.
        open: bool,
    },
    /// Two texts compared, by code points.
    Texts(Comparison, Text, Text),
    /// A text among some; `open` where one of them is unknown.
    TextAmong {
        /// Which text.
        of: Text,
        /// Among which, ascending.
        list: Vec<Box<str>>,
        /// Whether an unknown one is among them.
        open: bool,
    },
    /// A text like a pattern.
    Like(Text, Pattern),
    /// Two days or moments compared; a day against a moment compares days (UTC).
    Moments(Comparison, Moment, Moment),
    /// How two shapes lie (DE-9IM).
    Spatial(Relation, Place, Place),
    /// Whether the row's shape comes within so many metres of another.
    Near(Arc<Shape>, f64),
    /// How two periods lie (Allen).
    Temporal(Allen, Period, Period),
    /// How two sets of texts lie.
    Lists(Inclusion, List, List),
}

/// A value of any kind, for `IS NULL`.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A truth.
    Truth(Predicate),
    /// A number.
    Number(Number),
    /// A text.
    Text(Text),
    /// A day or a moment.
    Moment(Moment),
    /// A list of texts.
    List(List),
}

/// A number of every row. What divides by zero or overflows is unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// The same for all rows.
    Literal(f64),
    /// A field.
    Field(usize),
    /// Of two.
    Of(Arithmetic, Box<Self>, Box<Self>),
    /// Full years from a day to a day.
    Age(Moment, Date),
}

/// How a number is made of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, with fractions.
    Divide,
    /// `div`, towards zero.
    Quotient,
    /// `%`, with the sign of the dividend.
    Remainder,
    /// `^`
    Power,
}

impl Arithmetic {
    /// The result; not finite where there is none.
    pub fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Quotient => (a / b).trunc(),
            Self::Remainder => a % b,
            Self::Power => a.powf(b),
        }
    }
}

/// A text of every row.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// The same for all rows.
    Literal(Box<str>),
    /// A field.
    Field(usize),
    /// Without case or accents.
    Folded(Folding, Box<Self>),
}

/// What is taken from a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// Upper and lower case (`CASEI`).
    Case,
    /// Accents (`ACCENTI`).
    Accents,
}

/// A day or a moment of every row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// The same day for all rows.
    Day(Date),
    /// The same moment for all rows.
    Instant(Timestamp),
    /// A field of days.
    DayField(usize),
    /// A field of moments.
    InstantField(usize),
}

impl Moment {
    /// Whether it is a whole day.
    pub const fn is_day(self) -> bool {
        matches!(self, Self::Day(_) | Self::DayField(_))
    }
}

/// An end of a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// None: `..`.
    Open,
    /// There; a day's beginning as a start, its end as an end, where periods with moments are compared.
    At(Moment),
}

/// From one moment to another, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    /// Start.
    pub from: Bound,
    /// End.
    pub to: Bound,
}

/// How two periods lie (CQL2, 7.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allen {
    /// `T_AFTER`
    After,
    /// `T_BEFORE`
    Before,
    /// `T_CONTAINS`
    Contains,
    /// `T_DISJOINT`
    Disjoint,
    /// `T_DURING`
    During,
    /// `T_EQUALS`
    Equals,
    /// `T_FINISHEDBY`
    FinishedBy,
    /// `T_FINISHES`
    Finishes,
    /// `T_INTERSECTS`
    Intersects,
    /// `T_MEETS`
    Meets,
    /// `T_METBY`
    MetBy,
    /// `T_OVERLAPPEDBY`
    OverlappedBy,
    /// `T_OVERLAPS`
    Overlaps,
    /// `T_STARTEDBY`
    StartedBy,
    /// `T_STARTS`
    Starts,
}

impl Allen {
    /// Whether two closed periods lie so.
    pub fn holds<T: Ord>(self, (a, z): (T, T), (b, y): (T, T)) -> bool {
        match self {
            Self::After => a > y,
            Self::Before => z < b,
            Self::Contains => a < b && z > y,
            Self::Disjoint => a > y || z < b,
            Self::During => a > b && z < y,
            Self::Equals => a == b && z == y,
            Self::FinishedBy => a < b && z == y,
            Self::Finishes => a > b && z == y,
            Self::Intersects => a <= y && z >= b,
            Self::Meets => z == b,
            Self::MetBy => a == y,
            Self::OverlappedBy => a > b && a < y && z > y,
            Self::Overlaps => a < b && z > b && z < y,
            Self::StartedBy => a == b && z > y,
            Self::Starts => a == b && z < y,
        }
    }
}

/// A shape of every row.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The row's own.
    Own,
    /// The same for all rows.
    Literal(Arc<Shape>),
}

/// How two shapes lie (OGC Simple Features).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `S_INTERSECTS`
    Intersects,
    /// `S_EQUALS`
    Equals,
    /// `S_DISJOINT`
    Disjoint,
    /// `S_TOUCHES`
    Touches,
    /// `S_WITHIN`
    Within,
    /// `S_OVERLAPS`
    Overlaps,
    /// `S_CROSSES`
    Crosses,
    /// `S_CONTAINS`
    Contains,
}

impl Relation {
    /// Whether a matrix says so.
    pub fn holds(self, matrix: &geo::relate::IntersectionMatrix) -> bool {
        match self {
            Self::Intersects => matrix.is_intersects(),
            Self::Equals => matrix.is_equal_topo(),
            Self::Disjoint => matrix.is_disjoint(),
            Self::Touches => matrix.is_touches(),
            Self::Within => matrix.is_within(),
            Self::Overlaps => matrix.is_overlaps(),
            Self::Crosses => matrix.is_crosses(),
            Self::Contains => matrix.is_contains(),
        }
    }

    /// The same with the sides changed.
    pub const fn turned(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            other => other,
        }
    }
}

/// Some texts of every row, as a set.
#[derive(Clone, Debug, PartialEq)]
pub enum List {
    /// The same for all rows, ascending, each once.
    Literal(Vec<Box<str>>),
    /// A field.
    Field(usize),
}

/// How two sets lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// `A_EQUALS`
    Equals,
    /// `A_CONTAINS`
    Contains,
    /// `A_CONTAINEDBY`
    ContainedBy,
    /// `A_OVERLAPS`
    Overlaps,
}

impl Inclusion {
    /// Whether two sets, ascending and each value once, lie so.
    pub fn holds<T: Ord>(self, a: &[T], b: &[T]) -> bool {
        let within = |few: &[T], many: &[T]| few.iter().all(|text| many.binary_search(text).is_ok());
        match self {
            Self::Equals => a == b,
            Self::Contains => within(b, a),
            Self::ContainedBy => within(a, b),
            Self::Overlaps => a.iter().any(|text| b.binary_search(text).is_ok()),
        }
    }
}
