//! Runs the committed corpus, and some generated octets, through every property.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::Path;

use fuzz::PROPERTIES;

#[test]
fn the_corpus_contradicts_no_property() {
    for (name, property) in PROPERTIES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut entries: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        assert!(!entries.is_empty(), "no corpus for {name}");
        for path in entries {
            println!("{}", path.display());
            property(&std::fs::read(path).unwrap());
        }
    }
}

#[test]
fn seeds_contradict_no_property_and_reach_every_one() {
    let seeds = fuzz::seeds::seeds();
    for (name, property) in PROPERTIES {
        let mine: Vec<_> = seeds.iter().filter(|seed| seed.property == name).collect();
        assert!(!mine.is_empty() || name == "rs_decode", "no seed for {name}");
        for seed in mine {
            println!("{name}/{}", seed.name);
            property(&seed.octets);
        }
    }
}

/// Octets that look like a stream often enough: noise, markers, runs, and pieces of what came before.
#[test]
fn generated_octets_contradict_no_property() {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % end
    };
    for round in 0..400 {
        let mut octets = Vec::new();
        let len = 1 << (3 + round % 10);
        while octets.len() < len {
            match random(6) {
                0 => octets.extend([0x1A, 0xCF, 0xFC, 0x1D]),
                1 => octets.extend([[0x00, 0xFF, 0xE0, 0x55][random(4)]; 9]),
                2 if !octets.is_empty() => {
                    let start = random(octets.len());
                    let end = start + random(octets.len() - start + 1);
                    octets.extend_from_within(start..end);
                }
                _ => octets.extend((0..7).map(|_| random(256) as u8)),
            }
        }
        for (_, property) in PROPERTIES {
            property(&octets);
        }
    }
}
