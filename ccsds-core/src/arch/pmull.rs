//! CRC-16 with PMULL, the carry-less multiplication of AArch64: as `clmul` does it on x86-64, whose first page derives it.

use core::arch::aarch64::*;

use super::remainder::{PRESET, QUOTIENT, power};

/// `None` below sixteen octets.
#[target_feature(enable = "neon,aes")]
pub(super) fn checksum(octets: &[u8]) -> Option<u16> {
    let (mut lanes, rest) = head(octets)?;
    for block in rest.as_chunks().0.as_chunks().0 {
        lanes = fold(lanes, in_lanes(block));
    }
    Some(join(lanes))
}

/// Four lanes, the first of the message first.
type Lanes = [uint8x16_t; 4];

/// The first block, and the whole ones behind it; `None` when the message is shorter than a lane.
#[inline]
#[target_feature(enable = "neon,aes")]
fn head(octets: &[u8]) -> Option<(Lanes, &[u8])> {
    let first = octets.first_chunk()?;
    // Blocks are never empty, and neither is the lane in which the message begins.
    let (block, rest) = octets.split_at_checked((octets.len() - 1) % 64 + 1)?;
    let mut lanes = [vdupq_n_u8(0); 4];
    for (behind, lane) in [48, 32, 16, 0].into_iter().zip(&mut lanes) {
        let end = block.len().saturating_sub(behind);
        if end > 16 {
            *lane = big_endian(load(block.get(..end)?.last_chunk()?));
        } else if let Some(preset) = PRESET.get(end) {
            let start = vqtbl1q_u8(load(first), first_octets(end));
            *lane = veorq_u8(start, lane_of([u64::from(*preset), 0]));
        }
    }
    Some((lanes, rest))
}

#[inline]
#[target_feature(enable = "neon,aes")]
fn in_lanes([p, q, r, s]: &[[u8; 16]; 4]) -> Lanes {
    [big_endian(load(p)), big_endian(load(q)), big_endian(load(r)), big_endian(load(s))]
}

/// `lanes` and the block behind them.
#[inline]
#[target_feature(enable = "neon,aes")]
fn fold(lanes: Lanes, mut next: Lanes) -> Lanes {
    for (lane, next) in lanes.into_iter().zip(&mut next) {
        *next = veorq_u8(*next, multiply(lane, lane_of(const { power(512) })));
    }
    next
}

/// The check of the one block that is left.
#[inline]
#[target_feature(enable = "neon,aes")]
fn join(lanes: Lanes) -> u16 {
    const TO_END: [[u64; 2]; 4] = [power(48 * 8 + 16), power(32 * 8 + 16), power(16 * 8 + 16), power(16)];
    let mut sum = vdupq_n_u8(0);
    for (lane, power) in lanes.into_iter().zip(TO_END) {
        sum = veorq_u8(sum, multiply(lane, lane_of(power)));
    }
    barrett(vreinterpretq_p128_u8(sum))
}

/// The remainder of 79 bits.
#[inline]
#[target_feature(enable = "neon,aes")]
fn barrett(sum: u128) -> u16 {
    let product = vmull_p64((sum >> 16) as u64, QUOTIENT);
    // The rest of the quotient only cancels bits above the check.
    let quotient = (product >> 63) as u32;
    (sum as u32 ^ quotient ^ quotient << 5 ^ quotient << 12) as u16
}

/// `lane` times a power of x, of which `power` holds what belongs to either half.
#[inline]
#[target_feature(enable = "neon,aes")]
fn multiply(lane: uint8x16_t, power: uint8x16_t) -> uint8x16_t {
    let (lane, power) = (vreinterpretq_p64_u8(lane), vreinterpretq_p64_u8(power));
    let low = vmull_p64(vgetq_lane_p64::<0>(lane), vgetq_lane_p64::<0>(power));
    veorq_u8(vreinterpretq_u8_p128(low), vreinterpretq_u8_p128(vmull_high_p64(lane, power)))
}

/// The octets of a lane as a number, the first of them highest.
#[inline]
#[target_feature(enable = "neon,aes")]
fn big_endian(octets: uint8x16_t) -> uint8x16_t {
    vqtbl1q_u8(octets, first_octets(16))
}

/// A shuffle that makes the first `len` octets, 0 to 16, a number with the last of them lowest. An index beyond 15 gives zero.
#[inline]
#[target_feature(enable = "neon,aes")]
fn first_octets(len: usize) -> uint8x16_t {
    let place = load(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    vsubq_u8(vdupq_n_u8((len as u8).wrapping_sub(1)), place)
}

#[inline]
#[target_feature(enable = "neon,aes")]
fn lane_of([low, high]: [u64; 2]) -> uint8x16_t {
    vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(low), vcreate_u64(high)))
}

#[inline]
#[target_feature(enable = "neon,aes")]
fn load(octets: &[u8; 16]) -> uint8x16_t {
    // SAFETY: `octets` is 16 readable octets and this load takes any alignment.
    unsafe { vld1q_u8(octets.as_ptr()) }
}
