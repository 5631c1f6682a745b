//! A filter as a condition of PostgreSQL with PostGIS: the third judge. Columns have the names of the fields in double
//! quotes; the shape is `geom` in EPSG:4326; days are `date`, moments `timestamptz`, lists `text[]` sorted and without
//! repeats, texts compare under `COLLATE "C"`; the session's time zone is UTC. The extension `unaccent` is not used: filters
//! that fold accents, and distances, have no SQL and give none.

use std::fmt::Write as _;

use geozero::{CoordDimensions, ToWkb};

use super::{
    collection::Collection,
    filter::predicate::{
        Allen, Arithmetic, Bound, Comparison, Folding, Inclusion, List, Moment, Number, Operand, Period, Place,
        Predicate, Relation, Text,
    },
};

/// The condition; none where the judge would not answer the same question.
pub(crate) fn condition(predicate: &Predicate, collection: &dyn Collection) -> Option<String> {
    Writer { collection }.truth(predicate)
}

struct Writer<'c> {
    collection: &'c dyn Collection,
}

const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Writer<'_> {
    fn field(&self, field: usize) -> String {
        format!("\"{}\"", self.collection.fields()[field].name.replace('"', "\"\""))
    }

    fn truth(&self, predicate: &Predicate) -> Option<String> {
        let all = |list: &[Predicate]| list.iter().map(|one| self.truth(one)).collect::<Option<Vec<_>>>();
        Some(match predicate {
            Predicate::Constant(None) => "(null::boolean)".to_owned(),
            Predicate::Constant(Some(truth)) => format!("({truth})"),
            Predicate::Not(inner) => format!("(not {})", self.truth(inner)?),
            Predicate::And(list) if list.is_empty() => "(true)".to_owned(),
            Predicate::Or(list) if list.is_empty() => "(false)".to_owned(),
            Predicate::And(list) => format!("({})", all(list)?.join(" and ")),
            Predicate::Or(list) => format!("({})", all(list)?.join(" or ")),
            Predicate::Flag(field) => self.field(*field),
            Predicate::Truths(comparison, a, b) => {
                format!("({} {} {})", self.truth(a)?, sign(*comparison), self.truth(b)?)
            }
            Predicate::Unknown(operand) => format!("(({}) is null)", self.operand(operand)?),
            Predicate::Numbers(comparison, a, b) => {
                format!("({} {} {})", self.number(a)?, sign(*comparison), self.number(b)?)
            }
            Predicate::NumberAmong { of, list, open } => {
                let mut items: Vec<String> = list.iter().map(|number| number_text(*number)).collect();
                items.extend(open.then(|| "null".to_owned()));
                format!("({} in ({}))", self.number(of)?, items.join(", "))
            }
            Predicate::Texts(comparison, a, b) => {
                format!("({} {} {} collate \"C\")", self.text(a)?, sign(*comparison), self.text(b)?)
            }
            Predicate::TextAmong { of, list, open } => {
                let mut items: Vec<String> = list.iter().map(|one| text(one)).collect();
                items.extend(open.then(|| "null".to_owned()));
                format!("({} in ({}))", self.text(of)?, items.join(", "))
            }
            Predicate::Like(of, pattern) => format!("({} like {})", self.text(of)?, text(&pattern.written())),
            Predicate::Moments(comparison, a, b) => {
                let days = a.is_day() || b.is_day();
                let side = |moment: Moment| {
                    let sql = self.moment(moment);
                    if days { format!("({sql})::date") } else { sql }
                };
                format!("({} {} {})", side(*a), sign(*comparison), side(*b))
            }
            Predicate::Spatial(relation, a, b) => spatial(*relation, &place(a)?, &place(b)?),
            Predicate::Near(..) => return None,
            Predicate::Temporal(allen, a, b) => self.temporal(*allen, a, b),
            Predicate::Lists(inclusion, a, b) => {
                let (a, b) = (self.list(a), self.list(b));
                match inclusion {
                    Inclusion::Equals => format!("({a} = {b})"),
                    Inclusion::Contains => format!("({a} @> {b})"),
                    Inclusion::ContainedBy => format!("({a} <@ {b})"),
                    Inclusion::Overlaps => format!("({a} && {b})"),
                }
            }
        })
    }

    fn operand(&self, operand: &Operand) -> Option<String> {
        match operand {
            Operand::Truth(truth) => self.truth(truth),
            Operand::Number(number) => self.number(number),
            Operand::Text(text) => self.text(text),
            Operand::Moment(moment) => Some(self.moment(*moment)),
            Operand::List(list) => Some(self.list(list)),
        }
    }

    fn number(&self, number: &Number) -> Option<String> {
        Some(match number {
            Number::Literal(number) => number_text(*number),
            Number::Field(field) => format!("{}::float8", self.field(*field)),
            Number::Of(sign, a, b) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                match sign {
                    Arithmetic::Add => format!("({a} + {b})"),
                    Arithmetic::Subtract => format!("({a} - {b})"),
                    Arithmetic::Multiply => format!("({a} * {b})"),
                    Arithmetic::Divide => format!("({a} / nullif({b}, 0))"),
                    Arithmetic::Quotient => format!("trunc({a} / nullif({b}, 0))"),
                    // What has no result in SQL is an error there and unknown here; remainders of fractions it lacks.
                    Arithmetic::Remainder | Arithmetic::Power => return None,
                }
            }
            Number::Age(from, to) => {
                let from = self.moment(*from);
                let days = format!("to_char(date '{to}', 'MMDD') < to_char(({from})::date, 'MMDD')");
                let years = format!("extract(year from date '{to}') - extract(year from ({from})::date)");
                format!("({years} - ({days})::int)::float8")
            }
        })
    }

    fn text(&self, of: &Text) -> Option<String> {
        match of {
            Text::Literal(literal) => Some(format!("{}::text", text(literal))),
            Text::Field(field) => Some(format!("{}::text", self.field(*field))),
            Text::Folded(Folding::Case, inner) => Some(format!("lower(upper({}))", self.text(inner)?)),
            Text::Folded(Folding::Accents, _) => None,
        }
    }

    fn moment(&self, moment: Moment) -> String {
        match moment {
            Moment::Day(day) => format!("date '{day}'"),
            Moment::Instant(instant) => format!("timestamptz '{instant}'"),
            Moment::DayField(field) | Moment::InstantField(field) => self.field(field),
        }
    }

    fn list(&self, list: &List) -> String {
        match list {
            List::Literal(texts) => {
                let texts: Vec<String> = texts.iter().map(|one| text(one)).collect();
                format!("array[{}]::text[]", texts.join(", "))
            }
            List::Field(field) => self.field(*field),
        }
    }

    fn temporal(&self, allen: Allen, a: &Period, b: &Period) -> String {
        let is_day = |bound: Bound| match bound {
            Bound::Open => true,
            Bound::At(moment) => moment.is_day(),
        };
        let days = [a.from, a.to, b.from, b.to].into_iter().all(is_day);
        let end = |bound: Bound, last: bool| match bound {
            Bound::Open if days => format!("date '{}infinity'", if last { "" } else { "-" }),
            Bound::Open => format!("timestamptz '{}infinity'", if last { "" } else { "-" }),
            Bound::At(moment) if !days && moment.is_day() => {
                let day = self.moment(moment);
                // Moments in the database have microseconds; none of those asked lies in the last of a day.
                let end = if last { " + interval '1 day' - interval '1 microsecond'" } else { "" };
                format!("(({day})::timestamp at time zone 'UTC'{end})")
            }
            Bound::At(moment) => self.moment(moment),
        };
        let (a, z, b, y) = (end(a.from, false), end(a.to, true), end(b.from, false), end(b.to, true));
        let known =
            format!("nullif({a} is not null and {z} is not null and {b} is not null and {y} is not null, false)");
        let lies = match allen {
            Allen::After => format!("{a} > {y}"),
            Allen::Before => format!("{z} < {b}"),
            Allen::Contains => format!("{a} < {b} and {z} > {y}"),
            Allen::Disjoint => format!("({a} > {y} or {z} < {b})"),
            Allen::During => format!("{a} > {b} and {z} < {y}"),
            Allen::Equals => format!("{a} = {b} and {z} = {y}"),
            Allen::FinishedBy => format!("{a} < {b} and {z} = {y}"),
            Allen::Finishes => format!("{a} > {b} and {z} = {y}"),
            Allen::Intersects => format!("{a} <= {y} and {z} >= {b}"),
            Allen::Meets => format!("{z} = {b}"),
            Allen::MetBy => format!("{a} = {y}"),
            Allen::OverlappedBy => format!("{a} > {b} and {a} < {y} and {z} > {y}"),
            Allen::Overlaps => format!("{a} < {b} and {z} > {b} and {z} < {y}"),
            Allen::StartedBy => format!("{a} = {b} and {z} > {y}"),
            Allen::Starts => format!("{a} = {b} and {z} < {y}"),
        };
        format!("(case when {known} then ({lies}) end)")
    }
}

