use std::vec;
use std::vec::Vec;

use super::*;
use crate::id::{Apid, Gvcid, Scid, Tfvn, Vcid};
use crate::quality::ReceiveTime;
use proptest::prelude::*;

use SequenceFlags::{Continuation, First, Last, Unsegmented};

type Joiner = GroupJoiner<Vec<GroupSlot<Vec<u8>>>>;
/// Octets and quality of what came out.
type Out = Vec<(Vec<u8>, PacketQuality)>;

const JOINED: PacketQuality = PacketQuality::JOINED;
const BROKEN: PacketQuality = JOINED.with(PacketQuality::TRUNCATED).with(PacketQuality::SPANS_GAP);

fn joiner(slots: usize, store: usize) -> Joiner {
    GroupJoiner::new(vec![GroupSlot::new(vec![0; store]); slots], GroupFormat::default())
}

fn packet(apid: u16, flags: SequenceFlags, count: u16, data: &[u8]) -> Vec<u8> {
    let header = SpacePacketHeader::telemetry(Apid::new(apid).unwrap(), flags, count, data.len()).unwrap();
    [&header.to_bytes()[..], data].concat()
}

fn meta(ordinal: u64, quality: PacketQuality) -> PacketMeta {
    let gvcid = Gvcid::new(Tfvn::Tm, Scid::new(1), Vcid::from_low_bits(0));
    PacketMeta { gvcid, first_frame: ordinal, received: ReceiveTime(ordinal), quality }
}

fn push(joiner: &mut Joiner, bytes: &[u8], quality: PacketQuality) -> Out {
    let mut out = Vec::new();
    let mut joined = joiner.push(Packet { bytes, meta: meta(0, quality) });
    while let Some(unit) = joined.next() {
        out.push((unit.bytes.to_vec(), unit.meta.quality));
    }
    out
}

fn feed(joiner: &mut Joiner, packets: &[Vec<u8>]) -> Out {
    packets.iter().flat_map(|bytes| push(joiner, bytes, PacketQuality::GOOD)).collect()
}

#[test]
fn the_parts_of_a_group_come_out_as_one_unit_behind_the_first_header() {
    let mut joiner = joiner(1, 100);
    // The sequence count wraps within the group.
    let parts = [
        packet(5, First, 16_382, &[1, 2]),
        packet(5, Continuation, 16_383, &[3]),
        packet(5, Last, 0, &[4, 5]),
    ];
    let expected = [parts[0].as_slice(), &[3, 4, 5]].concat();
    assert_eq!(feed(&mut joiner, &parts), [(expected, JOINED)]);
    let ledger = joiner.ledger();
    assert_eq!((ledger.joined, ledger.groups, ledger.total()), (3, 1, 3));
    assert!(JOINED.is_good());
}

#[test]
fn a_packet_of_its_own_passes_without_a_copy() {
    let mut joiner = joiner(1, 0);
    for bytes in [packet(5, Unsegmented, 3, &[1]), vec![0xE9, 3, 0], packet(0x7FF, First, 0, &[0])] {
        let packet = Packet { bytes: &bytes, meta: meta(9, PacketQuality::CORRECTED) };
        let mut joined = joiner.push(packet);
        let unit = joined.next().unwrap();
        assert_eq!((unit.bytes.as_ptr(), unit.meta), (bytes.as_ptr(), packet.meta));
        assert!(joined.next().is_none());
    }
    assert_eq!(joiner.ledger().passed, 3);
}

#[test]
fn groups_of_different_processes_may_be_interleaved() {
    let mut joiner = joiner(2, 100);
    let (a, b) = (packet(5, First, 0, &[1]), packet(6, First, 70, &[2]));
    let rest = [packet(5, Last, 1, &[3]), packet(6, Last, 71, &[4])];
    let out = feed(&mut joiner, &[a.clone(), b.clone(), rest[0].clone(), rest[1].clone()]);
    assert_eq!(out, [([&a[..], &[3]].concat(), JOINED), ([&b[..], &[4]].concat(), JOINED)]);
}

#[test]
fn a_missing_part_breaks_the_group_and_the_rest_is_headless() {
    let mut joiner = joiner(1, 100);
    let first = packet(5, First, 10, &[1]);
    let out =
        feed(&mut joiner, &[first.clone(), packet(5, Continuation, 12, &[2]), packet(5, Last, 13, &[3])]);
    assert_eq!(out, [(first, BROKEN)]);
    let ledger = joiner.ledger();
    assert_eq!((ledger.truncated, ledger.headless, ledger.groups_truncated, ledger.total()), (1, 2, 1, 3));
}

#[test]
fn a_new_first_part_or_a_packet_of_its_own_ends_what_was_open() {
    let mut joiner = joiner(1, 100);
    let (a, b, c) = (packet(5, First, 1, &[1]), packet(5, First, 2, &[2]), packet(5, Unsegmented, 3, &[3]));
    let out = feed(&mut joiner, &[a.clone(), b.clone(), c.clone()]);
    assert_eq!(out, [(a, BROKEN), (b, BROKEN), (c, PacketQuality::GOOD)]);
    assert_eq!(joiner.ledger().total(), 3);
}

