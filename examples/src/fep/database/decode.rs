//! `fep db decode`: packets as JSON, one object each.
//!
//! `{"container":"/T/R","status":"ok","parameters":[{"name":"/T/a","raw":0,"value":0,"unit":"","valid":true}]}`
//!
//! Each instance of a parameter is one entry, in the order of the packet; arrays and aggregates are arrays and objects, in `raw` as
//! in `value`. `status` is `ok`, `short` (the packet ends too early: what fits is there) or `unmatched` (it is of no container:
//! what all have in common is there). Values are as [`json`] says. A value that is missing, or that is no number of
//! its encoding, is null and not valid; one outside of its valid range is not valid. There are more keys where they say something:
//!
//! - `label`: the word of a Boolean;
//! - `special`: `NaN`, `inf` or `-inf`, which JSON has no numbers for;
//! - `alarm`: `watch`, `warning`, `distress`, `critical` or `severe`; of a structure the gravest. Changes since the packet before count, and
//!   an alarm that takes several violations in a row is there from the last of these on.

use std::mem;

use decom::alarm::AlarmMonitor;
use decom::plan::NodeId;
use decom::row::{Decoder, Register, RowStatus};

use super::MissionDatabase;
use super::instance::Instances;
use super::json;
use crate::fep::failure::Failure;

/// How octets are cut into packets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// Each has so many octets.
    Fixed(usize),
    /// Each begins with a header that says how long it is; this many octets before each do not belong to it.
    Packets {
        /// Octets before each packet.
        skip: usize,
    },
    /// There is one packet.
    Whole,
}

/// The packets in `octets`; what is left over at the end is the last one, though too short.
pub fn packets(octets: &[u8], framing: Framing) -> impl Iterator<Item = &[u8]> {
    let mut rest = octets;
    std::iter::from_fn(move || {
        let (skip, len) = match framing {
            Framing::Fixed(len) => (0, len.max(1)),
            Framing::Packets { skip } => {
                let head = rest.get(skip..).unwrap_or(&[]);
                (skip, ccsds_core::packet::packet_len(head).unwrap_or(head.len()))
            }
            Framing::Whole => (0, rest.len()),
        };
        let packet = rest.get(skip..).filter(|packet| !packet.is_empty())?;
        let (packet, after) = packet.split_at_checked(len).unwrap_or((packet, &[]));
        rest = after;
        Some(packet)
    })
}

/// How the octets of `--hex` are cut: into packets where they are packets from the first to the last octet, and taken as one
/// otherwise.
#[must_use]
pub fn framing_of(octets: &[u8]) -> Framing {
    let mut rest = octets;
    while !rest.is_empty() {
        match ccsds_core::packet::packet_len(rest).ok().and_then(|len| rest.get(len..)) {
            Some(after) => rest = after,
            None => return Framing::Whole,
        }
    }
    Framing::Packets { skip: 0 }
}

/// Octets in hexadecimal digits; white space, colons and a leading `0x` do not matter.
///
/// # Errors
/// When something else is in between, or a digit is missing.
pub fn parse_hex(text: &str) -> Result<Vec<u8>, Failure> {
    let text = text.trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let octets = digits.chunks(2).map(|pair| match pair {
        [high, low] => {
            let digit = |character: &char| character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            Some(digit(high)? << 4 | digit(low)?)
        }
        _ => None,
    });
    let octets: Option<Vec<u8>> = octets.collect();
    octets.ok_or_else(|| Failure::cannot_run("--hex takes octets of two hexadecimal digits each, as 0802c0"))
}

/// Turns packets into JSON.
#[derive(Debug)]
pub struct PacketDecoder<'p> {
    database: &'p MissionDatabase,
    roots: Vec<NodeId>,
    registers: Vec<Register>,
    /// What the packet before was of.
    before: Option<NodeId>,
    /// What alarms remember of each item.
    monitors: Vec<AlarmMonitor>,
}

impl<'p> PacketDecoder<'p> {
    /// A decoder of packets that begin with the container `root`, or with any that the database begins packets with.
    ///
    /// # Errors
    /// When there is no such container, or nothing says which one it is.
    pub fn new(database: &'p MissionDatabase, root: Option<&str>) -> Result<Self, Failure> {
        let roots = database.roots(root)?;
        let registers = vec![Register::default(); database.plan.registers as usize];
        let monitors = vec![AlarmMonitor::new(); database.plan.plan().items.len()];
        Ok(Self { database, roots, registers, before: None, monitors })
    }

    /// One packet as JSON, on one line. Of several roots the first one counts that the packet is of.
    ///
    /// # Errors
    /// Never, as far as we know: there are as many registers as the plan needs.
    pub fn decode(&mut self, packet: &[u8]) -> Result<String, Failure> {
        let plan = self.database.plan.plan();
        let (mut first, mut behind) = (None, None);
        let is_only = self.roots.len() == 1;
        for &root in &self.roots {
            // What a packet holds that is not of this root must not be remembered.
            let monitors = if is_only { mem::take(&mut self.monitors) } else { self.monitors.clone() };
            let mut instances = Instances::new(plan, monitors);
            let mut decoder =
                Decoder::new(plan, root, self.registers.as_mut_slice()).map_err(Failure::cannot_run)?;
            decoder.set_before(self.before);
            let report = decoder.decode(packet, &mut instances);
            behind = behind.or(decoder.before());
            let (parameters, monitors) = instances.finish();
            if report.status != RowStatus::Unmatched || is_only {
                self.monitors = monitors;
            }
            if report.status != RowStatus::Unmatched || first.is_none() {
                first = Some((report, parameters));
            }
            if report.status != RowStatus::Unmatched {
                break;
            }
        }
        self.before = behind;
        let Some((report, parameters)) = first else { return Ok(String::new()) };
        let status = match report.status {
            RowStatus::Complete => "ok",
            RowStatus::Short => "short",
            RowStatus::Unmatched => "unmatched",
        };
        let mut line = String::from("{\"container\":");
        json::string(&mut line, plan.container_name(report.container));
        Ok(line + ",\"status\":\"" + status + "\",\"parameters\":[" + &parameters + "]}\n")
    }
}
