//! Frame synchronization: every kernel, every cut, and what may be said of a CADU.

use ccsds_core::arch::Level;
use ccsds_core::quality::SyncQuality;
use frame_sync::align;
use frame_sync::asm::Asm;
use frame_sync::line::{LineCode, LineDecoder, LineEncoder};
use frame_sync::randomizer::Randomizer;
use frame_sync::soft;
use frame_sync::sync::{
    Alignment, CaduLoc, CodedStep, Polarity, SeveralSynchronizer, Step, SyncConfig, SyncEvent,
    SyncParameters, SyncStats, Synchronizer,
};

use crate::choices::{Choices, is_one_line};
use crate::stream::{Kind, stream, stream_of};

/// Every kernel level and every cut of the stream give the same events; each CADU is what it is said to be; the bit ledger
/// closes; and the events, and the polls it takes to get them, are bounded by the length of the stream.
///
/// The first octets choose the managed parameters and the cuts; then comes the stream, or operations that make it.
pub fn sync(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let Some(link) = SyncLink::choose(&mut choices) else { return };
    let cuts = [1 + choices.below(97), 1 + choices.below(256) * 8];
    let stream = stream(choices, link.marker, link.block_len, link.config.parameters().fill_bits);

    extract(&link, &stream);
    let scalar = Synchronizer::with_level(link.config, Level::Scalar).unwrap();
    let (events, stats) = follow(scalar.clone(), &stream, stream.len().max(1));
    check(&link, &stream, &events, stats);
    for cut in cuts {
        assert!(follow(scalar.clone(), &stream, cut) == (events.clone(), stats), "cut every {cut} octets");
        let several = follow_several(&[link.config], &stream, cut);
        let alone = several.0.into_iter().map(|(_, event)| event).collect();
        assert!((alone, several.1) == (events.clone(), stats), "one of several, cut every {cut} octets");
    }
    let levels = Level::ALL.into_iter().filter_map(|level| Synchronizer::with_level(link.config, level));
    for synchronizer in levels.chain([Synchronizer::new(link.config)]) {
        assert!(follow(synchronizer, &stream, cuts[1]) == (events.clone(), stats));
    }
}

/// Several codings in one stream: every cut gives the same events; each CADU is of the coding that it is said to be of; the bit ledger
/// closes; and the events are bounded by the length of the stream.
///
/// The first octets choose the codings and the cuts; then comes the stream, or operations that make it.
pub fn several(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let number = 1 + choices.below(3);
    let mut links = Vec::new();
    for _ in 0..number {
        links.extend(SyncLink::choose(&mut choices));
    }
    let Some(first) = links.first().map(|link| *link.config.parameters()) else { return };
    // One spacecraft has one polarity.
    links.retain(|link| link.config.parameters().polarity == first.polarity);
    let configs: Vec<SyncConfig> = links.iter().map(|link| link.config).collect();
    let cuts = [1 + choices.below(97), 1 + choices.below(256) * 8];
    let kind = |link: &SyncLink| Kind {
        marker: link.marker,
        block_len: link.block_len,
        fill_bits: link.config.parameters().fill_bits,
    };
    let stream = stream_of(choices, &links.iter().map(kind).collect::<Vec<_>>());

    let (events, stats) = follow_several(&configs, &stream, stream.len().max(1));
    check_events(&links, &stream, events.iter().copied(), stats);
    for cut in cuts {
        assert!(follow_several(&configs, &stream, cut) == (events.clone(), stats), "cut every {cut} octets");
    }
}

