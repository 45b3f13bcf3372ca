//! XTCE documents of one feature each: `documents/` describes the parts that matter, [`xml`] puts the rest around them.

use std::fmt::Write;

use toml::{Table, Value};

/// The whole document, with those that it uses of the types that are always there.
pub fn xml(document: &Table) -> String {
    let part = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or("");
    let (types, containers, inside) = (part("types"), part("containers"), part("inside"));
    let used = [types, part("parameters"), containers, part("entries"), inside].join(" ");
    let mut common = String::new();
    for bits in 1..=64 {
        for (letter, encoding) in [('u', "unsigned"), ('i', "twosComplement")] {
            let name = format!("{letter}{bits}");
            if used.contains(&name) {
                let _ = write!(
                    common,
                    "<IntegerParameterType name=\"{name}\"><IntegerDataEncoding encoding=\"{encoding}\" \
                     sizeInBits=\"{bits}\"/></IntegerParameterType>"
                );
            }
        }
        let name = format!("f{bits}");
        if matches!(bits, 32 | 64) && used.contains(&name) {
            let _ = write!(
                common,
                "<FloatParameterType name=\"{name}\"><FloatDataEncoding sizeInBits=\"{bits}\"/></FloatParameterType>"
            );
        }
    }
    let lines = |text: &str, of_word: &dyn Fn(&str) -> String| {
        text.lines().fold(String::new(), |mut all, line| {
            match line.trim() {
                element if element.starts_with('<') => all.push_str(element),
                words => all.extend(words.split_whitespace().map(of_word)),
            }
            all.push('\n');
            all
        })
    };
    let parameters = lines(part("parameters"), &|word| {
        let (name, of_type) = word.split_once(':').unwrap();
        format!("<Parameter name=\"{name}\" parameterTypeRef=\"{of_type}\"/>")
    });
    let entries = lines(part("entries"), &|name| format!("<ParameterRefEntry parameterRef=\"{name}\"/>"));
    let root = part("root");
    format!(
        "<SpaceSystem name=\"T\" xmlns=\"http://www.omg.org/spec/XTCE/20180204\"><TelemetryMetaData>\n\
         <ParameterTypeSet>{common}\n{types}</ParameterTypeSet>\n<ParameterSet>{parameters}</ParameterSet>\n\
         <ContainerSet><SequenceContainer name=\"R\" {root}>{inside}<EntryList>\n{entries}</EntryList></SequenceContainer>\n\
         {containers}</ContainerSet></TelemetryMetaData></SpaceSystem>"
    )
}

/// A type of octets with this expression, in reverse Polish order, as their calibrator. `b` is a parameter.
pub fn expression_type(name: &str, expression: &str) -> String {
    let steps = expression.split(' ').fold(String::new(), |mut steps, step| {
        let _ = match step {
            "this" => write!(steps, "<ThisParameterOperand/>"),
            "b" => write!(steps, "<ParameterInstanceRefOperand parameterRef=\"b\"/>"),
            number if number.parse::<f64>().is_ok() => write!(steps, "<ValueOperand>{number}</ValueOperand>"),
            operator => {
                let operator = operator.replace('&', "&amp;").replace('<', "&lt;");
                write!(steps, "<Operator>{operator}</Operator>")
            }
        };
        steps
    });
    format!(
        "<FloatParameterType name=\"{name}\"><IntegerDataEncoding sizeInBits=\"8\" encoding=\"twosComplement\">\
         <DefaultCalibrator><MathOperationCalibrator>{steps}</MathOperationCalibrator></DefaultCalibrator>\
         </IntegerDataEncoding></FloatParameterType>"
    )
}

/// Octets from pairs of digits.
pub fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> =
        hex.chars().filter(|digit| !digit.is_whitespace()).map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}
