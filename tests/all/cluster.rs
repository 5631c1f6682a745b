//! PostgreSQL for tests: a cluster of our own in a temporary folder on a free port, gone with the process whatever
//! becomes of it. The library's tests, the whole's and the benchmarks mount this one file.

use std::{
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The role that owns the databases: no superuser, so that the wall of row-level security stands before it.
const ROLE: &str = "atlante";
/// The word that no log and no message may hold; the cluster trusts everyone on this machine.
pub const PASSWORD: &str = "Segretissima1946";

/// What survives a kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Nothing need: quick.
    Careless,
    /// What was acknowledged.
    Durable,
}

/// A running server.
pub struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
    options: String,
    databases: AtomicU32,
    /// Stops the server and removes the folder when our end of its pipe closes.
    warden: Child,
}

fn skip(why: &str) {
    // Standard error may be closed: there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// The programs of the newest PostgreSQL here that has PostGIS.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let extension = format!("/usr/share/postgresql/{version}/extension/postgis.control");
            let bin = entry.path().join("bin");
            (Path::new(&extension).exists() && bin.join("initdb").exists()).then_some((version, bin))
        })
        .collect();
    found.sort();
    let bin = found.pop().map(|(_, bin)| bin);
    if bin.is_none() {
        skip("PostgreSQL with PostGIS is not installed");
    }
    bin
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// PostgreSQL does not run as root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn run(command: &mut Command) -> Output {
    let output = command.current_dir("/").output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?} ended with {}: {said}", output.status);
    output
}

impl Cluster {
    /// The cluster of this process, started by who asks first; none, said aloud, where PostgreSQL is missing.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Disk::Careless)).as_ref()
    }

    /// A cluster of its own, for a test that kills it.
    pub fn start(disk: Disk) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let bin = programs()?;
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("atlante-pg-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let data = folder.join("data");
        let init = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
        run(as_server(&bin.join("initdb")).args(init).arg(&data));
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port();
        let sync = if disk == Disk::Careless { "-c fsync=off -c full_page_writes=off" } else { "" };
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={} -c max_connections=80 \
             -c shared_buffers=128MB -c jit=off {sync}",
            folder.display()
        );
        let cluster = Self { warden: warden(&bin, &folder), bin, folder, port, options, databases: AtomicU32::new(0) };
        cluster.launch();
        cluster.sql("postgres", &format!("create role {ROLE} login"));
        cluster.sql("postgres", "create database with_postgis");
        cluster.sql("with_postgis", "create extension postgis");
        Some(cluster)
    }

    /// Starts the server, again where it was killed, and waits until it answers.
    pub fn launch(&self) {
        let mut command = as_server(&self.bin.join("pg_ctl"));
        command.args(["-w", "-t", "60", "-o", &self.options, "-l"]).arg(self.folder.join("log"));
        // Its standard streams stay open in the server: nobody may wait for their end.
        command.arg("-D").arg(self.folder.join("data")).arg("start").current_dir("/");
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("pg_ctl starts");
        let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(status.success(), "PostgreSQL does not start: {}", log());
    }

    /// kill -9 of the server and all its processes.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("a server that runs");
        let pid = pid.lines().next().expect("a process").to_owned();
        let children = Command::new("ps").args(["-o", "pid=", "--ppid", &pid]).output().expect("ps starts");
        let mut all: Vec<String> = vec!["-9".to_owned(), pid];
        all.extend(String::from_utf8_lossy(&children.stdout).split_whitespace().map(str::to_owned));
        let _ = Command::new("kill").args(&all).status();
        // Gone, or a zombie that nobody takes home; its lock file would then keep the next one from starting.
        let runs = |pid: &&String| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
        };
        while all.iter().skip(1).any(|pid| runs(&pid)) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let socket = format!(".s.PGSQL.{}", self.port);
        for file in ["data/postmaster.pid", &socket, &format!("{socket}.lock")] {
            let _ = std::fs::remove_file(self.folder.join(file));
        }
    }

    /// A fresh database with PostGIS: its address, as the role that owns it.
    pub fn database(&self) -> String {
        let name = format!("town_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("create database {name} template with_postgis owner {ROLE}"));
        format!("postgres://{ROLE}:{PASSWORD}@127.0.0.1:{}/{name}", self.port)
    }

    /// The name in a database's address.
    pub fn name(url: &str) -> &str {
        url.rsplit('/').next().unwrap_or_default()
    }

    /// The address as GDAL's `PG:` driver takes it.
    pub fn for_gdal(&self, url: &str) -> String {
        format!("PG:host=127.0.0.1 port={} user={ROLE} dbname={}", self.port(), Self::name(url))
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements as superuser: what they answer, a row a line, cells by `|`.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let output = self.psql(database, "postgres", statements);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{statements}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs statements as the role that owns the databases, whatever comes of it.
    pub fn psql(&self, database: &str, role: &str, statements: &str) -> Output {
        let port = self.port.to_string();
        let mut command = Command::new(self.bin.join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &port]);
        command.args(["-U", role, "-d", database, "-c", statements]).output().expect("psql starts")
    }
}

/// A shell that waits for us to end, however we do.
fn warden(bin: &Path, folder: &Path) -> Child {
    let stop = format!(
        "trap '' INT TERM HUP; read -r _; {}{}/pg_ctl -D {folder}/data -m immediate stop; rm -rf {folder}",
        if is_root() { "runuser -u postgres -- " } else { "" },
        bin.display(),
        folder = folder.display(),
    );
    let mut command = Command::new("sh");
    command.arg("-c").arg(stop).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("a shell starts")
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.warden.stdin.take());
        let _ = self.warden.wait();
    }
}
