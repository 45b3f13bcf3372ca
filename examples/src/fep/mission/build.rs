//! From the keys of a mission file to legal managed parameters.

use std::fmt;
use std::path::Path;

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{
    AosParameters, ChannelContent, ConfigError, FrameFormat, OcfPresence, SecondaryHeader, TmParameters,
    UslpParameters,
};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::vc::Channel;
use frame_sync::asm::Asm;
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsE};
use frame_sync::sync::{Alignment, Polarity, SyncConfig, SyncConfigError, SyncParameters};
use toml::Spanned;

use super::file::{
    ChannelTable, CodingTable, DatabaseTable, FrameTable, InputTable, Key, MissionFile, NumberOrText,
    SyncTable, VcidList,
};
use super::place::{Document, MissionError, Table};
use super::security;
use super::services::{self, PacketServices};
use super::{
    BitLink, Code, DatabaseChoice, DeclaredChannel, Derandomize, FrameFile, FrameLayer, FrameLayout, Link,
    MAX_SPACE_PACKET, Mission, OtherCoding, PacketFile, Slices,
};

/// Read the text of a mission file.
pub(super) fn mission(text: &str, path: &Path) -> Result<Mission, MissionError> {
    let name = path.display().to_string();
    let document = Document { file: &name, text };
    let file: MissionFile = toml::from_str(text).map_err(|error| document.parse_error(&error))?;
    let Some(input) = &file.input else {
        return Err(document.missing_table(
            "input",
            "missing table: add [input] with kind = \"bits\", \"frames\" or \"packets\"",
        ));
    };
    let kind_table = document.table("input", input.span());
    let kinds = [("bits", Kind::Bits), ("frames", Kind::Frames), ("packets", Kind::Packets)];
    let kind = kind_table.word("kind", &input.get_ref().kind, &kinds, None)?;
    refuse_meaningless(input.get_ref(), &kind_table, kind)?;
    let skip = kind_table.number("skip", &input.get_ref().skip, 0..=MAX_SKIP, 0)?;
    let link = match kind {
        Kind::Bits => Link::Bits(bit_link(document, &file, input.get_ref(), &kind_table, path)?),
        Kind::Frames => {
            let frames = frame_layer(document, &file, path)?.0;
            let own_lengths = own_lengths(&kind_table, input.get_ref(), frames.format.tfvn())?;
            Link::Frames(FrameFile { skip, own_lengths, frames })
        }
        Kind::Packets => Link::Packets(PacketFile {
            skip,
            max_packet: max_packet(document, &file)?,
            services: services::of_packet_file(document, &file)?,
        }),
    };
    let database = match &file.database {
        Some(table) => Some(database(&document.table("database", table.span()), table.get_ref(), path)?),
        None => None,
    };
    let stem = || path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok(Mission { name: file.name.clone().unwrap_or_else(stem), link, database })
}

/// The lowest layer of the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Bits,
    Frames,
    Packets,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Bits => "bits",
            Self::Frames => "frames",
            Self::Packets => "packets",
        }
    }
}

/// A mission file describes the whole link, so tables below the layer of the input may stand there and are not used. What
/// says how to read another kind of input is a mistake.
fn refuse_meaningless(input: &InputTable, table: &Table<'_>, kind: Kind) -> Result<(), MissionError> {
    let why = |allowed: &str| {
        format!("has no meaning with kind = \"{}\": it goes with kind = {allowed}; remove it", kind.name())
    };
    if let Some(lengths) = input.lengths.as_ref().filter(|_| kind != Kind::Frames) {
        return Err(table.wrong("lengths", lengths, why("\"frames\"")));
    }
    match kind {
        Kind::Bits => match input.skip.as_ref().filter(|skip| *skip.get_ref() != 0) {
            Some(skip) => Err(table.wrong("skip", skip, why("\"frames\" or \"packets\""))),
            None => Ok(()),
        },
        Kind::Frames | Kind::Packets => {
            match input.line_code.as_ref().filter(|code| code.get_ref() != "nrz-l") {
                Some(code) => Err(table.wrong("line_code", code, why("\"bits\""))),
                None => Ok(()),
            }
        }
    }
}

