//! Who contributed what to a merge, as JSON and as text.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// Who contributed what.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct MergeReport {
    /// The stations in the order of the command line.
    pub stations: Vec<StationMerge>,
    /// The channels that were heard.
    pub channels: Vec<ChannelMerge>,
    /// Frames of the same count that were not the same to the octet.
    pub conflicts: u64,
}

/// One station.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct StationMerge {
    /// Its recording.
    pub name: String,
    /// Trusted frames that took part.
    pub frames: u64,
    /// Frames that cannot be trusted.
    pub untrusted: u64,
    /// Trusted frames that were sent twice.
    pub repeats: u64,
    /// Frames whose protection says that they are forged, or sent again.
    #[serde(default)]
    pub refused: u64,
    /// Frames that the union has from this station.
    pub used: u64,
    /// Frames that another station received as well or better.
    pub duplicates: u64,
    /// Frames that came too late to be put in their place.
    pub late: u64,
    /// Whether frames showed how its counts lie to those of the first station that heard the channel.
    pub aligned: bool,
}

/// One channel.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChannelMerge {
    /// Transfer frame version number.
    pub tfvn: u8,
    /// Spacecraft.
    pub scid: u16,
    /// Virtual channel.
    pub vcid: u8,
    /// What each station heard of it, in the order of the stations.
    pub stations: Vec<StationsChannel>,
    /// What all of them heard together.
    pub union: StationsChannel,
}

/// What was heard of a channel, between the first frame and the last.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct StationsChannel {
    /// Frames.
    pub frames: u64,
    /// Gaps of the frame count.
    pub gaps: u64,
    /// Frames missing in all gaps.
    pub missing: u64,
}

impl StationsChannel {
    /// Enter one frame that comes `step` counts behind the one before.
    pub(super) fn record(&mut self, step: Option<u64>) {
        self.frames += 1;
        if let Some(missing) = step.and_then(|step| step.checked_sub(1)).filter(|&missing| missing > 0) {
            self.gaps += 1;
            self.missing += missing;
        }
    }
}

impl MergeReport {
    /// The report for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (n, station) in (1..).zip(&self.stations) {
            let StationMerge { name, frames, untrusted, refused, used, duplicates, late, .. } = station;
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "station {n}  {name}: {frames} frames, {used} used, {duplicates} had already, {late} late, {untrusted} not trusted"
            );
            if *refused > 0 {
                let _ = writeln!(text, "           {refused} frames are forged, or were sent again");
            }
            if !station.aligned {
                let _ = writeln!(text, "           it shares no frame with the others: the order is a guess");
            }
        }
        for channel in &self.channels {
            let missing: Vec<String> =
                channel.stations.iter().map(|station| station.missing.to_string()).collect();
            let _ = writeln!(
                text,
                "channel    {}/{}/{}: {} frames, {} missing in {} gaps; alone the stations miss {}",
                channel.tfvn,
                channel.scid,
                channel.vcid,
                channel.union.frames,
                channel.union.missing,
                channel.union.gaps,
                missing.join(", "),
            );
        }
        if self.conflicts > 0 {
            let _ = writeln!(text, "conflicts  {} frames of the same count differ", self.conflicts);
        }
        text
    }
}