/// Blocks at some bits of the stream are those bits, at every level and in each sequence; zeros follow where the stream ends.
fn extract(link: &SyncLink, stream: &[u8]) {
    let marker_bits = link.config.asm().len_bits();
    let bit = |at: usize| stream.get(at / 8).map_or(0, |octet| octet >> (7 - at % 8) & 1);
    for (number, randomizer) in RANDOMIZERS.into_iter().enumerate() {
        for start in [number, 8 * stream.len() / 3 + 5, (8 * stream.len()).saturating_sub(70)] {
            let inverted = start % 2 == 1;
            let first = start + marker_bits;
            let mut expected = vec![0; link.block_len + 1];
            for at in (0..8 * link.block_len).filter(|at| first + at < 8 * stream.len()) {
                let random = randomizer.octet(at / 8) >> (7 - at % 8) & 1;
                expected[at / 8] |= (bit(first + at) ^ u8::from(inverted) ^ random) << (7 - at % 8);
            }
            let cadu = CaduLoc {
                offset: start / 8,
                bit: (start % 8) as u8,
                inverted,
                asm_errors: 0,
                sync: SyncQuality::Locked,
                stream_bit: start as u64,
            };
            let mut block = vec![0xAA; link.block_len + 1];
            align::extract(stream, &cadu, &link.config, randomizer, &mut block);
            assert!(block == expected, "{number} at {start}");
            for level in Level::ALL {
                block.fill(0x55);
                align::extract_with_level(level, stream, &cadu, &link.config, randomizer, &mut block);
                assert!(block == expected, "{level:?}: {number} at {start}");
            }
            let mut twice = expected.clone();
            randomizer.apply(&mut twice);
            randomizer.apply(&mut twice);
            assert!(twice == expected);
        }
    }
}

/// Levels of a line to bits by their definition, however the stream is cut, and back; soft symbols to bits by their signs.
pub fn line_codes(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let cut = choices.below(64);
    let levels = choices.rest();
    let all: Vec<u8> = levels.iter().flat_map(|octet| (0..8).rev().map(move |i| octet >> i & 1)).collect();
    for code in [LineCode::NrzL, LineCode::NrzM, LineCode::NrzS] {
        let mut decoded = levels.to_vec();
        let mut decoder = LineDecoder::new(code);
        let (first, second) = decoded.split_at_mut(cut.min(levels.len()));
        decoder.decode(first);
        decoder.decode(second);
        for (at, &level) in all.iter().enumerate() {
            let changed = level ^ at.checked_sub(1).map_or(0, |before| all[before]);
            let expected = match code {
                LineCode::NrzL => level,
                LineCode::NrzM => changed,
                LineCode::NrzS => 1 - changed,
            };
            assert_eq!(decoded[at / 8] >> (7 - at % 8) & 1, expected, "{code:?} at {at}");
        }
        let mut encoder = LineEncoder::new(code);
        let (first, second) = decoded.split_at_mut(cut.min(levels.len()));
        encoder.encode(first);
        encoder.encode(second);
        assert_eq!(decoded, levels, "{code:?}");
    }
    let mut bits = vec![0; cut];
    let filled = soft::harden(soft::symbols(levels), &mut bits);
    assert_eq!(filled, cut.min(levels.len() / 8));
    for (at, symbol) in levels.iter().take(8 * filled).enumerate() {
        assert_eq!(bits[at / 8] >> (7 - at % 8) & 1, u8::from((1..128).contains(symbol)), "symbol {at}");
    }
    assert!(bits[filled..].iter().all(|octet| *octet == 0));
}

/// Markers with bits that do not matter: errors are those of the bits that do; a mask that leaves too little is refused.
pub fn markers(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let (len, mask_len) = (choices.below(27), choices.below(27));
    let (marker, mask) = (choices.take(len), choices.take(mask_len));
    let mut parameters = None;
    match Asm::new(marker) {
        Ok(asm) => {
            assert!((1..=24).contains(&marker.len()));
            assert_eq!((asm.len_bits(), asm.weight() as usize), (8 * marker.len(), 8 * marker.len()));
            let left: u32 = mask.iter().map(|octet| octet.count_zeros()).sum();
            match asm.ignoring(mask) {
                Ok(masked) => {
                    assert!(mask.len() == marker.len() && left >= 8);
                    assert_eq!((masked.weight(), masked.len_bits()), (left, asm.len_bits()));
                    parameters = Some(SyncParameters {
                        search_errors: choices.below(6) as u8,
                        lock_errors: choices.below(6) as u8,
                        slip: choices.below(3) as u8,
                        verify: 0,
                        ..SyncParameters::new(masked, asm.len_bits() + choices.below(200))
                    });
                }
                Err(error) => assert!((mask.len() != marker.len() || left < 8) && is_one_line(&error)),
            }
        }
        Err(error) => assert!(!(1..=24).contains(&marker.len()) && is_one_line(&error)),
    }
    let Some(parameters) = parameters else { return };
    let errors = parameters.search_errors.max(parameters.lock_errors);
    let config = match SyncConfig::new(parameters) {
        Ok(config) => config,
        Err(error) => return assert!(is_one_line(&error)),
    };
    assert!(2 * u32::from(errors) < parameters.asm.weight());
    // Whatever the bits behind the mask are, the marker is found where it is, or before it.
    let mut stream = choices.take(40).to_vec();
    let at = 8 * stream.len() as u64;
    stream.extend(marker.iter().zip(mask).map(|(octet, mask)| octet ^ (mask & 0x5A)));
    stream.resize(stream.len() + parameters.cadu_bits.div_ceil(8) + 1, 0);
    let (events, stats) = follow(Synchronizer::new(config), &stream, stream.len());
    assert_eq!(stats.bits.total(), 8 * stream.len() as u64);
    let first = events.iter().find_map(|event| match event {
        SyncEvent::Cadu(cadu) => Some(cadu.stream_bit),
        _ => None,
    });
    assert!(first.is_some_and(|first| first <= at), "the marker is at {at}, the first CADU at {first:?}");
    for level in Level::ALL.into_iter().filter_map(|level| Synchronizer::with_level(config, level)) {
        assert!(follow(level, &stream, stream.len()) == (events.clone(), stats));
    }
}

