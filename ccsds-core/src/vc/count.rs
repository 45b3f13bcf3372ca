//! Virtual channel frame counts: modulo arithmetic and continuity.

/// A frame count and its width: 8 bits in TM, 24 or 28 in AOS, 0 to 56 in USLP, more where a secondary header extends it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VcFrameCount {
    value: u64,
    bits: u8,
}

impl VcFrameCount {
    /// The low `bits` bits (at most 64) of `value`.
    #[must_use]
    pub const fn new(value: u64, bits: u8) -> Self {
        let bits = if bits > 64 { 64 } else { bits };
        Self { value: value & mask(bits), bits }
    }

    /// The count.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.value
    }

    /// Its width.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// From this width on, a count that goes backwards was set anew.
    pub const RESTART_BITS: u8 = 16;

    /// What the step from this count to `later` means.
    ///
    /// `same_octets` says whether both frames carry the same data: it tells a frame sent twice from one that comes exactly one
    /// turn of the counter later. A narrow counter (fewer than [`Self::RESTART_BITS`] bits) turns so often that every step forward is
    /// taken as frames lost; a wide one that steps back by no more than half its range was set anew.
    #[must_use]
    pub const fn step_to(self, later: Self, same_octets: bool) -> Continuity {
        if self.bits == 0 && later.bits == 0 {
            // Frames without a count cannot be missed, nor told apart.
            return Continuity::Next;
        }
        if self.bits != later.bits {
            return Continuity::Restart;
        }
        let wide = self.bits >= Self::RESTART_BITS;
        let turn = mask(self.bits);
        let step = later.value.wrapping_sub(self.value) & turn;
        match step {
            0 if same_octets => Continuity::Repeat,
            0 if wide => Continuity::Restart,
            0 => Continuity::Gap { missing: turn },
            1 => Continuity::Next,
            _ if wide && step > turn / 2 => Continuity::Restart,
            _ => Continuity::Gap { missing: step - 1 },
        }
    }
}

/// What the frame count says about the frame before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Continuity {
    /// The first frame of this channel.
    First,
    /// Frames are missing in between.
    Gap {
        /// How many, assuming less than one turn of the counter.
        missing: u64,
    },
    /// The frame that follows.
    Next,
    /// The same frame again.
    Repeat,
    /// The counter was set anew; how many frames are missing cannot be known.
    Restart,
}

/// The lowest `bits` bits set.
const fn mask(bits: u8) -> u64 {
    match 1u64.checked_shl(bits as u32) {
        Some(bit) => bit - 1,
        None => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(bits: u8, from: u64, to: u64) -> Continuity {
        VcFrameCount::new(from, bits).step_to(VcFrameCount::new(to, bits), false)
    }

    #[test]
    fn every_width_wraps_at_its_own_modulus() {
        for bits in [8, 16, 24, 28, 32, 40, 48, 56, 64] {
            let last = mask(bits);
            assert_eq!(step(bits, last, 0), Continuity::Next, "{bits} bits");
            assert_eq!(step(bits, last, 1), Continuity::Gap { missing: 1 }, "{bits} bits");
            assert_eq!(step(bits, last - 1, 2), Continuity::Gap { missing: 3 }, "{bits} bits");
        }
    }

    #[test]
    fn a_narrow_count_that_goes_back_has_lost_most_of_a_turn() {
        assert_eq!(step(8, 5, 4), Continuity::Gap { missing: 254 });
        assert_eq!(step(8, 5, 5), Continuity::Gap { missing: 255 });
    }

    #[test]
    fn a_wide_count_that_goes_back_restarted() {
        assert_eq!(step(24, 1_000_000, 0), Continuity::Restart);
        assert_eq!(step(24, 5, 5), Continuity::Restart);
        assert_eq!(step(24, 0, 0x7F_FFFF), Continuity::Gap { missing: 0x7F_FFFE });
        assert_eq!(step(24, 0, 0x80_0000), Continuity::Restart);
    }

    #[test]
    fn the_same_frame_again_is_a_repeat() {
        let count = VcFrameCount::new(7, 8);
        assert_eq!(count.step_to(count, true), Continuity::Repeat);
    }

    #[test]
    fn frames_without_a_count_follow_each_other() {
        assert_eq!(step(0, 0, 0), Continuity::Next);
    }

    #[test]
    fn a_count_that_changes_its_width_restarted() {
        let narrow = VcFrameCount::new(0xFF_FFFF, 24);
        assert_eq!(narrow.step_to(VcFrameCount::new(0x100_0000, 28), false), Continuity::Restart);
    }
}
