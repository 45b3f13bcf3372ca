//! A plan that is part of the program decodes without std and without an allocator: this test needs no feature of `decom`.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

#[allow(dead_code, reason = "other tests use the rest")]
mod probe;

use decom::plan::{AlarmLevel, Field, Plan};
use decom::raw::Raw;
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

const MODE: Field = PLAN.field("/Probe/House", "/Probe/mode").unwrap();
const BUS: Field = PLAN.field("House", "bus").unwrap();
const GAIN: Field = PLAN.field("House", "gain").unwrap();
const APID: Field = PLAN.field("House", "apid").unwrap();

#[test]
fn fields_found_at_compile_time_read_what_rows_say() {
    let mut compared = 0;
    for packet in probe::packets() {
        let mut decoder =
            Decoder::new(PLAN, *PLAN.roots.first().unwrap(), [Register::Empty; REGISTERS]).unwrap();
        let mut raw = Raws::default();
        let report = decoder.decode(&packet, &mut raw);
        if PLAN.container_name(report.container) != "/Probe/House" {
            continue;
        }
        compared += 1;
        let unsigned = |field: Field| field.unsigned(&packet).map(Raw::Unsigned);
        assert_eq!(unsigned(MODE), raw.of("/Probe/mode"));
        assert_eq!(unsigned(BUS), raw.of("/Probe/bus"));
        assert_eq!(unsigned(APID), raw.of("/Probe/apid"));
        assert_eq!(
            GAIN.float32(&packet).map(|gain| f64::from(gain).to_bits()),
            raw.of("/Probe/gain").map(float_bits)
        );
        assert_eq!(MODE.signed(&packet), None, "of another kind");
        assert_eq!(MODE.float32(&packet).map(f64::from).or(MODE.float64(&packet)), None, "of another kind");
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn a_field_that_is_not_at_a_fixed_place_has_no_name() {
    assert!(PLAN.field("Tracker", "time").is_some());
    // It lies behind a list.
    assert_eq!(PLAN.field("Tracker", "tail"), None);
    assert_eq!(PLAN.field("House", "ode"), None);
    assert_eq!(PLAN.field("House", "e/mode"), None);
    assert_eq!(PLAN.field("ouse", "mode"), None);
    assert_eq!(PLAN.field("", ""), None);
    // Bases have none of what their heirs have.
    assert_eq!(PLAN.field("Header", "mode"), None);
}

#[derive(Default)]
struct Raws(Vec<(&'static str, Raw<'static>)>);

impl Raws {
    fn of(&self, name: &str) -> Option<Raw<'static>> {
        self.0.iter().find(|(parameter, _)| *parameter == name).map(|(_, raw)| *raw)
    }
}

impl RowSink for Raws {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let parameter = sample.plan_item().and_then(|item| PLAN.parameter(item.parameter)).unwrap();
        let raw = match sample.raw() {
            Raw::Unsigned(value) => Raw::Unsigned(value),
            Raw::Signed(value) => Raw::Signed(value),
            Raw::Float(value) => Raw::Float(value),
            _ => return,
        };
        self.0.push((PLAN.str(parameter.name), raw));
    }
}

fn float_bits(raw: Raw<'_>) -> u64 {
    if let Raw::Float(value) = raw { value.to_bits() } else { 0 }
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