/// Managed parameters that can be, and what CADUs are made of.
pub(crate) struct SyncLink {
    pub(crate) config: SyncConfig,
    pub(crate) marker: &'static [u8],
    pub(crate) block_len: usize,
}

impl SyncLink {
    /// Parameters that the choices make; `None`, and one line that says why, where they contradict each other.
    pub(crate) fn choose(choices: &mut Choices<'_>) -> Option<Self> {
        let marker = choices.pick(&MARKERS);
        let asm = Asm::new(marker).unwrap();
        let block_len = 4 + choices.below(60);
        let fill_bits = choices.below(12);
        let parameters = SyncParameters {
            fill_bits,
            search_errors: choices.below(4) as u8,
            lock_errors: choices.below(4) as u8,
            verify: choices.below(3) as u8,
            flywheel: choices.below(3) as u8,
            slip: choices.below(4) as u8,
            polarity: choices.pick(&[Polarity::Auto, Polarity::Normal, Polarity::Inverted]),
            alignment: choices.pick(&[Alignment::Bit, Alignment::Octet]),
            ..SyncParameters::new(asm, asm.len_bits() + 8 * block_len + fill_bits)
        };
        match SyncConfig::new(parameters) {
            Ok(config) => Some(Self { config, marker, block_len }),
            Err(error) => {
                assert!(is_one_line(&error));
                None
            }
        }
    }
}

/// Events without the places in a window, which depend on the cut.
type Events = Vec<SyncEvent>;

/// Show the stream in pieces; every octet that is dropped is dropped for good.
fn follow(mut synchronizer: Synchronizer, stream: &[u8], cut: usize) -> (Events, SyncStats) {
    let needed = synchronizer.config().window_len();
    let events = drive(stream, cut, needed, |window, ended| {
        let step = if ended { synchronizer.finish(window) } else { synchronizer.poll(window) };
        ((), step)
    });
    (events.into_iter().map(|((), event)| event).collect(), synchronizer.stats())
}

/// The same of several codings; each event says which it is about.
fn follow_several(configs: &[SyncConfig], stream: &[u8], cut: usize) -> (Vec<(usize, SyncEvent)>, SyncStats) {
    let mut synchronizer = SeveralSynchronizer::new(configs);
    let needed = synchronizer.window_len();
    let events = drive(stream, cut, needed, |window, ended| {
        let CodedStep { coding, step } =
            if ended { synchronizer.finish(window) } else { synchronizer.poll(window) };
        (coding, step)
    });
    (events, synchronizer.stats())
}

fn drive<T>(
    stream: &[u8],
    cut: usize,
    needed: usize,
    mut poll: impl FnMut(&[u8], bool) -> (T, Step),
) -> Vec<(T, SyncEvent)> {
    let (mut start, mut end, mut events) = (0, 0, Vec::new());
    while end < stream.len() {
        end = (end + cut).min(stream.len());
        loop {
            let window = &stream[start..end];
            let (tag, Step { advance, event }) = poll(window, false);
            assert!(advance <= window.len());
            assert!(event.is_some() || advance > 0 || window.len() < needed, "the synchronizer is stuck");
            let done = event.is_none();
            events.extend(event.map(|event| (tag, placed(event, start, window.len()))));
            start += advance;
            if done {
                break;
            }
        }
    }
    loop {
        let window = &stream[start..];
        let (tag, Step { advance, event }) = poll(window, true);
        assert!(advance <= window.len());
        let Some(event) = event else { break };
        events.push((tag, placed(event, start, window.len())));
        start += advance;
    }
    events
}

