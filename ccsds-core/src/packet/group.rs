//! Groups of packets joined by their sequence flags (133.0-B-2 §4.1.3.4.2).
//!
//! An application process may spread one unit of data over several packets: first, continuation, last. Their sequence counts must
//! follow each other; groups of different processes may be interleaved. A unit that is not spread passes without a copy.

use super::space::{PVN, SequenceFlags, SpacePacketHeader};
use super::{Packet, Pec, is_idle};
use crate::quality::{PacketMeta, PacketQuality};

/// What management knows of the parts of groups.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct GroupFormat {
    /// Octets of the secondary header; parts after the first that are flagged to have one are joined without it.
    pub secondary_header_len: usize,
    /// The check that ends each part; the unit has none.
    pub pec: Pec,
}

/// Where one group at a time is put together.
///
/// `B` holds the unit: its length is the largest that is delivered; a larger one is dropped whole and counted.
#[derive(Clone, Copy, Debug)]
pub struct GroupSlot<B> {
    store: B,
    open: Open,
}

#[derive(Clone, Copy, Debug)]
enum Open {
    Free,
    Group { key: Key, next: u16, held: usize, parts: u64, meta: PacketMeta },
    Oversized { key: Key, next: u16 },
}

/// Packet type and application process: whose sequence count it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Key(u16);

impl Key {
    const fn of(header: SpacePacketHeader) -> Self {
        Self(header.apid().get() | (header.is_telecommand() as u16) << 12)
    }
}

impl<B> GroupSlot<B> {
    /// A slot without a group.
    #[must_use]
    pub const fn new(store: B) -> Self {
        Self { store, open: Open::Free }
    }

    const fn key(&self) -> Option<Key> {
        match self.open {
            Open::Free => None,
            Open::Group { key, .. } | Open::Oversized { key, .. } => Some(key),
        }
    }

    const fn next(&self) -> Option<u16> {
        match self.open {
            Open::Free => None,
            Open::Group { next, .. } | Open::Oversized { next, .. } => Some(next),
        }
    }
}

/// Joins the groups of one channel.
///
/// `S` stores one [`GroupSlot`] for every group that may be open at a time: an array in firmware, a `Vec` on a host.
#[derive(Clone, Debug)]
pub struct GroupJoiner<S> {
    slots: S,
    format: GroupFormat,
    ledger: GroupLedger,
}

impl<S> GroupJoiner<S> {
    /// A joiner that has seen no packet.
    #[must_use]
    pub const fn new(slots: S, format: GroupFormat) -> Self {
        Self { slots, format, ledger: GroupLedger::EMPTY }
    }

    /// Feed one packet; drain the returned cursor to receive the units that it completes or breaks.
    pub fn push<'a, B>(&'a mut self, packet: Packet<'a>) -> Joined<'a, B>
    where
        S: AsMut<[GroupSlot<B>]>,
        B: AsRef<[u8]> + AsMut<[u8]>,
    {
        let Self { slots, format, ledger } = self;
        let slots = slots.as_mut();
        let Some(header) = header_of(&packet) else {
            return Joined { ledger, slot: None, packet, step: Step::Pass };
        };
        let key = Key::of(header);
        let own = slots.iter().position(|slot| slot.key() == Some(key));
        let flags = header.sequence_flags();
        let position = match (own, flags) {
            (None, SequenceFlags::First) => slots.iter().position(|slot| slot.key().is_none()),
            (own, _) => own,
        };
        let slot = position.and_then(|position| slots.get_mut(position));
        let follows = slot.as_ref().is_some_and(|slot| slot.next() == Some(header.sequence_count()));
        let part = Part { header, format: *format };
        let step = match flags {
            SequenceFlags::Unsegmented => Step::Pass,
            SequenceFlags::First => Step::Begin(part),
            SequenceFlags::Continuation | SequenceFlags::Last if follows => {
                return Joined { ledger, slot, packet, step: Step::Go(part) };
            }
            SequenceFlags::Continuation | SequenceFlags::Last => Step::Headless,
        };
        let mut joined = Joined { ledger, slot, packet, step };
        joined.drop_oversized();
        joined
    }

