//! Between the decoder and the packets: the copy, headers, channels, assembly.

use std::hint::black_box;

use ccsds::framing::VCDUHeader;
use ccsds_core::frame::FrameFormat;
use ccsds_core::packet::SpacePacketHeader;
use ccsds_core::quality::{FrameMeta, FrameQuality};
use ccsds_core::vc::{PacketAssembler, Route, VcDemux, VcSlot};
use frame_sync::align;
use spacepackets::SpacePacketHeader as PeerHeader;

use super::Scope;
use super::contest::Contest;
use super::material::Recording;
use super::peers;
use super::row::Unit;
use crate::sim::SpecError;

/// The copy that aligns, strips and derandomizes, at octets and three bits off.
///
/// # Errors
/// When the link cannot be simulated.
pub fn extract_contests(scope: &Scope) -> Result<Vec<Contest>, SpecError> {
    let aligned = extract(scope, "extract, at octets", &Recording::clean(CADUS)?);
    let shifted = extract(scope, "extract, three bits off", &Recording::shifted(CADUS)?);
    Ok(vec![aligned, shifted])
}

/// Headers of frames and packets, and routing.
///
/// # Errors
/// When the link cannot be simulated.
pub fn demux_contests(_: &Scope) -> Result<Vec<Contest>, SpecError> {
    let recording = Recording::clean(CADUS)?;
    Ok(vec![parse(&recording)?, packet_headers(), demux(&recording, Depth::Route)?])
}

/// Frames to packets.
///
/// # Errors
/// When the link cannot be simulated.
pub fn assemble_contests(_: &Scope) -> Result<Vec<Contest>, SpecError> {
    Ok(vec![demux(&Recording::clean(CADUS)?, Depth::Packets)?])
}

fn extract(scope: &Scope, work: &str, recording: &Recording) -> Contest {
    let mut contest = Contest::new(work, Unit { name: "CADU", octets: recording.cadu_len() });
    let (sync, randomizer) = (recording.sync, recording.spec.randomizer);
    let (cadus, block_len) = (recording.locate(), recording.code.block_len());
    assert_eq!(cadus.len(), CADUS);
    let expected = first_octets(&recording.frames(), recording.code.frame_len());
    for &level in &scope.levels {
        let (octets, cadus) = (recording.octets.clone(), cadus.clone());
        let mut blocks = vec![0; CADUS * block_len];
        contest.ours(level, 1, CADUS * recording.cadu_len(), move || {
            for (cadu, block) in black_box(&cadus).iter().zip(blocks.chunks_exact_mut(block_len)) {
                align::extract_with_level(level, &octets, cadu, &sync, randomizer, block);
            }
            assert_eq!(first_octets(black_box(&blocks), block_len), expected);
        });
    }
    contest
}

/// A little of each of many slots: enough to notice a block that is not where it should be.
fn first_octets(slots: &[u8], len: usize) -> u64 {
    let heads = slots.chunks_exact(len).filter_map(<[u8]>::first_chunk);
    heads.fold(0, |sum, head| sum.rotate_left(5) ^ u64::from_le_bytes(*head))
}

fn parse(recording: &Recording) -> Result<Contest, SpecError> {
    let (frame_len, frames) = (recording.code.frame_len(), recording.frames());
    let mut contest = Contest::new("frame headers", Unit { name: "header", octets: VCDUHeader::LEN });
    let format = recording.spec.frames.format().map_err(SpecError::Frame)?;
    let answer = counts(&frames, frame_len, format);
    let peer_frames = frames.clone();
    // Only the headers are read.
    let octets = CADUS * VCDUHeader::LEN;
    contest.ours_portable(octets, move || {
        assert_eq!(counts(black_box(&frames), frame_len, format), answer);
    });
    contest.peer("ccsds", octets, move || {
        let headers = black_box(&peer_frames).chunks_exact(frame_len).filter_map(VCDUHeader::decode);
        let sum: u64 = headers.map(|header| u64::from(header.counter) << 6 ^ u64::from(header.vcid)).sum();
        assert_eq!(sum, answer);
    });
    Ok(contest)
}

fn counts(frames: &[u8], frame_len: usize, format: FrameFormat) -> u64 {
    let headers = frames.chunks_exact(frame_len).filter_map(|frame| format.parse(frame).ok());
    headers.map(|frame| frame.vc_frame_count().value() << 6 ^ u64::from(frame.gvcid().vcid.get())).sum()
}

/// Six octets each, end to end.
fn packet_headers() -> Contest {
    let mut contest = Contest::new("packet headers", Unit { name: "header", octets: SpacePacketHeader::LEN });
    let octets = super::material::random_octets(SpacePacketHeader::LEN * PACKET_HEADERS);
    let peer_octets = octets.clone();
    let answer = lengths(&octets);
    contest.ours_portable(octets.len(), move || assert_eq!(lengths(black_box(&octets)), answer));
    contest.peer("spacepackets", peer_octets.len(), move || {
        let headers = black_box(&peer_octets).chunks_exact(SpacePacketHeader::LEN);
        let headers = headers.filter_map(|octets| PeerHeader::from_be_bytes(octets).ok());
        let sum: u64 = headers
            .map(|(header, _)| {
                (u64::from(header.data_len) + 1) ^ u64::from(header.packet_id.apid.value()) << 17
            })
            .sum();
        assert_eq!(sum, answer);
    });
    contest
}

