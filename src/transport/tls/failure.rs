//! What went wrong in TLS, in OpenSSL's words: node makes its error codes of them ("no shared cipher" is
//! `ERR_SSL_NO_SHARED_CIPHER`).

use std::error::Error;
use std::fmt;

use rustls::{AlertDescription, CertificateError, Error as TlsError, InvalidMessage, PeerIncompatible, PeerMisbehaved};

/// An error of the TLS layer, which ends the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// OpenSSL's reason.
    pub reason: &'static str,
    /// The alert that the peer sent, if that is the failure.
    pub received: Option<u8>,
    /// It came in answer to what this side offered: no version was agreed upon yet.
    pub of_offer: bool,
    /// What rustls says, which is often more.
    pub detail: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.reason, self.detail)
    }
}

impl Error for Failure {}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Failure {
        let received = match error {
            TlsError::AlertReceived(alert) => Some(u8::from(alert)),
            _ => None,
        };
        Failure { reason: reason(&error), received, of_offer: false, detail: error.to_string() }
    }
}

fn reason(error: &TlsError) -> &'static str {
    match error {
        TlsError::AlertReceived(alert) => alert_reason(*alert),
        TlsError::NoApplicationProtocol => "no application protocol",
        TlsError::NoCertificatesPresented => "peer did not return a certificate",
        TlsError::DecryptError => "decryption failed or bad record mac",
        TlsError::PeerSentOversizedRecord => "data length too long",
        TlsError::PeerIncompatible(what) => incompatible(what),
        TlsError::PeerMisbehaved(what) => misbehaved(what),
        TlsError::InvalidMessage(InvalidMessage::UnknownProtocolVersion | InvalidMessage::InvalidContentType) => {
            "wrong version number"
        }
        TlsError::InvalidMessage(InvalidMessage::MessageTooLarge) => "packet length too long",
        TlsError::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge) => "excessive message size",
        TlsError::InvalidMessage(_) => "length mismatch",
        TlsError::InappropriateMessage { .. } => "unexpected record",
        TlsError::InappropriateHandshakeMessage { .. } => "unexpected message",
        TlsError::InvalidCertificate(CertificateError::BadSignature) => "bad signature",
        TlsError::InvalidCertificate(_) => "bad certificate",
        TlsError::EncryptError => "encryption failed",
        _ => "internal error",
    }
}

fn incompatible(what: &PeerIncompatible) -> &'static str {
    match what {
        PeerIncompatible::NoCipherSuitesInCommon => "no shared cipher",
        PeerIncompatible::NoKxGroupsInCommon => "no suitable key share",
        PeerIncompatible::NoSignatureSchemesInCommon => "no suitable signature algorithm",
        PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon => "no suitable signature algorithm",
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::Tls13RequiredForQuic => "unsupported protocol",
        PeerIncompatible::ExtendedMasterSecretExtensionRequired => "inconsistent extms",
        _ => "no shared cipher",
    }
}

fn misbehaved(what: &PeerMisbehaved) -> &'static str {
    match what {
        PeerMisbehaved::AttemptedDowngradeToTls12WhenTls13IsSupported => "inappropriate fallback",
        PeerMisbehaved::SelectedUnofferedCipherSuite => "wrong cipher returned",
        PeerMisbehaved::SelectedUnofferedKxGroup | PeerMisbehaved::WrongGroupForKeyShare => "wrong curve",
        PeerMisbehaved::IncorrectBinder => "binder does not verify",
        PeerMisbehaved::SignedKxWithWrongAlgorithm | PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme => {
            "wrong signature type"
        }
        PeerMisbehaved::TooManyEmptyFragments => "record too small",
        PeerMisbehaved::TooManyKeyUpdateRequests => "too many key updates",
        PeerMisbehaved::TooManyWarningAlertsReceived => "too many warn alerts",
        PeerMisbehaved::TooManyRenegotiationRequests => "no renegotiation",
        PeerMisbehaved::InvalidKeyShare => "bad key share",
        _ => "unexpected message",
    }
}

/// An alert by the name that OpenSSL 3.0 gives its arrival. Later ones write "ssl/tls" where this has "sslv3".
fn alert_reason(alert: AlertDescription) -> &'static str {
    match u8::from(alert) {
        10 => "sslv3 alert unexpected message",
        20 => "sslv3 alert bad record mac",
        21 => "tlsv1 alert decryption failed",
        22 => "tlsv1 alert record overflow",
        30 => "sslv3 alert decompression failure",
        40 => "sslv3 alert handshake failure",
        41 => "sslv3 alert no certificate",
        42 => "sslv3 alert bad certificate",
        43 => "sslv3 alert unsupported certificate",
        44 => "sslv3 alert certificate revoked",
        45 => "sslv3 alert certificate expired",
        46 => "sslv3 alert certificate unknown",
        47 => "sslv3 alert illegal parameter",
        48 => "tlsv1 alert unknown ca",
        49 => "tlsv1 alert access denied",
        50 => "tlsv1 alert decode error",
        51 => "tlsv1 alert decrypt error",
        60 => "tlsv1 alert export restriction",
        70 => "tlsv1 alert protocol version",
        71 => "tlsv1 alert insufficient security",
        80 => "tlsv1 alert internal error",
        86 => "tlsv1 alert inappropriate fallback",
        90 => "tlsv1 alert user cancelled",
        100 => "tlsv1 alert no renegotiation",
        109 => "tlsv13 alert missing extension",
        110 => "tlsv1 unsupported extension",
        111 => "tlsv1 certificate unobtainable",
        112 => "tlsv1 unrecognized name",
        113 => "tlsv1 bad certificate status response",
        114 => "tlsv1 bad certificate hash value",
        115 => "unknown psk identity",
        116 => "tlsv13 alert certificate required",
        120 => "tlsv1 alert no application protocol",
        _ => "unknown alert type",
    }
}
