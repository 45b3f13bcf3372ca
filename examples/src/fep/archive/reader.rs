//! Reading: block after block, whole ones only, and only those that are wanted.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::format::{BlockHeader, ChannelEntry, FileHeader};
use crate::fep::failure::Failure;
use crate::fep::record::FrameRecord;

/// Which frames are wanted; all of them by default.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Of this channel: version number, spacecraft, virtual channel.
    pub channel: Option<(u8, u16, u8)>,
    /// With these frame counts.
    pub counts: Option<RangeInclusive<u64>>,
    /// Received at these times.
    pub received: Option<RangeInclusive<u64>>,
}

impl Selection {
    /// Whether a frame is wanted.
    #[must_use]
    pub fn wants(&self, record: &FrameRecord) -> bool {
        let channel = record.channel();
        self.channel.is_none_or(|wanted| channel == Some(wanted))
            && self
                .counts
                .as_ref()
                .is_none_or(|counts| channel.is_some() && counts.contains(&record.frame_count()))
            && self.received.as_ref().is_none_or(|times| times.contains(&record.meta().received.0))
    }

    /// Whether a block may hold a frame that is wanted.
    fn wants_block(&self, header: &BlockHeader, channels: &[ChannelEntry]) -> bool {
        let overlaps = |wanted: &RangeInclusive<u64>, (first, last): (u64, u64)| {
            *wanted.start() <= last && first <= *wanted.end()
        };
        let of_channel = |entry: &ChannelEntry| {
            self.channel.is_none_or(|wanted| entry.channel() == wanted)
                && self.counts.as_ref().is_none_or(|counts| overlaps(counts, entry.counts()))
        };
        self.received.as_ref().is_none_or(|times| overlaps(times, header.received()))
            && ((self.channel.is_none() && self.counts.is_none()) || channels.iter().any(of_channel))
    }
}

/// A whole block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    records: Vec<FrameRecord>,
    octets: Vec<u8>,
}

impl Block {
    /// The frames and what is known about each.
    pub fn frames(&self) -> impl Iterator<Item = (&FrameRecord, &[u8])> {
        let mut at = 0;
        self.records.iter().map(move |record| {
            let octets = self.octets.get(at..at + record.len()).unwrap_or_default();
            at += record.len();
            (record, octets)
        })
    }
}

/// Reads an archive, which may grow meanwhile.
#[derive(Debug)]
pub struct ArchiveReader {
    file: File,
    path: PathBuf,
    mission: String,
    /// Where the next block begins.
    at: u64,
    damaged: u64,
    skipped_blocks: u64,
}

