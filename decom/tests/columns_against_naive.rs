//! Columns, and plans of some of the parameters, against a naive interpreter of the database.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not found was not made"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::Packet;
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};
use common::random::{Choices, database, database_and_packet};
use common::{Owned, Said, naive};
use decom::block::{ColumnDecoder, ColumnOptions, ColumnSet};
use decom::column::{Column, ColumnBatch, Repetition, Values};
use decom::model::{ContainerId, Database};
use decom::plan::{ItemId, ParameterId, Plan};
use proptest::prelude::*;

const META: PacketMeta = PacketMeta {
    gvcid: Gvcid { tfvn: Tfvn::Aos, scid: Scid::new(1), vcid: Vcid::from_low_bits(1) },
    first_frame: 0,
    received: ReceiveTime(0),
    quality: PacketQuality::GOOD,
};

/// Values of each item, by what they are in.
type ByContainer = BTreeMap<String, BTreeMap<String, Vec<Owned>>>;

fn by_container(said: &[Said]) -> ByContainer {
    let mut all = ByContainer::new();
    let mut container = String::new();
    for said in said {
        match said {
            Said::Enter(name) => {
                container.clone_from(name);
                all.entry(name.clone()).or_default();
            }
            Said::Value(name, value) => {
                let of_container = all.get_mut(&container).unwrap();
                of_container.entry(name.clone()).or_default().push(value.clone());
            }
            Said::Array(..) | Said::Missing(_) => {}
        }
    }
    all
}

/// The containers that a packet is of: those that are not abstract, and none of whose heirs it is of.
fn leaves(database: &Database, entered: &ByContainer) -> BTreeSet<String> {
    fn is_of(database: &Database, entered: &ByContainer, index: usize, out: &mut BTreeSet<String>) -> bool {
        let container = &database.containers[index];
        let mut of_heir = false;
        for (heir, row) in database.containers.iter().enumerate() {
            if row.base.as_ref().is_some_and(|base| base.container.0 as usize == index)
                && entered.contains_key(&row.name)
            {
                of_heir |= is_of(database, entered, heir, out);
            }
        }
        if !of_heir && !container.is_abstract {
            out.insert(container.name.clone());
        }
        of_heir || !container.is_abstract
    }
    let mut out = BTreeSet::new();
    is_of(database, entered, 0, &mut out);
    out
}

fn name(plan: &Plan<'_>, item: ItemId) -> String {
    let item = plan.item(item).unwrap();
    format!("{}{}", plan.str(plan.parameter(item.parameter).unwrap().name), plan.str(item.suffix))
}

/// The values of a row that are there.
fn values(column: &Column, row: usize) -> Vec<Owned> {
    let range = match column.occurrence() {
        Repetition::Once => row..row + 1,
        Repetition::Fixed(n) => row * n as usize..(row + 1) * n as usize,
        Repetition::Varying => {
            let offsets = column.offsets().unwrap();
            offsets[row] as usize..offsets[row + 1] as usize
        }
    };
    let there = range.filter(|&index| column.validity().is_none_or(|bitmap| bitmap.get(index) == Some(true)));
    let value = |index| match column.raw() {
        // A run does not say how many bits of its last octet it fills.
        Values::Octets(octets) => Owned::Octets(octets.get(index).unwrap().to_vec(), 0),
        values => Owned::of(values.number(index).unwrap()),
    };
    there.map(value).collect()
}

fn without_bits(values: &[Owned]) -> Vec<Owned> {
    let one = |value: &Owned| match value {
        Owned::Octets(octets, _) => Owned::Octets(octets.clone(), 0),
        other => other.clone(),
    };
    values.iter().map(one).collect()
}

fn packets(octets: &[Vec<u8>]) -> Vec<Packet<'_>> {
    octets.iter().map(|bytes| Packet { bytes, meta: META }).collect()
}

