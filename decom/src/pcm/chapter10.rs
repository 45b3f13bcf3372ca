//! Packets of recordings: IRIG 106 chapter 11 (chapter 10 in earlier issues) §11.2.1.

/// Finds the packets of a recording, one after the other, and starts over behind whatever is none.
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    octets: &'a [u8],
    position: usize,
    skipped: usize,
}

impl<'a> Packets<'a> {
    /// Packets of a recording, or of a part of one.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { octets, position: 0, skipped: 0 }
    }

    /// Octets so far that belong to no packet.
    #[must_use]
    pub const fn skipped(&self) -> usize {
        self.skipped
    }

    /// Octets not yet taken; at the end, those of a packet that the recording breaks off in.
    #[must_use]
    pub fn pending(&self) -> &'a [u8] {
        self.octets.get(self.position..).unwrap_or(&[])
    }

    fn skip(&mut self, octets: usize) {
        self.position += octets;
        self.skipped += octets;
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        loop {
            let rest = self.pending();
            let Some(header) = rest.first_chunk::<HEADER_LEN>() else {
                // A header that is not all there may still come; anything else never will.
                if !SYNC.starts_with(rest.get(..2).unwrap_or(rest)) {
                    self.skip(1);
                    continue;
                }
                return None;
            };
            let Some(header) = Header::parse(header) else {
                let next = rest.windows(2).skip(1).position(|pair| pair == SYNC).map(|at| at + 1);
                // The last octet may be the first one of a pattern.
                let kept = usize::from(rest.last() == SYNC.first());
                self.skip(next.unwrap_or(rest.len() - kept).max(1));
                continue;
            };
            let octets = rest.get(..header.packet_len)?;
            let Some(packet) = Packet::new(header, self.position, octets) else {
                self.skip(1);
                continue;
            };
            self.position += header.packet_len;
            return Some(packet);
        }
    }
}

/// A packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packet<'a> {
    /// Where it begins in the recording.
    pub offset: usize,
    /// The channel that it is of.
    pub channel: u16,
    /// What its data are.
    pub data_type: u8,
    /// The version of that.
    pub data_type_version: u8,
    /// Packets of the channel, modulo 256.
    pub sequence: u8,
    /// Ticks of the relative time counter, 10 MHz, 48 bits.
    pub relative_time: u64,
    /// The time of the secondary header.
    pub secondary_time: Option<[u8; 8]>,
    /// The packet flags.
    pub flags: u8,
    /// All its octets.
    pub octets: &'a [u8],
    /// The channel specific data word and what follows, without filler and checksum.
    pub data: &'a [u8],
    /// Whether the data checksum is right; `None` for a packet without one.
    pub data_intact: Option<bool>,
}

impl<'a> Packet<'a> {
    /// `None` when the secondary header is wrong, or the packet is too short for its data.
    fn new(header: Header, offset: usize, octets: &'a [u8]) -> Option<Self> {
        let mut body = octets.get(HEADER_LEN..)?;
        let mut secondary_time = None;
        if header.flags & SECONDARY_HEADER != 0 {
            let (secondary, rest) = body.split_first_chunk::<SECONDARY_HEADER_LEN>()?;
            if !is_closed(secondary) {
                return None;
            }
            secondary_time = secondary.first_chunk().copied();
            body = rest;
        }
        let checksum_len = CHECKSUM_LENS.get(usize::from(header.flags & 3)).copied()?;
        let (covered, checksum) = body.split_at_checked(body.len().checked_sub(checksum_len)?)?;
        let data = covered.get(..header.data_len)?;
        let data_intact = (checksum_len > 0).then(|| {
            let sum = covered.chunks(checksum_len).map(little).fold(0, u32::wrapping_add);
            sum & (u32::MAX >> (32 - 8 * checksum_len)) == little(checksum)
        });
        Some(Self {
            offset,
            channel: header.channel,
            data_type: header.data_type,
            data_type_version: header.data_type_version,
            sequence: header.sequence,
            relative_time: header.relative_time,
            secondary_time,
            flags: header.flags,
            octets,
            data,
            data_intact,
        })
    }
}

#[derive(Clone, Copy)]
struct Header {
    channel: u16,
    packet_len: usize,
    data_len: usize,
    data_type_version: u8,
    sequence: u8,
    flags: u8,
    data_type: u8,
    relative_time: u64,
}

impl Header {
    /// `None` when this is no header.
    fn parse(octets: &[u8; HEADER_LEN]) -> Option<Self> {
        if !octets.starts_with(&SYNC) || !is_closed(octets) {
            return None;
        }
        let [
            _,
            _,
            c0,
            c1,
            p0,
            p1,
            p2,
            p3,
            d0,
            d1,
            d2,
            d3,
            version,
            sequence,
            flags,
            data_type,
            times @ ..,
            _,
            _,
        ] = *octets;
        let [t0, t1, t2, t3, t4, t5] = times;
        let packet_len = u32::from_le_bytes([p0, p1, p2, p3]) as usize;
        let data_len = u32::from_le_bytes([d0, d1, d2, d3]) as usize;
        if packet_len < HEADER_LEN || !packet_len.is_multiple_of(4) || packet_len > MAX_PACKET_LEN {
            return None;
        }
        Some(Self {
            channel: u16::from_le_bytes([c0, c1]),
            packet_len,
            data_len,
            data_type_version: version,
            sequence,
            flags,
            data_type,
            relative_time: u64::from_le_bytes([t0, t1, t2, t3, t4, t5, 0, 0]),
        })
    }
}

/// Whether the last word is the sum of all words before it, modulo 2^16.
fn is_closed(octets: &[u8]) -> bool {
    let Some((covered, checksum)) = octets.split_last_chunk::<2>() else { return false };
    let sum = covered.chunks(2).map(little).fold(0, u32::wrapping_add);
    sum & 0xFFFF == little(checksum)
}

/// Least significant octet first.
fn little(octets: &[u8]) -> u32 {
    octets.iter().rev().fold(0, |word, octet| word << 8 | u32::from(*octet))
}

/// Octets of the packet header.
pub const HEADER_LEN: usize = 24;
const SECONDARY_HEADER_LEN: usize = 12;
const SYNC: [u8; 2] = [0x25, 0xEB];
const SECONDARY_HEADER: u8 = 0x80;
const CHECKSUM_LENS: [usize; 4] = [0, 1, 2, 4];
/// §11.2.1.1: only the first packet of a recording may be that long; others have at most 524,288 octets.
const MAX_PACKET_LEN: usize = 134_217_728;
