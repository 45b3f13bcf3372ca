//! The deterministic downlink: packets, frames, code blocks, CADUs, bits, and what happens to them on the way.
//!
//! ```text
//! packets ──▶ frames ──▶ coder ──▶ channel ──▶ octets
//!    └───────────┴─────────────────────┴─────▶ judge ──▶ truth
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`link`] | managed parameters of the sending side |
//! | [`packets`] | space packets and encapsulation packets of several processes |
//! | [`frames`] | TM, AOS and USLP frames of several virtual channels |
//! | [`channel`] | line code, noise, slips, losses |
//! | [`units`] | service data units that are no packets |
//! | [`security`] | protected frames |
//! | [`slices`] | frames in slices |
//! | [`truth`] | what must, may and must not come out, and the comparison with what did |
//! | [`rng`] | the only source of chance |

pub mod channel;
mod coder;
pub mod frames;
mod judge;
pub mod link;
pub mod packets;
pub mod rng;
pub mod security;
pub mod slices;
pub mod truth;
pub mod units;

use std::io;

use frame_sync::line::LineCode;

pub use self::channel::{Fault, Impairments, Place, When};
pub use self::frames::{FrameSpec, Protocol};
pub use self::link::{ChannelSpec, CodingSpec, IdleSpec, LinkSpec, SpecError, Tolerance};
pub use self::packets::{Lengths, PacketKind, SentPacket, Source};
pub use self::security::{Protection, Seal, SealPlace};
pub use self::slices::{SliceSpec, write_slices_to};
pub use self::truth::{Check, Fate, IdlePackets, Truth, Verdict};
pub use self::units::Payload;

use self::channel::Medium;
use self::coder::Coder;
use self::frames::Framer;
use self::judge::Judge;

/// A recording of a given number of frames, and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// The recording; zeros complete the last octet.
    pub octets: Vec<u8>,
    /// Bits of it.
    pub bits: u64,
    /// What was sent, and what became of it.
    pub truth: Truth,
}

impl Pass {
    /// Make `frames` frames and send them.
    ///
    /// # Errors
    /// When the link cannot be simulated.
    pub fn simulate(
        spec: &LinkSpec,
        impairments: &Impairments,
        seed: u64,
        frames: usize,
    ) -> Result<Self, SpecError> {
        let mut downlink = Downlink::with_judgement(spec, impairments, seed, true)?;
        for _ in 0..frames {
            downlink.step();
        }
        let bits = downlink.medium.recorder.bits().saturating_sub(impairments.cut_tail_bits);
        let (octets, truth) = downlink.close(bits);
        Ok(Self { octets, bits, truth })
    }
}

/// An endless recording in bounded memory, piece by piece.
///
/// Iterate over the pieces, then ask for the truth with [`Downlink::finish`]; or let [`Downlink::write_to`] do both.
#[derive(Clone, Debug)]
pub struct Downlink {
    framer: Framer,
    coders: Vec<Coder>,
    medium: Medium,
    judge: Judge,
    frames: u64,
    frame: Vec<u8>,
    cadu: Vec<u8>,
}

impl Downlink {
    /// A downlink that has sent nothing.
    ///
    /// # Errors
    /// When the link cannot be simulated.
    pub fn new(spec: &LinkSpec, impairments: &Impairments, seed: u64) -> Result<Self, SpecError> {
        Self::with_judgement(spec, impairments, seed, false)
    }

    fn with_judgement(
        spec: &LinkSpec,
        impairments: &Impairments,
        seed: u64,
        keep: bool,
    ) -> Result<Self, SpecError> {
        spec.check()?;
        impairments.check()?;
        let coders: Vec<Coder> = spec.codings().iter().map(Coder::new).collect();
        let layout = coders.first().map(Coder::layout).unwrap_or_default();
        Ok(Self {
            framer: Framer::new(spec, seed),
            medium: Medium::new(layout, spec.line_code, impairments, seed),
            judge: Judge::new(spec, coders.clone(), keep),
            coders,
            frames: 0,
            frame: Vec::new(),
            cadu: Vec::new(),
        })
    }

