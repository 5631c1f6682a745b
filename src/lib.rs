//! Atlante shows an Italian municipality where its fragile households are and plans how help reaches them.
//!
//! > **Rows** of the banks become **records**; records that speak of the same person become **people**, people who live
//! > together **households**; a household gets a **place**, a placed household gets **scores**; the whole is frozen into
//! > a **snapshot**; everything the outside sees is a **question** to a snapshot, **disclosed** to someone, in a
//! > **format**.
//!
//! The modules are the nouns of that sentence, in that order. Data moves one way; nothing below knows anything above.
//!
//! ```text
//!  files ─► ingest ─► linkage ─► geocode ─► fragility ─► snapshot ─► query ─► access ─► publish ─► http / cli ─► people
//!            rows      people      places     scores      frozen               may they?  bytes
//!            rejects   households                         columns              disclosed
//!                           roads ─► logistics (times + stops ─► plan) ─► casework (what an operator makes)
//!  store ◄──────────────── app (the only one that waits, reads the clock, swaps) ────────────────────────► store
//! ```
//!
//! # Layers
//! A module names only lower layers, never a sibling; `tests/tidy.rs` holds the table and fails on any other arrow.
//!
//! | layer | modules | must not know |
//! |---|---|---|
//! | 0 words | [`domain`] | anything of ours, serde |
//! | 1 stages | [`ingest`] [`linkage`] [`geocode`] [`fragility`] [`synth`] [`roads`] [`logistics`] | each other, async, clock, disk, network |
//! | 2 frozen world | [`snapshot`] | HTTP, SQL, roles |
//! | 3 questions | [`query`] | roles, formats |
//! | 4 right | [`access`] | formats, storage |
//! | 5 work | [`casework`] | formats, storage |
//! | 6 edges of data | [`publish`] [`store`] (a folder, or PostGIS) | axum, clap, each other |
//! | 7 use cases | [`app`] | status codes, flags, environment |
//! | 8 edges of the program | [`http`] [`cli`] | each other |
//!
//! Layers 0 to 5 and `publish` are pure: no `async`, no clock, no unseeded randomness, no I/O. Where a stage seems to
//! need its sibling (linkage asks where an address lies, which geocode knows), `app` asks one and hands the answer to
//! the other as data.
//!
//! # Four journeys
//! - *Import* ([`app::import`]): read a file in batches → each batch on disk before the next → geocode → link → report.
//! - *Refresh* ([`app::refresh`]): gather at a date → assess → freeze → publish; a running server swaps by itself.
//! - *Ask* ([`http::router`] → [`app::question`], [`app::items`], [`app::tile`], [`app::file`]): who → grant → CQL2 becomes a
//!   [`query::Filter`] → the snapshot once → [`query::evaluate`] to rows → page or measure → disclose → bytes. What a filter
//!   found is kept ([`app::selection`]), so that tiles, counts and pages of one filter share it. One evaluator only: PostGIS
//!   is durable truth, a door for QGIS, and a judge in tests.
//! - *Plan* ([`http::router`] → [`app::plan`]): the order → grant → households → doors on the roads ([`app::roads`], under a
//!   scenario) → [`logistics::allocation`] → [`logistics::siting`] → matrix → [`logistics::route`] → [`logistics::check`] →
//!   an event of the journal, on disk before anybody is answered. What operators make is folded from that journal
//!   ([`casework`], `Store::record`); crews write to it through [`app::crew`], sheets are [`app::sheet`].
//!
//! # Where does a line go?
//! A status code, header or URL: `http`. A flag: `cli`. What waits, reads the clock or persists: `app`; the words of a
//! database: `store`. A format coming in: `ingest`; going out: `publish`. Who sees what, how finely: `access`. A question
//! about many households: `query`; how they lie to answer it fast: `snapshot`. What turns one noun into the next: the
//! stage of that name. What is true with no data at hand: `domain`. What seems to need two is two lines, and the seam is
//! in `app`.
//!
//! # Privacy
//! Personal values are [`domain::personal::Personal`] and cannot print themselves. Nothing leaves without an
//! [`access::Grant`]; `publish` writes only what is [`access::Disclosed`]; every disclosure above the public yields an
//! audit event that is on disk before the answer leaves. Public hexagons hold ten households at least.

pub mod domain;

pub mod fragility;
pub mod geocode;
pub mod ingest;
pub mod linkage;
pub mod logistics;
pub mod roads;
pub mod synth;

pub mod snapshot;

pub mod query;

pub mod access;

pub mod casework;

pub mod publish;
pub mod store;

pub mod app;

pub mod cli;
pub mod http;
