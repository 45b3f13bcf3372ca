//! Frames protected as `[[security]]` tables say: what the receiving side opens is made here by another library, where there is one.

use std::fmt;
use std::sync::Arc;

use aes::{Aes128, Aes256};
use bench::sim::{Protection, Seal, SealPlace};
use ccsds_core::id::{Gvcid, MapId, Scid, Tfvn, Vcid};
use ccsds_core::sdls::{SecurityAlgorithm, SecurityParameters, SecurityService};
use cmac::{Cmac, KeyInit, Mac};
use ring::{aead, hmac};

use crate::fep::failure::Failure;
use crate::fep::mission::{DeclaredAssociation, FrameLayer};

/// How the frames of a spacecraft are protected.
///
/// # Errors
/// When an association of its channels has no key, or asks for what cannot be made here.
pub(super) fn protection(layer: &FrameLayer, tfvn: Tfvn, scid: Scid) -> Result<Vec<Protection>, Failure> {
    let mut protection = Vec::new();
    for declared in &layer.security {
        let parameters = *declared.keyed.association().parameters();
        // The simulator uses one access point.
        let map = (tfvn == Tfvn::Uslp).then(|| MapId::from_low_bits(0));
        let named = |vcid: &u8| {
            let gvcid = Gvcid::new(tfvn, scid, Vcid::from_low_bits(*vcid));
            parameters.channels.contain(gvcid, map)
        };
        let vcids: Vec<u8> = (0..=Vcid::ONLY_IDLE_DATA.get()).filter(named).collect();
        if vcids.is_empty() {
            continue;
        }
        protection.push(Protection {
            spi: parameters.spi.get(),
            vcids,
            iv_len: parameters.iv_len,
            sequence_number_len: parameters.sequence_number_len,
            pad_length_len: parameters.pad_length_len,
            mac_len: if parameters.service.authenticates() { parameters.mac_len } else { 0 },
            // Without a key nobody follows numbers.
            window: if declared.key().is_some() { declared.window } else { 0 },
            first_number: declared.first_number.unwrap_or(FIRST_NUMBER),
            first_is_managed: declared.first_number.is_some(),
            seal: seal(declared, parameters)?,
        });
    }
    Ok(protection)
}

fn seal(
    declared: &DeclaredAssociation,
    parameters: SecurityParameters,
) -> Result<Option<Arc<dyn Seal>>, Failure> {
    let cannot = |what: &str| {
        let spi = parameters.spi.get();
        Failure::cannot_run(format!("association {spi} cannot be simulated: {what}"))
    };
    if parameters.service == SecurityService::Clear {
        return Ok(None);
    }
    let (Some(key), Some(algorithm)) = (declared.key(), declared.algorithm) else {
        return Err(cannot("it has no key"));
    };
    let wrong_key = || cannot("its key does not fit");
    let cipher = match (algorithm, key.len()) {
        (SecurityAlgorithm::AesGcm, _) if parameters.iv_len != aead::NONCE_LEN => {
            return Err(cannot("initialization vectors have 12 octets here"));
        }
        (SecurityAlgorithm::AesGcm, 16) => Cipher::gcm(&aead::AES_128_GCM, key).map_err(|_| wrong_key())?,
        (SecurityAlgorithm::AesGcm, _) => Cipher::gcm(&aead::AES_256_GCM, key).map_err(|_| wrong_key())?,
        (SecurityAlgorithm::AesCmac, 16) => {
            Cipher::Cmac128(Box::new(Cmac::new_from_slice(key).map_err(|_| wrong_key())?))
        }
        (SecurityAlgorithm::AesCmac, _) => {
            Cipher::Cmac256(Box::new(Cmac::new_from_slice(key).map_err(|_| wrong_key())?))
        }
        (SecurityAlgorithm::HmacSha256, _) => Cipher::Hmac(hmac::Key::new(hmac::HMAC_SHA256, key)),
        (SecurityAlgorithm::HmacSha512, _) => Cipher::Hmac(hmac::Key::new(hmac::HMAC_SHA512, key)),
        _ => return Err(cannot("its algorithm is not known here")),
    };
    let mask = declared.mask.clone();
    Ok(Some(Arc::new(Sealer { cipher, encrypts: parameters.service.encrypts(), mask })))
}

/// Protects the frames of one association.
struct Sealer {
    cipher: Cipher,
    encrypts: bool,
    mask: Vec<u8>,
}

enum Cipher {
    Cmac128(Box<Cmac<Aes128>>),
    Cmac256(Box<Cmac<Aes256>>),
    Gcm(Box<aead::LessSafeKey>),
    Hmac(hmac::Key),
}

impl Cipher {
    fn gcm(algorithm: &'static aead::Algorithm, key: &[u8]) -> Result<Self, ring::error::Unspecified> {
        let key = aead::UnboundKey::new(algorithm, key)?;
        Ok(Self::Gcm(Box::new(aead::LessSafeKey::new(key))))
    }
}

/// Keys are not shown.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("encrypts", &self.encrypts).finish_non_exhaustive()
    }
}

impl Seal for Sealer {
    fn seal(&self, frame: &mut [u8], place: &SealPlace) {
        let covered_len = if self.encrypts { place.data.start } else { place.data.end };
        let mut covered = frame.get(..covered_len).unwrap_or_default().to_vec();
        for (octet, mask) in covered.iter_mut().zip(&self.mask) {
            *octet &= mask;
        }
        let iv = frame.get(place.iv.clone()).unwrap_or_default().to_vec();
        let data = frame.get_mut(covered_len..place.data.end).unwrap_or_default();
        let code = match &self.cipher {
            Cipher::Cmac128(cmac) => {
                cmac.as_ref().clone().chain_update(&covered).finalize().into_bytes().to_vec()
            }
            Cipher::Cmac256(cmac) => {
                cmac.as_ref().clone().chain_update(&covered).finalize().into_bytes().to_vec()
            }
            Cipher::Gcm(key) => {
                let nonce = aead::Nonce::try_assume_unique_for_key(&iv);
                let aad = aead::Aad::from(covered);
                let tag = nonce.and_then(|nonce| key.seal_in_place_separate_tag(nonce, aad, data));
                // Frames are shorter than the most that one key may encrypt at a time.
                tag.map(|tag| tag.as_ref().to_vec()).unwrap_or_default()
            }
            Cipher::Hmac(key) => hmac::sign(key, &covered).as_ref().to_vec(),
        };
        if let (Some(mac), Some(code)) = (frame.get_mut(place.mac.clone()), code.get(..place.mac.len())) {
            mac.copy_from_slice(code);
        }
    }
}

/// Number of the first frame of an association, where the mission file does not say.
const FIRST_NUMBER: u64 = 1;
