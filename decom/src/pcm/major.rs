//! Minor frames put together to major frames, IRIG 106 chapter 4 §4.3.

use ccsds_core::bits::read_unsigned;

/// The counter that tells minor frames apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FrameCounter {
    /// Its first bit in the minor frame, the most significant one; bit 0 is the first.
    pub bit_offset: usize,
    /// Its bits, 1 to 64.
    pub bits: u32,
    /// What it is in the first minor frame.
    pub first: u64,
    /// Whether it falls from one minor frame to the next.
    pub is_falling: bool,
    /// Minor frames of a major frame, 1 to 256.
    pub frames: u16,
}

impl FrameCounter {
    /// Which minor frame this is, from 0; `None` when the counter is none that a minor frame has.
    #[must_use]
    pub fn index(&self, frame: &[u8]) -> Option<u16> {
        let value = read_unsigned(frame, self.bit_offset, self.bits)?;
        let index =
            if self.is_falling { self.first.checked_sub(value) } else { value.checked_sub(self.first) };
        u16::try_from(index?).ok().filter(|index| *index < self.frames)
    }
}

/// Puts minor frames together in the caller's memory.
#[derive(Clone, Debug)]
pub struct MajorFrames<B> {
    counter: FrameCounter,
    frame_len: usize,
    storage: B,
    /// One bit for each minor frame that is there.
    present: [u64; 4],
    last: Option<u16>,
    account: FrameAccount,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> MajorFrames<B> {
    /// `None` when the storage does not hold a major frame, or there are not 1 to 256 minor frames of at least an octet.
    #[must_use]
    pub fn new(counter: FrameCounter, frame_len: usize, storage: B) -> Option<Self> {
        let frames = usize::from(counter.frames);
        let needed = frames.checked_mul(frame_len)?;
        if needed == 0 || frames > 256 || storage.as_ref().len() < needed {
            return None;
        }
        let account = FrameAccount::default();
        Some(Self { counter, frame_len, storage, present: [0; 4], last: None, account })
    }

    /// Take the next minor frame. A major frame that ends with it, or before it, goes to `deliver`.
    pub fn push(&mut self, frame: &[u8], mut deliver: impl FnMut(MajorFrame<'_>)) {
        let index = self.counter.index(frame).filter(|_| frame.len() == self.frame_len);
        let Some(index) = index else {
            self.account.unusable += 1;
            return;
        };
        if let Some(last) = self.last {
            let frames = u64::from(self.counter.frames);
            // A count that repeats stands for a whole major frame that is missing but for one.
            self.account.missing += (frames + u64::from(index) - u64::from(last) - 1) % frames;
            if index <= last {
                self.finish(&mut deliver);
            }
        }
        let start = usize::from(index) * self.frame_len;
        let slot = self.storage.as_mut().get_mut(start..).and_then(|rest| rest.get_mut(..self.frame_len));
        if let (Some(slot), Some(word)) = (slot, self.present.get_mut(usize::from(index / 64))) {
            slot.copy_from_slice(frame);
            *word |= 1 << (index % 64);
        }
        self.account.accepted += 1;
        self.last = Some(index);
        if index + 1 == self.counter.frames {
            self.finish(&mut deliver);
        }
    }

    /// Deliver what there is of the last major frame.
    pub fn finish(&mut self, mut deliver: impl FnMut(MajorFrame<'_>)) {
        let there = self.present.iter().map(|word| word.count_ones()).sum::<u32>();
        if there == 0 {
            return;
        }
        if there == u32::from(self.counter.frames) {
            self.account.complete += 1;
        } else {
            self.account.partial += 1;
        }
        let len = usize::from(self.counter.frames) * self.frame_len;
        if let Some(octets) = self.storage.as_ref().get(..len) {
            deliver(MajorFrame { octets, frame_len: self.frame_len, present: self.present });
        }
        self.present = [0; 4];
    }

    /// What became of the minor frames so far.
    pub const fn account(&self) -> FrameAccount {
        self.account
    }
}

/// A major frame; minor frames that did not come have old octets.
#[derive(Clone, Copy, Debug)]
pub struct MajorFrame<'a> {
    octets: &'a [u8],
    frame_len: usize,
    present: [u64; 4],
}

impl<'a> MajorFrame<'a> {
    /// Its minor frames in order: `None` for one that did not come.
    pub fn frames(self) -> impl Iterator<Item = Option<&'a [u8]>> {
        let frames = (0u32..).zip(self.octets.chunks_exact(self.frame_len));
        frames.map(move |(index, frame)| {
            let word = self.present.get(index as usize / 64)?;
            (word >> (index % 64) & 1 == 1).then_some(frame)
        })
    }
}

/// What became of minor frames.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct FrameAccount {
    /// Minor frames in a major frame.
    pub accepted: u64,
    /// Minor frames of a wrong length, or with a counter that no minor frame has.
    pub unusable: u64,
    /// Minor frames that the counter says did not come.
    pub missing: u64,
    /// Major frames with all minor frames.
    pub complete: u64,
    /// Major frames that lack some.
    pub partial: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const COUNTER: FrameCounter =
        FrameCounter { bit_offset: 4, bits: 4, first: 1, is_falling: false, frames: 4 };

