//! Files of frames that another receiver decoded: no marker is left, but what every header begins with comes back.
//!
//! Recorders often put octets of their own before each frame: then headers come back after more octets than a frame has, and where in
//! between they lie is tried out.

use std::collections::HashMap;

use ccsds_core::frame::UslpParameters;

use super::frame::Layout;
use super::sample::Sample;

/// A file of frames back to back.
pub(super) struct FrameFile {
    pub(super) frames: Vec<Vec<u8>>,
    pub(super) layout: Layout,
    /// Whether each frame has a length of its own, which its header says.
    pub(super) own_lengths: bool,
    /// Octets before each frame that do not belong to it.
    pub(super) skip: usize,
}

/// The frames of a file, if there is nothing else in it. Only its beginning is looked at: there a frame begins.
pub(super) fn find(sample: &Sample) -> Option<FrameFile> {
    let octets = sample.pieces.first()?;
    // A layout that holds at one length holds at some multiples of it too.
    let mut best: Option<(usize, FrameFile)> = None;
    for len in candidates(octets.get(..SEARCHED).unwrap_or(octets)) {
        if best.as_ref().is_some_and(|(found, _)| len.is_multiple_of(*found)) {
            continue;
        }
        let frames: Vec<Vec<u8>> = octets.chunks_exact(len).map(<[u8]>::to_vec).collect();
        let Some(layout) = Layout::find(&frames, true).into_iter().next() else { continue };
        let better =
            best.as_ref().is_none_or(|(_, found)| found.layout.evidence.score() < layout.evidence.score());
        if is_convincing(&layout) && better {
            best = Some((len, FrameFile { frames, layout, own_lengths: false, skip: 0 }));
        }
    }
    let fixed = best.map(|(_, found)| found);
    fixed.or_else(|| of_own_lengths(octets))
}

/// The frames of a file in which a recorder has put octets before each. Where these never change, they are as good as a marker.
pub(super) fn behind_headers(sample: &Sample) -> Option<FrameFile> {
    let octets = sample.pieces.first()?;
    let head = octets.get(..SEARCHED).unwrap_or(octets);
    let mut best: Option<FrameFile> = None;
    for period in periods(head) {
        let (mut found, mut most) = (None, 0.0);
        for skip in 1..=LONGEST_HEADER.min(period.saturating_sub(MIN_LEN)) {
            if at_start(head, period, skip) < LEAST_SHARE {
                continue;
            }
            let frames: Vec<Vec<u8>> = octets
                .chunks_exact(period)
                .filter_map(|entry| entry.get(skip..))
                .map(<[u8]>::to_vec)
                .collect();
            let Some(layout) = Layout::find(&frames, true).into_iter().next() else { continue };
            // Here there is one more thing to be mistaken about.
            if layout.evidence.is_convincing() && layout.evidence.score() > most {
                most = layout.evidence.score();
                found = Some(FrameFile { frames, layout, own_lengths: false, skip });
            }
        }
        let score = |file: &FrameFile| file.layout.evidence.score();
        // A period that holds makes its multiples hold too; they come later.
        if let Some(found) = found
            && best.as_ref().is_none_or(|best| score(best) + 0.5 < score(&found))
        {
            best = Some(found);
        }
    }
    best
}

/// Distances after which something that could begin a frame comes back behind some header, the shortest first.
fn periods(octets: &[u8]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for period in MIN_LEN..=MAX_LEN.min(octets.len() / MIN_ENTRIES) {
        let known = found.iter().any(|shorter| period.is_multiple_of(*shorter));
        if !known && (1..=LONGEST_HEADER).any(|skip| looks_alike(octets, period, skip)) {
            found.push(period);
            if found.len() == MOST_PERIODS {
                break;
            }
        }
    }
    found
}

/// Whether most of the first few entries begin their frames alike, and not with fill.
fn looks_alike(octets: &[u8], period: usize, skip: usize) -> bool {
    let head = |entry: usize| {
        octets
            .get(entry * period + skip..)
            .and_then(<[u8]>::first_chunk)
            .map(|head| u32::from_be_bytes(*head))
    };
    MASKS.into_iter().any(|mask| {
        (0..3).filter_map(head).any(|likely| {
            let alike = (0..MIN_ENTRIES).filter_map(head).filter(|head| head & mask == likely & mask).count();
            // Fill comes back after any distance.
            let plain = head(0).is_some_and(|head| head.rotate_left(8) == head);
            !plain && 4 * alike >= 3 * MIN_ENTRIES
        })
    })
}

