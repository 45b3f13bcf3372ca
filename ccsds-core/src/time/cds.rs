//! CCSDS day segmented time code, 301.0-B-4 §3.3: a day count, the millisecond of the day, and a fraction of it.

use super::utc::PICOSECONDS_PER_MILLISECOND;
use super::{Date, EXTENDED, PField, TimeError, TimeField, UtcTime, put_unsigned, t_field, t_field_mut};
use crate::bits::read_unsigned;

/// Layout of a day segmented code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CdsFormat {
    epoch: CdsEpoch,
    day_len: u8,
    sub_millisecond: SubMillisecond,
}

/// The day that a day segmented code counts from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CdsEpoch {
    /// The agency's own.
    Agency(Date),
    /// 1958 January 1.
    Ccsds,
}

/// What a day segmented code holds below the millisecond.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SubMillisecond {
    /// Nothing.
    Absent,
    /// Microseconds of the millisecond, in two octets.
    Microsecond,
    /// Picoseconds of the millisecond, in four octets.
    Picosecond,
}

impl CdsFormat {
    /// A layout with a day count of two or three octets; `None` for another number.
    #[must_use]
    pub const fn new(epoch: CdsEpoch, day_len: usize, sub_millisecond: SubMillisecond) -> Option<Self> {
        match day_len {
            2 | 3 => Some(Self { epoch, day_len: day_len as u8, sub_millisecond }),
            _ => None,
        }
    }

    /// Read the P-field that begins `octets`; returns the layout and how many octets the P-field took.
    ///
    /// `agency` is the epoch of codes that do not count from 1958. `None` for another kind of code, a reserved resolution, or
    /// an extension, of which the book defines none.
    #[must_use]
    pub const fn from_p_field(octets: &[u8], agency: Date) -> Option<(Self, usize)> {
        let Some((&octet, _)) = octets.split_first() else { return None };
        if octet & (EXTENDED | 0b0111_0000) != IDENTIFICATION {
            return None;
        }
        let epoch = if octet & AGENCY == 0 { CdsEpoch::Ccsds } else { CdsEpoch::Agency(agency) };
        let day_len = if octet & LONG_DAY == 0 { 2 } else { 3 };
        let sub_millisecond = match octet & 3 {
            0 => SubMillisecond::Absent,
            1 => SubMillisecond::Microsecond,
            2 => SubMillisecond::Picosecond,
            _ => return None,
        };
        Some((Self { epoch, day_len, sub_millisecond }, 1))
    }

    /// The P-field that says so.
    #[must_use]
    pub const fn p_field(self) -> PField {
        let epoch = match self.epoch {
            CdsEpoch::Agency(_) => AGENCY,
            CdsEpoch::Ccsds => 0,
        };
        let day = if self.day_len == 2 { 0 } else { LONG_DAY };
        PField::one(IDENTIFICATION | epoch | day | self.sub_millisecond as u8)
    }

    /// The day that the code counts from.
    #[must_use]
    pub const fn epoch(self) -> CdsEpoch {
        self.epoch
    }

    /// Octets of the T-field: 6 to 11.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a code is never empty")]
    pub const fn len(self) -> usize {
        self.day_len as usize + 4 + self.sub_millisecond.len()
    }

    /// Read the T-field that begins `octets`.
    ///
    /// # Errors
    /// When `octets` is too short, the millisecond is beyond a day with a leap second, or the fraction beyond a millisecond.
    pub const fn decode(self, octets: &[u8]) -> Result<UtcTime, TimeError> {
        let field = match t_field(octets, self.len()) {
            Ok(field) => field,
            Err(error) => return Err(error),
        };
        let day_bits = self.day_len as u32 * 8;
        let day = field_of(field, 0, day_bits) as i64 + self.epoch.days();
        let millisecond = field_of(field, day_bits, 32);
        let fraction = field_of(field, day_bits + 32, self.sub_millisecond.len() as u32 * 8);
        if fraction >= self.sub_millisecond.per_millisecond() {
            return Err(TimeError::range(TimeField::Fraction, fraction as u32));
        }
        if day > i32::MAX as i64 {
            return Err(TimeError::Unrepresentable);
        }
        // Any 32 bits of milliseconds fit 64 bits of picoseconds.
        let picosecond = millisecond * PICOSECONDS_PER_MILLISECOND
            + fraction * (PICOSECONDS_PER_MILLISECOND / self.sub_millisecond.per_millisecond());
        UtcTime::new(day as i32, picosecond)
    }

