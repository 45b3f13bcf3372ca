use super::*;
use crate::plan::Plan;
use proptest::prelude::*;
use std::format;
use std::vec::Vec;

/// In packets that hold less, or more, than the octets were chosen for.
fn same(field: Field, moved: Field, packet: &[u8]) {
    let value = |field: Field| format!("{:?}", field.extract(&Plan::default(), packet));
    assert_eq!(value(moved), value(field), "{moved:?}, {field:?}");
    assert_eq!((moved.bit(), moved.bits(), moved.kind()), (field.bit(), field.bits(), field.kind()));
}

fn kinds() -> impl Strategy<Value = FieldKind> {
    prop_oneof![
        Just(FieldKind::Signed),
        Just(FieldKind::Unsigned),
        Just(FieldKind::Float32),
        Just(FieldKind::Float64),
    ]
}

proptest! {
    #[test]
    fn a_field_has_the_same_value_from_whichever_octets_it_is_read(
        packet: Vec<u8>,
        bit in 0u32..240,
        bits in 1u8..=64,
        octet in 0u32..40,
        kind in kinds(),
    ) {
        let bits = match kind {
            FieldKind::Float32 => 32,
            FieldKind::Float64 => 64,
            _ => bits,
        };
        let field = Field::new(ItemId(0), bit, bits, kind);
        let end = (bit + u32::from(bits)).div_ceil(8);
        let is_one_load = |field: Field| field.octet & ELSEWHERE == 0;
        prop_assert_eq!(is_one_load(field), end - bit / 8 <= 8);
        same(field, Field::from_octet(octet, ItemId(0), bit, bits, kind), &packet);
        let moved = field.within(octet);
        same(field, moved, &packet);
        if is_one_load(field) && (8..=octet).contains(&end) {
            prop_assert!(moved.octet + 8 <= octet);
        }
    }

    /// Whatever they are made of.
    #[test]
    fn fields_lie_where_they_are_said_to(octet: u32, bit: u32, bits: u8, kind in kinds(), packet: Vec<u8>) {
        let field = Field::from_octet(octet, ItemId(1), bit, bits, kind);
        prop_assert_eq!((field.bit(), field.bits(), field.kind(), field.item()), (bit, bits, kind, ItemId(1)));
        prop_assert_eq!(field.extract(&Plan::default(), &packet), Field::new(ItemId(0), bit, bits, kind).extract(&Plan::default(), &packet));
    }
}

#[test]
fn no_bits_and_too_many_make_no_value() {
    let packet = [0xFF; 64];
    for kind in [FieldKind::Signed, FieldKind::Unsigned] {
        for (bit, bits) in [(0, 0), (7, 0), (0, 65), (1, 255)] {
            assert_eq!(Field::new(ItemId(0), bit, bits, kind).extract(&Plan::default(), &packet), None);
        }
    }
}
