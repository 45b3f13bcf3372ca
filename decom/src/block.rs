//! Many packets at a time, item by item.
//!
//! A [`ColumnDecoder`] works out once what a container holds. Where all places are fixed it goes through blocks of packets that
//! stay in the first-level cache: a few octets of each packet are picked up at once, cut into values, and these are calibrated
//! while they are hot. Containers with a program go packet by packet through the row engine into the same columns. A
//! [`ColumnSet`] sorts packets of many kinds first.
//!
//! | module | what |
//! | --- | --- |
//! | `layout` | which columns a container has |
//! | `cut` | numbers out of words of eight octets |
//! | `few` | lists that mostly have one entry |
//! | `fixed` | containers whose places are all fixed |
//! | `moving` | containers with a program |
//! | `note` | engineering values one by one |
//! | `set` | packets of every container, sorted by what they are of |
//! | `way`, `curve`, `steps` | engineering values, calibrators and alarms of whole columns |

mod curve;
mod cut;
mod few;
mod fixed;
mod layout;
mod moving;
mod note;
mod set;
mod steps;
mod way;

use alloc::boxed::Box;
use alloc::vec::Vec;

use ccsds_core::arch::Level;
use ccsds_core::packet::Packet;
use ccsds_core::quality::{PacketQuality, ReceiveTime};

pub(crate) use self::cut::Cut;
#[cfg(target_arch = "x86_64")]
pub(crate) use self::cut::Form;
use self::fixed::Fixed;
use self::layout::Spec;
use self::moving::Moving;
pub use self::set::ColumnSet;
use crate::arch::Machine;
use crate::column::ColumnBatch;
use crate::plan::{NodeId, ParameterId, Plan};

/// Decodes packets of one container into columns.
#[derive(Clone, Debug)]
pub struct ColumnDecoder<'p> {
    plan: Plan<'p>,
    container: NodeId,
    specs: Vec<Spec<'p>>,
    engine: Engine<'p>,
}

/// How packets are gone through.
#[derive(Clone, Debug)]
enum Engine<'p> {
    Fixed(Box<Fixed>),
    Moving(Box<Moving<'p>>),
}

/// What a [`ColumnDecoder`] is to work out.
#[derive(Clone, Copy, Debug)]
pub struct ColumnOptions<'a> {
    /// Which values.
    pub detail: Detail,
    /// Of which parameters; `None` for all. What their values depend on is looked at, but gets no columns.
    pub parameters: Option<&'a [ParameterId]>,
    /// By which instruction set.
    pub level: Level,
}

impl Default for ColumnOptions<'_> {
    /// Everything, as fast as the machine can.
    fn default() -> Self {
        Self { detail: Detail::Alarms, parameters: None, level: Level::detect() }
    }
}

/// Which values are worked out, each kind with those before it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Detail {
    /// Raw values.
    Raw,
    /// Engineering values.
    Engineering,
    /// How grave each value is.
    Alarms,
}

impl<'p> ColumnDecoder<'p> {
    /// A decoder of every value of a container; `None` when the plan has no such container.
    #[must_use]
    pub fn new(plan: Plan<'p>, container: NodeId) -> Option<Self> {
        Self::with_options(plan, container, &ColumnOptions::default())
    }

    /// The same, by an instruction set; `None` also when this machine does not have it.
    #[must_use]
    pub fn with_level(plan: Plan<'p>, container: NodeId, level: Level) -> Option<Self> {
        Self::with_options(plan, container, &ColumnOptions { level, ..ColumnOptions::default() })
    }

    /// A decoder of some of the values of a container; `None` when the plan has no such container, or this machine not that
    /// instruction set.
    #[must_use]
    pub fn with_options(plan: Plan<'p>, container: NodeId, options: &ColumnOptions<'_>) -> Option<Self> {
        let node = plan.node(container)?;
        let machine = Machine::with_level(options.level)?;
        let specs = layout::specs(&plan, container, options);
        // A forged plan may say of a node with a program that it has none.
        let engine = if node.is_dynamic || !specs.iter().all(layout::Spec::is_fixed) {
            Engine::Moving(Box::new(Moving::new(&plan, container, &specs, machine)))
        } else {
            Engine::Fixed(Box::new(Fixed::new(&plan, container, &specs, machine)))
        };
        Some(Self { plan, container, specs, engine })
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan<'p> {
        &self.plan
    }

    /// The container.
    #[must_use]
    pub const fn container(&self) -> NodeId {
        self.container
    }

    /// Columns without packets.
    #[must_use]
    pub fn batch(&self) -> ColumnBatch {
        ColumnBatch {
            container: self.container,
            received: Vec::new(),
            quality: Vec::new(),
            columns: self.specs.iter().map(Spec::column).collect(),
        }
    }

    /// Put the values of packets, all of this container, behind those of a batch.
    ///
    /// A batch that another decoder made becomes one of this; what it held is gone.
    pub fn append(&mut self, packets: &[Packet<'_>], batch: &mut ColumnBatch) {
        self.adopt(batch);
        let first = batch.rows();
        batch.received.extend(packets.iter().map(|packet| packet.meta.received));
        batch.quality.extend(packets.iter().map(|packet| packet.meta.quality));
        self.rows(first, packets.iter().map(|packet| packet.bytes), batch);
    }

    /// The same for packets of `stride` octets each, back to back, of which the same is known. Octets at the end that do not
    /// fill a packet are left out.
    pub fn append_strided(
        &mut self,
        data: &[u8],
        stride: usize,
        received: ReceiveTime,
        quality: PacketQuality,
        batch: &mut ColumnBatch,
    ) {
        self.adopt(batch);
        if stride == 0 {
            return;
        }
        let first = batch.rows();
        let rows = first + data.len() / stride;
        batch.received.resize(rows, received);
        batch.quality.resize(rows, quality);
        self.strided_rows(first, data, stride, batch);
    }

    /// Packets of `stride` octets each, which is not zero.
    fn strided_rows(&mut self, first: usize, data: &[u8], stride: usize, batch: &mut ColumnBatch) {
        match &mut self.engine {
            Engine::Fixed(engine) => {
                engine.append_strided(&self.plan, &self.specs, first, data, stride, &mut batch.columns);
            }
            Engine::Moving(engine) => {
                engine.append(&self.specs, first, data.chunks_exact(stride), &mut batch.columns);
            }
        }
    }

    fn rows<'a>(&mut self, first: usize, rows: impl Iterator<Item = &'a [u8]>, batch: &mut ColumnBatch) {
        match &mut self.engine {
            Engine::Fixed(engine) => engine.append(&self.plan, &self.specs, first, rows, &mut batch.columns),
            Engine::Moving(engine) => engine.append(&self.specs, first, rows, &mut batch.columns),
        }
    }

    /// Make sure that a batch has the columns of this decoder.
    fn adopt(&self, batch: &mut ColumnBatch) {
        let fits = batch.container == self.container
            && batch.columns.len() == self.specs.len()
            && batch.columns.iter().zip(&self.specs).all(|(column, spec)| spec.made(column));
        if !fits {
            *batch = self.batch();
        }
    }
}

#[cfg(test)]
mod tests;
