//! The receive chain from recorded octets to packets, as an application puts it together, with all its accounts.

use bench::sim::{IdlePackets, LinkSpec, Pass, Verdict};
use ccsds_core::frame::Content;
use ccsds_core::id::Gvcid;
use ccsds_core::ledger::{CountLedger, FrameLedger, OctetLedger, PacketLedger};
use ccsds_core::quality::{CodingQuality, FrameMeta, PacketMeta, ReceiveTime, Trust};
use ccsds_core::vc::{Continuity, PacketAssembler, Route, VcDemux, VcSlot};
use frame_sync::codec::{BlockReport, FrameCodec, Uncoded};
use frame_sync::line::LineDecoder;
use frame_sync::pipeline::FramePipeline;
use frame_sync::receiver::Receiver;
use frame_sync::rs::RsDecoder;
use frame_sync::slab::FrameSlab;
use frame_sync::sync::SyncStats;

/// How a stream is cut into pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    Every(usize),
    Random(u64),
    Whole,
}

impl Cut {
    pub(crate) fn pieces(self, octets: &[u8]) -> Vec<&[u8]> {
        let mut rest = octets;
        let mut state = match self {
            Self::Random(seed) => seed | 1,
            Self::Every(_) | Self::Whole => 0,
        };
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let len = match self {
                Self::Every(len) => len,
                Self::Random(_) => {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    // Short and long ones.
                    (state >> 40) as usize % (1 << (state >> 60))
                }
                Self::Whole => rest.len(),
            };
            let (piece, behind) = rest.split_at(len.clamp(1, rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces
    }
}

/// A frame with everything said about it but its time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) report: BlockReport,
    pub(crate) meta: FrameMeta,
}

/// What a driver makes of a recording.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reception {
    pub(crate) frames: Vec<Frame>,
    pub(crate) stats: SyncStats,
}

/// The codec of a link.
pub(crate) fn codec(spec: &LinkSpec) -> Box<dyn FrameCodec + Send + Sync> {
    match spec.coding {
        Some(code) => Box::new(RsDecoder::new(code)),
        None => Box::new(Uncoded { frame_len: spec.frames.len }),
    }
}

fn unline(spec: &LinkSpec, octets: &[u8]) -> Vec<u8> {
    let mut bits = octets.to_vec();
    LineDecoder::new(spec.line_code).decode(&mut bits);
    bits
}

/// The one-thread driver with a window `spare` octets longer than it must be.
pub(crate) fn with_receiver(spec: &LinkSpec, octets: &[u8], cut: Cut, spare: usize) -> Reception {
    let sync = spec.sync_config().unwrap();
    let window = vec![0; sync.window_len() + spare];
    let block = vec![0; sync.block_bits().div_ceil(8)];
    let mut receiver = Receiver::with_storage(sync, spec.randomizer, codec(spec), window, block).unwrap();
    let mut frames = Vec::new();
    let mut drain = |receiver: &mut Receiver<_, _, _>| {
        while let Some(frame) = receiver.pull().unwrap() {
            let meta = FrameMeta { received: ReceiveTime(0), ..frame.meta };
            frames.push(Frame { bytes: frame.bytes.to_vec(), report: frame.report, meta });
        }
    };
    let octets = unline(spec, octets);
    for (time, mut piece) in (1..).zip(cut.pieces(&octets)) {
        while !piece.is_empty() {
            let taken = receiver.push(piece, ReceiveTime(time));
            assert!(taken > 0, "a window of the required length always makes room");
            piece = &piece[taken..];
            drain(&mut receiver);
        }
    }
    receiver.finish();
    drain(&mut receiver);
    Reception { frames, stats: receiver.stats() }
}

