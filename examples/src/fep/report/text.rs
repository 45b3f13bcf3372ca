//! The report for people.

use std::fmt::Write;

use super::{ChannelReport, ChannelServicesReport, FramesReport, ParametersReport, Report, SecurityReport};

/// The whole report; sections that the input does not have are left out.
pub(super) fn render(report: &Report) -> String {
    let mut text = Text(String::new());
    text.line(format_args!("mission    {}", report.mission));
    text.line(format_args!("input      {} octets", grouped(report.input.octets)));
    if let Some(sync) = &report.sync {
        text.line(format_args!(
            "sync       {} CADUs in {} {}; flywheel {}, slips {}, bit errors in markers {}",
            grouped(sync.cadus),
            grouped(sync.locks_total),
            if sync.locks_total == 1 { "lock" } else { "locks" },
            grouped(sync.flywheel),
            grouped(sync.slips),
            grouped(sync.marker_bit_errors),
        ));
        for marker in &sync.markers {
            text.line(format_args!("             {}: {} CADUs", marker.marker, grouped(marker.cadus)));
        }
        for lock in sync.locks.iter().take(SHOWN_LOCKS) {
            let polarity = if lock.inverted { ", inverted" } else { "" };
            text.line(format_args!(
                "             bits {} to {}: {} CADUs{polarity}",
                grouped(lock.first_bit),
                grouped(lock.last_bit),
                grouped(lock.cadus),
            ));
        }
        if let Some(more) = sync.locks_total.checked_sub(SHOWN_LOCKS as u64).filter(|&more| more > 0) {
            text.line(format_args!("             and {} more", grouped(more)));
        }
    }
    if let Some(coding) = &report.coding {
        if coding.codeword_errors.is_empty() {
            text.line(format_args!(
                "coding     none: {} blocks taken as they are",
                grouped(coding.unchecked)
            ));
        } else {
            text.line(format_args!(
                "coding     {} clean, {} corrected ({} symbols), {} uncorrectable",
                grouped(coding.clean),
                grouped(coding.corrected),
                grouped(coding.symbols_corrected),
                grouped(coding.uncorrectable),
            ));
        }
    }
    if let Some(slices) = &report.slices {
        text.line(format_args!(
            "slices     {} joined, {} lost, {} breaks; {} frames in them, {} cut by losses",
            grouped(slices.slices),
            grouped(slices.lost),
            grouped(slices.breaks),
            grouped(slices.frames),
            grouped(slices.cut),
        ));
    }
    if let Some(frames) = &report.frames {
        text.frames(frames);
    }
    if let Some(channels) = &report.channels {
        text.channels(channels);
    }
    for channel in report.undeclared.iter().flatten() {
        text.line(format_args!(
            "undeclared {} spacecraft {} channel {}: {} frames",
            protocol(channel.tfvn),
            channel.scid,
            channel.vcid,
            grouped(channel.frames),
        ));
    }
    if let Some(packets) = &report.packets {
        text.line(format_args!(
            "packets    {} and {} idle; octets: {} in packets, {} idle, {} skipped, {} lost, {} pending",
            grouped(packets.packets),
            grouped(packets.idle_packets),
            grouped(packets.octets.packets),
            grouped(packets.octets.idle),
            grouped(packets.octets.skipped),
            grouped(packets.octets.lost),
            grouped(packets.octets.pending),
        ));
    }
    text.processes(report);
    text.fields(report);
    if let Some(parameters) = &report.parameters {
        text.parameters(parameters);
    }
    for security in &report.security {
        text.security(security);
    }
    for services in &report.services {
        text.services(services);
    }
    text.ledger(report);
    text.line(format_args!("time       {:.3} s, {:.3} Gbit/s", report.seconds, report.gbit_per_s));
    text.0
}

struct Text(String);

impl Text {
    fn line(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{arguments}");
    }

    fn frames(&mut self, frames: &FramesReport) {
        let FramesReport { corrected, .. } = frames;
        let parts = [
            (frames.idle, "idle"),
            (frames.uncorrectable, "uncorrectable"),
            (frames.fecf_failed, "failed the FECF"),
            (frames.unverified, "unverified"),
            (frames.malformed, "malformed"),
            (frames.refused, "refused"),
            (frames.undeclared, "undeclared"),
        ];
        let mut line = format!("{} good", grouped(frames.good));
        if *corrected > 0 {
            let _ = write!(line, " ({} of them corrected)", grouped(*corrected));
        }
        for (count, what) in parts {
            if count > 0 {
                let _ = write!(line, ", {} {what}", grouped(count));
            }
        }
        self.line(format_args!("frames     {}: {line}", grouped(frames.total)));
    }

