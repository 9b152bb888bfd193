//! Whether a peer's certificates are to be trusted, with OpenSSL's verdict if not.
//!
//! webpki decides. Where it refuses, the chain is walked as OpenSSL walks it, only to find the name of what is wrong:
//! OpenSSL goes on after an error, as node has it do, so that the last one it meets is the one that is told.
//!
//! Whom a certificate is for is not looked at: node checks names in JavaScript (`tls.checkServerIdentity`).

use std::sync::Arc;

use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{CertificateError, DistinguishedName, Error, RootCertStore};

use super::verifier::provider;
use super::x509::{Certificate, Purpose};

/// More than any chain has; a longer one is not followed.
const MAX_DEPTH: usize = 100;

/// OpenSSL's names of what is wrong with a chain.
mod verdict {
    pub const UNABLE_TO_GET_ISSUER_CERT: &str = "UNABLE_TO_GET_ISSUER_CERT";
    pub const CERT_SIGNATURE_FAILURE: &str = "CERT_SIGNATURE_FAILURE";
    pub const CERT_NOT_YET_VALID: &str = "CERT_NOT_YET_VALID";
    pub const CERT_HAS_EXPIRED: &str = "CERT_HAS_EXPIRED";
    pub const DEPTH_ZERO_SELF_SIGNED_CERT: &str = "DEPTH_ZERO_SELF_SIGNED_CERT";
    pub const SELF_SIGNED_CERT_IN_CHAIN: &str = "SELF_SIGNED_CERT_IN_CHAIN";
    pub const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: &str = "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
    pub const UNABLE_TO_VERIFY_LEAF_SIGNATURE: &str = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    pub const INVALID_CA: &str = "INVALID_CA";
    pub const INVALID_PURPOSE: &str = "INVALID_PURPOSE";
    pub const CERT_REJECTED: &str = "CERT_REJECTED";
}

/// Whom a side trusts.
#[derive(Debug)]
pub struct Trust {
    purpose: Purpose,
    /// What the user trusts, as it was given.
    roots: Vec<CertificateDer<'static>>,
    /// Those among them that a chain may end at.
    anchors: Arc<RootCertStore>,
    /// The others, which may only stand in between.
    between: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
    /// webpki's judge of clients, or why there is none; nothing where servers are judged.
    clients: Option<Result<Arc<dyn ClientCertVerifier>, Error>>,
}

impl Trust {
    /// `partial`: a chain may end at any of `roots`; else only at one that is its own issuer, as OpenSSL has it.
    pub fn new(purpose: Purpose, roots: Vec<CertificateDer<'static>>, partial: bool) -> Trust {
        let (ends, between): (Vec<_>, Vec<_>) = roots.iter().cloned().partition(|root| {
            Certificate::read(root).is_some_and(|root| root.is_authority() && (partial || root.is_self_issued()))
        });
        let mut anchors = RootCertStore::empty();
        // What cannot be parsed is the end of no chain that webpki could verify.
        anchors.add_parsable_certificates(ends);
        let anchors = Arc::new(anchors);
        let clients = (purpose == Purpose::Client).then(|| {
            WebPkiClientVerifier::builder_with_provider(anchors.clone(), provider())
                .build()
                .map_err(|error| Error::General(error.to_string()))
        });
        Trust { purpose, roots, anchors, between, clients, algorithms: provider().signature_verification_algorithms }
    }

    /// The names of those that a client is asked to have its certificate from.
    pub fn names(&self) -> Vec<DistinguishedName> {
        self.anchors.subjects()
    }

