//! The receive chain as firmware has it: receiver and packet assembler in a `static`, no allocator anywhere in the chain.

use std::sync::{Mutex, PoisonError};

use ccsds_core::fecf::{Fecf, crc16};
use ccsds_core::frame::{ChannelContent, FrameFormat, OcfPresence, SecondaryHeader, TmParameters};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::quality::ReceiveTime;
use ccsds_core::vc::{Channel, PacketAssembler, VcBank};
use frame_sync::asm::Asm;
use frame_sync::codec::{BlockLength, Uncoded};
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::Receiver;
use frame_sync::sync::{SyncConfig, SyncParameters};

const FRAME_LEN: usize = 64;
const CADU_LEN: usize = 4 + FRAME_LEN;
const CHANNEL: Gvcid = Gvcid::new(Tfvn::Tm, Scid::new(42), Vcid::from_low_bits(1));

const FORMAT: FrameFormat = match FrameFormat::tm(TmParameters {
    frame_len: FRAME_LEN,
    secondary_header: SecondaryHeader::Flagged,
    ocf: OcfPresence::Flagged,
    fecf: Fecf::Crc16,
}) {
    Ok(format) => format,
    Err(_) => panic!("illegal managed parameters"),
};

/// Too little memory, or an impossible link, does not build.
static RECEIVER: Mutex<Receiver<Uncoded, [u8; 5 * CADU_LEN], [u8; FRAME_LEN]>> =
    Mutex::new(match SyncConfig::new(SyncParameters::new(Asm::TM, 8 * CADU_LEN)) {
        Ok(sync) => match Receiver::new(sync, Randomizer::CCSDS_255, Uncoded { frame_len: FRAME_LEN }) {
            Ok(receiver) => receiver,
            Err(_) => panic!("too little memory"),
        },
        Err(_) => panic!("illegal synchronization"),
    });

static BANK: Mutex<VcBank<[u8; 256], 1>> = Mutex::new(VcBank::new(
    [Channel { gvcid: CHANNEL, content: ChannelContent::Packets }],
    [PacketAssembler::new([0; 256])],
));

fn main() -> Result<(), BlockLength> {
    let mut receiver = RECEIVER.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bank = BANK.lock().unwrap_or_else(PoisonError::into_inner);
    for count in 0..10 {
        // What an interrupt handler would do with the octets that the demodulator gives it.
        receiver.push(&transmit(count), ReceiveTime(count.into()));
        while let Some(received) = receiver.pull()? {
            let mut meta = received.meta;
            meta.quality.fecf = FORMAT.check_fecf(received.bytes);
            let Ok(frame) = FORMAT.parse(received.bytes) else { continue };
            let Ok(mut packets) = bank.push(&frame, &meta) else { continue };
            while let Some(packet) = packets.next() {
                println!(
                    "packet of {} octets, begun in frame {}",
                    packet.bytes.len(),
                    packet.meta.first_frame
                );
            }
        }
    }
    Ok(())
}

/// The spacecraft: each frame holds one packet of 56 octets, as long as its data field.
fn transmit(count: u8) -> [u8; CADU_LEN] {
    let mut cadu = [0; CADU_LEN];
    let marker_and_headers =
        [0x1A, 0xCF, 0xFC, 0x1D, 0x02, 0xA2, count, count, 0x18, 0, 0, 7, 0xC0, count, 0, 49];
    cadu.iter_mut().zip(marker_and_headers).for_each(|(octet, value)| *octet = value);
    let [_, _, _, _, frame @ ..] = &mut cadu;
    let [body @ .., a, b] = frame;
    [*a, *b] = crc16(body).to_be_bytes();
    Randomizer::CCSDS_255.apply(frame);
    cadu
}
