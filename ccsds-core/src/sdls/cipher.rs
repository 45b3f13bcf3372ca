//! The algorithms (352.0-B): AES in Galois/counter mode, and codes by AES and SHA-2. Comparison takes the same time wherever the
//! octets differ.

use aes::{Aes128, Aes256};
use aes_gcm::aead::array::ArraySize;
use aes_gcm::aead::consts::{U12, U13, U14, U15, U16};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{AesGcm, TagSize};
use cmac::{Cmac, Mac};
use hmac::Hmac;
use sha2::{Sha256, Sha512};

/// What authenticates the frames of an association, and decrypts them where it encrypts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SecurityAlgorithm {
    /// AES-CMAC, with a key of 128 or 256 bits (NIST SP 800-38B).
    AesCmac,
    /// AES-GCM, with a key of 128 or 256 bits (NIST SP 800-38D); where nothing is encrypted, AES-GMAC.
    AesGcm,
    /// HMAC with SHA-256 (FIPS 198-1).
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
}

/// Check the code of what `covered` and the encrypted `data` are, then decrypt `data`; where the code is wrong nothing is changed.
pub(super) fn gcm(key: &[u8], iv: &[u8], covered: &[u8], data: &mut [u8], mac: &[u8]) -> bool {
    match (iv.len(), mac.len()) {
        (12, 12) => gcm_by_key::<U12, U12>(key, iv, covered, data, mac),
        (12, 13) => gcm_by_key::<U12, U13>(key, iv, covered, data, mac),
        (12, 14) => gcm_by_key::<U12, U14>(key, iv, covered, data, mac),
        (12, 15) => gcm_by_key::<U12, U15>(key, iv, covered, data, mac),
        (12, 16) => gcm_by_key::<U12, U16>(key, iv, covered, data, mac),
        (16, 12) => gcm_by_key::<U16, U12>(key, iv, covered, data, mac),
        (16, 13) => gcm_by_key::<U16, U13>(key, iv, covered, data, mac),
        (16, 14) => gcm_by_key::<U16, U14>(key, iv, covered, data, mac),
        (16, 15) => gcm_by_key::<U16, U15>(key, iv, covered, data, mac),
        (16, 16) => gcm_by_key::<U16, U16>(key, iv, covered, data, mac),
        _ => false,
    }
}

fn gcm_by_key<N: ArraySize, T: TagSize>(
    key: &[u8],
    iv: &[u8],
    covered: &[u8],
    data: &mut [u8],
    mac: &[u8],
) -> bool {
    match key.len() {
        16 => decrypt(AesGcm::<Aes128, N, T>::new_from_slice(key), iv, covered, data, mac),
        32 => decrypt(AesGcm::<Aes256, N, T>::new_from_slice(key), iv, covered, data, mac),
        _ => false,
    }
}

fn decrypt<C: AeadInOut, E>(
    cipher: Result<C, E>,
    iv: &[u8],
    covered: &[u8],
    data: &mut [u8],
    mac: &[u8],
) -> bool {
    match (cipher, iv.try_into(), mac.try_into()) {
        (Ok(cipher), Ok(iv), Ok(mac)) => cipher.decrypt_inout_detached(iv, covered, data.into(), mac).is_ok(),
        _ => false,
    }
}

/// Whether `mac` is the code of `covered`, the first octets of it behind `mask`; it may be cut short on its right.
pub(super) fn mac_is_right(
    algorithm: SecurityAlgorithm,
    key: &[u8],
    covered: &[u8],
    mask: &[u8],
    mac: &[u8],
) -> bool {
    match (algorithm, key.len()) {
        (SecurityAlgorithm::AesCmac, 16) => verify::<Cmac<Aes128>>(key, covered, mask, mac),
        (SecurityAlgorithm::AesCmac, 32) => verify::<Cmac<Aes256>>(key, covered, mask, mac),
        (SecurityAlgorithm::HmacSha256, _) => verify::<Hmac<Sha256>>(key, covered, mask, mac),
        (SecurityAlgorithm::HmacSha512, _) => verify::<Hmac<Sha512>>(key, covered, mask, mac),
        (SecurityAlgorithm::AesCmac | SecurityAlgorithm::AesGcm, _) => false,
    }
}

fn verify<T: Mac + KeyInit>(key: &[u8], covered: &[u8], mask: &[u8], mac: &[u8]) -> bool {
    let Ok(mut code) = <T as KeyInit>::new_from_slice(key) else { return false };
    let masked_len = mask.len().min(covered.len());
    let (masked, plain) = covered.split_at_checked(masked_len).unwrap_or((covered, &[]));
    for (octets, mask) in masked.chunks(CHUNK_LEN).zip(mask.chunks(CHUNK_LEN)) {
        let mut chunk = [0; CHUNK_LEN];
        for ((seen, octet), bits) in chunk.iter_mut().zip(octets).zip(mask) {
            *seen = octet & bits;
        }
        code.update(chunk.get(..octets.len()).unwrap_or_default());
    }
    code.update(plain);
    code.verify_truncated_left(mac).is_ok()
}

/// Octets masked at a time.
const CHUNK_LEN: usize = 64;

#[cfg(test)]
mod tests;
