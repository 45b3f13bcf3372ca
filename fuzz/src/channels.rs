//! Virtual channels: firmware's bank against the parts that a host takes, and service data units through damaged frames.

use arbitrary::Arbitrary;
use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{
    AosParameters, ChannelContent, FrameFormat, OcfPresence, SduPart, SecondaryHeader, TmParameters,
    UslpParameters,
};
use ccsds_core::id::{Gvcid, MapId, Scid, Tfvn, Vcid};
use ccsds_core::ledger::{CountLedger, OctetLedger, PacketLedger};
use ccsds_core::packet::Packet;
use ccsds_core::quality::{FrameMeta, FrameQuality};
use ccsds_core::vc::{
    Channel, Continuity, MapContinuity, PacketAssembler, PacketBatch, Route, SduAssembler, VcBank, VcDemux,
    VcSlot,
};

use crate::choices::Choices;
use crate::stream;

/// Frames of three declared channels and others: the bank gives the packets and accounts that demultiplexer and assemblers give by
/// themselves, counts say what arithmetic says, and a batch gives back what was put in.
pub fn vc_bank(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let tfvn = choices.pick(&[Tfvn::Tm, Tfvn::Aos, Tfvn::Uslp]);
    let frame_len = 16 + choices.below(60);
    let format = format(tfvn, frame_len);
    let store = choices.below(150);
    let third = choices.pick(&[
        ChannelContent::Vca,
        ChannelContent::Idle,
        ChannelContent::Sdus,
        ChannelContent::Bitstream,
    ]);
    let contents = [ChannelContent::Packets, ChannelContent::Packets, third];
    let channel = |number: usize| Channel {
        gvcid: Gvcid::new(tfvn, Scid::new(SCID), Vcid::from_low_bits(number as u8)),
        content: contents[number],
    };
    let channels = [channel(0), channel(1), channel(2)];
    let assembler = |_| PacketAssembler::new(vec![0; store]);
    let mut bank = VcBank::new(channels, [0, 1, 2].map(assembler));
    let mut demux = VcDemux::new(channels.map(VcSlot::new).to_vec());
    let mut assemblers = [0, 1, 2].map(assembler);
    let (mut batch, mut packets) = (PacketBatch::new(), Vec::new());
    let mut counts = contents.map(|content| Counts::new(tfvn, content));
    let mut now = [0u8; 8];
    while let Some(Frame { vcid, step, pointer, seed, trusted, repeat }) = choices.any() {
        let vcid = vcid % 8;
        let count = &mut now[usize::from(vcid)];
        *count = count.wrapping_add(if repeat { 0 } else { step });
        let frame = frame(tfvn, frame_len, vcid, *count, pointer, seed);
        let mut quality = FrameQuality::EXTERNAL;
        if !trusted {
            quality.fecf = ccsds_core::quality::FecfQuality::Invalid;
        }
        let meta = FrameMeta { quality, ..FrameMeta::default() };
        let parsed = format.parse(&frame).unwrap();
        match demux.route(&parsed, quality) {
            Route::Channel(delivery) => {
                let index = delivery.vc.get();
                counts[index].step(*count, parsed.data_field());
                let mut found = assemblers[index].push(&delivery, &meta);
                let (mut mine, mut theirs) = (Vec::new(), Vec::new());
                while let Some(packet) = found.next() {
                    batch.push(packet);
                    mine.push((packet.bytes.to_vec(), packet.meta));
                }
                drop(found);
                let mut found = bank.push(&parsed, &meta).unwrap();
                while let Some(packet) = found.next() {
                    theirs.push((packet.bytes.to_vec(), packet.meta));
                }
                assert_eq!(mine, theirs);
                packets.extend(mine);
            }
            other => {
                assert_eq!(bank.push(&parsed, &meta).err(), Some(other));
                let expected = match other {
                    Route::Untrusted => !trusted,
                    Route::Undeclared | Route::Idle => trusted && vcid > 2,
                    Route::Malformed(_) => trusted && vcid <= 2,
                    _ => false,
                };
                assert!(expected, "{other:?}");
            }
        }
    }
    let (mut octets, mut ledger) = (OctetLedger::EMPTY, PacketLedger::EMPTY);
    for (index, assembler) in bank.assemblers().iter().enumerate() {
        assert_eq!((assembler.octets(), assembler.packets()), {
            let mine = &assemblers[index];
            (mine.octets(), mine.packets())
        });
        (octets, ledger) = (octets.plus(assembler.octets()), ledger.plus(assembler.packets()));
        assert_eq!(*bank.demux().slots()[index].counts(), *demux.slots()[index].counts());
        assert_eq!(*demux.slots()[index].counts(), counts[index].ledger, "counts say what arithmetic says");
        assert_eq!(demux.slots()[index].channel(), channels[index]);
    }
    assert_eq!(octets.total(), assemblers.iter().map(|assembler| assembler.octets().total()).sum::<u64>());
    assert_eq!(ledger.packets + ledger.idle + ledger.truncated, packets.len() as u64);
    check_batch(&mut batch, &packets);
}

