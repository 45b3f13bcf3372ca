//! Loading a mission database: XTCE to a plan that decodes, beside the parsing of the same text alone, and a plan baked before.

use std::fmt::Write;
use std::hint::black_box;

use decom::plan::PlanBuf;
use decom::xtce;

use super::Failure;
use super::contest::Contest;
use super::row::Unit;

/// Every work of this module.
///
/// # Errors
/// When the document is no database.
pub fn contests() -> Result<Vec<Contest>, Failure> {
    let text = document();
    let plan = load(&text)?;
    if plan.parameters.len() != PARAMETERS {
        return Err("parameters are missing".into());
    }
    let blob = plan.to_blob();
    let mut contest = Contest::new(LOAD, Unit { name: "parameter", octets: text.len() / PARAMETERS });
    let (len, ours) = (text.len(), text.clone());
    contest.ours_portable(len, move || {
        let plan = load(black_box(&ours)).map_or(0, |plan| plan.parameters.len());
        assert_eq!(plan, PARAMETERS);
    });
    contest.peer("roxmltree (XML alone)", len, move || {
        let nodes =
            roxmltree::Document::parse(black_box(&text)).map_or(0, |document| document.descendants().count());
        assert!(nodes > PARAMETERS);
    });
    // As many octets as the text, so that the ratio is one of times.
    contest.peer("baked", len, move || {
        let plan = PlanBuf::from_blob(black_box(&blob)).map_or(0, |plan| plan.parameters.len());
        assert_eq!(plan, PARAMETERS);
    });
    Ok(vec![contest])
}

fn load(text: &str) -> Result<PlanBuf, Failure> {
    let database = xtce::load(text).map_err(|errors| format!("{errors:?}"))?;
    Ok(database.compile().map_err(|errors| format!("{errors:?}"))?)
}

/// A database as large ones are: packets of a hundred parameters each, told by their process; every parameter has a type of its own,
/// one in four with a calibrator, one in four with words, one in four with limits.
fn document() -> String {
    let (mut types, mut parameters, mut containers) = (String::new(), String::new(), String::new());
    for i in 1..PARAMETERS {
        // Writing to a string does not fail.
        let _ = match i % 4 {
            0 => writeln!(
                types,
                "<FloatParameterType name=\"T{i}\"><UnitSet><Unit>V</Unit></UnitSet><IntegerDataEncoding sizeInBits=\"16\">\
                 <DefaultCalibrator><PolynomialCalibrator><Term coefficient=\"-{i}.5\" exponent=\"0\"/>\
                 <Term coefficient=\"0.25\" exponent=\"1\"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding>\
                 </FloatParameterType>"
            ),
            1 => writeln!(
                types,
                "<EnumeratedParameterType name=\"T{i}\"><IntegerDataEncoding sizeInBits=\"8\"/><EnumerationList>\
                 <Enumeration value=\"0\" label=\"OFF\"/><Enumeration value=\"1\" label=\"ON\"/></EnumerationList>\
                 </EnumeratedParameterType>"
            ),
            2 => writeln!(
                types,
                "<IntegerParameterType name=\"T{i}\"><IntegerDataEncoding sizeInBits=\"16\"/><DefaultAlarm><StaticAlarmRanges>\
                 <WarningRange minInclusive=\"5\" maxInclusive=\"60000\"/></StaticAlarmRanges></DefaultAlarm></IntegerParameterType>"
            ),
            _ => writeln!(
                types,
                "<IntegerParameterType name=\"T{i}\" shortDescription=\"counter {i}\"><IntegerDataEncoding sizeInBits=\"32\"/>\
                 </IntegerParameterType>"
            ),
        };
        let _ = writeln!(parameters, "<Parameter name=\"P{i}\" parameterTypeRef=\"T{i}\"/>");
    }
    let entry = |entries: String, i| entries + &format!("<ParameterRefEntry parameterRef=\"P{i}\"/>\n");
    for first in (1..PARAMETERS).step_by(100) {
        let entries = (first..(first + 100).min(PARAMETERS)).fold(String::new(), entry);
        let _ = writeln!(
            containers,
            "<SequenceContainer name=\"C{first}\"><EntryList>{entries}</EntryList><BaseContainer containerRef=\"PACKET\">\
             <RestrictionCriteria><Comparison parameterRef=\"APID\" value=\"{first}\"/></RestrictionCriteria></BaseContainer>\
             </SequenceContainer>"
        );
    }
    format!(
        "<SpaceSystem name=\"S\" xmlns=\"http://www.omg.org/spec/XTCE/20180204\"><TelemetryMetaData><ParameterTypeSet>\
         <IntegerParameterType name=\"APID_T\"><IntegerDataEncoding sizeInBits=\"32\"/></IntegerParameterType>\n{types}\
         </ParameterTypeSet><ParameterSet><Parameter name=\"APID\" parameterTypeRef=\"APID_T\"/>\n{parameters}</ParameterSet>\
         <ContainerSet><SequenceContainer name=\"PACKET\" abstract=\"true\"><EntryList>\
         <ParameterRefEntry parameterRef=\"APID\"/></EntryList></SequenceContainer>\n{containers}</ContainerSet>\
         </TelemetryMetaData></SpaceSystem>"
    )
}

const LOAD: &str = "load, check and compile 20,000 parameters of XTCE";
const PARAMETERS: usize = 20_000;
