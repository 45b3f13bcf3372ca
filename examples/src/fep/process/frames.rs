//! From frames to packets: quality, headers, channels, packets, and where each frame and octet went.

use ccsds_core::frame::{
    ChannelContent, Content, FrameError, FrameFormat, IdleFill, IdleLedger, TransferFrame,
};
use ccsds_core::id::{MapId, Tfvn};
use ccsds_core::ledger::{FrameLedger, OctetLedger, PacketLedger};
use ccsds_core::quality::{CodingQuality, FrameMeta, FrameQuality, PacketQuality, Trust};
use ccsds_core::sdls::Decryptor;
use ccsds_core::vc::{Continuity, Delivery, MapContinuity, PacketAssembler, Packets, Route, VcDemux, VcSlot};

use crate::fep::accounts::{ChannelAccount, Check, Malformed, Undeclared};
use crate::fep::failure::Failure;
use crate::fep::mission::{DeclaredChannel, FrameLayer};
use crate::fep::process::Sink;
use crate::fep::process::ocf::OcfStage;
use crate::fep::process::sdus::{Arrived, SduStage};
use crate::fep::process::security::SecurityStage;
use crate::fep::process::services::Services;
use crate::fep::record::Disposition;
use crate::fep::report::{
    self, ChannelReport, ChannelServicesReport, FramesReport, IdleFillReport, InsertZoneReport, Report,
};

/// Takes frames one by one, in the order of the stream.
pub(in crate::fep) struct FrameStage<'a> {
    format: FrameFormat,
    other_formats: Vec<FrameFormat>,
    /// Which coding the frames have.
    coding: u8,
    demux: VcDemux<Vec<VcSlot>>,
    /// One per declared channel; only channels with packets have a store.
    assemblers: Vec<Assemblers>,
    channels: Vec<ChannelAccount>,
    services: Vec<Services>,
    sdus: Vec<SduStage>,
    security: Option<SecurityStage>,
    /// The protected frame under way.
    copy: Vec<u8>,
    total: u64,
    corrected_headers: u64,
    ledger: FrameLedger,
    malformed: Malformed,
    undeclared: Undeclared,
    ocf: OcfStage,
    insert: InsertZoneReport,
    idle: Option<IdleLedger>,
    sink: &'a mut dyn Sink,
}

impl<'a> FrameStage<'a> {
    /// A stage whose keys are those of the mission file.
    pub(in crate::fep) fn new(layer: &FrameLayer, sink: &'a mut dyn Sink) -> Self {
        Self::with_decryptor(layer, layer.decryptor(), sink)
    }

    /// A stage whose frames `decryptor` takes the protection off, if there is one.
    pub(in crate::fep) fn with_decryptor(
        layer: &FrameLayer,
        decryptor: Option<Box<dyn Decryptor + Send>>,
        sink: &'a mut dyn Sink,
    ) -> Self {
        Self {
            format: layer.format,
            other_formats: layer.other_formats.clone(),
            coding: 0,
            demux: VcDemux::new(
                layer.channels.iter().map(|declared| VcSlot::new(declared.channel)).collect(),
            ),
            assemblers: layer.channels.iter().map(Assemblers::new).collect(),
            channels: vec![ChannelAccount::default(); layer.channels.len()],
            services: layer.channels.iter().map(|declared| Services::new(&declared.services)).collect(),
            sdus: layer.channels.iter().map(|declared| SduStage::new(declared.max_packet)).collect(),
            security: decryptor.map(SecurityStage::new),
            copy: Vec::new(),
            total: 0,
            corrected_headers: 0,
            ledger: FrameLedger::default(),
            malformed: Malformed::default(),
            undeclared: Undeclared::default(),
            ocf: OcfStage::default(),
            insert: InsertZoneReport::default(),
            idle: layer.check_idle.then_some(IdleLedger::EMPTY),
            sink,
        }
    }

    /// Frames taken so far.
    pub(in crate::fep) const fn frames(&self) -> u64 {
        self.total
    }

    /// The frames that follow have this coding, by its place in the mission file.
    pub(in crate::fep) fn coding(&mut self, coding: u8) {
        if coding != self.coding {
            self.coding = coding;
            self.sink.coding(coding);
        }
    }

