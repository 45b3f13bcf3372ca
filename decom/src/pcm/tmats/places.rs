//! Places of measurements: the D group.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::attribute::{Attribute, Group};
use super::{ORDERS, Reader};
use crate::pcm::format::{Measurement, Part, Place, WordBits, WordOrder};

/// The measurements of all lists of a group.
pub(super) fn read(group: &Group<'_>, reader: &mut Reader) -> Vec<Measurement> {
    group.know(&["DLN", r"ML\N", "MLN", r"MN\N", "COM"]);
    let mut measurements = Vec::new();
    for attribute in group.all("MN") {
        let [list, number] = attribute.indices[..] else {
            reader.error(
                attribute.line,
                &attribute.code,
                "a name stands behind the numbers of list and measurement",
            );
            continue;
        };
        measurements.extend(measurement(group, attribute, [list, number], reader));
    }
    measurements
}

fn measurement(
    group: &Group<'_>,
    name: &Attribute<'_>,
    [list, number]: [u32; 2],
    reader: &mut Reader,
) -> Option<Measurement> {
    let key = [list, number];
    let kind = group.get("LT", &key);
    if let Some(kind) = kind.filter(|kind| !kind.value.eq_ignore_ascii_case("WDFR")) {
        reader.omit(kind, "only places by word and frame (WDFR) are supported: the measurement is left out");
        return None;
    }
    reader.word(group.get("MN1", &key), &[("DE", ()), ("NO", ()), ("NONE", ()), ("D", ())])?;
    group.get("MN2", &key);
    let order = order(group.get("MN3", &key), reader)?;
    let places = reader.number(group, r"MML\N", &key, 1).unwrap_or(1);
    let mut found = Measurement { name: name.value.to_string(), order, ..Measurement::default() };
    for place in 1..=places.min(MAX_COUNT) {
        found.places.push(read_place(group, [list, number, place], &mut found.order, reader)?);
    }
    Some(found)
}

fn read_place(
    group: &Group<'_>,
    [list, number, place]: [u32; 3],
    measurement_order: &mut Option<WordOrder>,
    reader: &mut Reader,
) -> Option<Place> {
    let fragments = reader.number(group, r"MNF\N", &[list, number, place], 1).unwrap_or(1);
    let mut parts = Vec::new();
    for fragment in 1..=fragments.min(MAX_COUNT) {
        let key = [list, number, place, fragment];
        let Some(first) = group.get("WP", &key) else {
            let code = group.code(&format!("WP-{list}-{number}-{place}-{fragment}"));
            reader.error(group.line, &code, "the word is missing");
            return None;
        };
        let word = reader.number(group, "WP", &key, 1)?;
        let (first_bit, bits) = mask(group.get("WFM", &key), reader)?;
        // The positions of fragments order them; where none is given they are in order.
        let position = reader.number(group, "WFP", &key, 1);
        let part_order = order(group.get("WFT", &key), reader)?;
        if let Some(part_order) = part_order {
            if measurement_order.is_some_and(|other| other != part_order)
                || (fragment > 1 && measurement_order.is_none())
            {
                reader.error(first.line, &first.code, "parts of different transfer orders are not supported");
                return None;
            }
            *measurement_order = Some(part_order);
        }
        parts.push((
            position.unwrap_or(1),
            Part {
                bits: WordBits { word, first_bit, bits },
                word_interval: reader.number(group, "WI", &key, 0).unwrap_or(0),
                last_word: reader.number(group, "EWP", &key, 0).unwrap_or(0),
                frame: reader.number(group, "FP", &key, 1).unwrap_or(1),
                frame_interval: reader.number(group, "FI", &key, 0).unwrap_or(1),
                last_frame: reader.number(group, "EFP", &key, 0).unwrap_or(0),
            },
        ));
    }
    parts.sort_by_key(|(position, _)| *position);
    Some(Place { parts: parts.into_iter().map(|(_, part)| part).collect() })
}

/// The order in which bits come; nothing for that of the format.
fn order(attribute: Option<&Attribute<'_>>, reader: &mut Reader) -> Option<Option<WordOrder>> {
    match attribute {
        Some(given) if !given.value.is_empty() && !given.value.eq_ignore_ascii_case("D") => {
            reader.word(attribute, ORDERS).map(Some)
        }
        _ => Some(None),
    }
}

/// First bit and number of bits of a mask: ones in a row, the leftmost for the most significant bit. `FW` is the full word.
fn mask(attribute: Option<&Attribute<'_>>, reader: &mut Reader) -> Option<(u32, u32)> {
    let Some(attribute) =
        attribute.filter(|given| !given.value.is_empty() && !given.value.eq_ignore_ascii_case("FW"))
    else {
        return Some((1, 0));
    };
    let mask = attribute.value;
    let skipped = mask.find('1');
    let ones = mask.trim_start_matches('0').trim_end_matches('0');
    match skipped {
        Some(skipped) if ones.bytes().all(|bit| bit == b'1') => {
            Some((u32::try_from(skipped + 1).ok()?, u32::try_from(ones.len()).ok()?))
        }
        _ => {
            let what = format!("`{mask}` is no mask of ones in a row: use fragments");
            reader.error(attribute.line, &attribute.code, what);
            None
        }
    }
}

/// Places and fragments of a measurement; more are no measurement but a mistake.
const MAX_COUNT: u32 = 65_536;