    fn run(counts: &[u8]) -> (Vec<Vec<bool>>, FrameAccount) {
        let mut frames = MajorFrames::new(COUNTER, 2, [0u8; 8]).unwrap();
        let mut majors = Vec::new();
        for &count in counts {
            frames.push(&[0xF0 | count, count], |major| {
                for (index, frame) in (1u8..).zip(major.frames()) {
                    assert!(frame.is_none_or(|frame| frame == [0xF0 | index, index]));
                }
                majors.push(major.frames().map(|frame| frame.is_some()).collect());
            });
        }
        frames.finish(|major| majors.push(major.frames().map(|frame| frame.is_some()).collect()));
        (majors, frames.account())
    }

    #[test]
    fn whole_major_frames_are_delivered_with_their_last_minor_frame() {
        let (majors, account) = run(&[1, 2, 3, 4, 1, 2, 3, 4]);
        assert_eq!(majors, [[true; 4]; 2]);
        assert_eq!(account, FrameAccount { accepted: 8, complete: 2, ..FrameAccount::default() });
    }

    #[test]
    fn a_major_frame_does_not_wait_for_the_next_one() {
        let mut frames = MajorFrames::new(COUNTER, 2, [0u8; 8]).unwrap();
        let mut delivered = [0; 6];
        for (count, delivered) in [1, 2, 3, 4, 1, 4].into_iter().zip(&mut delivered) {
            frames.push(&[0xF0 | count, count], |_| *delivered += 1);
        }
        assert_eq!(delivered, [0, 0, 0, 1, 0, 1]);
        frames.finish(|_| panic!("it is there already"));
    }

    #[test]
    fn missing_minor_frames_are_counted_across_major_frames() {
        // 3 is lost, then 4 and 1, then all of a major frame but 2.
        let (majors, account) = run(&[1, 2, 4, 1, 2, 3, 2, 2]);
        assert_eq!(
            majors,
            [
                [true, true, false, true],
                [true, true, true, false],
                [false, true, false, false],
                [false, true, false, false]
            ]
        );
        assert_eq!(
            account,
            FrameAccount { accepted: 8, missing: 1 + 2 + 3, partial: 4, ..FrameAccount::default() }
        );
    }

    #[test]
    fn counters_and_lengths_that_no_minor_frame_has_are_unusable() {
        let (majors, account) = run(&[0, 5, 15]);
        assert_eq!((majors.len(), account.unusable), (0, 3));
        let mut frames = MajorFrames::new(COUNTER, 2, [0u8; 8]).unwrap();
        frames.push(&[1], |_| panic!("too short"));
        assert_eq!(frames.account().unusable, 1);
        assert!(MajorFrames::new(COUNTER, 2, [0u8; 7]).is_none());
        let falling = FrameCounter { first: 4, is_falling: true, ..COUNTER };
        assert_eq!([4, 1, 0, 5].map(|count| falling.index(&[count])), [Some(0), Some(3), None, None]);
    }
}
