//! The transform of [`crate::rs::transform`] with another use of the lanes.
//!
//! There they are points, each with its own constants; here they are codewords. A vector holds one symbol of as many of them
//! as it has lanes, and a constant is the same in all lanes, so that a product is two look-ups of four bits, or one
//! instruction. Multiply the row at point x by x^b, which the change from the dual basis is folded into; do five levels of
//! butterflies in each of eight cosets of 32 points; add up the cosets.

/// Define `transform` for a level, from its vectors and what can be done with them.
macro_rules! transform {
    ($(#[$attribute:meta])*) => {
        mod transform {
            use super::*;
            use crate::arch::rs::at;
            use crate::rs::tables::{LowerTwiddles, TWIDDLES, Twiddles, points};
            use crate::rs::{Basis, RsConfig, RsE};

            /// The highest coefficients of the inverse transform, lane by lane; for E = 8 the upper half of them.
            #[inline]
            $(#[$attribute])*
            pub(super) fn transform(config: RsConfig, rows: &[[u8; LANES]; 256]) -> [[Vector; 8]; 4] {
                let multiples = match config.basis() {
                    Basis::Conventional => MULTIPLES,
                    Basis::Dual => MULTIPLES_OF_DUAL,
                };
                let mut sums = [[zero(); 8]; 4];
                let mut coset = [[zero(); 8]; 4];
                for (points, twiddles) in points(config.e()).iter().zip(&TWIDDLES) {
                    let quarters = coset.iter_mut().zip(points).zip(&twiddles.lower);
                    for ((values, points), twiddles) in quarters {
                        let mut eight = [zero(); 8];
                        for (value, point) in eight.iter_mut().zip(points) {
                            *value = times(load(at(rows, point.symbol)), factor(at(multiples, point.scale)));
                        }
                        *values = lower_levels(eight, twiddles);
                    }
                    upper_levels(config.e(), &coset, twiddles, &mut sums);
                }
                sums
            }

            /// The first three levels, between points that are near each other.
            #[inline]
            $(#[$attribute])*
            fn lower_levels(eight: [Vector; 8], twiddles: &LowerTwiddles) -> [Vector; 8] {
                let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = eight;
                let [t0, t1, t2, t3] = twiddles.first;
                butterfly(&mut a, &mut b, t0);
                butterfly(&mut c, &mut d, t1);
                butterfly(&mut e, &mut f, t2);
                butterfly(&mut g, &mut h, t3);
                let [t0, t1] = twiddles.second;
                butterfly(&mut a, &mut c, t0);
                butterfly(&mut b, &mut d, t0);
                butterfly(&mut e, &mut g, t1);
                butterfly(&mut f, &mut h, t1);
                butterfly(&mut a, &mut e, twiddles.third);
                butterfly(&mut b, &mut f, twiddles.third);
                butterfly(&mut c, &mut g, twiddles.third);
                butterfly(&mut d, &mut h, twiddles.third);
                [a, b, c, d, e, f, g, h]
            }

            /// The last two levels, and the sum over cosets that stands for three more.
            #[inline]
            $(#[$attribute])*
            #[expect(clippy::indexing_slicing, reason = "n is below 8")]
            fn upper_levels(
                e: RsE,
                coset: &[[Vector; 8]; 4],
                twiddles: &Twiddles,
                sums: &mut [[Vector; 8]; 4],
            ) {
                let [t0, t1] = twiddles.fourth;
                for n in 0..8 {
                    let [mut a, mut b, mut c, mut d] = [coset[0][n], coset[1][n], coset[2][n], coset[3][n]];
                    butterfly(&mut a, &mut b, t0);
                    butterfly(&mut c, &mut d, t1);
                    match e {
                        RsE::E8 => (c, d) = (plus(a, c), plus(b, d)),
                        RsE::E16 => {
                            butterfly(&mut a, &mut c, twiddles.fifth);
                            butterfly(&mut b, &mut d, twiddles.fifth);
                            sums[0][n] = plus(sums[0][n], a);
                            sums[1][n] = plus(sums[1][n], b);
                        }
                    }
                    sums[2][n] = plus(sums[2][n], c);
                    sums[3][n] = plus(sums[3][n], d);
                }
            }

            #[inline]
            $(#[$attribute])*
            fn butterfly(low: &mut Vector, high: &mut Vector, twiddle: u8) {
                *high = plus(*low, *high);
                *low = plus(*low, times(*high, factor(at(MULTIPLES, twiddle))));
            }
        }
    };
}
pub(super) use transform;
