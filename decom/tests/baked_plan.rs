//! A plan that is part of the program decodes without std and without an allocator: this test needs no feature of `decom`.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

#[allow(dead_code, reason = "other tests use the rest")]
mod probe;

use decom::plan::{AlarmLevel, Plan};
use decom::row::{Decoder, Register, RowSink, RowStatus, Sample};
use decom::value::Value;

/// As firmware has it: in flash, with registers of its own.
static PLAN: Plan<'static> = probe::PLAN;
const REGISTERS: usize = probe::PLAN.registers as usize;

#[derive(Default)]
struct Found {
    bus: Option<f64>,
    alarm: AlarmLevel,
    mode: Option<&'static str>,
    open: u32,
}

struct Sink(Found);

impl RowSink for Sink {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let Some(parameter) = sample.plan_item().and_then(|item| PLAN.parameter(item.parameter)) else {
            return;
        };
        let value = sample.value();
        match (PLAN.str(parameter.name), value) {
            ("/Probe/bus", Value::Float(volts)) => {
                self.0.bus = Some(volts);
                self.0.alarm = sample.alarm(&value);
            }
            ("/Probe/mode", Value::Label { raw, .. }) => {
                self.0.mode = Some(if raw == 11 { "safe" } else { "other" });
            }
            ("/Probe/valves", Value::Boolean { value, label }) => {
                assert_eq!(label, if value { "OPEN" } else { "SHUT" });
                self.0.open += u32::from(value);
            }
            _ => {}
        }
    }
}

#[test]
fn a_plan_in_flash_decodes() {
    let mut decoder = Decoder::new(PLAN, *PLAN.roots.first().unwrap(), [Register::Empty; REGISTERS]).unwrap();
    let packet = [
        0x08,
        0x64,
        0xC0,
        0x01,
        0,
        22,
        0,
        0,
        0,
        3,
        0xE8,
        1,
        0x75,
        0x30,
        100,
        2,
        0xFE,
        0xFF,
        0b1010_0001,
        0x3F,
        0x80,
        0,
        0,
        b'o',
        b'k',
        0,
        0,
    ];
    let mut sink = Sink(Found::default());
    let report = decoder.decode(&packet, &mut sink);
    assert_eq!(report.status, RowStatus::Complete);
    assert_eq!(PLAN.container_name(report.container), "/Probe/House");
    let Sink(found) = sink;
    // 30000 counts: -5 V + 30 V, above the 20 V of the warning.
    assert_eq!((found.bus, found.alarm), (Some(25.0), AlarmLevel::Warning));
    assert_eq!((found.mode, found.open), (Some("other"), 3));
}
