//! From frames to packets.

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{
    AosParameters, ChannelContent, Content, Fhp, FrameFormat, OcfPresence, SecondaryHeader, TmParameters,
    UslpParameters,
};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::{EncapsulationHeader, SpacePacketHeader, has_known_version, is_idle, packet_len};
use ccsds_core::quality::{FrameMeta, FrameQuality, PacketQuality};
use ccsds_core::vc::{Continuity, Delivery, PacketAssembler, VcDemux, VcSlot};

use crate::Choices;

/// Whatever parses lies inside the octets given, and pointers lie inside their zone.
pub fn frames(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let ocf = [OcfPresence::Absent, OcfPresence::Flagged, OcfPresence::Present][choices.below(3)];
    let fecf = [Fecf::Absent, Fecf::Crc16, Fecf::Crc32][choices.below(3)];
    let (zone, header_error_control) = (choices.below(70), choices.below(2) == 1);
    let frame = choices.rest();
    let secondary_header =
        if zone == 0 { SecondaryHeader::Flagged } else { SecondaryHeader::Fixed(zone as u8) };
    let frame_len = frame.len();
    let formats = [
        FrameFormat::tm(TmParameters { frame_len, secondary_header, ocf, fecf }),
        FrameFormat::aos(AosParameters { frame_len, header_error_control, insert_zone: zone, ocf, fecf }),
        FrameFormat::uslp(UslpParameters { frame_len, insert_zone: zone, ocf, fecf }),
    ];
    for format in formats.into_iter().flatten() {
        let _ = format.check_fecf(frame);
        let Ok(parsed) = format.parse(frame) else { continue };
        assert!(parsed.bytes().len() <= frame.len());
        let parts = parsed.data_field().len() + parsed.insert_zone().len() + parsed.secondary_header().len();
        assert!(parts + parsed.ocf().map_or(0, |ocf| ocf.len()) < parsed.bytes().len());
        for channel in
            [ChannelContent::Bitstream, ChannelContent::Idle, ChannelContent::Packets, ChannelContent::Vca]
        {
            match parsed.content(channel) {
                Ok(Content::Packets(zone)) => {
                    assert!(zone.octets.len() <= parsed.data_field().len());
                    if let Fhp::At(at) = zone.fhp {
                        assert!(usize::from(at) < zone.octets.len());
                    }
                }
                Ok(Content::Bitstream(zone)) => assert!(zone.valid_bits <= zone.octets.len() * 8),
                Ok(Content::Idle(_) | Content::Vca(_)) | Err(_) => {}
            }
        }
        // Declared by its own name, a frame always finds its channel.
        let slot =
            VcSlot::new(ccsds_core::vc::Channel { gvcid: parsed.gvcid(), content: ChannelContent::Vca });
        let mut demux = VcDemux::new([slot]);
        let _ = demux.route(&parsed, FrameQuality::EXTERNAL);
        assert_eq!(demux.slots()[0].counts().total(), 1);
    }
}

/// The octet ledger of an assembler closes after every frame, whatever the frames say, and no packet exceeds the store.
pub fn assembler(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let store = choices.below(200);
    let mut assembler = PacketAssembler::new(vec![0; store]);
    let (mut fed, mut delivered, mut truncated) = (0, 0, 0);
    while !choices.is_empty() {
        let continuity = match choices.below(8) {
            0 => Continuity::First,
            1 => Continuity::Gap { missing: 1 },
            2 => Continuity::Repeat,
            3 => Continuity::Restart,
            _ => Continuity::Next,
        };
        let (kind, pointer, len) = (choices.below(8), choices.octet(), 1 + choices.below(64));
        let zone = choices.take(len);
        if zone.is_empty() {
            break;
        }
        let fhp = match kind {
            0 => Fhp::IdleOnly,
            1 | 2 => Fhp::NoPacketStart,
            _ => Fhp::At(u16::from(pointer) % zone.len() as u16),
        };
        let content = Content::Packets(ccsds_core::frame::PacketZone { fhp, octets: zone });
        let gvcid = Gvcid::new(Tfvn::Aos, Scid::new(1), Vcid::from_low_bits(1));
        let delivery = Delivery { vc: Default::default(), gvcid, continuity, content };
        fed += zone.len() as u64;
        let mut packets = assembler.push(&delivery, &FrameMeta::default());
        // A caller may stop at any packet.
        for _ in 0..choices.below(5) {
            let Some(packet) = packets.next() else { break };
            assert!(packet.bytes.len() <= store);
            if packet.meta.quality.contains(PacketQuality::TRUNCATED) {
                truncated += 1;
            } else {
                assert_eq!(packet_len(packet.bytes), Ok(packet.bytes.len()));
                delivered += 1;
            }
        }
        drop(packets);
        assert_eq!(assembler.octets().total(), fed, "the octet ledger closes");
    }
    let account = assembler.packets();
    assert!(delivered <= account.packets + account.idle && truncated <= account.truncated);
}

/// Packet lengths and headers agree with each other.
pub fn packets(octets: &[u8]) {
    let mut rest = octets;
    while let Ok(len) = packet_len(rest) {
        assert!(len > 0);
        assert_eq!(
            packet_len(rest.get(..len).unwrap_or(rest)),
            Ok(len),
            "the packet alone tells the same length"
        );
        if let Ok(header) = EncapsulationHeader::parse(rest) {
            assert_eq!((header.packet_len(), header.is_idle()), (len, is_idle(rest)));
            assert!(has_known_version(rest));
        } else if let Some(header) = rest.first_chunk() {
            let header = SpacePacketHeader::from_bytes(header);
            assert!(header.packet_len() == len || !has_known_version(rest));
            assert_eq!(Some(&header.to_bytes()), rest.first_chunk());
        }
        let Some(next) = rest.get(len..) else { break };
        rest = next;
    }
}