    /// Write the T-field to the beginning of `octets`; returns its length. What is finer than the format is cut off.
    ///
    /// # Errors
    /// When `octets` is too short, or the day count cannot hold the day.
    pub const fn emit(self, time: UtcTime, octets: &mut [u8]) -> Result<usize, TimeError> {
        let day = time.day() as i64 - self.epoch.days();
        if day < 0 || day >> (self.day_len as u32 * 8) != 0 {
            return Err(TimeError::Unrepresentable);
        }
        let field = match t_field_mut(octets, self.len()) {
            Ok(field) => field,
            Err(error) => return Err(error),
        };
        let units = PICOSECONDS_PER_MILLISECOND / self.sub_millisecond.per_millisecond();
        let fraction = time.picosecond_of_day() % PICOSECONDS_PER_MILLISECOND / units;
        if let Some((days, rest)) = field.split_at_mut_checked(self.day_len as usize)
            && let Some((milliseconds, fractions)) = rest.split_at_mut_checked(4)
        {
            put_unsigned(days, day as u64);
            put_unsigned(milliseconds, time.millisecond_of_day() as u64);
            put_unsigned(fractions, fraction);
        }
        Ok(self.len())
    }
}

impl CdsEpoch {
    /// Days from 1958 January 1.
    const fn days(self) -> i64 {
        match self {
            Self::Agency(date) => date.days() as i64,
            Self::Ccsds => 0,
        }
    }
}

impl SubMillisecond {
    const fn len(self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Microsecond => 2,
            Self::Picosecond => 4,
        }
    }

    const fn per_millisecond(self) -> u64 {
        match self {
            Self::Absent => 1,
            Self::Microsecond => 1000,
            Self::Picosecond => PICOSECONDS_PER_MILLISECOND,
        }
    }
}

/// A field that lies in `octets`, for their length was checked.
const fn field_of(octets: &[u8], bit_offset: u32, bits: u32) -> u64 {
    match read_unsigned(octets, bit_offset as usize, bits) {
        Some(value) => value,
        None => 0,
    }
}

