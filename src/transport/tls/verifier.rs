//! What rustls asks about a peer's certificates during a handshake.
//!
//! It is told that any chain is welcome, as OpenSSL is told by node: the chain is looked at when the handshake is over
//! ([`super::trust`]), in resumed sessions as in full ones, and its owner decides what to do. That the peer has the key of
//! its certificate is proven here, always.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{
    CertificateDer, ServerName, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerMisbehaved, SignatureScheme};

use super::x509::Certificate;

/// Where all cryptography comes from.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Proves possession of keys, and asks for a client's certificate if that is wanted.
#[derive(Debug)]
pub struct Possession {
    provider: Arc<CryptoProvider>,
    /// Clients without a certificate are refused.
    mandatory: bool,
    names: Vec<DistinguishedName>,
}

impl Possession {
    /// A client's.
    pub fn of_servers() -> Possession {
        Possession { provider: provider(), mandatory: false, names: Vec::new() }
    }

    /// A server's that asks for certificates.
    pub fn of_clients(mandatory: bool, names: Vec<DistinguishedName>) -> Possession {
        Possession { provider: provider(), mandatory, names }
    }

    fn tls12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match Unread::of(certificate) {
            Some(unread) => unread.tls12(message, signed, algorithms),
            None => verify_tls12_signature(message, certificate, signed, algorithms),
        }
    }

    fn tls13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match Unread::of(certificate) {
            Some(unread) => unread.tls13(message, signed, algorithms),
            None => verify_tls13_signature(message, certificate, signed, algorithms),
        }
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The key of a certificate that webpki does not read, as those of version 1: OpenSSL does, and many a private authority
/// makes them.
struct Unread<'a>(Certificate<'a>);

impl<'a> Unread<'a> {
    fn of(certificate: &'a CertificateDer<'_>) -> Option<Unread<'a>> {
        if ParsedCertificate::try_from(certificate).is_ok() {
            return None;
        }
        Certificate::read(certificate).map(Unread)
    }

    /// TLS 1.2 leaves the curve of a key open, so that a scheme may be one of several algorithms.
    fn tls12(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<HandshakeSignatureValid, Error> {
        let of_scheme = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
        let (Some((_, candidates)), Some((key_algorithm, key))) = (of_scheme, self.0.key_parts()) else {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        };
        let fits = |algorithm: &&&dyn SignatureVerificationAlgorithm| *algorithm.public_key_alg_id() == *key_algorithm;
        candidates
            .iter()
            .find(fits)
            .and_then(|algorithm| algorithm.verify_signature(key, message, signed.signature()).ok())
            .map(|()| HandshakeSignatureValid::assertion())
            .ok_or(CertificateError::BadSignature.into())
    }

    fn tls13(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(self.0.key);
        verify_tls13_signature_with_raw_key(message, &key, signed, algorithms)
    }
}

/// What the verifiers of both sides are asked alike.
macro_rules! verify_signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            self.tls12(message, certificate, signed)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            self.tls13(message, certificate, signed)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.schemes()
        }
    };
}

impl ServerCertVerifier for Possession {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    verify_signatures!();
}

impl ClientCertVerifier for Possession {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.names
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    verify_signatures!();
}
