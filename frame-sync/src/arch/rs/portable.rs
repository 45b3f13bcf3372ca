//! Without any instruction set: 32 lanes as arrays, which compilers turn into what vectors there are.

use super::transform::transform;
use super::{Workspace, lane};
use crate::rs::tables::{NIBBLES, NIBBLES_OF_DUAL, Nibbles};
use crate::rs::{CODEWORD_SYMBOLS, RsConfig};

transform!();

/// Check blocks and leave their residues in `workspace`; returns a bit for every lane, set where there is one.
pub(super) fn check(config: RsConfig, blocks: &[u8], workspace: &mut Workspace) -> u32 {
    let Some(rows) = workspace.rows.as_chunks_mut().0.first_chunk_mut() else { return 0 };
    gather(config, blocks, rows);
    let coefficients = self::transform::transform(config, rows);
    let mut dirty = zero();
    for (coefficient, octets) in coefficients.as_flattened().iter().zip(workspace.residues.as_chunks_mut().0)
    {
        *octets = *coefficient;
        for (dirty, octet) in dirty.iter_mut().zip(coefficient) {
            *dirty |= octet;
        }
    }
    dirty.iter().rev().fold(0, |mask, &octet| mask << 1 | u32::from(octet != 0))
}

fn gather(config: RsConfig, blocks: &[u8], rows: &mut [[u8; LANES]; 256]) {
    let interleave = config.interleave();
    let Some(rows) = rows.get_mut(usize::from(config.virtual_fill())..CODEWORD_SYMBOLS) else { return };
    for (n, block) in blocks.chunks_exact(config.block_len().max(1)).enumerate() {
        let first = lane(interleave, n, 0);
        for (row, symbols) in rows.iter_mut().zip(block.chunks_exact(interleave.depth())) {
            for (octet, symbol) in row.iter_mut().skip(first).zip(symbols) {
                *octet = *symbol;
            }
        }
    }
}

type Vector = [u8; LANES];
const LANES: usize = 32;

/// Multiples by what the bits of an octet stand for, the most significant first.
type Factor = [u8; 8];

static MULTIPLES: &[Nibbles; 256] = &NIBBLES;
static MULTIPLES_OF_DUAL: &[Nibbles; 256] = &NIBBLES_OF_DUAL;

#[inline]
fn factor(&Nibbles([low, high]): &Nibbles) -> Factor {
    let [_, e, f, _, g, _, _, _, h, ..] = low;
    let [_, a, b, _, c, _, _, _, d, ..] = high;
    [d, c, b, a, h, g, f, e]
}

#[inline]
fn times(mut vector: Vector, factor: Factor) -> Vector {
    for octet in &mut vector {
        let (mut product, mut rest) = (0, *octet);
        for multiple in factor {
            // Compilers know vectors that compare with zero better than any that test a bit.
            product ^= if rest.cast_signed() < 0 { multiple } else { 0 };
            rest <<= 1;
        }
        *octet = product;
    }
    vector
}

#[inline]
fn zero() -> Vector {
    [0; LANES]
}

#[inline]
fn plus(mut a: Vector, b: Vector) -> Vector {
    for (a, b) in a.iter_mut().zip(b) {
        *a ^= b;
    }
    a
}

#[inline]
fn load(octets: &[u8; LANES]) -> Vector {
    *octets
}
