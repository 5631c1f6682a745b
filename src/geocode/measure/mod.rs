//! Figures against real registers and invented banks with truth. Run `cargo test --release geocode::measure -- --nocapture`.

mod banks;
mod calibrate;
mod data;
mod goal;
mod noise;
mod town;
