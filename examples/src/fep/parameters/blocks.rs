//! Packets of one container, back to back, with what is known of each.

use ccsds_core::quality::{PacketQuality, ReceiveTime};

/// Packets of one container.
#[derive(Debug, Default)]
pub struct Block {
    octets: Vec<u8>,
    /// Where each packet ends.
    ends: Vec<u32>,
    /// Octets of every packet; `None` inside once two have different lengths.
    stride: Option<Option<usize>>,
    quality: Vec<PacketQuality>,
    received: Vec<ReceiveTime>,
    /// By the headers of packets; empty as long as none has a time.
    generated: Vec<Option<i64>>,
}

impl Block {
    /// Append a packet.
    pub(super) fn push(
        &mut self,
        packet: &[u8],
        quality: PacketQuality,
        received: ReceiveTime,
        generated: Option<i64>,
    ) {
        if generated.is_some() {
            self.generated.resize(self.rows(), None);
            self.generated.push(generated);
        }
        self.octets.extend_from_slice(packet);
        self.ends.push(self.octets.len() as u32);
        self.quality.push(quality);
        self.received.push(received);
        let stride = *self.stride.get_or_insert(Some(packet.len()));
        if stride != Some(packet.len()) {
            self.stride = Some(None);
        }
    }

    /// How many packets there are.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.ends.len()
    }

    /// Octets of all packets.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.octets.len()
    }

    /// Whether there is no packet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All packets, and how many octets each has, where that is the same for all.
    #[must_use]
    pub fn strided(&self) -> Option<(&[u8], usize)> {
        self.stride.flatten().map(|stride| (self.octets.as_slice(), stride))
    }

    /// The packets.
    pub fn packets(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let packet = self.octets.get(start..end as usize).unwrap_or(&[]);
            start = end as usize;
            packet
        })
    }

    /// What befell each packet.
    #[must_use]
    pub fn quality(&self) -> &[PacketQuality] {
        &self.quality
    }

    /// When each packet was received.
    #[must_use]
    pub fn received(&self) -> &[ReceiveTime] {
        &self.received
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
        self.ends.clear();
        self.stride = None;
        self.quality.clear();
        self.received.clear();
        self.generated.clear();
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
