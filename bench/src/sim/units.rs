//! Service data units that are no packets: VCA units, bitstreams (732.0-B-5 §4.1.4.3), and units over several USLP frames
//! (732.1-B-3 §4.1.4.2.2).

use super::packets::{Lengths, PacketKind, PacketLog, SentPacket};
use super::rng::Rng;

/// What the frames of a virtual channel carry.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Payload {
    /// Bits without an end; a part of the frames is not full (AOS).
    Bitstream,
    /// Packets of the channel's sources, end to end.
    #[default]
    Packets,
    /// Units of these lengths, each beginning in a frame of its own and going on over as many as it takes (USLP).
    Units(Lengths),
    /// A unit in each frame, as long as its data field.
    Vca,
}

/// What a frame holds of a unit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum UnitPart {
    /// So many bits of a stream; `None` where all are.
    Bits(Option<usize>),
    /// A part of a unit: whether it begins here, and where its last octet is, if it ends here.
    Part { first: bool, last: Option<usize> },
    /// A whole one.
    Whole,
}

/// The endless stream of units of one virtual channel.
#[derive(Clone, Debug)]
pub(super) struct UnitStream {
    payload: Payload,
    rng: Rng,
    sequence: u64,
    /// The unit under way, and how much of it was sent.
    current: Vec<u8>,
    placed: usize,
    first_frame: u64,
}

impl UnitStream {
    pub(super) const fn new(payload: Payload, rng: Rng) -> Self {
        Self { payload, rng, sequence: 0, current: Vec::new(), placed: 0, first_frame: 0 }
    }

    /// What the frames carry.
    pub(super) const fn payload(&self) -> Payload {
        self.payload
    }

    /// Fill the zone of frame `number`. A VCA unit begins with `head`, which the frame has ahead of the zone.
    pub(super) fn fill(
        &mut self,
        zone: &mut [u8],
        number: u64,
        head: &[u8],
        log: &mut PacketLog,
    ) -> UnitPart {
        match self.payload {
            Payload::Bitstream => {
                self.rng.fill(zone);
                let all = 8 * zone.len();
                let some = (self.sequence % 4 == 3).then(|| self.rng.between(1, all.min(LAST_BIT + 1)));
                let bits = some.unwrap_or(all);
                let octets = zone.get(..bits.div_ceil(8)).unwrap_or_default();
                self.log(PacketKind::Bitstream { bits }, octets, number, number, log);
                UnitPart::Bits(some)
            }
            Payload::Units(lengths) => self.part(lengths, zone, number, log),
            Payload::Packets | Payload::Vca => {
                self.rng.fill(zone);
                self.log(PacketKind::Unit, &[head, zone].concat(), number, number, log);
                UnitPart::Whole
            }
        }
    }

    fn part(&mut self, lengths: Lengths, zone: &mut [u8], number: u64, log: &mut PacketLog) -> UnitPart {
        let first = self.placed == self.current.len();
        if first {
            self.current.resize(lengths.draw(&mut self.rng), 0);
            self.rng.fill(&mut self.current);
            (self.placed, self.first_frame) = (0, number);
        }
        let rest = self.current.get(self.placed..).unwrap_or_default();
        let len = rest.len().min(zone.len());
        for (to, from) in zone.iter_mut().zip(rest) {
            *to = *from;
        }
        zone.get_mut(len..).unwrap_or_default().fill(FILL);
        self.placed += len;
        if self.placed < self.current.len() {
            return UnitPart::Part { first, last: None };
        }
        let unit = std::mem::take(&mut self.current);
        self.log(PacketKind::Unit, &unit, self.first_frame, number, log);
        self.placed = 0;
        UnitPart::Part { first, last: len.checked_sub(1) }
    }

    /// Nothing more will be sent: enter the unit that is not complete.
    pub(super) fn finish(&mut self, log: &mut PacketLog) {
        let unit = std::mem::take(&mut self.current);
        if !unit.is_empty() {
            self.log(PacketKind::Unit, &unit, self.first_frame, SentPacket::NEVER, log);
        }
    }

    fn log(&mut self, kind: PacketKind, octets: &[u8], first: u64, last: u64, log: &mut PacketLog) {
        let (sequence, len) = (self.sequence, octets.len());
        log.packets.push(SentPacket { kind, sequence, len, first_frame: first, last_frame: last });
        log.octets.extend_from_slice(octets);
        self.sequence += 1;
    }
}

/// The last bit of a zone that a pointer can name; the two greater ones mean something else.
const LAST_BIT: usize = 0x3FFD;
const FILL: u8 = 0xEE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_begin_in_frames_of_their_own_and_end_where_the_last_octet_says() {
        let lengths = Lengths::Uniform { min: 8, max: 90 };
        let mut stream = UnitStream::new(Payload::Units(lengths), Rng::new(3));
        let (mut log, mut joined, mut units) = (PacketLog::default(), Vec::new(), 0);
        for number in 0..400 {
            let mut zone = [0; 31];
            let UnitPart::Part { first, last } = stream.fill(&mut zone, number, &[], &mut log) else {
                panic!("a part")
            };
            assert_eq!(first, joined.is_empty());
            joined.extend(&zone[..last.map_or(31, |last| last + 1)]);
            if last.is_some() {
                let sent = log.packets[units];
                assert!(log.octets.ends_with(&joined) && sent.len == joined.len());
                assert_eq!(sent.last_frame - sent.first_frame, (sent.len as u64 - 1) / 31);
                units += 1;
                joined.clear();
            }
        }
        assert!(units > 100 && units == log.packets.len());
        stream.finish(&mut log);
        assert!(log.packets[units..].iter().all(|unit| unit.last_frame == SentPacket::NEVER));
    }

    #[test]
    fn a_bitstream_is_sometimes_not_full() {
        let mut stream = UnitStream::new(Payload::Bitstream, Rng::new(4));
        let mut log = PacketLog::default();
        let parts: Vec<UnitPart> =
            (0..8).map(|number| stream.fill(&mut [0; 100], number, &[], &mut log)).collect();
        for (part, sent) in parts.iter().zip(&log.packets) {
            let UnitPart::Bits(bits) = part else { panic!("bits") };
            assert_eq!(sent.kind, PacketKind::Bitstream { bits: bits.unwrap_or(800) });
        }
        assert_eq!(parts.iter().filter(|part| **part == UnitPart::Bits(None)).count(), 6);
    }
}