/// Whether each frame of a file is as long as its own header says: only USLP headers do.
fn own_lengths(table: &Table<'_>, input: &InputTable, tfvn: Tfvn) -> Result<bool, MissionError> {
    let uslp = tfvn == Tfvn::Uslp;
    let own = table.word("lengths", &input.lengths, &[("fixed", false), ("own", true)], Some(uslp))?;
    if own && !uslp {
        let what = "only the headers of USLP frames say how long they are: use \"fixed\"";
        return Err(table.wrong_or_default("lengths", &input.lengths, what));
    }
    Ok(own)
}

fn bit_link(
    document: Document<'_>,
    file: &MissionFile,
    input: &InputTable,
    table: &Table<'_>,
    path: &Path,
) -> Result<BitLink, MissionError> {
    let line_codes = [("nrz-l", LineCode::NrzL), ("nrz-m", LineCode::NrzM), ("nrz-s", LineCode::NrzS)];
    let line_code = table.word("line_code", &input.line_code, &line_codes, Some(LineCode::NrzL))?;
    let missing =
        |name| document.missing_table(name, format!("missing table: kind = \"bits\" needs [{name}]"));
    let Some(sync) = &file.sync else { return Err(missing("sync")) };
    let Some(coding) = &file.coding else { return Err(missing("coding")) };

    let (mut frames, length) = frame_layer(document, file, path)?;
    let coding_table = document.table("coding", coding.span());
    let frame_len = frames.format.frame_len();
    let slice_len = coding_table.number("slice", &coding.get_ref().slice, 1..=MAX_SLICE, 0)?;
    let block_len = if slice_len > 0 { slice_len } else { frame_len };
    let (randomizer, derandomize, code) = code(&coding_table, coding.get_ref(), block_len)?;
    if let (Code::ReedSolomon(_), Some(slice)) = (code, &coding.get_ref().slice) {
        let what = "slices are not coded in Reed-Solomon codes: set scheme = \"none\", or remove the key";
        return Err(coding_table.wrong("slice", slice, what));
    }
    if let Code::ReedSolomon(config) = code
        && config.frame_len() != frame_len
    {
        let key = &coding.get_ref().interleave;
        let what = format!(
            "interleave and virtual_fill make frames of {} octets, but frame.length (line {}) is {}",
            config.frame_len(),
            document.line(length),
            frame_len,
        );
        return Err(coding_table.wrong_or_default("interleave", key, what));
    }
    let sync_table = document.table("sync", sync.span());
    let partial = matches!(code, Code::Uncoded { .. }) && slice_len == 0;
    let (marker, config) = sync_config(&sync_table, sync.get_ref(), code.block_len(), partial)?;
    check_partial(&sync_table, sync.get_ref(), &config, &frames.format)?;
    let others = others(document, coding.get_ref(), sync.get_ref(), &mut frames)?;
    if let (Some(slice), false) = (&coding.get_ref().slice, others.is_empty()) {
        let what = "slices come in one coding: remove either this key or [[coding.also]]";
        return Err(coding_table.wrong("slice", slice, what));
    }
    let sync = config;
    let slices = slices(&coding_table, coding.get_ref(), &sync, frame_len, slice_len > 0)?;
    Ok(BitLink { line_code, marker, sync, randomizer, derandomize, code, slices, others, frames })
}

/// A frame that ends within an octet has no error control field that could be checked.
fn check_partial(
    table: &Table<'_>,
    sync: &SyncTable,
    config: &SyncConfig,
    format: &FrameFormat,
) -> Result<(), MissionError> {
    if config.block_bits().is_multiple_of(8) || format.fecf() == Fecf::Absent {
        return Ok(());
    }
    let what = "frames that end within an octet have no error control field: set fecf = \"absent\"";
    Err(table.wrong_or_default("cadu_bits", &sync.cadu_bits, what))
}

