//! 355.0-B-2, space data link security with keys. Frames are protected by `ring`, which shares no code with what opens them.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{
    AosParameters, ChannelContent, FrameFormat, OcfPresence, SecondaryHeader, TmParameters, UslpParameters,
};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::ledger::SecurityLedger;
use ccsds_core::quality::{FrameMeta, FrameQuality};
use ccsds_core::sdls::{
    self, Decryptor, KeyedAssociation, Sdls, SecuredChannels, SecurityAlgorithm, SecurityAssociation,
    SecurityKey, SecurityOutcome, SecurityParameters, SecurityService, Spi,
};
use ccsds_core::vc::{Channel, PacketAssembler, Route, VcBank, VcDemux};
use proptest::prelude::*;
use ring::{aead, hmac};

const PROTOCOLS: [Tfvn; 3] = [Tfvn::Tm, Tfvn::Aos, Tfvn::Uslp];
const PACKETS: usize = 4;
const PACKET_LEN: usize = 15;

/// How a frame is protected.
#[derive(Clone, Copy, Debug)]
struct Protection {
    tfvn: Tfvn,
    algorithm: SecurityAlgorithm,
    service: SecurityService,
    key_len: usize,
    mac_len: usize,
    sequence_number_len: usize,
    /// Octets of fill, where a field says how many.
    pad: Option<usize>,
    /// Octets of a mask that hides every other bit of the header.
    mask: usize,
    window: u64,
}

const GCM: Protection = Protection {
    tfvn: Tfvn::Aos,
    algorithm: SecurityAlgorithm::AesGcm,
    service: SecurityService::AuthenticatedEncryption,
    key_len: 32,
    mac_len: 16,
    sequence_number_len: 0,
    pad: None,
    mask: 0,
    window: 0,
};

impl Protection {
    fn association(&self) -> SecurityAssociation {
        SecurityAssociation::new(SecurityParameters {
            spi: Spi::new(0x1234),
            channels: SecuredChannels::one(gvcid(self.tfvn)),
            service: self.service,
            iv_len: if self.algorithm == SecurityAlgorithm::AesGcm { 12 } else { 0 },
            sequence_number_len: self.sequence_number_len,
            pad_length_len: usize::from(self.pad.is_some()),
            mac_len: self.mac_len,
        })
        .unwrap()
    }

    fn mask(&self) -> Vec<u8> {
        vec![0x55; self.mask]
    }

    fn decryptor(&self, key: &[u8]) -> Sdls<[KeyedAssociation<Vec<u8>>; 1], Vec<u8>> {
        let key = SecurityKey::new(key).unwrap();
        Sdls::new([
            KeyedAssociation::new(self.association(), self.algorithm, key, self.mask(), self.window).unwrap()
        ])
    }

    /// A whole frame and its format, as the sender makes it: 355.0-B-2 §4.2, written without a look at the receiver.
    fn protect(&self, key: &[u8], count: u8, number: u64) -> (FrameFormat, Vec<u8>) {
        let inner = packets(self.tfvn, count);
        let mut frame = vec![];
        let header_len = self.association().header_len();
        let len_behind = header_len + inner.len() + self.pad.unwrap_or(0) + self.mac_len + 4 + 2;
        let (format, before) = layout(self.tfvn, count, len_behind);
        frame.extend(before);
        frame.extend(0x1234u16.to_be_bytes());
        let mut iv = [0x77; 12];
        iv[4..].copy_from_slice(&number.to_be_bytes());
        if self.algorithm == SecurityAlgorithm::AesGcm {
            frame.extend(iv);
        }
        frame.extend(&number.to_be_bytes()[8 - self.sequence_number_len..]);
        if let Some(pad) = self.pad {
            frame.push(pad as u8);
        }
        let data_start = frame.len();
        frame.extend(inner);
        frame.extend(vec![0xEE; self.pad.unwrap_or(0)]);
        let covered = if self.service.encrypts() { data_start } else { frame.len() };
        let mut masked = frame[..covered].to_vec();
        masked.iter_mut().zip(self.mask()).for_each(|(octet, bits)| *octet &= bits);
        let mac: Vec<u8> = match self.algorithm {
            SecurityAlgorithm::AesGcm => {
                let algorithm = if self.key_len == 16 { &aead::AES_128_GCM } else { &aead::AES_256_GCM };
                let sealing = aead::LessSafeKey::new(aead::UnboundKey::new(algorithm, key).unwrap());
                let nonce = aead::Nonce::assume_unique_for_key(iv);
                let tag = sealing
                    .seal_in_place_separate_tag(nonce, aead::Aad::from(&masked), &mut frame[covered..])
                    .unwrap();
                tag.as_ref()[..self.mac_len].to_vec()
            }
            SecurityAlgorithm::HmacSha256 => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &masked).as_ref()[..self.mac_len].to_vec()
            }
            SecurityAlgorithm::HmacSha512 => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, key), &masked).as_ref()[..self.mac_len].to_vec()
            }
            _ => panic!("the oracle has no such algorithm"),
        };
        frame.extend(mac);
        // Operational control and error control fields are outside: security does not look at them.
        frame.extend([0x80, 1, 2, 3, 4, 5]);
        (format, frame)
    }
}

