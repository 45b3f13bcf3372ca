//! Statics that one context owns: firmware has no heap to put its state into, and no threads to guard it from.

use core::cell::UnsafeCell;

/// A static that is borrowed mutably once.
#[derive(Debug)]
pub struct Local<T>(UnsafeCell<T>);

// SAFETY: `take` is the only access, and its caller promises that nobody else holds the result.
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    /// Built at compile time: what is all zeros takes no flash.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// What is inside.
    ///
    /// # Safety
    /// The caller holds no other result of this function, neither in this context nor in an interrupt.
    #[expect(clippy::mut_from_ref, reason = "the caller promises to be alone")]
    pub const unsafe fn take(&'static self) -> &'static mut T {
        // SAFETY: as promised, nobody else refers to it.
        unsafe { &mut *self.0.get() }
    }
}
