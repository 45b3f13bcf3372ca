//! Transfer frames to send: TM (132.0-B-3), AOS (732.0-B-5) and USLP (732.1-B-3), several virtual channels in turn.
//!
//! Written from the books and not from `ccsds_core::frame`, so that the two check each other.

use std::ops::Range;

use ccsds_core::fecf::{self, Fecf};
use ccsds_core::frame::{AosParameters, ConfigError, FrameFormat, OcfPresence, TmParameters, UslpParameters};
use ccsds_core::id::Tfvn;

use super::link::LinkSpec;
use super::packets::{PacketLog, PacketStream};
use super::rng::Rng;
use super::security::Protection;
use super::units::{Payload, UnitPart, UnitStream};

/// Layout of every frame on a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FrameSpec {
    /// Which protocol, and what only it has.
    pub protocol: Protocol,
    /// Octets of a frame, trailer included.
    pub len: usize,
    /// Octets of the insert zone (AOS, USLP) or of the secondary header, its identification octet included (TM).
    pub extra: usize,
    /// Whether frames carry an operational control field.
    pub ocf: bool,
    /// The error control field.
    pub fecf: Fecf,
}

/// Which protocol, and what only it has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// Advanced orbiting systems.
    Aos {
        /// Whether the cycle count makes the frame count 28 bits wide.
        cycle: bool,
        /// Whether the header carries its own error control.
        header_error_control: bool,
    },
    /// Telemetry.
    Tm,
    /// Unified space data link protocol.
    Uslp {
        /// Octets of the frame count, 0 to 7.
        count_len: u8,
    },
}

impl FrameSpec {
    /// The same layout as a receiver knows it.
    ///
    /// # Errors
    /// When there is no such layout.
    pub const fn format(&self) -> Result<FrameFormat, ConfigError> {
        let (frame_len, fecf, insert_zone) = (self.len, self.fecf, self.extra);
        match self.protocol {
            Protocol::Aos { header_error_control, .. } => {
                let ocf = if self.ocf { OcfPresence::Present } else { OcfPresence::Absent };
                FrameFormat::aos(AosParameters { frame_len, header_error_control, insert_zone, ocf, fecf })
            }
            Protocol::Tm => FrameFormat::tm(TmParameters {
                frame_len,
                secondary_header: ccsds_core::frame::SecondaryHeader::Flagged,
                ocf: OcfPresence::Flagged,
                fecf,
            }),
            Protocol::Uslp { .. } => FrameFormat::uslp(UslpParameters {
                frame_len,
                insert_zone,
                ocf: OcfPresence::Flagged,
                fecf,
                truncated_len: 0,
            }),
        }
    }

    /// Transfer frame version number.
    #[must_use]
    pub const fn tfvn(&self) -> Tfvn {
        match self.protocol {
            Protocol::Aos { .. } => Tfvn::Aos,
            Protocol::Tm => Tfvn::Tm,
            Protocol::Uslp { .. } => Tfvn::Uslp,
        }
    }

    /// Bits of the virtual channel frame count.
    #[must_use]
    pub const fn count_bits(&self) -> u8 {
        match self.protocol {
            Protocol::Aos { cycle: true, .. } => 28,
            Protocol::Aos { cycle: false, .. } => 24,
            Protocol::Tm => 8,
            Protocol::Uslp { count_len } => 8 * count_len,
        }
    }

    /// Octets of the packet zone; `None` where the frame is too short to have one.
    #[must_use]
    pub const fn zone_len(&self) -> Option<usize> {
        let zone = self.zone();
        if zone.start < zone.end { Some(zone.end - zone.start) } else { None }
    }

    /// The longest zone in which a first header pointer can point anywhere.
    pub(super) const fn max_zone_len(&self) -> usize {
        match self.protocol {
            Protocol::Aos { .. } | Protocol::Tm => IDLE_ONLY as usize,
            Protocol::Uslp { .. } => u16::MAX as usize,
        }
    }

