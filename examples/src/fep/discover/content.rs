//! What each virtual channel carries.

use ccsds_core::frame::ChannelContent;
use ccsds_core::frame::uslp::{ConstructionRule, DataFieldHeader};
use ccsds_core::id::{Scid, Tfvn, Vcid};

use super::Sure;
use super::chain::{Start, Votes};
use super::frame::{Counted, Layout, channels, in_order, is_idle_channel};

/// A channel that was heard.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) scid: Scid,
    pub(super) vcid: Vcid,
    pub(super) frames: usize,
    pub(super) content: ChannelContent,
    pub(super) sure: Sure,
    /// What speaks for it.
    pub(super) why: String,
}

/// Why the headers of frames may be believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Trust {
    /// A code or an error control field vouches for each.
    Checked,
    /// Another receiver decoded them; now and then it was wrong.
    Decoded,
    /// Nothing does.
    Unchecked,
}

/// The channels among `frames`. A channel of one frame that nothing vouches for is a damaged header.
pub(super) fn survey(layout: &Layout, frames: &[Vec<u8>], trust: Trust) -> Vec<Heard> {
    let mine: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
    let channels = channels(layout.tfvn, &mine);
    let total: usize = channels.values().map(Vec::len).sum();
    // The spacecraft that most frames are from.
    let main = channels.iter().max_by_key(|(_, frames)| frames.len()).map(|((scid, _), _)| *scid);
    channels
        .iter()
        .filter(|((scid, _), frames)| match trust {
            Trust::Checked => true,
            Trust::Decoded if Some(*scid) == main => frames.len() >= 2 || total < 10,
            _ => frames.len() >= 2.max(total / 1000) || total < 10,
        })
        .map(|(&(scid, vcid), frames)| {
            let (content, sure, why) = content(layout, frames);
            Heard { scid, vcid, frames: frames.len(), content, sure, why }
        })
        .collect()
}