    /// The layout of a frame; those of other codings differ in nothing but their length.
    fn format(&self, bytes: &[u8]) -> FrameFormat {
        let fits = |format: &&FrameFormat| format.frame_len() == bytes.len();
        if self.other_formats.is_empty() || fits(&&self.format) {
            return self.format;
        }
        *self.other_formats.iter().find(fits).unwrap_or(&self.format)
    }

    /// Take one frame. Its headers are read only if something vouches for them.
    pub(in crate::fep) fn take(&mut self, bytes: &[u8], mut meta: FrameMeta) -> Result<(), Failure> {
        self.total += 1;
        let format = self.format(bytes);
        meta.quality.fecf = format.check_fecf(bytes);
        let untrusted = match meta.quality.trust() {
            Trust::Trusted => None,
            Trust::FecfFailed => Some((&mut self.ledger.fecf_failed, Disposition::FecfFailed)),
            Trust::Uncorrectable => Some((&mut self.ledger.uncorrectable, Disposition::Uncorrectable)),
            Trust::Unverified => Some((&mut self.ledger.unverified, Disposition::Unverified)),
        };
        if let Some((account, disposition)) = untrusted {
            *account += 1;
            return self.sink.any_frame(bytes, &meta, disposition, None);
        }
        let mut copy = std::mem::take(&mut self.copy);
        let taken = self.take_trusted(&format, bytes, &mut copy, &meta);
        self.copy = copy;
        taken
    }

    /// Take a frame that something vouches for; `copy` is where its protection is taken off.
    fn take_trusted(
        &mut self,
        format: &FrameFormat,
        bytes: &[u8],
        copy: &mut Vec<u8>,
        meta: &FrameMeta,
    ) -> Result<(), Failure> {
        let received = match format.parse(bytes) {
            Ok(frame) => frame,
            Err(error) => return self.malformed(bytes, meta, error),
        };
        let frame = match &mut self.security {
            None => received,
            Some(security) => match security.open(format, received, copy, meta) {
                Ok(frame) => frame,
                Err(error) => return self.malformed(bytes, meta, error),
            },
        };
        self.ocf.take(&frame, meta, self.sink)?;
        if !frame.insert_zone().is_empty() {
            self.insert.zones += 1;
            self.insert.octets += frame.insert_zone().len() as u64;
            self.sink.insert_zone(frame.insert_zone())?;
        }
        self.corrected_headers += u64::from(frame.header_symbols_corrected() > 0);
        let disposition = match self.demux.route(&frame, meta.quality) {
            Route::Channel(delivery) => {
                self.sink.frame(delivery.vc.get(), received.bytes())?;
                self.deliver(&delivery, &frame, meta)?
            }
            Route::Idle => {
                self.ledger.idle += 1;
                Disposition::Idle
            }
            Route::Malformed(error) => {
                self.ledger.malformed += 1;
                self.malformed.record(error);
                Disposition::Malformed
            }
            Route::Refused(_) => {
                self.ledger.refused += 1;
                // Somebody may have made it up, its header too.
                return self.sink.any_frame(bytes, meta, Disposition::Refused, None);
            }
            Route::Undeclared => {
                self.ledger.undeclared += 1;
                self.undeclared.record(frame.gvcid());
                Disposition::Undeclared
            }
            Route::Untrusted => {
                self.ledger.unverified += 1;
                Disposition::Unverified
            }
        };
        if let (Disposition::Idle, Some(idle)) = (disposition, &mut self.idle) {
            idle.record(IdleFill::of(fill(&frame)));
        }
        self.sink.any_frame(bytes, meta, disposition, Some(&received))
    }

    fn malformed(&mut self, bytes: &[u8], meta: &FrameMeta, error: FrameError) -> Result<(), Failure> {
        self.ledger.malformed += 1;
        self.malformed.record(error);
        self.sink.any_frame(bytes, meta, Disposition::Malformed, None)
    }

