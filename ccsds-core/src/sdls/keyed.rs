//! A decryptor with keys: it authenticates, decrypts in place, and refuses what was sent before (355.0-B-2 §4.2).

use core::fmt;
use core::marker::PhantomData;

use super::association::{SecurityAssociation, SecurityService, Spi};
use super::cipher::{self, SecurityAlgorithm};
use super::key::SecurityKey;
use super::replay::AntiReplay;
use super::table::{is_for, is_named, opened, without_key};
use super::{DataPlace, Decryptor, Opened, SecurityOutcome};
use crate::id::{Gvcid, MapId};
use crate::quality::FrameMeta;

/// The associations of a receiver that has keys, for some of them or for all.
///
/// `S` stores one [`KeyedAssociation`] each: an array in firmware, a `Vec` on a host. Show frames in the order in which they came:
/// sequence numbers are followed.
#[derive(Debug)]
pub struct Sdls<S, M> {
    associations: S,
    masks: PhantomData<M>,
}

impl<S: AsRef<[KeyedAssociation<M>]> + AsMut<[KeyedAssociation<M>]>, M: AsRef<[u8]>> Sdls<S, M> {
    /// Declare the associations.
    #[must_use]
    pub const fn new(associations: S) -> Self {
        Self { associations, masks: PhantomData }
    }
}

impl<S: AsRef<[KeyedAssociation<M>]> + AsMut<[KeyedAssociation<M>]>, M: AsRef<[u8]>> Decryptor
    for Sdls<S, M>
{
    fn protects(&self, gvcid: Gvcid, map: Option<MapId>) -> bool {
        self.associations.as_ref().iter().any(|keyed| is_for(&keyed.association, gvcid, map))
    }

    fn open(&mut self, frame: &mut [u8], place: &DataPlace, _: &FrameMeta) -> Opened {
        let Some(spi) = frame.get(place.start..place.end).and_then(Spi::of) else {
            return Opened::refused(place, SecurityOutcome::Malformed);
        };
        let mut associations = self.associations.as_mut().iter_mut();
        match associations.find(|keyed| is_named(&keyed.association, spi, place)) {
            Some(keyed) => keyed.open(frame, place),
            None => Opened { spi: Some(spi), ..Opened::refused(place, SecurityOutcome::UnknownSpi) },
        }
    }
}

/// A security association, its key, and how far its numbers have come.
///
/// `M` holds the authentication bit mask: bits of the frame, from its first octet on, that the code does not cover are zeros (§4.2.3).
/// Octets behind the end of the mask are covered.
#[derive(Clone, Debug)]
pub struct KeyedAssociation<M> {
    association: SecurityAssociation,
    mask: M,
    lock: Option<Lock>,
}

/// What is needed to open frames.
#[derive(Clone, Debug)]
struct Lock {
    algorithm: SecurityAlgorithm,
    key: SecurityKey,
    replay: Option<AntiReplay>,
}

impl<M: AsRef<[u8]>> KeyedAssociation<M> {
    /// An association to which there is no key here.
    #[must_use]
    pub const fn without_key(association: SecurityAssociation, mask: M) -> Self {
        Self { association, mask, lock: None }
    }

