//! Invented layers and filters for tests: every kind of value, shape and operator.

use std::sync::Arc;

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon};
use jiff::{Timestamp, civil};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    collection::{Collection, FieldKind, ReferenceLayer},
    filter::{
        Filter,
        pattern::Pattern,
        predicate::{
            Allen, Arithmetic, Bound, Comparison, Folding, Inclusion, List, Moment, Number, Operand, Period, Place,
            Predicate, Relation, Text,
        },
        shape::Shape,
    },
};
use crate::{
    domain::feature::{Feature, Value},
    snapshot::{
        Row,
        layer::{Layer, Shapes},
        schema::Titles,
    },
};

const WORDS: [&str; 9] = ["a", "Via Roma", "VIA ROMA", "città", "Citta", "b_r%", "ab", "aab", ""];

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

fn day(rng: &mut ChaCha8Rng) -> civil::Date {
    civil::date(2024, 2, 27).checked_add(jiff::Span::new().days(rng.random_range(0..5))).unwrap()
}

fn instant(rng: &mut ChaCha8Rng) -> Timestamp {
    // Around the same midnights as the days.
    Timestamp::from_second(1_708_992_000 + rng.random_range(0..10) * 43_200 - rng.random_range(0..2)).unwrap()
}

/// A layer of so many features with a field of each kind.
pub(crate) fn layer(seed: u64, count: u64, shapes: Shapes) -> ReferenceLayer {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let features = (1..=count).map(|id| {
        let values: [(&str, Value); 9] = [
            ("flag", Value::Flag(rng.random())),
            ("whole", Value::Whole(rng.random_range(-3..4))),
            ("other", Value::Whole(rng.random_range(-3..4))),
            ("number", Value::Number(f64::from(rng.random_range(-6..7)) / 2.0)),
            ("text", Value::Text((*WORDS.choose(&mut rng).unwrap()).into())),
            ("name", Value::Text((*WORDS.choose(&mut rng).unwrap()).into())),
            ("day", Value::Date(day(&mut rng))),
            ("moment", Value::Instant(instant(&mut rng))),
            (
                "list",
                Value::List((0..rng.random_range(0..4)).map(|_| (*WORDS.choose(&mut rng).unwrap()).into()).collect()),
            ),
        ];
        let kept = values.map(|(name, value)| (name.into(), if rng.random_bool(0.2) { Value::Null } else { value }));
        Feature { id, geometry: geometry(&mut rng, shapes, (0.0, 0.0), 4), properties: kept.into() }
    });
    let features = features.collect();
    ReferenceLayer::new(Arc::new(Layer::freeze("invented", Titles::new("Inventato", "Invented"), features)))
}

fn coord(rng: &mut ChaCha8Rng, (x, y): (f64, f64), reach: i32) -> Coord<f64> {
    // On a grid, so that shapes touch.
    Coord { x: x + f64::from(rng.random_range(-reach..=reach)), y: y + f64::from(rng.random_range(-reach..=reach)) }
}

fn polygon(rng: &mut ChaCha8Rng, middle: (f64, f64), reach: i32) -> Polygon<f64> {
    let Coord { x, y } = coord(rng, middle, reach);
    let (w, h) = (f64::from(rng.random_range(1..4)), f64::from(rng.random_range(1..4)));
    let ring = |points: &[(f64, f64)]| LineString(points.iter().map(|&(x, y)| Coord { x, y }).collect());
    match rng.random_range(0..3) {
        0 => Polygon::new(ring(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]), vec![]),
        1 => Polygon::new(ring(&[(x, y), (x + w, y), (x + w, y + h), (x, y)]), vec![]),
        _ => Polygon::new(
            ring(&[(x, y), (x + 3.0, y), (x + 3.0, y + 3.0), (x, y + 3.0), (x, y)]),
            vec![ring(&[(x + 1.0, y + 1.0), (x + 1.0, y + 2.0), (x + 2.0, y + 1.0), (x + 1.0, y + 1.0)])],
        ),
    }
}

