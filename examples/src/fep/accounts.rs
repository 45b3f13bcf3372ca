//! What is counted beside the ledgers of the library, and whether everything adds up.
//!
//! Each total is counted where the octets come in, independently of whoever sorts them; see [`Check`].

use std::collections::BTreeMap;

use ccsds_core::frame::{Content, FrameError};
use ccsds_core::id::Gvcid;
use ccsds_core::packet::{EncapsulationHeader, SpacePacketHeader};
use ccsds_core::quality::CodingQuality;
use ccsds_core::vc::{Continuity, Delivery};
use frame_sync::codec::{BlockReport, Codeword};
use frame_sync::sync::{SyncConfig, SyncEvent};

/// One entry of the books: a total and what it was split into.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// What is counted.
    pub account: String,
    /// Counted where it came in.
    pub total: u64,
    /// The sum of the places where it went.
    pub accounted: u64,
}

impl Check {
    /// Whether nothing was lost on the way, and nothing invented.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.total == self.accounted
    }
}

/// Locks, from the events of the synchronizer.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    /// The first ones; [`MAX_LOCKS`] at most.
    pub list: Vec<Lock>,
    /// All of them.
    pub total: u64,
    open: Option<Lock>,
}

/// One lock: CADUs that follow one another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lock {
    /// First bit of the first marker.
    pub first_bit: u64,
    /// Last bit of the last CADU.
    pub last_bit: u64,
    /// Whether the stream is inverted.
    pub inverted: bool,
    /// CADUs.
    pub cadus: u64,
}

impl Locks {
    /// Enter what the synchronizer found.
    pub fn record(&mut self, event: &SyncEvent, sync: &SyncConfig) {
        match *event {
            SyncEvent::LockAcquired { stream_bit, inverted } => {
                self.close();
                self.total += 1;
                self.open = Some(Lock { first_bit: stream_bit, last_bit: stream_bit, inverted, cadus: 0 });
            }
            SyncEvent::Cadu(cadu) => {
                if let Some(lock) = &mut self.open {
                    lock.last_bit = cadu.stream_bit + (sync.asm().len_bits() + sync.block_bits()) as u64 - 1;
                    lock.cadus += 1;
                }
            }
            _ => self.close(),
        }
    }

    /// Whether CADUs are being followed.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.open.is_some()
    }

    /// End the last lock.
    pub fn close(&mut self) {
        if let Some(lock) = self.open.take()
            && self.list.len() < MAX_LOCKS
        {
            self.list.push(lock);
        }
    }
}

/// What the channel code found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CodingAccount {
    /// Blocks without an error.
    pub clean: u64,
    /// Blocks free of errors after correction.
    pub corrected: u64,
    /// Blocks with a codeword beyond correction.
    pub uncorrectable: u64,
    /// Blocks of a link without a code.
    pub unchecked: u64,
    /// Codewords by the number of symbols corrected in them.
    pub codeword_errors: Vec<u64>,
    /// Codewords beyond correction.
    pub uncorrectable_codewords: u64,
}

impl CodingAccount {
    /// The account of a code that corrects `e` symbols in each codeword; `None` where there is no code.
    #[must_use]
    pub fn new(e: Option<usize>) -> Self {
        Self { codeword_errors: vec![0; e.map_or(0, |e| e + 1)], ..Self::default() }
    }

    /// Enter one block.
    pub fn record(&mut self, report: &BlockReport) {
        match report.quality() {
            CodingQuality::Clean => self.clean += 1,
            CodingQuality::Corrected { .. } => self.corrected += 1,
            CodingQuality::Unchecked => self.unchecked += 1,
            CodingQuality::Uncorrectable { .. } => self.uncorrectable += 1,
        }
        for codeword in report.codewords() {
            match codeword {
                Codeword::Corrected { symbols } => {
                    if let Some(count) = self.codeword_errors.get_mut(usize::from(symbols)) {
                        *count += 1;
                    }
                }
                Codeword::Uncorrectable => self.uncorrectable_codewords += 1,
            }
        }
    }

    /// All blocks.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.clean + self.corrected + self.uncorrectable + self.unchecked
    }

    /// Symbols corrected in all codewords.
    #[must_use]
    pub fn symbols_corrected(&self) -> u64 {
        self.codeword_errors.iter().zip(0u64..).map(|(count, symbols)| count * symbols).sum()
    }
}

/// Malformed frames by what is wrong with them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Malformed {
    /// The length contradicts the header or the managed parameters.
    pub length: u64,
    /// A pointer lies outside its zone.
    pub pointer: u64,
    /// The data field cannot hold what its headers announce.
    pub truncated: u64,
    /// The version number belongs to another protocol.
    pub version: u64,
    /// Anything else.
    pub other: u64,
}

impl Malformed {
    /// Enter one frame.
    pub const fn record(&mut self, error: FrameError) {
        match error {
            FrameError::Length { .. } => self.length += 1,
            FrameError::Pointer { .. } => self.pointer += 1,
            FrameError::Truncated { .. } => self.truncated += 1,
            FrameError::Version { .. } => self.version += 1,
            _ => self.other += 1,
        }
    }
}

/// Frames of channels that nobody declared. Headers can be forged, so the list is bounded.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Undeclared {
    /// The channels, [`MAX_UNDECLARED`] at most, and their frames.
    pub channels: BTreeMap<Gvcid, u64>,
    /// Frames of channels that found no place in the list.
    pub not_listed: u64,
}

impl Undeclared {
    /// Enter one frame.
    pub fn record(&mut self, gvcid: Gvcid) {
        if self.channels.len() < MAX_UNDECLARED || self.channels.contains_key(&gvcid) {
            *self.channels.entry(gvcid).or_default() += 1;
        } else {
            self.not_listed += 1;
        }
    }
}

