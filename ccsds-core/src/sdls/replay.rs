//! Anti-replay: numbers go up, and not by more than a window (355.0-B-2 §3.3.2).

/// Remembers the greatest number that came with an authentic frame.
///
/// The next one must be greater, by no more than the window: a number can neither come again nor be run up by whoever holds an old
/// frame. Numbers do not start anew; when they are used up, so is the association.
#[derive(Clone, Copy, Debug)]
pub(super) struct AntiReplay {
    window: u64,
    latest: Latest,
}

/// How far the numbers have come.
#[derive(Clone, Copy, Debug)]
enum Latest {
    /// No frame came yet, and management says which number is the first.
    Before(u128),
    /// No frame came yet: the first one begins the count.
    None,
    /// This was the greatest.
    Number(u128),
}

impl AntiReplay {
    /// No frame came yet: the first one begins the count.
    pub(super) const fn new(window: u64) -> Self {
        Self { window, latest: Latest::None }
    }

    /// No frame came yet, and the first one has this number.
    pub(super) const fn beginning_with(self, first: u128) -> Self {
        Self { latest: Latest::Before(first), ..self }
    }

    /// The same with another window.
    pub(super) const fn with_window(self, window: u64) -> Self {
        Self { window, ..self }
    }

    /// Whether a frame of this number may come next; then it has come. Ask only of authentic frames.
    pub(super) fn advance(&mut self, number: u128) -> bool {
        let window = u128::from(self.window);
        let acceptable = match self.latest {
            Latest::Before(first) => number.checked_sub(first).is_some_and(|ahead| ahead < window),
            Latest::None => true,
            Latest::Number(latest) => {
                number.checked_sub(latest).is_some_and(|step| step > 0 && step <= window)
            }
        };
        if acceptable {
            self.latest = Latest::Number(number);
        }
        acceptable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_once_and_not_too_far_ahead() {
        let mut replay = AntiReplay::new(5);
        let answers = [100, 100, 99, 101, 106, 112, 111, 105, 106, 116, 116].map(|n| (n, replay.advance(n)));
        let accepted: std::vec::Vec<u128> =
            answers.into_iter().filter(|(_, accepted)| *accepted).map(|(number, _)| number).collect();
        assert_eq!(accepted, [100, 101, 106, 111, 116]);
    }

    #[test]
    fn a_managed_first_number_bounds_the_first_frame_too() {
        for (first, expected) in
            [(0, [true, false, true]), (3, [false, false, true]), (6, [false, true, false])]
        {
            let mut replay = AntiReplay::new(5).beginning_with(first);
            let answers = [2, 8, 7].map(|number| replay.advance(number));
            assert_eq!(answers, expected, "{first}");
        }
    }

    #[test]
    fn numbers_do_not_start_anew() {
        let mut replay = AntiReplay::new(u64::MAX);
        assert!(replay.advance(u128::MAX));
        assert!(!replay.advance(0) && !replay.advance(1) && !replay.advance(u128::MAX));
    }
}