fn set<'p>(plan: Plan<'p>, octets: &[Vec<u8>], piece: usize) -> ColumnSet<'p> {
    let root = plan.node_named("/root").unwrap();
    let mut set = ColumnSet::new(plan, root, &ColumnOptions::default()).unwrap();
    packets(octets).chunks(piece).for_each(|piece| set.append(piece));
    set
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn columns_equal_a_naive_interpreter(
        (choices, packet) in database_and_packet(),
        others in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 0..12),
        piece in 1usize..8,
        dynamic: bool,
    ) {
        let database = database(&mut Choices::new(&choices), dynamic);
        let buffer = database.compile().unwrap();
        let plan = buffer.plan();
        let mut all = vec![packet];
        all.extend(others);
        let set = set(plan, &all, piece);
        let mut rows = BTreeMap::new();
        let mut unmatched = 0;
        let batches: BTreeMap<&str, &ColumnBatch> =
            set.batches().map(|batch| (plan.container_name(batch.container()), batch)).collect();
        let mut before = None;
        for packet in &all {
            let (said, leaf, _) = naive::decode(&database, ContainerId(0), packet, before.as_deref());
            before = leaf;
            let found = by_container(&said);
            let leaves = leaves(&database, &found);
            unmatched += u64::from(leaves.is_empty());
            for leaf in leaves {
                let row = rows.entry(leaf.clone()).or_insert(0usize);
                let batch = batches[leaf.as_str()];
                let chain: Vec<&str> = plan.chain(batch.container()).map(|id| plan.container_name(id)).collect();
                for column in batch.columns() {
                    let name = name(&plan, column.item());
                    let expected: Vec<Owned> =
                        chain.iter().filter_map(|&of| found[of].get(&name)).flatten().cloned().collect();
                    prop_assert_eq!(values(column, *row), without_bits(&expected), "{} of {}", name, leaf);
                }
                // Nothing is left out.
                for name in chain.iter().flat_map(|&of| found[of].keys()) {
                    let mut columns = batch.columns().iter();
                    prop_assert!(columns.any(|column| self::name(&plan, column.item()) == *name), "{} of {}", name, leaf);
                }
                *row += 1;
            }
        }
        prop_assert_eq!(set.unmatched(), unmatched);
        for batch in set.batches() {
            let rows = rows.get(plan.container_name(batch.container())).copied();
            prop_assert_eq!(rows, Some(batch.rows()));
        }
    }

    #[test]
    fn a_stream_gives_what_its_packets_give(
        (choices, packet) in database_and_packet(),
        others in prop::collection::vec(prop::collection::vec(any::<u8>(), 7..60), 0..5),
        runs in prop::collection::vec((any::<prop::sample::Index>(), 1usize..300), 1..6),
        dynamic: bool,
    ) {
        let database = database(&mut Choices::new(&choices), dynamic);
        let buffer = database.compile().unwrap();
        let plan = buffer.plan();
        let mut kinds = vec![packet];
        kinds.extend(others);
        for packet in &mut kinds {
            packet.resize(packet.len().max(7), 0);
            packet[0] &= 0x1f;
            let len = (packet.len() - 7) as u16;
            packet[4..6].copy_from_slice(&len.to_be_bytes());
        }
        let mut all: Vec<Vec<u8>> = Vec::new();
        for (kind, times) in &runs {
            all.extend((0..*times).map(|i| {
                let mut packet = kind.get(&kinds).clone();
                *packet.last_mut().unwrap() ^= i as u8;
                packet
            }));
        }
        let one_by_one = set(plan, &all, 100);
        let root = plan.node_named("/root").unwrap();
        let mut stream = ColumnSet::new(plan, root, &ColumnOptions::default()).unwrap();
        let mut octets = all.concat();
        let whole = octets.len();
        octets.extend_from_slice(&kinds[0][..6]);
        prop_assert_eq!(stream.append_stream(&octets, META.received, META.quality), whole);
        prop_assert_eq!(stream.unmatched(), one_by_one.unmatched());
        prop_assert_eq!(stream.batches().count(), one_by_one.batches().count());
        for (batch, expected) in stream.batches().zip(one_by_one.batches()) {
            prop_assert_eq!(batch.container(), expected.container());
            prop_assert_eq!((batch.received(), batch.quality()), (expected.received(), expected.quality()));
            for (column, expected) in batch.columns().iter().zip(expected.columns()) {
                for row in 0..batch.rows() {
                    prop_assert_eq!(values(column, row), values(expected, row));
                }
            }
        }
    }

    #[test]
    fn a_plan_of_some_parameters_gives_their_values(
        (choices, packet) in database_and_packet(),
        others in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 0..6),
        wanted in prop::collection::btree_set(0u32..14, 0..6),
        dynamic: bool,
    ) {
        let database = database(&mut Choices::new(&choices), dynamic);
        let whole = database.compile().unwrap();
        let plan = whole.plan();
        let wanted: Vec<ParameterId> = wanted.into_iter().map(ParameterId).collect();
        let part = plan.subset(&wanted);
        let is_wanted = |name: &str| {
            let name = name.split(['.', '[']).next().unwrap();
            wanted.iter().any(|&id| plan.parameter(id).is_some_and(|parameter| plan.str(parameter.name) == name))
        };
        let mut all = vec![packet];
        all.extend(others);
        for packet in &all {
            let (report, full) = common::decode(plan, "/root", packet);
            let (part_report, some) = common::decode(part.plan(), "/root", packet);
            prop_assert_eq!(report.container, part_report.container);
            let kept = full.said.iter().filter(|said| match said {
                Said::Array(name, _) | Said::Missing(name) | Said::Value(name, _) => is_wanted(name),
                Said::Enter(_) => true,
            });
            prop_assert_eq!(kept.collect::<Vec<_>>(), some.said.iter().collect::<Vec<_>>());
            let kept = full.engineering.iter().filter(|(name, _)| is_wanted(name));
            prop_assert_eq!(kept.collect::<Vec<_>>(), some.engineering.iter().collect::<Vec<_>>());
        }
        let (full, some) = (set(plan, &all, 3), set(part.plan(), &all, 3));
        prop_assert_eq!(full.batches().count(), some.batches().count());
        for (full, some) in full.batches().zip(some.batches()) {
            let options = ColumnOptions { parameters: Some(&wanted), ..ColumnOptions::default() };
            let decoder = ColumnDecoder::with_options(plan, full.container(), &options).unwrap();
            let names = |batch: &ColumnBatch| batch.columns().iter().map(Column::item).collect::<BTreeSet<_>>();
            prop_assert_eq!(names(&decoder.batch()), names(some));
            for column in some.columns() {
                let of_all = full.column(column.item()).unwrap();
                for row in 0..some.rows() {
                    prop_assert_eq!(values(column, row), values(of_all, row));
                }
                prop_assert_eq!(column.engineering(), of_all.engineering());
            }
        }
    }
}
