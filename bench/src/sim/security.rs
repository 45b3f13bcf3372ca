//! Protected frames (355.0-B-2): headers and trailers of an association, and numbers that receivers follow.
//!
//! What makes codes and encrypts is the caller's: see [`Seal`].

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::truth::Fate;

/// How the frames of some channels are protected.
#[derive(Clone, Debug)]
pub struct Protection {
    /// Index of the association.
    pub spi: u16,
    /// The channels.
    pub vcids: Vec<u8>,
    /// Octets of the initialization vector.
    pub iv_len: usize,
    /// Octets of the sequence number.
    pub sequence_number_len: usize,
    /// Octets of the field that says how much fill there is; there is none.
    pub pad_length_len: usize,
    /// Octets of the message authentication code.
    pub mac_len: usize,
    /// How far a number may be ahead of the one before, for the receiver that the truth is about; 0 where it does not follow them.
    pub window: u64,
    /// The number of the first frame.
    pub first_number: u64,
    /// Whether the receiver knows it beforehand; otherwise the first frame that it receives begins its count.
    pub first_is_managed: bool,
    /// What makes codes and encrypts; `None` where headers are all there is.
    pub seal: Option<Arc<dyn Seal>>,
}

/// Makes codes and encrypts.
pub trait Seal: fmt::Debug + Send + Sync {
    /// Encrypt the data of a frame, if that is the service, and write its code.
    fn seal(&self, frame: &mut [u8], place: &SealPlace);
}

/// Where the parts of a frame lie; what is ahead of the data is covered by the code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealPlace {
    /// The initialization vector.
    pub iv: Range<usize>,
    /// What may be encrypted.
    pub data: Range<usize>,
    /// The message authentication code.
    pub mac: Range<usize>,
}

impl PartialEq for Protection {
    fn eq(&self, other: &Self) -> bool {
        let lengths = |p: &Self| (p.iv_len, p.sequence_number_len, p.pad_length_len, p.mac_len);
        let same_seal = match (&self.seal, &other.seal) {
            (Some(mine), Some(other)) => Arc::ptr_eq(mine, other),
            (None, None) => true,
            _ => false,
        };
        let numbers = |p: &Self| (p.window, p.first_number, p.first_is_managed);
        (self.spi, &self.vcids, numbers(self)) == (other.spi, &other.vcids, numbers(other))
            && lengths(self) == lengths(other)
            && same_seal
    }
}

impl Protection {
    /// Octets of the security header.
    #[must_use]
    pub const fn header_len(&self) -> usize {
        SPI_LEN + self.iv_len + self.sequence_number_len + self.pad_length_len
    }

    /// The header of the frame of this number; initialization vector and sequence number both hold it.
    pub(super) fn header(&self, number: u64) -> Vec<u8> {
        let mut header = self.spi.to_be_bytes().to_vec();
        for (len, above) in [(self.iv_len, IV_ABOVE), (self.sequence_number_len, 0)] {
            let octets = number.to_be_bytes();
            let low = octets.get(octets.len().saturating_sub(len)..).unwrap_or(&octets);
            header.resize(header.len() + len - low.len(), above);
            header.extend_from_slice(low);
        }
        header.resize(self.header_len(), 0);
        header
    }

    /// What a receiver that follows numbers reads.
    pub(super) fn followed(&self, number: u64) -> Option<u64> {
        let len = if self.sequence_number_len > 0 { self.sequence_number_len } else { self.iv_len };
        let bits = 8 * len.min(8) as u32;
        (self.window > 0 && len > 0).then(|| number & u64::MAX.checked_shr(64 - bits).unwrap_or(0))
    }

    /// Where the parts are, if the security header begins at `start` and what follows the data field at `end`.
    pub(super) const fn place(&self, start: usize, end: usize) -> SealPlace {
        let iv = start + SPI_LEN;
        let mac = end.saturating_sub(self.mac_len);
        SealPlace { iv: iv..iv + self.iv_len, data: start + self.header_len()..mac, mac: mac..end }
    }
}

