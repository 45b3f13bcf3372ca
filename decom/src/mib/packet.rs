//! Packets (PID, PIC, TPCF) and parameters at fixed places (PLF).
//!
//! ```text
//! /MIB/PACKET              the primary header
//!   /MIB/APID_n            its service type and subtype, where the packets of the APID are told apart by them
//!     /MIB/APID_n/t_s      the additional numbers, where PIC has some
//!       /MIB/NAME          a packet
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::parameter::{Known, Parameters, equals};
use super::table::Row;
use super::variable::Structures;
use super::{Loader, NewParameter};
use crate::model::{
    Base, BitOrder, ByteOrder, Condition, Container, ContainerId, Encoding, EngineeringKind, Entry,
    EntryKind, IntExpr, IntegerEncoding, Location, Origin, ParameterId, Reference, Repeat, Scalar,
};

/// What a packet carries.
pub(super) struct Contents {
    pub(super) spid: i64,
    pub(super) parameters: BTreeSet<ParameterId>,
}

/// A row of PID.
struct Packet<'a, 't> {
    row: &'a Row<'t>,
    service: (i64, i64),
    apid: i64,
    additional: [i64; 2],
    spid: i64,
    structure: i64,
    header_octets: i64,
}

/// A row of PIC.
struct Criteria {
    service: (i64, i64),
    apid: Option<i64>,
    /// First octet and bits of each additional number.
    places: [Option<(i64, u32)>; 2],
}

/// Parameters that tell packets apart.
struct Keys {
    root: ContainerId,
    apid: ParameterId,
    secondary_header: ParameterId,
    /// Service type and subtype, once a packet needs them.
    service: Option<(ParameterId, ParameterId)>,
    /// Additional numbers: which of the two, and its bits.
    additional: BTreeMap<(usize, u32), ParameterId>,
}

impl<'a, 't> Loader<'a, 't> {
    /// Read PID, PIC, TPCF and PLF. The packets that came of it, with what they carry.
    pub(super) fn load_packets(
        &mut self,
        parameters: &Parameters<'t>,
        structures: &Structures,
    ) -> Vec<Contents> {
        let (packets, not_valid) = self.read_packets();
        let criteria = self.read_criteria();
        let names = self.read_names(&packets, &not_valid);
        let mut contents = BTreeMap::new();
        let mut places = self.read_places(&packets, &not_valid, parameters, &mut contents);
        let Some(mut keys) = self.add_root() else { return Vec::new() };
        let apids: BTreeSet<i64> = packets.iter().map(|packet| packet.apid).collect();
        for apid in apids {
            let of_apid: Vec<&Packet<'a, 't>> = packets.iter().filter(|packet| packet.apid == apid).collect();
            let bases = self.add_bases(apid, &of_apid, &criteria, &mut keys).unwrap_or_default();
            for packet in of_apid {
                let Some(base) = bases.get(&packet.spid) else { continue };
                let carried = contents.entry(packet.spid).or_default();
                let mut entries = places.remove(&packet.spid).unwrap_or_default();
                entries.extend(self.structure_entry(packet, structures, carried));
                self.add_container(Container {
                    name: names.get(&packet.spid).cloned().unwrap_or_default(),
                    description: packet.row.text("PID_DESCR").to_string(),
                    base: Some(base.clone()),
                    next: None,
                    is_abstract: false,
                    entries,
                    size_bits: None,
                    origin: packet.row.origin(),
                });
            }
        }
        self.check_use(&packets, &not_valid, structures);
        contents.into_iter().map(|(spid, parameters)| Contents { spid, parameters }).collect()
    }

    /// Packets, and SPID and structure of those that the table marks as not valid.
    fn read_packets(&mut self) -> (Vec<Packet<'a, 't>>, BTreeMap<i64, i64>) {
        let (mut packets, mut not_valid) = (Vec::new(), BTreeMap::new());
        let mut seen = BTreeSet::new();
        for row in self.tables.rows("pid") {
            let Some((packet, is_valid)) = self.read_packet(row) else { continue };
            if !seen.insert(packet.spid) {
                self.find(
                    row,
                    "PID_SPID",
                    format!("there is another packet {}", packet.spid),
                    "give each its own number",
                );
            } else if is_valid {
                packets.push(packet);
            } else {
                not_valid.insert(packet.spid, packet.structure);
            }
        }
        (packets, not_valid)
    }

