//! Debian's libfec (package libfec-dev), behind the feature `libfec`.
#![allow(unsafe_code, reason = "the declaration of a C function")]

use std::ffi::c_int;
use std::hint::black_box;
use std::rc::Rc;

use crate::report::contest::Contest;
use crate::report::material::{Blocks, Tally};
use crate::report::peers::rs::{expected, few};

/// Enter libfec, which corrects in place, as ours does.
pub(super) fn enter(contest: &mut Contest, blocks: Rc<Blocks>, errors: usize) {
    let expected = expected(&blocks, errors);
    let mut words = few(&blocks).to_vec();
    contest.peer("libfec", words.len() * 255, move || {
        if errors > 0 {
            words.copy_from_slice(few(&blocks));
        }
        let mut tally = Tally::default();
        for word in black_box(&mut words) {
            match decode_rs_ccsds(word, None, 0, 0) {
                symbols @ 0.. => tally.symbols += u64::from(symbols.unsigned_abs()),
                _ => tally.uncorrectable += 1,
            }
        }
        assert_eq!(tally, expected);
    });
}

#[link(name = "fec")]
// SAFETY: fec.h declares `int decode_rs_ccsds(unsigned char *data, int *eras_pos, int no_eras, int pad)`. It reads and writes
// 255 − pad octets of data; it writes up to 32 positions where `eras_pos` is not null. References to arrays of these lengths
// are such pointers, and `None` is null.
unsafe extern "C" {
    safe fn decode_rs_ccsds(
        data: &mut [u8; 255],
        eras_pos: Option<&mut [c_int; 32]>,
        no_eras: c_int,
        pad: c_int,
    ) -> c_int;
}
