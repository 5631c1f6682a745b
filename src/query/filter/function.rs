//! The functions that a filter may call, each with its arguments: none else is.

use super::{
    check::{Checked, Checker, Piece, folding, short},
    node::Node,
    pattern::{self, Pattern},
    predicate::{Allen, Bound, Inclusion, List, Moment, Number, Period, Place, Predicate, Relation, Text},
};

/// The greatest distance of `within_metres`.
const METRES_MAX: f64 = 1_000_000.0;

impl Checker<'_, '_> {
    pub(super) fn function(&mut self, name: &str, args: Vec<Node>) -> Checked<Piece> {
        if name != "like" {
            self.come_to_call(name);
        }
        let at = self.here();
        if let Some(folding) = folding(name) {
            let [inner] = self.exactly(name, args)?;
            return match self.piece(inner)? {
                Piece::Text(Text::Literal(text)) => {
                    Ok(Piece::Text(Text::Literal(pattern::fold(folding, &text).into())))
                }
                Piece::Text(text) => Ok(Piece::Text(Text::Folded(folding, Box::new(text)))),
                Piece::Null => Ok(Piece::Null),
                other => self.fail(at, format!("{name} takes a text, not {}", other.kind())),
            };
        }
        if let Some(relation) = relation(name) {
            let [a, b] = self.exactly(name, args)?;
            let (a, b) = (self.place(name, a)?, self.place(name, b)?);
            return Ok(Piece::Truth(match (a, b) {
                (Some(a), Some(b)) => Predicate::Spatial(relation, a, b),
                _ => Predicate::Constant(None),
            }));
        }
        if let Some(allen) = allen(name) {
            let [a, b] = self.exactly(name, args)?;
            let (a, b) = (self.period_of(name, a)?, self.period_of(name, b)?);
            return Ok(Piece::Truth(match (a, b) {
                (Some(a), Some(b)) => Predicate::Temporal(allen, a, b),
                _ => Predicate::Constant(None),
            }));
        }
        if let Some(inclusion) = inclusion(name) {
            let [a, b] = self.exactly(name, args)?;
            let (a, b) = (self.list_of(name, a)?, self.list_of(name, b)?);
            return Ok(Piece::Truth(match (a, b) {
                (Some(a), Some(b)) => Predicate::Lists(inclusion, a, b),
                _ => Predicate::Constant(None),
            }));
        }
        match name {
            "like" => self.like(args),
            "age_at" => self.age(args),
            "within_metres" => self.near(args),
            _ => self.fail(at, format!("there is no function \"{}\"", short(name))),
        }
    }

    fn like(&mut self, args: Vec<Node>) -> Checked<Piece> {
        let [value, like] = self.exactly("like", args)?;
        let text = match self.piece(value)? {
            Piece::Text(text) => text,
            Piece::Null => return Ok(Piece::Truth(Predicate::Constant(None))),
            other => return self.fail(self.here(), format!("like takes a text, not {}", other.kind())),
        };
        Ok(Piece::Truth(match self.piece(like)? {
            Piece::Text(Text::Literal(like)) => Predicate::Like(text, Pattern::new(&like)),
            Piece::Null => Predicate::Constant(None),
            _ => return self.fail(self.here(), "the pattern of like is a text that is written out"),
        }))
    }

    fn age(&mut self, args: Vec<Node>) -> Checked<Piece> {
        let at = self.here();
        let [from, to] = self.exactly("age_at", args)?;
        let from = self.piece(from)?;
        let to = self.piece(to)?;
        match (from, to) {
            (Piece::Moment(from), Piece::Moment(Moment::Day(day))) if from.is_day() => {
                Ok(Piece::Number(Number::Age(from, day)))
            }
            (Piece::Null, Piece::Moment(Moment::Day(_))) => Ok(Piece::Null),
            (Piece::Moment(from), Piece::Text(Text::Literal(day))) if from.is_day() => {
                Ok(Piece::Number(Number::Age(from, self.day(&day)?)))
            }
            _ => self.fail(at, "age_at takes a property of days and a DATE"),
        }
    }

