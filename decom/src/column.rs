//! Columns: the values of many packets of one container, item by item.
//!
//! Buffers are laid out as Apache Arrow lays them out, so that they can be handed on without a copy. A
//! [`ColumnDecoder`](crate::block::ColumnDecoder) fills them.

mod bitmap;
mod names;
mod values;

use alloc::vec::Vec;

use ccsds_core::quality::{PacketQuality, ReceiveTime};

pub use self::bitmap::Bitmap;
pub(crate) use self::bitmap::Validity;
pub use self::values::{Engineering, Octets, Values};
use crate::plan::{AlarmLevel, ItemId, NodeId};

/// Values of packets of one container.
#[derive(Clone, Debug)]
pub struct ColumnBatch {
    pub(crate) container: NodeId,
    pub(crate) received: Vec<ReceiveTime>,
    pub(crate) quality: Vec<PacketQuality>,
    pub(crate) columns: Vec<Column>,
}

impl ColumnBatch {
    /// The container that the packets are of.
    #[must_use]
    pub const fn container(&self) -> NodeId {
        self.container
    }

    /// How many packets there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.received.len()
    }

    /// When each packet was received.
    #[must_use]
    pub fn received(&self) -> &[ReceiveTime] {
        &self.received
    }

    /// What befell each packet.
    #[must_use]
    pub fn quality(&self) -> &[PacketQuality] {
        &self.quality
    }

    /// The columns: one for each item, in the order of the database.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of an item.
    #[must_use]
    pub fn column(&self, item: ItemId) -> Option<&Column> {
        self.columns.iter().find(|column| column.item == item)
    }

    /// The columns themselves.
    #[must_use]
    pub fn into_columns(self) -> Vec<Column> {
        self.columns
    }

    /// Forget the packets, keep the memory.
    pub fn clear(&mut self) {
        self.received.clear();
        self.quality.clear();
        self.columns.iter_mut().for_each(Column::clear);
    }
}

/// Values of one item.
///
/// An item that every packet holds once has one value a row. One that every packet holds `n` times has `n` values a row, those of
/// the first row first. Of any other, [`Column::offsets`] tell where the values of each row begin.
#[derive(Clone, Debug)]
pub struct Column {
    pub(crate) item: ItemId,
    pub(crate) occurrence: Repetition,
    pub(crate) raw: Values,
    pub(crate) engineering: Option<Engineering>,
    pub(crate) alarms: Option<Vec<AlarmLevel>>,
    pub(crate) validity: Validity,
    /// Which engineering values there are.
    pub(crate) defined: Validity,
    /// Empty unless the item varies.
    pub(crate) offsets: Vec<u32>,
}

impl Column {
    /// What it holds values of.
    #[must_use]
    pub const fn item(&self) -> ItemId {
        self.item
    }

    /// How often a packet holds the item.
    #[must_use]
    pub const fn occurrence(&self) -> Repetition {
        self.occurrence
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The values as the packets carry them.
    #[must_use]
    pub const fn raw(&self) -> &Values {
        &self.raw
    }

    /// The engineering values; `None` where the raw values are these, or where they were not asked for.
    #[must_use]
    pub const fn engineering(&self) -> Option<&Engineering> {
        self.engineering.as_ref()
    }

    /// How grave each value is by itself; `None` where no alarm is defined, or where they were not asked for.
    ///
    /// Changes and repetitions are not looked at: that takes an [`AlarmMonitor`](crate::alarm::AlarmMonitor).
    #[must_use]
    pub fn alarms(&self) -> Option<&[AlarmLevel]> {
        self.alarms.as_deref()
    }

    /// Which raw values there are; `None` when all are. A value is missing when the packet ends before it, when the packet does
    /// not carry it, and when its bits are no number of its encoding.
    #[must_use]
    pub fn validity(&self) -> Option<&Bitmap> {
        self.validity.bitmap()
    }

    /// Which engineering values there are; `None` when all are. Beside those whose raw value is missing there are none for numbers
    /// that a calibrator does not take. An unknown word is a value.
    #[must_use]
    pub fn engineering_validity(&self) -> Option<&Bitmap> {
        match self.engineering {
            Some(_) => self.defined.bitmap(),
            None => self.validity.bitmap(),
        }
    }

    /// Where the values of each row begin, and after those where the last one ends: for items whose number varies.
    #[must_use]
    pub fn offsets(&self) -> Option<&[u32]> {
        (self.occurrence == Repetition::Varying).then_some(&self.offsets)
    }

    /// The buffers.
    #[must_use]
    pub fn into_parts(self) -> ColumnParts {
        let varies = self.occurrence == Repetition::Varying;
        ColumnParts {
            engineering_validity: self.engineering.is_some().then(|| self.defined.into_bitmap()).flatten(),
            raw: self.raw,
            engineering: self.engineering,
            alarms: self.alarms,
            validity: self.validity.into_bitmap(),
            offsets: varies.then_some(self.offsets),
        }
    }

    fn clear(&mut self) {
        self.raw.clear();
        if let Some(engineering) = &mut self.engineering {
            engineering.clear();
        }
        if let Some(alarms) = &mut self.alarms {
            alarms.clear();
        }
        self.validity.clear();
        self.defined.clear();
        self.offsets.truncate(1);
    }
}

/// The buffers of a column; see the accessors of [`Column`].
#[derive(Clone, Debug)]
pub struct ColumnParts {
    /// The raw values.
    pub raw: Values,
    /// The engineering values, where they are not the raw ones.
    pub engineering: Option<Engineering>,
    /// How grave each value is.
    pub alarms: Option<Vec<AlarmLevel>>,
    /// Which raw values there are.
    pub validity: Option<Bitmap>,
    /// Which engineering values there are, where there are buffers of such.
    pub engineering_validity: Option<Bitmap>,
    /// Where the values of each row begin, for items whose number varies.
    pub offsets: Option<Vec<u32>>,
}

/// How often a packet holds an item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repetition {
    /// Always so many times; at least twice.
    Fixed(u32),
    /// Once, or at most once.
    Once,
    /// As the packet says.
    Varying,
}
