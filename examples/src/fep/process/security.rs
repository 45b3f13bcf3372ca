//! Protected frames: opened one after another, in the order of the stream, before they are demultiplexed.

use std::collections::BTreeMap;

use ccsds_core::frame::{FrameError, FrameFormat, TransferFrame};
use ccsds_core::id::Gvcid;
use ccsds_core::ledger::SecurityLedger;
use ccsds_core::quality::FrameMeta;
use ccsds_core::sdls::{self, Decryptor};

use crate::fep::accounts::Check;
use crate::fep::report::SecurityReport;

/// Takes the protection off frames. Sequence numbers are followed, so frames must come in their order.
pub(super) struct SecurityStage {
    decryptor: Box<dyn Decryptor + Send>,
    /// Only channels that an association names are here, so forged headers cannot make the list grow.
    accounts: BTreeMap<Gvcid, Account>,
}

/// One channel: totals as they came in, and where they went.
#[derive(Default)]
struct Account {
    frames: u64,
    octets: u64,
    ledger: SecurityLedger,
}

impl SecurityStage {
    pub(super) fn new(decryptor: Box<dyn Decryptor + Send>) -> Self {
        Self { decryptor, accounts: BTreeMap::new() }
    }

    /// Take the protection off `frame`, in `copy`: what was received stays as it is. A frame without protection is handed back.
    pub(super) fn open<'a>(
        &mut self,
        format: &FrameFormat,
        frame: TransferFrame<'a>,
        copy: &'a mut Vec<u8>,
        meta: &FrameMeta,
    ) -> Result<TransferFrame<'a>, FrameError> {
        if !self.decryptor.protects(frame.gvcid(), frame.map_id()) {
            return Ok(frame);
        }
        let place = frame.data_place();
        copy.clear();
        copy.extend_from_slice(frame.bytes());
        let (frame, opened) = sdls::open(format, &mut *self.decryptor, copy, meta)?;
        let account = self.accounts.entry(place.gvcid).or_default();
        account.frames += 1;
        account.octets += (place.end - place.start) as u64;
        account.ledger.record(&place, &opened);
        Ok(frame)
    }

    /// Whether every frame and every octet of its data field landed in one place.
    pub(super) fn checks(&self) -> impl Iterator<Item = Check> {
        self.accounts.iter().flat_map(|(gvcid, account)| {
            [
                Check {
                    account: format!("protected frames of {gvcid}"),
                    total: account.frames,
                    accounted: account.ledger.frames(),
                },
                Check {
                    account: format!("protected octets of {gvcid}"),
                    total: account.octets,
                    accounted: account.ledger.octets(),
                },
            ]
        })
    }

    /// The section of the report, channel by channel.
    pub(super) fn report(&self) -> Vec<SecurityReport> {
        self.accounts.iter().map(|(gvcid, account)| SecurityReport::new(*gvcid, &account.ledger)).collect()
    }
}