fn check_batch(batch: &mut PacketBatch, packets: &[(Vec<u8>, ccsds_core::quality::PacketMeta)]) {
    assert_eq!((batch.len(), batch.is_empty()), (packets.len(), packets.is_empty()));
    let all: Vec<u8> = packets.iter().flat_map(|(octets, _)| octets.iter().copied()).collect();
    assert_eq!(batch.octets(), all);
    let again: Vec<Packet<'_>> = batch.iter().collect();
    let expected: Vec<Packet<'_>> =
        packets.iter().map(|(bytes, meta)| Packet { bytes, meta: *meta }).collect();
    assert_eq!(again, expected);
    assert_eq!(batch.get(packets.len()), None);
    batch.clear();
    assert!(batch.is_empty() && batch.octets().is_empty());
}

/// Service data units in parts, one to a frame, on a channel of several access points: each whole unit comes out once, in order and
/// octet for octet, when none of its frames was lost; nothing else is called good; and the account closes after every frame.
pub fn sdu_stream(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let (store, zone_len) = (choices.below(200), 1 + choices.below(40));
    let points = 1 + choices.below(3);
    let mut assemblers: Vec<_> = (0..points).map(|_| SduAssembler::new(vec![0; store])).collect();
    let mut maps = MapContinuity::new();
    let gvcid = Gvcid::new(Tfvn::Uslp, Scid::new(SCID), Vcid::from_low_bits(1));
    let meta = FrameMeta { quality: FrameQuality::EXTERNAL, ..FrameMeta::default() };
    let mut good = vec![Vec::new(); points];
    let mut expected = vec![Vec::new(); points];
    let mut fed = vec![0u64; points];
    let (mut broken_off, mut lost, mut first) = (0, 0, true);
    let mut number = 0u8;
    while let Some(Unit { map, len, damage }) = choices.any() {
        let point = usize::from(map) % points;
        number = number.wrapping_add(1);
        let unit = stream::octets(number, 1 + usize::from(len));
        let parts: Vec<&[u8]> = unit.chunks(zone_len).collect();
        let struck = match damage {
            Damage::None => None,
            Damage::Lost { at } | Damage::Repeated { at } | Damage::Untold { at } => {
                Some(usize::from(at) % parts.len())
            }
        };
        let mut whole = unit.len() <= store || parts.len() == 1;
        for (index, octets) in parts.iter().copied().enumerate() {
            let mut copies = 1;
            if struck == Some(index) {
                match damage {
                    Damage::Lost { .. } => copies = 0,
                    Damage::Repeated { .. } => copies = 2,
                    // The transmitter breaks off in the middle and begins another unit.
                    Damage::Untold { .. } if parts.len() > 1 => {
                        whole = false;
                        break;
                    }
                    Damage::Untold { .. } | Damage::None => {}
                }
            }
            if copies == 0 {
                (lost, whole) = (lost + 1, false);
                // Other access points learn of it with their next frame, and units that are open break off.
                broken_off += 1;
            }
            for copy in 0..copies {
                let continuity = match (copy, first, lost) {
                    (1, ..) => Continuity::Repeat,
                    (_, true, _) => Continuity::First,
                    (_, _, 0) => Continuity::Next,
                    (_, _, missing) => Continuity::Gap { missing },
                };
                (first, lost) = (false, 0);
                let continuity = maps.advance(MapId::from_low_bits(point as u8), continuity);
                let part = SduPart { first: index == 0, last: index + 1 == parts.len(), octets };
                let assembler = &mut assemblers[point];
                assembler.push(gvcid, continuity, part, &meta, |sdu| {
                    assert!(sdu.octets.len() <= store.max(zone_len));
                    if sdu.meta.quality.is_good() {
                        good[point].push(sdu.octets.to_vec());
                    }
                });
                fed[point] += octets.len() as u64;
                assert_eq!(assembler.ledger().total(), fed[point], "the octet ledger closes");
                assert!(assembler.ledger().pending <= store as u64);
            }
        }
        if whole {
            expected[point].push(unit);
        }
    }
    assert_eq!(good, expected, "after {broken_off} losses");
    for (assembler, good) in assemblers.iter().zip(&good) {
        let ledger = assembler.ledger();
        assert_eq!(ledger.units, good.len() as u64);
        assert_eq!(ledger.octets, good.iter().map(|unit| unit.len() as u64).sum::<u64>());
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Frame {
    vcid: u8,
    step: u8,
    pointer: u16,
    seed: u8,
    trusted: bool,
    repeat: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Unit {
    map: u8,
    len: u8,
    damage: Damage,
}

/// What befalls a frame of a unit.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Damage {
    None,
    Lost { at: u8 },
    Repeated { at: u8 },
    Untold { at: u8 },
}

/// What the counts of a channel say by plain arithmetic.
#[derive(Clone, Copy, Debug)]
struct Counts {
    /// Whether the count has 24 bits, and not eight.
    wide: bool,
    idle: bool,
    latest: Option<(u8, u32)>,
    ledger: CountLedger,
}

impl Counts {
    fn new(tfvn: Tfvn, content: ChannelContent) -> Self {
        let (wide, idle) = (tfvn == Tfvn::Aos, content == ChannelContent::Idle);
        Self { wide, idle, latest: None, ledger: CountLedger::EMPTY }
    }

    fn step(&mut self, count: u8, data: &[u8]) {
        let print = crc32fast::hash(data);
        let ledger = &mut self.ledger;
        let Some((before, other)) = self.latest.replace((count, print)) else {
            ledger.first += 1;
            return;
        };
        let ahead = i32::from(count) - i32::from(before);
        match ahead {
            0 if self.idle || other == print => ledger.repeats += 1,
            ..=0 if self.wide => ledger.restarts += 1,
            1 | -255 => ledger.next += 1,
            _ => {
                ledger.gaps += 1;
                ledger.missing += if ahead > 0 { ahead - 1 } else { ahead + 255 } as u64;
            }
        }
    }
}

fn format(tfvn: Tfvn, frame_len: usize) -> FrameFormat {
    let (ocf, fecf) = (OcfPresence::Absent, Fecf::Absent);
    match tfvn {
        Tfvn::Tm => {
            FrameFormat::tm(TmParameters { frame_len, secondary_header: SecondaryHeader::Flagged, ocf, fecf })
        }
        Tfvn::Aos => FrameFormat::aos(AosParameters { frame_len, ocf, fecf, ..AosParameters::default() }),
        _ => FrameFormat::uslp(UslpParameters { frame_len, ocf, fecf, ..UslpParameters::default() }),
    }
    .unwrap()
}

/// A frame of a channel; its count is the lowest octet of what there is room for.
fn frame(tfvn: Tfvn, frame_len: usize, vcid: u8, count: u8, pointer: u16, seed: u8) -> Vec<u8> {
    let scid = SCID as u8;
    let [high, low] = pointer.to_be_bytes();
    let mut frame = match tfvn {
        Tfvn::Tm => vec![0, scid << 4 | vcid << 1, 9, count, 0x18 | high & 7, low],
        Tfvn::Aos => vec![0x40, scid << 6 | vcid, 0, 0, count, 0, high & 7, low],
        _ => {
            let [long, short] = ((frame_len - 1) as u16).to_be_bytes();
            vec![0xC0, 0, scid << 4, vcid << 5, long, short, 1, count, high & 0xE0, 0, low & 0x3F]
        }
    };
    let body = stream::octets(seed & 3, frame_len - frame.len());
    frame.extend(body);
    frame
}

const SCID: u16 = 1;
