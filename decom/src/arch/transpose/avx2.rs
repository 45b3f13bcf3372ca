//! AVX2: lanes of sixteen octets of several packets, transposed.

use core::arch::x86_64::*;

use super::Lines;
use super::group::{Group, Lane, WINDOW, Width};

/// Write the values of all rows.
///
/// # Safety
/// The machine has AVX2; every row has the octets of the group; for each lane there is room for a value of each row at its
/// pointer. The number of rows is a multiple of [`STEP`](super::STEP).
#[target_feature(enable = "avx2")]
pub(super) unsafe fn run(group: &Group, rows: impl Lines, outs: &[*mut u8; WINDOW]) {
    // SAFETY: the same is asked for.
    unsafe {
        match group.width {
            Width::Octet => octets(group, rows, outs),
            Width::Half => halves(group, rows, outs),
            Width::Word => words(group, rows, outs),
            Width::Double => doubles(group, rows, outs),
        }
    }
}

/// Sixteen numbers of sixteen packets.
///
/// # Safety
/// As for [`run`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn octets(group: &Group, rows: impl Lines, outs: &[*mut u8; WINDOW]) {
    let shuffle = load(&group.shuffle);
    for i in 0..rows.count() / 16 {
        let mut r = [_mm_setzero_si128(); 16];
        for (k, r) in r.iter_mut().enumerate() {
            // SAFETY: there are as many rows, and each has the octets.
            *r = _mm_shuffle_epi8(unsafe { window(rows.at(i * 16 + k), group.start) }, shuffle);
        }
        // Four times the first half is woven into the second one.
        for _ in 0..4 {
            let q = r;
            let (low, high) = q.split_at(8);
            for ((pair, &a), &b) in r.as_chunks_mut::<2>().0.iter_mut().zip(low).zip(high) {
                *pair = [_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b)];
            }
        }
        for ((lane, &out), &v) in group.lanes.iter().zip(outs).zip(&r) {
            let v = if lane.is_plain { v } else { cut_octets(v, lane) };
            // SAFETY: there is room for a value of each row.
            unsafe { _mm_storeu_si128(out.add(i * 16).cast(), v) };
        }
    }
}

/// Numbers of fewer than eight bits.
#[inline]
#[target_feature(enable = "avx2")]
fn cut_octets(v: __m128i, lane: &Lane) -> __m128i {
    // What comes down from the octet above is masked.
    let v = _mm_srl_epi16(v, _mm_cvtsi32_si128(lane.shift as i32));
    let v = _mm_and_si128(v, load(&lane.mask));
    if !lane.is_signed {
        return v;
    }
    let sign = load(&lane.sign);
    _mm_sub_epi8(_mm_xor_si128(v, sign), sign)
}

/// Eight lanes of sixteen packets.
///
/// # Safety
/// As for [`run`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn halves(group: &Group, rows: impl Lines, outs: &[*mut u8; WINDOW]) {
    let shuffle = twice(&group.shuffle);
    for i in 0..rows.count() / 16 {
        let mut r = [_mm256_setzero_si256(); 8];
        for (k, r) in r.iter_mut().enumerate() {
            // SAFETY: there are as many rows, and each has the octets.
            let both = unsafe { windows(rows.at(i * 16 + k), rows.at(i * 16 + k + 8), group.start) };
            *r = _mm256_shuffle_epi8(both, shuffle);
        }
        // Three times the first half is woven into the second one.
        for _ in 0..3 {
            let q = r;
            let (low, high) = q.split_at(4);
            for ((pair, &a), &b) in r.as_chunks_mut::<2>().0.iter_mut().zip(low).zip(high) {
                *pair = [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)];
            }
        }
        for (lane, &out) in group.lanes.iter().zip(outs) {
            let Some(&(mut v)) = r.get(lane.index) else { return };
            if lane.is_plain {
                // SAFETY: there is room for a value of each row, and each fills its lane.
                unsafe { _mm256_storeu_si256(out.add(i * 32).cast(), v) };
                continue;
            }
            v = _mm256_srl_epi16(v, _mm_cvtsi32_si128(lane.shift as i32));
            v = _mm256_and_si256(v, twice(&lane.mask));
            if lane.is_signed {
                let sign = twice(&lane.sign);
                v = _mm256_sub_epi16(_mm256_xor_si256(v, sign), sign);
            }
            // SAFETY: there is room for a value of each row, and none is of no octets.
            unsafe {
                match lane.size {
                    2 => _mm256_storeu_si256(out.add(i * 32).cast(), v),
                    1 => _mm_storeu_si128(out.add(i * 16).cast(), narrowed(v, lane)),
                    _ => {}
                }
            }
        }
    }
}

