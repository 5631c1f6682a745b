//! Figures against real registers and invented banks with truth. Run `cargo test --release geocode::measure -- --nocapture`.

mod banks;
mod data;
mod town;
