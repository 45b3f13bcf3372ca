//! Attached sync markers (131.0-B-6 §9; called codeword sync markers since that issue).

use core::fmt;

/// A sync marker of 8 to 192 bits, with a mask for bits that do not matter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Asm {
    /// The marker, left-aligned.
    bits: MarkerBits,
    /// Ones where the marker must match; zeros behind its end.
    care: MarkerBits,
    len_bits: u8,
}

/// Up to 192 bits, the first transmitted in the most significant place of the first word.
pub(crate) type MarkerBits = [u64; 3];

impl Asm {
    /// Uncoded, convolutional, Reed-Solomon and concatenated links, and rate 7/8 LDPC.
    pub const TM: Self = Self::of(&[0x1A, 0xCF, 0xFC, 0x1D]);
    /// Rate 1/2 turbo; rates 1/2, 2/3 and 4/5 LDPC.
    pub const TURBO_1_2: Self = Self::of(&[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0]);
    /// Rate 1/3 turbo.
    pub const TURBO_1_3: Self =
        Self::of(&[0x25, 0xD5, 0xC0, 0xCE, 0x89, 0x90, 0xF6, 0xC9, 0x46, 0x1B, 0xF7, 0x9C]);
    /// Rate 1/4 turbo: the rate 1/2 marker and its complement.
    pub const TURBO_1_4: Self = Self::of(&[
        0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0, 0xFC, 0xB8, 0x89, 0x38, 0xD8, 0xD7, 0x6A, 0x4F,
    ]);
    /// Rate 1/6 turbo: the rate 1/3 marker and its complement.
    pub const TURBO_1_6: Self = Self::of(&[
        0x25, 0xD5, 0xC0, 0xCE, 0x89, 0x90, 0xF6, 0xC9, 0x46, 0x1B, 0xF7, 0x9C, 0xDA, 0x2A, 0x3F, 0x31, 0x76,
        0x6F, 0x09, 0x36, 0xB9, 0xE4, 0x08, 0x63,
    ]);

    /// The longest marker.
    pub const MAX_BITS: usize = 192;

    /// A marker of whole octets, all of whose bits matter.
    ///
    /// # Errors
    /// When it is not 1 to 24 octets long.
    pub const fn new(octets: &[u8]) -> Result<Self, AsmError> {
        let len_bits = octets.len() * 8;
        if len_bits < 8 || len_bits > Self::MAX_BITS {
            return Err(AsmError::Length { bits: len_bits });
        }
        Ok(Self { bits: left_aligned(octets), care: ones(len_bits), len_bits: len_bits as u8 })
    }

    /// The same marker without the bits in which `ignore` has a one.
    ///
    /// # Errors
    /// When the mask is not as long as the marker, or leaves fewer than eight bits.
    pub const fn ignoring(self, ignore: &[u8]) -> Result<Self, AsmError> {
        if ignore.len() * 8 != self.len_bits as usize {
            return Err(AsmError::MaskLength { marker: self.len_bits, mask: ignore.len() * 8 });
        }
        let ([a, b, c], [x, y, z]) = (self.care, left_aligned(ignore));
        let masked = Self { care: [a & !x, b & !y, c & !z], ..self };
        if masked.weight() < 8 { Err(AsmError::MaskTooWide { left: masked.weight() }) } else { Ok(masked) }
    }

    /// Length in bits.
    #[must_use]
    pub const fn len_bits(&self) -> usize {
        self.len_bits as usize
    }

    /// Bits that matter.
    #[must_use]
    pub const fn weight(&self) -> u32 {
        let [a, b, c] = self.care;
        a.count_ones() + b.count_ones() + c.count_ones()
    }

    /// The marker's octets, and how many of them there are.
    #[cfg(any(test, feature = "std"))]
    pub(crate) fn octets(&self) -> ([u8; Self::MAX_BITS / 8], usize) {
        let mut octets = [0; Self::MAX_BITS / 8];
        for (out, word) in octets.chunks_exact_mut(8).zip(self.bits) {
            out.copy_from_slice(&word.to_be_bytes());
        }
        (octets, self.len_bits() / 8)
    }

    /// Whether every bit matters.
    #[cfg(any(feature = "std", target_arch = "aarch64", target_arch = "x86_64"))]
    pub(crate) const fn is_unmasked(&self) -> bool {
        self.weight() == self.len_bits as u32
    }

    /// Bits of the marker that `window` gets wrong.
    pub(crate) const fn errors(&self, window: MarkerBits) -> u32 {
        let ([a, b, c], [x, y, z], [k, l, m]) = (self.bits, window, self.care);
        ((a ^ x) & k).count_ones() + ((b ^ y) & l).count_ones() + ((c ^ z) & m).count_ones()
    }

    /// The first 64 bits of the marker, and ones where they must match.
    pub(crate) const fn first_word(&self) -> (u64, u64) {
        let ([bits, _, _], [care, _, _]) = (self.bits, self.care);
        (bits, care)
    }

