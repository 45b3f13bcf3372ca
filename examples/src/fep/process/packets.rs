//! Packets back to back: walk from one to the next.

use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::{Packet, has_known_version, is_idle, packet_len};
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
}

impl<'a> PacketWalk<'a> {
    pub(super) fn new(file: PacketFile, sink: &'a mut dyn Sink) -> Self {
        let account = PacketsReport::default();
        let services = Services::new(&file.services);
        Self { file, account, lost: false, processes: Processes::default(), services, sink }
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

/// What is known of the packets of a file: nothing. The channel is the one that all headers of zeros name.
const META: PacketMeta = PacketMeta {
    gvcid: Gvcid::new(Tfvn::Tm, Scid::new(0), Vcid::from_low_bits(0)),
    first_frame: 0,
    received: ReceiveTime(0),
    quality: PacketQuality::GOOD,
};
