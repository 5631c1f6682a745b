//! MapLibre styles: the files of `styles/` with the server's address filled in.

/// What stands for the server's public address in a style file.
pub const PLACEHOLDER: &str = "{base}";

/// The style with every [`PLACEHOLDER`] replaced by the address (no final slash). `{z}`, `{fontstack}` and the like
/// are left as they are.
pub fn fill(template: &str, base: &str) -> String {
    // The address is written inside JSON strings.
    let quoted = serde_json::Value::from(base).to_string();
    template.replace(PLACEHOLDER, &quoted[1..quoted.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_inside_its_string() {
        let style =
            fill(r#"{"version":8,"sources":{"h":{"url":"{base}/tiles/hexes.json"}},"g":"{z}"}"#, "http://a:1/\"x");
        let read: serde_json::Value = serde_json::from_str(&style).unwrap();
        assert_eq!(read["sources"]["h"]["url"], "http://a:1/\"x/tiles/hexes.json");
        assert_eq!(read["g"], "{z}");
    }
}