fn line(rng: &mut ChaCha8Rng, middle: (f64, f64), reach: i32) -> LineString<f64> {
    let mut points: Vec<Coord<f64>> = (0..rng.random_range(2..5)).map(|_| coord(rng, middle, reach)).collect();
    points.dedup();
    if points.len() < 2 {
        points.push(Coord { x: points[0].x + 1.0, y: points[0].y });
    }
    LineString(points)
}

fn geometry(rng: &mut ChaCha8Rng, shapes: Shapes, middle: (f64, f64), reach: i32) -> Geometry<f64> {
    match shapes {
        Shapes::Points if rng.random_bool(0.1) => {
            MultiPoint((0..3).map(|_| Point(coord(rng, middle, reach))).collect()).into()
        }
        Shapes::Points => Point(coord(rng, middle, reach)).into(),
        Shapes::Lines => line(rng, middle, reach).into(),
        Shapes::Polygons if rng.random_bool(0.1) => {
            let (a, b) = (polygon(rng, middle, reach), polygon(rng, (middle.0 + 20.0, middle.1), reach));
            MultiPolygon(vec![a, b]).into()
        }
        Shapes::Polygons => polygon(rng, middle, reach).into(),
        Shapes::Mixed => {
            let one = [Shapes::Points, Shapes::Lines, Shapes::Polygons].choose(rng).copied().unwrap();
            if rng.random_bool(0.1) {
                let point = Geometry::from(Point(coord(rng, (middle.0 + 30.0, middle.1), reach)));
                return Geometry::GeometryCollection(GeometryCollection(vec![
                    geometry(rng, one, middle, reach),
                    point,
                ]));
            }
            geometry(rng, one, middle, reach)
        }
    }
}

/// Makes filters for a collection, of every operator that its fields allow.
pub(crate) struct Inventor<'c> {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) collection: &'c dyn Collection,
    /// Whether shapes are asked too.
    pub(crate) shapes: bool,
}

impl<'c> Inventor<'c> {
    pub(crate) fn new(seed: u64, collection: &'c dyn Collection) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), collection, shapes: true }
    }

    pub(crate) fn filter(&mut self) -> Filter {
        let depth = self.rng.random_range(0..4);
        Filter::of(self.predicate(depth))
    }

    fn field(&mut self, kinds: &[FieldKind]) -> Option<usize> {
        let fields = self.collection.fields();
        let fit: Vec<usize> = (0..fields.len()).filter(|&at| kinds.contains(&fields[at].kind)).collect();
        fit.choose(&mut self.rng).copied()
    }

    /// A value that some row has.
    fn seen(&mut self, field: usize) -> Value {
        if self.collection.is_empty() {
            return Value::Null;
        }
        self.collection.value(field, Row(self.rng.random_range(0..self.collection.len())))
    }

    fn comparison(&mut self) -> Comparison {
        COMPARISONS[self.rng.random_range(0..6)]
    }

    fn predicate(&mut self, depth: u32) -> Predicate {
        if depth > 0 && self.rng.random_bool(0.7) {
            let some = |this: &mut Self| (0..this.rng.random_range(1..4)).map(|_| this.predicate(depth - 1)).collect();
            return match self.rng.random_range(0..4) {
                0 => Predicate::Not(Box::new(self.predicate(depth - 1))),
                1 => Predicate::And(some(self)),
                2 => Predicate::Or(some(self)),
                _ => {
                    let (a, b) = (self.predicate(depth - 1), self.predicate(depth - 1));
                    Predicate::Truths(self.comparison(), Box::new(a), Box::new(b))
                }
            };
        }
        match self.rng.random_range(0..13) {
            0 => Predicate::Constant([None, Some(true), Some(false)][self.rng.random_range(0..3)]),
            1 => self.field(&[FieldKind::Flag]).map_or(Predicate::Constant(None), Predicate::Flag),
            2 => Predicate::Unknown(Box::new(self.operand())),
            3 | 4 => Predicate::Numbers(self.comparison(), self.number(2), self.number(2)),
            5 => {
                let mut list: Vec<f64> = (0..self.rng.random_range(1..5)).map(|_| self.literal()).collect();
                list.sort_by(f64::total_cmp);
                Predicate::NumberAmong { of: self.number(1), list, open: self.rng.random_bool(0.2) }
            }
            6 => Predicate::Texts(self.comparison(), self.text(), self.text()),
            7 => {
                let mut list: Vec<Box<str>> = (0..self.rng.random_range(1..4)).map(|_| self.word()).collect();
                list.sort_unstable();
                Predicate::TextAmong { of: self.text(), list, open: self.rng.random_bool(0.2) }
            }
            8 => {
                let patterns = ["%", "a%", "%A", "V_a%", "\\%%", "%r%m%", "", "_%_", "città"];
                Predicate::Like(self.text(), Pattern::new(patterns.choose(&mut self.rng).unwrap()))
            }
            9 => Predicate::Moments(self.comparison(), self.moment(), self.moment()),
            10 => Predicate::Temporal(self.allen(), self.period(), self.period()),
            11 => Predicate::Lists(self.inclusion(), self.list(), self.list()),
            _ if !self.shapes => self.field(&[FieldKind::Flag]).map_or(Predicate::Constant(None), Predicate::Flag),
            _ => self.spatial(),
        }
    }

