//! CRC-16, from packet to file size, against the crates `crc` and `crc-fast`.

use std::hint::black_box;
use std::rc::Rc;

use ccsds_core::arch::Level;
use ccsds_core::fecf::Crc16;
use crc::{CRC_16_IBM_3740, Crc, Table};
use crc_fast::CrcAlgorithm::Crc16Ibm3740;

use super::Scope;
use super::contest::Contest;
use super::material::random_octets;
use super::row::Unit;

/// Every work of this module.
#[must_use]
pub fn contests(scope: &Scope) -> Vec<Contest> {
    LENGTHS.into_iter().map(|len| checksum(scope, len)).collect()
}

/// The kernel of a level; of the best there is where the machine does not have it.
#[must_use]
pub fn checker(level: Level) -> Crc16 {
    Crc16::with_level(level).unwrap_or_default()
}

fn checksum(scope: &Scope, len: usize) -> Contest {
    let work = format!("CRC-16, {len} octets");
    let mut contest = Contest::new(work, Unit { name: "check", octets: len });
    let octets = Rc::new(random_octets(len));
    let answer = TABLES.checksum(&octets);
    for &level in &scope.levels {
        let (octets, check) = (octets.clone(), checker(level));
        contest.ours(level, 1, len, move || assert_eq!(check.checksum(black_box(&octets)), answer));
    }
    let tables = octets.clone();
    contest.peer("crc", len, move || assert_eq!(TABLES.checksum(black_box(&tables)), answer));
    contest.peer("crc-fast", len, move || {
        assert_eq!(crc_fast::checksum(Crc16Ibm3740, black_box(&octets)), u64::from(answer));
    });
    contest
}

static TABLES: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_IBM_3740);

const LENGTHS: [usize; 6] = [20, 64, 256, 1115, 8192, 65_536];
