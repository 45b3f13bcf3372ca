//! Packets copied end to end, ready to be split among threads.

use alloc::vec::Vec;

use crate::packet::Packet;
use crate::quality::PacketMeta;

/// Packets copied end to end: one allocation for their octets, one for their places.
///
/// The copy ends the frames' lifetime early and gives column loops dense blocks.
#[derive(Clone, Debug, Default)]
pub struct PacketBatch {
    octets: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    end: usize,
    meta: PacketMeta,
}

impl PacketBatch {
    /// An empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: Vec::new(), entries: Vec::new() }
    }

    /// Copy one packet to the end.
    pub fn push(&mut self, packet: Packet<'_>) {
        self.octets.extend_from_slice(packet.bytes);
        self.entries.push(Entry { end: self.octets.len(), meta: packet.meta });
    }

    /// Forget the packets, keep the memory.
    pub fn clear(&mut self) {
        self.octets.clear();
        self.entries.clear();
    }

    /// Number of packets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All octets, packet after packet.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The packet at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Packet<'_>> {
        let entry = self.entries.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.entries.get(before)?.end,
            None => 0,
        };
        Some(Packet { bytes: self.octets.get(start..entry.end)?, meta: entry.meta })
    }

    /// The packets in order.
    pub fn iter(&self) -> impl Iterator<Item = Packet<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}
