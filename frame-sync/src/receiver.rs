//! The receive chain on one thread, in memory that the caller provides.

use core::fmt;

use ccsds_core::quality::{FrameMeta, FrameQuality, ReceiveTime};

use crate::align;
use crate::codec::{BlockLength, BlockReport, FrameCodec};
use crate::randomizer::Randomizer;
use crate::sync::{CaduLoc, Step, SyncConfig, SyncEvent, SyncStats, Synchronizer};

/// Turns pushed octets into decoded frames without an allocator.
///
/// `W` holds the window that the synchronizer looks at, [`SyncConfig::window_len`] octets or more; `B` holds one code block.
/// Arrays in a `static`, borrowed slices and boxes all serve.
#[derive(Debug)]
pub struct Receiver<C, W, B> {
    sync: Synchronizer,
    randomizer: Randomizer,
    codec: C,
    window: W,
    /// The part of the window that holds octets.
    start: usize,
    end: usize,
    block: B,
    ordinal: u64,
    received: ReceiveTime,
    ended: bool,
}

impl<C: Copy, const W: usize, const B: usize> Receiver<C, [u8; W], [u8; B]> {
    /// A receiver with arrays of its own: fit for a `static`, and refused at compile time when an array is too small.
    ///
    /// # Errors
    /// When `W` or `B` is too small for `sync`.
    pub const fn new(sync: SyncConfig, randomizer: Randomizer, codec: C) -> Result<Self, StorageTooSmall> {
        match StorageTooSmall::check(&sync, W, B) {
            Ok(()) => Ok(Self::assemble(sync, randomizer, codec, [0; W], [0; B])),
            Err(error) => Err(error),
        }
    }
}

impl<'m, C: Copy> Receiver<C, &'m mut [u8], &'m mut [u8]> {
    /// A receiver over memory that stands apart: a `static` of zeros takes no flash, where a receiver with arrays of its own does.
    ///
    /// # Errors
    /// When `window` or `block` is too small for `sync`.
    pub const fn borrowing(
        sync: SyncConfig,
        randomizer: Randomizer,
        codec: C,
        window: &'m mut [u8],
        block: &'m mut [u8],
    ) -> Result<Self, StorageTooSmall> {
        match StorageTooSmall::check(&sync, window.len(), block.len()) {
            Ok(()) => Ok(Self::assemble(sync, randomizer, codec, window, block)),
            Err(error) => Err(error),
        }
    }
}

impl<C, W: AsRef<[u8]> + AsMut<[u8]>, B: AsRef<[u8]> + AsMut<[u8]>> Receiver<C, W, B> {
    /// A receiver over the caller's memory.
    ///
    /// # Errors
    /// When `window` or `block` is too small for `sync`.
    pub fn with_storage(
        sync: SyncConfig,
        randomizer: Randomizer,
        codec: C,
        window: W,
        block: B,
    ) -> Result<Self, StorageTooSmall> {
        StorageTooSmall::check(&sync, window.as_ref().len(), block.as_ref().len())?;
        Ok(Self::assemble(sync, randomizer, codec, window, block))
    }
}

impl<C, W, B> Receiver<C, W, B> {
    const fn assemble(sync: SyncConfig, randomizer: Randomizer, codec: C, window: W, block: B) -> Self {
        Self {
            sync: Synchronizer::new(sync),
            randomizer,
            codec,
            window,
            start: 0,
            end: 0,
            block,
            ordinal: 0,
            received: ReceiveTime(0),
            ended: false,
        }
    }

    /// What the synchronizer found so far.
    pub fn stats(&self) -> SyncStats {
        self.sync.stats()
    }
}

impl<C: FrameCodec, W: AsRef<[u8]> + AsMut<[u8]>, B: AsRef<[u8]> + AsMut<[u8]>> Receiver<C, W, B> {
    /// Take as much of `input` as fits and return how much that was. Call [`Self::pull`] until it is empty, then push the rest.
    pub fn push(&mut self, input: &[u8], received: ReceiveTime) -> usize {
        let window = self.window.as_mut();
        // What is held moves to the front only when it must: whoever pushes an octet at a time does not move it each time.
        let is_short = window.len().saturating_sub(self.end) < input.len();
        if is_short && self.start > 0 && self.start <= self.end && self.end <= window.len() {
            window.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.received = received;
        let free = window.get_mut(self.end..).unwrap_or_default();
        let len = free.len().min(input.len());
        let (Some(free), Some(input)) = (free.get_mut(..len), input.get(..len)) else { return 0 };
        free.copy_from_slice(input);
        self.end += len;
        len
    }

    /// Nothing will follow: let [`Self::pull`] deliver what it still can.
    pub fn finish(&mut self) {
        self.ended = true;
    }

    /// The next decoded frame; `None` asks for more input.
    ///
    /// # Errors
    /// When the codec takes blocks of another length than lie between two markers: the caller's mistake.
    pub fn pull(&mut self) -> Result<Option<ReceivedFrame<'_>>, BlockLength> {
        let Some((report, meta)) = self.decode_next()? else { return Ok(None) };
        let bytes = self.block.as_ref().get(..self.codec.frame_len()).unwrap_or_default();
        Ok(Some(ReceivedFrame { bytes, report, meta }))
    }

