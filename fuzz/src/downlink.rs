//! The simulated downlink: what must come out does, whatever happens to the rest.

use bench::sim::{
    ChannelSpec, Fault, FrameSpec, IdlePackets, IdleSpec, Impairments, Lengths, LinkSpec, Pass, Place,
    Protocol, Source, Tolerance, When,
};
use ccsds_core::fecf::Fecf;
use ccsds_core::frame::Content;
use ccsds_core::ledger::FrameLedger;
use ccsds_core::quality::{CodingQuality, FrameMeta, ReceiveTime, Trust};
use ccsds_core::vc::{Continuity, PacketAssembler, Route, VcDemux, VcSlot};
use frame_sync::codec::{FrameCodec, Uncoded};
use frame_sync::line::{LineCode, LineDecoder};
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::Receiver;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE};

use crate::choices::Choices;

/// A link, a seed and faults: every packet that the faults did not touch comes out, none that was lost does, nothing is made up, and
/// all accounts close from the first bit to the last packet.
///
/// The marker is one of 64 bits: a fuzzer finds places in noise that look like a shorter one.
pub fn downlink(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let spec = link(&mut choices);
    let seed = u64::from(choices.octet()) << 8 | u64::from(choices.octet());
    let frames = 2 + choices.below(40);
    let mut impairments = Impairments {
        inverted: choices.flag(),
        lead_bits: choices.below_wide(3000) as u64,
        cut_head_bits: choices.below_wide(3000) as u64,
        cut_tail_bits: choices.below_wide(3000) as u64,
        ..Impairments::default()
    };
    while let Some(fault) = choices.any::<Struck>()
        && impairments.faults.len() < 8
    {
        let when = if fault.every > 2 {
            When::Every { period: fault.every.into(), first: fault.first.into() }
        } else {
            When::at([u64::from(fault.first) % frames as u64])
        };
        impairments = impairments.with(when, fault.what.fault());
    }
    let Ok(pass) = Pass::simulate(&spec, &impairments, seed, frames) else { return };
    receive(&spec, &pass);
}

#[derive(arbitrary::Arbitrary, Clone, Copy, Debug)]
struct Struck {
    what: What,
    first: u8,
    every: u8,
}

#[derive(arbitrary::Arbitrary, Clone, Copy, Debug)]
enum What {
    Burst { at: u16, bits: u16 },
    Delete { at: u16, bits: u16 },
    Drop,
    Insert { at: u16, bits: u16 },
    Invert { at: u16 },
    MarkerErrors { bits: u8 },
    Repeat,
    SymbolErrors { per_codeword: u8 },
}

impl What {
    fn fault(self) -> Fault {
        let place = |at: u16| match at % 4 {
            0 => Place::BOUNDARY,
            1 => Place::Block,
            2 => Place::Anywhere,
            _ => Place::Bit((at / 4).into()),
        };
        match self {
            Self::Burst { at, bits } => Fault::Burst { at: place(at), bits: 1 + u32::from(bits) % 3000 },
            Self::Delete { at, bits } => Fault::Delete { at: place(at), bits: 1 + u64::from(bits) % 6000 },
            Self::Drop => Fault::Drop,
            Self::Insert { at, bits } => Fault::Insert { at: place(at), bits: 1 + u64::from(bits) % 6000 },
            Self::Invert { at } => Fault::Invert { at: place(at) },
            Self::MarkerErrors { bits } => Fault::MarkerErrors { bits: 1 + u32::from(bits) % 40 },
            Self::Repeat => Fault::Repeat,
            Self::SymbolErrors { per_codeword } => {
                Fault::SymbolErrors { per_codeword: 1 + usize::from(per_codeword) % 40 }
            }
        }
    }
}

fn link(choices: &mut Choices<'_>) -> LinkSpec {
    let protocol = match choices.below(3) {
        0 => Protocol::Aos { cycle: choices.flag(), header_error_control: choices.flag() },
        1 => Protocol::Tm,
        _ => Protocol::Uslp { count_len: 1 + choices.below(7) as u8 },
    };
    let depth = choices.pick(&[1u8, 2, 5]);
    let e = choices.pick(&[RsE::E16, RsE::E8]);
    let fill = choices.below(150) as u8;
    let code =
        Interleave::from_depth(depth).and_then(|depth| RsConfig::new(e, depth, fill, Basis::Dual).ok());
    let len = code.map_or(0, RsConfig::frame_len);
    let coded = choices.flag();
    let fecf = match (coded, choices.flag(), protocol) {
        (true, false, _) => Fecf::Absent,
        (_, true, Protocol::Uslp { .. }) => Fecf::Crc32,
        _ => Fecf::Crc16,
    };
    let idle_vcid = if protocol == Protocol::Tm { 7 } else { 63 };
    let lengths =
        |choices: &mut Choices<'_>| Lengths::Octaves { min: 10, max: 20 + choices.below_wide(2000) };
    LinkSpec {
        frames: FrameSpec { protocol, len, extra: 3 * choices.below(2), ocf: choices.flag(), fecf },
        scid: 42,
        channels: vec![
            ChannelSpec::new(0, 2, vec![Source::space(11, lengths(choices), 2)]),
            ChannelSpec::new(
                1,
                1,
                vec![Source::encapsulation(2, lengths(choices), 1), Source::idle_octets(1)],
            ),
        ],
        idle: IdleSpec { vcid: idle_vcid, weight: 1, first_count: 0 },
        coding: code.filter(|_| coded),
        randomizer: choices.pick(&[Randomizer::CCSDS_255, Randomizer::CCSDS_131071]),
        marker: MARKER.to_vec(),
        fill_bits: choices.pick(&[0, 0, 0, 5, 16]),
        line_code: choices.pick(&[LineCode::NrzL, LineCode::NrzL, LineCode::NrzM, LineCode::NrzS]),
        tolerance: Tolerance {
            search_errors: choices.below(3) as u8,
            lock_errors: 2 + choices.below(3) as u8,
            flywheel: choices.below(4) as u8,
            slip: choices.below(4) as u8,
        },
        others: Vec::new(),
        protection: Vec::new(),
    }
}

