//! The simulator's only source of chance: the same seed gives the same pass on every machine.
//!
//! Integer arithmetic, comparisons and the four exact operations of IEEE 754 only: no library logarithm, whose last bit may
//! differ between systems.

/// xoshiro256++ by Blackman and Vigna, seeded through splitmix64.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The sequence that belongs to `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let mut state = seed;
        Self {
            state: [splitmix(&mut state), splitmix(&mut state), splitmix(&mut state), splitmix(&mut state)],
        }
    }

    /// A sequence of its own for one purpose, so that a new draw for one leaves the others unchanged.
    #[must_use]
    pub const fn for_purpose(seed: u64, purpose: u64) -> Self {
        let mut state = purpose;
        Self::new(seed ^ splitmix(&mut state))
    }

    /// Sixty-four bits.
    pub const fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ b << 17, d.rotate_left(45)];
        result
    }

    /// A number below `bound`; 0 where there is none.
    pub const fn below(&mut self, bound: u64) -> u64 {
        ((self.next_u64() as u128 * bound as u128) >> 64) as u64
    }

    /// An index below `bound`; 0 where there is none.
    pub const fn index(&mut self, bound: usize) -> usize {
        self.below(bound as u64) as usize
    }

    /// A number from `min` to `max`, both included.
    pub const fn between(&mut self, min: usize, max: usize) -> usize {
        min + self.index(max.saturating_sub(min) + 1)
    }

    /// True so often out of one.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// From 0 (included) to 1 (excluded).
    pub const fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Fill `octets`.
    pub fn fill(&mut self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            for (octet, random) in chunk.iter_mut().zip(self.next_u64().to_le_bytes()) {
                *octet = random;
            }
        }
    }

    /// Exponentially distributed with mean 1, by von Neumann's comparison of uniform numbers.
    fn exponential(&mut self) -> f64 {
        let mut whole = 0.0;
        loop {
            let first = self.unit();
            let mut before = first;
            let mut odd = true;
            loop {
                let next = self.unit();
                if next >= before {
                    break;
                }
                before = next;
                odd = !odd;
            }
            if odd {
                return whole + first;
            }
            whole += 1.0;
        }
    }
}

/// Places of independent events with one probability per place: draws once per event, not once per place.
#[derive(Clone, Debug)]
pub struct Sparse {
    /// Minus the logarithm of the chance that a place is spared; `None` where there are no events.
    rate: Option<f64>,
    /// Places up to the next event.
    ahead: u64,
    rng: Rng,
}

impl Sparse {
    /// Events of this probability; above one half they come as often as at one half, below 1e-15 never.
    #[must_use]
    pub fn new(probability: f64, rng: Rng) -> Self {
        let rate = (probability >= LOWEST).then(|| minus_log_of_complement(probability.min(0.5)));
        let mut sparse = Self { rate, ahead: u64::MAX, rng };
        sparse.ahead = sparse.draw();
        sparse
    }

    /// The place of the next event among the next `places`; repeat until `None` with the places behind it.
    pub fn next_within(&mut self, places: u64) -> Option<u64> {
        if self.ahead >= places {
            self.ahead = if self.rate.is_some() { self.ahead - places } else { u64::MAX };
            return None;
        }
        let place = self.ahead;
        self.ahead = self.draw();
        Some(place)
    }

    fn draw(&mut self) -> u64 {
        self.rate.map_or(u64::MAX, |rate| (self.rng.exponential() / rate) as u64)
    }
}

/// −ln(1 − p) = p + p²/2 + p³/3 + … for p up to one half, where sixty terms suffice.
fn minus_log_of_complement(p: f64) -> f64 {
    let (mut power, mut sum) = (p, 0.0);
    for n in 1..=60u32 {
        sum += power / f64::from(n);
        power *= p;
    }
    sum
}

const fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ *state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

const LOWEST: f64 = 1e-15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_sequence() {
        let mut rng = Rng::new(0);
        assert_eq!([rng.next_u64(), rng.next_u64()], [0x5317_5D61_490B_23DF, 0x61DA_6F3D_C380_D507]);
        assert_ne!(Rng::for_purpose(1, 0).next_u64(), Rng::for_purpose(1, 1).next_u64());
    }

    #[test]
    fn sparse_events_come_as_often_as_they_should() {
        for probability in [1e-4, 0.01, 0.3] {
            let places = 2_000_000;
            let mut sparse = Sparse::new(probability, Rng::new(7));
            let (mut events, mut from) = (0u32, 0);
            while let Some(place) = sparse.next_within(places - from) {
                events += 1;
                from += place + 1;
            }
            let expected = probability * places as f64;
            assert!(
                (f64::from(events) - expected).abs() < 5.0 * expected.sqrt(),
                "{events} events, {expected} due"
            );
        }
    }

    #[test]
    fn sparse_events_do_not_depend_on_how_the_places_are_cut() {
        let place_all = |step: u64| {
            let mut sparse = Sparse::new(0.05, Rng::new(3));
            let mut events = Vec::new();
            for start in (0..10_000).step_by(step as usize) {
                let mut from = 0;
                while let Some(place) = sparse.next_within(step - from) {
                    events.push(start + from + place);
                    from += place + 1;
                }
            }
            events
        };
        assert_eq!(place_all(10_000), place_all(50));
    }

    #[test]
    fn no_probability_means_no_event() {
        assert_eq!(Sparse::new(0.0, Rng::new(1)).next_within(u64::MAX), None);
        assert_eq!(Sparse::new(f64::NAN, Rng::new(1)).next_within(u64::MAX), None);
    }
}