/// What one declared channel received.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ChannelAccount {
    /// Frames routed to it, repeated ones included.
    pub frames: u64,
    /// Octets of packet zones and idle data shown to its assembler.
    pub zone_octets: u64,
    /// Its packets by process.
    pub processes: Processes,
}

impl ChannelAccount {
    /// Enter what one frame shows to the assembler of a packet channel.
    pub const fn record_zone(&mut self, delivery: &Delivery<'_>) {
        self.zone_octets += match (delivery.continuity, delivery.content) {
            (_, Content::Packets(zone)) => zone.octets.len() as u64,
            // Idle data of a frame sent twice is not even looked at.
            (Continuity::Repeat, _) => 0,
            (_, Content::Idle(octets)) => octets.len() as u64,
            _ => 0,
        };
    }
}

/// Packets by the process that made them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Processes {
    /// Space packets by application process identifier.
    pub apids: BTreeMap<u16, ApidAccount>,
    /// Encapsulation packets by protocol identifier.
    pub encapsulation: BTreeMap<u8, EncapsulationAccount>,
}

impl Processes {
    /// Enter one complete packet. One of unknown version was delimited as a space packet, and is counted as such.
    pub fn record(&mut self, packet: &[u8]) {
        let len = packet.len() as u64;
        if let Ok(header) = EncapsulationHeader::parse(packet) {
            let account = self.encapsulation.entry(header.protocol_id()).or_default();
            account.packets += 1;
            account.octets += len;
        } else if let Some((header, _)) = packet.split_first_chunk() {
            let header = SpacePacketHeader::from_bytes(header);
            self.apids.entry(header.apid().get()).or_default().record(header.sequence_count(), len);
        }
    }
}

impl Processes {
    /// Enter space packets of one process, `len` octets each, back to back.
    pub fn record_run(&mut self, packets: &[u8], len: usize) {
        let header = |packet: &[u8]| packet.first_chunk().map(SpacePacketHeader::from_bytes);
        let Some(first) = header(packets) else { return };
        let account = self.apids.entry(first.apid().get()).or_default();
        let headers = packets.chunks_exact(len.max(1)).filter_map(header);
        headers.for_each(|header| account.record(header.sequence_count(), len as u64));
    }
}

/// Space packets of one process.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ApidAccount {
    /// Packets.
    pub packets: u64,
    /// Their octets.
    pub octets: u64,
    /// Steps of the sequence count by more than one.
    pub sequence_gaps: u64,
    /// Packets missing in all gaps, assuming less than one turn of the counter each.
    pub missing: u64,
    /// Packets with the same count as the one before: neither a gap nor a loss, for some processes do not count.
    pub sequence_repeats: u64,
    latest: Option<u16>,
}

impl ApidAccount {
    fn record(&mut self, sequence_count: u16, len: u64) {
        self.packets += 1;
        self.octets += len;
        if let Some(before) = self.latest.replace(sequence_count) {
            match sequence_count.wrapping_sub(before) & Self::LAST_COUNT {
                0 => self.sequence_repeats += 1,
                1 => {}
                step => {
                    self.sequence_gaps += 1;
                    self.missing += u64::from(step) - 1;
                }
            }
        }
    }

    /// The sequence count has 14 bits (133.0-B-2 §4.1.3.4.3).
    const LAST_COUNT: u16 = 0x3FFF;
}

/// Encapsulation packets of one protocol.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct EncapsulationAccount {
    /// Packets.
    pub packets: u64,
    /// Their octets.
    pub octets: u64,
}

/// Locks that the report lists.
pub const MAX_LOCKS: usize = 1000;
/// Undeclared channels that the report lists.
pub const MAX_UNDECLARED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use ccsds_core::id::{Scid, Tfvn, Vcid};

    fn space_packet(apid: u16, count: u16) -> Vec<u8> {
        let [a, b] = apid.to_be_bytes();
        let [c, d] = (0xC000 | count).to_be_bytes();
        vec![a, b, c, d, 0, 0, 0x55]
    }

    #[test]
    fn sequence_counts_wrap_at_fourteen_bits() {
        let mut processes = Processes::default();
        for count in [16_382, 16_383, 0, 3, 3, 1] {
            processes.record(&space_packet(5, count));
        }
        let account = processes.apids[&5];
        assert_eq!((account.packets, account.octets), (6, 42));
        assert_eq!((account.sequence_gaps, account.missing, account.sequence_repeats), (2, 2 + 16_381, 1));
    }

    #[test]
    fn encapsulation_packets_are_counted_by_protocol() {
        let mut processes = Processes::default();
        processes.record(&[0xE0]);
        processes.record(&[0xE9, 3, 0]);
        assert!(processes.apids.is_empty());
        assert_eq!(processes.encapsulation[&0].packets, 1);
        assert_eq!(processes.encapsulation[&2].octets, 3);
    }

    #[test]
    fn forged_headers_do_not_grow_the_list_of_undeclared_channels() {
        let mut undeclared = Undeclared::default();
        for scid in 0..5000 {
            undeclared.record(Gvcid::new(Tfvn::Uslp, Scid::new(scid), Vcid::from_low_bits(0)));
        }
        undeclared.record(Gvcid::new(Tfvn::Uslp, Scid::new(0), Vcid::from_low_bits(0)));
        assert_eq!(undeclared.channels.len(), MAX_UNDECLARED);
        assert_eq!(undeclared.channels.values().sum::<u64>() + undeclared.not_listed, 5001);
    }
}
