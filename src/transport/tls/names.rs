//! The cipher suites, groups and versions that rustls has, by IANA's names.

use rustls::crypto::SupportedKxGroup;
use rustls::crypto::aws_lc_rs::{cipher_suite, kx_group};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion, version};

/// Every cipher suite, with its name in IANA's registry.
pub const CIPHER_SUITES: &[(&str, SupportedCipherSuite)] = &[
    ("TLS_AES_256_GCM_SHA384", cipher_suite::TLS13_AES_256_GCM_SHA384),
    ("TLS_CHACHA20_POLY1305_SHA256", cipher_suite::TLS13_CHACHA20_POLY1305_SHA256),
    ("TLS_AES_128_GCM_SHA256", cipher_suite::TLS13_AES_128_GCM_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
];

/// Every group, with its name in IANA's registry, as it is written there.
pub static GROUPS: &[(&str, &dyn SupportedKxGroup)] = &[
    ("X25519", kx_group::X25519),
    ("secp256r1", kx_group::SECP256R1),
    ("secp384r1", kx_group::SECP384R1),
    ("X25519MLKEM768", kx_group::X25519MLKEM768),
    ("SecP256r1MLKEM768", kx_group::SECP256R1MLKEM768),
];

/// The versions, oldest first, as node names them.
pub static VERSIONS: &[(&str, &SupportedProtocolVersion)] =
    &[("TLSv1.2", &version::TLS12), ("TLSv1.3", &version::TLS13)];

pub fn cipher_suite(name: &str) -> Option<SupportedCipherSuite> {
    CIPHER_SUITES.iter().find(|(known, _)| *known == name).map(|(_, suite)| *suite)
}

pub fn group(name: &str) -> Option<&'static dyn SupportedKxGroup> {
    GROUPS.iter().find(|(known, _)| *known == name).map(|(_, group)| *group)
}

/// The versions from `min` to `max`. None if there is none, or a name is unknown.
pub fn versions(min: &str, max: &str) -> Option<Vec<&'static SupportedProtocolVersion>> {
    let place = |name: &str| VERSIONS.iter().position(|(known, _)| *known == name);
    let range = VERSIONS.get(place(min)?..=place(max)?)?;
    (!range.is_empty()).then(|| range.iter().map(|(_, version)| *version).collect())
}

pub fn version_name(version: rustls::ProtocolVersion) -> Option<&'static str> {
    VERSIONS.iter().find(|(_, known)| known.version == version).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES;

    #[test]
    fn every_cipher_suite_of_the_provider_has_a_name() {
        for suite in ALL_CIPHER_SUITES {
            assert!(CIPHER_SUITES.iter().any(|(_, known)| known == suite), "{suite:?}");
        }
    }

    #[test]
    fn ranges_of_versions() {
        let names = |min, max| versions(min, max).map(|list| list.iter().map(|version| version.version).collect());
        use rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};
        assert_eq!(names("TLSv1.2", "TLSv1.3"), Some(vec![TLSv1_2, TLSv1_3]));
        assert_eq!(names("TLSv1.3", "TLSv1.3"), Some(vec![TLSv1_3]));
        assert_eq!(names("TLSv1.3", "TLSv1.2"), None::<Vec<_>>);
        assert_eq!(names("TLSv1.1", "TLSv1.2"), None);
    }
}
