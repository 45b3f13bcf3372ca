//! A recording by the simulator, the truth about it, and the memory map of the board.
//!
//! What the firmware must answer is worked out here from what was sent: packets from the simulator's own log, parameters bit by
//! bit, without the library that the firmware links.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bench::sim::{
    ChannelSpec, Fate, Fault, FrameSpec, IdleSpec, Impairments, Lengths, LinkSpec, PacketKind, Pass, Place,
    Protocol, Source, When,
};
use ccsds_core::fecf::Fecf;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsE};

#[allow(dead_code, reason = "the firmware uses the rest")]
#[path = "src/parameters.rs"]
mod parameters;

use parameters::{APID, Form, MODES, PACKET_LEN, PARAMETERS, SWITCH};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/parameters.rs");
    println!("cargo:rerun-if-env-changed=BOARD");
    println!("cargo:rerun-if-env-changed=NO_PANIC_PROOF");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let clean = Pass::simulate(&link(), &Impairments::default(), SEED, FRAMES)?;
    fs::write(out.join("clean.bin"), framed(&clean.octets))?;
    let damaged = Pass::simulate(&link(), &impairments(), SEED, FRAMES)?;
    fs::write(out.join("damaged.bin"), framed(&damaged.octets))?;
    fs::write(out.join("recording.bin"), &damaged.octets)?;
    fs::write(out.join("truth.rs"), truth(&damaged)?)?;
    memory_map(&out)
}

const SEED: u64 = 6;
const FRAMES: usize = 160;

/// What the spacecraft sends.
fn link() -> LinkSpec {
    LinkSpec {
        frames: FrameSpec { protocol: Protocol::Tm, len: 223, extra: 0, ocf: true, fecf: Fecf::Crc16 },
        scid: 0x2AB,
        channels: vec![
            ChannelSpec::new(
                0,
                3,
                vec![
                    Source::space(APID, Lengths::Fixed(PACKET_LEN), 4),
                    Source::space(8, Lengths::Octaves { min: 20, max: 900 }, 1),
                    Source {
                        kind: PacketKind::IdleSpace,
                        lengths: Lengths::Uniform { min: 7, max: 90 },
                        weight: 1,
                    },
                ],
            ),
            ChannelSpec::new(1, 2, vec![Source::space(100, Lengths::Octaves { min: 300, max: 1000 }, 1)]),
        ],
        idle: IdleSpec { vcid: 7, weight: 1, first_count: 0 },
        coding: RsConfig::new(RsE::E16, Interleave::I1, 0, Basis::Dual).ok(),
        ..LinkSpec::tm_default()
    }
}

/// What happens to it: noise, the most that can be corrected, more than that, losses, slips and turns of polarity.
fn impairments() -> Impairments {
    Impairments { bit_error_rate: 0.000_5, lead_bits: 1003, ..Impairments::default() }
        .with(When::at([20, 21, 90]), Fault::SymbolErrors { per_codeword: 14 })
        .with(When::at([30]), Fault::SymbolErrors { per_codeword: 40 })
        .with(When::at([40, 41]), Fault::Drop)
        .with(When::at([50]), Fault::Repeat)
        .with(When::at([60]), Fault::MarkerErrors { bits: 9 })
        .with(When::at([70]), Fault::Invert { at: Place::BOUNDARY })
        .with(When::at([80]), Fault::Delete { at: Place::Block, bits: 1 })
        .with(When::at([100]), Fault::Insert { at: Place::BOUNDARY, bits: 1 })
        .with(When::at([120]), Fault::Burst { at: Place::Block, bits: 90 })
}

/// A recording behind its length, for the loader of the emulator.
fn framed(octets: &[u8]) -> Vec<u8> {
    [&(octets.len() as u32).to_be_bytes(), octets].concat()
}

/// What the firmware must answer, as a constant.
fn truth(pass: &Pass) -> Result<String, Box<dyn Error>> {
    let truth = &pass.truth;
    let open = truth.packets(Fate::May) + truth.frames(Fate::May) + truth.unseen_damage;
    if open > 0 || truth.channels.iter().any(|channel| !channel.counts_are_exact) {
        return Err(format!("the fate of {open} frames or packets is open: choose other impairments").into());
    }
    let (mut channels, mut fold) = (String::new(), Fold { parameters: 0, hash: FNV_OFFSET, alarms: 0 });
    for channel in &truth.channels {
        let (mut packets, mut hash) = (0, FNV_OFFSET);
        for (index, packet) in channel.packets.iter().enumerate() {
            if packet.fate != Fate::Must || packet.sent.kind.is_idle() {
                continue;
            }
            let octets = channel.packet_octets(index).ok_or("the simulator kept no octets")?;
            packets += 1;
            hash = fnv(hash, octets);
            if packet.sent.kind == (PacketKind::Space { apid: APID }) {
                fold.packet(octets);
            }
        }
        let counts = &channel.counts;
        writeln!(
            channels,
            "ChannelAnswer {{ packets: {packets}, hash: {hash:#x}, gaps: {}, missing: {}, repeats: {} }},",
            counts.gaps, counts.missing, counts.repeats
        )?;
    }
    Ok(format!(
        "pub const TRUTH: Answer = Answer {{ channels: [{channels}], parameters: {}, parameter_hash: {:#x}, alarms: {}, octets: {} }};",
        fold.parameters,
        fold.hash,
        fold.alarms,
        pass.octets.len()
    ))
}