    fn read_packet(&mut self, row: &'a Row<'t>) -> Option<(Packet<'a, 't>, bool)> {
        let findings = &mut self.findings;
        let service =
            (row.number("PID_TYPE", 0..=255, findings)?, row.number("PID_STYPE", 0..=255, findings)?);
        let packet = Packet {
            row,
            service,
            apid: row.number("PID_APID", 0..=2047, findings)?,
            additional: [
                row.number_or("PID_PI1_VAL", 0, 0..=i64::MAX, findings)?,
                row.number_or("PID_PI2_VAL", 0, 0..=i64::MAX, findings)?,
            ],
            spid: row.number("PID_SPID", 1..=u32::MAX.into(), findings)?,
            structure: row.number_or("PID_TPSD", NO_STRUCTURE, -1..=u32::MAX.into(), findings)?,
            header_octets: row.number("PID_DFHSIZE", 0..=99, findings)?,
        };
        let is_valid = row.letter("PID_VALID", "YN", 'Y', findings)? == 'Y';
        Some((packet, is_valid))
    }

    fn read_criteria(&mut self) -> Vec<Criteria> {
        let mut all: Vec<Criteria> = Vec::new();
        for row in self.tables.rows("pic") {
            let Some(criteria) = self.read_criterion(row) else { continue };
            if all.iter().any(|other| other.service == criteria.service && other.apid == criteria.apid) {
                let (service, subtype) = criteria.service;
                self.find(
                    row,
                    "PIC_TYPE",
                    format!("there is another row for ({service}, {subtype})"),
                    "take one out",
                );
                continue;
            }
            all.push(criteria);
        }
        all
    }

    fn read_criterion(&mut self, row: &Row<'t>) -> Option<Criteria> {
        let service = (
            row.number("PIC_TYPE", 0..=255, &mut self.findings)?,
            row.number("PIC_STYPE", 0..=255, &mut self.findings)?,
        );
        let apid = row.number_or("PIC_APID", ANY_APID, 0..=ANY_APID, &mut self.findings)?;
        let places = [
            self.read_place(row, "PIC_PI1_OFF", "PIC_PI1_WID")?,
            self.read_place(row, "PIC_PI2_OFF", "PIC_PI2_WID")?,
        ];
        Some(Criteria { service, apid: Some(apid).filter(|apid| *apid != ANY_APID), places })
    }

    fn read_place(&mut self, row: &Row<'t>, offset: &str, width: &str) -> Option<Option<(i64, u32)>> {
        let octet = row.number(offset, -1..=65_541, &mut self.findings)?;
        if octet < 0 {
            return Some(None);
        }
        let bits = row.number(width, 1..=64, &mut self.findings)?;
        Some(Some((octet, u32::try_from(bits).ok()?)))
    }

    /// Qualified names of packets: from TPCF, or made of the SPID.
    fn read_names(
        &mut self,
        packets: &[Packet<'a, 't>],
        not_valid: &BTreeMap<i64, i64>,
    ) -> BTreeMap<i64, String> {
        let mut names: BTreeMap<i64, String> = BTreeMap::new();
        let mut named = BTreeSet::new();
        let mut taken: BTreeSet<String> = BTreeSet::from(["/MIB/PACKET".to_string()]);
        for row in self.tables.rows("tpcf") {
            let Some(spid) = row.number("TPCF_SPID", 1..=u32::MAX.into(), &mut self.findings) else {
                continue;
            };
            row.number_or("TPCF_SIZE", 0, 0..=99_999_999, &mut self.findings);
            let name = row.text("TPCF_NAME").replace('/', "_");
            if !is_known(spid, packets, not_valid) {
                self.find(
                    row,
                    "TPCF_SPID",
                    format!("pid has no packet {spid}"),
                    "add its row, or take this one out",
                );
            } else if !named.insert(spid) {
                self.find(
                    row,
                    "TPCF_SPID",
                    format!("there is another row for packet {spid}"),
                    "take one out",
                );
            } else if !name.is_empty() {
                let full = format!("/MIB/{name}");
                let full = if taken.insert(full.clone()) { full } else { format!("{full}_{spid}") };
                names.insert(spid, full);
            }
        }
        for packet in packets {
            names.entry(packet.spid).or_insert_with(|| format!("/MIB/SPID_{}", packet.spid));
        }
        names
    }

