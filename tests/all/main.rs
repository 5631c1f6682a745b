//! Every check that needs the whole: the pipeline first, then the real binary, real clients and the figures.

mod browser;
mod clients;
mod figures;
mod kill;
mod place;
mod process;
