//! Who may see what: every route for every role, guessed ids, and that what is published tells of nobody alone.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use geo::{Contains as _, Coord, LineString, MultiPolygon, Point, Polygon};
use h3o::{CellIndex, LatLng, Resolution};
use serde_json::Value;

use crate::{
    ask::Answer,
    place::{Row, table},
    server::Server,
    town::Town,
};

const MIN_HOUSEHOLDS: u64 = 10;

const RESOLUTIONS: [u8; 5] = [6, 7, 8, 9, 10];

pub const ROLES: [&str; 7] = ["viewer", "coordinator", "social", "health", "civil_protection", "admin", "auditor"];

/// Every route and every kind of asker. `open`: the same for all; `public` and `exact`: figures of that policy;
/// `records` and `health`: what those see who read households, without and with health; otherwise the status. `absent` is a hexagon that only exact figures have, `other` one of another comune.
const TABLE: &str = "
route                            public  viewer  coordinator social  health  civil_protection admin   auditor unknown revoked
/                                open    open    open        open    open    open             open    open    open    open
/api/town                        public  exact   exact       exact   exact   exact            public  public  401     401
/api/legend?property=fragility   public  exact   exact       exact   exact   exact            public  public  401     401
/api/hexes?resolution=10         public  exact   exact       exact   exact   exact            public  public  401     401
/api/hexes/PUBLISHED             public  exact   exact       exact   exact   exact            public  public  401     401
/api/hexes/ABSENT                404     exact   exact       exact   exact   exact            404     404     401     401
/api/hexes/OTHER                 404     404     404         404     404     404              404     404     401     401
/api/hexes/HOUSE                 404     404     404         404     404     404              404     404     401     401
/api/hexes/word                  400     400     400         400     400     400              400     400     401     401
/api/addresses?q=via             open    open    open        open    open    open             open    open    401     401
/api/count?collection=households 401     exact   records     records records records          403     403     401     401
/api/count?collection=civics     open    open    open        open    open    open             open    open    401     401
/api/count?collection=hexes      public  exact   exact       exact   exact   exact            public  public  401     401
/api/fields?collection=people    401     exact   records     records health  health           403     403     401     401
/api/ask                         405     405     405         405     405     405              405     405     405     405
/api/plans                       401     403     records     403     403     records          403     403     401     401
/api/plans/0123456789abcdef      401     403     404         403     403     404              403     403     401     401
/api/plans/word                  401     403     404         403     403     404              403     403     401     401
/api/plans/word/compare          401     403     404         403     403     404              403     403     401     401
/api/plans/word/events           401     403     404         403     403     404              403     403     401     401
/api/plans/word/moves            405     405     405         405     405     405              405     405     405     405
/api/plans/word/locks            405     405     405         405     405     405              405     405     405     405
/api/plans/word/replan           405     405     405         405     405     405              405     405     405     405
/api/plans/word/approve          405     405     405         405     405     405              405     405     405     405
/api/plans/people                405     405     405         405     405     405              405     405     405     405
/api/plans/candidates?layer=word 401     403     400         403     403     400              403     403     401     401
/api/plans/word/next             405     405     405         405     405     405              405     405     405     405
/api/roads                       open    open    open        open    open    open             open    open    401     401
/api/isochrone?from=13.1,41.7    409     409     409         409     409     409              409     409     401     401
/api/scenarios                   401     403     records     403     403     records          403     403     401     401
/api/scenarios/00000000000000ab  401     403     404         403     403     404              403     403     401     401
/route/v1/car/13,41;13.2,42      400     400     400         400     400     400              400     400     401     401
/table/v1/van/13.1,41.7          400     400     400         400     400     400              400     400     401     401
/table/v1/van/1,2?scenario=x     400     400     400         400     400     400              400     400     401     401
/nearest/v1/foot/13.1,41.7       400     400     400         400     400     400              400     400     401     401
/tiles/hexes.json                open    open    open        open    open    open             open    open    401     401
/tiles/hexes/TILE.mvt            public  exact   exact       exact   exact   exact            public  public  401     401
/tiles/civics.json               open    open    open        open    open    open             open    open    401     401
/tiles/sections/TILE.mvt         open    open    open        open    open    open             open    open    401     401
/tiles/hexes/FOUND               public  exact   records     records health  health           public  public  401     401
/tiles/households.json           401     403     records     records records records          403     403     401     401
/tiles/households/TILE.mvt       401     403     records     records records records          403     403     401     401
/styles/fragility.json           open    open    open        open    open    open             open    open    open    open
/styles/basemap.json             open    open    open        open    open    open             open    open    open    open
/styles/households.json          open    open    open        open    open    open             open    open    open    open
/healthz                         open    open    open        open    open    open             open    open    open    open
/readyz                          open    open    open        open    open    open             open    open    open    open
/metrics                         status  status  status      status  status  status           status  status  status  status
/api/households                  404     404     404         404     404     404              404     404     404     404
/api/links                       404     404     404         404     404     404              404     404     404     404
/api/tokens                      404     404     404         404     404     404              404     404     404     404
/api/audit                       404     404     404         404     404     404              404     404     404     404
/atlante.gpkg                    404     404     404         404     404     404              404     404     404     404
/../atlante.gpkg                 404     404     404         404     404     404              404     404     404     404
";

