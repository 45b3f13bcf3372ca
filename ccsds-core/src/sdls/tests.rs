use std::vec;
use std::vec::Vec;

use super::*;
use crate::fecf::Fecf;
use crate::frame::{
    AosParameters, ChannelContent, Content, Fhp, OcfPresence, PacketZone, SecondaryHeader, TmParameters,
    UslpParameters,
};
use crate::id::{Scid, Tfvn, Vcid};
use crate::ledger::SecurityLedger;
use crate::quality::FrameQuality;
use crate::vc::{Channel, Route, VcDemux};

const META: FrameMeta = FrameMeta {
    ordinal: 0,
    stream_bit: 0,
    received: crate::quality::ReceiveTime(0),
    quality: FrameQuality::EXTERNAL,
};

const fn gvcid(tfvn: Tfvn) -> Gvcid {
    Gvcid::new(tfvn, Scid::new(42), Vcid::from_low_bits(5))
}

fn parameters(tfvn: Tfvn, service: SecurityService) -> SecurityParameters {
    SecurityParameters {
        spi: Spi::new(0x0102),
        channels: SecuredChannels::one(gvcid(tfvn)),
        service,
        iv_len: 3,
        sequence_number_len: 2,
        pad_length_len: 1,
        mac_len: if service.authenticates() { 4 } else { 0 },
    }
}

fn table(tfvn: Tfvn, service: SecurityService) -> SecurityTable<[SecurityAssociation; 1]> {
    SecurityTable::new([SecurityAssociation::new(parameters(tfvn, service)).unwrap()])
}

const HEADER: [u8; 8] = [1, 2, 0xA1, 0xA2, 0xA3, 7, 8, 2];
const MAC: [u8; 4] = [0xB1, 0xB2, 0xB3, 0xB4];

/// A frame of each protocol: everything before the data field, `data`, everything behind it.
fn frame(tfvn: Tfvn, data: &[u8]) -> (FrameFormat, Vec<u8>) {
    let (ocf, fecf) = (OcfPresence::Present, Fecf::Crc16);
    match tfvn {
        Tfvn::Tm => {
            let before = [0x02, 0xAB, 9, 9, 0x98, 0, 2, 0x55, 0x55];
            let bytes = [&before[..], data, &[0; 6]].concat();
            let secondary_header = SecondaryHeader::Flagged;
            let frame_len = bytes.len();
            let parameters = TmParameters { frame_len, secondary_header, ocf, fecf };
            (FrameFormat::tm(parameters).unwrap(), bytes)
        }
        Tfvn::Aos => {
            let before = [0x4A, 0x85, 0, 0, 9, 0, 0x55, 0x55];
            let bytes = [&before[..], data, &[0; 6]].concat();
            let parameters = AosParameters {
                frame_len: bytes.len(),
                header_error_control: false,
                insert_zone: 2,
                ocf,
                fecf,
            };
            (FrameFormat::aos(parameters).unwrap(), bytes)
        }
        _ => {
            let len = 7 + 1 + 2 + data.len() + 6;
            let before = [0xC0, 0x02, 0xA0, 0xA0, 0, len as u8 - 1, 0x09, 9, 0x55, 0x55];
            let bytes = [&before[..], data, &[0; 6]].concat();
            let parameters = UslpParameters { frame_len: len, insert_zone: 2, ocf, fecf, truncated_len: 0 };
            (FrameFormat::uslp(parameters).unwrap(), bytes)
        }
    }
}

/// What begins the data of a packet channel, and a packet of eight octets behind it.
fn packets(tfvn: Tfvn) -> Vec<u8> {
    let pointer: &[u8] = match tfvn {
        Tfvn::Tm => &[],
        Tfvn::Aos => &[0, 0],
        _ => &[0, 0, 0],
    };
    [pointer, &[0, 9, 0xC0, 0, 0, 1, 1, 2]].concat()
}

const PROTOCOLS: [Tfvn; 3] = [Tfvn::Tm, Tfvn::Aos, Tfvn::Uslp];

