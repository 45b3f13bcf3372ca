//! SCOS-2000 tables become the model that the ICD describes, and what is wrong with them is told.
#![cfg(feature = "mib")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use decom::mib::{MibError, MibOptions, load_tables, load_tables_with};
use decom::model::layout::Chosen;
use decom::model::{
    Alarm, AlarmLevel, AlarmRange, ByteOrder, Calibrator, Comparand, Condition, Container, Database,
    Encoding, EngineeringKind, EntryKind, FloatEncoding, IntExpr, IntegerEncoding, Location, ParameterId,
    Reference, Scalar, Size, TimeCode, TypeKind,
};
use proptest::prelude::*;

/// A row whose fields stand between bars.
fn table(rows: &[&str]) -> String {
    rows.iter().map(|row| row.replace('|', "\t") + "\r\n").collect()
}

/// Two parameters in two packets that a structure identifier tells apart.
fn small() -> Vec<(&'static str, String)> {
    vec![
        (
            "PID.DAT",
            table(&[
                "3|25|100|1|0|1001|Voltages||-1|10|Y||Y|1|N",
                "3|25|100|2|0|1002|Modes||-1|10|Y||Y|1|N",
                "0|0|0|0|0|1003|Time||-1|0",
                "3|26|100|0|0|1004|Switched off||-1|10|||N",
            ]),
        ),
        ("pic", table(&["3|25|16|8|-1|0|", "0|0|-1|0|-1|0", "3|26|-1|0|-1|0"])),
        ("tpcf", table(&["1001|VOLTAGES|0", "1002|MODES"])),
        (
            "pcf",
            table(&[
                "VOLT|Bus voltage||V|3|12||||N|R|MCF1|F",
                "MODE|Mode|||2|8||||S|R|TXF1",
                "CLOCK|Time|||9|17||||N|R",
            ]),
        ),
        (
            "plf",
            table(&["VOLT|1001|17|0|1|0|0|1", "MODE|1002|17|0|1|0|0|1", "CLOCK|1003|6|0", "VOLT|1004|0|0"]),
        ),
        ("mcf", table(&["MCF1|Volts|1.5|0.25"])),
        ("txf", table(&["TXF1|Modes|U|2"])),
        ("txp", table(&["TXF1|0|0|SAFE", "TXF1|1|3|NORMAL"])),
    ]
}

fn with(tables: &[(&'static str, String)], name: &'static str, rows: &[&str]) -> Vec<(&'static str, String)> {
    let mut tables: Vec<_> = tables.to_vec();
    tables.retain(|(other, _)| other.to_ascii_lowercase().trim_end_matches(".dat") != name);
    tables.push((name, table(rows)));
    tables
}

fn load(tables: &[(&'static str, String)]) -> Result<Database, Vec<MibError>> {
    let borrowed: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, &**text)).collect();
    load_tables(&borrowed)
}

fn lenient(tables: &[(&'static str, String)]) -> Database {
    let borrowed: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, &**text)).collect();
    load_tables_with(&borrowed, &MibOptions { lenient: true, ..MibOptions::default() }).unwrap()
}

/// The only thing wrong.
fn only(tables: &[(&'static str, String)]) -> String {
    let errors = load(tables).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].to_string()
}

fn id(database: &Database, name: &str) -> ParameterId {
    let full = format!("/MIB/{name}");
    let index = database.parameters.iter().position(|parameter| parameter.name == full);
    ParameterId(index.unwrap_or_else(|| panic!("no {name}")) as u32)
}

fn scalar<'d>(database: &'d Database, name: &str) -> &'d Scalar {
    let parameter = database.parameter(id(database, name)).unwrap();
    match &database.parameter_type(parameter.parameter_type).unwrap().kind {
        TypeKind::Scalar(scalar) => scalar,
        other => panic!("{other:?}"),
    }
}

fn container<'d>(database: &'d Database, name: &str) -> &'d Container {
    database.container(database.container_named(name).unwrap_or_else(|| panic!("no {name}"))).unwrap()
}

