//! Loading XTCE documents: namespaces, references, errors and where they are, what is refused, what a lenient load leaves out,
//! and that nothing takes more time or memory than the document is worth.
#![cfg(feature = "xtce")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

mod common;

use std::fmt::Write;

use decom::model::{Database, TypeKind};
use decom::xtce::{XtceError, load, load_lenient};
use proptest::prelude::*;

const NAMESPACE: &str = "http://www.omg.org/spec/XTCE/20180204";

/// A system of these parts.
fn system(name: &str, types: &str, parameters: &str, containers: &str, more: &str) -> String {
    format!(
        "<SpaceSystem name=\"{name}\"><TelemetryMetaData><ParameterTypeSet>{types}</ParameterTypeSet>\
         <ParameterSet>{parameters}</ParameterSet><ContainerSet>{containers}</ContainerSet></TelemetryMetaData>{more}</SpaceSystem>"
    )
}

fn octet(name: &str) -> String {
    format!(
        "<IntegerParameterType name=\"{name}\"><IntegerDataEncoding sizeInBits=\"8\"/></IntegerParameterType>"
    )
}

fn parameter(name: &str, of_type: &str) -> String {
    format!("<Parameter name=\"{name}\" parameterTypeRef=\"{of_type}\"/>")
}

fn container(name: &str, entries: &[&str]) -> String {
    let entries: String = entries
        .iter()
        .map(|entry| match entry.trim_start().starts_with('<') {
            true => (*entry).to_owned(),
            false => format!("<ParameterRefEntry parameterRef=\"{entry}\"/>"),
        })
        .collect();
    format!("<SequenceContainer name=\"{name}\"><EntryList>{entries}</EntryList></SequenceContainer>")
}

/// A parameter `a` of eight bits in a container `R`, and more beside them.
fn simple(types: &str, parameters: &str, entries: &[&str]) -> String {
    let mut all = vec!["a"];
    all.extend(entries);
    system("T", &(octet("u8") + types), &(parameter("a", "u8") + parameters), &container("R", &all), "")
}

