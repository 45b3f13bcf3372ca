//! Which protocol the frames follow, and where their zones and trailers lie.

use std::collections::BTreeMap;

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{aos, tm, uslp};
use ccsds_core::id::{Scid, Tfvn, Vcid};
use ccsds_core::vc::VcFrameCount;

use super::chain::{Start, Votes, Zone};
use super::coding::valid_fecf;

/// What was found out about the frames of a link.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) tfvn: Tfvn,
    /// Octets of a frame.
    pub(super) frame_len: usize,
    /// Octets of a secondary header that the header does not tell rightly (TM).
    pub(super) secondary_header: Option<usize>,
    /// Octets of the insert zone (AOS, USLP).
    pub(super) insert_zone: usize,
    /// Whether the header carries its own error control (AOS).
    pub(super) header_error_control: bool,
    /// Whether there is an operational control field (AOS), or some frames have one (TM, USLP).
    pub(super) ocf: bool,
    pub(super) fecf: Fecf,
    /// Octets of the packet zone, where packets told it.
    pub(super) zone_len: Option<usize>,
    /// Octets behind the zone that belong to no field known here, not counted in the frame.
    pub(super) unexplained: usize,
    pub(super) evidence: Evidence,
}

/// What speaks for a layout.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// Frames.
    pub(super) frames: usize,
    /// Frames of the version.
    pub(super) version: usize,
    /// Frames behind another one of their channel.
    pub(super) followers: usize,
    /// Those whose count is the next one.
    pub(super) next: usize,
    /// Frames whose own length field is right (USLP).
    pub(super) lengths: usize,
    /// Frames with a valid error control field.
    pub(super) fecf: usize,
    /// Pairs of pointers between which packets could chain.
    pub(super) pairs: usize,
    /// Those between which they do.
    pub(super) chained: usize,
    /// Frames whose header error control holds (AOS).
    pub(super) headers: usize,
    /// Frames of which the field in question is a plausible control word.
    pub(super) control_words: usize,
}

impl Evidence {
    /// How much speaks for the layout, to compare it with others.
    pub(super) fn score(&self) -> f64 {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        // A few agreements may be chance.
        let enough = |count: usize| (count as f64 / 3.0).min(1.0);
        share(self.version, self.frames)
            + 3.0 * share(self.next, self.followers) * enough(self.next)
            + 4.0 * share(self.chained, self.pairs) * enough(self.chained)
            + 6.0 * share(self.fecf, self.frames) * enough(self.fecf)
            + 3.0 * share(self.lengths, self.frames)
    }

    /// Whether this can hardly be chance.
    pub(super) fn is_convincing(&self) -> bool {
        let most = |part: usize, whole: usize| 2 * part > whole;
        (self.fecf >= 2 && most(self.fecf, self.frames))
            || (self.chained >= 3 && most(self.chained, self.pairs))
            || (self.next >= 4 && 5 * self.next > 4 * self.followers)
            || (self.lengths >= 3 && most(self.lengths, self.frames))
    }
}

impl Layout {
    /// The layout of each protocol that the frames may follow, the likeliest first.
    pub(super) fn find(frames: &[Vec<u8>], coded: bool) -> Vec<Self> {
        let mut layouts: Vec<Self> = [Tfvn::Aos, Tfvn::Tm, Tfvn::Uslp]
            .into_iter()
            .filter_map(|tfvn| Self::of_protocol(frames, tfvn, coded))
            .collect();
        layouts.sort_by(|a, b| b.evidence.score().total_cmp(&a.evidence.score()));
        layouts
    }

    fn of_protocol(frames: &[Vec<u8>], tfvn: Tfvn, coded: bool) -> Option<Self> {
        let frame_len = frames.first()?.len();
        let mine: Vec<&[u8]> =
            frames.iter().map(Vec::as_slice).filter(|frame| version(frame) == Some(tfvn)).collect();
        if 2 * mine.len() < frames.len() {
            return None;
        }
        let mut layout = Self {
            tfvn,
            frame_len,
            secondary_header: None,
            insert_zone: 0,
            header_error_control: false,
            ocf: false,
            fecf: Fecf::Absent,
            zone_len: None,
            unexplained: 0,
            evidence: Evidence { frames: frames.len(), version: mine.len(), ..Evidence::default() },
        };
        layout.count_steps(&mine);
        layout.find_fecf(&mine);
        if tfvn == Tfvn::Aos {
            layout.evidence.headers = mine.iter().filter(|frame| header_holds(frame)).count();
            layout.header_error_control = 10 * layout.evidence.headers >= 9 * mine.len();
        }
        let tail = layout.find_zone(&mine);
        layout.find_trailer(&mine, tail, coded);
        Some(layout)
    }

