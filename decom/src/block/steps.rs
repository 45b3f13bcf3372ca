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
    /// The widest piece where nothing is alarming. Most blocks are all there.
    home: Option<Piece<T>>,
}

/// Two thresholds, where there are two, and the level between them.
type Piece<T> = (Option<T>, Option<T>, AlarmLevel);

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
        Self::new(thresholds, level, |x| x)
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
        Steps::new(thresholds, |raw| self.level(function(raw as f64)), |raw| raw as f64)
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
        Steps::of(steps, |raw| raw as f64)
    }
}

impl<T: Copy + PartialOrd> Steps<T> {
    fn new(thresholds: Vec<T>, level: impl Fn(T) -> AlarmLevel, number: impl Fn(T) -> f64) -> Self {
        let mut steps: Vec<(T, AlarmLevel)> = thresholds.into_iter().map(|at| (at, level(at))).collect();
        steps.dedup_by(|(_, next), (_, level)| next == level);
        Self::of(steps, number)
    }

    fn of(steps: Vec<(T, AlarmLevel)>, number: impl Fn(T) -> f64) -> Self {
        let next = |index: usize| steps.get(index + 1).map(|&(threshold, _)| threshold);
        let pieces =
            steps.iter().enumerate().map(|(index, &(threshold, level))| (threshold, next(index), level));
        let width = |low: T, high: Option<T>| {
            high.map_or(f64::MAX, &number).min(f64::MAX) - number(low).max(f64::MIN)
        };
        let home = pieces
            .filter(|&(_, _, level)| level == AlarmLevel::Normal)
            .max_by(|a, b| width(a.0, a.1).total_cmp(&width(b.0, b.1)))
            .map(|(low, high, level)| (Some(low), high, level));
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
        let narrow = |(low, high, _): Piece<T>| Some((low.and_then(&narrow)?, high.and_then(&narrow)));
        let mut piece = self.home.unwrap_or((None, None, AlarmLevel::Normal));
        let begin = levels.len();
        levels.resize(begin + numbers.len(), piece.2);
        if narrow(piece).is_some_and(|piece| R::all_within(numbers, piece)) {
            return;
        }
        let slots = levels.get_mut(begin..).unwrap_or_default();
        for (chunk, slots) in numbers.chunks(CHUNK).zip(slots.chunks_mut(CHUNK)) {
            let is_within = narrow(piece).is_some_and(|piece| R::all_within(chunk, piece));
            if is_within && (piece.2 == AlarmLevel::Normal || !R::any_is_nan(chunk)) {
                slots.fill(piece.2);
                continue;
            }
            for (slot, &x) in slots.iter_mut().zip(chunk) {
                let x = wide(x);
                let is_within = piece.0.is_some_and(|low| x >= low) && piece.1.is_none_or(|high| x < high);
                if !is_within {
                    piece = self.piece(x);
                }
                *slot = piece.2;
            }
        }
    }

    /// The thresholds around a number, and the level between them.
    fn piece(&self, x: T) -> Piece<T> {
        let behind = self.steps.partition_point(|(threshold, _)| *threshold <= x);
        let before = behind.checked_sub(1).and_then(|index| self.steps.get(index));
        let next = self.steps.get(behind).map(|(threshold, _)| *threshold);
        before.map_or((None, next, AlarmLevel::Normal), |&(threshold, level)| (Some(threshold), next, level))
    }
}

/// Numbers that thresholds are compared with.
pub(super) trait Number: Copy + PartialOrd {
    /// Whether all are from a threshold on and before another one, where there is one that their type reaches. What is not a number is
    /// not looked at.
    fn all_within(numbers: &[Self], piece: (Self, Option<Self>)) -> bool;

    /// Whether one is not a number.
    fn any_is_nan(numbers: &[Self]) -> bool;
}

impl Number for f64 {
    #[inline(always)]
    fn all_within(numbers: &[Self], (low, high): (Self, Option<Self>)) -> bool {
        let (chunks, _) = numbers.as_chunks::<8>();
        let Some(last) = numbers.last_chunk::<8>() else {
            return numbers.iter().all(|&x| x.is_nan() || x >= low && high.is_none_or(|high| x < high));
        };
        let or = |x: Self, instead| if x.is_nan() { instead } else { x };
        let (mut least, mut most) =
            (last.map(|x| or(x, Self::INFINITY)), last.map(|x| or(x, Self::NEG_INFINITY)));
        for lanes in chunks {
            for ((least, most), &x) in least.iter_mut().zip(&mut most).zip(lanes) {
                *least = if x < *least { x } else { *least };
                *most = if x > *most { x } else { *most };
            }
        }
        least.iter().all(|&x| x >= low) && high.is_none_or(|high| most.iter().all(|&x| x < high))
    }

    #[inline(always)]
    fn any_is_nan(numbers: &[Self]) -> bool {
        numbers.iter().fold(false, |any, x| any | x.is_nan())
    }
}

/// How far each is above the lower threshold, as a number without a sign: those below it are farther than any that is before the other.
macro_rules! numbers {
    ($($number:ident: $distance:ident;)*) => {
        $(impl Number for $number {
            #[inline(always)]
            fn all_within(numbers: &[Self], (low, high): (Self, Option<Self>)) -> bool {
                let (chunks, _) = numbers.as_chunks::<32>();
                let mut farthest: $distance = 0;
                match numbers.last_chunk::<32>() {
                    Some(last) => {
                        let mut all = last.map(|x| x.wrapping_sub(low) as $distance);
                        for lanes in chunks {
                            for (farthest, &x) in all.iter_mut().zip(lanes) {
                                *farthest = (x.wrapping_sub(low) as $distance).max(*farthest);
                            }
                        }
                        for x in all {
                            farthest = farthest.max(x);
                        }
                    }
                    None => {
                        for &x in numbers {
                            farthest = farthest.max(x.wrapping_sub(low) as $distance);
                        }
                    }
                }
                match high {
                    Some(high) => low < high && farthest < high.wrapping_sub(low) as $distance,
                    None => farthest <= Self::MAX.wrapping_sub(low) as $distance,
                }
            }

            #[inline(always)]
            fn any_is_nan(_: &[Self]) -> bool {
                false
            }
        })*
    };
}

numbers! {
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

    #[test]
    fn home_is_between_the_limits_though_infinity_is_in_none() {
        let outside = |level, low, high| {
            let range = |min, max| AlarmRange { level, min, min_inclusive: false, max, max_inclusive: false };
            [range(f64::NEG_INFINITY, low), range(high, f64::INFINITY)]
        };
        let ranges = [outside(AlarmLevel::Warning, -2.0, 3.0), outside(AlarmLevel::Critical, -4.0, 5.0)];
        let steps = Steps::of_ranges(ranges.as_flattened());
        assert_eq!(steps.level(f64::NEG_INFINITY), AlarmLevel::Normal);
        assert_eq!(steps.home, Some((Some(-2.0), Some(3.0f64.next_up()), AlarmLevel::Normal)));
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