fn number_text(number: f64) -> String {
    format!("'{number:e}'::float8")
}

/// A shape as SQL; none for collections of shapes, which PostGIS does not relate.
fn place(place: &Place) -> Option<String> {
    match place {
        Place::Own => Some("geom".to_owned()),
        Place::Literal(shape) => match shape.geometry() {
            geo::Geometry::GeometryCollection(_) => None,
            geometry => {
                let wkb = geometry.to_wkb(CoordDimensions::xy()).ok()?;
                let mut hex = String::with_capacity(wkb.len() * 2);
                for byte in wkb {
                    write!(hex, "{byte:02x}").ok()?;
                }
                Some(format!("ST_GeomFromWKB('\\x{hex}'::bytea, 4326)"))
            }
        },
    }
}

fn spatial(relation: Relation, a: &str, b: &str) -> String {
    let function = match relation {
        Relation::Intersects => "ST_Intersects",
        Relation::Equals => "ST_Equals",
        Relation::Disjoint => "ST_Disjoint",
        Relation::Touches => "ST_Touches",
        Relation::Within => "ST_Within",
        Relation::Overlaps => "ST_Overlaps",
        Relation::Crosses => "ST_Crosses",
        Relation::Contains => "ST_Contains",
    };
    format!("{function}({a}, {b})")
}
