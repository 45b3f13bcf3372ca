//! What a mission file means, for `fep mission check`.

use std::fmt::{self, Write};

use ccsds_core::frame::{ChannelContent, OcfPresence, SecondaryHeader};
use ccsds_core::id::{Tfvn, Vcid};
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::Basis;
use frame_sync::sync::{Alignment, Polarity};

use super::{
    BitLink, Code, DeclaredChannel, Derandomize, FrameLayer, FrameLayout, Link, Mission, marker_hex,
};

impl fmt::Display for Mission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "mission    {}", self.name)?;
        match &self.link {
            Link::Bits(link) => bits(f, link)?,
            Link::Frames(file) => {
                let frame_len = file.frames.format.frame_len();
                writeln!(
                    f,
                    "input      transfer frames of {frame_len} octets{}, each behind {} to be skipped",
                    if file.own_lengths { " at most, as their headers say" } else { "" },
                    file.skip
                )?;
                layer(f, &file.frames)?;
            }
            Link::Packets(file) => {
                writeln!(
                    f,
                    "input      packets of {} octets at most, each behind {} to be skipped{}",
                    file.max_packet,
                    file.skip,
                    file.services.describe(),
                )?;
            }
        }
        if let Some(database) = &self.database {
            let lenient = if database.lenient { ", leaving out what is not supported" } else { "" };
            writeln!(f, "database   {}{lenient}", database.path.display())?;
            for (what, named) in [("begin with", &database.root), ("are dated by", &database.time)] {
                if let Some(named) = named {
                    writeln!(f, "           packets {what} {}", named.name)?;
                }
            }
        }
        Ok(())
    }
}

fn bits(f: &mut fmt::Formatter<'_>, link: &BitLink) -> fmt::Result {
    let p = link.sync.parameters();
    let line_code = match link.line_code {
        LineCode::NrzL => "NRZ-L",
        LineCode::NrzM => "NRZ-M",
        LineCode::NrzS => "NRZ-S",
    };
    let polarity = match p.polarity {
        Polarity::Auto => "either polarity",
        Polarity::Inverted => "inverted",
        Polarity::Normal => "normal polarity",
    };
    let alignment = match p.alignment {
        Alignment::Bit => "any bit",
        Alignment::Octet => "octets only",
    };
    writeln!(f, "input      bits, {line_code}, {polarity}, CADUs begin at {alignment}")?;
    writeln!(
        f,
        "sync       marker of {} bits, {} of them compared; {} errors allowed in search, {} in lock",
        p.asm.len_bits(),
        p.asm.weight(),
        p.search_errors,
        p.lock_errors,
    )?;
    writeln!(
        f,
        "           verified by {} more, flywheel over {}, slips of {} bits either way",
        p.verify, p.flywheel, p.slip,
    )?;
    let whole = match p.cadu_bits % 8 {
        0 => format!("{} octets", p.cadu_bits / 8),
        _ => "no whole number of octets".to_owned(),
    };
    let fill = match p.fill_bits {
        0 => String::new(),
        fill => format!(", the last {fill} bits fill"),
    };
    writeln!(f, "cadu       {} bits ({whole}) from marker to marker{fill}", p.cadu_bits)?;
    if !link.sync.block_bits().is_multiple_of(8) {
        writeln!(f, "           blocks of {} bits: zeros complete the last octet", link.sync.block_bits())?;
    }
    let randomizer = match link.randomizer {
        Randomizer::CCSDS_255 => "255-bit sequence",
        Randomizer::CCSDS_131071 => "131071-bit sequence",
        _ => "none",
    };
    let order = match link.derandomize {
        Derandomize::After => ", taken off after the correction",
        Derandomize::Before => "",
    };
    writeln!(f, "randomizer {randomizer}{order}")?;
    match link.code {
        Code::ReedSolomon(config) => {
            let basis = match config.basis() {
                Basis::Conventional => "conventional",
                Basis::Dual => "dual",
            };
            let depth = config.interleave().depth();
            let codeword_len = config.block_len() / depth;
            writeln!(
                f,
                "code       Reed-Solomon ({codeword_len},{}), E = {}, I = {depth}, virtual fill {} per codeword, {basis} basis",
                config.frame_len() / depth,
                config.e().errors(),
                config.virtual_fill(),
            )?;
            writeln!(
                f,
                "           block of {} octets: frame of {}, {} of check symbols",
                config.block_len(),
                config.frame_len(),
                config.block_len() - config.frame_len(),
            )?;
        }
        Code::Uncoded { frame_len } => {
            let what = if link.slices.is_some() { "a slice" } else { "the frame" };
            writeln!(f, "code       none: the block of {frame_len} octets is {what}")?;
        }
    }
    if let Some(slices) = &link.slices {
        let p = slices.sync.parameters();
        let marker = marker_hex(&slices.marker);
        writeln!(
            f,
            "slices     make a stream of frames behind {marker}, {} bits from marker to marker",
            p.cadu_bits
        )?;
    }
    for other in &link.others {
        let marker = marker_hex(&other.marker);
        let code = match other.code {
            Code::ReedSolomon(config) => format!(
                "Reed-Solomon, E = {}, I = {}, frame of {}",
                config.e().errors(),
                config.interleave().depth(),
                config.frame_len(),
            ),
            Code::Uncoded { frame_len } => format!("no code, frame of {frame_len}"),
        };
        writeln!(f, "also       {marker}, {} bits: {code} octets", other.sync.parameters().cadu_bits)?;
    }
    let data = layer(f, &link.frames)?;
    let bits = link.bits_per_frame() as f64;
    let share = 8.0 * data as f64 / bits;
    let per = if link.slices.is_some() { "frame" } else { "CADU" };
    writeln!(f, "rate       {data} octets of data field per {per}: {:.1} % of the bits", 100.0 * share)?;
    writeln!(
        f,
        "           at 1 Mbit/s on the link: {:.2} {per}s/s, {:.1} kbit/s of data field",
        1e6 / bits,
        1e3 * share,
    )
}

