//! Packets through a simulated downlink, the receive chain and back: every packet, every count, every bit is accounted for.
//!
//! What must come out is decided by the simulator's truth, which knows what was done to the bits and never looks at an answer.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

mod chain;

use std::collections::BTreeSet;

use bench::sim::{
    ChannelSpec, Fate, Fault, IdleSpec, Impairments, Lengths, LinkSpec, PacketKind, Pass, Place, Protocol,
    SentPacket, Source, Tolerance, When,
};
use ccsds_core::fecf::Fecf;
use ccsds_core::quality::{CodingQuality, PacketQuality, SyncQuality};
use chain::{Cut, assert_satisfied, decode, judge, with_pipeline, with_pipeline_each, with_receiver};
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SEED: u64 = 0x5EED;

/// Every protocol, coded and uncoded.
fn links() -> Vec<(&'static str, LinkSpec)> {
    vec![
        ("AOS coded", LinkSpec::aos_default()),
        ("AOS uncoded", LinkSpec::aos_default().uncoded()),
        ("TM coded", LinkSpec::tm_default()),
        ("TM uncoded", LinkSpec::tm_default().uncoded()),
        ("USLP coded", LinkSpec::uslp_default()),
        ("USLP uncoded", LinkSpec::uslp_default().uncoded()),
    ]
}

fn pass(spec: &LinkSpec, impairments: &Impairments, frames: usize) -> Pass {
    Pass::simulate(spec, impairments, SEED, frames).unwrap()
}

fn clean(spec: &LinkSpec, frames: usize) -> Pass {
    pass(spec, &Impairments::default(), frames)
}

fn one(when: u64, fault: Fault) -> Impairments {
    Impairments::default().with(When::at([when]), fault)
}

/// Complete packets that have an octet in frame `number` of a channel.
fn packets_touching(pass: &Pass, channel: usize, number: u64) -> BTreeSet<usize> {
    let packets = pass.truth.channels[channel].packets.iter().enumerate();
    packets
        .filter(|(_, packet)| packet.sent.last_frame != SentPacket::NEVER)
        .filter(|(_, packet)| (packet.sent.first_frame..=packet.sent.last_frame).contains(&number))
        .map(|(index, _)| index)
        .collect()
}

/// Packets that are lost though the pass did not end before them.
fn lost_packets(pass: &Pass, channel: usize) -> BTreeSet<usize> {
    let packets = pass.truth.channels[channel].packets.iter().enumerate();
    packets
        .filter(|(_, packet)| packet.fate == Fate::Lost && packet.sent.last_frame != SentPacket::NEVER)
        .map(|(index, _)| index)
        .collect()
}

/// The fault, which strikes CADU `cadu`, costs the packets that touch its frame and no others.
fn assert_costs_only(spec: &LinkSpec, impairments: &Impairments, cadu: usize) {
    let pass = pass(spec, impairments, 60);
    assert_satisfied(spec, &pass);
    let struck = pass.truth.cadus[cadu];
    assert_eq!(struck.fate, Fate::Lost);
    assert_eq!(pass.truth.frames(Fate::Lost), 1);
    assert_eq!(pass.truth.frames(Fate::May), 0);
    for channel in 0..pass.truth.channels.len() {
        let expected = if channel == struck.channel {
            packets_touching(&pass, channel, struck.number)
        } else {
            BTreeSet::new()
        };
        assert_eq!(lost_packets(&pass, channel), expected);
    }
}

/// The impairments cost nothing at all.
fn assert_costs_nothing(spec: &LinkSpec, impairments: &Impairments) -> Pass {
    let pass = pass(spec, impairments, 60);
    let (_, decoded) = assert_satisfied(spec, &pass);
    assert_eq!((pass.truth.frames(Fate::Lost), pass.truth.frames(Fate::May)), (0, 0));
    assert_eq!(pass.truth.packets(Fate::May), 0);
    assert!(decoded.packets.iter().all(|packet| packet.meta.quality.is_good()));
    pass
}

