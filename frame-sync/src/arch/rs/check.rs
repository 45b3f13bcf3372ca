//! The check of as many blocks as fill the lanes: a transposition, and the transform.

use super::HALF;

/// Define `check` for a level, from its transform, its vectors and what can be done with them.
macro_rules! check {
    ($(#[$attribute:meta])*) => {
        pub(super) use self::check::check;

        mod check {
            use super::transform::transform;
            use super::*;
            use crate::arch::rs::Workspace;
            use crate::arch::rs::check::{last, picks, sixteen};
            use crate::rs::{CODEWORD_SYMBOLS, Interleave, RsConfig};

            /// Check blocks and leave their residues in `workspace`; returns a bit for every lane, set where there is one.
            $(#[$attribute])*
            pub(in crate::arch::rs) fn check(
                config: RsConfig,
                blocks: &[u8],
                workspace: &mut Workspace,
            ) -> u32 {
                let Some(rows) = workspace.rows.as_chunks_mut().0.first_chunk_mut() else { return 0 };
                match config.interleave() {
                    Interleave::I1 => gather::<1, 16>(config, blocks, rows),
                    Interleave::I2 => gather::<2, 8>(config, blocks, rows),
                    Interleave::I3 => gather::<3, 5>(config, blocks, rows),
                    Interleave::I4 => gather::<4, 4>(config, blocks, rows),
                    Interleave::I5 => gather::<5, 3>(config, blocks, rows),
                    Interleave::I8 => gather::<8, 2>(config, blocks, rows),
                }
                let coefficients = transform(config, rows);
                let mut dirty = zero();
                for (&coefficient, octets) in
                    coefficients.as_flattened().iter().zip(workspace.residues.as_chunks_mut().0)
                {
                    dirty = or(dirty, coefficient);
                    store(coefficient, octets);
                }
                !zeros(dirty) & u32::MAX >> (32 - LANES)
            }

            /// Spread the symbols of blocks of interleaving `I` over rows. Sixteen octets hold `P` whole symbols of all their
            /// codewords.
            #[inline]
            $(#[$attribute])*
            fn gather<const I: usize, const P: usize>(
                config: RsConfig,
                blocks: &[u8],
                rows: &mut [[u8; LANES]; 256],
            ) {
                let block_len = config.block_len();
                let Some(first) = blocks.get(..block_len) else { return };
                // Where a block is missing, the first one again: nobody looks at what it gives.
                let mut sources = [[first; HALVES]; P];
                for (piece, sources) in sources.iter_mut().enumerate() {
                    for (half, source) in sources.iter_mut().enumerate() {
                        let start = (half * P + piece) * block_len;
                        if let Some(block) = blocks.get(start..start + block_len) {
                            *source = block;
                        }
                    }
                }
                let rows = rows.get_mut(usize::from(config.virtual_fill())..CODEWORD_SYMBOLS);
                let rows = rows.unwrap_or_default();
                for (start, rows) in (0..block_len - 15).step_by(I * P).zip(rows.as_chunks_mut().0) {
                    let mut pieces = [zero(); P];
                    for (piece, source) in pieces.iter_mut().zip(&sources) {
                        let Some(halves) = sixteen(source, start) else { return };
                        *piece = load_halves(halves);
                    }
                    spread::<I, P>(pieces, rows);
                }
                // What is left of a codeword is less than P symbols: the last P, some of them for a second time.
                let mut pieces = [zero(); P];
                for (piece, source) in pieces.iter_mut().zip(&sources) {
                    *piece = load_halves(last(source, I * P).each_ref());
                }
                if let Some(rows) = rows.last_chunk_mut() {
                    spread::<I, P>(pieces, rows);
                }
            }

            /// Transpose: piece n of every vector goes to row n.
            #[inline]
            $(#[$attribute])*
            fn spread<const I: usize, const P: usize>(
                mut pieces: [Vector; P],
                rows: &mut [[u8; LANES]; P],
            ) {
                if I * P < 16 {
                    for (row, picks) in rows.iter_mut().zip(const { &picks::<I, P>() }) {
                        let mut sum = zero();
                        for (&piece, octets) in pieces.iter().zip(picks) {
                            sum = or(sum, pick(piece, octets));
                        }
                        store(sum, row);
                    }
                    return;
                }
                // A transposition of 2^n by 2^n is n perfect shuffles.
                let mut count = 1;
                while count < P {
                    let mut shuffled = [zero(); P];
                    let (low, high) = pieces.split_at(P / 2);
                    for ((pair, &a), &b) in shuffled.as_chunks_mut().0.iter_mut().zip(low).zip(high) {
                        *pair = zip::<I>(a, b);
                    }
                    pieces = shuffled;
                    count *= 2;
                }
                for (row, piece) in rows.iter_mut().zip(pieces) {
                    store(piece, row);
                }
            }
        }
    };
}
pub(super) use check;

/// Sixteen octets of each block.
#[inline]
pub(super) fn sixteen<'a, const N: usize>(
    blocks: &[&'a [u8]; N],
    start: usize,
) -> Option<[&'a [u8; HALF]; N]> {
    let mut octets = [&[0; HALF]; N];
    for (octets, block) in octets.iter_mut().zip(blocks) {
        *octets = block.get(start..)?.first_chunk()?;
    }
    Some(octets)
}

/// The last octets of each block, `count` of them and something behind.
#[inline]
pub(super) fn last<const N: usize>(blocks: &[&[u8]; N], count: usize) -> [[u8; HALF]; N] {
    blocks.map(|block| {
        let mut last = *block.last_chunk().unwrap_or(&[0; HALF]);
        last.rotate_left(HALF - count);
        last
    })
}

/// The octets that go to row n from piece k of a transposition, one array for each.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
pub(super) const fn picks<const I: usize, const P: usize>() -> [[[u8; HALF]; P]; P] {
    let mut picks = [[[NOWHERE; HALF]; P]; P];
    let mut n = 0;
    while n < P {
        let mut k = 0;
        while k < P {
            let mut octet = 0;
            while octet < I {
                picks[n][k][k * I + octet] = (n * I + octet) as u8;
                octet += 1;
            }
            k += 1;
        }
        n += 1;
    }
    picks
}

/// The number of no octet: the highest bit is set.
const NOWHERE: u8 = 0x80;
