//! Output files, each written whole or not at all.
//!
//! A file grows under a temporary name in the folder it belongs to, and gets its own name when everything is in it. A file whose
//! command is interrupted leaves at most a `.fep-*.part` behind.

mod ocf;
mod sdus;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use ccsds_core::frame::TransferFrame;
use ccsds_core::id::Gvcid;
use ccsds_core::packet::Packet;
use ccsds_core::quality::{FrameMeta, PacketMeta};
use tempfile::NamedTempFile;

use self::ocf::OcfFile;
pub use self::ocf::OcfFormat;
use self::sdus::UnitFiles;
use crate::fep::failure::Failure;
use crate::fep::parameters::Format;
use crate::fep::process::{OcfChange, ServiceUnit, Sink};
use crate::fep::record::{Disposition, FrameRecord};

/// What is to be written, and where.
#[derive(Clone, Debug, Default)]
pub struct OutputOptions {
    /// The folder.
    pub folder: Option<PathBuf>,
    /// Whether files that are there already are replaced.
    pub force: bool,
    /// Trusted frames, channel by channel.
    pub frames: bool,
    /// Every frame in order, with annotations.
    pub all_frames: bool,
    /// Packets, channel by channel.
    pub packets: bool,
    /// Idle packets too.
    pub idle: bool,
    /// Parameters, container by container.
    pub params: Option<Format>,
    /// Changes of the reports in operational control fields.
    pub ocf: Option<OcfFormat>,
    /// The insert zones of all trusted frames.
    pub insert: bool,
    /// Service data units that are no packets, channel by channel, with annotations.
    pub sdus: bool,
    /// The report, in a file of its own.
    pub report: Option<PathBuf>,
}

/// The files of one run.
#[derive(Debug)]
pub struct Outputs {
    folder: Option<PathBuf>,
    force: bool,
    idle: bool,
    frames: Option<ChannelFiles>,
    packets: Option<ChannelFiles>,
    all_frames: Option<AllFrames>,
    ocf: Option<OcfFile>,
    insert: Option<WholeFile>,
    sdus: Option<UnitFiles>,
    report: Option<PathBuf>,
}

impl Outputs {
    /// Make the folder and find out whether it can be written to, before the run begins. `channels` names the files.
    ///
    /// # Errors
    /// When an option lacks its folder, the folder cannot be written to, or a file would be overwritten.
    pub fn prepare(options: &OutputOptions, channels: &[String]) -> Result<Self, Failure> {
        if let Some(report) = &options.report {
            check_report(report)?;
        }
        let Some(folder) = &options.folder else {
            let wanted = [
                (options.frames, "--frames"),
                (options.all_frames, "--all-frames"),
                (options.packets, "--packets"),
                (options.params.is_some(), "--params"),
                (options.ocf.is_some(), "--ocf"),
                (options.insert, "--insert"),
                (options.sdus, "--sdus"),
            ];
            if let Some((_, option)) = wanted.into_iter().find(|(wanted, _)| *wanted) {
                return Err(Failure::cannot_run(format!("{option} writes files: say where with --out DIR")));
            }
            return Ok(Self {
                folder: None,
                force: options.force,
                idle: false,
                frames: None,
                packets: None,
                all_frames: None,
                ocf: None,
                insert: None,
                sdus: None,
                report: options.report.clone(),
            });
        };
        let unusable = |error: io::Error| Failure::cannot_run(format!("--out {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(unusable)?;
        temporary(folder).map_err(unusable)?;
        let files = |wanted: bool, name: &str| wanted.then(|| ChannelFiles::new(folder.join(name), channels));
        let (frames, packets) = (files(options.frames, "frames"), files(options.packets, "packets"));
        let sdus = options.sdus.then(|| UnitFiles::new(folder.join(SDUS), channels));
        if !options.force {
            let whole = options.all_frames.then_some([FRAMES_BIN, FRAMES_META]).into_iter().flatten();
            let ocf = options.ocf.map(OcfFormat::file_name);
            let insert = options.insert.then_some(INSERT_ZONE);
            let mut paths =
                [REPORT].into_iter().chain(whole).chain(ocf).chain(insert).map(|name| folder.join(name));
            let mut by_channel =
                [&frames, &packets].into_iter().flatten().flat_map(|files| files.paths.iter().cloned());
            let mut units = sdus.iter().flat_map(UnitFiles::paths);
            let there = |path: &PathBuf| path.exists();
            if let Some(path) =
                paths.find(there).or_else(|| by_channel.find(there)).or_else(|| units.find(there))
            {
                let what = format!(
                    "{} is there already: choose another --out, or replace it with --force",
                    path.display()
                );
                return Err(Failure::cannot_run(what));
            }
        }
        let all_frames = match options.all_frames {
            true => Some(AllFrames {
                octets: WholeFile::new(folder.join(FRAMES_BIN))?,
                records: WholeFile::new(folder.join(FRAMES_META))?,
                offset: 0,
                coding: 0,
            }),
            false => None,
        };
        Ok(Self {
            folder: Some(folder.clone()),
            force: options.force,
            idle: options.idle,
            frames,
            packets,
            all_frames,
            ocf: options.ocf.map(|format| OcfFile::new(folder, format)).transpose()?,
            insert: match options.insert {
                true => Some(WholeFile::new(folder.join(INSERT_ZONE))?),
                false => None,
            },
            sdus,
            report: options.report.clone(),
        })
    }

    /// Give every file its name, the report last.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn commit(self, report: &str) -> Result<(), Failure> {
        let force = self.force;
        if let Some(all) = self.all_frames {
            all.octets.commit(force)?;
            all.records.commit(force)?;
        }
        if let Some(ocf) = self.ocf {
            ocf.commit(force)?;
        }
        if let Some(insert) = self.insert {
            insert.commit(force)?;
        }
        if let Some(sdus) = self.sdus {
            sdus.commit(force)?;
        }
        for files in [self.frames, self.packets].into_iter().flatten() {
            files.commit(force)?;
        }
        if let Some(folder) = &self.folder {
            let mut file = WholeFile::new(folder.join(REPORT))?;
            file.append(report.as_bytes())?;
            file.commit(force)?;
        }
        if let Some(path) = &self.report {
            write_named(path, report.as_bytes())?;
        }
        Ok(())
    }
}

impl Sink for Outputs {
    fn frame(&mut self, channel: usize, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.frames {
            Some(files) => files.write(channel, bytes),
            None => Ok(()),
        }
    }

