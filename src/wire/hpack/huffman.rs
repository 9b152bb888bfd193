//! The Huffman code for string literals (RFC 7541 section 5.2 and appendix B).
//!
//! The code is canonical: the codes of one length count upwards with their symbols, and each length carries on from the
//! one before. So the lengths say everything, and every table here is computed from them at compile time.
//!
//! Decoding looks at the next 10 bits of a 64-bit window. That answers for every printable character but a dozen; what
//! is longer is found by comparing the window with where each length's codes end.

use super::DecodeError;

/// Ends no string: a decoder that meets it must fail (section 5.2). Its ones are what pads the last octet.
const EOS: u16 = 256;
const SYMBOLS: usize = 257;
const MAX_CODE_LENGTH: usize = 30;
/// The shortest code; what bounds how much longer than its code a string can be.
const MIN_CODE_LENGTH: usize = 5;
/// Bits of the window that `fast` resolves at once.
const FAST_BITS: usize = 10;

/// Octets by the length of their codes.
const LENGTH_GROUPS: &[(u8, &[u8])] = &[
    (5, b"012aceiost"),
    (6, b" %-./3456789=A_bdfghlmnpru"),
    (7, b":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"),
    (8, b"&*,;XZ"),
    (10, b"!\"()?"),
    (11, b"'+|"),
    (12, b"#>"),
    (13, b"\x00$@[]~"),
    (14, b"^}"),
    (15, b"<`{"),
    (19, b"\\\xc3\xd0"),
    (20, b"\x80\x82\x83\xa2\xb8\xc2\xe0\xe2"),
    (21, b"\x99\xa1\xa7\xac\xb0\xb1\xb3\xd1\xd8\xd9\xe3\xe5\xe6"),
    (
        22,
        b"\x81\x84\x85\x86\x88\x92\x9a\x9c\xa0\xa3\xa4\xa9\xaa\xad\xb2\xb5\xb9\xba\xbb\xbd\xbe\xc4\xc6\xe4\xe8\
          \xe9",
    ),
    (
        23,
        b"\x01\x87\x89\x8a\x8b\x8c\x8d\x8f\x93\x95\x96\x97\x98\x9b\x9d\x9e\xa5\xa6\xa8\xae\xaf\xb4\xb6\xb7\xbc\
          \xbf\xc5\xe7\xef",
    ),
    (24, b"\x09\x8e\x90\x91\x94\x9f\xab\xce\xd7\xe1\xec\xed"),
    (25, b"\xc7\xcf\xea\xeb"),
    (26, b"\xc0\xc1\xc8\xc9\xca\xcd\xd2\xd5\xda\xdb\xee\xf0\xf2\xf3\xff"),
    (27, b"\xcb\xcc\xd3\xd4\xd6\xdd\xde\xdf\xf1\xf4\xf5\xf6\xf7\xf8\xfa\xfb\xfc\xfd\xfe"),
    (
        28,
        b"\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\
          \x1f\x7f\xdc\xf9",
    ),
    (30, b"\x0a\x0d\x16"),
];

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, to which a wrong index is an error")]
const LENGTHS: [u8; SYMBOLS] = {
    let mut lengths = [0; SYMBOLS];
    let mut group = 0;
    while group < LENGTH_GROUPS.len() {
        let (length, mut octets) = LENGTH_GROUPS[group];
        while let Some((&octet, rest)) = octets.split_first() {
            assert!(lengths[octet as usize] == 0);
            lengths[octet as usize] = length;
            octets = rest;
        }
        group += 1;
    }
    lengths[EOS as usize] = MAX_CODE_LENGTH as u8;
    lengths
};

#[derive(Clone, Copy)]
struct Code {
    bits: u32,
    length: u32,
}

/// All the tables, computed together.
struct Tables {
    codes: [Code; SYMBOLS],
    /// Symbols in the order of their codes.
    ordered: [u16; SYMBOLS],
    by_length: [Length; MAX_CODE_LENGTH + 1],
    fast: [Fast; 1 << FAST_BITS],
}

/// The codes of one length.
#[derive(Clone, Copy)]
struct Length {
    /// The lowest code, shifted up to bit 31.
    first: u64,
    /// One past the highest, so shifted.
    end: u64,
    /// Where this length's symbols start in `ordered`.
    offset: usize,
}

