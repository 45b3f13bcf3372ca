//! Packet assembly: from the packet zones of one channel's frames to packets (132.0-B-3 §4.3, 732.0-B-5 §4.3).
//!
//! Two sources say where a packet ends: its own length field, and the first header pointer of the frame in which the next one
//! begins. They are compared on every frame. Where they differ the pointer wins, and what was being put together is delivered
//! as damaged.

use super::{Continuity, Delivery};
use crate::frame::{Content, Fhp, PacketZone};
use crate::ledger::{OctetLedger, PacketLedger};
use crate::packet::{Packet, has_known_version, is_idle, packet_len};
use crate::quality::{FrameMeta, PacketMeta, PacketQuality};

/// Rebuilds the packets of one channel.
///
/// `B` holds a packet that spans frames: `[u8; N]` on a microcontroller, `Box<[u8]>` on a host, `&mut [u8]` for borrowed
/// memory. Its length is the largest packet that the channel delivers; a larger one is dropped whole and counted.
#[derive(Debug)]
pub struct PacketAssembler<B> {
    store: B,
    open: Open,
    octets: OctetLedger,
    packets: PacketLedger,
}

/// What the frames so far leave open.
#[derive(Clone, Copy, Debug)]
enum Open {
    /// Nothing: the last packet ended where its zone ended.
    Boundary,
    /// Nothing is known: octets before the next first header pointer belong to nobody.
    Lost,
    /// A packet whose first `held` octets are in the store. `len` is known once its header is complete.
    Packet { held: usize, len: Option<usize>, meta: PacketMeta },
    /// A packet too large for the store, of which so many octets are still to come.
    Oversized { left: usize },
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> PacketAssembler<B> {
    /// An assembler that has seen no frame.
    #[must_use]
    pub const fn new(store: B) -> Self {
        Self { store, open: Open::Lost, octets: OctetLedger::EMPTY, packets: PacketLedger::EMPTY }
    }

    /// Feed one frame; drain the returned cursor to receive the packets that it completes.
    pub fn push<'a>(&'a mut self, delivery: &Delivery<'a>, meta: &FrameMeta) -> Packets<'a, B> {
        let meta = PacketMeta {
            gvcid: delivery.gvcid,
            first_frame: meta.ordinal,
            received: meta.received,
            quality: PacketQuality::of_frame(meta.quality),
        };
        let mut packets =
            Packets { assembler: self, broken: None, head: &[], rest: &[], starts: false, fed: false, meta };
        match (delivery.continuity, delivery.content) {
            (Continuity::Repeat, Content::Packets(zone)) => {
                packets.assembler.octets.repeated += zone.octets.len() as u64;
            }
            (Continuity::Repeat, _) => {}
            (continuity, content) => {
                if !matches!(continuity, Continuity::Next) {
                    packets.broken = Some(PacketQuality::SPANS_GAP);
                }
                packets.feed(content);
            }
        }
        packets
    }

    /// Where the octets of every packet zone went.
    pub fn octets(&self) -> OctetLedger {
        let pending = match self.open {
            Open::Packet { held, .. } => held as u64,
            _ => 0,
        };
        OctetLedger { pending, ..self.octets }
    }

    /// How many packets of each kind were delivered.
    pub const fn packets(&self) -> PacketLedger {
        self.packets
    }

    /// Enter a complete packet; returns what its header adds to its quality.
    fn deliver(&mut self, kind: Kind, len: usize) -> PacketQuality {
        let (packets, octets) = match kind {
            Kind::Idle => (&mut self.packets.idle, &mut self.octets.idle),
            Kind::Known | Kind::Unknown => (&mut self.packets.packets, &mut self.octets.packets),
        };
        *packets += 1;
        *octets += len as u64;
        if kind == Kind::Unknown {
            self.packets.unknown_version += 1;
            return PacketQuality::UNKNOWN_VERSION;
        }
        PacketQuality::GOOD
    }

    /// Append `octets` to the `held` ones; the new number held, or `None` when the store is too small.
    fn append(&mut self, held: usize, octets: &[u8]) -> Option<usize> {
        let end = held.checked_add(octets.len())?;
        self.store.as_mut().get_mut(held..end)?.copy_from_slice(octets);
        Some(end)
    }
}

/// What a packet header says of its packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Idle,
    Known,
    Unknown,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        match (is_idle(head), has_known_version(head)) {
            (true, true) => Self::Idle,
            (false, true) => Self::Known,
            (_, false) => Self::Unknown,
        }
    }
}

