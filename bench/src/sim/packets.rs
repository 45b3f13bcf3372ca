//! Packets to send: space packets (133.0-B-2) and encapsulation packets (133.1-B-3), end to end through the packet zones of one
//! virtual channel.

use ccsds_core::id::Apid;
use ccsds_core::packet::{SequenceFlags, SpacePacketHeader};

use super::rng::Rng;

/// One process aboard that makes packets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Source {
    /// What it makes.
    pub kind: PacketKind,
    /// How long its packets are.
    pub lengths: Lengths,
    /// Its share of the channel's packets.
    pub weight: u32,
}

impl Source {
    /// Space packets of one process.
    #[must_use]
    pub const fn space(apid: u16, lengths: Lengths, weight: u32) -> Self {
        Self { kind: PacketKind::Space { apid }, lengths, weight }
    }

    /// Encapsulation packets of one protocol.
    #[must_use]
    pub const fn encapsulation(protocol: u8, lengths: Lengths, weight: u32) -> Self {
        Self { kind: PacketKind::Encapsulation { protocol }, lengths, weight }
    }

    /// Idle encapsulation packets of one octet, `E0`.
    #[must_use]
    pub const fn idle_octets(weight: u32) -> Self {
        Self { kind: PacketKind::IdleEncapsulation, lengths: Lengths::Fixed(1), weight }
    }
}

/// What a source makes, or what a unit is that is no packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PacketKind {
    /// What one frame holds of a bitstream; no source makes it.
    Bitstream {
        /// Its bits; the last octet may be filled up.
        bits: usize,
    },
    /// Encapsulation packets; the protocol identifier is 1 to 7.
    Encapsulation {
        /// Whose data they hold.
        protocol: u8,
    },
    /// Encapsulation packets that are fill.
    IdleEncapsulation,
    /// Space packets that are fill.
    IdleSpace,
    /// Space packets with a sequence count of their own.
    Space {
        /// Whose data they hold, 0 to 2046.
        apid: u16,
    },
    /// A service data unit that is no packet; no source makes it.
    Unit,
}

impl PacketKind {
    /// Whether a receiver throws them away.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        matches!(self, Self::IdleEncapsulation | Self::IdleSpace)
    }

    /// The shortest packet that the kind can make. Those that are no fill leave room to differ from each other.
    #[must_use]
    pub const fn min_len(self) -> usize {
        match self {
            Self::Encapsulation { .. } => 10,
            Self::IdleEncapsulation => 1,
            Self::IdleSpace | Self::Space { .. } => SpacePacketHeader::LEN + 1,
            Self::Bitstream { .. } | Self::Unit => 8,
        }
    }

    /// The longest packet that any kind may make: what the length field of a space packet can say.
    pub const MAX_LEN: usize = 65_542;
}

/// How the lengths of packets are distributed; in octets, header included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lengths {
    /// Always the same.
    Fixed(usize),
    /// Every order of magnitude alike: many short ones, few long ones.
    Octaves {
        /// The shortest.
        min: usize,
        /// The longest.
        max: usize,
    },
    /// Every length alike.
    Uniform {
        /// The shortest.
        min: usize,
        /// The longest.
        max: usize,
    },
}

impl Lengths {
    /// The shortest and the longest.
    #[must_use]
    pub const fn bounds(self) -> (usize, usize) {
        match self {
            Self::Fixed(len) => (len, len),
            Self::Octaves { min, max } | Self::Uniform { min, max } => (min, max),
        }
    }

    pub(super) fn draw(self, rng: &mut Rng) -> usize {
        match self {
            Self::Fixed(len) => len,
            Self::Uniform { min, max } => rng.between(min, max),
            Self::Octaves { min, max } => {
                let octave = rng.between(min.max(1).ilog2() as usize, max.max(1).ilog2() as usize);
                rng.between((1 << octave).max(min), (2 << octave).min(max + 1) - 1)
            }
        }
    }
}

/// A packet that was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SentPacket {
    /// What it is.
    pub kind: PacketKind,
    /// Packets of the same source before it; a space packet carries the low fourteen bits.
    pub sequence: u64,
    /// Octets, header included.
    pub len: usize,
    /// Frame of the channel, from 0, that holds its first octet.
    pub first_frame: u64,
    /// Frame of the channel that holds its last octet; [`SentPacket::NEVER`] when the pass ended before.
    pub last_frame: u64,
}