#[test]
fn a_clean_pass_comes_out_whole_and_every_account_closes() {
    for (name, spec) in links() {
        let pass = clean(&spec, 300);
        assert_eq!(pass.bits, 300 * spec.cadu_bits() as u64, "{name}");
        let (reception, decoded) = assert_satisfied(&spec, &pass);
        assert_eq!(reception.frames.len(), 300, "{name}");
        assert_eq!(pass.truth.frames(Fate::Must), 300, "{name}");
        let decoder = spec.coding.map(RsDecoder::new);
        for (frame, cadu) in reception.frames.iter().zip(&pass.truth.cadus) {
            let quality = frame.meta.quality;
            assert_eq!(Some(frame.meta.stream_bit), cadu.stream_bit);
            assert_eq!((quality.sync, quality.asm_errors, quality.inverted), (SyncQuality::Locked, 0, false));
            let coding = if decoder.is_some() { CodingQuality::Clean } else { CodingQuality::Unchecked };
            assert_eq!(quality.coding, coding);
        }
        for (index, (truth, channel)) in pass.truth.channels.iter().zip(&decoded.channels).enumerate() {
            let sent: Vec<_> = (0..truth.packets.len())
                .filter(|&i| truth.packets[i].fate == Fate::Must && !truth.packets[i].sent.kind.is_idle())
                .map(|i| truth.packet_octets(i).unwrap())
                .collect();
            assert_eq!(decoded.good(channel.gvcid), sent, "{name}: packets of {}", truth.gvcid);
            assert_eq!(channel.counts.missing + channel.counts.repeats + channel.counts.restarts, 0);
            assert_eq!(channel.octets.lost(), 0, "{name}");
            // Only the packet under way is missing.
            let unfinished = truth.packets.iter().filter(|packet| packet.fate != Fate::Must).count();
            assert!(unfinished <= 1, "{name}: channel {index}");
        }
        assert!(decoded.packets.iter().all(|packet| packet.meta.quality == PacketQuality::GOOD));
    }
}

/// No allocator in the one, any number of threads in the other; any window, any cut, any bit offset, either polarity.
#[test]
fn receiver_and_pipeline_agree_for_any_threads_cut_offset_and_polarity() {
    let faults = Impairments { bit_error_rate: 2e-5, ..Impairments::default() }
        .with(When::at([9]), Fault::Drop)
        .with(When::at([14]), Fault::Repeat)
        .with(When::at([21]), Fault::Delete { at: Place::Block, bits: 1 })
        .with(When::at([26]), Fault::Insert { at: Place::Block, bits: 777 })
        .with(When::at([31]), Fault::Invert { at: Place::BOUNDARY })
        .with(When::at([37]), Fault::MarkerErrors { bits: 12 });
    let pools =
        [1, 2, 3, 8].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let cuts =
        [Cut::Every(1), Cut::Every(7), Cut::Every(64), Cut::Every(5000), Cut::Random(SEED), Cut::Whole];
    for (name, spec) in links() {
        for turn in 0..16 {
            let (offset, inverted) = (turn % 8, turn >= 8);
            let impairments =
                Impairments { inverted, lead_bits: offset + 40, cut_head_bits: 40, ..faults.clone() };
            let pass = pass(&spec, &impairments, 45);
            let whole = with_receiver(&spec, &pass.octets, Cut::Whole, 0);
            assert!(whole.frames.len() >= 40, "{name}, {turn}: {:?}", whole.stats);
            for (cut, index) in cuts.into_iter().zip(turn as usize..) {
                let spare = [0, 1, 1000, 100_000][index % 4];
                assert!(
                    with_receiver(&spec, &pass.octets, cut, spare) == whole,
                    "{name}, {turn}, {cut:?}, {spare}"
                );
                // One octet at a time a pipeline is slow: once for each link is enough.
                if turn == 3 || !matches!(cut, Cut::Every(1)) {
                    let pool = &pools[index % pools.len()];
                    let batches = pool.install(|| with_pipeline(&spec, &pass.octets, cut));
                    let what = format!("{name}, {turn}, {cut:?}, {} threads", pool.current_num_threads());
                    assert!(batches == whole, "{what}");
                    let each = pool.install(|| with_pipeline_each(&spec, &pass.octets, cut));
                    assert!(each == whole, "{what}");
                }
            }
        }
    }
}

