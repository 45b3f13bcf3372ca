//! Finding markers: out of lock at any bit, at octets, and in lock.

use std::hint::black_box;
use std::rc::Rc;

use ccsds_core::arch::Level;
use frame_sync::asm::Asm;
use frame_sync::sync::{Alignment, Polarity, SyncConfig, SyncEvent, SyncParameters, Synchronizer};
use memchr::memmem;

use super::Scope;
use super::contest::Contest;
use super::material::{Recording, random_octets};
use super::row::Unit;
use crate::sim::SpecError;

/// Every work of this module.
///
/// # Errors
/// When the link cannot be simulated.
pub fn contests(scope: &Scope) -> Result<Vec<Contest>, SpecError> {
    let mut contests = Vec::new();
    for (name, markers) in [("no marker", Markers::None), ("rare markers", Markers::Rare)] {
        let stream = Rc::new(Stream::new(markers));
        for errors in [0, 3] {
            contests.push(any_bit(scope, name, &stream, errors)?);
        }
    }
    contests.push(octets(scope)?);
    contests.push(lock(scope)?);
    Ok(contests)
}

/// A synchronizer whose kernels are those of a level; of the best there is where the machine does not have it.
#[must_use]
pub fn synchronizer(config: SyncConfig, level: Level) -> Synchronizer {
    Synchronizer::with_level(config, level).unwrap_or(Synchronizer::new(config))
}