#[track_caller]
fn loaded(text: &str) -> Database {
    load(text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"))
}

#[track_caller]
fn refused(text: &str) -> Vec<XtceError> {
    load(text).map(|database| panic!("loads: {:?}\n{text}", database.name)).unwrap_err()
}

/// The only error.
#[track_caller]
fn the_error(text: &str) -> XtceError {
    let errors = refused(text);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors.into_iter().next().unwrap()
}

fn names(database: &Database) -> Vec<&str> {
    database.parameters.iter().map(|parameter| parameter.name.as_str()).collect()
}

/// Names and values of a packet of `R`, as they print.
fn decoded(database: &Database, packet: &[u8]) -> Vec<(String, String)> {
    let plan = database.compile().unwrap_or_else(|errors| panic!("{errors:#?}"));
    let (_, recorder) = common::decode(plan.plan(), "R", packet);
    recorder.engineering
}

#[test]
fn every_namespace_of_the_schemas_is_read() {
    for namespace in [
        "http://www.omg.org/space/xtce",
        "http://www.omg.org/space/xtce/1.1",
        NAMESPACE,
        "http://www.omg.org/spec/XTCE/20250214",
    ] {
        let text = simple("", "", &[]);
        let default = text.replacen("<SpaceSystem", &format!("<SpaceSystem xmlns=\"{namespace}\""), 1);
        assert_eq!(names(&loaded(&default)), ["/T/a"], "{namespace}");
        let prefixed = text.replace("</", "\u{1}").replace('<', "<x:").replace('\u{1}', "</x:");
        let prefixed = prefixed.replacen(" name", &format!(" xmlns:x=\"{namespace}\" name"), 1);
        assert_eq!(names(&loaded(&prefixed)), ["/T/a"], "{namespace}");
    }
    let foreign = simple("", "", &[]).replacen("<SpaceSystem", "<SpaceSystem xmlns=\"urn:other\"", 1);
    assert!(the_error_or_first(&foreign).what.contains("of another namespace, `urn:other`"));
}

#[track_caller]
fn the_error_or_first(text: &str) -> XtceError {
    refused(text).into_iter().next().unwrap()
}

#[test]
fn references_are_found_from_the_system_outwards() {
    let inner = system("C", "", &parameter("c", "u8"), &container("Q", &["c"]), "");
    let middle = system(
        "B",
        &octet("u8").replace("\"8\"", "\"16\""),
        &(parameter("b", "u8") + &parameter("c2", "/A/u8")),
        &container(
            "P",
            &[
                "b",
                "a",
                "C/c",
                "./C/c",
                "../a",
                "/A/B/c2",
                "B/C/c",
                "<ContainerRefEntry containerRef=\"C/Q\"/>",
                "<ContainerRefEntry containerRef=\"../R\"/>",
            ],
        ),
        &inner,
    );
    let text = system("A", &octet("u8"), &parameter("a", "u8"), &container("R", &["a", "B/b"]), &middle);
    let database = loaded(&text);
    assert_eq!(names(&database), ["/A/a", "/A/B/b", "/A/B/c2", "/A/B/C/c"]);
    // `c` finds the type of the system around it, 16 bits, before the outermost one, 8 bits.
    let bits = |name: &str| {
        let parameter = database.parameters.iter().find(|parameter| parameter.name == name).unwrap();
        match &database.parameter_type(parameter.parameter_type).unwrap().kind {
            TypeKind::Scalar(scalar) => match scalar.encoding {
                decom::model::Encoding::Integer { bits, .. } => bits,
                _ => 0,
            },
            _ => 0,
        }
    };
    assert_eq!([bits("/A/a"), bits("/A/B/b"), bits("/A/B/C/c"), bits("/A/B/c2")], [8, 16, 16, 8]);
    let packet = [1, 0, 2];
    assert_eq!(
        decoded(&database, &packet),
        [("/A/a".into(), "Unsigned(1)".into()), ("/A/B/b".into(), "Unsigned(2)".into())]
    );
    // From the outside, or from elsewhere, a name inside is not found without its path.
    for wrong in ["c", "C/c", "/B/b", "./b", "../a", "B/C/../nothing", "/A/B", "//a", "B//", ""] {
        let text = system("A", &octet("u8"), &parameter("a", "u8"), &container("R", &[wrong]), &middle);
        let error = the_error(&text);
        assert!(error.what.contains(&format!("no parameter `{wrong}` can be found")), "{error}");
    }
}

#[test]
fn a_parameter_of_another_system_may_be_named_in_this_one() {
    let inner = system("B", "", "<ParameterRef parameterRef=\"/A/other/x\"/>", &container("R", &["x"]), "");
    let other = system("other", &octet("u8"), &parameter("x", "u8"), "", "");
    let database = loaded(&format!("<SpaceSystem name=\"A\">{inner}{other}</SpaceSystem>"));
    assert_eq!(decoded(&database, &[7]), [("/A/other/x".into(), "Unsigned(7)".into())]);
    let text = format!("<SpaceSystem name=\"A\">{inner}</SpaceSystem>");
    assert!(refused(&text)[0].what.contains("no parameter `/A/other/x` can be found"));
}

#[test]
fn names_that_are_there_twice_are_errors() {
    let twice = |kind: &str| format!("there are two {kind}s");
    let types = system("T", &(octet("t") + &octet("t")), "", "", "");
    assert!(the_error(&types).what.starts_with(&twice("type")));
    let parameters = simple("", &parameter("a", "u8"), &[]);
    assert!(the_error(&parameters).what.starts_with(&twice("parameter")));
    let containers = system("T", "", "", &(container("R", &[]) + &container("R", &[])), "");
    assert!(the_error(&containers).what.starts_with(&twice("container")));
    let systems = "<SpaceSystem name=\"T\"><SpaceSystem name=\"S\"/><SpaceSystem name=\"S\"/></SpaceSystem>";
    assert!(the_error(systems).what.starts_with(&twice("space system")));
}

#[test]
fn an_error_names_line_column_path_and_fix() {
    let text = "<SpaceSystem name=\"T\">\n  <TelemetryMetaData>\n    <ParameterTypeSet>\n\
                      <IntegerParameterType name=\"ä\"><IntegerDataEncoding sizeInBits=\"eight\"/></IntegerParameterType>\n\
                    </ParameterTypeSet>\n  </TelemetryMetaData>\n</SpaceSystem>";
    let error = the_error(text);
    assert_eq!((error.line, error.column), (4, 53));
    assert_eq!(
        error.path,
        "SpaceSystem[T]/TelemetryMetaData/ParameterTypeSet/IntegerParameterType[ä]/IntegerDataEncoding/@sizeInBits"
    );
    assert_eq!(error.what, "`eight` is not a whole number from 1 to 128");
    assert_eq!(error.fix, "write a whole number from 1 to 128");
    assert_eq!(error.to_string(), format!("4:53: {}: {}; {}", error.path, error.what, error.fix));
}

#[test]
fn all_errors_are_told_in_their_order() {
    let text = simple(
        "<IntegerParameterType name=\"x\"><IntegerDataEncoding sizeInBits=\"0\"/></IntegerParameterType>\n<Nonsense/>\n",
        "\n<Parameter name=\"y\" parameterTypeRef=\"none\"/>\n",
        &["\n<ParameterRefEntry parameterRef=\"nobody\"/>"],
    );
    let errors = refused(&text);
    let found: Vec<(u32, &str)> = errors.iter().map(|error| (error.line, error.what.as_str())).collect();
    assert_eq!(
        found,
        [
            (1, "`0` is not a whole number from 1 to 128"),
            (2, "no schema has an element `Nonsense` here"),
            (4, "no type `none` can be found from here"),
            (6, "no parameter `nobody` can be found from here"),
        ]
    );
    let many = "<Nonsense/>".repeat(1000);
    assert_eq!(refused(&simple(&many, "", &[])).len(), 100, "a list has an end");
}

#[test]
fn names_that_differ_little_are_proposed() {
    let text = simple("<IntegerParamterType name=\"x\"/>", "", &[]);
    let error = the_error(&text);
    assert_eq!(error.fix, "write `IntegerParameterType`, or remove it");
    let text = simple("<IntegerParameterType name=\"x\" sizeInBit=\"8\"/>", "", &[]);
    let error = the_error(&text);
    assert_eq!(error.what, "no schema has an attribute `sizeInBit` of `IntegerParameterType`");
    assert_eq!(error.fix, "write `sizeInBits`, or remove it");
}

#[test]
fn what_is_not_xml_or_not_xtce_is_an_error() {
    for (text, what) in [
        ("", "not well-formed"),
        ("no xml", "not well-formed"),
        ("<SpaceSystem name=\"T\">", "not well-formed"),
        ("<SpaceSystem name=\"T\"></SpaceSystm>", "not well-formed"),
        ("<SpaceSystem name=\"T\" name=\"U\"/>", "not well-formed"),
        ("<SpaceSystem name=\"T\">&undefined;</SpaceSystem>", "not well-formed"),
        ("<html/>", "the document is not XTCE"),
        ("<SpaceSystem/>", "`SpaceSystem` has no `name`"),
    ] {
        let error = the_error(text);
        assert!(error.what.contains(what), "{text}: {error}");
    }
}

#[test]
fn entities_do_not_expand_and_nothing_outside_is_read() {
    let laughs: String = (1..10).fold("<!ENTITY l0 \"ha\">".to_owned(), |mut text, i| {
        let before = format!("&l{};", i - 1).repeat(10);
        let _ = write!(text, "<!ENTITY l{i} \"{before}\">");
        text
    });
    for (declaration, reference) in [
        (format!("<!DOCTYPE SpaceSystem [{laughs}]>"), "&l9;"),
        ("<!DOCTYPE SpaceSystem [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>".to_owned(), "&x;"),
        ("<!DOCTYPE SpaceSystem SYSTEM \"http://example.org/xtce.dtd\">".to_owned(), ""),
        ("<!DOCTYPE SpaceSystem [<!ENTITY % p SYSTEM \"http://example.org/p\">%p;]>".to_owned(), ""),
    ] {
        let text = format!("{declaration}<SpaceSystem name=\"T\" shortDescription=\"{reference}\"/>");
        for found in [load(&text), load_lenient(&text)] {
            let errors = found.unwrap_err();
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].what, "the document has a document type declaration");
        }
    }
    let text = "<SpaceSystem name=\"T\" xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"/etc/passwd\"/></SpaceSystem>";
    for found in [load(text), load_lenient(text)] {
        assert_eq!(found.unwrap_err()[0].what, "inclusions are not followed");
    }
}

