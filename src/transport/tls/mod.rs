//! TLS between a session and its socket: rustls, driven without blocking.
//!
//! ```text
//!   session ── write ──> records (rustls) ── flush ──> socket        at most RECORDS_LIMIT octets wait in between
//!   session <── read ─── one room of the reads' memory <── socket    records are read into the end of the room, and what
//!                                                                     they say is written to its beginning
//! ```
//!
//! Layout: this file is the layer; [`config`] is what it is told to do, with [`names`] for its options, [`resume`] for
//! tickets, [`verifier`] for what is asked during a handshake and [`trust`] for what is asked after it
//! ([`x509`] reads certificates); [`failure`] is what goes wrong; [`hello`] looks at a connection before TLS begins.

pub mod config;
pub mod failure;
pub mod hello;
pub mod names;
mod resume;
#[cfg(test)]
mod tests;
pub mod trust;
mod verifier;
pub mod x509;

use std::cell::RefCell;
use std::io::{self, IoSlice, Read, Write};
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{AlertDescription, Connection, HandshakeKind, NamedGroup, ProtocolVersion};

use super::socket::{READ_SIZE, ReadSpace};
use super::{Broken, Transport};
use config::{Begun, Config, KeyLines, Particulars};
use failure::Failure;
use resume::TicketsOfNewSessions;

/// Records that wait for the kernel to take them. It bounds what a peer that does not read can make us hold; large enough
/// that one system call carries many records.
const RECORDS_LIMIT: usize = 192 * 1024;

/// Room for what rustls holds of a record that has not ended: RFC 5246's longest, with its header. What a room's records
/// say is never longer than they are, so that with this much before them it does not run into them.
const HELD_RECORD: usize = 5 + (1 << 14) + 2048;

/// What a handshake reads at once: as much as rustls takes.
const HANDSHAKE_READ: usize = 4096;

/// Reads of a handshake in one turn, and reads that bring nothing but records of TLS's own: a peer that sends more waits
/// for the next turn.
const READS_A_TURN: usize = 16;

const CLOSE_NOTIFY: u8 = 0;

/// What TLS stands on: an octet stream that does not block.
pub trait Octets: Write {
    /// Fills the beginning of `room`. 0 when the peer will send no more.
    fn receive(&mut self, room: &mut [u8]) -> io::Result<usize>;
}

/// A connection.
#[derive(Debug)]
pub struct Tls<S> {
    connection: Connection,
    config: Rc<Config>,
    key_lines: Option<KeyLines>,
    tickets: Option<Arc<TicketsOfNewSessions>>,
    under: S,
    space: Rc<RefCell<dyn ReadSpace>>,
    input: Input,
    failure: Option<Failure>,
    /// The socket had no room for all the records.
    waits_for_room: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Open,
    /// With or without a close_notify: HTTP/2 has its own ends, by which a session knows what it lost.
    Ended,
}

/// How far a handshake is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It waits for the peer.
    Pending,
    Done,
    /// The peer went away.
    Ended,
    Failed(Failure),
}

/// What a handshake has agreed on.
#[derive(Debug, Clone)]
pub struct Agreed {
    pub alpn: Option<Vec<u8>>,
    pub version: Option<ProtocolVersion>,
    pub cipher_suite: Option<u16>,
    pub group: Option<NamedGroup>,
    /// What the client indicated, on the server's side.
    pub server_name: Option<String>,
    pub resumed: bool,
    /// The peer's certificates, its own first.
    pub peer: Vec<CertificateDer<'static>>,
    /// OpenSSL's name of what is wrong with them.
    pub fault: Option<&'static str>,
}

impl<S: Octets> Tls<S> {
    /// A connection whose handshake has not begun.
    pub fn new(
        config: Rc<Config>,
        particulars: Particulars,
        under: S,
        space: Rc<RefCell<dyn ReadSpace>>,
    ) -> Result<Tls<S>, Failure> {
        let Begun { mut connection, key_lines, tickets } = config.begin(particulars)?;
        connection.set_buffer_limit(Some(RECORDS_LIMIT));
        Ok(Tls {
            connection,
            config,
            key_lines,
            tickets,
            under,
            space,
            input: Input::Open,
            failure: None,
            waits_for_room: false,
        })
    }

    pub fn under(&self) -> &S {
        &self.under
    }