    /// Take over where the zones lie from frames of another length of the same link, if more of their packets chain; returns whether.
    pub(super) fn learn_zones(&mut self, other: &Self) -> bool {
        let is_better = other.evidence.chained > self.evidence.chained;
        if is_better {
            (self.secondary_header, self.insert_zone, self.ocf) =
                (other.secondary_header, other.insert_zone, other.ocf);
            (self.evidence.chained, self.evidence.pairs) = (other.evidence.chained, other.evidence.pairs);
        }
        is_better
    }

    /// Whether the frames are those of USLP.
    pub(super) fn is_uslp(&self) -> bool {
        self.tfvn == Tfvn::Uslp
    }

    /// Octets of the primary header, with its error control.
    fn header_len(&self, frame: &[u8]) -> usize {
        match self.tfvn {
            Tfvn::Aos => aos::PrimaryHeader::LEN + if self.header_error_control { 2 } else { 0 },
            Tfvn::Tm => tm::PrimaryHeader::LEN,
            _ => uslp_header(frame).map_or(uslp::PrimaryHeader::LEN, |header| {
                uslp::PrimaryHeader::LEN + header.frame_count_len()
            }),
        }
    }

    /// The frame without what lies behind it, where its header tells how long it is.
    fn trimmed<'a>(&self, frame: &'a [u8]) -> &'a [u8] {
        let len = match uslp_header(frame) {
            Some(header) if self.tfvn == Tfvn::Uslp => header.frame_len(),
            _ => self.frame_len,
        };
        frame.get(..len).unwrap_or(frame)
    }

    fn count_steps(&mut self, frames: &[&[u8]]) {
        for channel in channels(self.tfvn, frames).values() {
            for pair in channel.windows(2) {
                let [before, after] = pair else { continue };
                // Some idle channels do not count.
                if before.count != after.count {
                    self.evidence.followers += 1;
                    self.evidence.next += usize::from(is_next(before, after));
                }
            }
        }
        if self.tfvn == Tfvn::Uslp {
            let right = |frame: &&&[u8]| {
                uslp_header(frame).is_some_and(|header| {
                    header.frame_len() <= frame.len() && header.frame_len() + LONGEST_FILL >= frame.len()
                })
            };
            self.evidence.lengths = frames.iter().filter(right).count();
        }
    }

    fn find_fecf(&mut self, frames: &[&[u8]]) {
        let kinds: &[Fecf] =
            if self.tfvn == Tfvn::Uslp { &[Fecf::Crc32, Fecf::Crc16] } else { &[Fecf::Crc16] };
        for &fecf in kinds {
            let valid = valid_fecf(frames.iter().map(|frame| self.trimmed(frame)), fecf);
            if 2 * valid > frames.len() && valid >= 2 {
                (self.fecf, self.evidence.fecf) = (fecf, valid);
                return;
            }
        }
    }

    /// Find where the packet zone begins and how long it is; returns the octets behind it.
    fn find_zone(&mut self, frames: &[&[u8]]) -> Option<usize> {
        let usual = self.votes(frames, 0, None);
        let mut best = (0, None, usual);
        // A longer search only where the plain layout leaves packets unconnected.
        let satisfied = |votes: &Votes| {
            votes.winner().is_some_and(|winner| winner.ways >= 3 && 4 * winner.votes >= 3 * votes.pairs)
        };
        if !satisfied(&best.2) {
            for extra in 0..=LONGEST_ZONE.min(self.frame_len / 2) {
                let (insert_zone, secondary) = match self.tfvn {
                    Tfvn::Tm if extra > 64 => break,
                    Tfvn::Tm => (0, Some(extra)),
                    _ if extra == 0 => continue,
                    _ => (extra, None),
                };
                if !self.pointers_fit(frames, insert_zone, secondary) {
                    continue;
                }
                let votes = self.votes(frames, insert_zone, secondary);
                let count = |votes: &Votes| votes.winner().map(|winner| (winner.ways, winner.votes));
                if count(&votes) > count(&best.2) {
                    best = (insert_zone, secondary, votes);
                }
            }
        }
        let (insert_zone, secondary_header, votes) = best;
        self.evidence.pairs = votes.pairs;
        let winner = votes.winner().filter(|winner| 2 * winner.votes > votes.pairs)?;
        let (zone_len, count) = (winner.zone_len, winner.votes);
        if count < 2 && votes.pairs > 1 {
            return None;
        }
        (self.insert_zone, self.secondary_header) = (insert_zone, secondary_header);
        (self.zone_len, self.evidence.chained) = (Some(zone_len), count);
        // Secondary headers that only some frames have make zones of several lengths; trailers are all alike.
        let longest = frames.iter().map(|frame| self.zone(frame).octets.len()).max()?;
        Some(longest.saturating_sub(zone_len))
    }

    /// Whether most frames of a channel have a pointer where this layout expects it: not every channel carries packets.
    fn pointers_fit(&self, frames: &[&[u8]], insert_zone: usize, secondary: Option<usize>) -> bool {
        let channels = channels(self.tfvn, frames);
        let mut carrying = channels
            .values()
            .filter(|channel| channel.first().is_some_and(|frame| !is_idle_channel(self.tfvn, frame.octets)));
        carrying.any(|channel| {
            let right = channel
                .iter()
                .filter(|frame| self.zone_with(frame.octets, insert_zone, secondary).start != Start::Wrong);
            10 * right.count() >= 7 * channel.len()
        })
    }

    fn votes(&self, frames: &[&[u8]], insert_zone: usize, secondary: Option<usize>) -> Votes {
        let mut votes = Votes::default();
        for channel in channels(self.tfvn, frames).values() {
            let channel = channel.get(..MOST_FRAMES).unwrap_or(channel);
            votes.count(in_order(channel, |frame| self.zone_with(frame, insert_zone, secondary)));
        }
        votes
    }

    /// The packet zone of a frame, trailers included.
    pub(super) fn zone<'a>(&self, frame: &'a [u8]) -> Zone<'a> {
        self.zone_with(frame, self.insert_zone, self.secondary_header)
    }

    fn zone_with<'a>(&self, frame: &'a [u8], insert_zone: usize, secondary: Option<usize>) -> Zone<'a> {
        let frame = self.trimmed(frame);
        let header_len = self.header_len(frame);
        let octet = |at: usize| frame.get(at).copied().unwrap_or(0);
        let pair = |at: usize| u16::from_be_bytes([octet(at), octet(at + 1)]);
        let from = |at: usize| frame.get(at..).unwrap_or_default();
        let of_pointer = |pointer: u16, none: u16, octets: &'a [u8]| match pointer {
            _ if pointer == none => Start::Nowhere,
            0x7FE if none == 0x7FF => Start::Idle,
            at if usize::from(at) < octets.len() => Start::At(at.into()),
            _ => Start::Wrong,
        };
        match self.tfvn {
            Tfvn::Tm => {
                let flagged = octet(4) >> 7 == 1;
                let own = if flagged { 1 + usize::from(octet(6) & 0x3F) } else { 0 };
                let octets = from(header_len + secondary.unwrap_or(own));
                let user_data = octet(4) >> 6 & 1 == 1;
                let start = if user_data { Start::Wrong } else { of_pointer(pair(4) & 0x7FF, 0x7FF, octets) };
                Zone { start, octets }
            }
            Tfvn::Aos => {
                let at = header_len + insert_zone;
                let octets = from(at + 2);
                let start = match pair(at) {
                    _ if is_idle_channel(self.tfvn, frame) => Start::Idle,
                    pointer if pointer >> 11 == 0 => of_pointer(pointer, 0x7FF, octets),
                    _ => Start::Wrong,
                };
                Zone { start, octets }
            }
            _ => {
                let at = header_len + insert_zone;
                let start = match octet(at) >> 5 {
                    _ if is_idle_channel(self.tfvn, frame) => Start::Idle,
                    0 => of_pointer(pair(at + 1), u16::MAX, from(at + 3)),
                    _ => Start::Wrong,
                };
                Zone { start, octets: from(at + 3) }
            }
        }
    }

    /// What the octets behind the packet zone are; where packets did not tell how many, what they look like decides.
    fn find_trailer(&mut self, frames: &[&[u8]], tail: Option<usize>, coded: bool) {
        let flagged = match self.tfvn {
            Tfvn::Aos => None,
            Tfvn::Tm => Some(frames.iter().filter(|frame| frame.get(1).is_some_and(|o| o & 1 == 1)).count()),
            _ => Some(
                frames
                    .iter()
                    .filter(|frame| uslp_header(frame).is_some_and(uslp::PrimaryHeader::has_ocf))
                    .count(),
            ),
        };
        let fecf_len = self.fecf.len();
        let before_fecf = tail.map(|tail| tail.saturating_sub(fecf_len));
        let control_words = |end: usize| frames.iter().filter(|frame| is_control_word(frame, end)).count();
        if let Some(flagged) = flagged {
            self.ocf = flagged > 0;
            self.evidence.control_words = flagged;
            let expected = if 2 * flagged > frames.len() { OCF_LEN } else { 0 };
            self.unexplained = before_fecf.map_or(0, |tail| tail.saturating_sub(expected));
        } else {
            let end = self.frame_len - fecf_len;
            let stands_out = stands_out(frames, end);
            self.ocf = match before_fecf {
                Some(0) => false,
                Some(OCF_LEN) => true,
                // Behind the zone there are octets of no field: a control word may stand in front of them.
                Some(tail) => {
                    let word_end = (self.frame_len - fecf_len - tail + OCF_LEN).min(end);
                    let ocf = tail > OCF_LEN && 10 * control_words(word_end) >= 9 * frames.len();
                    self.unexplained = if ocf { tail - OCF_LEN } else { tail };
                    ocf
                }
                None => stands_out,
            };
            self.evidence.control_words = if self.ocf { control_words(end).max(1) } else { 0 };
        }
        // A code tells how long a frame is; without one, what no field explains is taken for check octets behind it. Where the
        // error control field told the end, there is nothing behind.
        if coded || self.fecf != Fecf::Absent {
            self.unexplained = 0;
        } else {
            self.frame_len -= self.unexplained;
        }
    }
}

