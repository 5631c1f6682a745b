//! A sheet as rows, for the formats that every collection is written in.

use std::sync::Arc;

use geo::{Geometry, Point};

use super::{Run, Sheet, Stop};
use crate::domain::feature::{Feature, Value};
use crate::query::collection::{Collection, Field, FieldKind, ReferenceLayer};
use crate::snapshot::{
    layer::Layer,
    schema::{Sensitivity, Titles, Unit},
};

/// In which language the columns of a table are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// Italian.
    #[default]
    Italian,
    /// English.
    English,
}

impl Tongue {
    /// The one of the two that is in this language.
    pub const fn of<'a>(self, italian: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Italian => italian,
            Self::English => english,
        }
    }
}

/// A column of the table of stops: name and title in both languages, kind.
type Heading = ([&'static str; 2], [&'static str; 2], FieldKind);

/// The columns of the table of stops, in the order of [`cells`]. The last three are filled in and read back.
const STOPS: [Heading; 16] = [
    (["giro", "run"], ["Numero del giro", "Number of the run"], FieldKind::Whole),
    (["squadra", "crew"], ["Chi guida", "Who drives"], FieldKind::Text),
    (["n", "n"], ["Posto nel giro", "Place in the run"], FieldKind::Whole),
    (["codice", "code"], ["Codice della fermata", "Code of the stop"], FieldKind::Text),
    (["porta", "door"], ["Via e numero civico", "Street and number"], FieldKind::Text),
    (["kit", "kit"], ["Che cosa si porta", "What is brought"], FieldKind::Text),
    (["da_consegnare", "to_deliver"], ["Quanti kit", "How many kits"], FieldKind::Whole),
    (["componenti", "members"], ["Persone in famiglia", "People of the household"], FieldKind::Whole),
    (["dalle", "from"], ["Non prima delle", "Not before"], FieldKind::Text),
    (["alle", "until"], ["Non dopo le", "Not after"], FieldKind::Text),
    (["arrivo_previsto", "eta"], ["Ora di arrivo prevista", "When the vehicle is there"], FieldKind::Text),
    (["bisogni", "needs"], ["Che cosa serve in viaggio", "What it needs on its way"], FieldKind::Text),
    (["accesso", "access"], ["Come si entra", "How one gets in"], FieldKind::Text),
    (["esito", "outcome"], ["Com'è andata (da compilare)", "How it ended (to be filled in)"], FieldKind::Text),
    (["unità", "units"], ["Kit consegnati (da compilare)", "Kits handed over (to be filled in)"], FieldKind::Whole),
    (["nota", "note"], ["Nota (da compilare)", "Note (to be filled in)"], FieldKind::Text),
];

/// The stops of all runs as points: what goes into a spreadsheet and comes back filled in.
pub(in crate::access) fn stops(sheet: &Sheet, tongue: Tongue) -> Arc<dyn Collection> {
    let all = sheet.runs.iter().flat_map(|run| run.stops.iter().map(move |stop| (run, stop)));
    let feature = |(id, (run, stop)): (u64, (&Run, &Stop))| Feature {
        id,
        geometry: point(stop),
        properties: STOPS
            .iter()
            .zip(cells(run, stop, tongue))
            .map(|((name, ..), value)| (tongue.of(name[0], name[1]).into(), value))
            .collect(),
    };
    let features = (1..).zip(all).map(feature).collect();
    let field = |&(name, title, kind): &Heading| field(tongue.of(name[0], name[1]), title, kind);
    collection(("fermate", "stops"), tongue, features, STOPS.iter().map(field).collect())
}

