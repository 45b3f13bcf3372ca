//! Space data link security (355.0-B-2): what lies around protected data, and who takes the protection off.
//!
//! A protected frame carries a security header before its data and, where the data are authenticated, a security trailer behind
//! them. The header names a [security association](SecurityAssociation), agreed on beforehand, that fixes the lengths of all other
//! fields. A [`Decryptor`] stands between decoding and demultiplexing:
//!
//! ```text
//! octets ── open ──▶ (TransferFrame, Opened) ── VcDemux::route ──▶ ...
//!             └── Decryptor: keys here, keys in equipment elsewhere, or no keys at all
//! ```
//!
//! | decryptor | what it does |
//! | --- | --- |
//! | [`SecurityTable`] | knows lengths and no keys: clear and authenticated data go on, encrypted data go on sealed |
#![cfg_attr(
    feature = "sdls",
    doc = "| [`Sdls`] | holds keys: authenticates, decrypts in place, and refuses what was sent before |"
)]
//!
//! Whatever comes of it rides with the frame as its [`SecurityOutcome`]. A refused frame moves no count and reaches no channel.

mod association;
#[cfg(feature = "sdls")]
mod cipher;
#[cfg(feature = "sdls")]
mod key;
#[cfg(feature = "sdls")]
mod keyed;
#[cfg(feature = "sdls")]
mod replay;
mod table;

pub use self::association::{
    SecuredChannels, SecurityAssociation, SecurityConfigError, SecurityFields, SecurityParameters,
    SecurityService, Spi,
};
#[cfg(feature = "sdls")]
pub use self::cipher::SecurityAlgorithm;
#[cfg(feature = "sdls")]
pub use self::key::SecurityKey;
#[cfg(feature = "sdls")]
pub use self::keyed::{KeyedAssociation, Sdls, SecurityKeyError};
pub use self::table::SecurityTable;

use crate::frame::{FrameError, FrameFormat, TransferFrame};
use crate::id::{Gvcid, MapId};
use crate::quality::FrameMeta;

/// Takes the protection off frames, one after another in the order in which they came.
///
/// It may be software here or equipment elsewhere; it may rewrite the frame in place and shorten the data field.
pub trait Decryptor {
    /// Whether frames of this channel, and of this access point where the protocol has them, carry a security header.
    fn protects(&self, gvcid: Gvcid, map: Option<MapId>) -> bool;

    /// Take the protection off one frame that can be trusted, of a channel that [`Self::protects`].
    ///
    /// `place` says where in `frame` the data field lies; the header is rewritten at the caller's peril, for it is read again.
    fn open(&mut self, frame: &mut [u8], place: &DataPlace, meta: &FrameMeta) -> Opened;
}

/// Where the data field of a frame lies, and whose it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DataPlace {
    /// The channel.
    pub gvcid: Gvcid,
    /// The access point, where the protocol has them.
    pub map: Option<MapId>,
    /// First octet of the data field: behind primary and secondary header, or insert zone (§2.3.2).
    pub start: usize,
    /// The octet behind its last one: operational control and error control fields lie outside.
    pub end: usize,
}

/// What a [`Decryptor`] made of one frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Opened {
    /// What came of it.
    pub outcome: SecurityOutcome,
    /// The association that the security header names, where the frame is long enough to name one.
    pub spi: Option<Spi>,
    /// The low 64 bits of the anti-replay sequence number, where the association is known and has one.
    pub sequence_number: Option<u64>,
    /// First octet of the data, or of what is still encrypted.
    pub start: usize,
    /// The octet behind the last one. Data must lie in the data field as it was; else the frame is refused.
    pub end: usize,
}

impl Opened {
    /// A frame that carries no protection: its data field is its data.
    pub const fn unprotected(place: &DataPlace) -> Self {
        Self {
            outcome: SecurityOutcome::Unprotected,
            spi: None,
            sequence_number: None,
            start: place.start,
            end: place.end,
        }
    }

    /// A frame that is refused: nothing of it is data.
    pub const fn refused(place: &DataPlace, outcome: SecurityOutcome) -> Self {
        Self { outcome, spi: None, sequence_number: None, start: place.start, end: place.start }
    }

    /// The same, or a refusal where the data would lie outside the data field.
    const fn within(self, place: &DataPlace) -> Self {
        if place.start <= self.start && self.start <= self.end && self.end <= place.end {
            return self;
        }
        let (start, end) = (place.start, place.start);
        Self { outcome: SecurityOutcome::Malformed, start, end, ..self }
    }
}

/// What came of a frame's protection.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SecurityOutcome {
    /// Authentic, and never encrypted.
    Authenticated,
    /// Refused: the message authentication code is wrong.
    BadMac,
    /// The association protects nothing; its header was taken off.
    Clear,
    /// Refused: the frame cannot hold what the association says it holds.
    Malformed,
    /// Encrypted, and no key is here: the octets go on as they are.
    NoKey,
    /// Authentic, and decrypted.
    Opened,
    /// Refused: authentic, but its sequence number is not one of those that may come next.
    Replayed,
    /// Refused: nobody declared the association for this channel.
    UnknownSpi,
    /// The channel carries no security header.
    #[default]
    Unprotected,
    /// It carries a message authentication code, and no key is here: the data go on unchecked.
    Unverified,
}

impl SecurityOutcome {
    /// Whether the frame goes no further.
    #[must_use]
    pub const fn is_refused(self) -> bool {
        matches!(self, Self::BadMac | Self::Malformed | Self::Replayed | Self::UnknownSpi)
    }

    /// Whether its data are still encrypted.
    #[must_use]
    pub const fn is_sealed(self) -> bool {
        matches!(self, Self::NoKey)
    }
}

/// Read the headers of a frame, let `decryptor` take its protection off, and read it again as what it then is.
///
/// Check the frame error control field first: it guards the frame as it was sent. A frame that cannot be trusted, and one of a
/// channel without protection, are not shown to the decryptor.
///
/// # Errors
/// When the header contradicts the managed parameters.
pub fn open<'a, D: Decryptor + ?Sized>(
    format: &FrameFormat,
    decryptor: &mut D,
    bytes: &'a mut [u8],
    meta: &FrameMeta,
) -> Result<(TransferFrame<'a>, Opened), FrameError> {
    let place = format.parse(bytes)?.data_place();
    let opened = if meta.quality.is_trusted() && decryptor.protects(place.gvcid, place.map) {
        decryptor.open(bytes, &place, meta).within(&place)
    } else {
        Opened::unprotected(&place)
    };
    Ok((format.parse(bytes)?.opened(&opened), opened))
}

#[cfg(test)]
mod tests;
