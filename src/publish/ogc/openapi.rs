//! The API by OpenAPI 3.0: one document that needs no other.

use serde_json::{Value as Json, json};

use crate::publish::json as written;

/// The document, but for what depends on the town and on who asks.
const TEMPLATE: &str = include_str!("openapi.json");

/// What the document says of this server.
pub struct About<'a> {
    /// The address of the APIs without a final slash.
    pub base: &'a str,
    /// The town.
    pub town: &'a str,
    /// The collections that the actor sees.
    pub collections: &'a [&'a str],
    /// Items of a page where nobody says, and at most.
    pub limits: [u32; 2],
    /// A zone of which there are figures; none where there are none.
    pub zone: Option<String>,
}

/// The document.
pub fn write(about: &About<'_>) -> Vec<u8> {
    let mut document: Json = serde_json::from_str(TEMPLATE).expect("our own document, read by a test");
    document["info"]["title"] = json!(format!("Atlante, {}", about.town));
    document["servers"] = json!([{"url": about.base}]);
    let parameters = &mut document["components"]["parameters"];
    parameters["collectionId"]["schema"]["enum"] = json!(about.collections);
    let [usual, most] = about.limits;
    parameters["limit"]["schema"]["default"] = json!(usual);
    parameters["limit"]["schema"]["maximum"] = json!(most);
    if let Some(zone) = &about.zone {
        parameters["zoneId"]["example"] = json!(zone);
    }
    written(&document)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'a>(value: &'a Json, into: &mut Vec<&'a str>) {
        match value {
            Json::Object(members) => {
                into.extend(members.get("$ref").and_then(Json::as_str));
                members.values().for_each(|member| references(member, into));
            }
            Json::Array(items) => items.iter().for_each(|item| references(item, into)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_is_inside_and_leads_somewhere() {
        let about = About { base: "http://a/ogc", town: "B", collections: &["c"], limits: [10, 10_000], zone: None };
        let document: Json = serde_json::from_slice(&write(&about)).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("inside the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        assert_eq!(document["components"]["parameters"]["limit"]["schema"]["maximum"], 10_000);
    }
}
