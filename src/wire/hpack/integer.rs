//! Integers with an N-bit prefix (RFC 7541 section 5.1).

use bytes::BytesMut;

use super::DecodeError;

/// The largest integer accepted. Everything that HPACK counts fits in a SETTINGS value.
const MAX: u64 = u32::MAX as u64;

/// Octets after the prefix that can still matter: 5 of 7 bits cover 32 bits. More would only be zeros in disguise, which
/// section 5.1 lets an implementation refuse.
const MAX_CONTINUATION: u32 = 5;

/// The most octets that [`encode`] writes.
pub(super) const MAX_LEN: usize = 1 + MAX_CONTINUATION as usize;

/// Reads an integer whose first octet, already taken from `input`, holds `prefix` bits of it.
#[inline]
pub(super) fn decode(first: u8, prefix: u8, input: &mut &[u8]) -> Result<usize, DecodeError> {
    let mask = u8::MAX >> (8 - prefix);
    let value = first & mask;
    if value < mask {
        return Ok(usize::from(value));
    }
    decode_continuation(u64::from(mask), input)
}

fn decode_continuation(mut value: u64, input: &mut &[u8]) -> Result<usize, DecodeError> {
    for position in 0..MAX_CONTINUATION {
        let (&octet, rest) = input.split_first().ok_or(DecodeError::Truncated)?;
        *input = rest;
        value += u64::from(octet & 0x7f) << (7 * position);
        if octet & 0x80 == 0 {
            if value > MAX {
                break;
            }
            return usize::try_from(value).map_err(|_| DecodeError::IntegerOverflow);
        }
    }
    Err(DecodeError::IntegerOverflow)
}

/// Writes `value` behind the `flags` that fill the rest of the first octet.
#[inline]
pub(super) fn encode(value: usize, prefix: u8, flags: u8, out: &mut BytesMut) {
    let mask = u8::MAX >> (8 - prefix);
    match u8::try_from(value) {
        Ok(small) if small < mask => out.extend_from_slice(&[flags | small]),
        _ => encode_continuation(value - usize::from(mask), flags | mask, out),
    }
}

fn encode_continuation(mut value: usize, first: u8, out: &mut BytesMut) {
    out.extend_from_slice(&[first]);
    while value >= 0x80 {
        out.extend_from_slice(&[value as u8 | 0x80]);
        value >>= 7;
    }
    out.extend_from_slice(&[value as u8]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: usize, prefix: u8, flags: u8) -> Vec<u8> {
        let mut out = BytesMut::new();
        encode(value, prefix, flags, &mut out);
        out.to_vec()
    }

    fn decoded(octets: &[u8], prefix: u8) -> Result<(usize, usize), DecodeError> {
        let (&first, mut rest) = octets.split_first().ok_or(DecodeError::Truncated)?;
        decode(first, prefix, &mut rest).map(|value| (value, rest.len()))
    }

    #[test]
    fn rfc7541_c1() {
        assert_eq!(encoded(10, 5, 0b1010_0000), [0b1010_1010]);
        assert_eq!(decoded(&[0b1110_1010], 5), Ok((10, 0)));
        assert_eq!(encoded(1337, 5, 0), [0b0001_1111, 0b1001_1010, 0b0000_1010]);
        assert_eq!(decoded(&[0b0001_1111, 0b1001_1010, 0b0000_1010], 5), Ok((1337, 0)));
        assert_eq!(encoded(42, 8, 0), [0b0010_1010]);
        assert_eq!(decoded(&[0b0010_1010], 8), Ok((42, 0)));
    }

    #[test]
    fn every_prefix_and_boundary_goes_round() {
        for prefix in 1..=8u8 {
            let mask = usize::from(u8::MAX >> (8 - prefix));
            for base in [0, mask, mask + 128, mask + (1 << 14), mask + (1 << 21), mask + (1 << 28), u32::MAX as usize] {
                for value in base.saturating_sub(2)..=(base + 2).min(u32::MAX as usize) {
                    let octets = encoded(value, prefix, 0);
                    assert!(octets.len() <= MAX_LEN);
                    assert_eq!(decoded(&octets, prefix), Ok((value, 0)), "{value} in {prefix} bits");
                }
            }
        }
    }

    #[test]
    fn leaves_what_follows() {
        assert_eq!(decoded(&[0x1f, 0x9a, 0x0a, 0xff, 0xff], 5), Ok((1337, 2)));
    }

    #[test]
    fn refuses_overflow() {
        assert_eq!(decoded(&[0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], 8), Err(DecodeError::IntegerOverflow));
        assert_eq!(decoded(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x10], 8), Err(DecodeError::IntegerOverflow));
        assert_eq!(decoded(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 8), Err(DecodeError::IntegerOverflow));
        assert_eq!(decoded(&[0xff; 40], 8), Err(DecodeError::IntegerOverflow));
        assert_eq!(decoded(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x00], 8), Ok((255, 0)), "zeros within 32 bits are legal");
    }

    #[test]
    fn refuses_truncation() {
        assert_eq!(decoded(&[0x1f], 5), Err(DecodeError::Truncated));
        assert_eq!(decoded(&[0x1f, 0x9a], 5), Err(DecodeError::Truncated));
    }
}
