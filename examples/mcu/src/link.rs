//! Managed parameters of the link, checked at compile time, and the memory that the chain takes.

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{ChannelContent, FrameFormat, OcfPresence, SecondaryHeader, TmParameters};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::quality::ReceiveTime;
use ccsds_core::vc::{Channel, PacketAssembler, VcBank};
use decom::row::{Decoder, RowSink, Sample};
use decom::value::Value;
use frame_sync::asm::Asm;
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::Receiver;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE};
use frame_sync::sync::{SyncConfig, SyncParameters};

use crate::answer::{Answer, fnv};
use crate::local::Local;
use crate::parameters::APID;
use crate::plan;

/// The (255, 223) code, one codeword a frame.
pub const CODE: RsConfig = match RsConfig::new(RsE::E16, Interleave::I1, 0, Basis::Dual) {
    Ok(config) => config,
    Err(_) => panic!("illegal code"),
};
/// Octets from one marker to the next.
pub const CADU_LEN: usize = 4 + CODE.block_len();
/// How frames are found.
pub const SYNC: SyncConfig = match SyncConfig::new(SyncParameters::new(Asm::TM, CADU_LEN * 8)) {
    Ok(config) => config,
    Err(_) => panic!("illegal synchronization"),
};
/// What frames look like.
pub const FORMAT: FrameFormat = match FrameFormat::tm(TmParameters {
    frame_len: CODE.frame_len(),
    secondary_header: SecondaryHeader::Flagged,
    ocf: OcfPresence::Present,
    fecf: Fecf::Crc16,
}) {
    Ok(format) => format,
    Err(_) => panic!("illegal managed parameters"),
};
/// Octets of the largest packet.
pub const MAX_PACKET: usize = 1024;

const fn channel(vcid: u8, content: ChannelContent) -> Channel {
    Channel { gvcid: Gvcid::new(Tfvn::Tm, Scid::new(0x2AB), Vcid::from_low_bits(vcid)), content }
}

/// Frames corrected, in memory of their own.
pub type Station = Receiver<RsDecoder, &'static mut [u8], &'static mut [u8]>;
/// Channels and their packets.
pub type Bank = VcBank<&'static mut [u8], 3>;

/// Frame buffers: zeros, so they take no flash.
static WINDOW: Local<[u8; SYNC.window_len()]> = Local::new([0; SYNC.window_len()]);
static BLOCK: Local<[u8; CODE.block_len()]> = Local::new([0; CODE.block_len()]);
/// Packets that span frames.
static STORES: [Local<[u8; MAX_PACKET]>; 2] = [Local::new([0; MAX_PACKET]), Local::new([0; MAX_PACKET])];

/// The receiver. Storage that is too small would not compile.
///
/// # Safety
/// To be called once.
pub const unsafe fn station() -> Station {
    // SAFETY: as promised, the only call.
    let (window, block) = unsafe { (WINDOW.take(), BLOCK.take()) };
    match Receiver::borrowing(SYNC, Randomizer::CCSDS_255, RsDecoder::new(CODE), window, block) {
        Ok(station) => station,
        Err(_) => panic!("too little memory"),
    }
}

/// The demultiplexer.
///
/// # Safety
/// To be called once.
pub const unsafe fn bank() -> Bank {
    let [first, second] = &STORES;
    // SAFETY: as promised, the only call.
    let (first, second) = unsafe { (first.take(), second.take()) };
    VcBank::new(
        [
            channel(0, ChannelContent::Packets),
            channel(1, ChannelContent::Packets),
            channel(7, ChannelContent::Idle),
        ],
        [PacketAssembler::new(first), PacketAssembler::new(second), PacketAssembler::new(&mut [])],
    )
}

/// The whole chain.
#[derive(Debug)]
pub struct Chain {
    station: Station,
    bank: Bank,
    decoder: Decoder<'static, [decom::row::Register; 0]>,
    answer: Answer,
}

impl Chain {
    /// A chain that has received nothing.
    ///
    /// # Safety
    /// To be called once.
    pub const unsafe fn new() -> Self {
        // SAFETY: as promised, the only call.
        let (station, bank) = unsafe { (station(), bank()) };
        let Ok(decoder) = Decoder::with_array(plan::PLAN, plan::ROOT) else { panic!("too few registers") };
        Self { station, bank, decoder, answer: Answer::NONE }
    }

    /// Receive some octets.
    pub fn push(&mut self, mut octets: &[u8]) {
        self.answer.octets = self.answer.octets.wrapping_add(octets.len() as u32);
        while !octets.is_empty() {
            let taken = self.station.push(octets, ReceiveTime(0));
            octets = octets.get(taken..).unwrap_or_default();
            self.pull();
        }
    }

    /// Nothing will follow: what came out.
    pub fn finish(&mut self) -> Answer {
        self.station.finish();
        self.pull();
        for (answer, slot) in self.answer.channels.iter_mut().zip(self.bank.demux().slots()) {
            answer.counts(slot.counts());
        }
        self.answer
    }

    /// Octets that the synchronizer has accounted for.
    pub fn accounted(&self) -> u64 {
        self.station.stats().bits.total() / 8
    }

    fn pull(&mut self) {
        while let Ok(Some(received)) = self.station.pull() {
            let mut meta = received.meta;
            meta.quality.fecf = FORMAT.check_fecf(received.bytes);
            let Ok(frame) = FORMAT.parse(received.bytes) else { continue };
            let vcid = frame.gvcid().vcid;
            let Ok(mut packets) = self.bank.push(&frame, &meta) else { continue };
            while let Some(packet) = packets.next() {
                if !packet.meta.quality.is_good() || packet.is_idle() {
                    continue;
                }
                if let Some(channel) = self.answer.channels.get_mut(usize::from(vcid.get())) {
                    channel.packet(packet.bytes);
                }
                if let [first, second, ..] = *packet.bytes
                    && u16::from_be_bytes([first, second]) & 0x7FF == APID
                {
                    let _ = self.decoder.decode(packet.bytes, &mut Fold(&mut self.answer));
                }
            }
        }
    }
}

/// Folds engineering values into an answer.
struct Fold<'a>(&'a mut Answer);

impl RowSink for Fold<'_> {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let value = sample.value();
        let word = match value {
            Value::Boolean { value, .. } => u64::from(value),
            // All that is not a number is alike.
            Value::Float(x) if x.is_nan() => u64::MAX,
            Value::Float(x) => x.to_bits(),
            Value::Label { raw, .. } | Value::Signed(raw) => raw.cast_unsigned(),
            Value::Unsigned(value) => value,
            _ => 0,
        };
        let Self(answer) = self;
        answer.parameters = answer.parameters.wrapping_add(1);
        answer.parameter_hash = fnv(answer.parameter_hash, &word.to_be_bytes());
        if let Value::Boolean { label, .. } | Value::Label { label: Some(label), .. } = value {
            answer.parameter_hash = fnv(answer.parameter_hash, label.as_bytes());
        }
        if sample.alarm(&value) != decom::plan::AlarmLevel::Normal {
            answer.alarms = answer.alarms.wrapping_add(1);
        }
    }
}
