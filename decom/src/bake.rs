//! Plans baked in advance: Rust source for firmware, octets for whoever starts often.
//!
//! ```no_run
//! # let database = decom::model::Database::default();
//! let plan = database.compile().unwrap();
//! // In a build script: firmware includes it, and decodes without std and without an allocator.
//! std::fs::write("plan.rs", plan.to_rust()).unwrap();
//! // Much faster to load than the database.
//! let again = decom::plan::PlanBuf::from_blob(&plan.to_blob()).unwrap();
//! assert_eq!(again, plan);
//! ```

mod bounds;
pub(crate) mod rows;
mod source;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::plan::PlanBuf;

impl PlanBuf {
    /// The plan as Rust source: tables in `static`s, and `pub const PLAN: decom::plan::Plan<'static>` that borrows them. It needs
    /// nothing but `decom` without features, and is to be included in a module of its own.
    #[must_use]
    pub fn to_rust(&self) -> String {
        source::of(self)
    }

    /// The plan as octets: a head with version and checksum, then the tables as `postcard` writes them, the long
    /// ones as rows of fixed length.
    #[must_use]
    pub fn to_blob(&self) -> Vec<u8> {
        let mut blob = Vec::from(MAGIC);
        blob.extend(VERSION.to_be_bytes());
        blob.extend([0; CRC_LEN]);
        // Writing to a vector cannot fail, and every table has a length.
        let mut blob = postcard::to_extend(self, blob).unwrap_or_default();
        let sum = crc32fast::hash(blob.get(HEAD_LEN..).unwrap_or(&[]));
        if let Some(place) = blob.get_mut(HEAD_LEN - CRC_LEN..HEAD_LEN) {
            place.copy_from_slice(&sum.to_be_bytes());
        }
        blob
    }

    /// The plan that octets hold.
    ///
    /// # Errors
    /// When they are no plan, one of another version, damaged, or one that no compiler makes and that would work for ever on a
    /// packet.
    pub fn from_blob(blob: &[u8]) -> Result<Self, BlobError> {
        let (head, tables) = blob.split_first_chunk::<HEAD_LEN>().ok_or(BlobError::NoPlan)?;
        let [m0, m1, m2, m3, v0, v1, sum @ ..] = *head;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(BlobError::NoPlan);
        }
        let version = u16::from_be_bytes([v0, v1]);
        if version != VERSION {
            return Err(BlobError::Version { expected: VERSION, actual: version });
        }
        if crc32fast::hash(tables) != u32::from_be_bytes(sum) {
            return Err(BlobError::Damaged);
        }
        match postcard::take_from_bytes::<Self>(tables) {
            Ok((plan, [])) if bounds::are_kept(&plan.plan()) => Ok(plan),
            Ok((_, [])) => Err(BlobError::Unbounded),
            _ => Err(BlobError::Damaged),
        }
    }
}

/// Why octets are no plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BlobError {
    /// The checksum, or what is in the tables, is wrong.
    Damaged,
    /// They begin in another way.
    NoPlan,
    /// The tables lead back to themselves, or over more ways than there are rows: no compiler made them.
    Unbounded,
    /// The tables are of another version of this crate: bake the plan anew.
    Version {
        /// The version that this crate reads.
        expected: u16,
        /// The version of the octets.
        actual: u16,
    },
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("the baked plan is damaged"),
            Self::Unbounded => f.write_str("the baked plan asks for work without bound"),
            Self::NoPlan => f.write_str("this is no baked plan"),
            Self::Version { expected, actual } => {
                write!(f, "the baked plan is of version {actual}, not {expected}: bake it anew")
            }
        }
    }
}

impl core::error::Error for BlobError {}

const MAGIC: [u8; 4] = *b"DCMP";
/// Of the tables; to be counted up with every change of one.
const VERSION: u16 = 4;
const CRC_LEN: usize = 4;
const HEAD_LEN: usize = MAGIC.len() + 2 + CRC_LEN;