    /// The same, for whoever changes the frame in place: takes its protection off, for one (`ccsds_core::sdls`).
    ///
    /// # Errors
    /// As [`Self::pull`].
    pub fn pull_mut(&mut self) -> Result<Option<ReceivedFrameMut<'_>>, BlockLength> {
        let Some((report, meta)) = self.decode_next()? else { return Ok(None) };
        let bytes = self.block.as_mut().get_mut(..self.codec.frame_len()).unwrap_or_default();
        Ok(Some(ReceivedFrameMut { bytes, report, meta }))
    }

    /// Decode the next frame into the block.
    fn decode_next(&mut self) -> Result<Option<(BlockReport, FrameMeta)>, BlockLength> {
        loop {
            let window = self.window.as_ref().get(self.start..self.end).unwrap_or_default();
            let Step { advance, event } =
                if self.ended { self.sync.finish(window) } else { self.sync.poll(window) };
            let Some(event) = event else {
                self.start += advance;
                return Ok(None);
            };
            if let SyncEvent::Cadu(cadu) = event {
                let block_len = self.codec.block_len();
                let Some(block) = self.block.as_mut().get_mut(..block_len) else {
                    return Err(BlockLength { expected: block_len, actual: self.block.as_ref().len() });
                };
                align::extract(window, &cadu, self.sync.config(), self.randomizer, block);
                self.start += advance;
                let report = self.codec.decode(block)?;
                let meta = frame_meta(self.ordinal, &cadu, report, self.received);
                self.ordinal += 1;
                return Ok(Some((report, meta)));
            }
            self.start += advance;
        }
    }
}

/// A decoded frame and what is known about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReceivedFrame<'a> {
    /// The transfer frame.
    pub bytes: &'a [u8],
    /// What the channel code found, codeword by codeword.
    pub report: BlockReport,
    /// Where and how well it was received.
    pub meta: FrameMeta,
}

/// A decoded frame that may be changed in place, and what is known about it.
#[derive(Debug, Eq, PartialEq)]
pub struct ReceivedFrameMut<'a> {
    /// The transfer frame.
    pub bytes: &'a mut [u8],
    /// What the channel code found, codeword by codeword.
    pub report: BlockReport,
    /// Where and how well it was received.
    pub meta: FrameMeta,
}

/// Storage that is too small for the managed parameters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StorageTooSmall {
    /// The block cannot hold what lies between two markers.
    Block {
        /// Octets needed.
        needed: usize,
        /// Octets given.
        actual: usize,
    },
    /// The window cannot hold what the synchronizer must see at once.
    Window {
        /// Octets needed.
        needed: usize,
        /// Octets given.
        actual: usize,
    },
}

impl StorageTooSmall {
    const fn check(sync: &SyncConfig, window: usize, block: usize) -> Result<(), Self> {
        let needed = sync.block_bits().div_ceil(8);
        if block < needed {
            return Err(Self::Block { needed, actual: block });
        }
        let needed = sync.window_len();
        if window < needed {
            return Err(Self::Window { needed, actual: window });
        }
        Ok(())
    }
}

impl fmt::Display for StorageTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Block { needed, actual } => {
                write!(f, "a code block takes {needed} octets, storage has {actual}")
            }
            Self::Window { needed, actual } => {
                write!(f, "the window takes {needed} octets, storage has {actual}")
            }
        }
    }
}

impl core::error::Error for StorageTooSmall {}

