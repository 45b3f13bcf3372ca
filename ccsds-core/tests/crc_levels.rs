//! Every kernel level of the frame error control field equals the scalar one, which equals long division.

use ccsds_core::arch::Level;
use ccsds_core::fecf::{Crc16, crc16};

/// Long division, one bit at a time.
fn naive(octets: &[u8]) -> u16 {
    octets.iter().fold(0xFFFF, |register, octet| {
        (0..8).fold(register ^ u16::from(*octet) << 8, |register, _| {
            if register & 0x8000 == 0 { register << 1 } else { register << 1 ^ 0x1021 }
        })
    })
}

/// Xorshift: the same octets in each run.
fn random(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

fn levels() -> impl Iterator<Item = Crc16> {
    Level::ALL.into_iter().filter_map(Crc16::with_level)
}

#[test]
fn levels_equal_long_division_at_every_length_and_misalignment() {
    for data in [random(700), vec![0xFF; 700], vec![0; 700]] {
        for len in 0..=600 {
            for misalignment in 0..64 {
                let octets = &data[misalignment..misalignment + len];
                let expected = if misalignment == 0 || len % 37 == 0 {
                    naive(octets)
                } else {
                    Crc16::with_level(Level::Scalar).unwrap().checksum(octets)
                };
                for crc in levels() {
                    assert_eq!(
                        crc.checksum(octets),
                        expected,
                        "{:?}, {len} octets from {misalignment}",
                        crc.level()
                    );
                }
            }
        }
    }
}

/// Each bit's share of the check: the check is linear, so these are all of it.
#[test]
fn levels_equal_long_division_on_every_single_bit() {
    for len in [16, 20, 64, 65, 128, 129, 256, 600] {
        for bit in 0..len * 8 {
            let mut octets = vec![0; len];
            octets[bit / 8] = 0x80 >> (bit % 8);
            let expected = naive(&octets);
            for crc in levels() {
                assert_eq!(crc.checksum(&octets), expected, "{:?}, bit {bit} of {len} octets", crc.level());
            }
        }
    }
}

#[test]
fn levels_equal_long_division_on_whole_frames() {
    for len in [1115, 2044, 8191, 8192, 65_535, 65_536, 200_001] {
        // An allocation of exactly this size: valgrind sees a read beyond it.
        let octets = random(len).into_boxed_slice();
        for crc in levels() {
            assert_eq!(crc.checksum(&octets), naive(&octets), "{:?}, {len} octets", crc.level());
        }
    }
}

#[test]
fn a_frame_with_its_check_leaves_no_remainder() {
    for len in 0..300 {
        let mut frame = random(len);
        frame.extend(crc16(&frame).to_be_bytes());
        for crc in levels() {
            assert_eq!(crc.checksum(&frame), 0, "{:?}, {len} octets", crc.level());
        }
    }
}

#[test]
fn levels_that_the_machine_lacks_are_refused() {
    for level in Level::ALL {
        assert_eq!(Crc16::with_level(level).is_some(), level.is_available());
    }
}
