#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| fuzz::plan_row_vs_column(octets));