    /// An association with its key. `window` is how far a sequence number may be ahead of the one before; 0 where numbers are not
    /// followed.
    ///
    /// # Errors
    /// When algorithm, service, key and lengths do not go together.
    pub fn new(
        association: SecurityAssociation,
        algorithm: SecurityAlgorithm,
        key: SecurityKey,
        mask: M,
        window: u64,
    ) -> Result<Self, SecurityKeyError> {
        let parameters = association.parameters();
        let (iv, mac) = (parameters.iv_len, parameters.mac_len);
        let is_gcm = algorithm == SecurityAlgorithm::AesGcm;
        match parameters.service {
            SecurityService::Authentication => {}
            SecurityService::AuthenticatedEncryption if is_gcm => {}
            _ => return Err(SecurityKeyError::Service { service: parameters.service }),
        }
        let is_hmac = matches!(algorithm, SecurityAlgorithm::HmacSha256 | SecurityAlgorithm::HmacSha512);
        if !(matches!(key.len(), 16 | 32) || is_hmac && key.len() >= 16) {
            return Err(SecurityKeyError::KeyLength { len: key.len() });
        }
        if is_gcm && !matches!(iv, 12 | 16) {
            return Err(SecurityKeyError::Iv { len: iv });
        }
        let (least, most) = match algorithm {
            SecurityAlgorithm::AesGcm => (12, 16),
            SecurityAlgorithm::AesCmac => (MIN_MAC_LEN, 16),
            SecurityAlgorithm::HmacSha256 => (MIN_MAC_LEN, 32),
            SecurityAlgorithm::HmacSha512 => (MIN_MAC_LEN, 64),
        };
        if mac < least || mac > most {
            return Err(SecurityKeyError::Mac { min: least, max: most, len: mac });
        }
        if is_gcm && mask.as_ref().len() > MAX_MASK_LEN {
            return Err(SecurityKeyError::Mask { max: MAX_MASK_LEN, len: mask.as_ref().len() });
        }
        if window > 0 && iv == 0 && parameters.sequence_number_len == 0 {
            return Err(SecurityKeyError::NothingCounts);
        }
        let replay = (window > 0).then(|| AntiReplay::new(window));
        Ok(Self { association, mask, lock: Some(Lock { algorithm, key, replay }) })
    }

    /// The same with another window, where numbers are followed at all; with 0 they are not any more.
    #[must_use]
    pub fn with_window(mut self, window: u64) -> Self {
        if let Some(lock) = &mut self.lock {
            lock.replay = lock.replay.filter(|_| window > 0).map(|replay| replay.with_window(window));
        }
        self
    }

    /// The same, where management says which number the first frame has (§3.3.2): it is refused if its number is less, or too far ahead.
    /// Otherwise the first frame begins the count.
    #[must_use]
    pub fn with_first_number(mut self, first: u128) -> Self {
        if let Some(lock) = &mut self.lock {
            lock.replay = lock.replay.map(|replay| replay.beginning_with(first));
        }
        self
    }

    /// The association.
    #[must_use]
    pub const fn association(&self) -> &SecurityAssociation {
        &self.association
    }

    fn open(&mut self, frame: &mut [u8], place: &DataPlace) -> Opened {
        let Self { association, mask, lock } = self;
        let data_field = frame.get(place.start..place.end).unwrap_or_default();
        let Some(Lock { algorithm, key, replay }) = lock else {
            return without_key(association, data_field, place);
        };
        let parameters = association.parameters();
        let refused = |outcome| Opened { spi: Some(parameters.spi), ..Opened::refused(place, outcome) };
        let Ok(fields) = association.fields(data_field) else { return refused(SecurityOutcome::Malformed) };
        let number = fields.anti_replay_number();
        let outcome = if parameters.service.encrypts() {
            SecurityOutcome::Opened
        } else {
            SecurityOutcome::Authenticated
        };
        // What the data will be, should the frame be authentic.
        let answer = opened(association, &fields, place, outcome, fields.pad_length);
        let parts = Parts {
            covered: place.start + association.header_len(),
            data: fields.data.len(),
            mac: association.trailer_len(),
            iv: place.start + Spi::LEN,
            iv_len: parameters.iv_len,
        };
        let authentic = match algorithm {
            SecurityAlgorithm::AesGcm if parameters.service.encrypts() => {
                gcm(key, frame, mask.as_ref(), parts)
            }
            // Nothing is encrypted: the data are covered as the header is.
            SecurityAlgorithm::AesGcm => gcm(
                key,
                frame,
                mask.as_ref(),
                Parts { covered: parts.covered + parts.data, data: 0, ..parts },
            ),
            code => {
                let covered = parts.covered + parts.data;
                let mac = frame.get(covered..).and_then(|rest| rest.get(..parts.mac));
                match (frame.get(..covered), mac) {
                    (Some(covered), Some(mac)) => {
                        cipher::mac_is_right(*code, key.octets(), covered, mask.as_ref(), mac)
                    }
                    _ => false,
                }
            }
        };
        if !authentic {
            return refused(SecurityOutcome::BadMac);
        }
        let sequence_number = number.map(|number| number as u64);
        let acceptable = match (replay, number) {
            (Some(replay), Some(number)) => replay.advance(number),
            _ => true,
        };
        if !acceptable {
            return Opened { sequence_number, ..refused(SecurityOutcome::Replayed) };
        }
        answer.unwrap_or(Opened { sequence_number, ..refused(SecurityOutcome::Malformed) })
    }
}

