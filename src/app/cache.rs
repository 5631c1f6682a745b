//! What was made once and is asked for again: tiles and documents, each in the codings that a client may want.
//!
//! A hit is a look-up and a reference count. A miss is made once, off the threads that wait on the network, however
//! many ask for it at the same moment. The bytes kept are bounded; what was not asked for lately goes first.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::{BuildHasher, Hash},
    io::Write,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use bytes::Bytes;

use super::error::Error;

/// How bytes are coded on their way (RFC 9110, 8.4.1; zstd by RFC 8878).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As they are.
    Identity,
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
}

impl Coding {
    /// Every coding, the one that is best to send first.
    pub const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];
}

/// Shorter bodies are not worth a coding.
const LEAST_CODED_BYTES: usize = 256;

/// A body in every coding, each made at its first use.
pub struct Body {
    identity: Bytes,
    tags: [Bytes; 4],
    coded: [OnceLock<Bytes>; 3],
}

impl Body {
    /// A body; its tags are strong and differ by coding (RFC 9110, 8.8.3.3).
    pub fn new(identity: Vec<u8>) -> Self {
        let hash = blake3::hash(&identity);
        Self::of(identity, "", &hash)
    }

    /// A body that says the same whenever its question is the same, but for the time it was made: its tags are weak.
    pub fn tagged(identity: Vec<u8>, question: &str) -> Self {
        Self::of(identity, "W/", &blake3::hash(question.as_bytes()))
    }

    fn of(identity: Vec<u8>, strength: &str, hash: &blake3::Hash) -> Self {
        let hash = hash.to_hex();
        let tag = |coding: &str| Bytes::from(format!("{strength}\"{}{coding}\"", &hash[..24]));
        Self {
            identity: identity.into(),
            tags: [tag(""), tag("-gz"), tag("-br"), tag("-zs")],
            coded: [const { OnceLock::new() }; 3],
        }
    }

    /// A body that was coded when the program was built; Zstandard is made at its first use.
    pub fn precoded(identity: &'static [u8], brotli: Option<&'static [u8]>, gzip: Option<&'static [u8]>) -> Self {
        let body = Self { identity: Bytes::from_static(identity), ..Self::new(identity.to_vec()) };
        for (cell, coded) in [(0, gzip), (1, brotli)] {
            if let Some(coded) = coded {
                // The cells are empty: the body was just made.
                body.coded[cell].set(Bytes::from_static(coded)).ok();
            }
        }
        body
    }

    /// The coding that is worth its while: short bodies go as they are.
    pub const fn worth(&self, wanted: Coding) -> Coding {
        if self.identity.len() < LEAST_CODED_BYTES { Coding::Identity } else { wanted }
    }

    /// Its strong tag in a coding, quoted.
    pub const fn tag(&self, coding: Coding) -> &Bytes {
        &self.tags[match coding {
            Coding::Identity => 0,
            Coding::Gzip => 1,
            Coding::Brotli => 2,
            Coding::Zstd => 3,
        }]
    }

    /// The bytes as they are.
    pub const fn identity(&self) -> &Bytes {
        &self.identity
    }

    /// The bytes in a coding; made off the waiting threads where they were not made yet.
    pub async fn bytes(self: &Arc<Self>, coding: Coding) -> Result<Bytes, Error> {
        let cell = match coding {
            Coding::Identity => return Ok(self.identity.clone()),
            Coding::Gzip => 0,
            Coding::Brotli => 1,
            Coding::Zstd => 2,
        };
        if let Some(bytes) = self.coded[cell].get() {
            return Ok(bytes.clone());
        }
        let body = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            body.coded[cell].get_or_init(|| code(&body.identity, coding).unwrap_or_default().into()).clone()
        })
        .await
        .map_err(Error::internal)
    }
}

/// What a cache can keep.
pub trait Kept: Send + Sync + 'static {
    /// Bytes that it is counted for.
    fn weight(&self) -> usize;
}

