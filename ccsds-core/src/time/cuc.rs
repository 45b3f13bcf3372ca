//! CCSDS unsegmented time code, 301.0-B-4 §3.2: octets of whole seconds from an epoch, and octets of their fractions.

use super::{EXTENDED, PField, TimeError, UniformTime, put_unsigned, t_field, t_field_mut};
use crate::bits::read_unsigned;

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
    /// A layout; `None` unless there are 1 to 7 octets of seconds and at most 10 of fractions.
    #[must_use]
    pub const fn new(epoch: CucEpoch, coarse_len: usize, fine_len: usize) -> Option<Self> {
        match (coarse_len, fine_len) {
            (1..=7, 0..=10) => Some(Self { epoch, coarse_len: coarse_len as u8, fine_len: fine_len as u8 }),
            _ => None,
        }
    }

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

    /// The P-field that says so: a second octet only where the first cannot say it all.
    #[must_use]
    pub const fn p_field(self) -> PField {
        let epoch = match self.epoch {
            CucEpoch::Agency => 0b0010_0000,
            CucEpoch::Tai1958 => 0b0001_0000,
        };
        let coarse = if self.coarse_len > 4 { 4 } else { self.coarse_len };
        let fine = if self.fine_len > 3 { 3 } else { self.fine_len };
        let first = epoch | (coarse - 1) << 2 | fine;
        match (self.coarse_len - coarse, self.fine_len - fine) {
            (0, 0) => PField::one(first),
            (coarse, fine) => PField::two(first, coarse << 5 | fine << 2),
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

    /// Octets of the T-field: 1 to 17.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a code is never empty")]
    pub const fn len(self) -> usize {
        self.coarse_len() + self.fine_len()
    }

    /// Read the T-field that begins `octets`. The ninth and tenth octet of a fraction are below what [`UniformTime`] keeps.
    ///
    /// # Errors
    /// When `octets` is too short.
    pub const fn decode(self, octets: &[u8]) -> Result<UniformTime, TimeError> {
        let field = match t_field(octets, self.len()) {
            Ok(field) => field,
            Err(error) => return Err(error),
        };
        let coarse_bits = self.coarse_len as u32 * 8;
        let fine_bits = if self.fine_len > 8 { 64 } else { self.fine_len as u32 * 8 };
        let seconds = read_unsigned(field, 0, coarse_bits);
        let fraction = read_unsigned(field, coarse_bits as usize, fine_bits);
        match (seconds, fraction) {
            (Some(seconds), Some(fraction)) => {
                let fraction = if fine_bits == 0 { 0 } else { fraction << (64 - fine_bits) };
                Ok(UniformTime::new(seconds as i64, fraction))
            }
            _ => Err(TimeError::Short { needed: self.len(), actual: octets.len() }),
        }
    }

    /// Write the T-field to the beginning of `octets`; returns its length. What is finer than the format is cut off.
    ///
    /// # Errors
    /// When `octets` is too short, or the time is before the epoch or later than the seconds can count.
    pub const fn emit(self, time: UniformTime, octets: &mut [u8]) -> Result<usize, TimeError> {
        if time.seconds() < 0 || time.seconds() >> (self.coarse_len as u32 * 8) != 0 {
            return Err(TimeError::Unrepresentable);
        }
        let field = match t_field_mut(octets, self.len()) {
            Ok(field) => field,
            Err(error) => return Err(error),
        };
        if let Some((seconds, fraction)) = field.split_at_mut_checked(self.coarse_len()) {
            put_unsigned(seconds, time.seconds() as u64);
            // What a fraction of fewer than eight octets does not hold is shifted out; longer ones end in zeros.
            let kept = if self.fine_len > 8 { 8 } else { self.fine_len as usize };
            if let Some((head, tail)) = fraction.split_at_mut_checked(kept)
                && kept > 0
            {
                put_unsigned(head, time.fraction() >> (64 - kept * 8));
                put_unsigned(tail, 0);
            }
        }
        Ok(self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use spacepackets::time::TimeReader;
    use spacepackets::time::cuc::{CucTime, FractionalPart, FractionalResolution};

    fn any_format() -> impl Strategy<Value = CucFormat> {
        (any::<bool>(), 1u8..=7, 0u8..=10).prop_map(|(agency, coarse_len, fine_len)| {
            let epoch = if agency { CucEpoch::Agency } else { CucEpoch::Tai1958 };
            CucFormat { epoch, coarse_len, fine_len }
        })
    }

    proptest! {
        #[test]
        fn p_fields_lead_back(format in any_format()) {
            let p_field = format.p_field();
            let len = p_field.as_bytes().len();
            prop_assert_eq!(CucFormat::from_p_field(p_field.as_bytes()), Some((format, len)));
            prop_assert_eq!(len == 2, format.coarse_len > 4 || format.fine_len > 3);
        }

        #[test]
        fn codes_that_are_read_are_written_alike(format in any_format(), octets: [u8; 17]) {
            let time = format.decode(&octets).unwrap();
            let mut written = [0xFF; 17];
            prop_assert_eq!(format.emit(time, &mut written), Ok(format.len()));
            let kept = format.coarse_len() + format.fine_len().min(8);
            prop_assert_eq!(&written[..kept], &octets[..kept]);
            prop_assert!(written[kept..format.len()].iter().all(|&octet| octet == 0));
        }

        /// Whole octets of seconds and of fractions, as rational numbers of units.
        #[test]
        fn the_value_is_the_octets_as_one_number(coarse_len in 1usize..=7, fine_len in 0usize..=8, octets: [u8; 15]) {
            let format = CucFormat::new(CucEpoch::Tai1958, coarse_len, fine_len).unwrap();
            let time = format.decode(&octets).unwrap();
            let number = octets[..format.len()].iter().fold(0u128, |n, &octet| n << 8 | u128::from(octet));
            let ours = (u128::from(time.seconds() as u64) << 64) + u128::from(time.fraction());
            prop_assert_eq!(ours, number << (64 - 8 * fine_len));
        }

        #[test]
        fn codes_are_what_another_implementation_writes(seconds: u32, fraction: u32, fine_len in 0usize..=3) {
            let format = CucFormat::new(CucEpoch::Tai1958, 4, fine_len).unwrap();
            let (resolution, shift) = [
                (FractionalResolution::Seconds, 32),
                (FractionalResolution::FourMs, 24),
                (FractionalResolution::FifteenUs, 16),
                (FractionalResolution::SixtyNs, 8),
            ][fine_len];
            let counter = fraction.checked_shr(shift).unwrap_or(0);
            // The other one wants no fraction of all ones.
            prop_assume!(counter.count_ones() < 8 * fine_len as u32 || fine_len == 0);
            let part = FractionalPart::new_checked(resolution, counter).unwrap();
            let theirs = CucTime::new_with_fractions(seconds, part).unwrap();
            let mut code = [0; 8];
            theirs.write_to_slice(&mut code).unwrap();
            let (read, len) = CucFormat::from_p_field(&code).unwrap();
            prop_assert_eq!((read, len), (format, 1));
            let time = format.decode(&code[len..]).unwrap();
            let expected = u64::from(fraction.checked_shr(shift).unwrap_or(0)) << 32;
            prop_assert_eq!(time, UniformTime::new(seconds.into(), expected.checked_shl(shift).unwrap_or(0)));
            let mut written = [0; 8];
            format.emit(time, &mut written[1..]).unwrap();
            written[0] = format.p_field().as_bytes()[0];
            prop_assert_eq!(CucTime::from_bytes(&written[..=format.len()]).unwrap(), theirs);
        }
    }

    #[test]
    fn times_outside_the_count_are_not_written() {
        let format = CucFormat::new(CucEpoch::Agency, 4, 2).unwrap();
        let mut octets = [0; 6];
        let time = |seconds| UniformTime::new(seconds, u64::MAX);
        assert_eq!(format.emit(time(-1), &mut octets), Err(TimeError::Unrepresentable));
        assert_eq!(format.emit(time(1 << 32), &mut octets), Err(TimeError::Unrepresentable));
        assert_eq!(format.emit(time(0xFFFF_FFFF), &mut octets), Ok(6));
        assert_eq!(octets, [0xFF; 6]);
        assert_eq!(format.emit(time(0), &mut octets[1..]), Err(TimeError::Short { needed: 6, actual: 5 }));
        assert_eq!(format.decode(&octets[1..]), Err(TimeError::Short { needed: 6, actual: 5 }));
        assert_eq!(CucFormat::new(CucEpoch::Agency, 0, 0), None);
        assert_eq!(CucFormat::new(CucEpoch::Agency, 8, 0), None);
        assert_eq!(CucFormat::new(CucEpoch::Agency, 4, 11), None);
    }

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
