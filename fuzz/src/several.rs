//! Streams of several codings: every cut, and what may be said of a CADU.

use ccsds_core::quality::SyncQuality;
use frame_sync::sync::{
    CodedStep, SeveralSynchronizer, Step, SyncConfig, SyncEvent, SyncStats, Synchronizer,
};

use crate::choices::Choices;
use crate::stream::{Sendable, stream_of};
use crate::sync::{SyncLink, follow, marker_errors, placed};

/// Every cut of the stream gives the same events; each CADU is what it is said to be, and of the coding it is said to be of; the bit
/// ledger closes; the work is bounded; and one coding alone gives what the plain synchronizer gives.
///
/// The first octets choose how many codings there are, their managed parameters and the cuts; then comes the stream, or operations that
/// make it.
pub fn several(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let count = 1 + choices.below(3);
    let links: Option<Vec<SyncLink>> = (0..count).map(|_| SyncLink::choose(&mut choices)).collect();
    let Some(links) = links else { return };
    let cuts = [1 + choices.below(97), 1 + choices.below(256) * 8];
    let sendable: Vec<Sendable> = links.iter().map(SyncLink::sendable).collect();
    let stream = stream_of(choices, &sendable);

    let (events, stats) = follow_several(&links, &stream, stream.len().max(1));
    check(&links, &stream, &events, stats);
    for cut in cuts {
        assert!(follow_several(&links, &stream, cut) == (events.clone(), stats), "cut every {cut} octets");
    }
    if let [link] = &links[..] {
        let (alone, same) = follow(Synchronizer::new(link.config), &stream, cuts[1]);
        let events: Vec<SyncEvent> = events.into_iter().map(|(_, event)| event).collect();
        assert!((alone, same) == (events, stats), "as the plain synchronizer has it");
    }
}

/// Events without the places in a window, and their codings.
type Events = Vec<(usize, SyncEvent)>;

/// Show the stream in pieces; every octet that is dropped is dropped for good.
fn follow_several(links: &[SyncLink], stream: &[u8], cut: usize) -> (Events, SyncStats) {
    let configs: Vec<SyncConfig> = links.iter().map(|link| link.config).collect();
    let mut synchronizer = SeveralSynchronizer::new(configs);
    let needed = synchronizer.window_len();
    let (mut start, mut end, mut events) = (0, 0, Vec::new());
    let mut take = |CodedStep { coding, step }: CodedStep, start: usize, window_len: usize| {
        let Step { advance, event } = step;
        assert!(advance <= window_len && coding < links.len());
        events.extend(event.map(|event| (coding, placed(event, start, window_len))));
        event.is_some()
    };
    while end < stream.len() {
        end = (end + cut).min(stream.len());
        loop {
            let window = &stream[start..end];
            let found = synchronizer.poll(window);
            let more = take(found, start, window.len());
            let stuck = !more && found.step.advance == 0 && window.len() >= needed;
            assert!(!stuck, "the synchronizer is stuck");
            start += found.step.advance;
            if !more {
                break;
            }
        }
    }
    loop {
        let window = &stream[start..];
        let found = synchronizer.finish(window);
        if !take(found, start, window.len()) {
            break;
        }
        start += found.step.advance;
    }
    (events, synchronizer.stats())
}

fn check(links: &[SyncLink], stream: &[u8], events: &Events, stats: SyncStats) {
    let bits = stream.len() as u64 * 8;
    assert_eq!(stats.bits.total(), bits, "the bit ledger closes");
    let (mut cadus, mut locks, mut floor) = (0, 0, 0);
    for (coding, event) in events {
        let SyncLink { config, marker, .. } = &links[*coding];
        match *event {
            SyncEvent::Cadu(cadu) => {
                cadus += 1;
                assert!(cadu.stream_bit >= floor, "a CADU begins behind the marker of the one before");
                floor = cadu.stream_bit + config.asm().len_bits() as u64;
                assert!(floor + config.block_bits() as u64 <= bits, "a CADU is whole");
                let errors = marker_errors(stream, cadu.stream_bit, marker, cadu.inverted);
                assert_eq!(u32::from(cadu.asm_errors), errors);
                let parameters = config.parameters();
                let lock_errors = u32::from(parameters.lock_errors.max(parameters.search_errors));
                assert_eq!(cadu.sync == SyncQuality::Flywheel, errors > lock_errors);
            }
            SyncEvent::LockAcquired { .. } => locks += 1,
            SyncEvent::LockLost { .. } => {}
            _ => panic!("an event that nobody knows"),
        }
    }
    assert_eq!((stats.cadus, stats.locks), (cadus, locks));
    // Every lock delivers its first CADU or ends the stream, and a loss follows a lock: so much work, and no more.
    assert!(locks <= cadus + 1 && events.len() as u64 <= 3 * cadus + 2);
}
