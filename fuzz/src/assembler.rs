//! Packet assembly: the account on any zones, and whole packets through damaged ones.

use ccsds_core::frame::{Content, Fhp, PacketZone};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::packet_len;
use ccsds_core::quality::{FrameMeta, FrameQuality, PacketQuality};
use ccsds_core::vc::{Continuity, Delivery, PacketAssembler};

use crate::choices::Choices;
use crate::stream;

/// The octet ledger of an assembler closes after every frame, whatever the frames say; no packet exceeds the store; and a zone
/// gives at most a packet for each octet, and one that came before it.
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
        fed += zone.len() as u64;
        let mut packets = assembler.push(&delivery(continuity, fhp, zone), &FrameMeta::default());
        // A caller may stop at any packet; one that does not comes to an end.
        let wanted = [0, 1, 2, 3, usize::MAX][choices.below(5)];
        let mut taken = 0;
        while taken < wanted {
            let Some(packet) = packets.next() else { break };
            taken += 1;
            assert!(taken <= zone.len() + 2, "more packets than a zone can hold");
            assert!(packet.bytes.len() <= store.max(zone.len()));
            if packet.meta.quality.contains(PacketQuality::TRUNCATED) {
                truncated += 1;
            } else {
                assert_eq!(packet_len(packet.bytes), Ok(packet.bytes.len()));
                delivered += 1;
            }
        }
        drop(packets);
        assert_eq!(assembler.octets().total(), fed, "the octet ledger closes");
        assert!(assembler.octets().pending <= store as u64);
    }
    let account = assembler.packets();
    assert!(delivered <= account.packets + account.idle && truncated <= account.truncated);
}

/// Packets in zones of which some are damaged: each packet that lies in whole zones alone comes out once, in order, octet for
/// octet and called good, whatever the damaged zones said; and nothing that was not sent is called good unless a zone lied.
pub fn packet_stream(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let zone_len = 8 + choices.below(120);
    let sent = sent_packets(&mut choices);
    let mut link: Vec<u8> = sent.concat();
    link.resize(link.len().div_ceil(zone_len) * zone_len, 0xE0); // Idle packets of one octet.
    let mut starts = Vec::new();
    let mut at = 0;
    for packet in &sent {
        starts.push(at);
        at += packet.len();
    }
    let starts_in = |zone: usize| {
        let first = starts.iter().copied().chain(at..link.len()).find(|start| start / zone_len == zone);
        first.map_or(Fhp::NoPacketStart, |start| Fhp::At((start % zone_len) as u16))
    };

    let trusted = FrameMeta { quality: FrameQuality::EXTERNAL, ..FrameMeta::default() };
    let mut assembler = PacketAssembler::new(vec![0; 4096]);
    let (mut whole, mut good, mut lied, mut after_loss) = (Vec::new(), Vec::new(), false, false);
    for (number, zone) in link.chunks(zone_len).enumerate() {
        let damage = choices.any().unwrap_or(Damage::None);
        let mut octets = zone.to_vec();
        let (mut continuity, mut fhp) = (Continuity::Next, starts_in(number));
        let mut copies = 1;
        match damage {
            Damage::None => {}
            Damage::Lost => copies = 0,
            Damage::Repeated => copies = 2,
            Damage::Octets { seed } => {
                octets = stream::octets(seed, zone_len);
                lied = true;
            }
            Damage::Pointer { at } => {
                fhp = Fhp::At(u16::from(at) % zone_len as u16);
                lied = true;
            }
        }
        if number == 0 {
            continuity = Continuity::First;
        } else if after_loss {
            continuity = Continuity::Gap { missing: 1 };
        }
        after_loss = copies == 0;
        whole.push(matches!(damage, Damage::None | Damage::Repeated));
        for copy in 0..copies {
            let continuity = if copy == 0 { continuity } else { Continuity::Repeat };
            let mut packets = assembler.push(&delivery(continuity, fhp, &octets), &trusted);
            while let Some(packet) = packets.next() {
                if packet.meta.quality.is_good() && !packet.is_idle() {
                    good.push(packet.bytes.to_vec());
                }
            }
        }
    }
    let mut found = good.iter();
    for (packet, start) in sent.iter().zip(&starts) {
        let zones = start / zone_len..=(start + packet.len() - 1) / zone_len;
        if zones.into_iter().all(|zone| whole[zone]) {
            assert!(found.any(|good| good == packet), "a packet in whole zones was lost");
        }
    }
    if !lied {
        let mut left = sent.iter();
        assert!(good.iter().all(|packet| left.any(|sent| sent == packet)), "a packet was made up");
    }
}

/// What befalls the zone of one frame.
#[derive(arbitrary::Arbitrary, Clone, Copy, Debug)]
enum Damage {
    None,
    Lost,
    Octets { seed: u8 },
    Pointer { at: u8 },
    Repeated,
}

/// Space packets and encapsulation packets; each has a number of its own in it, so that no two are the same.
fn sent_packets(choices: &mut Choices<'_>) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for number in 0..1 + choices.below(40) as u8 {
        let (kind, len) = (choices.below(4), choices.below_wide(700));
        let mut packet = match kind {
            0 => vec![0xE8 | 1, 0],
            1 => vec![0xE8 | 2, 0, 0, 0],
            _ => vec![0x08, 0x2A, 0xC0, number, 0, 0],
        };
        let header_len = packet.len();
        let len = if kind == 0 { len % 200 } else { len };
        packet.extend([number, number]);
        packet.extend(stream::octets(number, len));
        let whole = packet.len() as u16;
        match header_len {
            2 => packet[1] = whole as u8,
            4 => packet[2..4].copy_from_slice(&whole.to_be_bytes()),
            _ => packet[4..6].copy_from_slice(&(whole - 7).to_be_bytes()),
        }
        packets.push(packet);
    }
    packets
}

fn delivery(continuity: Continuity, fhp: Fhp, octets: &[u8]) -> Delivery<'_> {
    let gvcid = Gvcid::new(Tfvn::Aos, Scid::new(1), Vcid::from_low_bits(1));
    Delivery {
        vc: Default::default(),
        gvcid,
        continuity,
        content: Content::Packets(PacketZone { fhp, octets }),
    }
}