/// Engineering values, folded as the firmware folds them.
struct Fold {
    parameters: u32,
    hash: u32,
    alarms: u32,
}

impl Fold {
    fn packet(&mut self, octets: &[u8]) {
        let mut bits = octets.iter().flat_map(|octet| (0..8).rev().map(move |i| octet >> i & 1)).skip(48);
        for parameter in &PARAMETERS {
            let mut word = 0u64;
            for _ in 0..parameter.bits {
                word = word * 2 + u64::from(bits.next().unwrap_or(0));
            }
            let signed = if word >> (parameter.bits - 1) == 1 {
                i64::try_from(i128::from(word) - (1i128 << parameter.bits)).unwrap_or(0)
            } else {
                word as i64
            };
            self.parameters += 1;
            match parameter.form {
                Form::Boolean => self.word(word, SWITCH[usize::from(word != 0)]),
                Form::Float => self.number(f32::from_bits(word as u32).into()),
                Form::Mode => {
                    let mode =
                        MODES.iter().find(|(_, first, last)| (*first..=*last).contains(&signed_mode(word)));
                    self.word(word, mode.map_or("", |(word, ..)| word));
                }
                Form::Polynomial(c, limits) => self.calibrated(word as f64, c, limits),
                Form::SignedPolynomial(c, limits) => self.calibrated(signed as f64, c, limits),
                Form::Signed => self.word(signed as u64, ""),
                Form::Unsigned => self.word(word, ""),
            }
        }
    }

    fn calibrated(&mut self, x: f64, [a, b, c]: [f64; 3], [low, high]: [f64; 2]) {
        let value = a + x * (b + x * c);
        self.number(value);
        self.alarms += u32::from(value < low || value > high);
    }

    fn number(&mut self, x: f64) {
        self.word(if x.is_nan() { u64::MAX } else { x.to_bits() }, "");
    }

    fn word(&mut self, word: u64, text: &str) {
        self.hash = fnv(fnv(self.hash, &word.to_be_bytes()), text.as_bytes());
    }
}

/// A mode counts without sign.
fn signed_mode(word: u64) -> i64 {
    i64::try_from(word).unwrap_or(i64::MAX)
}

fn fnv(hash: u32, octets: &[u8]) -> u32 {
    octets.iter().fold(hash, |hash, octet| (hash ^ u32::from(*octet)).wrapping_mul(16_777_619))
}

const FNV_OFFSET: u32 = 2_166_136_261;

/// Flash and memory of the board, for the linker.
fn memory_map(out: &Path) -> Result<(), Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let board = env::var("BOARD").ok();
    let script = match (target.as_str(), board.as_deref()) {
        (target, board) if target.starts_with("thumb") => {
            let regions = match (target, board) {
                (_, Some("microbit")) | ("thumbv6m-none-eabi", None) => {
                    "FLASH : ORIGIN = 0, LENGTH = 256K\n RAM : ORIGIN = 0x20000000, LENGTH = 16K"
                }
                (_, Some("lm3s6965evb")) => {
                    "FLASH : ORIGIN = 0, LENGTH = 256K\n RAM : ORIGIN = 0x20000000, LENGTH = 64K"
                }
                (_, Some("mps2-an386") | None) => {
                    "FLASH : ORIGIN = 0, LENGTH = 256K\n RAM : ORIGIN = 0x20000000, LENGTH = 64K"
                }
                (_, Some(board)) => return Err(format!("unknown board {board}").into()),
            };
            println!("cargo:rustc-link-arg-bins=--nmagic");
            println!("cargo:rustc-link-arg-bins=-Tlink.x");
            format!("MEMORY {{\n {regions}\n}}\n")
        }
        (target, _) if target.starts_with("riscv32") => {
            println!("cargo:rustc-link-arg-bins=-Tmemory.x");
            println!("cargo:rustc-link-arg-bins=-Tlink.x");
            let regions = ["TEXT", "RODATA", "DATA", "BSS", "HEAP", "STACK"];
            let aliases: String =
                regions.iter().map(|region| format!("REGION_ALIAS(\"REGION_{region}\", RAM);\n")).collect();
            format!("MEMORY {{ RAM : ORIGIN = 0x80000000, LENGTH = 1M }}\n{aliases}")
        }
        (target, _) if target.starts_with("sparc") => {
            println!("cargo:rerun-if-changed=leon3.ld");
            println!("cargo:rustc-link-arg-bins=-T{}/leon3.ld", env::var("CARGO_MANIFEST_DIR")?);
            String::new()
        }
        // A host checks the crate, and links no image.
        _ => String::new(),
    };
    fs::write(out.join("memory.x"), script)?;
    println!("cargo:rustc-link-search={}", out.display());
    Ok(())
}
