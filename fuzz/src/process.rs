//! `fep process` in process: every way of reading gives the same, and every account closes.

use std::path::Path;
use std::sync::Arc;

use ccsds_core::frame::TransferFrame;
use ccsds_core::packet::Packet;
use ccsds_core::quality::FrameMeta;
use examples::fep::failure::Failure;
use examples::fep::input::{Input, Source};
use examples::fep::mission::Mission;
use examples::fep::process::{Sink, decode};
use examples::fep::progress::Progress;
use examples::fep::record::Disposition;
use examples::fep::report::Report;

use crate::choices::Choices;
use crate::stream::stream;

/// Any octets, or operations on CADUs, through the whole chain of a small mission: mapped, read, and in two parts they give the
/// same frames, packets and report; what comes out is what the report counts; the ledger closes.
pub fn fep_process(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let (text, block_len) = choices.pick(&MISSIONS);
    let mission = Mission::parse(text, Path::new("m.toml")).unwrap();
    let threads = 1 + choices.below(2);
    let cut = choices.below_wide(1 << 12);
    let limit = choices.flag().then(|| choices.below_wide(1 << 12) as u64);
    let stream = stream(choices, &[0x1A, 0xCF, 0xFC, 0x1D], block_len, 0);

    let whole = vec![Input::Octets(Arc::from(&stream[..]))];
    let (head, tail) = stream.split_at(cut.min(stream.len()));
    let parts = vec![Input::Octets(Arc::from(head)), Input::Octets(Arc::from(tail))];
    let mut answers = [(true, whole.clone()), (false, whole), (true, parts)].map(|(map, inputs)| {
        let source = Source { inputs, map, limit, line_code: mission.line_code() };
        let mut taken = Taken::default();
        let report = decode(&mission, &source, Some(threads), &mut taken, &mut Progress::silent());
        let mut report = report.unwrap_or_else(|failure| panic!("{failure}"));
        // Time alone differs from run to run.
        (report.seconds, report.gbit_per_s) = (0.0, 0.0);
        (report, taken)
    });
    let (report, taken) = &answers[0];
    check(report, taken, limit.map_or(stream.len() as u64, |limit| limit.min(stream.len() as u64)));
    assert!(answers[0] == answers[1], "mapped and read");
    assert!(answers[0] == answers[2], "whole and in parts");
    // The report says the same for people as for machines, and neither is a trouble to write.
    let (report, _) = &mut answers[0];
    assert!(report.to_json().is_ok() && !report.to_text().is_empty());
}

fn check(report: &Report, taken: &Taken, octets: u64) {
    assert!(report.ledger.closed, "{}", report.to_text());
    assert_eq!(report.input.octets, octets);
    if let Some(frames) = &report.frames {
        assert_eq!(frames.total, taken.all_frames);
        assert!(taken.frames <= frames.total);
    }
    if let Some(sync) = &report.sync {
        assert_eq!(Some(sync.cadus), report.frames.as_ref().map(|frames| frames.total));
    }
}

/// What came out.
#[derive(Debug, Default, PartialEq)]
struct Taken {
    frames: u64,
    all_frames: u64,
    packets: u64,
    /// Everything, put into one number.
    digest: u32,
}

impl Taken {
    fn enter(&mut self, channel: usize, octets: &[u8]) {
        let fold = |digest: u32, octet: &u8| (digest ^ u32::from(*octet)).wrapping_mul(0x0100_0193);
        self.digest = octets.iter().fold(self.digest ^ channel as u32, fold);
    }
}

impl Sink for Taken {
    fn frame(&mut self, channel: usize, bytes: &[u8]) -> Result<(), Failure> {
        self.frames += 1;
        self.enter(channel, bytes);
        Ok(())
    }

    fn any_frame(
        &mut self,
        bytes: &[u8],
        meta: &FrameMeta,
        _disposition: Disposition,
        frame: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        assert_eq!(meta.ordinal, self.all_frames);
        self.all_frames += 1;
        self.enter(usize::from(frame.is_some()), bytes);
        Ok(())
    }

    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.packets += 1;
        self.enter(channel, packet.bytes);
        Ok(())
    }
}

/// Small missions of each kind, and the octets of a block.
const MISSIONS: [(&str, usize); 7] = [
    (
        "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n[coding]\nrandomizer = \"none\"\nscheme = \"none\"\n\
         [frame]\nprotocol = \"tm\"\nlength = 40\nfecf = \"crc16\"\nocf = \"flagged\"\n[[channel]]\nscid = 42\nvcid = \"0-6\"\n",
        40,
    ),
    (
        "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n[coding]\nrandomizer = \"none\"\nscheme = \"none\"\n\
         [frame]\nprotocol = \"tm\"\nlength = 40\n[[channel]]\nscid = 42\nvcid = \"0-6\"\nmax_packet = 60\n",
        40,
    ),
    (
        "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n[coding]\nrandomizer = \"ccsds-255\"\n\
         scheme = \"reed-solomon\"\nvirtual_fill = 170\n\
         [frame]\nprotocol = \"aos\"\nlength = 53\n[[channel]]\nscid = 42\nvcid = \"0-63\"\n",
        85,
    ),
    (
        "[input]\nkind = \"bits\"\nline_code = \"nrz-m\"\n[sync]\nmarker = \"1ACFFC1D\"\nverify = 0\n\
         [coding]\nrandomizer = \"none\"\nscheme = \"none\"\n\
         [frame]\nprotocol = \"uslp\"\nlength = 60\ninsert_zone = 3\nocf = \"flagged\"\n[[channel]]\nscid = 48879\nvcid = \"0-62\"\n",
        60,
    ),
    (
        "[input]\nkind = \"frames\"\nskip = 2\n[frame]\nprotocol = \"aos\"\nlength = 32\nheader_error_control = true\n\
         [[channel]]\nscid = 1\nvcid = [1, 2]\n[[channel]]\nvcid = 3\ncontent = \"bitstream\"\n[[channel]]\nvcid = 4\ncontent = \"vca\"\n",
        28,
    ),
    (
        "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"tm\"\nlength = 20\nsecondary_header = \"flagged\"\nocf = \"flagged\"\n\
         [[channel]]\nscid = 0\nvcid = \"0-7\"\nmax_packet = 30\n",
        16,
    ),
    ("[input]\nkind = \"packets\"\nskip = 1\n[[channel]]\nscid = 1\nvcid = 1\nmax_packet = 500\n", 12),
];
