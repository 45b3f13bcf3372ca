//! Packets of the packet utilization standard, and groups of packets.

use ccsds_core::fecf::crc16;
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::group::{GroupFormat, GroupJoiner, GroupSlot};
use ccsds_core::packet::pec::{Pec, PecLedger, PecStatus};
use ccsds_core::packet::pus::{PusError, PusFormat, PusIssue, PusTime};
use ccsds_core::packet::{Packet, packet_len};
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};
use ccsds_core::time::{CucEpoch, CucFormat, Date, TimeFormat};
use spacepackets::ecss::tm::PusTmReader;

use crate::choices::{Choices, is_one_line};

/// A secondary header is its octets, whatever the mission agreed on; what `spacepackets` reads, it reads too; a check is valid exactly
/// where it is that of the octets before it.
pub fn pus(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let (counter, destination_len) = (choices.flag(), choices.below(10) as u8);
    let issue = if choices.flag() { PusIssue::C } else { PusIssue::A { counter, destination_len } };
    let agency = Date::from_days(i32::from(choices.octet()));
    let opaque = choices.below(12) as u8;
    let unsegmented = CucFormat::new(CucEpoch::Tai1958, 1 + choices.below(7), choices.below(11)).unwrap();
    let time = match choices.below(4) {
        0 => PusTime::Absent,
        1 => PusTime::Implicit(TimeFormat::Cuc(unsegmented)),
        2 => PusTime::Opaque(opaque),
        _ => PusTime::PField { agency },
    };
    let spare_len = choices.below(5) as u8;
    let packet = choices.rest();
    check(packet);
    let parsed = (PusFormat { issue, time, spare_len }).parse(packet);
    if let Err(error) = parsed {
        assert!(is_one_line(&error));
    }
    if spare_len == 0 {
        let usual = match issue {
            PusIssue::C => Some(PusFormat::c(time)),
            PusIssue::A { counter: true, destination_len: 0 } => Some(PusFormat::a(time)),
            PusIssue::A { .. } => None,
        };
        assert!(usual.is_none_or(|usual| usual.parse(packet) == parsed));
    }
    match parsed {
        Ok(header) => {
            let secondary = &packet[6..];
            assert!(header.len() <= secondary.len());
            assert_eq!([header.service(), header.subservice()], secondary[1..3]);
            assert_eq!(header.time_reference_status(), secondary[0] & 15);
            let before_time = match issue {
                PusIssue::A { counter, destination_len } => {
                    assert_eq!(header.counter().is_some(), counter);
                    3 + usize::from(counter) + usize::from(destination_len.min(8))
                }
                PusIssue::C => {
                    assert_eq!(header.counter().map(u16::to_be_bytes), secondary[3..5].try_into().ok());
                    assert_eq!(
                        header.destination(),
                        Some(u64::from(u16::from_be_bytes([secondary[5], secondary[6]])))
                    );
                    7
                }
            };
            let end = header.len() - usize::from(spare_len);
            assert!(secondary[before_time..end].ends_with(header.time_octets()));
            if let PusTime::Opaque(len) = time {
                assert_eq!(header.time_octets(), &secondary[before_time..before_time + usize::from(len)]);
            }
            let _ = header.time();
            if issue == PusIssue::C && packet_len(packet) == Ok(packet.len()) {
                peer(
                    packet,
                    before_time,
                    header.time_octets().len(),
                    [header.service(), header.subservice()],
                );
            }
        }
        Err(PusError::Short(short)) => assert!(short.needed > short.actual && short.actual <= packet.len()),
        Err(PusError::Version { version, expected }) => assert_ne!(version, expected),
        Err(_) => {}
    }
}

/// `spacepackets` takes whole packets of issue C.
fn peer(packet: &[u8], before_time: usize, time_len: usize, services: [u8; 2]) {
    if packet.len() < 6 + before_time + time_len {
        return;
    }
    if let Ok(theirs) = PusTmReader::new_no_checksum(packet, time_len) {
        assert_eq!([theirs.service_type_id(), theirs.message_subtype_id()], services);
    }
}

fn check(packet: &[u8]) {
    assert_eq!(Pec::Absent.check(packet), PecStatus::Unchecked);
    let flagged = packet.len() >= 6 && packet[0] >> 5 == 0 && packet[0] & 8 != 0;
    // The remainder over message and check is zero.
    let expected = match (flagged, packet.len() >= 2 && crc16(packet) == 0) {
        (false, _) => PecStatus::Unchecked,
        (true, true) => PecStatus::Valid,
        (true, false) => PecStatus::Invalid,
    };
    assert_eq!(Pec::Crc16.check(packet), expected);
    let mut ledger = PecLedger::EMPTY;
    ledger.record(expected);
    let [invalid, unchecked, valid] = [PecStatus::Invalid, PecStatus::Unchecked, PecStatus::Valid]
        .map(|status| u64::from(status == expected));
    assert_eq!((ledger, ledger.total()), (PecLedger { invalid, unchecked, valid }, 1));
    assert_eq!(expected.quality().is_good(), expected != PecStatus::Invalid);
    assert_eq!(expected.quality().bits() != 0, expected == PecStatus::Invalid);
}

/// Packets in any order through two slots: every packet is in the account once, nothing is longer than what it was made of, and a unit that
/// is not spread passes as it is.
pub fn packet_groups(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let store = choices.below(200);
    let pec = if choices.below(2) == 0 { Pec::Absent } else { Pec::Crc16 };
    let format = GroupFormat { secondary_header_len: choices.below(12), pec };
    let slots = [GroupSlot::new(vec![0; store]), GroupSlot::new(vec![0; store])];
    let mut joiner = GroupJoiner::new(slots, format);
    let (mut pushed, mut longest) = (0, store);
    while !choices.is_empty() {
        // Few processes and counts, so that groups come about.
        let (which, len) = (choices.octet(), 1 + choices.below(40));
        let mut packet = vec![which & 8, which & 5, which & 0xC0, which >> 1 & 3, 0, (len - 1) as u8];
        if which & 0x30 == 0x30 {
            // Idle packets and those of another kind are no part of any group.
            packet[0] |= if which & 2 == 0 { 7 } else { 0x20 };
            packet[1] |= if which & 2 == 0 { 0xFF } else { 0 };
        }
        packet.extend_from_slice(choices.take(len));
        longest = longest.max(packet.len());
        let alone = packet[2] & 0xC0 == 0xC0 || packet[0] & 0x20 != 0 || packet[..2] == [packet[0] | 7, 0xFF];
        let mut joined = joiner.push(Packet { bytes: &packet, meta: META });
        let wanted = choices.below(4);
        for _ in 0..wanted {
            let Some(unit) = joined.next() else { break };
            assert!(unit.bytes.len() <= longest);
            if alone {
                assert!(unit.bytes == packet || unit.meta.quality != PacketQuality::GOOD);
            }
        }
        drop(joined);
        pushed += 1;
        assert_eq!(joiner.ledger().total(), pushed, "every packet is in the account once");
    }
}

const META: PacketMeta = PacketMeta {
    gvcid: Gvcid::new(Tfvn::Tm, Scid::new(1), Vcid::from_low_bits(1)),
    first_frame: 0,
    received: ReceiveTime(0),
    quality: PacketQuality::GOOD,
};