/// The frame layer; returns the octets of the data field, as far as the mission file fixes them.
fn layer(f: &mut fmt::Formatter<'_>, layer: &FrameLayer) -> Result<usize, fmt::Error> {
    let (tfvn, frame_len) = (layer.format.tfvn(), layer.format.frame_len());
    let parts = Parts::of(&layer.layout);
    let least = if parts.open_ended { " at most" } else { "" };
    writeln!(f, "frame      {tfvn}, {frame_len} octets{}", if tfvn == Tfvn::Uslp { " at most" } else { "" })?;
    let mut line = String::new();
    for (len, what) in parts.list() {
        if len > 0 {
            write!(line, "{what} {len}, ")?;
        }
    }
    let data = frame_len.saturating_sub(parts.overhead());
    writeln!(f, "           {line}data field {data}{least}")?;
    let packets = layer.channels.iter().any(|declared| declared.channel.content == ChannelContent::Packets);
    match tfvn {
        Tfvn::Aos if packets => {
            writeln!(f, "           packet zone {} behind 2 octets of pointer", data.saturating_sub(2))?;
        }
        Tfvn::Uslp if packets => {
            writeln!(
                f,
                "           packet zone {}{least} behind 1 to 3 octets of data field header",
                data.saturating_sub(1)
            )?;
        }
        _ => {}
    }
    if layer.channels.is_empty() {
        writeln!(f, "channels   none declared: every frame will be reported as undeclared")?;
    }
    for (first, vcids) in runs(&layer.channels) {
        let (scid, max_packet) = (first.channel.gvcid.scid, first.max_packet);
        let content = match first.channel.content {
            ChannelContent::Bitstream => "bitstream".to_owned(),
            ChannelContent::Idle => "idle".to_owned(),
            ChannelContent::Packets => {
                format!("packets of up to {max_packet} octets{}", first.services.describe())
            }
            ChannelContent::Sdus => format!("service data units of up to {max_packet} octets"),
            ChannelContent::Vca => "user data (VCA)".to_owned(),
        };
        writeln!(f, "channel    {tfvn}/{scid}/{vcids}: {content}")?;
    }
    for association in &layer.security {
        writeln!(f, "security   {association}")?;
    }
    Ok(data)
}

