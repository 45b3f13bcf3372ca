//! Channel codes.

use frame_sync::codec::{Codeword, FrameCodec};
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};

use crate::Choices;

/// A corrected codeword is one, and differs from what was received in as many symbols as reported; any other is untouched.
///
/// The first octets choose the code; then comes the block, either as it is or as errors added to the encoded frame.
pub fn rs_decode(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let e = [RsE::E16, RsE::E8][choices.below(2)];
    let depth = [1, 2, 3, 4, 5, 8][choices.below(6)];
    let fill = choices.below(223) as u8;
    let basis = [Basis::Dual, Basis::Conventional][choices.below(2)];
    let config = RsConfig::new(e, Interleave::from_depth(depth).unwrap(), fill, basis).unwrap();
    let encoded = choices.below(2) == 1;

    let mut received = vec![0; config.block_len()];
    if encoded {
        let frame = choices.take(config.frame_len());
        received[..frame.len()].copy_from_slice(frame);
        RsEncoder::new(config).encode(&mut received).unwrap();
        while !choices.is_empty() {
            let at = (choices.below(256) << 8 | choices.below(256)) % received.len();
            received[at] ^= choices.octet();
        }
    } else {
        for (octet, from) in received.iter_mut().zip(choices.rest()) {
            *octet = *from;
        }
    }

    let decoder = RsDecoder::new(config);
    let mut decoded = received.clone();
    let report = decoder.decode(&mut decoded).unwrap();
    assert_eq!(report.codewords().count(), usize::from(depth));
    for (index, codeword) in report.codewords().enumerate() {
        let symbols =
            |block: &[u8]| block.iter().skip(index).step_by(depth.into()).copied().collect::<Vec<u8>>();
        let (before, after) = (symbols(&received), symbols(&decoded));
        let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        match codeword {
            Codeword::Corrected { symbols } => {
                assert_eq!(changed, usize::from(symbols));
                assert!(changed <= config.e().errors());
            }
            Codeword::Uncorrectable => assert_eq!(changed, 0),
        }
    }
    let all_corrected = report.codewords().all(|codeword| codeword != Codeword::Uncorrectable);
    assert_eq!(decoder.check(&decoded).unwrap(), all_corrected);
}
