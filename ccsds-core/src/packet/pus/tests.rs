use super::*;
use crate::time::{CdsEpoch, CdsFormat, CucEpoch, CucFormat, SubMillisecond};
use proptest::prelude::*;
use spacepackets::SpHeader;
use spacepackets::ecss::tm::{
    CreatorConfig, GenericPusTmSecondaryHeader, MessageTypeId, PusTmCreator, PusTmReader,
    PusTmSecondaryHeader,
};
use spacepackets::ecss::tm_pus_a;
use spacepackets::util::UnsignedByteField;

const CUC_4_2: TimeFormat = cuc(4, 2);

const fn cuc(coarse: usize, fine: usize) -> TimeFormat {
    match CucFormat::new(CucEpoch::Agency, coarse, fine) {
        Some(format) => TimeFormat::Cuc(format),
        None => panic!("no such layout"),
    }
}

/// A packet of Euclid, telecommand acceptance report (1,1); public recording by Daniel Estévez.
const EUCLID: [u8; 22] = [
    0x0A, 0x00, 0xC4, 0x25, 0x00, 0x0F, 0x10, 0x01, 0x01, 0x01, 0x00, 0x01, 0x70, 0xB5, 0x1C, 0x2B, 0x1A,
    0x00, 0xD7, 0x3E, 0xA9, 0xA3,
];

/// A packet of Hera, the same report in issue C; public recording by Daniel Estévez.
const HERA: [u8; 26] = [
    0x09, 0x00, 0xC0, 0x5B, 0x00, 0x13, 0x20, 0x01, 0x01, 0x00, 0x23, 0x00, 0x00, 0x00, 0x00, 0x84, 0xE1,
    0x0C, 0xD1, 0xB7, 0x19, 0x00, 0xFA, 0xA3, 0x00, 0x00,
];

/// ECSS-E-70-41A §5.4.
#[test]
fn a_header_of_issue_a_is_read_field_by_field() {
    let header = PusFormat::a(PusTime::Implicit(CUC_4_2)).parse(&EUCLID).unwrap();
    assert_eq!((header.service(), header.subservice()), (1, 1));
    assert_eq!((header.counter(), header.destination()), (Some(1), None));
    assert_eq!(header.len(), 10);
    let Some(Ok(Time::Uniform(time))) = header.time() else { panic!("no time") };
    assert_eq!((time.seconds(), time.fraction() >> 48), (0x0001_70B5, 0x1C2B));
    // What follows names the telecommand: packet identification and sequence control.
    assert_eq!(EUCLID[SpacePacketHeader::LEN + header.len()..][..4], [0x1A, 0x00, 0xD7, 0x3E]);
}

/// ECSS-E-ST-70-41C §7.4.3.1.
#[test]
fn a_header_of_issue_c_is_read_field_by_field() {
    let header = PusFormat::c(PusTime::Implicit(cuc(4, 3))).parse(&HERA).unwrap();
    assert_eq!((header.service(), header.subservice()), (1, 1));
    assert_eq!((header.counter(), header.destination()), (Some(0x23), Some(0)));
    assert_eq!((header.time_reference_status(), header.len()), (0, 14));
    assert_eq!(header.time_octets(), &HERA[13..20]);
    assert_eq!(HERA[SpacePacketHeader::LEN + header.len()..][..4], [0x19, 0x00, 0xFA, 0xA3]);
}

#[test]
fn the_other_issue_is_refused_and_so_is_a_packet_without_header() {
    let (a, c) = (PusFormat::a(PusTime::Absent), PusFormat::c(PusTime::Absent));
    assert_eq!(a.parse(&HERA), Err(PusError::Version { version: 2, expected: 1 }));
    assert_eq!(c.parse(&EUCLID), Err(PusError::Version { version: 1, expected: 2 }));
    let time = [0x00, 0x00, 0xCA, 0x5D, 0x00, 0x08, 0x06, 0x2F, 0x00, 0x01, 0x6C, 0xCE, 0x86, 0x02, 0xD9];
    assert_eq!(a.parse(&time), Err(PusError::NoTelemetryHeader));
    let mut telecommand = EUCLID;
    telecommand[0] |= 0x10;
    assert_eq!(a.parse(&telecommand), Err(PusError::NoTelemetryHeader));
    assert_eq!(a.parse(&[0xE9, 4, 0, 0, 0, 0]), Err(PusError::NoTelemetryHeader));
}

/// A P-field before the time tells its layout (301.0-B-4 §3.1): `2E` is an agency's epoch with four and two octets.
#[test]
fn an_explicit_p_field_gives_the_layout_of_the_time() {
    let agency = Date::new(2000, 1, 1).unwrap();
    let format = PusFormat { issue: PusIssue::C, time: PusTime::PField { agency }, spare_len: 1 };
    let packet =
        [0x08, 0x05, 0xC0, 0x00, 0x00, 0x0F, 0x2F, 3, 25, 0, 9, 0, 7, 0x2E, 0, 0, 1, 0, 0x80, 0, 0xEE, 0x55];
    let header = format.parse(&packet).unwrap();
    assert_eq!(
        (header.time_reference_status(), header.counter(), header.destination()),
        (15, Some(9), Some(7))
    );
    assert_eq!(header.len(), 15);
    let Some(Ok(Time::Uniform(time))) = header.time() else { panic!("no time") };
    assert_eq!((time.seconds(), time.fraction()), (256, 1 << 63));
    let mut unknown = packet;
    unknown[13] = 0x7E;
    assert_eq!(format.parse(&unknown), Err(PusError::PField));
}

