//! Files of frames, back to back: all of one length, or each as long as its header says.
//!
//! Where frames say how long they are, a wrong length would take all that follows with it. So a frame whose header cannot be right,
//! or whose check fails where no other frame follows it, is left behind: the next place where a frame of a declared spacecraft begins
//! and is followed by another one, or by the end, is where reading goes on. Two headers are looked at for each octet, no more.

use ccsds_core::frame::UslpParameters;
use ccsds_core::frame::uslp::FrameStart;
use ccsds_core::quality::{FecfQuality, FrameMeta, FrameQuality};

use super::frames::FrameStage;
use crate::fep::accounts::Check;
use crate::fep::failure::Failure;
use crate::fep::input::{Consumer, Source};
use crate::fep::mission::{FrameFile, FrameLayer, FrameLayout};
use crate::fep::progress::{Progress, State};
use crate::fep::report::{FrameFileLedger, InputReport, LedgerReport, Report};

/// Decode a file of frames.
pub(super) fn decode<'a>(
    file: &'a FrameFile,
    source: &Source,
    stage: FrameStage<'a>,
    progress: &mut Progress,
) -> Result<Report, Failure> {
    let mut chain = FrameChain {
        skip: file.skip,
        own_lengths: match (file.own_lengths, file.frames.layout) {
            (true, FrameLayout::Uslp(parameters)) => Some(parameters),
            _ => None,
        },
        searching: false,
        layer: &file.frames,
        ledger: FrameFileLedger::default(),
        stage,
    };
    let octets = source.drive(&mut chain, progress)?;
    Ok(chain.report(octets))
}

/// Frames, each behind octets that are skipped.
struct FrameChain<'a> {
    skip: usize,
    /// Where frames are as long as they say: what they may say.
    own_lengths: Option<UslpParameters>,
    /// Whether it is not known yet where the next frame begins.
    searching: bool,
    layer: &'a FrameLayer,
    ledger: FrameFileLedger,
    stage: FrameStage<'a>,
}

/// What lies at some place of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// A frame, with what is skipped so many octets.
    Entry(usize),
    /// No frame, or not one whose length can be believed.
    Nothing,
    /// More octets must come first.
    Undecided,
}

impl Consumer for FrameChain<'_> {
    fn window_len(&self) -> usize {
        match self.own_lengths {
            None => self.entry_len(),
            // A frame, the one behind it, and the header of a third.
            Some(_) => 2 * self.entry_len() + self.skip + HEADER_LEN,
        }
    }

    fn feed(&mut self, window: &[u8], ended: bool) -> Result<usize, Failure> {
        let mut rest = window;
        while !rest.is_empty() {
            if self.searching {
                let (passed, found) = self.search(rest, 0, ended);
                self.ledger.lost += passed as u64;
                rest = rest.get(passed..).unwrap_or_default();
                self.searching = !found;
                if self.searching {
                    break;
                }
            }
            match self.place(rest, ended) {
                Place::Entry(len) => {
                    let Some((entry, after)) = rest.split_at_checked(len) else { break };
                    self.take(entry)?;
                    rest = after;
                }
                Place::Nothing if rest.len() < self.window_len() && !ended => break,
                Place::Nothing => {
                    self.ledger.bad_headers += 1;
                    // Among frames of one length this one has it, whatever it says.
                    let (passed, found) = self.search(rest, 1, ended);
                    let (entry, after) = rest.split_at_checked(passed).unwrap_or((rest, &[]));
                    if found && passed == self.entry_len() {
                        self.take(entry)?;
                    } else {
                        self.ledger.lost += passed as u64;
                    }
                    self.searching = !found;
                    rest = after;
                    if self.searching {
                        break;
                    }
                }
                Place::Undecided => break,
            }
        }
        if ended {
            self.ledger.pending = rest.len() as u64;
        }
        Ok(window.len() - rest.len())
    }

    fn state(&self) -> State {
        State { locked: None, items: self.stage.frames() }
    }
}