    fn operand(&mut self) -> Operand {
        match self.rng.random_range(0..5) {
            0 => Operand::Truth(self.predicate(1)),
            1 => Operand::Number(self.number(1)),
            2 => Operand::Text(self.text()),
            3 => Operand::Moment(self.moment()),
            _ => Operand::List(self.list()),
        }
    }

    fn literal(&mut self) -> f64 {
        let field = self.field(&[FieldKind::Whole, FieldKind::Number]);
        match field.map(|field| self.seen(field)) {
            Some(Value::Whole(whole)) => whole as f64,
            Some(Value::Number(number)) => number,
            _ => f64::from(self.rng.random_range(-5..6)),
        }
    }

    fn number(&mut self, depth: u32) -> Number {
        if depth > 0 && self.rng.random_bool(0.25) {
            use Arithmetic::{Add, Divide, Multiply, Power, Quotient, Remainder, Subtract};
            let signs = [Add, Subtract, Multiply, Divide, Quotient, Remainder, Power];
            let sign = *signs.choose(&mut self.rng).unwrap();
            return Number::Of(sign, Box::new(self.number(depth - 1)), Box::new(self.number(depth - 1)));
        }
        if self.rng.random_bool(0.1)
            && let Some(field) = self.field(&[FieldKind::Date])
        {
            return Number::Age(Moment::DayField(field), day(&mut self.rng));
        }
        match self.field(&[FieldKind::Whole, FieldKind::Number]) {
            Some(field) if self.rng.random_bool(0.6) => Number::Field(field),
            _ => Number::Literal(self.literal()),
        }
    }

    fn word(&mut self) -> Box<str> {
        match self.field(&[FieldKind::Text]).map(|field| self.seen(field)) {
            Some(Value::Text(text)) if self.rng.random_bool(0.7) => text,
            _ => (*WORDS.choose(&mut self.rng).unwrap()).into(),
        }
    }

    fn text(&mut self) -> Text {
        if self.rng.random_bool(0.2) {
            let folding = [Folding::Case, Folding::Accents][self.rng.random_range(0..2)];
            return Text::Folded(folding, Box::new(self.text()));
        }
        match self.field(&[FieldKind::Text]) {
            Some(field) if self.rng.random_bool(0.6) => Text::Field(field),
            _ => Text::Literal(self.word()),
        }
    }

    fn moment(&mut self) -> Moment {
        match self.rng.random_range(0..4) {
            0 => Moment::Day(day(&mut self.rng)),
            1 => Moment::Instant(instant(&mut self.rng)),
            2 => self.field(&[FieldKind::Date]).map_or_else(|| Moment::Day(day(&mut self.rng)), Moment::DayField),
            _ => match self.field(&[FieldKind::Instant]) {
                Some(field) => Moment::InstantField(field),
                None => Moment::Instant(instant(&mut self.rng)),
            },
        }
    }

    fn period(&mut self) -> Period {
        let moment = self.moment();
        if self.rng.random_bool(0.4) {
            return Period { from: Bound::At(moment), to: Bound::At(moment) };
        }
        let end = |this: &mut Self| if this.rng.random_bool(0.1) { Bound::Open } else { Bound::At(this.moment()) };
        Period { from: end(self), to: end(self) }
    }