    fn any_frame(
        &mut self,
        bytes: &[u8],
        meta: &FrameMeta,
        disposition: Disposition,
        frame: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        let Some(all) = &mut self.all_frames else { return Ok(()) };
        let record =
            FrameRecord::new(meta, all.offset, bytes.len(), disposition, frame).with_coding(all.coding);
        all.offset += bytes.len() as u64;
        all.octets.append(bytes)?;
        all.records.append(bytemuck::bytes_of(&record))
    }

    fn ocf(&mut self, change: &OcfChange) -> Result<(), Failure> {
        match &mut self.ocf {
            Some(file) => file.write(change),
            None => Ok(()),
        }
    }

    fn insert_zone(&mut self, octets: &[u8]) -> Result<(), Failure> {
        match &mut self.insert {
            Some(file) => file.append(octets),
            None => Ok(()),
        }
    }

    fn coding(&mut self, coding: u8) {
        if let Some(all) = &mut self.all_frames {
            all.coding = coding;
        }
    }

    fn sdu(&mut self, channel: usize, unit: &ServiceUnit<'_>) -> Result<(), Failure> {
        match &mut self.sdus {
            Some(files) => files.write(channel, unit),
            None => Ok(()),
        }
    }

    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        match &mut self.packets {
            Some(files) if self.idle || !packet.is_idle() => files.write(channel, packet.bytes),
            _ => Ok(()),
        }
    }

    fn run(&mut self, channel: usize, octets: &[u8], _len: usize, _meta: PacketMeta) -> Result<(), Failure> {
        match &mut self.packets {
            Some(files) => files.write(channel, octets),
            None => Ok(()),
        }
    }
}

/// Find out early whether the report can be written where the user wants it.
fn check_report(path: &Path) -> Result<(), Failure> {
    let unusable = |error: io::Error| Failure::cannot_run(format!("--report {}: {error}", path.display()));
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(unusable(io::Error::from(io::ErrorKind::IsADirectory))),
        Ok(metadata) if !metadata.is_file() => Ok(()),
        _ => temporary(&folder_of(path)).map(drop).map_err(unusable),
    }
}

/// The folder that holds `path`.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The name that the files of a channel have: `<tfvn>-<scid>-<vcid>.bin`.
#[must_use]
pub fn channel_file_name(gvcid: Gvcid) -> String {
    format!("{}-{}-{}.bin", gvcid.tfvn.get(), gvcid.scid, gvcid.vcid)
}