/// A code of up to [`FAST_BITS`] bits; a length of 0 stands for all that are longer.
#[derive(Clone, Copy)]
struct Fast {
    symbol: u8,
    length: u8,
}

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, to which a wrong index is an error")]
const fn build() -> Tables {
    let mut tables = Tables {
        codes: [Code { bits: 0, length: 0 }; SYMBOLS],
        ordered: [0; SYMBOLS],
        by_length: [Length { first: 0, end: 0, offset: 0 }; MAX_CODE_LENGTH + 1],
        fast: [Fast { symbol: 0, length: 0 }; 1 << FAST_BITS],
    };
    let mut next: u64 = 0; // the next free code, shifted up to bit 31
    let mut count = 0;
    let mut length = 1;
    while length <= MAX_CODE_LENGTH {
        let step = 1u64 << (32 - length);
        tables.by_length[length].first = next;
        tables.by_length[length].offset = count;
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as usize == length {
                tables.codes[symbol] = Code { bits: (next >> (32 - length)) as u32, length: length as u32 };
                tables.ordered[count] = symbol as u16;
                if length <= FAST_BITS {
                    let mut prefix = (next >> (32 - FAST_BITS)) as usize;
                    let last = ((next + step - 1) >> (32 - FAST_BITS)) as usize;
                    while prefix <= last {
                        tables.fast[prefix] = Fast { symbol: symbol as u8, length: length as u8 };
                        prefix += 1;
                    }
                }
                next += step;
                count += 1;
            }
            symbol += 1;
        }
        tables.by_length[length].end = next;
        length += 1;
    }
    // A complete code uses up every pattern; a slip in the lengths above would not compile.
    assert!(count == SYMBOLS && next == 1 << 32);
    tables
}

static TABLES: Tables = build();

/// Octets that [`encode`] writes for `input`.
#[expect(clippy::indexing_slicing, reason = "the table has an entry for each octet, and one for EOS")]
#[inline]
pub(super) fn encoded_len(input: &[u8]) -> usize {
    let bits: usize = input.iter().map(|&octet| usize::from(LENGTHS[usize::from(octet)])).sum();
    bits.div_ceil(8)
}

/// Fills `out`, which has to be [`encoded_len`] octets long, with the code of `input`.
#[expect(clippy::indexing_slicing, reason = "the table has an entry for each octet, and one for EOS")]
pub(super) fn encode(input: &[u8], mut out: &mut [u8]) {
    let mut window: u64 = 0;
    let mut pending = 0; // bits of the window not yet written
    for &octet in input {
        let code = TABLES.codes[usize::from(octet)];
        window = (window << code.length) | u64::from(code.bits);
        pending += code.length;
        if pending >= 32 {
            pending -= 32;
            if let Some((word, rest)) = std::mem::take(&mut out).split_first_chunk_mut() {
                *word = ((window >> pending) as u32).to_be_bytes();
                out = rest;
            }
        }
    }
    let padded = (window << 32 | u64::from(u32::MAX)) >> pending;
    for (slot, octet) in out.iter_mut().zip((padded as u32).to_be_bytes()) {
        *slot = octet;
    }
}

/// Appends to `out` the string that `input` is the code of.
pub(super) fn decode(mut input: &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    out.reserve(input.len() * 8 / MIN_CODE_LENGTH);
    let mut window: u64 = 0; // the next bits, from bit 63 down
    let mut available: usize = 0;
    while let Some((word, rest)) = input.split_first_chunk() {
        input = rest;
        window |= u64::from(u32::from_be_bytes(*word)) << (32 - available);
        available += 32;
        while available >= MAX_CODE_LENGTH {
            let (symbol, length) = next_symbol(window)?;
            out.push(symbol);
            window <<= length;
            available -= length;
        }
    }
    for &octet in input {
        window |= u64::from(octet) << (56 - available);
        available += 8;
    }
    // What is not there reads as ones. Only EOS consists of ones, so they complete no symbol by themselves.
    window |= u64::MAX.checked_shr(available as u32).unwrap_or(0);
    while available > 0 {
        if window == u64::MAX {
            return if available < 8 { Ok(()) } else { Err(DecodeError::Huffman) };
        }
        let (symbol, length) = next_symbol(window)?;
        if length > available {
            return Err(DecodeError::Huffman);
        }
        out.push(symbol);
        window = window << length | ((1 << length) - 1);
        available -= length;
    }
    Ok(())
}

#[expect(clippy::indexing_slicing, reason = "the table has an entry for each number of FAST_BITS bits")]
#[inline]
fn next_symbol(window: u64) -> Result<(u8, usize), DecodeError> {
    let fast = TABLES.fast[(window >> (64 - FAST_BITS)) as usize];
    if fast.length != 0 {
        return Ok((fast.symbol, usize::from(fast.length)));
    }
    long_symbol(window >> 32)
}