    fn allen(&mut self) -> Allen {
        use Allen::{
            After, Before, Contains, Disjoint, During, Equals, FinishedBy, Finishes, Intersects, Meets, MetBy,
            OverlappedBy, Overlaps, StartedBy, Starts,
        };
        let all = [
            After,
            Before,
            Contains,
            Disjoint,
            During,
            Equals,
            FinishedBy,
            Finishes,
            Intersects,
            Meets,
            MetBy,
            OverlappedBy,
            Overlaps,
            StartedBy,
            Starts,
        ];
        *all.choose(&mut self.rng).unwrap()
    }

    fn inclusion(&mut self) -> Inclusion {
        use Inclusion::{ContainedBy, Contains, Equals, Overlaps};
        *[Equals, Contains, ContainedBy, Overlaps].choose(&mut self.rng).unwrap()
    }

    fn list(&mut self) -> List {
        let field = self.field(&[FieldKind::List]);
        match field {
            Some(field) if self.rng.random_bool(0.6) => List::Field(field),
            _ => {
                let mut texts = match field.map(|field| self.seen(field)) {
                    Some(Value::List(texts)) => texts.to_vec(),
                    _ => vec!["a".into()],
                };
                if self.rng.random_bool(0.3) {
                    texts.push(self.word());
                }
                texts.sort_unstable();
                texts.dedup();
                List::Literal(texts)
            }
        }
    }

    /// A sound shape among the rows: on a grid in layers, through the very points of rows elsewhere.
    pub(crate) fn shape(&mut self) -> Arc<Shape> {
        loop {
            let kinds = [Shapes::Points, Shapes::Lines, Shapes::Polygons, Shapes::Polygons, Shapes::Mixed];
            let kind = *kinds.choose(&mut self.rng).unwrap();
            let geometry = match self.collection.bounds() {
                Some(_) if self.collection.snapshot().is_some() || self.collection.homes().is_some() => {
                    self.among_points(kind)
                }
                Some(bounds) if self.rng.random_bool(0.1) => {
                    let sides = [bounds.west, bounds.south, bounds.east, bounds.north];
                    return Arc::new(Shape::of_box(sides, None).unwrap());
                }
                _ => geometry(&mut self.rng, kind, (0.0, 0.0), 5),
            };
            if let Ok(shape) = Shape::new(geometry, None) {
                return Arc::new(shape);
            }
        }
    }

    fn among_points(&mut self, kind: Shapes) -> Geometry<f64> {
        let mut corner = || {
            let row = Row(self.rng.random_range(0..self.collection.len()));
            let point = self.collection.point(row).unwrap();
            let off = if self.rng.random_bool(0.5) { 0.0 } else { self.rng.random_range(-0.02..0.02) };
            Coord { x: point.lon() + off, y: point.lat() + off }
        };
        match kind {
            Shapes::Points => Point(corner()).into(),
            Shapes::Lines => LineString(vec![corner(), corner(), corner()]).into(),
            _ => {
                let first = corner();
                Polygon::new(LineString(vec![first, corner(), corner(), corner(), first]), vec![]).into()
            }
        }
    }

    fn spatial(&mut self) -> Predicate {
        use Relation::{Contains, Crosses, Disjoint, Equals, Intersects, Overlaps, Touches, Within};
        if self.collection.is_empty() {
            return Predicate::Constant(None);
        }
        let all = [Intersects, Equals, Disjoint, Touches, Within, Overlaps, Crosses, Contains];
        let relation = *all.choose(&mut self.rng).unwrap();
        let literal = Place::Literal(self.shape());
        match self.rng.random_range(0..8) {
            0 => Predicate::Spatial(relation, Place::Own, Place::Own),
            1 => Predicate::Spatial(relation, literal, Place::Literal(self.shape())),
            2 => {
                let metres = [0.0, 500.0, 5_000.0, 111_000.0, 300_000.0].choose(&mut self.rng).copied().unwrap();
                Predicate::Near(self.shape(), metres)
            }
            3 | 4 => Predicate::Spatial(relation, literal, Place::Own),
            _ => Predicate::Spatial(relation, Place::Own, literal),
        }
    }
}
