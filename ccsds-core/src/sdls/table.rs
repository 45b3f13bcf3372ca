//! A decryptor without keys: it knows how long headers and trailers are.

use super::association::{SecurityAssociation, SecurityFields, SecurityService, Spi};
use super::{DataPlace, Decryptor, Opened, SecurityOutcome};
use crate::id::{Gvcid, MapId};
use crate::quality::FrameMeta;

/// The associations of a receiver that has no keys.
///
/// Clear and authenticated data go on without their headers and trailers; encrypted data go on sealed, between them.
#[derive(Clone, Debug)]
pub struct SecurityTable<S> {
    associations: S,
}

impl<S: AsRef<[SecurityAssociation]>> SecurityTable<S> {
    /// Declare the associations: an array in firmware, a `Vec` on a host.
    #[must_use]
    pub const fn new(associations: S) -> Self {
        Self { associations }
    }
}

impl<S: AsRef<[SecurityAssociation]>> Decryptor for SecurityTable<S> {
    fn protects(&self, gvcid: Gvcid, map: Option<MapId>) -> bool {
        self.associations.as_ref().iter().any(|association| is_for(association, gvcid, map))
    }

    fn open(&mut self, frame: &mut [u8], place: &DataPlace, _: &FrameMeta) -> Opened {
        let data_field = frame.get(place.start..place.end).unwrap_or_default();
        let Some(spi) = Spi::of(data_field) else {
            return Opened::refused(place, SecurityOutcome::Malformed);
        };
        let mut associations = self.associations.as_ref().iter();
        match associations.find(|association| is_named(association, spi, place)) {
            Some(association) => without_key(association, data_field, place),
            None => Opened { spi: Some(spi), ..Opened::refused(place, SecurityOutcome::UnknownSpi) },
        }
    }
}

/// Whether frames of this channel may be protected under the association.
pub(super) fn is_for(association: &SecurityAssociation, gvcid: Gvcid, map: Option<MapId>) -> bool {
    association.parameters().channels.contain(gvcid, map)
}

/// Whether a frame names this association: each spacecraft has indices of its own.
pub(super) fn is_named(association: &SecurityAssociation, spi: Spi, place: &DataPlace) -> bool {
    association.parameters().spi == spi && is_for(association, place.gvcid, place.map)
}

/// What a frame is to a receiver without the key.
pub(super) fn without_key(association: &SecurityAssociation, data_field: &[u8], place: &DataPlace) -> Opened {
    let spi = Some(association.parameters().spi);
    let malformed = Opened { spi, ..Opened::refused(place, SecurityOutcome::Malformed) };
    let Ok(fields) = association.fields(data_field) else { return malformed };
    let (outcome, pad) = match association.parameters().service {
        SecurityService::Authentication => (SecurityOutcome::Unverified, fields.pad_length),
        SecurityService::Clear => (SecurityOutcome::Clear, fields.pad_length),
        // The fill is encrypted too.
        SecurityService::AuthenticatedEncryption | SecurityService::Encryption => (SecurityOutcome::NoKey, 0),
    };
    match opened(association, &fields, place, outcome, pad) {
        Some(opened) => opened,
        None => malformed,
    }
}

/// The data without header, trailer and `pad` octets of fill; `None` where there are not so many.
pub(super) fn opened(
    association: &SecurityAssociation,
    fields: &SecurityFields<'_>,
    place: &DataPlace,
    outcome: SecurityOutcome,
    pad: usize,
) -> Option<Opened> {
    let start = place.start + association.header_len();
    Some(Opened {
        outcome,
        spi: Some(fields.spi),
        sequence_number: fields.anti_replay_number().map(|number| number as u64),
        start,
        end: start + fields.data.len().checked_sub(pad)?,
    })
}
