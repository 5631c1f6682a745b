//! The gate of an order: counts, ranges, names that refer to each other. What is wrong is told with its place, all of it.

use std::collections::BTreeSet;

use super::{Crew, Depot, End, LonLat, Order};

/// Crews at most.
const CREWS_MAX: usize = 200;
/// Depots, candidates at most.
const PLACES_MAX: usize = 2_000;
/// Stocks, classes, needs, windows at most.
const PARTS_MAX: usize = 200;
/// Households by name at most.
const HOUSEHOLDS_MAX: usize = 20_000;
/// Characters of a title at most.
const TITLE_MAX: usize = 200;
/// Seconds of search at most.
const EFFORT_MAX_S: f64 = 600.0;

/// Something that makes no sense in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: `crews[2].shift`.
    pub place: String,
    /// Why.
    pub reason: String,
}

struct Gate(Vec<Fault>);

impl Gate {
    fn fault(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.0.push(Fault { place: place.into(), reason: reason.into() });
    }

    fn count(&mut self, place: &str, count: usize, max: usize) {
        if count > max {
            self.fault(place, format!("{count} of them; {max} are the most"));
        }
    }

    fn title(&mut self, place: &str, title: &str) {
        if title.chars().count() > TITLE_MAX || title.chars().any(char::is_control) {
            self.fault(place, format!("at most {TITLE_MAX} characters that can be printed"));
        }
    }

    /// Each is written once more for every household, so none is long.
    fn titles(&mut self, place: &str, titles: &[Box<str>]) {
        self.count(place, titles.len(), PARTS_MAX);
        for title in titles {
            self.title(place, title);
        }
    }

    fn point(&mut self, place: String, [lon, lat]: LonLat) {
        if !((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)) {
            self.fault(place, "a place is [lon, lat] in degrees");
        }
    }

    fn number(&mut self, place: &str, number: f64, low: f64, high: f64) {
        if !(low..=high).contains(&number) {
            self.fault(place, format!("a number from {low} to {high}"));
        }
    }

    fn places(&mut self, name: &str, places: &[Depot]) -> BTreeSet<Box<str>> {
        self.count(name, places.len(), PLACES_MAX);
        let mut known = BTreeSet::new();
        for (at, place) in places.iter().enumerate() {
            self.title(&format!("{name}[{at}].title"), &place.title);
            self.title(&format!("{name}[{at}].id"), &place.id);
            self.point(format!("{name}[{at}].at"), place.at);
            if !known.insert(place.id.clone()) {
                self.fault(format!("{name}[{at}].id"), "is there twice");
            }
        }
        known
    }

    fn crew(&mut self, at: usize, crew: &Crew, depots: &BTreeSet<Box<str>>) {
        let place = |part: &str| format!("crews[{at}].{part}");
        self.title(&place("title"), &crew.title);
        self.title(&place("id"), &crew.id);
        if let Some(depot) = crew.depot.as_ref().filter(|depot| !depots.contains(*depot)) {
            let shown: String = depot.chars().filter(|c| !c.is_control()).take(48).collect();
            self.fault(place("depot"), format!("there is no depot \"{shown}\""));
        }
        if let End::At(end) = crew.end {
            self.point(place("end"), end);
        }
        if crew.shift[0] >= crew.shift[1] {
            self.fault(place("shift"), "ends before it begins");
        }
        if crew.capacity == 0 {
            self.fault(place("capacity"), "at least 1");
        }
        self.count(&place("breaks"), crew.breaks.len(), 10);
        self.titles(&place("skills"), &crew.skills);
        for (n, rest) in crew.breaks.iter().enumerate() {
            self.number(&format!("crews[{at}].breaks[{n}].minutes"), rest.minutes, 0.0, 600.0);
            if rest.from > rest.to {
                self.fault(format!("crews[{at}].breaks[{n}]"), "ends before it begins");
            }
        }
    }
}

impl Order {
    /// What makes no sense in it, all of it; an empty list is an order that can be worked on.
    pub fn faults(&self) -> Vec<Fault> {
        let mut gate = Gate(Vec::new());
        if self.name.trim().is_empty() {
            gate.fault("name", "a plan has a name");
        }
        gate.title("name", &self.name);
        gate.title("purpose", &self.purpose);
        if self.people.filter.is_none() && self.people.area.is_none() && self.people.households.is_none() {
            gate.fault("people", "a filter, an area or a list of households");
        }
        gate.count("people.households", self.people.households.as_ref().map_or(0, Vec::len), HOUSEHOLDS_MAX);
        let mut depots = gate.places("depots", &self.depots);
        self.sites(&mut gate, &mut depots);
        if self.depots.is_empty() && self.sites.is_none() {
            gate.fault("depots", "a depot to start from, or sites to choose points");
        }
        gate.count("stock", self.stock.len(), PARTS_MAX);
        for (at, stock) in self.stock.iter().enumerate() {
            gate.title(&format!("stock[{at}].title"), &stock.title);
            gate.title(&format!("stock[{at}].kit"), &stock.kit);
            gate.title(&format!("stock[{at}].lot"), stock.lot.as_deref().unwrap_or_default());
            gate.titles(&format!("stock[{at}].needs"), &stock.needs);
            if stock.depot.as_ref().is_some_and(|depot| !depots.contains(depot)) {
                gate.fault(format!("stock[{at}].depot"), "there is no such depot");
            }
            if stock.members.is_some_and(|[low, high]| low > high) {
                gate.fault(format!("stock[{at}].members"), "from is greater than to");
            }
        }
        gate.count("priority", self.priority.len(), PARTS_MAX);
        gate.count("needs", self.needs.len(), PARTS_MAX);
        for class in &self.priority {
            gate.title("priority.title", &class.title);
        }
        for need in &self.needs {
            gate.title("needs.skill", &need.skill);
        }
        gate.count("windows", self.windows.len(), PARTS_MAX);
        if let Some(at) = self.windows.iter().position(|[from, to]| from >= to) {
            gate.fault(format!("windows[{at}]"), "ends before it begins");
        }
        if self.crews.is_empty() {
            gate.fault("crews", "at least one crew sets out");
        }
        gate.count("crews", self.crews.len(), CREWS_MAX);
        let mut known = BTreeSet::new();
        for (at, crew) in self.crews.iter().enumerate() {
            gate.crew(at, crew, &depots);
            if !known.insert(&crew.id) {
                gate.fault(format!("crews[{at}].id"), "is there twice");
            }
        }
        gate.number("service_minutes", self.service_minutes, 0.0, 600.0);
        gate.number("effort_seconds", self.effort_seconds, 0.0, EFFORT_MAX_S);
        gate.0
    }