#[test]
fn documentation_is_read_over() {
    let described = "<LongDescription>long <![CDATA[<b>]]></LongDescription><AliasSet><Alias nameSpace=\"n\" alias=\"x\"/></AliasSet>\
                     <AncillaryDataSet><AncillaryData name=\"k\" mimeType=\"text/plain\"><any/></AncillaryData></AncillaryDataSet>";
    let header = "<Header validationStatus=\"Draft\" version=\"1\" date=\"2020\" classification=\"none\"><AuthorSet><Author>me</Author></AuthorSet>\
                  <NoteSet><Note>n</Note></NoteSet><HistorySet><History>h</History></HistorySet></Header>";
    let services = "<ServiceSet><Service name=\"s\"><whatever/></Service></ServiceSet>";
    let types = format!(
        "<IntegerParameterType name=\"t\" shortDescription=\"s\" initialValue=\"0\">{described}<UnitSet/><IntegerDataEncoding sizeInBits=\"8\" changeThreshold=\"1\">\
         <ErrorDetectCorrect><CRC width=\"16\"><Polynomial><Term coefficient=\"1\" exponent=\"3\"/></Polynomial><InitRemainder>0</InitRemainder><FinalXOR>0</FinalXOR></CRC></ErrorDetectCorrect>\
         </IntegerDataEncoding><ToString><NumberFormat/></ToString></IntegerParameterType>\
         <StringParameterType name=\"s\" restrictionPattern=\"A.*\" characterWidth=\"8\"><StringDataEncoding><ErrorDetectCorrect><Parity type=\"Even\"/><Checksum name=\"c\"><InputAlgorithm name=\"i\"><x/></InputAlgorithm></Checksum></ErrorDetectCorrect>\
         <SizeInBits><Fixed><FixedValue>8</FixedValue></Fixed></SizeInBits></StringDataEncoding><SizeRangeInCharacters min=\"1\" max=\"9\"/></StringParameterType>\
         <BinaryParameterType name=\"b\"><BinaryDataEncoding><ErrorDetectCorrect><XOR/></ErrorDetectCorrect><SizeInBits><FixedValue>8</FixedValue></SizeInBits>\
         <ToBinaryTransformAlgorithm name=\"x\"><y/></ToBinaryTransformAlgorithm></BinaryDataEncoding></BinaryParameterType>"
    );
    let properties = "<ParameterProperties dataSource=\"telemetered\" readOnly=\"true\"><SystemName>S</SystemName>\
                      <PhysicalAddressSet><PhysicalAddress sourceName=\"n\" sourceAddress=\"1\"><SubAddress sourceName=\"m\"/></PhysicalAddress></PhysicalAddressSet>\
                      <TimeAssociation parameterRef=\"a\"/></ParameterProperties>";
    let streams = "<StreamSet><FixedFrameStream name=\"f\"><SyncStrategy/></FixedFrameStream><VariableFrameStream name=\"v\"/></StreamSet>";
    let rates = "<DefaultRateInStream basis=\"perSecond\" minimumValue=\"1\"/><RateInStreamSet><RateInStream streamRef=\"f\" maximumValue=\"1\"/></RateInStreamSet>";
    let plain = system(
        "T",
        &types,
        &(parameter("a", "t") + &parameter("c", "s") + &parameter("d", "b")),
        &container("R", &["a", "c", "d"]),
        "",
    );
    let text = plain
        .replacen(
            "<SpaceSystem name=\"T\">",
            &format!("<!-- --><?pi?><SpaceSystem name=\"T\" operationalStatus=\"x\">{described}{header}"),
            1,
        )
        .replacen(
            "<Parameter name=\"a\" parameterTypeRef=\"t\"/>",
            &format!("<Parameter name=\"a\" parameterTypeRef=\"t\">{described}{properties}</Parameter>"),
            1,
        )
        .replacen(
            "<SequenceContainer name=\"R\">",
            &format!("<SequenceContainer name=\"R\" idlePattern=\"0\">{described}{rates}"),
            1,
        )
        .replacen(
            "<ParameterRefEntry parameterRef=\"c\"/>",
            "<ParameterRefEntry parameterRef=\"c\"><TimeAssociation parameterRef=\"a\"/></ParameterRefEntry>",
            1,
        )
        .replacen("</ContainerSet>", &format!("</ContainerSet>{streams}"), 1)
        .replacen("</SpaceSystem>", &format!("{services}</SpaceSystem>"), 1);
    let packet = [1, b'A', 3];
    let (with, without) = (loaded(&text), loaded(&plain));
    assert!(with.omissions.is_empty() && with.warnings.is_empty());
    assert_eq!(decoded(&with, &packet), decoded(&without, &packet));
    // What asks for something that is not done is told by a lenient load.
    let told: Vec<String> =
        load_lenient(&text).unwrap().omissions.into_iter().map(|omission| omission.what).collect();
    let of = |name: &str| format!("`{name}` is read over; it has no effect on values");
    assert_eq!(
        told,
        [
            of("ErrorDetectCorrect"),
            of("ErrorDetectCorrect"),
            of("ErrorDetectCorrect"),
            of("ToBinaryTransformAlgorithm"),
            of("TimeAssociation"),
            of("TimeAssociation"),
        ]
    );
}

