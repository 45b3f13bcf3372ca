//! Exact markers, by the nibbles that may stand in each octet.
//!
//! A marker that begins *s* bits into an octet fills the next ones, however many octets it is short of four. Each *s* is one bit
//! of a class. A table tells, for a nibble of one of these octets, at which *s* the marker or its complement has it there. The
//! classes of six nibbles have a bit in common once in 32 Ki octets of noise.

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::Wanted;

/// The tables, for the lower and the upper nibbles of the second octet, and the two behind it.
pub(super) struct Nibbles {
    low: [[u8; 16]; OCTETS],
    high: [[u8; 16]; OCTETS],
}

const OCTETS: usize = 3;

impl Nibbles {
    /// `None` for markers that are masked, too short, or may have errors.
    pub(super) fn new(Wanted { asm, errors }: Wanted<'_>) -> Option<Self> {
        let len = asm.len_bits();
        if errors != 0 || !asm.is_unmasked() || len < 24 {
            return None;
        }
        let (bits, _) = asm.first_word();
        let (mut low, mut high) = ([[0; 16]; OCTETS], [[0; 16]; OCTETS]);
        for (i, (low, high)) in low.iter_mut().zip(&mut high).enumerate() {
            if 8 * (i + 2) > len {
                // At no shift but the last does the marker fill this octet.
                (*low, *high) = ([0xFF; 16], [0xFF; 16]);
            }
            for shift in 0..8 {
                let octet = (bits << (8 * (i + 1) - shift)).to_be_bytes()[0];
                for octet in [octet, !octet] {
                    *low.get_mut(usize::from(octet & 15))? |= class(shift);
                    *high.get_mut(usize::from(octet >> 4))? |= class(shift);
                }
            }
        }
        Some(Self { low, high })
    }

    /// The first candidate of either polarity in `from..to`; moves `from` behind what was searched in vain.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    pub(super) fn search_avx2<T>(
        &self,
        window: &[u8],
        from: &mut usize,
        to: usize,
        accept: impl FnMut(usize) -> Option<T>,
    ) -> Option<T> {
        let table = |octets: &[u8; 16]| _mm256_broadcastsi128_si256(load(octets));
        let (low, high) = (self.low.each_ref().map(table), self.high.each_ref().map(table));
        let nibble = _mm256_set1_epi8(15);
        search(window, from, to, accept, |block: &[u8; 34]| {
            let mut classes = _mm256_set1_epi8(-1);
            for ((low, high), octets) in low.iter().zip(&high).zip(block.windows(32)) {
                let octets = load_32(octets.first_chunk()?);
                let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(octets), nibble);
                let lower = _mm256_and_si256(octets, nibble);
                classes = _mm256_and_si256(classes, _mm256_shuffle_epi8(*low, lower));
                classes = _mm256_and_si256(classes, _mm256_shuffle_epi8(*high, upper));
            }
            (_mm256_testz_si256(classes, classes) == 0).then(|| store_32(classes))
        })
    }

    /// The same sixteen octets at a time.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "ssse3")]
    pub(super) fn search_ssse3<T>(
        &self,
        window: &[u8],
        from: &mut usize,
        to: usize,
        accept: impl FnMut(usize) -> Option<T>,
    ) -> Option<T> {
        let (low, high) = (self.low.each_ref().map(|o| load(o)), self.high.each_ref().map(|o| load(o)));
        let nibble = _mm_set1_epi8(15);
        search(window, from, to, accept, |block: &[u8; 18]| {
            let mut classes = _mm_set1_epi8(-1);
            for ((low, high), octets) in low.iter().zip(&high).zip(block.windows(16)) {
                let octets = load(octets.first_chunk()?);
                let upper = _mm_and_si128(_mm_srli_epi16::<4>(octets), nibble);
                let lower = _mm_and_si128(octets, nibble);
                classes = _mm_and_si128(classes, _mm_shuffle_epi8(*low, lower));
                classes = _mm_and_si128(classes, _mm_shuffle_epi8(*high, upper));
            }
            let none = _mm_movemask_epi8(_mm_cmpeq_epi8(classes, _mm_setzero_si128())) == 0xFFFF;
            (!none).then(|| store(classes))
        })
    }

    /// The same with NEON.
    #[cfg(target_arch = "aarch64")]
    #[target_feature(enable = "neon")]
    pub(super) fn search_neon<T>(
        &self,
        window: &[u8],
        from: &mut usize,
        to: usize,
        accept: impl FnMut(usize) -> Option<T>,
    ) -> Option<T> {
        let (low, high) = (self.low.each_ref().map(|o| load(o)), self.high.each_ref().map(|o| load(o)));
        let nibble = vdupq_n_u8(15);
        search(window, from, to, accept, |block: &[u8; 18]| {
            let mut classes = vdupq_n_u8(0xFF);
            for ((low, high), octets) in low.iter().zip(&high).zip(block.windows(16)) {
                let octets = load(octets.first_chunk()?);
                classes = vandq_u8(classes, vqtbl1q_u8(*low, vandq_u8(octets, nibble)));
                classes = vandq_u8(classes, vqtbl1q_u8(*high, vshrq_n_u8::<4>(octets)));
            }
            (vmaxvq_u8(classes) != 0).then(|| store(classes))
        })
    }
}

