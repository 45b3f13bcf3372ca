//! A few values of the demo pass, with their limits.

use std::fmt::Write;

use ccsds_core::packet::Packet;
use decom::plan::{AlarmLevel, NodeId, Plan};
use decom::row::{Decoder, Register, RowSink, RowStatus, Sample};
use decom::value::Value;

use crate::fep::database::MissionDatabase;
use crate::fep::failure::Failure;
use crate::fep::report::text::grouped;

/// Decodes the packets of the demo, and keeps the first few.
pub(super) struct Values<'p> {
    plan: Plan<'p>,
    decoder: Decoder<'p, Vec<Register>>,
    rows: u64,
    /// Packets that are of no container.
    unmatched: u64,
    /// Values of the first packets.
    shown: Vec<Vec<Shown>>,
    watched: u64,
    alarming: u64,
}

struct Shown {
    name: String,
    value: String,
    alarm: AlarmLevel,
}

impl<'p> Values<'p> {
    pub(super) fn new(database: &'p MissionDatabase) -> Result<Self, Failure> {
        let plan = database.plan.plan();
        let root = plan.roots.first().copied().unwrap_or(NodeId(0));
        let registers = vec![Register::default(); plan.registers as usize];
        let decoder = Decoder::new(plan, root, registers).map_err(Failure::incomplete)?;
        Ok(Self { plan, decoder, rows: 0, unmatched: 0, shown: Vec::new(), watched: 0, alarming: 0 })
    }

    pub(super) fn take(&mut self, packet: &Packet<'_>) {
        let mut row = Row { is_shown: self.shown.len() < SHOWN_PACKETS, ..Row::new(self.plan) };
        match self.decoder.decode(packet.bytes, &mut row).status {
            RowStatus::Unmatched => self.unmatched += 1,
            RowStatus::Complete | RowStatus::Short => {
                self.rows += 1;
                self.watched += row.watched;
                self.alarming += row.alarming;
                if row.is_shown {
                    self.shown.push(row.shown);
                }
            }
        }
    }

    pub(super) fn describe(&self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "\nparameters {} packets decommutated with missions/demo.xml, {} of processes that it does not have;",
            grouped(self.rows),
            grouped(self.unmatched),
        );
        let _ = writeln!(
            text,
            "           {} of {} values with limits are outside of them, marked !; the first packets:",
            grouped(self.alarming),
            grouped(self.watched),
        );
        for (index, row) in self.shown.iter().enumerate() {
            if index == 0 {
                let names: String = row.iter().map(|shown| format!("{:>17}", shown.name)).collect();
                let _ = writeln!(text, "         {names}");
            }
            let cell = |shown: &Shown| {
                let mark = if shown.alarm == AlarmLevel::Normal { "" } else { "!" };
                format!("{:>17}", format!("{mark}{}", shown.value))
            };
            let _ = writeln!(text, "         {}", row.iter().map(cell).collect::<String>());
        }
    }
}

/// The values of one packet.
struct Row<'p> {
    plan: Plan<'p>,
    is_shown: bool,
    shown: Vec<Shown>,
    watched: u64,
    alarming: u64,
}

impl<'p> Row<'p> {
    const fn new(plan: Plan<'p>) -> Self {
        Self { plan, is_shown: false, shown: Vec::new(), watched: 0, alarming: 0 }
    }
}

impl RowSink for Row<'_> {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let value = sample.value();
        let alarm = sample.alarm(&value);
        let Some((item, meaning)) = sample.plan_item().zip(sample.meaning()) else { return };
        self.watched += u64::from(meaning.alarm != decom::plan::NONE);
        self.alarming += u64::from(alarm != AlarmLevel::Normal);
        // The header says nothing new.
        let unit = self.plan.str(meaning.unit);
        let shown = match value {
            Value::Float(number) => format!("{number:.3} {unit}"),
            Value::Label { label, raw } => label.map_or_else(|| raw.to_string(), str::to_owned),
            _ => return,
        };
        if self.is_shown {
            let parameter = self.plan.parameter(item.parameter);
            let name = parameter.map_or("", |parameter| self.plan.str(parameter.name));
            let name = name.rsplit('/').next().unwrap_or(name);
            self.shown.push(Shown {
                name: format!("{name}{}", self.plan.str(item.suffix)),
                value: shown,
                alarm,
            });
        }
    }
}

/// Packets whose values are shown.
const SHOWN_PACKETS: usize = 4;
