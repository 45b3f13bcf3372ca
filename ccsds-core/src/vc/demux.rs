//! The demultiplexer: which declared channel a frame belongs to, and what its count says.

use super::count::{Continuity, VcFrameCount};
use crate::frame::{ChannelContent, Content, FrameError, TransferFrame};
use crate::id::Gvcid;
use crate::ledger::CountLedger;
use crate::quality::{FrameQuality, Trust};
use crate::sdls::SecurityOutcome;

/// A virtual channel that management declared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Channel {
    /// Which channel.
    pub gvcid: Gvcid,
    /// What it carries.
    pub content: ChannelContent,
}

/// Sorts frames among the declared channels and follows their counts.
///
/// `S` stores one [`VcSlot`] per channel: an array in firmware, a `Vec` or `Box<[VcSlot]>` on a host.
#[derive(Clone, Debug)]
pub struct VcDemux<S> {
    slots: S,
    /// The slot of the frame before: channels come in runs.
    latest: usize,
}

impl<const N: usize> VcDemux<[VcSlot; N]> {
    /// Declare the channels.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "`i` stays below `N`, and const code has no other way to fill an array"
    )]
    pub const fn declare(channels: [Channel; N]) -> Self {
        let mut slots = [VcSlot::PLACEHOLDER; N];
        let mut i = 0;
        while i < N {
            slots[i] = VcSlot::new(channels[i]);
            i += 1;
        }
        Self { slots, latest: 0 }
    }
}

impl<S: AsRef<[VcSlot]> + AsMut<[VcSlot]>> VcDemux<S> {
    /// Declare the channels that `slots` hold.
    #[must_use]
    pub const fn new(slots: S) -> Self {
        Self { slots, latest: 0 }
    }

    /// Where a frame belongs. A frame that cannot be trusted, is refused or malformed, moves no count.
    pub fn route<'a>(&mut self, frame: &TransferFrame<'a>, quality: FrameQuality) -> Route<'a> {
        match quality.trust() {
            Trust::Trusted => {}
            _ => return Route::Untrusted,
        }
        if frame.security().is_refused() {
            return Route::Refused(frame.security());
        }
        let Some(vc) = self.find(frame.gvcid()) else {
            return if frame.is_only_idle_data() { Route::Idle } else { Route::Undeclared };
        };
        let Some(slot) = self.slots.as_mut().get_mut(vc) else { return Route::Undeclared };
        let content = match frame.content(slot.channel.content) {
            Ok(content) => content,
            Err(error) => return Route::Malformed(error),
        };
        let continuity = slot.advance(frame);
        Route::Channel(Delivery { vc: VcIndex(vc), gvcid: frame.gvcid(), continuity, content })
    }

    /// The declared channels with their accounts, in the order of declaration.
    #[must_use]
    pub fn slots(&self) -> &[VcSlot] {
        self.slots.as_ref()
    }

    fn find(&mut self, gvcid: Gvcid) -> Option<usize> {
        let slots = self.slots.as_ref();
        if slots.get(self.latest).is_none_or(|slot| slot.channel.gvcid != gvcid) {
            self.latest = slots.iter().position(|slot| slot.channel.gvcid == gvcid)?;
        }
        Some(self.latest)
    }
}

/// One declared channel: its count and its account.
#[derive(Clone, Copy, Debug)]
pub struct VcSlot {
    channel: Channel,
    latest: Option<Latest>,
    counts: CountLedger,
}

/// What is remembered of the frame before.
#[derive(Clone, Copy, Debug)]
struct Latest {
    count: VcFrameCount,
    fingerprint: u64,
}

impl VcSlot {
    /// A channel that has received nothing.
    #[must_use]
    pub const fn new(channel: Channel) -> Self {
        Self { channel, latest: None, counts: CountLedger::EMPTY }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// What its frame counts said so far.
    pub const fn counts(&self) -> &CountLedger {
        &self.counts
    }

    fn advance(&mut self, frame: &TransferFrame<'_>) -> Continuity {
        let now = Latest { count: frame.vc_frame_count(), fingerprint: fingerprint(frame.data_field()) };
        let continuity = match self.latest.replace(now) {
            None => Continuity::First,
            Some(before) => {
                // Idle channels may have constant counts and ever-changing fill: there, the same count is no loss.
                let same_octets =
                    self.channel.content == ChannelContent::Idle || before.fingerprint == now.fingerprint;
                before.count.step_to(now.count, same_octets)
            }
        };
        self.counts.record(continuity);
        continuity
    }

    const PLACEHOLDER: Self = Self::new(Channel {
        gvcid: Gvcid::new(crate::id::Tfvn::Tm, crate::id::Scid::new(0), crate::id::Vcid::from_low_bits(0)),
        content: ChannelContent::Idle,
    });
}

/// Number of a declared channel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VcIndex(usize);

impl VcIndex {
    /// Position among the declared channels.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0
    }
}

/// A frame on its way to a declared channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Delivery<'a> {
    /// Which of the declared channels.
    pub vc: VcIndex,
    /// The channel by name.
    pub gvcid: Gvcid,
    /// What its count says.
    pub continuity: Continuity,
    /// What it holds.
    pub content: Content<'a>,
}

/// Where the demultiplexer sends a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Route<'a> {
    /// To a declared channel.
    Channel(Delivery<'a>),
    /// Nowhere: only idle data, on a channel that nobody declared.
    Idle,
    /// Nowhere: the data field contradicts what the channel carries.
    Malformed(FrameError),
    /// Nowhere: its protection says that it is not what was sent, or was sent before.
    Refused(SecurityOutcome),
    /// Nowhere: nobody declared its channel.
    Undeclared,
    /// Nowhere: its header cannot be believed.
    Untrusted,
}

/// A number that differs between different frames almost surely, at the cost of four loads.
///
/// It only ever tells a repeated frame from one a whole turn of the counter later.
fn fingerprint(octets: &[u8]) -> u64 {
    let middle = octets.split_at_checked(octets.len() / 2).map_or(octets, |(_, half)| half);
    let ends = [octets.first_chunk(), octets.last_chunk(), middle.first_chunk()];
    let mut print = octets.len() as u64;
    for word in ends.into_iter().flatten() {
        print = (print ^ u64::from_le_bytes(*word)).wrapping_mul(MIX).rotate_left(29);
    }
    print
}

/// 2^64 divided by the golden ratio, made odd.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
#[path = "demux/tests.rs"]
mod tests;
