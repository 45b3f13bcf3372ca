//! From a mission file to a link that can be simulated.

use bench::sim::{
    ChannelSpec, CodingSpec, FrameSpec, IdleSpec, Lengths, LinkSpec, Payload, Protocol, SliceSpec, Source,
    Tolerance,
};
use ccsds_core::frame::{ChannelContent, OcfPresence, SecondaryHeader, TmParameters};
use ccsds_core::id::{Tfvn, Vcid};

use crate::fep::failure::Failure;
use crate::fep::mission::{
    DeclaredChannel, Derandomize, FrameLayer, FrameLayout, Link, Mission, OtherCoding,
};
use crate::fep::simulate::protect::protection;

/// The link that `mission` describes.
///
/// # Errors
/// When it is no stream of bits, declares no channel, or has a layout that the simulator cannot make.
pub fn link_spec(mission: &Mission) -> Result<LinkSpec, Failure> {
    let Link::Bits(link) = &mission.link else {
        return Err(Failure::cannot_run("only missions with kind = \"bits\" can be simulated"));
    };
    let after = |other: &OtherCoding| other.derandomize == Derandomize::After;
    if link.derandomize == Derandomize::After || link.others.iter().any(after) {
        return Err(Failure::cannot_run(
            "the simulator randomizes code blocks only: derandomize = \"before\"",
        ));
    }
    let odd = |other: &OtherCoding| !other.sync.block_bits().is_multiple_of(8);
    if !link.sync.block_bits().is_multiple_of(8) || link.others.iter().any(odd) {
        return Err(Failure::cannot_run("the simulator sends frames of whole octets"));
    }
    if link.slices.is_some() && link.sync.parameters().fill_bits > 0 {
        return Err(Failure::cannot_run("the simulator sends no fill between slices: leave cadu_bits out"));
    }
    if let FrameLayout::Tm(TmParameters { secondary_header: SecondaryHeader::ExtendedCount, .. }) =
        link.frames.layout
    {
        return Err(Failure::cannot_run("the simulator sends no extended frame counts"));
    }
    let frames = frame_spec(&link.frames.layout);
    let scid = match link.frames.channels.first() {
        Some(declared) => declared.channel.gvcid.scid,
        None => {
            return Err(Failure::cannot_run(
                "this mission declares no [[channel]]: there is nothing to simulate",
            ));
        }
    };
    let mine: Vec<&DeclaredChannel> =
        link.frames.channels.iter().filter(|declared| declared.channel.gvcid.scid == scid).collect();
    let carrying = mine.iter().filter(|declared| declared.channel.content != ChannelContent::Idle);
    let channels: Vec<ChannelSpec> =
        carrying.take(MAX_CHANNELS).enumerate().map(|(index, declared)| channel(index, declared)).collect();
    let idle = idle(&link.frames, &mine, channels.len());
    if channels.is_empty() && idle.weight == 0 {
        return Err(Failure::cannot_run("this mission declares no channel that the simulator could fill"));
    }
    let p = link.sync.parameters();
    let spec = LinkSpec {
        frames,
        scid: scid.get(),
        channels,
        idle,
        coding: link.code.reed_solomon(),
        randomizer: link.randomizer,
        marker: link.slices.as_ref().map_or(&link.marker, |slices| &slices.marker).clone(),
        fill_bits: u32::try_from(p.fill_bits).unwrap_or(u32::MAX),
        line_code: link.line_code,
        tolerance: Tolerance {
            search_errors: p.search_errors,
            lock_errors: p.lock_errors,
            flywheel: p.flywheel,
            slip: p.slip,
        },
        others: link.others.iter().map(other).collect(),
        protection: protection(&link.frames, link.frames.format.tfvn(), scid)?,
    };
    spec.check()
        .map_err(|error| Failure::cannot_run(format!("this mission cannot be simulated: {error}")))?;
    Ok(spec)
}

