//! Days and moments in a format that has none: GeoJSON writes them as texts.

use std::collections::HashMap;

use crate::domain::feature::{Feature, Value};

/// What every text of an attribute is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Day,
    Instant,
}

/// Makes days, or moments, of the texts of each attribute whose every value is one (RFC 3339, moments with their distance
/// from UTC); an attribute with any other value stays as it is.
pub(super) fn read(features: &mut [Feature]) {
    let mut meanings: HashMap<Box<str>, Option<Meaning>> = HashMap::new();
    for (name, value) in features.iter().flat_map(|feature| &feature.properties) {
        let meaning = match value {
            Value::Null => continue,
            Value::Text(text) => meaning(text),
            _ => None,
        };
        match meanings.get_mut(name) {
            Some(known) if *known == meaning => {}
            Some(known) => *known = None,
            None => {
                meanings.insert(name.clone(), meaning);
            }
        }
    }
    meanings.retain(|_, meaning| meaning.is_some());
    if meanings.is_empty() {
        return;
    }
    for (name, value) in features.iter_mut().flat_map(|feature| &mut feature.properties) {
        let Value::Text(text) = value else { continue };
        let made = match meanings.get(name).copied().flatten() {
            Some(Meaning::Day) => Value::day(text),
            Some(Meaning::Instant) => Value::instant(text),
            None => None,
        };
        if let Some(made) = made {
            *value = made;
        }
    }
}

fn meaning(text: &str) -> Option<Meaning> {
    if Value::day(text).is_some() {
        return Some(Meaning::Day);
    }
    let zoned =
        text.len() >= 20 && text.as_bytes()[10].eq_ignore_ascii_case(&b'T') && text.parse::<jiff::Timestamp>().is_ok();
    zoned.then_some(Meaning::Instant).filter(|_| Value::instant(text).is_some())
}

#[cfg(test)]
mod tests {
    use geo::Point;

    use super::*;

    #[test]
    fn only_attributes_of_nothing_but_days_or_moments_are_made_so() {
        let feature = |id, values: [&str; 3]| Feature {
            id,
            geometry: Point::new(16.0, 39.0).into(),
            properties: ["day", "moment", "mixed"]
                .map(Into::into)
                .into_iter()
                .zip(values.map(|v| Value::Text(v.into())))
                .collect(),
        };
        let mut features = [
            feature(1, ["2026-06-30", "2026-06-30T10:00:00Z", "2026-06-30"]),
            feature(2, ["2026-07-01", "2026-06-30T10:00:00+02:00", "later"]),
        ];
        read(&mut features);
        let kinds = features.map(|f| f.properties.into_iter().map(|(_, v)| v).collect::<Vec<_>>());
        for values in kinds {
            assert!(matches!(values[..], [Value::Date(_), Value::Instant(_), Value::Text(_)]), "{values:?}");
        }
    }
}
