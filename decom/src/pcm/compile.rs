//! From a PCM format to the mission database: a container for each minor frame, told apart by the subframe counter.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use super::format::{Calibration, Measurement, NumberFormat, Part, PcmFormat, Place, WordBits, WordOrder};
use super::major::FrameCounter;
use crate::line::OneLine;
use crate::model::{
    Base, BitOrder, ByteOrder, Calibrator, Comparand, Comparison, Condition, Container, ContainerId,
    Database, Encoding, EngineeringKind, Entry, EntryKind, IntExpr, IntegerEncoding, Location, MathOp,
    MathOperator, Operator, Origin, Parameter, ParameterId, ParameterRef, ParameterType, Reference, Scalar,
    TypeId, TypeKind,
};

impl PcmFormat {
    /// The database whose packets are minor frames, synchronization pattern included.
    ///
    /// # Errors
    ///
    /// All that no minor frame can be taken apart by.
    pub fn database(&self) -> Result<Database, Vec<PcmError>> {
        let mut builder = Builder {
            format: self,
            starts: self.starts(),
            samples: 0,
            database: Database::default(),
            errors: Vec::new(),
        };
        builder.database.name = self.name.clone();
        builder.run();
        if builder.errors.is_empty() { Ok(builder.database) } else { Err(builder.errors) }
    }

    /// Bits of a minor frame, synchronization pattern included.
    #[must_use]
    pub fn frame_bits(&self) -> u32 {
        self.starts().iter().map(|(_, bits)| *bits).fold(self.sync_bits, u32::saturating_add)
    }

    /// The counter for [`MajorFrames`](super::major::MajorFrames). `None` where there is none, where it does not count by one, or
    /// where its least significant bit comes first.
    #[must_use]
    pub fn frame_counter(&self) -> Option<FrameCounter> {
        let counter = self.counter?;
        let is_falling = match counter.step {
            1 => false,
            -1 => true,
            _ => return None,
        };
        let (bit, bits) = self.place(&self.starts(), counter.bits, counter.order)?;
        let frames = u16::try_from(self.minor_frames).ok()?;
        let is_plain = counter.order == WordOrder::MostSignificantFirst || bits == 1;
        is_plain.then_some(FrameCounter {
            bit_offset: bit as usize,
            bits,
            first: counter.first,
            is_falling,
            frames,
        })
    }

    /// First bit and number of bits of each word.
    fn starts(&self) -> Vec<(u32, u32)> {
        let sizes: BTreeMap<u32, u32> = self.word_sizes.iter().copied().collect();
        let sync = if self.sync_last { 0 } else { self.sync_bits };
        let words = (1..=self.words.min(MAX_WORDS)).scan(sync, |start, word| {
            let bits = sizes.get(&word).copied().unwrap_or(self.word_bits);
            let this = *start;
            *start = start.saturating_add(bits);
            Some((this, bits))
        });
        words.collect()
    }

    /// First bit, in the minor frame, and number of some bits of a word; `None` where the word has no such bits.
    fn place(&self, starts: &[(u32, u32)], part: WordBits, order: WordOrder) -> Option<(u32, u32)> {
        let (start, size) = *starts.get(part.word.checked_sub(1)? as usize)?;
        let skipped = part.first_bit.checked_sub(1)?;
        let bits = if part.bits == 0 { size.checked_sub(skipped)? } else { part.bits };
        let behind = size.checked_sub(skipped)?.checked_sub(bits)?;
        let within = match order {
            WordOrder::LeastSignificantFirst => behind,
            WordOrder::MostSignificantFirst => skipped,
        };
        (bits > 0).then_some((start.checked_add(within)?, bits))
    }
}

/// What makes a format impossible.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PcmError {
    /// The measurement; empty where it is about the format.
    pub measurement: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for PcmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.measurement.is_empty() { "format" } else { &self.measurement };
        write!(OneLine(f), "{name}: {}", self.what)
    }
}

impl core::error::Error for PcmError {}

/// Samples of a measurement by minor frame: first bit and bits of each part.
type Samples = BTreeMap<u32, Vec<Vec<(u32, u32)>>>;

struct Builder<'f> {
    format: &'f PcmFormat,
    starts: Vec<(u32, u32)>,
    /// Samples of all measurements so far.
    samples: usize,
    database: Database,
    errors: Vec<PcmError>,
}

