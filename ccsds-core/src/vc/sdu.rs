//! Service data units of USLP put together from their parts (732.1-B-3 §4.1.4.2.2): MAPA and VCA units over one or many frames.

use super::Continuity;
use crate::frame::SduPart;
use crate::id::Gvcid;
use crate::quality::{FrameMeta, PacketMeta, PacketQuality};

/// Rebuilds the service data units of one channel, or of one multiplexer access point.
///
/// `B` holds a unit that spans frames: its length is the largest that is delivered; a larger one is dropped whole and counted. A
/// unit within one frame passes without a copy.
#[derive(Debug)]
pub struct SduAssembler<B> {
    store: B,
    open: Open,
    ledger: SduLedger,
}

#[derive(Clone, Copy, Debug)]
enum Open {
    None,
    Unit { held: usize, meta: PacketMeta },
    Oversized,
}

/// A service data unit and what is known about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sdu<'a> {
    /// The unit; its first part only when the quality says truncated.
    pub octets: &'a [u8],
    /// Where it came from and how well it was received.
    pub meta: PacketMeta,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> SduAssembler<B> {
    /// An assembler that has seen no frame.
    #[must_use]
    pub const fn new(store: B) -> Self {
        Self { store, open: Open::None, ledger: SduLedger::EMPTY }
    }

    /// Feed the part that one frame holds; `deliver` takes what it completes and, before that, what it breaks.
    pub fn push(
        &mut self,
        gvcid: Gvcid,
        continuity: Continuity,
        part: SduPart<'_>,
        meta: &FrameMeta,
        mut deliver: impl FnMut(Sdu<'_>),
    ) {
        let here = part.octets.len() as u64;
        if matches!(continuity, Continuity::Repeat) {
            self.ledger.repeated += here;
            return;
        }
        let quality = PacketQuality::of_frame(meta.quality);
        let meta = PacketMeta { gvcid, first_frame: meta.ordinal, received: meta.received, quality };
        if !matches!(continuity, Continuity::Next) || part.first {
            self.give_up(&mut deliver);
        }
        match (part.first, self.open) {
            (true, _) if part.last => {
                self.ledger.units += 1;
                self.ledger.octets += here;
                deliver(Sdu { octets: part.octets, meta });
            }
            (true, _) => self.append(0, part, meta, &mut deliver),
            (false, Open::Unit { held, meta: before }) => {
                let quality = before.quality.with(quality);
                self.append(held, part, PacketMeta { quality, ..before }, &mut deliver);
            }
            (false, Open::None) => self.ledger.headless += here,
            (false, Open::Oversized) => {
                self.ledger.oversized += here;
                if part.last {
                    self.open = Open::None;
                }
            }
        }
    }

    /// Where every octet went, and how many units of each kind there were.
    pub fn ledger(&self) -> SduLedger {
        let pending = match self.open {
            Open::Unit { held, .. } => held as u64,
            _ => 0,
        };
        SduLedger { pending, ..self.ledger }
    }

    fn append(
        &mut self,
        held: usize,
        part: SduPart<'_>,
        meta: PacketMeta,
        deliver: &mut impl FnMut(Sdu<'_>),
    ) {
        let end = held.saturating_add(part.octets.len());
        let Some(slot) =
            self.store.as_mut().get_mut(held..).and_then(|rest| rest.get_mut(..part.octets.len()))
        else {
            self.ledger.units_oversized += 1;
            self.ledger.oversized += end as u64;
            self.open = if part.last { Open::None } else { Open::Oversized };
            return;
        };
        slot.copy_from_slice(part.octets);
        self.open = Open::Unit { held: end, meta };
        if part.last {
            self.open = Open::None;
            self.ledger.units += 1;
            self.ledger.octets += end as u64;
            deliver(Sdu { octets: self.store.as_ref().get(..end).unwrap_or_default(), meta });
        }
    }

    /// Deliver what there is of the open unit as truncated.
    fn give_up(&mut self, deliver: &mut impl FnMut(Sdu<'_>)) {
        if let Open::Unit { held, meta } = core::mem::replace(&mut self.open, Open::None) {
            self.ledger.units_truncated += 1;
            self.ledger.truncated += held as u64;
            let quality = meta.quality.with(PacketQuality::TRUNCATED).with(PacketQuality::SPANS_GAP);
            let octets = self.store.as_ref().get(..held).unwrap_or_default();
            deliver(Sdu { octets, meta: PacketMeta { quality, ..meta } });
        }
    }
}

/// Where every octet went, and how many units of each kind there were.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct SduLedger {
    /// Octets of whole units.
    pub octets: u64,
    /// What is known of units that broke off.
    pub truncated: u64,
    /// Of units whose beginning is not known.
    pub headless: u64,
    /// Of units larger than the store.
    pub oversized: u64,
    /// Of frames sent again.
    pub repeated: u64,
    /// Of the unit still being put together.
    pub pending: u64,
    /// Whole units; not a part of the total, nor are the following.
    pub units: u64,
    /// Units that broke off.
    pub units_truncated: u64,
    /// Units larger than the store.
    pub units_oversized: u64,
}

impl SduLedger {
    /// Nothing counted.
    pub const EMPTY: Self = Self {
        octets: 0,
        truncated: 0,
        headless: 0,
        oversized: 0,
        repeated: 0,
        pending: 0,
        units: 0,
        units_truncated: 0,
        units_oversized: 0,
    };

    /// All octets.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.octets + self.truncated + self.headless + self.oversized + self.repeated + self.pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Scid, Tfvn, Vcid};
    use crate::quality::FrameQuality;
    use std::vec;
    use std::vec::Vec;

    const GVCID: Gvcid = Gvcid::new(Tfvn::Uslp, Scid::new(1), Vcid::from_low_bits(2));

    struct Channel {
        assembler: SduAssembler<Vec<u8>>,
        octets: u64,
    }

    impl Channel {
        fn new(store: usize) -> Self {
            Self { assembler: SduAssembler::new(vec![0; store]), octets: 0 }
        }

        fn push(
            &mut self,
            continuity: Continuity,
            first: bool,
            last: bool,
            octets: &[u8],
        ) -> Vec<(Vec<u8>, bool)> {
            let meta = FrameMeta { quality: FrameQuality::EXTERNAL, ..FrameMeta::default() };
            let mut out = Vec::new();
            self.assembler.push(GVCID, continuity, SduPart { first, last, octets }, &meta, |sdu| {
                out.push((sdu.octets.to_vec(), sdu.meta.quality.is_good()));
            });
            self.octets += octets.len() as u64;
            assert_eq!(self.assembler.ledger().total(), self.octets, "the ledger closes");
            out
        }
    }

    const NEXT: Continuity = Continuity::Next;

    #[test]
    fn a_unit_over_many_frames_comes_out_whole_and_one_within_a_frame_at_once() {
        let mut channel = Channel::new(10);
        assert_eq!(channel.push(Continuity::First, true, false, &[1, 2]), []);
        assert_eq!(channel.push(NEXT, false, false, &[3]), []);
        assert_eq!(channel.push(NEXT, false, true, &[4]), [(vec![1, 2, 3, 4], true)]);
        assert_eq!(channel.push(NEXT, true, true, &[9; 20]), [(vec![9; 20], true)]);
        assert_eq!(channel.assembler.ledger().units, 2);
    }

    #[test]
    fn a_gap_breaks_the_unit_and_what_follows_is_headless() {
        let mut channel = Channel::new(10);
        channel.push(Continuity::First, true, false, &[1, 2]);
        let gap = Continuity::Gap { missing: 1 };
        assert_eq!(channel.push(gap, false, true, &[3]), [(vec![1, 2], false)]);
        let ledger = channel.assembler.ledger();
        assert_eq!((ledger.truncated, ledger.headless, ledger.units_truncated), (2, 1, 1));
    }

    #[test]
    fn a_unit_larger_than_the_store_is_dropped_whole_and_its_neighbours_are_not() {
        let mut channel = Channel::new(3);
        channel.push(Continuity::First, true, false, &[1, 2]);
        assert_eq!(channel.push(NEXT, false, false, &[3, 4]), []);
        assert_eq!(channel.push(NEXT, false, true, &[5]), []);
        channel.push(NEXT, true, false, &[6]);
        assert_eq!(channel.push(NEXT, false, true, &[7]), [(vec![6, 7], true)]);
        let ledger = channel.assembler.ledger();
        assert_eq!((ledger.oversized, ledger.units_oversized), (5, 1));
    }

    #[test]
    fn a_frame_sent_twice_is_not_joined_twice() {
        let mut channel = Channel::new(10);
        channel.push(Continuity::First, true, false, &[1]);
        assert_eq!(channel.push(Continuity::Repeat, true, false, &[1]), []);
        assert_eq!(channel.push(NEXT, false, true, &[2]), [(vec![1, 2], true)]);
    }
}
