//! Parameters of packets: columns and rows beside structures written by hand, and what surrounds them.

mod fields;
pub mod hand;
pub mod packets;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use ccsds_core::arch::Level;
use ccsds_core::quality::{PacketQuality, ReceiveTime};
use decom::block::{ColumnDecoder, ColumnOptions, ColumnSet, Detail};
use decom::column::{ColumnBatch, Values};
use decom::plan::PlanBuf;
use decom::raw::Raw;
use decom::row::{Decoder, Register, RowSink, RowStatus, Sample};

use self::packets::Layout;
use super::contest::Contest;
use super::row::{Figure, Rival, Unit};
use super::{Failure, Scope};

/// Every work of this module.
///
/// # Errors
/// When a layout is no database, or what was decoded is not what was simulated.
pub fn contests(scope: &Scope) -> Result<Vec<Contest>, Failure> {
    let jpss = Layout::jpss_like();
    let ctim = Layout::ctim_like();
    let mut contests = Vec::new();
    for (layout, names) in [(&jpss, &JPSS), (&ctim, &CTIM)] {
        let plain = Material::new(layout, false)?;
        let meant = Material::new(layout, true)?;
        contests.push(columns(scope, &plain, names)?);
        contests.push(rows(&plain, names)?);
        contests.push(dispatched(scope, &plain, names)?);
        contests.push(calibrated(scope, &meant, names)?);
    }
    contests.push(structure(&Material::new(&jpss, false)?)?);
    Ok(contests)
}

/// The packets that peers outside of this process are given: 27 parameters in 71 octets.
#[must_use]
pub fn peer_packets() -> Vec<u8> {
    let layout = Layout::jpss_like();
    layout.packets(OCTETS / layout.packet_len())
}

/// Let `numpy`, `ccsdspy` and `space_packet_parser` decode the same packets, and enter them as peers of columns and rows.
///
/// # Errors
/// When the interpreter or one of them fails.
pub fn enter_python(python: &Path, rows: &mut [super::row::Row]) -> Result<(), Failure> {
    let packets = peer_packets();
    let mut file = std::env::temp_dir();
    file.push(format!("decom-peers-{}.bin", std::process::id()));
    std::fs::write(&file, &packets)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/decom.py");
    let output = Command::new(python).arg(script).arg(&file).stderr(Stdio::inherit()).output();
    std::fs::remove_file(&file)?;
    let output = output?;
    if !output.status.success() {
        return Err(format!("{}: {}", python.display(), output.status).into());
    }
    let seconds: BTreeMap<String, f64> = serde_json::from_slice(&output.stdout)?;
    let bits = Layout::jpss_like().packet_len() as f64 * 8.0;
    for name in ["numpy", "ccsdspy", "space_packet_parser"] {
        let Some(seconds) = seconds.get(name) else { continue };
        let rate = bits * 1e-9 / seconds;
        let rival = Rival { name, figure: Figure { best: rate, median: rate } };
        let of_packets = rows.iter_mut().filter(|row| row.work == COLUMNS_JPSS || row.work == JPSS.rows);
        of_packets.for_each(|row| row.rivals.push(rival));
    }
    Ok(())
}

/// The same plan everywhere: a benchmark lasts as long as the process.
struct Material {
    plan: &'static PlanBuf,
    data: Rc<[u8]>,
    packet_len: usize,
    packets: usize,
    parameters: usize,
    hand: hand::Loop,
}

impl Material {
    fn new(layout: &Layout, has_meanings: bool) -> Result<Self, Failure> {
        let plan = layout.database(has_meanings).compile().map_err(|errors| format!("{errors:?}"))?;
        let packets = OCTETS / layout.packet_len();
        let data = layout.packets(packets);
        let material = Self {
            plan: Box::leak(Box::new(plan)),
            data: data.into(),
            packet_len: layout.packet_len(),
            packets,
            parameters: layout.fields().len(),
            hand: layout.hand(),
        };
        Ok(material)
    }

