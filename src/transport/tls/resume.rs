//! A client's sessions, kept by whom the client means by its server.

use std::sync::Arc;

use rustls::NamedGroup;
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

/// The sessions of one key. rustls would keep them by the name that is indicated to the server; but connections to
/// different hosts that indicate the same name, or none, must not take each other's.
#[derive(Debug)]
pub struct KeyedSessions {
    sessions: Arc<ClientSessionMemoryCache>,
    key: ServerName<'static>,
    /// A name that is indicated and is not the key: nothing is kept.
    ambiguous: bool,
}

impl KeyedSessions {
    pub fn new(
        sessions: Arc<ClientSessionMemoryCache>,
        key: ServerName<'static>,
        indicated: Option<ServerName<'static>>,
    ) -> KeyedSessions {
        let ambiguous = indicated.is_some_and(|indicated| indicated != key);
        KeyedSessions { sessions, key, ambiguous }
    }

    fn sessions(&self) -> Option<(&ClientSessionMemoryCache, ServerName<'static>)> {
        (!self.ambiguous).then(|| (&*self.sessions, self.key.clone()))
    }
}

impl ClientSessionStore for KeyedSessions {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        if let Some((sessions, key)) = self.sessions() {
            sessions.set_kx_hint(key, group);
        }
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        let (sessions, key) = self.sessions()?;
        sessions.kx_hint(&key)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, session: Tls12ClientSessionValue) {
        if let Some((sessions, key)) = self.sessions() {
            sessions.set_tls12_session(key, session);
        }
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let (sessions, key) = self.sessions()?;
        sessions.tls12_session(&key)
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        if let Some((sessions, key)) = self.sessions() {
            sessions.remove_tls12_session(&key);
        }
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        if let Some((sessions, key)) = self.sessions() {
            sessions.insert_tls13_ticket(key, ticket);
        }
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let (sessions, key) = self.sessions()?;
        sessions.take_tls13_ticket(&key)
    }
}
