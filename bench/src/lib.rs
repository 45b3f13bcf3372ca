//! The deterministic downlink simulator, for tests, benchmarks and `fep simulate`.
//!
//! A [`LinkSpec`](sim::LinkSpec) says what a link looks like, [`Impairments`](sim::Impairments) what goes wrong on it, and a
//! seed settles the rest: the same three give the same bits everywhere. Beside the bits comes the [`Truth`](sim::Truth),
//! worked out from what was done to them and without the receive chain: which packets must come out octet for octet, which
//! must not, and which depend on a receiver's choices.
//!
//! ```
//! use bench::sim::{Fate, Fault, Impairments, LinkSpec, Pass, When};
//!
//! let impairments = Impairments::default().with(When::at([5]), Fault::Drop);
//! let pass = Pass::simulate(&LinkSpec::aos_default(), &impairments, 1, 100)?;
//! assert_eq!(pass.octets.len(), 99 * 1024);
//! assert_eq!(pass.truth.frames(Fate::Lost), 1);
//! # Ok::<(), bench::sim::SpecError>(())
//! ```

#[cfg(feature = "report")]
pub mod report;
pub mod sim;
