//! Layouts of the archive file; every number is little-endian on every machine.

use bytemuck::{Pod, Zeroable};

use crate::fep::record::FrameRecord;

/// What a file begins with; the mission file follows, in [`Self::mission_len`] octets.
#[derive(Clone, Copy, Debug, Eq, Pod, PartialEq, Zeroable)]
#[repr(C)]
pub struct FileHeader {
    magic: [u8; 8],
    version: u16,
    record_len: u16,
    mission_len: u32,
    mission_crc: u32,
    reserved: [u32; 10],
    crc: u32,
}

impl FileHeader {
    /// Octets of the header.
    pub const LEN: usize = size_of::<Self>();

    /// The header of a file with this mission file.
    #[must_use]
    pub fn new(mission: &str) -> Self {
        let mut header = Self {
            magic: FILE_MAGIC,
            version: VERSION.to_le(),
            record_len: (FrameRecord::LEN as u16).to_le(),
            mission_len: u32::try_from(mission.len()).unwrap_or(u32::MAX).to_le(),
            mission_crc: crc32fast::hash(mission.as_bytes()).to_le(),
            reserved: [0; 10],
            crc: 0,
        };
        header.crc = header.own_crc().to_le();
        header
    }

    /// Read a header; `None` when it is none, or one of another version.
    #[must_use]
    pub fn from_bytes(octets: &[u8; Self::LEN]) -> Option<Self> {
        let header: Self = bytemuck::pod_read_unaligned(octets);
        let right = header.magic == FILE_MAGIC
            && u16::from_le(header.version) == VERSION
            && usize::from(u16::from_le(header.record_len)) == FrameRecord::LEN
            && u32::from_le(header.crc) == header.own_crc();
        right.then_some(header)
    }

    /// Octets of the mission file.
    #[must_use]
    pub const fn mission_len(&self) -> usize {
        u32::from_le(self.mission_len) as usize
    }

    /// Whether this is the mission file that the header was made for.
    #[must_use]
    pub fn fits(&self, mission: &[u8]) -> bool {
        mission.len() == self.mission_len() && crc32fast::hash(mission) == u32::from_le(self.mission_crc)
    }

    fn own_crc(&self) -> u32 {
        crc32fast::hash(bytemuck::bytes_of(self).split_last_chunk::<4>().map_or(&[][..], |(body, _)| body))
    }
}

/// What a block begins with: how long it is, and what is in it.
#[derive(Clone, Copy, Debug, Eq, Pod, PartialEq, Zeroable)]
#[repr(C)]
pub struct BlockHeader {
    magic: [u8; 4],
    channels: u32,
    records: u32,
    octets: u32,
    first_ordinal: u64,
    first_received: u64,
    last_received: u64,
    reserved: [u8; 16],
    body_crc: u32,
    crc: u32,
}

/// What [`BlockHeader::new`] is told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BlockFacts {
    pub(super) channels: usize,
    pub(super) records: usize,
    pub(super) octets: usize,
    pub(super) first_ordinal: u64,
    pub(super) received: (u64, u64),
    pub(super) body_crc: u32,
}

impl BlockHeader {
    /// Octets of the header.
    pub const LEN: usize = size_of::<Self>();

    pub(super) fn new(facts: &BlockFacts) -> Self {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_le();
        let mut header = Self {
            magic: BLOCK_MAGIC,
            channels: count(facts.channels),
            records: count(facts.records),
            octets: count(facts.octets),
            first_ordinal: facts.first_ordinal.to_le(),
            first_received: facts.received.0.to_le(),
            last_received: facts.received.1.to_le(),
            reserved: [0; 16],
            body_crc: facts.body_crc.to_le(),
            crc: 0,
        };
        header.crc = header.own_crc().to_le();
        header
    }

    /// Read a header; `None` when it is none.
    #[must_use]
    pub fn from_bytes(octets: &[u8; Self::LEN]) -> Option<Self> {
        let header: Self = bytemuck::pod_read_unaligned(octets);
        (header.magic == BLOCK_MAGIC && u32::from_le(header.crc) == header.own_crc()).then_some(header)
    }

    /// Entries of the table of channels.
    #[must_use]
    pub const fn channels(&self) -> usize {
        u32::from_le(self.channels) as usize
    }

    /// Frames of the block.
    #[must_use]
    pub const fn records(&self) -> usize {
        u32::from_le(self.records) as usize
    }

    /// Octets of all frames of the block.
    #[must_use]
    pub const fn octets(&self) -> usize {
        u32::from_le(self.octets) as usize
    }

    /// The first and the last time of reception in the block.
    #[must_use]
    pub const fn received(&self) -> (u64, u64) {
        (u64::from_le(self.first_received), u64::from_le(self.last_received))
    }

    /// Ordinal of the first frame.
    #[must_use]
    pub const fn first_ordinal(&self) -> u64 {
        u64::from_le(self.first_ordinal)
    }

    /// Octets behind the header.
    #[must_use]
    pub const fn body_len(&self) -> u64 {
        (self.channels() * ChannelEntry::LEN) as u64
            + (self.records() * FrameRecord::LEN) as u64
            + self.octets() as u64
    }

    /// The CRC-32 of what stands behind the header.
    #[must_use]
    pub const fn body_crc(&self) -> u32 {
        u32::from_le(self.body_crc)
    }

    /// What every block begins with.
    pub(super) const MAGIC: [u8; 4] = BLOCK_MAGIC;

    fn own_crc(&self) -> u32 {
        crc32fast::hash(bytemuck::bytes_of(self).split_last_chunk::<4>().map_or(&[][..], |(body, _)| body))
    }
}

/// What a block holds of one channel.
#[derive(Clone, Copy, Debug, Eq, Pod, PartialEq, Zeroable)]
#[repr(C)]
pub struct ChannelEntry {
    least_count: u64,
    largest_count: u64,
    frames: u32,
    scid: u16,
    tfvn: u8,
    vcid: u8,
    reserved: [u8; 8],
}

impl ChannelEntry {
    /// Octets of an entry.
    pub const LEN: usize = size_of::<Self>();

    pub(super) const fn new((tfvn, scid, vcid): (u8, u16, u8), count: u64) -> Self {
        Self {
            least_count: count.to_le(),
            largest_count: count.to_le(),
            frames: 0,
            scid: scid.to_le(),
            tfvn,
            vcid,
            reserved: [0; 8],
        }
    }

    pub(super) fn record(&mut self, count: u64) {
        self.frames = (u32::from_le(self.frames) + 1).to_le();
        self.least_count = u64::from_le(self.least_count).min(count).to_le();
        self.largest_count = u64::from_le(self.largest_count).max(count).to_le();
    }

    /// Version number, spacecraft and virtual channel.
    #[must_use]
    pub const fn channel(&self) -> (u8, u16, u8) {
        (self.tfvn, u16::from_le(self.scid), self.vcid)
    }

    /// The least and the largest frame count.
    #[must_use]
    pub const fn counts(&self) -> (u64, u64) {
        (u64::from_le(self.least_count), u64::from_le(self.largest_count))
    }

    /// Frames.
    #[must_use]
    pub const fn frames(&self) -> u32 {
        u32::from_le(self.frames)
    }
}

const FILE_MAGIC: [u8; 8] = *b"FEPFRAME";
const BLOCK_MAGIC: [u8; 4] = *b"FBLK";
const VERSION: u16 = 1;