#[test]
fn what_is_not_supported_is_an_error_or_left_out() {
    let calibrator = "<PolynomialCalibrator><Term coefficient=\"2\" exponent=\"1\"/></PolynomialCalibrator>";
    let in_type = |kind: &str, inner: &str| {
        let encoding = match kind {
            "String" => {
                "<StringDataEncoding><SizeInBits><Fixed><FixedValue>8</FixedValue></Fixed></SizeInBits></StringDataEncoding>"
            }
            "Binary" => {
                "<BinaryDataEncoding><SizeInBits><FixedValue>8</FixedValue></SizeInBits></BinaryDataEncoding>"
            }
            _ => "<IntegerDataEncoding sizeInBits=\"8\"/>",
        };
        (format!("<{kind}ParameterType name=\"t\">{encoding}{inner}</{kind}ParameterType>"), String::new())
    };
    let in_encoding = |kind: &str, encoding: &str, inner: &str| {
        let size = if encoding == "Integer" {
            ""
        } else {
            "<SizeInBits><Fixed><FixedValue>8</FixedValue></Fixed></SizeInBits>"
        };
        (
            format!(
                "<{kind}ParameterType name=\"t\"><{encoding}DataEncoding>{size}{inner}</{encoding}DataEncoding></{kind}ParameterType>"
            ),
            String::new(),
        )
    };
    let alarm = |inner: &str| in_type("Integer", &format!("<DefaultAlarm>{inner}</DefaultAlarm>"));
    let beside = |inner: &str| (octet("t"), inner.to_owned());
    let contexts = format!(
        "<ContextCalibratorList><ContextCalibrator><ContextMatch><Comparison parameterRef=\"a\" value=\"1\"/></ContextMatch><Calibrator>{calibrator}</Calibrator></ContextCalibrator></ContextCalibratorList>"
    );
    let default = format!("<DefaultCalibrator>{calibrator}</DefaultCalibrator>");
    let cases = [
        ("AlarmConditions", alarm("<AlarmConditions><WatchAlarm/></AlarmConditions>")),
        ("ChangePerSecondAlarmRanges", alarm("<ChangePerSecondAlarmRanges/>")),
        ("ConditionalAlarm", alarm("<ConditionalAlarm/>")),
        ("CustomAlarm", alarm("<CustomAlarm/>")),
        ("StringAlarmList", in_type("String", "<DefaultAlarm><StringAlarmList/></DefaultAlarm>")),
        ("ContextCalibratorList", in_type("Integer", &contexts)),
        ("ContextCalibratorList", in_type("Float", &contexts)),
        ("ContextCalibratorList", in_type("String", &contexts)),
        ("ContextCalibratorList", in_encoding("String", "String", &contexts)),
        ("DefaultCalibrator", in_type("Integer", &default)),
        ("DefaultCalibrator", in_type("Float", &default)),
        ("DefaultCalibrator", in_type("String", &default)),
        ("DefaultCalibrator", in_encoding("String", "String", &default)),
        (
            "UseWhenCondition",
            in_encoding("Integer", "Integer", "<ContextCalibratorList><ContextCalibrator><UseWhenCondition/></ContextCalibrator></ContextCalibratorList>"),
        ),
        ("CustomAlgorithm", beside("<AlgorithmSet><CustomAlgorithm name=\"x\"/></AlgorithmSet>")),
        ("MathAlgorithm", beside("<AlgorithmSet><MathAlgorithm name=\"x\"/></AlgorithmSet>")),
        ("CustomStream", beside("<StreamSet><CustomStream name=\"x\"/></StreamSet>")),
        ("MessageSet", beside("<MessageSet><Message name=\"x\"/></MessageSet>")),
        (
            "OffsetFrom",
            ("<AbsoluteTimeParameterType name=\"t\"><Encoding><IntegerDataEncoding sizeInBits=\"8\"/></Encoding><ReferenceTime><OffsetFrom parameterRef=\"a\"/></ReferenceTime></AbsoluteTimeParameterType>".to_owned(), String::new()),
        ),
        (
            "FromBinaryTransformAlgorithm",
            ("<BinaryParameterType name=\"t\"><BinaryDataEncoding><SizeInBits><FixedValue>8</FixedValue></SizeInBits><FromBinaryTransformAlgorithm name=\"x\"/></BinaryDataEncoding></BinaryParameterType>".to_owned(), String::new()),
        ),
        ("Defaults", beside("</TelemetryMetaData><Defaults/><TelemetryMetaData>")),
    ];
    for (name, (types, beside)) in cases {
        let text = simple(&types, &parameter("b", "t"), &["b"]);
        let text = text
            .replacen("</ContainerSet>", &format!("</ContainerSet>{beside}"), 1)
            .replace("<TelemetryMetaData></TelemetryMetaData>", "");
        let errors = refused(&text);
        let what = format!("`{name}` is not supported");
        assert_eq!(
            errors.iter().map(|error| error.what.as_str()).collect::<Vec<_>>(),
            [what.as_str()],
            "{text}"
        );
        let database = load_lenient(&text).unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
        let told: Vec<&str> = database.omissions.iter().map(|omission| omission.what.as_str()).collect();
        assert_eq!(told, [what.as_str()], "{text}");
        assert_eq!(database.omissions[0].origin.line, errors[0].line);
        // What is left out leaves other values where they are.
        assert_eq!(decoded(&database, &[1, 2])[0].1, "Unsigned(1)", "{name}");
    }
}

