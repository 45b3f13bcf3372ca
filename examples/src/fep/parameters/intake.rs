//! Which container a packet is of.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};

use ccsds_core::packet::{EncapsulationHeader, Packet, SpacePacketHeader, is_idle};
use ccsds_core::quality::{PacketMeta, PacketQuality};
use ccsds_core::time::{CucEpoch, Date, Time, TimeFormat};
use decom::dispatch::Dispatch;
use decom::moment::Moment;
use decom::plan::NodeId;
use decom::plan::meaning::TimeScale;

use super::blocks::{Block, MAX_OCTETS, MAX_PENDING};
use super::{Job, Pending, Shared};
use crate::fep::database::utc;
use crate::fep::failure::Failure;
use crate::fep::mission::{HeaderTime, PacketServices};
use crate::fep::process::Sink;
use crate::fep::report::{ParametersReport, UnmatchedReport};

/// Takes packets, in the order of the stream.
#[derive(Debug)]
pub struct Intake<'s> {
    shared: &'s Shared<'s>,
    workers: SyncSender<Job>,
    writer: SyncSender<Pending>,
    /// By container.
    blocks: Vec<Option<Block>>,
    /// By channel.
    headers: &'s [PacketServices],
    pending: usize,
    dispatch: Dispatch<'s>,
    behind: Behind,
    packets: u64,
    idle: u64,
    encapsulation: u64,
    /// By channel and application process.
    unmatched: BTreeMap<(usize, Option<u16>), u64>,
}

impl<'s> Intake<'s> {
    pub(super) fn new(
        shared: &'s Shared<'s>,
        headers: &'s [PacketServices],
        workers: SyncSender<Job>,
        writer: SyncSender<Pending>,
    ) -> Self {
        Self {
            headers,
            shared,
            workers,
            writer,
            blocks: shared.plan.nodes.iter().map(|_| None).collect(),
            pending: 0,
            dispatch: Dispatch::new(shared.plan, shared.roots),
            behind: Behind { before: vec![None; headers.len()], counts: BTreeMap::new() },
            packets: 0,
            idle: 0,
            encapsulation: 0,
            unmatched: BTreeMap::new(),
        }
    }

    /// Take one packet, or what there is of it.
    ///
    /// # Errors
    /// When the files cannot be written any more.
    pub fn take(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.packets += 1;
        if is_idle(packet.bytes) {
            self.idle += 1;
        } else if EncapsulationHeader::parse(packet.bytes).is_ok() {
            self.encapsulation += 1;
        } else if let Some(node) = self.select(channel, packet) {
            return self.push(node, channel, packet);
        } else {
            *self.unmatched.entry((channel, apid(packet.bytes))).or_default() += 1;
        }
        Ok(())
    }

    fn select(&mut self, channel: usize, packet: &Packet<'_>) -> Option<NodeId> {
        if self.shared.plan.sequels.is_empty() {
            return self.dispatch.select(packet.bytes);
        }
        self.dispatch.set_before(self.behind.before(channel, packet.bytes));
        let found = self.dispatch.select(packet.bytes);
        // Behind what broke off something is missing.
        let is_whole = !packet.meta.quality.contains(PacketQuality::SPANS_GAP);
        self.behind.set(channel, self.dispatch.before().filter(|_| is_whole));
        found
    }

    /// Take packets of one process, `len` octets each, back to back.
    ///
    /// # Errors
    /// When the files cannot be written any more.
    pub fn take_run(
        &mut self,
        channel: usize,
        octets: &[u8],
        len: usize,
        meta: PacketMeta,
    ) -> Result<(), Failure> {
        let mut rest = octets;
        while let Some(bytes) = rest.get(..len).filter(|bytes| !bytes.is_empty()) {
            let packets = self.dispatch.run(rest, len);
            let has_header =
                self.headers.get(channel).is_some_and(|header| header.pus.is_some() || header.time.is_some());
            if packets == 1 || has_header || is_idle(bytes) || EncapsulationHeader::parse(bytes).is_ok() {
                self.take(channel, &Packet { bytes, meta })?;
                rest = rest.get(len..).unwrap_or(&[]);
                continue;
            }
            let (run, after) = rest.split_at_checked(packets * len).unwrap_or((rest, &[]));
            rest = after;
            self.packets += packets as u64;
            match self.dispatch.select(bytes) {
                Some(node) => self.push_run(node, run, len, meta)?,
                None => *self.unmatched.entry((channel, apid(bytes))).or_default() += packets as u64,
            }
        }
        Ok(())
    }