#[test]
fn errors_up_to_the_codes_capability_cost_nothing_and_are_counted_exactly() {
    for e in [RsE::E8, RsE::E16] {
        for (interleave, fill) in
            [(Interleave::I1, 0), (Interleave::I4, 3), (Interleave::I5, 0), (Interleave::I8, 100)]
        {
            let code = RsConfig::new(e, interleave, fill, Basis::Dual).unwrap();
            let mut spec = LinkSpec::aos_default();
            (spec.coding, spec.frames.len) = (Some(code), code.frame_len());
            let faults =
                Impairments::default().with(When::Always, Fault::SymbolErrors { per_codeword: e.errors() });
            let pass = assert_costs_nothing(&spec, &faults);
            let (reception, ..) = judge(&spec, &pass);
            let symbols = (e.errors() * interleave.depth()) as u16;
            for frame in &reception.frames {
                assert_eq!(frame.meta.quality.coding, CodingQuality::Corrected { symbols });
            }
            assert_eq!(pass.truth.codeword_errors[e.errors()], 60 * interleave.depth() as u64);
        }
    }
}

#[test]
fn one_error_more_than_the_code_corrects_loses_that_frame_and_no_other() {
    for (name, spec) in links() {
        let Some(code) = spec.coding else { continue };
        let fault = Fault::SymbolErrors { per_codeword: code.e().errors() + 1 };
        assert_costs_only(&spec, &one(23, fault), 23);
        let pass = pass(&spec, &one(23, fault), 60);
        let (reception, ..) = judge(&spec, &pass);
        let codewords = code.interleave().depth() as u8;
        assert_eq!(
            reception.frames[23].meta.quality.coding,
            CodingQuality::Uncorrectable { codewords },
            "{name}"
        );
    }
}

#[test]
fn a_wrong_octet_in_a_frame_guarded_by_its_fecf_alone_loses_that_frame_and_no_other() {
    for (_, spec) in links() {
        if spec.coding.is_none() {
            assert_costs_only(&spec, &one(31, Fault::SymbolErrors { per_codeword: 1 }), 31);
        }
    }
}

#[test]
fn a_lost_frame_costs_only_the_packets_it_touched() {
    for (name, spec) in links() {
        for dropped in [3, 10, 11, 24, 35] {
            let pass = pass(&spec, &one(dropped, Fault::Drop), 60);
            let (_, decoded) = assert_satisfied(&spec, &pass);
            let undamaged = clean(&spec, 60);
            let CaduOf { channel, number } = cadu_of(&undamaged, dropped as usize);
            let idle_only = channel >= spec.channels.len();
            for index in 0..pass.truth.channels.len() {
                let touched = if index == channel && !idle_only {
                    packets_touching(&pass, index, number)
                } else {
                    BTreeSet::new()
                };
                assert_eq!(lost_packets(&pass, index), touched, "{name}");
                // Nobody misses the first frame of a channel.
                let missed =
                    index == channel && number > 0 && number + 1 < pass.truth.channels[index].frames.sent;
                assert_eq!(decoded.channels[index].counts.missing, u64::from(missed), "{name}");
            }
        }
    }
}

struct CaduOf {
    channel: usize,
    number: u64,
}

fn cadu_of(pass: &Pass, cadu: usize) -> CaduOf {
    CaduOf { channel: pass.truth.cadus[cadu].channel, number: pass.truth.cadus[cadu].number }
}

#[test]
fn a_slip_within_tolerance_costs_only_the_frame_it_hit() {
    for (_, spec) in links() {
        for at in [Place::Bit(1500), Place::Bit(4000)] {
            for bits in [1, 2] {
                assert_costs_only(&spec, &one(17, Fault::Delete { at, bits }), 17);
                assert_costs_only(&spec, &one(17, Fault::Insert { at, bits }), 17);
            }
        }
    }
}

#[test]
fn a_slip_between_two_cadus_costs_nothing() {
    for (_, spec) in links() {
        for bits in [1, 2, 3, 50, 4001, 30_000] {
            assert_costs_nothing(&spec, &one(17, Fault::Insert { at: Place::BOUNDARY, bits }));
        }
    }
}

