//! `/qgis/…`: the layer definition and the styles that QGIS opens.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    Server,
    actor::Who,
    answer::{self, Keep, Parcel, Varies},
    base,
    error::Problem,
    parameters::{At, Parameters},
};
use crate::{
    access::{Actor, hexes::Policy},
    app::{self, cache::Body},
};

/// `GET /qgis/atlante.qlr[?authcfg=ID]` and `GET /qgis/{collection}.qml[?property=KEY]`. The first lists what who asks may
/// see; `authcfg` is the id of an authentication configuration in the user's own QGIS, written into the file.
pub async fn file(
    State(server): State<Server>,
    At(file): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = if file == "atlante.qlr" {
        let asked = Parameters::read(query.as_deref(), &["authcfg"])?;
        app::qgis::definition(server.app(), &actor, &base::of(&server, &headers), asked.text("authcfg"))?
    } else {
        let name = file.strip_suffix(".qml").ok_or(Problem::NoSuchPath)?;
        let asked = Parameters::read(query.as_deref(), &["property"])?;
        app::qgis::style(server.app(), &actor, name, asked.text("property"))?
    };
    let parcel = Parcel {
        body: Arc::new(Body::new(text.into_bytes())),
        media_type: if file == "atlante.qlr" { "application/x-qgis-layer-definition" } else { "application/xml" },
        policy: if actor == Actor::anonymous() { Policy::Public } else { Policy::Exact },
        keep: Keep::Revalidated,
        varies: Varies::CodingAndActor,
    };
    answer::send(&headers, parcel).await
}