    pub fn under_mut(&mut self) -> &mut S {
        &mut self.under
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    // --- The handshake ---

    /// Goes on with the handshake, as far as the peer lets it. Errors are the socket's.
    ///
    /// The last flight of a side that ends the handshake waits for a [flush](Write::flush): a client that does not like what
    /// was agreed on owes its server no Finished.
    pub fn handshake(&mut self) -> Result<Progress, Broken> {
        let mut room = [0; HANDSHAKE_READ];
        for _ in 0..READS_A_TURN {
            if !self.connection.is_handshaking() {
                return Ok(Progress::Done);
            }
            match self.send() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Progress::Pending),
                sent => sent.map_err(Broken::by_writing)?,
            }
            let received = match self.under.receive(&mut room) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Progress::Pending),
                received => received.map_err(Broken::by_reading)?,
            };
            if received == 0 {
                self.input = Input::Ended;
                return Ok(Progress::Ended);
            }
            let mut records = room.get(..received).unwrap_or_default();
            while !records.is_empty() {
                match self.take_in(&mut records) {
                    // A close_notify is an end as good as any, early as it is.
                    Err(Failure { received: Some(CLOSE_NOTIFY), .. }) => return Ok(Progress::Ended),
                    Err(failure) => return Ok(Progress::Failed(failure)),
                    Ok(()) => {}
                }
            }
        }
        Ok(Progress::Pending)
    }

    /// Gives rustls some of what was received. On failure the peer is told.
    fn take_in(&mut self, records: &mut &[u8]) -> Result<(), Failure> {
        let taken = self.connection.read_tls(records);
        let result = match taken {
            // The peer has closed its side, and whatever it says after that is not heard.
            Ok(0) => {
                *records = &[];
                Ok(())
            }
            Ok(_) => match self.connection.process_new_packets() {
                Ok(_) => {
                    self.decide_on_tickets();
                    Ok(())
                }
                Err(error) => {
                    self.correct_alert(&error);
                    let of_offer = self.connection.protocol_version().is_none();
                    Err(Failure { of_offer, ..Failure::from(error) })
                }
            },
            Err(error) => Err(Failure {
                reason: "excessive message size",
                received: None,
                of_offer: false,
                detail: error.to_string(),
            }),
        };
        if let Err(failure) = &result {
            self.failure = Some(failure.clone());
            // The alert. If the socket does not take it, nobody else will hear it.
            let _ = self.send();
        }
        result
    }

    /// Whether a session goes on is settled with the server's hello, and its tickets are made after the client's Finished.
    fn decide_on_tickets(&mut self) {
        match self.connection.handshake_kind() {
            None => {}
            Some(HandshakeKind::Resumed) => self.tickets = None,
            Some(_) => {
                if let Some(tickets) = self.tickets.take() {
                    tickets.begins_anew();
                }
            }
        }
    }

    /// rustls tells a client of TLS 1.2 that shows no certificate what only TLS 1.3 has a word for. RFC 5246, 7.4.6, asks
    /// for handshake_failure there.
    fn correct_alert(&mut self, error: &rustls::Error) {
        const ALERT: [u8; 6] = [21, 3, 3, 0, 2, 2];
        let is_12 = self.connection.protocol_version() == Some(ProtocolVersion::TLSv1_2);
        if !is_12 || *error != rustls::Error::NoCertificatesPresented {
            return;
        }
        let mut records = Vec::new();
        let taken = self.connection.write_tls(&mut records);
        if let (Ok(_), Some((alert, before))) = (taken, records.split_last_mut())
            && before.ends_with(&ALERT)
        {
            *alert = AlertDescription::HandshakeFailure.into();
        }
        let _ = self.under.write(&records);
    }

    /// What was agreed on, once the handshake is done.
    pub fn agreed(&self) -> Agreed {
        let connection = &self.connection;
        let peer = connection.peer_certificates().unwrap_or_default().to_vec();
        let trust = self.config.trust().filter(|_| !peer.is_empty());
        Agreed {
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            version: connection.protocol_version(),
            cipher_suite: connection.negotiated_cipher_suite().map(|suite| suite.suite().into()),
            group: connection.negotiated_key_exchange_group().map(|group| group.name()),
            server_name: match connection {
                Connection::Server(server) => server.server_name().map(str::to_owned),
                Connection::Client(_) => None,
            },
            resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
            fault: trust.and_then(|trust| trust.verdict(&peer, UnixTime::now())),
            peer,
        }
    }

    /// Lines for an `SSLKEYLOGFILE` that were not taken before.
    pub fn take_key_lines(&self) -> Vec<String> {
        self.key_lines.as_ref().map(KeyLines::take).unwrap_or_default()
    }

    /// RFC 5705 and RFC 8446, 7.5. None before the end of the handshake, or for a length that is not to be had.
    pub fn export_keying_material(&self, length: usize, label: &[u8], context: Option<&[u8]>) -> Option<Vec<u8>> {
        self.connection.export_keying_material(vec![0; length], label, context).ok()
    }

    // --- The end ---

    /// Tells the peer that nothing more comes. It goes out with the next flush.
    pub fn close(&mut self) {
        self.connection.send_close_notify();
    }

    /// Whether all that was written is with the kernel.
    pub fn is_drained(&self) -> bool {
        !self.connection.wants_write()
    }

    /// Whether the peer has ended its side.
    pub fn is_ended(&self) -> bool {
        self.input == Input::Ended
    }

    // --- Records ---

    /// Hands the records to the socket.
    fn send(&mut self) -> io::Result<()> {
        let sent = self.send_all();
        self.waits_for_room = sent.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        sent
    }

    fn send_all(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut self.under) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what comes and forgets it, until the peer ends or there is nothing now.
    pub fn discard(&mut self) -> io::Result<()> {
        let mut room = vec![0; READ_SIZE];
        for _ in 0..READS_A_TURN {
            if self.is_ended() {
                break;
            }
            match self.fill(&mut room) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                filled => filled?,
            };
        }
        Ok(())
    }

    fn failed(&self) -> Option<io::Error> {
        self.failure.clone().map(|failure| io::Error::new(io::ErrorKind::InvalidData, failure))
    }

    /// Reads into the room what the next records say. 0 if they say nothing to a session.
    fn fill(&mut self, room: &mut [u8]) -> io::Result<usize> {
        // What came with the end of the handshake.
        let mut filled = self.plaintext(room)?;
        if filled > 0 || self.is_ended() {
            return Ok(filled);
        }
        if let Some(error) = self.failed() {
            return Err(error);
        }
        let mut at = HELD_RECORD;
        let end = at + self.under.receive(room.get_mut(at..).unwrap_or_default())?;
        if end == at {
            self.input = Input::Ended;
        }
        while at < end && self.failure.is_none() {
            let Some((before, records)) = room.split_at_mut_checked(at) else { break };
            let mut records = records.get(..end - at).unwrap_or_default();
            let length = records.len();
            let taken = self.take_in(&mut records);
            at += length - records.len();
            // What came before a record that is broken was good.
            filled += self.plaintext(before.get_mut(filled..).unwrap_or_default())?;
            if taken.is_err() {
                break;
            }
        }
        if self.connection.wants_write() {
            // An answer to a change of keys, or what found no room before. If that fails, it does so again in the next flush.
            let _ = self.send();
        }
        match self.failed() {
            Some(error) if filled == 0 => Err(error),
            _ => Ok(filled),
        }
    }

    /// What rustls has deciphered, as far as there is room.
    fn plaintext(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(left @ [_, ..]) = room.get_mut(filled..) {
            match self.connection.reader().read(left) {
                Ok(0) => {
                    self.input = Input::Ended;
                    break;
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl<S: Octets> Transport for Tls<S> {
    fn read(&mut self) -> io::Result<Option<Bytes>> {
        for _ in 0..READS_A_TURN {
            if self.is_ended() {
                return Ok(None);
            }
            let space = self.space.clone();
            let bytes = space.borrow_mut().receive(&mut |room| self.fill(room))?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn wants_flush(&self) -> bool {
        self.connection.wants_write() && !self.waits_for_room
    }
}

impl<S: Octets> Write for Tls<S> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(octets)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if let Some(error) = self.failed() {
            return Err(error);
        }
        let written = self.connection.writer().write_vectored(slices)?;
        if written > 0 || slices.iter().all(|slice| slice.is_empty()) {
            return Ok(written);
        }
        // As many records wait as may.
        self.send()?;
        self.connection.writer().write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