    /// Parameters at fixed places, by SPID.
    fn read_places(
        &mut self,
        packets: &[Packet<'a, 't>],
        not_valid: &BTreeMap<i64, i64>,
        parameters: &Parameters<'t>,
        contents: &mut BTreeMap<i64, BTreeSet<ParameterId>>,
    ) -> BTreeMap<i64, Vec<Entry>> {
        let known: BTreeSet<i64> = packets.iter().map(|packet| packet.spid).collect();
        let mut places: BTreeMap<i64, Vec<Entry>> = BTreeMap::new();
        for row in self.tables.rows("plf") {
            let Some(spid) = row.number("PLF_SPID", 1..=u32::MAX.into(), &mut self.findings) else {
                continue;
            };
            if not_valid.contains_key(&spid) {
                continue;
            }
            if !known.contains(&spid) {
                self.find(
                    row,
                    "PLF_SPID",
                    format!("pid has no packet {spid}"),
                    "add its row, or take this one out",
                );
                continue;
            }
            let Some((id, entry)) = self.read_fixed(row, parameters) else { continue };
            if !contents.entry(spid).or_default().insert(id) {
                let what = format!("packet {spid} has `{}` twice", row.text("PLF_NAME"));
                self.find(row, "PLF_NAME", what, "use PLF_NBOCC for several occurrences");
                continue;
            }
            places.entry(spid).or_default().push(entry);
        }
        places
    }

    fn read_fixed(&mut self, row: &Row<'t>, parameters: &Parameters<'t>) -> Option<(ParameterId, Entry)> {
        let name = row.required("PLF_NAME", &mut self.findings)?;
        let octet = row.number("PLF_OFFBY", 0..=65_541, &mut self.findings)?;
        let bit = row.number("PLF_OFFBI", 0..=7, &mut self.findings)?;
        let count = row.number_or("PLF_NBOCC", 1, 1..=9999, &mut self.findings)?;
        let distance = row.number_or("PLF_LGOCC", 0, 0..=99_999, &mut self.findings)?;
        if let Some(Known::Deduced { .. }) = parameters.known.get(name) {
            let what = format!("`{name}` is deduced: at a fixed place that cannot be expressed");
            self.find(row, "PLF_NAME", what, "use a variable structure");
            return None;
        }
        let value = self.resolve(row, "PLF_NAME", name, parameters)?;
        let mut entry = Entry::new(EntryKind::Parameter(value.id), row.origin());
        entry.location = from_start(8 * octet + bit);
        if count > 1 {
            let gap = value.bits.and_then(|bits| distance.checked_sub(bits.into())).filter(|gap| *gap >= 0);
            let Some(gap) = gap else {
                let what = format!("occurrences {distance} bits apart overlap, or have no fixed size");
                self.find(row, "PLF_LGOCC", what, "give the bits from one start to the next");
                return None;
            };
            entry.repeat = Some(Repeat { count: IntExpr::Fixed(count), gap: IntExpr::Fixed(gap) });
        }
        Some((value.id, entry))
    }

    /// The structure of a packet, behind its headers.
    fn structure_entry(
        &mut self,
        packet: &Packet<'a, 't>,
        structures: &Structures,
        carried: &mut BTreeSet<ParameterId>,
    ) -> Option<Entry> {
        if packet.structure < 1 {
            return None;
        }
        let Some(structure) = structures.all.get(&packet.structure) else {
            let what = format!("vpd has no structure {}", packet.structure);
            self.find(packet.row, "PID_TPSD", what, "add its rows, or write -1");
            return None;
        };
        carried.extend(&structure.parameters);
        let mut entry = Entry::new(EntryKind::Container(structure.container), packet.row.origin());
        entry.location = from_start(8 * (PRIMARY_HEADER_OCTETS + packet.header_octets));
        Some(entry)
    }

    /// A structure that no packet has, and no choice leads to.
    fn check_use(
        &mut self,
        packets: &[Packet<'a, 't>],
        not_valid: &BTreeMap<i64, i64>,
        structures: &Structures,
    ) {
        if structures.has_choices {
            return;
        }
        let used = packets.iter().map(|packet| packet.structure).chain(not_valid.values().copied());
        let used: BTreeSet<i64> = used.collect();
        let mut reported = BTreeSet::new();
        for row in self.tables.rows("vpd") {
            let Ok(number) = row.text("VPD_TPSD").parse() else { continue };
            if !used.contains(&number) && reported.insert(number) {
                self.find(
                    row,
                    "VPD_TPSD",
                    format!("no packet of pid has structure {number}"),
                    "name it in PID_TPSD, or take it out",
                );
            }
        }
    }

