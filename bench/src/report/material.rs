//! What the benchmarks work on: recordings from the simulator, code blocks, and damage to both.

use std::sync::Arc;

use ccsds_core::arch::Level;
use frame_sync::codec::{Codeword, FrameCodec};
use frame_sync::rs::{Basis, Interleave, RsConfig, RsConfigError, RsDecoder, RsE, RsEncoder};
use frame_sync::sync::{CaduLoc, SyncConfig, SyncEvent, Synchronizer};

use crate::sim::rng::Rng;
use crate::sim::{Fate, Fault, Impairments, LinkSpec, Pass, SpecError, When};

/// A recording of an AOS link with a Reed-Solomon code, and how much must come out of it.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The link.
    pub spec: LinkSpec,
    /// The synchronizer that fits.
    pub sync: SyncConfig,
    /// The code.
    pub code: RsConfig,
    /// The bits.
    pub octets: Arc<[u8]>,
    /// CADUs in it.
    pub cadus: usize,
    /// Packets that must come out whole.
    pub packets: u64,
}

impl Recording {
    /// `cadus` CADUs in the code of this depth.
    ///
    /// # Errors
    /// When the link cannot be simulated.
    pub fn simulate(
        interleave: Interleave,
        impairments: &Impairments,
        cadus: usize,
    ) -> Result<Self, SpecError> {
        let code = dual(RsE::E16, interleave).map_err(|_| SpecError::NoChannel)?;
        let mut spec = LinkSpec::aos_default();
        spec.frames.len = code.frame_len();
        spec.coding = Some(code);
        let sync = spec.sync_config()?;
        let pass = Pass::simulate(&spec, impairments, SEED, cadus)?;
        let packets = pass.truth.packets(Fate::Must);
        Ok(Self { spec, sync, code, octets: pass.octets.into(), cadus, packets })
    }

    /// `cadus` CADUs without an error in the code of depth 5: 1279 octets each.
    ///
    /// # Errors
    /// When the link cannot be simulated.
    pub fn clean(cadus: usize) -> Result<Self, SpecError> {
        Self::simulate(Interleave::I5, &Impairments::default(), cadus)
    }

    /// The same, shifted by three bits.
    ///
    /// # Errors
    /// When the link cannot be simulated.
    pub fn shifted(cadus: usize) -> Result<Self, SpecError> {
        let impairments = Impairments { lead_bits: 3, ..Impairments::default() };
        Self::simulate(Interleave::I5, &impairments, cadus)
    }

    /// The same, with so many wrong symbols in every codeword.
    ///
    /// # Errors
    /// When the link cannot be simulated.
    pub fn with_errors_in_every_codeword(cadus: usize, symbols: usize) -> Result<Self, SpecError> {
        let fault = Fault::SymbolErrors { per_codeword: symbols };
        Self::simulate(Interleave::I5, &Impairments::default().with(When::Always, fault), cadus)
    }

    /// Make every octet wrong with this probability, except those by which the lock is acquired, and the last marker: what
    /// follows it would decide.
    #[must_use]
    pub fn with_symbol_error_rate(&self, rate: f64) -> Self {
        let mut rng = Rng::new(SEED);
        let mut octets = self.octets.to_vec();
        let exempt = self.spec.marker.len();
        let last_marker = octets.len().saturating_sub(self.cadu_len());
        for (at, octet) in octets.iter_mut().enumerate().skip(self.cadu_len() + exempt) {
            if rng.chance(rate) && !(last_marker..last_marker + exempt).contains(&at) {
                *octet ^= error(&mut rng);
            }
        }
        Self { octets: octets.into(), ..self.clone() }
    }

    /// The recording again and again, `len` octets or a little more. Counts start anew at each seam, which costs the packets
    /// that were open there and no others.
    #[must_use]
    pub fn repeated(&self, len: usize) -> Self {
        let times = len.div_ceil(self.octets.len().max(1));
        Self {
            octets: self.octets.repeat(times).into(),
            cadus: self.cadus * times,
            packets: self.packets * times as u64,
            ..self.clone()
        }
    }

    /// Octets of a CADU.
    #[must_use]
    pub fn cadu_len(&self) -> usize {
        self.spec.cadu_bits() / 8
    }

    /// Where the CADUs are.
    #[must_use]
    pub fn locate(&self) -> Vec<CaduLoc> {
        let mut sync = Synchronizer::new(self.sync);
        let (mut spent, mut found) = (0, Vec::with_capacity(self.cadus));
        loop {
            let step = sync.finish(self.octets.get(spent..).unwrap_or_default());
            match step.event {
                Some(SyncEvent::Cadu(cadu)) => {
                    found.push(CaduLoc { offset: spent + cadu.offset, ..cadu });
                }
                Some(_) => {}
                None => return found,
            }
            spent += step.advance;
        }
    }