    /// Octets of the zone of a channel with this payload and protection; `None` where there is no room for one.
    pub(super) fn zone_len_of(&self, payload: Payload, protection: Option<&Protection>) -> Option<usize> {
        let field = self.data_field();
        let around = protection.map_or(0, |protection| protection.header_len() + protection.mac_len);
        let taken = field.start + around + self.pdu_header_len(payload);
        field.end.checked_sub(taken).filter(|&len| len > 0)
    }

    const fn zone(&self) -> Range<usize> {
        let field = self.data_field();
        field.start + self.pdu_header_len(Payload::Packets)..field.end
    }

    /// What stands between header and trailer.
    const fn data_field(&self) -> Range<usize> {
        let before_extra = match self.protocol {
            Protocol::Aos { header_error_control: true, .. } => 8,
            Protocol::Aos { .. } | Protocol::Tm => 6,
            Protocol::Uslp { count_len } => 7 + count_len as usize,
        };
        let trailer = if self.ocf { 4 } else { 0 } + self.fecf.len();
        before_extra + self.extra..self.len.saturating_sub(trailer)
    }

    /// Octets ahead of the zone that say how it is filled.
    const fn pdu_header_len(&self, payload: Payload) -> usize {
        match (self.protocol, payload) {
            (Protocol::Aos { .. }, Payload::Bitstream | Payload::Packets) => 2,
            (Protocol::Aos { .. } | Protocol::Tm, _) => 0,
            (Protocol::Uslp { .. }, Payload::Packets | Payload::Units(_)) => 3,
            (Protocol::Uslp { .. }, _) => 1,
        }
    }
}

/// Makes the frames of a link, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Framer {
    writer: FrameWriter,
    channels: Vec<ChannelState>,
    lanes: Vec<Lane>,
    /// Packets that the latest frame completed.
    pub(super) log: PacketLog,
}

#[derive(Clone, Debug)]
struct ChannelState {
    vcid: u8,
    count: u64,
    frames: u64,
    stream: Stream,
}

/// What the frames of a channel carry.
#[derive(Clone, Debug)]
enum Stream {
    Packets(PacketStream),
    Units(UnitStream),
}

impl Stream {
    const fn payload(&self) -> Payload {
        match self {
            Self::Packets(_) => Payload::Packets,
            Self::Units(units) => units.payload(),
        }
    }
}

/// A place in the weighted round robin.
#[derive(Clone, Copy, Debug)]
struct Lane {
    channel: usize,
    idle: bool,
    weight: i64,
    credit: i64,
}

/// A frame as it was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SentFrame {
    /// Which channel, in the order of the specification; the channel of only idle data comes last.
    pub(super) channel: usize,
    /// Frames of the channel before it.
    pub(super) number: u64,
    /// Its frame count.
    pub(super) count: u64,
    /// Whether it holds only idle data.
    pub(super) idle: bool,
    /// Which protection it has, and its number there, where receivers follow it.
    pub(super) secured: Option<(usize, u64)>,
}

impl Framer {
    /// The channels of a checked specification.
    pub(super) fn new(spec: &LinkSpec, seed: u64) -> Self {
        let mut channels = Vec::new();
        let mut lanes = Vec::new();
        for channel in &spec.channels {
            let rng = Rng::for_purpose(seed, u64::from(channel.vcid));
            let stream = match channel.payload {
                Payload::Packets => Stream::Packets(PacketStream::new(&channel.sources, rng)),
                payload => Stream::Units(UnitStream::new(payload, rng)),
            };
            lanes.push(Lane {
                channel: channels.len(),
                idle: false,
                weight: channel.weight.into(),
                credit: 0,
            });
            channels.push(ChannelState { vcid: channel.vcid, count: channel.first_count, frames: 0, stream });
        }
        if spec.idle.weight > 0 {
            let channel = spec.idle_channel();
            if channel == channels.len() {
                let stream = Stream::Packets(PacketStream::new(&[], Rng::new(seed)));
                let (vcid, count) = (spec.idle.vcid, spec.idle.first_count);
                channels.push(ChannelState { vcid, count, frames: 0, stream });
            }
            lanes.push(Lane { channel, idle: true, weight: spec.idle.weight.into(), credit: 0 });
        }
        let writer = FrameWriter::new(spec);
        for channel in &mut channels {
            channel.count &= writer.count_mask();
        }
        Self { writer, channels, lanes, log: PacketLog::default() }
    }

