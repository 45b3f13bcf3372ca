//! `--sdus`: service data units that are no packets, channel by channel, with a record for each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ccsds_core::id::MapId;

use super::{WholeFile, write_failure};
use crate::fep::failure::Failure;
use crate::fep::process::ServiceUnit;
use crate::fep::record::UnitRecord;

/// Two files for each channel, and of USLP for each access point, opened when there is something to write.
#[derive(Debug)]
pub(super) struct UnitFiles {
    folder: PathBuf,
    /// What the files of each channel are called, without the access point and the ending.
    names: Vec<String>,
    parts: BTreeMap<(usize, Option<u8>), Part>,
}

#[derive(Debug)]
struct Part {
    octets: WholeFile,
    records: WholeFile,
    offset: u64,
}

impl UnitFiles {
    /// `channels` are the names of files of frames.
    pub(super) fn new(folder: PathBuf, channels: &[String]) -> Self {
        let names = channels.iter().map(|name| name.trim_end_matches(".bin").to_owned()).collect();
        Self { folder, names, parts: BTreeMap::new() }
    }

    /// Every file that may be written.
    pub(super) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let access_points = || [None].into_iter().chain((0..MAPS).map(Some));
        let stems = self.names.iter().flat_map(move |name| access_points().map(|map| stem(name, map)));
        stems.flat_map(|stem| ENDINGS.map(|ending| self.folder.join(format!("{stem}.{ending}"))))
    }

    pub(super) fn write(&mut self, channel: usize, unit: &ServiceUnit<'_>) -> Result<(), Failure> {
        let key = (channel, unit.map.map(MapId::get));
        if !self.parts.contains_key(&key) {
            let Some(name) = self.names.get(channel) else { return Ok(()) };
            fs::create_dir_all(&self.folder).map_err(|error| write_failure(&self.folder, &error))?;
            let file = |ending| WholeFile::new(path(&self.folder, &stem(name, key.1), ending));
            let [octets, records] = ENDINGS.map(file);
            self.parts.insert(key, Part { octets: octets?, records: records?, offset: 0 });
        }
        let Some(part) = self.parts.get_mut(&key) else { return Ok(()) };
        part.records.append(bytemuck::bytes_of(&UnitRecord::new(unit, part.offset)))?;
        part.offset += unit.octets.len() as u64;
        part.octets.append(unit.octets)
    }

    /// With `force`, what an earlier run left of channels that this one did not hear goes away.
    pub(super) fn commit(self, force: bool) -> Result<(), Failure> {
        if force {
            let written: Vec<PathBuf> = self
                .parts
                .keys()
                .filter_map(|&(channel, map)| Some(stem(self.names.get(channel)?, map)))
                .flat_map(|stem| ENDINGS.map(|ending| path(&self.folder, &stem, ending)))
                .collect();
            for old in self.paths().filter(|path| path.is_file() && !written.contains(path)) {
                fs::remove_file(&old).map_err(|error| write_failure(&old, &error))?;
            }
        }
        for Part { octets, records, .. } in self.parts.into_values() {
            octets.commit(force)?;
            records.commit(force)?;
        }
        Ok(())
    }
}

/// `TFVN-SCID-VCID`, and the access point where there is one.
fn stem(name: &str, map: Option<u8>) -> String {
    map.map_or_else(|| name.to_owned(), |map| format!("{name}-{map}"))
}

fn path(folder: &Path, stem: &str, ending: &str) -> PathBuf {
    folder.join(format!("{stem}.{ending}"))
}

const ENDINGS: [&str; 2] = ["bin", "meta"];
/// Multiplexer access points of a USLP channel.
const MAPS: u8 = 16;
