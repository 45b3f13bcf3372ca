//! The receive chain as a program that links with neither std, nor an allocator, nor a C library.
//!
//! All memory is static. The program encodes one frame, damages it, receives it again through `Receiver`, Reed-Solomon
//! correction and `VcBank`, and exits with 0 when the packet is back.
#![no_std]
#![no_main]

use core::arch::asm;
use core::panic::PanicInfo;

use ccsds_core::frame::{AosParameters, ChannelContent, FrameFormat};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::quality::{PacketQuality, ReceiveTime};
use ccsds_core::vc::{Channel, PacketAssembler, VcBank};
use frame_sync::asm::Asm;
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::Receiver;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};
use frame_sync::sync::{SyncConfig, SyncParameters};

const CODE: RsConfig = match RsConfig::new(RsE::E16, Interleave::I1, 0, Basis::Dual) {
    Ok(config) => config,
    Err(_) => panic!("illegal code"),
};
const SYNC: SyncConfig = match SyncConfig::new(SyncParameters::new(Asm::TM, 32 + CODE.block_len() * 8)) {
    Ok(config) => config,
    Err(_) => panic!("illegal synchronization"),
};
const FORMAT: FrameFormat = match FrameFormat::aos(AosParameters {
    frame_len: CODE.frame_len(),
    header_error_control: false,
    insert_zone: 0,
    ocf: ccsds_core::frame::OcfPresence::Absent,
    fecf: ccsds_core::fecf::Fecf::Absent,
}) {
    Ok(format) => format,
    Err(_) => panic!("illegal managed parameters"),
};
const CHANNEL: Channel = Channel {
    gvcid: Gvcid::new(Tfvn::Aos, Scid::new(42), Vcid::from_low_bits(5)),
    content: ChannelContent::Packets,
};

type Storage = Receiver<RsDecoder, [u8; SYNC.window_len()], [u8; CODE.block_len()]>;

fn receive_one_packet() -> Option<()> {
    const PACKET_LEN: usize = 215;
    let mut cadu = [0u8; 4 + CODE.block_len()];
    let (marker, block) = cadu.split_first_chunk_mut::<4>()?;
    *marker = [0x1A, 0xCF, 0xFC, 0x1D];
    let header = [0x4A, 0x85, 0, 0, 0, 0, 0, 0, 0x00, 0x64, 0xC0, 0x00, 0x00, (PACKET_LEN - 7) as u8];
    block.get_mut(..header.len())?.copy_from_slice(&header);
    RsEncoder::new(CODE).encode(block).ok()?;
    Randomizer::CCSDS_255.apply(block);
    *block.get_mut(17)? ^= 0xA5;

    let mut receiver = Storage::new(SYNC, Randomizer::CCSDS_255, RsDecoder::new(CODE)).ok()?;
    let mut bank = VcBank::new([CHANNEL], [const { PacketAssembler::new([0u8; 1024]) }]);
    receiver.push(&cadu, ReceiveTime(0));
    receiver.finish();
    let received = receiver.pull().ok()??;
    let frame = FORMAT.parse(received.bytes).ok()?;
    let mut packets = bank.push(&frame, &received.meta).ok()?;
    let packet = packets.next()?;
    (packet.bytes.len() == PACKET_LEN && packet.meta.quality == PacketQuality::CORRECTED).then_some(())
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: the kernel enters with an aligned stack; a called function expects it eight octets off.
    unsafe { asm!("and rsp, -16", "call {main}", main = sym main, options(noreturn)) }
}

extern "C" fn main() -> ! {
    exit(if receive_one_packet().is_some() { 0 } else { 1 })
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(101)
}

fn exit(code: i32) -> ! {
    // SAFETY: system call 60 ends the process and touches no memory.
    unsafe { asm!("syscall", in("rax") 60, in("rdi") code, options(noreturn)) }
}

/// The octet loops that the compiler may call; volatile, lest it turn them into calls of themselves.
mod memory {
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
        for i in 0..len {
            // SAFETY: the caller vouches for `len` octets on both sides.
            unsafe { to.add(i).write_volatile(from.add(i).read()) }
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
        if to.cast_const() < from {
            // SAFETY: copying upwards reads each octet before it is overwritten.
            return unsafe { memcpy(to, from, len) };
        }
        for i in (0..len).rev() {
            // SAFETY: the caller vouches for `len` octets on both sides.
            unsafe { to.add(i).write_volatile(from.add(i).read()) }
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memset(to: *mut u8, octet: i32, len: usize) -> *mut u8 {
        for i in 0..len {
            // SAFETY: the caller vouches for `len` octets.
            unsafe { to.add(i).write_volatile(octet as u8) }
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
        for i in 0..len {
            // SAFETY: the caller vouches for `len` octets on both sides.
            let (x, y) = unsafe { (a.add(i).read_volatile(), b.add(i).read_volatile()) };
            if x != y {
                return i32::from(x) - i32::from(y);
            }
        }
        0
    }
}
