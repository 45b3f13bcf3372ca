//! Multiplexer access points: one frame count, up to sixteen streams (732.1-B-3 §2.1.2).

use super::Continuity;
use crate::id::MapId;

/// What the frame count of a virtual channel means for each of its multiplexer access points.
///
/// All of them share the count, and a lost frame may have belonged to any: each must learn of a gap with its own next frame, even
/// where that one follows the frame before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct MapContinuity {
    /// Access points that have yet to learn of a loss: one bit each.
    broken: u16,
    /// Access points that have been heard: one bit each.
    heard: u16,
}

impl MapContinuity {
    /// No access point was heard yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { broken: 0, heard: 0 }
    }

    /// What a frame of `map` means for its stream, when it means `channel` for the virtual channel.
    pub const fn advance(&mut self, map: MapId, channel: Continuity) -> Continuity {
        let bit = 1 << map.get();
        if matches!(channel, Continuity::First | Continuity::Gap { .. } | Continuity::Restart) {
            self.broken = u16::MAX;
        }
        if matches!(channel, Continuity::Repeat) {
            return channel;
        }
        let (first, broken) = (self.heard & bit == 0, self.broken & bit != 0);
        self.heard |= bit;
        self.broken &= !bit;
        match channel {
            Continuity::Next if first => Continuity::First,
            // How many of the missing frames were of this access point cannot be known.
            Continuity::Next if broken => Continuity::Restart,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn map(id: u8) -> MapId {
        MapId::from_low_bits(id)
    }

    #[test]
    fn every_access_point_learns_of_a_gap_once() {
        let mut maps = MapContinuity::new();
        assert_eq!(maps.advance(map(0), Continuity::First), Continuity::First);
        assert_eq!(maps.advance(map(3), Continuity::Next), Continuity::First);
        assert_eq!(maps.advance(map(0), Continuity::Next), Continuity::Next);
        let gap = Continuity::Gap { missing: 2 };
        assert_eq!(maps.advance(map(0), gap), gap);
        assert_eq!(maps.advance(map(0), Continuity::Next), Continuity::Next);
        assert_eq!(maps.advance(map(3), Continuity::Next), Continuity::Restart);
        assert_eq!(maps.advance(map(3), Continuity::Next), Continuity::Next);
    }

    #[test]
    fn a_repeated_frame_tells_nothing_new() {
        let mut maps = MapContinuity::new();
        maps.advance(map(1), Continuity::First);
        assert_eq!(maps.advance(map(1), Continuity::Repeat), Continuity::Repeat);
        assert_eq!(maps.advance(map(1), Continuity::Next), Continuity::Next);
    }
}
