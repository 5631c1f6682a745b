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
    ("cch", &["roads"]),
    ("chacha20poly1305", &["store"]),
    ("clap", &["cli", "config", "main"]),
    ("cql2", &["query"]),
    ("encoding_rs", &["ingest"]),
    ("flatbuffers", &["publish"]),
    ("flatgeobuf", &["ingest", "publish"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("indicatif", &["cli"]),
    ("osmpbf", &["roads"]),
    ("pest", &["query"]),
    ("postcard", &["store"]),
    ("proj4rs", &["ingest"]),
    ("qrcode", &["publish"]),
    ("rand_chacha", &["fragility", "logistics", "synth"]),
    ("rust_xlsxwriter", &["store"]),
    ("serde", &["casework", "ingest", "fragility", "store", "publish", "app", "http", "cli"]),
    ("serde_ignored", &["app"]),
    ("serde_path_to_error", &["app"]),
    ("sqlx", &["store"]),
    ("tempfile", &["app"]),
    ("tokio", &["store", "app", "http", "cli", "main"]),
    ("toml", &["fragility"]),
    ("tower", &["http"]),
    ("tracing", &["app", "http", "store", "cli", "main"]),
    ("tracing_subscriber", &["main", "cli"]),
    ("unicode_normalization", &["query"]),
    ("zip", &["ingest"]),
];

/// Rooms that do not wait, read no clock, touch no disk and no network.
const PURE: &[&str] = &[
    "domain",
    "ingest",
    "linkage",
    "geocode",
    "fragility",
    "roads",
    "logistics",
    "synth",
    "snapshot",
    "query",
    "access",
    "casework",
    "publish",
];

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

const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 70;

/// Words that say that something is not finished.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "HACK"];

struct Source {
    module: String,
    path: PathBuf,
    /// Without comment lines and test modules.
    code: String,
    lines: usize,
    tests_only: bool,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let texts: Vec<(PathBuf, String)> = files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a readable source");
            (path.strip_prefix(&root).expect("a file under src").to_path_buf(), text)
        })
        .collect();
    let for_tests: Vec<PathBuf> = texts.iter().flat_map(|(path, text)| mounted_for_tests(path, text)).collect();
    texts
        .into_iter()
        .map(|(path, text)| {
            let first = path.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
            let tests_only = text.starts_with("#![cfg(test)]")
                || for_tests.iter().any(|module| path.starts_with(module) || path == module.with_extension("rs"));
            Source {
                module: first.trim_end_matches(".rs").to_owned(),
                code: without_tests(&text),
                lines: text.lines().count(),
                tests_only,
                path,
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

/// The modules, without ending, that a file mounts under `#[cfg(test)]`.
fn mounted_for_tests(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") => path.parent().expect("a folder").to_path_buf(),
        _ => path.with_extension(""),
    };
    let mut modules = Vec::new();
    let mut for_tests = false;
    for line in text.lines().map(str::trim) {
        if line == "#[cfg(test)]" {
            for_tests = true;
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            if let Some((_, name)) =
                line.strip_suffix(';').and_then(|line| line.rsplit_once("mod ")).filter(|_| for_tests)
            {
                modules.push(folder.join(name));
            }
            for_tests = false;
        }
    }
    modules
}

/// The text without its `#[cfg(test)]` modules and items, and without comment lines.
fn without_tests(text: &str) -> String {
    let mut kept = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        if line.trim() != "#[cfg(test)]" {
            kept.push(line);
            continue;
        }
        // What is marked goes to its own closing bracket, at the same depth; formatted code is taken for granted.
        let close = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let opens = lines.by_ref().find(|line| line.ends_with(['{', ';', '}']));
        if opens.is_some_and(|line| line.ends_with('{')) {
            lines.by_ref().find(|line| *line == close);
        }
    }
    kept.join("\n")
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
            let used = source.code.lines().map(str::trim_start).any(|line| {
                [format!("use {foreign}::"), format!("use {foreign};"), format!("use {foreign} as ")]
                    .iter()
                    .any(|start| line.starts_with(start))
            });
            // A module of ours may have the name of a crate: then it was imported, and paths begin with it.
            let named = used || (!imports_own(&source.code, foreign) && names_path(&source.code, foreign));
            if named && !homes.contains(&source.module.as_str()) {
                wrong.push(format!("{} names {foreign}, whose home is {}", source.path.display(), homes.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a path begins with the name.
fn names_path(code: &str, name: &str) -> bool {
    code.match_indices(&format!("{name}::"))
        .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"'))
}

/// Whether an import brings a module of ours with that name.
fn imports_own(code: &str, name: &str) -> bool {
    let imports = code.split(";\n").filter(|piece| piece.contains("use crate::") || piece.contains("use super::"));
    imports.into_iter().any(|piece| piece.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name))
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
        if source.lines > MAX_FILE_LINES {
            wrong.push(format!("{}: {} lines", source.path.display(), source.lines));
        }
        for (name, lines) in functions(&source.code).into_iter().filter(|(_, lines)| *lines > MAX_FUNCTION_LINES) {
            wrong.push(format!("{}: {name} has {lines} lines", source.path.display()));
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

/// Name and length of the functions of formatted code: each ends with a bracket as deep as it begins.
fn functions(code: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let start = ["fn ", "pub fn ", "async fn ", "const fn ", "pub async fn ", "pub const fn "];
        let is_function =
            trimmed.starts_with("pub(") && trimmed.contains(") fn ") || start.iter().any(|s| trimmed.starts_with(s));
        if !is_function || line.ends_with(';') || line.ends_with('}') {
            continue;
        }
        let close = format!("{}}}", &line[..line.len() - trimmed.len()]);
        let name = trimmed.split_once("fn ").map_or("", |(_, rest)| rest);
        let name = name.split(['(', '<']).next().unwrap_or_default();
        if let Some(length) = lines[at..].iter().position(|line| *line == close) {
            found.push((name.to_owned(), length + 1));
        }
    }
    found
}

#[test]
fn nothing_is_left_unfinished() {
    let mut wrong = Vec::new();
    for source in sources() {
        let text =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&source.path)).expect("a source");
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(|word| UNFINISHED.contains(word)) {
            wrong.push(format!("{}: {word}", source.path.display()));
        }
        if text.contains("#[allow(") || text.contains("#![allow(") {
            wrong.push(format!("{}: a lint is silenced; say why with #[expect(…, reason = …)]", source.path.display()));
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

#[test]
fn the_reader_of_modules_knows_what_is_for_tests() {
    let text = "mod a;\n#[cfg(test)]\nmod tests;\nfn f() {\n    1\n}\n\n#[cfg(test)]\nmod inner {\n    fn g() {}\n}\nfn h() {}";
    assert_eq!(without_tests(text), "mod a;\nfn f() {\n    1\n}\n\nfn h() {}");
    assert_eq!(mounted_for_tests(Path::new("x/y.rs"), text), [Path::new("x/y/tests")]);
    assert_eq!(mounted_for_tests(Path::new("x/mod.rs"), text), [Path::new("x/tests")]);
    assert_eq!(functions(text)[0], ("f".to_owned(), 3));
}