    /// Make the next frame, of `len` octets.
    pub(super) fn next(&mut self, len: usize, frame: &mut Vec<u8>) -> SentFrame {
        self.log.clear();
        let lane = self.next_lane();
        let Some(channel) = self.channels.get_mut(lane.channel) else {
            // A checked specification has a lane, and every lane a channel.
            return SentFrame { channel: 0, number: 0, count: 0, idle: true, secured: None };
        };
        let sent = SentFrame {
            channel: lane.channel,
            number: channel.frames,
            count: channel.count,
            idle: lane.idle,
            secured: None,
        };
        self.writer.spec.len = len;
        let secured = self.writer.write(channel.vcid, sent, &mut channel.stream, &mut self.log, frame);
        channel.frames += 1;
        channel.count = (channel.count + 1) & self.writer.count_mask();
        SentFrame { secured, ..sent }
    }

    /// The pass is over: log the packets that were not completed, channel by channel.
    pub(super) fn finish(&mut self, mut channel_log: impl FnMut(usize, &PacketLog)) {
        for (index, channel) in self.channels.iter_mut().enumerate() {
            self.log.clear();
            match &mut channel.stream {
                Stream::Packets(packets) => packets.finish(&mut self.log),
                Stream::Units(units) => units.finish(&mut self.log),
            }
            channel_log(index, &self.log);
        }
    }

    /// Every lane earns its weight, and the richest pays for all: weights are kept over any stretch of frames.
    fn next_lane(&mut self) -> Lane {
        let total: i64 = self.lanes.iter().map(|lane| lane.weight).sum();
        for lane in &mut self.lanes {
            lane.credit += lane.weight;
        }
        match self.lanes.iter_mut().rev().max_by_key(|lane| lane.credit) {
            Some(richest) => {
                richest.credit -= total;
                *richest
            }
            None => Lane { channel: 0, idle: true, weight: 0, credit: 0 },
        }
    }
}

/// Lays out frames.
#[derive(Clone, Debug)]
struct FrameWriter {
    spec: FrameSpec,
    scid: u16,
    fill: IdleFill,
    /// How frames are protected, and the number of the next one of each.
    protection: Vec<(Protection, u64)>,
    /// Frames made so far: the master channel frame count, and what insert zones and secondary headers hold.
    frames: u64,
}

impl FrameWriter {
    fn new(spec: &LinkSpec) -> Self {
        let numbered = |protection: &Protection| (protection.clone(), protection.first_number);
        let protection = spec.protection.iter().map(numbered).collect();
        Self { spec: spec.frames, scid: spec.scid, fill: IdleFill::new(), protection, frames: 0 }
    }

    fn count_mask(&self) -> u64 {
        1u64.checked_shl(self.spec.count_bits().into()).map_or(u64::MAX, |turn| turn - 1)
    }

