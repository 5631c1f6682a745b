//! Noise: valid examples spoilt by a seeded hand, fed to whatever reads what strangers send (rows 3, 4 and 5 of the fault
//! matrix). Some thousands each; `ATLANTE_FUZZ=1000000` feeds that many, `ATLANTE_FUZZ_FIRST=7` begins with the seventh and shows it. A panic, a stack that overflows, a slow input or
//! memory that grows fails.

use std::{
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

/// The stack on which parsers run: that of a thread which waits for work, an eighth of what filters are given.
const STACK_BYTES: usize = 2 << 20;
/// Longest input that spoiling makes.
const MAX_BYTES: usize = 1 << 16;
/// How long one input may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(10);
/// By how much the memory of the process may grow; other tests run beside.
const GROWTH_KB: u64 = 2 << 20;

const WHOLES: [u32; 10] = [0, 1, 2, 7, 0xff, 0x7fff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
const NUMBERS: [f64; 10] = [0.0, -0.0, 91.0, 181.0, -1.0, 1e300, 5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
/// Pieces that mean something to some parser.
const PIECES: [&str; 28] = [
    "NaN",
    "Infinity",
    "-1",
    "1e300",
    "1e999",
    "91",
    "181",
    "4294967295",
    "18446744073709551616",
    "null",
    "[]",
    "{}",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    "\"",
    "'",
    "EMPTY",
    "%ff",
    "%00",
    "\u{202e}",
    "true",
    "-0",
    ":",
];

/// What came of a feeding.
pub(super) struct Fed {
    pub(super) taken: u32,
    pub(super) refused: u32,
}

/// An example, spoilt in one to five places.
fn spoil(rng: &mut ChaCha8Rng, examples: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut bytes = examples.choose(rng).unwrap().clone();
    let changes = 1 + (rng.random::<u32>() | 1 << 4).trailing_zeros();
    for _ in 0..changes {
        change(rng, &mut bytes, examples, words);
        bytes.truncate(MAX_BYTES);
    }
    bytes
}

fn change(rng: &mut ChaCha8Rng, bytes: &mut Vec<u8>, examples: &[Vec<u8>], words: &[&str]) {
    let at = rng.random_range(0..=bytes.len());
    let some = |rng: &mut ChaCha8Rng, most: usize| rng.random_range(0..=most.min(64));
    let put = |bytes: &mut Vec<u8>, new: &[u8]| {
        bytes.iter_mut().skip(at).zip(new).for_each(|(old, new)| *old = *new);
    };
    let word = |rng: &mut ChaCha8Rng| -> Vec<u8> {
        let all = if rng.random() && !words.is_empty() { words } else { &PIECES };
        all.choose(rng).unwrap().as_bytes().to_vec()
    };
    match rng.random_range(0..14) {
        0 | 1 => put(bytes, &[bytes.get(at).map_or(0, |byte| byte ^ (1 << rng.random_range(0..8)))]),
        2 => put(bytes, &[rng.random()]),
        3 => bytes.insert(at, rng.random()),
        4 => drop(bytes.drain(at..at + some(rng, bytes.len() - at))),
        5 => {
            let piece = bytes[at..at + some(rng, bytes.len() - at)].to_vec();
            let times = [1, 2, 60, 1_000][rng.random_range(0..4)];
            drop(bytes.splice(at..at, piece.repeat(times)));
        }
        6 => bytes.truncate(at),
        7 => {
            let other = examples.choose(rng).unwrap();
            bytes.truncate(at);
            bytes.extend_from_slice(&other[rng.random_range(0..=other.len())..]);
        }
        8 => put(bytes, &WHOLES.choose(rng).unwrap().to_le_bytes()),
        9 => put(bytes, &WHOLES.choose(rng).unwrap().to_be_bytes()),
        10 => put(bytes, &NUMBERS.choose(rng).unwrap().to_le_bytes()),
        11 | 12 => drop(bytes.splice(at..at, word(rng))),
        _ => {
            let is_digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
            let start = bytes[at..].iter().position(is_digit).map_or(bytes.len(), |more| at + more);
            let end = start + bytes[start..].iter().take_while(|byte| is_digit(byte)).count();
            drop(bytes.splice(start..end, word(rng)));
        }
    }
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim_end_matches("kB").trim().parse().unwrap_or(0)
}

/// Feeds a parser, which says whether it took what it was given. Each input comes of its number alone.
pub(super) fn feed(
    name: &str,
    usual: u32,
    examples: &[Vec<u8>],
    words: &[&str],
    mut eat: impl FnMut(&[u8]) -> bool + Send,
) -> Fed {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let (first, count) = (number("ATLANTE_FUZZ_FIRST"), number("ATLANTE_FUZZ").unwrap_or(usual));
    let whole = examples.iter().filter(|example| eat(example)).count();
    assert!(whole > 0, "{name}: every example is refused");
    let (begun, peak) = (Instant::now(), peak_kb());
    let (mut fed, mut slowest) = (Fed { taken: 0, refused: 0 }, Duration::ZERO);
    let work = || {
        for number in first.unwrap_or(0)..count {
            let input = spoil(&mut ChaCha8Rng::seed_from_u64(number.into()), examples, words);
            if first == Some(number) {
                eprintln!("{name}: input {number} is {}", shown(&input));
            }
            let start = Instant::now();
            let taken = catch_unwind(AssertUnwindSafe(|| eat(&input)));
            let took = start.elapsed();
            let taken = taken.unwrap_or_else(|_| panic!("{name}: input {number} breaks it: {}", shown(&input)));
            assert!(took < PATIENCE, "{name}: input {number} takes {took:?}: {}", shown(&input));
            slowest = slowest.max(took);
            *(if taken { &mut fed.taken } else { &mut fed.refused }) += 1;
        }
    };
    thread::scope(|scope| {
        let eater = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).unwrap();
        eater.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    let grown = peak_kb().saturating_sub(peak);
    eprintln!(
        "{name}: {whole} of {} examples taken; {count} inputs, {} taken, {} refused, {:.1} s, slowest {slowest:?}, memory +{} MB",
        examples.len(),
        fed.taken,
        fed.refused,
        begun.elapsed().as_secs_f64(),
        grown >> 10
    );
    assert!(grown < GROWTH_KB, "{name}: memory grew by {grown} kB");
    assert!(fed.taken > 0 && fed.refused > 0, "{name}: noise that is all taken or all refused tells nothing");
    fed
}

/// So that it can be pasted into a test.
fn shown(input: &[u8]) -> String {
    let mut text = String::new();
    for byte in input.iter().take(4_000) {
        let _ = write!(text, "{}", byte.escape_ascii());
    }
    text
}

pub(super) mod eaters;
mod planners;
