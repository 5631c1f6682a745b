//! Progress on a terminal.

use std::{
    io::IsTerminal,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::watch::Watch;

/// A bar on standard error; silent where that is no terminal or nobody wants to see it.
pub struct Bar {
    shown: Mutex<ProgressBar>,
    visible: Visibility,
    cancelled: AtomicBool,
}

/// Whether progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// In a terminal.
    Shown,
    /// Never.
    Hidden,
}

impl Bar {
    /// A bar; hidden anyway where standard error is no terminal.
    pub fn new(wanted: Visibility) -> Self {
        let visible = if std::io::stderr().is_terminal() { wanted } else { Visibility::Hidden };
        Self { shown: Mutex::new(ProgressBar::hidden()), visible, cancelled: AtomicBool::new(false) }
    }

    /// Asks the work to stop at its next clean point.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        if let Ok(bar) = self.shown.lock() {
            bar.finish_and_clear();
        }
    }
}

impl Watch for Bar {
    fn begin(&self, step: &'static str, total: u64) {
        if self.visible == Visibility::Hidden {
            return;
        }
        let bar = if total == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(total) };
        bar.set_draw_target(ProgressDrawTarget::stderr());
        let template = if total == 0 {
            "{spinner} {msg:<28} {human_pos}  {elapsed}"
        } else {
            "  {msg:<28} {wide_bar} {percent:>3} %  {human_pos}/{human_len}  {eta} left"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(step);
        bar.enable_steady_tick(Duration::from_millis(200));
        if let Ok(mut shown) = self.shown.lock() {
            shown.finish_and_clear();
            *shown = bar;
        }
    }

    fn advance(&self, done: u64) {
        if self.visible == Visibility::Shown
            && let Ok(bar) = self.shown.lock()
        {
            bar.set_position(done);
        }
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}