    /// Write one frame. Says which protection it has and which number there.
    fn write(
        &mut self,
        vcid: u8,
        sent: SentFrame,
        stream: &mut Stream,
        log: &mut PacketLog,
        frame: &mut Vec<u8>,
    ) -> Option<(usize, u64)> {
        let field = self.spec.data_field();
        let guard = self.protection.iter().position(|(protection, _)| protection.vcids.contains(&vcid));
        let guarded = guard.and_then(|guard| self.protection.get(guard));
        let security = guarded.map(|(protection, number)| protection.header(*number)).unwrap_or_default();
        let mac_len = guarded.map_or(0, |(protection, _)| protection.mac_len);
        let payload = if sent.idle { Payload::Packets } else { stream.payload() };
        frame.clear();
        frame.resize(field.end, 0);
        let start = field.start + security.len() + self.spec.pdu_header_len(payload);
        let (head, octets) = frame.split_at_mut_checked(start).unwrap_or_default();
        let zone_len = octets.len().saturating_sub(mac_len);
        let octets = octets.get_mut(..zone_len).unwrap_or_default();
        let start = match stream {
            _ if sent.idle => {
                self.fill.fill(octets);
                Start::Idle
            }
            Stream::Packets(stream) => match stream.fill(octets, sent.number, log) {
                Some(at) => Start::At(at),
                None => Start::None,
            },
            Stream::Units(stream) => {
                let head: &[u8] = if self.spec.tfvn() == Tfvn::Uslp { &[WHOLE_UNIT] } else { &[] };
                Start::Unit(stream.fill(octets, sent.number, head, log))
            }
        };
        let mut writer = Writer { rest: head };
        match self.spec.protocol {
            Protocol::Aos { cycle, header_error_control } => {
                self.aos_head(vcid, sent.count, cycle, header_error_control, &mut writer);
            }
            Protocol::Tm => self.tm_head(vcid, sent.count, start, &mut writer),
            Protocol::Uslp { count_len } => {
                self.uslp_head(vcid, sent.count, count_len.into(), &mut writer);
            }
        }
        writer.put(&security);
        self.pdu_head(vcid, start, &mut writer);
        let number = self.seal(guard, field, frame);
        if self.spec.ocf {
            // A CLCW that reports on the same channel under COP-1, its report value moving on (232.0-B §4.2).
            frame.extend([0x01, vcid << 2, 0x00, self.frames as u8]);
        }
        match self.spec.fecf {
            Fecf::Absent => {}
            Fecf::Crc16 => frame.extend(fecf::crc16(frame).to_be_bytes()),
            Fecf::Crc32 => frame.extend(fecf::crc32(frame).to_be_bytes()),
        }
        self.frames += 1;
        guard.zip(number)
    }

    /// Encrypt and authenticate a frame whose data field is there; says its number, where receivers follow it.
    fn seal(&mut self, guard: Option<usize>, field: Range<usize>, frame: &mut [u8]) -> Option<u64> {
        let (protection, next) = self.protection.get_mut(guard?)?;
        if let Some(seal) = &protection.seal {
            seal.seal(frame, &protection.place(field.start, field.end));
        }
        let number = protection.followed(*next);
        *next = next.wrapping_add(1);
        number
    }

    /// 132.0-B-3 §4.1.2 and §4.1.3.
    fn tm_head(&self, vcid: u8, count: u64, start: Start, head: &mut Writer<'_>) {
        let identification = self.scid << 4 | u16::from(vcid) << 1 | u16::from(self.spec.ocf);
        let secondary_header = u16::from(self.spec.extra > 0) << 15;
        head.put(&identification.to_be_bytes());
        head.put(&[self.frames as u8, count as u8]);
        let status = match start {
            // The project may use the fourteen bits behind the flag as it likes.
            Start::Unit(_) => SYNCHRONIZATION_FLAG | self.frames as u16 & 0x3FFF,
            start => SEGMENT_LENGTH_ID | start.in_11_bits(),
        };
        head.put(&(secondary_header | status).to_be_bytes());
        if let Some(behind_id) = self.spec.extra.checked_sub(1) {
            head.put(&[behind_id as u8]);
            self.put_extra(behind_id, head);
        }
    }

    /// 732.0-B-5 §4.1.2 to §4.1.4.
    fn aos_head(&self, vcid: u8, count: u64, cycle: bool, check: bool, head: &mut Writer<'_>) {
        let identification = 1 << 14 | (self.scid & 0xFF) << 6 | u16::from(vcid);
        let [.., cycles, a, b, c] = count.to_be_bytes();
        let scid_high = (self.scid >> 8) as u8 & 3;
        let signalling = u8::from(cycle) << 6 | scid_high << 4 | if cycle { cycles & 0x0F } else { 0 };
        head.put(&identification.to_be_bytes());
        head.put(&[a, b, c, signalling]);
        if check {
            head.put(&header_error_control(identification, signalling).to_be_bytes());
        }
        self.put_extra(self.spec.extra, head);
    }

