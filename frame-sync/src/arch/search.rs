//! Marker search at any bit offset.
