//! What happens to a packet above the assembly: its check, its secondary header, its group.

use std::collections::BTreeMap;

use ccsds_core::id::Gvcid;
use ccsds_core::packet::{
    GroupJoiner, GroupLedger, GroupSlot, Packet, Pec, PecLedger, PecStatus, PusError, PusFormat, PusHeader,
    SpacePacketHeader, is_idle,
};
use ccsds_core::quality::PacketMeta;
use ccsds_core::time::Time;

use crate::fep::accounts::Check;
use crate::fep::failure::Failure;
use crate::fep::mission::PacketServices;
use crate::fep::process::Sink;
use crate::fep::report::{ChannelServicesReport, GroupsReport, PecReport, PusReport, PusUnreadReport};

/// Takes the complete packets of one channel.
pub(super) struct Services {
    pec: Option<(Pec, PecLedger)>,
    pus: Option<(PusFormat, PusAccount)>,
    joiner: Option<Joiner>,
    packets: u64,
}

type Joiner = GroupJoiner<Vec<GroupSlot<Box<[u8]>>>>;

impl Services {
    pub(super) fn new(services: &PacketServices) -> Self {
        Self {
            pec: (services.pec != Pec::Absent).then_some((services.pec, PecLedger::EMPTY)),
            pus: services.pus.map(|format| (format, PusAccount::default())),
            joiner: services.groups.map(|groups| {
                // Memory that is never touched costs nothing.
                let slot = || GroupSlot::new(vec![0; groups.max_group].into_boxed_slice());
                GroupJoiner::new((0..OPEN_GROUPS).map(|_| slot()).collect(), groups.format)
            }),
            packets: 0,
        }
    }

    /// Whether nothing was agreed on above the packets: each is a unit of data as it is.
    pub(super) const fn are_none(&self) -> bool {
        self.pec.is_none() && self.pus.is_none() && self.joiner.is_none()
    }

    /// So many packets that are units of data as they are.
    pub(super) const fn pass(&mut self, packets: u64) {
        self.packets += packets;
    }

    /// Take one packet, and hand on the units of data that it completes.
    pub(super) fn take(
        &mut self,
        channel: usize,
        packet: Packet<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        self.packets += 1;
        let status = match &mut self.pec {
            Some((pec, ledger)) if !is_idle(packet.bytes) => {
                let status = pec.check(packet.bytes);
                ledger.record(status);
                status
            }
            _ => PecStatus::Unchecked,
        };
        let quality = packet.meta.quality.with(status.quality());
        let packet = Packet { meta: PacketMeta { quality, ..packet.meta }, ..packet };
        if let Some((format, account)) = &mut self.pus
            && !is_idle(packet.bytes)
        {
            match status {
                // Nothing in it can be believed.
                PecStatus::Invalid => account.unread.damaged += 1,
                PecStatus::Unchecked | PecStatus::Valid => account.record(format, packet.bytes),
            }
        }
        match &mut self.joiner {
            None => sink.unit(channel, packet),
            Some(joiner) => {
                let mut units = joiner.push(packet);
                while let Some(unit) = units.next() {
                    sink.unit(channel, unit)?;
                }
                Ok(())
            }
        }
    }

    /// Whether each packet landed in one place.
    pub(super) fn checks(&self, name: &str) -> Option<Check> {
        self.joiner.as_ref().map(|joiner| Check {
            account: format!("packets in groups of {name}"),
            total: self.packets,
            accounted: joiner.ledger().total(),
        })
    }

    /// The section of the report, where the mission file asks for any service.
    pub(super) fn report(&self, gvcid: Option<Gvcid>) -> Option<ChannelServicesReport> {
        if self.are_none() {
            return None;
        }
        let pec = self.pec.map(|(_, PecLedger { valid, invalid, unchecked })| PecReport {
            valid,
            invalid,
            unchecked,
        });
        Some(ChannelServicesReport {
            scid: gvcid.map(|gvcid| gvcid.scid.get()),
            vcid: gvcid.map(|gvcid| gvcid.vcid.get()),
            pec,
            pus: self.pus.as_ref().map(|(_, account)| account.report()).unwrap_or_default(),
            pus_unread: self.pus.as_ref().map(|(_, account)| account.unread),
            groups: self.joiner.as_ref().map(|joiner| groups(joiner.ledger())),
        })
    }
}

fn groups(ledger: GroupLedger) -> GroupsReport {
    GroupsReport {
        whole: ledger.groups,
        truncated: ledger.groups_truncated,
        oversized: ledger.groups_oversized,
        passed: ledger.passed,
        parts_joined: ledger.joined,
        parts_truncated: ledger.truncated,
        parts_headless: ledger.headless,
        parts_oversized: ledger.oversized,
        parts_without_slot: ledger.no_slot,
        parts_pending: ledger.pending,
    }
}

/// Packets by process, service and subservice.
#[derive(Debug, Default)]
struct PusAccount {
    messages: BTreeMap<(u16, u8, u8), MessageAccount>,
    unread: PusUnreadReport,
}

#[derive(Clone, Copy, Debug, Default)]
struct MessageAccount {
    packets: u64,
    octets: u64,
    first: Option<Time>,
    last: Option<Time>,
}

impl PusAccount {
    fn record(&mut self, format: &PusFormat, packet: &[u8]) {
        match format.parse(packet) {
            Ok(header) => self.record_message(&header, packet),
            Err(PusError::NoTelemetryHeader) => self.unread.without_header += 1,
            Err(PusError::Version { .. }) => self.unread.version += 1,
            Err(_) => self.unread.malformed += 1,
        }
    }

    fn record_message(&mut self, header: &PusHeader<'_>, packet: &[u8]) {
        let apid =
            packet.first_chunk().map_or(0, |primary| SpacePacketHeader::from_bytes(primary).apid().get());
        let account = self.messages.entry((apid, header.service(), header.subservice())).or_default();
        account.packets += 1;
        account.octets += packet.len() as u64;
        match header.time() {
            Some(Ok(time)) => {
                account.first.get_or_insert(time);
                account.last = Some(time);
            }
            Some(Err(_)) => self.unread.bad_time += 1,
            None => {}
        }
    }

    fn report(&self) -> Vec<PusReport> {
        let messages = self.messages.iter().map(|(&(apid, service, subservice), account)| PusReport {
            apid,
            service,
            subservice,
            packets: account.packets,
            octets: account.octets,
            first_time: account.first.map(time),
            last_time: account.last.map(time),
        });
        messages.collect()
    }
}

/// A moment of UTC as ISO 8601; seconds of an unsegmented code as a number, from whatever epoch it has.
fn time(time: Time) -> String {
    match time {
        Time::Uniform(time) => format!("{}.{:09}", time.seconds(), time.nanoseconds()),
        Time::Utc(time) => format!("{time:.6}"),
    }
}

/// Groups that may be open at a time on one channel: processes seldom take turns within groups.
const OPEN_GROUPS: usize = 16;
