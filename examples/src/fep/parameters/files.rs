//! The files, in the order in which blocks were given out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use decom::plan::NodeId;

use super::parquet::ParquetFile;
use super::table::{Encoded, Tally};
use super::{Format, Pending, Shared};
use crate::fep::failure::Failure;
use crate::fep::output::WholeFile;

/// The files that grow.
#[derive(Debug)]
pub(super) struct Files<'f> {
    folder: &'f Path,
    names: &'f [String],
    format: Format,
    open: BTreeMap<NodeId, Open>,
}

enum Open {
    Parquet(Box<ParquetFile>),
    Text(WholeFile),
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").finish_non_exhaustive()
    }
}

impl<'f> Files<'f> {
    pub(super) const fn new(folder: &'f Path, names: &'f [String], format: Format) -> Self {
        Self { folder, names, format, open: BTreeMap::new() }
    }

    /// Write everything that comes.
    pub(super) fn take(
        &mut self,
        shared: &Shared<'_>,
        results: &Receiver<Pending>,
    ) -> Result<BTreeMap<NodeId, Tally>, Failure> {
        let mut tallies: BTreeMap<NodeId, Tally> = BTreeMap::new();
        while let Ok(Pending { node, outcome }) = results.recv() {
            // Given up before a worker had it.
            let Ok(outcome) = outcome.recv() else { break };
            let (encoded, tally) = outcome?;
            tallies.entry(node).or_default().add(&tally);
            self.append(shared, node, encoded)?;
        }
        Ok(tallies)
    }

    fn append(&mut self, shared: &Shared<'_>, node: NodeId, encoded: Encoded) -> Result<(), Failure> {
        let path = self.folder.join(self.names.get(node.0 as usize).map_or("", String::as_str));
        let failed = |error: &dyn std::fmt::Display| {
            Failure::incomplete(format!("cannot write {}: {error}", path.display()))
        };
        let open = match self.open.entry(node) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                fs::create_dir_all(self.folder).map_err(|error| failed(&error))?;
                let file = WholeFile::new(path.clone())?;
                let table = shared.table(node).ok_or_else(|| failed(&"there is no such container"))?;
                entry.insert(match self.format {
                    Format::Parquet => {
                        Open::Parquet(Box::new(table.parquet_file(file).map_err(|error| failed(&error))?))
                    }
                    Format::Csv | Format::Jsonl => {
                        let mut file = file;
                        file.append(table.head().as_bytes())?;
                        Open::Text(file)
                    }
                })
            }
        };
        match (open, encoded) {
            (Open::Text(file), Encoded::Text(text)) => file.append(text.as_bytes()),
            (Open::Parquet(file), Encoded::Group(group)) => {
                let memory = file.append(group).map_err(|error| failed(&error))?;
                shared.groups.put(memory);
                Ok(())
            }
            _ => Err(failed(&"it is of another format")),
        }
    }

    /// End every file.
    pub(super) fn close(self) -> Result<Closed, Failure> {
        let mut closed = Closed { files: Vec::new(), unheard: Vec::new() };
        for (node, name) in (0u32..).map(NodeId).zip(self.names) {
            if !self.open.contains_key(&node) {
                closed.unheard.push(self.folder.join(name));
            }
        }
        for open in self.open.into_values() {
            closed.files.push(match open {
                Open::Text(file) => file,
                Open::Parquet(file) => file
                    .close()
                    .map_err(|error| Failure::incomplete(format!("cannot write parameters: {error}")))?,
            });
        }
        Ok(closed)
    }
}

/// Files that are whole, and the names of those that there is nothing for.
#[derive(Debug)]
pub(super) struct Closed {
    files: Vec<WholeFile>,
    unheard: Vec<PathBuf>,
}

impl Closed {
    pub(super) fn commit(self, force: bool) -> Result<(), Failure> {
        for file in self.files {
            file.commit(force)?;
        }
        for path in self.unheard.into_iter().filter(|path| force && path.is_file()) {
            fs::remove_file(&path)
                .map_err(|error| Failure::incomplete(format!("cannot remove {}: {error}", path.display())))?;
        }
        Ok(())
    }
}