#[cold]
fn long_symbol(bits: u64) -> Result<(u8, usize), DecodeError> {
    for (length, codes) in TABLES.by_length.iter().enumerate().skip(FAST_BITS + 1) {
        if bits < codes.end {
            let position = codes.offset + ((bits - codes.first) >> (32 - length)) as usize;
            let symbol = TABLES.ordered.get(position).and_then(|&symbol| u8::try_from(symbol).ok());
            return symbol.map(|symbol| (symbol, length)).ok_or(DecodeError::Huffman);
        }
    }
    Err(DecodeError::Huffman)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(input: &[u8]) -> Vec<u8> {
        let mut out = vec![0; encoded_len(input)];
        encode(input, &mut out);
        out
    }

    fn decoded(input: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        decode(input, &mut out).map(|()| out)
    }

    #[test]
    fn codes_are_those_of_appendix_b() {
        let samples: [(usize, u32, u32); 12] = [
            (0, 0x1ff8, 13),
            (1, 0x7fffd8, 23),
            (9, 0xffffea, 24),
            (10, 0x3ffffffc, 30),
            (32, 0x14, 6),
            (48, 0x0, 5),
            (92, 0x7fff0, 19),
            (127, 0xffffffc, 28),
            (128, 0xfffe6, 20),
            (249, 0xffffffe, 28),
            (255, 0x3ffffee, 26),
            (256, 0x3fffffff, 30),
        ];
        for (symbol, bits, length) in samples {
            let code = TABLES.codes[symbol];
            assert_eq!((code.bits, code.length), (bits, length), "symbol {symbol}");
        }
    }

    #[test]
    fn rfc7541_strings() {
        let vectors: [(&str, &[u8]); 4] = [
            ("www.example.com", &[0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff]),
            ("no-cache", &[0xa8, 0xeb, 0x10, 0x64, 0x9c, 0xbf]),
            ("custom-key", &[0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xa9, 0x7d, 0x7f]),
            ("302", &[0x64, 0x02]),
        ];
        for (text, code) in vectors {
            assert_eq!(encoded(text.as_bytes()), code);
            assert_eq!(decoded(code).as_deref(), Ok(text.as_bytes()));
        }
    }

    #[test]
    fn every_octet_goes_round_at_every_bit_offset() {
        for octet in 0..=255u8 {
            for before in 0..9 {
                for after in 0..9 {
                    let mut text = vec![b'a'; before];
                    text.push(octet);
                    text.extend(std::iter::repeat_n(b'X', after));
                    assert_eq!(decoded(&encoded(&text)).as_ref(), Ok(&text));
                }
            }
        }
    }

    #[test]
    fn the_empty_string() {
        assert_eq!(encoded(b""), b"");
        assert_eq!(decoded(b"").as_deref(), Ok(&b""[..]));
    }

    #[test]
    fn padding_must_be_ones_and_less_than_an_octet() {
        assert_eq!(decoded(&[0x07]).as_deref(), Ok(&b"0"[..]));
        assert_eq!(decoded(&[0x06]), Err(DecodeError::Huffman), "a zero in the padding");
        assert_eq!(decoded(&[0x00]), Err(DecodeError::Huffman));
        assert_eq!(decoded(&[0xff]), Err(DecodeError::Huffman), "nothing but padding");
        assert_eq!(decoded(&[0x07, 0xff]), Err(DecodeError::Huffman), "an octet of padding too many");
        assert_eq!(decoded(&[0xff, 0xff, 0xff]), Err(DecodeError::Huffman));
        for text in ["0", "00", "000", "0000", "00000", "000000", "0000000", "00000000"] {
            let mut code = encoded(text.as_bytes());
            code.push(0xff);
            assert_eq!(decoded(&code), Err(DecodeError::Huffman), "{text}");
        }
    }

    #[test]
    fn eos_is_an_error_wherever_it_stands() {
        assert_eq!(decoded(&[0xff; 4]), Err(DecodeError::Huffman));
        assert_eq!(decoded(&[0xff; 64]), Err(DecodeError::Huffman));
        assert_eq!(decoded(&[0x07, 0xff, 0xff, 0xff, 0xff]), Err(DecodeError::Huffman));
    }

    #[test]
    fn a_code_cut_off_is_an_error() {
        for octet in 0..=255u8 {
            let code = encoded(&[octet; 7]);
            for cut in 1..code.len() {
                // A cut that leaves whole symbols and ones is a legal shorter string; anything else fails.
                match decoded(&code[..cut]) {
                    Ok(text) => assert_eq!(encoded(&text), &code[..cut]),
                    Err(error) => assert_eq!(error, DecodeError::Huffman),
                }
            }
        }
    }

    #[test]
    fn all_short_inputs_decode_to_what_encodes_back() {
        for code in 0..=0xffffu16 {
            let code = code.to_be_bytes();
            if let Ok(text) = decoded(&code) {
                assert_eq!(encoded(&text), code);
            }
        }
    }
}
