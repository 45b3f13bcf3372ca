//! Space data link security: fields tile the data field, accounts close, and nothing opens that was not protected with the key.

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{
    AosParameters, FrameFormat, OcfPresence, SecondaryHeader, TmParameters, UslpParameters,
};
use ccsds_core::id::{Gvcid, MapId, Scid, Tfvn, Vcid};
use ccsds_core::ledger::SecurityLedger;
use ccsds_core::quality::{FrameMeta, FrameQuality};
use ccsds_core::sdls::{
    self, Decryptor, KeyedAssociation, Sdls, SecuredChannels, SecurityAlgorithm, SecurityAssociation,
    SecurityKey, SecurityOutcome, SecurityParameters, SecurityService, SecurityTable, Spi,
};
use ring::{aead, hmac};

use crate::choices::{Choices, is_one_line};

/// Any lengths make an association or are refused; any frame comes apart under it, or is refused whole; with a key, a frame protected
/// by another implementation opens once, and no other frame does.
pub fn sdls(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let parameters = parameters(&mut choices);
    any_frame(&mut choices, parameters);
    protected_frame(choices);
}

const SERVICES: [SecurityService; 4] = [
    SecurityService::Authentication,
    SecurityService::AuthenticatedEncryption,
    SecurityService::Clear,
    SecurityService::Encryption,
];

fn parameters(choices: &mut Choices<'_>) -> SecurityParameters {
    let tfvn = choices.pick(&[Tfvn::Aos, Tfvn::Tm, Tfvn::Uslp]);
    SecurityParameters {
        spi: Spi::new(choices.below(3) as u16),
        channels: SecuredChannels::of(tfvn, Scid::new(1)).with(Vcid::from_low_bits(1)),
        service: choices.pick(&SERVICES),
        iv_len: choices.below(34),
        sequence_number_len: choices.below(10),
        pad_length_len: choices.below(4),
        mac_len: choices.below(66),
    }
}

fn meta() -> FrameMeta {
    FrameMeta { quality: FrameQuality::EXTERNAL, ..FrameMeta::default() }
}

/// A frame of `data` behind headers of spacecraft 1 and channel 1.
fn frame(tfvn: Tfvn, data: &[u8]) -> Option<(FrameFormat, Vec<u8>)> {
    let (ocf, fecf) = (OcfPresence::Absent, Fecf::Absent);
    let before: &[u8] = match tfvn {
        Tfvn::Tm => &[0x00, 0x12, 0, 0, 0x18, 0],
        Tfvn::Aos => &[0x40, 0x41, 0, 0, 0, 0],
        _ => &[0xC0, 0x00, 0x10, 0x20, 0, 0, 0],
    };
    let mut bytes = [before, data].concat();
    let frame_len = bytes.len();
    let format = match tfvn {
        Tfvn::Tm => {
            FrameFormat::tm(TmParameters { frame_len, secondary_header: SecondaryHeader::Flagged, ocf, fecf })
        }
        Tfvn::Aos => FrameFormat::aos(AosParameters { frame_len, ocf, fecf, ..AosParameters::default() }),
        _ => {
            bytes[4..6].copy_from_slice(&((frame_len - 1) as u16).to_be_bytes());
            FrameFormat::uslp(UslpParameters { frame_len, ocf, fecf, ..UslpParameters::default() })
        }
    };
    Some((format.ok()?, bytes))
}

