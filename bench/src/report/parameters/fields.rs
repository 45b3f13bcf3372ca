//! The structure written by hand, but filled from fields of the database that are found when the program is compiled.
#![allow(clippy::indexing_slicing, reason = "of a constant: what is outside does not compile")]

use decom::plan::{Field, Plan};

use super::hand::{Header, JPSS_LEN, Jpss};

/// Baked from the layout; a test holds both against each other.
mod baked {
    #![allow(missing_docs, unreachable_pub, reason = "made for programs of all kinds")]

    include!("jpss.rs");
}

const PLAN: Plan<'static> = baked::PLAN;

const NAMES: [&str; 27] = [
    "P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13", "P14", "P15",
    "P16", "P17", "P18", "P19", "P20", "P21", "P22", "P23", "P24", "P25", "P26",
];

const FIELDS: [Field; NAMES.len()] = {
    let mut fields = [PLAN.fields[0]; NAMES.len()];
    let mut i = 0;
    while i < NAMES.len() {
        // Where there is none the values differ, and the test that bakes the plan anew can run; others write `expect` here.
        if let Some(field) = PLAN.field("DATA", NAMES[i]) {
            fields[i] = field;
        }
        i += 1;
    }
    fields
};

#[inline(always)]
fn whole<const I: usize>(packet: &[u8; JPSS_LEN]) -> u64 {
    const { FIELDS[I] }.unsigned(packet).unwrap_or_default()
}

#[inline(always)]
fn float<const I: usize>(packet: &[u8; JPSS_LEN]) -> f32 {
    const { FIELDS[I] }.float32(packet).unwrap_or_default()
}

#[inline(always)]
pub(super) fn jpss(packet: &[u8; JPSS_LEN]) -> Jpss {
    let floats = [
        float::<14>(packet),
        float::<15>(packet),
        float::<16>(packet),
        float::<17>(packet),
        float::<18>(packet),
        float::<19>(packet),
    ];
    let header = Header {
        version: whole::<0>(packet) as u8,
        kind: whole::<1>(packet) as u8,
        has_secondary: whole::<2>(packet) as u8,
        apid: whole::<3>(packet) as u16,
        flags: whole::<4>(packet) as u8,
        count: whole::<5>(packet) as u16,
        len: whole::<6>(packet) as u16,
    };
    Jpss {
        header,
        day: whole::<7>(packet) as u16,
        millisecond: whole::<8>(packet) as u32,
        microsecond: whole::<9>(packet) as u16,
        spacecraft: whole::<10>(packet) as u8,
        first: (whole::<11>(packet) as u16, whole::<12>(packet) as u32, whole::<13>(packet) as u16),
        position: floats,
        second: (whole::<20>(packet) as u16, whole::<21>(packet) as u32, whole::<22>(packet) as u16),
        attitude: [float::<23>(packet), float::<24>(packet), float::<25>(packet), float::<26>(packet)],
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::super::packets::Layout;

    /// With `BAKE` set, writes the source anew instead.
    #[test]
    fn the_plan_is_that_of_the_layout() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/parameters/jpss.rs");
        let source = Layout::jpss_like().database(false).compile().map(|plan| plan.to_rust());
        if env::var_os("BAKE").is_some() {
            fs::write(&path, source.as_ref().map_or("", |source| source)).unwrap_or_default();
        }
        let is_same = fs::read_to_string(path).ok() == source.ok();
        assert!(is_same, "run this test with BAKE=1 in the environment");
    }
}
