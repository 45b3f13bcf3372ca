//! The annotation record of one frame, as `--all-frames` writes it to `frames.meta`.
//!
//! Records have [`FrameRecord::LEN`] octets each and stand in the order of the frames in `frames.bin`; every number is
//! little-endian.
//!
//! | octet | type | field |
//! | --- | --- | --- |
//! | 0 | u64 | ordinal of the frame in the stream, from 0 |
//! | 8 | u64 | first bit of its marker in the stream; of the frame itself where the input is frames |
//! | 16 | u64 | time of reception, 0 where the input has none |
//! | 24 | u64 | where the frame begins in `frames.bin` |
//! | 32 | u64 | virtual channel frame count; 0 unless the channel is known |
//! | 40 | u32 | octets of the frame |
//! | 44 | u16 | symbols corrected in the code block |
//! | 46 | u16 | spacecraft identifier; 0 unless the channel is known |
//! | 48 | u8 | version of this layout, 1 |
//! | 49 | u8 | disposition: 0 good, 1 uncorrectable, 2 FECF failed, 3 unverified, 4 malformed, 5 undeclared, 6 idle, 7 refused |
//! | 50 | u8 | synchronization: 0 locked, 1 flywheel, 2 unverified |
//! | 51 | u8 | channel code: 0 unchecked, 1 clean, 2 corrected, 3 uncorrectable |
//! | 52 | u8 | FECF: 0 unchecked, 1 valid, 2 invalid |
//! | 53 | u8 | bit errors in the marker |
//! | 54 | u8 | flags: 1 the stream was inverted, 2 the channel is known |
//! | 55 | u8 | uncorrectable codewords |
//! | 56 | u8 | transfer frame version number: 0 TM, 1 AOS, 12 USLP |
//! | 57 | u8 | virtual channel identifier |
//! | 58 | u8 | bits of the frame count |
//! | 59 | u8 | which coding, by its place in the mission file; 0 where there is one |
//! | 60 | 4 × u8 | zeros |
//!
//! The channel is known where the header may be believed and was read.

mod unit;

pub use self::unit::UnitRecord;

use bytemuck::{Pod, Zeroable};
use ccsds_core::frame::TransferFrame;
use ccsds_core::quality::{CodingQuality, FecfQuality, FrameMeta, FrameQuality, ReceiveTime, SyncQuality};
use ccsds_core::vc::VcFrameCount;

/// The annotation record of one frame; its numbers are little-endian on every machine.
#[derive(Clone, Copy, Debug, Eq, Pod, PartialEq, Zeroable)]
#[repr(C)]
pub struct FrameRecord {
    ordinal: u64,
    stream_bit: u64,
    received: u64,
    offset: u64,
    frame_count: u64,
    len: u32,
    symbols_corrected: u16,
    scid: u16,
    version: u8,
    disposition: u8,
    sync: u8,
    coding: u8,
    fecf: u8,
    asm_errors: u8,
    flags: u8,
    uncorrectable_codewords: u8,
    tfvn: u8,
    vcid: u8,
    frame_count_bits: u8,
    scheme: u8,
    reserved: [u8; 4],
}

impl FrameRecord {
    /// Octets of a record.
    pub const LEN: usize = size_of::<Self>();

    /// The record of a frame of `len` octets that begins at `offset` in `frames.bin`; `frame` where its header may be believed.
    #[must_use]
    pub fn new(
        meta: &FrameMeta,
        offset: u64,
        len: usize,
        disposition: Disposition,
        frame: Option<&TransferFrame<'_>>,
    ) -> Self {
        let quality = meta.quality;
        let (coding, symbols_corrected, uncorrectable_codewords) = match quality.coding {
            CodingQuality::Unchecked => (0, 0, 0),
            CodingQuality::Clean => (1, 0, 0),
            CodingQuality::Corrected { symbols } => (2, symbols, 0),
            CodingQuality::Uncorrectable { codewords } => (3, 0, codewords),
        };
        let gvcid = frame.map(TransferFrame::gvcid);
        let count = frame.map(TransferFrame::vc_frame_count);
        let flag = |set: bool, value: u8| if set { value } else { 0 };
        Self {
            ordinal: meta.ordinal.to_le(),
            stream_bit: meta.stream_bit.to_le(),
            received: meta.received.0.to_le(),
            offset: offset.to_le(),
            frame_count: count.map_or(0, VcFrameCount::value).to_le(),
            len: u32::try_from(len).unwrap_or(u32::MAX).to_le(),
            symbols_corrected: symbols_corrected.to_le(),
            scid: gvcid.map_or(0, |gvcid| gvcid.scid.get()).to_le(),
            version: VERSION,
            disposition: disposition as u8,
            sync: match quality.sync {
                SyncQuality::Locked => 0,
                SyncQuality::Flywheel => 1,
                SyncQuality::Unverified => 2,
            },
            coding,
            fecf: match quality.fecf {
                FecfQuality::Unchecked => 0,
                FecfQuality::Valid => 1,
                FecfQuality::Invalid => 2,
            },
            asm_errors: quality.asm_errors,
            flags: flag(quality.inverted, INVERTED) | flag(frame.is_some(), CHANNEL_KNOWN),
            uncorrectable_codewords,
            tfvn: gvcid.map_or(0, |gvcid| gvcid.tfvn.get()),
            vcid: gvcid.map_or(0, |gvcid| gvcid.vcid.get()),
            frame_count_bits: count.map_or(0, VcFrameCount::bits),
            scheme: 0,
            reserved: [0; 4],
        }
    }