#[test]
fn a_packet_cut_anywhere_in_its_header_is_short() {
    let format = PusFormat::c(PusTime::Implicit(cuc(4, 3)));
    for len in 0..20 {
        assert!(matches!(format.parse(&HERA[..len]), Err(PusError::Short(_))), "{len} octets");
    }
    assert!(format.parse(&HERA[..20]).is_ok());
    let long = PusFormat { spare_len: 7, ..format };
    assert_eq!(long.parse(&HERA), Err(PusError::Short(ShortHeader { needed: 21, actual: 20 })));
}

/// A day segmented time of a real instrument packet (VIIRS), behind a header of issue A without counter.
#[test]
fn issue_a_without_counter_and_with_day_segmented_time() {
    let cds = CdsFormat::new(CdsEpoch::Ccsds, 2, SubMillisecond::Microsecond).unwrap();
    let issue = PusIssue::A { counter: false, destination_len: 0 };
    let format = PusFormat { issue, time: PusTime::Implicit(TimeFormat::Cds(cds)), spare_len: 0 };
    let packet = [0x08, 0x05, 0xC0, 0, 0, 10, 0x10, 3, 25, 0x55, 0x3B, 0x02, 0xFB, 0x8E, 0xEF, 0x03, 0x7B];
    let header = format.parse(&packet).unwrap();
    assert_eq!((header.counter(), header.destination(), header.len()), (None, None, 11));
    let Some(Ok(Time::Utc(time))) = header.time() else { panic!("no time") };
    assert_eq!(std::format!("{time:.6}"), "2017-09-27T13:54:00.559891Z");
}

proptest! {
    #[test]
    fn headers_of_issue_c_read_as_another_implementation_writes_them(
        apid: u8, service: u8, subservice: u8, counter: u16, destination: u16,
        time in proptest::collection::vec(any::<u8>(), 0..12), data in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let secondary = PusTmSecondaryHeader::new(MessageTypeId::new(service, subservice), counter, destination, &time);
        let primary = SpHeader::new_from_apid(apid.into());
        let mut octets = [0; 100];
        let len = PusTmCreator::new(primary, secondary, &data, CreatorConfig::default())
            .write_to_slice(&mut octets)
            .unwrap();
        let packet = &octets[..len];
        let header = PusFormat::c(PusTime::Opaque(time.len() as u8)).parse(packet).unwrap();
        let theirs = PusTmReader::new(packet, time.len()).unwrap();
        prop_assert_eq!(header.service(), theirs.service_type_id());
        prop_assert_eq!(header.subservice(), theirs.message_subtype_id());
        prop_assert_eq!(header.counter(), Some(theirs.sec_header.msg_type_counter()));
        prop_assert_eq!(header.destination(), Some(u64::from(theirs.sec_header.dest_id())));
        prop_assert_eq!(header.time_octets(), theirs.timestamp());
        prop_assert_eq!(&packet[SpacePacketHeader::LEN + header.len()..len - 2], theirs.source_data());
    }

    #[test]
    fn headers_of_issue_a_read_as_another_implementation_writes_them(
        service: u8, subservice: u8, counter: Option<u8>, destination: Option<u32>,
        spare_len in 0u8..3, time in proptest::collection::vec(any::<u8>(), 0..12),
    ) {
        let field = destination.map(|value| UnsignedByteField::new(4, u64::from(value)));
        let secondary = tm_pus_a::PusTmSecondaryHeader::new(
            service, subservice, counter, field, &time, spare_len.into(),
        );
        let mut packet = [0; 60];
        packet[0] = 0x08;
        let len = secondary.write_to_slice(&mut packet[6..]).unwrap();
        let issue = PusIssue::A {
            counter: counter.is_some(),
            destination_len: if field.is_some() { 4 } else { 0 },
        };
        let format = PusFormat { issue, time: PusTime::Opaque(time.len() as u8), spare_len };
        let header = format.parse(&packet).unwrap();
        prop_assert_eq!((header.service(), header.subservice()), (service, subservice));
        prop_assert_eq!(header.counter(), counter.map(u16::from));
        prop_assert_eq!(header.destination(), destination.map(u64::from));
        prop_assert_eq!((header.time_octets(), header.len()), (&time[..], len));
    }

    #[test]
    fn no_octets_make_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..40), issue_a: bool, destination_len: u8, spare_len: u8) {
        let issue = if issue_a { PusIssue::A { counter: true, destination_len } } else { PusIssue::C };
        let agency = Date::new(2000, 1, 1).unwrap();
        for time in [PusTime::Absent, PusTime::Implicit(CUC_4_2), PusTime::PField { agency }, PusTime::Opaque(spare_len)] {
            if let Ok(header) = (PusFormat { issue, time, spare_len }).parse(&octets) {
                prop_assert!(SpacePacketHeader::LEN + header.len() <= octets.len());
                let _ = header.time();
            }
        }
    }
}
