//! What the tests of rows and columns share.
#![allow(dead_code, unreachable_pub, reason = "every test takes what it needs")]
#![allow(
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test that does not find what it made has failed"
)]

pub mod build;
pub mod documents;
pub mod naive;
pub mod random;

use decom::plan::{ItemId, NodeId, ParameterId, Plan};
use decom::raw::Raw;
use decom::row::{Decoder, Register, RowReport, RowSink, Sample};

/// A raw value, owned.
#[derive(Clone, Debug, PartialEq)]
pub enum Owned {
    Float(u64),
    Integer(i128),
    Octets(Vec<u8>, usize),
    Undefined,
}

impl Owned {
    pub fn of(raw: Raw<'_>) -> Self {
        match raw {
            Raw::Float(value) => Self::Float(number_bits(value)),
            Raw::Signed(value) => Self::Integer(value.into()),
            Raw::Unsigned(value) => Self::Integer(value.into()),
            Raw::Wide(value) => Self::Integer(value as i128),
            Raw::Octets(bits) | Raw::Text { bits, .. } => {
                Self::Octets(bits.octets().collect(), bits.bit_len())
            }
            Raw::Undefined(_) => Self::Undefined,
        }
    }
}

/// The bits of a number. Of what is none every bit but one: whether a conversion makes it a quiet one is up to the processor.
pub fn number_bits(value: f64) -> u64 {
    value.to_bits() | if value.is_nan() { 1 << 51 } else { 0 }
}

/// One thing that a decoder says of a packet.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Array(String, Vec<u32>),
    Enter(String),
    Missing(String),
    Value(String, Owned),
}

/// Everything that a decoder says.
#[derive(Debug)]
pub struct Recorder<'p> {
    pub plan: Plan<'p>,
    pub said: Vec<Said>,
    /// Engineering values as they print.
    pub engineering: Vec<(String, String)>,
}

impl<'p> Recorder<'p> {
    pub const fn new(plan: Plan<'p>) -> Self {
        Self { plan, said: Vec::new(), engineering: Vec::new() }
    }

    fn name(&self, item: ItemId) -> String {
        let item = self.plan.item(item).unwrap();
        let parameter = self.plan.parameter(item.parameter).unwrap();
        format!("{}{}", self.plan.str(parameter.name), self.plan.str(item.suffix))
    }
}

impl RowSink for Recorder<'_> {
    fn array(&mut self, parameter: ParameterId, dimensions: &[u32]) {
        let parameter = self.plan.parameter(parameter).unwrap();
        self.said.push(Said::Array(self.plan.str(parameter.name).to_owned(), dimensions.to_vec()));
    }

    fn enter(&mut self, container: NodeId) {
        self.said.push(Said::Enter(self.plan.container_name(container).to_owned()));
    }

    fn missing(&mut self, item: ItemId) {
        self.said.push(Said::Missing(self.name(item)));
    }

    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let name = self.name(sample.item());
        self.said.push(Said::Value(name.clone(), Owned::of(sample.raw())));
        self.engineering.push((name, format!("{:?}", sample.value())));
    }
}

/// What decoders that have seen nothing say of a packet behind one of `before`: the container it is of, from the first of `roots` that
/// it may begin with; and what the next packet comes behind.
pub fn select(
    plan: Plan<'_>,
    roots: &[NodeId],
    packet: &[u8],
    before: Option<NodeId>,
) -> (Option<NodeId>, Option<NodeId>) {
    let mut behind = None;
    let found = roots.iter().find_map(|&root| {
        let mut decoder = Decoder::new(plan, root, vec![Register::Empty; plan.registers as usize]).unwrap();
        decoder.set_before(before);
        let found = decoder.select(packet);
        behind = decoder.before();
        found
    });
    (found, behind)
}

/// Decode one packet from `root` on.
pub fn decode<'p>(plan: Plan<'p>, root: &str, packet: &[u8]) -> (RowReport, Recorder<'p>) {
    let root = plan.node_named(root).unwrap();
    let mut decoder = Decoder::new(plan, root, vec![Register::Empty; plan.registers as usize]).unwrap();
    let mut recorder = Recorder::new(plan);
    let report = decoder.decode(packet, &mut recorder);
    (report, recorder)
}
