//! Security associations of a mission file, and the keys that it refers to. No key, and nothing that might be one, is ever shown.

use std::fmt::{self, Write};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ccsds_core::id::{MapId, Scid, Tfvn};
use ccsds_core::sdls::{
    Decryptor, KeyedAssociation, Sdls, SecuredChannels, SecurityAlgorithm, SecurityAssociation,
    SecurityConfigError, SecurityKey, SecurityKeyError, SecurityParameters, SecurityService, Spi,
};
use toml::Spanned;
use zeroize::Zeroizing;

use super::FrameLayer;
use super::build::{numbers, vcid_list};
use super::file::SecurityTable;
use super::place::{Document, MissionError, Table};

/// A security association that the mission file declares.
#[derive(Clone, Debug)]
pub struct DeclaredAssociation {
    /// The association, its mask, and its key where there is one.
    pub keyed: KeyedAssociation<Vec<u8>>,
    /// What makes its codes, where the mission file says so.
    pub algorithm: Option<SecurityAlgorithm>,
    /// Bits of its key, where there is one.
    pub key_bits: Option<usize>,
    /// How far a sequence number may be ahead of the one before; 0 where numbers are not followed.
    pub window: u64,
    /// The sequence number of the first frame, where it is managed.
    pub first_number: Option<u64>,
    /// The authentication bit mask.
    pub mask: Vec<u8>,
    /// What the key was made of, for whoever sends.
    secret: Option<KeyOctets>,
    /// Channels and access points, as `fep mission check` shows them.
    channels: String,
}

impl DeclaredAssociation {
    /// The octets of its key, where there is one.
    pub(in crate::fep) fn key(&self) -> Option<&[u8]> {
        self.secret.as_ref().map(|KeyOctets(octets)| octets.as_slice())
    }
}

/// The octets of a key: they are not shown, and wiped when they go.
#[derive(Clone)]
struct KeyOctets(Zeroizing<Vec<u8>>);

impl fmt::Debug for KeyOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyOctets(..)")
    }
}

impl FrameLayer {
    /// What takes the protection off the frames; `None` where the mission file declares no association.
    #[must_use]
    pub fn decryptor(&self) -> Option<Box<dyn Decryptor + Send>> {
        if self.security.is_empty() {
            return None;
        }
        let associations: Vec<_> = self.security.iter().map(|declared| declared.keyed.clone()).collect();
        Some(Box::new(Sdls::new(associations)))
    }

    /// The same with another window where numbers are followed; with 0 they are not.
    #[must_use]
    pub fn decryptor_with_window(&self, window: u64) -> Option<Box<dyn Decryptor + Send>> {
        if self.security.is_empty() {
            return None;
        }
        let associations = self.security.iter().map(|declared| declared.keyed.clone().with_window(window));
        Some(Box::new(Sdls::new(associations.collect::<Vec<_>>())))
    }
}

impl fmt::Display for DeclaredAssociation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SecurityParameters { spi, service, iv_len, sequence_number_len, pad_length_len, mac_len, .. } =
            *self.keyed.association().parameters();
        let service = match service {
            SecurityService::Authentication => "authentication",
            SecurityService::AuthenticatedEncryption => "authenticated encryption",
            SecurityService::Clear => "clear",
            SecurityService::Encryption => "encryption",
        };
        write!(f, "association {} of {}: {service}", spi.get(), self.channels)?;
        if let Some(algorithm) = self.algorithm {
            f.write_str(match algorithm {
                SecurityAlgorithm::AesCmac => " by AES-CMAC",
                SecurityAlgorithm::AesGcm => " by AES-GCM",
                SecurityAlgorithm::HmacSha256 => " by HMAC-SHA-256",
                SecurityAlgorithm::HmacSha512 => " by HMAC-SHA-512",
                _ => "",
            })?;
        }
        match (self.key_bits, service) {
            (Some(bits), _) => write!(f, ", key of {bits} bits")?,
            (None, "clear") => {}
            (None, "authentication") => f.write_str(", no key: passed on unchecked")?,
            (None, _) => f.write_str(", no key: passed on as it is")?,
        }
        let lengths = [
            (iv_len, "initialization vector"),
            (sequence_number_len, "sequence number"),
            (pad_length_len, "pad length"),
            (mac_len, "code"),
            (self.mask.len(), "mask"),
        ];
        for (len, what) in lengths.into_iter().filter(|(len, _)| *len > 0) {
            write!(f, ", {what} {len}")?;
        }
        if self.window > 0 {
            write!(f, ", window {}", self.window)?;
        }
        match self.first_number {
            Some(first) => write!(f, ", numbers from {first} on"),
            None => Ok(()),
        }
    }
}