/// The same event, its place checked and counted from the start of the stream.
fn placed(event: SyncEvent, start: usize, window_len: usize) -> SyncEvent {
    match event {
        SyncEvent::Cadu(cadu) => {
            assert!(cadu.offset < window_len && cadu.bit < 8);
            assert_eq!(cadu.stream_bit, 8 * (start + cadu.offset) as u64 + u64::from(cadu.bit));
            SyncEvent::Cadu(CaduLoc { offset: 0, bit: 0, ..cadu })
        }
        other => other,
    }
}

fn check(link: &SyncLink, stream: &[u8], events: &Events, stats: SyncStats) {
    check_events(std::slice::from_ref(link), stream, events.iter().map(|event| (0, *event)), stats);
}

fn check_events(
    links: &[SyncLink],
    stream: &[u8],
    events: impl ExactSizeIterator<Item = (usize, SyncEvent)>,
    stats: SyncStats,
) {
    let bits = stream.len() as u64 * 8;
    assert_eq!(stats.bits.total(), bits, "the bit ledger closes");
    let shortest = links.iter().map(|link| link.config.asm().len_bits() as u64).min().unwrap();
    let number = events.len() as u64;
    let (mut cadus, mut locks, mut floor) = (0, 0, 0);
    for (coding, event) in events {
        let link = &links[coding];
        let parameters = link.config.parameters();
        let (asm_bits, filled) = (link.config.asm().len_bits() as u64, link.config.block_bits() as u64);
        let lock_errors = u32::from(parameters.lock_errors.max(parameters.search_errors));
        match event {
            SyncEvent::Cadu(cadu) => {
                cadus += 1;
                assert!(cadu.stream_bit >= floor, "a CADU begins behind the marker of the one before");
                floor = cadu.stream_bit + asm_bits;
                assert!(floor + filled <= bits, "a CADU is whole");
                let errors = marker_errors(stream, cadu.stream_bit, link.marker, cadu.inverted);
                assert_eq!(u32::from(cadu.asm_errors), errors);
                assert_eq!(cadu.sync == SyncQuality::Flywheel, errors > lock_errors);
                match parameters.polarity {
                    Polarity::Auto => {}
                    Polarity::Inverted => assert!(cadu.inverted),
                    Polarity::Normal => assert!(!cadu.inverted),
                }
            }
            SyncEvent::LockAcquired { stream_bit, .. } => {
                locks += 1;
                assert!(stream_bit >= floor.min(bits) || stream_bit + asm_bits >= floor);
            }
            SyncEvent::LockLost { .. } => {}
            _ => panic!("an event that nobody knows"),
        }
    }
    assert_eq!((stats.cadus, stats.locks), (cadus, locks));
    // Every lock delivers its first CADU or ends the stream, and a loss follows a lock: so much work, and no more.
    assert!(locks <= cadus + 1 && number <= 3 * cadus + 2);
    assert!(cadus <= bits / shortest + 1);
}

/// Bit errors of a marker, bit by bit.
fn marker_errors(stream: &[u8], at: u64, marker: &[u8], inverted: bool) -> u32 {
    let bit = |octets: &[u8], i: usize| octets[i / 8] >> (7 - i % 8) & 1 == 1;
    let wrong = |i: &usize| bit(stream, at as usize + i) != (bit(marker, *i) != inverted);
    (0..8 * marker.len()).filter(wrong).count() as u32
}

/// The usual one, a long one, and one that noise holds often.
const MARKERS: [&[u8]; 3] =
    [&[0x1A, 0xCF, 0xFC, 0x1D], &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0], &[0xEB, 0x90]];

const RANDOMIZERS: [Randomizer; 4] =
    [Randomizer::NONE, Randomizer::CCSDS_255, Randomizer::CCSDS_131071, Randomizer::TELECOMMAND];