/// Four lanes of eight packets.
///
/// # Safety
/// As for [`run`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn words(group: &Group, rows: impl Lines, outs: &[*mut u8; WINDOW]) {
    let shuffle = twice(&group.shuffle);
    for i in 0..rows.count() / 8 {
        let pick = |k: usize| {
            // SAFETY: there are as many rows, and each has the octets.
            let both = unsafe { windows(rows.at(i * 8 + k), rows.at(i * 8 + k + 4), group.start) };
            _mm256_shuffle_epi8(both, shuffle)
        };
        let (a, b, c, d) = (pick(0), pick(1), pick(2), pick(3));
        let (ab, ab_high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let (cd, cd_high) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
        let r = [
            _mm256_unpacklo_epi64(ab, cd),
            _mm256_unpackhi_epi64(ab, cd),
            _mm256_unpacklo_epi64(ab_high, cd_high),
            _mm256_unpackhi_epi64(ab_high, cd_high),
        ];
        if group.is_straight {
            for (&v, &out) in r.iter().zip(outs) {
                // SAFETY: there is room for a value of each row, and it has four octets.
                unsafe { _mm256_storeu_si256(out.add(i * 32).cast(), v) };
            }
            continue;
        }
        for (lane, &out) in group.lanes.iter().zip(outs) {
            let Some(&(mut v)) = r.get(lane.index) else { return };
            if lane.is_plain {
                // SAFETY: there is room for a value of each row, and each fills its lane.
                unsafe { _mm256_storeu_si256(out.add(i * 32).cast(), v) };
                continue;
            }
            v = _mm256_srl_epi32(v, _mm_cvtsi32_si128(lane.shift as i32));
            v = _mm256_and_si256(v, twice(&lane.mask));
            if lane.is_signed {
                let sign = twice(&lane.sign);
                v = _mm256_sub_epi32(_mm256_xor_si256(v, sign), sign);
            }
            // SAFETY: there is room for a value of each row, and none is of no octets.
            unsafe {
                match lane.size {
                    4 => _mm256_storeu_si256(out.add(i * 32).cast(), v),
                    2 => _mm_storeu_si128(out.add(i * 16).cast(), narrowed(v, lane)),
                    // Four octets of each half.
                    1 => {
                        let v = _mm_shuffle_epi32::<0b1000>(narrowed(v, lane));
                        _mm_storel_epi64(out.add(i * 8).cast(), v);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Two lanes of four packets.
///
/// # Safety
/// As for [`run`].
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn doubles(group: &Group, rows: impl Lines, outs: &[*mut u8; WINDOW]) {
    let shuffle = twice(&group.shuffle);
    let evens = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
    for i in 0..rows.count() / 4 {
        let pick = |k: usize| {
            // SAFETY: there are as many rows, and each has the octets.
            let both = unsafe { windows(rows.at(i * 4 + k), rows.at(i * 4 + k + 2), group.start) };
            _mm256_shuffle_epi8(both, shuffle)
        };
        let (a, b) = (pick(0), pick(1));
        let r = [_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)];
        for (lane, &out) in group.lanes.iter().zip(outs) {
            let Some(&(mut v)) = r.get(lane.index) else { return };
            if lane.is_plain {
                // SAFETY: there is room for a value of each row, and each fills its lane.
                unsafe { _mm256_storeu_si256(out.add(i * 32).cast(), v) };
                continue;
            }
            v = _mm256_srl_epi64(v, _mm_cvtsi32_si128(lane.shift as i32));
            v = _mm256_and_si256(v, twice(&lane.mask));
            if lane.is_signed {
                let sign = twice(&lane.sign);
                v = _mm256_sub_epi64(_mm256_xor_si256(v, sign), sign);
            }
            // SAFETY: there is room for a value of each row, and none is of no octets.
            unsafe {
                match lane.size {
                    8 => _mm256_storeu_si256(out.add(i * 32).cast(), v),
                    4 => {
                        let v = _mm256_permutevar8x32_epi32(v, evens);
                        _mm_storeu_si128(out.add(i * 16).cast(), _mm256_castsi256_si128(v));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The lowest octets of each lane, side by side; those of words are in the lower part of each half.
#[inline]
#[target_feature(enable = "avx2")]
fn narrowed(v: __m256i, lane: &Lane) -> __m128i {
    _mm256_castsi256_si128(_mm256_permute4x64_epi64::<0b1000>(_mm256_shuffle_epi8(v, twice(&lane.narrow))))
}

/// Sixteen octets of a row.
///
/// # Safety
/// The row has them.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn window(row: *const u8, start: usize) -> __m128i {
    // SAFETY: the row has them, and this load takes any alignment.
    unsafe { _mm_loadu_si128(row.add(start).cast()) }
}

/// Sixteen octets of each of two rows.
///
/// # Safety
/// The rows have them.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn windows(near: *const u8, far: *const u8, start: usize) -> __m256i {
    // SAFETY: the rows have them.
    unsafe { _mm256_set_m128i(window(far, start), window(near, start)) }
}

/// The same sixteen octets in both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn twice(octets: &[u8; WINDOW]) -> __m256i {
    _mm256_broadcastsi128_si256(load(octets))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(octets: &[u8; WINDOW]) -> __m128i {
    // SAFETY: these are sixteen readable octets, and this load takes any alignment.
    unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
}
