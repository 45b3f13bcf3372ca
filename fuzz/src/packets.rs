//! Packets and control words: headers field by field, lengths in every way of asking, and a crate by another author.

use ccsds_core::bits::{read_signed, read_unsigned};
use ccsds_core::clcw::{Clcw, Ocf, OcfChanges};
use ccsds_core::id::Apid;
use ccsds_core::packet::{
    EncapsulationError, EncapsulationHeader, SpacePacketHeader, has_known_version, is_idle, packet_len,
};
use spacepackets::{CcsdsPacket, SpHeader};

use crate::choices::{Choices, is_one_line};

/// Packet lengths and headers agree with each other, and with `spacepackets`; a walk over any octets ends.
pub fn packets(octets: &[u8]) {
    let (mut rest, mut steps) = (octets, 0);
    while let Ok(len) = packet_len(rest) {
        assert!(len > 0);
        steps += 1;
        let alone = rest.get(..len).unwrap_or(rest);
        assert_eq!(packet_len(alone), Ok(len), "the packet alone tells the same length");
        // No prefix tells another length: it asks for more octets, or says the same.
        for end in 0..rest.len().min(9) {
            match packet_len(&rest[..end]) {
                Ok(early) => assert_eq!(early, len),
                Err(short) => {
                    assert!(short.actual == end && short.needed > end && short.needed <= 8);
                    assert!(is_one_line(&short));
                }
            }
        }
        if let Ok(header) = EncapsulationHeader::parse(rest) {
            assert_eq!((header.packet_len(), header.is_idle()), (len, is_idle(rest)));
            assert!(has_known_version(rest));
        } else if let Some(header) = rest.first_chunk() {
            space_packet(header, len, rest);
        }
        let Some(next) = rest.get(len..) else { break };
        rest = next;
    }
    assert!(steps <= octets.len());
}

fn space_packet(octets: &[u8; 6], len: usize, rest: &[u8]) {
    let header = SpacePacketHeader::from_bytes(octets);
    assert!(header.packet_len() == len || !has_known_version(rest));
    assert_eq!(header.to_bytes(), *octets);
    let field = |at, bits| read_unsigned(octets, at, bits).unwrap();
    assert_eq!(u64::from(header.is_telecommand()), field(3, 1));
    assert_eq!(u64::from(header.has_secondary_header()), field(4, 1));
    assert_eq!(u64::from(header.apid().get()), field(5, 11));
    assert_eq!(Apid::new(field(5, 11) as u16), Some(header.apid()));
    assert_eq!(header.apid().to_string(), field(5, 11).to_string());
    assert_eq!(u64::from(header.sequence_flags().bits()), field(16, 2));
    assert_eq!(u64::from(header.sequence_count()), field(18, 14));
    assert_eq!(header.data_len() as u64, field(32, 16) + 1);
    if octets[0] >> 5 == 0 {
        let (theirs, _) = SpHeader::from_be_bytes(octets).unwrap();
        assert_eq!(header.apid().get(), theirs.apid().value());
        assert_eq!(header.sequence_count(), theirs.seq_count().value());
        assert_eq!(header.packet_len(), theirs.packet_len());
        assert_eq!(is_idle(octets), header.apid().get() == 0x7FF);
    }
}