/// Secondary header, insert zone, operational control and error control fields are outside of what security encloses.
#[test]
fn security_encloses_the_data_field_of_every_protocol() {
    for tfvn in PROTOCOLS {
        for service in [SecurityService::Clear, SecurityService::Authentication] {
            let inner = packets(tfvn);
            let mac: &[u8] = if service.authenticates() { &MAC } else { &[] };
            let (format, mut bytes) = frame(tfvn, &[&HEADER, &inner[..], &[0, 0], mac].concat());
            let (frame, opened) = open(&format, &mut table(tfvn, service), &mut bytes, &META).unwrap();
            let expected =
                if service.authenticates() { SecurityOutcome::Unverified } else { SecurityOutcome::Clear };
            assert_eq!((frame.security(), opened.outcome), (expected, expected));
            assert_eq!((opened.spi, opened.sequence_number), (Some(Spi::new(0x0102)), Some(0x0708)));
            assert_eq!(frame.data_field(), inner, "{tfvn}");
            let zone = PacketZone { fhp: Fhp::At(0), octets: &inner[inner.len() - 8..] };
            assert_eq!(frame.content(ChannelContent::Packets), Ok(Content::Packets(zone)), "{tfvn}");
            assert_eq!(frame.ocf(), Some([0; 4]));
        }
    }
}

#[test]
fn without_a_key_encrypted_octets_go_on_as_they_are() {
    for tfvn in PROTOCOLS {
        let service = SecurityService::AuthenticatedEncryption;
        let sealed: Vec<u8> = (0..40).collect();
        let (format, mut bytes) = frame(tfvn, &[&HEADER, &sealed[..], &MAC].concat());
        let before = bytes.clone();
        let (frame, opened) = open(&format, &mut table(tfvn, service), &mut bytes, &META).unwrap();
        assert_eq!(frame.bytes(), before);
        assert_eq!(opened.outcome, SecurityOutcome::NoKey);
        for content in [ChannelContent::Packets, ChannelContent::Sdus, ChannelContent::Vca] {
            assert_eq!(frame.content(content), Ok(Content::Sealed(&sealed)));
        }
        let mut demux = VcDemux::declare([Channel { gvcid: gvcid(tfvn), content: ChannelContent::Packets }]);
        let Route::Channel(delivery) = demux.route(&frame, META.quality) else { panic!("{tfvn}") };
        assert_eq!(delivery.content, Content::Sealed(&sealed));
    }
}

#[test]
fn the_account_of_security_closes_over_every_outcome() {
    let mut ledger = SecurityLedger::EMPTY;
    let mut octets = 0;
    let tfvn = Tfvn::Aos;
    let services = [
        SecurityService::Clear,
        SecurityService::Authentication,
        SecurityService::AuthenticatedEncryption,
        SecurityService::Encryption,
    ];
    for service in services {
        // Too short for a header, for a trailer, for the fill; enough.
        for len in [1, 7, 8, 11, 13, 60] {
            for spi in [1, 9] {
                let mut data: Vec<u8> = HEADER.iter().copied().chain([0; 60]).take(len).collect();
                data[0] = spi;
                let (format, mut bytes) = frame(tfvn, &data);
                let place = format.parse(&bytes).unwrap().data_place();
                let (frame, opened) = open(&format, &mut table(tfvn, service), &mut bytes, &META).unwrap();
                ledger.record(&place, &opened);
                octets += len as u64;
                assert_eq!(ledger.octets(), octets, "{service:?} {len} {opened:?}");
                if frame.security().is_refused() {
                    assert!(frame.data_field().is_empty());
                }
            }
        }
    }
    assert_eq!(ledger.frames(), 48);
    // A single octet names no association; behind a wrong index nothing is known.
    assert_eq!(ledger.unknown_spi, 4 * 5);
    assert_eq!((ledger.clear, ledger.unverified, ledger.no_key), (3, 1, 2 + 4));
    assert!(ledger.malformed > 0 && ledger.header_octets > 0 && ledger.trailer_octets > 0);
}

