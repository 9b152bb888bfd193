//! As much of a certificate (RFC 5280) as it takes to say which of OpenSSL's verdicts it gets: names, times, purposes, and
//! who signed it. Whether a chain is good is webpki's to decide, but for forms of certificates that it does not read.

use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm};

const SEQUENCE: u8 = 0x30;
const SET_VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];

/// Bits of keyUsage in its first octet.
const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_ENCIPHERMENT: u8 = 0x20;
const KEY_AGREEMENT: u8 = 0x08;
const KEY_CERT_SIGN: u8 = 0x04;

/// What the end of a chain is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Server,
    Client,
}

impl Purpose {
    /// id-kp-serverAuth or id-kp-clientAuth.
    fn oid(self) -> &'static [u8] {
        match self {
            Purpose::Server => &[0x2b, 6, 1, 5, 5, 7, 3, 1],
            Purpose::Client => &[0x2b, 6, 1, 5, 5, 7, 3, 2],
        }
    }

    /// Uses of its key of which a certificate that lists any must list one.
    fn key_usages(self) -> u8 {
        match self {
            Purpose::Server => DIGITAL_SIGNATURE | KEY_ENCIPHERMENT | KEY_AGREEMENT,
            Purpose::Client => DIGITAL_SIGNATURE | KEY_AGREEMENT,
        }
    }
}

/// The fields of one certificate. Times are seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Certificate<'a> {
    /// All of it.
    pub der: &'a [u8],
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    pub not_before: i64,
    pub not_after: i64,
    /// SubjectPublicKeyInfo.
    pub key: &'a [u8],
    /// What the issuer signed, how, and the signature.
    signed: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    /// Version 1 has no extensions.
    is_version_1: bool,
    /// What basicConstraints say of its being an authority.
    authority: Option<bool>,
    key_usage: Option<u8>,
    extended_key_usage: Option<Der<'a>>,
    /// It says something that is not understood here, and must be.
    is_beyond_us: bool,
}

impl<'a> Certificate<'a> {
    /// None if it cannot be read.
    pub fn read(certificate: &'a CertificateDer<'_>) -> Option<Certificate<'a>> {
        let mut outer = Der(certificate).expect(SEQUENCE)?;
        let (signed, mut tbs) = outer.element(SEQUENCE)?;
        let algorithm = outer.expect(SEQUENCE)?.0;
        let signature = outer.bits()?;
        let is_version_1 = tbs.0.first() != Some(&SET_VERSION);
        tbs.skip(SET_VERSION)?;
        tbs.expect(INTEGER)?;
        tbs.expect(SEQUENCE)?;
        let issuer = tbs.expect(SEQUENCE)?.0;
        let mut validity = tbs.expect(SEQUENCE)?;
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        let subject = tbs.expect(SEQUENCE)?.0;
        let (key, _) = tbs.element(SEQUENCE)?;
        let mut read = Certificate {
            der: certificate,
            issuer,
            subject,
            not_before,
            not_after,
            key,
            signed,
            algorithm,
            signature,
            is_version_1,
            authority: None,
            key_usage: None,
            extended_key_usage: None,
            is_beyond_us: false,
        };
        // Before the extensions the unique ids of version 2 may stand.
        while let Some((kind, mut content)) = tbs.next() {
            if kind == EXTENSIONS {
                read.read_extensions(content.expect(SEQUENCE)?)?;
            }
        }
        Some(read)
    }

    fn read_extensions(&mut self, mut list: Der<'a>) -> Option<()> {
        while !list.0.is_empty() {
            let mut extension = list.expect(SEQUENCE)?;
            let id = extension.expect(OID)?.0;
            let is_critical = extension.0.first() == Some(&BOOLEAN);
            extension.skip(BOOLEAN)?;
            let mut value = extension.expect(OCTET_STRING)?;
            match id {
                KEY_USAGE => self.key_usage = Some(value.bits()?.first().copied().unwrap_or(0)),
                EXTENDED_KEY_USAGE => self.extended_key_usage = Some(value.expect(SEQUENCE)?),
                BASIC_CONSTRAINTS => {
                    let says = value.expect(SEQUENCE)?.expect(BOOLEAN);
                    self.authority = Some(says.is_some_and(|Der(octets)| octets != [0]));
                }
                SUBJECT_ALT_NAME => {}
                NAME_CONSTRAINTS => self.is_beyond_us = true,
                _ => self.is_beyond_us |= is_critical,
            }
        }
        Some(())
    }

    /// The algorithm and the bits of its key.
    pub fn key_parts(&self) -> Option<(&'a [u8], &'a [u8])> {
        let mut parts = Der(self.key).expect(SEQUENCE)?;
        Some((parts.expect(SEQUENCE)?.0, parts.bits()?))
    }

    /// Whether an authority has signed it, which nothing forbids to: what webpki would check, for an end that it does not
    /// take because it is of version 1, or an authority itself.
    pub fn is_signed_by(
        &self,
        authority: &Certificate<'_>,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> bool {
        let Some((key_algorithm, key)) = authority.key_parts() else { return false };
        !self.is_beyond_us
            && !authority.is_beyond_us
            && (self.is_version_1 || self.authority == Some(true))
            && algorithms.iter().any(|algorithm| {
                *algorithm.signature_alg_id() == *self.algorithm
                    && *algorithm.public_key_alg_id() == *key_algorithm
                    && algorithm.verify_signature(key, self.signed, self.signature).is_ok()
            })
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// Whether the end of a chain may be used so.
    pub fn is_for(&self, purpose: Purpose) -> bool {
        self.allows_purpose(purpose) && self.key_usage.is_none_or(|usage| usage & purpose.key_usages() != 0)
    }

    /// Whether it is an authority: OpenSSL goes by what there is of key usages and basic constraints, and lets roots of
    /// version 1 be.
    pub fn is_authority(&self) -> bool {
        let may_sign = self.key_usage.map(|usage| usage & KEY_CERT_SIGN != 0);
        let says = self.authority.or(may_sign).unwrap_or(self.is_version_1 && self.is_self_issued());
        says && may_sign != Some(false)
    }

    /// Whether it may sign others for that purpose.
    pub fn may_sign(&self, purpose: Purpose) -> bool {
        self.is_authority() && self.allows_purpose(purpose)
    }

    fn allows_purpose(&self, purpose: Purpose) -> bool {
        let Some(mut list) = self.extended_key_usage else { return true };
        while let Some((_, id)) = list.next() {
            if id.0 == purpose.oid() {
                return true;
            }
        }
        false
    }
}

