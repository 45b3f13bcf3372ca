//! XTCE documents of one feature each, from the tests of `decom`.

use std::fmt::Write;

use toml::{Table, Value};

/// A document, and packets of it.
pub(super) struct Document {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) packets: Vec<Vec<u8>>,
}

/// All of them, and some with every encoding and every operator.
pub(super) fn all() -> Vec<Document> {
    let mut documents = Vec::new();
    for (subject, text) in DOCUMENTS {
        let table: Table = text.parse().unwrap_or_default();
        for (number, document) in rows(&table, "document").enumerate() {
            let packets = document.get("packets").and_then(Value::as_array).into_iter().flatten();
            documents.push(Document {
                name: format!("{subject}_{number}"),
                text: whole(document),
                packets: packets.map(|packet| octets(text_of(packet, 0))).collect(),
            });
        }
        for (kind, element) in [("integers", "Integer"), ("floats", "Float")] {
            for (number, row) in rows(&table, kind).enumerate() {
                documents.push(encoding(format!("{kind}_{number}"), element, row));
            }
        }
        let operators: Vec<&Value> = rows(&table, "operators").collect();
        for (number, rows) in operators.chunks(9).enumerate() {
            documents.push(expressions(format!("operators_{number}"), rows));
        }
    }
    documents
}

fn rows<'t>(table: &'t Table, name: &str) -> impl Iterator<Item = &'t Value> {
    table.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text_of(row: &Value, at: usize) -> &str {
    row.get(at).and_then(Value::as_str).unwrap_or_default()
}

fn octets(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(char::is_ascii_hexdigit).collect();
    let octet = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).ok();
    digits.chunks(2).filter_map(octet).collect()
}

/// One encoding: its name, its bits, and octets of a value.
fn encoding(name: String, element: &str, row: &Value) -> Document {
    let (encoding, digits) = (text_of(row, 0), text_of(row, 2));
    let bits = row.get(1).and_then(Value::as_integer).unwrap_or_default();
    let text = format!(
        "<SpaceSystem name=\"T\"><TelemetryMetaData><ParameterTypeSet><{element}ParameterType name=\"t\">\
         <{element}DataEncoding sizeInBits=\"{bits}\" encoding=\"{encoding}\"/></{element}ParameterType></ParameterTypeSet>\
         <ParameterSet><Parameter name=\"a\" parameterTypeRef=\"t\"/></ParameterSet><ContainerSet><SequenceContainer name=\"R\">\
         <EntryList><ParameterRefEntry parameterRef=\"a\"/></EntryList></SequenceContainer></ContainerSet></TelemetryMetaData>\
         </SpaceSystem>"
    );
    let value = octets(digits);
    let others = [vec![0; value.len()], vec![0xFF; value.len()], vec![0x80; value.len()]];
    Document { name, text, packets: [vec![value], others.to_vec()].concat() }
}

