//! The receive chain as firmware has it: a receiver and packet assemblers in a `static`, no allocator anywhere in the chain.

use std::sync::{Mutex, PoisonError};

use ccsds_core::fecf::{Fecf, crc16};
use ccsds_core::frame::{AosParameters, ChannelContent, FrameFormat, OcfPresence};
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
const CHANNEL: Gvcid = Gvcid::new(Tfvn::Aos, Scid::new(42), Vcid::from_low_bits(1));

const FORMAT: FrameFormat = match FrameFormat::aos(AosParameters {
    frame_len: FRAME_LEN,
    header_error_control: false,
    insert_zone: 0,
    ocf: OcfPresence::Absent,
    fecf: Fecf::Crc16,
}) {
    Ok(format) => format,
    Err(_) => panic!("illegal managed parameters"),
};

struct Station {
    receiver: Receiver<Uncoded, [u8; 5 * CADU_LEN], [u8; FRAME_LEN]>,
    bank: VcBank<[u8; 256], 1>,
}

/// Too little memory, or an impossible link, does not build.
static STATION: Mutex<Station> = Mutex::new(Station {
    receiver: match SyncConfig::new(SyncParameters::new(Asm::TM, 8 * CADU_LEN)) {
        Ok(sync) => match Receiver::new(sync, Randomizer::CCSDS_255, Uncoded { frame_len: FRAME_LEN }) {
            Ok(receiver) => receiver,
            Err(_) => panic!("too little memory"),
        },
        Err(_) => panic!("illegal synchronization"),
    },
    bank: VcBank::new(
        [Channel { gvcid: CHANNEL, content: ChannelContent::Packets }],
        [PacketAssembler::new([0; 256])],
    ),
});

fn main() -> Result<(), BlockLength> {
    let mut station = STATION.lock().unwrap_or_else(PoisonError::into_inner);
    let Station { receiver, bank } = &mut *station;
    for count in 0..10 {
        // What an interrupt handler would do with the octets that the demodulator gives it.
        let cadu = transmit(count);
        receiver.push(&cadu, ReceiveTime(count.into()));
        if count == 9 {
            receiver.finish();
        }
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
    println!("{} bytes of memory in all", size_of::<Station>());
    Ok(())
}

/// The spacecraft: each frame holds one packet of 54 octets, as long as its packet zone.
fn transmit(count: u8) -> [u8; CADU_LEN] {
    let mut cadu = [0; CADU_LEN];
    let header = [0x4A, 0x81, 0, 0, count, 0, 0, 0, 0x00, 0x07, 0xC0, count, 0, 47];
    for (octet, value) in cadu.iter_mut().zip([0x1A, 0xCF, 0xFC, 0x1D].into_iter().chain(header)) {
        *octet = value;
    }
    let [_, _, _, _, frame @ ..] = &mut cadu;
    let [body @ .., a, b] = frame;
    [*a, *b] = crc16(body).to_be_bytes();
    Randomizer::CCSDS_255.apply(frame);
    cadu
}
