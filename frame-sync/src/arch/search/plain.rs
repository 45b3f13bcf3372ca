//! Marker errors at one place after the other: for machines with little memory for code and stack.
//!
//! The sixty-four places of [`super::count`] take four times the code and eight times the stack.

use super::Wanted;

/// The search, by the first 32 bits of the marker.
pub(super) fn search<T>(
    wanted: Wanted<'_>,
    window: &[u8],
    from: usize,
    to: usize,
    mut accept: impl FnMut(usize) -> Option<T>,
) -> Option<T> {
    let (bits, care) = wanted.asm.first_word();
    let (bits, care) = ((bits >> 32) as u32, (care >> 32) as u32);
    // Where so many errors are allowed that everything matches, everything passes.
    let most = wanted.errors.min(care.count_ones());
    let least_inverted = care.count_ones() - most;
    // Behind the window there are zeros.
    let mut octets = window.get(from / 8..).unwrap_or_default().iter().copied();
    let mut next = || u32::from(octets.next().unwrap_or(0));
    let mut word = (0..4).fold(0, |word, _| word << 8 | next());
    let mut first_bit = from / 8 * 8;
    while first_bit < to {
        let ahead = next();
        for shift in 0..8 {
            let different = ((word << shift | ahead >> (8 - shift)) ^ bits) & care;
            let is_candidate = if most == 0 {
                different == 0 || different == care
            } else {
                let errors = different.count_ones();
                errors <= most || errors >= least_inverted
            };
            let at = first_bit + shift as usize;
            if is_candidate
                && (from..to).contains(&at)
                && let Some(found) = accept(at)
            {
                return Some(found);
            }
        }
        word = word << 8 | ahead;
        first_bit += 8;
    }
    None
}
