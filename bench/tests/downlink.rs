//! The simulator itself: the same seed gives the same pass, a stream equals a pass, odd specifications are refused.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::io;

use bench::sim::truth::ChannelTruth;
use bench::sim::{
    Downlink, Fate, Fault, FrameSpec, IdlePackets, IdleSpec, Impairments, Lengths, LinkSpec, PacketKind,
    Pass, Place, Protocol, Source, SpecError, Tolerance, Truth, When,
};
use ccsds_core::clcw::Ocf;
use ccsds_core::fecf::{Fecf, crc32};
use ccsds_core::id::Vcid;
use ccsds_core::quality::FecfQuality;
use frame_sync::line::LineCode;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn noisy() -> Impairments {
    Impairments { bit_error_rate: 1e-5, lead_bits: 999, cut_head_bits: 12, ..Impairments::default() }
        .with(When::Random(0.02), Fault::Drop)
        .with(When::Random(0.02), Fault::Repeat)
        .with(When::Random(0.01), Fault::Burst { at: Place::Anywhere, bits: 5000 })
        .with(When::Random(0.01), Fault::Delete { at: Place::Anywhere, bits: 1 })
        .with(When::Random(0.01), Fault::Insert { at: Place::Anywhere, bits: 20_000 })
        .with(When::Random(0.01), Fault::Invert { at: Place::Anywhere })
        .with(When::Random(0.02), Fault::MarkerErrors { bits: 5 })
        .with(When::Random(0.02), Fault::SymbolErrors { per_codeword: 16 })
}

/// The octets are part of the contract: benchmarks and recorded expectations rely on them. A change here is a change to every
/// simulated pass.
#[test]
fn a_seed_gives_the_same_pass_on_every_machine() {
    let digest = |spec: &LinkSpec, impairments: &Impairments| {
        crc32(&Pass::simulate(spec, impairments, 1, 200).unwrap().octets)
    };
    let links = [LinkSpec::aos_default(), LinkSpec::tm_default(), LinkSpec::uslp_default()];
    let digests = links.map(|spec| (digest(&spec, &Impairments::default()), digest(&spec, &noisy())));
    assert_eq!(
        digests,
        [(3_077_863_270, 2_126_996_353), (4_172_458_526, 3_451_315_705), (529_823_160, 3_753_067_487)]
    );
}

/// What both modes say of a channel.
fn summary(channel: &ChannelTruth) -> impl PartialEq + std::fmt::Debug + use<> {
    let ChannelTruth {
        gvcid, frames, counts, counts_are_exact, unseen_gaps, packet_fates, idle_fates, ..
    } = channel.clone();
    let mut lost = channel.packets.clone();
    lost.retain(|packet| packet.fate != Fate::Must);
    (gvcid, frames, counts, counts_are_exact, unseen_gaps, packet_fates, idle_fates, lost)
}

fn assert_same_truth(stream: &Truth, pass: &Truth) {
    for (stream, pass) in stream.channels.iter().zip(&pass.channels) {
        assert_eq!(summary(stream), summary(pass));
    }
    assert_eq!((&stream.codeword_errors, stream.unseen_damage), (&pass.codeword_errors, pass.unseen_damage));
}

#[test]
fn a_stream_in_bounded_memory_equals_a_pass_octet_for_octet_and_so_does_its_truth() {
    for line_code in [LineCode::NrzL, LineCode::NrzM] {
        for spec in [LinkSpec::aos_default(), LinkSpec::tm_default(), LinkSpec::uslp_default().uncoded()] {
            let spec = LinkSpec { line_code, ..spec };
            let pass = Pass::simulate(&spec, &noisy(), 7, 3000).unwrap();
            let mut octets = Vec::new();
            let total = pass.octets.len() as u64 - 1000;
            let truth = Downlink::new(&spec, &noisy(), 7).unwrap().write_to(&mut octets, total).unwrap();
            assert!(octets == pass.octets[..octets.len()]);
            assert_eq!(octets.len() as u64, total);

            // The stream ends with the frame that completes it.
            let made = truth.channels.iter().map(|channel| channel.frames.sent).sum::<u64>() as usize;
            let bits = Pass::simulate(&spec, &noisy(), 7, made).unwrap().bits;
            let faults = Impairments { cut_tail_bits: bits - total * 8, ..noisy() };
            assert_same_truth(&truth, &Pass::simulate(&spec, &faults, 7, made).unwrap().truth);
        }
    }
}

#[test]
fn the_pieces_of_a_downlink_are_its_octets_and_their_truth_ends_with_them() {
    let spec = LinkSpec::tm_default();
    let mut downlink = Downlink::new(&spec, &noisy(), 3).unwrap();
    let octets: Vec<u8> = downlink.by_ref().take(20).flatten().collect();
    let truth = downlink.finish();
    let mut again = Vec::new();
    let same = Downlink::new(&spec, &noisy(), 3).unwrap().write_to(&mut again, octets.len() as u64).unwrap();
    assert!(octets == again);
    // The one has made a frame more than the other, at most: all other fates are the same.
    assert_eq!(truth.frames(Fate::Must), same.frames(Fate::Must));
    assert_eq!(truth.packets(Fate::Must), same.packets(Fate::Must));
}

