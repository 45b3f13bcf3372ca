//! Lists that mostly have one entry, which lies in the list itself.
//!
//! A container has many columns, and each its calibrator and limits. Where these lie one behind the other, they come from memory together.

use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

/// A list.
#[derive(Clone, Debug)]
pub(super) enum Few<T> {
    One([T; 1]),
    Several(Vec<T>),
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(list: Vec<T>) -> Self {
        match <[T; 1]>::try_from(list) {
            Ok(one) => Self::One(one),
            Err(list) => Self::Several(list),
        }
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => one,
            Self::Several(list) => list,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::One(one) => one,
            Self::Several(list) => list,
        }
    }
}

/// Coefficients of a polynomial, from the constant on.
#[derive(Clone, Debug)]
pub(super) enum Coefficients {
    Cubic { four: [f64; 4], len: usize },
    Higher(Vec<f64>),
}

impl From<&[f64]> for Coefficients {
    fn from(list: &[f64]) -> Self {
        let mut four = [0.0; 4];
        match four.get_mut(..list.len()) {
            Some(slots) => {
                slots.copy_from_slice(list);
                Self::Cubic { four, len: list.len() }
            }
            None => Self::Higher(list.to_vec()),
        }
    }
}

impl Deref for Coefficients {
    type Target = [f64];

    #[inline(always)]
    fn deref(&self) -> &[f64] {
        match self {
            Self::Cubic { four, len } => four.get(..*len).unwrap_or(four),
            Self::Higher(list) => list,
        }
    }
}
