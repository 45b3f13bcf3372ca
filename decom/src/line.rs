//! Messages that quote what somebody else wrote: one line, and nothing that a terminal obeys.

use core::fmt;

/// Writes control characters as the escapes of Rust, all else as it is.
pub(crate) struct OneLine<'f, 'b>(pub(crate) &'f mut fmt::Formatter<'b>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if character.is_control() {
                write!(self.0, "{}", character.escape_default())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::{self, Write as _};
    use std::string::ToString;

    use super::OneLine;

    struct Quoted(&'static str);

    impl fmt::Display for Quoted {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(OneLine(f), "1:2: {}", self.0)
        }
    }

    #[test]
    fn control_characters_are_escapes_and_all_else_is_as_it_was() {
        assert_eq!(Quoted("größer\n\u{1b}[2J\u{9b}1m\t").to_string(), "1:2: größer\\n\\u{1b}[2J\\u{9b}1m\\t");
    }
}
