//! The demo: an invented town, taken through the whole path, then served.

use std::sync::Arc;

use jiff::civil::date;

use super::{
    argument::{DemoArguments, HeldArguments, ServeArguments, StoreArguments},
    command::{Done, operator},
    progress::Bar,
};
use crate::{
    access::Role,
    app::{
        self, Error,
        import::{CivicTable, ImportOrder, LayerOrder, SourceOutcome},
        refresh::RefreshOrder,
    },
    domain::watch::Watch as _,
    store::{self, Place, Store},
    synth,
};

/// The day of the invented banks.
const AS_OF: jiff::civil::Date = date(2026, 6, 30);

/// Makes the town, imports it, assesses it and hands over to the server.
pub(super) async fn demo(arguments: DemoArguments, bar: &Bar) -> Result<Done, Error> {
    let town = arguments.data.join(format!("town-{}-{}", arguments.households, arguments.seed));
    let data = arguments.data.join(format!("store-{}-{}", arguments.households, arguments.seed));
    if !town.join("complete").exists() {
        bar.begin("inventing the town", 0);
        app::invent::write_town(arguments.households, arguments.seed, &town).await?;
        std::fs::write(town.join("complete"), b"").map_err(|error| Error::invalid("--data", error))?;
    }
    let comune = synth::COMUNE.parse().map_err(|error| Error::invalid("comune", error))?;
    let mut layers = Vec::new();
    for (name, file) in [
        ("boundary", "boundary.geojson"),
        ("sections", "sections.geojson"),
        ("neighbourhoods", "neighbourhoods.geojson"),
        ("roads", "streets.geojson"),
    ] {
        let name = name.parse().map_err(|error| Error::invalid("layer", error))?;
        layers.push(LayerOrder { name, file: town.join(file), table: None });
    }
    // A town that an older program invented has no roads.
    let roads = town.join("roads.geojson");
    if !roads.exists() {
        app::invent::write_town(arguments.households, arguments.seed, &town).await?;
    }
    let order = ImportOrder {
        comune,
        civics: vec![town.join("civics/indirizzario.csv"), town.join("civics/stradario.csv")],
        table: CivicTable::default(),
        civic_points: None,
        layers,
        roads: Some(roads),
        banks: app::import::banks_in(&town.join("banks"))?,
    };
    let home = store::create(&Place::Folder(data.clone()), comune).await?;
    let store = home.store();
    let imported = app::import::import(store.as_ref(), order, bar).await?;
    if let Some(SourceOutcome::Refused(reason)) =
        imported.sources.into_iter().map(|source| source.state).find(|state| matches!(state, SourceOutcome::Refused(_)))
    {
        return Err(Error::invalid("the invented town", reason));
    }
    app::refresh::refresh(store.as_ref(), RefreshOrder { as_of: AS_OF, model: None }, bar).await?;
    let tokens = tokens(&store).await?;
    Ok(Done::Demo {
        serve: ServeArguments {
            held: HeldArguments { store: StoreArguments::folder(data), comune: None },
            listen: arguments.listen,
            public_url: None,
        },
        tokens,
    })
}

/// A fresh token for each role; those of an earlier demo are revoked, since nobody can read them any more.
async fn tokens(store: &Arc<dyn Store>) -> Result<Vec<(String, String)>, Error> {
    let actor = operator();
    let mut tokens = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Public) {
        let name = format!("demo-{}", role.key());
        match app::account::revoke_token(Arc::clone(store), &actor, &name, None).await {
            Ok(()) | Err(Error::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        let secret = app::account::add_token(Arc::clone(store), &actor, role, &name).await?;
        tokens.push((role.key().to_owned(), secret.reveal().to_owned()));
    }
    Ok(tokens)
}
