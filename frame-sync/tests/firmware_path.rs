//! The path of firmware: an interrupt fills a queue, the main loop empties it into a receiver in static memory.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail so; constants are evaluated at compile time"
)]

use ccsds_core::frame::{AosParameters, ChannelContent, FrameFormat};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::quality::ReceiveTime;
use ccsds_core::vc::{Channel, PacketAssembler, VcBank};
use frame_sync::asm::Asm;
use frame_sync::codec::Uncoded;
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::{Receiver, StorageTooSmall};
use frame_sync::sync::{SyncConfig, SyncParameters};
use heapless::spsc::Queue;

const FRAME_LEN: usize = 64;
const SYNC: SyncConfig = match SyncConfig::new(SyncParameters::new(Asm::TM, 32 + 8 * FRAME_LEN)) {
    Ok(config) => config,
    Err(_) => panic!("illegal synchronization"),
};
const VC5: Channel = Channel {
    gvcid: Gvcid::new(Tfvn::Aos, Scid::new(42), Vcid::from_low_bits(5)),
    content: ChannelContent::Packets,
};

type Station = Receiver<Uncoded, [u8; SYNC.window_len()], [u8; FRAME_LEN]>;

/// Built at compile time: storage that is too small would not compile.
const STATION: Station = match Station::new(SYNC, Randomizer::CCSDS_255, Uncoded { frame_len: FRAME_LEN }) {
    Ok(station) => station,
    Err(_) => panic!("storage too small"),
};

/// A CADU with one packet that fills its frame.
fn cadu(count: u8) -> Vec<u8> {
    let mut frame =
        vec![0x4A, 0x85, 0, 0, count, 0, 0, 0, 0x00, 0x64, 0xC0, count, 0, (FRAME_LEN - 8 - 7) as u8];
    frame.resize(FRAME_LEN, count);
    Randomizer::CCSDS_255.apply(&mut frame);
    [vec![0x1A, 0xCF, 0xFC, 0x1D], frame].concat()
}

#[test]
fn packets_come_through_a_queue_and_static_memory() {
    let format =
        FrameFormat::aos(AosParameters { frame_len: FRAME_LEN, ..AosParameters::default() }).unwrap();
    let stream: Vec<u8> = (0..20).flat_map(cadu).collect();
    let mut line = stream.iter();

    let mut queue: Queue<u8, 32> = Queue::new();
    let (mut interrupt, mut main) = queue.split();
    let mut station = STATION;
    let mut bank = VcBank::new([VC5], [PacketAssembler::new([0; 128])]);
    let mut sequence = Vec::new();
    loop {
        // The interrupt takes what the line offers while the queue has room; here it is called often enough.
        while interrupt.ready() && line.len() > 0 {
            interrupt.enqueue(*line.next().unwrap()).unwrap();
        }
        let Some(octet) = main.dequeue() else { break };
        assert_eq!(station.push(&[octet], ReceiveTime(0)), 1);
        while let Some(received) = station.pull().unwrap() {
            let frame = format.parse(received.bytes).unwrap();
            let mut packets = bank.push(&frame, &received.meta).unwrap();
            while let Some(packet) = packets.next() {
                sequence.push(packet.bytes.get(3).copied());
            }
        }
    }
    station.finish();
    while let Some(received) = station.pull().unwrap() {
        let frame = format.parse(received.bytes).unwrap();
        let _ = bank.push(&frame, &received.meta).unwrap();
    }
    assert_eq!(sequence, (0..sequence.len() as u8).map(Some).collect::<Vec<_>>());
    let [assembler] = bank.assemblers();
    assert_eq!(assembler.packets().packets, 20);
}

#[test]
fn storage_that_is_too_small_is_refused() {
    let codec = Uncoded { frame_len: FRAME_LEN };
    let window = Receiver::<_, [u8; 100], [u8; FRAME_LEN]>::new(SYNC, Randomizer::NONE, codec).unwrap_err();
    assert_eq!(window, StorageTooSmall::Window { needed: SYNC.window_len(), actual: 100 });
    let block = Receiver::<_, [u8; 400], [u8; 9]>::new(SYNC, Randomizer::NONE, codec).unwrap_err();
    assert_eq!(block, StorageTooSmall::Block { needed: FRAME_LEN, actual: 9 });
}
