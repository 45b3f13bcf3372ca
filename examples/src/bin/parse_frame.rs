//! Managed parameters that the compiler has checked, and the headers of one frame.

use ccsds_core::clcw::Ocf;
use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{
    ChannelContent, Content, FrameError, FrameFormat, OcfPresence, SecondaryHeader, TmParameters,
};

/// An impossible layout does not build.
const FORMAT: FrameFormat = match FrameFormat::tm(TmParameters {
    frame_len: 20,
    secondary_header: SecondaryHeader::Flagged,
    ocf: OcfPresence::Flagged,
    fecf: Fecf::Absent,
}) {
    Ok(format) => format,
    Err(_) => panic!("illegal managed parameters"),
};

/// Spacecraft 680, channel 4, a packet that begins at once, and a CLCW.
const FRAME: [u8; 20] = [
    0x2A, 0x89, 0x07, 0x2A, 0x18, 0x00, // primary header
    0x08, 0x64, 0xC0, 0x05, 0x00, 0x03, 0xDE, 0xAD, 0xBE, 0xEF, // a packet
    0x01, 0x04, 0x46, 0xFD, // operational control field
];

fn main() -> Result<(), FrameError> {
    let frame = FORMAT.parse(&FRAME)?;
    println!("{} frame count {}", frame.gvcid(), frame.vc_frame_count().value());
    if let Content::Packets(zone) = frame.content(ChannelContent::Packets)? {
        println!("packet zone of {} octets, first header {:?}", zone.octets.len(), zone.fhp);
    }
    if let Some(Ocf::Clcw(clcw)) = frame.ocf().map(Ocf::from_bytes) {
        println!("the spacecraft expects telecommand frame {} next", clcw.report_value());
    }
    Ok(())
}
