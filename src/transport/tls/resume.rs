//! Resumption: whom a server gives tickets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::server::ProducesTickets;

/// The tickets of one connection of a server's, in TLS 1.3: for a new session, but not for one that goes on. node has it
/// so; a client may use its ticket again.
#[derive(Debug)]
pub struct TicketsOfNewSessions {
    ticketer: Arc<dyn ProducesTickets>,
    /// Whether the session of the client's ticket goes on, as far as is known.
    goes_on: AtomicBool,
}

impl TicketsOfNewSessions {
    pub fn new(ticketer: Arc<dyn ProducesTickets>) -> TicketsOfNewSessions {
        TicketsOfNewSessions { ticketer, goes_on: AtomicBool::new(false) }
    }

    /// The client's ticket is good, but its session does not fit what the client asks for now: there is a new one.
    pub fn begins_anew(&self) {
        self.goes_on.store(false, Ordering::Relaxed);
    }
}

impl ProducesTickets for TicketsOfNewSessions {
    fn enabled(&self) -> bool {
        self.ticketer.enabled()
    }

    fn lifetime(&self) -> u32 {
        self.ticketer.lifetime()
    }

    fn encrypt(&self, session: &[u8]) -> Option<Vec<u8>> {
        if self.goes_on.load(Ordering::Relaxed) { None } else { self.ticketer.encrypt(session) }
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let session = self.ticketer.decrypt(ticket)?;
        self.goes_on.store(true, Ordering::Relaxed);
        Some(session)
    }
}