/// Whether the four octets before `end` look like a control field: the same in every frame, and longer or shorter than that the
/// frames do not agree. So it is told where channels with different fill are heard.
fn stands_out(frames: &[&[u8]], end: usize) -> bool {
    let agree = |at: usize| {
        let mut octets = frames.iter().filter_map(|frame| frame.get(at));
        let first = octets.next();
        octets.all(|octet| Some(octet) == first)
    };
    let constant = (1..=end).take_while(|&back| agree(end - back)).count();
    let plausible = frames.iter().filter(|frame| is_control_word(frame, end)).count();
    let distinct = {
        let mut words: Vec<_> =
            frames.iter().filter_map(|frame| frame.get(end.checked_sub(OCF_LEN)?..end)).collect();
        words.sort_unstable();
        words.dedup();
        words.len()
    };
    let nonzero = frames.iter().any(|frame| {
        frame.get(end.saturating_sub(OCF_LEN)..end).is_some_and(|word| word.iter().any(|&octet| octet != 0))
    });
    frames.len() >= 4
        && nonzero
        && (constant == OCF_LEN || (constant < OCF_LEN && 10 * plausible >= 9 * frames.len()))
        && 4 * distinct <= frames.len()
}

/// Whether the four octets before `end` may be a control word (232.0-B-4 §4.2.1): its type, version and spare bits are zero.
fn is_control_word(frame: &[u8], end: usize) -> bool {
    let word = end.checked_sub(OCF_LEN).and_then(|start| frame.get(start..end)?.first_chunk().copied());
    word.is_some_and(|word| u32::from_be_bytes(word) & 0xE003_0100 == 0)
}