#[test]
fn bits_lost_in_the_frame_before_the_last_do_not_cost_the_last_one() {
    for (name, spec) in links() {
        for bits in [1, 2] {
            // The recording ends with the last CADU, without a bit to complete its last octet.
            let faults = one(58, Fault::Delete { at: Place::Bit(4000), bits });
            let pass = pass(&spec, &Impairments { lead_bits: bits, ..faults }, 60);
            let (reception, ..) = assert_satisfied(&spec, &pass);
            assert_eq!(reception.frames.len(), 60, "{name}");
        }
        // Two whole CADUs follow a large loss; the second confirms the first.
        assert_satisfied(
            &spec,
            &pass(&spec, &one(57, Fault::Delete { at: Place::Bit(1000), bits: 2000 }), 60),
        );
        // One and its successor's marker follow.
        let faults = one(57, Fault::Delete { at: Place::Bit(1000), bits: 2000 });
        let cut_tail_bits = spec.cadu_bits() as u64 - 64;
        assert_satisfied(&spec, &pass(&spec, &Impairments { cut_tail_bits, ..faults }, 60));
    }
}

#[test]
fn a_large_deletion_or_insertion_costs_only_the_frame_it_hit() {
    for (_, spec) in links() {
        let cadu = spec.cadu_bits() as u64;
        for bits in [3, 29, 1000, cadu - 2000] {
            assert_costs_only(&spec, &one(17, Fault::Delete { at: Place::Bit(1500), bits }), 17);
        }
        for bits in [3, 29, 1000, cadu - 1, cadu, cadu + 1, 5 * cadu + 77] {
            assert_costs_only(&spec, &one(17, Fault::Insert { at: Place::Bit(1500), bits }), 17);
        }
    }
}

#[test]
fn losing_a_whole_number_of_cadus_of_bits_leaves_the_lock_in_place() {
    for (name, spec) in links() {
        let bits = 3 * spec.cadu_bits() as u64;
        let pass = pass(&spec, &one(17, Fault::Delete { at: Place::Bit(1500), bits }), 60);
        let (reception, ..) = assert_satisfied(&spec, &pass);
        assert_eq!(pass.truth.frames(Fate::Lost), 4, "{name}");
        assert_eq!((reception.stats.locks, reception.stats.slips), (1, 0), "{name}");
    }
}

#[test]
fn a_polarity_change_between_two_cadus_costs_nothing() {
    for (_, spec) in links() {
        let faults = Impairments::default()
            .with(When::Every { period: 7, first: 5 }, Fault::Invert { at: Place::BOUNDARY });
        assert_costs_nothing(&spec, &faults);
        assert_costs_nothing(&spec, &Impairments { inverted: true, ..faults });
    }
}

#[test]
fn a_polarity_change_inside_a_cadu_costs_only_that_one() {
    for (_, spec) in links() {
        assert_costs_only(&spec, &one(17, Fault::Invert { at: Place::Bit(3333) }), 17);
    }
}

#[test]
fn a_repeated_frame_repeats_no_packet_and_loses_none() {
    for (name, spec) in links() {
        let faults = Impairments::default().with(When::Every { period: 5, first: 2 }, Fault::Repeat);
        let pass = assert_costs_nothing(&spec, &faults);
        let (reception, decoded, _) = judge(&spec, &pass);
        assert_eq!(reception.frames.len(), 72, "{name}");
        assert_eq!(decoded.channels.iter().map(|channel| channel.counts.repeats).sum::<u64>(), 12, "{name}");
    }
}

#[test]
fn one_good_copy_of_a_repeated_frame_is_enough() {
    for (_, spec) in links() {
        let errors = spec.coding.map_or(1, |code| code.e().errors() + 1);
        let repeated = one(20, Fault::Repeat);
        for copy in [20, 21] {
            let faults =
                repeated.clone().with(When::at([copy]), Fault::SymbolErrors { per_codeword: errors });
            assert_costs_nothing(&spec, &faults);
        }
    }
}

#[test]
fn a_truncated_tail_is_pending() {
    for (name, spec) in links() {
        for cut in [8, 100, 5000] {
            let pass = pass(&spec, &Impairments { cut_tail_bits: cut, ..Impairments::default() }, 60);
            let (reception, ..) = assert_satisfied(&spec, &pass);
            assert_eq!(reception.frames.len(), 59, "{name}");
            let rest = pass.octets.len() as u64 * 8 - 59 * spec.cadu_bits() as u64;
            assert_eq!(reception.stats.bits.pending, rest, "{name}");
            assert_eq!(pass.truth.frames(Fate::Lost), 1, "{name}");
        }
    }
}

