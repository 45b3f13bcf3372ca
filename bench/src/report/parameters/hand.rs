//! What somebody writes who has these packets alone: a structure, and a loop over packets.
#![allow(clippy::indexing_slicing, reason = "the loop that anybody writes first")]

use std::array::from_fn;
use std::hint::black_box;
use std::rc::Rc;

use super::fields;

/// A loop over packets back to back.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// Every number of every packet, in order, as bits.
    pub values: fn(&[u8]) -> Vec<u64>,
    /// The loop, to be called again and again.
    pub start: fn(Rc<[u8]>) -> Call,
}

/// Goes over all packets once.
pub type Call = Box<dyn FnMut()>;

/// Octets of the shorter packets.
pub const JPSS_LEN: usize = 71;
/// Octets of the longer ones.
pub const CTIM_LEN: usize = 12 + BOARDS * BOARD_LEN;
/// How often the longer ones have the same numbers.
pub const BOARDS: usize = 8;
const BOARD_LEN: usize = 108;

pub(super) const JPSS: Loop =
    Loop { values: |data| values(data, jpss, Jpss::values), start: |data| start(data, jpss) };
/// The same structure, filled from fields of the database.
pub(super) const FIELDS: Loop =
    Loop { values: |data| values(data, fields::jpss, Jpss::values), start: |data| start(data, fields::jpss) };
pub(super) const CTIM: Loop =
    Loop { values: |data| values(data, ctim, Ctim::values), start: |data| start(data, ctim) };

fn values<T, const N: usize>(data: &[u8], read: fn(&[u8; N]) -> T, list: fn(&T, &mut Vec<u64>)) -> Vec<u64> {
    let mut values = Vec::new();
    data.as_chunks().0.iter().for_each(|packet| list(&read(packet), &mut values));
    values
}

fn start<T: Clone + Default + 'static, const N: usize>(
    data: Rc<[u8]>,
    read: impl Fn(&[u8; N]) -> T + 'static,
) -> Call {
    let piece = super::piece(N);
    let mut rows = vec![T::default(); piece / N];
    Box::new(move || {
        for piece in black_box(&data).chunks(piece) {
            let (packets, rest) = piece.as_chunks();
            assert!(rest.is_empty());
            for (row, packet) in rows.iter_mut().zip(packets) {
                *row = read(packet);
            }
            black_box(&rows);
        }
    })
}