/// What is left of a piece of DER.
#[derive(Debug, Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The tag and the content of the next element. None if there is none, or it is cut short.
    fn next(&mut self) -> Option<(u8, Der<'a>)> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            // The lengths of X.509 fit 4 octets by far.
            0x81..=0x84 => {
                let (octets, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
                (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
            }
            0..=0x7f => (usize::from(*first), rest),
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, Der(content)))
    }

    fn expect(&mut self, tag: u8) -> Option<Der<'a>> {
        match self.next() {
            Some((found, content)) if found == tag => Some(content),
            _ => None,
        }
    }

    /// An element with its header, and its content.
    fn element(&mut self, tag: u8) -> Option<(&'a [u8], Der<'a>)> {
        let before = self.0;
        let content = self.expect(tag)?;
        Some((before.get(..before.len() - self.0.len())?, content))
    }

    /// The octets of a BIT STRING, after the number of bits that its last one does without.
    fn bits(&mut self) -> Option<&'a [u8]> {
        self.expect(BIT_STRING)?.0.get(1..)
    }

    /// Goes past an optional element.
    fn skip(&mut self, tag: u8) -> Option<()> {
        if self.0.first() == Some(&tag) {
            self.next()?;
        }
        Some(())
    }
}

/// UTCTime or GeneralizedTime, as RFC 5280 4.1.2.5 has them: to the second, in Z.
fn time(from: &mut Der<'_>) -> Option<i64> {
    let (tag, Der(content)) = from.next()?;
    let (year_digits, digits) = match tag {
        UTC_TIME => (2, content.strip_suffix(b"Z")?),
        GENERALIZED_TIME => (4, content.strip_suffix(b"Z")?),
        _ => return None,
    };
    if digits.len() != year_digits + 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut rest = digits;
    let mut number = |length| {
        let (taken, left) = rest.split_at_checked(length)?;
        rest = left;
        Some(taken.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    };
    let year = number(year_digits)?;
    let year = match (tag, year) {
        (UTC_TIME, 0..50) => 2000 + year,
        (UTC_TIME, _) => 1900 + year,
        _ => year,
    };
    let (month, day) = (number(2)?, number(2)?);
    let (hour, minute, second) = (number(2)?, number(2)?, number(2)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days of the Gregorian calendar, counted in years that begin in March so that a leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before_year = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_month = (month * 153 + 2) / 5;
    // 1970 began 719468 days after 1 March of year 0.
    before_year + before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_of(tag: u8, text: &str) -> Option<i64> {
        let element = [&[tag, text.len() as u8], text.as_bytes()].concat();
        time(&mut Der(&element))
    }

    #[test]
    fn times_of_both_forms() {
        assert_eq!(time_of(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(time_of(UTC_TIME, "000229120000Z"), Some(951_825_600));
        assert_eq!(time_of(UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        assert_eq!(time_of(UTC_TIME, "500101000000Z"), Some(-631_152_000));
        assert_eq!(time_of(GENERALIZED_TIME, "20500101000000Z"), Some(2_524_608_000));
        assert_eq!(time_of(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
    }

    #[test]
    fn times_that_are_none() {
        for text in ["", "Z", "7001010000Z", "700101000000", "700101000000+0000", "701301000000Z", "700100000000Z"] {
            assert_eq!(time_of(UTC_TIME, text), None, "{text}");
        }
        assert_eq!(time_of(INTEGER, "700101000000Z"), None);
    }

    #[test]
    fn cut_or_odd_der_is_nothing() {
        for octets in [&[][..], &[0x30], &[0x30, 1], &[0x30, 0x80], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x81]] {
            assert!(Der(octets).next().is_none(), "{octets:?}");
        }
        assert!(Certificate::read(&CertificateDer::from(vec![0x30, 2, 0x30, 0])).is_none());
    }
}
