//! Bytes to text in the declared encoding, whole file or an error with its place.

use std::borrow::Cow;

use super::error::DecodeError;
use super::settings::Encoding;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A file's text.
pub(super) struct Decoded<'b> {
    /// The text, without a byte order mark.
    pub(super) text: Cow<'b, str>,
    /// Whether there was a byte order mark.
    pub(super) marked: bool,
}

/// The text of a file in the declared encoding; nothing is guessed and nothing replaced.
pub(super) fn decode<'b>(
    bytes: &'b [u8],
    encoding: Encoding,
    file: &str,
) -> Result<Decoded<'b>, DecodeError> {
    let rest = bytes.strip_prefix(BYTE_ORDER_MARK);
    let marked = rest.is_some();
    let fault = |at: usize, what| wrong(file, bytes, at, encoding, what);
    if marked && encoding != Encoding::Utf8 {
        return Err(fault(0, "the file begins with the mark of UTF-8"));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(fault(0, "the file begins with the mark of UTF-16"));
    }
    let text = match encoding {
        Encoding::Utf8 => {
            Cow::Borrowed(utf8(rest.unwrap_or(bytes), file).map_err(|at| match at {
                Utf8Fault::At(at) => {
                    fault(bytes.len() - rest.unwrap_or(bytes).len() + at, "a byte that is no UTF-8")
                }
                Utf8Fault::Cut(error) => error,
            })?)
        }
        Encoding::Windows1252 => {
            if let Some(at) =
                bytes.iter().position(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D))
            {
                return Err(fault(at, "a byte that windows-1252 leaves undefined"));
            }
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
        Encoding::Latin1 => encoding_rs::mem::decode_latin1(bytes),
    };
    Ok(Decoded { text, marked })
}

enum Utf8Fault {
    At(usize),
    Cut(DecodeError),
}

fn utf8<'b>(bytes: &'b [u8], file: &str) -> Result<&'b str, Utf8Fault> {
    std::str::from_utf8(bytes).map_err(|error| match error.error_len() {
        Some(_) => Utf8Fault::At(error.valid_up_to()),
        None => Utf8Fault::Cut(DecodeError::Cut {
            file: file.to_owned(),
            line: line_of(bytes, error.valid_up_to()),
            how: "it ends in the middle of a letter",
        }),
    })
}

fn line_of(bytes: &[u8], at: usize) -> u64 {
    memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64 + 1
}

fn wrong(
    file: &str,
    bytes: &[u8],
    at: usize,
    encoding: Encoding,
    what: &'static str,
) -> DecodeError {
    let begin = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    DecodeError::Encoding {
        file: file.to_owned(),
        line: line_of(bytes, at),
        column: (at - begin) as u64 + 1,
        declared: encoding.as_str(),
        what,
    }
}
