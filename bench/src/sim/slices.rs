//! Transfer frame slicing (131.0-B-6 §8): the stream of frames cut into slices, each behind a marker of its own.

use std::io;

use frame_sync::randomizer::Randomizer;

use super::channel::{Arrival, CaduLayout, Fault, Impairments, Medium};
use super::link::{LinkSpec, SpecError};
use super::truth::{Fate, Fates, Truth};
use super::{BARREN_FRAMES, Downlink, LineCode, PIECE_LEN, Pass};

/// How frames are sliced. The link says how they are made; its marker is the one in front of each frame.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SliceSpec {
    /// Octets of a slice.
    pub len: usize,
    /// The marker in front of each slice.
    pub marker: Vec<u8>,
    /// The pseudo-random sequence added to each slice.
    pub randomizer: Randomizer,
}

impl SliceSpec {
    /// A piece of a stream of sync-marked frames behind the marker of slices; zeros complete the last one.
    fn slice(&self, piece: &[u8]) -> Vec<u8> {
        let mut slice = piece.to_vec();
        slice.resize(self.len, 0);
        self.randomizer.apply(&mut slice);
        let mut cadu = self.marker.clone();
        cadu.extend(slice);
        cadu
    }

    const fn layout(&self) -> CaduLayout {
        let (marker_len, block_len) = (self.marker.len(), self.len);
        CaduLayout { marker_len, block_len, bits: 8 * (marker_len + block_len), interleave: 1 }
    }
}

/// Frames that become slices, and the slices on their way.
struct SliceDownlink {
    frames: Downlink,
    medium: Medium,
    slices: SliceSpec,
    line_code: LineCode,
    /// Slices sent.
    sent: u64,
    /// Whether any of them may not arrive as it was sent.
    suffered: bool,
}

impl SliceDownlink {
    fn new(
        spec: &LinkSpec,
        slices: &SliceSpec,
        impairments: &Impairments,
        seed: u64,
        keep: bool,
    ) -> Result<Self, SpecError> {
        let strikes_frames = |fault: &Fault| matches!(fault, Fault::Drop | Fault::Repeat);
        let (on_frames, on_slices) =
            impairments.faults.iter().cloned().partition(|(_, fault)| strikes_frames(fault));
        if !spec.others.is_empty() {
            return Err(SpecError::SlicesOfSeveral);
        }
        let plain = LinkSpec {
            randomizer: Randomizer::NONE,
            line_code: LineCode::NrzL,
            fill_bits: 0,
            coding: None,
            ..spec.clone()
        };
        let made = Impairments { faults: on_frames, ..Impairments::default() };
        let impairments = Impairments { faults: on_slices, ..impairments.clone() };
        impairments.check()?;
        Ok(Self {
            frames: Downlink::with_judgement(&plain, &made, seed, keep)?,
            medium: Medium::new(slices.layout(), spec.line_code, &impairments, seed),
            slices: slices.clone(),
            line_code: spec.line_code,
            sent: 0,
            suffered: impairments.cut_head_bits > 0 || impairments.cut_tail_bits > 0,
        })
    }

    /// Send one slice of the stream.
    fn send(&mut self, piece: &[u8]) {
        let Arrival { touched, block_bit, .. } =
            self.medium.send(&self.slices.slice(piece), self.slices.layout());
        // Ahead of the first bit the level of a differential code is not known.
        let first = self.sent == 0 && self.line_code != LineCode::NrzL;
        self.suffered |= (touched && !first) || block_bit.is_none();
        self.sent += 1;
    }

    /// The truth, if the recording holds so many whole slices.
    fn truth(self, whole: u64) -> Truth {
        let (_, mut truth) = self.frames.close(8 * whole * self.slices.len as u64);
        if self.suffered {
            doubt(&mut truth);
        }
        truth
    }

    /// Make frames until so many octets of them are there; `false` when there never will be.
    fn make(&mut self, octets: u64) -> bool {
        let mut barren = 0;
        while self.frames.medium.recorder.bits() < 8 * octets {
            barren = if self.frames.step() { 0 } else { barren + 1 };
            if barren > BARREN_FRAMES {
                return false;
            }
        }
        true
    }

    /// The next slice of the frames that were made, before it is randomized.
    fn piece(&self) -> Vec<u8> {
        let recorder = &self.frames.medium.recorder;
        let from = (self.sent * self.slices.len as u64).saturating_sub(recorder.forgotten());
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let rest = recorder.octets().get(from..).unwrap_or_default();
        rest.get(..self.slices.len).unwrap_or(rest).to_vec()
    }