/// Decode the pass as an application would, and compare with the truth.
fn receive(spec: &LinkSpec, pass: &Pass) {
    let sync = spec.sync_config().unwrap();
    let codec: Box<dyn FrameCodec> = match spec.coding {
        Some(code) => Box::new(RsDecoder::new(code)),
        None => Box::new(Uncoded { frame_len: spec.frames.len }),
    };
    let (window, block) = (vec![0; sync.window_len()], vec![0; codec.block_len()]);
    let mut receiver = Receiver::with_storage(sync, spec.randomizer, codec, window, block).unwrap();
    let mut octets = pass.octets.clone();
    LineDecoder::new(spec.line_code).decode(&mut octets);

    let mut chain = Chain::new(spec);
    let mut check = pass.truth.check(IdlePackets::Counted);
    let mut frame = |chain: &mut Chain, bytes: &[u8], meta: FrameMeta| {
        chain.frame(bytes, meta, &mut |gvcid, packet| check.packet(gvcid, packet));
    };
    let mut rest = &octets[..];
    while !rest.is_empty() {
        let taken = receiver.push(rest, ReceiveTime(0));
        assert!(taken > 0, "a window of the required length always makes room");
        rest = &rest[taken..];
        while let Some(received) = receiver.pull().unwrap() {
            frame(&mut chain, received.bytes, received.meta);
        }
    }
    receiver.finish();
    while let Some(received) = receiver.pull().unwrap() {
        frame(&mut chain, received.bytes, received.meta);
    }
    let stats = receiver.stats();
    assert_eq!(stats.bits.total(), octets.len() as u64 * 8, "the bit ledger closes");
    chain.close(stats.cadus);
    let verdict = check.finish();
    assert!(verdict.is_satisfied(), "{verdict:?}\n{stats:?}\n{:?}", chain.frames);
    for (truth, slot) in pass.truth.channels.iter().zip(chain.demux.slots()) {
        if truth.counts_are_exact {
            assert_eq!(*slot.counts(), truth.counts, "counts of {}", truth.gvcid);
        }
    }
}

/// From frames to packets, with every account.
struct Chain {
    format: ccsds_core::frame::FrameFormat,
    demux: VcDemux<Vec<VcSlot>>,
    assemblers: Vec<PacketAssembler<Vec<u8>>>,
    /// Frames and zone octets of each channel.
    routed: Vec<(u64, u64)>,
    frames: FrameLedger,
}

impl Chain {
    fn new(spec: &LinkSpec) -> Self {
        let declared = spec.declared_channels();
        Self {
            format: spec.frames.format().unwrap(),
            assemblers: declared.iter().map(|_| PacketAssembler::new(vec![0; 4096])).collect(),
            routed: vec![(0, 0); declared.len()],
            demux: VcDemux::new(declared.into_iter().map(VcSlot::new).collect()),
            frames: FrameLedger::default(),
        }
    }

    fn frame(
        &mut self,
        bytes: &[u8],
        mut meta: FrameMeta,
        take: &mut dyn FnMut(ccsds_core::id::Gvcid, &[u8]),
    ) {
        meta.quality.fecf = self.format.check_fecf(bytes);
        let account = &mut self.frames;
        match meta.quality.trust() {
            Trust::FecfFailed => return account.fecf_failed += 1,
            Trust::Uncorrectable => return account.uncorrectable += 1,
            Trust::Unverified => return account.unverified += 1,
            Trust::Trusted => {}
        }
        let Ok(frame) = self.format.parse(bytes) else { return account.malformed += 1 };
        let delivery = match self.demux.route(&frame, meta.quality) {
            Route::Channel(delivery) => delivery,
            Route::Idle => return account.idle += 1,
            Route::Malformed(_) => return account.malformed += 1,
            Route::Undeclared => return account.undeclared += 1,
            Route::Refused(_) | Route::Untrusted => panic!("a trusted frame was refused"),
        };
        match meta.quality.coding {
            _ if delivery.content.is_idle() => account.idle += 1,
            CodingQuality::Corrected { .. } => account.corrected += 1,
            _ => account.good += 1,
        }
        let (frames, octets) = &mut self.routed[delivery.vc.get()];
        *frames += 1;
        *octets += match delivery.content {
            Content::Packets(zone) => zone.octets.len() as u64,
            Content::Idle(octets) if delivery.continuity != Continuity::Repeat => octets.len() as u64,
            _ => 0,
        };
        let mut packets = self.assemblers[delivery.vc.get()].push(&delivery, &meta);
        while let Some(packet) = packets.next() {
            if packet.meta.quality.is_good() {
                take(packet.meta.gvcid, packet.bytes);
            }
        }
    }

    fn close(&self, cadus: u64) {
        assert_eq!(self.frames.total(), cadus, "every frame is in the account once");
        for ((slot, assembler), (frames, octets)) in
            self.demux.slots().iter().zip(&self.assemblers).zip(&self.routed)
        {
            assert_eq!(slot.counts().total(), *frames, "every count is in the account");
            assert_eq!(assembler.octets().total(), *octets, "every octet is in the account");
        }
    }
}

/// 131.0-B: the marker of turbo codes of rate 1/2.
const MARKER: [u8; 8] = [0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0];
