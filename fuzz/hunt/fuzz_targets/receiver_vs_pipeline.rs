#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| fuzz::receiver_vs_pipeline(octets));
