//! Packets of one container, back to back, with what is known of each.

use ccsds_core::quality::{PacketQuality, ReceiveTime};

/// Packets of one container. What is the same of all of them, as it mostly is, is kept once.
#[derive(Debug, Default)]
pub struct Block {
    octets: Vec<u8>,
    rows: usize,
    /// Octets of every packet, as long as that is the same.
    stride: usize,
    /// Where each packet ends; empty as long as all have the same length.
    ends: Vec<u32>,
    /// Empty as long as all are good.
    quality: Vec<PacketQuality>,
    /// Empty as long as none is known.
    received: Vec<ReceiveTime>,
    /// By the headers of packets; empty as long as none has a time.
    generated: Vec<Option<i64>>,
}

impl Block {
    /// Append a packet.
    #[inline]
    pub(super) fn push(
        &mut self,
        packet: &[u8],
        quality: PacketQuality,
        received: ReceiveTime,
        generated: Option<i64>,
    ) {
        self.octets.extend_from_slice(packet);
        if self.rows == 0 {
            self.stride = packet.len();
        }
        if packet.len() != self.stride || !self.ends.is_empty() {
            let stride = self.stride;
            self.ends.extend((self.ends.len()..self.rows).map(|row| ((row + 1) * stride) as u32));
            self.ends.push(self.octets.len() as u32);
        }
        note(&mut self.quality, self.rows, quality, PacketQuality::GOOD);
        note(&mut self.received, self.rows, received, ReceiveTime(0));
        note(&mut self.generated, self.rows, generated, None);
        self.rows += 1;
    }

    /// Append packets of `len` octets each, back to back, of which the same is known.
    pub(super) fn push_run(
        &mut self,
        octets: &[u8],
        len: usize,
        quality: PacketQuality,
        received: ReceiveTime,
    ) {
        let mut packets = octets.chunks_exact(len.max(1));
        if let Some(first) = packets.next() {
            self.push(first, quality, received, None);
        }
        let is_usual = self.ends.is_empty() && quality == PacketQuality::GOOD && received == ReceiveTime(0);
        if is_usual {
            self.rows += packets.len();
            self.octets.extend_from_slice(octets.get(len..).unwrap_or(&[]));
        } else {
            packets.for_each(|packet| self.push(packet, quality, received, None));
        }
    }

    /// How many packets there are.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Octets of all packets.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.octets.len()
    }

    /// Whether there is no packet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// All packets, and how many octets each has, where that is the same for all.
    #[must_use]
    pub fn strided(&self) -> Option<(&[u8], usize)> {
        (self.rows > 0 && self.ends.is_empty()).then_some((self.octets.as_slice(), self.stride))
    }

    /// The packets.
    pub fn packets(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.rows).map(|row| {
            let range = if self.ends.is_empty() {
                row * self.stride..(row + 1) * self.stride
            } else {
                let end = |row: usize| self.ends.get(row).map_or(0, |&end| end as usize);
                row.checked_sub(1).map_or(0, end)..end(row)
            };
            self.octets.get(range).unwrap_or(&[])
        })
    }

    /// What befell a packet.
    #[must_use]
    pub fn quality(&self, row: usize) -> PacketQuality {
        self.quality.get(row).copied().unwrap_or(PacketQuality::GOOD)
    }

    /// Whether nothing befell any packet.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.quality.is_empty()
    }

    /// When a packet was received; zero where nobody knows.
    #[must_use]
    pub fn received(&self, row: usize) -> ReceiveTime {
        self.received.get(row).copied().unwrap_or(ReceiveTime(0))
    }

    /// Whether it is known of any packet when it was received.
    #[must_use]
    pub const fn has_received(&self) -> bool {
        !self.received.is_empty()
    }

    /// When a packet was made, by its header: nanoseconds since 1970, in UTC.
    #[must_use]
    pub fn generated(&self, row: usize) -> Option<i64> {
        self.generated.get(row).copied().flatten()
    }

    /// Whether the header of any packet says when it was made.
    #[must_use]
    pub const fn has_times(&self) -> bool {
        !self.generated.is_empty()
    }

    /// Forget the packets, keep the memory.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.rows = 0;
        self.ends.clear();
        self.quality.clear();
        self.received.clear();
        self.generated.clear();
    }
}

/// What is known of row `rows`, behind what is known of those before it; nothing is kept as long as all are `usual`. Fewer than `rows` are
/// kept when the ones behind the last are usual.
#[inline]
fn note<T: Copy + PartialEq>(list: &mut Vec<T>, rows: usize, value: T, usual: T) {
    if value != usual {
        list.resize(rows, usual);
        list.push(value);
    }
}

/// Octets of packets from which on a block is full.
pub const MAX_OCTETS: usize = 4 << 20;
/// Values, packets times columns, from which on a block is full.
pub const MAX_VALUES: usize = 1 << 20;
/// Packets from which on a block is full: more, and the columns leave the caches before they are written.
pub const MAX_ROWS: usize = 1 << 15;
/// Octets of packets in all blocks that are being filled; beyond, the largest is given out before it is full.
pub const MAX_PENDING: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_what_its_packets_are() {
        for quality in [PacketQuality::GOOD, PacketQuality::TRUNCATED] {
            for before in [&b""[..], b"xy", b"xyz"] {
                let (mut run, mut single) = (Block::default(), Block::default());
                for block in [&mut run, &mut single] {
                    block.push(before, PacketQuality::GOOD, ReceiveTime(3), Some(1));
                    block.push(b"zz", PacketQuality::GOOD, ReceiveTime(0), None);
                }
                run.push_run(b"abcdef", 2, quality, ReceiveTime(0));
                b"abcdef".chunks(2).for_each(|packet| single.push(packet, quality, ReceiveTime(0), None));
                assert!(run.packets().eq(single.packets()));
                assert_eq!((run.rows(), run.strided()), (5, single.strided()));
                for row in 0..6 {
                    assert_eq!(run.quality(row), single.quality(row));
                    assert_eq!(run.received(row), single.received(row));
                    assert_eq!(run.generated(row), single.generated(row));
                }
            }
        }
    }

    #[test]
    fn what_is_the_same_of_all_packets_is_not_kept_for_each() {
        let mut block = Block::default();
        let rows: [(&[u8], PacketQuality, u64, Option<i64>); 5] = [
            (b"ab", PacketQuality::GOOD, 0, None),
            (b"cd", PacketQuality::GOOD, 0, None),
            (b"efg", PacketQuality::TRUNCATED, 7, None),
            (b"", PacketQuality::GOOD, 0, Some(9)),
            (b"hi", PacketQuality::GOOD, 8, None),
        ];
        for round in 0..2 {
            block.clear();
            for (row, &(octets, quality, received, generated)) in rows.iter().enumerate() {
                block.push(octets, quality, ReceiveTime(received), generated);
                assert_eq!(block.strided().map(|(_, stride)| stride), (row < 2).then_some(2), "{round}");
                assert_eq!(block.is_good(), row < 2);
            }
            assert!(block.packets().eq(rows.iter().map(|row| row.0)));
            for (row, &(_, quality, received, generated)) in rows.iter().enumerate() {
                assert_eq!(block.quality(row), quality);
                assert_eq!(block.received(row), ReceiveTime(received));
                assert_eq!(block.generated(row), generated);
            }
            assert_eq!((block.rows(), block.len()), (5, 9));
        }
    }
}