fn gvcid(tfvn: Tfvn) -> Gvcid {
    Gvcid::new(tfvn, Scid::new(42), Vcid::from_low_bits(5))
}

/// The format, and everything before the security header, of a frame with `behind` octets from there on.
fn layout(tfvn: Tfvn, count: u8, behind: usize) -> (FrameFormat, Vec<u8>) {
    let (ocf, fecf) = (OcfPresence::Present, Fecf::Crc16);
    let (format, before) = match tfvn {
        Tfvn::Tm => {
            let before = vec![0x02, 0xAB, count, count, 0x98, 0, 2, 0x55, 0x55];
            let secondary_header = SecondaryHeader::Flagged;
            let frame_len = before.len() + behind;
            (FrameFormat::tm(TmParameters { frame_len, secondary_header, ocf, fecf }), before)
        }
        Tfvn::Aos => {
            let before = vec![0x4A, 0x85, 0, 0, count, 0, 0x55, 0x55];
            let frame_len = before.len() + behind;
            let (header_error_control, insert_zone) = (false, 2);
            let aos = AosParameters { frame_len, header_error_control, insert_zone, ocf, fecf };
            (FrameFormat::aos(aos), before)
        }
        _ => {
            let len = 10 + behind;
            let before = vec![0xC0, 0x02, 0xA0, 0xA0, 0, len as u8 - 1, 0x09, count, 0x55, 0x55];
            let uslp = UslpParameters { frame_len: len, insert_zone: 2, ocf, fecf, truncated_len: 0 };
            (FrameFormat::uslp(uslp), before)
        }
    };
    (format.unwrap(), before)
}

/// What begins the data of a packet channel, and four packets.
fn packets(tfvn: Tfvn, count: u8) -> Vec<u8> {
    let mut data = match tfvn {
        Tfvn::Tm => vec![],
        Tfvn::Aos => vec![0, 0],
        _ => vec![0, 0, 0],
    };
    for n in 0..PACKETS as u8 {
        data.extend([0, 9, 0xC0, 4 * count + n, 0, PACKET_LEN as u8 - 7]);
        data.extend([count ^ n; PACKET_LEN - 6]);
    }
    data
}

fn meta() -> FrameMeta {
    FrameMeta { quality: FrameQuality::EXTERNAL, ..FrameMeta::default() }
}

/// Open a frame and demultiplex it: the outcome, and how many octets of packets come out.
fn receive(
    format: &FrameFormat,
    decryptor: &mut impl Decryptor,
    bytes: &mut [u8],
    bank: &mut VcBank<[u8; 64], 1>,
) -> (SecurityOutcome, usize) {
    let Ok((frame, opened)) = sdls::open(format, decryptor, bytes, &meta()) else {
        return (SecurityOutcome::Malformed, 0);
    };
    let mut octets = 0;
    if let Ok(mut packets) = bank.push(&frame, &meta()) {
        while let Some(packet) = packets.next() {
            octets += packet.bytes.len();
        }
    }
    (opened.outcome, octets)
}

fn bank(tfvn: Tfvn) -> VcBank<[u8; 64], 1> {
    let channel = Channel { gvcid: gvcid(tfvn), content: ChannelContent::Packets };
    VcBank::new([channel], [PacketAssembler::new([0; 64])])
}

fn key(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 7 + 3) as u8).collect()
}

/// Every kind of protection that the oracle knows.
fn protections() -> Vec<Protection> {
    let mut all = vec![];
    for tfvn in PROTOCOLS {
        for (key_len, mask, pad) in [(16, 0, None), (32, 0, Some(0)), (16, 6, Some(9)), (32, 30, None)] {
            all.push(Protection { tfvn, key_len, mask, pad, ..GCM });
            let authentication = Protection { service: SecurityService::Authentication, ..GCM };
            all.push(Protection { tfvn, key_len, mask, pad, ..authentication });
            let code = Protection { tfvn, key_len, mask, pad, sequence_number_len: 4, ..authentication };
            all.push(Protection { algorithm: SecurityAlgorithm::HmacSha256, mac_len: 32, ..code });
            all.push(Protection { algorithm: SecurityAlgorithm::HmacSha512, mac_len: 8, ..code });
        }
    }
    all
}