impl ArchiveReader {
    /// Open an archive.
    ///
    /// # Errors
    /// When the file cannot be read, or is no archive of this version.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::cannot_run(format!("archive {}: {error}", path.display()));
        let no_archive =
            || Failure::cannot_run(format!("archive {}: is no frame archive of version 1", path.display()));
        let mut file = File::open(path).map_err(failed)?;
        let mut octets = Vec::new();
        (&mut file).take(FileHeader::LEN as u64).read_to_end(&mut octets).map_err(failed)?;
        let header = octets.first_chunk().and_then(FileHeader::from_bytes).ok_or_else(no_archive)?;
        let mut mission = Vec::new();
        (&mut file).take(header.mission_len() as u64).read_to_end(&mut mission).map_err(failed)?;
        if !header.fits(&mission) {
            return Err(no_archive());
        }
        let at = (FileHeader::LEN + mission.len()) as u64;
        let mission = String::from_utf8(mission).map_err(|_| no_archive())?;
        Ok(Self { file, path: path.to_owned(), mission, at, damaged: 0, skipped_blocks: 0 })
    }

    /// The mission file that the frames were decoded with.
    #[must_use]
    pub fn mission(&self) -> &str {
        &self.mission
    }

    /// Octets so far that belong to no whole block, other than at the end.
    #[must_use]
    pub const fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Blocks so far that hold nothing wanted and were not read.
    #[must_use]
    pub const fn skipped_blocks(&self) -> u64 {
        self.skipped_blocks
    }

    /// The next whole block that may hold frames of the `selection`, read into `block`; false where there is none, now: a file that
    /// grows may have one later. Damaged blocks are passed over and counted.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_block(&mut self, selection: &Selection, block: &mut Block) -> Result<bool, Failure> {
        self.advance(selection, block)
            .map_err(|error| Failure::incomplete(format!("archive {}: {error}", self.path.display())))
    }

    fn advance(&mut self, selection: &Selection, block: &mut Block) -> io::Result<bool> {
        loop {
            let file_len = self.file.metadata()?.len();
            let Some(header) = self.header(self.at, file_len)? else {
                match self.resynchronize(file_len)? {
                    Some(at) => {
                        self.damaged += at - self.at;
                        self.at = at;
                        continue;
                    }
                    None => return Ok(false),
                }
            };
            let end = self.at + BlockHeader::LEN as u64 + header.body_len();
            if end > file_len {
                return Ok(false);
            }
            self.file.seek(SeekFrom::Start(self.at + BlockHeader::LEN as u64))?;
            let mut channels = vec![0; header.channels() * ChannelEntry::LEN];
            self.file.read_exact(&mut channels)?;
            let entries: Vec<ChannelEntry> =
                channels.chunks_exact(ChannelEntry::LEN).map(bytemuck::pod_read_unaligned).collect();
            let start = self.at;
            self.at = end;
            if !selection.wants_block(&header, &entries) {
                self.skipped_blocks += 1;
                continue;
            }
            let mut records = vec![0; header.records() * FrameRecord::LEN];
            self.file.read_exact(&mut records)?;
            block.octets.resize(header.octets(), 0);
            self.file.read_exact(&mut block.octets)?;
            let mut crc = crc32fast::Hasher::new();
            for part in [&channels, &records, &block.octets] {
                crc.update(part);
            }
            if crc.finalize() == header.body_crc() {
                block.records.clear();
                block.records.extend(
                    records.chunks_exact(FrameRecord::LEN).map(bytemuck::pod_read_unaligned::<FrameRecord>),
                );
                return Ok(true);
            }
            self.damaged += end - start;
        }
    }

    /// The header at `at`; `None` where there is none, or not all of it yet.
    fn header(&mut self, at: u64, file_len: u64) -> io::Result<Option<BlockHeader>> {
        if at + BlockHeader::LEN as u64 > file_len {
            return Ok(None);
        }
        let mut octets = [0; BlockHeader::LEN];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut octets)?;
        Ok(BlockHeader::from_bytes(&octets))
    }

    /// Where behind a damaged header the next valid one is.
    fn resynchronize(&mut self, file_len: u64) -> io::Result<Option<u64>> {
        let mut from = self.at + 1;
        let mut window = Vec::new();
        while from + BlockHeader::LEN as u64 <= file_len {
            self.file.seek(SeekFrom::Start(from))?;
            window.clear();
            (&mut self.file).take(SEARCH_LEN).read_to_end(&mut window)?;
            for (n, octets) in window.windows(BlockHeader::LEN).enumerate() {
                if octets.starts_with(&BlockHeader::MAGIC)
                    && octets.first_chunk().and_then(BlockHeader::from_bytes).is_some()
                {
                    return Ok(Some(from + n as u64));
                }
            }
            from += (window.len() + 1).saturating_sub(BlockHeader::LEN).max(1) as u64;
        }
        Ok(None)
    }

    /// Where the last whole block ends, and how many octets of frames there are before.
    pub(super) fn end(&mut self) -> Result<(u64, u64), Failure> {
        let (mut block, mut end, mut offset) = (Block::default(), self.at, 0);
        while self.next_block(&Selection::default(), &mut block)? {
            end = self.at;
            offset += block.octets.len() as u64;
        }
        Ok((end, offset))
    }
}

const SEARCH_LEN: u64 = 1 << 20;
