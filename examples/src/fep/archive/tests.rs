use super::*;
use std::path::Path;

use ccsds_core::quality::{CodingQuality, FrameMeta, FrameQuality, ReceiveTime};
use tempfile::TempDir;

use crate::fep::archive::replay::take_apart;
use crate::fep::failure::Failure;
use crate::fep::process::Sink;
use crate::fep::record::{Disposition, FrameRecord};

const MISSION: &str =
    "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"tm\"\nlength = 40\n[[channel]]\nscid = 5\nvcid = 1\n";

/// Frame `n`: a TM frame of spacecraft 5, channel 1.
fn frame(n: u8) -> Vec<u8> {
    let mut frame = vec![0x00, 0x52, n, n, 0x18, 0x00];
    frame.resize(40, n);
    frame
}

fn meta(n: u8) -> FrameMeta {
    let quality =
        FrameQuality { coding: CodingQuality::Corrected { symbols: n.into() }, ..FrameQuality::EXTERNAL };
    FrameMeta {
        ordinal: n.into(),
        stream_bit: 1000,
        received: ReceiveTime(1_000_000 + u64::from(n)),
        quality,
    }
}

/// Blocks of one, two, three … frames.
fn write(path: &Path, blocks: u8) -> u8 {
    let mut writer = ArchiveWriter::create(path, MISSION, true).unwrap();
    let mut n = 0;
    for block in 1..=blocks {
        for _ in 0..block {
            writer.push(&frame(n), &meta(n), Disposition::Good, None).unwrap();
            n += 1;
        }
        writer.flush().unwrap();
    }
    n
}

/// The frames that can be read, after making sure that each is as it was.
fn read(reader: &mut ArchiveReader) -> u8 {
    let (mut block, mut n) = (Block::default(), 0);
    while reader.next_block(&Selection::default(), &mut block).unwrap() {
        for (record, octets) in block.frames() {
            assert_eq!((octets, record.meta()), (&frame(n)[..], meta(n)));
            n += 1;
        }
    }
    n
}

#[test]
fn a_file_cut_off_anywhere_keeps_all_whole_blocks_and_goes_on() {
    let scratch = TempDir::new().unwrap();
    let (whole, cut) = (scratch.path().join("whole"), scratch.path().join("cut"));
    assert_eq!(write(&whole, 3), 6);
    let octets = fs::read(&whole).unwrap();
    let header = format::FileHeader::LEN + MISSION.len();
    let block = |frames: usize| format::BlockHeader::LEN + frames * (FrameRecord::LEN + 40);
    assert_eq!(octets.len(), header + block(1) + block(2) + block(3));
    for len in 0..octets.len() {
        fs::write(&cut, &octets[..len]).unwrap();
        if len < header {
            assert_eq!(ArchiveReader::open(&cut).unwrap_err().status(), 1);
            continue;
        }
        let expected = match len - header {
            len if len < block(1) => 0,
            len if len < block(1) + block(2) => 1,
            _ => 3,
        };
        let mut reader = ArchiveReader::open(&cut).unwrap();
        assert_eq!((read(&mut reader), reader.damaged()), (expected, 0), "cut at {len}");
        let mut writer = ArchiveWriter::append(&cut, MISSION).unwrap();
        for n in expected..9 {
            writer.push(&frame(n), &meta(n), Disposition::Good, None).unwrap();
        }
        writer.finish().unwrap();
        let mut reader = ArchiveReader::open(&cut).unwrap();
        assert_eq!((read(&mut reader), reader.damaged()), (9, 0), "cut at {len}");
    }
}

#[test]
fn a_damaged_octet_costs_its_block_and_no_other() {
    let scratch = TempDir::new().unwrap();
    let (whole, bad) = (scratch.path().join("whole"), scratch.path().join("bad"));
    write(&whole, 3);
    let octets = fs::read(&whole).unwrap();
    let header = format::FileHeader::LEN + MISSION.len();
    let block = |frames: usize| format::BlockHeader::LEN + frames * (FrameRecord::LEN + 40);
    for at in header..octets.len() {
        let mut octets = octets.clone();
        octets[at] ^= 0x10;
        fs::write(&bad, &octets).unwrap();
        let (lost, last) = match at - header {
            at if at < block(1) => (1, false),
            at if at < block(1) + block(2) => (2, false),
            _ => (3, true),
        };
        let (mut reader, mut block, mut frames) = (ArchiveReader::open(&bad).unwrap(), Block::default(), 0);
        while reader.next_block(&Selection::default(), &mut block).unwrap() {
            frames += block.frames().count();
        }
        assert_eq!(frames, 6 - lost, "octet {at}");
        // At the end a block with a damaged header cannot be told from one that is being written.
        assert!(reader.damaged() > 0 || last, "octet {at}");
    }
}

#[test]
fn a_file_is_read_while_it_grows() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("archive");
    let mut writer = ArchiveWriter::create(&path, MISSION, false).unwrap();
    let (mut reader, mut block, mut seen) = (ArchiveReader::open(&path).unwrap(), Block::default(), 0);
    for n in 0..20 {
        writer.push(&frame(n), &meta(n), Disposition::Good, None).unwrap();
        assert!(!reader.next_block(&Selection::default(), &mut block).unwrap());
        if n % 3 == 2 {
            writer.flush().unwrap();
            assert!(reader.next_block(&Selection::default(), &mut block).unwrap());
            seen += block.frames().count();
            assert_eq!(seen, usize::from(n) + 1);
        }
    }
}

#[test]
fn times_of_reception_are_carried_through_and_select() {
    struct Times(Vec<u64>);
    impl Sink for Times {
        fn any_frame(
            &mut self,
            _: &[u8],
            meta: &FrameMeta,
            _: Disposition,
            _: Option<&ccsds_core::frame::TransferFrame<'_>>,
        ) -> Result<(), Failure> {
            self.0.push(meta.received.0);
            Ok(())
        }
    }
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("archive");
    write(&path, 5);
    let mission = Mission::parse(MISSION, &path).unwrap();
    for (received, expected) in [(None, 0..15), (Some(1_000_004..=1_000_008), 4..9)] {
        let selection = Selection { received, ..Selection::default() };
        let (mut reader, mut times) = (ArchiveReader::open(&path).unwrap(), Times(Vec::new()));
        let report = take_apart(&mut reader, &mission, &selection, &mut times).unwrap();
        assert!(report.ledger.closed);
        assert_eq!(times.0, expected.map(|n| 1_000_000 + n).collect::<Vec<u64>>());
    }
}

#[test]
fn an_archive_of_another_mission_is_not_added_to() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("archive");
    write(&path, 1);
    let other = MISSION.replace("scid = 5", "scid = 6");
    assert_eq!(ArchiveWriter::append(&path, &other).unwrap_err().status(), 1);
}