#[test]
fn protected_frames_of_every_protocol_open_and_deliver_their_packets() {
    for protection in protections() {
        let key = key(protection.key_len);
        let (mut decryptor, mut bank) = (protection.decryptor(&key), bank(protection.tfvn));
        let mut ledger = SecurityLedger::EMPTY;
        for count in 0..3 {
            let (format, mut bytes) = protection.protect(&key, count, 100 + u64::from(count));
            let sent = bytes.clone();
            let place = format.parse(&bytes).unwrap().data_place();
            let (frame, opened) = sdls::open(&format, &mut decryptor, &mut bytes, &meta()).unwrap();
            ledger.record(&place, &opened);
            let expected = if protection.service.encrypts() {
                SecurityOutcome::Opened
            } else {
                SecurityOutcome::Authenticated
            };
            assert_eq!(opened.outcome, expected, "{protection:?}");
            assert_eq!(frame.data_field(), packets(protection.tfvn, count));
            assert_eq!(opened.sequence_number.map(|number| number as u8), Some(100 + count));
            // Headers and trailers are as they were sent.
            assert_eq!(frame.bytes()[..opened.start], sent[..opened.start]);
            assert_eq!(
                frame.bytes()[place.end - protection.mac_len..],
                sent[place.end - protection.mac_len..]
            );
            let mut packets = bank.push(&frame, &meta()).unwrap();
            let mut whole = 0;
            while let Some(packet) = packets.next() {
                assert_eq!((packet.bytes.len(), packet.meta.quality.is_good()), (PACKET_LEN, true));
                whole += 1;
            }
            assert_eq!(whole, PACKETS);
        }
        assert_eq!(ledger.frames(), 3);
        assert_eq!(ledger.data_octets, 3 * packets(protection.tfvn, 0).len() as u64);
        let association = protection.association();
        assert_eq!(ledger.header_octets, 3 * association.header_len() as u64);
        let fill = protection.pad.unwrap_or(0);
        assert_eq!(ledger.trailer_octets, 3 * (association.trailer_len() + fill) as u64);
    }
}

#[test]
fn a_frame_sent_again_or_too_far_ahead_is_refused_and_costs_its_neighbours_nothing() {
    use SecurityOutcome::{BadMac, Opened, Replayed};
    let protection = Protection { window: 10, ..GCM };
    let key = key(32);
    let (mut decryptor, mut bank) = (protection.decryptor(&key), bank(Tfvn::Aos));
    let mut delivered = 0;
    let steps = [
        (0, 50, Opened),
        (0, 50, Replayed),
        (1, 51, Opened),
        // An old number on a new frame, a number that leaves the window; neither moves the window.
        (2, 49, Replayed),
        (2, 62, Replayed),
        (2, 61, Opened),
        (3, 62, Opened),
    ];
    for (count, number, expected) in steps {
        let (format, mut bytes) = protection.protect(&key, count, number);
        // A forgery with a number far ahead does not move the window either.
        let mut forged = protection.protect(&key, count, number + 5).1;
        let last = forged.len() - 7;
        forged[last] ^= 1;
        assert_eq!(receive(&format, &mut decryptor, &mut forged, &mut bank), (BadMac, 0));
        let (outcome, octets) = receive(&format, &mut decryptor, &mut bytes, &mut bank);
        assert_eq!(outcome, expected, "{number}");
        assert_eq!(octets > 0, expected == Opened);
        delivered += octets;
    }
    assert_eq!(delivered, 4 * PACKETS * PACKET_LEN);
    let counts = bank.demux().slots()[0].counts();
    assert_eq!((counts.first, counts.next, counts.total()), (1, 3, 4), "refused frames move no count");
}

#[test]
fn another_key_opens_nothing() {
    for protection in protections() {
        let (format, mut bytes) = protection.protect(&key(protection.key_len), 0, 1);
        let mut other = key(protection.key_len);
        other[0] ^= 1;
        let mut decryptor = protection.decryptor(&other);
        let (frame, opened) = sdls::open(&format, &mut decryptor, &mut bytes, &meta()).unwrap();
        assert_eq!(opened.outcome, SecurityOutcome::BadMac);
        let channel = Channel { gvcid: gvcid(protection.tfvn), content: ChannelContent::Packets };
        let routed = VcDemux::declare([channel]).route(&frame, FrameQuality::EXTERNAL);
        assert_eq!(routed, Route::Refused(SecurityOutcome::BadMac));
    }
}

