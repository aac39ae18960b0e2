//! Bytes to text: what encoding a file is in, and reading any of them as UTF-8.
//!
//! The whole file is surveyed once before it is read. Text that is not valid UTF-8 is in a
//! legacy encoding only when nothing else in the file is UTF-8 beyond ASCII and the bytes
//! make words; otherwise the file is UTF-8 with damaged rows, and each of those is told.
//! Which legacy encoding it is, [`super::detect`] says.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// What is known of a file before its rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Survey {
    pub(super) encoding: &'static Encoding,
    /// The file begins with a byte order mark.
    pub(super) marked: bool,
    /// Lines end with a carriage return alone, as on old Macintoshes.
    pub(super) lone_returns: bool,
}

/// What a file is when it is no text at all, by its first bytes.
const FORMATS: [(&[u8], &str); 2] = [(b"%PDF", "a PDF"), (b"\x1f\x8b", "a compressed file")];

/// Looks at all of `bytes`; `Ok(Err)` is a sentence about a file that is no text.
pub(super) fn survey(mut bytes: impl Read) -> io::Result<Result<Survey, String>> {
    let mut seen = ByteStatistics::default();
    let mut buffer = Vec::new();
    let mut head: Option<(&'static Encoding, bool)> = None;
    loop {
        let before = buffer.len();
        bytes.by_ref().take(1 << 16).read_to_end(&mut buffer)?;
        let at_end = buffer.len() == before;
        if head.is_none() {
            if buffer.is_empty() {
                return Ok(Err("is empty".into()));
            }
            if let Some((_, what)) = FORMATS.iter().find(|(mark, _)| buffer.starts_with(mark)) {
                return Ok(Err(format!("is {what}, not text; export the contacts as CSV (UTF-8)")));
            }
            head = wide(&buffer).or_else(|| Some(marked_utf8(&buffer)));
        }
        let kept = seen.look_at(&buffer, at_end);
        buffer.drain(..buffer.len() - kept);
        if at_end {
            break;
        }
    }
    let (encoding, marked) = head.unwrap_or((UTF_8, false));
    let is_legacy = encoding == UTF_8 && !marked && seen.is_legacy();
    Ok(Ok(Survey {
        encoding: if is_legacy { WINDOWS_1252 } else { encoding },
        marked,
        lone_returns: seen.returns > 0 && seen.line_feeds == 0,
    }))
}

fn marked_utf8(start: &[u8]) -> (&'static Encoding, bool) {
    (UTF_8, start.starts_with(b"\xef\xbb\xbf"))
}

/// UTF-16 by its mark, or by the zero in every other byte of Latin text.
fn wide(start: &[u8]) -> Option<(&'static Encoding, bool)> {
    match start {
        [0xff, 0xfe, ..] => return Some((UTF_16LE, true)),
        [0xfe, 0xff, ..] => return Some((UTF_16BE, true)),
        _ => {}
    }
    let sample = &start[..start.len().min(4096) & !1];
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|it| **it == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    let many = |zeros: usize| pairs > 2 && zeros * 10 > pairs * 6;
    match (many(even), many(odd)) {
        (false, true) => Some((UTF_16LE, false)),
        (true, false) => Some((UTF_16BE, false)),
        _ => None,
    }
}

/// What all bytes of a file have in common.
#[derive(Debug, Default)]
struct ByteStatistics {
    line_feeds: u64,
    returns: u64,
    /// Valid UTF-8 beyond ASCII.
    wide: bool,
    /// Bytes that are no UTF-8 but a letter of a word in Windows-1252, and those that are
    /// neither.
    letters: u64,
    noise: u64,
}

impl ByteStatistics {
    /// Takes in a part of the file; the number of bytes at its end that must be looked at
    /// again together with what follows.
    fn look_at(&mut self, part: &[u8], at_end: bool) -> usize {
        let mut rest = part;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.count(text);
                    return 0;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    self.count(std::str::from_utf8(good).unwrap_or_default());
                    let Some(length) = error.error_len() else {
                        if at_end {
                            self.judge(good.last(), bad);
                            return 0;
                        }
                        return bad.len();
                    };
                    self.judge(good.last(), bad);
                    rest = &bad[length.min(bad.len())..];
                }
            }
        }
    }

    fn count(&mut self, text: &str) {
        self.wide |= !text.is_ascii();
        for byte in text.bytes() {
            self.line_feeds += u64::from(byte == b'\n');
            self.returns += u64::from(byte == b'\r');
        }
    }

    /// Whether a byte that is no UTF-8 makes sense between its neighbours.
    fn judge(&mut self, before: Option<&u8>, from: &[u8]) {
        let [byte, rest @ ..] = from else { return };
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0xc0;
        let next_to_letter = before.is_some_and(is_letter) || rest.first().is_some_and(is_letter);
        let sensible = match byte {
            0xc0..=0xde if *byte != 0xd7 => {
                rest.first().is_some_and(is_letter) || before.is_some_and(u8::is_ascii_uppercase)
            }
            0xdf..=0xfe if *byte != 0xf7 => next_to_letter,
            0x8a | 0x8c | 0x8e | 0x9a | 0x9c | 0x9e | 0x9f => next_to_letter,
            // Typographic quotes, dashes, the euro, a hard blank.
            0x80 | 0x85 | 0x91..=0x97 | 0xa0 | 0xaa | 0xb4 | 0xba => true,
            _ => false,
        };
        *if sensible { &mut self.letters } else { &mut self.noise } += 1;
    }

    /// Bytes of two that make a letter (Japanese, Chinese, Korean) are counted by their
    /// second halves, which are letters as often as noise.
    fn is_legacy(&self) -> bool {
        let words = self.letters > self.noise * 3;
        let pairs = self.letters + self.noise > 3 && self.letters > 0;
        !self.wide && (words || pairs)
    }
}