    /// The decoded frames end to end.
    #[must_use]
    pub fn frames(&self) -> Vec<u8> {
        let codec = RsDecoder::new(self.code);
        let mut frames = Vec::with_capacity(self.cadus * self.code.frame_len());
        let mut block = vec![0; self.code.block_len()];
        for cadu in self.locate() {
            frame_sync::align::extract(&self.octets, &cadu, &self.sync, self.spec.randomizer, &mut block);
            assert!(codec.decode(&mut block).is_ok_and(|report| report.codewords().all(is_codeword)));
            frames.extend_from_slice(block.get(..self.code.frame_len()).unwrap_or_default());
        }
        frames
    }
}

/// Code blocks end to end, and the same codewords one by one, as peers want them.
#[derive(Clone, Debug)]
pub struct Blocks {
    /// The code.
    pub code: RsConfig,
    /// Blocks as transmitted.
    pub octets: Vec<u8>,
    /// Codewords in the order in which the blocks hold them.
    pub words: Vec<[u8; 255]>,
    /// What became of all codewords together.
    pub tally: Tally,
}

/// What decoding many codewords found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Symbols corrected.
    pub symbols: u64,
    /// Codewords beyond correction.
    pub uncorrectable: u64,
}

impl Blocks {
    /// Random frames in the code, with `errors` wrong symbols in each codeword. They fit the first-level caches of most
    /// machines twice.
    #[must_use]
    pub fn new(code: RsConfig, errors: usize) -> Self {
        let depth = code.interleave().depth();
        let block_count = CODEWORDS / GROUP * (GROUP / depth);
        let mut rng = Rng::for_purpose(SEED, errors as u64);
        let mut octets = vec![0; block_count * code.block_len()];
        let encoder = RsEncoder::new(code);
        for block in octets.chunks_exact_mut(code.block_len()) {
            for octet in block.iter_mut() {
                *octet = rng.next_u64() as u8;
            }
            assert!(encoder.encode(block).is_ok());
            for index in 0..depth {
                damage(block, depth, index, errors, &mut rng);
            }
        }
        let words = octets.chunks_exact(code.block_len()).flat_map(|block| codewords(block, depth)).collect();
        let codeword_count = (block_count * depth) as u64;
        let tally = if errors > code.e().errors() {
            Tally { symbols: 0, uncorrectable: codeword_count }
        } else {
            Tally { symbols: errors as u64 * codeword_count, uncorrectable: 0 }
        };
        Self { code, octets, words, tally }
    }
}

/// A code in the dual basis without virtual fill.
///
/// # Errors
/// Never: the code exists.
pub const fn dual(e: RsE, interleave: Interleave) -> Result<RsConfig, RsConfigError> {
    RsConfig::new(e, interleave, 0, Basis::Dual)
}

/// The levels that this machine has, weakest first.
#[must_use]
pub fn levels() -> Vec<Level> {
    Level::ALL.into_iter().filter(|level| level.is_available()).collect()
}

/// Octets that no one foresees.
#[must_use]
pub fn random_octets(len: usize) -> Vec<u8> {
    let mut rng = Rng::new(SEED);
    std::iter::repeat_with(|| rng.next_u64() as u8).take(len).collect()
}

/// Make `errors` different symbols of one codeword wrong.
fn damage(block: &mut [u8], depth: usize, index: usize, errors: usize, rng: &mut Rng) {
    let mut symbols: Vec<&mut u8> = block.iter_mut().skip(index).step_by(depth).collect();
    for _ in 0..errors {
        if !symbols.is_empty() {
            *symbols.swap_remove(rng.index(symbols.len())) ^= error(rng);
        }
    }
}

fn is_codeword(codeword: Codeword) -> bool {
    codeword != Codeword::Uncorrectable
}

/// What turns an octet into any other.
const fn error(rng: &mut Rng) -> u8 {
    1 + rng.below(255) as u8
}

fn codewords(block: &[u8], depth: usize) -> impl Iterator<Item = [u8; 255]> {
    (0..depth).map(move |index| {
        let mut word = [0; 255];
        for (symbol, octet) in word.iter_mut().zip(block.iter().skip(index).step_by(depth)) {
            *symbol = *octet;
        }
        word
    })
}

const SEED: u64 = 0x1ACF_FC1D;
/// Codewords that a batch kernel takes at a time.
const GROUP: usize = 32;
/// Codewords in [`Blocks`], or a few less.
const CODEWORDS: usize = 8 * GROUP;