/// What both drivers say of a frame.
pub(crate) fn frame_meta(
    ordinal: u64,
    cadu: &CaduLoc,
    report: BlockReport,
    received: ReceiveTime,
) -> FrameMeta {
    FrameMeta {
        ordinal,
        stream_bit: cadu.stream_bit,
        received,
        quality: FrameQuality {
            sync: cadu.sync,
            coding: report.quality(),
            asm_errors: cadu.asm_errors,
            inverted: cadu.inverted,
            ..FrameQuality::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::asm::Asm;
    use crate::codec::{Codeword, Uncoded};
    use crate::sync::SyncParameters;
    use ccsds_core::quality::{CodingQuality, SyncQuality};

    const FRAME_LEN: usize = 20;
    const CODEC: Uncoded = Uncoded { frame_len: FRAME_LEN };

    fn sync() -> SyncConfig {
        SyncConfig::new(SyncParameters::new(Asm::TM, 8 * (4 + FRAME_LEN))).unwrap()
    }

    fn stream(cadus: u8) -> Vec<u8> {
        (0..cadus).flat_map(|n| [&[0x1A, 0xCF, 0xFC, 0x1D][..], &[n; FRAME_LEN]].concat()).collect()
    }

    #[test]
    fn a_single_frame_comes_out_once_the_stream_is_known_to_end() {
        let (mut window, mut block) = ([0; 400], [0; FRAME_LEN]);
        let mut receiver =
            Receiver::borrowing(sync(), Randomizer::NONE, CODEC, &mut window, &mut block).unwrap();
        let octets = [&[0x55][..], &stream(1)].concat();
        assert_eq!(receiver.push(&octets, ReceiveTime(5)), octets.len());
        assert_eq!(receiver.pull(), Ok(None), "whether another marker follows is not known yet");
        receiver.finish();
        let frame = receiver.pull_mut().unwrap().unwrap();
        assert_eq!(frame.bytes, [0; FRAME_LEN]);
        assert_eq!((frame.meta.received, frame.meta.stream_bit), (ReceiveTime(5), 8));
        assert_eq!(receiver.pull(), Ok(None));
        assert_eq!((receiver.stats().cadus, receiver.stats().bits.pending), (1, 0));
    }

    /// Says that it corrected three symbols of every block.
    struct Correcting;

    impl FrameCodec for Correcting {
        fn block_len(&self) -> usize {
            FRAME_LEN
        }

        fn frame_len(&self) -> usize {
            FRAME_LEN
        }

        fn decode(&self, _block: &mut [u8]) -> Result<BlockReport, BlockLength> {
            let mut report = BlockReport::default();
            report.push(Codeword::Corrected { symbols: 3 });
            Ok(report)
        }
    }

    #[test]
    fn a_frame_tells_what_its_marker_and_the_code_told() {
        let mut octets: Vec<u8> = stream(3).iter().map(|octet| !octet).collect();
        octets[24] ^= 0b0010_0100;
        let (window, block) = ([0; 400], [0; FRAME_LEN]);
        let mut receiver =
            Receiver::with_storage(sync(), Randomizer::NONE, Correcting, window, block).unwrap();
        assert_eq!(receiver.push(&octets, ReceiveTime(0)), octets.len());
        receiver.finish();
        for asm_errors in [0, 2, 0] {
            let quality = receiver.pull().unwrap().unwrap().meta.quality;
            let coding = CodingQuality::Corrected { symbols: 3 };
            assert_eq!((quality.sync, quality.coding), (SyncQuality::Locked, coding));
            assert_eq!((quality.asm_errors, quality.inverted), (asm_errors, true));
        }
    }

    #[test]
    fn a_window_that_is_just_long_enough_holds_a_stream_of_any_length() {
        let window = vec![0; sync().window_len()];
        let mut receiver =
            Receiver::with_storage(sync(), Randomizer::NONE, CODEC, window, [0; FRAME_LEN]).unwrap();
        let octets = stream(100);
        let mut rest = &octets[..];
        let mut frames = 0;
        while !rest.is_empty() {
            let taken = receiver.push(rest, ReceiveTime(0));
            assert!(taken > 0, "{} octets are left", rest.len());
            rest = &rest[taken..];
            while receiver.pull().unwrap().is_some() {
                frames += 1;
            }
        }
        receiver.finish();
        while receiver.pull().unwrap().is_some() {
            frames += 1;
        }
        assert_eq!(frames, 100);
    }

    #[test]
    fn storage_of_just_the_length_needed_suffices_and_an_octet_less_does_not() {
        let needed = sync().window_len();
        let build = |window: usize, block: usize| {
            let (window, block) = (vec![0; window], vec![0; block]);
            Receiver::with_storage(sync(), Randomizer::NONE, CODEC, window, block).map(|_| ()).err()
        };
        for more in [0, 1, 100] {
            assert_eq!(build(needed + more, FRAME_LEN + more), None);
        }
        for actual in [0, 1, needed - 1] {
            assert_eq!(build(actual, FRAME_LEN), Some(StorageTooSmall::Window { needed, actual }));
        }
        for actual in [0, 1, FRAME_LEN - 1] {
            let error = StorageTooSmall::Block { needed: FRAME_LEN, actual };
            assert_eq!(build(needed, actual), Some(error));
        }
    }
}
