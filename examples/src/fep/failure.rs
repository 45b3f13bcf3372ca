//! Why a command ends without its result, and the exit status that says so.

use std::fmt;

/// Why a command ends without its result: one line that says what to mend.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// Something is wrong with the mission database: one line for each problem. Exit status 1.
    BadDatabase(Vec<String>),
    /// It could not run: bad arguments, mission or file. Exit status 1.
    CannotRun(String),
    /// It ran, but an account did not close or an output could not be written whole. Exit status 2.
    Incomplete(String),
}

impl Failure {
    /// The command could not run, because of `what`.
    pub fn cannot_run(what: impl fmt::Display) -> Self {
        Self::CannotRun(what.to_string())
    }

    /// The command ran, but not to its end, because of `what`.
    pub fn incomplete(what: impl fmt::Display) -> Self {
        Self::Incomplete(what.to_string())
    }

    /// The exit status of the process.
    #[must_use]
    pub const fn status(&self) -> u8 {
        match self {
            Self::BadDatabase(_) | Self::CannotRun(_) => 1,
            Self::Incomplete(_) => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadDatabase(problems) => f.write_str(&problems.join("\n")),
            Self::CannotRun(what) | Self::Incomplete(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Failure {}