#[test]
fn every_route_for_every_role() {
    let town = Town::ready("roles");
    let tokens: Vec<String> = ROLES.iter().map(|role| town.token(role, role)).collect();
    let revoked = town.token("health", "gone");
    crate::place::run(&["token", "revoke", "--data", &town.data(), "--name", "gone"]);
    let unknown = format!("atl_{}", "5a".repeat(32));
    let server = Server::start(&town.data());
    let mut askers: Vec<Option<&str>> = vec![None];
    askers.extend(tokens.iter().map(|token| Some(token.as_str())));
    askers.extend([Some(unknown.as_str()), Some(revoked.as_str())]);

    let ids = |token| -> BTreeSet<String> {
        let id = |hex: &Value| hex["id"].as_str().expect("an id").to_owned();
        server.hexes(token, 10).iter().map(id).collect()
    };
    let (public, exact) = (ids(None), ids(Some(&tokens[0])));
    let published = public.intersection(&exact).next().expect("a hexagon that stands alone").clone();
    let absent = exact.difference(&public).next().expect("a hexagon that is joined").clone();
    let house =
        absent.parse::<CellIndex>().expect("a cell").center_child(Resolution::Twelve).expect("a child").to_string();
    let other = LatLng::new(38.97, 16.31).expect("a place").to_cell(Resolution::Ten).to_string();
    let about = server.get("/api/town").json();
    let tile = tile_at(12, about["center"][0].as_f64().expect("lon"), about["center"][1].as_f64().expect("lat"));
    let found = format!("{tile}.mvt?filter=people=2");
    let named = |route: &str| {
        let words = [
            ("PUBLISHED", &published),
            ("ABSENT", &absent),
            ("OTHER", &other),
            ("HOUSE", &house),
            ("TILE", &tile),
            ("FOUND", &found),
        ];
        words.iter().fold(route.to_owned(), |route, (word, id)| route.replace(word, id))
    };

    let mut found = String::from("\n");
    let mut lines = TABLE.trim().lines();
    let header = lines.next().expect("a header");
    let columns: Vec<usize> = header
        .split_whitespace()
        .map(|name| {
            header.match_indices(name).map(|(at, _)| at).find(|at| *at == 0 || header.as_bytes()[at - 1] == b' ')
        })
        .map(|at| at.expect("a column"))
        .collect();
    found.push_str(header);
    for line in lines {
        let route = line.split_whitespace().next().expect("a route");
        let path = named(route);
        let answers: Vec<Answer> = askers.iter().map(|token| server.get_as(*token, &path)).collect();
        let mut row = route.to_owned();
        for (cell, at) in cells(route, &answers).iter().zip(&columns[1..]) {
            row = format!("{row:at$}{cell}");
        }
        found.push('\n');
        found.push_str(row.trim_end());
    }
    found.push('\n');
    assert!(found == TABLE, "the table is:\n{found}");
}