/// Other codings in the same stream; their frames may be of other lengths.
fn others(
    document: Document<'_>,
    coding: &CodingTable,
    sync: &SyncTable,
    frames: &mut FrameLayer,
) -> Result<Vec<OtherCoding>, MissionError> {
    let mut others = Vec::new();
    for also in &coding.also {
        let table = document.table("coding.also", also.span());
        let also = also.get_ref();
        if others.len() == MAX_OTHERS {
            return Err(table.differs(format!("at most {MAX_OTHERS} other codings can be told apart")));
        }
        let frame_len = table.number("length", &also.length, 1..=65_536, frames.format.frame_len())?;
        let format = frames.layout.with_length(frame_len);
        let format = format.map_err(|error| table.wrong_or_default("length", &also.length, error))?;
        let (sync, coding) = also.split(sync);
        let (randomizer, derandomize, code) = code(&table, &coding, frame_len)?;
        if let Code::ReedSolomon(config) = code
            && config.frame_len() != frame_len
        {
            let what = format!(
                "interleave and virtual_fill make frames of {} octets, the length is {frame_len}",
                config.frame_len(),
            );
            return Err(table.wrong_or_default("interleave", &coding.interleave, what));
        }
        let partial = matches!(code, Code::Uncoded { .. });
        let (marker, config) = sync_config(&table, &sync, code.block_len(), partial)?;
        check_partial(&table, &sync, &config, &format)?;
        if format != frames.format {
            frames.other_formats.push(format);
        }
        others.push(OtherCoding { marker, sync: config, randomizer, derandomize, code });
    }
    Ok(others)
}

/// Where the frames are in the slices; they are found with the tolerances that find the slices.
fn slices(
    table: &Table<'_>,
    coding: &CodingTable,
    sync: &SyncConfig,
    frame_len: usize,
    sliced: bool,
) -> Result<Option<Box<Slices>>, MissionError> {
    if !sliced {
        return match &coding.frame_marker {
            Some(marker) => {
                Err(table.wrong("frame_marker", marker, "goes with slice: add that, or remove it"))
            }
            None => Ok(None),
        };
    }
    let octets = match &coding.frame_marker {
        Some(marker) => table.hex("frame_marker", marker)?,
        None => FRAME_MARKER.to_vec(),
    };
    let wrong =
        |error: &dyn fmt::Display| table.wrong_or_default("frame_marker", &coding.frame_marker, error);
    let asm = Asm::new(&octets).map_err(|error| wrong(&error))?;
    let p = sync.parameters();
    let parameters = SyncParameters {
        search_errors: p.search_errors,
        lock_errors: p.lock_errors,
        verify: p.verify,
        flywheel: p.flywheel,
        slip: p.slip,
        // What is inverted is turned over slice by slice.
        polarity: Polarity::Normal,
        ..SyncParameters::new(asm, asm.len_bits() + 8 * frame_len)
    };
    let sync = SyncConfig::new(parameters).map_err(|error| wrong(&error))?;
    Ok(Some(Box::new(Slices { marker: octets, sync })))
}

/// The octets of the marker, and everything about synchronization.
fn sync_config(
    table: &Table<'_>,
    sync: &SyncTable,
    block_len: usize,
    partial: bool,
) -> Result<(Vec<u8>, SyncConfig), MissionError> {
    let marker = table.required(
        "marker",
        &sync.marker,
        "\"1ACFFC1D\", or the marker of the mission in hexadecimal",
    )?;
    let octets = table.hex("marker", marker)?;
    let mut asm = Asm::new(&octets).map_err(|error| table.wrong("marker", marker, error))?;
    if let Some(mask) = &sync.mask {
        asm = asm.ignoring(&table.hex("mask", mask)?).map_err(|error| table.wrong("mask", mask, error))?;
    }
    let needed = asm.len_bits() + 8 * block_len;
    let usual = SyncParameters::new(asm, needed);
    let cadu_bits = table.number("cadu_bits", &sync.cadu_bits, 1..=MAX_CADU_BITS, needed)?;
    // The last octet of a frame may be incomplete, where no code needs it whole.
    let fill_bits = cadu_bits.checked_sub(needed).or((partial && cadu_bits + 7 >= needed).then_some(0));
    let Some(fill_bits) = fill_bits else {
        let what = format!(
            "{cadu_bits} bits cannot hold a marker of {} and a code block of {} bits",
            asm.len_bits(),
            8 * block_len,
        );
        return Err(table.wrong_or_default("cadu_bits", &sync.cadu_bits, what));
    };
    let parameters = SyncParameters {
        cadu_bits,
        fill_bits,
        search_errors: table.number("search_errors", &sync.search_errors, 0..=96, usual.search_errors)?,
        lock_errors: table.number("lock_errors", &sync.lock_errors, 0..=96, usual.lock_errors)?,
        verify: table.number("verify", &sync.verify, 0..=64, usual.verify)?,
        flywheel: table.number("flywheel", &sync.flywheel, 0..=255, usual.flywheel)?,
        slip: table.number("slip", &sync.slip, 0..=255, usual.slip)?,
        polarity: table.word(
            "polarity",
            &sync.polarity,
            &[("auto", Polarity::Auto), ("normal", Polarity::Normal), ("inverted", Polarity::Inverted)],
            Some(usual.polarity),
        )?,
        alignment: table.word(
            "alignment",
            &sync.alignment,
            &[("bit", Alignment::Bit), ("octet", Alignment::Octet)],
            Some(usual.alignment),
        )?,
        ..usual
    };
    let config = SyncConfig::new(parameters).map_err(|error| match error {
        SyncConfigError::Tolerance { .. } if parameters.search_errors > parameters.lock_errors => {
            table.wrong_or_default("search_errors", &sync.search_errors, error)
        }
        SyncConfigError::Tolerance { .. } => table.wrong_or_default("lock_errors", &sync.lock_errors, error),
        error if sync.slip.is_some() => table.wrong_or_default("slip", &sync.slip, error),
        error => table.wrong_or_default("cadu_bits", &sync.cadu_bits, error),
    })?;
    Ok((octets, config))
}