/// An encapsulation packet header: 133.1-B-3 §4.1.2, read from its bits.
pub fn encapsulation(octets: &[u8]) {
    let Some(&first) = octets.first() else {
        assert!(matches!(EncapsulationHeader::parse(octets), Err(EncapsulationError::Short(_))));
        return;
    };
    let field = |at, bits| read_unsigned(octets, at, bits);
    let (version, protocol, length_len) = (first >> 5, first >> 2 & 7, [0, 1, 2, 4][usize::from(first & 3)]);
    let header_len = [1, 2, 4, 8][usize::from(first & 3)];
    // The length field ends the header and counts all of the packet.
    let length = match length_len {
        0 => Some(1),
        len => field(8 * (header_len - len), 8 * len as u32),
    };
    match EncapsulationHeader::parse(octets) {
        Ok(header) => {
            assert_eq!(version, 7);
            assert_eq!((header.header_len(), header.protocol_id()), (header_len, protocol));
            assert_eq!(Some(header.packet_len() as u64), length);
            assert_eq!(header.is_idle(), protocol == 0);
            assert!(header.packet_len() > header.header_len() || protocol == 0);
            assert!(header.packet_len() >= header.header_len());
        }
        Err(EncapsulationError::Version { pvn }) => assert!(pvn == version && version != 7),
        Err(EncapsulationError::Short(short)) => {
            assert_eq!((short.needed, short.actual), (header_len, octets.len()));
            assert!(octets.len() < header_len);
        }
        Err(EncapsulationError::Length { len, min }) => {
            assert_eq!(Some(len as u64), length);
            assert!(len < min && min <= header_len + 1);
        }
        Err(_) => panic!("an error that nobody knows"),
    }
}

/// A field of any place and length is its bits; past the end there is none.
pub fn bit_fields(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    for _ in 0..16 {
        let (offset, len) = (choices.below_wide(700), u32::from(choices.octet() % 68));
        let bit = |at: usize| octets.get(at / 8).map(|octet| i128::from(octet >> (7 - at % 8) & 1));
        let bits: Option<Vec<i128>> = (offset..offset + len as usize).map(bit).collect();
        // Nothing has any place.
        let bits = bits.filter(|_| len <= 64).unwrap_or_default();
        let there = len == 0 || !bits.is_empty();
        let value = bits.iter().fold(0, |value, bit| value << 1 | bit);
        let signed = if bits.first() == Some(&1) { value - (1 << len) } else { value };
        assert_eq!(read_unsigned(octets, offset, len).map(i128::from), there.then_some(value));
        assert_eq!(read_signed(octets, offset, len).map(i128::from), there.then_some(signed));
    }
    assert_eq!(read_unsigned(octets, usize::MAX, 9), None);
}

/// A control word is its fields: 232.0-B §4.2, read from its bits; and a report is passed on where it differs from the one before it of its
/// channel.
pub fn clcw(octets: &[u8]) {
    let (mut changes, mut latest) = (OcfChanges::<65>::new(), std::collections::HashMap::new());
    let mut few = OcfChanges::<2>::default();
    for word in octets.chunks_exact(4) {
        let Some(word) = word.first_chunk::<4>() else { return };
        let key = (word[0] & 0x80 == 0).then_some(word[1] >> 2);
        let expected = (latest.insert(key, *word) != Some(*word)).then_some(Ocf::from_bytes(*word));
        assert_eq!(changes.push(*word), expected);
        // With too little room nothing that is new is kept back.
        assert!(few.push(*word).is_some() || expected.is_none());
    }
    for word in octets.chunks_exact(4) {
        let Some(word) = word.first_chunk::<4>() else { return };
        let field = |at, bits| read_unsigned(word, at, bits).unwrap();
        let Some(clcw) = Clcw::from_bytes(*word) else {
            assert_eq!(field(0, 1), 1);
            continue;
        };
        assert_eq!(field(0, 1), 0);
        assert_eq!(clcw.to_bytes(), *word);
        let numbers = [
            (u64::from(clcw.version()), field(1, 2)),
            (u64::from(clcw.status()), field(3, 3)),
            (u64::from(clcw.cop_in_effect()), field(6, 2)),
            (u64::from(clcw.vcid().get()), field(8, 6)),
            (u64::from(clcw.no_rf_available()), field(16, 1)),
            (u64::from(clcw.no_bit_lock()), field(17, 1)),
            (u64::from(clcw.lockout()), field(18, 1)),
            (u64::from(clcw.wait()), field(19, 1)),
            (u64::from(clcw.retransmit()), field(20, 1)),
            (u64::from(clcw.farm_b_counter()), field(21, 2)),
            (u64::from(clcw.report_value()), field(24, 8)),
        ];
        for (ours, bits) in numbers {
            assert_eq!(ours, bits);
        }
    }
}