/// The bit of a class that stands for a shift.
const fn class(shift: usize) -> u8 {
    0x80 >> shift
}

/// Search whole blocks of `LANES` octets; `classes` looks at those behind, and two more.
#[inline(always)]
fn search<const LANES: usize, const BLOCK: usize, T>(
    window: &[u8],
    from: &mut usize,
    to: usize,
    mut accept: impl FnMut(usize) -> Option<T>,
    classes: impl Fn(&[u8; BLOCK]) -> Option<[u8; LANES]>,
) -> Option<T> {
    let mut octet = *from / 8;
    while octet * 8 < to {
        let block = window.get(octet + 1..).and_then(<[u8]>::first_chunk)?;
        if let Some(classes) = classes(block) {
            for (i, mut class) in classes.into_iter().enumerate() {
                while class != 0 {
                    let shift = class.leading_zeros() as usize;
                    class &= !self::class(shift);
                    let at = (octet + i) * 8 + shift;
                    if let Some(found) = (*from..to).contains(&at).then(|| accept(at)).flatten() {
                        return Some(found);
                    }
                }
            }
        }
        octet += LANES;
        *from = octet * 8;
    }
    None
}

#[cfg(target_arch = "aarch64")]
#[inline]
#[target_feature(enable = "neon")]
fn load(octets: &[u8; 16]) -> uint8x16_t {
    // SAFETY: `octets` is 16 readable octets and this load takes any alignment.
    unsafe { vld1q_u8(octets.as_ptr()) }
}

#[cfg(target_arch = "aarch64")]
#[inline]
#[target_feature(enable = "neon")]
fn store(vector: uint8x16_t) -> [u8; 16] {
    let mut octets = [0; 16];
    // SAFETY: `octets` is 16 writable octets and this store takes any alignment.
    unsafe { vst1q_u8(octets.as_mut_ptr(), vector) };
    octets
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "ssse3")]
fn load(octets: &[u8; 16]) -> __m128i {
    // SAFETY: `octets` is 16 readable octets and this load takes any alignment.
    unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn load_32(octets: &[u8; 32]) -> __m256i {
    // SAFETY: `octets` is 32 readable octets and this load takes any alignment.
    unsafe { _mm256_loadu_si256(octets.as_ptr().cast()) }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "ssse3")]
fn store(vector: __m128i) -> [u8; 16] {
    let mut octets = [0; 16];
    // SAFETY: `octets` is 16 writable octets and this store takes any alignment.
    unsafe { _mm_storeu_si128(octets.as_mut_ptr().cast(), vector) };
    octets
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn store_32(vector: __m256i) -> [u8; 32] {
    let mut octets = [0; 32];
    // SAFETY: `octets` is 32 writable octets and this store takes any alignment.
    unsafe { _mm256_storeu_si256(octets.as_mut_ptr().cast(), vector) };
    octets
}