/// What each asker got, in the words of the table.
fn cells(route: &str, answers: &[Answer]) -> Vec<String> {
    let (public, viewer) = (&answers[0], &answers[1]);
    let figures = |answer: &Answer| {
        let mut value = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            // Who asks is told in the answer; the figures are what counts here.
            fields.remove("role");
            fields.remove("rights");
        }
        (value, answer.body.clone())
    };
    let alike = |a: &Answer, b: &Answer| {
        let (a, b) = (figures(a), figures(b));
        if a.0.is_null() { a.1 == b.1 } else { a.0 == b.0 }
    };
    let open = alike(public, viewer);
    answers
        .iter()
        .map(|answer| match answer.status {
            200 if route == "/metrics" => "status".to_owned(),
            200 if open && alike(answer, public) => "open".to_owned(),
            200 if !open && public.status == 200 && alike(answer, public) => "public".to_owned(),
            200 if !open && alike(answer, viewer) => "exact".to_owned(),
            200 if alike(answer, &answers[2]) => "records".to_owned(),
            200 if alike(answer, &answers[4]) => "health".to_owned(),
            200 => "odd".to_owned(),
            status => status.to_string(),
        })
        .collect()
}

/// `z/x/y` of the tile that holds a place.
fn tile_at(zoom: u32, lon: f64, lat: f64) -> String {
    let side = f64::from(1_u32 << zoom);
    let x = (lon + 180.0) / 360.0 * side;
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * side;
    format!("{zoom}/{}/{}", x as u32, y as u32)
}

#[test]
fn nothing_public_speaks_of_fewer_than_ten_households() {
    let town = Town::ready("ten");
    let server = Server::start(&town.data());
    let viewer = town.token("viewer", "office");
    let mut small = 0;
    for resolution in RESOLUTIONS {
        for hex in server.hexes(None, resolution) {
            let id = hex["id"].as_str().expect("an id");
            assert!(hex["households"].as_u64().expect("a count") >= MIN_HOUSEHOLDS, "{resolution}: {hex}");
            let card = server.get(&format!("/api/hexes/{id}?resolution={resolution}")).json();
            assert_eq!(card["households"], hex["households"]);
            assert_eq!(card["policy"], "public");
            for figure in card["values"].as_array().expect("values") {
                assert_eq!(
                    figure["value"],
                    hex["values"][figure["key"].as_str().expect("a key")],
                    "{id}: table and card"
                );
            }
        }
        for hex in table(Path::new(&town.export_hexes(resolution, "csv"))) {
            assert!(hex["households"].parse::<u64>().expect("a count") >= MIN_HOUSEHOLDS, "export: {hex:?}");
        }
        let public: BTreeSet<String> = server.hexes(None, resolution).iter().map(|hex| hex["id"].to_string()).collect();
        for hex in server.hexes(Some(&viewer), resolution) {
            if hex["households"].as_u64().expect("a count") >= MIN_HOUSEHOLDS {
                continue;
            }
            small += 1;
            assert!(!public.contains(&hex["id"].to_string()), "{resolution}: {hex} is published");
            let id = hex["id"].as_str().expect("an id");
            for guess in [format!("/api/hexes/{id}"), format!("/api/hexes/{id}?resolution={resolution}")] {
                assert_eq!(server.get(&guess).status, 404, "{guess} is guessed");
            }
        }
        let legend = server.get(&format!("/api/legend?property=health&resolution={resolution}")).json();
        for (hexes, households) in legend["counts"]
            .as_array()
            .expect("counts")
            .iter()
            .zip(legend["households"].as_array().expect("households"))
        {
            let (hexes, households) = (hexes.as_u64().expect("a count"), households.as_u64().expect("a count"));
            assert!(hexes == 0 && households == 0 || households >= MIN_HOUSEHOLDS, "{resolution}: {legend}");
        }
    }
    assert!(small > 20, "only {small} small cells: the town shows nothing");
}

/// A published zone: its figures and its shape.
struct Zone {
    households: u64,
    shape: MultiPolygon<f64>,
}

fn zones(file: &str) -> Vec<Zone> {
    let text = std::fs::read_to_string(file).expect("an export");
    let collection: Value = serde_json::from_str(&text).expect("GeoJSON");
    let number = |value: &Value| value.as_f64().expect("a number");
    let ring = |ring: &Value| -> LineString<f64> {
        let places = ring.as_array().expect("places").iter();
        places.map(|place| Coord { x: number(&place[0]), y: number(&place[1]) }).collect()
    };
    let polygon = |polygon: &Value| {
        let mut rings = polygon.as_array().expect("rings").iter().map(ring);
        Polygon::new(rings.next().expect("an exterior"), rings.collect())
    };
    let features = collection["features"].as_array().expect("features");
    features
        .iter()
        .map(|feature| {
            let geometry = &feature["geometry"];
            let shape = match geometry["type"].as_str() {
                Some("Polygon") => MultiPolygon(vec![polygon(&geometry["coordinates"])]),
                Some("MultiPolygon") => {
                    MultiPolygon(geometry["coordinates"].as_array().expect("polygons").iter().map(polygon).collect())
                }
                other => panic!("a zone of kind {other:?}"),
            };
            Zone { households: feature["properties"]["households"].as_u64().expect("a count"), shape }
        })
        .collect()
}

