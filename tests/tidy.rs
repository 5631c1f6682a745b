//! The plan of the house, held by a test: data flows one way through the layers.
//!
//! Plain `std`: this test reads the sources as text, so that it runs even when the crate does not compile.
//! A new arrow edits `LAYERS` or `HOMES`, so it shows in the diff and is argued in the commit message.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Module → layer. A module names only lower layers, never a sibling.
const LAYERS: &[(&str, u8)] = &[
    ("domain", 0),
    ("ingest", 1),
    ("linkage", 1),
    ("geocode", 1),
    ("fragility", 1),
    ("synth", 1),
    ("roads", 1),
    ("logistics", 1),
    ("snapshot", 2),
    ("query", 3),
    ("access", 4),
    ("casework", 5),
    ("publish", 6),
    ("store", 6),
    ("app", 7),
    ("http", 8),
    ("cli", 8),
    ("config", 8),
];

/// Foreign crate → the modules where it may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("anyhow", &["main"]),
    ("arc_swap", &["app"]),
    ("axum", &["http"]),
    ("brotli", &["publish", "app"]),
    ("calamine", &["ingest"]),
    ("chacha20poly1305", &["store"]),
    ("clap", &["cli", "config", "main"]),
    ("encoding_rs", &["ingest"]),
    ("flatgeobuf", &["ingest", "publish"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("indicatif", &["cli"]),
    ("postcard", &["store"]),
    ("proj4rs", &["ingest"]),
    ("rand_chacha", &["synth"]),
    ("serde", &["fragility", "store", "publish", "app", "http", "cli"]),
    ("sqlx", &["store"]),
    ("tokio", &["store", "app", "http", "cli", "main"]),
    ("toml", &["fragility"]),
    ("tower", &["http"]),
    ("tracing", &["app", "http", "store", "cli", "main"]),
    ("tracing_subscriber", &["main", "cli"]),
    ("zip", &["ingest"]),
];

/// Rooms that do not wait, read no clock, touch no disk and no network.
const PURE: &[&str] =
    &["domain", "ingest", "linkage", "geocode", "fragility", "synth", "snapshot", "query", "access", "publish"];

/// What purity forbids, as it would be written.
const IMPURE: &[&str] = &[
    "async fn",
    "std::fs",
    "std::net",
    "std::env",
    "SystemTime::now",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "rand::rng()",
    "OsRng",
];

/// Names that say nothing about what is inside.
const NO_NAMES: &[&str] = &["utils.rs", "common.rs", "helpers.rs", "types.rs", "misc.rs"];

const MAX_FILE_LINES: usize = 600;
const WIDE_FILES: &[&str] = &[];

struct Source {
    module: String,
    path: PathBuf,
    code: String,
    tests_only: bool,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).expect("a file under src").to_path_buf();
            let first = relative.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a readable source");
            let name = relative.file_name().expect("a name").to_string_lossy().into_owned();
            Source {
                module: first.trim_end_matches(".rs").to_owned(),
                tests_only: relative.iter().any(|part| {
                    let part = part.to_string_lossy();
                    part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs")
                }) || name == "measure.rs"
                    || text.starts_with("#![cfg(test)]"),
                code: without_tests(&text),
                path: relative,
            }
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The text before its `#[cfg(test)]` module, without comment lines.
fn without_tests(text: &str) -> String {
    let code = text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at]);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first path segments after `crate::`, braces included: `crate::{a::X, b}` → a, b.
fn named_modules(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut start = true;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 && (c.is_alphanumeric() || c == '_') && start {
                    name.push(c);
                } else {
                    if !name.is_empty() {
                        names.push(std::mem::take(&mut name));
                    }
                    start = depth == 1 && (c == ',' || (c.is_whitespace() && start));
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                names.push(name);
            }
        }
    }
    names
}

fn layers() -> BTreeMap<&'static str, u8> {
    LAYERS.iter().copied().collect()
}

#[test]
fn a_module_names_only_lower_layers() {
    let layers = layers();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| !s.tests_only) {
        if matches!(source.module.as_str(), "lib" | "main") {
            continue;
        }
        let Some(own) = layers.get(source.module.as_str()) else {
            wrong.push(format!("{}: no layer for the module \"{}\"", source.path.display(), source.module));
            continue;
        };
        for name in named_modules(&source.code) {
            if name == source.module {
                continue;
            }
            match layers.get(name.as_str()) {
                Some(other) if other < own => {}
                Some(_) => wrong.push(format!("{} names {name}", source.path.display())),
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the plan does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn a_foreign_crate_stays_at_home() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| !s.tests_only) {
        for (foreign, homes) in HOMES {
            let named = source.code.lines().any(|line| {
                let line = line.trim_start();
                [format!("use {foreign}::"), format!("use {foreign};")].iter().any(|start| line.starts_with(start))
                    || line
                        .match_indices(&format!("{foreign}::"))
                        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
            });
            if named && !homes.contains(&source.module.as_str()) {
                wrong.push(format!("{} names {foreign}, whose home is {}", source.path.display(), homes.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_do_not_wait_nor_touch_the_world() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| !s.tests_only && PURE.contains(&s.module.as_str())) {
        for word in IMPURE {
            if source.code.contains(word) {
                wrong.push(format!("{}: {word}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn public_functions_take_no_bool_and_files_have_names() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| !s.tests_only) {
        let file = source.path.file_name().expect("a name").to_string_lossy().into_owned();
        if NO_NAMES.contains(&file.as_str()) {
            wrong.push(format!("{}: a name that says nothing", source.path.display()));
        }
        let lines = source.code.lines().count();
        if lines > MAX_FILE_LINES && !WIDE_FILES.iter().any(|wide| source.path.ends_with(wide)) {
            wrong.push(format!("{}: {lines} lines", source.path.display()));
        }
        for (at, _) in source.code.match_indices("pub fn ") {
            let rest = &source.code[at..];
            let signature = &rest[..rest.find(['{', ';']).unwrap_or(rest.len())];
            let arguments = signature.split("->").next().unwrap_or_default();
            if arguments.contains(": bool") {
                wrong.push(format!("{}: a bool parameter in {}", source.path.display(), arguments.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_top_level_holds_what_the_client_fixed() {
    const ALLOWED: &[&str] = &[
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "migrations",
        "publiccode.yml",
        "src",
        "styles",
        "tests",
        "web",
    ];
    let extra: Vec<String> = fs::read_dir(env!("CARGO_MANIFEST_DIR"))
        .expect("the top level")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| {
            !name.starts_with('.')
                && name != "target"
                && name != "proptest-regressions"
                && !ALLOWED.contains(&name.as_str())
        })
        .collect();
    assert!(extra.is_empty(), "at the top level, beside what the client fixed: {extra:?}");
}

#[test]
fn the_reader_of_imports_sees_groups() {
    assert_eq!(
        named_modules("use crate::{domain::{a, b}, store::Store,\n    access};\nuse crate::query;"),
        ["domain", "store", "access", "query"]
    );
}