#[test]
fn an_empty_stream_has_an_empty_truth() {
    let spec = LinkSpec::aos_default();
    let truth = Downlink::new(&spec, &noisy(), 1).unwrap().write_to(&mut io::sink(), 0).unwrap();
    assert_eq!(truth.packets(Fate::Must) + truth.packets(Fate::May) + truth.packets(Fate::Lost), 0);
    let pass = Pass::simulate(&spec, &Impairments::default(), 1, 0).unwrap();
    assert_eq!((pass.octets.len(), pass.bits), (0, 0));
    assert!(pass.truth.check(IdlePackets::Counted).finish().is_satisfied());
}

#[test]
fn a_link_that_lets_nothing_through_ends_with_an_error_and_not_never() {
    let nothing = Impairments::default().with(When::Always, Fault::Drop);
    let mut downlink = Downlink::new(&LinkSpec::aos_default(), &nothing, 1).unwrap();
    assert_eq!(downlink.next(), None);
    let error = downlink.write_to(&mut io::sink(), 1).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn every_optional_field_is_where_a_receiver_reads_it() {
    let aos = FrameSpec {
        protocol: Protocol::Aos { cycle: true, header_error_control: true },
        len: 300,
        extra: 17,
        ocf: true,
        fecf: Fecf::Crc16,
    };
    let frames = [
        aos,
        FrameSpec { protocol: Protocol::Tm, ..aos },
        FrameSpec { protocol: Protocol::Uslp { count_len: 7 }, fecf: Fecf::Crc32, ..aos },
    ];
    for frames in frames {
        let mut spec = LinkSpec { frames, coding: None, scid: 0x3A5, ..LinkSpec::aos_default() };
        spec.randomizer = frame_sync::randomizer::Randomizer::NONE;
        spec.channels.truncate(2);
        spec.idle = IdleSpec { vcid: 1, weight: 1, first_count: 0 };
        let pass = Pass::simulate(&spec, &Impairments::default(), 1, 50).unwrap();
        let format = frames.format().unwrap();
        for (number, cadu) in pass.octets.chunks_exact(304).enumerate() {
            let frame = &cadu[4..];
            assert_eq!(format.check_fecf(frame), FecfQuality::Valid);
            let frame = format.parse(frame).unwrap();
            assert_eq!(frame.gvcid().scid.get(), 0x3A5);
            let Some(Ocf::Clcw(clcw)) = frame.ocf().map(Ocf::from_bytes) else {
                panic!("a CLCW in every frame")
            };
            assert_eq!((clcw.vcid(), clcw.cop_in_effect()), (frame.gvcid().vcid, 1));
            assert_eq!(usize::from(clcw.report_value()), number);
            let (expected, extra) = match frames.protocol {
                Protocol::Tm => (16, &frame.secondary_header()[1..]),
                Protocol::Aos { .. } | Protocol::Uslp { .. } => (17, frame.insert_zone()),
            };
            assert_eq!(extra.len(), expected);
            assert_eq!(extra[..8], (number as u64).to_be_bytes());
            let channel = &pass.truth.channels[pass.truth.cadus[number].channel];
            assert_eq!(channel.gvcid, frame.gvcid());
            assert_eq!(pass.truth.cadus[number].number, frame.vc_frame_count().value());
        }
    }
}

#[test]
fn channels_send_in_proportion_to_their_weights() {
    let pass = Pass::simulate(&LinkSpec::aos_default(), &Impairments::default(), 1, 1200).unwrap();
    let sent: Vec<_> = pass.truth.channels.iter().map(|channel| channel.frames.sent).collect();
    assert_eq!(sent, [100, 100, 200, 600, 200]);
    assert_eq!(pass.truth.channels[4].gvcid.vcid, Vcid::ONLY_IDLE_DATA);
}

#[test]
fn specifications_that_contradict_themselves_are_refused() {
    let aos = LinkSpec::aos_default;
    let mut spec = aos();
    spec.frames.len = 891;
    assert_eq!(spec.check(), Err(SpecError::CodeLength { frame: 891, code: 892 }));
    assert_eq!(LinkSpec { scid: 1024, ..aos() }.check(), Err(SpecError::Scid { scid: 1024, bits: 10 }));
    assert!(matches!(LinkSpec { marker: vec![], ..aos() }.check(), Err(SpecError::Marker(_))));
    assert_eq!(
        LinkSpec { idle: IdleSpec { vcid: 63, weight: 0, first_count: 0 }, channels: vec![], ..aos() }
            .check(),
        Err(SpecError::NoChannel)
    );
    let mut spec = aos();
    spec.channels[1].vcid = 0;
    assert_eq!(spec.check(), Err(SpecError::SameVcid { vcid: 0 }));
    let mut spec = aos();
    spec.channels[1].sources.clear();
    assert_eq!(spec.check(), Err(SpecError::NoSource { vcid: 1 }));
    let mut spec = LinkSpec::tm_default();
    spec.channels[0].vcid = 8;
    assert_eq!(spec.check(), Err(SpecError::Vcid { vcid: 8, max: 7 }));
    let mut spec = aos();
    spec.channels[0].sources = vec![Source::space(0x7FF, Lengths::Fixed(10), 1)];
    assert_eq!(spec.check(), Err(SpecError::Apid { apid: 0x7FF }));
    let forever =
        Impairments::default().with(When::Always, Fault::Insert { at: Place::BOUNDARY, bits: u64::MAX });
    assert!(matches!(Pass::simulate(&aos(), &forever, 1, 1), Err(SpecError::Impairment { .. })));
}

fn any_frames() -> impl Strategy<Value = FrameSpec> {
    let protocol = prop_oneof![
        (any::<bool>(), any::<bool>())
            .prop_map(|(cycle, header_error_control)| Protocol::Aos { cycle, header_error_control }),
        Just(Protocol::Tm),
        (0u8..10).prop_map(|count_len| Protocol::Uslp { count_len }),
    ];
    let fecf = prop_oneof![Just(Fecf::Absent), Just(Fecf::Crc16), Just(Fecf::Crc32)];
    (protocol, prop_oneof![0usize..60, 0usize..70_000], 0usize..100, any::<bool>(), fecf)
        .prop_map(|(protocol, len, extra, ocf, fecf)| FrameSpec { protocol, len, extra, ocf, fecf })
}

fn any_source() -> impl Strategy<Value = Source> {
    let kind = prop_oneof![
        (0u16..3000).prop_map(|apid| PacketKind::Space { apid }),
        (0u8..9).prop_map(|protocol| PacketKind::Encapsulation { protocol }),
        Just(PacketKind::IdleSpace),
        Just(PacketKind::IdleEncapsulation),
    ];
    let lengths = prop_oneof![
        (0usize..70_000).prop_map(Lengths::Fixed),
        (0usize..300, 0usize..300).prop_map(|(min, max)| Lengths::Uniform { min, max }),
        (0usize..300, 0usize..70_000).prop_map(|(min, max)| Lengths::Octaves { min, max }),
    ];
    (kind, lengths, 0u32..4).prop_map(|(kind, lengths, weight)| Source { kind, lengths, weight })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(2),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_specification_makes_the_simulator_panic(
        frames in any_frames(),
        scid: u16,
        vcids in proptest::collection::vec((0u8..80, any::<u32>(), any::<u64>()), 0..3),
        sources in proptest::collection::vec(any_source(), 1..4),
        idle in (0u8..80, 0u32..3),
        marker in proptest::collection::vec(any::<u8>(), 0..26),
        fill_bits in 0u32..50,
        tolerance: [u8; 4],
        rate: f64,
        seed: u64,
    ) {
        let mut spec = LinkSpec::aos_default().uncoded();
        spec.channels.truncate(vcids.len());
        for (channel, (vcid, weight, first_count)) in spec.channels.iter_mut().zip(vcids) {
            (channel.vcid, channel.weight, channel.first_count) = (vcid, weight, first_count);
            channel.sources.clone_from(&sources);
        }
        let [search_errors, lock_errors, flywheel, slip] = tolerance.map(|value| value % 12);
        let spec = LinkSpec {
            frames,
            scid,
            idle: IdleSpec { vcid: idle.0, weight: idle.1, first_count: seed },
            marker,
            fill_bits,
            tolerance: Tolerance { search_errors, lock_errors, flywheel, slip },
            ..spec
        };
        let impairments = Impairments { bit_error_rate: rate, ..noisy() }
            .with(When::Every { period: 0, first: 3 }, Fault::Invert { at: Place::Bit(u32::MAX) })
            .with(When::Random(rate), Fault::MarkerErrors { bits: u32::MAX })
            .with(When::Random(0.1), Fault::SymbolErrors { per_codeword: usize::MAX });
        match Pass::simulate(&spec, &impairments, seed, 12) {
            Ok(pass) => {
                prop_assert!(spec.sync_config().is_ok());
                prop_assert_eq!(pass.octets.len() as u64, pass.bits.div_ceil(8));
                prop_assert_eq!(pass.truth.channels.iter().map(|channel| channel.frames.sent).sum::<u64>(), 12);
                prop_assert!(pass.truth.channels.iter().all(|channel| channel.frames.fates.total() == channel.frames.sent));
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