/// What the receiver's greatest number may be: it refuses numbers that are not greater, or by more than its window.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    window: u64,
    /// The number expected first, where it is known.
    first: Option<u64>,
    /// The least and the greatest of what it may be, and whether there may be none yet.
    latest: Option<(u64, u64)>,
    perhaps_none: bool,
}

impl Followed {
    pub(super) fn new(protection: &Protection) -> Self {
        let first = protection.followed(protection.first_number).filter(|_| protection.first_is_managed);
        Self { window: protection.window, first, latest: None, perhaps_none: false }
    }

    /// What becomes of a frame of this number, whose fate would be `fate` without it.
    pub(super) fn admit(&mut self, number: u64, fate: Fate) -> Fate {
        if fate == Fate::Lost {
            return fate;
        }
        let Some((least, most)) = self.latest else {
            let expected = |first: u64| number >= first && number - first < self.window;
            if !self.first.is_none_or(expected) {
                return Fate::Lost;
            }
            self.latest = Some((number, number));
            self.perhaps_none = fate == Fate::May;
            return fate;
        };
        let follows = |latest: u64| number > latest && number - latest <= self.window;
        // What lies between the two is refused or accepted as they are.
        let (any, all) = if number > most {
            (follows(most) || self.perhaps_none, follows(least))
        } else {
            (number > least || self.perhaps_none, false)
        };
        let fate = match (any, all) {
            (_, true) => fate,
            (true, false) => Fate::May,
            (false, false) => Fate::Lost,
        };
        match fate {
            Fate::Lost => {}
            Fate::May => self.latest = Some((least, most.max(number))),
            Fate::Must => (self.latest, self.perhaps_none) = (Some((number, number)), false),
        }
        fate
    }
}

const SPI_LEN: usize = 2;
/// What stands above the number in an initialization vector.
const IV_ABOVE: u8 = 0xC5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_once_and_not_too_far_ahead() {
        let mut followed = Followed { window: 5, first: None, latest: None, perhaps_none: false };
        let must = [100, 100, 99, 101, 106, 112, 111].map(|number| followed.admit(number, Fate::Must));
        assert_eq!(
            must,
            [Fate::Must, Fate::Lost, Fate::Lost, Fate::Must, Fate::Must, Fate::Lost, Fate::Must]
        );
        // Whether 114 came is not known: what is within reach of both comes, what is within reach of one may.
        assert_eq!(followed.admit(114, Fate::May), Fate::May);
        assert_eq!(followed.admit(113, Fate::Must), Fate::May);
        assert_eq!(followed.admit(119, Fate::Must), Fate::May);
        assert_eq!(followed.admit(130, Fate::Must), Fate::Lost);
        let new = |first| Followed { window: 5, first, latest: None, perhaps_none: false };
        let mut followed = new(None);
        assert_eq!(followed.admit(10, Fate::May), Fate::May);
        assert_eq!(followed.admit(12, Fate::Must), Fate::Must);
        let mut followed = new(Some(6));
        assert_eq!(
            [5, 11, 10].map(|number| followed.admit(number, Fate::Must)),
            [Fate::Lost, Fate::Lost, Fate::Must]
        );
    }

    #[test]
    fn a_header_holds_the_number_where_receivers_look() {
        let protection = Protection {
            spi: 0x0102,
            vcids: vec![0],
            iv_len: 12,
            sequence_number_len: 2,
            pad_length_len: 1,
            mac_len: 16,
            window: 9,
            first_number: 0,
            first_is_managed: false,
            seal: None,
        };
        let header = protection.header(0x01_0203);
        assert_eq!(header, [1, 2, 0xC5, 0xC5, 0xC5, 0xC5, 0, 0, 0, 0, 0, 1, 2, 3, 2, 3, 0]);
        assert_eq!((protection.header_len(), protection.followed(0x01_0203)), (17, Some(0x0203)));
        let place = protection.place(6, 100);
        assert_eq!(place, SealPlace { iv: 8..20, data: 23..84, mac: 84..100 });
    }
}
