//! No kernel level of the frame error control field reads beyond the octets it is given.

mod guard;

use ccsds_core::arch::Level;
use ccsds_core::fecf::Crc16;

use self::guard::{Flush, Guarded};

#[test]
fn no_level_reads_beyond_the_message() {
    let octets: Vec<u8> = (0..9000u32).map(|i| (i.wrapping_mul(0x9E37_79B1) >> 24) as u8).collect();
    let mut guarded = Guarded::new(octets.len());
    for len in (0..=600).chain([1113, 1115, 2044, 4095, 4096, 4097, 8192, 8999]) {
        let message = &octets[..len];
        // Of another author, and from memory without guards.
        let expected = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740).checksum(message);
        for flush in Flush::BOTH {
            let message = guarded.put(message, flush);
            for crc in Level::ALL.into_iter().filter_map(Crc16::with_level) {
                assert_eq!(crc.checksum(message), expected, "{:?}, {len} octets, {flush:?}", crc.level());
            }
            assert!(guarded.is_untouched_beside(len, flush));
        }
    }
}