    /// The same of a frame with this coding, by its place in the mission file.
    #[must_use]
    pub const fn with_coding(self, coding: u8) -> Self {
        Self { scheme: coding, ..self }
    }
}

/// What a record says; the fields that tell how a frame was received make its [`FrameMeta`] again.
impl FrameRecord {
    /// What was known about the frame beside its octets.
    #[must_use]
    pub const fn meta(&self) -> FrameMeta {
        FrameMeta {
            ordinal: u64::from_le(self.ordinal),
            stream_bit: u64::from_le(self.stream_bit),
            received: ReceiveTime(u64::from_le(self.received)),
            quality: FrameQuality {
                sync: match self.sync {
                    0 => SyncQuality::Locked,
                    1 => SyncQuality::Flywheel,
                    _ => SyncQuality::Unverified,
                },
                coding: match self.coding {
                    0 => CodingQuality::Unchecked,
                    1 => CodingQuality::Clean,
                    2 => CodingQuality::Corrected { symbols: u16::from_le(self.symbols_corrected) },
                    _ => CodingQuality::Uncorrectable { codewords: self.uncorrectable_codewords },
                },
                fecf: match self.fecf {
                    0 => FecfQuality::Unchecked,
                    1 => FecfQuality::Valid,
                    _ => FecfQuality::Invalid,
                },
                asm_errors: self.asm_errors,
                inverted: self.flags & INVERTED != 0,
            },
        }
    }

    /// Which coding the frame had, by its place in the mission file.
    #[must_use]
    pub const fn which_coding(&self) -> u8 {
        self.scheme
    }

    /// Octets of the frame.
    #[must_use]
    pub const fn len(&self) -> usize {
        u32::from_le(self.len) as usize
    }

    /// Whether the frame has no octet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Version number, spacecraft and virtual channel; `None` unless the channel is known.
    #[must_use]
    pub fn channel(&self) -> Option<(u8, u16, u8)> {
        (self.flags & CHANNEL_KNOWN != 0).then_some((self.tfvn, u16::from_le(self.scid), self.vcid))
    }

    /// The frame count; 0 unless the channel is known.
    #[must_use]
    pub const fn frame_count(&self) -> u64 {
        u64::from_le(self.frame_count)
    }
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Disposition {
    /// Handed to its channel.
    Good = 0,
    /// Beyond correction.
    Uncorrectable = 1,
    /// The frame error control field failed.
    FecfFailed = 2,
    /// No code, no FECF and no marker vouches for it.
    Unverified = 3,
    /// The headers contradict the managed parameters.
    Malformed = 4,
    /// For a channel that nobody declared.
    Undeclared = 5,
    /// Only idle data.
    Idle = 6,
    /// Its protection says that it is not what was sent, or was sent before.
    Refused = 7,
}

const VERSION: u8 = 1;
const INVERTED: u8 = 1;
const CHANNEL_KNOWN: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_documented_layout() {
        let meta = FrameMeta { ordinal: 0x0102, stream_bit: 7, ..FrameMeta::default() };
        let record = FrameRecord::new(&meta, 1115, 1115, Disposition::Idle, None);
        let octets = bytemuck::bytes_of(&record);
        assert_eq!((octets.len(), FrameRecord::LEN), (64, 64));
        assert_eq!(octets[..3], [2, 1, 0]);
        assert_eq!(octets[8], 7);
        assert_eq!(octets[24..26], 1115u16.to_le_bytes());
        assert_eq!(octets[40..44], 1115u32.to_le_bytes());
        assert_eq!((octets[48], octets[49], octets[50]), (1, 6, 2));
        assert_eq!(octets[59..], [0; 5]);
    }
}
