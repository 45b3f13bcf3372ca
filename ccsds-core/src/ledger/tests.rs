use super::*;
use crate::id::{Gvcid, Scid, Tfvn, Vcid};

/// Each counter a bit of its own: a sum that leaves one out, or counts it twice, is another number.
fn bits<const N: usize>() -> [u64; N] {
    core::array::from_fn(|place| 1 << place)
}

#[test]
fn every_bit_is_in_the_total_once() {
    let [frames, markers, discarded, pending] = bits();
    assert_eq!(BitLedger { frames, markers, discarded, pending }.total(), 0b1111);
    assert_eq!(BitLedger::EMPTY.total(), 0);
}

#[test]
fn every_frame_is_in_the_total_once() {
    let [good, corrected, uncorrectable, fecf_failed, unverified, malformed, refused, undeclared, idle] =
        bits();
    let ledger = FrameLedger {
        good,
        corrected,
        uncorrectable,
        fecf_failed,
        unverified,
        malformed,
        refused,
        undeclared,
        idle,
    };
    assert_eq!(ledger.total(), 0b1_1111_1111);
}

#[test]
fn each_step_of_a_count_is_entered_once_and_lost_frames_are_no_steps() {
    let steps = [
        (Continuity::First, CountLedger { first: 1, ..CountLedger::EMPTY }),
        (Continuity::Gap { missing: 7 }, CountLedger { gaps: 1, missing: 7, ..CountLedger::EMPTY }),
        (Continuity::Next, CountLedger { next: 1, ..CountLedger::EMPTY }),
        (Continuity::Repeat, CountLedger { repeats: 1, ..CountLedger::EMPTY }),
        (Continuity::Restart, CountLedger { restarts: 1, ..CountLedger::EMPTY }),
    ];
    for (step, expected) in steps {
        let mut ledger = CountLedger::EMPTY;
        ledger.record(step);
        assert_eq!((ledger, ledger.total()), (expected, 1), "{step:?}");
    }
    let [first, next, repeats, gaps, restarts, missing] = bits();
    assert_eq!(CountLedger { first, next, repeats, gaps, restarts, missing }.total(), 0b1_1111);
    let mut endless = CountLedger { missing: u64::MAX, ..CountLedger::EMPTY };
    endless.record(Continuity::Gap { missing: 2 });
    assert_eq!(endless.missing, u64::MAX);
}

#[test]
fn every_octet_is_in_the_total_once_and_what_is_lost_reached_nobody() {
    let [packets, idle, truncated, headless, oversized, repeated, pending] = bits();
    let ledger = OctetLedger { packets, idle, truncated, headless, oversized, repeated, pending };
    assert_eq!((ledger.total(), ledger.lost()), (0b111_1111, 0b011_1100));
}

#[test]
fn two_accounts_together_are_their_sums_one_by_one() {
    let [packets, idle, truncated, headless, oversized, repeated, pending] = bits();
    let octets = OctetLedger { packets, idle, truncated, headless, oversized, repeated, pending };
    let tens = OctetLedger {
        packets: 10,
        idle: 20,
        truncated: 30,
        headless: 40,
        oversized: 50,
        repeated: 60,
        pending: 70,
    };
    let sum = OctetLedger {
        packets: 11,
        idle: 22,
        truncated: 34,
        headless: 48,
        oversized: 66,
        repeated: 92,
        pending: 134,
    };
    assert_eq!(octets.plus(tens), sum);
    assert_eq!(octets.plus(OctetLedger::EMPTY), octets);
    let [packets, idle, truncated, oversized, unknown_version, fhp_mismatches] = bits();
    let packets = PacketLedger { packets, idle, truncated, oversized, unknown_version, fhp_mismatches };
    let tens = PacketLedger {
        packets: 10,
        idle: 20,
        truncated: 30,
        oversized: 40,
        unknown_version: 50,
        fhp_mismatches: 60,
    };
    let sum = PacketLedger {
        packets: 11,
        idle: 22,
        truncated: 34,
        oversized: 48,
        unknown_version: 66,
        fhp_mismatches: 92,
    };
    assert_eq!(packets.plus(tens), sum);
    assert_eq!(packets.plus(PacketLedger::EMPTY), packets);
}

#[test]
fn protected_frames_are_handed_on_or_refused_and_all_their_octets_have_a_place() {
    let [authenticated, bad_mac, clear, malformed, no_key, opened, replayed, unknown_spi, unverified] =
        bits();
    let [header_octets, trailer_octets, data_octets, sealed_octets, refused_octets] = bits();
    let ledger = SecurityLedger {
        authenticated,
        bad_mac,
        clear,
        malformed,
        no_key,
        opened,
        replayed,
        unknown_spi,
        unverified,
        header_octets,
        trailer_octets,
        data_octets,
        sealed_octets,
        refused_octets,
    };
    assert_eq!(ledger.handed_on(), authenticated + clear + no_key + opened + unverified);
    assert_eq!(ledger.refused(), bad_mac + malformed + replayed + unknown_spi);
    assert_eq!((ledger.frames(), ledger.octets()), (0b1_1111_1111, 0b1_1111));
}

#[test]
fn octets_of_a_protected_frame_are_entered_by_what_became_of_them() {
    let gvcid = Gvcid::new(Tfvn::Aos, Scid::new(1), Vcid::from_low_bits(2));
    let place = DataPlace { gvcid, map: None, start: 6, end: 106 };
    let enter = |outcome| {
        let mut ledger = SecurityLedger::EMPTY;
        ledger.record(&place, &Opened { outcome, start: 24, end: 90, ..Opened::unprotected(&place) });
        ledger
    };
    let read =
        SecurityLedger { header_octets: 18, trailer_octets: 16, data_octets: 66, ..SecurityLedger::EMPTY };
    let sealed = SecurityLedger { data_octets: 0, sealed_octets: 66, ..read };
    let refused = SecurityLedger { refused_octets: 100, ..SecurityLedger::EMPTY };
    use SecurityOutcome as Outcome;
    assert_eq!(enter(Outcome::Authenticated), SecurityLedger { authenticated: 1, ..read });
    assert_eq!(enter(Outcome::Clear), SecurityLedger { clear: 1, ..read });
    assert_eq!(enter(Outcome::Opened), SecurityLedger { opened: 1, ..read });
    assert_eq!(enter(Outcome::Unverified), SecurityLedger { unverified: 1, ..read });
    assert_eq!(enter(Outcome::NoKey), SecurityLedger { no_key: 1, ..sealed });
    assert_eq!(enter(Outcome::BadMac), SecurityLedger { bad_mac: 1, ..refused });
    assert_eq!(enter(Outcome::Malformed), SecurityLedger { malformed: 1, ..refused });
    assert_eq!(enter(Outcome::Replayed), SecurityLedger { replayed: 1, ..refused });
    assert_eq!(enter(Outcome::UnknownSpi), SecurityLedger { unknown_spi: 1, ..refused });
    assert_eq!(enter(Outcome::Unprotected), SecurityLedger::EMPTY);
}
