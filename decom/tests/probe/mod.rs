//! A plan as Rust source: made from `probe.xml` by `PlanBuf::to_rust`, and held against it by `tests/baked.rs`.

#![allow(clippy::indexing_slicing, reason = "a test may fail so")]
#![allow(missing_docs, unreachable_pub, reason = "a baked plan is made for programs of all kinds")]

include!("probe.rs");

/// Packets of every container of the database, and some that are too short, unknown, or noise.
pub fn packets() -> Vec<Vec<u8>> {
    // Constants of Knuth's MMIX generator.
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let mut packets = Vec::new();
    for round in 0..200u16 {
        let len = usize::from(next() % 60);
        let mut packet: Vec<u8> = (0..6 + len).map(|_| next()).collect();
        let apid = 98 + round % 14;
        packet[..2].copy_from_slice(&apid.to_be_bytes());
        if let Some(count) = packet.get_mut(11) {
            *count %= 12;
        }
        packets.push(packet);
    }
    packets.push(Vec::new());
    packets
}
