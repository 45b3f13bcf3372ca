//! Packets back to back: walk from one to the next.

use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::{
    EncapsulationHeader, Packet, SpacePacketHeader, has_known_version, is_idle, packet_len,
};
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};

use crate::fep::accounts::{Check, Processes};
use crate::fep::failure::Failure;
use crate::fep::input::Consumer;
use crate::fep::mission::PacketFile;
use crate::fep::process::Sink;
use crate::fep::process::services::Services;
use crate::fep::progress::State;
use crate::fep::report::{self, InputReport, LedgerReport, PacketOctets, PacketsReport, Report};

/// Walks through a packet file.
pub(super) struct PacketWalk<'a> {
    file: PacketFile,
    account: PacketsReport,
    /// Behind a header that cannot be right nothing tells where the next packet begins.
    lost: bool,
    processes: Processes,
    services: Services,
    sink: &'a mut dyn Sink,
    /// Whether packets are handed on as they lie in the file.
    is_plain: bool,
}

impl<'a> PacketWalk<'a> {
    pub(super) fn new(file: PacketFile, sink: &'a mut dyn Sink) -> Self {
        let account = PacketsReport::default();
        let services = Services::new(&file.services);
        let is_plain = file.skip == 0 && services.are_none();
        Self { file, account, lost: false, processes: Processes::default(), services, sink, is_plain }
    }

    pub(super) fn report(self, octets: u64) -> Report {
        let octets_check = Check {
            account: "input octets".to_owned(),
            total: octets,
            accounted: self.account.octets.total(),
        };
        let checks: Vec<Check> = [octets_check].into_iter().chain(self.services.checks("file")).collect();
        Report {
            input: InputReport::new(octets),
            packets: Some(self.account),
            apids: report::apids([(None, &self.processes)]),
            encapsulation: report::encapsulation([(None, &self.processes)]),
            services: self.services.report(None).into_iter().collect(),
            ledger: LedgerReport::new(&checks),
            ..Report::default()
        }
    }

    /// Packets of the same length and process, which is not the idle one, and of a known version, back to back.
    fn run(&mut self, octets: &[u8], len: usize) -> Result<(), Failure> {
        self.account.packets += (octets.len() / len) as u64;
        self.account.octets.packets += octets.len() as u64;
        self.processes.record_run(octets, len);
        self.services.pass((octets.len() / len) as u64);
        self.sink.run(0, octets, len, META)
    }

    fn packet(&mut self, packet: &[u8]) -> Result<(), Failure> {
        let PacketsReport {
            packets, idle_packets, octets: PacketOctets { packets: octets, idle, .. }, ..
        } = &mut self.account;
        let (count, octets) = if is_idle(packet) { (idle_packets, idle) } else { (packets, octets) };
        *count += 1;
        *octets += packet.len() as u64;
        let mut meta = META;
        if !has_known_version(packet) {
            self.account.unknown_version += 1;
            meta.quality = PacketQuality::UNKNOWN_VERSION;
        }
        self.processes.record(packet);
        let packet = Packet { bytes: packet, meta };
        self.sink.packet(0, &packet)?;
        self.services.take(0, packet, self.sink)
    }
}

impl Consumer for PacketWalk<'_> {
    fn window_len(&self) -> usize {
        self.file.skip + self.file.max_packet
    }

    fn feed(&mut self, window: &[u8], ended: bool) -> Result<usize, Failure> {
        let mut rest = window;
        while !rest.is_empty() && !self.lost {
            if self.is_plain
                && let Some((run, after, len)) = run_of(rest, self.file.max_packet)
            {
                self.run(run, len)?;
                rest = after;
                continue;
            }
            let Some((skipped, head)) = rest.split_at_checked(self.file.skip) else { break };
            match packet_len(head) {
                Ok(len) if len <= self.file.max_packet => {
                    let Some((packet, after)) = head.split_at_checked(len) else { break };
                    self.account.octets.skipped += skipped.len() as u64;
                    self.packet(packet)?;
                    rest = after;
                }
                Ok(_) => {
                    self.account.bad_headers += 1;
                    self.lost = true;
                }
                Err(_) => break,
            }
        }
        if self.lost {
            self.account.octets.lost += rest.len() as u64;
            rest = &[];
        }
        if ended {
            self.account.octets.pending = rest.len() as u64;
            let packet = rest.get(self.file.skip..).unwrap_or(&[]);
            if !packet.is_empty() {
                self.account.truncated_packets += 1;
                let meta = PacketMeta { quality: PacketQuality::TRUNCATED, ..META };
                self.sink.truncated_packet(0, &Packet { bytes: packet, meta })?;
            }
        }
        Ok(window.len() - rest.len())
    }

    fn state(&self) -> State {
        State { locked: None, items: self.account.packets + self.account.idle_packets }
    }
}

/// The space packets at the beginning that have the length and the process of the first one, what follows, and their length; `None` when
/// there are not enough of them, they are idle, or they are longer than packets are.
///
/// Where a packet begins is guessed from the first one, so that no load waits for the one before.
fn run_of(octets: &[u8], max_packet: usize) -> Option<(&[u8], &[u8], usize)> {
    let first: &[u8; SpacePacketHeader::LEN] = octets.first_chunk()?;
    let len = packet_len(octets).ok().filter(|&len| len <= max_packet)?;
    if EncapsulationHeader::parse(octets).is_ok() || !has_known_version(octets) || is_idle(octets) {
        return None;
    }
    let told = |header: &[u8; SpacePacketHeader::LEN]| {
        let [a, b, _, _, e, f] = *header;
        u32::from_be_bytes([a, b, e, f])
    };
    let is_like = |packet: &&[u8]| packet.first_chunk().map(told) == Some(told(first));
    let packets = octets.chunks_exact(len).take_while(is_like).count();
    let (run, after) = octets.split_at_checked(packets * len).filter(|_| packets >= LEAST_RUN)?;
    Some((run, after, len))
}

/// Fewer packets go one by one.
const LEAST_RUN: usize = 4;

/// What is known of the packets of a file: nothing. The channel is the one that all headers of zeros name.
const META: PacketMeta = PacketMeta {
    gvcid: Gvcid::new(Tfvn::Tm, Scid::new(0), Vcid::from_low_bits(0)),
    first_frame: 0,
    received: ReceiveTime(0),
    quality: PacketQuality::GOOD,
};
