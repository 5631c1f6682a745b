//! Builds the page (`npm ci`, `npm run build`), compresses it once, and writes `$OUT_DIR/assets.rs`, which embeds it:
//!
//! `pub static ASSETS: &[Row]`, a `Row` being (path, content type, bytes, brotli, gzip):
//! path (`index.html`, `assets/x.js`), content type, the bytes as they are, in brotli, and in gzip.
//!
//! `ATLANTE_WEB=skip` leaves the table empty, for builds that need no page. Node.js 18 or newer with npm is needed
//! otherwise; on Debian, root gets it by apt once.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the page is made of, under `web/`.
const SOURCES: [&str; 9] = [
    "src",
    "index.html",
    "crew.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "pack.mjs",
    "build.rs",
];

/// The oldest Node.js that builds the page.
const NODE: u32 = 18;

fn main() -> ExitCode {
    match write_assets() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn write_assets() -> Outcome<()> {
    let web = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("web");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-env-changed=ATLANTE_WEB");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    let page = out.join("web");
    let files = if env::var("ATLANTE_WEB").is_ok_and(|said| said == "skip") {
        Vec::new()
    } else {
        ensure_node()?;
        install(&web)?;
        build(&web, &page)?;
        listing(&page, &page)?
    };
    fs::write(out.join("assets.rs"), table(&page, &files)?)?;
    Ok(())
}

/// Runs a command and, where it fails, says what it said.
fn run(command: &mut Command) -> Outcome<String> {
    let said = command.output().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if said.status.success() {
        Ok(text(&said.stdout))
    } else {
        Err(format!("{command:?} failed:\n{}{}", text(&said.stdout), text(&said.stderr)).into())
    }
}

fn has_node() -> bool {
    let major = run(Command::new("node").arg("--version")).ok().and_then(|said| {
        said.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok())
    });
    major.is_some_and(|major| major >= NODE) && run(Command::new("npm").arg("--version")).is_ok()
}

fn ensure_node() -> Outcome<()> {
    if has_node() {
        return Ok(());
    }
    let root_on_debian = Path::new("/etc/debian_version").exists()
        && run(Command::new("id").arg("-u")).is_ok_and(|said| said.trim() == "0");
    if root_on_debian {
        run(Command::new("apt-get").arg("update"))?;
        let install = ["install", "-y", "--no-install-recommends", "nodejs", "npm"];
        run(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    if has_node() {
        return Ok(());
    }
    Err(format!(
        "the page needs Node.js {NODE} or newer with npm: install them (Debian: apt-get install nodejs npm), \
         or build without the page by ATLANTE_WEB=skip"
    )
    .into())
}

/// `npm ci`, unless what is installed came from this very lock file. Builds of one tree wait for each other.
fn install(web: &Path) -> Outcome<()> {
    let name = web.to_string_lossy().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let turn = File::create(env::temp_dir().join(format!("atlante{name}.lock")))?;
    turn.lock()?;
    let wanted = fs::read(web.join("package-lock.json"))?;
    let stamp = web.join("node_modules/.atlante-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(Command::new("npm")
        .args(["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(web))?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn build(web: &Path, page: &Path) -> Outcome<()> {
    run(Command::new("npm").args(["run", "build", "--", "--emptyOutDir", "--outDir"]).arg(page).current_dir(web))?;
    run(Command::new("node").arg("pack.mjs").arg(page).current_dir(web))?;
    Ok(())
}

/// Every file of the page, relative to it, without the compressed copies; sorted, so that builds repeat.
fn listing(page: &Path, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(listing(page, &path)?);
        } else if !matches!(extension(&path), "br" | "gz") {
            files.push(path.strip_prefix(page)?.to_owned());
        }
    }
    files.sort();
    Ok(files)
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|name| name.to_str()).unwrap_or_default()
}

fn content_type(path: &Path) -> &'static str {
    match extension(path) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

fn embed(path: &Path) -> String {
    format!("include_bytes!({:?})", path.display().to_string())
}

fn table(page: &Path, files: &[PathBuf]) -> Outcome<String> {
    let mut rust = String::from(
        "/// The page: path, content type, bytes as they are, in brotli, in gzip.\n\
         pub type Row = (&'static str, &'static str, &'static [u8], Option<&'static [u8]>, Option<&'static [u8]>);\npub static ASSETS: &[Row] = &[\n",
    );
    for file in files {
        let whole = page.join(file);
        let packed = |ending: &str| {
            let path = PathBuf::from(format!("{}.{ending}", whole.display()));
            if path.exists() { format!("Some({})", embed(&path)) } else { String::from("None") }
        };
        let path = file.to_string_lossy().replace('\\', "/");
        let kind = content_type(file);
        writeln!(rust, "    ({path:?}, {kind:?}, {}, {}, {}),", embed(&whole), packed("br"), packed("gz"))?;
    }
    rust.push_str("];\n");
    Ok(rust)
}
