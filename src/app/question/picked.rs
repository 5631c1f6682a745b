//! The households that a filter finds in an area, for a plan.

use std::sync::Arc;

use super::{AreaAsked, Right, aside, asked, asking, lang, reach, select};
use crate::{
    access::Actor,
    app::{App, Error, World},
    query::{Selection, collection::Collection},
    snapshot::schema::Sensitivity,
};

/// Which households.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::app) struct Picking<'a> {
    /// CQL2.
    pub(in crate::app) filter: Option<&'a str>,
    /// `cql2-text` or `cql2-json`.
    pub(in crate::app) lang: Option<&'a str>,
    /// An area, as a question takes it.
    pub(in crate::app) area: Option<&'a serde_json::Value>,
}

/// Households that were found, in the world in which they were.
pub(in crate::app) struct Picked {
    /// The world.
    pub(in crate::app) world: Arc<World>,
    /// The households.
    pub(in crate::app) selection: Arc<Selection>,
    /// As far as the actor may see.
    pub(in crate::app) up_to: Sensitivity,
}

/// Finds households for who may read them one by one. Errors: those of a question.
pub(in crate::app) async fn households(app: &App, actor: &Actor, wanted: Picking<'_>) -> Result<Picked, Error> {
    let asking = asking(app.world()?, actor, "households")?;
    if !matches!(asking.right, Right::Records(_)) {
        return Err(Error::Forbidden("a plan is made of households: a role that may read them makes it".to_owned()));
    }
    let area: Option<AreaAsked> = match wanted.area {
        None => None,
        Some(area) => {
            let text = area.to_string();
            Some(aside(move || asked::read("people.area", text.as_bytes())).await?)
        }
    };
    let area = reach::settle(app, actor, area).await?;
    let lang = lang(wanted.lang, wanted.filter.is_some_and(|text| text.trim_start().starts_with('{')))?;
    let selection = select(&asking, wanted.filter, lang, area).await?;
    Ok(Picked { world: asking.world, selection, up_to: asking.up_to })
}

impl Picked {
    /// The place of a field that may be asked by. Errors: `Invalid` with the place.
    pub(in crate::app) fn field(&self, place: &str, name: &str) -> Result<usize, Error> {
        let households = self.world.households();
        let open = |&at: &usize| households.fields()[at].sensitivity <= self.up_to;
        households.field(name).filter(open).ok_or_else(|| {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(48).collect();
            Error::invalid(place, format_args!("\"{shown}\" is not a property that you may ask by"))
        })
    }
}