impl Kept for Body {
    /// Itself, and room for its codings, each of which is shorter.
    fn weight(&self) -> usize {
        self.identity.len() * 3 + 1024
    }
}

fn code(bytes: &[u8], coding: Coding) -> std::io::Result<Vec<u8>> {
    match coding {
        Coding::Identity => Ok(bytes.to_vec()),
        Coding::Gzip => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            writer.write_all(bytes)?;
            writer.finish()
        }
        Coding::Brotli => {
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
            writer.write_all(bytes)?;
            Ok(writer.into_inner())
        }
        Coding::Zstd => zstd::bulk::compress(bytes, 9),
    }
}

type Flight<V> = Arc<tokio::sync::OnceCell<Arc<V>>>;

struct Slot<V> {
    flight: Flight<V>,
    lately: AtomicBool,
}

struct Shard<K, V> {
    slots: HashMap<K, Slot<V>>,
    order: VecDeque<K>,
    bytes: usize,
}

/// How a cache has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Found.
    pub hits: u64,
    /// Made.
    pub misses: u64,
    /// Counted bytes that are kept.
    pub bytes: u64,
    /// Bodies that are kept.
    pub entries: u64,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            misses: self.misses + other.misses,
            bytes: self.bytes + other.bytes,
            entries: self.entries + other.entries,
        }
    }
}

const SHARDS: usize = 16;

/// Bodies, or other things that were made, by key, bounded in bytes.
pub struct Cache<K, V = Body> {
    shards: [Mutex<Shard<K, V>>; SHARDS],
    hasher: RandomState,
    most_bytes: usize,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<K: Clone + Eq + Hash + Send + 'static> Cache<K> {
    /// The body of that key; `make` runs off the waiting threads, once for all who ask meanwhile.
    pub async fn get_or_make<F>(&self, key: K, make: F) -> Result<Arc<Body>, Error>
    where
        F: FnOnce() -> Result<Vec<u8>, Error> + Send + 'static,
    {
        self.get_or_keep(key, move || make().map(Body::new)).await
    }
}