#[test]
fn a_recording_that_begins_inside_a_frame_loses_that_frame_and_no_other() {
    for (name, spec) in links() {
        for cut in [1, 31, 32, 33, 5001] {
            let pass = pass(&spec, &Impairments { cut_head_bits: cut, ..Impairments::default() }, 60);
            let (reception, ..) = assert_satisfied(&spec, &pass);
            assert_eq!(reception.frames.len(), 59, "{name}");
            assert_eq!(pass.truth.frames(Fate::Must), 59, "{name}");
        }
    }
}

#[test]
fn up_to_three_damaged_markers_in_a_row_cost_nothing() {
    for (name, spec) in links() {
        for run in 1..=3 {
            let faults =
                Impairments::default().with(When::at(20..20 + run), Fault::MarkerErrors { bits: 11 });
            let pass = assert_costs_nothing(&spec, &faults);
            let (reception, ..) = judge(&spec, &pass);
            assert_eq!(reception.stats.flywheel, run, "{name}");
        }
    }
}

#[test]
fn a_damaged_marker_at_the_start_delays_the_lock_by_one_frame() {
    for (name, spec) in links() {
        let pass = pass(&spec, &one(0, Fault::MarkerErrors { bits: 1 }), 60);
        let (reception, ..) = assert_satisfied(&spec, &pass);
        assert_eq!(pass.truth.cadus[0].fate, Fate::May);
        assert_eq!(reception.frames.len(), 59, "{name}");
        // The second marker damaged instead, the third confirms the first.
        assert_costs_nothing(&spec, &one(1, Fault::MarkerErrors { bits: 9 }));
    }
}

#[test]
fn reported_damage_equals_the_damage_done() {
    for (name, spec) in links() {
        let faults = Impairments { bit_error_rate: 3e-4, inverted: true, ..Impairments::default() }
            .with(When::Random(0.1), Fault::Burst { at: Place::Anywhere, bits: 90 });
        let pass = pass(&spec, &faults, 300);
        let (reception, ..) = assert_satisfied(&spec, &pass);
        let mut cadus = pass.truth.cadus.iter();
        for frame in &reception.frames {
            let Some(cadu) = cadus.find(|cadu| cadu.stream_bit == Some(frame.meta.stream_bit)) else {
                panic!("{name}: a frame where none was sent");
            };
            assert_eq!(u32::from(frame.meta.quality.asm_errors), cadu.marker_errors, "{name}");
            if let (Some(code), CodingQuality::Corrected { symbols }) =
                (spec.coding, frame.meta.quality.coding)
            {
                let errors = &cadu.symbol_errors[..code.interleave().depth()];
                assert_eq!(symbols, errors.iter().sum::<u16>(), "{name}");
            }
        }
        assert!(pass.truth.frames(Fate::Must) > 5, "{name}");
    }
}

#[test]
fn counts_wrap_without_a_gap_and_a_loss_across_the_wrap_is_counted() {
    let tm = LinkSpec::tm_default();
    let aos = |cycle| {
        let mut spec = LinkSpec::aos_default();
        spec.frames.protocol = Protocol::Aos { cycle, header_error_control: cycle };
        spec
    };
    let uslp = |count_len| {
        let mut spec = LinkSpec::uslp_default();
        spec.frames.protocol = Protocol::Uslp { count_len };
        spec
    };
    let specs = [tm, aos(false), aos(true), uslp(1), uslp(2), uslp(3), uslp(4), uslp(5), uslp(6), uslp(7)];
    for mut spec in specs {
        let turn = 1u64 << spec.frames.count_bits();
        for channel in &mut spec.channels {
            channel.first_count = turn - 5;
        }
        spec.idle.first_count = turn - 2;
        let pass = assert_costs_nothing(&spec, &Impairments::default());
        assert!(pass.truth.channels.iter().any(|channel| channel.frames.sent > 5));
        let dropped = Impairments::default().with(When::at(12..30), Fault::Drop);
        let pass = self::pass(&spec, &dropped, 60);
        let (_, decoded) = assert_satisfied(&spec, &pass);
        assert_eq!(decoded.channels.iter().map(|channel| channel.counts.missing).sum::<u64>(), 18);
    }
}