fn other(other: &OtherCoding) -> CodingSpec {
    CodingSpec {
        marker: other.marker.clone(),
        frame_len: other.code.frame_len(),
        coding: other.code.reed_solomon(),
        randomizer: other.randomizer,
        fill_bits: u32::try_from(other.sync.parameters().fill_bits).unwrap_or(u32::MAX),
    }
}

/// How the frames of `mission` are sliced, if they are.
#[must_use]
pub fn slice_spec(mission: &Mission) -> Option<SliceSpec> {
    let Link::Bits(link) = &mission.link else { return None };
    link.slices.as_ref()?;
    let (len, marker) = (link.code.block_len(), link.marker.clone());
    Some(SliceSpec { len, marker, randomizer: link.randomizer })
}

fn frame_spec(layout: &FrameLayout) -> FrameSpec {
    match *layout {
        FrameLayout::Aos(p) => FrameSpec {
            protocol: Protocol::Aos { cycle: false, header_error_control: p.header_error_control },
            len: p.frame_len,
            extra: p.insert_zone,
            ocf: p.ocf != OcfPresence::Absent,
            fecf: p.fecf,
        },
        FrameLayout::Tm(p) => FrameSpec {
            protocol: Protocol::Tm,
            len: p.frame_len,
            extra: match p.secondary_header {
                SecondaryHeader::Fixed(len) => len.into(),
                SecondaryHeader::ExtendedCount => 4,
                SecondaryHeader::Flagged => 0,
            },
            ocf: p.ocf != OcfPresence::Absent,
            fecf: p.fecf,
        },
        FrameLayout::Uslp(p) => FrameSpec {
            protocol: Protocol::Uslp { count_len: USLP_COUNT_LEN },
            len: p.frame_len,
            extra: p.insert_zone,
            ocf: p.ocf != OcfPresence::Absent,
            fecf: p.fecf,
        },
    }
}

/// Many short packets of one process, and some of all lengths of another; or units that are no packets.
fn channel(index: usize, declared: &DeclaredChannel) -> ChannelSpec {
    let vcid = declared.channel.gvcid.vcid.get();
    let longest = |most: usize| most.min(declared.max_packet);
    match declared.channel.content {
        ChannelContent::Bitstream => return ChannelSpec::of_units(vcid, 1, Payload::Bitstream),
        ChannelContent::Sdus => {
            let lengths = Lengths::Octaves { min: longest(16), max: longest(8000) };
            return ChannelSpec::of_units(vcid, 1, Payload::Units(lengths));
        }
        ChannelContent::Vca => return ChannelSpec::of_units(vcid, 1, Payload::Vca),
        ChannelContent::Idle | ChannelContent::Packets => {}
    }
    let apid = u16::try_from(100 + 10 * index).unwrap_or(100);
    let sources = vec![
        Source::space(apid, Lengths::Fixed(longest(200)), 2),
        Source::space(apid + 1, Lengths::Octaves { min: longest(20), max: longest(8000) }, 1),
    ];
    ChannelSpec::new(vcid, 1, sources)
}

/// One frame in five is idle, where a channel for that is declared or the protocol has one.
fn idle(layer: &FrameLayer, mine: &[&DeclaredChannel], channels: usize) -> IdleSpec {
    let declared = mine.iter().find(|declared| declared.channel.content == ChannelContent::Idle);
    let vcid = match declared {
        _ if layer.format.tfvn() != Tfvn::Tm => Some(Vcid::ONLY_IDLE_DATA.get()),
        Some(declared) => Some(declared.channel.gvcid.vcid.get()),
        None => None,
    };
    let weight = u32::try_from(channels.div_ceil(4).max(1)).unwrap_or(1);
    IdleSpec { vcid: vcid.unwrap_or(0), weight: if vcid.is_some() { weight } else { 0 }, first_count: 0 }
}

/// Channels that are simulated, of those that a mission file declares.
pub const MAX_CHANNELS: usize = 8;
/// The header of a USLP frame says how long its count is; a mission file does not.
const USLP_COUNT_LEN: u8 = 4;
