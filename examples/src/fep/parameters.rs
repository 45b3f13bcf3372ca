//! `fep process --params`: one file a container, one row a packet.
//!
//! ```text
//! packets ──▶ intake ──▶ blocks of one container ──▶ workers: columns, format ──▶ writer: files
//! ```
//!
//! The intake tells which container a packet is of and puts its octets behind those of the packets before. A block that is full goes
//! to a worker, which decodes and encodes it; the writer takes the blocks in the order in which they were given out. What is in a
//! block depends on the packets alone, so the files are the same for every number of threads.
//!
//! Memory is bounded: a block holds at most [`blocks::MAX_OCTETS`] of packets and [`blocks::MAX_VALUES`] values, all blocks that are
//! being filled together at most [`blocks::MAX_PENDING`] octets, and at most two blocks a thread, and two more, are under way.
//!
//! Columns of every file:
//!
//! | column | what |
//! | --- | --- |
//! | `generation_time` | when the packet was made, in UTC: the parameter of `[database] time`, or else the first moment of the container, or else the time of the secondary header, where `[[channel]]` `pus` or `time` says what it is and that is a moment |
//! | `reception_time` | when it was received; empty where the input does not say |
//! | `quality` | `ok`; `short`: it ends before its container does; `damaged`: frames were lost, not trusted or contradictory while it was received, its check failed, or its version is unknown; `truncated`: it broke off. The gravest counts |
//! | `apid`, `sequence_count` | of its header |
//!
//! Parameters follow, named as [`ColumnBatch::names`](decom::column::ColumnBatch::names) says: `NAME` is the engineering value, `NAME:raw` the raw one where that is another,
//! `NAME:alarm` how grave it is where the database has alarms. Values that a packet does not carry are empty. Several values
//! of one packet are a list. All times are in UTC.
//!
//! | module | what |
//! | --- | --- |
//! | [`blocks`] | packets of one container, back to back |
//! | `table` | a block as columns |
//! | `text` | columns as CSV and JSON lines |
//! | `parquet` | columns as Parquet |
//! | `files` | the files, in order |
//! | `intake` | which container a packet is of |
//! | `names` | the names of the files |

pub mod blocks;
mod files;
mod intake;
mod names;
mod parquet;
mod table;
mod text;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use clap::ValueEnum;
use decom::plan::{NodeId, ParameterId, Plan};

use self::blocks::Block;
use self::files::Files;
pub use self::intake::Intake;
pub use self::table::Tally;
use self::table::{Encoded, Table, Workplace};
use crate::fep::database::MissionDatabase;
use crate::fep::failure::Failure;
use crate::fep::mission::{DatabaseChoice, Mission, PacketServices};
use crate::fep::report::{ParameterContainerReport, ParametersReport};

/// How parameters are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// Comma-separated values, names in the first line.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// What the names of files end with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// Everything that is settled before the first packet comes.
#[derive(Debug)]
pub struct ParameterFiles {
    database: MissionDatabase,
    roots: Vec<NodeId>,
    time: Option<ParameterId>,
    format: Format,
    folder: PathBuf,
    force: bool,
    names: Vec<String>,
    /// By channel.
    headers: Vec<PacketServices>,
}

impl ParameterFiles {
    /// Load the database of a mission, and find out whether files would be overwritten; they go to `folder`.
    ///
    /// # Errors
    /// When the mission names no database, something is wrong with it, or a file is there already and `force` is not set.
    pub fn prepare(mission: &Mission, format: Format, folder: PathBuf, force: bool) -> Result<Self, Failure> {
        let Some(choice) = &mission.database else {
            return Err(Failure::cannot_run(
                "--params needs a mission database: add [database] with xtce = \"FILE\" or mib = \"FOLDER\" to the mission file",
            ));
        };
        let database = MissionDatabase::load(&choice.path, choice.lenient)?;
        let roots = roots(&database, choice)?;
        let time = time(&database, choice)?;
        let plan = database.plan.plan();
        let names = names::of_containers(&plan, format.extension());
        if !force && let Some(path) = names.iter().map(|name| folder.join(name)).find(|path| path.exists()) {
            return Err(Failure::cannot_run(format!(
                "{} is there already: choose another --out, or replace it with --force",
                path.display()
            )));
        }
        Ok(Self { database, roots, time, format, folder, force, names, headers: mission.services() })
    }

    /// The database.
    #[must_use]
    pub const fn database(&self) -> &MissionDatabase {
        &self.database
    }