/// A channel whose frames are not counted cannot know of a loss; packets that the pointer contradicts are flagged.
#[test]
fn without_a_frame_count_a_lost_frame_costs_only_the_packets_it_touched() {
    let mut spec = LinkSpec::uslp_default();
    spec.frames.protocol = Protocol::Uslp { count_len: 0 };
    let faults = Impairments::default().with(When::Random(0.1), Fault::Drop);
    let pass = pass(&spec, &faults, 600);
    assert!(pass.truth.channels.iter().any(|channel| channel.unseen_gaps > 5));
    assert_satisfied(&spec, &pass);
}

/// 256 frames lost look like none: the packets on both sides stay apart all the same, because the pointer tells.
#[test]
fn a_loss_of_a_whole_turn_of_the_counter_harms_only_the_packets_it_touched() {
    let mut spec = LinkSpec::tm_default();
    spec.channels.truncate(1);
    spec.idle.weight = 0;
    let pass = pass(&spec, &Impairments::default().with(When::at(10..266), Fault::Drop), 300);
    assert_eq!(pass.truth.channels[0].unseen_gaps, 1);
    let (_, decoded) = assert_satisfied(&spec, &pass);
    assert_eq!(decoded.channels[0].counts.missing, 0);
}

#[test]
fn idle_frames_amid_a_channels_packets_do_not_break_them() {
    for (name, mut spec) in links() {
        spec.idle = IdleSpec { vcid: spec.channels[0].vcid, weight: 3, first_count: 0 };
        let pass = assert_costs_nothing(&spec, &Impairments::default());
        let (_, decoded, _) = judge(&spec, &pass);
        assert!(decoded.frames.idle > 10, "{name}");
        let spans = pass.truth.channels[0]
            .packets
            .iter()
            .any(|packet| packet.sent.last_frame > packet.sent.first_frame + 1);
        assert!(spans, "{name}: a packet is interrupted by an idle frame");
    }
}

#[test]
fn headers_that_span_frames_and_packets_of_every_length_come_out_whole() {
    for (_, mut spec) in links() {
        // Frames so short that packet headers often span two of them, and encapsulation headers three.
        let zone = spec.frames.zone_len().unwrap();
        spec.coding = None;
        spec.frames.fecf = Fecf::Crc16;
        spec.frames.len -= zone;
        for zone in [1, 2, 3, 5, 7, 16] {
            let mut spec = spec.clone();
            spec.frames.len += zone + 4;
            spec.channels.truncate(1);
            spec.channels[0].sources = vec![
                Source::space(9, Lengths::Octaves { min: 7, max: 400 }, 3),
                Source::encapsulation(3, Lengths::Uniform { min: 10, max: 300 }, 3),
                Source {
                    kind: PacketKind::IdleEncapsulation,
                    lengths: Lengths::Uniform { min: 1, max: 20 },
                    weight: 2,
                },
                Source::idle_octets(1),
            ];
            if spec.frames.zone_len().is_none() {
                continue;
            }
            let pass = clean(&spec, 3000);
            assert_satisfied(&spec, &pass);
            assert!(pass.truth.packets(Fate::Must) > 20);
        }
    }
}

#[test]
fn the_longest_packets_come_out_whole() {
    for (name, mut spec) in links() {
        spec.channels = vec![ChannelSpec::new(
            2,
            1,
            vec![
                Source::space(9, Lengths::Fixed(65_542), 1),
                Source::encapsulation(4, Lengths::Fixed(65_536), 1),
            ],
        )];
        spec.idle.weight = 0;
        let pass = clean(&spec, 500);
        assert_satisfied(&spec, &pass);
        assert!(pass.truth.packets(Fate::Must) > 3, "{name}");
    }
}