/// Octets of a frame by what they are for.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    header: usize,
    header_error_control: usize,
    secondary_header: usize,
    insert_zone: usize,
    ocf: usize,
    fecf: usize,
    /// Whether a frame's own header may take more.
    open_ended: bool,
}

impl Parts {
    const fn of(layout: &FrameLayout) -> Self {
        match layout {
            FrameLayout::Aos(p) => Self {
                header: 6,
                header_error_control: if p.header_error_control { 2 } else { 0 },
                secondary_header: 0,
                insert_zone: p.insert_zone,
                ocf: ocf_len(p.ocf),
                fecf: p.fecf.len(),
                open_ended: false,
            },
            FrameLayout::Tm(p) => Self {
                header: 6,
                header_error_control: 0,
                secondary_header: match p.secondary_header {
                    SecondaryHeader::Fixed(len) => len as usize,
                    SecondaryHeader::ExtendedCount => 4,
                    SecondaryHeader::Flagged => 0,
                },
                insert_zone: 0,
                ocf: ocf_len(p.ocf),
                fecf: p.fecf.len(),
                open_ended: matches!(p.secondary_header, SecondaryHeader::Flagged)
                    || matches!(p.ocf, OcfPresence::Flagged),
            },
            FrameLayout::Uslp(p) => Self {
                header: 7,
                header_error_control: 0,
                secondary_header: 0,
                insert_zone: p.insert_zone,
                ocf: ocf_len(p.ocf),
                fecf: p.fecf.len(),
                open_ended: true,
            },
        }
    }

    const fn list(&self) -> [(usize, &'static str); 6] {
        [
            (self.header, "primary header"),
            (self.header_error_control, "header error control"),
            (self.secondary_header, "secondary header"),
            (self.insert_zone, "insert zone"),
            (self.ocf, "operational control field"),
            (self.fecf, "error control field"),
        ]
    }

    fn overhead(&self) -> usize {
        self.list().iter().map(|(len, _)| len).sum()
    }
}

const fn ocf_len(ocf: OcfPresence) -> usize {
    if matches!(ocf, OcfPresence::Present) { 4 } else { 0 }
}

/// Channels that differ in nothing but their number: the first of them, with the numbers as ranges.
fn runs(channels: &[DeclaredChannel]) -> Vec<(DeclaredChannel, String)> {
    let mut runs: Vec<(DeclaredChannel, Vec<Vcid>)> = Vec::new();
    for declared in channels {
        let vcid = declared.channel.gvcid.vcid;
        match runs.last_mut() {
            Some((first, vcids)) if first.is_like(declared) => vcids.push(vcid),
            _ => runs.push((*declared, vec![vcid])),
        }
    }
    runs.into_iter().map(|(first, vcids)| (first, ranges(&vcids))).collect()
}

impl DeclaredChannel {
    /// Whether the channels differ in nothing but their number.
    fn is_like(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.channel, other.channel);
        (mine.gvcid.scid, mine.content, self.max_packet, self.services)
            == (theirs.gvcid.scid, theirs.content, other.max_packet, other.services)
    }
}

/// `0-4,7`.
fn ranges(vcids: &[Vcid]) -> String {
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    for vcid in vcids.iter().map(|vcid| vcid.get()) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == vcid => *last = vcid,
            _ => ranges.push((vcid, vcid)),
        }
    }
    let text = ranges
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    text.collect::<Vec<_>>().join(",")
}
