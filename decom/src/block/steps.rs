//! How grave numbers are: a level from each threshold on.

use alloc::vec::Vec;

use crate::plan::{AlarmLevel, AlarmRange};

/// A level as a function of a number: constant between thresholds.
///
/// Most values lie between the same two thresholds as the one before them. That is one comparison of a whole block.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Steps<T> {
    /// Thresholds in rising order, each with the level from there on. Before the first one, and for what is not a number, there
    /// is no alarm.
    steps: Vec<(T, AlarmLevel)>,
    /// Where nothing is alarming: two thresholds, or one, and the level between them. Most blocks are all there.
    home: Option<(T, Option<T>, AlarmLevel)>,
}

impl Steps<f64> {
    /// The most severe of the ranges that a number is in.
    pub(super) fn of_ranges(ranges: &[AlarmRange]) -> Self {
        let level = |x: f64| {
            ranges.iter().filter(|range| range.contains(x)).map(|range| range.level).max().unwrap_or_default()
        };
        let mut thresholds = Vec::from([f64::NEG_INFINITY]);
        for range in ranges {
            thresholds.push(if range.min_inclusive { range.min } else { range.min.next_up() });
            thresholds.push(if range.max_inclusive { range.max.next_up() } else { range.max });
        }
        thresholds.retain(|threshold| !threshold.is_nan());
        thresholds.sort_by(f64::total_cmp);
        Self::new(thresholds, level)
    }

    /// The same for whole numbers from `first` to `last`, before a function that never falls, or never rises, was applied.
    pub(super) fn before(&self, function: impl Fn(f64) -> f64, first: i64, last: i64) -> Steps<i64> {
        let mut thresholds = Vec::from([first]);
        for &(threshold, _) in &self.steps {
            let is_above = |raw: i64| function(raw as f64) >= threshold;
            let at_first = is_above(first);
            if is_above(last) == at_first {
                continue;
            }
            let (mut same, mut other) = (first, last);
            while other - same > 1 {
                let middle = same + (other - same) / 2;
                if is_above(middle) == at_first { same = middle } else { other = middle }
            }
            thresholds.push(other);
        }
        thresholds.sort_unstable();
        Steps::new(thresholds, |raw| self.level(function(raw as f64)))
    }

    /// The same before any function, which is looked at number by number.
    pub(super) fn before_any(&self, function: impl Fn(f64) -> f64, first: i64, last: i64) -> Steps<i64> {
        let mut steps: Vec<(i64, AlarmLevel)> = Vec::new();
        let (mut low, mut high, mut level) = (None, None, AlarmLevel::Normal);
        for raw in first..=last {
            let x = function(raw as f64);
            // Most lie between the same thresholds as the one before.
            let is_within =
                low.is_some_and(|low| x >= low) && high.is_none_or(|high| x < high) && !steps.is_empty();
            if !is_within {
                (low, high, level) = self.piece(x);
            }
            if steps.last().is_none_or(|&(_, before)| before != level) {
                steps.push((raw, level));
            }
        }
        Steps::of(steps)
    }
}

impl<T: Copy + PartialOrd> Steps<T> {
    fn new(thresholds: Vec<T>, level: impl Fn(T) -> AlarmLevel) -> Self {
        let mut steps: Vec<(T, AlarmLevel)> = thresholds.into_iter().map(|at| (at, level(at))).collect();
        steps.dedup_by(|(_, next), (_, level)| next == level);
        Self::of(steps)
    }

    fn of(steps: Vec<(T, AlarmLevel)>) -> Self {
        let index = steps.iter().position(|&(_, level)| level == AlarmLevel::Normal).unwrap_or(0);
        let next = steps.get(index + 1).map(|&(threshold, _)| threshold);
        let home = steps.get(index).map(|&(threshold, level)| (threshold, next, level));
        Self { steps, home }
    }

    /// The level of one number.
    pub(super) fn level(&self, x: T) -> AlarmLevel {
        self.piece(x).2
    }

    /// Put the levels of numbers behind the others. They are given as they are, and made comparable with the thresholds.
    #[inline(always)]
    pub(super) fn append<R: Number>(
        &self,
        numbers: &[R],
        wide: impl Fn(R) -> T,
        narrow: impl Fn(T) -> Option<R>,
        levels: &mut Vec<AlarmLevel>,
    ) {
        if let Some((low, high, level)) = self.home
            && let Some(low) = narrow(low)
            && R::all_within(numbers, (low, high.and_then(&narrow)))
        {
            levels.resize(levels.len() + numbers.len(), level);
            return;
        }
        let Some(&first) = numbers.first() else { return };
        let (low, high, level) = self.piece(wide(first));
        let begin = levels.len();
        levels.resize(begin + numbers.len(), level);
        let slots = levels.get_mut(begin..).unwrap_or_default();
        let narrow =
            |(low, high): (Option<T>, Option<T>)| Some((low.and_then(&narrow)?, high.and_then(&narrow)));
        let home = narrow((low, high));
        for (chunk, slots) in numbers.chunks(CHUNK).zip(slots.chunks_mut(CHUNK)) {
            if home.is_some_and(|piece| R::all_within(chunk, piece)) {
                continue;
            }
            let Some(&first) = chunk.first() else { continue };
            let (low, high, level) = self.piece(wide(first));
            if narrow((low, high)).is_some_and(|piece| R::all_within(chunk, piece)) {
                slots.fill(level);
                continue;
            }
            for (slot, &x) in slots.iter_mut().zip(chunk) {
                *slot = self.level(wide(x));
            }
        }
    }

