//! Protected frames through both drivers: the chain of firmware, and the pipeline of a host on any number of threads.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use ccsds_core::fecf::{Fecf, crc16};
use ccsds_core::frame::{AosParameters, ChannelContent, FrameFormat};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::ledger::SecurityLedger;
use ccsds_core::quality::{FrameMeta, ReceiveTime};
use ccsds_core::sdls::{
    self, Decryptor, KeyedAssociation, Sdls, SecuredChannels, SecurityAlgorithm, SecurityAssociation,
    SecurityKey, SecurityParameters, SecurityService, Spi,
};
use ccsds_core::vc::{Channel, PacketAssembler, VcBank};
use frame_sync::asm::Asm;
use frame_sync::codec::Uncoded;
use frame_sync::pipeline::FramePipeline;
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::Receiver;
use frame_sync::slab::FrameSlab;
use frame_sync::sync::{SyncConfig, SyncParameters};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

const DATA_LEN: usize = 40;
const HEADER_LEN: usize = 6 + 2 + 12;
const FRAME_LEN: usize = HEADER_LEN + DATA_LEN + 16 + 2;
const KEY: [u8; 32] = [0x3C; 32];
const SYNC: SyncConfig = match SyncConfig::new(SyncParameters::new(Asm::TM, 32 + 8 * FRAME_LEN)) {
    Ok(config) => config,
    Err(_) => panic!("illegal synchronization"),
};
const FORMAT: FrameFormat = match FrameFormat::aos(AosParameters {
    frame_len: FRAME_LEN,
    header_error_control: false,
    insert_zone: 0,
    ocf: ccsds_core::frame::OcfPresence::Absent,
    fecf: Fecf::Crc16,
}) {
    Ok(format) => format,
    Err(_) => panic!("illegal frames"),
};
const VC5: Gvcid = Gvcid::new(Tfvn::Aos, Scid::new(42), Vcid::from_low_bits(5));

/// The association is a constant: parameters that are illegal do not build.
const ASSOCIATION: SecurityAssociation = match SecurityAssociation::new(SecurityParameters {
    spi: Spi::new(7),
    channels: SecuredChannels::one(VC5),
    service: SecurityService::AuthenticatedEncryption,
    iv_len: 12,
    sequence_number_len: 0,
    pad_length_len: 0,
    mac_len: 16,
}) {
    Ok(association) => association,
    Err(_) => panic!("illegal association"),
};

type Keys = Sdls<[KeyedAssociation<[u8; 0]>; 1], [u8; 0]>;

fn keys() -> Keys {
    let key = SecurityKey::new(&KEY).unwrap();
    let keyed = KeyedAssociation::new(ASSOCIATION, SecurityAlgorithm::AesGcm, key, [], 20).unwrap();
    Sdls::new([keyed])
}

/// A CADU whose frame holds one packet, protected by another author's cipher; `count` goes into the frame and the vector.
fn cadu(count: u8) -> Vec<u8> {
    let mut frame = vec![0x4A, 0x85, 0, 0, count, 0, 0, 7];
    let iv = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, count];
    frame.extend(iv);
    let mut data = vec![0, 0, 0x00, 0x64, 0xC0, count, 0, (DATA_LEN - 2 - 7) as u8];
    data.resize(DATA_LEN, count);
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY).unwrap());
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(&frame), &mut data).unwrap();
    frame.extend(data);
    frame.extend(tag.as_ref());
    transmit(frame)
}

fn transmit(mut frame: Vec<u8>) -> Vec<u8> {
    let check = crc16(&frame).to_be_bytes();
    frame.extend(check);
    Randomizer::CCSDS_255.apply(&mut frame);
    [vec![0x1A, 0xCF, 0xFC, 0x1D], frame].concat()
}

/// Sixty frames; one comes again much later, one is forged with a valid check.
fn stream() -> Vec<u8> {
    let mut stream: Vec<u8> = (0..40).flat_map(cadu).collect();
    stream.extend(cadu(11));
    let mut forged = cadu(40);
    Randomizer::CCSDS_255.apply(&mut forged[4..]);
    forged[4 + HEADER_LEN + 3] ^= 1;
    forged.truncate(4 + FRAME_LEN - 2);
    stream.extend(transmit(forged.split_off(4)));
    stream.extend((40..60).flat_map(cadu));
    stream
}

/// What came out: the sequence counts of the packets, and what became of the frames.
#[derive(Debug, Default, PartialEq)]
struct Answer {
    packets: Vec<u8>,
    ledger: SecurityLedger,
}

impl Answer {
    fn take(
        &mut self,
        bytes: &mut [u8],
        mut meta: FrameMeta,
        decryptor: &mut dyn Decryptor,
        bank: &mut VcBank<[u8; 64], 1>,
    ) {
        meta.quality.fecf = FORMAT.check_fecf(bytes);
        let place = FORMAT.parse(bytes).unwrap().data_place();
        let (frame, opened) = sdls::open(&FORMAT, decryptor, bytes, &meta).unwrap();
        self.ledger.record(&place, &opened);
        let Ok(mut packets) = bank.push(&frame, &meta) else { return };
        while let Some(packet) = packets.next() {
            assert!(packet.meta.quality.is_good());
            self.packets.push(packet.bytes[3]);
        }
    }
}

fn bank() -> VcBank<[u8; 64], 1> {
    let channel = Channel { gvcid: VC5, content: ChannelContent::Packets };
    VcBank::new([channel], [PacketAssembler::new([0; 64])])
}

fn of_firmware(stream: &[u8]) -> Answer {
    let mut receiver: Receiver<_, [u8; SYNC.window_len()], [u8; FRAME_LEN]> =
        Receiver::new(SYNC, Randomizer::CCSDS_255, Uncoded { frame_len: FRAME_LEN }).unwrap();
    let (mut keys, mut bank, mut answer) = (keys(), bank(), Answer::default());
    let mut rest = stream;
    loop {
        let taken = receiver.push(&rest[..rest.len().min(13)], ReceiveTime(0));
        rest = &rest[taken..];
        if rest.is_empty() {
            receiver.finish();
        }
        while let Some(received) = receiver.pull_mut().unwrap() {
            answer.take(received.bytes, received.meta, &mut keys, &mut bank);
        }
        if rest.is_empty() {
            return answer;
        }
    }
}

fn of_pipeline(stream: &[u8], threads: usize) -> Answer {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut pipeline = FramePipeline::new(SYNC, Randomizer::CCSDS_255, Uncoded { frame_len: FRAME_LEN });
    let (mut keys, mut bank, mut answer) = (keys(), bank(), Answer::default());
    let take = |slab: &FrameSlab| {
        // Frames come in the order of the stream, whichever thread brings them.
        for frame in slab.frames() {
            answer.take(&mut frame.bytes.to_vec(), frame.meta, &mut keys, &mut bank);
        }
    };
    pool.install(|| pipeline.finish_each(stream, ReceiveTime(0), take)).unwrap();
    answer
}

#[test]
fn protected_frames_give_the_same_in_firmware_and_on_any_number_of_threads() {
    let stream = stream();
    let expected = of_firmware(&stream);
    assert_eq!(expected.packets, (0..60).collect::<Vec<u8>>());
    let ledger = expected.ledger;
    assert_eq!((ledger.opened, ledger.replayed, ledger.bad_mac, ledger.frames()), (60, 1, 1, 62));
    assert_eq!(ledger.octets(), 62 * (FRAME_LEN - 6 - 2) as u64);
    for threads in 1..=4 {
        assert_eq!(of_pipeline(&stream, threads), expected, "{threads} threads");
    }
}