    /// 732.1-B-3 §4.1.2 and §4.1.3.
    fn uslp_head(&self, vcid: u8, count: u64, count_len: usize, head: &mut Writer<'_>) {
        let word = 0b1100 << 28 | u32::from(self.scid) << 12 | u32::from(vcid) << 5;
        head.put(&word.to_be_bytes());
        head.put(&((self.spec.len - 1) as u16).to_be_bytes());
        head.put(&[u8::from(self.spec.ocf) << 3 | count_len as u8]);
        head.put(count.to_be_bytes().get(8 - count_len..).unwrap_or_default());
        self.put_extra(self.spec.extra, head);
    }

    /// What begins a data field: 732.0-B-5 §4.1.4; 732.1-B-3 §4.1.4, with construction rule 0 for packets, 1 and 2 for units over
    /// several frames, 7 for idle data and whole units.
    fn pdu_head(&self, vcid: u8, start: Start, head: &mut Writer<'_>) {
        match self.spec.protocol {
            Protocol::Tm => {}
            Protocol::Aos { .. } => match start {
                // No M_PDU: the whole data field is fill.
                _ if vcid == ONLY_IDLE_DATA => head.put(&[0xFF, 0xFF]),
                Start::Unit(UnitPart::Bits(bits)) => {
                    let last = bits.map_or(ALL_BITS, |bits| bits.saturating_sub(1) as u16);
                    head.put(&last.to_be_bytes());
                }
                Start::Unit(_) => {}
                start => head.put(&start.in_11_bits().to_be_bytes()),
            },
            Protocol::Uslp { .. } => match start {
                Start::At(at) => head.put(&[0x00, (at >> 8) as u8, at as u8]),
                Start::Idle => head.put(&[0xFF, 0xFF, 0xFF]),
                Start::None => head.put(&[0x00, 0xFF, 0xFF]),
                Start::Unit(UnitPart::Part { first, last }) => {
                    let rule = if first { UNIT_BEGINS } else { UNIT_GOES_ON };
                    let last = last.map_or(u16::MAX, |last| last as u16);
                    head.put(&[rule, (last >> 8) as u8, last as u8]);
                }
                Start::Unit(_) => head.put(&[WHOLE_UNIT]),
            },
        }
    }

    /// The number of the frame over and over: what is read at a wrong place is seen.
    fn put_extra(&self, len: usize, head: &mut Writer<'_>) {
        for octet in self.frames.to_be_bytes().into_iter().cycle().take(len) {
            head.put(&[octet]);
        }
    }
}

/// Where the first packet of a zone begins, or what else there is.
#[derive(Clone, Copy, Debug)]
enum Start {
    At(usize),
    Idle,
    None,
    /// There are no packets.
    Unit(UnitPart),
}

impl Start {
    const fn in_11_bits(self) -> u16 {
        match self {
            Self::At(at) => at as u16,
            Self::Idle => IDLE_ONLY,
            Self::None | Self::Unit(_) => NO_START,
        }
    }
}

/// Writes at the front of what is left.
struct Writer<'a> {
    rest: &'a mut [u8],
}

impl Writer<'_> {
    fn put(&mut self, octets: &[u8]) {
        if let Some((slot, rest)) = std::mem::take(&mut self.rest).split_at_mut_checked(octets.len()) {
            slot.copy_from_slice(octets);
            self.rest = rest;
        }
    }
}

/// Fill of idle frames: a register of 32 cells, set to ones once and never again (132.0-B-3 §4.1.4.6).
#[derive(Clone, Debug)]
struct IdleFill {
    /// The last 32 octets.
    ring: [u8; 32],
    at: usize,
}

impl IdleFill {
    const fn new() -> Self {
        Self { ring: FIRST_FILL, at: 0 }
    }

    /// s[n+32] = s[n] + s[n+10] + s[n+30] + s[n+31] over bits; raised to the eighth power it holds over octets.
    fn fill(&mut self, octets: &mut [u8]) {
        for octet in octets {
            let [a, b, c, d] =
                [0, 10, 30, 31].map(|tap| self.ring.get((self.at + tap) % 32).copied().unwrap_or(0));
            if let Some(oldest) = self.ring.get_mut(self.at) {
                *octet = *oldest;
                *oldest = a ^ b ^ c ^ d;
            }
            self.at = (self.at + 1) % 32;
        }
    }
}

