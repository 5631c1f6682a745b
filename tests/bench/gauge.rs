//! Clocks and memory.

use std::time::Instant;

/// Seconds by the clock and of the processor, all threads together.
#[derive(Clone, Copy)]
pub struct Spent {
    pub wall_s: f64,
    pub cpu_s: f64,
}

impl std::fmt::Display for Spent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.wall_s < 1.0 {
            write!(f, "{:.0} ms (processor {:.0} ms)", self.wall_s * 1e3, self.cpu_s * 1e3)
        } else {
            write!(f, "{:.2} s (processor {:.2} s)", self.wall_s, self.cpu_s)
        }
    }
}

/// One run.
pub fn once<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (cpu, begun) = (processor_s("self"), Instant::now());
    let made = work();
    (made, Spent { wall_s: begun.elapsed().as_secs_f64(), cpu_s: processor_s("self") - cpu })
}

/// The quickest of so many runs; what the last one made is kept.
pub fn least<T>(runs: usize, mut work: impl FnMut() -> T) -> (T, Spent) {
    let (mut made, mut best) = once(&mut work);
    for _ in 1..runs {
        drop(made);
        let (again, spent) = once(&mut work);
        made = again;
        if spent.wall_s < best.wall_s {
            best = spent;
        }
    }
    (made, best)
}

/// Seconds a call, the least of so many rounds of so many calls.
pub fn each_s(rounds: usize, calls: usize, mut call: impl FnMut(usize)) -> f64 {
    let round = |_| {
        let begun = Instant::now();
        (0..calls).for_each(&mut call);
        begun.elapsed().as_secs_f64() / calls.max(1) as f64
    };
    (0..rounds).map(round).fold(f64::MAX, f64::min)
}

/// Seconds of processor that a process has used, by its number or `self`; in hundredths.
pub fn processor_s(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// The most memory that a process has had, in GiB.
pub fn peak_gib(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|kib| kib / f64::from(1 << 20))
}

/// Starts the most memory of this process anew; answers what it has now, in GiB.
pub fn start_peak() -> Option<f64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    peak_gib("self")
}

/// The memory that this process has now, in bytes.
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().map_or(0, |kib| kib << 10)
}

/// Numbers that look random and are the same in every run (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A folder of its own, removed when dropped.
pub struct Folder(std::path::PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("atlante-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder can be made");
        Self(path)
    }

    pub fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
