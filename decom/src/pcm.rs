//! Pulse code modulation: IRIG 106 chapter 4 formats as a front to the same plans that decode packets.
//!
//! ```text
//! TMATS ─▶ PcmFormat ─▶ Database ─▶ Plan     a container for each minor frame; the subframe counter plays the APID's part
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`chapter10`] | packets of chapter 10 and 11 recordings |
//! | [`major`] | minor frames put together to major frames, with an account |
//! | `format` | formats: words, frames, measurements (`alloc`) |
//! | `tmats` | formats from TMATS attributes (`alloc`) |
//! | `compile` | from a format to the mission database (`alloc`) |

pub mod chapter10;
#[cfg(feature = "alloc")]
pub mod compile;
#[cfg(feature = "alloc")]
pub mod format;
pub mod major;
#[cfg(feature = "alloc")]
pub mod tmats;

#[cfg(feature = "alloc")]
pub use self::compile::PcmError;
#[cfg(feature = "alloc")]
pub use self::format::{
    Calibration, Measurement, NumberFormat, Part, PcmFormat, Place, SubframeCounter, WordBits, WordOrder,
};