/// Comparisons of a condition: names and numbers.
fn comparisons(database: &Database, condition: &Condition) -> Vec<(String, String)> {
    match condition {
        Condition::All(parts) => parts.iter().flat_map(|part| comparisons(database, part)).collect(),
        Condition::Any(_) => panic!("no MIB condition is a choice"),
        Condition::Compare(comparison) => {
            assert!(!comparison.left.calibrated);
            let name = database.parameter(comparison.left.parameter).unwrap().name.clone();
            let Comparand::Literal(value) = &comparison.right else { panic!("{comparison:?}") };
            vec![(name.trim_start_matches("/MIB/PACKET/").to_string(), value.clone())]
        }
    }
}

/// All comparisons from the outermost base to a container.
fn chain(database: &Database, name: &str) -> Vec<(String, String)> {
    let Some(base) = &container(database, name).base else { return Vec::new() };
    let outer = database.container(base.container).unwrap().name.clone();
    let mut all = chain(database, &outer);
    all.extend(comparisons(database, &base.restriction));
    all
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect()
}

#[test]
fn packets_are_told_apart_by_apid_service_and_additional_numbers() {
    let database = load(&small()).unwrap();
    assert!(database.omissions.is_empty());
    let service = [("APID", "100"), ("SERVICE_TYPE", "3"), ("SERVICE_SUBTYPE", "25")];
    assert_eq!(chain(&database, "VOLTAGES"), pairs(&[&service[..], &[("PI1_8", "1")]].concat()));
    assert_eq!(chain(&database, "MODES"), pairs(&[&service[..], &[("PI1_8", "2")]].concat()));
    assert_eq!(chain(&database, "SPID_1003"), pairs(&[("APID", "0")]));
    assert!(database.container_named("SPID_1004").is_none(), "PID marks it as not valid");
    let inner = container(&database, "/MIB/APID_100/3_25");
    assert_eq!(inner.entries[0].location, from_start(16 * 8));
    let outer = container(&database, "/MIB/APID_100");
    assert_eq!(
        outer.entries.iter().map(|entry| entry.location.clone()).collect::<Vec<_>>(),
        [from_start(56), from_start(64)]
    );
    assert_eq!(database.roots().len(), 1);
    let plan = database.compile().unwrap();
    assert_eq!(plan.plan().nodes.len(), database.containers.len());
}

fn from_start(bit: i64) -> Location {
    Location { reference: Reference::ContainerStart, offset: IntExpr::Fixed(bit) }
}

#[test]
fn an_apid_with_and_without_services_is_split_by_the_secondary_header_flag() {
    let tables = with(
        &small(),
        "pid",
        &["0|0|100|0|0|1001|Idle||-1|0", "3|26|100|0|0|1002|Modes||-1|10", "0|0|0|0|0|1003|||-1|0"],
    );
    let tables = with(&tables, "plf", &["VOLT|1001|17|0", "MODE|1002|17|0"]);
    let database = load(&tables).unwrap();
    assert_eq!(chain(&database, "VOLTAGES"), pairs(&[("APID", "100"), ("SECONDARY_HEADER_FLAG", "0")]));
    let expected =
        [("APID", "100"), ("SECONDARY_HEADER_FLAG", "1"), ("SERVICE_TYPE", "3"), ("SERVICE_SUBTYPE", "26")];
    assert_eq!(chain(&database, "MODES"), pairs(&expected));
}