#[test]
fn a_frame_of_an_association_that_is_not_for_its_channel_is_refused() {
    let mut parameters = parameters(Tfvn::Aos, SecurityService::Clear);
    parameters.spi = Spi::new(3);
    parameters.channels = SecuredChannels::one(Gvcid { vcid: Vcid::from_low_bits(6), ..gvcid(Tfvn::Aos) });
    let other = SecurityAssociation::new(parameters).unwrap();
    let mine = SecurityAssociation::new(self::parameters(Tfvn::Aos, SecurityService::Clear)).unwrap();
    let mut table = SecurityTable::new([mine, other]);
    let (format, mut bytes) = frame(Tfvn::Aos, &[&[0, 3][..], &[0; 30]].concat());
    let (frame, opened) = open(&format, &mut table, &mut bytes, &META).unwrap();
    assert_eq!(opened.spi, Some(Spi::new(3)));
    let mut demux = VcDemux::declare([Channel { gvcid: gvcid(Tfvn::Aos), content: ChannelContent::Packets }]);
    assert_eq!(demux.route(&frame, META.quality), Route::Refused(SecurityOutcome::UnknownSpi));
    assert_eq!(demux.slots()[0].counts().total(), 0, "a refused frame moves no count");
}

#[test]
fn spacecraft_may_use_the_same_index_for_associations_of_their_own() {
    let mine = parameters(Tfvn::Aos, SecurityService::Clear);
    let theirs = SecurityParameters {
        channels: SecuredChannels::one(Gvcid { scid: Scid::new(43), ..gvcid(Tfvn::Aos) }),
        ..parameters(Tfvn::Aos, SecurityService::Encryption)
    };
    let mut table = SecurityTable::new([theirs, mine].map(|p| SecurityAssociation::new(p).unwrap()));
    let (format, mut bytes) = frame(Tfvn::Aos, &[&HEADER[..], &[0; 30]].concat());
    let (_, opened) = open(&format, &mut table, &mut bytes, &META).unwrap();
    assert_eq!((opened.outcome, opened.spi), (SecurityOutcome::Clear, Some(Spi::new(0x0102))));
}

#[test]
fn an_access_point_of_its_own_can_be_protected() {
    let mut parameters = parameters(Tfvn::Uslp, SecurityService::Clear);
    parameters.channels = parameters.channels.with_map(MapId::from_low_bits(1));
    let table = SecurityTable::new([SecurityAssociation::new(parameters).unwrap()]);
    assert!(table.protects(gvcid(Tfvn::Uslp), Some(MapId::from_low_bits(1))));
    assert!(!table.protects(gvcid(Tfvn::Uslp), Some(MapId::from_low_bits(0))));
    assert!(!table.protects(gvcid(Tfvn::Aos), Some(MapId::from_low_bits(1))));
}

/// Equipment elsewhere: it rewrites in place and shortens.
struct Elsewhere {
    asked: usize,
}

impl Decryptor for Elsewhere {
    fn protects(&self, gvcid: Gvcid, _: Option<MapId>) -> bool {
        gvcid.vcid.get() == 5
    }

    fn open(&mut self, frame: &mut [u8], place: &DataPlace, meta: &FrameMeta) -> Opened {
        self.asked += 1;
        frame[place.start..place.end].iter_mut().for_each(|octet| *octet ^= 0xFF);
        // The third answer is nonsense.
        let end = if meta.ordinal == 2 { place.end + 1 } else { place.end - 1 };
        Opened { outcome: SecurityOutcome::Opened, end, ..Opened::unprotected(place) }
    }
}

#[test]
fn equipment_elsewhere_may_rewrite_and_shorten_but_not_reach_beyond_the_frame() {
    let mut equipment = Elsewhere { asked: 0 };
    let inner = packets(Tfvn::Aos);
    let data: Vec<u8> = inner.iter().map(|octet| octet ^ 0xFF).chain([0]).collect();
    for (ordinal, quality, outcome) in [
        (0, FrameQuality::EXTERNAL, SecurityOutcome::Opened),
        // Nothing vouches for this one: it is not shown to the equipment.
        (1, FrameQuality::default(), SecurityOutcome::Unprotected),
        (2, FrameQuality::EXTERNAL, SecurityOutcome::Malformed),
    ] {
        let (format, mut bytes) = frame(Tfvn::Aos, &data);
        let meta = FrameMeta { ordinal, quality, ..META };
        let (frame, opened) = open(&format, &mut equipment, &mut bytes, &meta).unwrap();
        assert_eq!((frame.security(), opened.outcome), (outcome, outcome));
        match ordinal {
            0 => assert_eq!(frame.data_field(), inner),
            1 => assert_eq!(frame.data_field(), data),
            _ => assert!(frame.data_field().is_empty()),
        }
    }
    assert_eq!(equipment.asked, 2);
}