fn at_start(octets: &[u8], period: usize, skip: usize) -> f64 {
    share(octets.get(skip..).unwrap_or_default(), period)
}

/// Whether this can hardly be chance. That the same spacecraft comes back after each frame says much, so a link that loses one frame in
/// three may still be believed.
fn is_convincing(layout: &Layout) -> bool {
    let evidence = &layout.evidence;
    let most = 10 * evidence.version >= 9 * evidence.frames;
    evidence.is_convincing() || (most && evidence.next >= 8 && 2 * evidence.next > evidence.followers)
}

/// Lengths after which headers come back, in ascending order: the likeliest few of them.
fn candidates(octets: &[u8]) -> Vec<usize> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for len in MIN_LEN..=MAX_LEN.min(octets.len() / MIN_FRAMES) {
        let share = share(octets, len);
        let known = |&(other, better): &(usize, f64)| len.is_multiple_of(other) && better + 0.1 > share;
        if share >= LEAST_SHARE && !found.iter().any(known) {
            found.push((len, share));
        }
    }
    found.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
    found.truncate(MOST_CANDIDATES);
    found.sort_by_key(|&(len, _)| len);
    found.into_iter().map(|(len, _)| len).collect()
}

/// The share of frames of this length that begin with the version and the spacecraft that most of them begin with.
fn share(octets: &[u8], len: usize) -> f64 {
    let heads = || {
        octets.chunks_exact(len).filter_map(|frame| frame.first_chunk().map(|head| u32::from_be_bytes(*head)))
    };
    let frames = heads().count().max(1);
    let most = MASKS.into_iter().map(|mask| {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        for head in heads() {
            *counts.entry(head & mask).or_default() += 1;
        }
        counts.into_values().max().unwrap_or(0)
    });
    most.max().unwrap_or(0) as f64 / frames as f64
}

/// USLP frames, each as long as it says, from the first octet to the last.
fn of_own_lengths(octets: &[u8]) -> Option<FrameFile> {
    let any = UslpParameters { frame_len: 1 << 16, ..UslpParameters::default() };
    let (mut frames, mut rest) = (Vec::new(), octets);
    while !rest.is_empty() {
        match any.own_len(rest) {
            Ok(Some(len)) => match rest.split_at_checked(len) {
                Some((frame, after)) => {
                    frames.push(frame.to_vec());
                    rest = after;
                }
                None => break,
            },
            Ok(None) => break,
            Err(_) => return None,
        }
    }
    let longest = frames.iter().map(Vec::len).max()?;
    let layout = Layout::find(&frames, true).into_iter().find(Layout::is_uslp)?;
    let evidence = layout.evidence;
    // That each length leads to a version number is evidence by itself, one in sixteen a frame.
    let sure = frames.len() >= MIN_CHAIN && (evidence.is_convincing() || evidence.followers == 0);
    let layout = Layout { frame_len: longest, ..layout };
    sure.then_some(FrameFile { frames, layout, own_lengths: true, skip: 0 })
}

/// Version and spacecraft: TM, AOS, USLP.
const MASKS: [u32; 3] = [0xFFF0_0000, 0xFFC0_0000, 0xFFFF_F000];
/// Octets in which the length is looked for.
const SEARCHED: usize = 256 << 10;
const MIN_LEN: usize = 16;
const MAX_LEN: usize = 1 << 14;
/// Fewer frames tell nothing.
const MIN_FRAMES: usize = 4;
/// The share of frames that must agree.
const LEAST_SHARE: f64 = 0.7;
const MOST_CANDIDATES: usize = 12;
/// Entries of a file that are compared first.
const MIN_ENTRIES: usize = 12;
/// Octets before each frame that are looked for.
const LONGEST_HEADER: usize = 64;
/// Distances that are followed up.
const MOST_PERIODS: usize = 8;
/// Frames that follow one another by their own lengths.
const MIN_CHAIN: usize = 8;
