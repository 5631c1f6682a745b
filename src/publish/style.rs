//! MapLibre styles: the files of `styles/` with the server's address filled in, and without what this town lacks.

use serde_json::Value;

/// What stands for the server's public address in a style file.
pub const PLACEHOLDER: &str = "{base}";

/// The style with every [`PLACEHOLDER`] replaced by the address (no final slash); `{z}`, `{fontstack}` and the like are
/// left as they are. A source that is `has` not, and every layer drawn from it, is left out: a client that cannot load
/// one source shows an error, or nothing at all.
pub fn fill(template: &str, base: &str, has: impl Fn(&str) -> bool) -> Result<String, serde_json::Error> {
    let mut style: Value = serde_json::from_str(template)?;
    let mut missing: Vec<String> = Vec::new();
    if let Some(sources) = style["sources"].as_object_mut() {
        sources.retain(|name, source| {
            let served = source["url"].as_str().and_then(tileset).is_none_or(&has);
            if !served {
                missing.push(name.clone());
            }
            served
        });
    }
    if let Some(layers) = style["layers"].as_array_mut() {
        layers.retain(|layer| layer["source"].as_str().is_none_or(|name| !missing.iter().any(|gone| gone == name)));
    }
    fill_texts(&mut style, base);
    serde_json::to_string(&style)
}

/// The layer that a source's address names: `{base}/tiles/roads.json` → `roads`.
fn tileset(url: &str) -> Option<&str> {
    url.strip_prefix(PLACEHOLDER)?.strip_prefix("/tiles/")?.strip_suffix(".json")
}

fn fill_texts(value: &mut Value, base: &str) {
    match value {
        Value::String(text) if text.contains(PLACEHOLDER) => *text = text.replace(PLACEHOLDER, base),
        Value::Array(items) => items.iter_mut().for_each(|item| fill_texts(item, base)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill_texts(field, base)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = r#"{"version":8,"sources":{"h":{"url":"{base}/tiles/hexes.json"},
        "r":{"url":"{base}/tiles/roads.json"}},"layers":[{"id":"a","source":"h"},{"id":"b","source":"r"},{"id":"c"}],
        "g":"{z}"}"#;

    #[test]
    fn an_address_stays_inside_its_string() {
        let style = fill(STYLE, "http://a:1/\"x", |_| true).unwrap();
        let read: Value = serde_json::from_str(&style).unwrap();
        assert_eq!(read["sources"]["h"]["url"], "http://a:1/\"x/tiles/hexes.json");
        assert_eq!(read["g"], "{z}");
        assert_eq!(read["layers"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn what_the_town_lacks_is_left_out() {
        let style = fill(STYLE, "http://a", |name| name == "hexes").unwrap();
        let read: Value = serde_json::from_str(&style).unwrap();
        assert!(read["sources"]["r"].is_null());
        let ids: Vec<&str> = read["layers"].as_array().unwrap().iter().filter_map(|l| l["id"].as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
    }
}