impl SentPacket {
    /// A frame that was not sent.
    pub const NEVER: u64 = u64::MAX;
}

/// Packets that are complete, or broken off by the end of the pass, with their octets end to end.
#[derive(Clone, Debug, Default)]
pub(super) struct PacketLog {
    pub(super) packets: Vec<SentPacket>,
    pub(super) octets: Vec<u8>,
}

impl PacketLog {
    pub(super) fn clear(&mut self) {
        self.packets.clear();
        self.octets.clear();
    }
}

/// The endless stream of packets of one virtual channel.
#[derive(Clone, Debug)]
pub(super) struct PacketStream {
    sources: Vec<(Source, u64)>,
    rng: Rng,
    /// The packet being sent, and how much of it is.
    current: Vec<u8>,
    placed: usize,
    sent: Option<SentPacket>,
}

impl PacketStream {
    pub(super) fn new(sources: &[Source], rng: Rng) -> Self {
        Self {
            sources: sources.iter().map(|&source| (source, 0)).collect(),
            rng,
            current: Vec::new(),
            placed: 0,
            sent: None,
        }
    }

    /// Fill the packet zone of frame `number`; returns where in it the first packet begins.
    pub(super) fn fill(&mut self, zone: &mut [u8], number: u64, log: &mut PacketLog) -> Option<usize> {
        let (mut first, mut at) = (None, 0);
        while let Some(room) = zone.get_mut(at..).filter(|room| !room.is_empty()) {
            let sent = match self.sent {
                Some(sent) => sent,
                None => {
                    first = first.or(Some(at));
                    self.begin(number)
                }
            };
            let rest = self.current.get(self.placed..).unwrap_or_default();
            let taken = rest.len().min(room.len());
            for (to, from) in room.iter_mut().zip(rest) {
                *to = *from;
            }
            at += taken;
            self.placed += taken;
            self.sent = if self.placed < self.current.len() {
                Some(sent)
            } else {
                log.packets.push(SentPacket { last_frame: number, ..sent });
                log.octets.extend_from_slice(&self.current);
                None
            };
        }
        first
    }

    /// Nothing more will be sent: enter the packet that is not complete.
    pub(super) fn finish(&mut self, log: &mut PacketLog) {
        if let Some(sent) = self.sent.take() {
            log.packets.push(sent);
            log.octets.extend_from_slice(&self.current);
        }
    }

    fn begin(&mut self, number: u64) -> SentPacket {
        let total = self.sources.iter().map(|(source, _)| u64::from(source.weight)).sum();
        let mut ticket = self.rng.below(total);
        let chosen = self.sources.iter_mut().find(|(source, _)| {
            let mine = ticket < u64::from(source.weight);
            ticket = ticket.saturating_sub(u64::from(source.weight));
            mine
        });
        self.placed = 0;
        // A checked specification has a source with a weight.
        let (kind, len, sequence) = match chosen {
            Some((source, sequence)) => {
                *sequence += 1;
                (source.kind, source.lengths.draw(&mut self.rng), *sequence - 1)
            }
            None => (PacketKind::IdleEncapsulation, 1, 0),
        };
        compose(kind, len, sequence, &mut self.rng, &mut self.current);
        SentPacket {
            kind,
            sequence,
            len: self.current.len(),
            first_frame: number,
            last_frame: SentPacket::NEVER,
        }
    }
}

/// Write one packet of `len` octets.
fn compose(kind: PacketKind, len: usize, sequence: u64, rng: &mut Rng, packet: &mut Vec<u8>) {
    let len = len.clamp(kind.min_len(), PacketKind::MAX_LEN);
    packet.clear();
    match kind {
        PacketKind::Encapsulation { protocol } => encapsulation_header(protocol, len, rng, packet),
        PacketKind::IdleEncapsulation => encapsulation_header(0, len, rng, packet),
        PacketKind::IdleSpace => space_header(Apid::IDLE, len, 0, packet),
        PacketKind::Space { apid } => space_header(Apid::from_low_bits(apid), len, sequence, packet),
        PacketKind::Bitstream { .. } | PacketKind::Unit => {}
    }
    let header_len = packet.len();
    packet.resize(len, 0);
    rng.fill(packet.get_mut(header_len..).unwrap_or_default());
}

