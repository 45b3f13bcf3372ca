//! Reading ahead: a thread of its own fills buffers while others are being decoded.
//!
//! Three buffers go round. When all are full the reader waits, so a fast pipe is held back and memory stays bounded; when none is,
//! the decoder waits. Each buffer keeps room in front of its octets for what is left over of the one before.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use frame_sync::line::LineDecoder;

/// Buffers that are filled ahead of being asked for.
pub(super) struct ReadAhead {
    full: Receiver<io::Result<Piece>>,
    empty: Sender<Vec<u8>>,
    thread: Option<JoinHandle<()>>,
}

/// Octets of the stream, in a buffer with room in front.
pub(super) struct Piece {
    buffer: Vec<u8>,
    filled: Range<usize>,
    /// Whether the stream ends with them.
    pub(super) ended: bool,
}

impl ReadAhead {
    /// Read `source` in pieces of `len` octets, with room for `room` octets in front of each. Line codes are decoded on the way.
    ///
    /// The thread is waited for once the stream has ended, not before: it may be waiting itself, for a pipe that says nothing more.
    pub(super) fn new(
        source: impl Read + Send + 'static,
        decoder: LineDecoder,
        room: usize,
        len: usize,
    ) -> io::Result<Self> {
        let (to_decoder, full) = sync_channel(BUFFERS);
        let (empty, to_reader) = channel();
        for _ in 0..BUFFERS {
            // The receiver is right here.
            let _ = empty.send(vec![0; room + len]);
        }
        let thread = thread::Builder::new()
            .name("read-ahead".to_owned())
            .spawn(move || read(source, decoder, room, &to_reader, &to_decoder))?;
        Ok(Self { full, empty, thread: Some(thread) })
    }

    /// The next piece, behind the `unspent` octets of the one before.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub(super) fn next(&mut self, before: Option<Piece>, unspent: Range<usize>) -> io::Result<Piece> {
        let stopped = || io::Error::other("the thread that reads the input stopped");
        let piece = self.full.recv().map_err(|_| stopped()).flatten();
        if piece.as_ref().map_or(true, |piece| piece.ended)
            && let Some(thread) = self.thread.take()
        {
            // This was its last word; had it panicked, there would be none.
            let _ = thread.join();
        }
        let mut piece = piece?;
        if let Some(before) = before {
            piece.put_in_front(before.buffer.get(unspent).unwrap_or_default());
            // A reader that is done needs no more buffers.
            let _ = self.empty.send(before.buffer);
        }
        Ok(piece)
    }
}

impl Piece {
    /// The octets.
    pub(super) fn octets(&self) -> &[u8] {
        self.buffer.get(self.filled.clone()).unwrap_or_default()
    }

    /// Where in the buffer the octets are that come after the first `spent` ones.
    pub(super) const fn after(&self, spent: usize) -> Range<usize> {
        self.filled.start + spent..self.filled.end
    }

    /// Put `octets` ahead of those that are there.
    fn put_in_front(&mut self, octets: &[u8]) {
        let missing = octets.len().saturating_sub(self.filled.start);
        if missing > 0 {
            // More is left over than was said to be possible; slow, but right.
            self.buffer.splice(0..0, vec![0; missing]);
            self.filled = self.filled.start + missing..self.filled.end + missing;
        }
        let start = self.filled.start - octets.len();
        if let Some(front) = self.buffer.get_mut(start..self.filled.start) {
            front.copy_from_slice(octets);
        }
        self.filled.start = start;
    }
}

/// Fill buffers until the stream ends, an error comes up, or nobody wants any more.
fn read(
    mut source: impl Read,
    mut decoder: LineDecoder,
    room: usize,
    empty: &Receiver<Vec<u8>>,
    full: &SyncSender<io::Result<Piece>>,
) {
    for mut buffer in empty {
        let filled = fill(&mut source, buffer.get_mut(room..).unwrap_or_default()).map(|(len, ended)| {
            decoder.decode(buffer.get_mut(room..room + len).unwrap_or_default());
            Piece { buffer, filled: room..room + len, ended }
        });
        let last = filled.as_ref().map_or(true, |piece| piece.ended);
        if full.send(filled).is_err() || last {
            return;
        }
    }
}

/// Read until `buffer` is full or the stream ends; returns how many octets came and whether it ended.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<(usize, bool)> {
    let mut len = 0;
    while let Some(free) = buffer.get_mut(len..).filter(|free| !free.is_empty()) {
        match source.read(free) {
            Ok(0) => return Ok((len, true)),
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((len, false))
}

/// One being decoded, one waiting, one being filled.
const BUFFERS: usize = 3;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use frame_sync::line::LineCode;

    #[test]
    fn what_is_left_over_comes_before_what_follows() {
        let octets: Vec<u8> = (0..100).collect();
        let source = io::Cursor::new(octets.clone());
        // Leave more and more behind, more than there is room for in the end.
        let mut ahead = ReadAhead::new(source, LineDecoder::new(LineCode::NrzL), 4, 10).unwrap();
        let (mut seen, mut before, mut unspent) = (Vec::new(), None, 0..0);
        for keep in 0.. {
            let piece = ahead.next(before.take(), unspent).unwrap();
            let spent =
                if piece.ended { piece.octets().len() } else { piece.octets().len().saturating_sub(keep) };
            seen.extend_from_slice(&piece.octets()[..spent]);
            unspent = piece.after(spent);
            let ended = piece.ended;
            before = Some(piece);
            if ended {
                break;
            }
        }
        assert_eq!(seen, octets);
    }

    #[test]
    fn nothing_is_held_any_more_once_the_stream_has_ended() {
        struct Empty {
            _held: Arc<()>,
        }
        impl Read for Empty {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Ok(0)
            }
        }
        impl Drop for Empty {
            fn drop(&mut self) {
                // Whoever does not wait for the thread is sure to be earlier.
                thread::sleep(Duration::from_millis(50));
            }
        }
        let held = Arc::new(());
        let source = Empty { _held: Arc::clone(&held) };
        let mut ahead = ReadAhead::new(source, LineDecoder::new(LineCode::NrzL), 4, 10).unwrap();
        assert!(ahead.next(None, 0..0).unwrap().ended);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn an_error_ends_the_stream_and_is_handed_on() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let mut ahead = ReadAhead::new(Broken, LineDecoder::new(LineCode::NrzL), 4, 10).unwrap();
        assert_eq!(ahead.next(None, 0..0).err().map(|error| error.to_string()), Some("broken".to_owned()));
    }
}