#[test]
fn a_choice_that_nobody_can_make_is_an_error() {
    let algorithm = "<CustomAlgorithm name=\"x\"><Anything/></CustomAlgorithm>";
    let include = format!(
        "<ParameterRefEntry parameterRef=\"a\"><IncludeCondition>{algorithm}</IncludeCondition></ParameterRefEntry>"
    );
    let lookup = format!(
        "<BinaryParameterType name=\"t\"><BinaryDataEncoding><SizeInBits><DiscreteLookupList><DiscreteLookup value=\"8\">{algorithm}</DiscreteLookup></DiscreteLookupList></SizeInBits></BinaryDataEncoding></BinaryParameterType>"
    );
    for text in [simple("", "", &[&include]), simple(&lookup, &parameter("b", "t"), &["b"])] {
        for found in [load(&text), load_lenient(&text)] {
            let errors = found.unwrap_err();
            assert!(errors.iter().any(|error| error.what.contains("it cannot be run")), "{errors:#?}");
        }
    }
}

#[test]
fn what_has_a_size_leaves_room_behind() {
    for entry in [
        "<ContainerSegmentRefEntry containerRef=\"R\" sizeInBits=\"12\"/>",
        "<StreamSegmentEntry streamRef=\"s\" sizeInBits=\"12\"/>",
    ] {
        let text = simple("", &parameter("b", "u8"), &[entry, "b"]);
        assert!(the_error(&text).what.contains("is not supported"));
        let database = load_lenient(&text).unwrap();
        assert_eq!(database.omissions.len(), 1);
        assert_eq!(decoded(&database, &[1, 0xFF, 0xF3, 0x40])[1], ("/T/b".into(), "Unsigned(52)".into()));
    }
    let unknown = simple("", "", &["<SecretEntry/>"]);
    assert!(load_lenient(&unknown).is_err(), "what has no size would move what follows");
}

#[test]
fn command_containers_are_read_where_telemetry_refers_to_them() {
    let commands = format!(
        "<CommandMetaData><ParameterTypeSet>{}</ParameterTypeSet><ParameterSet>{}</ParameterSet><ArgumentTypeSet><x/></ArgumentTypeSet>\
         <MetaCommandSet><MetaCommand name=\"m\"><x/></MetaCommand></MetaCommandSet><CommandContainerSet>{}{}</CommandContainerSet>\
         <StreamSet><x/></StreamSet><AlgorithmSet><x/></AlgorithmSet></CommandMetaData>",
        octet("c8"),
        parameter("c", "c8"),
        container("H", &["c"]),
        container("X", &["c"]).replace("SequenceContainer", "CommandContainer"),
    );
    let text = system(
        "T",
        &octet("u8"),
        &parameter("a", "u8"),
        &container("R", &["a", "<ContainerRefEntry containerRef=\"H\"/>"]),
        &commands,
    );
    let database = loaded(&text);
    let containers: Vec<&str> = database.containers.iter().map(|container| container.name.as_str()).collect();
    assert_eq!(containers, ["/T/R", "/T/H"], "X is not telemetry");
    assert_eq!(
        decoded(&database, &[1, 2]),
        [("/T/a".into(), "Unsigned(1)".into()), ("/T/c".into(), "Unsigned(2)".into())]
    );
}