/// Expressions in reverse Polish order, each the calibrator of an octet of its own; `b` is the first octet.
fn expressions(name: String, rows: &[&Value]) -> Document {
    let (mut types, mut parameters, mut entries) = (String::new(), String::new(), String::new());
    let mut packet = vec![5];
    for (number, row) in rows.iter().enumerate() {
        let mut steps = String::new();
        for step in text_of(row, 0).split(' ') {
            let _ = match step {
                "this" => write!(steps, "<ThisParameterOperand/>"),
                "b" => write!(steps, "<ParameterInstanceRefOperand parameterRef=\"b\"/>"),
                number if number.parse::<f64>().is_ok() => {
                    write!(steps, "<ValueOperand>{number}</ValueOperand>")
                }
                operator => {
                    let operator = operator.replace('&', "&amp;").replace('<', "&lt;");
                    write!(steps, "<Operator>{operator}</Operator>")
                }
            };
        }
        types += &format!(
            "<FloatParameterType name=\"t{number}\"><IntegerDataEncoding sizeInBits=\"8\" encoding=\"twosComplement\">\
             <DefaultCalibrator><MathOperationCalibrator>{steps}</MathOperationCalibrator></DefaultCalibrator>\
             </IntegerDataEncoding></FloatParameterType>\n"
        );
        parameters += &format!("<Parameter name=\"a{number}\" parameterTypeRef=\"t{number}\"/>");
        entries += &format!("<ParameterRefEntry parameterRef=\"a{number}\"/>");
        packet.extend(octets(text_of(row, 1)));
    }
    let text = format!(
        "<SpaceSystem name=\"T\"><TelemetryMetaData><ParameterTypeSet><IntegerParameterType name=\"u8\"><IntegerDataEncoding \
         sizeInBits=\"8\"/></IntegerParameterType>{types}</ParameterTypeSet><ParameterSet><Parameter name=\"b\" \
         parameterTypeRef=\"u8\"/>{parameters}</ParameterSet><ContainerSet><SequenceContainer name=\"R\"><EntryList>\
         <ParameterRefEntry parameterRef=\"b\"/>{entries}</EntryList></SequenceContainer></ContainerSet></TelemetryMetaData>\
         </SpaceSystem>"
    );
    Document { name, text, packets: vec![packet.clone(), vec![0; packet.len()], vec![0xFF; packet.len()]] }
}

/// The whole document, with the types that it uses of those that are always there.
fn whole(document: &Value) -> String {
    let part = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut types = String::new();
    let lines = |text: &str, of_word: &dyn Fn(&str) -> String| -> String {
        let of_line = |line: &str| match line.trim() {
            element if element.starts_with('<') => format!("{element}\n"),
            words => words.split_whitespace().map(of_word).collect(),
        };
        text.lines().map(of_line).collect()
    };
    let all =
        [part("types"), part("parameters"), part("containers"), part("entries"), part("inside")].concat();
    for bits in 1..=64 {
        for (letter, encoding) in [('u', "unsigned"), ('i', "twosComplement")] {
            let name = format!("{letter}{bits}");
            if all.contains(&name) {
                types += &format!(
                    "<IntegerParameterType name=\"{name}\"><IntegerDataEncoding encoding=\"{encoding}\" \
                     sizeInBits=\"{bits}\"/></IntegerParameterType>"
                );
            }
        }
        if all.contains(&format!("f{bits}")) {
            types += &format!(
                "<FloatParameterType name=\"f{bits}\"><FloatDataEncoding sizeInBits=\"{bits}\"/></FloatParameterType>"
            );
        }
    }
    let parameters = lines(part("parameters"), &|word| {
        let (name, of_type) = word.split_once(':').unwrap_or_default();
        format!("<Parameter name=\"{name}\" parameterTypeRef=\"{of_type}\"/>")
    });
    let entries = lines(part("entries"), &|name| format!("<ParameterRefEntry parameterRef=\"{name}\"/>"));
    let (types_too, containers, root, inside) =
        (part("types"), part("containers"), part("root"), part("inside"));
    format!(
        "<SpaceSystem name=\"T\"><TelemetryMetaData><ParameterTypeSet>{types}{types_too}</ParameterTypeSet>\n\
         <ParameterSet>{parameters}</ParameterSet>\n<ContainerSet><SequenceContainer name=\"R\" {root}>{inside}\
         <EntryList>{entries}</EntryList></SequenceContainer>\n{containers}</ContainerSet></TelemetryMetaData></SpaceSystem>"
    )
}

macro_rules! documents {
    ($($subject:literal)*) => {
        [$(($subject, include_str!(concat!("../../../decom/tests/documents/", $subject, ".toml")))),*]
    };
}

const DOCUMENTS: [(&str, &str); 25] = documents! {
    "alarms" "arrays" "binaries" "calibrators" "codes" "conditions" "constants" "containers" "contexts" "encodings" "entries" "epochs" "indirect" "next" "operators" "orders" "places" "ranges" "segments" "sizes" "slopes" "texts" "times" "types" "units"
};