    /// Where every packet went.
    pub fn ledger<B>(&self) -> GroupLedger
    where
        S: AsRef<[GroupSlot<B>]>,
    {
        let pending = self.slots.as_ref().iter().map(|slot| match slot.open {
            Open::Group { parts, .. } => parts,
            _ => 0,
        });
        GroupLedger { pending: pending.sum(), ..self.ledger }
    }
}

/// Cursor over the units that one packet completes or breaks. Dropping it keeps the unfinished group.
///
/// It lends: a joined unit lives in its slot, anything else where the packet was.
#[derive(Debug)]
pub struct Joined<'a, B: AsRef<[u8]> + AsMut<[u8]>> {
    ledger: &'a mut GroupLedger,
    /// The slot of the packet's process, or a free one for a first part.
    slot: Option<&'a mut GroupSlot<B>>,
    packet: Packet<'a>,
    step: Step,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A first part.
    Begin(Part),
    /// Nothing is left to do.
    Done,
    /// A part that follows the one before.
    Go(Part),
    /// A part of a group whose beginning is not known.
    Headless,
    /// A packet of its own.
    Pass,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    header: SpacePacketHeader,
    format: GroupFormat,
}

/// Where a unit lies.
enum Found {
    Packet,
    Store { len: usize, meta: PacketMeta },
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Joined<'_, B> {
    /// The next unit: a packet as it came, or a joined group, whose quality says [`PacketQuality::JOINED`].
    ///
    /// A joined unit begins with the header of its first part as received, length and flags included. One that broke off is
    /// marked as truncated.
    #[expect(clippy::should_implement_trait, reason = "lending: the item borrows the cursor")]
    pub fn next(&mut self) -> Option<Packet<'_>> {
        match self.find()? {
            Found::Packet => Some(self.packet),
            Found::Store { len, meta } => {
                let store = self.slot.as_ref().map_or(&[][..], |slot| slot.store.as_ref());
                Some(Packet { bytes: store.get(..len).unwrap_or_default(), meta })
            }
        }
    }

    fn find(&mut self) -> Option<Found> {
        if !matches!(self.step, Step::Go(_) | Step::Done)
            && let Some(broken) = self.give_up()
        {
            return Some(broken);
        }
        match core::mem::replace(&mut self.step, Step::Done) {
            Step::Begin(part) => {
                self.begin(part);
                None
            }
            Step::Done => None,
            Step::Go(part) => self.go_on(part),
            Step::Headless => {
                self.ledger.headless += 1;
                None
            }
            Step::Pass => {
                self.ledger.passed += 1;
                Some(Found::Packet)
            }
        }
    }

    /// Deliver what there is of the open group as truncated.
    fn give_up(&mut self) -> Option<Found> {
        let slot = self.slot.as_mut()?;
        let Open::Group { held, parts, meta, .. } = core::mem::replace(&mut slot.open, Open::Free) else {
            return None;
        };
        self.ledger.truncated += parts;
        self.ledger.groups_truncated += 1;
        let quality = meta.quality.with(PacketQuality::TRUNCATED).with(PacketQuality::SPANS_GAP);
        Some(Found::Store { len: held, meta: PacketMeta { quality, ..meta } })
    }

    /// An oversized group that does not go on leaves nothing behind.
    fn drop_oversized(&mut self) {
        if let Some(slot) = self.slot.as_mut()
            && matches!(slot.open, Open::Oversized { .. })
        {
            slot.open = Open::Free;
        }
    }

    fn begin(&mut self, part: Part) {
        let Some(slot) = self.slot.as_mut() else {
            self.ledger.no_slot += 1;
            return;
        };
        let (key, next) = (Key::of(part.header), part.header.next_sequence_count());
        let kept = self.packet.bytes.len().saturating_sub(part.format.pec.trailer_len(self.packet.bytes));
        let octets = self.packet.bytes.get(..kept).unwrap_or_default();
        let meta = self.packet.meta;
        let meta = PacketMeta { quality: meta.quality.with(PacketQuality::JOINED), ..meta };
        match append(&mut slot.store, 0, octets) {
            Some(held) => slot.open = Open::Group { key, next, held, parts: 1, meta },
            None => {
                slot.open = Open::Oversized { key, next };
                self.ledger.oversized += 1;
                self.ledger.groups_oversized += 1;
            }
        }
    }

    fn go_on(&mut self, part: Part) -> Option<Found> {
        let slot = self.slot.as_mut()?;
        let last = part.header.sequence_flags() == SequenceFlags::Last;
        let (key, next) = (Key::of(part.header), part.header.next_sequence_count());
        let Open::Group { held, parts, meta, .. } = slot.open else {
            slot.open = if last { Open::Free } else { Open::Oversized { key, next } };
            self.ledger.oversized += 1;
            return None;
        };
        let mut skipped = SpacePacketHeader::LEN;
        if part.header.has_secondary_header() {
            skipped = skipped.saturating_add(part.format.secondary_header_len);
        }
        let kept = self.packet.bytes.len().saturating_sub(part.format.pec.trailer_len(self.packet.bytes));
        let octets = self.packet.bytes.get(skipped..kept).unwrap_or_default();
        let Some(held) = append(&mut slot.store, held, octets) else {
            slot.open = if last { Open::Free } else { Open::Oversized { key, next } };
            self.ledger.oversized += parts + 1;
            self.ledger.groups_oversized += 1;
            return None;
        };
        let meta = PacketMeta { quality: meta.quality.with(self.packet.meta.quality), ..meta };
        if last {
            slot.open = Open::Free;
            self.ledger.joined += parts + 1;
            self.ledger.groups += 1;
            return Some(Found::Store { len: held, meta });
        }
        slot.open = Open::Group { key, next, held, parts: parts + 1, meta };
        None
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Drop for Joined<'_, B> {
    fn drop(&mut self) {
        while self.find().is_some() {}
    }
}

