//! Benchmarks of the receive chain beside the peers that exist, and the report about them.
//!
//! | module | what |
//! | --- | --- |
//! | [`contest`] | timing: ours and the peers in turn |
//! | [`material`] | recordings, code blocks, damage |
//! | [`rs`], [`crc`], [`search`], [`frames`], [`chain`], [`parameters`], [`database`], [`memory`] | the works |
//! | [`peers`] | who else does them |
//! | [`process`] | the `fep` command as a process |
//! | [`row`], [`goals`], [`table`], [`picture`] | what was measured, what should be, and both on a page |
//! | [`machine`] | where |
//!
//! The criterion benches of this crate are the same contests. Library code beside peers that answer wrongly would be worth
//! nothing: every call asserts its answer, so a report that comes out is a report about correct work.

pub mod chain;
pub mod contest;
pub mod crc;
pub mod database;
pub mod frames;
pub mod goals;
pub mod machine;
pub mod material;
pub mod memory;
pub mod parameters;
pub mod peers;
pub mod picture;
pub mod process;
pub mod row;
pub mod rs;
pub mod search;
pub mod table;

use std::error::Error;

use ccsds_core::arch::Level;

use self::contest::{Contest, Stopwatch};
use self::row::Row;

/// Why there is no report.
pub type Failure = Box<dyn Error + Send + Sync>;

/// What to measure.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scope {
    /// Kernel levels, weakest first.
    pub levels: Vec<Level>,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// Octets of a recording that fits no cache.
    pub streaming_len: usize,
}

impl Scope {
    /// Everything that this machine has.
    #[must_use]
    pub fn of_machine(streaming_len: usize) -> Self {
        Self { levels: material::levels(), threads: (1..=machine::cores()).collect(), streaming_len }
    }

    /// Little enough for a bench of one boundary: all levels on one thread.
    #[must_use]
    pub fn small() -> Self {
        Self { levels: material::levels(), threads: vec![1], streaming_len: 16 << 20 }
    }
}

/// A subject: its name, and how its contests are set up.
pub type Subject = (&'static str, fn(&Scope) -> Result<Vec<Contest>, Failure>);

/// Every subject, in the order of the report.
pub const SUBJECTS: [Subject; 10] = [
    ("memory", |scope| Ok(memory::contests(scope))),
    ("rs", |scope| Ok(rs::contests(scope)?)),
    ("crc", |scope| Ok(crc::contests(scope))),
    ("sync", |scope| Ok(search::contests(scope)?)),
    ("align", |scope| Ok(frames::extract_contests(scope)?)),
    ("demux", |scope| Ok(frames::demux_contests(scope)?)),
    ("assemble", |scope| Ok(frames::assemble_contests(scope)?)),
    ("chain", chain::contests),
    ("decom", parameters::contests),
    ("database", |_| database::contests()),
];

/// Run the works whose name, or whose subject's name, contains one of `only`, or all if there are none; `progress` is told what
/// comes next.
///
/// # Errors
/// When a work cannot be set up.
pub fn run(
    scope: &Scope,
    only: &[String],
    stopwatch: &mut Stopwatch,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for (subject, contests) in SUBJECTS {
        for contest in contests(scope)? {
            let wanted = |part: &String| subject == part || contest.work().contains(part.as_str());
            if only.is_empty() || only.iter().any(wanted) || subject == "memory" {
                progress(contest.work());
                rows.extend(contest.run(stopwatch));
            }
        }
    }
    Ok(rows)
}
