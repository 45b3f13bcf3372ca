//! Virtual channels: sorting frames, following their counts, putting packets together.
//!
//! Channels are declared, never learnt: a corrupted header must not be able to claim a place in the demultiplexer.

mod assemble;
#[cfg(feature = "alloc")]
mod batch;
mod count;
mod demux;
mod maps;
mod sdu;

pub use self::assemble::{PacketAssembler, Packets};
#[cfg(feature = "alloc")]
pub use self::batch::PacketBatch;
pub use self::count::{Continuity, VcFrameCount};
pub use self::demux::{Channel, Delivery, Route, VcDemux, VcIndex, VcSlot};
pub use self::maps::MapContinuity;
pub use self::sdu::{Sdu, SduAssembler, SduLedger};

use crate::frame::TransferFrame;
use crate::quality::FrameMeta;

/// A demultiplexer with one packet assembler per channel: the usual entry point on a microcontroller.
///
/// `B` stores a packet that spans frames; `N` is the number of channels. A host with channels from a file pairs a
/// [`VcDemux`] with assemblers of its own.
#[derive(Debug)]
pub struct VcBank<B, const N: usize> {
    demux: VcDemux<[VcSlot; N]>,
    assemblers: [PacketAssembler<B>; N],
}

impl<B: AsRef<[u8]> + AsMut<[u8]>, const N: usize> VcBank<B, N> {
    /// Declare the channels; channel `i` assembles in `assemblers[i]`.
    #[must_use]
    pub const fn new(channels: [Channel; N], assemblers: [PacketAssembler<B>; N]) -> Self {
        Self { demux: VcDemux::declare(channels), assemblers }
    }

    /// Feed one frame; drain the returned cursor to receive the packets that it completes.
    ///
    /// # Errors
    /// The [`Route`] of a frame that belongs to no declared channel, cannot be trusted or is malformed.
    pub fn push<'a>(
        &'a mut self,
        frame: &TransferFrame<'a>,
        meta: &FrameMeta,
    ) -> Result<Packets<'a, B>, Route<'a>> {
        match self.demux.route(frame, meta.quality) {
            Route::Channel(delivery) => match self.assemblers.get_mut(delivery.vc.get()) {
                Some(assembler) => Ok(assembler.push(&delivery, meta)),
                None => Err(Route::Undeclared),
            },
            other => Err(other),
        }
    }

    /// The demultiplexer, for its accounts.
    #[must_use]
    pub const fn demux(&self) -> &VcDemux<[VcSlot; N]> {
        &self.demux
    }

    /// The assemblers, for their accounts, in the order of the channels.
    #[must_use]
    pub const fn assemblers(&self) -> &[PacketAssembler<B>; N] {
        &self.assemblers
    }
}

#[cfg(test)]
mod tests;