/// Who subtracts published figures from each other learns of unions of these atoms: households that no published
/// figure tells apart. Each has ten or more.
#[test]
fn no_difference_of_published_figures_is_under_ten() {
    let town = Town::ready("differences");
    let households = town.export("households");
    let mut atoms: HashMap<Vec<usize>, u64> = HashMap::new();
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); households.len()];
    for resolution in RESOLUTIONS {
        let zones = zones(&town.export_hexes(resolution, "geojson"));
        let mut counts = vec![0; zones.len()];
        let mut known: HashMap<CellIndex, usize> = HashMap::new();
        for (place, household) in places.iter_mut().zip(&households) {
            let cell = cell_of(household, resolution);
            let zone = *known.entry(cell).or_insert_with(|| {
                let center = LatLng::from(cell);
                let point = Point::new(center.lng(), center.lat());
                let mut holding = (0..zones.len()).filter(|at| zones[*at].shape.contains(&point));
                let zone = holding.next().expect("every populated cell is in a zone: there are no holes");
                assert!(holding.next().is_none(), "{cell} is in two zones of resolution {resolution}");
                zone
            });
            counts[zone] += 1;
            place.push(zone);
        }
        for (zone, counted) in zones.iter().zip(&counts) {
            assert_eq!(zone.households, *counted, "a zone of resolution {resolution} by its shape");
        }
    }
    for place in places {
        *atoms.entry(place).or_default() += 1;
    }
    let least = atoms.values().min().expect("atoms");
    assert!(*least >= MIN_HOUSEHOLDS, "published figures differ by {least} households");
    println!("{} atoms, the smallest of {least} households", atoms.len());
}

fn cell_of(household: &Row, resolution: u8) -> CellIndex {
    let degrees = |name: &str| household[name].parse::<f64>().expect("degrees");
    let place = LatLng::new(degrees("lat"), degrees("lon")).expect("a place");
    // By way of the finest cell, as everywhere: the cells of H3 do not nest exactly.
    let finest = place.to_cell(Resolution::Twelve);
    finest.parent(Resolution::try_from(resolution).expect("a resolution")).expect("a parent")
}

/// A share of sensitive households never tells that all of a zone are alike, nor a count that is not a multiple of three.
#[test]
fn public_shares_are_rounded_and_never_all_of_a_zone() {
    let town = Town::ready("rounded");
    let server = Server::start(&town.data());
    let about = server.get("/api/town").json();
    let shares: Vec<&str> = about["properties"]
        .as_array()
        .expect("properties")
        .iter()
        .filter(|property| property["unit"] == "share")
        .map(|property| property["key"].as_str().expect("a key"))
        .collect();
    assert!(shares.len() > 10, "{shares:?}");
    let mut told: BTreeMap<u64, u64> = BTreeMap::new();
    for hex in server.hexes(None, 10) {
        let id = hex["id"].as_str().expect("an id");
        let card = server.get(&format!("/api/hexes/{id}?resolution=10")).json();
        for figure in card["values"].as_array().expect("values") {
            let (Some(value), Some(known)) = (figure["value"].as_f64(), figure["known"].as_f64()) else { continue };
            if !shares.contains(&figure["key"].as_str().expect("a key")) {
                continue;
            }
            assert!(value < 1.0, "{id}: all of a zone, {figure}");
            let count = value * known;
            let nearest = (count / 3.0).round() * 3.0;
            assert!((count - nearest).abs() <= known * 0.000_6 + 1e-6, "{id}: {count} households, {figure}");
            *told.entry(nearest as u64).or_default() += 1;
        }
    }
    assert!(told.len() > 2, "counts that are told: {told:?}");
}
