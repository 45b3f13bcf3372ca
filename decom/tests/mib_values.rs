//! Packets of SCOS-2000 databases have the values that were worked out by hand.
#![cfg(feature = "mib")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use decom::mib::load_tables;
use decom::plan::{AlarmLevel, Plan, PlanBuf};
use decom::row::{Decoder, Register, RowSink, RowStatus, Sample};
use decom::value::Value;

/// Name, value and alarm of each value behind the headers.
struct Values<'p> {
    plan: Plan<'p>,
    values: Vec<(String, String, AlarmLevel)>,
}

impl RowSink for Values<'_> {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let item = sample.plan_item().unwrap();
        let name = self.plan.str(self.plan.parameter(item.parameter).unwrap().name);
        if name.starts_with("/MIB/PACKET/") {
            return;
        }
        let value = sample.value();
        let shown = match &value {
            Value::Label { label, .. } => label.unwrap_or("?").to_string(),
            Value::Undefined => "undefined".to_string(),
            other => other.number().map_or_else(|| "not a number".to_string(), |number| number.to_string()),
        };
        let alarm = sample.alarm(&value);
        self.values.push((name.trim_start_matches("/MIB/").to_string(), shown, alarm));
    }
}

fn compile(tables: &[(&str, &str)]) -> PlanBuf {
    let tables: Vec<(&str, String)> = tables
        .iter()
        .map(|(name, rows)| (*name, rows.trim().replace('|', "\t").replace("    ", "")))
        .collect();
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, &**text)).collect();
    let database = load_tables(&tables).unwrap_or_else(|errors| panic!("{errors:#?}"));
    database.compile().unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn decode(tables: &[(&str, &str)], packet: &[u8]) -> (String, RowStatus, Vec<(String, String, AlarmLevel)>) {
    let plan = compile(tables);
    let plan = plan.plan();
    let registers = vec![Register::Empty; plan.registers as usize];
    let mut decoder = Decoder::new(plan, plan.roots[0], registers).unwrap();
    let mut sink = Values { plan, values: Vec::new() };
    let report = decoder.decode(packet, &mut sink);
    (plan.container_name(report.container).to_string(), report.status, sink.values)
}

/// A housekeeping packet of APID 100: ten octets of data field header, then the data.
fn packet(data: &[u8]) -> Vec<u8> {
    let mut packet =
        vec![0x08, 100, 0xC0, 0, 0, (10 + data.len() - 1) as u8, 0x10, 3, 25, 0, 0, 0, 0, 0, 0, 0];
    packet.extend(data);
    packet
}

const PID: (&str, &str) = ("pid", "3|25|100|1|0|1001|||-1|10\n3|25|100|2|0|1002|||-1|10");
const PIC: (&str, &str) = ("pic", "3|25|16|8|-1|0|");

/// Whether each value is valid.
struct Validity(Vec<bool>);

impl RowSink for Validity {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        self.0.push(sample.is_valid(&sample.value()));
    }
}

#[test]
fn values_are_valid_while_the_parameter_that_decides_has_its_value() {
    let plan = compile(&[
        PID,
        PIC,
        ("tpcf", "1001|VOLTAGES\n1002|OTHERS"),
        ("pcf", "MODE||||2|8||||N|R\nVOLT||||3|12||MODE||N|R\nTEMP||||4|4||MODE||N|R|||||||2"),
        ("plf", "MODE|1001|17|0\nVOLT|1001|18|0\nTEMP|1001|20|0"),
    ]);
    let plan = plan.plan();
    let registers = vec![Register::Empty; plan.registers as usize];
    let mut decoder = Decoder::new(plan, plan.roots[0], registers).unwrap();
    for (mode, volt, temp) in [(0, false, false), (1, true, false), (2, false, true)] {
        let mut sink = Validity(Vec::new());
        let _ = decoder.decode(&packet(&[1, mode, 0, 5, 6]), &mut sink);
        let (headers, values) = sink.0.split_at(sink.0.len() - 3);
        assert!(headers.iter().all(|&is_valid| is_valid));
        assert_eq!(values, [true, volt, temp], "{mode}");
    }
}