    /// Hand a frame to its channel.
    fn deliver(
        &mut self,
        delivery: &Delivery<'_>,
        frame: &TransferFrame<'_>,
        meta: &FrameMeta,
    ) -> Result<Disposition, Failure> {
        let index = delivery.vc.get();
        let (Some(channel), Some(assemblers), Some(services), Some(sdus), Some(slot)) = (
            self.channels.get_mut(index),
            self.assemblers.get_mut(index),
            self.services.get_mut(index),
            self.sdus.get_mut(index),
            self.demux.slots().get(index),
        ) else {
            return Err(Failure::incomplete(
                "internal error: a frame was sent to a channel that does not exist",
            ));
        };
        let content = slot.channel().content;
        channel.frames += 1;
        let map = frame.map_id();
        let delivery = Delivery { continuity: assemblers.continuity(map, delivery.continuity), ..*delivery };
        if content == ChannelContent::Packets {
            channel.record_zone(&delivery);
            let Some(mut packets) = assemblers.push(&delivery, map, meta) else {
                return Err(Failure::incomplete("internal error: an access point has no assembler"));
            };
            while let Some(packet) = packets.next() {
                if packet.meta.quality.contains(PacketQuality::TRUNCATED) {
                    self.sink.truncated_packet(index, &packet)?;
                } else {
                    channel.processes.record(packet.bytes);
                    self.sink.packet(index, &packet)?;
                    services.take(index, packet, self.sink)?;
                }
            }
        }
        // A channel of packets may carry other units too: USLP says so frame by frame, TM by a flag.
        if content != ChannelContent::Idle
            && (content != ChannelContent::Packets || !matches!(delivery.content, Content::Idle(_)))
        {
            let (gvcid, continuity, status) = (delivery.gvcid, delivery.continuity, frame.vca_status());
            let arrived = Arrived { channel: index, gvcid, map, continuity, status, meta };
            sdus.take(arrived, delivery.content, self.sink)?;
        }
        if content == ChannelContent::Idle || delivery.content.is_idle() {
            self.ledger.idle += 1;
            return Ok(Disposition::Idle);
        }
        match meta.quality {
            FrameQuality { coding: CodingQuality::Corrected { .. }, .. } => self.ledger.corrected += 1,
            _ => self.ledger.good += 1,
        }
        Ok(Disposition::Good)
    }

    /// Totals and what they were split into.
    pub(in crate::fep) fn checks(&self) -> Vec<Check> {
        let mut checks =
            vec![Check { account: "frames".to_owned(), total: self.total, accounted: self.ledger.total() }];
        let channels = self.demux.slots().iter().zip(&self.assemblers).zip(&self.channels);
        for ((((slot, assembler), channel), services), sdus) in channels.zip(&self.services).zip(&self.sdus) {
            let gvcid = slot.channel().gvcid;
            checks.push(sdus.check(gvcid));
            checks.extend(services.checks(&gvcid.to_string()));
            checks.push(Check {
                account: format!("frame counts of {gvcid}"),
                total: channel.frames,
                accounted: slot.counts().total(),
            });
            checks.push(Check {
                account: format!("octets of {gvcid}"),
                total: channel.zone_octets,
                accounted: assembler.octets().total(),
            });
        }
        checks.extend(self.security.iter().flat_map(SecurityStage::checks));
        checks
    }

    /// Insert zones belong to the physical channel: those of frames that cannot be read are lost, and of frames that are missing.
    fn insert_zone_report(&self) -> Option<InsertZoneReport> {
        let FrameLedger { uncorrectable, fecf_failed, unverified, .. } = self.ledger;
        let unreadable = uncorrectable + fecf_failed + unverified;
        let missing = self.demux.slots().iter().map(|slot| slot.counts().missing).sum();
        (self.insert.zones > 0).then_some(InsertZoneReport { unreadable, missing, ..self.insert })
    }

    fn services_report(&self) -> Vec<ChannelServicesReport> {
        let mut heard: Vec<_> = self.demux.slots().iter().zip(&self.channels).zip(&self.services).collect();
        heard.sort_by_key(|((slot, _), _)| slot.channel().gvcid);
        let heard = heard.into_iter().filter(|((_, channel), _)| channel.frames > 0);
        heard.filter_map(|((slot, _), services)| services.report(Some(slot.channel().gvcid))).collect()
    }