/// The batch driver in the present rayon pool.
pub(crate) fn with_pipeline(spec: &LinkSpec, octets: &[u8], cut: Cut) -> Reception {
    let mut pipeline = FramePipeline::new(spec.sync_config().unwrap(), spec.randomizer, codec(spec));
    let (mut slab, mut window, mut frames) = (FrameSlab::new(), Vec::new(), Vec::new());
    let mut collect = |slab: &FrameSlab| {
        frames.extend(slab.frames().map(|frame| Frame {
            bytes: frame.bytes.to_vec(),
            report: frame.report,
            meta: FrameMeta { received: ReceiveTime(0), ..frame.meta },
        }));
    };
    let octets = unline(spec, octets);
    for (time, piece) in (1..).zip(cut.pieces(&octets)) {
        window.extend_from_slice(piece);
        let spent = pipeline.run(&window, ReceiveTime(time), &mut slab).unwrap();
        collect(&slab);
        window.drain(..spent);
    }
    pipeline.finish(&window, ReceiveTime(0), &mut slab).unwrap();
    collect(&slab);
    Reception { frames, stats: pipeline.stats() }
}

/// The same from slab to slab, each taken by the thread that filled it.
pub(crate) fn with_pipeline_each(spec: &LinkSpec, octets: &[u8], cut: Cut) -> Reception {
    let mut pipeline = FramePipeline::new(spec.sync_config().unwrap(), spec.randomizer, codec(spec));
    let (mut window, mut frames) = (Vec::new(), Vec::new());
    let mut collect = |slab: &FrameSlab| {
        frames.extend(slab.frames().map(|frame| Frame {
            bytes: frame.bytes.to_vec(),
            report: frame.report,
            meta: FrameMeta { received: ReceiveTime(0), ..frame.meta },
        }));
    };
    let octets = unline(spec, octets);
    for (time, piece) in (1..).zip(cut.pieces(&octets)) {
        window.extend_from_slice(piece);
        let spent = pipeline.run_each(&window, ReceiveTime(time), &mut collect).unwrap();
        window.drain(..spent);
    }
    pipeline.finish_each(&window, ReceiveTime(0), &mut collect).unwrap();
    Reception { frames, stats: pipeline.stats() }
}

/// A packet with everything said about it.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) gvcid: Gvcid,
    pub(crate) bytes: Vec<u8>,
    pub(crate) meta: PacketMeta,
    pub(crate) idle: bool,
}

/// Packets and accounts.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    pub(crate) packets: Vec<Delivered>,
    pub(crate) frames: FrameLedger,
    pub(crate) channels: Vec<ChannelAccounts>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ChannelAccounts {
    pub(crate) gvcid: Gvcid,
    pub(crate) counts: CountLedger,
    pub(crate) octets: OctetLedger,
    pub(crate) packets: PacketLedger,
    /// Frames routed here.
    pub(crate) routed: u64,
    /// Octets of the packet zones and idle zones of these frames.
    pub(crate) zone_octets: u64,
}

/// From frames to packets; panics when an account does not close.
pub(crate) fn decode(spec: &LinkSpec, frames: &[Frame]) -> Decoded {
    let format = spec.frames.format().unwrap();
    let declared = spec.declared_channels();
    let mut demux = VcDemux::new(declared.iter().copied().map(VcSlot::new).collect::<Vec<_>>());
    let mut assemblers: Vec<_> =
        declared.iter().map(|_| PacketAssembler::new(vec![0; 65_542].into_boxed_slice())).collect();
    let mut routed = vec![(0, 0); declared.len()];
    let mut ledger = FrameLedger::default();
    let mut packets = Vec::new();
    for frame in frames {
        let mut meta = frame.meta;
        meta.quality.fecf = format.check_fecf(&frame.bytes);
        match meta.quality.trust() {
            Trust::FecfFailed => ledger.fecf_failed += 1,
            Trust::Uncorrectable => ledger.uncorrectable += 1,
            Trust::Unverified => ledger.unverified += 1,
            Trust::Trusted => match format.parse(&frame.bytes).map(|frame| demux.route(&frame, meta.quality))
            {
                Err(_) | Ok(Route::Malformed(_)) => ledger.malformed += 1,
                Ok(Route::Idle) => ledger.idle += 1,
                Ok(Route::Undeclared) => ledger.undeclared += 1,
                Ok(Route::Refused(_) | Route::Untrusted) => panic!("a trusted frame was refused"),
                Ok(Route::Channel(delivery)) => {
                    let kind = match meta.quality.coding {
                        _ if delivery.content.is_idle() => &mut ledger.idle,
                        CodingQuality::Corrected { .. } => &mut ledger.corrected,
                        _ => &mut ledger.good,
                    };
                    *kind += 1;
                    let (frames, zone_octets) = &mut routed[delivery.vc.get()];
                    *frames += 1;
                    *zone_octets += match delivery.content {
                        Content::Packets(zone) => zone.octets.len() as u64,
                        Content::Idle(octets) if delivery.continuity != Continuity::Repeat => {
                            octets.len() as u64
                        }
                        _ => 0,
                    };
                    let mut cursor = assemblers[delivery.vc.get()].push(&delivery, &meta);
                    while let Some(packet) = cursor.next() {
                        packets.push(Delivered {
                            gvcid: packet.meta.gvcid,
                            bytes: packet.bytes.to_vec(),
                            meta: packet.meta,
                            idle: packet.is_idle(),
                        });
                    }
                }
            },
        }
    }
    let channels: Vec<_> = demux
        .slots()
        .iter()
        .zip(&assemblers)
        .zip(routed)
        .map(|((slot, assembler), (routed, zone_octets))| ChannelAccounts {
            gvcid: slot.channel().gvcid,
            counts: *slot.counts(),
            octets: assembler.octets(),
            packets: assembler.packets(),
            routed,
            zone_octets,
        })
        .collect();
    let decoded = Decoded { packets, frames: ledger, channels };
    decoded.assert_closed(frames.len() as u64);
    decoded
}

