//! The reports in operational control fields as a stream of changes.

use super::{Clcw, Ocf};

/// Passes on the reports that differ from the one before.
///
/// A channel may carry the words of several telecommand channels in turn, so each of them is followed by itself; reports of type 2
/// are followed as one. `N` is how many of them there can be: 65 take all.
#[derive(Clone, Copy, Debug)]
pub struct OcfChanges<const N: usize> {
    latest: [Option<(Key, [u8; Clcw::LEN])>; N],
}

/// Which reports are compared with each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Key {
    Clcw(u8),
    Other,
}

impl<const N: usize> Default for OcfChanges<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> OcfChanges<N> {
    /// Nothing reported yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { latest: [None; N] }
    }

    /// Enter the field of one trusted frame; the report, if it is new or finds no place to be remembered in.
    pub fn push(&mut self, octets: [u8; Clcw::LEN]) -> Option<Ocf> {
        let ocf = Ocf::from_bytes(octets);
        let key = match ocf {
            Ocf::Clcw(clcw) => Key::Clcw(clcw.vcid().get()),
            Ocf::Other(_) => Key::Other,
        };
        let mine = |slot: &&mut Option<(Key, _)>| slot.is_none_or(|(other, _)| other == key);
        if let Some(slot) = self.latest.iter_mut().find(mine)
            && slot.replace((key, octets)) == Some((key, octets))
        {
            return None;
        }
        Some(ocf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two telecommand channels in turn, as Euclid reports them.
    #[test]
    fn words_of_two_channels_in_turn_are_no_changes() {
        let (one, two) = ([0x01, 0x04, 0x06, 0xFD], [0x01, 0x08, 0x00, 0x03]);
        let mut changes = OcfChanges::<65>::new();
        assert!(changes.push(one).is_some() && changes.push(two).is_some());
        for _ in 0..5 {
            assert_eq!((changes.push(one), changes.push(two)), (None, None));
        }
        let Some(Ocf::Clcw(clcw)) = changes.push([0x01, 0x04, 0x06, 0xFE]) else { panic!("no change") };
        assert_eq!(clcw.report_value(), 0xFE);
        assert_eq!(changes.push(two), None);
    }

    #[test]
    fn reports_of_the_other_type_are_followed_by_themselves() {
        let mut changes = OcfChanges::<2>::new();
        assert!(changes.push([0x80, 0, 0, 1]).is_some());
        assert_eq!(changes.push([0x80, 0, 0, 1]), None);
        assert!(changes.push([0x01, 0x04, 0, 0]).is_some());
        assert!(changes.push([0x80, 0, 0, 2]).is_some());
        // What finds no place is reported every time.
        assert!(changes.push([0x01, 0x08, 0, 0]).is_some() && changes.push([0x01, 0x08, 0, 0]).is_some());
    }
}
