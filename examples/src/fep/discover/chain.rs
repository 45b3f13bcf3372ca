//! Where packets chain: from the first header pointer of one frame to that of the next.
//!
//! The last packet that begins in a frame says where the next one begins. The pointer of a later frame says so too. The two
//! agree only if the length of the packet zone is right, so every pair of frames votes for a length, and the one that most
//! pairs vote for is that of the zone. The same vote decides about insert zones and secondary headers.

use std::collections::{BTreeMap, BTreeSet};

use ccsds_core::packet::{has_known_version, packet_len};

/// A frame's data from its packet zone on, trailers included, and where the first packet begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zone<'a> {
    pub(super) start: Start,
    pub(super) octets: &'a [u8],
}

/// What a first header pointer says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Start {
    /// The first packet begins here.
    At(usize),
    /// There is only idle data.
    Idle,
    /// No packet begins here.
    Nowhere,
    /// This is no pointer.
    Wrong,
}

/// What the frames of a channel say about their packet zone.
#[derive(Clone, Debug, Default)]
pub(super) struct Votes {
    /// Votes for each length.
    by_len: BTreeMap<usize, Ballot>,
    /// Pairs of frames that could vote.
    pub(super) pairs: usize,
}

impl Votes {
    /// Count the votes of frames that follow one another; `None` stands where some are missing.
    pub(super) fn count<'a>(&mut self, zones: impl Iterator<Item = Option<Zone<'a>>>) {
        let mut open: Option<Open> = None;
        for zone in zones {
            let Some(zone) = zone else {
                open = None;
                continue;
            };
            match zone.start {
                Start::At(pointer) => {
                    if let Some(open) = open.take() {
                        self.vote(&open, pointer, zone.octets.len());
                    }
                    open = Open::new(zone.octets, pointer);
                }
                Start::Nowhere => {
                    if let Some(open) = &mut open {
                        open.zones += 1;
                    }
                }
                Start::Idle | Start::Wrong => open = None,
            }
        }
    }

    fn vote(&mut self, open: &Open, pointer: usize, max_len: usize) {
        self.pairs += 1;

        let mut voted = Vec::new();
        for &(at, len) in &open.packets {
            let Some(span) = (at + len).checked_sub(pointer) else { continue };
            let zone_len = span / open.zones;
            if span.is_multiple_of(open.zones)
                && at < zone_len
                && zone_len <= max_len
                && !voted.contains(&zone_len)
            {
                voted.push(zone_len);
                let votes = self.by_len.entry(zone_len).or_default();
                votes.count += 1;
                if votes.ways.len() < ENOUGH_WAYS {
                    votes.ways.insert((at, len, pointer));
                }
            }
        }
    }

    /// The length that most kinds of votes are for. Constant octets that are read as pointer and packet agree with themselves
    /// in every frame, but in one way only. Where all packets are equally long, a zone that is shorter by any number of them
    /// gets as many votes: of those that are close to the most the longest wins.
    pub(super) fn winner(&self) -> Option<Winner> {
        let most = self.by_len.values().map(|ballot| ballot.ways.len()).max()?;
        let close = self.by_len.iter().filter(|(_, ballot)| 4 * ballot.ways.len() >= 3 * most);
        let longest = close.max_by_key(|(zone_len, _)| **zone_len);
        longest.map(|(&zone_len, ballot)| Winner { zone_len, votes: ballot.count, ways: ballot.ways.len() })
    }

    /// Votes for this length.
    pub(super) fn of(&self, zone_len: usize) -> usize {
        self.by_len.get(&zone_len).map_or(0, |votes| votes.count)
    }
}

/// The votes for one length.
#[derive(Clone, Debug, Default)]
struct Ballot {
    count: usize,
    /// Packets and pointers that differ, up to [`ENOUGH_WAYS`].
    ways: BTreeSet<(usize, usize, usize)>,
}

/// What most votes are for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Winner {
    pub(super) zone_len: usize,
    pub(super) votes: usize,
    /// Kinds of votes.
    pub(super) ways: usize,
}

/// The packets that begin in a frame, while the next pointer is awaited.
struct Open {
    /// Where each begins and how long it is.
    packets: Vec<(usize, usize)>,
    /// Zones until the one with the next pointer.
    zones: usize,
}

impl Open {
    /// `None` where no packet can be read.
    fn new(octets: &[u8], pointer: usize) -> Option<Self> {
        let (mut packets, mut at) = (Vec::new(), pointer);
        while let Some(head) = octets.get(at..).filter(|head| !head.is_empty() && has_known_version(head)) {
            let Ok(len) = packet_len(head) else { break };
            // Zeros read as packets of seven octets, one behind the other, which agree with everything.
            if head.first_chunk() == Some(&[0u8; 6]) || packets.len() > MAX_PACKETS {
                break;
            }
            packets.push((at, len));
            at += len;
        }
        let short = packets.iter().filter(|(_, len)| *len == 1).count();
        // So do packets of one octet.
        let telling = short <= MAX_SHORT || 2 * short < packets.len();
        (!packets.is_empty() && telling).then_some(Self { packets, zones: 1 })
    }
}

/// Kinds of votes that are told apart.
const ENOUGH_WAYS: usize = 100;
/// More packets in a frame than this are not followed.
const MAX_PACKETS: usize = 2100;
/// More packets of one octet than this in a frame tell nothing.
const MAX_SHORT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_zone_wins_the_vote() {
        // Packets of 37 octets in zones of 50, with four octets behind each zone that are none of theirs.
        let packet: Vec<u8> = [0, 1, 0xC0, 0, 0, 30].into_iter().chain([0xEE; 31]).collect();
        let stream: Vec<u8> = packet.iter().copied().cycle().take(50 * 40).collect();
        let frames: Vec<Vec<u8>> = stream.chunks(50).map(|zone| [zone, &[1, 2, 3, 4]].concat()).collect();
        let zones = frames.iter().zip(0..).map(|(frame, n)| {
            let start = Start::At((37 - n * 50 % 37) % 37);
            Some(Zone { start, octets: frame })
        });
        let mut votes = Votes::default();
        votes.count(zones);
        let winner = votes.winner().unwrap();
        assert_eq!((winner.zone_len, votes.pairs), (50, 39));
        assert!(winner.votes > 30, "{winner:?}");
    }
}