#[test]
fn a_group_larger_than_the_store_is_dropped_whole_and_its_neighbours_are_not() {
    let mut joiner = joiner(1, 9);
    let large = [packet(5, First, 0, &[1]), packet(5, Continuation, 1, &[2, 3, 4]), packet(5, Last, 2, &[5])];
    assert_eq!(feed(&mut joiner, &large), []);
    let small = [packet(5, First, 3, &[1]), packet(5, Last, 4, &[2, 3])];
    assert_eq!(feed(&mut joiner, &small), [([&small[0][..], &[2, 3]].concat(), JOINED)]);
    let ledger = joiner.ledger();
    assert_eq!((ledger.oversized, ledger.groups_oversized, ledger.joined, ledger.total()), (3, 1, 2, 5));
}

#[test]
fn an_oversized_group_that_breaks_off_frees_its_slot() {
    let mut joiner = joiner(1, 6);
    let unit = packet(5, Unsegmented, 9, &[7]);
    let out = feed(&mut joiner, &[packet(5, First, 0, &[1]), packet(5, Last, 5, &[1]), unit.clone()]);
    assert_eq!(out, [(unit, PacketQuality::GOOD)]);
    assert_eq!(feed(&mut joiner, &[packet(6, First, 0, &[1])]), []);
    let ledger = joiner.ledger();
    assert_eq!((ledger.oversized, ledger.headless, ledger.no_slot, ledger.total()), (2, 1, 0, 4));
}

#[test]
fn a_group_that_finds_no_slot_is_counted() {
    let mut joiner = joiner(1, 100);
    let parts = [packet(5, First, 0, &[1]), packet(6, First, 0, &[1]), packet(6, Last, 1, &[1])];
    assert_eq!(feed(&mut joiner, &parts), []);
    let ledger = joiner.ledger();
    assert_eq!((ledger.pending, ledger.no_slot, ledger.headless, ledger.total()), (1, 1, 1, 3));
}

#[test]
fn what_befell_any_part_befell_the_unit() {
    let mut joiner = joiner(1, 100);
    let untrusted = PacketQuality::FROM_UNTRUSTED_FRAME;
    assert_eq!(push(&mut joiner, &packet(5, First, 0, &[1]), PacketQuality::CORRECTED), []);
    let out = push(&mut joiner, &packet(5, Last, 1, &[2]), untrusted);
    assert_eq!(out[0].1, JOINED.with(PacketQuality::CORRECTED).with(untrusted));
}

#[test]
fn repeated_secondary_headers_and_checks_are_left_out() {
    let format = GroupFormat { secondary_header_len: 2, pec: Pec::Crc16 };
    let mut joiner: Joiner = GroupJoiner::new(vec![GroupSlot::new(vec![0; 100])], format);
    let with_header = |mut bytes: Vec<u8>| {
        bytes[0] |= 0x08;
        bytes
    };
    let first = with_header(packet(5, First, 0, &[0xAA, 0xBB, 1, 0xCC, 0xCC]));
    let parts = [
        first.clone(),
        with_header(packet(5, Continuation, 1, &[0xAA, 0xBB, 2, 0xCC, 0xCC])),
        // No secondary header, no check.
        packet(5, Last, 2, &[3, 4]),
    ];
    let expected = [&first[..first.len() - 2], &[2, 3, 4]].concat();
    assert_eq!(feed(&mut joiner, &parts), [(expected, JOINED)]);
}

#[test]
fn a_packet_cut_short_belongs_to_no_group() {
    let mut joiner = joiner(1, 100);
    let out = push(&mut joiner, &packet(5, First, 0, &[1]), PacketQuality::TRUNCATED);
    assert_eq!((out.len(), joiner.ledger().passed), (1, 1));
}

proptest! {
    /// Whatever comes in, every packet lands in one place; and whoever does not look at the units changes nothing.
    #[test]
    fn the_account_closes_for_any_packets(
        parts in proptest::collection::vec((0u16..3, 0u8..4, 0u16..4, 1usize..5), 0..60), slots in 0usize..3, store in 0usize..20,
    ) {
        let (mut drained, mut dropped) = (joiner(slots, store), joiner(slots, store));
        let flags = [Continuation, First, Last, Unsegmented];
        for &(apid, flag, count, len) in &parts {
            let bytes = packet(apid, flags[usize::from(flag)], count, &[0x55; 8][..len]);
            push(&mut drained, &bytes, PacketQuality::GOOD);
            drop(dropped.push(Packet { bytes: &bytes, meta: meta(0, PacketQuality::GOOD) }));
        }
        prop_assert_eq!(drained.ledger().total(), parts.len() as u64);
        prop_assert_eq!(drained.ledger(), dropped.ledger());
    }
}