#[test]
fn data_that_would_lie_outside_of_the_data_field_are_none() {
    let place = DataPlace { gvcid: gvcid(Tfvn::Aos), map: None, start: 6, end: 20 };
    let (spi, sequence_number) = (Some(Spi::new(7)), Some(9));
    let answer = |start, end| Opened { outcome: SecurityOutcome::Opened, spi, sequence_number, start, end };
    for (start, end) in [(6, 20), (6, 6), (20, 20), (7, 12)] {
        assert_eq!(answer(start, end).within(&place), answer(start, end));
    }
    let none = Opened { outcome: SecurityOutcome::Malformed, ..answer(6, 6) };
    for (start, end) in [(5, 20), (6, 21), (10, 9), (21, 21), (0, 0)] {
        assert_eq!(answer(start, end).within(&place), none, "{start} to {end}");
    }
}

/// Equipment that writes into the header, too.
struct Shortening;

impl Decryptor for Shortening {
    fn protects(&self, _: Gvcid, _: Option<MapId>) -> bool {
        true
    }

    fn open(&mut self, frame: &mut [u8], place: &DataPlace, _: &FrameMeta) -> Opened {
        // The length field of USLP.
        frame[5] -= 8;
        Opened { outcome: SecurityOutcome::Opened, ..Opened::unprotected(place) }
    }
}

#[test]
fn a_frame_that_got_too_short_for_its_data_is_refused() {
    let (format, mut bytes) = frame(Tfvn::Uslp, &[1, 2, 3, 4, 5, 6, 7, 8]);
    let (frame, _) = open(&format, &mut Shortening, &mut bytes, &META).unwrap();
    assert_eq!(frame.security(), SecurityOutcome::Malformed);
}

#[test]
fn parameters_that_no_association_can_have_are_refused() {
    let legal = parameters(Tfvn::Tm, SecurityService::Authentication);
    let refused = |parameters| SecurityAssociation::new(parameters).unwrap_err();
    assert_eq!(
        refused(SecurityParameters { iv_len: 33, ..legal }),
        SecurityConfigError::Iv { max: 32, len: 33 }
    );
    assert_eq!(
        refused(SecurityParameters { sequence_number_len: 9, ..legal }),
        SecurityConfigError::SequenceNumber { max: 8, len: 9 }
    );
    assert_eq!(
        refused(SecurityParameters { pad_length_len: 3, ..legal }),
        SecurityConfigError::PadLength { max: 2, len: 3 }
    );
    assert_eq!(
        refused(SecurityParameters { mac_len: 65, ..legal }),
        SecurityConfigError::Mac { max: 64, len: 65 }
    );
    assert_eq!(refused(SecurityParameters { mac_len: 0, ..legal }), SecurityConfigError::MacMissing);
    let clear = SecurityParameters { service: SecurityService::Clear, ..legal };
    assert_eq!(refused(clear), SecurityConfigError::MacWithoutAuthentication);
}

#[test]
fn the_initialization_vector_counts_frames_where_there_is_no_sequence_number() {
    let numbers = |iv_len, sequence_number_len| {
        let parameters = SecurityParameters {
            iv_len,
            sequence_number_len,
            pad_length_len: 0,
            ..parameters(Tfvn::Tm, SecurityService::Clear)
        };
        let association = SecurityAssociation::new(parameters).unwrap();
        association.fields(&[0, 1, 2, 3, 4, 5]).unwrap().anti_replay_number()
    };
    assert_eq!(numbers(0, 0), None);
    assert_eq!(numbers(2, 0), Some(0x0203));
    assert_eq!(numbers(2, 2), Some(0x0405));
}

#[test]
fn a_table_of_no_association_leaves_every_frame_alone() {
    let mut none = SecurityTable::new(vec![]);
    let (format, mut bytes) = frame(Tfvn::Tm, &[1, 2, 3]);
    let (frame, opened) = open(&format, &mut none, &mut bytes, &META).unwrap();
    assert_eq!(opened.outcome, SecurityOutcome::Unprotected);
    assert_eq!(frame.data_field(), [1, 2, 3]);
}
