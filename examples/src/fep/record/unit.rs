//! The annotation record of one service data unit, as `--sdus` writes it to the `.meta` file beside the units.
//!
//! Records have [`UnitRecord::LEN`] octets each and stand in the order of the units; every number is little-endian.
//!
//! | octet | type | field |
//! | --- | --- | --- |
//! | 0 | u64 | where the unit begins in the `.bin` file; every unit begins at an octet |
//! | 8 | u64 | bits of the unit; where that is no whole number of octets, the last octet ends in fill |
//! | 16 | u64 | ordinal of the frame that the unit begins in |
//! | 24 | u64 | time of reception of that frame, 0 where the input has none |
//! | 32 | u64 | frames missing right before that frame, where the frame count tells |
//! | 40 | u16 | TM: packet order flag, segment length identifier (2 bits), first header pointer (11 bits), as transmitted |
//! | 42 | u8 | version of this layout, 1 |
//! | 43 | u8 | kind: 0 VCA, 1 bitstream, 2 a unit that USLP delimits, 3 octet stream, 4 encrypted |
//! | 44 | u8 | quality: 1 it broke off, 2 frames were lost within, 4 a doubtful frame is part of it, 16 corrected |
//! | 45 | u8 | frame count: 0 the first frame, 1 the next one, 2 frames are missing, 3 the count was set anew |
//! | 46 | u8 | multiplexer access point (USLP) |
//! | 47 | u8 | zero |

use bytemuck::{Pod, Zeroable};
use ccsds_core::id::MapId;
use ccsds_core::vc::Continuity;

use crate::fep::process::ServiceUnit;

/// The annotation record of one service data unit; its numbers are little-endian on every machine.
#[derive(Clone, Copy, Debug, Eq, Pod, PartialEq, Zeroable)]
#[repr(C)]
pub struct UnitRecord {
    offset: u64,
    bits: u64,
    first_frame: u64,
    received: u64,
    missing: u64,
    status: u16,
    version: u8,
    kind: u8,
    quality: u8,
    continuity: u8,
    map: u8,
    reserved: u8,
}

impl UnitRecord {
    /// Octets of a record.
    pub const LEN: usize = size_of::<Self>();

    /// The record of a unit that begins at `offset`.
    #[must_use]
    pub fn new(unit: &ServiceUnit<'_>, offset: u64) -> Self {
        let (continuity, missing) = match unit.continuity {
            Continuity::First => (0, 0),
            // Units of frames that are sent again are not written.
            Continuity::Next | Continuity::Repeat => (1, 0),
            Continuity::Gap { missing } => (2, missing),
            Continuity::Restart => (3, 0),
        };
        let status = unit.status.map_or(0, |status| {
            u16::from(status.packet_order_flag) << 13
                | u16::from(status.segment_length_id) << 11
                | status.first_header_pointer
        });
        Self {
            offset: offset.to_le(),
            bits: unit.bits.to_le(),
            first_frame: unit.meta.first_frame.to_le(),
            received: unit.meta.received.0.to_le(),
            missing: missing.to_le(),
            status: status.to_le(),
            version: VERSION,
            kind: unit.kind as u8,
            quality: unit.meta.quality.bits(),
            continuity,
            map: unit.map.map_or(0, MapId::get),
            reserved: 0,
        }
    }
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fep::process::UnitKind;
    use ccsds_core::frame::VcaStatus;
    use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
    use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};

    #[test]
    fn a_record_has_the_documented_layout() {
        let unit = ServiceUnit {
            kind: UnitKind::Bitstream,
            map: Some(MapId::from_low_bits(9)),
            octets: &[1, 2, 0x80],
            bits: 17,
            continuity: Continuity::Gap { missing: 0x0102 },
            status: Some(VcaStatus {
                packet_order_flag: true,
                segment_length_id: 2,
                first_header_pointer: 0x555,
            }),
            meta: PacketMeta {
                gvcid: Gvcid::new(Tfvn::Tm, Scid::new(1), Vcid::from_low_bits(2)),
                first_frame: 0x0304,
                received: ReceiveTime(5),
                quality: PacketQuality::CORRECTED,
            },
        };
        let record = UnitRecord::new(&unit, 0x0607);
        let octets = bytemuck::bytes_of(&record);
        assert_eq!((octets.len(), UnitRecord::LEN), (48, 48));
        assert_eq!((octets[0], octets[1], octets[8], octets[16], octets[17]), (7, 6, 17, 4, 3));
        assert_eq!((octets[24], octets[32], octets[33]), (5, 2, 1));
        assert_eq!(octets[40..], [0x55, 0x35, 1, 1, 16, 2, 9, 0]);
    }
}