impl<K: Clone + Eq + Hash + Send + 'static, V: Kept> Cache<K, V> {
    /// An empty cache that keeps at most so many bytes.
    pub fn new(most_bytes: usize) -> Self {
        let shard = || Mutex::new(Shard { slots: HashMap::new(), order: VecDeque::new(), bytes: 0 });
        Self {
            shards: std::array::from_fn(|_| shard()),
            hasher: RandomState::new(),
            most_bytes,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// What is kept under that key, if it is there.
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let shard = self.shard(key);
        let slot = shard.slots.get(key)?;
        let body = slot.flight.get()?;
        slot.lately.store(true, Ordering::Relaxed);
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(Arc::clone(body))
    }

    /// What is kept under that key; `make` runs off the waiting threads, once for all who ask meanwhile.
    pub async fn get_or_keep<F>(&self, key: K, make: F) -> Result<Arc<V>, Error>
    where
        F: FnOnce() -> Result<V, Error> + Send + 'static,
    {
        if let Some(body) = self.get(&key) {
            return Ok(body);
        }
        let flight = self.flight(&key);
        let mut made = false;
        let body = flight
            .get_or_try_init(|| async {
                made = true;
                let kept = tokio::task::spawn_blocking(make).await.map_err(Error::internal)??;
                Ok::<_, Error>(Arc::new(kept))
            })
            .await;
        match body {
            Ok(body) if made => self.keep(key, body),
            Ok(_) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => self.forget(&key),
        }
        body.cloned()
    }

    /// How it has done.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            ..Tally::default()
        };
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            tally.bytes += shard.bytes as u64;
            tally.entries += shard.order.len() as u64;
        }
        tally
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, Shard<K, V>> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
        // A shard is whole between its statements, so a panic elsewhere spoils nothing.
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flight(&self, key: &K) -> Flight<V> {
        let mut shard = self.shard(key);
        let slot = shard
            .slots
            .entry(key.clone())
            .or_insert_with(|| Slot { flight: Flight::default(), lately: AtomicBool::new(false) });
        Arc::clone(&slot.flight)
    }

    fn forget(&self, key: &K) {
        let mut shard = self.shard(key);
        if shard.slots.get(key).is_some_and(|slot| slot.flight.get().is_none()) {
            shard.slots.remove(key);
        }
    }

    fn keep(&self, key: K, body: &V) {
        self.misses.fetch_add(1, Ordering::Relaxed);
        let mut shard = self.shard(&key);
        shard.bytes += body.weight();
        shard.order.push_back(key);
        let most = self.most_bytes / SHARDS;
        while shard.bytes > most {
            let Some(oldest) = shard.order.pop_front() else { break };
            let Some(slot) = shard.slots.get(&oldest) else { continue };
            if slot.lately.swap(false, Ordering::Relaxed) {
                shard.order.push_back(oldest);
                continue;
            }
            let freed = slot.flight.get().map_or(0, |body| body.weight());
            shard.slots.remove(&oldest);
            shard.bytes -= freed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
    }

    #[test]
    fn a_hundred_who_ask_at_once_have_it_made_once() {
        runtime().block_on(async {
            let (cache, made) = (Arc::new(Cache::new(1 << 20)), Arc::new(AtomicUsize::new(0)));
            let tasks: Vec<_> = (0..100)
                .map(|_| {
                    let (cache, made) = (Arc::clone(&cache), Arc::clone(&made));
                    tokio::spawn(async move {
                        let make = move || {
                            made.fetch_add(1, Ordering::SeqCst);
                            std::thread::sleep(std::time::Duration::from_millis(20));
                            Ok(vec![7; 100])
                        };
                        cache.get_or_make(1_u32, make).await.unwrap().identity().len()
                    })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap(), 100);
            }
            assert_eq!(made.load(Ordering::SeqCst), 1);
            assert_eq!((cache.tally().misses, cache.tally().hits), (1, 99));
        });
    }

    #[test]
    fn bytes_stay_within_the_bound_and_what_is_used_stays() {
        runtime().block_on(async {
            let most = 1 << 20;
            let cache = Cache::new(most);
            for key in 0..2_000_u32 {
                cache.get_or_make(key, || Ok(vec![0; 2_000])).await.unwrap();
                cache.get(&0);
                assert!(cache.tally().bytes <= most as u64);
            }
            assert!(cache.get(&0).is_some(), "the one that is asked for all the time");
            assert!(cache.get(&1).is_none(), "the oldest");
            assert!(cache.tally().entries > 50);
        });
    }

    #[test]
    fn what_fails_is_tried_again() {
        runtime().block_on(async {
            let cache = Cache::new(1 << 20);
            assert!(cache.get_or_make(1_u8, || Err(Error::Missing("nothing".into()))).await.is_err());
            assert!(cache.get_or_make(1_u8, || panic!("as a bug would")).await.is_err());
            assert_eq!(cache.get_or_make(1_u8, || Ok(vec![1])).await.unwrap().identity().as_ref(), [1]);
        });
    }

    #[test]
    fn every_coding_reads_back() {
        use std::io::Read;
        runtime().block_on(async {
            let text = b"la stessa frase, molte volte. ".repeat(200);
            let body = Arc::new(Body::new(text.clone()));
            let mut tags = std::collections::HashSet::new();
            for coding in Coding::ALL {
                let bytes = body.bytes(coding).await.unwrap();
                let mut back = Vec::new();
                match coding {
                    Coding::Identity => back.extend_from_slice(&bytes),
                    Coding::Gzip => {
                        flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut back).unwrap();
                    }
                    Coding::Brotli => {
                        brotli::Decompressor::new(&*bytes, 4096).read_to_end(&mut back).unwrap();
                    }
                    Coding::Zstd => back = zstd::bulk::decompress(&bytes, 1 << 20).unwrap(),
                }
                assert_eq!(back, text);
                assert!(tags.insert(body.tag(coding).clone()));
            }
        });
    }
}
