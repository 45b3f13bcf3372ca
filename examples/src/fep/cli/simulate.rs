//! The options of `fep simulate`.

use std::path::PathBuf;
use std::str::FromStr;

use bench::sim::{Fault, Impairments, Place, When};
use clap::Args;

use crate::fep::simulate::{SimulateOptions, Size};

/// Options of `fep simulate`. Frames and CADUs are numbered from 0.
#[derive(Args, Debug)]
pub(super) struct SimulateArgs {
    /// The mission file (TOML) of the link; its input must be bits.
    #[arg(long, value_name = "M.toml")]
    pub(super) mission: PathBuf,
    /// The recording to write; the truth goes to FILE.truth.json.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    force: bool,
    /// Frames to make; they are kept in memory [default: 1000].
    #[arg(long, value_name = "N", conflicts_with = "size")]
    frames: Option<u32>,
    /// Octets to write, any number, in bounded memory.
    #[arg(long, value_name = "OCTETS")]
    size: Option<u64>,
    /// What settles everything left to chance: the same seed gives the same recording.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Bits received wrong, each on its own: a rate between 0 and 1.
    #[arg(long, value_name = "R", default_value_t = 0.0, value_parser = parse_rate)]
    bit_error_rate: f64,
    /// Wrong symbols in every codeword; without a code, wrong octets in every frame.
    #[arg(long, value_name = "K", default_value_t = 0)]
    symbol_errors: usize,
    /// Frames that are made and counted, but never sent: numbers, separated by commas.
    #[arg(long, value_name = "FRAME", value_delimiter = ',')]
    drop: Vec<u64>,
    /// Frames that are sent twice.
    #[arg(long, value_name = "FRAME", value_delimiter = ',')]
    repeat: Vec<u64>,
    /// Bits that turn up (+) or get lost (-) within the block of a CADU, such as 20:+2 or 31:-1.
    #[arg(long, value_name = "CADU:BITS", value_delimiter = ',', allow_hyphen_values = true)]
    slip: Vec<Slip>,
    /// CADUs from which on the polarity is the other one.
    #[arg(long, value_name = "CADU", value_delimiter = ',')]
    invert: Vec<u64>,
    /// Begin with inverted polarity.
    #[arg(long)]
    inverted: bool,
    /// Stretches of bits of which about every second one is wrong, such as 12:400.
    #[arg(long, value_name = "CADU:BITS", value_delimiter = ',')]
    burst: Vec<Numbered<u32>>,
    /// Bit errors in the marker of a CADU, such as 7:5.
    #[arg(long, value_name = "CADU:BITS", value_delimiter = ',')]
    marker_errors: Vec<Numbered<u32>>,
    /// Random bits ahead of a CADU, such as 40:10000.
    #[arg(long, value_name = "CADU:BITS", value_delimiter = ',')]
    garbage: Vec<Numbered<u64>>,
    /// Random bits ahead of the first CADU.
    #[arg(long, value_name = "BITS", default_value_t = 0)]
    lead: u64,
    /// Bits missed at the start.
    #[arg(long, value_name = "BITS", default_value_t = 0)]
    cut_head: u64,
    /// Bits missed at the end; with --frames.
    #[arg(long, value_name = "BITS", default_value_t = 0)]
    cut_tail: u64,
}

impl SimulateArgs {
    pub(super) fn options(&self) -> SimulateOptions {
        let frames =
            self.frames.map_or(DEFAULT_FRAMES, |frames| usize::try_from(frames).unwrap_or(usize::MAX));
        SimulateOptions {
            out: self.out.clone(),
            force: self.force,
            size: self.size.map_or(Size::Frames(frames), Size::Octets),
            seed: self.seed,
            impairments: self.impairments(),
        }
    }

    fn impairments(&self) -> Impairments {
        let mut impairments = Impairments {
            bit_error_rate: self.bit_error_rate,
            inverted: self.inverted,
            lead_bits: self.lead,
            cut_head_bits: self.cut_head,
            cut_tail_bits: self.cut_tail,
            faults: Vec::new(),
        };
        let mut add = |when, fault| impairments.faults.push((when, fault));
        if self.symbol_errors > 0 {
            add(When::Always, Fault::SymbolErrors { per_codeword: self.symbol_errors });
        }
        for (numbers, fault) in [
            (&self.drop, Fault::Drop),
            (&self.repeat, Fault::Repeat),
            (&self.invert, Fault::Invert { at: Place::BOUNDARY }),
        ] {
            if !numbers.is_empty() {
                add(When::at(numbers.iter().copied()), fault);
            }
        }
        for slip in &self.slip {
            let (at, bits) = (Place::Block, slip.bits.unsigned_abs());
            let fault = if slip.bits > 0 { Fault::Insert { at, bits } } else { Fault::Delete { at, bits } };
            add(When::at([slip.cadu]), fault);
        }
        for burst in &self.burst {
            add(When::at([burst.number]), Fault::Burst { at: Place::Anywhere, bits: burst.value });
        }
        for errors in &self.marker_errors {
            add(When::at([errors.number]), Fault::MarkerErrors { bits: errors.value });
        }
        for garbage in &self.garbage {
            add(When::at([garbage.number]), Fault::Insert { at: Place::BOUNDARY, bits: garbage.value });
        }
        impairments
    }
}

/// `NUMBER:VALUE`.
#[derive(Clone, Copy, Debug)]
struct Numbered<T> {
    number: u64,
    value: T,
}

impl<T: FromStr> FromStr for Numbered<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split_once(':')
            .and_then(|(number, value)| Some((number.parse().ok()?, value.parse().ok()?)));
        let (number, value) = parts.ok_or("write NUMBER:BITS, such as 12:400")?;
        Ok(Self { number, value })
    }
}

/// `CADU:+BITS` or `CADU:-BITS`.
#[derive(Clone, Copy, Debug)]
struct Slip {
    cadu: u64,
    bits: i64,
}

impl FromStr for Slip {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(Numbered { value: 0, .. }) | Err(_) => {
                Err("write CADU:+BITS or CADU:-BITS, such as 20:-1".to_owned())
            }
            Ok(Numbered { number, value }) => Ok(Self { cadu: number, bits: value }),
        }
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
        _ => Err("a rate is a number from 0 to 1".to_owned()),
    }
}

const DEFAULT_FRAMES: usize = 1000;