impl FrameChain<'_> {
    /// Octets from one frame to the next, where none is shorter than it may be.
    fn entry_len(&self) -> usize {
        self.skip + self.layer.format.frame_len()
    }

    /// What `octets` begin with, by its own header.
    fn entry(&self, octets: &[u8]) -> Place {
        let Some(parameters) = self.own_lengths else { return Place::Entry(self.entry_len()) };
        match octets.get(self.skip..).map(|head| parameters.own_len(head)) {
            Some(Ok(Some(len))) => Place::Entry(self.skip + len),
            Some(Err(_)) => Place::Nothing,
            Some(Ok(None)) | None => Place::Undecided,
        }
    }

    /// The same, where a wrong check is no reason for doubt as long as another frame follows.
    fn place(&self, octets: &[u8], ended: bool) -> Place {
        let place = self.entry(octets);
        let Place::Entry(len) = place else { return place };
        let Some((entry, after)) = octets.split_at_checked(len) else { return Place::Undecided };
        let failed = || self.layer.format.check_fecf(self.frame_of(entry)) == FecfQuality::Invalid;
        if self.own_lengths.is_none() || (after.is_empty() && ended) || !failed() {
            return place;
        }
        match self.entry(after) {
            Place::Entry(_) => place,
            Place::Undecided if ended => place,
            other => other,
        }
    }

    /// Look from `first` on for a frame that another one follows; returns how many octets lie before it, and whether it is there.
    /// Where it is not, so many octets are no frames.
    fn search(&self, octets: &[u8], first: usize, ended: bool) -> (usize, bool) {
        for at in first..octets.len() {
            let here = octets.get(at..).unwrap_or_default();
            let found = match self.declared_entry(here) {
                Place::Entry(len) => match here.get(len..) {
                    Some([]) if ended => Place::Entry(len),
                    Some(after) => self.declared_entry(after),
                    None => Place::Undecided,
                },
                other => other,
            };
            match found {
                Place::Entry(_) => return (at, true),
                Place::Undecided if !ended => return (at, false),
                Place::Nothing | Place::Undecided => {}
            }
        }
        (octets.len(), false)
    }

    /// A frame of a spacecraft that the mission file names, if it names any.
    fn declared_entry(&self, octets: &[u8]) -> Place {
        let start = octets.get(self.skip..).and_then(<[u8]>::first_chunk);
        let channels = &self.layer.channels;
        let declared = start.is_none_or(|start| {
            let scid = FrameStart::from_bytes(start).scid();
            channels.is_empty() || channels.iter().any(|declared| declared.channel.gvcid.scid == scid)
        });
        if declared { self.entry(octets) } else { Place::Nothing }
    }

    fn frame_of<'a>(&self, entry: &'a [u8]) -> &'a [u8] {
        entry.get(self.skip..).unwrap_or_default()
    }

    fn take(&mut self, entry: &[u8]) -> Result<(), Failure> {
        let bytes = self.frame_of(entry);
        self.ledger.skipped += (entry.len() - bytes.len()) as u64;
        let meta = FrameMeta {
            ordinal: self.stage.frames(),
            stream_bit: 8 * (self.ledger.skipped + self.ledger.frames + self.ledger.lost),
            quality: FrameQuality::EXTERNAL,
            ..FrameMeta::default()
        };
        self.ledger.frames += bytes.len() as u64;
        self.stage.take(bytes, meta)
    }

    fn report(mut self, octets: u64) -> Report {
        let mut checks =
            vec![Check { account: "input octets".to_owned(), total: octets, accounted: self.ledger.total() }];
        checks.extend(self.stage.checks());
        let stage = self.stage.report();
        Report {
            input: InputReport::new(octets),
            ledger: LedgerReport::new(&checks).with_frame_file(self.ledger),
            ..stage
        }
    }
}

/// Octets of a header that says how long its frame is.
const HEADER_LEN: usize = 7;
