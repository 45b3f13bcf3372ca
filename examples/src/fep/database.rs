//! Mission databases: `fep db`, and the parameters that `fep process` writes.
//!
//! | module | what |
//! | --- | --- |
//! | [`check`] | what is in a database |
//! | [`decode`] | packets as JSON, one object each |
//! | `instance` | structured parameters, put together from their values |
//! | [`json`] | values as JSON |
//! | [`utc`] | moments on any scale as UTC |

pub mod check;
pub mod decode;
mod instance;
pub mod json;
pub mod utc;

use std::fmt::Display;
use std::fs;
use std::path::Path;

use decom::compile::CompileError;
use decom::mib;
use decom::model::Database;
use decom::plan::{NodeId, Plan, PlanBuf};
use decom::xtce;

use crate::fep::failure::Failure;

/// A mission database, ready to decode with.
#[derive(Clone, Debug)]
pub struct MissionDatabase {
    /// The file or folder it came from, as the user wrote it.
    pub source: String,
    /// The database.
    pub database: Database,
    /// The plan that it compiles to.
    pub plan: PlanBuf,
}

impl MissionDatabase {
    /// Load an XTCE file, or a folder with the tables of a SCOS-2000 MIB. A lenient load leaves out what is not supported: see
    /// [`Self::omissions`].
    ///
    /// # Errors
    /// Everything that is wrong with it, one line each: `file:line:column: path: what; fix`.
    pub fn load(path: &Path, lenient: bool) -> Result<Self, Failure> {
        let source = path.display().to_string();
        if path.is_dir() {
            let database = load_mib(path, &source, lenient)?;
            // A MIB has one origin a table, and the line alone would mislead.
            return Self::compile(database, source, |source, error| {
                format!("{source}: {}: {}", error.name, error.what)
            });
        }
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::cannot_run(format!("database {source}: {error}")))?;
        Self::parse(&text, source, lenient)
    }

    /// Load the text of an XTCE file; `source` names it in errors.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str, source: String, lenient: bool) -> Result<Self, Failure> {
        let loaded = if lenient { xtce::load_lenient(text) } else { xtce::load(text) };
        let database = loaded.map_err(|errors| bad(&source, ":", errors))?;
        Self::compile(database, source, |source, error| format!("{source}:{error}"))
    }

    fn compile(
        database: Database,
        source: String,
        line: impl Fn(&str, CompileError) -> String,
    ) -> Result<Self, Failure> {
        let lines =
            |errors: Vec<CompileError>| errors.into_iter().map(|error| line(&source, error)).collect();
        let plan = database.compile().map_err(|errors| Failure::BadDatabase(lines(errors)))?;
        Ok(Self { source, database, plan })
    }

    /// What a lenient load left out, and what is there without effect, one line each.
    pub fn omissions(&self) -> impl Iterator<Item = String> + '_ {
        let (database, source) = (&self.database, &self.source);
        let omissions = database.omissions.iter().map(|omission| ("left out", omission));
        let warnings = database.warnings.iter().map(|warning| ("warning", warning));
        omissions.chain(warnings).map(move |(word, found)| {
            let origin = found.origin;
            format!("{source}:{}:{}: {}: {word}: {}", origin.line, origin.column, found.path, found.what)
        })
    }

    /// The containers that packets may begin with: the named one, or those that the database begins packets with.
    ///
    /// # Errors
    /// When there is no such container, or nothing says which one it is.
    pub fn roots(&self, name: Option<&str>) -> Result<Vec<NodeId>, Failure> {
        let plan = self.plan.plan();
        match name {
            Some(name) => match plan.node_named(name) {
                Some(node) => Ok(vec![node]),
                None => Err(self.no_root(&format!("has no container {name}"), &plan)),
            },
            None if plan.roots.is_empty() => {
                Err(self.no_root("has no container that packets begin with: name one with --root", &plan))
            }
            None => Ok(plan.roots.to_vec()),
        }
    }

    fn no_root(&self, what: &str, plan: &Plan<'_>) -> Failure {
        let mut names: Vec<&str> = plan.nodes.iter().map(|node| plan.str(node.name)).collect();
        let more = names.len().saturating_sub(SHOWN_NAMES);
        names.truncate(SHOWN_NAMES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Failure::cannot_run(format!("{} {what}; there are {}{more}", self.source, names.join(", ")))
    }
}

fn load_mib(path: &Path, source: &str, lenient: bool) -> Result<Database, Failure> {
    let loaded = if lenient { mib::load_lenient(path) } else { mib::load(path) };
    loaded.map_err(|errors| bad(source, "/", errors))
}

fn bad<E: Display>(source: &str, separator: &str, errors: Vec<E>) -> Failure {
    Failure::BadDatabase(errors.into_iter().map(|error| format!("{source}{separator}{error}")).collect())
}

/// Containers that an error names.
const SHOWN_NAMES: usize = 20;
