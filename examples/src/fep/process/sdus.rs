//! Service data units that are no packets: VCA units, bitstreams, and what USLP delimits.

use std::collections::BTreeMap;

use ccsds_core::frame::{Content, SduPart, VcaStatus};
use ccsds_core::id::{Gvcid, MapId};
use ccsds_core::quality::{FrameMeta, PacketMeta, PacketQuality};
use ccsds_core::vc::{Continuity, SduAssembler};

use crate::fep::accounts::Check;
use crate::fep::failure::Failure;
use crate::fep::process::Sink;
use crate::fep::report::{SduOctets, SdusReport};

/// A service data unit that is no packet, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct ServiceUnit<'a> {
    /// What it is.
    pub kind: UnitKind,
    /// The multiplexer access point it came through (USLP).
    pub map: Option<MapId>,
    /// Its octets; of a bitstream the last one may be filled up.
    pub octets: &'a [u8],
    /// Its bits.
    pub bits: u64,
    /// What the frame count said where it begins.
    pub continuity: Continuity,
    /// What the header of a TM frame says beside it (132.0-B-3 §4.1.2.7).
    pub status: Option<VcaStatus>,
    /// Where it came from, and what befell it.
    pub meta: PacketMeta,
}

/// Kinds of service data units that are no packets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum UnitKind {
    /// The data field of one frame (VCA).
    Vca = 0,
    /// What one frame holds of a bitstream (B_PDU).
    Bitstream = 1,
    /// A unit that USLP delimits, over one or many frames (MAPA, VCA).
    Delimited = 2,
    /// What one frame holds of a stream of octets (USLP).
    OctetStream = 3,
    /// What one frame holds of encrypted data to which there is no key here: passed on untouched.
    Sealed = 4,
}

/// Follows the service data units of one channel.
#[derive(Debug)]
pub(super) struct SduStage {
    /// Octets of the largest unit put together from several frames.
    max_len: usize,
    /// One for each access point that was heard, sixteen at most.
    assemblers: BTreeMap<Option<u8>, Assembler>,
    /// What came in.
    total: u64,
    /// What needs no assembler.
    whole: SdusReport,
}

#[derive(Debug)]
struct Assembler {
    assembler: SduAssembler<Box<[u8]>>,
    /// What the frame count said where the unit under way began.
    continuity: Continuity,
}

/// A frame on its way to the units of its channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived<'a> {
    pub(super) channel: usize,
    pub(super) gvcid: Gvcid,
    pub(super) map: Option<MapId>,
    /// What the frame count means for the access point.
    pub(super) continuity: Continuity,
    pub(super) status: Option<VcaStatus>,
    pub(super) meta: &'a FrameMeta,
}

impl SduStage {
    pub(super) fn new(max_len: usize) -> Self {
        Self { max_len, assemblers: BTreeMap::new(), total: 0, whole: SdusReport::default() }
    }

    /// Take what one frame holds; packets are not for here.
    pub(super) fn take(
        &mut self,
        arrived: Arrived<'_>,
        content: Content<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        match content {
            Content::Packets(_) => Ok(()),
            Content::Idle(octets) => {
                self.total += octets.len() as u64;
                let account = match arrived.continuity {
                    Continuity::Repeat => &mut self.whole.octets.repeated,
                    _ => &mut self.whole.octets.idle,
                };
                *account += octets.len() as u64;
                Ok(())
            }
            Content::Vca(octets) => {
                self.whole_unit(arrived, UnitKind::Vca, octets, 8 * octets.len() as u64, sink)
            }
            Content::Octets(octets) => {
                self.whole_unit(arrived, UnitKind::OctetStream, octets, 8 * octets.len() as u64, sink)
            }
            Content::Sealed(octets) => {
                self.whole_unit(arrived, UnitKind::Sealed, octets, 8 * octets.len() as u64, sink)
            }
            Content::Bitstream(zone) => {
                self.whole_unit(arrived, UnitKind::Bitstream, zone.octets, zone.valid_bits as u64, sink)
            }
            Content::Sdu(part) => self.part(arrived, part, sink),
        }
    }