fn lengths(octets: &[u8]) -> u64 {
    let (headers, _) = octets.as_chunks();
    let headers = headers.iter().map(SpacePacketHeader::from_bytes);
    headers.map(|header| header.data_len() as u64 ^ u64::from(header.apid().get()) << 17).sum()
}

/// How far frames are taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Depth {
    Packets,
    Route,
}

fn demux(recording: &Recording, depth: Depth) -> Result<Contest, SpecError> {
    let (frame_len, frames) = (recording.code.frame_len(), recording.frames());
    let work = match depth {
        Depth::Packets => "parse, demultiplex, assemble",
        Depth::Route => "parse, demultiplex",
    };
    let mut contest = Contest::new(work, Unit { name: "frame", octets: frame_len });
    if depth == Depth::Packets {
        // A tenth serves a slow peer.
        peers::chain::enter_packets(&mut contest, &Recording::clean(CADUS / 10)?);
    }
    let packets = recording.packets;
    let mut stage = PacketStage::new(recording)?;
    contest.ours_portable(frames.len(), move || {
        stage.forget();
        for frame in black_box(&frames).chunks_exact(frame_len) {
            match depth {
                Depth::Packets => stage.push(frame, &DELIVERED),
                Depth::Route => stage.route(frame, &DELIVERED),
            }
        }
        match depth {
            Depth::Packets => assert_eq!(stage.packets(), packets),
            Depth::Route => assert_eq!(stage.routed(), CADUS as u64),
        }
    });
    Ok(contest)
}

/// From frames to counted packets, as an application puts it together.
#[derive(Debug)]
pub struct PacketStage {
    format: FrameFormat,
    channels: Vec<VcSlot>,
    demux: VcDemux<Vec<VcSlot>>,
    assemblers: Vec<PacketAssembler<Box<[u8]>>>,
    packets: u64,
    octets: u64,
    routed: u64,
}

impl PacketStage {
    /// The receiving end of the link of a recording.
    ///
    /// # Errors
    /// When the link has no such frames.
    pub fn new(recording: &Recording) -> Result<Self, SpecError> {
        let channels: Vec<_> = recording.spec.declared_channels().into_iter().map(VcSlot::new).collect();
        let store = || vec![0; LARGEST_PACKET].into_boxed_slice();
        Ok(Self {
            format: recording.spec.frames.format().map_err(SpecError::Frame)?,
            demux: VcDemux::new(channels.clone()),
            assemblers: channels.iter().map(|_| PacketAssembler::new(store())).collect(),
            channels,
            packets: 0,
            octets: 0,
            routed: 0,
        })
    }

    /// Begin another recording. What an assembler keeps of the last one is broken off by the first frame.
    pub fn forget(&mut self) {
        self.demux = VcDemux::new(self.channels.clone());
        (self.packets, self.octets, self.routed) = (0, 0, 0);
    }

    /// Take a frame as far as its packets, and count those that are whole.
    #[inline]
    pub fn push(&mut self, bytes: &[u8], meta: &FrameMeta) {
        let Ok(frame) = self.format.parse(bytes) else { return };
        let Route::Channel(delivery) = self.demux.route(&frame, meta.quality) else { return };
        self.routed += 1;
        let Some(assembler) = self.assemblers.get_mut(delivery.vc.get()) else { return };
        let mut packets = assembler.push(&delivery, meta);
        while let Some(packet) = packets.next() {
            if packet.meta.quality.is_good() && !packet.is_idle() {
                self.packets += 1;
                self.octets += packet.bytes.len() as u64;
            }
        }
    }

    /// Take a frame as far as its channel.
    #[inline]
    pub fn route(&mut self, bytes: &[u8], meta: &FrameMeta) {
        let Ok(frame) = self.format.parse(bytes) else { return };
        if let Route::Channel(delivery) = self.demux.route(&frame, meta.quality) {
            black_box(delivery);
            self.routed += 1;
        }
    }

    /// Whole packets so far.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.packets
    }

    /// Frames that reached their channel.
    #[must_use]
    pub const fn routed(&self) -> u64 {
        self.routed
    }
}

const DELIVERED: FrameMeta = FrameMeta {
    ordinal: 0,
    stream_bit: 0,
    received: ccsds_core::quality::ReceiveTime(0),
    quality: FrameQuality::EXTERNAL,
};

/// Their frames stay in a second-level cache.
const CADUS: usize = 200;
const PACKET_HEADERS: usize = 1024;
const LARGEST_PACKET: usize = 65_542;