/// The first 32 octets.
const FIRST_FILL: [u8; 32] = first_fill();

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn first_fill() -> [u8; 32] {
    let mut octets = [0; 32];
    let mut register = u32::MAX;
    let mut i = 0;
    while i < 256 {
        octets[i / 8] = octets[i / 8] << 1 | (register >> 31) as u8;
        let bit = (register >> 31 ^ register >> 21 ^ register >> 1 ^ register) & 1;
        register = register << 1 | bit;
        i += 1;
    }
    octets
}

/// Parity of the (10, 6) Reed-Solomon code over GF(16) that guards all of an AOS header but its count (732.0-B-5 §4.1.2.6).
fn header_error_control(identification: u16, signalling: u8) -> u16 {
    // g = x^4 + a^3 x^3 + a x^2 + a^3 x + 1, with a = 2 and x^4 + x + 1.
    const GENERATOR: [u8; 4] = [8, 2, 8, 1];
    let word = u32::from(identification) << 8 | u32::from(signalling);
    let parity =
        (0..6).rev().map(|i| (word >> (4 * i)) as u8 & 0xF).fold([0u8; 4], |[a, b, c, d], symbol| {
            let feedback = a ^ symbol;
            let [p, q, r, s] = GENERATOR.map(|coefficient| multiply_16(coefficient, feedback));
            [b ^ p, c ^ q, d ^ r, s]
        });
    parity.into_iter().fold(0, |word, symbol| word << 4 | u16::from(symbol))
}

/// Product in GF(16).
fn multiply_16(a: u8, b: u8) -> u8 {
    let product = (0..4).filter(|i| b >> i & 1 == 1).fold(0, |sum, i| sum ^ a << i);
    (4..7).rev().fold(product, |rest, i| if rest >> i & 1 == 1 { rest ^ 0b1_0011 << (i - 4) } else { rest })
}

/// First header pointer: only idle data.
const IDLE_ONLY: u16 = 0x7FE;
/// First header pointer: no packet begins here.
const NO_START: u16 = 0x7FF;
/// TM: there are no packets.
const SYNCHRONIZATION_FLAG: u16 = 1 << 14;
/// B_PDU pointer: every bit is one of the stream.
const ALL_BITS: u16 = 0x3FFF;
/// USLP: the construction rule in three bits, and the protocol of service data units.
const UNIT_BEGINS: u8 = 1 << 5 | 5;
const UNIT_GOES_ON: u8 = 2 << 5 | 5;
const WHOLE_UNIT: u8 = 7 << 5 | 5;
/// TM: the segment length identifier of packets is all ones.
const SEGMENT_LENGTH_ID: u16 = 3 << 11;
/// The channel of AOS and USLP that carries nothing else.
pub(super) const ONLY_IDLE_DATA: u8 = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_data_follows_the_published_sequence_and_never_starts_again() {
        let mut fill = IdleFill::new();
        let (mut first, mut second) = ([0; 13], [0; 200]);
        fill.fill(&mut first);
        fill.fill(&mut second);
        let mut octets = first.to_vec();
        octets.extend(second);
        let published = [
            0xFF, 0xFF, 0xFF, 0xFF, 0x6D, 0xB6, 0xD8, 0x61, 0x45, 0x1F, 0x11, 0xF1, 0x97, 0x16, 0x72, 0x3C,
            0xBE, 0x7E, 0x00, 0xB1,
        ];
        assert_eq!(octets[..20], published);

        let bit = |n: usize| octets[n / 8] >> (7 - n % 8) & 1;
        assert!(
            (0..octets.len() * 8 - 32)
                .all(|n| bit(n + 32) == bit(n) ^ bit(n + 10) ^ bit(n + 30) ^ bit(n + 31))
        );
    }

    #[test]
    fn header_error_control_equals_the_known_vector() {
        assert_eq!(header_error_control(0x1234, 0x56), 0x94DC);
    }
}