#[test]
fn every_line_code_comes_out_the_same_in_either_polarity() {
    for line_code in [LineCode::NrzM, LineCode::NrzS] {
        for (_, mut spec) in links() {
            spec.line_code = line_code;
            let faults = Impairments::default().with(When::at([20]), Fault::Invert { at: Place::Bit(2) });
            assert_costs_nothing(&spec, &Impairments { lead_bits: 13, ..faults });
            if spec.coding.is_some() {
                let noise = Impairments {
                    bit_error_rate: 1e-4,
                    inverted: true,
                    lead_bits: 7,
                    ..Impairments::default()
                };
                assert_satisfied(&spec, &pass(&spec, &noise, 60));
            }
        }
    }
}

#[test]
fn every_marker_randomizer_and_cadu_length_comes_out_whole() {
    let markers: [&[u8]; 5] = [
        &[0xFA, 0xF3, 0x20],
        &[0x35, 0x2E, 0xF8, 0x53],
        &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0],
        &[0x25, 0xD5, 0xC0, 0xCE, 0x89, 0x90, 0xF6, 0xC9, 0x46, 0x1B, 0xF7, 0x9C],
        &[
            0x25, 0xD5, 0xC0, 0xCE, 0x89, 0x90, 0xF6, 0xC9, 0x46, 0x1B, 0xF7, 0x9C, 0xDA, 0x2A, 0x3F, 0x31,
            0x76, 0x6F, 0x09, 0x36, 0xB9, 0xE4, 0x08, 0x63,
        ],
    ];
    let randomizers = [Randomizer::NONE, Randomizer::CCSDS_255, Randomizer::CCSDS_131071];
    for (turn, (_, mut spec)) in links().into_iter().enumerate() {
        for (index, marker) in markers.into_iter().enumerate() {
            for fill_bits in [0, 3, 8, 29] {
                spec.marker = marker.to_vec();
                spec.fill_bits = fill_bits;
                spec.randomizer = randomizers[(index + turn) % 3];
                let faults = one(20, Fault::Insert { at: Place::BOUNDARY, bits: 12 });
                assert_costs_nothing(&spec, &Impairments { lead_bits: 100, ..faults });
            }
        }
    }
}

/// One public pipeline has CADUs of 331 bits.
#[test]
fn a_cadu_that_is_no_whole_number_of_octets_is_followed_for_ever() {
    let mut spec = LinkSpec::tm_default().uncoded();
    (spec.frames.len, spec.frames.ocf, spec.fill_bits) = (37, false, 3);
    assert_eq!(spec.cadu_bits(), 331);
    let pass = clean(&spec, 2000);
    let (reception, ..) = assert_satisfied(&spec, &pass);
    assert_eq!((reception.frames.len(), reception.stats.locks), (2000, 1));
}

#[test]
fn a_frame_that_nothing_guards_is_trusted_in_lock_alone() {
    for (_, mut spec) in links() {
        (spec.coding, spec.frames.fecf) = (None, Fecf::Absent);
        assert_costs_nothing(&spec, &Impairments::default());
        let pass = pass(&spec, &Impairments { bit_error_rate: 1e-5, ..Impairments::default() }, 200);
        assert!(pass.truth.unseen_damage > 0);
        assert_satisfied(&spec, &pass);
    }
}

#[test]
fn nothing_comes_of_nothing() {
    for (name, spec) in links() {
        let inputs = [vec![], vec![0x1A], vec![0; 20_000], vec![0xFF; 20_000], vec![0xAA; 20_000]];
        for octets in inputs {
            let reception = with_receiver(&spec, &octets, Cut::Whole, 0);
            assert!(reception == with_pipeline(&spec, &octets, Cut::Every(3000)), "{name}");
            assert!(reception == with_pipeline_each(&spec, &octets, Cut::Whole), "{name}");
            assert!(reception.frames.is_empty(), "{name}");
            assert_eq!(reception.stats.bits.total(), octets.len() as u64 * 8, "{name}");
            decode(&spec, &reception.frames);
        }
    }
}