/// One file per channel, opened when there is something to write.
#[derive(Debug)]
struct ChannelFiles {
    folder: PathBuf,
    paths: Vec<PathBuf>,
    parts: Vec<Option<WholeFile>>,
}

impl ChannelFiles {
    fn new(folder: PathBuf, channels: &[String]) -> Self {
        let paths: Vec<PathBuf> = channels.iter().map(|name| folder.join(name)).collect();
        let parts = paths.iter().map(|_| None).collect();
        Self { folder, paths, parts }
    }

    fn write(&mut self, channel: usize, octets: &[u8]) -> Result<(), Failure> {
        let (Some(slot), Some(path)) = (self.parts.get_mut(channel), self.paths.get(channel)) else {
            return Ok(());
        };
        let part = match slot {
            Some(part) => part,
            None => {
                fs::create_dir_all(&self.folder).map_err(|error| write_failure(path, &error))?;
                slot.insert(WholeFile::new(path.clone())?)
            }
        };
        part.append(octets)
    }

    /// With `force`, what an earlier run left of channels that this one did not hear goes away.
    fn commit(self, force: bool) -> Result<(), Failure> {
        for (part, path) in self.parts.into_iter().zip(self.paths) {
            match part {
                Some(part) => part.commit(force)?,
                None if force && path.is_file() => {
                    fs::remove_file(&path).map_err(|error| write_failure(&path, &error))?;
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// Every frame in order, and a record for each.
#[derive(Debug)]
struct AllFrames {
    octets: WholeFile,
    records: WholeFile,
    offset: u64,
    coding: u8,
}

/// A file that gets its name when everything is in it.
#[derive(Debug)]
pub struct WholeFile {
    writer: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl WholeFile {
    /// A file that will be called `path`. A link is followed: the file it names is the one to be replaced.
    ///
    /// # Errors
    /// When its folder cannot be written to.
    pub fn new(path: PathBuf) -> Result<Self, Failure> {
        let path = fs::canonicalize(&path).unwrap_or(path);
        let file = temporary(&folder_of(&path)).map_err(|error| write_failure(&path, &error))?;
        Ok(Self { writer: BufWriter::with_capacity(BUFFER_LEN, file), path })
    }

    /// Append `octets`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn append(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.writer.write_all(octets).map_err(|error| write_failure(&self.path, &error))
    }

    /// Give the file its name; one that is there already is replaced with `force` only.
    ///
    /// # Errors
    /// When the last octets cannot be written, or the name is taken.
    pub fn commit(self, force: bool) -> Result<(), Failure> {
        let Self { writer, path } = self;
        let failed = |error: &io::Error| write_failure(&path, error);
        let file = writer.into_inner().map_err(|error| failed(error.error()))?;
        file.as_file().sync_all().map_err(|error| failed(&error))?;
        let persisted = if force { file.persist(&path) } else { file.persist_noclobber(&path) };
        persisted.map(drop).map_err(|error| failed(&error.error))
    }
}

impl Write for WholeFile {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.writer.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Write a file that the user named. What is no regular file, such as a pipe, is written to as it is.
fn write_named(path: &Path, octets: &[u8]) -> Result<(), Failure> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        let written = File::create(path).and_then(|mut file| file.write_all(octets));
        return written.map_err(|error| write_failure(path, &error));
    }
    let mut file = WholeFile::new(path.to_owned())?;
    file.append(octets)?;
    file.commit(true)
}

/// A file without a name of its own, with the permissions that any new file has.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fep-").suffix(".part");
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt;
        fs::Permissions::from_mode(0o666)
    };
    #[cfg(unix)]
    builder.permissions(permissions);
    builder.tempfile_in(folder)
}

fn write_failure(path: &Path, error: &io::Error) -> Failure {
    // The temporary name would only confuse: the reason is what matters.
    let reason =
        error.get_ref().map_or_else(|| error.to_string(), |_| io::Error::from(error.kind()).to_string());
    Failure::incomplete(format!("cannot write {}: {reason}", path.display()))
}

const FRAMES_BIN: &str = "frames.bin";
const FRAMES_META: &str = "frames.meta";
const INSERT_ZONE: &str = "insert_zone.bin";
const SDUS: &str = "sdus";
const REPORT: &str = "report.json";
/// Octets held back per file.
const BUFFER_LEN: usize = 64 << 10;
