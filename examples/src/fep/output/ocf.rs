//! `--ocf`: changes of the reports in operational control fields, one a line.

use std::io::Write;
use std::path::Path;

use ccsds_core::clcw::Ocf;
use clap::ValueEnum;
use serde::Serialize;

use super::WholeFile;
use crate::fep::failure::Failure;
use crate::fep::process::OcfChange;

/// How the changes are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum OcfFormat {
    /// Comma-separated values, with a header line.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl OcfFormat {
    /// The name of the file.
    pub(super) const fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "ocf.csv",
            Self::Jsonl => "ocf.jsonl",
        }
    }
}

/// The file of changes.
#[derive(Debug)]
pub(super) struct OcfFile {
    file: WholeFile,
    format: OcfFormat,
}

impl OcfFile {
    pub(super) fn new(folder: &Path, format: OcfFormat) -> Result<Self, Failure> {
        let mut file = WholeFile::new(folder.join(format.file_name()))?;
        if format == OcfFormat::Csv {
            file.append(HEADER.as_bytes())?;
        }
        Ok(Self { file, format })
    }

    pub(super) fn write(&mut self, change: &OcfChange) -> Result<(), Failure> {
        let line = Line::of(change);
        match self.format {
            OcfFormat::Csv => self.file.append(line.csv().as_bytes()),
            OcfFormat::Jsonl => {
                let json = serde_json::to_string(&line).map_err(Failure::incomplete)?;
                writeln!(self.file, "{json}").map_err(Failure::incomplete)
            }
        }
    }

    pub(super) fn commit(self, force: bool) -> Result<(), Failure> {
        self.file.commit(force)
    }
}

/// One change; the fields of a control word are absent from reports of type 2.
#[derive(Debug, Serialize)]
struct Line {
    /// Ordinal of the frame in the stream, from 0.
    frame: u64,
    stream_bit: u64,
    received: u64,
    tfvn: u8,
    scid: u16,
    vcid: u8,
    word: String,
    #[serde(flatten)]
    clcw: Option<ControlWord>,
}

/// 232.0-B §4.2: what FARM-1 aboard says.
#[derive(Debug, Serialize)]
struct ControlWord {
    version: u8,
    status: u8,
    cop: u8,
    tc_vcid: u8,
    no_rf: bool,
    no_bit_lock: bool,
    lockout: bool,
    wait: bool,
    retransmit: bool,
    farm_b: u8,
    report_value: u8,
}

impl Line {
    fn of(change: &OcfChange) -> Self {
        let clcw = match change.ocf {
            Ocf::Clcw(clcw) => Some(ControlWord {
                version: clcw.version(),
                status: clcw.status(),
                cop: clcw.cop_in_effect(),
                tc_vcid: clcw.vcid().get(),
                no_rf: clcw.no_rf_available(),
                no_bit_lock: clcw.no_bit_lock(),
                lockout: clcw.lockout(),
                wait: clcw.wait(),
                retransmit: clcw.retransmit(),
                farm_b: clcw.farm_b_counter(),
                report_value: clcw.report_value(),
            }),
            Ocf::Other(_) => None,
        };
        Self {
            frame: change.meta.ordinal,
            stream_bit: change.meta.stream_bit,
            received: change.meta.received.0,
            tfvn: change.gvcid.tfvn.get(),
            scid: change.gvcid.scid.get(),
            vcid: change.gvcid.vcid.get(),
            word: format!("{:08x}", u32::from_be_bytes(change.word)),
            clcw,
        }
    }

    fn csv(&self) -> String {
        let Self { frame, stream_bit, received, tfvn, scid, vcid, word, clcw } = self;
        let fields = match clcw {
            None => ",".repeat(10),
            Some(c) => {
                let flags = [c.no_rf, c.no_bit_lock, c.lockout, c.wait, c.retransmit].map(u8::from);
                let numbers = [c.version, c.status, c.cop, c.tc_vcid].into_iter().chain(flags);
                let all = numbers.chain([c.farm_b, c.report_value]);
                all.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
            }
        };
        format!("{frame},{stream_bit},{received},{tfvn},{scid},{vcid},{word},{fields}\n")
    }
}

const HEADER: &str = "frame,stream_bit,received,tfvn,scid,vcid,word,version,status,cop,tc_vcid,no_rf,no_bit_lock,lockout,wait,\
                      retransmit,farm_b,report_value\n";