#[test]
fn fill_that_is_longer_than_the_data_makes_an_authentic_frame_malformed() {
    let protection = Protection {
        algorithm: SecurityAlgorithm::HmacSha256,
        service: SecurityService::Authentication,
        pad: Some(200),
        ..GCM
    };
    // The sender says 200 octets of fill and sends them; then the field is made to say more, and the code again.
    let key = key(32);
    let (format, mut frame) = protection.protect(&key, 0, 0);
    let place = format.parse(&frame).unwrap().data_place();
    let start = place.start + protection.association().header_len();
    let inner = packets(Tfvn::Aos, 0).len();
    let shorter: Vec<u8> = [&frame[..start], &frame[start + inner..start + inner + 100]].concat();
    let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &shorter);
    frame = [&shorter[..], &code.as_ref()[..16], &[0; 6]].concat();
    let (format, _) = layout(Tfvn::Aos, 0, frame.len() - place.start);
    let mut decryptor = protection.decryptor(&key);
    let (frame, opened) = sdls::open(&format, &mut decryptor, &mut frame, &meta()).unwrap();
    assert_eq!(opened.outcome, SecurityOutcome::Malformed);
    assert!(frame.data_field().is_empty());
}

/// Bits of the mask are the only ones that may change: every other one, in `mask` octets, may be anything.
#[test]
fn what_the_mask_hides_may_change_on_the_way() {
    let protection = Protection { mask: 8, ..GCM };
    let key = key(32);
    let (format, mut bytes) = protection.protect(&key, 0, 1);
    // The insert zone, and a reserved bit of the signalling field.
    bytes[6] ^= 0xAA;
    bytes[7] ^= 0x82;
    let mut decryptor = protection.decryptor(&key);
    let (frame, opened) = sdls::open(&format, &mut decryptor, &mut bytes, &meta()).unwrap();
    assert_eq!(opened.outcome, SecurityOutcome::Opened);
    assert_eq!(frame.insert_zone(), [0x55 ^ 0xAA, 0x55 ^ 0x82], "what was received, not what was masked");
}

proptest! {
    /// Whatever is changed in what is protected: the frame is refused, or it is now a frame of another channel.
    #[test]
    fn a_changed_frame_is_refused_and_never_delivered(
        which in 0usize..48,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
    ) {
        let protection = Protection { mask: 0, ..protections()[which] };
        let key = key(protection.key_len);
        let (format, sent) = protection.protect(&key, 1, 9);
        let mut bytes = sent.clone();
        let protected = sent.len() - 6;
        for (index, bits) in changes {
            bytes[index.index(protected)] ^= bits;
        }
        prop_assume!(bytes != sent);
        let (mut decryptor, mut bank) = (protection.decryptor(&key), bank(protection.tfvn));
        let elsewhere = match format.parse(&bytes) {
            Ok(frame) => frame.gvcid() != gvcid(protection.tfvn),
            Err(_) => true,
        };
        let (outcome, octets) = receive(&format, &mut decryptor, &mut bytes, &mut bank);
        prop_assert_eq!(octets, 0);
        prop_assert!(outcome.is_refused() || elsewhere, "{:?}", outcome);
        // The next one is none the worse.
        let (format, mut next) = protection.protect(&key, 2, 10);
        let (outcome, octets) = receive(&format, &mut decryptor, &mut next, &mut bank);
        prop_assert!(matches!(outcome, SecurityOutcome::Opened | SecurityOutcome::Authenticated));
        prop_assert_eq!(octets, PACKETS * PACKET_LEN);
    }

    /// Any octets at all: no panic, and the account closes.
    #[test]
    fn any_octets_are_accounted_for(which in 0usize..48, frames in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 1..200), 1..5)) {
        let protection = protections()[which];
        let mut decryptor = protection.decryptor(&key(protection.key_len));
        let (mut ledger, mut total) = (SecurityLedger::EMPTY, 0);
        for behind in frames {
            let (format, before) = layout(protection.tfvn, 0, behind.len() + 6);
            let mut bytes = [before, behind, vec![0; 6]].concat();
            let Ok(frame) = format.parse(&bytes) else { continue };
            let place = frame.data_place();
            let (_, opened) = sdls::open(&format, &mut decryptor, &mut bytes, &meta()).unwrap();
            ledger.record(&place, &opened);
            total += (place.end - place.start) as u64;
        }
        prop_assert_eq!(ledger.octets(), total);
        prop_assert_eq!(ledger.handed_on(), 0);
    }
}
