//! The real server as a child process.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    ask::{self, Answer},
    place::{Folder, atlante},
};

/// A server that runs until it is told to stop, or dropped.
pub struct Server {
    child: Child,
    pub address: String,
    log: Folder,
}

impl Server {
    /// Serves a store on a free port and waits until it is ready.
    pub fn start(data: &str) -> Self {
        Self::launch(&["serve", "--data", data, "--listen", "127.0.0.1:0"], "info").until_ready()
    }

    /// The same, and everything that can be logged is.
    pub fn start_loud(data: &str) -> Self {
        Self::launch(&["serve", "--data", data, "--listen", "127.0.0.1:0"], "trace").until_ready()
    }

    /// Serves a store that has nothing to serve yet.
    pub fn start_unready(data: &str) -> Self {
        Self::launch(&["serve", "--data", data, "--listen", "127.0.0.1:0"], "info")
    }

    /// Starts the binary with these arguments and reads from its first line where it listens.
    pub fn launch(arguments: &[&str], level: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let log = Folder::new(&format!("log-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let stderr = File::create(log.at("stderr")).expect("a log file");
        let mut child = atlante()
            .args(arguments)
            .env("ATLANTE_LOG", level)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the binary starts");
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("its standard output"));
        out.read_line(&mut first).expect("a first line");
        let address = first.trim().trim_start_matches("Atlante: http://").trim_end_matches('/').to_owned();
        // What follows is read away, so that the child never waits for us.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self { child, address, log }
    }

    /// Waits until it is ready to serve.
    pub fn until_ready(self) -> Self {
        let ready = |server: &Self| server.try_get("/readyz").is_some_and(|answer| answer.status == 200);
        assert!(self.wait(Duration::from_secs(20), ready), "not ready:\n{}", self.log_so_far());
        self
    }

    /// Waits until something holds; `false` when it never did.
    pub fn wait(&self, patience: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if holds(self) {
                return true;
            }
            sleep(Duration::from_millis(50));
        }
        false
    }

    /// What it has logged.
    pub fn log_so_far(&self) -> String {
        fs::read_to_string(self.log.at("stderr")).unwrap_or_default()
    }

    fn try_get(&self, path: &str) -> Option<Answer> {
        ask::ask(&self.address, "GET", path, &[])
    }

    /// What the public gets.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// What the bearer of a token gets; `None` is the public.
    pub fn get_as(&self, token: Option<&str>, path: &str) -> Answer {
        match token {
            Some(token) => self.get_with(path, &[("Authorization", &format!("Bearer {token}"))]),
            None => self.get(path),
        }
    }

    /// What a request with these headers gets.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let answer = ask::ask(&self.address, "GET", path, headers);
        answer.unwrap_or_else(|| panic!("no answer to {path}:\n{}", self.log_so_far()))
    }

    /// The most memory that it has held, in kB.
    pub fn peak_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
        line.trim_end_matches("kB").trim().parse().unwrap_or(0)
    }

    /// The whole table of hexagons of a resolution, page by page.
    pub fn hexes(&self, token: Option<&str>, resolution: u8) -> Vec<serde_json::Value> {
        let mut rows = Vec::new();
        let mut next = String::new();
        loop {
            let page = self.get_as(token, &format!("/api/hexes?resolution={resolution}&limit=40{next}")).json();
            rows.extend(page["rows"].as_array().expect("rows").iter().cloned());
            let Some(cursor) = page["next"].as_str() else {
                assert_eq!(page["matched"], rows.len(), "the pages hold what was matched");
                return rows;
            };
            next = format!("&cursor={cursor}");
        }
    }

    /// Kills a server without a word, and starts another on the same store.
    pub fn start_after_kill(dead: &mut Self, data: &str) -> Self {
        let _ = dead.child.kill();
        let _ = dead.child.wait();
        Self::start(data)
    }

    /// SIGTERM; gives how it ended and all that it logged.
    pub fn stop(mut self) -> (ExitStatus, String) {
        let told = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.child.id())).status();
        assert!(told.is_ok_and(|status| status.success()), "a signal is sent");
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.child.try_wait().expect("a state") {
                return (status, self.log_so_far());
            }
            sleep(Duration::from_millis(20));
        }
        panic!("told to stop, it runs on:\n{}", self.log_so_far());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
