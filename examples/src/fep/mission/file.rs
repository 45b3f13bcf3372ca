//! The mission file as it is written: every key with its place in the text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use toml::Spanned;

/// A value and where in the file it stands, if it is there at all.
pub(super) type Key<T> = Option<Spanned<T>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MissionFile {
    pub(super) name: Option<String>,
    pub(super) input: Key<InputTable>,
    pub(super) sync: Key<SyncTable>,
    pub(super) coding: Key<CodingTable>,
    pub(super) frame: Key<FrameTable>,
    #[serde(default)]
    pub(super) channel: Vec<Spanned<ChannelTable>>,
    #[serde(default)]
    pub(super) security: Vec<Spanned<SecurityTable>>,
    pub(super) database: Key<DatabaseTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InputTable {
    pub(super) kind: Key<String>,
    pub(super) skip: Key<i64>,
    pub(super) line_code: Key<String>,
    pub(super) lengths: Key<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncTable {
    pub(super) marker: Key<String>,
    pub(super) mask: Key<String>,
    pub(super) search_errors: Key<i64>,
    pub(super) lock_errors: Key<i64>,
    pub(super) verify: Key<i64>,
    pub(super) flywheel: Key<i64>,
    pub(super) slip: Key<i64>,
    pub(super) polarity: Key<String>,
    pub(super) cadu_bits: Key<i64>,
    pub(super) alignment: Key<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodingTable {
    pub(super) randomizer: Key<String>,
    pub(super) scheme: Key<String>,
    pub(super) e: Key<i64>,
    pub(super) interleave: Key<i64>,
    pub(super) virtual_fill: Key<i64>,
    pub(super) basis: Key<String>,
    pub(super) derandomize: Key<String>,
    pub(super) slice: Key<i64>,
    pub(super) frame_marker: Key<String>,
    #[serde(default)]
    pub(super) also: Vec<Spanned<AlsoTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlsoTable {
    pub(super) marker: Key<String>,
    pub(super) mask: Key<String>,
    pub(super) cadu_bits: Key<i64>,
    pub(super) length: Key<i64>,
    pub(super) randomizer: Key<String>,
    pub(super) scheme: Key<String>,
    pub(super) e: Key<i64>,
    pub(super) interleave: Key<i64>,
    pub(super) virtual_fill: Key<i64>,
    pub(super) basis: Key<String>,
    pub(super) derandomize: Key<String>,
}

impl AlsoTable {
    /// The same as tables of their own: what is not said about synchronization is that of the first coding.
    pub(super) fn split(&self, sync: &SyncTable) -> (SyncTable, CodingTable) {
        let sync = SyncTable {
            marker: self.marker.clone(),
            mask: self.mask.clone(),
            cadu_bits: self.cadu_bits.clone(),
            ..sync.clone()
        };
        let coding = CodingTable {
            randomizer: self.randomizer.clone(),
            scheme: self.scheme.clone(),
            e: self.e.clone(),
            interleave: self.interleave.clone(),
            virtual_fill: self.virtual_fill.clone(),
            basis: self.basis.clone(),
            derandomize: self.derandomize.clone(),
            slice: None,
            frame_marker: None,
            also: Vec::new(),
        };
        (sync, coding)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameTable {
    pub(super) protocol: Key<String>,
    pub(super) length: Key<i64>,
    pub(super) secondary_header: Key<NumberOrText>,
    pub(super) insert_zone: Key<i64>,
    pub(super) header_error_control: Key<bool>,
    pub(super) truncated_length: Key<i64>,
    pub(super) check_idle: Key<bool>,
    pub(super) ocf: Key<String>,
    pub(super) fecf: Key<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelTable {
    pub(super) scid: Key<i64>,
    pub(super) vcid: Key<VcidList>,
    pub(super) content: Key<String>,
    pub(super) max_packet: Key<i64>,
    pub(super) pec: Key<String>,
    pub(super) pus: Key<PusTable>,
    pub(super) time: Key<NumberOrText>,
    pub(super) groups: Key<bool>,
    pub(super) max_group: Key<i64>,
    pub(super) group_header: Key<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PusTable {
    pub(super) issue: Key<String>,
    pub(super) time: Key<NumberOrText>,
    pub(super) counter: Key<bool>,
    pub(super) destination: Key<i64>,
    pub(super) spare: Key<i64>,
}

/// What is a key, or says where one is, must not be shown: this table has no `Debug` of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecurityTable {
    pub(super) spi: Key<i64>,
    pub(super) scid: Key<i64>,
    pub(super) vcid: Key<VcidList>,
    pub(super) map: Key<VcidList>,
    pub(super) service: Key<String>,
    pub(super) algorithm: Key<String>,
    pub(super) iv: Key<i64>,
    pub(super) sequence_number: Key<i64>,
    pub(super) pad_length: Key<i64>,
    pub(super) mac: Key<i64>,
    pub(super) mask: Key<String>,
    pub(super) window: Key<i64>,
    pub(super) first_number: Key<i64>,
    pub(super) key_file: Key<String>,
    pub(super) key_env: Key<String>,
}

impl fmt::Debug for SecurityTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityTable").field("spi", &self.spi).finish_non_exhaustive()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatabaseTable {
    pub(super) xtce: Key<String>,
    pub(super) mib: Key<String>,
    pub(super) root: Key<String>,
    pub(super) lenient: Key<bool>,
    pub(super) time: Key<String>,
}

/// A number, or a word in its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum NumberOrText {
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrTextVisitor)
    }
}

struct NumberOrTextVisitor;

impl Visitor<'_> for NumberOrTextVisitor {
    type Value = NumberOrText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a string")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<NumberOrText, E> {
        Ok(NumberOrText::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<NumberOrText, E> {
        Ok(NumberOrText::Text(value.to_owned()))
    }
}

/// One virtual channel, a range, or a list of both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct VcidList(pub(super) Vec<NumberOrText>);

impl<'de> Deserialize<'de> for VcidList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VcidListVisitor)
    }
}

struct VcidListVisitor;

impl<'de> Visitor<'de> for VcidListVisitor {
    type Value = VcidList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a range such as \"0-62\", or a list of both")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<VcidList, E> {
        Ok(VcidList(vec![NumberOrText::Number(value)]))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<VcidList, E> {
        Ok(VcidList(vec![NumberOrText::Text(value.to_owned())]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<VcidList, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(VcidList(list))
    }
}