    fn decoder(&self, level: Level, detail: Detail) -> Result<ColumnDecoder<'static>, Failure> {
        let plan = self.plan.plan();
        let options = ColumnOptions { detail, parameters: None, level };
        let container = plan.node_named("/DATA").ok_or("no container")?;
        Ok(ColumnDecoder::with_options(plan, container, &options).ok_or("no such level")?)
    }

    /// Decodes all packets once more, and checks that there are as many values as there should be, and the last ones are right.
    fn columns(&self, level: Level, detail: Detail) -> Result<impl FnMut() + 'static, Failure> {
        let mut decoder = self.decoder(level, detail)?;
        let mut batch = decoder.batch();
        let (data, stride) = (self.data.clone(), self.packet_len);
        decoder.append_strided(&data, stride, ReceiveTime(0), PacketQuality::GOOD, &mut batch);
        self.check(&batch)?;
        let answer = last(&batch);
        let mut batch = decoder.batch();
        let piece = piece(stride);
        Ok(move || {
            for piece in black_box(&data).chunks(piece) {
                batch.clear();
                decoder.append_strided(piece, stride, ReceiveTime(0), PacketQuality::GOOD, &mut batch);
                assert_eq!(black_box(&batch).rows() * stride, piece.len());
            }
            assert_eq!(last(&batch), answer);
        })
    }

    /// Every raw value is that of the structure written by hand.
    fn check(&self, batch: &ColumnBatch) -> Result<(), Failure> {
        let expected = (self.hand.values)(&self.data);
        if batch.columns().len() != self.parameters || expected.len() != self.packets * self.parameters {
            return Err("values are missing".into());
        }
        for (row, expected) in expected.chunks_exact(self.parameters).enumerate() {
            for (column, &expected) in batch.columns().iter().zip(expected) {
                if number(column.raw(), row) != Some(expected) {
                    return Err(format!("row {row}, item {}", column.item().0).into());
                }
            }
        }
        Ok(())
    }

    fn hand(&self) -> impl FnMut() + 'static {
        let data = self.data.clone();
        (self.hand.start)(data)
    }

    fn memcpy(&self) -> impl FnMut() + 'static {
        let data = self.data.clone();
        let piece = piece(self.packet_len);
        let mut to = vec![0; piece];
        move || {
            for piece in black_box(&data).chunks(piece) {
                let Some(to) = to.get_mut(..piece.len()) else { return };
                to.copy_from_slice(piece);
                assert_eq!(black_box(&*to).last(), piece.last());
            }
        }
    }

    fn unit(&self) -> Unit {
        Unit { name: "packet", octets: self.packet_len }
    }
}

fn columns(scope: &Scope, material: &Material, names: &Names) -> Result<Contest, Failure> {
    let mut contest = Contest::new(names.columns, material.unit());
    for &level in &scope.levels {
        contest.ours(level, 1, material.data.len(), material.columns(level, Detail::Raw)?);
    }
    contest.peer("struct", material.data.len(), material.hand());
    contest.peer("memcpy", material.data.len(), material.memcpy());
    Ok(contest)
}

fn rows(material: &Material, names: &Names) -> Result<Contest, Failure> {
    let mut contest = Contest::new(names.rows, material.unit());
    let plan = material.plan.plan();
    let root = plan.roots.first().copied().ok_or("no container")?;
    let mut decoder = Decoder::new(plan, root, vec![Register::Empty; plan.registers as usize])?;
    let (data, len, parameters) = (material.data.clone(), material.packet_len, material.parameters);
    let mut row = Row(vec![0; parameters]);
    contest.ours_portable(data.len(), move || {
        for packet in black_box(&data).chunks_exact(len) {
            let report = decoder.decode(packet, &mut row);
            assert_eq!(report.status, RowStatus::Complete);
            black_box(&row);
        }
    });
    contest.peer("struct", material.data.len(), material.hand());
    Ok(contest)
}

/// A structure of one's own, filled from fields of the database.
fn structure(material: &Material) -> Result<Contest, Failure> {
    if (hand::FIELDS.values)(&material.data) != (material.hand.values)(&material.data) {
        return Err("a structure of fields has other values than that written by hand".into());
    }
    let mut contest = Contest::new(STRUCTURE_JPSS, material.unit());
    contest.ours_portable(material.data.len(), (hand::FIELDS.start)(material.data.clone()));
    contest.peer("struct", material.data.len(), material.hand());
    Ok(contest)
}

/// Raw values as bits, each where its item is.
struct Row(Vec<u64>);

impl RowSink for Row {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        if let Some(slot) = self.0.get_mut(sample.item().0 as usize) {
            *slot = match sample.raw() {
                Raw::Float(value) => value.to_bits(),
                Raw::Signed(value) => value as u64,
                Raw::Unsigned(value) => value,
                _ => 0,
            };
        }
    }
}