/// Reads any encoding as UTF-8, without its mark, and with line feeds at the ends of
/// lines. What cannot be decoded comes out as a byte that is no UTF-8, so that the row it
/// is in is found by whoever reads rows.
pub(super) struct Decoder<In> {
    bytes: In,
    survey: Survey,
    converter: encoding_rs::Decoder,
    begun: bool,
    /// Decoded and not handed out.
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<In: Read> Decoder<In> {
    pub(super) fn new(bytes: In, survey: Survey) -> Self {
        let converter = survey.encoding.new_decoder_without_bom_handling();
        Self { bytes, survey, converter, begun: false, text: Vec::new(), given: 0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        let mut raw = Vec::new();
        while self.text.is_empty() && !self.ended {
            raw.clear();
            self.bytes.by_ref().take(1 << 15).read_to_end(&mut raw)?;
            self.ended = raw.is_empty();
            if !std::mem::replace(&mut self.begun, true) && self.survey.marked {
                let mark = if self.survey.encoding == UTF_8 { 3 } else { 2 };
                raw.drain(..mark.min(raw.len()));
            }
            if self.survey.encoding == UTF_8 {
                // What is no UTF-8 in it is found by whoever reads rows.
                self.text.extend_from_slice(&raw);
            } else {
                self.decode(&raw);
            }
        }
        if self.survey.lone_returns {
            self.text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        Ok(())
    }

    fn decode(&mut self, mut raw: &[u8]) {
        loop {
            let from = self.text.len();
            let room = self.converter.max_utf8_buffer_length_without_replacement(raw.len());
            self.text.resize(from + room.unwrap_or(raw.len() * 4 + 16), 0);
            let (result, read, written) = self.converter.decode_to_utf8_without_replacement(
                raw,
                &mut self.text[from..],
                self.ended,
            );
            self.text.truncate(from + written);
            raw = &raw[read..];
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.text.push(0xff),
            }
        }
    }
}

impl<In: Read> Read for Decoder<In> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.fill()?;
        }
        let ready = &self.text[self.given..];
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8]) -> (Survey, Vec<u8>) {
        let survey = survey(bytes).unwrap().unwrap();
        let mut text = Vec::new();
        Decoder::new(bytes, survey).read_to_end(&mut text).unwrap();
        (survey, text)
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_a_spreadsheet_writes_is_told_and_read() {
        let text = "first,last\nNgọc,Müller 👩\n";
        let le = [&b"\xff\xfe"[..], &utf16(text, u16::to_le_bytes)].concat();
        let be = [&b"\xfe\xff"[..], &utf16(text, u16::to_be_bytes)].concat();
        for (bytes, encoding, marked) in [
            (text.as_bytes().to_vec(), UTF_8, false),
            ([&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(), UTF_8, true),
            (le.clone(), UTF_16LE, true),
            (le[2..].to_vec(), UTF_16LE, false),
            (be.clone(), UTF_16BE, true),
            (be[2..].to_vec(), UTF_16BE, false),
        ] {
            let (survey, read) = decoded(&bytes);
            assert_eq!((survey.encoding, survey.marked), (encoding, marked));
            assert_eq!(String::from_utf8(read).unwrap(), text);
        }
        let (survey, read) = decoded(b"Jos\xe9,O\x92Brien,M\xfcller,JOS\xc9,\x80\n");
        assert_eq!(survey.encoding, WINDOWS_1252);
        assert_eq!(String::from_utf8(read).unwrap(), "José,O’Brien,Müller,JOSÉ,€\n");
    }

    #[test]
    fn damage_in_a_utf_8_file_does_not_make_it_another_encoding() {
        for bytes in [
            &b"Ng\xe1\xbb\x8dc\nJos\xe9\n"[..],
            b"John\xff\xfe\nJane\n",
            b"\xef\xbb\xbfJos\xe9\n",
            b"a\x81b\n",
            b"a\xc3(\n",
        ] {
            assert_eq!(decoded(bytes).0.encoding, UTF_8, "{bytes:?}");
        }
    }

    #[test]
    fn a_letter_cut_by_the_buffer_is_still_a_letter() {
        let text = format!("{}ọ,{}ü", "x".repeat((1 << 16) - 1), "y".repeat(1 << 16));
        let (survey, read) = decoded(text.as_bytes());
        assert_eq!((survey.encoding, read), (UTF_8, text.clone().into_bytes()));
        let wide = format!("{}👩{}", "x".repeat((1 << 14) - 1), "👩".repeat(1 << 15));
        let bytes = [&b"\xff\xfe"[..], &utf16(&wide, u16::to_le_bytes)].concat();
        assert_eq!(String::from_utf8(decoded(&bytes).1).unwrap(), wide);
    }

    #[test]
    fn half_a_letter_of_utf_16_is_told_as_damage() {
        let lone = [&b"\xff\xfe"[..], &[b'a', 0, 0x00, 0xd8, b'b', 0, b'c']].concat();
        assert_eq!(decoded(&lone).1, b"a\xffb\xff");
    }

    #[test]
    fn lines_that_end_with_a_return_alone_are_lines() {
        assert_eq!(decoded(b"a,b\rc,d\r").1, b"a,b\nc,d\n");
        assert_eq!(decoded(b"a,b\r\nc,d\r\n").1, b"a,b\r\nc,d\r\n");
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, told) in
            [(&b"\x1f\x8b..."[..], "compressed"), (b"", "is empty"), (b"%PDF-1.7", "PDF")]
        {
            let why = survey(bytes).unwrap().unwrap_err();
            assert!(why.contains(told), "{why}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_decoder(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(survey) = survey(&bytes[..]).unwrap() {
                let mut text = Vec::new();
                Decoder::new(&bytes[..], survey).read_to_end(&mut text).unwrap();
            }
        }

        #[test]
        fn any_utf_16_text_reads_as_itself(text in "[^\u{feff}]{1,40}") {
            let bytes = [&b"\xfe\xff"[..], &utf16(&text, u16::to_be_bytes)].concat();
            let lone = text.contains('\r') && !text.contains('\n');
            // Returns alone are ends of lines, in whatever encoding; the survey counts bytes.
            prop_assume!(!lone && !text.contains('\r'));
            prop_assert_eq!(String::from_utf8(decoded(&bytes).1).unwrap(), text);
        }
    }
}
