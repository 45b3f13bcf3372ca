//! AArch64 with NEON: 16 lanes.

use core::arch::aarch64::*;

use super::{at, check::check, correct::correct, transform::transform};
use crate::rs::tables::{NIBBLES, NIBBLES_OF_DUAL, Nibbles};

transform!(#[target_feature(enable = "neon")]);
check!(#[target_feature(enable = "neon")]);
correct!(#[target_feature(enable = "neon")]);

type Vector = uint8x16_t;
/// Octets of a vector.
const LANES: usize = 16;
const HALVES: usize = LANES / 16;

/// The product table of one constant, low and high nibble.
#[derive(Clone, Copy)]
struct Factor(uint8x16_t, uint8x16_t);

static MULTIPLES: &[Nibbles; 256] = &NIBBLES;
static MULTIPLES_OF_DUAL: &[Nibbles; 256] = &NIBBLES_OF_DUAL;

#[inline]
#[target_feature(enable = "neon")]
fn factor(Nibbles([low, high]): &Nibbles) -> Factor {
    Factor(load(low), load(high))
}

#[inline]
#[target_feature(enable = "neon")]
fn times(vector: Vector, Factor(low, high): Factor) -> Vector {
    let low = vqtbl1q_u8(low, vandq_u8(vector, vdupq_n_u8(0x0F)));
    let high = vqtbl1q_u8(high, vshrq_n_u8::<4>(vector));
    plus(low, high)
}

/// The factor that is the first element of a vector.
#[inline]
#[target_feature(enable = "neon")]
fn by_first(vector: Vector) -> Factor {
    factor(at(MULTIPLES, first(vector)))
}

/// A product in the representation of elements that [`enter`] leads to: here it is the common one.
#[inline]
#[target_feature(enable = "neon")]
fn scale(vector: Vector, factor: Factor) -> Vector {
    times(vector, factor)
}

#[inline]
fn enter(vector: Vector) -> Vector {
    vector
}

#[inline]
fn leave(vector: Vector) -> Vector {
    vector
}

#[inline]
#[target_feature(enable = "neon")]
fn zero() -> Vector {
    vdupq_n_u8(0)
}

#[inline]
#[target_feature(enable = "neon")]
fn plus(a: Vector, b: Vector) -> Vector {
    veorq_u8(a, b)
}

#[inline]
#[target_feature(enable = "neon")]
fn and(a: Vector, b: Vector) -> Vector {
    vandq_u8(a, b)
}

#[inline]
#[target_feature(enable = "neon")]
fn or(a: Vector, b: Vector) -> Vector {
    vorrq_u8(a, b)
}

#[inline]
#[target_feature(enable = "neon")]
fn splat(octet: u8) -> Vector {
    vdupq_n_u8(octet)
}

/// There is no such instruction: leave in each lane the bit of its number, and add up each half.
#[inline]
#[target_feature(enable = "neon")]
fn zeros(vector: Vector) -> u32 {
    let bits = load(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
    let bits = vandq_u8(vceqzq_u8(vector), bits);
    let [low, high] = [vaddv_u8(vget_low_u8(bits)), vaddv_u8(vget_high_u8(bits))];
    u32::from(u16::from_le_bytes([low, high]))
}

#[inline]
#[target_feature(enable = "neon")]
fn first(vector: Vector) -> u8 {
    vgetq_lane_u8::<0>(vector)
}

#[inline]
#[target_feature(enable = "neon")]
fn drop_first(vector: Vector, above: Vector) -> Vector {
    vextq_u8::<1>(vector, above)
}

#[inline]
#[target_feature(enable = "neon")]
fn zip<const OCTETS: usize>(a: Vector, b: Vector) -> [Vector; 2] {
    match OCTETS {
        1 => [vzip1q_u8(a, b), vzip2q_u8(a, b)],
        2 => {
            let [a, b] = [vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)];
            [vreinterpretq_u8_u16(vzip1q_u16(a, b)), vreinterpretq_u8_u16(vzip2q_u16(a, b))]
        }
        4 => {
            let [a, b] = [vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)];
            [vreinterpretq_u8_u32(vzip1q_u32(a, b)), vreinterpretq_u8_u32(vzip2q_u32(a, b))]
        }
        _ => {
            let [a, b] = [vreinterpretq_u64_u8(a), vreinterpretq_u64_u8(b)];
            [vreinterpretq_u8_u64(vzip1q_u64(a, b)), vreinterpretq_u8_u64(vzip2q_u64(a, b))]
        }
    }
}

/// A number beyond 15 gives zero.
#[inline]
#[target_feature(enable = "neon")]
fn pick(vector: Vector, octets: &[u8; 16]) -> Vector {
    vqtbl1q_u8(vector, load(octets))
}

#[inline]
#[target_feature(enable = "neon")]
fn load_halves([octets]: [&[u8; 16]; HALVES]) -> Vector {
    load(octets)
}

#[inline]
#[target_feature(enable = "neon")]
fn load(octets: &[u8; LANES]) -> Vector {
    // SAFETY: `octets` is 16 readable octets, and this load takes any alignment.
    unsafe { vld1q_u8(octets.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(vector: Vector, octets: &mut [u8; LANES]) {
    // SAFETY: `octets` is 16 writable octets, and this store takes any alignment.
    unsafe { vst1q_u8(octets.as_mut_ptr(), vector) }
}
