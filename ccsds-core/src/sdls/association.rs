//! Security associations: the managed parameters that sender and receiver share (355.0-B-2 §3, §4.1).

use core::fmt;

use crate::frame::FrameError;
use crate::id::{Gvcid, MapId, Scid, Tfvn, Vcid};

/// Security parameter index: which association a frame was protected under (§4.1.1.2).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Spi(u16);

impl Spi {
    /// Octets of the field.
    pub const LEN: usize = 2;

    /// Any sixteen bits.
    #[must_use]
    pub const fn new(value: u16) -> Self {
        Self(value)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The index that begins a protected data field; `None` where the field is shorter than that.
    #[must_use]
    pub const fn of(data_field: &[u8]) -> Option<Self> {
        match data_field.split_first_chunk() {
            Some((spi, _)) => Some(Self(u16::from_be_bytes(*spi))),
            None => None,
        }
    }
}

/// Which frames of a spacecraft an association is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SecuredChannels {
    tfvn: Tfvn,
    scid: Scid,
    /// One bit for each virtual channel.
    vcids: u64,
    /// One bit for each access point of USLP.
    maps: u16,
}

impl SecuredChannels {
    /// Their spacecraft, which has security parameter indices of its own.
    #[must_use]
    pub const fn scid(&self) -> Scid {
        self.scid
    }

    /// No channel yet.
    #[must_use]
    pub const fn of(tfvn: Tfvn, scid: Scid) -> Self {
        Self { tfvn, scid, vcids: 0, maps: 0 }
    }

    /// One channel, with all of its access points.
    #[must_use]
    pub const fn one(gvcid: Gvcid) -> Self {
        Self::of(gvcid.tfvn, gvcid.scid).with(gvcid.vcid)
    }

    /// And this channel.
    #[must_use]
    pub const fn with(self, vcid: Vcid) -> Self {
        Self { vcids: self.vcids | 1 << (vcid.get() & 63), ..self }
    }

    /// Of the channels only this access point, beside those already named.
    #[must_use]
    pub const fn with_map(self, map: MapId) -> Self {
        Self { maps: self.maps | 1 << (map.get() & 15), ..self }
    }

    /// Whether frames of this channel and access point belong to the association.
    #[must_use]
    pub fn contain(&self, gvcid: Gvcid, map: Option<MapId>) -> bool {
        let on_map = match map {
            Some(map) if self.maps != 0 => self.maps & 1 << (map.get() & 15) != 0,
            _ => true,
        };
        on_map
            && self.vcids & 1 << (gvcid.vcid.get() & 63) != 0
            && self.scid == gvcid.scid
            && self.tfvn == gvcid.tfvn
    }
}

/// What an association does for its frames (§2.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SecurityService {
    /// The frame is authenticated, its data can be read by anybody.
    Authentication,
    /// The data are encrypted, and the frame is authenticated.
    AuthenticatedEncryption,
    /// Nothing: a header that names the association, and plain data.
    #[default]
    Clear,
    /// The data are encrypted, and nothing tells whether they were changed.
    Encryption,
}

impl SecurityService {
    /// Whether a message authentication code ends the data field.
    #[must_use]
    pub const fn authenticates(self) -> bool {
        matches!(self, Self::Authentication | Self::AuthenticatedEncryption)
    }

    /// Whether the data are encrypted.
    #[must_use]
    pub const fn encrypts(self) -> bool {
        matches!(self, Self::AuthenticatedEncryption | Self::Encryption)
    }
}

/// Managed parameters of a security association, as far as they lay out its frames.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SecurityParameters {
    /// The index that its frames carry.
    pub spi: Spi,
    /// The frames it is for.
    pub channels: SecuredChannels,
    /// What it does for them.
    pub service: SecurityService,
    /// Octets of the initialization vector, 0 to 32.
    pub iv_len: usize,
    /// Octets of the sequence number, 0 to 8.
    pub sequence_number_len: usize,
    /// Octets of the field that says how many octets of fill end the data, 0 to 2.
    pub pad_length_len: usize,
    /// Octets of the message authentication code, 1 to 64 where there is one.
    pub mac_len: usize,
}

/// A security association whose parameters are legal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SecurityAssociation {
    parameters: SecurityParameters,
}

impl SecurityAssociation {
    /// Check the parameters.
    ///
    /// # Errors
    /// When a field is longer than the book allows, or the code is missing where there must be one, or there where there is none.
    pub const fn new(parameters: SecurityParameters) -> Result<Self, SecurityConfigError> {
        let SecurityParameters { service, iv_len, sequence_number_len, pad_length_len, mac_len, .. } =
            parameters;
        if iv_len > MAX_IV_LEN {
            return Err(SecurityConfigError::Iv { max: MAX_IV_LEN, len: iv_len });
        }
        if sequence_number_len > MAX_SEQUENCE_NUMBER_LEN {
            let len = sequence_number_len;
            return Err(SecurityConfigError::SequenceNumber { max: MAX_SEQUENCE_NUMBER_LEN, len });
        }
        if pad_length_len > MAX_PAD_LENGTH_LEN {
            return Err(SecurityConfigError::PadLength { max: MAX_PAD_LENGTH_LEN, len: pad_length_len });
        }
        if mac_len > MAX_MAC_LEN {
            return Err(SecurityConfigError::Mac { max: MAX_MAC_LEN, len: mac_len });
        }
        match (service.authenticates(), mac_len) {
            (true, 0) => Err(SecurityConfigError::MacMissing),
            (false, 1..) => Err(SecurityConfigError::MacWithoutAuthentication),
            _ => Ok(Self { parameters }),
        }
    }