fn content(layout: &Layout, frames: &[Counted<'_>]) -> (ChannelContent, Sure, String) {
    let first = frames.first().map_or(&[][..], |frame| frame.octets);
    if is_idle_channel(layout.tfvn, first) {
        let what = "the book reserves this channel for idle data";
        return (ChannelContent::Idle, Sure::Certain, what.to_owned());
    }
    let user_data = |frame: &Counted<'_>| frame.octets.get(4).is_some_and(|octet| octet >> 6 & 1 == 1);
    if layout.tfvn == Tfvn::Tm && frames.iter().all(user_data) {
        let what = "the synchronization flag of every frame says so";
        return (ChannelContent::Vca, Sure::Certain, what.to_owned());
    }
    let count = |start: fn(&Start) -> bool| {
        frames.iter().filter(|frame| start(&layout.zone(frame.octets).start)).count()
    };
    let wrong = count(|start| *start == Start::Wrong);
    let begin = count(|start| matches!(start, Start::At(_)));
    let idle = count(|start| *start == Start::Idle);
    let mut votes = Votes::default();
    votes.count(in_order(frames, |frame| layout.zone(frame)));
    let chained = layout.zone_len.map_or(0, |len| votes.of(len));
    if chained >= 2 && 2 * chained > votes.pairs {
        let sure = if 10 * chained >= 8 * votes.pairs { Sure::Certain } else { Sure::Likely };
        return (ChannelContent::Packets, sure, format!("{chained} of {} pointers confirmed", votes.pairs));
    }
    if idle == frames.len() {
        let what = "only idle data so far; the pointers say that packets could come";
        return (ChannelContent::Packets, Sure::Likely, what.to_owned());
    }
    if layout.tfvn == Tfvn::Uslp && wrong == frames.len() {
        return uslp_content(layout, frames);
    }
    let alike = |frame: &Counted<'_>| is_fill(layout.zone(frame.octets).octets);
    if wrong > 0 || votes.pairs > chained {
        if layout.tfvn == Tfvn::Aos
            && let Some(bits) = bitstream(layout, frames)
        {
            return (
                ChannelContent::Bitstream,
                Sure::Likely,
                format!("every pointer counts {bits} bits or fewer"),
            );
        }
        return match frames.iter().all(alike) {
            true => (ChannelContent::Idle, Sure::Guess, "nothing but fill so far".to_owned()),
            false => (ChannelContent::Vca, Sure::Likely, "no pointer leads to a packet".to_owned()),
        };
    }
    // Every pointer is one, but no two lie close enough to confirm each other.
    let octets: usize = frames.iter().map(|frame| layout.zone(frame.octets).octets.len()).sum();
    match (begin, octets > LONGEST_PACKET) {
        (0, true) => {
            let what = "no packet begins in more octets than a packet can have".to_owned();
            (ChannelContent::Vca, Sure::Likely, what)
        }
        (0, false) => {
            (ChannelContent::Packets, Sure::Guess, "no packet begins, but one may be under way".to_owned())
        }
        _ => (ChannelContent::Packets, Sure::Guess, format!("{begin} pointers, none confirmed")),
    }
}

/// Construction rule and protocol of USLP data fields say what they hold (732.1-B-3 §4.1.4.2).
fn uslp_content(layout: &Layout, frames: &[Counted<'_>]) -> (ChannelContent, Sure, String) {
    // The zone begins behind the three octets of a header with a pointer; rules without one have a single octet.
    let header = |frame: &Counted<'_>| {
        let behind = layout.zone(frame.octets).octets.len() + 3;
        let at = frame.octets.len().checked_sub(behind)?;
        DataFieldHeader::parse(frame.octets.get(at..)?)
    };
    let all =
        |is_like: fn(DataFieldHeader) -> bool| frames.iter().all(|frame| header(frame).is_some_and(is_like));
    if all(|header| header.rule.bits() >= 4 && header.protocol_id == PACKETS) {
        let what = "the construction rule says: no pointers, packets or segments of them".to_owned();
        (ChannelContent::Packets, Sure::Likely, what)
    } else if all(|header| header.rule != ConstructionRule::PacketsSpanning && header.protocol_id != PACKETS)
    {
        let what = "construction rule and protocol are those of service data units".to_owned();
        (ChannelContent::Sdus, Sure::Likely, what)
    } else {
        let what = "no pointer leads to a packet, and no rule says what else there is".to_owned();
        (ChannelContent::Vca, Sure::Likely, what)
    }
}

/// Bits of the bitstream zone, if every pointer stays within it (732.0-B-5 §4.1.4.3).
fn bitstream(layout: &Layout, frames: &[Counted<'_>]) -> Option<usize> {
    let zones = frames.iter().map(|frame| {
        let zone = layout.zone(frame.octets).octets;
        let start = frame.octets.len().checked_sub(zone.len() + 2)?;
        let pointer = frame.octets.get(start..)?.first_chunk().map(|pointer| u16::from_be_bytes(*pointer))?;
        let trailer = layout.fecf.len() + if layout.ocf { 4 } else { 0 };
        Some((pointer, 8 * zone.len().saturating_sub(trailer)))
    });
    let zones: Vec<(u16, usize)> = zones.collect::<Option<_>>()?;
    let fits = |&(pointer, bits): &(u16, usize)| {
        pointer >> 14 == 0 && (usize::from(pointer) <= bits || pointer >= 0x3FFE)
    };
    zones.iter().all(fits).then(|| zones.iter().map(|&(_, bits)| bits).max())?
}

/// Whether the octets repeat a short pattern.
fn is_fill(octets: &[u8]) -> bool {
    let mut seen = [false; 256];
    for octet in octets {
        if let Some(seen) = seen.get_mut(usize::from(*octet)) {
            *seen = true;
        }
    }
    seen.iter().filter(|seen| **seen).count() <= 6
}

/// The protocol of packets in a USLP data field.
const PACKETS: u8 = 0;
/// The longest space packet.
const LONGEST_PACKET: usize = 65_542;