    /// What is wrong with a peer's certificates, its own first.
    pub fn verdict(&self, chain: &[CertificateDer<'static>], now: UnixTime) -> Option<&'static str> {
        let (leaf, rest) = chain.split_first()?;
        let Some(end) = Certificate::read(leaf) else { return Some(verdict::CERT_REJECTED) };
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        // webpki takes no authority for the end of a chain, and many have nothing but one self-signed certificate.
        if end.is_self_issued() && self.roots.contains(leaf) {
            return self.fault_of(&Path { certificates: vec![end], trusted: true }, seconds);
        }
        match self.verify(leaf, rest, now) {
            Ok(()) if end.is_for(self.purpose) => None,
            Ok(()) => Some(verdict::INVALID_PURPOSE),
            Err(error) => {
                let path = self.path(end, rest);
                match (self.fault_of(&path, seconds), &path.certificates[..]) {
                    (Some(fault), _) => Some(fault),
                    (None, [end, root]) if end.is_signed_by(root, self.algorithms.all) => None,
                    (None, _) => Some(verdict_of(&error)),
                }
            }
        }
    }

    fn verify(&self, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'static>], now: UnixTime) -> Result<(), Error> {
        let with_ours: Vec<CertificateDer<'static>>;
        let rest = match self.between.is_empty() {
            true => rest,
            false => {
                with_ours = rest.iter().chain(&self.between).cloned().collect();
                &with_ours
            }
        };
        match &self.clients {
            Some(clients) => clients.clone()?.verify_client_cert(leaf, rest, now).map(drop),
            None => {
                let leaf = ParsedCertificate::try_from(leaf)?;
                verify_server_cert_signed_by_trust_anchor(&leaf, &self.anchors, rest, now, self.algorithms.all)
            }
        }
    }

    /// The chain as OpenSSL would build it: issuers that are trusted are preferred to those that the peer sent.
    fn path<'a>(&'a self, end: Certificate<'a>, sent: &'a [CertificateDer<'static>]) -> Path<'a> {
        let mut path = Path { certificates: vec![end], trusted: false };
        let mut top = end;
        while !top.is_self_issued() && path.certificates.len() < MAX_DEPTH {
            let trusted = self.roots.iter().find_map(|root| issuer_of(&top, root));
            let sent = sent.iter().filter(|_| !path.trusted).find_map(|sent| issuer_of(&top, sent));
            let Some(issuer) = trusted.or(sent) else { break };
            path.trusted |= trusted.is_some();
            path.certificates.push(issuer);
            top = issuer;
        }
        // The end of what the peer sent may be trusted itself.
        path.trusted |= top.is_self_issued() && self.roots.iter().any(|root| **root == *top.der);
        path
    }

    /// What OpenSSL would find last.
    fn fault_of(&self, path: &Path<'_>, now: i64) -> Option<&'static str> {
        let Path { certificates, trusted } = path;
        let (end, above) = certificates.split_first()?;
        let complete = certificates.last().is_some_and(Certificate::is_self_issued);
        let mut fault = match (complete, *trusted, above.is_empty()) {
            (true, true, _) => None,
            (true, false, true) => Some(verdict::DEPTH_ZERO_SELF_SIGNED_CERT),
            (true, false, false) => Some(verdict::SELF_SIGNED_CERT_IN_CHAIN),
            (false, true, _) => Some(verdict::UNABLE_TO_GET_ISSUER_CERT),
            (false, false, _) => Some(verdict::UNABLE_TO_GET_ISSUER_CERT_LOCALLY),
        };
        if !end.is_for(self.purpose) {
            fault = Some(verdict::INVALID_PURPOSE);
        }
        if above.iter().any(|authority| !authority.may_sign(self.purpose)) {
            fault = Some(verdict::INVALID_CA);
        }
        if !complete && above.is_empty() {
            fault = Some(verdict::UNABLE_TO_VERIFY_LEAF_SIGNATURE);
        }
        for certificate in certificates.iter().rev() {
            if certificate.not_before > now {
                fault = Some(verdict::CERT_NOT_YET_VALID);
            }
            if certificate.not_after < now {
                fault = Some(verdict::CERT_HAS_EXPIRED);
            }
        }
        fault
    }
}

/// A chain, the peer's own certificate first.
struct Path<'a> {
    certificates: Vec<Certificate<'a>>,
    /// It has come to what the user trusts.
    trusted: bool,
}

fn issuer_of<'a>(subject: &Certificate<'_>, candidate: &'a CertificateDer<'static>) -> Option<Certificate<'a>> {
    Certificate::read(candidate).filter(|candidate| candidate.subject == subject.issuer)
}

/// For chains that are as they should be, but for webpki.
fn verdict_of(error: &Error) -> &'static str {
    match error {
        Error::InvalidCertificate(CertificateError::BadSignature | CertificateError::UnknownIssuer) => {
            verdict::CERT_SIGNATURE_FAILURE
        }
        Error::InvalidCertificate(
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
        ) => verdict::INVALID_PURPOSE,
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            verdict::CERT_HAS_EXPIRED
        }
        _ => verdict::CERT_REJECTED,
    }
}