fn code(
    table: &Table<'_>,
    coding: &CodingTable,
    frame_len: usize,
) -> Result<(Randomizer, Derandomize, Code), MissionError> {
    let randomizers = [
        ("ccsds-255", Randomizer::CCSDS_255),
        ("ccsds-131071", Randomizer::CCSDS_131071),
        ("none", Randomizer::NONE),
    ];
    let randomizer = table.word("randomizer", &coding.randomizer, &randomizers, None)?;
    let reed_solomon =
        table.word("scheme", &coding.scheme, &[("reed-solomon", true), ("none", false)], None)?;
    let e = match table.number("e", &coding.e, 0..=255, 16)? {
        16 => RsE::E16,
        8 => RsE::E8,
        other => return Err(table.wrong_or_default("e", &coding.e, format!("{other} is not one of 8, 16"))),
    };
    let interleave: u8 = table.number("interleave", &coding.interleave, 0..=255, 1)?;
    let Some(interleave) = Interleave::from_depth(interleave) else {
        let what = format!("{interleave} is not one of 1, 2, 3, 4, 5, 8");
        return Err(table.wrong_or_default("interleave", &coding.interleave, what));
    };
    let virtual_fill = table.number("virtual_fill", &coding.virtual_fill, 0..=254, 0)?;
    let bases = [("dual", Basis::Dual), ("conventional", Basis::Conventional)];
    let basis = table.word("basis", &coding.basis, &bases, Some(Basis::Dual))?;
    let config = RsConfig::new(e, interleave, virtual_fill, basis)
        .map_err(|error| table.wrong_or_default("virtual_fill", &coding.virtual_fill, error))?;
    let orders = [("before", Derandomize::Before), ("after", Derandomize::After)];
    let derandomize = table.word("derandomize", &coding.derandomize, &orders, Some(Derandomize::Before))?;
    Ok((
        randomizer,
        derandomize,
        if reed_solomon { Code::ReedSolomon(config) } else { Code::Uncoded { frame_len } },
    ))
}

/// The frame layer, and where its length stands in the file.
fn frame_layer(
    document: Document<'_>,
    file: &MissionFile,
    path: &Path,
) -> Result<(FrameLayer, usize), MissionError> {
    let Some(frame) = &file.frame else {
        return Err(document.missing_table("frame", "missing table: add [frame] with protocol and length"));
    };
    let table = document.table("frame", frame.span());
    let (layout, format) = frame_layout(&table, frame.get_ref())?;
    let channels = channels(document, &file.channel, format.tfvn())?;
    let length = frame.get_ref().length.as_ref().map_or(0, |length| length.span().start);
    let check_idle = frame.get_ref().check_idle.as_ref().is_some_and(|check| *check.get_ref());
    let security = security::associations(document, &file.security, format.tfvn(), path)?;
    let layer = FrameLayer { layout, format, other_formats: Vec::new(), channels, check_idle, security };
    Ok((layer, length))
}