    /// Forget what was sliced and judged.
    fn forget(&mut self) {
        let sliced = self.sent * self.slices.len as u64;
        let sliced = sliced.saturating_sub(self.frames.medium.recorder.forgotten());
        let len = self.frames.ready().min(usize::try_from(sliced).unwrap_or(usize::MAX));
        self.frames.medium.recorder.forget(len);
    }
}

/// Make frames without an end, slice them, and write `total_octets` octets of slices in bounded memory; returns the truth about them,
/// as [`Downlink::write_to`] does.
///
/// [`Pass::in_slices`] says what impairments strike.
///
/// # Errors
/// What `out` reports; [`io::ErrorKind::InvalidInput`] when the link cannot be simulated, or the impairments let nothing through.
pub fn write_slices_to(
    spec: &LinkSpec,
    slices: &SliceSpec,
    impairments: &Impairments,
    seed: u64,
    out: &mut impl io::Write,
    total_octets: u64,
) -> io::Result<Truth> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    let nothing = || invalid("the impairments let nothing through".to_owned());
    let mut downlink = SliceDownlink::new(spec, slices, impairments, seed, false)
        .map_err(|error| invalid(error.to_string()))?;
    let (total, bits) = (8 * total_octets, slices.layout().bits as u64);
    let (mut whole, mut barren) = (0, 0);
    while downlink.medium.recorder.bits() < total {
        let before = downlink.medium.recorder.bits();
        if before + bits <= total {
            if !downlink.make((downlink.sent + 1) * slices.len as u64) {
                return Err(nothing());
            }
            downlink.send(&downlink.piece());
            downlink.forget();
            whole = downlink.sent;
        } else {
            // Of a slice that is cut off nothing comes out: no frame is made for it.
            downlink.send(&[]);
        }
        barren = if downlink.medium.recorder.bits() > before { 0 } else { barren + 1 };
        if barren > BARREN_FRAMES {
            return Err(nothing());
        }
        let ready = downlink.medium.recorder.octets().len();
        if ready >= PIECE_LEN && downlink.medium.recorder.whole_bits() < total {
            out.write_all(downlink.medium.recorder.octets())?;
            downlink.medium.recorder.forget(ready);
        }
    }
    downlink.medium.recorder.close(total);
    out.write_all(&downlink.medium.recorder.take())?;
    Ok(downlink.truth(whole))
}

impl Pass {
    /// Make `frames` frames, slice them and send the slices.
    ///
    /// [`Fault::Drop`] and [`Fault::Repeat`] strike frames, everything else strikes slices; where any slice suffered, no packet is bound
    /// to come out, and none is bound not to.
    ///
    /// # Errors
    /// When the link cannot be simulated, or codes its frames.
    pub fn in_slices(
        spec: &LinkSpec,
        slices: &SliceSpec,
        impairments: &Impairments,
        seed: u64,
        frames: usize,
    ) -> Result<Self, SpecError> {
        let mut downlink = SliceDownlink::new(spec, slices, impairments, seed, true)?;
        for _ in 0..frames {
            downlink.frames.step();
        }
        let made = downlink.frames.medium.recorder.bits() / 8;
        while downlink.sent * (slices.len as u64) < made {
            downlink.send(&downlink.piece());
        }
        let recorder = &mut downlink.medium.recorder;
        let bits = recorder.bits().saturating_sub(impairments.cut_tail_bits);
        recorder.close(bits);
        let octets = recorder.take();
        // What completes the last slice belongs to no frame.
        let truth = downlink.truth(made.div_ceil(slices.len.max(1) as u64));
        Ok(Self { octets, bits, truth })
    }
}

/// Whatever was bound to come out need not.
fn doubt(truth: &mut Truth) {
    let open = |fates: &mut Fates| *fates = Fates { may: fates.total(), ..Fates::default() };
    for channel in &mut truth.channels {
        channel.counts_are_exact = false;
        open(&mut channel.frames.fates);
        open(&mut channel.packet_fates);
        open(&mut channel.idle_fates);
        for packet in &mut channel.packets {
            packet.fate = Fate::May;
        }
    }
    // The places of CADUs are those of frames in the stream that was sliced.
    truth.cadus.clear();
}