impl Builder<'_> {
    fn run(&mut self) {
        let format = self.format;
        if !self.check() {
            return;
        }
        let mut frames: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
        let counter = format.counter.and_then(|counter| {
            let (bit, bits) = self.or_fault(
                "",
                format.place(&self.starts, counter.bits, counter.order),
                "no word has the bits of the counter",
            )?;
            let id = self.add_parameter(
                "SFID",
                "Subframe counter",
                "",
                integer(bits, IntegerEncoding::Unsigned, counter.order),
            )?;
            Some((id, bit))
        });
        for measurement in &format.measurements {
            let Some((samples, scalar)) = self.measurement(measurement) else { continue };
            let Some(id) =
                self.add_parameter(&measurement.name, &measurement.description, &measurement.unit, scalar)
            else {
                return;
            };
            for (frame, samples) in samples {
                frames.entry(frame).or_default().extend(samples.into_iter().map(|parts| entry(id, parts)));
            }
        }
        let name = format!("/{}/MINOR_FRAME", path(&format.name));
        let Some((counter_id, bit)) = counter else {
            let entries = frames.remove(&1).unwrap_or_default();
            self.add_container(name, "Minor frame", None, entries);
            return;
        };
        let root = self.add_container(
            name,
            "Minor frame",
            None,
            vec![entry(counter_id, vec![(bit, self.counter_bits())])],
        );
        for number in 1..=format.minor_frames {
            let entries = frames.remove(&number).unwrap_or_default();
            let name = format!("/{}/FRAME_{number}", path(&format.name));
            let restriction = self.restriction(counter_id, number);
            self.add_container(name, "", Some(Base { container: root, restriction }), entries);
        }
    }

    fn counter_bits(&self) -> u32 {
        let counter = self.format.counter;
        counter
            .and_then(|counter| self.format.place(&self.starts, counter.bits, counter.order))
            .map_or(0, |(_, bits)| bits)
    }

    fn restriction(&self, counter: ParameterId, frame: u32) -> Condition {
        let value = self.count_of(frame).unwrap_or_default();
        Condition::Compare(Comparison {
            left: ParameterRef { parameter: counter, path: Vec::new(), calibrated: false },
            operator: Operator::Equal,
            right: Comparand::Literal(value.to_string()),
        })
    }

    /// What the counter is in a minor frame.
    fn count_of(&self, frame: u32) -> Option<u64> {
        let counter = self.format.counter?;
        let way = counter.step.checked_mul(i64::from(frame.checked_sub(1)?))?;
        counter.first.checked_add_signed(way)
    }

    /// Whether the minor frame itself is possible.
    fn check(&mut self) -> bool {
        let format = self.format;
        let sizes_fit = self.starts.iter().all(|(_, bits)| (1..=64).contains(bits));
        let words_exist = format.word_sizes.iter().all(|(word, _)| (1..=format.words).contains(word));
        let counts = self.count_of(format.minor_frames);
        let checks = [
            (format.words == 0 || format.words > MAX_WORDS, "a minor frame has 1 to 65,536 words"),
            (!sizes_fit, "a word has 1 to 64 bits"),
            (!words_exist, "a word that is not there has a size of its own"),
            (
                format.minor_frames == 0 || format.minor_frames > MAX_FRAMES,
                "a major frame has 1 to 65,536 minor frames",
            ),
            (format.minor_frames > 1 && format.counter.is_none(), "several minor frames need a counter"),
            (
                format.counter.is_some_and(|counter| counter.step == 0 && format.minor_frames > 1),
                "the counter does not count",
            ),
            (
                format.counter.is_some_and(|counter| counts != Some(counter.last)),
                "first count, last count and step do not fit the minor frames",
            ),
        ];
        for (is_wrong, what) in checks {
            if is_wrong {
                self.fault("", what);
            }
        }
        self.errors.is_empty()
    }

    /// Where the samples of a measurement are, and what they are.
    fn measurement(&mut self, measurement: &Measurement) -> Option<(Samples, Scalar)> {
        let order = measurement.order.unwrap_or(self.format.order);
        let mut samples = Samples::new();
        let mut size = None;
        for place in &measurement.places {
            for (frame, parts) in self.occurrences(measurement, place)? {
                let mut bits = Vec::new();
                for part in parts {
                    let place = self.format.place(&self.starts, part, order);
                    bits.push(self.or_fault(
                        &measurement.name,
                        place,
                        "a word does not have the bits of it",
                    )?);
                }
                if order == WordOrder::LeastSignificantFirst {
                    // Read backward as a whole, the last part is the first one.
                    bits.reverse();
                }
                let total = bits.iter().map(|(_, bits)| bits).sum::<u32>();
                if total > 64 || size.is_some_and(|size| size != total) {
                    self.fault(
                        &measurement.name,
                        "its samples have more than 64 bits, or not all the same number",
                    );
                    return None;
                }
                size = Some(total);
                samples.entry(frame).or_default().push(bits);
            }
        }
        for samples in samples.values_mut() {
            samples.sort_by_key(|parts| parts.first().map(|part| part.0));
        }
        let bits = self.or_fault(&measurement.name, size, "it has no place")?;
        let scalar = self.scalar(measurement, bits, order)?;
        Some((samples, scalar))
    }

    /// Minor frame and parts of each sample that a place stands for.
    fn occurrences(&mut self, measurement: &Measurement, place: &Place) -> Option<Vec<(u32, Vec<WordBits>)>> {
        let mut parts: Vec<Vec<(u32, WordBits)>> = Vec::new();
        for part in &place.parts {
            parts.push(self.occurrences_of(measurement, *part)?);
        }
        let first = parts.first()?;
        let together = parts.iter().all(|other| {
            other.len() == first.len() && other.iter().zip(first).all(|(other, first)| other.0 == first.0)
        });
        if !together {
            self.fault(&measurement.name, "its parts are not in the same minor frames, or not equally often");
            return None;
        }
        let sample = |(at, (frame, _)): (usize, &(u32, WordBits))| {
            let parts = parts.iter().filter_map(|part| part.get(at)).map(|(_, bits)| *bits).collect();
            (*frame, parts)
        };
        Some(first.iter().enumerate().map(sample).collect())
    }

    fn occurrences_of(&mut self, measurement: &Measurement, part: Part) -> Option<Vec<(u32, WordBits)>> {
        let format = self.format;
        let last = |given, all| if given == 0 { all } else { given };
        let (last_frame, last_word) =
            (last(part.last_frame, format.minor_frames), last(part.last_word, format.words));
        // Numbers of strangers: a series is made only of words and frames that there are.
        let exist = last_frame <= format.minor_frames && last_word <= format.words;
        let of = |first, interval, last| if exist { series(first, interval, last) } else { Vec::new() };
        let frames = of(part.frame, part.frame_interval, last_frame);
        let words = of(part.bits.word, part.word_interval, last_word);
        if frames.is_empty() || words.is_empty() {
            self.fault(&measurement.name, "a word or minor frame of it is not there");
            return None;
        }
        self.samples = self.samples.saturating_add(frames.len().saturating_mul(words.len()));
        if self.samples > MAX_SAMPLES {
            self.fault(&measurement.name, "the format has more than 1,048,576 samples in a major frame");
            return None;
        }
        let of_frame = |frame: &u32| {
            let frame = *frame;
            words.iter().map(move |word| (frame, WordBits { word: *word, ..part.bits }))
        };
        Some(frames.iter().flat_map(of_frame).collect())
    }

    fn scalar(&mut self, measurement: &Measurement, bits: u32, order: WordOrder) -> Option<Scalar> {
        let mut scalar = match measurement.number {
            NumberFormat::Bcd => integer(bits, IntegerEncoding::PackedBcd, order),
            NumberFormat::Float(encoding) => {
                let (byte_order, bit_order) = (ByteOrder::MostSignificantFirst, bit_order(order));
                Scalar::new(Encoding::Float { bits, encoding, byte_order, bit_order }, EngineeringKind::Float)
            }
            NumberFormat::OffsetBinary | NumberFormat::Unsigned => {
                integer(bits, IntegerEncoding::Unsigned, order)
            }
            NumberFormat::OnesComplement => integer(bits, IntegerEncoding::OnesComplement, order),
            NumberFormat::SignMagnitude => integer(bits, IntegerEncoding::SignMagnitude, order),
            NumberFormat::TwosComplement => integer(bits, IntegerEncoding::TwosComplement, order),
        };
        if measurement.number == NumberFormat::Bcd && !bits.is_multiple_of(4) {
            self.fault(&measurement.name, "decimal digits have four bits each");
            return None;
        }
        let offset = match measurement.number {
            NumberFormat::OffsetBinary => libm::exp2(f64::from(bits - 1)),
            _ => 0.0,
        };
        let calibrator = match &measurement.calibration {
            Calibration::None if offset == 0.0 => return Some(scalar),
            Calibration::None => polynomial(vec![-offset, 1.0]),
            Calibration::Points(points) => {
                let rising = points.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0));
                if points.is_empty() || !rising {
                    self.fault(&measurement.name, "its points are none, or their numbers do not rise");
                    return None;
                }
                let points = points.iter().map(|(number, value)| (number + offset, *value)).collect();
                Calibrator::Spline { order: 1, extrapolate: false, points }
            }
            Calibration::Polynomial(coefficients) if offset == 0.0 => polynomial(coefficients.clone()),
            Calibration::Polynomial(coefficients) => shifted(coefficients, offset),
        };
        scalar.kind = EngineeringKind::Float;
        scalar.calibrator = Some(calibrator);
        Some(scalar)
    }

    fn add_parameter(
        &mut self,
        name: &str,
        description: &str,
        unit: &str,
        scalar: Scalar,
    ) -> Option<ParameterId> {
        let name = format!("/{}/{}", path(&self.format.name), path(name));
        if self.database.parameters.iter().any(|other| other.name == name) {
            self.fault(&name, "another measurement has the same name");
        }
        let origin = Origin::default();
        let parameter_type = TypeId(u32::try_from(self.database.types.len()).ok()?);
        let id = ParameterId(u32::try_from(self.database.parameters.len()).ok()?);
        let (unit, kind) = (unit.to_string(), TypeKind::Scalar(scalar));
        self.database.types.push(ParameterType { name: name.clone(), unit, kind, origin });
        let description = description.to_string();
        self.database.parameters.push(Parameter {
            name,
            description,
            parameter_type,
            constant: None,
            valid_if: None,
            origin,
        });
        Some(id)
    }

    fn add_container(
        &mut self,
        name: String,
        description: &str,
        base: Option<Base>,
        entries: Vec<Entry>,
    ) -> ContainerId {
        let is_root = base.is_none();
        let id = ContainerId(u32::try_from(self.database.containers.len()).unwrap_or(u32::MAX));
        self.database.containers.push(Container {
            name,
            description: description.to_string(),
            base,
            next: None,
            is_abstract: is_root && self.format.counter.is_some(),
            entries,
            size_bits: is_root.then(|| IntExpr::Fixed(self.format.frame_bits().into())),
            origin: Origin::default(),
        });
        id
    }

    fn or_fault<T>(&mut self, measurement: &str, value: Option<T>, what: &str) -> Option<T> {
        if value.is_none() {
            self.fault(measurement, what);
        }
        value
    }

    fn fault(&mut self, measurement: &str, what: &str) {
        self.errors.push(PcmError { measurement: measurement.to_string(), what: what.to_string() });
    }
}

