//! Transfer frame slicing (131.0-B-6 §8): the stream of frames cut into slices, each behind a marker of its own.

use frame_sync::randomizer::Randomizer;

use super::channel::{CaduLayout, Fault, Impairments, Medium};
use super::link::{LinkSpec, SpecError};
use super::truth::{Fate, Fates, Truth};
use super::{LineCode, Pass};

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
    /// The slices of a stream of sync-marked frames, each behind its marker; zeros complete the last one.
    pub fn cut<'a>(&'a self, stream: &'a [u8]) -> impl Iterator<Item = Vec<u8>> + 'a {
        stream.chunks(self.len.max(1)).map(|piece| {
            let mut slice = piece.to_vec();
            slice.resize(self.len, 0);
            self.randomizer.apply(&mut slice);
            let mut cadu = self.marker.clone();
            cadu.extend(slice);
            cadu
        })
    }
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
        let strikes_frames = |fault: &Fault| matches!(fault, Fault::Drop | Fault::Repeat);
        let (on_frames, on_slices) =
            impairments.faults.iter().cloned().partition(|(_, fault)| strikes_frames(fault));
        let plain = LinkSpec {
            randomizer: Randomizer::NONE,
            line_code: LineCode::NrzL,
            fill_bits: 0,
            coding: None,
            ..spec.clone()
        };
        let made = Impairments { faults: on_frames, ..Impairments::default() };
        let Self { octets, mut truth, .. } = Self::simulate(&plain, &made, seed, frames)?;
        let impairments = Impairments { faults: on_slices, ..impairments.clone() };
        impairments.check()?;
        let layout = CaduLayout {
            marker_len: slices.marker.len(),
            block_len: slices.len,
            bits: 8 * (slices.marker.len() + slices.len),
            interleave: 1,
        };
        let mut medium = Medium::new(layout, spec.line_code, &impairments, seed);
        let mut suffered = impairments.cut_head_bits > 0 || impairments.cut_tail_bits > 0;
        for (number, slice) in slices.cut(&octets).enumerate() {
            let arrival = medium.send(&slice);
            // Ahead of the first bit the level of a differential code is not known.
            let first = number == 0 && spec.line_code != LineCode::NrzL;
            suffered |= (arrival.touched && !first) || arrival.block_bit.is_none();
        }
        let bits = medium.recorder.bits().saturating_sub(impairments.cut_tail_bits);
        medium.recorder.close(bits);
        if suffered {
            doubt(&mut truth);
        }
        Ok(Self { octets: medium.recorder.take(), bits, truth })
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