/// Whether the error control of an AOS header holds: a (10, 6) code over GF(16) of the octets that do not count
/// (732.0-B-5 §4.1.2.6). All-zero symbols hold too, but no header is all zero.
fn header_holds(frame: &[u8]) -> bool {
    let Some(&[a, b, _, _, _, c, x, y]) = frame.first_chunk() else { return false };
    let symbols = [a >> 4, a & 15, b >> 4, b & 15, c >> 4, c & 15, x >> 4, x & 15, y >> 4, y & 15];
    let times = |value: u8, power: usize| {
        (0..power).fold(value, |value, _| if value & 8 == 0 { value << 1 } else { value << 1 & 15 ^ 3 })
    };
    // The roots are the sixth to the ninth power of the primitive element.
    (6..=9).all(|root| symbols.into_iter().fold(0, |sum, symbol| times(sum, root) ^ symbol) == 0)
}

/// A frame of a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted<'a> {
    pub(super) count: VcFrameCount,
    pub(super) octets: &'a [u8],
}

/// Whether no frame is missing between these two.
pub(super) fn is_next(before: &Counted<'_>, after: &Counted<'_>) -> bool {
    let (before, after) = (before.count, after.count);
    before.bits() == after.bits()
        && VcFrameCount::new(before.value().wrapping_add(1), before.bits()).value() == after.value()
}