    fn channels(&mut self, channels: &[ChannelReport]) {
        if channels.is_empty() {
            return;
        }
        self.line(format_args!(
            "{:<17}{:>10}{:>9}{:>7}{:>9}{:>9}{:>10}{:>9}{:>7}{:>13}{:>9}{:>9}",
            "channel",
            "frames",
            "missing",
            "gaps",
            "repeats",
            "restarts",
            "packets",
            "idle",
            "broken",
            "octets",
            "lost",
            "pending",
        ));
        for channel in channels {
            let name = format!("{}/{}/{}", protocol(channel.tfvn), channel.scid, channel.vcid);
            self.line(format_args!(
                "{name:<17}{:>10}{:>9}{:>7}{:>9}{:>9}{:>10}{:>9}{:>7}{:>13}{:>9}{:>9}",
                channel.frames,
                channel.missing,
                channel.gaps,
                channel.repeats,
                channel.restarts,
                channel.packets,
                channel.idle_packets,
                channel.truncated_packets,
                channel.octets.packets,
                channel.octets.lost,
                channel.octets.pending,
            ));
        }
        for channel in channels {
            let Some(sdus) = &channel.sdus else { continue };
            let mut line = format!("{} units of {} bits", grouped(sdus.units), grouped(sdus.bits));
            let octets = sdus.octets;
            let parts = [
                (sdus.truncated, "broken"),
                (sdus.oversized, "oversized"),
                (octets.fill, "octets of fill"),
                (octets.headless, "octets without a beginning"),
                (octets.repeated, "octets sent again"),
                (octets.pending, "octets pending"),
            ];
            for (count, what) in parts.into_iter().filter(|&(count, _)| count > 0) {
                let _ = write!(line, ", {} {what}", grouped(count));
            }
            let name = format!("{}/{}/{}", protocol(channel.tfvn), channel.scid, channel.vcid);
            self.line(format_args!("{name:<17}{line}"));
        }
    }

    fn processes(&mut self, report: &Report) {
        if !report.apids.is_empty() {
            self.line(format_args!(
                "{:<12}{:>6}{:>10}{:>13}{:>7}{:>9}{:>9}",
                "channel", "apid", "packets", "octets", "gaps", "missing", "repeats",
            ));
        }
        for apid in &report.apids {
            let name = channel_name(apid.scid, apid.vcid);
            self.line(format_args!(
                "{name:<12}{:>6}{:>10}{:>13}{:>7}{:>9}{:>9}",
                apid.apid, apid.packets, apid.octets, apid.sequence_gaps, apid.missing, apid.sequence_repeats,
            ));
        }
        for encapsulation in &report.encapsulation {
            let name = channel_name(encapsulation.scid, encapsulation.vcid);
            self.line(format_args!(
                "{name:<12}encapsulation protocol {}: {} packets, {} octets",
                encapsulation.protocol, encapsulation.packets, encapsulation.octets,
            ));
        }
    }

    fn parameters(&mut self, parameters: &ParametersReport) {
        for container in &parameters.containers {
            let mut line = format!("{} rows", grouped(container.rows));
            let alarms = container.alarms;
            let parts = [
                (container.short, "short"),
                (container.damaged, "damaged"),
                (container.truncated, "truncated"),
                (alarms.watch, "values to watch"),
                (alarms.warning, "warnings"),
                (alarms.distress, "in distress"),
                (alarms.critical, "critical"),
                (alarms.severe, "severe"),
            ];
            for (count, what) in parts.into_iter().filter(|&(count, _)| count > 0) {
                let _ = write!(line, ", {} {what}", grouped(count));
            }
            self.line(format_args!("parameters {}: {line}", container.container));
        }
        for unmatched in &parameters.unmatched {
            let name = channel_name(unmatched.scid, unmatched.vcid);
            let apid = unmatched.apid.map_or("?".to_owned(), |apid| apid.to_string());
            self.line(format_args!(
                "unmatched  {name} apid {apid}: {} packets are of no container",
                grouped(unmatched.packets),
            ));
        }
        for left_out in &parameters.left_out {
            self.line(format_args!("left out   {left_out}"));
        }
    }

    fn fields(&mut self, report: &Report) {
        if report.corrected_headers > 0 {
            self.line(format_args!("headers    {} corrected", grouped(report.corrected_headers)));
        }
        if let Some(zones) = &report.insert_zone {
            self.line(format_args!(
                "insert     {} zones, {} octets; {} unreadable, {} missing",
                grouped(zones.zones),
                grouped(zones.octets),
                grouped(zones.unreadable),
                grouped(zones.missing),
            ));
        }
        if let Some(fill) = &report.idle_fill {
            self.line(format_args!(
                "idle fill  {} frames of the recommended sequence, {} constant, {} other, {} too short",
                grouped(fill.sequence),
                grouped(fill.constant),
                grouped(fill.other),
                grouped(fill.short),
            ));
        }
        for ocf in report.ocf.iter().take(SHOWN_REPORTS) {
            self.line(format_args!(
                "ocf        {} {}/{}: {} in {} frames",
                protocol(ocf.tfvn),
                ocf.scid,
                ocf.vcid,
                ocf.word,
                grouped(ocf.frames),
            ));
        }
        if let Some(more) = report.ocf.len().checked_sub(SHOWN_REPORTS).filter(|&more| more > 0) {
            self.line(format_args!("             and {} more reports", grouped(more as u64)));
        }
    }

