//! Where tests find things: the binary, the shared data, folders of their own.

use std::{
    collections::HashMap,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
};

/// The real binary.
pub fn atlante() -> Command {
    Command::new(env!("CARGO_BIN_EXE_atlante"))
}

/// Runs the binary and gives its output; panics with standard error where it fails.
pub fn run(arguments: &[&str]) -> Output {
    let output = atlante().args(arguments).output().expect("the binary starts");
    assert!(
        output.status.success(),
        "atlante {} ended with {}:\n{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs the binary, whatever comes of it; panics where the program did.
pub fn attempt(arguments: &[&str]) -> Output {
    let output = atlante().args(arguments).output().expect("the binary starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let asked = arguments.join(" ");
    assert!(output.status.code().is_some(), "atlante {asked} was ended by a signal:\n{said}");
    for word in ["panicked", "RUST_BACKTRACE", "overflowed its stack", "memory allocation"] {
        assert!(!said.contains(word), "atlante {asked}:\n{said}");
    }
    output
}

/// Runs the binary with `--json` and gives its report.
pub fn report(arguments: &[&str]) -> serde_json::Value {
    let mut all = arguments.to_vec();
    all.push("--json");
    let output = run(&all);
    serde_json::from_slice(&output.stdout).expect("a JSON report")
}

/// Says aloud that a test skips, past the harness that hides what passing tests print.
pub fn skip(why: &str) {
    // Standard error may be closed: there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Real data for tests, which the project does not hold; `None` says aloud that a test skips.
pub fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("ATLANTE_SHARED").map_or_else(beside, PathBuf::from).join("data");
    if folder.is_dir() {
        return Some(folder);
    }
    skip(&format!("no shared data at {}", folder.display()));
    None
}

/// A folder of its own under `target`, removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder.
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{n}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// A path inside, as text for a command line.
    pub fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a UTF-8 path").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A CSV of ours or of an office, read plainly: rows by column.
pub fn table(path: &Path) -> Vec<Row> {
    let bytes = std::fs::read(path).expect("a readable table");
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(latin) => latin.into_bytes().into_iter().map(char::from).collect(),
    };
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().expect("a header");
    let separator = [';', ',', '\t', '|'].into_iter().max_by_key(|s| header.matches(*s).count()).expect("a separator");
    let mut reader = csv::ReaderBuilder::new().delimiter(separator as u8).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|record| {
            let record = record.expect("a row");
            names.iter().cloned().zip(record.iter().map(str::to_owned)).collect()
        })
        .collect()
}

/// A row of a table, by column.
pub type Row = HashMap<String, String>;

/// Whether a program can be started; says aloud when not.
pub fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        skip(&format!("{program} is not installed"));
    }
    there
}
