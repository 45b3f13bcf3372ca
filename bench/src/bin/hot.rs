//! Run one hot path a number of times, for a profiler or an instruction counter.
//!
//! `.ci/instructions/run` counts the instructions of each path with callgrind, once with few and once with more rounds: the
//! difference is that of the rounds alone.

use std::hint::black_box;
use std::io::{self, Write};
use std::process::ExitCode;

use bench::report::Failure;
use bench::report::frames::PacketStage;
use bench::report::material::{Blocks, Recording, dual, levels, random_octets};
use bench::report::{crc, rs, search};
use ccsds_core::arch::Level;
use ccsds_core::quality::{FrameMeta, FrameQuality, ReceiveTime};
use clap::{Parser, ValueEnum};
use frame_sync::align;
use frame_sync::asm::Asm;
use frame_sync::codec::BlockReport;
use frame_sync::rs::{Interleave, RsE};
use frame_sync::sync::{SyncConfig, SyncEvent, SyncParameters};

/// Run one hot path a number of times.
#[derive(Debug, Parser)]
#[command(name = "hot", version)]
struct Arguments {
    /// Which.
    path: Path,
    /// Which kernels: scalar, ssse3, avx2, gfni, neon.
    level: String,
    /// How often.
    rounds: u32,
}

/// The five hottest paths.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Path {
    /// CRC-16 of a frame of 1115 octets.
    Crc,
    /// Correct 240 codewords of 8 errors each, in blocks of depth 5.
    RsCorrect,
    /// Check 240 clean codewords in blocks of depth 5.
    RsClean,
    /// Search 16 KiB without a marker at any bit.
    Search,
    /// From 50 clean CADUs in memory to packets counted, without Reed-Solomon.
    Walk,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(level) = levels().into_iter().find(|level| level.name() == arguments.level) else {
        return fail(&format!("this machine has no level {}", arguments.level));
    };
    match run(arguments.path, level, arguments.rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure.to_string()),
    }
}

fn fail(why: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "hot: {why}");
    ExitCode::FAILURE
}

fn run(path: Path, level: Level, rounds: u32) -> Result<(), Failure> {
    match path {
        Path::Crc => {
            let (octets, check) = (random_octets(1115), crc::checker(level));
            repeat(rounds, || {
                black_box(check.checksum(black_box(&octets)));
            });
        }
        Path::RsClean => reed_solomon(level, 0, rounds)?,
        Path::RsCorrect => reed_solomon(level, 8, rounds)?,
        Path::Search => {
            let octets = random_octets(16 << 10);
            let config = SyncConfig::new(SyncParameters::new(Asm::TM, 1279 * 8))?;
            let fresh = search::synchronizer(config, level);
            repeat(rounds, || assert_eq!(fresh.clone().poll(black_box(&octets)).event, None));
        }
        Path::Walk => walk(level, rounds)?,
    }
    Ok(())
}

fn repeat(rounds: u32, mut round: impl FnMut()) {
    for _ in 0..rounds {
        round();
    }
}

fn reed_solomon(level: Level, errors: usize, rounds: u32) -> Result<(), Failure> {
    let code = dual(RsE::E16, Interleave::I5)?;
    let (blocks, codec) = (Blocks::new(code, errors), rs::decoder(code, level));
    let mut reports = vec![BlockReport::default(); blocks.octets.len() / code.block_len()];
    let mut work = blocks.octets.clone();
    repeat(rounds, || {
        work.copy_from_slice(&blocks.octets);
        assert_eq!(rs::decode_blocks(&codec, black_box(&mut work), &mut reports), blocks.tally);
    });
    Ok(())
}

fn walk(level: Level, rounds: u32) -> Result<(), Failure> {
    let recording = Recording::clean(50)?;
    let fresh = search::synchronizer(recording.sync, level);
    let mut stage = PacketStage::new(&recording)?;
    let mut block = vec![0; recording.code.block_len()];
    repeat(rounds, || {
        let (mut sync, mut spent) = (fresh.clone(), 0);
        stage.forget();
        loop {
            let window = recording.octets.get(spent..).unwrap_or_default();
            let step = sync.finish(black_box(window));
            match step.event {
                Some(SyncEvent::Cadu(cadu)) => {
                    let randomizer = recording.spec.randomizer;
                    align::extract_with_level(level, window, &cadu, &recording.sync, randomizer, &mut block);
                    stage.push(block.get(..recording.code.frame_len()).unwrap_or_default(), &DELIVERED);
                }
                Some(_) => {}
                None => break,
            }
            spent += step.advance;
        }
        assert_eq!(stage.packets(), recording.packets);
    });
    Ok(())
}

const DELIVERED: FrameMeta =
    FrameMeta { ordinal: 0, stream_bit: 0, received: ReceiveTime(0), quality: FrameQuality::EXTERNAL };