    fn security(&mut self, security: &SecurityReport) {
        let parts = [
            (security.opened, "opened"),
            (security.authenticated, "authentic"),
            (security.clear, "clear"),
            (security.unverified, "unchecked for want of a key"),
            (security.no_key, "encrypted without a key"),
            (security.bad_mac, "with a wrong code"),
            (security.replayed, "replayed"),
            (security.unknown_spi, "of an unknown association"),
            (security.malformed, "malformed"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", grouped(count)))
            .collect();
        self.line(format_args!(
            "security   {} {}/{}: {}; octets: {} of data, {} encrypted, {} in headers, {} in trailers, {} refused",
            protocol(security.tfvn),
            security.scid,
            security.vcid,
            parts.join(", "),
            grouped(security.octets.data),
            grouped(security.octets.sealed),
            grouped(security.octets.headers),
            grouped(security.octets.trailers),
            grouped(security.octets.refused),
        ));
    }

    fn services(&mut self, services: &ChannelServicesReport) {
        let name = channel_name(services.scid, services.vcid);
        if let Some(pec) = &services.pec {
            self.line(format_args!(
                "{name:<12}packet checks: {} valid, {} invalid, {} packets without",
                grouped(pec.valid),
                grouped(pec.invalid),
                grouped(pec.unchecked),
            ));
        }
        for message in &services.pus {
            self.line(format_args!(
                "{name:<12}apid {:>4} service ({},{}): {} packets, {} octets{}",
                message.apid,
                message.service,
                message.subservice,
                grouped(message.packets),
                grouped(message.octets),
                match (&message.first_time, &message.last_time) {
                    (Some(first), Some(last)) => format!(", {first} to {last}"),
                    _ => String::new(),
                },
            ));
        }
        if let Some(unread) = &services.pus_unread {
            let parts = [
                (unread.without_header, "without secondary header"),
                (unread.version, "of another issue"),
                (unread.malformed, "malformed"),
                (unread.damaged, "damaged"),
                (unread.bad_time, "with an impossible time"),
            ];
            let parts: Vec<String> = parts
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{} {what}", grouped(count)))
                .collect();
            if !parts.is_empty() {
                self.line(format_args!("{name:<12}service headers not read: {}", parts.join(", ")));
            }
        }
        if let Some(groups) = &services.groups {
            self.line(format_args!(
                "{name:<12}groups: {} whole, {} broken, {} oversized; {} packets without a group",
                grouped(groups.whole),
                grouped(groups.truncated),
                grouped(groups.oversized),
                grouped(groups.passed),
            ));
        }
    }

    fn ledger(&mut self, report: &Report) {
        let mut parts = Vec::new();
        if let Some(bits) = &report.ledger.bits {
            parts.push(format!(
                "bits: {} in blocks, {} in markers, {} discarded, {} pending",
                grouped(bits.frames),
                grouped(bits.markers),
                grouped(bits.discarded),
                grouped(bits.pending),
            ));
        }
        if let Some(file) = &report.ledger.frame_file {
            parts.push(format!(
                "octets: {} in frames, {} skipped, {} lost, {} pending",
                grouped(file.frames),
                grouped(file.skipped),
                grouped(file.lost),
                grouped(file.pending),
            ));
        }
        let closed = if report.ledger.closed { "closed" } else { "NOT CLOSED" };
        parts.insert(0, closed.to_owned());
        self.line(format_args!("ledger     {}", parts.join("; ")));
        for account in &report.ledger.accounts {
            if account.total != account.accounted {
                self.line(format_args!(
                    "             {}: {} came in, {} accounted for",
                    account.account, account.total, account.accounted,
                ));
            }
        }
    }
}

fn channel_name(scid: Option<u16>, vcid: Option<u8>) -> String {
    match (scid, vcid) {
        (Some(scid), Some(vcid)) => format!("{scid}/{vcid}"),
        _ => "file".to_owned(),
    }
}

const fn protocol(tfvn: u8) -> &'static str {
    match tfvn {
        0 => "TM",
        1 => "AOS",
        12 => "USLP",
        _ => "?",
    }
}

/// `1234567` as `1 234 567`.
pub(in crate::fep) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Locks that a person wants to see.
const SHOWN_LOCKS: usize = 8;
/// Reports of operational control fields that a person wants to see.
const SHOWN_REPORTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1 000");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

    #[test]
    fn an_account_that_does_not_close_is_named() {
        use crate::fep::accounts::Check;
        use crate::fep::report::LedgerReport;
        let check = Check { account: "bits".to_owned(), total: 8, accounted: 7 };
        let report = Report { ledger: LedgerReport::new(&[check]), ..Report::default() };
        let text = render(&report);
        assert!(text.contains("NOT CLOSED") && text.contains("bits: 8 came in, 7 accounted for"), "{text}");
    }
}
