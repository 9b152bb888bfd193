//! How a side does TLS: made once of a server's or a client's options, and used for each of its connections.

use std::fmt;
use std::sync::{Arc, Mutex};

use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::aws_lc_rs::{Ticketer, sign::any_supported_type};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{CertificateDer, IpAddr, Ipv4Addr, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, ClientConnection, Connection, Error, InconsistentKeys, KeyLog, ServerConfig, ServerConnection,
    SignatureScheme, SupportedCipherSuite, SupportedProtocolVersion,
};

use super::resume::TicketsOfNewSessions;
use super::trust::Trust;
use super::verifier::{Possession, provider};
use super::x509::Purpose;

/// A certificate with those above it, and its key in PKCS#8.
#[derive(Debug)]
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: Vec<u8>,
}

/// What servers and clients have in common.
pub struct Common {
    pub identities: Vec<Identity>,
    pub roots: Vec<CertificateDer<'static>>,
    /// A chain may end at an authority that is not its own issuer (node's `allowPartialTrustChain`).
    pub partial_chain: bool,
    /// A peer whose certificate is not trusted may not be talked to.
    pub reject_unauthorized: bool,
    pub alpn: Vec<Vec<u8>>,
    pub versions: Vec<&'static SupportedProtocolVersion>,
    /// None for all.
    pub cipher_suites: Option<Vec<SupportedCipherSuite>>,
    pub groups: Option<Vec<&'static dyn SupportedKxGroup>>,
    /// Each connection collects what an `SSLKEYLOGFILE` has.
    pub keylog: bool,
}

/// What a server has besides.
#[derive(Debug)]
pub struct ServerOptions {
    pub request_certificate: bool,
    /// Whether clients are told whose certificates are expected.
    pub names: bool,
    /// Of the cipher suites that both have, the server's favourite is taken, and not the client's.
    pub own_order: bool,
    pub tickets: bool,
}

/// A side's TLS.
#[derive(Debug)]
pub struct Config {
    side: Side,
    /// None if the peer shows no certificate.
    trust: Option<Trust>,
    strict: bool,
    keylog: bool,
}

#[derive(Debug)]
enum Side {
    Server(Arc<ServerConfig>),
    Client(Arc<ClientConfig>),
}

/// What is special about one connection.
#[derive(Debug, Default)]
pub struct Particulars {
    /// A client's server name indication.
    pub server_name: Option<String>,
    /// A server's client asks for a session that it has had.
    pub asks_to_resume: bool,
    /// Protocols in place of the configured ones.
    pub alpn: Option<Vec<Vec<u8>>>,
}

/// A connection that begins, and what is told of it on the side.
#[derive(Debug)]
pub struct Begun {
    pub connection: Connection,
    /// Where its keys are logged, if they are.
    pub key_lines: Option<KeyLines>,
    /// A server's tickets for it, if its client has one already.
    pub tickets: Option<Arc<TicketsOfNewSessions>>,
}

impl Config {
    pub fn server(common: Common, options: &ServerOptions) -> Result<Config, Error> {
        let Common { identities, roots, partial_chain, reject_unauthorized, alpn, .. } = common;
        let provider = Arc::new(provider_of(common.cipher_suites, common.groups));
        let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&common.versions)?;
        let trust = options.request_certificate.then(|| Trust::new(Purpose::Client, roots, partial_chain));
        let builder = match &trust {
            Some(trust) => {
                let names = if options.names { trust.names() } else { Vec::new() };
                builder.with_client_cert_verifier(Arc::new(Possession::of_clients(reject_unauthorized, names)))
            }
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(Identities::new(identities)?));
        config.alpn_protocols = alpn;
        config.ignore_client_order = options.own_order;
        // Sessions are kept by the clients, sealed. The ticketer's keys are this configuration's own and change with time,
        // so that no ticket outlives them or opens another server's door.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        if options.tickets {
            config.ticketer = Ticketer::new()?;
        } else {
            config.send_tls13_tickets = 0;
        }
        let side = Side::Server(Arc::new(config));
        Ok(Config { side, trust, strict: reject_unauthorized, keylog: common.keylog })
    }

    /// A client of node's resumes only what its user has kept, which is OpenSSL's: `resumption` is for tests.
    pub fn client(common: Common, resumption: Resumption) -> Result<Config, Error> {
        let Common { identities, roots, partial_chain, reject_unauthorized, alpn, .. } = common;
        let provider = Arc::new(provider_of(common.cipher_suites, common.groups));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&common.versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Possession::of_servers()))
            .with_client_cert_resolver(Arc::new(Identities::new(identities)?));
        config.alpn_protocols = alpn;
        config.resumption = resumption;
        let side = Side::Client(Arc::new(config));
        let trust = Some(Trust::new(Purpose::Server, roots, partial_chain));
        Ok(Config { side, trust, strict: reject_unauthorized, keylog: common.keylog })
    }

    pub fn trust(&self) -> Option<&Trust> {
        self.trust.as_ref()
    }

    /// Whether a peer that is not trusted is to be refused.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    pub fn begin(&self, particulars: Particulars) -> Result<Begun, Error> {
        let key_lines = self.keylog.then(KeyLines::default);
        match &self.side {
            Side::Server(config) => {
                let mut config = config.clone();
                let Particulars { alpn, asks_to_resume, .. } = particulars;
                let tickets = asks_to_resume.then(|| Arc::new(TicketsOfNewSessions::new(config.ticketer.clone())));
                if alpn.is_some() || key_lines.is_some() || tickets.is_some() {
                    let own = Arc::make_mut(&mut config);
                    if let Some(tickets) = &tickets {
                        own.ticketer = tickets.clone();
                    }
                    if let Some(alpn) = alpn {
                        own.alpn_protocols = alpn;
                    }
                    if let Some(lines) = &key_lines {
                        own.key_log = Arc::new(lines.clone());
                    }
                }
                Ok(Begun { connection: Connection::Server(ServerConnection::new(config)?), key_lines, tickets })
            }
            Side::Client(config) => {
                let (config, name) = client_config(config.clone(), particulars, key_lines.as_ref())?;
                let connection = Connection::Client(ClientConnection::new(config, name)?);
                Ok(Begun { connection, key_lines, tickets: None })
            }
        }
    }
}

