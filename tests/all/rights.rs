//! Who may see what of the OGC APIs: every route for every role.

use h3o::{CellIndex, Resolution};

use crate::{access::ROLES, ask::Answer, server::Server, town::Town};

/// Every route and every kind of asker. `open`: the same for all; `public` and `exact`: as the public's and as the
/// viewer's; `own`: something else than both, as households are; otherwise the status.
const TABLE: &str = "
/ogc                                                     open    open    open    open    open    open    open    open    401     401
/ogc/api                                                 open    open    own     own     own     own     open    open    401     401
/ogc/conformance                                         open    open    open    open    open    open    open    open    401     401
/ogc/functions                                           open    open    open    open    open    open    open    open    401     401
/ogc/collections                                         public  exact   own     own     own     own     public  public  401     401
/ogc/collections/hexes                                   public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/collections/hexes/queryables                        open    open    open    open    open    open    open    open    401     401
/ogc/collections/hexes_10/items?limit=50                 public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/collections/hexes_10/items?limit=50&f=csv           public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/collections/hexes_10/items?filter=households<10     public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/collections/hexes_10/items/PUBLISHED                public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/collections/hexes_10/items/ABSENT                   404     exact   exact   exact   exact   exact   404     404     401     401
/ogc/collections/sections                                open    open    open    open    open    open    open    open    401     401
/ogc/collections/sections/schema                         open    open    open    open    open    open    open    open    401     401
/ogc/collections/sections/items?limit=5                  open    open    open    open    open    open    open    open    401     401
/ogc/collections/sections/items/1                        open    open    open    open    open    open    open    open    401     401
/ogc/collections/households                              401     403     own     own     own     own     403     403     401     401
/ogc/collections/households/queryables                   401     403     own     own     own     own     403     403     401     401
/ogc/collections/households/schema                       401     403     own     own     own     own     403     403     401     401
/ogc/collections/households/items?limit=5                401     403     own     own     own     own     403     403     401     401
/ogc/collections/households/items?limit=5&f=csv          401     403     own     own     own     own     403     403     401     401
/ogc/collections/households/items?limit=5&filter=people>5 401     403     own     own     own     own     403     403     401     401
/ogc/collections/households/items/HOUSEHOLD              401     403     own     own     own     own     403     403     401     401
/ogc/collections/households/tiles                        401     403     own     own     own     own     403     403     401     401
/ogc/collections/people                                  401     403     own     own     own     own     403     403     401     401
/ogc/collections/people/items?limit=5                    401     403     own     own     own     own     403     403     401     401
/ogc/collections/nothing/items                           404     404     404     404     404     404     404     404     401     401
/ogc/collections/hexes/tiles/WebMercatorQuad             open    open    open    open    open    open    open    open    401     401
/ogc/tiles                                               open    open    open    open    open    open    open    open    401     401
/ogc/tiles/WebMercatorQuad                               open    open    own     own     own     own     open    open    401     401
/ogc/tileMatrixSets                                      open    open    open    open    open    open    open    open    401     401
/ogc/tileMatrixSets/WebMercatorQuad                      open    open    open    open    open    open    open    open    401     401
/ogc/styles                                              open    open    open    open    open    open    open    open    401     401
/ogc/styles/fragility                                    open    open    open    open    open    open    open    open    401     401
/ogc/styles/fragility/metadata                           open    open    open    open    open    open    open    open    401     401
/ogc/dggs                                                open    open    open    open    open    open    open    open    401     401
/ogc/dggs/H3                                             open    open    open    open    open    open    open    open    401     401
/ogc/dggs/H3/definition                                  open    open    open    open    open    open    open    open    401     401
/ogc/dggs/H3/zones?zone-level=10                         open    open    open    open    open    open    open    open    401     401
/ogc/dggs/H3/zones?zone-level=10&filter=households<10    public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/dggs/H3/zones/ZONE                                  public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/dggs/H3/zones/ZONE/data                             public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/dggs/H3/zones/ZONE/data?f=geojson                   public  exact   exact   exact   exact   exact   public  public  401     401
/ogc/dggs/H3/zones/HOUSE/data                            404     404     404     404     404     404     404     404     401     401
";

#[test]
fn every_route_of_the_ogc_apis_for_every_role() {
    let town = Town::ready("ogc-roles");
    let tokens: Vec<String> = ROLES.iter().map(|role| town.token(role, role)).collect();
    let revoked = town.token("health", "gone");
    crate::place::run(&["token", "revoke", "--data", &town.data(), "--name", "gone"]);
    let unknown = format!("atl_{}", "5a".repeat(32));
    let server = Server::start(&town.data());
    let mut askers: Vec<Option<&str>> = vec![None];
    askers.extend(tokens.iter().map(|token| Some(token.as_str())));
    askers.extend([Some(unknown.as_str()), Some(revoked.as_str())]);

    let ids = |token| -> Vec<(u64, String)> {
        let page = server.get_as(token, "/ogc/collections/hexes_10/items?limit=10000").json();
        let one = |feature: &serde_json::Value| {
            (feature["id"].as_u64().expect("an id"), feature["properties"]["id"].as_str().expect("a cell").to_owned())
        };
        page["features"].as_array().expect("features").iter().map(one).collect()
    };
    let (public, exact) = (ids(None), ids(Some(&tokens[0])));
    let published = public.iter().find(|hex| exact.contains(hex)).expect("a hexagon that stands alone");
    let (absent, zone) = exact.iter().find(|hex| !public.contains(hex)).expect("a hexagon that is joined");
    let house = zone.parse::<CellIndex>().expect("a cell").center_child(Resolution::Twelve).expect("a child");
    let first = server.get_as(Some(&tokens[2]), "/ogc/collections/households/items?limit=1").json();
    let words = [
        ("PUBLISHED", published.0.to_string()),
        ("ABSENT", absent.to_string()),
        ("ZONE", zone.clone()),
        ("HOUSEHOLD", first["features"][0]["id"].to_string()),
        ("HOUSE", house.to_string()),
        ("<", "%3C".to_owned()),
        (">", "%3E".to_owned()),
    ];
    let mut found = String::from("\n");
    for line in TABLE.trim().lines() {
        let route = line.split_whitespace().next().expect("a route");
        let path = words.iter().fold(route.to_owned(), |route, (word, id)| route.replace(word, id));
        let answers: Vec<Answer> = askers.iter().map(|token| server.get_as(*token, &path)).collect();
        let cells: Vec<String> = answers.iter().map(|answer| cell(answer, &answers[0], &answers[1])).collect();
        let padded = cells.iter().fold(format!("{route:56} "), |line, cell| line + &format!("{cell:8}"));
        found.push_str(padded.trim_end());
        found.push('\n');
    }
    assert!(found == TABLE, "the table is:\n{found}");
}

/// What somebody got beside what the public and a viewer got.
fn cell(answer: &Answer, public: &Answer, viewer: &Answer) -> String {
    let told = |answer: &Answer| match serde_json::from_slice::<serde_json::Value>(&answer.body) {
        Ok(mut document) => {
            // The moment of the answer is not of what is told.
            if let Some(members) = document.as_object_mut() {
                members.remove("timeStamp");
            }
            document.to_string().into_bytes()
        }
        Err(_) => answer.body.clone(),
    };
    let is = |other: &Answer| other.status == 200 && told(other) == told(answer);
    match answer.status {
        200 if is(public) && is(viewer) => "open".to_owned(),
        200 if is(public) => "public".to_owned(),
        200 if is(viewer) => "exact".to_owned(),
        200 => "own".to_owned(),
        status => status.to_string(),
    }
}
