//! Time codes, CCSDS 301.0-B-4: so far the layout of unsegmented codes.

pub mod cuc;