    /// Write `total_octets` octets and return the truth about them, which lists only packets that need not come out.
    ///
    /// # Errors
    /// What `out` reports; [`io::ErrorKind::InvalidInput`] when the impairments let nothing through.
    pub fn write_to(mut self, out: &mut impl io::Write, total_octets: u64) -> io::Result<Truth> {
        let mut barren = 0;
        while self.medium.recorder.bits() < total_octets * 8 {
            barren = if self.step() { 0 } else { barren + 1 };
            if barren > BARREN_FRAMES {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "the impairments let nothing through",
                ));
            }
            let ready = self.ready();
            if ready >= PIECE_LEN && (self.medium.recorder.forgotten() + ready as u64) < total_octets {
                out.write_all(self.medium.recorder.octets().get(..ready).unwrap_or_default())?;
                self.medium.recorder.forget(ready);
            }
        }
        let (rest, truth) = self.close(total_octets * 8);
        out.write_all(&rest)?;
        Ok(truth)
    }

    /// The truth about the pieces handed out, which lists only packets that need not come out.
    #[must_use]
    pub fn finish(self) -> Truth {
        let bits = self.medium.recorder.forgotten() * 8;
        self.close(bits).1
    }

    /// Make and send one frame; returns whether anything arrived.
    fn step(&mut self) -> bool {
        let before = self.medium.recorder.bits();
        self.judge.settle_early();
        let coding = (self.frames / LinkSpec::TURN % self.coders.len().max(1) as u64) as usize;
        // There is always a coding.
        let Some(coder) = self.coders.get(coding) else { return false };
        let sent = self.framer.next(coder.frame_len(), &mut self.frame);
        let copies = self.medium.copies(self.frames);
        self.frames += 1;
        self.judge.made(sent, copies, &self.framer.log);
        // A checked specification has frames of the code's length.
        if copies > 0 && coder.encode(&self.frame, &mut self.cadu).is_ok() {
            for copy in 1..=copies {
                let arrival = self.medium.send(&self.cadu, coder.layout());
                self.judge.aired(sent, coding, copy == copies, &self.cadu, arrival);
            }
        }
        self.judge.watch(&self.medium.recorder);
        self.medium.recorder.bits() > before
    }

    /// Octets at the front of the recording that are not needed any more.
    fn ready(&self) -> usize {
        let recorder = &self.medium.recorder;
        let needed = self.judge.needed_from(recorder) / 8;
        usize::try_from(needed.saturating_sub(recorder.forgotten())).unwrap_or(usize::MAX)
    }

    /// End the recording at bit `end`; what is left of it, and the truth.
    fn close(mut self, end: u64) -> (Vec<u8>, Truth) {
        self.medium.recorder.close(end);
        let judge = &mut self.judge;
        self.framer.finish(|channel, log| judge.log(channel, log));
        let truth = self.judge.finish(&self.medium.recorder, end);
        (self.medium.recorder.take(), truth)
    }
}

impl Iterator for Downlink {
    type Item = Vec<u8>;

    /// The next piece; `None` when the impairments let nothing through.
    fn next(&mut self) -> Option<Vec<u8>> {
        let mut barren = 0;
        while self.ready() < PIECE_LEN {
            barren = if self.step() { 0 } else { barren + 1 };
            if barren > BARREN_FRAMES {
                return None;
            }
        }
        let ready = self.ready();
        let piece = self.medium.recorder.octets().get(..ready).unwrap_or_default().to_vec();
        self.medium.recorder.forget(ready);
        Some(piece)
    }
}

/// Octets of a piece, at least.
const PIECE_LEN: usize = 1 << 16;
/// Frames in a row of which nothing arrives: nothing ever will.
const BARREN_FRAMES: u32 = 1 << 14;
