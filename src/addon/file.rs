//! Pieces of files for bodies: read on threads of their own and written to their streams from there. JavaScript hears how
//! long each was; what to read next, and when, is for lib/engine/file.js to say.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::batch::Batch;
use super::world::World;
use crate::reactor::files::{Answer, Files, Request};
use crate::wire::StreamId;

/// What one read may be asked for.
const LONGEST: usize = 1024 * 1024;

/// Reads are numbered as sessions are.
const LAST_READ: u32 = 0x3fff_ffff;

/// What a read answers whose stream takes nothing any more: libuv's UV_ECANCELED.
const CANCELED: i32 = -libc::ECANCELED;

/// The reads of an environment.
#[derive(Debug, Default)]
pub struct Reads {
    files: RefCell<Option<Files>>,
    last: Cell<u32>,
    /// The session and the stream that each read is for.
    targets: RefCell<HashMap<u32, (u32, StreamId)>>,
    /// Those that are done and were not told: how long, or an error's negative number.
    done: RefCell<VecDeque<(u32, i32)>>,
}

impl Reads {
    pub fn has_news(&self) -> bool {
        !self.done.borrow().is_empty()
    }

    /// Puts what is done into a batch. False if it is full.
    pub fn tell(&self, batch: &mut Batch) -> bool {
        let mut done = self.done.borrow_mut();
        while let Some((read, result)) = done.front() {
            if !batch.file_read(*read, *result) {
                return false;
            }
            done.pop_front();
        }
        true
    }

    /// Ends the threads, and with them everything that was read for.
    pub fn close(&self) {
        self.files.take();
        self.targets.take();
        self.done.take();
    }
}

impl World {
    /// Has a piece of a file read and written to a stream. The number of the read, which is told when it is done; or an
    /// error's negative number.
    pub fn read_file(&self, (session, stream): (u32, StreamId), fd: i32, position: Option<u64>, length: usize) -> i32 {
        let mut files = self.reads.files.borrow_mut();
        if files.is_none() {
            match self.open_files() {
                Ok(opened) => *files = Some(opened),
                Err(error) => return -error.raw_os_error().unwrap_or(libc::EAGAIN),
            }
        }
        let Some(files) = &mut *files else { return CANCELED };
        let mut targets = self.reads.targets.borrow_mut();
        let mut read = self.reads.last.get();
        loop {
            read = if read == LAST_READ { 1 } else { read + 1 };
            if !targets.contains_key(&read) {
                break;
            }
        }
        self.reads.last.set(read);
        files.read(Request { read, fd, position, length: length.min(LONGEST) });
        targets.insert(read, (session, stream));
        read.cast_signed()
    }

    /// Writes what was read.
    pub(super) fn write_read(&self) {
        let answers = self.reads.files.borrow_mut().as_mut().map(Files::answers).unwrap_or_default();
        for Answer { read, octets } in answers {
            let Some((session, stream)) = self.reads.targets.borrow_mut().remove(&read) else { continue };
            let result = match octets {
                Err(error) => -error.raw_os_error().unwrap_or(libc::EIO),
                Ok(octets) if octets.is_empty() => 0,
                Ok(octets) => {
                    // Bounded by what was asked for.
                    let length = octets.len() as i32;
                    let written = self.command(session, |session| session.write(stream, [Bytes::from(octets)]));
                    if matches!(written, Some(Ok(()))) { length } else { CANCELED }
                }
            };
            self.reads.done.borrow_mut().push_back((read, result));
        }
    }
}
