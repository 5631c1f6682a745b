//! The page in a real Chromium, on the binary with the page inside.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    place::{Folder, has, run, skip},
    server::Server,
    town::{COMUNE, Town},
};

/// Chromium, where everything that a browser test needs is here; otherwise it says aloud what is not.
fn chromium() -> Option<String> {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if !has("node") || !has(&chromium) {
        return None;
    }
    if !root().join("web/node_modules/playwright-core").is_dir() {
        skip("web/node_modules is not installed");
        return None;
    }
    Some(chromium)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens")
}

/// Runs a script of `tests/browser` and judges it.
fn play(command: &mut Command, what: &str) {
    let output = command.output().expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}{}pictures in {}", String::from_utf8_lossy(&output.stderr), pictures().display());
    assert!(output.status.success(), "{what}");
    assert!(said.contains("ok   "), "something was checked");
}

fn script(name: &str, chromium: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(root().join("tests/browser").join(name)).env("CHROMIUM", chromium);
    command
}

/// The server ends well and has logged no error.
fn judge(server: Server) {
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("\"ERROR\""), "{log}");
}

#[test]
fn the_first_screen_says_what_the_api_says() {
    let Some(chromium) = chromium() else { return };
    let folder = Folder::new("browser");
    let demo = ["demo", "--quiet", "--households", "3000", "--listen", "127.0.0.1:0", "--data", &folder.at("demo")];
    let server = Server::launch(&demo, "info").until_ready();
    if server.get("/").status == 404 {
        skip("the binary was built without the page");
        return;
    }
    let mut command = script("first-screen.mjs", &chromium);
    command.arg(format!("http://{}/", server.address)).arg(pictures());
    play(&mut command, "the first screen");
    judge(server);
}

#[test]
fn people_are_found_as_the_api_finds_them() {
    let Some(chromium) = chromium() else { return };
    let town = Town::ready("people");
    let token = town.token("coordinator", "Coordinamento");
    let viewer = town.token("viewer", "Ufficio di piano");
    let server = Server::start(&town.data());
    if server.get("/").status == 404 {
        skip("the binary was built without the page");
        return;
    }
    let mut command = script("ask.mjs", &chromium);
    command.arg(format!("http://{}/", server.address)).arg(token).arg(pictures());
    command.env("ATLANTE", env!("CARGO_BIN_EXE_atlante")).env("ATLANTE_DATA", town.data());
    command.env("ATLANTE_VIEWER", viewer);
    play(&mut command, "the place Persone");
    judge(server);
}

#[test]
fn two_crews_deliver_without_a_network() {
    crews_play("crew.mjs", "crews-page");
}

#[test]
fn a_crew_goes_on_with_a_telephone_in_trouble() {
    crews_play("crew-trouble.mjs", "crews-trouble");
}

/// A script on a town of its own with a plan of two runs: it starts and ends the server itself.
fn crews_play(name: &str, town: &str) {
    let Some(chromium) = chromium() else { return };
    let town = Town::ready(town);
    let token = town.token("coordinator", "Coordinamento");
    crate::crew::plant(&town);
    let server = Server::start(&town.data());
    if server.get("/crew").status == 404 {
        skip("the binary was built without the page");
        return;
    }
    judge(server);
    let mut command = script(name, &chromium);
    command.arg(token).arg(crate::crew::PLAN).arg(pictures());
    command.env("ATLANTE", env!("CARGO_BIN_EXE_atlante")).env("ATLANTE_DATA", town.data());
    play(&mut command, "the crew's page");
    let (code, report) = town.check();
    assert_eq!(code, Some(0), "the store is sound after a kill: {report}");
}

#[test]
fn each_reader_is_offered_what_it_may_ask() {
    let Some(chromium) = chromium() else { return };
    let town = Town::ready("readers");
    let (token, viewer) = (town.token("coordinator", "Coordinamento"), town.token("viewer", "Ufficio di piano"));
    let server = Server::start(&town.data());
    if server.get("/").status == 404 {
        skip("the binary was built without the page");
        return;
    }
    let mut command = script("readers.mjs", &chromium);
    command.arg(format!("http://{}/", server.address)).args([token, viewer]).arg(pictures());
    play(&mut command, "what each reader may ask");
    judge(server);
}

#[test]
fn a_plan_is_made_driven_and_brought_back() {
    let Some(chromium) = chromium() else { return };
    let town = Town::ready("plans");
    run(&["import", "--quiet", "--data", &town.data(), "--comune", COMUNE, "--roads", &town.file("roads.geojson")]);
    let token = town.token("coordinator", "Coordinamento");
    let server = Server::start(&town.data());
    if server.get("/").status == 404 {
        skip("the binary was built without the page");
        return;
    }
    for (name, what) in [("plans.mjs", "the place Piani"), ("orders.mjs", "the form of a new plan")] {
        let mut command = script(name, &chromium);
        command.arg(format!("http://{}/", server.address)).arg(&token).arg(pictures());
        play(&mut command, what);
    }
    judge(server);
}