#[test]
fn type_and_format_codes_give_the_encodings_of_the_standard() {
    let database = load(&with(
        &small(),
        "pcf",
        &[
            "VOLT|||V|3|12||||N|R|MCF1",
            "MODE||||2|8||||S|R|TXF1",
            "CLOCK|||s|9|17||||N|R",
            "FLAG||||1|0||||N|R",
            "U24||||3|13||||N|R",
            "S48||||4|15||||N|R",
            "S5L||||4|12||||N|R||||||||||||L",
            "F32||||5|1||||N|R",
            "M48||||5|4||||N|R",
            "BITS||||6|7||||N|R",
            "OCT||||7|12||||N|R",
            "VOCT||||7|0||||N|R",
            "TXT||||8|5||||T|R",
            "CDS||||9|2||||N|R",
            "DELTA||||10|4||||N|R",
        ],
    ))
    .unwrap();
    let integer = |name: &str| match &scalar(&database, name).encoding {
        Encoding::Integer { bits, encoding, byte_order, .. } => (*bits, *encoding, byte_order.clone()),
        other => panic!("{other:?}"),
    };
    let big = ByteOrder::MostSignificantFirst;
    assert_eq!(integer("VOLT"), (16, IntegerEncoding::Unsigned, big.clone()));
    assert_eq!(integer("FLAG"), (1, IntegerEncoding::Unsigned, big.clone()));
    assert_eq!(integer("U24"), (24, IntegerEncoding::Unsigned, big.clone()));
    assert_eq!(integer("S48"), (48, IntegerEncoding::TwosComplement, big.clone()));
    assert_eq!(integer("S5L"), (16, IntegerEncoding::TwosComplement, ByteOrder::LeastSignificantFirst));
    assert_eq!(integer("BITS"), (7, IntegerEncoding::Unsigned, big.clone()));
    assert_eq!(integer("DELTA"), (16, IntegerEncoding::TwosComplement, big));
    let EngineeringKind::RelativeTime(delta) = &scalar(&database, "DELTA").kind else {
        panic!("relative time")
    };
    assert_eq!((delta.scale, delta.code), (1.0 / 256.0, TimeCode::Number));
    let float = |name: &str| match &scalar(&database, name).encoding {
        Encoding::Float { bits, encoding, .. } => (*bits, *encoding),
        other => panic!("{other:?}"),
    };
    assert_eq!(float("F32"), (32, FloatEncoding::Ieee754));
    assert_eq!(float("M48"), (48, FloatEncoding::MilStd1750A));
    let octets = |name: &str| match &scalar(&database, name).encoding {
        Encoding::Octets { size } | Encoding::Text { size, .. } => size.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(octets("OCT"), Size::Bits(IntExpr::Fixed(96)));
    assert_eq!(octets("VOCT"), Size::Leading { tag_bits: 8, max_bits: 2040 });
    assert_eq!(octets("TXT"), Size::Bits(IntExpr::Fixed(40)));
    let time = |name: &str| match &scalar(&database, name).kind {
        EngineeringKind::AbsoluteTime(spec) => spec.code,
        other => panic!("{other:?}"),
    };
    // 17 = 3 + 4 · (4 − 1) + 2: four octets of seconds, two of fractions.
    assert_eq!(time("CLOCK"), TimeCode::Cuc { coarse_octets: 4, fine_octets: 2 });
    assert_eq!(octets("CLOCK"), Size::Bits(IntExpr::Fixed(48)));
    assert_eq!(time("CDS"), TimeCode::Cds { day_octets: 2, submillisecond_octets: 2 });
    assert_eq!(octets("CDS"), Size::Bits(IntExpr::Fixed(64)));
    database.compile().unwrap();
}

#[test]
fn every_kind_of_calibration_arrives() {
    let mut tables = with(
        &small(),
        "pcf",
        &[
            "VOLT|||V|3|12||||N|R|MCF1",
            "MODE||||2|8||||S|R|TXF1",
            "CLOCK|||s|9|17||||N|R",
            "HEX||||3|4||||N|R|CAF1|P",
            "DEC||||3|4||||N|R|CAF1",
            "LOG||||3|4||||N|R|LGF1",
        ],
    );
    tables.push(("caf", table(&["CAF1||R|U|H||3|F"])));
    tables.push(("cap", table(&["CAF1|FF|10.5", "CAF1|0|-1", "CAF1|1A|2e1"])));
    tables.push(("lgf", table(&["LGF1||1|2|0||0.5"])));
    let database = load(&tables).unwrap();
    let volt = Calibrator::Polynomial { coefficients: vec![1.5, 0.25, 0.0, 0.0, 0.0], negative: vec![] };
    assert_eq!(scalar(&database, "VOLT").calibrator, Some(volt));
    assert_eq!(scalar(&database, "VOLT").kind, EngineeringKind::Float);
    let points = vec![(0.0, -1.0), (26.0, 20.0), (255.0, 10.5)];
    let spline = |extrapolate| Calibrator::Spline { order: 1, extrapolate, points: points.clone() };
    assert_eq!(scalar(&database, "HEX").calibrator, Some(spline(true)));
    assert_eq!(scalar(&database, "DEC").calibrator, Some(spline(false)));
    let log = Calibrator::ReciprocalLogarithmic([1.0, 2.0, 0.0, 0.0, 0.5]);
    assert_eq!(scalar(&database, "LOG").calibrator, Some(log));
    let EngineeringKind::Enumerated(labels) = &scalar(&database, "MODE").kind else { panic!("words") };
    let labels: Vec<_> = labels.iter().map(|label| (label.first, label.last, &*label.label)).collect();
    assert_eq!(labels, [(0, 0, "SAFE"), (1, 3, "NORMAL")]);
}

#[test]
fn another_parameter_selects_curves_and_limits() {
    let mut tables = with(&small(), "plf", &["VOLT|1001|17|0", "MODE|1001|19|0", "MODE|1002|17|0"]);
    tables =
        with(&tables, "pcf", &["VOLT|||V|3|12||||N|R|", "MODE||||2|8||||S|R|TXF1", "CLOCK|||s|9|17||||N|R"]);
    tables = with(&tables, "mcf", &["MCF1||1.5|0.25", "MCF2||0|1"]);
    tables.push(("cur", table(&["VOLT|2|MODE|1|MCF2", "VOLT|1|MODE|0|MCF1"])));
    tables.push(("ocf", table(&["VOLT|3|3|C|R", "MODE|1|1|C|A"])));
    tables.push((
        "ocp",
        table(&["VOLT|1|S|-10|40.5", "VOLT|2|H|-20|", "VOLT|3|H|0|9|MODE|0", "MODE|1|H|SAFE|"]),
    ));
    let database = load(&tables).unwrap();
    let volt = scalar(&database, "VOLT");
    let selected: Vec<_> = volt
        .context_calibrators
        .iter()
        .map(|(condition, calibrator)| (comparisons(&database, condition), calibrator.clone()))
        .collect();
    let curve = |a, b| Calibrator::Polynomial { coefficients: vec![a, b, 0.0, 0.0, 0.0], negative: vec![] };
    assert_eq!(
        selected,
        [(pairs(&[("/MIB/MODE", "0")]), curve(1.5, 0.25)), (pairs(&[("/MIB/MODE", "1")]), curve(0.0, 1.0)),]
    );
    let outside =
        |level, min, max| AlarmRange { level, min, min_inclusive: false, max, max_inclusive: false };
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    let always = vec![
        outside(AlarmLevel::Warning, low, -10.0),
        outside(AlarmLevel::Warning, 40.5, high),
        outside(AlarmLevel::Critical, low, -20.0),
    ];
    let alarm = Alarm { ranges: always.clone(), min_violations: 3, ..Alarm::default() };
    assert_eq!(volt.alarm, Some(alarm));
    let [(condition, alarm)] = &volt.context_alarms[..] else { panic!("one condition") };
    assert_eq!(comparisons(&database, condition), pairs(&[("/MIB/MODE", "0")]));
    let mut both = vec![outside(AlarmLevel::Critical, low, 0.0), outside(AlarmLevel::Critical, 9.0, high)];
    both.extend(always);
    assert_eq!(alarm.ranges, both);
    let mode = scalar(&database, "MODE").alarm.as_ref().unwrap();
    assert_eq!(mode.labels, [("SAFE".to_string(), AlarmLevel::Critical)]);
    database.compile().unwrap();
}

#[test]
fn a_decider_in_another_packet_is_told() {
    let mut tables = small();
    tables.push(("cur", table(&["VOLT|1|MODE|0|MCF1"])));
    let said = only(&tables);
    assert!(said.starts_with("cur:1: CUR_RLCHK: 1 packets, as SPID 1001, do not carry"), "{said}");
}

#[test]
fn fixed_places_and_repetitions_count_from_the_start_of_the_packet() {
    let tables = with(&small(), "plf", &["VOLT|1001|18|4|3|20|0|1", "MODE|1002|17|0"]);
    let database = load(&tables).unwrap();
    let entry = &container(&database, "VOLTAGES").entries[0];
    assert_eq!(entry.location, from_start(148));
    let repeat = entry.repeat.as_ref().unwrap();
    assert_eq!((&repeat.count, &repeat.gap), (&IntExpr::Fixed(3), &IntExpr::Fixed(4)));
}

/// Structure 7: a counter, a group of three with a group of one in it, a fixed repetition, a choice, a deduced parameter.
fn variable() -> Vec<(&'static str, String)> {
    let tables = with(&small(), "pid", &["3|25|100|0|0|1001|||7|10", "3|25|101|0|0|1002|||7|12"]);
    let tables = with(&tables, "pic", &["3|25|-1|0|-1|0|"]);
    let tables = with(&tables, "plf", &["MODE|1001|5|0"]);
    let tables = with(
        &tables,
        "pcf",
        &[
            "VOLT||11|V|3|12|24|||N|R|MCF1",
            "MODE||12||2|8||||S|R|TXF1",
            "N||||3|4||||N|R",
            "M||||3|4||||N|R",
            "KEY||||3|12||||N|R",
            "PAR||||3|12||||N|R",
            "ANY||||11|0||||N|R",
        ],
    );
    with(
        &tables,
        "vpd",
        &[
            "7|6|N|2|4|N|N||1",
            "7|1|N|4|0|N|N||1",
            "7|2|VOLT|0|0|N|N||1|||||3",
            "7|3|M|1|0|N|N||1",
            "7|4|MODE|0|0|N|N||1",
            "7|5|M|0|0|N|N||1|||||-8",
            "7|7|MODE|||||||||||",
            "7|8|MODE|0|0|N|N||1",
            "7|9|KEY|0|0|Y|N||1",
            "7|10|PAR|0|0|N|Y||1",
            "7|11|ANY|0|0|N|N||1",
            "21|1|VOLT|0|0|N|N||1",
            "22|1|M|0|0|N|N||1",
        ],
    )
}

#[test]
fn structures_nest_repeat_choose_and_deduce() {
    let database = load(&variable()).unwrap();
    let name = |id: ParameterId| database.parameter(id).unwrap().name.clone();
    let structure = container(&database, "/MIB/VPD/7");
    let inside = |name: &str| container(&database, name).entries.clone();
    // The second packet has its structure two octets later.
    let place = |packet: &str| container(&database, packet).entries.last().unwrap().location.clone();
    assert_eq!(place("VOLTAGES"), from_start(8 * 16));
    assert_eq!(place("MODES"), from_start(8 * 18));
    let [counter, group, fixed, key, choice, identifier, deduced] = &structure.entries[..] else {
        panic!("{:#?}", structure.entries)
    };
    assert_eq!(counter.kind, EntryKind::Parameter(id(&database, "N")));
    let IntExpr::Linear { parameter, slope, intercept } = &group.repeat.as_ref().unwrap().count else {
        panic!("{group:?}")
    };
    assert_eq!((name(parameter.parameter), *slope, *intercept), ("/MIB/N".to_string(), 1.0, 0.0));
    let EntryKind::Container(container) = group.kind else { panic!("{group:?}") };
    assert_eq!(database.container(container).unwrap().name, "/MIB/VPD/7/1");
    // VOLT has 16 bits in a width of 24, and three bits before it.
    let [volt, fill, inner_counter, inner, behind] = &inside("/MIB/VPD/7/1")[..] else {
        panic!("group of four rows")
    };
    assert_eq!(volt.location, Location { reference: Reference::PreviousEntry, offset: IntExpr::Fixed(3) });
    assert_eq!(fill.kind, EntryKind::Fill { bits: IntExpr::Fixed(8) });
    assert_eq!(inner_counter.kind, EntryKind::Parameter(id(&database, "M")));
    assert!(matches!(inner.repeat.as_ref().unwrap().count, IntExpr::Linear { .. }));
    assert_eq!(inside("/MIB/VPD/7/3")[0].kind, EntryKind::Parameter(id(&database, "MODE")));
    assert_eq!(behind.location.offset, IntExpr::Fixed(-8));
    // No counter before the group of a fixed repetition.
    assert_eq!(fixed.repeat.as_ref().unwrap().count, IntExpr::Fixed(4));
    assert_eq!(inside("/MIB/VPD/7/6").len(), 2);
    assert_eq!(key.kind, EntryKind::Parameter(id(&database, "KEY")));
    let EntryKind::Choice { selector, cases } = &choice.kind else { panic!("{choice:?}") };
    assert_eq!(name(selector.parameter), "/MIB/KEY");
    assert_eq!(cases.iter().map(|case| case.0).collect::<Vec<_>>(), [21, 22]);
    assert_eq!(identifier.kind, EntryKind::Parameter(id(&database, "PAR")));
    let EntryKind::Choice { selector, cases } = &deduced.kind else { panic!("{deduced:?}") };
    assert_eq!(name(selector.parameter), "/MIB/PAR");
    let expected =
        [(11, "VOLT"), (12, "MODE")].map(|(number, name)| (number, Chosen::Parameter(id(&database, name))));
    assert_eq!(cases[..], expected);
    database.compile().unwrap();
}

#[test]
fn a_group_longer_than_its_structure_is_told_and_what_follows_is_left_out() {
    let tables = with(&variable(), "vpd", &["7|1|MODE|0|0|N|N||1", "7|2|N|3|0|N|N||1", "7|3|M|0|0|N|N||1"]);
    assert_eq!(
        only(&tables),
        "vpd:2: VPD_GRPSIZE: the group has 3 rows, but only 1 are left; correct the size, or what is around the group"
    );
    let database = lenient(&tables);
    assert_eq!(container(&database, "/MIB/VPD/7").entries.len(), 1);
    assert_eq!(database.omissions[0].path, "vpd:2: VPD_GRPSIZE");
    assert_eq!(database.omissions[0].origin.line, 2);
}

#[test]
fn every_broken_reference_and_field_is_told_with_its_table_line_and_field() {
    let cases: &[(&'static str, &[&str], &str)] = &[
        ("plf", &["VOLT|1001|17|0", "NONE|1002|17|0"], "plf:2: PLF_NAME: pcf has no `NONE`"),
        ("plf", &["VOLT|9|17|0"], "plf:1: PLF_SPID: pid has no packet 9"),
        ("plf", &["VOLT|1001|17|8"], "plf:1: PLF_OFFBI: `8` is no whole number from 0 to 7"),
        ("plf", &["VOLT|1001||0"], "plf:1: PLF_OFFBY: the field is empty"),
        ("plf", &["VOLT|1001|17|0|2|8"], "plf:1: PLF_LGOCC: occurrences 8 bits apart overlap"),
        ("plf", &["VOLT|1001|17|0", "VOLT|1001|20|0"], "plf:2: PLF_NAME: packet 1001 has `VOLT` twice"),
        ("tpcf", &["5|NAME"], "tpcf:1: TPCF_SPID: pid has no packet 5"),
        ("mcf", &["MCF1||x"], "mcf:1: MCF_POL1: `x` is no number"),
        ("txf", &["TXF1||U|3"], "txf:1: TXF_NALIAS: it says 3, but there are 2"),
        ("txp", &["TXF1|0|1|A", "TXF1|1|2|B"], "txf:1: TXF_NUMBR: two words share a raw value"),
        ("txp", &["TXF1|0|1|A", "TXF1|2|3|B", "TXF9|1|2|C"], "txp:3: TXP_NUMBR: txf has no `TXF9`"),
        ("caf", &["C||R|U|D||0|F"], "caf:1: CAF_NUMBR: the curve has no points"),
        ("cap", &["C|0|1"], "cap:1: CAP_NUMBR: caf has no `C`"),
        ("cur", &["NONE|1|MODE|0|MCF1"], "cur:1: CUR_PNAME: pcf has no `NONE`"),
        ("cur", &["VOLT|1|NONE|0|MCF1"], "cur:1: CUR_RLCHK: pcf has no `NONE`"),
        ("ocf", &["VOLT|1|1|C|R"], "ocf:1: OCF_NAME: ocp has no checks of `VOLT`"),
        ("ocp", &["VOLT|1|S|0|1"], "ocp:1: OCP_NAME: ocf has no `VOLT`"),
        ("vpd", &["4|1|VOLT|0|0|N|N||1"], "vpd:1: VPD_TPSD: no packet of pid has structure 4"),
        (
            "pic",
            &["3|25|16|8|-1|0|", "0|0|-1|0|-1|0", "0|0|-1|0|-1|0"],
            "pic:3: PIC_TYPE: there is another row for (0, 0)",
        ),
        ("pic", &["3|25|16|8|-1|0|"], "pid:3: PID_TYPE: pic has no row for (0, 0)"),
        (
            "pic",
            &["3|25|16|0|-1|0|", "0|0|-1|0|-1|0"],
            "pic:1: PIC_PI1_WID: `0` is no whole number from 1 to 64",
        ),
        ("xyz", &["1"], "xyz:0: : no table of the ICD has this name"),
        (
            "tpcf",
            &["1001|VOLTAGES|0|beyond"],
            "tpcf:1: column 4: `beyond` stands where the ICD has no column",
        ),
    ];
    for (name, rows, expected) in cases {
        let errors = load(&with(&small(), name, rows)).unwrap_err();
        assert!(
            errors.iter().any(|error| error.to_string().starts_with(expected)),
            "{expected}: {errors:#?}"
        );
    }
}

/// Nothing of a row that is left out is taken, what makes values valid no more than anything else.
#[test]
fn a_second_row_of_a_parameter_does_not_judge_its_values() {
    let rows =
        ["VOLT||||3|12||||N|R", "VOLT||||3|12||MODE||N|R", "MODE||||2|8||||S|R|TXF1", "CLOCK||||9|17||||N|R"];
    let tables = with(&small(), "pcf", &rows);
    let borrowed: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, &**text)).collect();
    let database =
        load_tables_with(&borrowed, &MibOptions { lenient: true, ..MibOptions::default() }).unwrap();
    let volt = database.parameters.iter().find(|parameter| parameter.name == "/MIB/VOLT").unwrap();
    assert_eq!(volt.valid_if, None);
    assert!(database.omissions.iter().any(|omission| omission.what.contains("another parameter `VOLT`")));
}