    fn push(&mut self, node: NodeId, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        let Some(slot) = self.blocks.get_mut(node.0 as usize) else { return Ok(()) };
        let block = slot.get_or_insert_with(|| self.shared.blocks.get());
        let header = self.headers.get(channel);
        let generated = header.and_then(|services| header_time(services, packet.bytes));
        block.push(packet.bytes, packet.meta.quality, packet.meta.received, generated);
        self.pending += packet.bytes.len();
        self.settle(node)
    }

    fn push_run(&mut self, node: NodeId, run: &[u8], len: usize, meta: PacketMeta) -> Result<(), Failure> {
        let max_rows = self.shared.table(node).map_or(1, |table| table.max_rows);
        let mut rest = run;
        while !rest.is_empty() {
            let Some(slot) = self.blocks.get_mut(node.0 as usize) else { return Ok(()) };
            let block = slot.get_or_insert_with(|| self.shared.blocks.get());
            // A block is full with the packet that fills it, and so is what is pending.
            let room = MAX_OCTETS.saturating_sub(block.len()).min(MAX_PENDING.saturating_sub(self.pending));
            let packets = room.div_ceil(len).min(max_rows.saturating_sub(block.rows())).max(1);
            let (some, after) = rest.split_at_checked(packets * len).unwrap_or((rest, &[]));
            block.push_run(some, len, meta.quality, meta.received);
            self.pending += some.len();
            rest = after;
            self.settle(node)?;
        }
        Ok(())
    }

    /// Give out what is full after a block has grown.
    fn settle(&mut self, node: NodeId) -> Result<(), Failure> {
        let Some(block) = self.blocks.get(node.0 as usize).and_then(Option::as_ref) else { return Ok(()) };
        let max_rows = self.shared.table(node).map_or(1, |table| table.max_rows);
        if block.rows() >= max_rows || block.len() >= MAX_OCTETS {
            self.give_out(node)
        } else if self.pending > MAX_PENDING {
            let blocks = (0u32..).map(NodeId).zip(&self.blocks);
            let filled = blocks.filter_map(|(node, block)| Some((block.as_ref()?.len(), node)));
            match filled.max_by_key(|&(len, node)| (len, std::cmp::Reverse(node.0))) {
                Some((_, largest)) => self.give_out(largest),
                None => Ok(()),
            }
        } else {
            Ok(())
        }
    }

    /// Hand a block to the workers.
    fn give_out(&mut self, node: NodeId) -> Result<(), Failure> {
        let Some(block) = self.blocks.get_mut(node.0 as usize).and_then(Option::take) else { return Ok(()) };
        self.pending = self.pending.saturating_sub(block.len());
        let (done, outcome) = sync_channel(1);
        // The writer ends early only when it fails, and then says why.
        let gone = || Failure::incomplete("the files of parameters cannot be written");
        self.writer.send(Pending { node, outcome }).map_err(|_| gone())?;
        self.workers.send(Job { node, block, done }).map_err(|_| gone())
    }

    /// Hand out what is left; returns what became of the packets.
    pub(super) fn finish(mut self) -> Result<ParametersReport, Failure> {
        for node in (0..self.blocks.len() as u32).map(NodeId) {
            self.give_out(node)?;
        }
        Ok(self.account())
    }

    /// Leave it at that.
    pub(super) fn give_up(self) -> Result<ParametersReport, Failure> {
        Ok(self.account())
    }