/// Without a key, and with one that nothing was protected with.
fn any_frame(choices: &mut Choices<'_>, parameters: SecurityParameters) {
    let SecurityParameters { service, iv_len, sequence_number_len, pad_length_len, mac_len, .. } = parameters;
    let legal = iv_len <= 32
        && sequence_number_len <= 8
        && pad_length_len <= 2
        && mac_len <= 64
        && service.authenticates() == (mac_len > 0);
    let association = SecurityAssociation::new(parameters);
    assert_eq!(association.is_ok(), legal, "{parameters:?}");
    if let Err(error) = association {
        assert!(is_one_line(&error));
    }
    access_points(parameters.channels);
    let len = choices.octet();
    let data = choices.take(len.into());
    let Ok(association) = association else { return };
    let tfvn = [Tfvn::Aos, Tfvn::Tm, Tfvn::Uslp]
        .into_iter()
        .find(|tfvn| {
            let gvcid = Gvcid::new(*tfvn, Scid::new(1), Vcid::from_low_bits(1));
            parameters.channels.contain(gvcid, None)
        })
        .expect("an association is for a channel");
    let Some((format, bytes)) = frame(tfvn, data) else { return };
    let place = format.parse(&bytes).unwrap().data_place();
    assert_eq!(&bytes[place.start..place.end], data);

    let mut opened = bytes.clone();
    let (frame, answer) =
        sdls::open(&format, &mut SecurityTable::new([association]), &mut opened, &meta()).unwrap();
    assert_eq!(frame.bytes(), bytes, "without a key nothing changes");
    let mut ledger = SecurityLedger::EMPTY;
    ledger.record(&place, &answer);
    assert_eq!((ledger.frames(), ledger.octets()), (1, data.len() as u64));
    match association.fields(data) {
        Ok(fields) => {
            let header_len = association.header_len() - pad_length_len;
            let pad_length = &data[header_len..header_len + pad_length_len];
            let spi = fields.spi.get().to_be_bytes();
            let tiles = [&spi, fields.iv, fields.sequence_number, pad_length, fields.data, fields.mac];
            assert_eq!(tiles.concat(), data);
            match answer.outcome {
                SecurityOutcome::UnknownSpi => assert_ne!(fields.spi, parameters.spi),
                SecurityOutcome::Malformed => assert!(fields.pad_length > fields.data.len()),
                SecurityOutcome::NoKey => assert_eq!(frame.data_field(), fields.data),
                _ => assert_eq!(frame.data_field(), &fields.data[..fields.data.len() - fields.pad_length]),
            }
        }
        Err(_) => assert!(answer.outcome.is_refused()),
    }
    let algorithm = choices.pick(&[
        SecurityAlgorithm::AesGcm,
        SecurityAlgorithm::AesCmac,
        SecurityAlgorithm::HmacSha256,
        SecurityAlgorithm::HmacSha512,
    ]);
    let mask_len = choices.octet();
    let mask = choices.take(mask_len.into());
    let window = choices.octet();
    let key_len = [32, 16, 24, 64, 12][usize::from(window) % 5];
    let key = SecurityKey::new(&[0x5A; 64][..key_len]).unwrap();
    assert!(!format!("{key:?}").contains("90") && key.len() == key_len, "a key is shown to nobody");
    let mut closed = Sdls::new([KeyedAssociation::without_key(association, mask)]);
    let mut passed = bytes.clone();
    let (frame, again) = sdls::open(&format, &mut closed, &mut passed, &meta()).unwrap();
    assert_eq!(
        (again, frame.bytes()),
        (answer, &bytes[..]),
        "an association without a key is one of the table"
    );
    let keyed = match KeyedAssociation::new(association, algorithm, key, mask, window.into()) {
        Ok(keyed) => keyed,
        Err(error) => {
            assert!(is_one_line(&error));
            return;
        }
    };
    assert_eq!(keyed.association(), &association);
    let mut opened = bytes.clone();
    let (frame, answer) = sdls::open(&format, &mut Sdls::new([keyed]), &mut opened, &meta()).unwrap();
    assert!(answer.outcome.is_refused(), "a code of 64 bits or more was guessed: {answer:?}");
    assert_eq!(frame.bytes(), bytes, "nothing changes that is not authentic");
}

/// An association for one access point is for it alone, on the channels that it is for.
fn access_points(channels: SecuredChannels) {
    assert_eq!(channels.scid(), Scid::new(1));
    let some = channels.with_map(MapId::from_low_bits(3)).with_map(MapId::from_low_bits(9));
    for tfvn in [Tfvn::Aos, Tfvn::Tm, Tfvn::Uslp] {
        let gvcid = Gvcid::new(tfvn, Scid::new(1), Vcid::from_low_bits(1));
        let whole = channels.contain(gvcid, None);
        assert_eq!(some.contain(gvcid, None), whole);
        for map in 0..16 {
            let contained = some.contain(gvcid, Some(MapId::from_low_bits(map)));
            assert_eq!(contained, whole && matches!(map, 3 | 9));
        }
    }
}