/// A stream that never leads to a lock.
struct Stream {
    octets: Vec<u8>,
    /// Markers in the part that the slow peer searches.
    markers_in_part: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Markers {
    None,
    /// One every [`RARE`] octets.
    Rare,
}

impl Stream {
    /// Random octets in which nothing comes near the marker but markers that nothing follows: candidates to be refused.
    fn new(markers: Markers) -> Self {
        let mut octets = random_octets(STREAM_LEN);
        // Rewriting a hit may make another one, so look again.
        while let Some(place) = first_naive(&octets, MARKER, 3) {
            for octet in octets.iter_mut().skip(place).take(5) {
                *octet = octet.wrapping_mul(5).wrapping_add(0x55);
            }
        }
        if markers == Markers::Rare {
            // Three bits into an octet.
            let bits = (u64::from(MARKER) << 5 | 0b1_0101).to_be_bytes();
            for place in (RARE..STREAM_LEN - RARE / 2).step_by(RARE) {
                for (octet, new) in octets.iter_mut().skip(place).zip(bits.iter().skip(3)) {
                    *octet = *new;
                }
            }
        }
        let markers_in_part = count_naive(octets.get(..PART_LEN).unwrap_or_default(), MARKER, 3);
        Self { octets, markers_in_part }
    }
}

/// Search a whole stream, both polarities.
fn any_bit(scope: &Scope, markers: &str, stream: &Rc<Stream>, errors: u8) -> Result<Contest, SpecError> {
    let kind = if errors == 0 { "exact".to_owned() } else { format!("<={errors} errors") };
    let mut contest = Contest::new(format!("marker search any bit, {kind}, {markers}"), Unit::MEBIBYTE);
    let config = SyncParameters { search_errors: errors, ..SyncParameters::new(Asm::TM, CADU_BITS) };
    let config = SyncConfig::new(config).map_err(SpecError::Sync)?;
    for &level in &scope.levels {
        let (stream, fresh) = (stream.clone(), synchronizer(config, level));
        contest.ours(level, 1, STREAM_LEN, move || {
            let step = fresh.clone().poll(black_box(&stream.octets));
            assert_eq!(step.event, None);
            // All but the last, unfinished place was decided.
            assert!(step.advance + 5 > STREAM_LEN, "stopped at {}", step.advance);
        });
    }
    let stream = stream.clone();
    contest.peer("shift-and-popcount", PART_LEN, move || {
        let part = stream.octets.get(..PART_LEN).unwrap_or_default();
        assert_eq!(count_naive(black_box(part), MARKER, u32::from(errors)), stream.markers_in_part);
    });
    Ok(contest)
}

/// Search octets only: where `memmem` is what everyone uses, ours included.
fn octets(scope: &Scope) -> Result<Contest, SpecError> {
    let mut contest = Contest::new("marker search at octets, no marker", Unit::MEBIBYTE);
    let config = SyncParameters {
        alignment: Alignment::Octet,
        polarity: Polarity::Normal,
        ..SyncParameters::new(Asm::TM, CADU_BITS)
    };
    let config = SyncConfig::new(config).map_err(SpecError::Sync)?;
    let stream = Rc::new(Stream::new(Markers::None));
    for &level in &scope.levels {
        let (stream, fresh) = (stream.clone(), synchronizer(config, level));
        contest.ours(level, 1, STREAM_LEN, move || {
            let step = fresh.clone().poll(black_box(&stream.octets));
            assert_eq!(step.event, None);
            assert!(step.advance + 5 > STREAM_LEN, "stopped at {}", step.advance);
        });
    }
    let finder = memmem::Finder::new(&MARKER.to_be_bytes()).into_owned();
    contest.peer("memchr", STREAM_LEN, move || assert_eq!(finder.find(black_box(&stream.octets)), None));
    Ok(contest)
}

/// Follow the markers of a clean recording.
fn lock(scope: &Scope) -> Result<Contest, SpecError> {
    let recording = Recording::clean(LOCK_CADUS)?;
    let mut contest =
        Contest::new("synchronizer in lock", Unit { name: "CADU", octets: recording.cadu_len() });
    for &level in &scope.levels {
        let (octets, fresh) = (recording.octets.clone(), synchronizer(recording.sync, level));
        contest.ours(level, 1, recording.octets.len(), move || {
            assert_eq!(follow(&mut fresh.clone(), black_box(&octets)), LOCK_CADUS);
        });
    }
    Ok(contest)
}

/// How many CADUs there are.
fn follow(sync: &mut Synchronizer, octets: &[u8]) -> usize {
    let (mut spent, mut cadus) = (0, 0);
    loop {
        let step = sync.finish(octets.get(spent..).unwrap_or_default());
        spent += step.advance;
        match step.event {
            Some(SyncEvent::Cadu(cadu)) => {
                black_box(cadu);
                cadus += 1;
            }
            Some(_) => {}
            None => return cadus,
        }
    }
}

/// The peer that anybody writes first: a register that takes an octet, and eight comparisons.
fn count_naive(octets: &[u8], marker: u32, allowed: u32) -> usize {
    let mut window = 0u64;
    let mut found = 0;
    for (index, &octet) in octets.iter().enumerate() {
        window = window << 8 | u64::from(octet);
        if index >= 4 {
            found += (1..=8).filter(|shift| is_hit((window >> shift) as u32, marker, allowed)).count();
        }
    }
    found
}

/// The octet in which the first match begins.
fn first_naive(octets: &[u8], marker: u32, allowed: u32) -> Option<usize> {
    let mut window = 0u64;
    octets.iter().enumerate().find_map(|(index, &octet)| {
        window = window << 8 | u64::from(octet);
        let hit = index >= 4 && (1..=8).any(|shift| is_hit((window >> shift) as u32, marker, allowed));
        hit.then(|| index - 4)
    })
}

/// Either polarity.
const fn is_hit(word: u32, marker: u32, allowed: u32) -> bool {
    let errors = (word ^ marker).count_ones();
    errors <= allowed || errors >= 32 - allowed
}

const MARKER: u32 = 0x1ACF_FC1D;
const CADU_BITS: usize = 1279 * 8;
/// It stays in a second-level cache.
const STREAM_LEN: usize = 256 << 10;
/// What a slow peer searches of it.
const PART_LEN: usize = STREAM_LEN / 8;
/// From one rare marker to the next.
const RARE: usize = 16 << 10;
const LOCK_CADUS: usize = 200;