const IDENTIFICATION: u8 = 0b0100_0000;
const AGENCY: u8 = 0b0000_1000;
const LONG_DAY: u8 = 0b0000_0100;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use spacepackets::time::CcsdsTimeProvider;
    use spacepackets::time::cds::CdsTime;

    fn any_format() -> impl Strategy<Value = CdsFormat> {
        (any::<bool>(), 2u8..=3, 0u8..3).prop_map(|(agency, day_len, sub_millisecond)| CdsFormat {
            epoch: if agency { CdsEpoch::Agency(Date::GPS) } else { CdsEpoch::Ccsds },
            day_len,
            sub_millisecond: [
                SubMillisecond::Absent,
                SubMillisecond::Microsecond,
                SubMillisecond::Picosecond,
            ][usize::from(sub_millisecond)],
        })
    }

    /// Length, seconds from 1970 and nanoseconds that another implementation reads.
    fn theirs(code: &[u8], day_len: u8) -> (usize, i64, u32) {
        if day_len == 2 {
            let time = CdsTime::from_bytes_with_u16_days(code).unwrap();
            (time.len_as_bytes(), time.unix_secs(), time.subsec_nanos())
        } else {
            let time = CdsTime::from_bytes_with_u24_days(code).unwrap();
            (time.len_as_bytes(), time.unix_secs(), time.subsec_nanos())
        }
    }

    proptest! {
        #[test]
        fn p_fields_lead_back(format in any_format()) {
            prop_assert_eq!(CdsFormat::from_p_field(format.p_field().as_bytes(), Date::GPS), Some((format, 1)));
        }

        #[test]
        fn codes_that_are_read_are_written_alike(format in any_format(), octets: [u8; 11]) {
            if let Ok(time) = format.decode(&octets) {
                let mut written = [0; 11];
                prop_assert_eq!(format.emit(time, &mut written), Ok(format.len()));
                prop_assert_eq!(&written[..format.len()], &octets[..format.len()]);
            }
        }

        #[test]
        fn what_no_day_has_is_refused(format in any_format(), day: u16, millisecond: u32, fraction: u32) {
            let mut octets = [0; 11];
            let day_len = usize::from(format.day_len);
            octets[day_len - 2..day_len].copy_from_slice(&day.to_be_bytes());
            octets[day_len..day_len + 4].copy_from_slice(&millisecond.to_be_bytes());
            let (len, limit) = match format.sub_millisecond {
                SubMillisecond::Absent => (0, 1),
                SubMillisecond::Microsecond => (2, 1000),
                SubMillisecond::Picosecond => (4, 1_000_000_000),
            };
            let fraction = if len == 2 { fraction & 0xFFFF } else if len == 0 { 0 } else { fraction };
            octets[day_len + 4..][..len].copy_from_slice(&fraction.to_be_bytes()[4 - len..]);
            prop_assert_eq!(format.decode(&octets).is_ok(), millisecond < 86_401_000 && fraction < limit);
        }

        /// From 1970 on: before, the other one subtracts the seconds of the day.
        #[test]
        fn moments_are_what_another_implementation_reads(
            format in any_format(), day in 4383u16.., millisecond in 0u32..86_400_000, microsecond in 0u64..1000,
        ) {
            let format = CdsFormat { epoch: CdsEpoch::Ccsds, ..format };
            let picosecond = u64::from(millisecond) * PICOSECONDS_PER_MILLISECOND + microsecond * 1_000_000;
            let time = UtcTime::new(day.into(), picosecond).unwrap();
            let mut code = [0; 12];
            code[..1].copy_from_slice(format.p_field().as_bytes());
            format.emit(time, &mut code[1..]).unwrap();
            let (len, unix_seconds, subsecond) = theirs(&code, format.day_len);
            prop_assert_eq!(len, 1 + format.len());
            let seconds = (i64::from(day) - 4383) * 86_400 + i64::from(millisecond / 1000);
            prop_assert_eq!(unix_seconds, seconds);
            let nanoseconds = u64::from(millisecond % 1000) * 1_000_000
                + if format.sub_millisecond == SubMillisecond::Absent { 0 } else { microsecond * 1000 };
            prop_assert_eq!(u64::from(subsecond), nanoseconds);
        }
    }

    #[test]
    fn days_outside_the_count_are_not_written() {
        let format = |len| CdsFormat::new(CdsEpoch::Agency(Date::GPS), len, SubMillisecond::Absent).unwrap();
        let day = |days: i32| UtcTime::new(Date::GPS.days() + days, 0).unwrap();
        let mut octets = [0; 7];
        for (len, days, expected) in [
            (2, -1, Err(TimeError::Unrepresentable)),
            (2, 65_535, Ok(6)),
            (2, 65_536, Err(TimeError::Unrepresentable)),
            (3, 65_536, Ok(7)),
            (3, 1 << 24, Err(TimeError::Unrepresentable)),
        ] {
            assert_eq!(format(len).emit(day(days), &mut octets), expected);
        }
        assert_eq!(format(3).emit(day(0), &mut octets[..6]), Err(TimeError::Short { needed: 7, actual: 6 }));
        assert_eq!(format(3).decode(&octets[..6]), Err(TimeError::Short { needed: 7, actual: 6 }));
        assert_eq!(CdsFormat::new(CdsEpoch::Ccsds, 4, SubMillisecond::Absent), None);
    }
}
