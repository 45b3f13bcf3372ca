//! From a transfer frame to a CADU: channel code, randomizer, marker, fill (131.0-B-6).

use frame_sync::codec::BlockLength;
use frame_sync::rs::RsEncoder;

use super::channel::CaduLayout;
use super::link::LinkSpec;

/// Makes CADUs.
#[derive(Clone, Debug)]
pub(super) struct Coder {
    marker: Vec<u8>,
    encoder: Option<RsEncoder>,
    /// One block's worth of the pseudo-random sequence.
    sequence: Vec<u8>,
    fill_len: usize,
}

impl Coder {
    pub(super) fn new(spec: &LinkSpec) -> Self {
        let mut sequence = vec![0; spec.block_len()];
        spec.randomizer.apply(&mut sequence);
        Self {
            marker: spec.marker.clone(),
            encoder: spec.coding.map(RsEncoder::new),
            sequence,
            fill_len: spec.fill_bits.div_ceil(8) as usize,
        }
    }

    pub(super) fn layout(spec: &LinkSpec) -> CaduLayout {
        CaduLayout {
            marker_len: spec.marker.len(),
            block_len: spec.block_len(),
            bits: spec.cadu_bits(),
            interleave: spec.coding.map_or(1, |code| code.interleave().depth()),
        }
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