#[test]
fn curves_words_and_limits_follow_the_parameter_that_decides() {
    let tables = [
        PID,
        PIC,
        ("tpcf", "1001|VOLTAGES\n1002|OTHERS"),
        (
            "pcf",
            "VOLT|||V|3|12||||N|R|\nMODE||||2|8||||S|R|TXF1\nTEMP||||4|4||||N|R|CAF1|F\nLOG||||3|4||||N|R|LGF1",
        ),
        ("plf", "VOLT|1001|17|0|2|24\nMODE|1001|22|0\nTEMP|1001|23|0\nLOG|1001|24|0"),
        ("mcf", "MCF1||1.5|0.25\nMCF2||0|2|0.5"),
        ("lgf", "LGF1||2|0"),
        ("caf", "CAF1||R|I|D||3|F"),
        ("cap", "CAF1|-10|0\nCAF1|0|5\nCAF1|20|105"),
        ("txf", "TXF1||U|2"),
        ("txp", "TXF1|0|0|SAFE\nTXF1|1|3|NORMAL"),
        ("cur", "VOLT|1|MODE|0|MCF1\nVOLT|2|MODE|2|MCF2"),
        ("ocf", "VOLT|1|2|C|R\nMODE|1|1|C|A"),
        ("ocp", "VOLT|1|S|0|20\nVOLT|2|H|0|30\nMODE|1|H|SAFE|"),
    ];
    // Structure identifier 1; VOLT 40 and 160, their starts 24 bits apart; mode; −5; 7.
    let with = |mode: u8, temp: u8| packet(&[1, 0, 40, 0xEE, 0, 160, mode, temp, 7]);
    let (container, status, values) = decode(&tables, &with(0, -5i8 as u8));
    assert_eq!((container.as_str(), status), ("/MIB/VOLTAGES", RowStatus::Complete));
    let expected = [
        // 1.5 + 0.25·40 and ·160: above both limits.
        ("VOLT", "11.5", AlarmLevel::Normal),
        ("VOLT", "41.5", AlarmLevel::Critical),
        ("MODE", "SAFE", AlarmLevel::Critical),
        ("TEMP", "2.5", AlarmLevel::Normal),
        ("LOG", "0.5", AlarmLevel::Normal),
    ];
    let owned = |expected: &[(&str, &str, AlarmLevel)]| {
        expected
            .iter()
            .map(|(name, value, alarm)| ((*name).into(), (*value).into(), *alarm))
            .collect::<Vec<_>>()
    };
    assert_eq!(values, owned(&expected));
    let (_, _, values) = decode(&tables, &with(2, 21));
    // 2·40 + 40²/2; beyond the last point there is no value.
    assert_eq!(values[0], ("VOLT".into(), "880".into(), AlarmLevel::Critical));
    assert_eq!(values[2].1, "NORMAL");
    assert_eq!(values[3].1, "undefined");
    let (_, _, values) = decode(&tables, &with(3, 20));
    assert_eq!(values[0], ("VOLT".into(), "40".into(), AlarmLevel::Critical), "no curve applies");
    let (container, ..) = decode(&tables, &packet(&[2]));
    assert_eq!(container, "/MIB/OTHERS");
    let (_, status, _) = decode(&tables, &packet(&[3]));
    assert_eq!(status, RowStatus::Unmatched);
}

#[test]
fn a_structure_repeats_chooses_and_deduces() {
    let tables = [
        ("pid", "3|25|100|0|0|1001|||7|10"),
        ("pic", "3|25|-1|0|-1|0"),
        (
            "pcf",
            "VOLT||11|V|3|12|24|||N|R|\nMODE||12||2|8||||N|R|\nN||||3|4||||N|R\nKEY||||3|12||||N|R\nPAR||||3|12||||N|R\n\
             ANY||||11|0||||N|R",
        ),
        (
            "vpd",
            "7|1|N|2|0|N|N||1\n7|2|VOLT|0|0|N|N||1|||||4\n7|3|MODE|0|0|N|N||1|||||4\n7|4|N|1|3|N|N||1\n7|5|MODE|0|0|N|N||1\n\
             7|6|KEY|0|0|Y|N||1\n7|7|PAR|0|0|N|Y||1\n7|8|ANY|0|0|N|N||1\n21|1|VOLT|0|0|N|N||1\n22|1|MODE|0|0|N|N||1",
        ),
    ];
    // Two turns of: 4 bits, VOLT of 16 in 24, 4 bits, MODE. Three times MODE. Structure 22: MODE. Parameter 11: VOLT.
    let data = [
        2, 0xF1, 0x23, 0x4E, 0xEF, 5, 0xF5, 0x67, 0x8E, 0xEF, 6, // groups
        1, 2, 3, // fixed repetition
        0, 22, 9, // choice
        0, 11, 1, 0, // deduced
    ];
    let (container, status, values) = decode(&tables, &packet(&data));
    assert_eq!((container.as_str(), status), ("/MIB/SPID_1001", RowStatus::Complete));
    let got: Vec<(&str, &str)> = values.iter().map(|(name, value, _)| (&**name, &**value)).collect();
    let expected = [
        ("N", "2"),
        ("VOLT", "4660"),
        ("MODE", "5"),
        ("VOLT", "22136"),
        ("MODE", "6"),
        ("MODE", "1"),
        ("MODE", "2"),
        ("MODE", "3"),
        ("KEY", "22"),
        ("MODE", "9"),
        ("PAR", "11"),
        ("VOLT", "256"),
    ];
    assert_eq!(got, expected);
}
