//! The `ccsds` crate of bmflynn: the whole chain and its parts.

use std::io::Cursor;
use std::sync::Arc;

use ccsds::framing::{
    DecodedFrame, DefaultDerandomizer, DefaultReedSolomon, FrameDecoder, decode_framed_packets,
    read_synchronized_blocks,
};

use crate::report::contest::Contest;
use crate::report::material::Recording;

/// Enter the whole chain with its own thread for reading and `threads` threads for decoding.
pub fn enter_chain(contest: &mut Contest, recording: &Recording, threads: usize) {
    let (octets, block_len) = (recording.octets.clone(), recording.code.block_len());
    let (interleave, packets) = (recording.code.interleave().depth() as u8, recording.packets);
    contest.peer("ccsds", octets.len(), move || {
        let decoded = decode(octets.clone(), block_len, interleave, threads as u32);
        assert_eq!(decode_framed_packets(decoded, 0, 0).count() as u64, packets);
    });
}

/// Enter the way from decoded frames to packets. It takes frames by value; the clone is part of what is timed.
pub fn enter_packets(contest: &mut Contest, recording: &Recording) {
    let (octets, block_len) = (recording.octets.clone(), recording.code.block_len());
    let (interleave, packets) = (recording.code.interleave().depth() as u8, recording.packets);
    let frames: Vec<_> = decode(octets, block_len, interleave, 1).collect();
    contest.peer("ccsds", frames.len() * recording.code.frame_len(), move || {
        assert_eq!(decode_framed_packets(frames.iter().cloned(), 0, 0).count() as u64, packets);
    });
}

fn decode(
    octets: Arc<[u8]>,
    block_len: usize,
    interleave: u8,
    threads: u32,
) -> impl Iterator<Item = DecodedFrame> + Send {
    let blocks = read_synchronized_blocks(Cursor::new(octets), block_len).filter_map(Result::ok);
    let decoder = FrameDecoder::new()
        .with_integrity(Box::new(DefaultReedSolomon::new(interleave)))
        .with_derandomization(Box::new(DefaultDerandomizer))
        .with_integrity_threads(threads);
    SendFrames(decoder.decode(blocks).filter_map(Result::ok).collect::<Vec<_>>().into_iter())
}

/// The crate's frames are not `Send` while they are decoded; its packet decoder wants them to be.
struct SendFrames(std::vec::IntoIter<DecodedFrame>);

impl Iterator for SendFrames {
    type Item = DecodedFrame;

    fn next(&mut self) -> Option<DecodedFrame> {
        self.0.next()
    }
}
