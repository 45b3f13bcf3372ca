//! Frame counts over all turns of their counter, for one station.

use std::collections::HashMap;

use ccsds_core::id::Gvcid;
use ccsds_core::vc::VcFrameCount;

/// Extends the counts of one recording.
///
/// A count goes on from the one before by less than one turn, unless the recording itself says that more went by: the bits
/// between two frames hold CADUs, of which the channel has its usual share.
#[derive(Clone, Debug, Default)]
pub(super) struct Extender {
    channels: HashMap<Gvcid, Latest>,
    /// Bits of the link that all frames so far took.
    bits: u64,
}

#[derive(Clone, Copy, Debug)]
struct Latest {
    extended: u64,
    stream_bit: u64,
    fingerprint: u64,
    /// Frames of the channel so far.
    frames: u64,
}

impl Extender {
    /// The extended count of the next frame; `None` for one that was sent twice. On a channel of idle data the same count
    /// again is no new frame, whatever the fill. `place` is where the frame began and how many bits of the link it took, in a
    /// recording that tells.
    pub(super) fn extend(
        &mut self,
        gvcid: Gvcid,
        count: VcFrameCount,
        place: Option<(u64, u64)>,
        fingerprint: u64,
        idle: bool,
    ) -> Option<u64> {
        let (stream_bit, cadu_bits) = place.unwrap_or_default();
        let bits = self.bits;
        self.bits = bits.saturating_add(cadu_bits);
        // Room below the first count, for stations that heard the channel before.
        let turn = turn(count.bits());
        let first = FIRST_TURN * turn + count.value();
        let new = Latest { extended: first, stream_bit, fingerprint, frames: 1 };
        let Some(latest) = self.channels.get_mut(&gvcid) else {
            self.channels.insert(gvcid, new);
            return Some(first);
        };
        let step = count.value().wrapping_sub(latest.extended) & (turn - 1);
        let step = match step {
            0 if count.bits() == 0 => 1,
            0 if idle || latest.fingerprint == fingerprint => {
                latest.stream_bit = stream_bit;
                return None;
            }
            0 => turn,
            step => step,
        };
        let missed = place.map_or(0, |_| {
            let between = stream_bit.saturating_sub(latest.stream_bit);
            let expected = (u128::from(between) * u128::from(latest.frames) / u128::from(bits.max(1))) as u64;
            (expected + turn / 2).saturating_sub(step) / turn
        });
        let extended = latest.extended + step + if count.bits() == 0 { 0 } else { missed * turn };
        *latest = Latest { extended, frames: latest.frames + 1, ..new };
        Some(extended)
    }
}

/// Counts of one turn of a counter.
pub(super) fn turn(bits: u8) -> u64 {
    // A USLP count has 56 bits at most; wider ones do not come up.
    1 << bits.min(56)
}

const FIRST_TURN: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use ccsds_core::id::{Scid, Tfvn, Vcid};

    fn gvcid() -> Gvcid {
        Gvcid::new(Tfvn::Tm, Scid::new(5), Vcid::from_low_bits(1))
    }

    #[test]
    fn counts_go_on_over_their_wraps() {
        let mut extender = Extender::default();
        let counts = [250u64, 255, 0, 3, 2];
        let extended: Vec<_> = counts
            .into_iter()
            .zip(0..)
            .map(|(count, n)| extender.extend(gvcid(), VcFrameCount::new(count, 8), None, n, false).unwrap())
            .collect();
        let first = extended[0];
        assert_eq!(extended.iter().map(|count| count - first).collect::<Vec<_>>(), [0, 5, 6, 9, 264]);
    }

    #[test]
    fn the_bits_in_between_tell_how_many_turns_went_by() {
        let mut extender = Extender::default();
        let mut extend = |count, bit| {
            let place = Some((bit, 1000));
            extender.extend(gvcid(), VcFrameCount::new(count, 8), place, bit, false).unwrap()
        };
        let first = extend(10, 0);
        assert_eq!(extend(11, 1000) - first, 1);
        // 1024 frames later the count is the same plus one.
        assert_eq!(extend(12, 1_026_000) - first, 1 + 1025);
    }

    /// Two channels, each with a coding of its own: in the time of three short CADUs there is one long one.
    #[test]
    fn codings_of_several_lengths_take_their_share_of_the_time() {
        let mut extender = Extender::default();
        let short = Gvcid::new(Tfvn::Tm, Scid::new(5), Vcid::from_low_bits(2));
        let mut extend = |gvcid, count: u64, at, bits| {
            let count = VcFrameCount::new(count % 256, 8);
            extender.extend(gvcid, count, Some((at, bits)), at, false).unwrap()
        };
        let (mut long, mut brief) = (Vec::new(), Vec::new());
        for n in (0..20).chain(700..720).chain(5000..5020) {
            long.push(extend(gvcid(), n, 4000 * n, 1000) - n);
            brief.extend(
                (0..3).map(|i| extend(short, 3 * n + i, 4000 * n + 1000 * (i + 1), 1000) - 3 * n - i),
            );
        }
        assert!(long.windows(2).all(|pair| pair[0] == pair[1]), "{long:?}");
        assert!(brief.windows(2).all(|pair| pair[0] == pair[1]), "{brief:?}");
    }

    #[test]
    fn a_frame_sent_twice_is_no_new_one() {
        let mut extender = Extender::default();
        let count = VcFrameCount::new(7, 24);
        assert!(extender.extend(gvcid(), count, None, 1, false).is_some());
        assert_eq!(extender.extend(gvcid(), count, None, 1, false), None);
        // An idle channel may have a constant count.
        assert_eq!(extender.extend(gvcid(), count, None, 2, true), None);
        assert!(extender.extend(gvcid(), count, None, 2, false).is_some());
    }
}
