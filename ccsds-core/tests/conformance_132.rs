//! TM transfer frames, clause by clause (132.0-B-3).
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use ccsds_core::frame::{
    ChannelContent, Content, Fhp, FrameError, FrameFormat, OcfPresence, PacketZone, SecondaryHeader,
    TmParameters, VcaStatus,
};
use ccsds_core::quality::FrameQuality;
use ccsds_core::vc::{Channel, Continuity, Route, VcDemux, VcFrameCount};

fn tm(parameters: TmParameters) -> FrameFormat {
    FrameFormat::tm(parameters).unwrap()
}

/// A frame of spacecraft 1, channel 2, with a secondary header that extends its count.
fn extended(count: u32) -> [u8; 20] {
    let mut bytes = [0; 20];
    let [a, b, c, d] = count.to_be_bytes();
    bytes[..10].copy_from_slice(&[0x00, 0x14, 0, d, 0x98, 0x00, 0x03, a, b, c]);
    bytes
}

/// §4.1.3.3: the secondary header may carry the upper 24 bits of a frame count of 32.
#[test]
fn a_secondary_header_extends_the_frame_count_to_32_bits() {
    let secondary_header = SecondaryHeader::ExtendedCount;
    let format = tm(TmParameters { frame_len: 20, secondary_header, ..TmParameters::default() });
    let bytes = extended(0x0102_03FF);
    let frame = format.parse(&bytes).unwrap();
    assert_eq!(frame.vc_frame_count(), VcFrameCount::new(0x0102_03FF, 32));
    assert_eq!((frame.secondary_header().len(), frame.data_field().len()), (4, 10));

    // The count goes on over the wrap of its eight bits, and a loss of more than one turn of them is seen.
    let gvcid = frame.gvcid();
    let mut demux = VcDemux::declare([Channel { gvcid, content: ChannelContent::Packets }]);
    let mut step = |count| {
        let bytes = extended(count);
        match demux.route(&format.parse(&bytes).unwrap(), FrameQuality::EXTERNAL) {
            Route::Channel(delivery) => delivery.continuity,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(step(0x0102_03FF), Continuity::First);
    assert_eq!(step(0x0102_0400), Continuity::Next);
    assert_eq!(step(0x0102_0601), Continuity::Gap { missing: 0x200 });
    assert_eq!(step(5), Continuity::Restart);
}

#[test]
fn a_secondary_header_too_short_for_the_extended_count_is_malformed() {
    let secondary_header = SecondaryHeader::ExtendedCount;
    let format = tm(TmParameters { frame_len: 20, secondary_header, ..TmParameters::default() });
    let mut bytes = extended(7);
    bytes[6] = 0x02;
    assert_eq!(format.parse(&bytes).unwrap_err(), FrameError::Truncated { needed: 4, actual: 3 });
    // A frame without secondary header has no such count.
    bytes[4] = 0x18;
    assert_eq!(format.parse(&bytes).unwrap_err(), FrameError::Truncated { needed: 4, actual: 0 });
}

/// §4.1.2.7.3 to §4.1.2.7.6: with the synchronization flag set, three fields belong to the project.
#[test]
fn the_status_fields_of_a_vca_frame_are_handed_to_the_project() {
    let format = tm(TmParameters { frame_len: 8, ..TmParameters::default() });
    let bytes = [0, 0, 0, 0, 0b0111_0101, 0x55, 1, 2];
    let frame = format.parse(&bytes).unwrap();
    let status = VcaStatus { packet_order_flag: true, segment_length_id: 2, first_header_pointer: 0x555 };
    assert_eq!(frame.vca_status(), Some(status));
    assert_eq!(frame.content(ChannelContent::Vca), Ok(Content::Vca(&bytes[6..])));
    let packets = [0, 0, 0, 0, 0x18, 0x00, 1, 2];
    assert_eq!(format.parse(&packets).unwrap().vca_status(), None);
}

/// §4.1.2.7.6.5: 7FE says that only idle data are within. Appending them to the open packet is a mistake seen elsewhere.
#[test]
fn a_frame_of_only_idle_data_is_no_part_of_a_packet() {
    let format = tm(TmParameters { frame_len: 8, ..TmParameters::default() });
    let idle = [0, 0, 0, 0, 0x1F, 0xFE, 0x55, 0x55];
    assert!(format.parse(&idle).unwrap().is_only_idle_data());
    let content = format.parse(&idle).unwrap().content(ChannelContent::Packets).unwrap();
    assert!(content.is_idle() && content == Content::Idle(&idle[6..]));
    let none = [0, 0, 0, 0, 0x1F, 0xFF, 0x55, 0x55];
    let zone = PacketZone { fhp: Fhp::NoPacketStart, octets: &none[6..] };
    assert_eq!(format.parse(&none).unwrap().content(ChannelContent::Packets), Ok(Content::Packets(zone)));
}

/// §4.1.2.4: the flag of each frame, or management, tells whether there is an operational control field.
#[test]
fn the_operational_control_field_is_where_flag_or_management_says() {
    let mut bytes = [0x00, 0x14, 0, 0, 0x18, 0x00, 1, 2, 0x15, 0x44, 0xAC, 0x63];
    let format = |ocf| tm(TmParameters { frame_len: 12, ocf, ..TmParameters::default() });
    assert_eq!(format(OcfPresence::Flagged).parse(&bytes).unwrap().ocf(), None);
    assert_eq!(format(OcfPresence::Present).parse(&bytes).unwrap().ocf(), Some([0x15, 0x44, 0xAC, 0x63]));
    bytes[1] |= 1;
    assert_eq!(format(OcfPresence::Flagged).parse(&bytes).unwrap().data_field(), &[1, 2]);
    assert_eq!(format(OcfPresence::Absent).parse(&bytes).unwrap().data_field().len(), 6);
}