    #[expect(clippy::panic, reason = "const evaluation: a wrong constant would not compile")]
    const fn of(octets: &[u8]) -> Self {
        match Self::new(octets) {
            Ok(asm) => asm,
            Err(_) => panic!("not a marker"),
        }
    }
}

/// Why some octets are no marker.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AsmError {
    /// A marker has 8 to 192 bits.
    Length {
        /// Bits given.
        bits: usize,
    },
    /// The mask is not as long as the marker.
    MaskLength {
        /// Bits of the marker.
        marker: u8,
        /// Bits of the mask.
        mask: usize,
    },
    /// The mask leaves too few bits to recognise anything.
    MaskTooWide {
        /// Bits left.
        left: u32,
    },
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Length { bits } => write!(f, "a sync marker has 8 to 192 bits, not {bits}"),
            Self::MaskLength { marker, mask } => {
                write!(f, "a mask of {mask} bits does not fit a sync marker of {marker} bits")
            }
            Self::MaskTooWide { left } => {
                write!(f, "the mask leaves {left} bits of the sync marker, 8 are needed")
            }
        }
    }
}

impl core::error::Error for AsmError {}

#[expect(
    clippy::indexing_slicing,
    reason = "the caller bounds the length to 24 octets; const code cannot iterate"
)]
const fn left_aligned(octets: &[u8]) -> MarkerBits {
    let mut words = [0u64; 3];
    let mut i = 0;
    while i < octets.len() && i < 24 {
        words[i / 8] |= (octets[i] as u64) << (56 - i % 8 * 8);
        i += 1;
    }
    words
}

/// Ones in the first `len_bits` places.
const fn ones(len_bits: usize) -> MarkerBits {
    [
        ones_in_word(len_bits),
        ones_in_word(len_bits.saturating_sub(64)),
        ones_in_word(len_bits.saturating_sub(128)),
    ]
}

const fn ones_in_word(len_bits: usize) -> u64 {
    match u64::MAX.checked_shr(len_bits as u32) {
        Some(rest) => !rest,
        None => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_count_only_bits_that_matter() {
        let asm = Asm::TM;
        assert_eq!(asm.errors([0x1ACF_FC1D_FFFF_FFFF, 0, u64::MAX]), 0);
        assert_eq!(asm.errors([!0x1ACF_FC1D_0000_0000, 0, 0]), 32);
        let masked = asm.ignoring(&[0, 0, 0, 0xFF]).unwrap();
        assert_eq!(masked.errors([0x1ACF_FCE2_0000_0000, 0, 0]), 0);
        assert_eq!(masked.weight(), 24);
    }

    #[test]
    fn the_longest_marker_fills_three_words() {
        let asm = Asm::TURBO_1_6;
        assert_eq!((asm.len_bits(), asm.weight()), (192, 192));
        assert_eq!(asm.errors([0x25D5_C0CE_8990_F6C9, 0x461B_F79C_DA2A_3F31, 0x766F_0936_B9E4_0862]), 1);
    }

    /// Of all words of sixteen bits, those within the tolerance are as many as the binomial coefficients say; so they are of longer ones:
    /// how often chance makes a marker follows from that.
    #[test]
    fn chance_makes_a_marker_as_often_as_is_published() {
        let within = |bits: u32, errors: u32| {
            (0..=errors)
                .map(|k| (0..k).fold(1.0, |c, i| c * f64::from(bits - i) / f64::from(i + 1)))
                .sum::<f64>()
        };
        let short = Asm::new(&[0x1A, 0xCF]).unwrap();
        for errors in 0..8 {
            let found =
                (0..=u16::MAX).filter(|&word| short.errors([u64::from(word) << 48, 0, 0]) <= errors).count();
            assert_eq!(found as f64, within(16, errors));
        }
        let published = [(0, 2.3e-10), (1, 7.7e-9), (2, 1.2e-7), (3, 1.3e-6), (4, 9.7e-6), (6, 2.7e-4)];
        for (errors, chance) in published {
            let ours = within(Asm::TM.weight(), errors) / 2f64.powi(32);
            assert!((ours / chance - 1.0).abs() < 0.05, "{errors} errors: {ours}");
        }
        let ours = within(Asm::TURBO_1_2.weight(), 8) / 2f64.powi(64);
        assert!((ours / 2.8e-10 - 1.0).abs() < 0.05, "{ours}");
    }

    #[test]
    fn impossible_markers_are_refused() {
        assert_eq!(Asm::new(&[]), Err(AsmError::Length { bits: 0 }));
        assert_eq!(Asm::new(&[0; 25]), Err(AsmError::Length { bits: 200 }));
        assert_eq!(Asm::TM.ignoring(&[0]), Err(AsmError::MaskLength { marker: 32, mask: 8 }));
        assert_eq!(Asm::TM.ignoring(&[0xFF, 0xFF, 0xFF, 1]), Err(AsmError::MaskTooWide { left: 7 }));
    }
}