/// Read the `[[security]]` tables of a mission file that lies at `mission`.
pub(super) fn associations(
    document: Document<'_>,
    tables: &[Spanned<SecurityTable>],
    tfvn: Tfvn,
    mission: &Path,
) -> Result<Vec<DeclaredAssociation>, MissionError> {
    let mut declared: Vec<DeclaredAssociation> = Vec::new();
    for security in tables {
        let table = document.table("security", security.span());
        let security = security.get_ref();
        if declared.len() == MAX_ASSOCIATIONS {
            return Err(table.differs(format!("at most {MAX_ASSOCIATIONS} associations can be declared")));
        }
        let association = association(&table, security, tfvn, mission)?;
        // Spacecraft that share a link may use the same index.
        let name = |declared: &DeclaredAssociation| {
            let SecurityParameters { spi, channels, .. } = *declared.keyed.association().parameters();
            (channels.scid(), spi)
        };
        if declared.iter().any(|other| name(other) == name(&association)) {
            let spi = association.keyed.association().parameters().spi;
            return Err(table.wrong_or_default(
                "spi",
                &security.spi,
                format!("association {} is declared twice", spi.get()),
            ));
        }
        declared.push(association);
    }
    Ok(declared)
}

fn association(
    table: &Table<'_>,
    security: &SecurityTable,
    tfvn: Tfvn,
    mission: &Path,
) -> Result<DeclaredAssociation, MissionError> {
    table.required("spi", &security.spi, "the security parameter index, 0 to 65535")?;
    let spi = table.number("spi", &security.spi, 0..=65_535, 0)?;
    let (secured, channels) = channels(table, security, tfvn)?;
    let services = [
        ("clear", SecurityService::Clear),
        ("authentication", SecurityService::Authentication),
        ("encryption", SecurityService::Encryption),
        ("authenticated-encryption", SecurityService::AuthenticatedEncryption),
    ];
    let service = table.word("service", &security.service, &services, None)?;
    let usual_mac = if service.authenticates() { 16 } else { 0 };
    let parameters = SecurityParameters {
        spi: Spi::new(spi),
        channels: secured,
        service,
        iv_len: table.number("iv", &security.iv, 0..=32, 0)?,
        sequence_number_len: table.number("sequence_number", &security.sequence_number, 0..=8, 0)?,
        pad_length_len: table.number("pad_length", &security.pad_length, 0..=2, 0)?,
        mac_len: table.number("mac", &security.mac, 0..=64, usual_mac)?,
    };
    let association = SecurityAssociation::new(parameters).map_err(|error| match error {
        SecurityConfigError::Iv { .. } => table.wrong_or_default("iv", &security.iv, error),
        SecurityConfigError::PadLength { .. } => {
            table.wrong_or_default("pad_length", &security.pad_length, error)
        }
        SecurityConfigError::SequenceNumber { .. } => {
            table.wrong_or_default("sequence_number", &security.sequence_number, error)
        }
        error => table.wrong_or_default("mac", &security.mac, error),
    })?;
    let algorithms = [
        ("aes-gcm", SecurityAlgorithm::AesGcm),
        ("aes-cmac", SecurityAlgorithm::AesCmac),
        ("hmac-sha256", SecurityAlgorithm::HmacSha256),
        ("hmac-sha512", SecurityAlgorithm::HmacSha512),
    ];
    let algorithm = match &security.algorithm {
        None => None,
        given => Some(table.word("algorithm", given, &algorithms, None)?),
    };
    let mask = match &security.mask {
        None => Vec::new(),
        Some(mask) => table.hex("mask", mask)?,
    };
    let window = table.number("window", &security.window, 0..=i64::MAX, 0)?;
    let first_number = match &security.first_number {
        Some(first) if window == 0 || parameters.sequence_number_len == 0 => {
            let what =
                "it goes with sequence_number and window: otherwise no numbers are followed that begin there";
            return Err(table.wrong("first_number", first, what));
        }
        Some(_) => Some(table.number("first_number", &security.first_number, 0..=i64::MAX, 0)?),
        None => None,
    };
    let secret = key(table, security, mission)?;
    let key = secret.as_ref().and_then(|KeyOctets(octets)| SecurityKey::new(octets));
    let key_bits = key.as_ref().map(|key| 8 * key.len());
    let keyed = match (key, algorithm) {
        (None, _) => KeyedAssociation::without_key(association, mask.clone()),
        (Some(_), None) => {
            return Err(table.missing("algorithm", "\"aes-gcm\", or what else the key is for"));
        }
        (Some(key), Some(algorithm)) => {
            KeyedAssociation::new(association, algorithm, key, mask.clone(), window).map_err(|error| {
                match error {
                    SecurityKeyError::Iv { .. } => table.wrong_or_default("iv", &security.iv, error),
                    SecurityKeyError::KeyLength { .. } if security.key_env.is_some() => {
                        table.wrong_or_default("key_env", &security.key_env, error)
                    }
                    SecurityKeyError::KeyLength { .. } => {
                        table.wrong_or_default("key_file", &security.key_file, error)
                    }
                    SecurityKeyError::Mac { .. } => table.wrong_or_default("mac", &security.mac, error),
                    SecurityKeyError::Mask { .. } => table.wrong_or_default("mask", &security.mask, error),
                    SecurityKeyError::NothingCounts => {
                        table.wrong_or_default("window", &security.window, error)
                    }
                    error => table.wrong_or_default("algorithm", &security.algorithm, error),
                }
            })?
        }
    };
    let keyed = match first_number {
        Some(first) => keyed.with_first_number(u128::from(first)),
        None => keyed,
    };
    Ok(DeclaredAssociation { keyed, algorithm, key_bits, window, first_number, mask, secret, channels })
}

