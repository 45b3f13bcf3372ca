//! XTCE documents of one feature each, from the tests of `decom`.

use toml::{Table, Value};

use crate::parameters::common::documents::{expression_type, octets, xml};

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
            let Some(document) = document.as_table() else { continue };
            let packets = document.get("packets").and_then(Value::as_array).into_iter().flatten();
            // Where packets are missing, a word stands in their place.
            let packets = packets.map(|packet| text_of(packet, 0)).filter(|packet| *packet != "gap");
            documents.push(Document {
                name: format!("{subject}_{number}"),
                text: xml(document),
                packets: packets.map(octets).collect(),
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

/// One encoding: its name, its bits, and octets of a value.
fn encoding(name: String, element: &str, row: &Value) -> Document {
    let encoding = text_of(row, 0);
    let bits = row.get(1).and_then(Value::as_integer).unwrap_or_default();
    let of_type = format!(
        "<{element}ParameterType name=\"t\"><{element}DataEncoding sizeInBits=\"{bits}\" encoding=\"{encoding}\"/>\
         </{element}ParameterType>"
    );
    let value = octets(text_of(row, 2));
    let others = [vec![0; value.len()], vec![0xFF; value.len()], vec![0x80; value.len()]];
    Document { name, text: document(&of_type, "a:t", "a"), packets: [vec![value], others.to_vec()].concat() }
}

/// Expressions in reverse Polish order, each the calibrator of an octet of its own; `b` is the first octet.
fn expressions(name: String, rows: &[&Value]) -> Document {
    let (mut types, mut parameters, mut entries) = (String::new(), "b:u8".to_owned(), "b".to_owned());
    let mut packet = vec![5];
    for (number, row) in rows.iter().enumerate() {
        types += &expression_type(&format!("t{number}"), text_of(row, 0));
        parameters += &format!(" a{number}:t{number}");
        entries += &format!(" a{number}");
        packet.extend(octets(text_of(row, 1)));
    }
    let packets = vec![packet.clone(), vec![0; packet.len()], vec![0xFF; packet.len()]];
    Document { name, text: document(&types, &parameters, &entries), packets }
}

fn document(types: &str, parameters: &str, entries: &str) -> String {
    let parts = [("types", types), ("parameters", parameters), ("entries", entries)];
    xml(&parts.into_iter().map(|(key, text)| (key.to_owned(), text.into())).collect())
}

macro_rules! documents {
    ($($subject:literal)*) => {
        [$(($subject, include_str!(concat!("../../../decom/tests/documents/", $subject, ".toml")))),*]
    };
}

const DOCUMENTS: [(&str, &str); 25] = documents! {
    "alarms" "arrays" "binaries" "calibrators" "codes" "conditions" "constants" "containers" "contexts" "encodings" "entries" "epochs" "indirect" "next" "operators" "orders" "places" "ranges" "segments" "sizes" "slopes" "texts" "times" "types" "units"
};
