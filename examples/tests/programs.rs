//! The short programs run, and say what they should.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

use std::process::Command;

#[track_caller]
fn said(program: &str) -> String {
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn parse_frame_reads_every_layer() {
    let said = said(env!("CARGO_BIN_EXE_parse_frame"));
    assert_eq!(
        said,
        "TM/680/4 frame count 42\n\
         packet zone of 10 octets, first header At(0)\n\
         the spacecraft expects telecommand frame 253 next\n"
    );
}

#[test]
fn receive_static_delivers_every_packet() {
    let said = said(env!("CARGO_BIN_EXE_receive_static"));
    assert_eq!(said.lines().filter(|line| line.starts_with("packet of 56 octets")).count(), 10, "{said}");
}

#[test]
fn rs_roundtrip_corrects_what_it_can() {
    let said = said(env!("CARGO_BIN_EXE_rs_roundtrip"));
    assert_eq!(said, "80 symbols corrected\n1 codeword beyond correction\n");
}