#[derive(Clone, Copy, Default)]
pub(super) struct Header {
    pub(super) version: u8,
    pub(super) kind: u8,
    pub(super) has_secondary: u8,
    pub(super) apid: u16,
    pub(super) flags: u8,
    pub(super) count: u16,
    pub(super) len: u16,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Jpss {
    pub(super) header: Header,
    pub(super) day: u16,
    pub(super) millisecond: u32,
    pub(super) microsecond: u16,
    pub(super) spacecraft: u8,
    pub(super) first: (u16, u32, u16),
    pub(super) position: [f32; 6],
    pub(super) second: (u16, u32, u16),
    pub(super) attitude: [f32; 4],
}

#[derive(Clone, Copy, Default)]
struct Ctim {
    header: Header,
    second: u32,
    fraction: u16,
    boards: [Board; BOARDS],
}

#[derive(Clone, Copy, Default)]
struct Board {
    halves: [u16; 8],
    signed: [i16; 4],
    words: [u32; 4],
    floats: [f32; 6],
    flags: [u8; 32],
    octets: [u8; 26],
    nibbles: [u8; 12],
    twelves: [u16; 4],
    bits: [u8; 10],
    six: u8,
}

#[inline(always)]
fn half<const N: usize>(packet: &[u8; N], at: usize) -> u16 {
    u16::from_be_bytes([packet[at], packet[at + 1]])
}

#[inline(always)]
fn word<const N: usize>(packet: &[u8; N], at: usize) -> u32 {
    u32::from_be_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
}

#[inline(always)]
fn float<const N: usize>(packet: &[u8; N], at: usize) -> f32 {
    f32::from_bits(word(packet, at))
}

#[inline(always)]
fn header<const N: usize>(packet: &[u8; N]) -> Header {
    let (first, second) = (half(packet, 0), half(packet, 2));
    Header {
        version: (first >> 13) as u8,
        kind: (first >> 12 & 1) as u8,
        has_secondary: (first >> 11 & 1) as u8,
        apid: first & 0x7FF,
        flags: (second >> 14) as u8,
        count: second & 0x3FFF,
        len: half(packet, 4),
    }
}

#[inline(always)]
fn jpss(packet: &[u8; JPSS_LEN]) -> Jpss {
    Jpss {
        header: header(packet),
        day: half(packet, 6),
        millisecond: word(packet, 8),
        microsecond: half(packet, 12),
        spacecraft: packet[14],
        first: (half(packet, 15), word(packet, 17), half(packet, 21)),
        position: from_fn(|i| float(packet, 23 + i * 4)),
        second: (half(packet, 47), word(packet, 49), half(packet, 53)),
        attitude: from_fn(|i| float(packet, 55 + i * 4)),
    }
}

#[inline(always)]
fn ctim(packet: &[u8; CTIM_LEN]) -> Ctim {
    Ctim {
        header: header(packet),
        second: word(packet, 6),
        fraction: half(packet, 10),
        boards: from_fn(|i| board(&from_fn(|k| packet[12 + i * BOARD_LEN + k]))),
    }
}

#[inline(always)]
fn board(octets: &[u8; BOARD_LEN]) -> Board {
    let flags = word(octets, 64);
    let bits = half(octets, 106);
    Board {
        halves: from_fn(|i| half(octets, i * 2)),
        signed: from_fn(|i| half(octets, 16 + i * 2) as i16),
        words: from_fn(|i| word(octets, 24 + i * 4)),
        floats: from_fn(|i| float(octets, 40 + i * 4)),
        flags: from_fn(|i| (flags >> (31 - i) & 1) as u8),
        octets: from_fn(|i| octets[68 + i]),
        nibbles: from_fn(|i| octets[94 + i / 2] >> (4 - i % 2 * 4) & 15),
        twelves: from_fn(|i| (half(octets, 100 + i * 3 / 2) >> (4 - i % 2 * 4)) & 0xFFF),
        bits: from_fn(|i| (bits >> (15 - i) & 1) as u8),
        six: (bits & 63) as u8,
    }
}

impl Header {
    fn values(&self, out: &mut Vec<u64>) {
        out.extend([
            u64::from(self.version),
            self.kind.into(),
            self.has_secondary.into(),
            self.apid.into(),
            self.flags.into(),
            self.count.into(),
            self.len.into(),
        ]);
    }
}

impl Jpss {
    fn values(&self, out: &mut Vec<u64>) {
        self.header.values(out);
        out.extend([
            u64::from(self.day),
            self.millisecond.into(),
            self.microsecond.into(),
            self.spacecraft.into(),
        ]);
        out.extend([u64::from(self.first.0), self.first.1.into(), self.first.2.into()]);
        out.extend(self.position.map(|x| u64::from(x.to_bits())));
        out.extend([u64::from(self.second.0), self.second.1.into(), self.second.2.into()]);
        out.extend(self.attitude.map(|x| u64::from(x.to_bits())));
    }
}

impl Ctim {
    fn values(&self, out: &mut Vec<u64>) {
        self.header.values(out);
        out.extend([u64::from(self.second), self.fraction.into()]);
        for board in &self.boards {
            out.extend(board.halves.map(u64::from));
            out.extend(board.signed.map(|x| i64::from(x) as u64));
            out.extend(board.words.map(u64::from));
            out.extend(board.floats.map(|x| u64::from(x.to_bits())));
            for octets in [&board.flags[..], &board.octets, &board.nibbles] {
                out.extend(octets.iter().map(|&x| u64::from(x)));
            }
            out.extend(board.twelves.map(u64::from));
            out.extend(board.bits.map(u64::from));
            out.push(board.six.into());
        }
    }
}
