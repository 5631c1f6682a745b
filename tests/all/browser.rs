//! The first screen in a real Chromium, on the binary with the page inside.

use std::{path::Path, process::Command};

use crate::{
    place::{Folder, has},
    server::Server,
};

#[test]
fn the_first_screen_says_what_the_api_says() {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !has("node") || !has(&chromium) {
        return;
    }
    if !root.join("web/node_modules/playwright-core").is_dir() {
        crate::place::skip("web/node_modules is not installed");
        return;
    }
    let folder = Folder::new("browser");
    let demo = ["demo", "--quiet", "--households", "3000", "--listen", "127.0.0.1:0", "--data", &folder.at("demo")];
    let server = Server::launch(&demo, "info").until_ready();
    if server.get("/").status == 404 {
        crate::place::skip("the binary was built without the page");
        return;
    }
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
    let output = Command::new("node")
        .arg(root.join("tests/browser/first-screen.mjs"))
        .arg(format!("http://{}/", server.address))
        .arg(&pictures)
        .env("CHROMIUM", chromium)
        .output()
        .expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}{}pictures in {}", String::from_utf8_lossy(&output.stderr), pictures.display());
    assert!(output.status.success(), "the first screen");
    assert!(said.contains("ok   "), "something was checked");
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("\"ERROR\""), "{log}");
}