fn frame_layout(table: &Table<'_>, frame: &FrameTable) -> Result<(FrameLayout, FrameFormat), MissionError> {
    let protocols = [("tm", Tfvn::Tm), ("aos", Tfvn::Aos), ("uslp", Tfvn::Uslp)];
    let tfvn = table.word("protocol", &frame.protocol, &protocols, None)?;
    table.required("length", &frame.length, "octets of a frame after decoding")?;
    let frame_len = table.number("length", &frame.length, 1..=65_536, 0)?;
    let insert_zone = table.number("insert_zone", &frame.insert_zone, 0..=65_535, 0)?;
    let header_error_control = frame.header_error_control.as_ref().is_some_and(|flag| *flag.get_ref());
    let ocf_words = [
        ("absent", OcfPresence::Absent),
        ("present", OcfPresence::Present),
        ("flagged", OcfPresence::Flagged),
    ];
    let ocf = table.word("ocf", &frame.ocf, &ocf_words, Some(OcfPresence::Absent))?;
    let fecf_words = [("absent", Fecf::Absent), ("crc16", Fecf::Crc16), ("crc32", Fecf::Crc32)];
    let fecf = table.word("fecf", &frame.fecf, &fecf_words, Some(Fecf::Absent))?;
    let secondary_header = secondary_header(table, &frame.secondary_header)?;
    let truncated_len = table.number("truncated_length", &frame.truncated_length, 5..=65_536, 0)?;

    let only = |protocol: &str| {
        format!("only {protocol} frames have it: set it to nothing, or change frame.protocol")
    };
    if tfvn == Tfvn::Tm && insert_zone > 0 {
        return Err(table.wrong_or_default("insert_zone", &frame.insert_zone, only("AOS and USLP")));
    }
    if tfvn != Tfvn::Uslp && truncated_len > 0 {
        return Err(table.wrong_or_default("truncated_length", &frame.truncated_length, only("USLP")));
    }
    if tfvn != Tfvn::Aos && header_error_control {
        return Err(table.wrong_or_default("header_error_control", &frame.header_error_control, only("AOS")));
    }
    if tfvn != Tfvn::Tm && !matches!(secondary_header, SecondaryHeader::Flagged | SecondaryHeader::Fixed(0)) {
        return Err(table.wrong_or_default("secondary_header", &frame.secondary_header, only("TM")));
    }
    let layout = match tfvn {
        Tfvn::Tm => FrameLayout::Tm(TmParameters { frame_len, secondary_header, ocf, fecf }),
        Tfvn::Aos => {
            FrameLayout::Aos(AosParameters { frame_len, header_error_control, insert_zone, ocf, fecf })
        }
        _ => FrameLayout::Uslp(UslpParameters { frame_len, insert_zone, ocf, fecf, truncated_len }),
    };
    match layout.with_length(frame_len) {
        Ok(format) => Ok((layout, format)),
        Err(error @ ConfigError::Crc32OutsideUslp) => Err(table.wrong_or_default("fecf", &frame.fecf, error)),
        Err(error @ ConfigError::OcfFlagInAos) => Err(table.wrong_or_default("ocf", &frame.ocf, error)),
        Err(error @ ConfigError::SecondaryHeaderLength { .. }) => {
            Err(table.wrong_or_default("secondary_header", &frame.secondary_header, error))
        }
        Err(error) => Err(table.wrong_or_default("length", &frame.length, error)),
    }
}

impl FrameLayout {
    /// The same for frames of another length.
    fn with_length(self, frame_len: usize) -> Result<FrameFormat, ConfigError> {
        match self {
            Self::Aos(p) => FrameFormat::aos(AosParameters { frame_len, ..p }),
            Self::Tm(p) => FrameFormat::tm(TmParameters { frame_len, ..p }),
            Self::Uslp(p) => FrameFormat::uslp(UslpParameters { frame_len, ..p }),
        }
    }
}

fn secondary_header(table: &Table<'_>, value: &Key<NumberOrText>) -> Result<SecondaryHeader, MissionError> {
    let Some(value) = value else { return Ok(SecondaryHeader::Flagged) };
    match value.get_ref() {
        NumberOrText::Text(word) if word == "flagged" => Ok(SecondaryHeader::Flagged),
        NumberOrText::Text(word) if word == "extended-count" => Ok(SecondaryHeader::ExtendedCount),
        NumberOrText::Number(octets) => match u8::try_from(*octets) {
            Ok(octets) if octets <= 64 => Ok(SecondaryHeader::Fixed(octets)),
            _ => Err(table.wrong(
                "secondary_header",
                value,
                format!("{octets} is out of range: 0 to 64 octets"),
            )),
        },
        NumberOrText::Text(word) => {
            let what = format!(
                "unknown value \"{word}\": use \"flagged\", \"extended-count\" or a number of octets, 0 to 64"
            );
            Err(table.wrong("secondary_header", value, what))
        }
    }
}