/// Up to four faults of any kind anywhere, with noise, edges and either polarity.
fn any_impairments() -> impl Strategy<Value = Impairments> {
    let place = prop_oneof![
        Just(Place::Anywhere),
        Just(Place::Block),
        Just(Place::BOUNDARY),
        (0u32..600).prop_map(Place::Bit),
        (0u32..20_000).prop_map(Place::Bit),
    ];
    let bits = prop_oneof![1u64..4, 1u64..200, 1u64..40_000];
    let fault = prop_oneof![
        (place.clone(), 1u32..3000).prop_map(|(at, bits)| Fault::Burst { at, bits }),
        (place.clone(), bits.clone()).prop_map(|(at, bits)| Fault::Delete { at, bits }),
        Just(Fault::Drop),
        (place.clone(), bits).prop_map(|(at, bits)| Fault::Insert { at, bits }),
        place.prop_map(|at| Fault::Invert { at }),
        (1u32..32).prop_map(|bits| Fault::MarkerErrors { bits }),
        Just(Fault::Repeat),
        (1usize..20).prop_map(|per_codeword| Fault::SymbolErrors { per_codeword }),
    ];
    let when = prop_oneof![
        3 => proptest::collection::btree_set(0u64..60, 1..4).prop_map(When::At),
        1 => (0.0..0.2).prop_map(When::Random),
        1 => (3u64..20, 0u64..20).prop_map(|(period, first)| When::Every { period, first }),
    ];
    let rate = prop_oneof![Just(0.0), 1e-6..1e-4, 1e-4..3e-3];
    let edges = (any::<bool>(), 0u64..3000, 0u64..12_000, 0u64..12_000);
    (rate, edges, proptest::collection::vec((when, fault), 0..5)).prop_map(
        |(bit_error_rate, edges, faults)| {
            let (inverted, lead_bits, cut_head_bits, cut_tail_bits) = edges;
            Impairments { bit_error_rate, inverted, lead_bits, cut_head_bits, cut_tail_bits, faults }
        },
    )
}

fn any_link() -> impl Strategy<Value = LinkSpec> {
    let line_code =
        prop_oneof![4 => Just(LineCode::NrzL), 1 => Just(LineCode::NrzM), 1 => Just(LineCode::NrzS)];
    let fill_bits = prop_oneof![4 => Just(0u32), 1 => 1u32..40];
    let tolerance = (0u8..=2, 0u8..=2, 0u8..=4, 0u8..=4).prop_map(|(search_errors, more, flywheel, slip)| {
        Tolerance { search_errors, lock_errors: search_errors + more, flywheel, slip }
    });
    let tolerance = prop_oneof![Just(Tolerance::default()), tolerance];
    (0usize..6, line_code, fill_bits, tolerance).prop_map(|(index, line_code, fill_bits, tolerance)| {
        let (_, spec) = links().swap_remove(index);
        LinkSpec { line_code, fill_bits, tolerance, ..spec }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_mixture_of_impairments_satisfies_the_truth(spec in any_link(), impairments in any_impairments(), seed: u64) {
        let pass = Pass::simulate(&spec, &impairments, seed, 60).unwrap();
        let (reception, _) = assert_satisfied(&spec, &pass);
        let batches = with_pipeline(&spec, &pass.octets, Cut::Random(seed));
        prop_assert!(batches == reception);
        let each = with_pipeline_each(&spec, &pass.octets, Cut::Whole);
        prop_assert!(each == reception);
    }

    #[test]
    fn arbitrary_octets_are_no_trouble(
        spec in any_link(),
        octets in proptest::collection::vec(any::<u8>(), 0..6000),
        markers in proptest::collection::vec(0usize..6000, 0..12),
        seed: u64,
    ) {
        // Markers here and there, some of them one CADU apart.
        let mut octets = octets;
        let cadu_len = spec.cadu_bits() / 8;
        for at in markers.iter().flat_map(|at| [*at, at + cadu_len, at + 2 * cadu_len]) {
            if let Some(slot) = octets.get_mut(at..at + spec.marker.len()) {
                slot.copy_from_slice(&spec.marker);
            }
        }
        let reception = with_receiver(&spec, &octets, Cut::Random(seed), 0);
        prop_assert_eq!(reception.stats.bits.total(), octets.len() as u64 * 8);
        let batches = with_pipeline(&spec, &octets, Cut::Random(!seed));
        prop_assert!(batches == reception);
        let each = with_pipeline_each(&spec, &octets, Cut::Whole);
        prop_assert!(each == reception);
        decode(&spec, &reception.frames);
    }
}
