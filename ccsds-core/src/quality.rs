//! Link quality: what is known about how well a frame or a packet was received.
//!
//! Quality is data. It travels beside the octets it describes and never turns into an error.

use crate::id::Gvcid;

/// Reception time on the caller's scale; the library never reads a clock.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReceiveTime(pub u64);

/// How the position of a frame in the bit stream was established.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SyncQuality {
    /// Its marker was where the lock predicted it.
    Locked,
    /// Its marker was not recognised; its place follows from the frames before it.
    Flywheel,
    /// One marker was seen, and the stream ended before another could confirm it.
    #[default]
    Unverified,
}

/// What the channel code said about a frame.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CodingQuality {
    /// Every codeword was received without an error.
    Clean,
    /// Every codeword is now free of errors.
    Corrected {
        /// Symbols changed, over all codewords.
        symbols: u16,
    },
    /// At least one codeword holds more errors than the code can correct; it was left as received.
    Uncorrectable {
        /// How many codewords.
        codewords: u8,
    },
    /// The link has no such code.
    #[default]
    Unchecked,
}

/// What the frame error control field said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FecfQuality {
    /// The check failed.
    Invalid,
    /// The frame carries no such field.
    #[default]
    Unchecked,
    /// The check passed.
    Valid,
}

/// Everything known about how well a frame was received, in eight octets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameQuality {
    /// How its place in the stream was found.
    pub sync: SyncQuality,
    /// What the channel code said.
    pub coding: CodingQuality,
    /// What the frame error control field said.
    pub fecf: FecfQuality,
    /// Bit errors in its marker.
    pub asm_errors: u8,
    /// Whether the stream arrived with inverted polarity.
    pub inverted: bool,
}

impl FrameQuality {
    /// Quality of a frame that another receiver found and decoded.
    pub const EXTERNAL: Self = Self {
        sync: SyncQuality::Locked,
        coding: CodingQuality::Unchecked,
        fecf: FecfQuality::Unchecked,
        asm_errors: 0,
        inverted: false,
    };

    /// Whether the header fields may be believed.
    ///
    /// A valid FECF settles it; an invalid one too. Without FECF the channel code decides, and where there is neither,
    /// a recognised marker in lock must do: a frame that nothing vouches for is not trusted.
    #[must_use]
    pub const fn is_trusted(self) -> bool {
        matches!(self.trust(), Trust::Trusted)
    }

    /// Why a frame is believed, or is not.
    #[must_use]
    pub const fn trust(self) -> Trust {
        match (self.fecf, self.coding) {
            (FecfQuality::Valid, _) => Trust::Trusted,
            (_, CodingQuality::Uncorrectable { .. }) => Trust::Uncorrectable,
            (FecfQuality::Invalid, _) => Trust::FecfFailed,
            (FecfQuality::Unchecked, CodingQuality::Unchecked) => match self.sync {
                SyncQuality::Locked => Trust::Trusted,
                SyncQuality::Flywheel | SyncQuality::Unverified => Trust::Unverified,
            },
            (FecfQuality::Unchecked, _) => Trust::Trusted,
        }
    }
}

/// Whether a frame's header may be believed, and if not, why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Trust {
    /// The frame error control field failed.
    FecfFailed,
    /// The header may be believed.
    Trusted,
    /// A codeword could not be corrected and no valid FECF says otherwise.
    Uncorrectable,
    /// No code, no FECF and no marker vouches for the frame.
    Unverified,
}

/// What the receive chain knows about one frame beside its octets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameMeta {
    /// Position among all frames of the stream, from 0.
    pub ordinal: u64,
    /// First bit of the marker in the stream, from 0.
    pub stream_bit: u64,
    /// When it was received.
    pub received: ReceiveTime,
    /// How well it was received.
    pub quality: FrameQuality,
}

/// Set of things that befell a packet on its way.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PacketQuality(u8);

impl PacketQuality {
    /// Nothing to report.
    pub const GOOD: Self = Self(0);
    /// The octets end before the packet does.
    pub const TRUNCATED: Self = Self(1);
    /// Frames were lost while it was being received.
    pub const SPANS_GAP: Self = Self(1 << 1);
    /// A frame that cannot be trusted contributed to it.
    pub const FROM_UNTRUSTED_FRAME: Self = Self(1 << 2);
    /// The first header pointer contradicted its length.
    pub const FHP_MISMATCH: Self = Self(1 << 3);
    /// A frame that needed correction contributed to it; the octets are nevertheless right.
    pub const CORRECTED: Self = Self(1 << 4);
    /// Its version number names no kind of packet; it was delimited as a space packet.
    pub const UNKNOWN_VERSION: Self = Self(1 << 5);
    /// The check that ends it failed.
    pub const PEC_FAILED: Self = Self(1 << 6);
    /// It joins the parts of a group (133.0-B-2 §4.1.3.4.2); its length field is that of the first part.
    pub const JOINED: Self = Self(1 << 7);

    /// The union of both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the packet is complete and beyond doubt.
    #[must_use]
    pub const fn is_good(self) -> bool {
        self.0 & !Self::CORRECTED.with(Self::JOINED).0 == 0
    }

    /// Whether every element of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The set as bits, for records and columns.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// What a frame of this quality hands on to the packets it carries.
    #[must_use]
    pub const fn of_frame(frame: FrameQuality) -> Self {
        let corrected = match frame.coding {
            CodingQuality::Corrected { .. } => Self::CORRECTED,
            _ => Self::GOOD,
        };
        if frame.is_trusted() { corrected } else { corrected.with(Self::FROM_UNTRUSTED_FRAME) }
    }
}

/// What the receive chain knows about one packet beside its octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PacketMeta {
    /// The channel it came on.
    pub gvcid: Gvcid,
    /// Ordinal of the frame that holds its first octet.
    pub first_frame: u64,
    /// When that frame was received.
    pub received: ReceiveTime,
    /// What befell it.
    pub quality: PacketQuality,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_fecf_outweighs_an_uncorrectable_codeword() {
        let quality = FrameQuality {
            coding: CodingQuality::Uncorrectable { codewords: 1 },
            fecf: FecfQuality::Valid,
            ..FrameQuality::default()
        };
        assert!(quality.is_trusted());
        assert_eq!(FrameQuality { fecf: FecfQuality::Unchecked, ..quality }.trust(), Trust::Uncorrectable);
        assert_eq!(FrameQuality { fecf: FecfQuality::Invalid, ..quality }.trust(), Trust::Uncorrectable);
    }

    #[test]
    fn a_frame_that_nothing_vouches_for_is_not_trusted() {
        let flywheel = FrameQuality { sync: SyncQuality::Flywheel, ..FrameQuality::EXTERNAL };
        assert_eq!(flywheel.trust(), Trust::Unverified);
        assert!(FrameQuality { coding: CodingQuality::Clean, ..flywheel }.is_trusted());
        assert!(FrameQuality::EXTERNAL.is_trusted());
    }

    #[test]
    fn correction_is_reported_but_is_not_damage() {
        let corrected = PacketQuality::GOOD.with(PacketQuality::CORRECTED);
        assert!(corrected.is_good());
        assert!(!corrected.with(PacketQuality::TRUNCATED).is_good());
    }
}