/// Where the parts of a frame lie; the data follow what is covered, and the code follows them.
#[derive(Clone, Copy)]
struct Parts {
    /// Octets that are authenticated as they are, from the first of the frame.
    covered: usize,
    data: usize,
    mac: usize,
    /// Where the initialization vector begins.
    iv: usize,
    iv_len: usize,
}

/// Open a frame; its header is masked while that lasts.
fn gcm(key: &SecurityKey, frame: &mut [u8], mask: &[u8], parts: Parts) -> bool {
    let mut iv = [0; 16];
    let (Some(iv), Some(sent)) =
        (iv.get_mut(..parts.iv_len), frame.get(parts.iv..).and_then(|rest| rest.get(..parts.iv_len)))
    else {
        return false;
    };
    iv.copy_from_slice(sent);
    let Some((covered, rest)) = frame.split_at_mut_checked(parts.covered) else { return false };
    let Some((data, rest)) = rest.split_at_mut_checked(parts.data) else { return false };
    let Some(mac) = rest.get(..parts.mac) else { return false };
    let mut saved = [0; MAX_MASK_LEN];
    for ((octet, bits), saved) in covered.iter_mut().zip(mask).zip(&mut saved) {
        *saved = *octet;
        *octet &= bits;
    }
    let authentic = cipher::gcm(key.octets(), iv, covered, data, mac);
    for ((octet, _), saved) in covered.iter_mut().zip(mask).zip(&saved) {
        *octet = *saved;
    }
    authentic
}

/// Why an association cannot have this key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SecurityKeyError {
    /// AES-GCM takes an initialization vector of 12 or 16 octets here.
    Iv {
        /// Octets given.
        len: usize,
    },
    /// No algorithm of this kind takes a key of this length.
    KeyLength {
        /// Octets given.
        len: usize,
    },
    /// The algorithm makes no message authentication code of this length, or one too short to mean anything.
    Mac {
        /// The least there can be.
        min: usize,
        /// The most there can be.
        max: usize,
        /// Octets given.
        len: usize,
    },
    /// The authentication bit mask is longer than AES-GCM takes here.
    Mask {
        /// The most there can be.
        max: usize,
        /// Octets given.
        len: usize,
    },
    /// A window is given, and neither a sequence number nor an initialization vector is sent.
    NothingCounts,
    /// The algorithm does not do what the service asks for.
    Service {
        /// The service.
        service: SecurityService,
    },
}

impl fmt::Display for SecurityKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Iv { len } => {
                write!(f, "AES-GCM takes an initialization vector of 12 or 16 octets, not {len}")
            }
            Self::KeyLength { len } => {
                write!(f, "AES takes a key of 16 or 32 octets, HMAC one of 16 to 64, not {len}")
            }
            Self::Mac { min, max, len } => {
                write!(f, "the algorithm makes a code of {min} to {max} octets, not {len}")
            }
            Self::Mask { max, len } => write!(f, "AES-GCM takes a mask of at most {max} octets, not {len}"),
            Self::NothingCounts => {
                f.write_str("frames carry neither sequence number nor initialization vector to be followed")
            }
            Self::Service { service } => f.write_str(match service {
                SecurityService::AuthenticatedEncryption => "only AES-GCM authenticates and decrypts",
                SecurityService::Authentication | SecurityService::Clear => "there is nothing to open",
                SecurityService::Encryption => "nothing is decrypted that is not authenticated",
            }),
        }
    }
}

impl core::error::Error for SecurityKeyError {}

/// Headers are shorter; that is what is kept aside while one is masked.
const MAX_MASK_LEN: usize = 256;
/// A code that is shorter than 64 bits can be guessed.
const MIN_MAC_LEN: usize = 8;

#[cfg(test)]
mod tests;