    /// The parameters.
    #[must_use]
    pub const fn parameters(&self) -> &SecurityParameters {
        &self.parameters
    }

    /// Octets of the security header (§4.1.1).
    #[must_use]
    pub const fn header_len(&self) -> usize {
        let SecurityParameters { iv_len, sequence_number_len, pad_length_len, .. } = self.parameters;
        Spi::LEN + iv_len + sequence_number_len + pad_length_len
    }

    /// Octets of the security trailer (§4.1.2).
    #[must_use]
    pub const fn trailer_len(&self) -> usize {
        self.parameters.mac_len
    }

    /// Take a data field apart.
    ///
    /// # Errors
    /// When it is shorter than header and trailer together.
    pub const fn fields<'a>(&self, data_field: &'a [u8]) -> Result<SecurityFields<'a>, FrameError> {
        let needed = self.header_len() + self.trailer_len();
        let short = FrameError::Truncated { needed, actual: data_field.len() };
        let Some(spi) = Spi::of(data_field) else { return Err(short) };
        let Some((_, rest)) = data_field.split_at_checked(Spi::LEN) else { return Err(short) };
        let Some((iv, rest)) = rest.split_at_checked(self.parameters.iv_len) else { return Err(short) };
        let Some((sequence_number, rest)) = rest.split_at_checked(self.parameters.sequence_number_len) else {
            return Err(short);
        };
        let Some((pad_length, rest)) = rest.split_at_checked(self.parameters.pad_length_len) else {
            return Err(short);
        };
        let Some(data_len) = rest.len().checked_sub(self.parameters.mac_len) else { return Err(short) };
        let Some((data, mac)) = rest.split_at_checked(data_len) else { return Err(short) };
        Ok(SecurityFields { spi, iv, sequence_number, pad_length: number(pad_length) as usize, data, mac })
    }
}

/// The parts of a protected data field (§4.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SecurityFields<'a> {
    /// Which association.
    pub spi: Spi,
    /// The initialization vector; empty where none is sent.
    pub iv: &'a [u8],
    /// The sequence number; empty where none is sent.
    pub sequence_number: &'a [u8],
    /// Octets of fill at the end of the data: 0 where no field says so.
    pub pad_length: usize,
    /// The data, encrypted or not, with the fill.
    pub data: &'a [u8],
    /// The message authentication code; empty where there is none.
    pub mac: &'a [u8],
}

impl SecurityFields<'_> {
    /// The number that counts the frames of the association: its own field, or else the initialization vector, which counts too
    /// where there is no such field (§4.1.1.4). Of a longer vector these are the low 128 bits.
    #[must_use]
    pub const fn anti_replay_number(&self) -> Option<u128> {
        match (self.sequence_number, self.iv) {
            ([], []) => None,
            ([], iv) => Some(number(iv)),
            (sequence_number, _) => Some(number(sequence_number)),
        }
    }
}

/// The most significant octet comes first.
const fn number(mut octets: &[u8]) -> u128 {
    let mut value = 0;
    while let Some((&octet, rest)) = octets.split_first() {
        value = value << 8 | octet as u128;
        octets = rest;
    }
    value
}

/// Parameters that no association can have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SecurityConfigError {
    /// The initialization vector is too long.
    Iv {
        /// The most there can be.
        max: usize,
        /// Octets given.
        len: usize,
    },
    /// The message authentication code is too long.
    Mac {
        /// The most there can be.
        max: usize,
        /// Octets given.
        len: usize,
    },
    /// A service that authenticates needs a message authentication code.
    MacMissing,
    /// A service that does not authenticate has none.
    MacWithoutAuthentication,
    /// The pad length field is too long.
    PadLength {
        /// The most there can be.
        max: usize,
        /// Octets given.
        len: usize,
    },
    /// The sequence number is too long.
    SequenceNumber {
        /// The most there can be.
        max: usize,
        /// Octets given.
        len: usize,
    },
}

impl fmt::Display for SecurityConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, max, len) = match *self {
            Self::Iv { max, len } => ("an initialization vector", max, len),
            Self::Mac { max, len } => ("a message authentication code", max, len),
            Self::PadLength { max, len } => ("a pad length", max, len),
            Self::SequenceNumber { max, len } => ("a sequence number", max, len),
            Self::MacMissing => {
                return f.write_str("a service that authenticates needs a message authentication code");
            }
            Self::MacWithoutAuthentication => {
                return f.write_str("only a service that authenticates has a message authentication code");
            }
        };
        write!(f, "{what} has at most {max} octets, not {len}")
    }
}

impl core::error::Error for SecurityConfigError {}

/// §4.1.1.3.
const MAX_IV_LEN: usize = 32;
/// §4.1.1.4.
const MAX_SEQUENCE_NUMBER_LEN: usize = 8;
/// §4.1.1.5.
const MAX_PAD_LENGTH_LEN: usize = 2;
/// §4.1.2.
const MAX_MAC_LEN: usize = 64;