    /// The sections of the report from the frames up.
    pub(in crate::fep) fn report(&mut self) -> Report {
        let (ocf, ocf_not_listed) = self.ocf.report();
        let insert_zone = self.insert_zone_report();
        let heard = || {
            let channels =
                self.demux.slots().iter().zip(&self.assemblers).zip(&self.channels).zip(&self.sdus);
            let mut heard: Vec<_> = channels.filter(|((_, channel), _)| channel.frames > 0).collect();
            heard.sort_by_key(|(((slot, _), _), _)| slot.channel().gvcid);
            heard
        };
        let channels = heard()
            .iter()
            .map(|(((slot, assembler), channel), sdus)| ChannelReport {
                sdus: sdus.report(),
                ..ChannelReport::new(slot, assembler.packets(), assembler.octets(), channel)
            })
            .collect();
        let processes = || {
            heard()
                .into_iter()
                .map(|(((slot, _), channel), _)| (Some(slot.channel().gvcid), &channel.processes))
        };
        Report {
            frames: Some(FramesReport::new(self.total, &self.ledger, &self.malformed)),
            channels: Some(channels),
            undeclared: Some(report::undeclared(&self.undeclared)),
            undeclared_not_listed: Some(self.undeclared.not_listed),
            apids: report::apids(processes()),
            encapsulation: report::encapsulation(processes()),
            services: self.services_report(),
            security: self.security.as_ref().map(SecurityStage::report).unwrap_or_default(),
            ocf,
            ocf_not_listed,
            insert_zone,
            idle_fill: self.idle.map(idle_fill),
            corrected_headers: self.corrected_headers,
            ..Report::default()
        }
    }
}

/// The fill of a frame of only idle data, without pointer or header.
fn fill<'a>(frame: &TransferFrame<'a>) -> &'a [u8] {
    match frame.content(ChannelContent::Packets) {
        Ok(Content::Idle(octets)) => octets,
        Ok(Content::Packets(zone)) => zone.octets,
        _ => frame.data_field(),
    }
}

const fn idle_fill(ledger: IdleLedger) -> IdleFillReport {
    let IdleLedger { sequence, constant, other, short } = ledger;
    IdleFillReport { sequence, constant, other, short }
}

/// The assemblers of one channel: one, or one for each multiplexer access point of USLP.
struct Assemblers {
    maps: MapContinuity,
    list: Vec<PacketAssembler<Box<[u8]>>>,
}

impl Assemblers {
    fn new(declared: &DeclaredChannel) -> Self {
        let store = match declared.channel.content {
            ChannelContent::Packets => declared.max_packet,
            _ => 0,
        };
        let maps = if declared.channel.gvcid.tfvn == Tfvn::Uslp { MAPS } else { 1 };
        // Memory that is never touched costs nothing.
        let assembler = |_| PacketAssembler::new(vec![0; store].into_boxed_slice());
        Self { maps: MapContinuity::new(), list: (0..maps).map(assembler).collect() }
    }

    /// What the frame count means for the stream that the next frame belongs to.
    const fn continuity(&mut self, map: Option<MapId>, continuity: Continuity) -> Continuity {
        match map {
            Some(map) => self.maps.advance(map, continuity),
            None => continuity,
        }
    }

    /// Feed one frame; `None` never happens, for access points are numbered as assemblers are.
    fn push<'a>(
        &'a mut self,
        delivery: &Delivery<'a>,
        map: Option<MapId>,
        meta: &FrameMeta,
    ) -> Option<Packets<'a, Box<[u8]>>> {
        let assembler = self.list.get_mut(map.map_or(0, |map| usize::from(map.get())))?;
        Some(assembler.push(delivery, meta))
    }

    fn packets(&self) -> PacketLedger {
        self.list.iter().fold(PacketLedger::EMPTY, |sum, assembler| sum.plus(assembler.packets()))
    }

    fn octets(&self) -> OctetLedger {
        self.list.iter().fold(OctetLedger::EMPTY, |sum, assembler| sum.plus(assembler.octets()))
    }
}

/// Multiplexer access points of a USLP channel.
const MAPS: usize = 16;
