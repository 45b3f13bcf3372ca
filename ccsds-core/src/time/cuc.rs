//! CCSDS unsegmented time code, 301.0-B-4 §3.2: the P-field that says how its T-field is laid out.

/// Layout of an unsegmented code: octets of whole seconds, and of their fractions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CucFormat {
    epoch: CucEpoch,
    coarse_len: u8,
    fine_len: u8,
}

/// What an unsegmented code counts from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CucEpoch {
    /// An epoch of the agency's own.
    Agency,
    /// 1958 January 1, on the scale of international atomic time: no leap seconds.
    Tai1958,
}

impl CucFormat {
    /// Read the P-field that begins `octets`; returns the layout and how many octets the P-field took.
    ///
    /// A second octet follows when the first one says so. It adds up to three octets of seconds and up to seven of fractions,
    /// and no third octet is defined. `None` for another kind of code, or when an octet is missing.
    #[must_use]
    pub const fn from_p_field(octets: &[u8]) -> Option<(Self, usize)> {
        let Some((&first, rest)) = octets.split_first() else { return None };
        let epoch = match first >> 4 & 7 {
            0b001 => CucEpoch::Tai1958,
            0b010 => CucEpoch::Agency,
            _ => return None,
        };
        let (coarse_len, fine_len) = ((first >> 2 & 3) + 1, first & 3);
        if first & EXTENDED == 0 {
            return Some((Self { epoch, coarse_len, fine_len }, 1));
        }
        match rest {
            [second, ..] if *second & EXTENDED == 0 => {
                let coarse_len = coarse_len + (*second >> 5 & 3);
                let fine_len = fine_len + (*second >> 2 & 7);
                Some((Self { epoch, coarse_len, fine_len }, 2))
            }
            _ => None,
        }
    }

    /// What the code counts from.
    #[must_use]
    pub const fn epoch(self) -> CucEpoch {
        self.epoch
    }

    /// Octets of whole seconds, 1 to 7.
    #[must_use]
    pub const fn coarse_len(self) -> usize {
        self.coarse_len as usize
    }

    /// Octets of fractions of a second, 0 to 10.
    #[must_use]
    pub const fn fine_len(self) -> usize {
        self.fine_len as usize
    }
}

/// Another octet follows.
const EXTENDED: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(p_field: &[u8]) -> Option<(CucEpoch, usize, usize, usize)> {
        let (format, len) = CucFormat::from_p_field(p_field)?;
        Some((format.epoch(), format.coarse_len(), format.fine_len(), len))
    }

    #[test]
    fn the_usual_p_field_means_four_octets_and_two() {
        assert_eq!(layout(&[0x2E]), Some((CucEpoch::Agency, 4, 2, 1)));
        assert_eq!(layout(&[0x1C, 0xFF]), Some((CucEpoch::Tai1958, 4, 0, 1)));
    }

    /// An extended P-field read as if it were laid out like the first octet is a mistake seen elsewhere.
    #[test]
    fn the_second_octet_of_a_p_field_adds_to_the_first() {
        assert_eq!(layout(&[0xAE, 0b0000_0100]), Some((CucEpoch::Agency, 4, 3, 2)));
        assert_eq!(layout(&[0xAE, 0b0010_0000]), Some((CucEpoch::Agency, 5, 2, 2)));
        assert_eq!(layout(&[0x9F, 0b0111_1100]), Some((CucEpoch::Tai1958, 7, 10, 2)));
    }

    #[test]
    fn other_codes_and_unfinished_fields_are_refused() {
        assert_eq!(layout(&[]), None);
        assert_eq!(layout(&[0x40]), None);
        assert_eq!(layout(&[0xAE]), None);
        // No third octet is defined.
        assert_eq!(layout(&[0xAE, 0x84, 0x00]), None);
    }
}