    fn account(&self) -> ParametersReport {
        let unmatched = self.unmatched.iter().map(|(&(channel, apid), &packets)| UnmatchedReport {
            channel,
            scid: None,
            vcid: None,
            apid,
            packets,
        });
        ParametersReport {
            packets: self.packets,
            idle_packets: self.idle,
            encapsulation_packets: self.encapsulation,
            unmatched: unmatched.collect(),
            ..ParametersReport::default()
        }
    }
}

/// What the packet before was of, for databases in which one container comes behind another. Each channel is a stream of its own.
#[derive(Debug)]
struct Behind {
    /// By channel.
    before: Vec<Option<NodeId>>,
    /// Sequence count of the next packet, by channel and application process.
    counts: BTreeMap<(usize, u16), u16>,
}

impl Behind {
    /// What the packet right before `packet` was of; `None` where its sequence count says that packets are missing.
    fn before(&mut self, channel: usize, packet: &[u8]) -> Option<NodeId> {
        let (header, _) = packet.split_first_chunk()?;
        let header = SpacePacketHeader::from_bytes(header);
        let expected = self.counts.insert((channel, header.apid().get()), header.next_sequence_count());
        let is_next = expected.is_none_or(|expected| expected == header.sequence_count());
        self.before.get(channel).copied().flatten().filter(|_| is_next)
    }

    fn set(&mut self, channel: usize, container: Option<NodeId>) {
        if let Some(before) = self.before.get_mut(channel) {
            *before = container;
        }
    }
}

impl Sink for Intake<'_> {
    fn unit(&mut self, channel: usize, unit: Packet<'_>) -> Result<(), Failure> {
        self.take(channel, &unit)
    }

    fn truncated_packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.take(channel, packet)
    }

    fn run(&mut self, channel: usize, octets: &[u8], len: usize, meta: PacketMeta) -> Result<(), Failure> {
        self.take_run(channel, octets, len, meta)
    }
}

/// Nanoseconds since 1970 of the moment that a secondary header has; seconds since an epoch that nobody states are no moment.
fn header_time(services: &PacketServices, packet: &[u8]) -> Option<i64> {
    let (format, octets) = match (&services.pus, services.time) {
        (Some(pus), _) => match pus.parse(packet).ok()?.time()?.ok()? {
            Time::Utc(time) => return utc::nanoseconds_of(time),
            Time::Uniform(_) => return None,
        },
        (None, Some(time)) => {
            let (&primary, secondary) = packet.split_first_chunk::<{ SpacePacketHeader::LEN }>()?;
            if !SpacePacketHeader::from_bytes(&primary).has_secondary_header() {
                return None;
            }
            match time {
                HeaderTime::TField(format) => (format, secondary),
                HeaderTime::PField => {
                    let (format, len) = TimeFormat::from_p_field(secondary, Date::CCSDS)?;
                    (format, secondary.get(len..)?)
                }
            }
        }
        (None, None) => return None,
    };
    match (format.decode(octets).ok()?, format) {
        (Time::Utc(time), _) => utc::nanoseconds_of(time),
        (Time::Uniform(time), TimeFormat::Cuc(cuc)) if cuc.epoch() == CucEpoch::Tai1958 => {
            let day = i32::try_from(time.seconds().div_euclid(SECONDS_PER_DAY)).ok()?;
            let second = time.seconds().rem_euclid(SECONDS_PER_DAY).unsigned_abs();
            let picosecond = second * 1_000_000_000_000 + time.attoseconds() / 1_000_000;
            utc::nanoseconds_of(utc::utc(&Moment { day, picosecond, scale: TimeScale::Tai })?)
        }
        (Time::Uniform(_), _) => None,
    }
}

fn apid(packet: &[u8]) -> Option<u16> {
    let (header, _) = packet.split_first_chunk()?;
    Some(SpacePacketHeader::from_bytes(header).apid().get())
}

const SECONDS_PER_DAY: i64 = 86_400;
