//! `fep`: the whole receive chain as one command, from a recording to frames, packets and a closed account.
//!
//! ```text
//! files, pipe ── input ──▶ process ──▶ accounts ──▶ report
//!                 mission ─┘   └──▶ output
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`simulate`] | a downlink to practise on, and the truth about it |
//! | [`demo`] | the pass that shows everything, without any file |
//! | [`cli`] | the commands and their options |
//! | [`database`] | mission databases, and packets decoded with them |
//! | [`discover`] | the managed parameters of a link, from its bits alone |
//! | [`merge`] | recordings of one pass from several stations, the best of each frame |
//! | [`archive`] | frames in a file that only grows, and back |
//! | [`mission`] | mission files: the managed parameters of one physical channel |
//! | [`input`] | one stream out of files, memory maps or a pipe, in bounded memory |
//! | [`parameters`] | packets as files of engineering values |
//! | [`process`] | bits, frames or packets in, accounts and outputs out |
//! | [`accounts`] | what is counted, and whether it adds up |
//! | [`output`] | files that are written whole or not at all |
//! | [`record`] | the annotation record of one frame |
//! | [`report`] | the report, as JSON and as text |
//! | [`progress`] | the progress bar |
//! | [`failure`] | why a command ends without a result, and its exit status |

pub mod accounts;
pub mod archive;
pub mod cli;
pub mod database;
pub mod demo;
pub mod discover;
pub mod failure;
pub mod input;
pub mod merge;
pub mod mission;
pub mod output;
pub mod parameters;
pub mod process;
pub mod progress;
pub mod record;
pub mod report;
pub mod simulate;