fn client_config(
    mut config: Arc<ClientConfig>,
    particulars: Particulars,
    lines: Option<&KeyLines>,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), Error> {
    let named = particulars.server_name.map(|name| name_of(&name)).transpose()?;
    if let Some(alpn) = particulars.alpn {
        Arc::make_mut(&mut config).alpn_protocols = alpn;
    }
    if let Some(lines) = lines {
        Arc::make_mut(&mut config).key_log = Arc::new(lines.clone());
    }
    // An address is indicated to no server.
    let name = named.unwrap_or(ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([0; 4]))));
    Ok((config, name))
}

fn name_of(name: &str) -> Result<ServerName<'static>, Error> {
    ServerName::try_from(name.to_owned()).map_err(|_| Error::General(format!("\"{name}\" is not a server's name")))
}

fn provider_of(
    suites: Option<Vec<SupportedCipherSuite>>,
    groups: Option<Vec<&'static dyn SupportedKxGroup>>,
) -> CryptoProvider {
    let mut provider = CryptoProvider::clone(&provider());
    provider.cipher_suites = suites.unwrap_or(provider.cipher_suites);
    provider.kx_groups = groups.unwrap_or(provider.kx_groups);
    provider
}

/// The certificates that a side can show.
#[derive(Debug)]
struct Identities(Vec<Arc<CertifiedKey>>);

impl Identities {
    fn new(identities: Vec<Identity>) -> Result<Identities, Error> {
        identities
            .into_iter()
            .map(|Identity { chain, key }| {
                let key = any_supported_type(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key)))?;
                let identity = CertifiedKey::new(chain, key);
                match identity.keys_match() {
                    Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                        Err(InconsistentKeys::KeyMismatch.into())
                    }
                    // What cannot be compared is for the peer to find out.
                    _ => Ok(Arc::new(identity)),
                }
            })
            .collect::<Result<_, _>>()
            .map(Identities)
    }

    /// The peer's favourite among the signatures decides, as with OpenSSL.
    fn choose(&self, schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        schemes
            .iter()
            .find_map(|scheme| self.0.iter().find(|identity| identity.key.choose_scheme(&[*scheme]).is_some()).cloned())
    }
}

impl ResolvesServerCert for Identities {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(hello.signature_schemes())
    }
}

impl ResolvesClientCert for Identities {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.choose(schemes)
    }

    fn has_certs(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Lines for an `SSLKEYLOGFILE`, of one connection.
#[derive(Clone, Default)]
pub struct KeyLines(Arc<Mutex<Vec<String>>>);

impl KeyLines {
    pub fn take(&self) -> Vec<String> {
        self.0.lock().map(|mut lines| std::mem::take(&mut *lines)).unwrap_or_default()
    }
}

impl KeyLog for KeyLines {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        if let Ok(mut lines) = self.0.lock() {
            lines.push(format!("{label} {} {}\n", hex(client_random), hex(secret)));
        }
    }
}

impl fmt::Debug for KeyLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLines")
    }
}
