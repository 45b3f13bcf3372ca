//! What the project set out to reach, and whether a report reaches it.

use super::chain::{CLEAN, ONE_ERROR, STREAMING};
use super::parameters::{
    CALIBRATED_CTIM, CALIBRATED_JPSS, COLUMNS_CTIM, COLUMNS_JPSS, DECODE, DISPATCHED_CTIM, DISPATCHED_JPSS,
    ROWS_JPSS, STRUCTURE_JPSS,
};
use super::process;
use super::row::Row;

/// One line of the table of goals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// The work, by its name in the report.
    pub work: &'static str,
    /// The level, where it is not the best that the machine has.
    pub level: Option<&'static str>,
    /// What is wanted.
    pub want: Want,
}

/// What is wanted of a work on one thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Want {
    /// So many Gbit/s.
    Gbit(f64),
    /// At most so many MiB.
    Mebibytes(f64),
    /// So many times what the peer does.
    Ratio {
        /// The peer.
        to: &'static str,
        /// How often.
        times: f64,
    },
    /// At most so many times as long as the peer takes.
    Slowdown {
        /// The peer.
        to: &'static str,
        /// How long.
        times: f64,
    },
}

/// What became of a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The goal.
    pub goal: Goal,
    /// The level that was measured.
    pub level: String,
    /// Best of ours, Gbit/s.
    pub gbit: f64,
    /// What is compared with the goal.
    pub value: f64,
    /// Whether that suffices.
    pub reached: bool,
}

/// Every goal whose work is in the report.
#[must_use]
pub fn outcomes(rows: &[Row], process: Option<&process::Outcome>) -> Vec<Outcome> {
    GOALS.iter().filter_map(|goal| measured(goal, rows).or_else(|| of_process(goal, process?))).collect()
}

fn measured(goal: &Goal, rows: &[Row]) -> Option<Outcome> {
    let of_work = rows.iter().filter(|row| row.work == goal.work && row.threads == 1);
    let row = of_work
        .filter(|row| goal.level.is_none_or(|level| row.level == level))
        .max_by(|a, b| a.figure.best.total_cmp(&b.figure.best))?;
    let (value, reached) = match goal.want {
        Want::Gbit(wanted) => (row.figure.best, row.figure.best >= wanted),
        Want::Ratio { to, times } => {
            let ratio = row.ratio_to(row.rivals.iter().find(|rival| rival.name == to)?);
            (ratio, ratio >= times)
        }
        Want::Slowdown { to, times } => {
            let slowdown = 1.0 / row.ratio_to(row.rivals.iter().find(|rival| rival.name == to)?);
            (slowdown, slowdown <= times)
        }
        Want::Mebibytes(_) => return None,
    };
    Some(Outcome { goal: *goal, level: row.level.to_owned(), gbit: row.figure.best, value, reached })
}

fn of_process(goal: &Goal, process: &process::Outcome) -> Option<Outcome> {
    let (value, reached) = match goal.want {
        Want::Mebibytes(most) => (process.peak_mebibytes, process.peak_mebibytes <= most),
        Want::Slowdown { times, .. } => (process.slowdown(), process.slowdown() <= times),
        Want::Gbit(_) | Want::Ratio { .. } => return None,
    };
    let level = format!("{} threads", process.threads);
    Some(Outcome { goal: *goal, level, gbit: process.gbit(), value, reached })
}

const fn ratio(work: &'static str, to: &'static str, times: f64) -> Goal {
    Goal { work, level: None, want: Want::Ratio { to, times } }
}

const fn scalar(work: &'static str, times: f64) -> Goal {
    Goal { level: Some("scalar"), ..ratio(work, "fec", times) }
}

const fn gbit(work: &'static str, wanted: f64) -> Goal {
    Goal { work, level: None, want: Want::Gbit(wanted) }
}

const fn slowdown(work: &'static str, level: Option<&'static str>, to: &'static str, times: f64) -> Goal {
    Goal { work, level, want: Want::Slowdown { to, times } }
}

const GOALS: [Goal; 37] = [
    ratio("RS(255,223) clean, I=8", "fec", 150.0),
    ratio("RS(255,223) clean, I=4", "fec", 100.0),
    ratio("RS(255,223) clean, I=5", "fec", 100.0),
    ratio("RS(255,223) clean, I=1", "fec", 40.0),
    ratio("RS(255,223) 1 error, I=5", "fec", 25.0),
    ratio("RS(255,223) 8 errors, I=5", "fec", 25.0),
    ratio("RS(255,223) 16 errors, I=5", "fec", 25.0),
    ratio("RS(255,223) uncorrectable, I=5", "fec", 25.0),
    scalar("RS(255,223) clean, I=8", 8.0),
    scalar("RS(255,223) clean, I=5", 8.0),
    scalar("RS(255,223) clean, I=4", 8.0),
    ratio("CRC-16, 256 octets", "crc-fast", 1.0),
    ratio("CRC-16, 1115 octets", "crc-fast", 1.0),
    ratio("CRC-16, 65536 octets", "crc-fast", 1.8),
    ratio("marker search any bit, exact, no marker", "shift-and-popcount", 40.0),
    ratio("marker search any bit, exact, rare markers", "shift-and-popcount", 40.0),
    ratio("marker search any bit, <=3 errors, no marker", "shift-and-popcount", 5.0),
    ratio("marker search any bit, <=3 errors, rare markers", "shift-and-popcount", 5.0),
    ratio(CLEAN, "ccsds", 300.0),
    gbit(CLEAN, 20.0),
    ratio(STREAMING, "ccsds", 300.0),
    gbit(STREAMING, 12.0),
    gbit(ONE_ERROR, 5.0),
    slowdown(COLUMNS_JPSS, None, "struct", 1.5),
    slowdown(COLUMNS_JPSS, Some("scalar"), "struct", 4.0),
    slowdown(COLUMNS_CTIM, None, "struct", 1.5),
    slowdown(COLUMNS_CTIM, Some("scalar"), "struct", 4.0),
    slowdown(STRUCTURE_JPSS, None, "struct", 1.2),
    ratio(COLUMNS_JPSS, "numpy", 4.0),
    ratio(COLUMNS_JPSS, "ccsdspy", 25.0),
    ratio(ROWS_JPSS, "space_packet_parser", 1000.0),
    slowdown(DISPATCHED_JPSS, None, DECODE, 1.2),
    slowdown(DISPATCHED_CTIM, None, DECODE, 1.2),
    slowdown(CALIBRATED_JPSS, None, DECODE, 4.0),
    slowdown(CALIBRATED_CTIM, None, DECODE, 4.0),
    Goal { work: process::WORK, level: None, want: Want::Slowdown { to: "cat", times: 4.0 } },
    Goal { work: process::WORK, level: None, want: Want::Mebibytes(64.0) },
];
