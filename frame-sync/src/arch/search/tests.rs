use std::vec;
use std::vec::Vec;

use super::*;

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

fn bit(octets: &[u8], at: usize) -> bool {
    octets.get(at / 8).is_some_and(|octet| octet >> (7 - at % 8) & 1 == 1)
}

/// Errors of the marker at a bit, one bit at a time.
fn errors(asm: &Asm, window: &[u8], at: usize) -> u32 {
    let word = |first: usize| (0..64).fold(0, |word, i| word << 1 | u64::from(bit(window, at + first + i)));
    asm.errors([word(0), word(64), word(128)])
}

/// Which bits match the marker in either polarity.
fn matches(wanted: Wanted<'_>, window: &[u8]) -> Vec<bool> {
    let weight = wanted.asm.weight();
    (0..window.len() * 8)
        .map(|at| errors(wanted.asm, window, at))
        .map(|errors| errors <= wanted.errors || weight - errors <= wanted.errors)
        .collect()
}

/// Every kernel, and [`plain`], which stands in for the portable one in firmware.
fn kernels() -> impl Iterator<Item = Option<SearchKernel>> {
    Level::ALL.into_iter().filter_map(SearchKernel::with_level).map(Some).chain([None])
}

fn first<T>(
    kernel: Option<SearchKernel>,
    wanted: Wanted<'_>,
    window: &[u8],
    from: usize,
    to: usize,
    accept: impl FnMut(usize) -> Option<T>,
) -> Option<T> {
    match kernel {
        Some(kernel) => kernel.first(wanted, window, from, to, accept),
        None => plain::search(wanted, window, from, to, accept),
    }
}

/// All matches from `start` on: in one search, and in one search for each.
fn check(wanted: Wanted<'_>, window: &[u8], start: usize, to: usize) {
    let matches = matches(wanted, window);
    let expected: Vec<usize> = (start..to).filter(|at| matches[*at]).collect();
    for kernel in kernels() {
        let (mut found, mut last) = (Vec::new(), None);
        let none = first(kernel, wanted, window, start, to, |at| {
            assert!((start..to).contains(&at) && last.is_none_or(|last| at > last), "in order");
            last = Some(at);
            found.extend(matches[at].then_some(at));
            None::<()>
        });
        let what = std::format!("{kernel:?}, {} octets from bit {start}", window.len());
        assert_eq!((&found, none), (&expected, None), "{what}");
        let (mut found, mut from) = (Vec::new(), start);
        while let Some(at) = first(kernel, wanted, window, from, to, |at| matches[at].then_some(at)) {
            found.push(at);
            from = at + 1;
        }
        assert_eq!(found, expected, "{what}");
    }
}

/// Write a marker, or its complement, with some bits wrong.
fn put(octets: &mut [u8], at: usize, asm: &Asm, inverted: bool, wrong: &[usize]) {
    let (marker, len) = asm.octets();
    for i in 0..len * 8 {
        let value = bit(&marker, i) ^ inverted ^ wrong.contains(&i);
        let (octet, mask) = (&mut octets[(at + i) / 8], 0x80 >> ((at + i) % 8));
        *octet = if value { *octet | mask } else { *octet & !mask };
    }
}

fn markers() -> [Asm; 8] {
    [
        Asm::new(&[0xEB]).unwrap(),
        Asm::new(&[0xEB, 0x90]).unwrap(),
        Asm::new(&[0xFA, 0xF3, 0x20]).unwrap(),
        Asm::TM,
        Asm::TM.ignoring(&[0x0F, 0x00, 0x81, 0xFF]).unwrap(),
        Asm::new(&[0xFE, 0x6B, 0x28, 0x40, 0xAB]).unwrap(),
        Asm::TURBO_1_2,
        Asm::TURBO_1_6,
    ]
}

#[test]
fn levels_find_markers_at_every_bit_in_either_polarity_with_every_tolerance() {
    for asm in markers() {
        for errors in [0, 1, 3, 7, 20].into_iter().filter(|errors| errors * 2 < asm.weight()) {
            for at in 0..64 {
                let mut octets = random(180);
                let wrong: Vec<usize> = (0..errors as usize).map(|i| i * 5 % asm.len_bits()).collect();
                put(&mut octets, at, &asm, at % 2 == 1, &wrong);
                put(&mut octets, 600 + at * 3, &asm, at % 3 == 0, &wrong);
                check(Wanted { asm: &asm, errors }, &octets, at % 7, octets.len() * 8);
            }
        }
    }
}

#[test]
fn levels_agree_at_every_length_and_start() {
    let mut octets = random(640);
    for i in 0..9 {
        put(&mut octets, 37 + i * 561, &Asm::TM, i % 2 == 1, &[i]);
    }
    for len in 0..=600 {
        for (errors, start) in [(0, len % 64), (1, (len + 5) % 64), (3, 0)] {
            // An allocation of exactly this size: valgrind sees a read beyond it.
            let window = octets[..len].to_vec().into_boxed_slice();
            let to = (len * 8).saturating_sub(len % 40);
            check(Wanted { asm: &Asm::TM, errors }, &window, start.min(to), to);
        }
    }
    for misalignment in 0..64 {
        check(Wanted { asm: &Asm::TM, errors: 0 }, &octets[misalignment..], misalignment, 4600);
        check(Wanted { asm: &Asm::TM, errors: 1 }, &octets[misalignment..], misalignment, 4600);
    }
}

#[test]
fn levels_agree_on_data_without_noise() {
    let marker_dense: Vec<u8> = [0x1A, 0xCF, 0xFC, 0x1D, 0xE5, 0x30, 0x03, 0xE2].repeat(30);
    let mut single_bit = vec![0; 200];
    single_bit[77] = 4;
    for data in [vec![0xFF; 200], vec![0; 200], vec![0x55; 200], marker_dense, single_bit] {
        for asm in markers() {
            for errors in [0, 2, 3].into_iter().filter(|errors| errors * 2 < asm.weight()) {
                check(Wanted { asm: &asm, errors }, &data, 0, data.len() * 8);
            }
        }
    }
}

#[test]
fn levels_that_the_machine_lacks_are_refused() {
    for level in Level::ALL {
        assert_eq!(SearchKernel::with_level(level).is_some(), level.is_available());
    }
}
