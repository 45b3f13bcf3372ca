//! Rows of parameters.

use ccsds_core::id::Gvcid;
use serde::{Deserialize, Serialize};

use super::Report;
use crate::fep::accounts::Check;
use crate::fep::parameters::Tally;

/// Rows of parameters, and what became of all other packets.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ParametersReport {
    /// The file or folder of the database.
    pub database: String,
    /// `csv`, `jsonl` or `parquet`.
    pub format: String,
    /// Packets that came in, joined groups as one.
    pub packets: u64,
    /// Rows of each container that was heard.
    pub containers: Vec<ParameterContainerReport>,
    /// Packets that are of no container.
    pub unmatched: Vec<UnmatchedReport>,
    /// Idle packets: not decommutated.
    pub idle_packets: u64,
    /// Encapsulation packets: not decommutated.
    pub encapsulation_packets: u64,
    /// Packets that are in the row of the first packet of their group.
    #[serde(default)]
    pub group_parts: u64,
    /// Packets of groups without their first packet, larger than the store, or still open when the input ended.
    #[serde(default)]
    pub group_parts_lost: u64,
    /// What a lenient load of the database left out.
    pub left_out: Vec<String>,
}

impl ParametersReport {
    /// Whether every packet that came in is a row, unmatched or not decommutated; `report` counted them on its own.
    pub(in crate::fep) fn check(&self, report: &Report) -> Check {
        let channels = report.channels.iter().flatten();
        let in_channels: u64 =
            channels.map(|channel| channel.packets + channel.idle_packets + channel.truncated_packets).sum();
        let in_file = report
            .packets
            .map_or(0, |packets| packets.packets + packets.idle_packets + packets.truncated_packets);
        let rows: u64 = self.containers.iter().map(|container| container.rows).sum();
        let unmatched: u64 = self.unmatched.iter().map(|unmatched| unmatched.packets).sum();
        Check {
            account: "packets to parameters".to_owned(),
            total: in_channels + in_file,
            accounted: rows
                + unmatched
                + self.idle_packets
                + self.encapsulation_packets
                + self.group_parts
                + self.group_parts_lost,
        }
    }

    /// Count the packets that groups took in: their units came in, and they did not.
    pub(in crate::fep) fn count_groups(&mut self, report: &Report) {
        for groups in report.services.iter().filter_map(|services| services.groups.as_ref()) {
            let parts = groups.parts_joined + groups.parts_truncated;
            self.group_parts += parts.saturating_sub(groups.whole + groups.truncated);
            self.group_parts_lost += groups.parts_headless
                + groups.parts_oversized
                + groups.parts_without_slot
                + groups.parts_pending;
        }
    }

    /// Say which channels unmatched packets came on; `channels` in the order of the mission file.
    pub(in crate::fep) fn name_channels(&mut self, channels: &[Gvcid]) {
        for unmatched in &mut self.unmatched {
            let gvcid = channels.get(unmatched.channel);
            unmatched.scid = gvcid.map(|gvcid| gvcid.scid.get());
            unmatched.vcid = gvcid.map(|gvcid| gvcid.vcid.get());
        }
    }
}

/// Rows of one container.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ParameterContainerReport {
    /// Its qualified name.
    pub container: String,
    /// The name of its file.
    pub file: String,
    /// Rows.
    pub rows: u64,
    /// Those of packets that end before the container does.
    pub short: u64,
    /// Those of packets that something befell on the way.
    pub damaged: u64,
    /// Those of packets that broke off.
    pub truncated: u64,
    /// Alarming values.
    pub alarms: AlarmsReport,
}

impl ParameterContainerReport {
    pub(in crate::fep) fn new(container: &str, file: String, tally: &Tally) -> Self {
        let [short, damaged, truncated] = tally.flagged;
        let [watch, warning, distress, critical, severe] = tally.alarms;
        Self {
            container: container.to_owned(),
            file,
            rows: tally.rows,
            short,
            damaged,
            truncated,
            alarms: AlarmsReport { watch, warning, distress, critical, severe },
        }
    }
}

/// Values by how grave they are.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct AlarmsReport {
    /// To be watched.
    pub watch: u64,
    /// Warnings.
    pub warning: u64,
    /// Distress.
    pub distress: u64,
    /// Critical.
    pub critical: u64,
    /// The gravest.
    pub severe: u64,
}

/// Packets of one process that are of no container.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct UnmatchedReport {
    /// The channel, by its place in the mission file.
    #[serde(skip)]
    pub(in crate::fep) channel: usize,
    /// Spacecraft; `None` in a packet file.
    pub scid: Option<u16>,
    /// Virtual channel; `None` in a packet file.
    pub vcid: Option<u8>,
    /// Application process identifier; `None` where the packet broke off before it.
    pub apid: Option<u16>,
    /// Packets.
    pub packets: u64,
}
