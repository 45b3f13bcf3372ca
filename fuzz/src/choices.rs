//! Configuration off the front of the octets, so that a fuzzer can vary it too.

use arbitrary::{Arbitrary, Unstructured};

/// Whether a message is one line that a terminal shows as it is.
pub(crate) fn is_one_line(message: &impl std::fmt::Display) -> bool {
    let message = message.to_string();
    !message.is_empty() && !message.contains(char::is_control)
}

/// Choices, then what is left. When the octets are used up, every choice is the first one.
#[derive(Debug)]
pub(crate) struct Choices<'a>(Unstructured<'a>);

impl<'a> Choices<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self(Unstructured::new(octets))
    }

    /// Any value of a type; `None` once the octets are used up.
    pub(crate) fn any<T: Arbitrary<'a>>(&mut self) -> Option<T> {
        if self.is_empty() { None } else { self.0.arbitrary().ok() }
    }

    /// The next octet, or zero when there is none.
    pub(crate) fn octet(&mut self) -> u8 {
        self.any().unwrap_or_default()
    }

    /// A number below `end`, which is at most 256.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.octet()) % end
    }

    /// A number below `end`, which is at most 65536.
    pub(crate) fn below_wide(&mut self, end: usize) -> usize {
        (usize::from(self.octet()) << 8 | usize::from(self.octet())) % end
    }

    /// One of `values`, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    /// The next `len` octets, or as many as there are.
    pub(crate) fn take(&mut self, len: usize) -> &'a [u8] {
        self.0.bytes(len.min(self.0.len())).unwrap_or_default()
    }

    pub(crate) fn rest(self) -> &'a [u8] {
        self.0.take_rest()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