/// The first number, and every one an interval later up to the last; without an interval just the first.
fn series(first: u32, interval: u32, last: u32) -> Vec<u32> {
    match usize::try_from(interval) {
        _ if first == 0 || first > last => Vec::new(),
        Ok(interval) if interval > 0 => (first..=last).step_by(interval).collect(),
        _ => vec![first],
    }
}

/// An entry at fixed bits.
fn entry(parameter: ParameterId, parts: Vec<(u32, u32)>) -> Entry {
    match parts[..] {
        [(bit, _)] => Entry {
            location: Location { reference: Reference::ContainerStart, offset: IntExpr::Fixed(bit.into()) },
            ..Entry::new(EntryKind::Parameter(parameter), Origin::default())
        },
        _ => Entry::new(EntryKind::Fragments { parameter, parts }, Origin::default()),
    }
}

fn integer(bits: u32, encoding: IntegerEncoding, order: WordOrder) -> Scalar {
    let (byte_order, bit_order) = (ByteOrder::MostSignificantFirst, bit_order(order));
    Scalar::new(Encoding::Integer { bits, encoding, byte_order, bit_order }, EngineeringKind::Integer)
}

const fn bit_order(order: WordOrder) -> BitOrder {
    match order {
        WordOrder::LeastSignificantFirst => BitOrder::LeastSignificantFirst,
        WordOrder::MostSignificantFirst => BitOrder::MostSignificantFirst,
    }
}

const fn polynomial(coefficients: Vec<f64>) -> Calibrator {
    Calibrator::Polynomial { coefficients, negative: Vec::new() }
}

/// A polynomial of the raw value less `offset`, by Horner's rule: multiplied out, it would lose digits.
fn shifted(coefficients: &[f64], offset: f64) -> Calibrator {
    let mut steps = vec![MathOp::Number(0.0)];
    for coefficient in coefficients.iter().rev() {
        steps.extend([
            MathOp::This,
            MathOp::Number(offset),
            MathOp::Apply(MathOperator::Subtract),
            MathOp::Apply(MathOperator::Multiply),
            MathOp::Number(*coefficient),
            MathOp::Apply(MathOperator::Add),
        ]);
    }
    Calibrator::Math(steps)
}

/// Names of measurements may have strokes, paths may not.
fn path(name: &str) -> String {
    name.replace('/', "_")
}

const MAX_WORDS: u32 = 65_536;
const MAX_FRAMES: u32 = 65_536;
const MAX_SAMPLES: usize = 1 << 20;
