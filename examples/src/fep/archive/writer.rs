//! Writing: frames gather in a block, and a block goes out whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ccsds_core::frame::TransferFrame;
use ccsds_core::quality::FrameMeta;

use super::format::{BlockFacts, BlockHeader, ChannelEntry, FileHeader};
use super::reader::ArchiveReader;
use crate::fep::failure::Failure;
use crate::fep::process::Sink;
use crate::fep::record::{Disposition, FrameRecord};

/// Appends frames to an archive.
#[derive(Debug)]
pub struct ArchiveWriter {
    file: File,
    path: PathBuf,
    /// Octets of all frames before the block that is being filled.
    offset: u64,
    channels: Vec<ChannelEntry>,
    records: Vec<FrameRecord>,
    coding: u8,
    octets: Vec<u8>,
    received: (u64, u64),
    first_ordinal: u64,
    /// What stands in front of the octets of a block.
    front: Vec<u8>,
}

impl ArchiveWriter {
    /// Begin a new archive; one that is there already is replaced with `force` only.
    ///
    /// # Errors
    /// When the file is there already, or cannot be written.
    pub fn create(path: &Path, mission: &str, force: bool) -> Result<Self, Failure> {
        if path.exists() && !force {
            let what = format!(
                "{} is there already: choose another --out, add to it with --append, or replace it with --force",
                path.display()
            );
            return Err(Failure::cannot_run(what));
        }
        let unusable = |error: io::Error| Failure::cannot_run(format!("{}: {error}", path.display()));
        let mut file = File::create(path).map_err(unusable)?;
        let header = FileHeader::new(mission);
        file.write_all(bytemuck::bytes_of(&header)).map_err(unusable)?;
        file.write_all(mission.as_bytes()).map_err(unusable)?;
        Ok(Self::new(file, path, 0))
    }

    /// Go on behind the last whole block of an archive; what stands behind that was cut off, and is removed.
    ///
    /// # Errors
    /// When the file is no archive, is one of another mission, or cannot be written.
    pub fn append(path: &Path, mission: &str) -> Result<Self, Failure> {
        let mut reader = ArchiveReader::open(path)?;
        if reader.mission() != mission {
            let what = format!("{}: was begun with another mission file", path.display());
            return Err(Failure::cannot_run(what));
        }
        let (end, offset) = reader.end()?;
        let unusable = |error: io::Error| Failure::cannot_run(format!("{}: {error}", path.display()));
        let mut file = OpenOptions::new().write(true).open(path).map_err(unusable)?;
        file.set_len(end).map_err(unusable)?;
        file.seek(SeekFrom::Start(end)).map_err(unusable)?;
        Ok(Self::new(file, path, offset))
    }

    fn new(file: File, path: &Path, offset: u64) -> Self {
        Self {
            file,
            path: path.to_owned(),
            offset,
            channels: Vec::new(),
            coding: 0,
            records: Vec::with_capacity(BLOCK_LEN / 256),
            octets: Vec::with_capacity(BLOCK_LEN),
            received: (u64::MAX, 0),
            first_ordinal: 0,
            front: Vec::new(),
        }
    }

    /// Add a frame. It reaches the file when its block is full, or with [`Self::flush`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn push(
        &mut self,
        bytes: &[u8],
        meta: &FrameMeta,
        disposition: Disposition,
        frame: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        if self.octets.len() + bytes.len() > BLOCK_LEN || self.records.len() >= MAX_RECORDS {
            self.flush()?;
        }
        let offset = self.offset + self.octets.len() as u64;
        let record = FrameRecord::new(meta, offset, bytes.len(), disposition, frame).with_coding(self.coding);
        if self.records.is_empty() {
            self.first_ordinal = meta.ordinal;
        }
        self.received = (self.received.0.min(meta.received.0), self.received.1.max(meta.received.0));
        if let Some(channel) = record.channel() {
            let count = record.frame_count();
            match self.channels.iter_mut().find(|entry| entry.channel() == channel) {
                Some(entry) => entry.record(count),
                None => {
                    let mut entry = ChannelEntry::new(channel, count);
                    entry.record(count);
                    self.channels.push(entry);
                }
            }
        }
        self.records.push(record);
        self.octets.extend_from_slice(bytes);
        Ok(())
    }

    /// Write the block that is being filled.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), Failure> {
        if self.records.is_empty() {
            return Ok(());
        }
        let mut crc = crc32fast::Hasher::new();
        let (channels, records) = (bytemuck::cast_slice(&self.channels), bytemuck::cast_slice(&self.records));
        for part in [channels, records, &self.octets] {
            crc.update(part);
        }
        let header = BlockHeader::new(&BlockFacts {
            channels: self.channels.len(),
            records: self.records.len(),
            octets: self.octets.len(),
            first_ordinal: self.first_ordinal,
            received: self.received,
            body_crc: crc.finalize(),
        });
        self.front.clear();
        for part in [bytemuck::bytes_of(&header), channels, records] {
            self.front.extend_from_slice(part);
        }
        let written = self.file.write_all(&self.front).and_then(|()| self.file.write_all(&self.octets));
        written
            .map_err(|error| Failure::incomplete(format!("cannot write {}: {error}", self.path.display())))?;
        self.offset += self.octets.len() as u64;
        self.channels.clear();
        self.records.clear();
        self.octets.clear();
        self.received = (u64::MAX, 0);
        Ok(())
    }

    /// Write what is left, and see it to the disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.flush()?;
        self.file
            .sync_all()
            .map_err(|error| Failure::incomplete(format!("cannot write {}: {error}", self.path.display())))
    }
}

impl Sink for ArchiveWriter {
    fn coding(&mut self, coding: u8) {
        self.coding = coding;
    }

    fn any_frame(
        &mut self,
        bytes: &[u8],
        meta: &FrameMeta,
        disposition: Disposition,
        frame: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        self.push(bytes, meta, disposition, frame)
    }
}

/// Octets of frames in a block: what a crash can cost. Small enough to stay in a second cache until it is written.
const BLOCK_LEN: usize = 512 << 10;
const MAX_RECORDS: usize = 1 << 14;