fn channels(
    document: Document<'_>,
    tables: &[Spanned<ChannelTable>],
    tfvn: Tfvn,
) -> Result<Vec<DeclaredChannel>, MissionError> {
    let mut declared: Vec<DeclaredChannel> = Vec::new();
    let mut scid = None;
    for channel in tables {
        let table = document.table("channel", channel.span());
        let channel = channel.get_ref();
        let max_scid = if tfvn == Tfvn::Uslp { 65_535 } else { 1023 };
        if channel.scid.is_some() {
            scid = Some(table.number("scid", &channel.scid, 0..=max_scid, 0)?);
        }
        let Some(scid) = scid else {
            return Err(table.missing("scid", "the spacecraft identifier; channels further down inherit it"));
        };
        let vcids = table.required("vcid", &channel.vcid, "a number, a list or a range such as \"0-62\"")?;
        let content = content(&table, &channel.content, tfvn)?;
        let max_packet =
            table.number("max_packet", &channel.max_packet, 7..=MAX_MAX_PACKET, MAX_SPACE_PACKET)?;
        let services = match content {
            ChannelContent::Packets => services::services(document, &table, channel)?,
            _ => without_packets(&table, channel)?,
        };
        for vcid in vcid_list(&table, vcids, tfvn)? {
            let gvcid = Gvcid::new(tfvn, Scid::new(scid), vcid);
            if declared.iter().any(|other| other.channel.gvcid == gvcid) {
                let what = format!("channel {vcid} of spacecraft {scid} is declared twice");
                return Err(table.wrong("vcid", vcids, what));
            }
            // 732.0-B-5 §4.1.2.3, 732.1-B-3 §4.1.2.2: channel 63 carries only idle data, whatever a range says.
            let idle = tfvn != Tfvn::Tm && vcid == Vcid::ONLY_IDLE_DATA;
            let content = if idle { ChannelContent::Idle } else { content };
            if declared.len() == MAX_CHANNELS {
                let what = format!(
                    "this is channel {} of the file: at most {MAX_CHANNELS} can be declared",
                    MAX_CHANNELS + 1
                );
                return Err(table.wrong("vcid", vcids, what));
            }
            let services = if idle { PacketServices::default() } else { services };
            declared.push(DeclaredChannel { channel: Channel { gvcid, content }, max_packet, services });
        }
    }
    Ok(declared)
}

/// Refuse what only packets have.
fn without_packets(table: &Table<'_>, channel: &ChannelTable) -> Result<PacketServices, MissionError> {
    let what = "only packets have it: set content = \"packets\", or leave the key out";
    if let Some(pec) = &channel.pec {
        return Err(table.wrong("pec", pec, what));
    }
    if let Some(pus) = &channel.pus {
        return Err(table.wrong("pus", pus, what));
    }
    if let Some(time) = &channel.time {
        return Err(table.wrong("time", time, what));
    }
    match &channel.groups {
        Some(groups) => Err(table.wrong("groups", groups, what)),
        None => Ok(PacketServices::default()),
    }
}

fn content(table: &Table<'_>, value: &Key<String>, tfvn: Tfvn) -> Result<ChannelContent, MissionError> {
    let words = [
        ("packets", ChannelContent::Packets),
        ("vca", ChannelContent::Vca),
        ("bitstream", ChannelContent::Bitstream),
        ("idle", ChannelContent::Idle),
        ("sdu", ChannelContent::Sdus),
    ];
    let content = table.word("content", value, &words, Some(ChannelContent::Packets))?;
    if content == ChannelContent::Bitstream && tfvn != Tfvn::Aos {
        return Err(table.wrong_or_default(
            "content",
            value,
            "only AOS frames carry a bitstream: use \"vca\"",
        ));
    }
    if content == ChannelContent::Sdus && tfvn != Tfvn::Uslp {
        return Err(table.wrong_or_default(
            "content",
            value,
            "only USLP frames delimit service data units: use \"vca\"",
        ));
    }
    Ok(content)
}