fn space_header(apid: Apid, len: usize, sequence: u64, packet: &mut Vec<u8>) {
    let data_len = len - SpacePacketHeader::LEN;
    let header = SpacePacketHeader::telemetry(apid, SequenceFlags::Unsegmented, sequence as u16, data_len);
    packet.extend(header.into_iter().flat_map(SpacePacketHeader::to_bytes));
}

/// Any of the headers whose length field can say `len`, which counts the header.
fn encapsulation_header(protocol: u8, len: usize, rng: &mut Rng, packet: &mut Vec<u8>) {
    let first = 0xE0 | (protocol & 7) << 2;
    let narrowest = match len {
        0..=1 => 0,
        2..=0xFF => 1,
        0x100..=0xFFFF => 2,
        _ => 3,
    };
    let widest = match len {
        0..=1 => 0,
        2..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    match rng.between(narrowest, widest) {
        0 => packet.push(first),
        1 => packet.extend([first | 1, len as u8]),
        2 => {
            packet.extend([first | 2, 0]);
            packet.extend((len as u16).to_be_bytes());
        }
        _ => {
            packet.extend([first | 3, 0, 0, 0]);
            packet.extend((len as u32).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ccsds_core::packet::{is_idle, packet_len};

    const EVERY_KIND: [Source; 5] = [
        Source::space(5, Lengths::Uniform { min: 7, max: 90 }, 2),
        Source::encapsulation(2, Lengths::Octaves { min: 10, max: 70_000 }, 1),
        Source { kind: PacketKind::IdleSpace, lengths: Lengths::Fixed(20), weight: 1 },
        Source {
            kind: PacketKind::IdleEncapsulation,
            lengths: Lengths::Uniform { min: 1, max: 300 },
            weight: 1,
        },
        Source::idle_octets(1),
    ];

    #[test]
    fn zones_hold_the_packets_end_to_end_and_the_pointer_finds_the_first() {
        let mut stream = PacketStream::new(&EVERY_KIND, Rng::new(1));
        let (mut log, mut sent, mut starts) = (PacketLog::default(), Vec::new(), Vec::new());
        for number in 0..4000 {
            let mut zone = [0; 61];
            if let Some(at) = stream.fill(&mut zone, number, &mut log) {
                starts.push((number, sent.len() + at));
            }
            sent.extend(zone);
        }
        stream.finish(&mut log);
        assert_eq!(sent, log.octets[..sent.len()]);

        let mut at = 0;
        for packet in &log.packets {
            assert_eq!(packet_len(&log.octets[at..]), Ok(packet.len));
            assert_eq!(is_idle(&log.octets[at..]), packet.kind.is_idle());
            assert_eq!(packet.first_frame, at as u64 / 61);
            if packet.last_frame != SentPacket::NEVER {
                assert_eq!(packet.last_frame, (at + packet.len - 1) as u64 / 61);
            }
            if let Some(&(_, start)) = starts.iter().find(|(number, _)| *number == packet.first_frame) {
                assert!(start <= at, "a packet begins ahead of the pointer");
            }
            at += packet.len;
        }
        assert_eq!(at, log.octets.len());
        assert!(log.packets.iter().any(|packet| packet.len > 61 * 20), "some packets span many frames");
    }

    #[test]
    fn each_process_counts_its_own_packets() {
        let sources = [1, 2].map(|apid| Source::space(apid, Lengths::Fixed(10), 1));
        let mut stream = PacketStream::new(&sources, Rng::new(2));
        let mut log = PacketLog::default();
        stream.fill(&mut [0; 3000], 0, &mut log);
        for apid in [1, 2] {
            let counts =
                log.octets.chunks_exact(10).filter(|packet| packet[1] == apid).map(|packet| packet[3]);
            assert!(counts.enumerate().all(|(due, count)| due == usize::from(count)));
        }
    }
}