    /// The thresholds around a number, and the level between them.
    fn piece(&self, x: T) -> (Option<T>, Option<T>, AlarmLevel) {
        let behind = self.steps.partition_point(|(threshold, _)| *threshold <= x);
        let before = behind.checked_sub(1).and_then(|index| self.steps.get(index));
        let next = self.steps.get(behind).map(|(threshold, _)| *threshold);
        before.map_or((None, next, AlarmLevel::Normal), |&(threshold, level)| (Some(threshold), next, level))
    }
}

/// Numbers that thresholds are compared with.
pub(super) trait Number: Copy + PartialOrd {
    /// Whether all are from a threshold on and before another one, where there is one that their type reaches.
    fn all_within(numbers: &[Self], piece: (Self, Option<Self>)) -> bool;
}

/// All are looked at, and what is outside is kept in words as wide as the numbers, so that the loop becomes vectors.
macro_rules! numbers {
    ($($number:ident: $word:ident;)*) => {
        $(impl Number for $number {
            #[inline(always)]
            fn all_within(numbers: &[Self], (low, high): (Self, Option<Self>)) -> bool {
                let mut outside: $word = 0;
                match high {
                    Some(high) => {
                        for &x in numbers {
                            outside |= $word::from((x >= low) & (x < high)) ^ 1;
                        }
                    }
                    None => numbers.iter().for_each(|&x| outside |= $word::from(x >= low) ^ 1),
                }
                outside == 0
            }
        })*
    };
}

numbers! {
    f64: u64;
    i8: u8;
    i16: u16;
    i32: u32;
    u8: u8;
    u16: u16;
    u32: u32;
}

const CHUNK: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bound() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-20i32..20).prop_map(|x| f64::from(x) / 2.0),
            prop::sample::select(&[f64::NEG_INFINITY, f64::INFINITY, f64::NAN, -0.0, 5e-324, f64::MAX][..]),
            any::<f64>(),
        ]
    }

    fn range() -> impl Strategy<Value = AlarmRange> {
        let levels = [AlarmLevel::Watch, AlarmLevel::Warning, AlarmLevel::Critical, AlarmLevel::Severe];
        (prop::sample::select(levels.to_vec()), bound(), any::<bool>(), bound(), any::<bool>()).prop_map(
            |(level, min, min_inclusive, max, max_inclusive)| AlarmRange {
                level,
                min,
                min_inclusive,
                max,
                max_inclusive,
            },
        )
    }

    fn naive(ranges: &[AlarmRange], x: f64) -> AlarmLevel {
        ranges.iter().filter(|range| range.contains(x)).map(|range| range.level).max().unwrap_or_default()
    }

    proptest! {
        #[test]
        fn steps_equal_ranges(ranges in prop::collection::vec(range(), 0..6), mut xs in prop::collection::vec(bound(), 0..80)) {
            let steps = Steps::of_ranges(&ranges);
            for range in &ranges {
                xs.extend([range.min, range.max, range.min.next_up(), range.min.next_down(), range.max.next_up(), range.max.next_down()]);
            }
            let expected: Vec<AlarmLevel> = xs.iter().map(|&x| naive(&ranges, x)).collect();
            let mut levels = Vec::from([AlarmLevel::Distress]);
            steps.append(&xs, |x| x, Some, &mut levels);
            prop_assert_eq!(&levels[1..], &expected[..]);
            for x in xs {
                let mut one = Vec::new();
                steps.append(&[x, x], |x| x, Some, &mut one);
                prop_assert_eq!(one, [naive(&ranges, x); 2]);
            }
        }

        #[test]
        fn limits_of_raw_numbers_equal_those_of_calibrated_ones(
            ranges in prop::collection::vec(range(), 0..5),
            slope in prop_oneof![-3.0f64..3.0, Just(0.0), any::<f64>().prop_filter("finite", |x| x.is_finite())],
            offset in -50.0f64..50.0,
            raws in prop::collection::vec(any::<i16>(), 1..100),
        ) {
            let function = |x: f64| slope * x + offset;
            let steps = Steps::of_ranges(&ranges).before(function, i16::MIN.into(), i16::MAX.into());
            let narrow = |x: i64| x.try_into().ok();
            let cubic = |x: f64| (x * 1e-3 * x - slope) * x + offset;
            let every = Steps::of_ranges(&ranges).before_any(cubic, i8::MIN.into(), i8::MAX.into());
            for raw in i8::MIN..=i8::MAX {
                prop_assert_eq!(every.level(raw.into()), naive(&ranges, cubic(raw.into())));
            }
            for raws in [&raws[..], &raws[..1]] {
                let mut levels = Vec::new();
                steps.append(raws, i64::from, narrow, &mut levels);
                let expected: Vec<_> = raws.iter().map(|&raw| naive(&ranges, function(raw.into()))).collect();
                prop_assert_eq!(levels, expected);
            }
        }
    }
}
