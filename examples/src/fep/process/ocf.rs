//! Operational control fields: a stream of changes, and how often each report came.

use std::collections::BTreeMap;

use ccsds_core::clcw::{Clcw, Ocf, OcfChanges};
use ccsds_core::frame::TransferFrame;
use ccsds_core::id::Gvcid;
use ccsds_core::quality::FrameMeta;

use crate::fep::failure::Failure;
use crate::fep::process::Sink;
use crate::fep::report::OcfReport;

/// A report that differs from the one before.
#[derive(Clone, Copy, Debug)]
pub struct OcfChange {
    /// The channel whose frame it came in.
    pub gvcid: Gvcid,
    /// What is known of that frame.
    pub meta: FrameMeta,
    /// The four octets.
    pub word: [u8; Clcw::LEN],
    /// The report.
    pub ocf: Ocf,
}

/// Follows the reports of all channels. Headers can be forged, so the lists are bounded.
#[derive(Debug, Default)]
pub(super) struct OcfStage {
    changes: BTreeMap<Gvcid, OcfChanges<REPORTERS>>,
    words: BTreeMap<(Gvcid, [u8; Clcw::LEN]), u64>,
    /// Frames of one channel with the same word, not entered yet: they come in runs.
    run: Option<((Gvcid, [u8; Clcw::LEN]), u64)>,
    not_listed: u64,
}

impl OcfStage {
    /// Take a trusted frame.
    pub(super) fn take(
        &mut self,
        frame: &TransferFrame<'_>,
        meta: &FrameMeta,
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        let Some(word) = frame.ocf() else { return Ok(()) };
        let key = (frame.gvcid(), word);
        if let Some((latest, frames)) = &mut self.run
            && *latest == key
        {
            *frames += 1;
            return Ok(());
        }
        self.end_run();
        self.run = Some((key, 1));
        let (gvcid, _) = key;
        if self.changes.len() >= MAX_CHANNELS && !self.changes.contains_key(&gvcid) {
            return Ok(());
        }
        match self.changes.entry(gvcid).or_default().push(word) {
            Some(ocf) => sink.ocf(&OcfChange { gvcid, meta: *meta, word, ocf }),
            None => Ok(()),
        }
    }

    fn end_run(&mut self) {
        let Some((key, frames)) = self.run.take() else { return };
        if self.words.len() < MAX_WORDS || self.words.contains_key(&key) {
            *self.words.entry(key).or_default() += frames;
        } else {
            self.not_listed += frames;
        }
    }

    /// How often each report came, and how many found no place in the list.
    pub(super) fn report(&mut self) -> (Vec<OcfReport>, u64) {
        self.end_run();
        let words = self.words.iter().map(|(&(gvcid, word), &frames)| OcfReport {
            tfvn: gvcid.tfvn.get(),
            scid: gvcid.scid.get(),
            vcid: gvcid.vcid.get(),
            word: format!("{:08x}", u32::from_be_bytes(word)),
            frames,
        });
        (words.collect(), self.not_listed)
    }
}

/// 64 telecommand channels, and the reports of the other type.
const REPORTERS: usize = 65;
/// Channels whose reports are followed.
const MAX_CHANNELS: usize = 4096;
/// Reports that the report lists.
const MAX_WORDS: usize = 4096;