#[test]
fn a_lenient_load_of_what_is_sound_is_a_strict_one() {
    let text = simple("", &parameter("b", "u8"), &["b"]);
    let (strict, lenient) = (loaded(&text), load_lenient(&text).unwrap());
    assert!(lenient.omissions.is_empty());
    assert_eq!(decoded(&strict, &[1, 2]), decoded(&lenient, &[1, 2]));
}

#[test]
fn elements_nest_to_a_limit() {
    let deep = |levels: usize| {
        let mut text = "<ANDedConditions>".repeat(levels);
        text.push_str("<Condition><ParameterInstanceRef parameterRef=\"a\"/><ComparisonOperator>==</ComparisonOperator><Value>1</Value></Condition>");
        text.push_str(&"</ANDedConditions>".repeat(levels));
        let entry = format!(
            "<ParameterRefEntry parameterRef=\"a\"><IncludeCondition><BooleanExpression>{text}</BooleanExpression></IncludeCondition></ParameterRefEntry>"
        );
        simple("", "", &[&entry])
    };
    assert_eq!(decoded(&loaded(&deep(20)), &[1, 2]).len(), 2);
    assert!(loaded(&deep(40)).compile().unwrap_err()[0].what.contains("nest more than"));
    for levels in [100, 200_000] {
        let errors = refused(&deep(levels));
        assert!(errors.iter().any(|error| error.what == "elements nest deeper than 64"), "{}", errors[0]);
    }
    let systems = "<SpaceSystem name=\"S\">".repeat(100_000) + &"</SpaceSystem>".repeat(100_000);
    assert!(refused(&systems).iter().any(|error| error.what == "elements nest deeper than 64"));
}

/// Each of 60 holds the one before ten times: 10^60 values, were they all laid out.
#[test]
fn what_grows_without_end_is_an_error_soon() {
    let levels = 1..60;
    let containers: String = levels.clone().fold(container("C0", &["a"]), |mut text, i| {
        let entry = format!("<ContainerRefEntry containerRef=\"C{}\"/>", i - 1);
        text.push_str(&container(&format!("C{i}"), &[entry.as_str(); 10]));
        text
    });
    let text = system("T", &octet("u8"), &parameter("a", "u8"), &containers, "");
    let errors = loaded(&text).compile().unwrap_err();
    let is_told = |what: &str| what.contains("nests without end") || what.contains("than a plan can hold");
    assert!(errors.iter().all(|error| is_told(&error.what)), "{}", errors[0]);

    // 20 are as deep as may be, and 10^20 entries are too many.
    let containers: String = (1..20).fold(container("C0", &["a"]), |mut text, i| {
        let entry = format!("<ContainerRefEntry containerRef=\"C{}\"/>", i - 1);
        text.push_str(&container(&format!("C{i}"), &[entry.as_str(); 10]));
        text
    });
    let text = system("T", &octet("u8"), &parameter("a", "u8"), &containers, "");
    let errors = loaded(&text).compile().unwrap_err();
    assert!(errors.iter().any(|error| error.what.contains("than a plan can hold")), "{}", errors[0]);

    let types: String = levels.fold(octet("t0"), |mut text, i| {
        let members: String =
            (0..10).map(|k| format!("<Member name=\"m{k}\" typeRef=\"t{}\"/>", i - 1)).collect();
        let _ = write!(text, "<AggregateParameterType name=\"t{i}\"><MemberList>{members}</MemberList></AggregateParameterType>");
        text
    });
    for (level, what) in [(59, "nests without end"), (20, "nests without end"), (8, "too many parts")] {
        let text = system("T", &types, &parameter("a", &format!("t{level}")), &container("R", &["a"]), "");
        let errors = loaded(&text).compile().unwrap_err();
        assert!(errors.iter().any(|error| error.what.contains(what)), "{level}: {}", errors[0]);
    }
}