pub(super) fn vcid_list(
    table: &Table<'_>,
    value: &Spanned<VcidList>,
    tfvn: Tfvn,
) -> Result<Vec<Vcid>, MissionError> {
    let max = if tfvn == Tfvn::Tm { 7 } else { 63 };
    let numbers = numbers(table, "vcid", value, max, &format!("{tfvn} frames have channels 0 to {max}"))?;
    Ok(numbers.into_iter().filter_map(Vcid::new).collect())
}

/// Numbers from 0 to `max`, of which there are the ones that `range` speaks of.
pub(super) fn numbers(
    table: &Table<'_>,
    key: &str,
    value: &Spanned<VcidList>,
    max: u8,
    range: &str,
) -> Result<Vec<u8>, MissionError> {
    let VcidList(items) = value.get_ref();
    let mut numbers = Vec::new();
    for item in items {
        let (first, last) = match item {
            NumberOrText::Number(number) => (*number, *number),
            NumberOrText::Text(range) => {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                match (first.trim().parse(), last.trim().parse()) {
                    (Ok(first), Ok(last)) if first <= last => (first, last),
                    _ => {
                        let what = format!("\"{range}\" is no range: write it like \"0-62\"");
                        return Err(table.wrong(key, value, what));
                    }
                }
            }
        };
        for number in [first, last] {
            if !(0..=i64::from(max)).contains(&number) {
                return Err(table.wrong(key, value, format!("{number} is out of range: {range}")));
            }
        }
        numbers.extend((first..=last).filter_map(|number| u8::try_from(number).ok()));
    }
    if numbers.is_empty() {
        return Err(table.wrong(key, value, "the list is empty"));
    }
    Ok(numbers)
}

/// The largest packet of any channel: a packet file does not say which channel a packet came on.
fn max_packet(document: Document<'_>, file: &MissionFile) -> Result<usize, MissionError> {
    let mut largest = None;
    for channel in &file.channel {
        let table = document.table("channel", channel.span());
        let max_packet = table.number(
            "max_packet",
            &channel.get_ref().max_packet,
            7..=MAX_MAX_PACKET,
            MAX_SPACE_PACKET,
        )?;
        largest = largest.max(Some(max_packet));
    }
    Ok(largest.unwrap_or(MAX_SPACE_PACKET))
}

fn database(
    table: &Table<'_>,
    database: &DatabaseTable,
    mission: &Path,
) -> Result<DatabaseChoice, MissionError> {
    let beside = |name: &str| mission.parent().unwrap_or(Path::new("")).join(name);
    let path = match (&database.xtce, &database.mib) {
        (Some(_), Some(mib)) => {
            return Err(table.wrong(
                "mib",
                mib,
                "xtce is given too: a mission has one database, remove either",
            ));
        }
        (Some(xtce), None) => {
            let path = beside(xtce.get_ref());
            if !path.is_file() {
                return Err(table.wrong("xtce", xtce, format!("no such file: {}", path.display())));
            }
            path
        }
        (None, Some(mib)) => {
            let path = beside(mib.get_ref());
            if !path.is_dir() {
                return Err(table.wrong("mib", mib, format!("no such folder: {}", path.display())));
            }
            path
        }
        (None, None) => {
            return Err(table.missing("xtce", "\"FILE\", or mib = \"FOLDER\""));
        }
    };
    let named = |key: &str, value: &Key<String>| value.as_ref().map(|value| table.named(key, value));
    Ok(DatabaseChoice {
        path,
        root: named("root", &database.root),
        lenient: database.lenient.as_ref().is_some_and(|lenient| *lenient.get_ref()),
        time: named("time", &database.time),
    })
}

/// Octets before a frame or packet: annotations of receivers are far shorter.
const MAX_SKIP: i64 = 1 << 20;
/// Codings beside the first one.
const MAX_OTHERS: usize = 7;
/// The marker of frames that are not said to have another.
const FRAME_MARKER: [u8; 4] = [0x1A, 0xCF, 0xFC, 0x1D];
/// Octets of a slice: the largest LDPC code of the book has 2048 information octets.
const MAX_SLICE: i64 = 1 << 17;
/// What [`SyncConfig`] allows.
const MAX_CADU_BITS: i64 = 1 << 24;
/// Sixteen spacecraft with all their channels: each is looked for among those before it, and stores a packet.
const MAX_CHANNELS: usize = 1024;
/// Each channel stores one packet; encapsulation packets could have 4 GiB.
const MAX_MAX_PACKET: i64 = 1 << 26;