/// The channels of an association, and how they are shown.
fn channels(
    table: &Table<'_>,
    security: &SecurityTable,
    tfvn: Tfvn,
) -> Result<(SecuredChannels, String), MissionError> {
    table.required("scid", &security.scid, "the spacecraft identifier")?;
    let max_scid = if tfvn == Tfvn::Uslp { 65_535 } else { 1023 };
    let scid = table.number("scid", &security.scid, 0..=max_scid, 0)?;
    let vcids = table.required("vcid", &security.vcid, "a number, a list or a range such as \"0-62\"")?;
    let mut secured = SecuredChannels::of(tfvn, Scid::new(scid));
    let mut shown = format!("{tfvn}/{scid}/");
    for (n, vcid) in vcid_list(table, vcids, tfvn)?.into_iter().enumerate() {
        secured = secured.with(vcid);
        // Writing to a string cannot fail.
        let _ = write!(shown, "{}{vcid}", if n > 0 { "," } else { "" });
    }
    if let Some(maps) = &security.map {
        if tfvn != Tfvn::Uslp {
            return Err(table.wrong("map", maps, "only USLP frames have access points: leave the key out"));
        }
        let of = format!("{tfvn} channels have access points 0 to 15");
        for (n, map) in numbers(table, "map", maps, 15, &of)?.into_iter().enumerate() {
            secured = secured.with_map(MapId::from_low_bits(map));
            let _ = write!(shown, "{}{map}", if n > 0 { "," } else { " access point " });
        }
    }
    Ok((secured, shown))
}

/// The key that a table refers to. What stands in the mission file is not repeated in errors: it might be the key itself.
fn key(
    table: &Table<'_>,
    security: &SecurityTable,
    mission: &Path,
) -> Result<Option<KeyOctets>, MissionError> {
    match (&security.key_file, &security.key_env) {
        (None, None) => Ok(None),
        (Some(_), Some(env)) => Err(table.wrong(
            "key_env",
            env,
            "key_file is given too: an association has one key, remove either",
        )),
        (Some(file), None) => {
            let text = from_file(&mission.parent().unwrap_or(Path::new("")).join(file.get_ref()))
                .map_err(|why| table.wrong("key_file", file, why))?;
            from_hex(&text).map(Some).map_err(|why| table.wrong("key_file", file, why))
        }
        (None, Some(env)) => {
            let text = from_environment(env.get_ref()).ok_or_else(|| {
                table.wrong("key_env", env, "there is no environment variable of this name, or it is no text")
            })?;
            from_hex(&text).map(Some).map_err(|why| table.wrong("key_env", env, why))
        }
    }
}

fn from_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    if !path.is_file() {
        return Err("there is no such file beside the mission file".to_owned());
    }
    // As large as it will ever be, so that no copy of it is left behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_KEY_TEXT as usize + 1));
    File::open(path)
        .and_then(|file| file.take(MAX_KEY_TEXT + 1).read_to_end(&mut text))
        .map_err(|error| format!("the file cannot be read: {error}"))?;
    Ok(text)
}

fn from_environment(name: &str) -> Option<Zeroizing<Vec<u8>>> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    std::env::var(name).ok().map(|text| Zeroizing::new(text.into_bytes()))
}

/// A key in hexadecimal; white space does not matter.
fn from_hex(text: &[u8]) -> Result<KeyOctets, String> {
    let mut octets = Zeroizing::new([0u8; SecurityKey::MAX_LEN]);
    let mut digits = 0usize;
    for octet in text.iter().filter(|octet| !octet.is_ascii_whitespace()) {
        let Some(digit) = char::from(*octet).to_digit(16) else {
            return Err("the key is not in hexadecimal".to_owned());
        };
        let Some(place) = octets.get_mut(digits / 2) else {
            return Err(format!("the key has more than {} octets", SecurityKey::MAX_LEN));
        };
        *place = *place << 4 | digit as u8;
        digits += 1;
    }
    if digits == 0 || !digits.is_multiple_of(2) {
        return Err(format!("the key has {digits} hexadecimal digits: these are no whole octets"));
    }
    Ok(KeyOctets(Zeroizing::new(octets.get(..digits / 2).unwrap_or_default().to_vec())))
}

/// Digits and white space of the longest key, with room to spare.
const MAX_KEY_TEXT: u64 = 4096;
/// More than any mission has at a time: each is looked for among those before it.
const MAX_ASSOCIATIONS: usize = 1024;

#[cfg(test)]
mod tests;