#[test]
fn what_cannot_be_expressed_is_an_error_or_an_omission_but_never_silence() {
    let parameter = |row: &str| {
        let rest = ["VOLT||||3|12||||N|R", "MODE||||2|8||||S|R|TXF1", "CLOCK||||9|17||||N|R"];
        with(&small(), "pcf", &[&rest[..], &[row]].concat())
    };
    let limit = |ocf: &str, ocp: &str| {
        let mut tables = small();
        tables.push(("ocf", table(&[ocf])));
        tables.push(("ocp", table(&[ocp])));
        tables
    };
    let cases = [
        (
            parameter("X||||3|4||||N|D"),
            "pcf:4: PCF_NATUR: parameters of nature D are worked out on the ground",
        ),
        (
            parameter("X||||13|0||||N|R"),
            "pcf:4: PCF_PTC: (13, 0): saved synthetic parameters cannot be expressed",
        ),
        (parameter("X||||3|40||||N|R"), "pcf:4: PCF_PTC: (3, 40): whole numbers of this format"),
        (parameter("X||||3|4||CLOCK||N|R"), "pcf:4: PCF_VALID: `CLOCK` is no whole number"),
        (
            with(
                &small(),
                "pcf",
                &["VOLT||||3|12||MODE||N|R", "MODE||||2|8||||S|R|TXF1", "CLOCK||||9|17||||N|R"],
            ),
            "pcf:1: PCF_VALID: 1 packets, as SPID 1001, do not carry the parameter that decides: there values count as valid",
        ),
        (parameter("X||||3|4||NONE||N|R"), "pcf:4: PCF_VALID: pcf has no `NONE`"),
        (parameter("X||||3|4|6|||N|R"), "pcf:4: PCF_WIDTH: 6 bits do not hold a value of 8"),
        (parameter("X||||3|4||||N|R|NONE"), "pcf:4: PCF_CURTX: neither caf nor mcf nor lgf has `NONE`"),
        (parameter("X||||3|4||||N|R|TXF1"), "pcf:4: PCF_CURTX: `TXF1` is a list of words"),
        (parameter("X||||3|4||||S|R"), "pcf:4: PCF_CURTX: a status needs words"),
        (parameter("X||||5|1||||S|R|TXF1"), "pcf:4: PCF_CURTX: only whole numbers have words"),
        (parameter("X||||3|4||||T|R"), "pcf:4: PCF_CATEG: the category is text, the type is not"),
        (parameter("VOLT||||3|4||||N|R"), "pcf:4: PCF_NAME: there is another parameter `VOLT`"),
        (limit("VOLT|1|1|C|R", "VOLT|1|D|1|2"), "ocp:1: OCP_TYPE: delta checks cannot be expressed"),
        (limit("VOLT|1|1|C|R", "VOLT|1|E|1|2"), "ocp:1: OCP_TYPE: events cannot be expressed"),
        (
            limit("VOLT|1|1|U|R", "VOLT|1|S|1|2"),
            "ocf:1: OCF_INTER: limits on the raw value of a calibrated parameter",
        ),
        (limit("VOLT|1|2|C|R", "VOLT|1|S|1|2"), "ocf:1: OCF_NBOOL: it says 2 checks, but there are 1"),
        (limit("MODE|1|1|C|A", "MODE|1|S|LOST"), "ocp:1: OCP_LVALU: the parameter has no state `LOST`"),
        (limit("MODE|1|1|U|I", "MODE|1|S|9"), "ocp:1: OCP_LVALU: no word stands for 9"),
    ];
    for (tables, expected) in cases {
        let said = only(&tables);
        assert!(said.starts_with(expected), "{expected}: {said}");
        let database = lenient(&tables);
        assert_eq!(database.omissions.len(), 1, "{expected}");
        database.compile().unwrap();
    }
}

