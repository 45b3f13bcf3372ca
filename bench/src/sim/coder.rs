//! From a transfer frame to a CADU: channel code, randomizer, marker, fill (131.0-B-6).

use frame_sync::codec::BlockLength;
use frame_sync::rs::{RsConfig, RsEncoder};

use super::channel::CaduLayout;
use super::link::CodingSpec;

/// Makes CADUs of one coding.
#[derive(Clone, Debug)]
pub(super) struct Coder {
    marker: Vec<u8>,
    encoder: Option<RsEncoder>,
    /// One block's worth of the pseudo-random sequence.
    sequence: Vec<u8>,
    fill_len: usize,
    layout: CaduLayout,
    frame_len: usize,
    correctable: Option<u16>,
}

impl Coder {
    pub(super) fn new(coding: &CodingSpec) -> Self {
        let mut sequence = vec![0; coding.block_len()];
        coding.randomizer.apply(&mut sequence);
        Self {
            marker: coding.marker.clone(),
            encoder: coding.coding.map(RsEncoder::new),
            sequence,
            fill_len: coding.fill_bits.div_ceil(8) as usize,
            layout: CaduLayout {
                marker_len: coding.marker.len(),
                block_len: coding.block_len(),
                bits: coding.cadu_bits(),
                interleave: coding.coding.map_or(1, |code| code.interleave().depth()),
            },
            frame_len: coding.frame_len,
            correctable: coding.coding.map(|code: RsConfig| code.e().errors() as u16),
        }
    }

    /// How the bits of its CADUs are arranged.
    pub(super) const fn layout(&self) -> CaduLayout {
        self.layout
    }

    /// Octets of its frames.
    pub(super) const fn frame_len(&self) -> usize {
        self.frame_len
    }

    /// Symbol errors that a codeword survives; `None` without a code.
    pub(super) const fn correctable(&self) -> Option<u16> {
        self.correctable
    }

    /// Make the CADU of `frame`.
    pub(super) fn encode(&self, frame: &[u8], cadu: &mut Vec<u8>) -> Result<(), BlockLength> {
        cadu.clear();
        cadu.extend_from_slice(&self.marker);
        cadu.extend_from_slice(frame);
        cadu.resize(self.marker.len() + self.sequence.len(), 0);
        let block = cadu.get_mut(self.marker.len()..).unwrap_or_default();
        if let Some(encoder) = self.encoder {
            encoder.encode(block)?;
        }
        for (octet, random) in block.iter_mut().zip(&self.sequence) {
            *octet ^= random;
        }
        cadu.resize(cadu.len() + self.fill_len, 0xAA);
        Ok(())
    }

    /// Take the pseudo-random sequence off a block again.
    pub(super) fn derandomize(&self, block: &mut [u8]) {
        for (octet, random) in block.iter_mut().zip(&self.sequence) {
            *octet ^= random;
        }
    }
}