/// Many heirs, many roots, many aliases: nothing is looked for among all others each time.
#[test]
fn three_hundred_thousand_parameters_load() {
    const CONTAINERS: usize = 3_000;
    const PARAMETERS: usize = 100;
    let mut text = String::from("<SpaceSystem name=\"T\">");
    for system in 0..10 {
        let _ = write!(text, "<SpaceSystem name=\"S{system}\"><TelemetryMetaData><ParameterTypeSet>");
        for bits in 1..=32 {
            let _ = write!(
                text,
                "<IntegerParameterType name=\"u{bits}\"><IntegerDataEncoding sizeInBits=\"{bits}\"><DefaultCalibrator><PolynomialCalibrator>\
                 <Term coefficient=\"{bits}\" exponent=\"1\"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding></IntegerParameterType>"
            );
        }
        text.push_str("</ParameterTypeSet><ParameterSet>");
        for container in 0..CONTAINERS / 10 {
            for parameter in 0..PARAMETERS {
                let bits = parameter % 32 + 1;
                let _ = writeln!(
                    text,
                    "<Parameter name=\"p{container}_{parameter}\" parameterTypeRef=\"u{bits}\" shortDescription=\"parameter {parameter}\"/>"
                );
            }
        }
        text.push_str("</ParameterSet><ContainerSet>");
        for container in 0..CONTAINERS / 10 {
            let _ = write!(text, "<SequenceContainer name=\"c{container}\"><EntryList>");
            for parameter in 0..PARAMETERS {
                let _ = writeln!(text, "<ParameterRefEntry parameterRef=\"p{container}_{parameter}\"/>");
            }
            text.push_str("</EntryList></SequenceContainer>");
        }
        text.push_str("</ContainerSet></TelemetryMetaData></SpaceSystem>");
    }
    text.push_str("</SpaceSystem>");
    let started = std::time::Instant::now();
    let database = loaded(&text);
    let read = started.elapsed();
    let plan = database.compile().unwrap();
    eprintln!(
        "{} MB of text: read in {read:?}, compiled in {:?}",
        text.len() / 1_000_000,
        started.elapsed() - read
    );
    let plan = plan.plan();
    assert_eq!(plan.parameters.len(), CONTAINERS * PARAMETERS);
    assert_eq!((plan.fields.len(), plan.roots.len()), (CONTAINERS * PARAMETERS, CONTAINERS));
    let (_, recorder) = common::decode(plan, "/T/S9/c299", &[0x80; 200]);
    assert_eq!(recorder.engineering.len(), PARAMETERS);
    assert_eq!(recorder.engineering[0], ("/T/S9/p299_0".into(), "Float(1.0)".into()));
}

/// A document with something of everything.
fn everything() -> String {
    let types = octet("u8")
        + "<StringParameterType name=\"s\"><StringDataEncoding encoding=\"UTF-16\"><Variable maxSizeInBits=\"64\"><DynamicValue><ParameterInstanceRef parameterRef=\"a\"/><LinearAdjustment slope=\"8\" intercept=\"-1\"/></DynamicValue><TerminationChar>0000</TerminationChar></Variable></StringDataEncoding></StringParameterType>\
           <FloatParameterType name=\"f\" baseType=\"g\"><UnitSet><Unit power=\"2\">m</Unit></UnitSet><FloatDataEncoding sizeInBits=\"32\" encoding=\"IBM\" byteOrder=\"1,0,3,2\"><DefaultCalibrator><SplineCalibrator order=\"2\" extrapolate=\"true\"><SplinePoint raw=\"0\" calibrated=\"1\"/><SplinePoint raw=\"1\" calibrated=\"3\"/><SplinePoint raw=\"2\" calibrated=\"9\"/></SplineCalibrator></DefaultCalibrator>\
           <ContextCalibratorList><ContextCalibrator><ContextMatch><ComparisonList><Comparison parameterRef=\"a\" value=\"1\"/><Comparison parameterRef=\"e\" value=\"w\"/></ComparisonList></ContextMatch><Calibrator><MathOperationCalibrator><ThisParameterOperand/><ValueOperand>2</ValueOperand><Operator>^</Operator></MathOperationCalibrator></Calibrator></ContextCalibrator></ContextCalibratorList></FloatDataEncoding><ValidRange minInclusive=\"-1\" maxExclusive=\"5\"/><DefaultAlarm minViolations=\"2\"><StaticAlarmRanges rangeForm=\"inside\"><WatchRange minInclusive=\"1\" maxInclusive=\"2\"/></StaticAlarmRanges></DefaultAlarm></FloatParameterType>\
           <FloatParameterType name=\"g\" sizeInBits=\"32\"/>\
           <EnumeratedParameterType name=\"en\"><IntegerDataEncoding sizeInBits=\"4\"/><EnumerationList><Enumeration value=\"0\" label=\"a\"/><Enumeration value=\"1\" maxValue=\"9\" label=\"w\"/></EnumerationList></EnumeratedParameterType>\
           <AbsoluteTimeParameterType name=\"at\"><Encoding units=\"milliseconds\" scale=\"0.5\"><IntegerDataEncoding sizeInBits=\"48\"/></Encoding><ReferenceTime><Epoch>2000-01-01T12:00:00Z</Epoch></ReferenceTime></AbsoluteTimeParameterType>\
           <ArrayParameterType name=\"ar\" arrayTypeRef=\"gt\"><DimensionList><Dimension><StartingIndex><FixedValue>0</FixedValue></StartingIndex><EndingIndex><DynamicValue><ParameterInstanceRef parameterRef=\"a\"/></DynamicValue></EndingIndex></Dimension></DimensionList></ArrayParameterType>\
           <AggregateParameterType name=\"gt\"><MemberList><Member name=\"x\" typeRef=\"en\"/><Member name=\"y\" typeRef=\"u8\"/></MemberList></AggregateParameterType>\
           <BinaryParameterType name=\"bi\"><BinaryDataEncoding><SizeInBits><DiscreteLookupList><DiscreteLookup value=\"8\"><BooleanExpression><ORedConditions><Condition><ParameterInstanceRef parameterRef=\"a\"/><ComparisonOperator>&lt;</ComparisonOperator><ParameterInstanceRef parameterRef=\"e\" useCalibratedValue=\"false\"/></Condition></ORedConditions></BooleanExpression></DiscreteLookup></DiscreteLookupList></SizeInBits></BinaryDataEncoding></BinaryParameterType>";
    let parameters = ["a:u8", "e:en", "p:s", "q:f", "t:at", "r:ar", "b:bi", "h:gt", "w:u8"].map(|both| {
        let (name, of_type) = both.split_once(':').unwrap();
        parameter(name, of_type)
    });
    let containers = container(
        "R",
        &[
            "a",
            "e",
            "<ParameterSegmentRefEntry parameterRef=\"w\" sizeInBits=\"4\"/>",
            "<ParameterSegmentRefEntry parameterRef=\"w\" sizeInBits=\"4\"/>",
            "h",
            "p",
            "<ParameterRefEntry parameterRef=\"q\"><LocationInContainerInBits referenceLocation=\"previousEntry\"><FixedValue>4</FixedValue></LocationInContainerInBits><RepeatEntry><Count><FixedValue>2</FixedValue></Count><Offset><FixedValue>3</FixedValue></Offset></RepeatEntry><IncludeCondition><Comparison parameterRef=\"h.y\" comparisonOperator=\"&gt;=\" value=\"2\"/></IncludeCondition></ParameterRefEntry>",
            "r",
            "<IndirectParameterRefEntry><ParameterInstance parameterRef=\"e\"/></IndirectParameterRefEntry>",
            "<FixedValueEntry binaryValue=\"00\" sizeInBits=\"4\"/>",
            "<ContainerRefEntry containerRef=\"S\"/>",
        ],
    ) + &container("S", &["b"])
        + "<SequenceContainer name=\"U\" abstract=\"true\"><EntryList><ParameterRefEntry parameterRef=\"t\"/></EntryList><BaseContainer containerRef=\"R\"><RestrictionCriteria><Comparison parameterRef=\"a\" value=\"1\"/></RestrictionCriteria></BaseContainer></SequenceContainer>";
    system("T", &types, &parameters.concat(), &containers, "")
}