/// Runs as lines and stops as points, in one collection.
pub(in crate::access) fn map(sheet: &Sheet) -> Arc<dyn Collection> {
    let mut features = Vec::new();
    for run in &sheet.runs {
        if run.line.0.len() > 1 {
            let id = features.len() as u64 + 1;
            features.push(Feature { id, geometry: Geometry::LineString(run.line.clone()), properties: of_run(run) });
        }
        for stop in &run.stops {
            let id = features.len() as u64 + 1;
            let mut properties = vec![("kind".into(), text("stop"))];
            let cells = STOPS.iter().zip(cells(run, stop, Tongue::English));
            properties.extend(cells.map(|((name, ..), value)| (name[1].into(), value)));
            features.push(Feature { id, geometry: point(stop), properties });
        }
    }
    let own = [
        (["kind", "kind"], ["Giro o fermata", "Run or stop"], FieldKind::Text),
        (["depart", "depart"], ["Partenza", "When it leaves"], FieldKind::Text),
        (["arrive", "arrive"], ["Rientro", "When it is back"], FieldKind::Text),
        (["stops", "stops"], ["Quante fermate", "How many stops"], FieldKind::Whole),
        (["load", "load"], ["Kit a bordo", "Kits on board"], FieldKind::Whole),
        (["distance_m", "distance_m"], ["Metri", "Metres"], FieldKind::Whole),
        (["duration_s", "duration_s"], ["Secondi", "Seconds"], FieldKind::Whole),
    ];
    let fields = own.iter().chain(&STOPS).map(|&(name, title, kind)| field(name[1], title, kind)).collect();
    collection(("giri", "runs"), Tongue::English, features, fields)
}

fn of_run(run: &Run) -> Vec<(Box<str>, Value)> {
    vec![
        ("kind".into(), text("run")),
        ("run".into(), Value::Whole(run.number.into())),
        ("crew".into(), text(&run.crew)),
        ("depart".into(), clock(run.depart)),
        ("arrive".into(), clock(run.arrive)),
        ("stops".into(), Value::Whole(run.stops.len() as i64)),
        ("load".into(), Value::Whole(run.load.into())),
        ("distance_m".into(), Value::Whole(run.distance_m.into())),
        ("duration_s".into(), Value::Whole(run.duration_s.into())),
    ]
}

fn cells(run: &Run, stop: &Stop, tongue: Tongue) -> [Value; 16] {
    let told = stop.outcome.as_ref();
    let outcome = told.map_or(Value::Null, |told| text(tongue.of(told.outcome.titles().0, told.outcome.titles().1)));
    let number = |number: Option<u32>| number.map_or(Value::Null, |number| Value::Whole(number.into()));
    let or_nothing = |written: &str| if written.is_empty() { Value::Null } else { text(written) };
    [
        Value::Whole(run.number.into()),
        text(&run.crew),
        Value::Whole(stop.number.into()),
        text(&stop.code),
        text(&stop.door),
        text(&stop.kit),
        Value::Whole(stop.units.into()),
        number(stop.members),
        clock(stop.window.map(|window| window.0)),
        clock(stop.window.map(|window| window.1)),
        clock(stop.eta),
        or_nothing(&stop.needs.join(", ")),
        or_nothing(&stop.notes),
        outcome,
        number(told.and_then(|told| told.units)),
        told.map_or(Value::Null, |told| or_nothing(&told.note)),
    ]
}

fn text(written: &str) -> Value {
    Value::Text(written.into())
}

fn clock(at: Option<super::Clock>) -> Value {
    at.map_or(Value::Null, |at| text(&at.to_string()))
}

fn point(stop: &Stop) -> Geometry<f64> {
    Geometry::Point(Point::new(stop.at.lon(), stop.at.lat()))
}

fn field(name: &str, title: [&str; 2], kind: FieldKind) -> Field {
    Field {
        name: name.into(),
        kind,
        title: Titles::new(title[0], title[1]),
        description: Titles::default(),
        unit: Unit::None,
        sensitivity: Sensitivity::Personal,
        choices: Box::default(),
    }
}

fn collection(name: (&str, &str), tongue: Tongue, features: Vec<Feature>, fields: Vec<Field>) -> Arc<dyn Collection> {
    let layer = Layer::freeze(tongue.of(name.0, name.1), Titles::new(name.0, name.1), features);
    Arc::new(ReferenceLayer::with_fields(Arc::new(layer), fields))
}
