//! Seconds from an epoch on a scale without leap seconds: what unsegmented codes hold.

use super::TimeError;

/// The time since an epoch on a uniform scale: whole seconds, and a fraction in units of 2^-64 s.
///
/// The scale is TAI for codes that count from 1958, else the agency's own; the format of the code knows its epoch. A fraction of
/// 9 or 10 octets loses what is below 2^-64 s, some 54 zeptoseconds; every shorter one is kept whole. Before the epoch the
/// seconds are negative, and the fraction still adds to them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UniformTime {
    seconds: i64,
    fraction: u64,
}

impl UniformTime {
    /// Whole seconds and units of 2^-64 s.
    #[must_use]
    pub const fn new(seconds: i64, fraction: u64) -> Self {
        Self { seconds, fraction }
    }

    /// So many days of 86400 s: the distance of two epochs.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        Self { seconds: days as i64 * 86_400, fraction: 0 }
    }

    /// Whole seconds and attoseconds, rounded up to the next unit, so that [`attoseconds`](Self::attoseconds) gives them back.
    ///
    /// # Errors
    /// When the attoseconds make a second or more.
    pub const fn from_attoseconds(seconds: i64, attoseconds: u64) -> Result<Self, TimeError> {
        if attoseconds >= ATTOSECONDS {
            return Err(TimeError::Unrepresentable);
        }
        let units = ((attoseconds as u128) << 64).div_ceil(ATTOSECONDS as u128);
        Ok(Self { seconds, fraction: units as u64 })
    }

    /// Whole seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// What is above the whole seconds, in units of 2^-64 s.
    #[must_use]
    pub const fn fraction(self) -> u64 {
        self.fraction
    }

    /// What is above the whole seconds, in attoseconds, rounded down.
    #[must_use]
    pub const fn attoseconds(self) -> u64 {
        ((self.fraction as u128 * ATTOSECONDS as u128) >> 64) as u64
    }

    /// What is above the whole seconds, in nanoseconds, rounded down.
    #[must_use]
    pub const fn nanoseconds(self) -> u32 {
        (self.attoseconds() / 1_000_000_000) as u32
    }

    /// The sum; `None` beyond the range.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        let (fraction, carry) = self.fraction.overflowing_add(other.fraction);
        match self.seconds as i128 + other.seconds as i128 + carry as i128 {
            seconds @ MIN..=MAX => Some(Self { seconds: seconds as i64, fraction }),
            _ => None,
        }
    }

    /// The difference, for a change of epoch; `None` beyond the range.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        let (fraction, borrow) = self.fraction.overflowing_sub(other.fraction);
        match self.seconds as i128 - other.seconds as i128 - borrow as i128 {
            seconds @ MIN..=MAX => Some(Self { seconds: seconds as i64, fraction }),
            _ => None,
        }
    }
}

const ATTOSECONDS: u64 = 1_000_000_000_000_000_000;
const MIN: i128 = i64::MIN as i128;
const MAX: i128 = i64::MAX as i128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One number of units, wide enough.
    fn units(time: UniformTime) -> i128 {
        (i128::from(time.seconds()) << 64) + i128::from(time.fraction())
    }

    proptest! {
        #[test]
        fn attoseconds_come_back(seconds: i64, attoseconds in 0..ATTOSECONDS) {
            let time = UniformTime::from_attoseconds(seconds, attoseconds).unwrap();
            prop_assert_eq!((time.seconds(), time.attoseconds()), (seconds, attoseconds));
        }

        #[test]
        fn sums_and_order_are_those_of_one_wide_number(a: (i32, u64), b: (i32, u64)) {
            let a = UniformTime::new(a.0.into(), a.1);
            let b = UniformTime::new(b.0.into(), b.1);
            prop_assert_eq!(a.checked_add(b).map(units), Some(units(a) + units(b)));
            prop_assert_eq!(a.checked_sub(b).map(units), Some(units(a) - units(b)));
            prop_assert_eq!(a.cmp(&b), units(a).cmp(&units(b)));
        }
    }

    #[test]
    fn the_ends_of_the_range_are_not_passed() {
        let (first, last) = (UniformTime::new(i64::MIN, 0), UniformTime::new(i64::MAX, u64::MAX));
        assert_eq!(last.checked_add(UniformTime::new(0, 1)), None);
        assert_eq!(first.checked_sub(UniformTime::new(0, 1)), None);
        // The borrow of the fraction may bring a difference back into the range.
        assert_eq!(last.checked_sub(UniformTime::new(-1, u64::MAX)), None);
        assert_eq!(first.checked_sub(UniformTime::new(-1, 1)), Some(UniformTime::new(i64::MIN, u64::MAX)));
        assert_eq!(UniformTime::from_attoseconds(0, ATTOSECONDS), Err(TimeError::Unrepresentable));
    }
}
