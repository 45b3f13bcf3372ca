//! Reed-Solomon: encode a frame, damage it, correct it, and damage it beyond correction.

use ccsds_core::quality::CodingQuality;
use frame_sync::codec::{BlockLength, FrameCodec};
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};

const CODE: RsConfig = match RsConfig::new(RsE::E16, Interleave::I5, 0, Basis::Dual) {
    Ok(config) => config,
    Err(_) => panic!("illegal code"),
};

fn main() -> Result<(), BlockLength> {
    let mut block = [0; CODE.block_len()];
    for (octet, value) in block.iter_mut().zip(0..CODE.frame_len()) {
        *octet = value as u8;
    }
    RsEncoder::new(CODE).encode(&mut block)?;
    let sent = block;
    let decoder = RsDecoder::new(CODE);

    // A burst of 80 octets strikes each of the five codewords sixteen times: just what the code can bear.
    for octet in block.iter_mut().take(80) {
        *octet ^= 0xA5;
    }
    match decoder.decode(&mut block)?.quality() {
        CodingQuality::Corrected { symbols } if block == sent => println!("{symbols} symbols corrected"),
        other => println!("unexpected: {other:?}"),
    }

    // One more is too much for one codeword. It is left as it was received, and the report says so.
    for octet in block.iter_mut().take(81) {
        *octet ^= 0xA5;
    }
    match decoder.decode(&mut block)?.quality() {
        CodingQuality::Uncorrectable { codewords } => println!("{codewords} codeword beyond correction"),
        other => println!("unexpected: {other:?}"),
    }
    Ok(())
}
