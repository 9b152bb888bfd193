//! HKDF (RFC 5869) for the key schedule of TLS 1.3.
//!
//! A handshake derives some twenty secrets of half as many. The provider's own HKDF keys its HMAC anew for each of them, which
//! is two of the four or five blocks that it hashes; rustls' keeps the keyed HMAC for as long as a secret lasts. It makes a
//! handshake cheaper by a twentieth of its cryptography.

use std::sync::LazyLock;

use aws_lc_rs::hmac as aws;
use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::hmac::{Hmac, Key, Tag};
use rustls::crypto::tls13::HkdfUsingHmac;
use rustls::{CipherSuite, SupportedCipherSuite, Tls13CipherSuite};

/// The same cipher suite with this HKDF.
pub fn with_kept_keys(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    static SUITES: LazyLock<Vec<Tls13CipherSuite>> = LazyLock::new(|| {
        rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES
            .iter()
            .filter_map(SupportedCipherSuite::tls13)
            .filter_map(|suite| Some(rebuilt(suite, hkdf_of(suite.common.suite)?)))
            .collect()
    });
    SUITES.iter().find(|rebuilt| rebuilt.common.suite == suite.suite()).map_or(suite, SupportedCipherSuite::Tls13)
}

fn rebuilt(suite: &Tls13CipherSuite, hkdf: &'static HkdfUsingHmac<'static>) -> Tls13CipherSuite {
    let CipherSuiteCommon { suite: name, hash_provider, confidentiality_limit } = suite.common;
    Tls13CipherSuite {
        common: CipherSuiteCommon { suite: name, hash_provider, confidentiality_limit },
        hkdf_provider: hkdf,
        aead_alg: suite.aead_alg,
        quic: None,
    }
}

/// By the hash in the suite's name.
fn hkdf_of(suite: CipherSuite) -> Option<&'static HkdfUsingHmac<'static>> {
    static SHA256: HkdfUsingHmac<'static> = HkdfUsingHmac(&Keyed(&aws::HMAC_SHA256));
    static SHA384: HkdfUsingHmac<'static> = HkdfUsingHmac(&Keyed(&aws::HMAC_SHA384));
    match suite {
        CipherSuite::TLS13_AES_256_GCM_SHA384 => Some(&SHA384),
        CipherSuite::TLS13_AES_128_GCM_SHA256 | CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => Some(&SHA256),
        _ => None,
    }
}

/// The provider's HMAC, as rustls asks for one.
struct Keyed(&'static aws::Algorithm);

impl Hmac for Keyed {
    fn with_key(&self, key: &[u8]) -> Box<dyn Key> {
        Box::new(KeptKey(aws::Key::new(*self.0, key)))
    }

    fn hash_output_len(&self) -> usize {
        self.0.digest_algorithm().output_len()
    }
}

struct KeptKey(aws::Key);

impl Key for KeptKey {
    fn sign_concat(&self, first: &[u8], middle: &[&[u8]], last: &[u8]) -> Tag {
        let mut context = aws::Context::with_key(&self.0);
        context.update(first);
        for part in middle {
            context.update(part);
        }
        context.update(last);
        Tag::new(context.sign().as_ref())
    }

    fn tag_len(&self) -> usize {
        self.0.algorithm().digest_algorithm().output_len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES;
    use rustls::crypto::tls13::expand;

    #[test]
    fn derives_what_the_provider_derives() {
        let mut suites = 0;
        for suite in ALL_CIPHER_SUITES.iter().filter_map(SupportedCipherSuite::tls13) {
            let ours = with_kept_keys(SupportedCipherSuite::Tls13(suite));
            let ours = ours.tls13().unwrap();
            let derived = |suite: &Tls13CipherSuite| {
                let secret = suite.hkdf_provider.extract_from_secret(Some(b"salt"), b"a secret");
                let other = suite.hkdf_provider.extract_from_zero_ikm(None);
                [secret, other].map(|expander| {
                    let first: [u8; 32] = expand(&*expander, &[b"label", b" and context"]);
                    let long: [u8; 100] = expand(&*expander, &[]);
                    (first, long.to_vec(), expander.hash_len())
                })
            };
            assert_eq!(derived(ours), derived(suite));
            suites += 1;
        }
        assert_eq!(suites, 3);
    }

    #[test]
    fn leaves_earlier_versions_alone() {
        let suite = rustls::crypto::aws_lc_rs::cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
        assert!(with_kept_keys(suite).tls13().is_none());
    }
}
