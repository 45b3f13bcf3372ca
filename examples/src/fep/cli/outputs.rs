//! What commands write that take a stream apart.

use std::path::PathBuf;

use clap::Args;

use crate::fep::output::{OcfFormat, OutputOptions};
use crate::fep::parameters::Format;

/// What to write.
#[derive(Args, Debug)]
pub(super) struct OutputArgs {
    /// Folder for outputs and report.json; made if absent [default: no files].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files in DIR that are there already.
    #[arg(long)]
    force: bool,
    /// Write trusted transfer frames to DIR/frames/TFVN-SCID-VCID.bin, one file per declared channel.
    #[arg(long)]
    frames: bool,
    /// Write every frame to DIR/frames.bin, and one 64-octet record each to DIR/frames.meta.
    #[arg(long)]
    all_frames: bool,
    /// Write complete packets to DIR/packets/TFVN-SCID-VCID.bin, one file per declared channel.
    #[arg(long)]
    packets: bool,
    /// With --packets: write idle packets too.
    #[arg(long, requires = "packets")]
    idle: bool,
    /// Write parameters to DIR/params/CONTAINER.FORMAT: one file a container of the mission database, one row a packet.
    ///
    /// The file is named after the container, without the first separator, with "." for every other one, and "-" for what is neither
    /// letter, digit, "_", "-" nor ".". Columns: generation time, reception time, quality (ok, short, damaged or truncated), apid,
    /// sequence count, then the parameters: NAME is the engineering value, NAME:raw the raw one where that is another, NAME:alarm
    /// how grave it is where the database has alarms. Times are in UTC, others say their scale.
    #[arg(long, value_name = "FORMAT", value_enum)]
    params: Option<Format>,
    /// Write changes of the reports in operational control fields (CLCW) to DIR/ocf.FORMAT, with the ordinals of their frames.
    #[arg(long, value_name = "FORMAT", value_enum)]
    ocf: Option<OcfFormat>,
    /// Write the insert zones of all trusted frames to `DIR/insert_zone.bin`, back to back.
    #[arg(long)]
    insert: bool,
    /// Write service data units that are no packets (VCA, bitstreams, MAPA) to DIR/sdus/TFVN-SCID-VCID.bin, under USLP
    /// TFVN-SCID-VCID-MAP.bin, and one 48-octet record each to the .meta file beside it.
    #[arg(long)]
    sdus: bool,
    /// Write the report as JSON to FILE, replacing it [default: DIR/report.json, with --out].
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl OutputArgs {
    pub(super) fn options(self) -> OutputOptions {
        OutputOptions {
            folder: self.out,
            force: self.force,
            frames: self.frames,
            all_frames: self.all_frames,
            packets: self.packets,
            idle: self.idle,
            params: self.params,
            ocf: self.ocf,
            insert: self.insert,
            sdus: self.sdus,
            report: self.report,
        }
    }
}