/// Where every packet went, and how many groups of each kind there were.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct GroupLedger {
    /// Packets that are no part of a group.
    pub passed: u64,
    /// Parts of whole groups.
    pub joined: u64,
    /// Parts of groups that broke off.
    pub truncated: u64,
    /// Parts without the first part of their group.
    pub headless: u64,
    /// Parts of groups larger than the store.
    pub oversized: u64,
    /// First parts that found all slots taken.
    pub no_slot: u64,
    /// Parts of groups still being joined.
    pub pending: u64,
    /// Whole groups; not a part of the total, nor are the following.
    pub groups: u64,
    /// Groups that broke off.
    pub groups_truncated: u64,
    /// Groups larger than the store.
    pub groups_oversized: u64,
}

impl GroupLedger {
    /// Nothing counted.
    pub const EMPTY: Self = Self {
        passed: 0,
        joined: 0,
        truncated: 0,
        headless: 0,
        oversized: 0,
        no_slot: 0,
        pending: 0,
        groups: 0,
        groups_truncated: 0,
        groups_oversized: 0,
    };

    /// All packets.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.passed
            + self.joined
            + self.truncated
            + self.headless
            + self.oversized
            + self.no_slot
            + self.pending
    }
}

/// The header of a packet that may belong to a group: a whole space packet that is not idle.
fn header_of(packet: &Packet<'_>) -> Option<SpacePacketHeader> {
    let (header, _) = packet.bytes.split_first_chunk()?;
    let whole = !packet.meta.quality.contains(PacketQuality::TRUNCATED);
    let space = packet.bytes.first().is_some_and(|first| first >> 5 == PVN);
    (whole && space && !is_idle(packet.bytes)).then(|| SpacePacketHeader::from_bytes(header))
}

/// Append `octets` to the `held` ones; the new number held, or `None` when the store is too small.
fn append<B: AsMut<[u8]>>(store: &mut B, held: usize, octets: &[u8]) -> Option<usize> {
    let end = held.checked_add(octets.len())?;
    store.as_mut().get_mut(held..end)?.copy_from_slice(octets);
    Some(end)
}

#[cfg(test)]
#[path = "group/tests.rs"]
mod tests;