/// From octets: where packets begin, what they are of, and their values.
fn dispatched(scope: &Scope, material: &Material, names: &Names) -> Result<Contest, Failure> {
    let mut contest = Contest::new(names.dispatched, material.unit());
    let plan = material.plan.plan();
    let root = plan.roots.first().copied().ok_or("no container")?;
    let level = scope.levels.last().copied().unwrap_or(Level::Scalar);
    let options = ColumnOptions { detail: Detail::Raw, parameters: None, level };
    let mut set = ColumnSet::new(plan, root, &options).ok_or("no such level")?;
    let (data, len, piece) = (material.data.clone(), material.packet_len, piece(material.packet_len));
    contest.ours(level, 1, data.len(), move || {
        for piece in black_box(&data).chunks(piece) {
            set.clear();
            let taken = set.append_stream(piece, ReceiveTime(0), PacketQuality::GOOD);
            assert_eq!(taken, piece.len());
            assert_eq!(black_box(&set).batches().map(ColumnBatch::rows).sum::<usize>() * len, taken);
        }
    });
    contest.peer(DECODE, material.data.len(), material.columns(level, Detail::Raw)?);
    Ok(contest)
}

/// A cubic calibrator and limits for every parameter.
fn calibrated(scope: &Scope, material: &Material, names: &Names) -> Result<Contest, Failure> {
    let mut contest = Contest::new(names.calibrated, material.unit());
    let level = scope.levels.last().copied().unwrap_or(Level::Scalar);
    contest.ours(level, 1, material.data.len(), material.columns(level, Detail::Alarms)?);
    contest.peer(DECODE, material.data.len(), material.columns(level, Detail::Raw)?);
    Ok(contest)
}

/// Octets that are decoded at a time, by everybody: what they become stays in the second cache, as it does between the stages of a
/// pipeline.
const fn piece(packet_len: usize) -> usize {
    PIECE / packet_len * packet_len
}

/// The last value of the last column.
fn last(batch: &ColumnBatch) -> Option<u64> {
    batch.columns().last().and_then(|column| number(column.raw(), column.len().checked_sub(1)?))
}

/// A number as 64 bits; a float of 32 bits as those.
fn number(values: &Values, index: usize) -> Option<u64> {
    match (values, values.number(index)?) {
        (Values::F32(values), _) => values.get(index).map(|value| value.to_bits().into()),
        (_, Raw::Float(value)) => Some(value.to_bits()),
        (_, Raw::Signed(value)) => Some(value as u64),
        (_, Raw::Unsigned(value)) => Some(value),
        _ => None,
    }
}

/// What the works are called.
struct Names {
    columns: &'static str,
    rows: &'static str,
    dispatched: &'static str,
    calibrated: &'static str,
}

pub(crate) const COLUMNS_JPSS: &str = "columns, 27 parameters in 71 octets";
pub(crate) const COLUMNS_CTIM: &str = "columns, 865 parameters in 876 octets";
pub(crate) const ROWS_JPSS: &str = "rows, 27 parameters in 71 octets";
pub(crate) const STRUCTURE_JPSS: &str = "structure of fields, 27 parameters in 71 octets";
pub(crate) const DISPATCHED_JPSS: &str = "index, dispatch, columns, 27 parameters in 71 octets";
pub(crate) const DISPATCHED_CTIM: &str = "index, dispatch, columns, 865 parameters in 876 octets";
pub(crate) const CALIBRATED_JPSS: &str = "columns, cubics, limits, 27 parameters in 71 octets";
pub(crate) const CALIBRATED_CTIM: &str = "columns, cubics, limits, 865 parameters in 876 octets";
/// Columns without what else is measured.
pub(crate) const DECODE: &str = "columns alone";

const JPSS: Names = Names {
    columns: COLUMNS_JPSS,
    rows: ROWS_JPSS,
    dispatched: DISPATCHED_JPSS,
    calibrated: CALIBRATED_JPSS,
};
const CTIM: Names = Names {
    columns: COLUMNS_CTIM,
    rows: "rows, 865 parameters in 876 octets",
    dispatched: DISPATCHED_CTIM,
    calibrated: CALIBRATED_CTIM,
};

const PIECE: usize = 64 << 10;
/// Packets of half a megabyte.
const OCTETS: usize = 512_000;