#[test]
fn something_of_everything_loads() {
    let text = everything();
    let database = loaded(&text);
    assert!(!decoded(&database, &[2; 64]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever becomes of a document, there is a database that compiles and decodes, or there are errors.
    #[test]
    fn a_changed_document_is_a_database_or_errors(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..7), 1..6),
        packet in prop::collection::vec(any::<u8>(), 0..64),
        is_lenient in any::<bool>(),
    ) {
        let mut text = everything();
        for (at, other, kind) in edits {
            text = edited(&text, &at, &other, kind);
        }
        let found = if is_lenient { load_lenient(&text) } else { load(&text) };
        match found {
            Ok(database) => if let Ok(plan) = database.compile() {
                let plan = plan.plan();
                for &root in plan.roots {
                    let registers = vec![decom::row::Register::Empty; plan.registers as usize];
                    let mut recorder = common::Recorder::new(plan);
                    let mut decoder = decom::row::Decoder::new(plan, root, registers).unwrap();
                    let report = decoder.decode(&packet, &mut recorder);
                    prop_assert!(report.bits <= packet.len() * 8);
                }
            },
            Err(errors) => {
                prop_assert!(!errors.is_empty() && errors.len() <= 100);
                prop_assert!(errors.iter().all(|error| error.line >= 1 && error.column >= 1));
            }
        }
    }
}

/// The text with something cut off, taken out, doubled, exchanged or made another number.
fn edited(text: &str, at: &prop::sample::Index, other: &prop::sample::Index, kind: u8) -> String {
    let pieces = |begin: char| -> Vec<usize> { text.match_indices(begin).map(|(at, _)| at).collect() };
    let element = |at: &prop::sample::Index| {
        let starts = pieces('<');
        let start = if starts.is_empty() { 0 } else { starts[at.index(starts.len())] };
        let end = text[start..].find('>').map_or(text.len(), |end| start + end + 1);
        start..end
    };
    let value = |at: &prop::sample::Index| {
        let quotes = pieces('"');
        let first = if quotes.len() < 2 { return 0..0 } else { at.index(quotes.len() / 2) * 2 };
        quotes[first] + 1..*quotes.get(first + 1).unwrap_or(&text.len())
    };
    let replaced = |range: std::ops::Range<usize>, by: &str| {
        format!("{}{by}{}", &text[..range.start], &text[range.end.max(range.start)..])
    };
    match kind {
        0 => {
            let mut end = at.index(text.len() + 1);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text[..end].to_owned()
        }
        1 => replaced(element(at), ""),
        2 => {
            let range = element(at);
            replaced(range.clone(), &text[range].repeat(2))
        }
        3 => replaced(element(at), &text[element(other)]),
        4 => replaced(value(at), &text[value(other)]),
        5 => {
            let numbers = [
                "0",
                "-1",
                "1",
                "65",
                "4294967295",
                "9223372036854775807",
                "1e308",
                "NaN",
                "",
                "/T/R",
                "\u{FFFD}",
            ];
            replaced(value(at), numbers[other.index(numbers.len())])
        }
        _ => {
            // An element in the place where another one begins.
            let range = element(at);
            replaced(range.start..range.start, &text[element(other)])
        }
    }
}