#[test]
fn at_most_a_hundred_errors_come_back_and_the_last_counts_the_rest() {
    let rows: Vec<String> = (0..250).map(|index| format!("NONE{index}|1001|17|0")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let errors = load(&with(&small(), "plf", &rows)).unwrap_err();
    assert_eq!(errors.len(), 100);
    assert!(errors[99].fix.ends_with("150 more findings follow"), "{}", errors[99]);
}

#[test]
fn without_packets_even_a_lenient_load_fails() {
    let options = MibOptions { lenient: true, ..MibOptions::default() };
    assert!(load_tables_with(&[], &options).is_err());
    assert!(decom::mib::load_lenient(std::path::Path::new("no such folder")).is_err());
}

proptest! {
    #[test]
    fn no_field_makes_it_panic(table in 0usize..11, cell in 0usize..120, with in "-?[0-9]{1,20}|[A-Z0-9]{0,5}") {
        let mut tables = variable();
        tables.push(("cur", self::table(&["VOLT|1|MODE|0|MCF1"])));
        tables.push(("ocf", self::table(&["VOLT|1|1|C|R"])));
        tables.push(("ocp", self::table(&["VOLT|1|S|0|1|MODE|0"])));
        let index = table % tables.len();
        let mut cells: Vec<String> = tables[index].1.split('\t').map(str::to_string).collect();
        let at = cell % cells.len();
        cells[at] = with;
        tables[index].1 = cells.join("\t");
        let borrowed: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, &**text)).collect();
        let options = MibOptions { lenient: true, ..MibOptions::default() };
        if let Ok(database) = load_tables_with(&borrowed, &options) {
            let _ = database.compile();
        }
    }
}