    /// Run `body`, which hands packets to the intake, with `threads` threads to decode and encode them.
    ///
    /// # Errors
    /// Those of `body`, and when a file cannot be written.
    pub fn run<R>(
        &self,
        threads: usize,
        body: impl FnOnce(&mut Intake<'_>) -> Result<R, Failure>,
    ) -> Result<(R, ParametersReport, WrittenFiles), Failure> {
        let plan = self.database.plan.plan();
        let shared = Shared {
            plan,
            roots: &self.roots,
            time: self.time,
            format: self.format,
            tables: plan.nodes.iter().map(|_| OnceLock::new()).collect(),
            blocks: Spare::default(),
            groups: Spare::default(),
        };
        let threads = threads.max(1);
        thread::scope(|scope| {
            let (to_workers, jobs) = sync_channel(threads);
            let (to_writer, results) = sync_channel(threads + 1);
            let jobs = Arc::new(Mutex::new(jobs));
            for _ in 0..threads {
                let (shared, jobs) = (&shared, Arc::clone(&jobs));
                scope.spawn(move || work(shared, &jobs));
            }
            drop(jobs);
            let shared = &shared;
            let writer = scope.spawn(move || {
                let mut files = Files::new(&self.folder, &self.names, self.format);
                files.take(shared, &results).map(|tallies| (files, tallies))
            });
            let mut intake = Intake::new(shared, &self.headers, to_workers, to_writer);
            let result = body(&mut intake);
            let account = match &result {
                Ok(_) => intake.finish(),
                Err(_) => intake.give_up(),
            };
            let Ok(written) = writer.join() else {
                return Err(Failure::incomplete("internal error: the writer of parameters ended early"));
            };
            // When a file cannot be written, that is why the body fails too.
            let (files, tallies) = written?;
            let result = result?;
            let containers = tallies.iter().map(|(&node, tally)| {
                let file = self.names.get(node.0 as usize).cloned().unwrap_or_default();
                ParameterContainerReport::new(plan.container_name(node), file, tally)
            });
            let report = ParametersReport {
                database: self.database.source.clone(),
                format: self.format.extension().to_owned(),
                containers: containers.collect(),
                left_out: self.database.omissions().collect(),
                ..account?
            };
            Ok((result, report, WrittenFiles { files: files.close()?, force: self.force }))
        })
    }
}

/// Files that are whole, and wait for their names.
#[derive(Debug)]
pub struct WrittenFiles {
    files: files::Closed,
    force: bool,
}

impl WrittenFiles {
    /// Give every file its name. With `force`, what an earlier run left of containers that this one did not hear goes away.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn commit(self) -> Result<(), Failure> {
        self.files.commit(self.force)
    }
}

/// The containers that packets begin with.
fn roots(database: &MissionDatabase, choice: &DatabaseChoice) -> Result<Vec<NodeId>, Failure> {
    match &choice.root {
        Some(root) => {
            database.roots(Some(&root.name)).map_err(|failure| Failure::cannot_run(root.wrong(failure)))
        }
        None => database.roots(None),
    }
}

/// The parameter that the mission file says tells when a packet was made.
fn time(database: &MissionDatabase, choice: &DatabaseChoice) -> Result<Option<ParameterId>, Failure> {
    let Some(named) = &choice.time else { return Ok(None) };
    let plan = database.plan.plan();
    let is_named = |full: &str| full == named.name || full.rsplit('/').next() == Some(&named.name);
    let all = (0..).map(ParameterId).zip(plan.parameters);
    let mut found = all.filter(|(_, parameter)| is_named(plan.str(parameter.name))).map(|(id, _)| id);
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(Some(id)),
        (Some(_), Some(_)) => Err(Failure::cannot_run(
            named.wrong(format!("{} names several parameters: give the qualified name", named.name)),
        )),
        (None, _) => Err(Failure::cannot_run(
            named.wrong(format!("{} has no parameter {}", database.source, named.name)),
        )),
    }
}

/// What the threads share.
#[derive(Debug)]
struct Shared<'p> {
    plan: Plan<'p>,
    roots: &'p [NodeId],
    time: Option<ParameterId>,
    format: Format,
    /// By container; made when the first packet of each comes.
    tables: Vec<OnceLock<Option<Table<'p>>>>,
    /// Blocks to be filled again.
    blocks: Spare<Block>,
    /// Memory of row groups.
    groups: Spare<Vec<u8>>,
}

impl<'p> Shared<'p> {
    fn table(&self, node: NodeId) -> Option<&Table<'p>> {
        let slot = self.tables.get(node.0 as usize)?;
        slot.get_or_init(|| Table::new(self.plan, node, self.time, self.format)).as_ref()
    }
}

/// Memory to be used again. There is never more of it than was in use at a time.
#[derive(Debug)]
struct Spare<T>(Mutex<Vec<T>>);

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T: Default> Spare<T> {
    fn get(&self) -> T {
        self.0.lock().ok().and_then(|mut spare| spare.pop()).unwrap_or_default()
    }

    fn put(&self, memory: T) {
        if let Ok(mut spare) = self.0.lock() {
            spare.push(memory);
        }
    }
}

/// A block, and where the result goes.
struct Job {
    node: NodeId,
    block: Block,
    done: SyncSender<Result<(Encoded, Tally), Failure>>,
}

/// What is to be written next.
struct Pending {
    node: NodeId,
    outcome: Receiver<Result<(Encoded, Tally), Failure>>,
}

/// Decode and encode blocks until no more come.
fn work<'p>(shared: &Shared<'p>, jobs: &Mutex<Receiver<Job>>) {
    // Of one container only: memory is bounded, however many there are.
    let mut place: Option<(NodeId, Workplace<'p>)> = None;
    loop {
        let Ok(mut job) = jobs.lock().map_err(drop).and_then(|jobs| jobs.recv().map_err(drop)) else {
            return;
        };
        let outcome = match shared.table(job.node) {
            Some(table) => {
                let kept = place.take().filter(|(node, _)| *node == job.node);
                let (_, place) = place.insert(kept.unwrap_or_else(|| (job.node, table.workplace())));
                let memory = match shared.format {
                    Format::Csv | Format::Jsonl => Vec::new(),
                    Format::Parquet => shared.groups.get(),
                };
                table.encode(&job.block, place, memory)
            }
            None => Err(Failure::incomplete("internal error: packets of a container that does not exist")),
        };
        job.block.clear();
        shared.blocks.put(job.block);
        // Nobody waits for it when the writer gave up.
        let _ = job.done.send(outcome);
    }
}
