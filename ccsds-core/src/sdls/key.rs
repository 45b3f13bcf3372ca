//! Keys that nobody sees: they are not shown, and wiped when they go.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret key.
///
/// Its octets cannot be read again, [`fmt::Debug`] shows none of them, and they are overwritten when the key is dropped. A copy is a
/// key of its own, wiped in its turn.
#[derive(Clone)]
pub struct SecurityKey {
    octets: [u8; Self::MAX_LEN],
    len: usize,
}

impl SecurityKey {
    /// Octets of the longest key: the block of HMAC-SHA-256.
    pub const MAX_LEN: usize = 64;

    /// A key of these octets; `None` where there are more than [`Self::MAX_LEN`]. Wiping `octets` is up to the caller.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        let mut key = Self { octets: [0; Self::MAX_LEN], len: octets.len() };
        key.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(key)
    }

    /// How many octets there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no algorithm takes an empty key")]
    pub const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn octets(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Debug for SecurityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityKey(..)")
    }
}

impl Drop for SecurityKey {
    fn drop(&mut self) {
        self.octets.zeroize();
    }
}

impl ZeroizeOnDrop for SecurityKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let key = SecurityKey::new(&[0xA5; 32]).unwrap();
        let shown = format!("{key:?} {key:#?}");
        assert_eq!(shown, "SecurityKey(..) SecurityKey(..)");
        assert_eq!((key.len(), key.octets()), (32, &[0xA5; 32][..]));
        assert!(SecurityKey::new(&[0; 65]).is_none());
    }
}