/// A frame that `ring` protected, then changed; then as it was, twice.
fn protected_frame(mut choices: Choices<'_>) {
    let encrypts = choices.flag();
    let (key_len, mask_len) = (choices.pick(&[16, 32]), choices.below(12));
    let mask = choices.take(mask_len).to_vec();
    let number = choices.any::<u64>().unwrap_or_default();
    let changes: Vec<(u8, u8)> =
        (0..1 + choices.below(3)).map(|_| (choices.octet(), choices.octet())).collect();
    let data = choices.rest();
    let data = &data[..data.len().min(180)];
    let key: Vec<u8> = (0..key_len).collect();

    let iv = [&[9; 4][..], &number.to_be_bytes()].concat();
    let header = [&[0x40, 0x41, 0, 0, 0, 0, 0, 7][..], &iv].concat();
    let service =
        if encrypts { SecurityService::AuthenticatedEncryption } else { SecurityService::Authentication };
    let masked = |octets: &[u8]| {
        let mut octets = octets.to_vec();
        octets.iter_mut().zip(&mask).for_each(|(octet, bits)| *octet &= bits);
        octets
    };
    let (algorithm, body, mac) = if encrypts {
        let cipher = if key_len == 16 { &aead::AES_128_GCM } else { &aead::AES_256_GCM };
        let sealing = aead::LessSafeKey::new(aead::UnboundKey::new(cipher, &key).unwrap());
        let nonce = aead::Nonce::try_assume_unique_for_key(&iv).unwrap();
        let mut body = data.to_vec();
        let tag =
            sealing.seal_in_place_separate_tag(nonce, aead::Aad::from(masked(&header)), &mut body).unwrap();
        (SecurityAlgorithm::AesGcm, body, tag.as_ref().to_vec())
    } else {
        let covered = masked(&[&header, data].concat());
        let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &covered);
        (SecurityAlgorithm::HmacSha256, data.to_vec(), code.as_ref()[..16].to_vec())
    };
    let sent = [&header[..], &body, &mac].concat();
    let frame_len = sent.len();
    let format = FrameFormat::aos(AosParameters { frame_len, ..AosParameters::default() }).unwrap();
    let association = SecurityAssociation::new(SecurityParameters {
        spi: Spi::new(7),
        channels: SecuredChannels::one(Gvcid::new(Tfvn::Aos, Scid::new(1), Vcid::from_low_bits(1))),
        service,
        iv_len: 12,
        sequence_number_len: 0,
        pad_length_len: 0,
        mac_len: 16,
    })
    .unwrap();
    let key = SecurityKey::new(&key).unwrap();
    let keyed = KeyedAssociation::new(association, algorithm, key, mask.clone(), 5).unwrap();
    let mut decryptor = Sdls::new([keyed]);

    let mut changed = sent.clone();
    for (at, bits) in changes {
        let at = usize::from(at) % changed.len();
        // What the mask hides may change.
        changed[at] ^= bits & mask.get(at).copied().unwrap_or(0xFF);
    }
    if changed != sent {
        let elsewhere =
            format.parse(&changed).is_ok_and(|frame| !decryptor.protects(frame.gvcid(), frame.map_id()));
        match sdls::open(&format, &mut decryptor, &mut changed, &meta()) {
            Ok((frame, opened)) => {
                assert!(opened.outcome.is_refused() || elsewhere);
                assert!(elsewhere || frame.data_field().is_empty());
            }
            Err(_) => assert_ne!(changed[0] >> 6, 1),
        }
    }
    let mut received = sent.clone();
    let (frame, opened) = sdls::open(&format, &mut decryptor, &mut received, &meta()).unwrap();
    let expected = if encrypts { SecurityOutcome::Opened } else { SecurityOutcome::Authenticated };
    assert_eq!((opened.outcome, opened.sequence_number), (expected, Some(number)));
    assert_eq!(frame.data_field(), data);
    let (place, mut ledger) = (format.parse(&sent).unwrap().data_place(), SecurityLedger::EMPTY);
    ledger.record(&place, &opened);
    assert_eq!((ledger.data_octets, ledger.handed_on()), (data.len() as u64, 1));
    let (_, again) = sdls::open(&format, &mut decryptor, &mut sent.clone(), &meta()).unwrap();
    assert_eq!(again.outcome, SecurityOutcome::Replayed);
    ledger.record(&place, &again);
    assert_eq!((ledger.frames(), ledger.refused(), ledger.replayed), (2, 1, 1));
    assert_eq!(ledger.octets(), 2 * (place.end - place.start) as u64);
}