    /// A unit within one frame: its first `bits` bits, the rest is fill.
    fn whole_unit(
        &mut self,
        arrived: Arrived<'_>,
        kind: UnitKind,
        zone: &[u8],
        bits: u64,
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        self.total += zone.len() as u64;
        if arrived.continuity == Continuity::Repeat {
            self.whole.octets.repeated += zone.len() as u64;
            return Ok(());
        }
        let len = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
        let (octets, fill) = zone.split_at_checked(len).unwrap_or((zone, &[]));
        self.whole.units += 1;
        self.whole.bits += bits;
        self.whole.octets.units += octets.len() as u64;
        self.whole.octets.fill += fill.len() as u64;
        let Arrived { channel, gvcid, map, continuity, status, meta } = arrived;
        let quality = PacketQuality::of_frame(meta.quality);
        let meta = PacketMeta { gvcid, first_frame: meta.ordinal, received: meta.received, quality };
        sink.sdu(channel, &ServiceUnit { kind, map, octets, bits, continuity, status, meta })
    }

    fn part(&mut self, arrived: Arrived<'_>, part: SduPart<'_>, sink: &mut dyn Sink) -> Result<(), Failure> {
        self.total += part.octets.len() as u64;
        let Arrived { channel, gvcid, map, continuity, status, meta } = arrived;
        let Assembler { assembler, continuity: begun } =
            self.assemblers.entry(map.map(MapId::get)).or_insert_with(|| Assembler {
                // Memory that is never touched costs nothing.
                assembler: SduAssembler::new(vec![0; self.max_len].into_boxed_slice()),
                continuity,
            });
        let mut result = Ok(());
        let begun_with = *begun;
        assembler.push(gvcid, continuity, part, meta, |sdu| {
            let truncated = sdu.meta.quality.contains(PacketQuality::TRUNCATED);
            // A unit that breaks off began where the one before did; one that is whole may begin here.
            let continuity = if part.first && !truncated { continuity } else { begun_with };
            let bits = 8 * sdu.octets.len() as u64;
            let (kind, octets, meta) = (UnitKind::Delimited, sdu.octets, sdu.meta);
            let unit = ServiceUnit { kind, map, octets, bits, continuity, status, meta };
            if result.is_ok() {
                result = sink.sdu(channel, &unit);
            }
        });
        if part.first && continuity != Continuity::Repeat {
            *begun = continuity;
        }
        result
    }

    /// What came in and where it went.
    pub(super) fn check(&self, gvcid: Gvcid) -> Check {
        let accounted = self.octets().total();
        Check { account: format!("service data unit octets of {gvcid}"), total: self.total, accounted }
    }

    /// The account, where anything was heard.
    pub(super) fn report(&self) -> Option<SdusReport> {
        let mut report = SdusReport { octets: self.octets(), ..self.whole };
        for Assembler { assembler, .. } in self.assemblers.values() {
            let ledger = assembler.ledger();
            report.units += ledger.units;
            report.bits += 8 * ledger.octets;
            report.truncated += ledger.units_truncated;
            report.oversized += ledger.units_oversized;
        }
        (self.total > 0).then_some(report)
    }

    fn octets(&self) -> SduOctets {
        self.assemblers.values().fold(self.whole.octets, |sum, Assembler { assembler, .. }| {
            let ledger = assembler.ledger();
            SduOctets {
                units: sum.units + ledger.octets,
                truncated: sum.truncated + ledger.truncated,
                headless: sum.headless + ledger.headless,
                oversized: sum.oversized + ledger.oversized,
                repeated: sum.repeated + ledger.repeated,
                pending: sum.pending + ledger.pending,
                ..sum
            }
        })
    }
}
