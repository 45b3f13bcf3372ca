//! Frame synchronization: every kernel, every cut, and what may be said of a CADU.

use ccsds_core::arch::Level;
use ccsds_core::quality::SyncQuality;
use frame_sync::asm::Asm;
use frame_sync::sync::{
    Alignment, CaduLoc, Polarity, Step, SyncConfig, SyncEvent, SyncParameters, SyncStats, Synchronizer,
};

use crate::choices::Choices;
use crate::stream::{Sendable, stream};

/// Every kernel level and every cut of the stream give the same events; each CADU is what it is said to be; the bit ledger
/// closes; and the events, and the polls it takes to get them, are bounded by the length of the stream.
///
/// The first octets choose the managed parameters and the cuts; then comes the stream, or operations that make it.
pub fn sync(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let Some(link) = SyncLink::choose(&mut choices) else { return };
    let cuts = [1 + choices.below(97), 1 + choices.below(256) * 8];
    let stream = stream(choices, link.marker, link.block_len, link.config.parameters().fill_bits);

    let scalar = Synchronizer::with_level(link.config, Level::Scalar).unwrap();
    let (events, stats) = follow(scalar.clone(), &stream, stream.len().max(1));
    check(&link, &stream, &events, stats);
    for cut in cuts {
        assert!(follow(scalar.clone(), &stream, cut) == (events.clone(), stats), "cut every {cut} octets");
    }
    let levels = Level::ALL.into_iter().filter_map(|level| Synchronizer::with_level(link.config, level));
    for synchronizer in levels.chain([Synchronizer::new(link.config)]) {
        assert!(follow(synchronizer, &stream, cuts[1]) == (events.clone(), stats));
    }
}

/// Managed parameters that can be, and what CADUs are made of.
pub(crate) struct SyncLink {
    pub(crate) config: SyncConfig,
    pub(crate) marker: &'static [u8],
    pub(crate) block_len: usize,
}

impl SyncLink {
    /// Parameters that the choices make; `None` where they contradict each other.
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
        Some(Self { config: SyncConfig::new(parameters).ok()?, marker, block_len })
    }
}

impl SyncLink {
    /// What is sent on such a link.
    pub(crate) const fn sendable(&self) -> Sendable {
        let fill_bits = self.config.parameters().fill_bits;
        Sendable { marker: self.marker, block_len: self.block_len, fill_bits }
    }
}

/// Events without the places in a window, which depend on the cut.
type Events = Vec<SyncEvent>;

/// Show the stream in pieces; every octet that is dropped is dropped for good.
pub(crate) fn follow(synchronizer: Synchronizer, stream: &[u8], cut: usize) -> (Events, SyncStats) {
    let (events, stats) = follow_from(synchronizer, stream, cut);
    let nowhere = |event| match event {
        SyncEvent::Cadu(cadu) => SyncEvent::Cadu(CaduLoc { offset: 0, bit: 0, ..cadu }),
        other => other,
    };
    (events.into_iter().map(nowhere).collect(), stats)
}

/// The same with the places in the stream.
pub(crate) fn follow_from(mut synchronizer: Synchronizer, stream: &[u8], cut: usize) -> (Events, SyncStats) {
    let needed = synchronizer.config().window_len();
    let (mut start, mut end, mut events) = (0, 0, Vec::new());
    while end < stream.len() {
        end = (end + cut).min(stream.len());
        loop {
            let window = &stream[start..end];
            let Step { advance, event } = synchronizer.poll(window);
            assert!(advance <= window.len());
            assert!(event.is_some() || advance > 0 || window.len() < needed, "the synchronizer is stuck");
            let done = event.is_none();
            events.extend(event.map(|event| in_stream(event, start, window.len())));
            start += advance;
            if done {
                break;
            }
        }
    }
    loop {
        let window = &stream[start..];
        let Step { advance, event } = synchronizer.finish(window);
        assert!(advance <= window.len());
        let Some(event) = event else { break };
        events.push(in_stream(event, start, window.len()));
        start += advance;
    }
    (events, synchronizer.stats())
}

/// The same event, its place checked and counted from the start of the stream.
fn in_stream(event: SyncEvent, start: usize, window_len: usize) -> SyncEvent {
    match event {
        SyncEvent::Cadu(cadu) => {
            placed(event, start, window_len);
            SyncEvent::Cadu(CaduLoc { offset: start + cadu.offset, ..cadu })
        }
        other => other,
    }
}

/// The same event without its place, which is checked.
pub(crate) fn placed(event: SyncEvent, start: usize, window_len: usize) -> SyncEvent {
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
    let bits = stream.len() as u64 * 8;
    assert_eq!(stats.bits.total(), bits, "the bit ledger closes");
    let parameters = link.config.parameters();
    let (asm_bits, filled) = (link.config.asm().len_bits() as u64, link.config.block_bits() as u64);
    let lock_errors = u32::from(parameters.lock_errors.max(parameters.search_errors));
    let (mut cadus, mut locks, mut floor) = (0, 0, 0);
    for event in events {
        match *event {
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
    assert!(locks <= cadus + 1 && events.len() as u64 <= 3 * cadus + 2);
    assert!(cadus <= bits / asm_bits + 1);
}

/// Bit errors of a marker, bit by bit.
pub(crate) fn marker_errors(stream: &[u8], at: u64, marker: &[u8], inverted: bool) -> u32 {
    let bit = |octets: &[u8], i: usize| octets[i / 8] >> (7 - i % 8) & 1 == 1;
    let wrong = |i: &usize| bit(stream, at as usize + i) != (bit(marker, *i) != inverted);
    (0..8 * marker.len()).filter(wrong).count() as u32
}

/// The usual one, a long one, and one that noise holds often.
const MARKERS: [&[u8]; 3] =
    [&[0x1A, 0xCF, 0xFC, 0x1D], &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0], &[0xEB, 0x90]];
