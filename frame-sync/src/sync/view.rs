//! The synchronizer's look at one window: markers by their place in the stream.

use super::config::{Alignment, Polarity, SyncConfig};
use super::{Verdict, Wait};
use crate::arch::search::{SearchKernel, Wanted};
use crate::asm::MarkerBits;

/// A window, its place in the stream, and the parameters it is looked at with.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    config: &'a SyncConfig,
    window: &'a [u8],
    /// Place of the window's first bit in the stream.
    first_bit: u64,
    /// Whether the stream ends with the window.
    ended: bool,
    kernel: Option<SearchKernel>,
}

/// A place where a marker matches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Hit {
    pub(super) at: u64,
    pub(super) inverted: bool,
    pub(super) errors: u32,
}

impl<'a> View<'a> {
    pub(super) const fn new(
        config: &'a SyncConfig,
        window: &'a [u8],
        first_bit: u64,
        ended: bool,
        kernel: Option<SearchKernel>,
    ) -> Self {
        Self { config, window, first_bit, ended, kernel }
    }

    pub(super) const fn config(&self) -> &'a SyncConfig {
        self.config
    }

    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// Place of the first bit behind the window.
    pub(super) const fn end(&self) -> u64 {
        self.first_bit + self.window.len() as u64 * 8
    }

    /// The first bit at which a marker may begin that has not arrived yet.
    pub(super) const fn undecided_from(&self) -> u64 {
        if self.ended { self.end() } else { (self.end() + 1).saturating_sub(self.asm_len()) }
    }

    /// Bit errors of the marker at `at`; `None` where the window does not hold it whole.
    pub(super) fn errors(&self, at: u64, inverted: bool) -> Option<u32> {
        let bit = self.local(at)?;
        let errors = self.config.asm().errors(bits_at(self.window, bit));
        Some(if inverted { self.config.asm().weight() - errors } else { errors })
    }

    /// A marker at `at` with the other polarity than the lock's, where both are to be expected.
    pub(super) fn inverted_marker(&self, at: u64, inverted: bool) -> Option<Hit> {
        let errors = self.errors(at, !inverted)?;
        let expected = self.config.parameters().polarity == Polarity::Auto;
        (expected && errors <= self.config.lock_errors()).then_some(Hit { at, inverted: !inverted, errors })
    }

    /// The best marker within the slip allowed around `at`, the nearest first, and its bit errors.
    pub(super) fn slipped_marker(
        &self,
        at: u64,
        floor: u64,
        inverted: bool,
    ) -> Result<Option<(u64, u32)>, Wait> {
        for distance in 1..=u64::from(self.config.parameters().slip) {
            let earlier = at.checked_sub(distance).filter(|&earlier| earlier >= floor);
            let later = at + distance;
            if later + self.config.filled_len() > self.end() && !self.ended {
                return Err(Wait);
            }
            let best = [earlier, Some(later)]
                .into_iter()
                .flatten()
                .filter(|place| place + self.config.filled_len() <= self.end())
                .filter_map(|place| Some((self.errors(place, inverted)?, place)))
                .min();
            if let Some((errors, place)) = best
                && errors <= self.config.lock_errors()
            {
                return Ok(Some((place, errors)));
            }
        }
        Ok(None)
    }

    /// Whether the markers that must follow `hit` are there.
    pub(super) fn verify(&self, hit: Hit, wanted: u8) -> Verdict {
        let (mut seen, mut missed) = (0, 0);
        let mut at = hit.at;
        while seen < wanted {
            at += self.config.cadu_len();
            match self.errors(at, hit.inverted) {
                Some(errors) if errors <= self.config.lock_errors() => seen += 1,
                Some(_) if missed < self.config.verify_misses() => missed += 1,
                Some(_) => return Verdict::Reject,
                None if !self.ended => return Verdict::Wait,
                None => return self.verify_last(hit, missed),
            }
        }
        Verdict::Accept { verified: true }
    }

    /// The stream ends before a candidate is confirmed: it counts if nothing at all speaks against it.
    fn verify_last(&self, hit: Hit, missed: u8) -> Verdict {
        match (hit.errors, missed) {
            (0, 0) if hit.at + self.config.filled_len() <= self.end() => Verdict::Accept { verified: false },
            // An unfinished CADU.
            (0, 0) => Verdict::Wait,
            _ => Verdict::Reject,
        }
    }

    /// The first candidate at or after `from` and before `to`.
    pub(super) fn first_hit(&self, from: u64, to: u64) -> Option<Hit> {
        let from = from.max(self.first_bit);
        let to = to.min((self.end() + 1).saturating_sub(self.asm_len()));
        match self.config.parameters().alignment {
            Alignment::Bit => self.first_hit_at_any_bit(from, to),
            Alignment::Octet => self.first_hit_at_an_octet(from, to),
        }
    }

    fn first_hit_at_any_bit(&self, from: u64, to: u64) -> Option<Hit> {
        let wanted = Wanted { asm: self.config.asm(), errors: self.config.search_errors() };
        let from = usize::try_from(from - self.first_bit).ok()?;
        let to = usize::try_from(to.saturating_sub(self.first_bit)).ok()?;
        let kernel = self.kernel.unwrap_or_else(SearchKernel::best);
        kernel.first(wanted, self.window, from, to, |at| self.hit(self.first_bit + at as u64))
    }

    fn first_hit_at_an_octet(&self, from: u64, to: u64) -> Option<Hit> {
        let mut at = from.next_multiple_of(8);
        while at < to {
            #[cfg(feature = "std")]
            if self.wants_exact_octets() {
                at = self.first_exact_octet(at)?;
                if at >= to {
                    return None;
                }
            }
            if let Some(hit) = self.hit(at) {
                return Some(hit);
            }
            at += 8;
        }
        None
    }

    /// Whether only whole octets, each exactly right, make a marker.
    #[cfg(feature = "std")]
    const fn wants_exact_octets(&self) -> bool {
        self.config.search_errors() == 0 && self.config.asm().is_unmasked()
    }

    /// The first place from `at` on where the marker's octets, or their complement, stand.
    #[cfg(feature = "std")]
    fn first_exact_octet(&self, at: u64) -> Option<u64> {
        use memchr::memmem;

        let start = usize::try_from((at - self.first_bit) / 8).ok()?;
        let haystack = self.window.get(start..)?;
        let (octets, len) = self.config.asm().octets();
        let inverted = octets.map(|octet| !octet);
        let normal = memmem::find(haystack, octets.get(..len)?);
        // Nothing behind the first match matters.
        let ahead = normal.map_or(haystack, |found| haystack.get(..found + len).unwrap_or(haystack));
        let first = match self.config.parameters().polarity {
            Polarity::Normal => normal,
            Polarity::Auto | Polarity::Inverted => memmem::find(ahead, inverted.get(..len)?).or(normal),
        };
        first.map(|found| self.first_bit + (start + found) as u64 * 8)
    }

    /// The candidate at `at`, if a marker of an expected polarity matches there.
    fn hit(&self, at: u64) -> Option<Hit> {
        let errors = self.errors(at, false)?;
        let (polarity, allowed) = (self.config.parameters().polarity, self.config.search_errors());
        if errors <= allowed && polarity != Polarity::Inverted {
            return Some(Hit { at, inverted: false, errors });
        }
        let errors = self.config.asm().weight() - errors;
        (errors <= allowed && polarity != Polarity::Normal).then_some(Hit { at, inverted: true, errors })
    }

    /// Where in the window the marker at `at` begins; `None` where the window does not hold it whole.
    fn local(&self, at: u64) -> Option<usize> {
        let local = at.checked_sub(self.first_bit)?;
        (at + self.asm_len() <= self.end()).then_some(usize::try_from(local).ok()?)
    }

    const fn asm_len(&self) -> u64 {
        self.config.asm().len_bits() as u64
    }
}

/// The longest marker's worth of bits from `bit` on; zeros behind the window's end.
fn bits_at(window: &[u8], bit: usize) -> MarkerBits {
    [word_at(window, bit), word_at(window, bit + 64), word_at(window, bit + 128)]
}

/// Sixty-four bits from `bit` on; zeros behind the window's end.
fn word_at(window: &[u8], bit: usize) -> u64 {
    let rest = window.get(bit / 8..).unwrap_or_default();
    let (word, next) = match rest {
        [a, b, c, d, e, f, g, h, next, ..] => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), *next),
        short => {
            let mut octets = [0; 8];
            for (octet, from) in octets.iter_mut().zip(short) {
                *octet = *from;
            }
            (u64::from_be_bytes(octets), 0)
        }
    };
    match (bit % 8) as u32 {
        0 => word,
        shift => word << shift | u64::from(next) >> (8 - shift),
    }
}