/// The zones of a channel's frames, with a hole wherever the count says that frames are missing.
pub(super) fn in_order<'a: 'c, 'c>(
    channel: &'c [Counted<'a>],
    zone: impl Fn(&'a [u8]) -> Zone<'a> + 'c,
) -> impl Iterator<Item = Option<Zone<'a>>> + 'c {
    channel.iter().enumerate().flat_map(move |(n, frame)| {
        let before = n.checked_sub(1).and_then(|n| channel.get(n));
        let gap = before.is_some_and(|before| !is_next(before, frame));
        [gap.then_some(None), Some(Some(zone(frame.octets)))].into_iter().flatten()
    })
}

/// The frames by channel, in the order of the stream. A frame that repeats the one before it is left out.
pub(super) fn channels<'a>(tfvn: Tfvn, frames: &[&'a [u8]]) -> BTreeMap<(Scid, Vcid), Vec<Counted<'a>>> {
    let mut channels: BTreeMap<(Scid, Vcid), Vec<Counted<'a>>> = BTreeMap::new();
    for &octets in frames {
        let Some((scid, vcid, count)) = header(tfvn, octets) else { continue };
        let channel = channels.entry((scid, vcid)).or_default();
        if channel.last().is_none_or(|last| last.octets != octets) {
            channel.push(Counted { count, octets });
        }
    }
    channels
}

/// Spacecraft, channel and count of a frame.
fn header(tfvn: Tfvn, frame: &[u8]) -> Option<(Scid, Vcid, VcFrameCount)> {
    match tfvn {
        Tfvn::Aos => {
            let header = aos::PrimaryHeader::from_bytes(frame.first_chunk()?);
            Some((header.scid(), header.vcid(), header.vc_frame_count()))
        }
        Tfvn::Tm => {
            let header = tm::PrimaryHeader::from_bytes(frame.first_chunk()?);
            Some((header.scid(), header.vcid(), VcFrameCount::new(header.vc_frame_count().into(), 8)))
        }
        _ => {
            let header = uslp_header(frame)?;
            let octets = frame.get(uslp::PrimaryHeader::LEN..)?.get(..header.frame_count_len())?;
            let count = octets.iter().fold(0, |count, &octet| count << 8 | u64::from(octet));
            let bits = (8 * octets.len()) as u8;
            Some((header.start.scid(), header.start.vcid(), VcFrameCount::new(count, bits)))
        }
    }
}

/// The primary header of a USLP frame that is not truncated.
fn uslp_header(frame: &[u8]) -> Option<uslp::PrimaryHeader> {
    let header = uslp::PrimaryHeader::from_bytes(frame.first_chunk()?);
    (header.start.tfvn() == Tfvn::Uslp.get() && !header.start.is_truncated()).then_some(header)
}

/// The protocol that the first bits of a frame name.
fn version(frame: &[u8]) -> Option<Tfvn> {
    match frame.first()? {
        first if first >> 6 == 0 => Some(Tfvn::Tm),
        first if first >> 6 == 1 => Some(Tfvn::Aos),
        first if first >> 4 == 12 => Some(Tfvn::Uslp),
        _ => None,
    }
}

/// Whether the book says that nothing but idle data comes on the channel of this frame.
pub(super) fn is_idle_channel(tfvn: Tfvn, frame: &[u8]) -> bool {
    tfvn != Tfvn::Tm && header(tfvn, frame).is_some_and(|(_, vcid, _)| vcid == Vcid::ONLY_IDLE_DATA)
}

const OCF_LEN: usize = 4;
/// Insert zones are looked for up to this length.
const LONGEST_ZONE: usize = 256;
/// Octets between the end of a USLP frame and that of its block.
const LONGEST_FILL: usize = 64;
/// Frames of a channel that vote.
const MOST_FRAMES: usize = 400;
