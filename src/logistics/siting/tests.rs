//! Siting against known optima and against every choice there is.

mod laws;
mod orlib;
mod pmed;
