//! Channel codes and checks, kernel against kernel and against crates by other authors.

use ccsds_core::arch::Level;
use ccsds_core::fecf::{Crc16, crc16, crc32};
use frame_sync::codec::{BlockReport, Codeword, DerandomizeAfter, FrameCodec};
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};

use crate::choices::{Choices, is_one_line};

/// A corrected codeword is one, and differs from what was received in as many symbols as reported; any other is untouched.
/// Every kernel level, alone and in a batch, says the same, and so do `fec` and `rs2`. What was sent comes back from as many errors
/// as the code corrects, and from twice as many erasures.
///
/// The first octets choose the code; then comes the block, either as it is or as errors added to the encoded frame.
pub fn rs_decode(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let e = choices.pick(&[RsE::E16, RsE::E8]);
    let depth = choices.pick(&[1, 2, 3, 4, 5, 8]);
    let fill = choices.below(223) as u8;
    let basis = choices.pick(&[Basis::Dual, Basis::Conventional]);
    let config = RsConfig::new(e, Interleave::from_depth(depth).unwrap(), fill, basis).unwrap();
    let encoded = choices.flag();

    let mut received = vec![0; config.block_len()];
    let mut sent = None;
    if encoded {
        let frame = choices.take(config.frame_len());
        received[..frame.len()].copy_from_slice(frame);
        RsEncoder::new(config).encode(&mut received).unwrap();
        sent = Some(received.clone());
        while !choices.is_empty() {
            let at = choices.below_wide(received.len());
            received[at] ^= choices.octet();
        }
    } else {
        for (octet, from) in received.iter_mut().zip(choices.rest()) {
            *octet = *from;
        }
    }

    let mut decoded = received.clone();
    let report = RsDecoder::with_level(config, Level::Scalar).unwrap().decode(&mut decoded).unwrap();
    check_report(config, &received, &decoded, report);
    for decoder in Level::ALL.into_iter().filter_map(|level| RsDecoder::with_level(config, level)) {
        check_level(decoder, &received, &decoded, report);
    }
    check_derandomized(config, &received, &decoded, report);
    if let Some(sent) = &sent {
        check_capacity(config, sent, &received, &decoded);
    }
    for index in 0..usize::from(depth) {
        let words = [&received, &decoded].map(|block| codeword(config, block, index));
        check_fec(config, &words, report.codewords().nth(index).unwrap());
    }
    if (e, depth, fill, basis) == (RsE::E16, 1, 0, Basis::Dual) {
        check_rs2(&received, &decoded, report);
    }
}

/// Checks of any octets: every level of the kernel, the tables, and the `crc` crate bit by bit say the same.
pub fn fecf(octets: &[u8]) {
    let check = crc::Crc::<u16, crc::NoTable>::new(&crc::CRC_16_IBM_3740).checksum(octets);
    assert_eq!(crc16(octets), check);
    for kernel in Level::ALL.into_iter().filter_map(Crc16::with_level) {
        for start in 0..octets.len().min(9) {
            // Any alignment; what comes before is let go.
            let expected = if start == 0 { check } else { crc16(&octets[start..]) };
            assert_eq!(kernel.checksum(&octets[start..]), expected, "{:?}", kernel.level());
        }
        assert_eq!(kernel.checksum(&[]), 0xFFFF);
    }
    // 732.1-B-3 §4.1.6: long division.
    let mut register = 0u32;
    for bit in octets.iter().flat_map(|octet| (0..8).rev().map(move |i| octet >> i & 1)) {
        let out = register >> 31 ^ u32::from(bit);
        register = (register << 1) ^ (out * 0x00A0_0805);
    }
    assert_eq!(crc32(octets), register);
    // A message with its own check leaves nothing.
    let mut whole = octets.to_vec();
    whole.extend(check.to_be_bytes());
    assert_eq!(crc16(&whole), 0);
}

fn check_report(config: RsConfig, received: &[u8], decoded: &[u8], report: BlockReport) {
    assert_eq!(report.codewords().count(), config.interleave().depth());
    for (index, found) in report.codewords().enumerate() {
        let changed = differences(config, received, decoded, index).len();
        match found {
            Codeword::Corrected { symbols } => {
                assert_eq!(changed, usize::from(symbols));
                assert!(changed <= config.e().errors());
            }
            Codeword::Uncorrectable => assert_eq!(changed, 0),
        }
    }
    let all_corrected = report.codewords().all(|codeword| codeword != Codeword::Uncorrectable);
    assert_eq!(RsDecoder::new(config).check(decoded).unwrap(), all_corrected);
    if all_corrected {
        let mut again = decoded.to_vec();
        RsEncoder::new(config).encode(&mut again).unwrap();
        assert_eq!(again, decoded, "what was corrected encodes to itself");
    }
}