    /// The container of the primary header, 133.0-B-2 §4.1.3.
    fn add_root(&mut self) -> Option<Keys> {
        let (mut apid, mut secondary_header) = (None, None);
        let mut entries = Vec::new();
        for (name, description, bits) in PRIMARY_HEADER {
            let id = self.add_key(name, description, bits)?;
            entries.push(Entry::new(EntryKind::Parameter(id), Origin::default()));
            match name {
                "APID" => apid = Some(id),
                "SECONDARY_HEADER_FLAG" => secondary_header = Some(id),
                _ => {}
            }
        }
        let root = self.add_container(Container {
            name: "/MIB/PACKET".to_string(),
            description: "Space packet".to_string(),
            base: None,
            next: None,
            is_abstract: true,
            entries,
            size_bits: None,
            origin: Origin::default(),
        })?;
        let (apid, secondary_header) = (apid?, secondary_header?);
        Some(Keys { root, apid, secondary_header, service: None, additional: BTreeMap::new() })
    }

    /// A parameter that tells packets apart.
    fn add_key(&mut self, name: &str, description: &str, bits: u32) -> Option<ParameterId> {
        let encoding = Encoding::Integer {
            bits,
            encoding: IntegerEncoding::Unsigned,
            byte_order: ByteOrder::MostSignificantFirst,
            bit_order: BitOrder::MostSignificantFirst,
        };
        let name = format!("PACKET/{name}");
        let source = NewParameter { name: &name, description, unit: "", origin: Origin::default() };
        self.add_parameter(source, Scalar::new(encoding, EngineeringKind::Integer))
    }

    /// What each packet of an APID extends, by SPID.
    fn add_bases(
        &mut self,
        apid: i64,
        packets: &[&Packet<'a, 't>],
        criteria: &[Criteria],
        keys: &mut Keys,
    ) -> Option<BTreeMap<i64, Base>> {
        let services: BTreeSet<(i64, i64)> = packets.iter().map(|packet| packet.service).collect();
        let is_mixed = services.len() > 1 && services.contains(&NO_SERVICE);
        let restricted = |flag| {
            let flag = is_mixed.then(|| equals(keys.secondary_header, flag));
            Base { container: keys.root, restriction: all([Some(equals(keys.apid, apid)), flag]) }
        };
        let (without, with) = (restricted(0), restricted(1));
        let mut of_services = None;
        let mut bases = BTreeMap::new();
        for service in services {
            let group: Vec<&Packet<'a, 't>> =
                packets.iter().copied().filter(|packet| packet.service == service).collect();
            let base = if service == NO_SERVICE {
                without.clone()
            } else {
                let (service_type, subtype) = self.service_keys(keys)?;
                let container = match of_services {
                    Some(container) => container,
                    None => self.add_service_container(apid, with.clone(), (service_type, subtype))?,
                };
                of_services = Some(container);
                let restriction =
                    all([Some(equals(service_type, service.0)), Some(equals(subtype, service.1))]);
                Base { container, restriction }
            };
            self.add_additional(apid, &group, &base, criteria, keys, &mut bases)?;
        }
        Some(bases)
    }

    fn service_keys(&mut self, keys: &mut Keys) -> Option<(ParameterId, ParameterId)> {
        if keys.service.is_none() {
            let service_type = self.add_key("SERVICE_TYPE", "Service type", 8)?;
            keys.service = Some((service_type, self.add_key("SERVICE_SUBTYPE", "Service subtype", 8)?));
        }
        keys.service
    }

    fn add_service_container(
        &mut self,
        apid: i64,
        base: Base,
        (service_type, subtype): (ParameterId, ParameterId),
    ) -> Option<ContainerId> {
        let entry = |id, octet: u32| {
            let mut entry = Entry::new(EntryKind::Parameter(id), Origin::default());
            entry.location = from_start(8 * i64::from(octet));
            entry
        };
        let entries = alloc::vec![
            entry(service_type, self.options.service_type_octet),
            entry(subtype, self.options.service_subtype_octet),
        ];
        self.add_container(Container {
            name: format!("/MIB/APID_{apid}"),
            description: format!("Packets of APID {apid} with a service type"),
            base: Some(base),
            next: None,
            is_abstract: true,
            entries,
            size_bits: None,
            origin: Origin::default(),
        })
    }