/// Cursor over the packets that one frame completes. Dropping it keeps the unfinished tail.
///
/// It lends: a packet that spans frames lives in the assembler's store, the others in the frame.
#[derive(Debug)]
pub struct Packets<'a, B: AsRef<[u8]> + AsMut<[u8]>> {
    assembler: &'a mut PacketAssembler<B>,
    /// Set while the open packet is to be given up, with the reason.
    broken: Option<PacketQuality>,
    /// Octets before the first packet header, or the whole zone when no packet starts.
    head: &'a [u8],
    /// Octets from the next packet header on.
    rest: &'a [u8],
    /// Whether a packet starts in this zone.
    starts: bool,
    /// Whether there are octets of a packet zone to walk.
    fed: bool,
    meta: PacketMeta,
}

/// Where the next packet lies.
enum Found<'a> {
    Frame { bytes: &'a [u8], quality: PacketQuality },
    Store { len: usize, meta: PacketMeta },
}

impl<'a, B: AsRef<[u8]> + AsMut<[u8]>> Packets<'a, B> {
    /// The next packet, borrowed from the frame when it lies inside one, else from the store.
    #[expect(clippy::should_implement_trait, reason = "lending: the item borrows the cursor")]
    pub fn next(&mut self) -> Option<Packet<'_>> {
        match self.find()? {
            Found::Frame { bytes, quality } => {
                let quality = self.meta.quality.with(quality);
                Some(Packet { bytes, meta: PacketMeta { quality, ..self.meta } })
            }
            Found::Store { len, meta } => {
                let bytes = self.assembler.store.as_ref().get(..len).unwrap_or_default();
                Some(Packet { bytes, meta })
            }
        }
    }

    fn feed(&mut self, content: Content<'a>) {
        match content {
            Content::Packets(PacketZone { fhp: Fhp::At(pointer), octets }) => {
                // A pointer outside the zone was refused when the frame was parsed.
                let (head, rest) = octets.split_at_checked(pointer.into()).unwrap_or((octets, &[]));
                (self.head, self.rest, self.starts, self.fed) = (head, rest, true, true);
            }
            Content::Packets(PacketZone { fhp: Fhp::NoPacketStart, octets }) => {
                (self.head, self.fed) = (octets, true);
            }
            // Idle data may be slipped in while a packet waits to be continued.
            Content::Packets(PacketZone { fhp: Fhp::IdleOnly, octets }) | Content::Idle(octets) => {
                self.assembler.octets.idle += octets.len() as u64;
            }
            Content::Bitstream(_)
            | Content::Octets(_)
            | Content::Sdu(_)
            | Content::Sealed(_)
            | Content::Vca(_) => {
                self.broken = Some(PacketQuality::GOOD);
            }
        }
    }

    fn find(&mut self) -> Option<Found<'a>> {
        if let Some(reason) = self.broken.take()
            && let Some(broken) = self.give_up(reason)
        {
            return Some(broken);
        }
        if !self.fed {
            return None;
        }
        if !self.head.is_empty() || (self.starts && !matches!(self.assembler.open, Open::Lost)) {
            let head = core::mem::take(&mut self.head);
            if let Some(continued) = self.resume(head) {
                return Some(continued);
            }
        }
        if !self.starts {
            return None;
        }
        // From here on the walk itself says what is open.
        self.assembler.open = Open::Lost;
        self.walk()
    }

    /// Deliver what there is of the open packet as truncated.
    fn give_up(&mut self, reason: PacketQuality) -> Option<Found<'a>> {
        let Open::Packet { held, meta, .. } = core::mem::replace(&mut self.assembler.open, Open::Lost) else {
            return None;
        };
        self.assembler.packets.truncated += 1;
        self.assembler.octets.truncated += held as u64;
        let quality = meta.quality.with(PacketQuality::TRUNCATED).with(reason);
        Some(Found::Store { len: held, meta: PacketMeta { quality, ..meta } })
    }

    /// Continue the open packet with the octets before the first packet header.
    fn resume(&mut self, head: &[u8]) -> Option<Found<'a>> {
        match self.assembler.open {
            Open::Lost => {
                self.assembler.octets.headless += head.len() as u64;
                None
            }
            Open::Boundary => {
                if !head.is_empty() {
                    self.mismatch(head);
                }
                None
            }
            Open::Oversized { left } => {
                let (skipped, surplus) = head.split_at_checked(left).unwrap_or((head, &[]));
                self.assembler.octets.oversized += skipped.len() as u64;
                let left = left - skipped.len();
                if !surplus.is_empty() || (self.starts && left > 0) {
                    self.mismatch(surplus);
                } else {
                    self.assembler.open = if left > 0 { Open::Oversized { left } } else { Open::Boundary };
                }
                None
            }
            Open::Packet { held, len, meta } => {
                let quality = meta.quality.with(self.meta.quality);
                self.resume_packet(held, len, PacketMeta { quality, ..meta }, head)
            }
        }
    }

    fn resume_packet(
        &mut self,
        mut held: usize,
        mut len: Option<usize>,
        meta: PacketMeta,
        mut head: &[u8],
    ) -> Option<Found<'a>> {
        // The header may itself span frames: take an octet at a time until it tells the length.
        while len.is_none() {
            match packet_len(self.assembler.store.as_ref().get(..held).unwrap_or_default()) {
                Ok(known) => len = Some(known),
                Err(_) => {
                    let Some((octet, tail)) = head.split_first() else { break };
                    let Some(now) = self.assembler.append(held, core::slice::from_ref(octet)) else {
                        return self.drop_oversized(held, None, head);
                    };
                    (held, head) = (now, tail);
                }
            }
        }
        let missing = match len {
            Some(len) if len > self.assembler.store.as_ref().len() => {
                return self.drop_oversized(held, Some(len), head);
            }
            Some(len) => len.saturating_sub(held),
            None => usize::MAX,
        };
        let (mine, surplus) = head.split_at_checked(missing).unwrap_or((head, &[]));
        let held = self.assembler.append(held, mine)?;
        self.assembler.open = Open::Packet { held, len, meta };
        let complete = len == Some(held);
        if surplus.is_empty() && complete {
            self.assembler.open = Open::Boundary;
            let kind = Kind::of(self.assembler.store.as_ref());
            let quality = meta.quality.with(self.assembler.deliver(kind, held));
            return Some(Found::Store { len: held, meta: PacketMeta { quality, ..meta } });
        }
        if surplus.is_empty() && !self.starts {
            return None;
        }
        // The pointer says otherwise than the length field.
        self.assembler.packets.fhp_mismatches += 1;
        self.assembler.octets.headless += surplus.len() as u64;
        self.give_up(PacketQuality::FHP_MISMATCH)
    }

    /// Count a packet that the store cannot hold, and pass over the rest of it.
    fn drop_oversized(&mut self, held: usize, len: Option<usize>, head: &[u8]) -> Option<Found<'a>> {
        self.assembler.packets.oversized += 1;
        self.assembler.octets.oversized += held as u64;
        match len {
            Some(len) => {
                self.assembler.open = Open::Oversized { left: len.saturating_sub(held) };
                self.resume(head)
            }
            None => {
                self.assembler.open = Open::Lost;
                self.resume(head)
            }
        }
    }

    /// The pointer contradicts what was open; `surplus` octets belong to nobody.
    fn mismatch(&mut self, surplus: &[u8]) {
        self.assembler.packets.fhp_mismatches += 1;
        self.assembler.octets.headless += surplus.len() as u64;
        self.assembler.open = Open::Lost;
    }

    /// The packet that begins `rest`.
    fn walk(&mut self) -> Option<Found<'a>> {
        while !self.rest.is_empty() {
            let rest = self.rest;
            let len = packet_len(rest).ok();
            match len {
                Some(len) if len > self.assembler.store.as_ref().len() => {
                    let (skipped, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
                    self.assembler.packets.oversized += 1;
                    self.assembler.octets.oversized += skipped.len() as u64;
                    self.rest = after;
                    if len > skipped.len() {
                        return self.close(Open::Oversized { left: len - skipped.len() });
                    }
                }
                Some(len) if len <= rest.len() => {
                    let (bytes, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
                    self.rest = after;
                    let quality = self.assembler.deliver(Kind::of(bytes), bytes.len());
                    return Some(Found::Frame { bytes, quality });
                }
                _ => {
                    return match self.assembler.append(0, rest) {
                        Some(held) => self.close(Open::Packet { held, len, meta: self.meta }),
                        None => {
                            // A store smaller than a packet header.
                            self.assembler.packets.oversized += 1;
                            self.assembler.octets.oversized += rest.len() as u64;
                            self.close(Open::Lost)
                        }
                    };
                }
            }
        }
        self.close(Open::Boundary)
    }

    /// End the walk; `open` is what the frame leaves behind.
    fn close(&mut self, open: Open) -> Option<Found<'a>> {
        self.assembler.open = open;
        (self.rest, self.starts, self.fed) = (&[], false, false);
        None
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Drop for Packets<'_, B> {
    fn drop(&mut self) {
        while self.find().is_some() {}
    }
}

#[cfg(test)]
#[path = "assemble/tests.rs"]
mod tests;