    fn near(&mut self, args: Vec<Node>) -> Checked<Piece> {
        let at = self.here();
        let [own, other, metres] = self.exactly("within_metres", args)?;
        let own = self.piece(own)?;
        let other = self.piece(other)?;
        let metres = self.piece(metres)?;
        match (own, other, metres) {
            (Piece::Place(Place::Own), Piece::Place(Place::Literal(shape)), Piece::Number(Number::Literal(metres)))
                if (0.0..=METRES_MAX).contains(&metres) =>
            {
                Ok(Piece::Truth(Predicate::Near(shape, metres)))
            }
            _ => {
                self.fail(at, "within_metres takes geometry, a geometry that is written out, and 0 to 1,000,000 metres")
            }
        }
    }

    fn place(&mut self, name: &str, node: Node) -> Checked<Option<Place>> {
        match self.piece(node)? {
            Piece::Place(place) => Ok(Some(place)),
            Piece::Null => Ok(None),
            other => self.fail(self.here(), format!("{name} takes geometries, not {}", other.kind())),
        }
    }

    fn period_of(&mut self, name: &str, node: Node) -> Checked<Option<Period>> {
        let point = |moment| Some(Period { from: Bound::At(moment), to: Bound::At(moment) });
        match self.piece(node)? {
            Piece::Period(period) => Ok(Some(period)),
            Piece::Moment(moment) => Ok(point(moment)),
            Piece::Text(Text::Literal(text)) => self.moment_of(&text).map(point),
            Piece::Null => Ok(None),
            other => self.fail(self.here(), format!("{name} takes days, moments and periods, not {}", other.kind())),
        }
    }

    fn list_of(&mut self, name: &str, node: Node) -> Checked<Option<List>> {
        match self.piece(node)? {
            Piece::List(list) => Ok(Some(list)),
            // A list of one in brackets is read as its one value.
            Piece::Text(Text::Literal(text)) => Ok(Some(List::Literal(vec![text]))),
            Piece::Null => Ok(None),
            other => self.fail(self.here(), format!("{name} takes lists of texts, not {}", other.kind())),
        }
    }
}

fn relation(name: &str) -> Option<Relation> {
    Some(match name {
        "s_intersects" => Relation::Intersects,
        "s_equals" => Relation::Equals,
        "s_disjoint" => Relation::Disjoint,
        "s_touches" => Relation::Touches,
        "s_within" => Relation::Within,
        "s_overlaps" => Relation::Overlaps,
        "s_crosses" => Relation::Crosses,
        "s_contains" => Relation::Contains,
        _ => return None,
    })
}

fn allen(name: &str) -> Option<Allen> {
    Some(match name {
        "t_after" => Allen::After,
        "t_before" => Allen::Before,
        "t_contains" => Allen::Contains,
        "t_disjoint" => Allen::Disjoint,
        "t_during" => Allen::During,
        "t_equals" => Allen::Equals,
        "t_finishedby" => Allen::FinishedBy,
        "t_finishes" => Allen::Finishes,
        "t_intersects" => Allen::Intersects,
        "t_meets" => Allen::Meets,
        "t_metby" => Allen::MetBy,
        "t_overlappedby" => Allen::OverlappedBy,
        "t_overlaps" => Allen::Overlaps,
        "t_startedby" => Allen::StartedBy,
        "t_starts" => Allen::Starts,
        _ => return None,
    })
}

fn inclusion(name: &str) -> Option<Inclusion> {
    Some(match name {
        "a_equals" => Inclusion::Equals,
        "a_contains" => Inclusion::Contains,
        "a_containedby" => Inclusion::ContainedBy,
        "a_overlaps" => Inclusion::Overlaps,
        _ => return None,
    })
}