    /// Tell packets of one service type and subtype apart by additional numbers.
    fn add_additional(
        &mut self,
        apid: i64,
        group: &[&Packet<'a, 't>],
        base: &Base,
        criteria: &[Criteria],
        keys: &mut Keys,
        bases: &mut BTreeMap<i64, Base>,
    ) -> Option<()> {
        let (service_type, subtype) = group.first()?.service;
        let of_service = |apid| {
            criteria.iter().find(move |row| row.service == (service_type, subtype) && row.apid == apid)
        };
        let places = of_service(Some(apid)).or_else(|| of_service(None)).map(|row| row.places);
        if places.is_none() {
            for packet in group {
                let what = format!("pic has no row for ({service_type}, {subtype})");
                self.find(packet.row, "PID_TYPE", what, "add one, with -1 for what packets do not have");
            }
        }
        let has_row = places.is_some();
        let places = places.unwrap_or_default();
        let mut numbers = [None; 2];
        let mut entries = Vec::new();
        for (index, (place, number)) in places.iter().zip(&mut numbers).enumerate() {
            let Some((octet, bits)) = place else { continue };
            let id = match keys.additional.get(&(index, *bits)) {
                Some(id) => *id,
                None => {
                    self.add_key(&format!("PI{}_{bits}", index + 1), "Additional packet identifier", *bits)?
                }
            };
            keys.additional.insert((index, *bits), id);
            *number = Some(id);
            let mut entry = Entry::new(EntryKind::Parameter(id), Origin::default());
            entry.location = from_start(8 * octet);
            entries.push(entry);
        }
        let inner = if entries.is_empty() {
            None
        } else {
            let name = format!("/MIB/APID_{apid}/{service_type}_{subtype}");
            let description = format!("Packets ({service_type}, {subtype}) of APID {apid}");
            self.add_container(Container {
                name,
                description,
                base: Some(base.clone()),
                next: None,
                is_abstract: true,
                entries,
                size_bits: None,
                origin: Origin::default(),
            })
        };
        let mut seen = BTreeSet::new();
        for packet in group {
            let mut told = [0; 2];
            for (index, field) in ["PID_PI1_VAL", "PID_PI2_VAL"].into_iter().enumerate() {
                let value = packet.additional.get(index).copied().unwrap_or_default();
                let is_used = numbers.get(index).is_some_and(Option::is_some);
                if let (true, Some(told)) = (is_used, told.get_mut(index)) {
                    *told = value;
                } else if value != 0 && has_row {
                    self.find(
                        packet.row,
                        field,
                        format!("pic tells no place for {value}"),
                        "write 0, or add the place to pic",
                    );
                }
            }
            if !seen.insert(told) {
                let what = "another packet has the same APID, type, subtype and additional numbers";
                self.find(packet.row, "PID_SPID", what, "tell them apart by PID_PI1_VAL and a place in pic");
                continue;
            }
            let [first, second] = numbers;
            let [first_value, second_value] = told;
            let restriction =
                all([first.map(|id| equals(id, first_value)), second.map(|id| equals(id, second_value))]);
            let base = inner.map_or_else(|| base.clone(), |container| Base { container, restriction });
            bases.insert(packet.spid, base);
        }
        Some(())
    }
}

/// A bit of the packet.
pub(super) const fn from_start(bit: i64) -> Location {
    Location { reference: Reference::ContainerStart, offset: IntExpr::Fixed(bit) }
}

fn is_known(spid: i64, packets: &[Packet<'_, '_>], not_valid: &BTreeMap<i64, i64>) -> bool {
    not_valid.contains_key(&spid) || packets.iter().any(|packet| packet.spid == spid)
}

/// Both conditions, or the one that there is.
fn all(conditions: [Option<Condition>; 2]) -> Condition {
    match conditions {
        [Some(one), None] | [None, Some(one)] => one,
        both => Condition::All(both.into_iter().flatten().collect()),
    }
}

const PRIMARY_HEADER: [(&str, &str, u32); 7] = [
    ("PACKET_VERSION_NUMBER", "Packet version number", 3),
    ("PACKET_TYPE", "Packet type", 1),
    ("SECONDARY_HEADER_FLAG", "Secondary header flag", 1),
    ("APID", "Application process identifier", 11),
    ("SEQUENCE_FLAGS", "Sequence flags", 2),
    ("SEQUENCE_COUNT", "Packet sequence count", 14),
    ("DATA_LENGTH", "Packet data length: octets of the data field minus one", 16),
];
const PRIMARY_HEADER_OCTETS: i64 = 6;
/// Packets without a service.
const NO_SERVICE: (i64, i64) = (0, 0);
const NO_STRUCTURE: i64 = -1;
/// Stands for all APIDs in PIC.
const ANY_APID: i64 = 99_999;
