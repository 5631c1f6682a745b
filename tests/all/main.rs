//! Every check that needs the whole: the pipeline first, then the real binary, who may see what, bad input, real
//! clients, the browser, and the figures that real towns' truth can judge.

#![expect(clippy::print_stdout, reason = "tests say aloud what they skip and what they measured")]

mod access;
mod ask;
mod browser;
mod clients;
mod cluster;
mod codes;
mod costs;
mod crew;
mod events;
mod faults;
mod figures;
mod files;
mod kill;
mod nonsense;
mod ogc;
mod osrm;
mod people;
mod pipeline;
mod place;
mod plan;
mod plan_faults;
mod plan_kill;
mod postgis;
mod process;
mod rights;
mod roads;
mod server;
mod town;
mod vrp;
mod vrp_roads;