/// A frame that was randomized before it was coded comes out clear, alone and in a batch; blocks of another length are refused.
fn check_derandomized(config: RsConfig, received: &[u8], decoded: &[u8], report: BlockReport) {
    let decoder = RsDecoder::new(config);
    let codec = DerandomizeAfter::new(&decoder, Randomizer::CCSDS_131071);
    assert_eq!((codec.block_len(), codec.frame_len()), (config.block_len(), config.frame_len()));
    assert_eq!(codec.blocks_at_once(), FrameCodec::blocks_at_once(&decoder));
    let mut clear = decoded.to_vec();
    Randomizer::CCSDS_131071.apply(&mut clear[..config.frame_len()]);
    let mut block = received.to_vec();
    assert_eq!(codec.decode(&mut block), Ok(report));
    assert!(block == clear);
    let mut batch = [received, decoded].concat();
    let mut reports = vec![BlockReport::UNCHECKED; 2];
    codec.decode_batch(&mut batch, &mut reports).unwrap();
    assert!(batch == [&clear[..], &clear].concat() && reports[0] == report);
    let long = codec.decode(&mut batch).unwrap_err();
    assert_eq!((long.expected, long.actual), (config.block_len(), batch.len()));
    assert!(is_one_line(&long));
    let erasures = decoder.decode_with_erasures(&mut block, &[config.block_len()]).unwrap_err();
    assert!(is_one_line(&erasures) && block == clear, "an erasure outside of the block changes nothing");
    let most = 255 - config.e().parity_symbols() - 1;
    for virtual_fill in [most, most + 1] {
        let fill = RsConfig::new(config.e(), config.interleave(), virtual_fill as u8, config.basis());
        assert_eq!(fill.is_ok(), virtual_fill <= most);
        assert!(fill.err().is_none_or(|error| is_one_line(&error)));
    }
}

/// A level, alone and among blocks of another kind.
fn check_level(decoder: RsDecoder, received: &[u8], decoded: &[u8], report: BlockReport) {
    let mut block = received.to_vec();
    assert_eq!(decoder.decode(&mut block), Ok(report), "{:?}", decoder.level());
    assert!(block == decoded, "{:?}", decoder.level());
    let mut batch = [received, decoded, received].concat();
    let mut reports = [BlockReport::UNCHECKED; 3];
    decoder.decode_batch(&mut batch, &mut reports).unwrap();
    assert!(batch == [decoded, decoded, decoded].concat(), "{:?} in a batch", decoder.level());
    assert_eq!((reports[0], reports[2]), (report, report));
}

/// What the code can do, it does.
fn check_capacity(config: RsConfig, sent: &[u8], received: &[u8], decoded: &[u8]) {
    let depth = config.interleave().depth();
    let mut erasures = Vec::new();
    for index in 0..depth {
        let wrong = differences(config, sent, received, index);
        if wrong.len() <= config.e().errors() {
            assert_eq!(codeword(config, sent, index), codeword(config, decoded, index));
        }
        if wrong.len() <= 2 * config.e().errors() {
            erasures.extend(wrong.into_iter().map(|symbol| symbol * depth + index));
        }
    }
    let mut filled = received.to_vec();
    RsDecoder::new(config).decode_with_erasures(&mut filled, &erasures).unwrap();
    for index in 0..depth {
        if differences(config, sent, received, index).len() <= 2 * config.e().errors() {
            assert_eq!(codeword(config, sent, index), codeword(config, &filled, index), "erasures");
        }
    }
}

/// `fec`, a translation of libcorrect. Beyond its capacity it may write into virtual fill, so only full codewords tell.
fn check_fec(config: RsConfig, [received, decoded]: &[Vec<u8>; 2], found: Codeword) {
    let e = config.e();
    let mut peer = fec::RsDecoder::new(0x187, (128 - e.errors()) as u8, 11, e.parity_symbols());
    let mut message = vec![0; received.len() - e.parity_symbols()];
    let theirs = match config.basis() {
        Basis::Conventional => {
            message.resize(255, 0);
            peer.decode(received, &mut message)
        }
        Basis::Dual => peer.decode_ccsds_dual(received, &mut message),
    };
    match (found, theirs) {
        (Codeword::Corrected { .. }, Ok(_)) => {
            let len = decoded.len() - e.parity_symbols();
            assert_eq!(message[..len], decoded[..len]);
        }
        (Codeword::Corrected { .. }, Err(error)) => panic!("fec does not correct it: {error:?}"),
        (Codeword::Uncorrectable, theirs) => assert!(theirs.is_err() || config.virtual_fill() > 0),
    }
}

/// `rs2` knows E = 16 in the dual basis without virtual fill and interleaving.
fn check_rs2(received: &[u8], decoded: &[u8], report: BlockReport) {
    let block: &[u8; 255] = received.first_chunk().unwrap();
    let theirs = rs2::correct_message(block);
    match (report.codewords().next(), theirs.state) {
        (Some(Codeword::Corrected { symbols: 0 }), rs2::RSState::Ok) => {}
        (Some(Codeword::Corrected { symbols }), rs2::RSState::Corrected(n)) => {
            assert_eq!(i64::from(symbols), i64::from(n));
            assert_eq!(theirs.message.as_deref(), Some(decoded));
        }
        (Some(Codeword::Uncorrectable), rs2::RSState::Ok | rs2::RSState::Corrected(_)) => {
            panic!("rs2 corrects what we do not")
        }
        (Some(Codeword::Uncorrectable), _) => {}
        (ours, _) => panic!("rs2 does not correct what we do: {ours:?}"),
    }
}

/// Symbols of a codeword in which two blocks differ.
fn differences(config: RsConfig, one: &[u8], other: &[u8], index: usize) -> Vec<usize> {
    let (one, other) = (codeword(config, one, index), codeword(config, other, index));
    one.iter().zip(&other).enumerate().filter(|(_, (a, b))| a != b).map(|(symbol, _)| symbol).collect()
}

/// One codeword of a block as transmitted: without virtual fill.
fn codeword(config: RsConfig, block: &[u8], index: usize) -> Vec<u8> {
    block.iter().skip(index).step_by(config.interleave().depth()).copied().collect()
}
