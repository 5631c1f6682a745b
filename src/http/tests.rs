//! The server asked as clients ask it, without a network: by actor, by coding, with hostile addresses.

mod asked;
mod doors;
mod events;
mod figures;
mod found;
mod guard;
mod noise;
mod ogc;
mod ogc_abuse;
mod questions;
mod shapes;
mod speed;
mod tiles;
