//! The progress bar: rate and lock state, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// What there is to say while a command runs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct State {
    /// Whether CADUs are being followed; `None` where there are none to follow.
    pub locked: Option<bool>,
    /// Frames, or packets where there are no frames, so far.
    pub items: u64,
}

/// A bar on standard error, or nothing.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar for a stream of `len` octets, unless it is to be `quiet` or nobody watches.
    #[must_use]
    pub fn new(len: Option<u64>, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self::silent();
        }
        let (bar, template) = match len {
            Some(len) => (
                ProgressBar::new(len),
                "{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec}, {msg}, {eta} left",
            ),
            None => (ProgressBar::new_spinner(), "{spinner} {bytes} {binary_bytes_per_sec}, {msg}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar: Some(bar) }
    }

    /// No bar.
    #[must_use]
    pub const fn silent() -> Self {
        Self { bar: None }
    }

    /// Show that `octets` are done.
    pub fn show(&mut self, octets: u64, state: State) {
        if let Some(bar) = &self.bar {
            bar.set_position(octets);
            bar.set_message(match state.locked {
                Some(true) => format!("locked, {} frames", state.items),
                Some(false) => format!("searching, {} frames", state.items),
                None => format!("{} done", state.items),
            });
        }
    }

    /// Take the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