impl Decoded {
    fn assert_closed(&self, frames: u64) {
        assert_eq!(self.frames.total(), frames, "every frame is in the account once: {:?}", self.frames);
        for channel in &self.channels {
            assert_eq!(channel.counts.total(), channel.routed, "every count is in the account: {channel:?}");
            assert_eq!(
                channel.octets.total(),
                channel.zone_octets,
                "every octet is in the account: {channel:?}"
            );
            let mine = || self.packets.iter().filter(|packet| packet.gvcid == channel.gvcid);
            let (idle, whole): (Vec<_>, Vec<_>) = mine()
                .filter(|packet| !packet.meta.quality.contains(ccsds_core::quality::PacketQuality::TRUNCATED))
                .partition(|packet| packet.idle);
            assert_eq!(channel.packets.idle, idle.len() as u64);
            assert_eq!(channel.packets.packets, whole.len() as u64);
            assert_eq!(
                channel.octets.packets,
                whole.iter().map(|packet| packet.bytes.len() as u64).sum::<u64>()
            );
        }
    }

    /// Good packets that are no fill, on one channel.
    pub(crate) fn good(&self, gvcid: Gvcid) -> Vec<&[u8]> {
        self.packets
            .iter()
            .filter(|packet| packet.gvcid == gvcid && packet.meta.quality.is_good() && !packet.idle)
            .map(|packet| &packet.bytes[..])
            .collect()
    }
}

/// Decode a pass and compare it with its truth.
pub(crate) fn judge(spec: &LinkSpec, pass: &Pass) -> (Reception, Decoded, Verdict) {
    let reception = with_receiver(spec, &pass.octets, Cut::Every(4096), 0);
    assert_eq!(reception.stats.bits.total(), pass.octets.len() as u64 * 8, "every bit is in the account");
    assert_eq!(reception.stats.cadus, reception.frames.len() as u64);
    let decoded = decode(spec, &reception.frames);
    let mut check = pass.truth.check(IdlePackets::Counted);
    for packet in decoded.packets.iter().filter(|packet| packet.meta.quality.is_good()) {
        check.packet(packet.gvcid, &packet.bytes);
    }
    let verdict = check.finish();
    (reception, decoded, verdict)
}

/// The same, and the verdict must be satisfied, the counts as the truth has them where they are exact.
pub(crate) fn assert_satisfied(spec: &LinkSpec, pass: &Pass) -> (Reception, Decoded) {
    let (reception, decoded, verdict) = judge(spec, pass);
    assert!(verdict.is_satisfied(), "{verdict:?}\n{:?}\n{:?}", reception.stats, decoded.frames);
    for (truth, channel) in pass.truth.channels.iter().zip(&decoded.channels) {
        assert_eq!(truth.gvcid, channel.gvcid);
        if truth.counts_are_exact {
            assert_eq!(channel.counts, truth.counts, "counts of {}", truth.gvcid);
        }
    }
    (reception, decoded)
}
