//! Service begins in a window of the stop, after waiting if need be.

use crate::logistics::problem::Window;

/// The windows of a stop, in order and apart; the first apart from the others, because most stops have one.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// Service begins not before.
    pub open: i64,
    /// Service begins not after.
    pub close: i64,
    /// Where several: their range among all windows of the problem.
    pub several: Option<(u32, u32)>,
}

impl Windows {
    /// Any time.
    pub const ALWAYS: Self = Self { open: Window::ALWAYS.from_s, close: Window::ALWAYS.to_s, several: None };

    /// Puts the windows of a stop among all.
    pub fn of(windows: &[Window], all: &mut Vec<Window>) -> Self {
        match windows {
            [] => Self::ALWAYS,
            [one] => Self { open: one.from_s, close: one.to_s, several: None },
            [first, .., last] => {
                let from = all.len() as u32;
                all.extend_from_slice(windows);
                Self { open: first.from_s, close: last.to_s, several: Some((from, all.len() as u32)) }
            }
        }
    }

    /// When service begins for who arrives then; after [`Self::close`] where it is too late.
    #[inline]
    pub fn begin(&self, arrival: i64, all: &[Window]) -> i64 {
        match self.several {
            None => arrival.max(self.open),
            Some((from, to)) => {
                let windows = &all[from as usize..to as usize];
                windows.iter().find(|window| arrival <= window.to_s).map_or(arrival, |w| arrival.max(w.from_s))
            }
        }
    }

    /// The latest that service may begin to begin by then; before [`Self::open`] where that is too early.
    #[inline]
    pub fn latest(&self, by: i64, all: &[Window]) -> i64 {
        match self.several {
            None => by.min(self.close),
            Some((from, to)) => {
                let windows = &all[from as usize..to as usize];
                windows.iter().rev().find(|window| window.from_s <= by).map_or(by, |w| by.min(w.to_s))
            }
        }
    }
}
