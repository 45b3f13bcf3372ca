//! Reed-Solomon codes of 131.0-B-6 §4.
