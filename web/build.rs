//! Builds the web page and embeds it; here nothing yet: the table is empty.

fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let table = "/// The files of the web page.\npub static ASSETS: &[(&str, &str, &[u8], Option<&[u8]>, Option<&[u8]>)] = &[];\n";
    std::fs::write(std::path::Path::new(&out).join("assets.rs"), table).expect("OUT_DIR can be written");
    println!("cargo:rerun-if-changed=web/build.rs");
}