    fn sites(&self, gate: &mut Gate, depots: &mut BTreeSet<Box<str>>) {
        let Some(sites) = &self.sites else { return };
        let candidates = gate.places("sites.places", &sites.places);
        if sites.places.is_empty() == sites.layer.is_none() {
            gate.fault("sites", "either a layer or places");
        }
        if sites.count == 0 || (sites.layer.is_none() && sites.count > sites.places.len()) {
            gate.fault("sites.count", "at least 1, and no more than there are candidates");
        }
        if sites.fixed.len() > sites.count {
            gate.fault("sites.fixed", "more are fixed than are chosen");
        }
        let mut known = BTreeSet::new();
        for (at, fixed) in sites.fixed.iter().enumerate() {
            if sites.layer.is_none() && *fixed >= sites.places.len() {
                gate.fault(format!("sites.fixed[{at}]"), "there is no such candidate: they are counted from 0");
            } else if !known.insert(fixed) {
                gate.fault(format!("sites.fixed[{at}]"), "is there twice");
            }
        }
        if sites.objective == super::SiteObjective::MaxCover && sites.within_minutes.is_none() {
            gate.fault("sites.within_minutes", "max-cover needs a time");
        }
        gate.number("sites.within_minutes", sites.within_minutes.unwrap_or(1.0), 0.0, 1_440.0);
        gate.number("sites.capacity", sites.capacity.unwrap_or(1.0), 0.0, 1e9);
        if self.depots.is_empty() {
            depots.extend(candidates);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: &str) -> Order {
        let mut order = serde_json::json!({
            "name": "Acqua", "people": {"filter": "fragile"}, "depots": [{"id": "a", "at": [13.1, 41.7]}],
            "crews": [{"id": "1", "shift": ["08:00", "14:00"], "capacity": 50}]
        });
        let change: serde_json::Value = serde_json::from_str(change).unwrap();
        for (key, value) in change.as_object().unwrap() {
            order[key] = value.clone();
        }
        serde_json::from_value(order).unwrap()
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_place() {
        assert_eq!(read("{}").faults(), []);
        for (change, place) in [
            (r#"{"name": " "}"#, "name"),
            (r#"{"people": {}}"#, "people"),
            (r#"{"depots": []}"#, "depots"),
            (r#"{"depots": [{"id": "a", "at": [13.1, 91]}]}"#, "depots[0].at"),
            (r#"{"crews": []}"#, "crews"),
            (r#"{"crews": [{"id":"1","shift":["08:00","08:00"],"capacity":1}]}"#, "crews[0].shift"),
            (r#"{"crews": [{"id":"1","depot":"z","shift":["08:00","09:00"],"capacity":1}]}"#, "crews[0].depot"),
            (r#"{"windows": [["09:00","08:00"]]}"#, "windows[0]"),
            (r#"{"effort_seconds": 1e9}"#, "effort_seconds"),
            (&format!(r#"{{"needs": [{{"filter": "fragile", "skill": "{}"}}]}}"#, "x".repeat(201)), "needs.skill"),
            (
                &format!(r#"{{"priority": [{{"filter": "fragile", "title": "{}"}}]}}"#, "x".repeat(201)),
                "priority.title",
            ),
            (
                &format!(r#"{{"stock": [{{"kit": "a", "units": 1, "needs": ["{}"]}}]}}"#, "x".repeat(201)),
                "stock[0].needs",
            ),
            (r#"{"sites": {"count": 4, "places": [{"id":"x","at":[13,41]}]}}"#, "sites.count"),
            (r#"{"sites": {"count": 1}}"#, "sites"),
            (r#"{"sites": {"count": 1, "places": [{"id":"x","at":[13,41]}], "fixed": [1]}}"#, "sites.fixed[0]"),
            (
                r#"{"sites": {"count": 2, "places": [{"id":"x","at":[13,41]},{"id":"y","at":[13,41]}], "fixed": [1,1]}}"#,
                "sites.fixed[1]",
            ),
        ] {
            let faults = read(change).faults();
            assert!(faults.iter().any(|fault| fault.place == place), "{change}: {faults:?}");
        }
    }

    #[test]
    fn an_order_is_read_back_as_it_was() {
        let order = read(
            r#"{"crews":[{"id":"1","shift":["08:00","14:00"],"capacity":9,"end":[13.0,41.0],
                "breaks":[{"from":"12:00","to":"13:00","minutes":30}]},{"id":"2","end":"open","shift":["22:00","26:00"],"capacity":1}],
                "day":"2026-11-24","kit_units":{"per":"member"},"fair":"time"}"#,
        );
        let text = serde_json::to_string(&order).unwrap();
        assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
    }
}
