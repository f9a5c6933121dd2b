//! SFTP version 3 on the wire: requests to bytes, bytes to answers.
//!
//! Lenient where servers differ (any status code, a status without words, handles and names that
//! are no text), strict about lengths: nothing is believed beyond the packet it stands in.

/// The longest answer that is accepted. Ours ask for less than 33 000 bytes; listings are larger.
pub(super) const LARGEST: usize = 256 * 1024;

/// Kinds of requests.
pub(super) mod kind {
    pub(crate) const INIT: u8 = 1;
    pub(crate) const VERSION: u8 = 2;
    pub(crate) const OPEN: u8 = 3;
    pub(crate) const CLOSE: u8 = 4;
    pub(crate) const READ: u8 = 5;
    pub(crate) const WRITE: u8 = 6;
    pub(crate) const FSTAT: u8 = 8;
    pub(crate) const OPENDIR: u8 = 11;
    pub(crate) const READDIR: u8 = 12;
    pub(crate) const REMOVE: u8 = 13;
    pub(crate) const STAT: u8 = 17;
    pub(crate) const RENAME: u8 = 18;
    pub(super) const STATUS: u8 = 101;
    pub(super) const HANDLE: u8 = 102;
    pub(super) const DATA: u8 = 103;
    pub(super) const NAME: u8 = 104;
    pub(super) const ATTRS: u8 = 105;
    pub(crate) const EXTENDED: u8 = 200;
    pub(super) const EXTENDED_REPLY: u8 = 201;
}

/// Status codes that mean something to us; later versions of the protocol leak into old servers.
pub(super) mod status {
    pub(crate) const OK: u32 = 0;
    pub(crate) const EOF: u32 = 1;
    pub(crate) const NO_SUCH_FILE: u32 = 2;
    pub(crate) const PERMISSION_DENIED: u32 = 3;
    pub(crate) const OP_UNSUPPORTED: u32 = 8;
    pub(crate) const NO_SUCH_PATH: u32 = 10;
    pub(crate) const WRITE_PROTECT: u32 = 12;
    pub(crate) const NO_SPACE: u32 = 14;
    pub(crate) const QUOTA_EXCEEDED: u32 = 15;
}

/// What OPEN may do.
pub(super) mod flag {
    pub(crate) const READ: u32 = 1;
    pub(crate) const WRITE: u32 = 2;
    pub(crate) const CREATE: u32 = 8;
    pub(crate) const TRUNCATE: u32 = 16;
    pub(crate) const EXCLUSIVE: u32 = 32;
}

/// A request being written. The length is filled in by [`Request::bytes`].
pub(super) struct Request(Vec<u8>);

impl Request {
    /// Starts a request that has a number.
    pub(super) fn new(kind: u8, id: u32) -> Request {
        Request(vec![0, 0, 0, 0, kind]).int(id)
    }

    /// The opening of the conversation.
    pub(super) fn init() -> Request {
        Request(vec![0, 0, 0, 0, kind::INIT]).int(3)
    }

    pub(super) fn int(mut self, value: u32) -> Request {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub(super) fn long(mut self, value: u64) -> Request {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// Bytes with their length before them.
    pub(super) fn text(mut self, bytes: &[u8]) -> Request {
        let length = u32::try_from(bytes.len()).expect("no request comes near 4 GB");
        self.0.extend(length.to_be_bytes());
        self.0.extend(bytes);
        self
    }

    /// The finished packet.
    pub(super) fn bytes(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - 4).expect("no request comes near 4 GB");
        self.0[..4].copy_from_slice(&length.to_be_bytes());
        self.0
    }
}

/// What is known of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Attrs {
    pub(super) size: Option<u64>,
    pub(super) permissions: Option<u32>,
    pub(super) mtime: Option<u32>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    Status { code: u32, text: Vec<u8> },
    Handle(Vec<u8>),
    Data(Vec<u8>),
    Names(Vec<(Vec<u8>, Attrs)>),
    Attrs(Attrs),
    Extended(Vec<u8>),
}

/// Reads an answer: the number of its request, and what it says. `None` when it is malformed.
pub(super) fn answer(packet: &[u8]) -> Option<(u32, Answer)> {
    let mut rest = Rest(packet);
    let kind = rest.byte()?;
    let id = rest.int()?;
    let answer = match kind {
        kind::STATUS => {
            let code = rest.int()?;
            // Version 2 servers send no words; some send the words and no language.
            Answer::Status { code, text: rest.text().unwrap_or_default().to_vec() }
        }
        kind::HANDLE => Answer::Handle(rest.text().filter(|h| h.len() <= 256)?.to_vec()),
        kind::DATA => Answer::Data(rest.text()?.to_vec()),
        kind::NAME => Answer::Names(rest.names()?),
        kind::ATTRS => Answer::Attrs(rest.attrs()?),
        kind::EXTENDED_REPLY => Answer::Extended(rest.0.to_vec()),
        _ => return None,
    };
    Some((id, answer))
}

/// Reads the server's opening: its version and the names of its extensions.
pub(super) fn version(packet: &[u8]) -> Option<(u32, Vec<String>)> {
    let mut rest = Rest(packet);
    if rest.byte()? != kind::VERSION {
        return None;
    }
    let version = rest.int()?;
    let mut extensions = Vec::new();
    while let (Some(name), Some(_data)) = (rest.text(), rest.text()) {
        extensions.push(String::from_utf8_lossy(name).into_owned());
    }
    Some((version, extensions))
}

/// The numbers of an extended answer.
pub(super) fn longs(bytes: &[u8]) -> Vec<u64> {
    let mut rest = Rest(bytes);
    std::iter::from_fn(|| rest.long()).collect()
}

/// The part of a packet that has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn int(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.int()?;
        self.take(usize::try_from(length).ok()?)
    }

    fn names(&mut self) -> Option<Vec<(Vec<u8>, Attrs)>> {
        let count = self.int()?;
        // The count is not believed: the list grows only as names are really read.
        let mut names = Vec::new();
        for _ in 0..count {
            let name = self.text()?.to_vec();
            self.text()?;
            names.push((name, self.attrs()?));
        }
        Some(names)
    }

    fn attrs(&mut self) -> Option<Attrs> {
        let flags = self.int()?;
        let mut attrs = Attrs::default();
        if flags & 1 != 0 {
            attrs.size = Some(self.long()?);
        }
        if flags & 2 != 0 {
            self.take(8)?;
        }
        if flags & 4 != 0 {
            attrs.permissions = Some(self.int()?);
        }
        if flags & 8 != 0 {
            self.int()?;
            attrs.mtime = Some(self.int()?);
        }
        if flags & 0x8000_0000 != 0 {
            for _ in 0..self.int()? {
                self.text()?;
                self.text()?;
            }
        }
        Some(attrs)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_has_its_length_before_it() {
        let bytes = Request::new(kind::CLOSE, 7).text(&[0xff, 0x80, 0, 1]).bytes();
        assert_eq!(bytes, [0, 0, 0, 13, 4, 0, 0, 0, 7, 0, 0, 0, 4, 0xff, 0x80, 0, 1]);
        assert_eq!(Request::init().bytes(), [0, 0, 0, 5, 1, 0, 0, 0, 3]);
    }

    #[test]
    fn odd_answers_are_understood() {
        let handle = [102, 0, 0, 0, 1, 0, 0, 0, 4, 0xff, 0x80, 0, 1];
        assert_eq!(answer(&handle), Some((1, Answer::Handle(vec![0xff, 0x80, 0, 1]))));
        let bare = [101, 0, 0, 0, 2, 0, 0, 0, 99];
        assert_eq!(answer(&bare), Some((2, Answer::Status { code: 99, text: vec![] })));
        let no_language = [101, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 2, b'n', b'o'];
        assert_eq!(
            answer(&no_language),
            Some((2, Answer::Status { code: 4, text: b"no".to_vec() }))
        );
        let opening = [2, 0, 0, 0, 3, 0, 0, 0, 1, b'a', 0, 0, 0, 1, b'1', 0, 0, 0, 9];
        assert_eq!(version(&opening), Some((3, vec!["a".to_owned()])));
    }

    #[test]
    fn a_length_beyond_the_packet_is_refused() {
        assert_eq!(answer(&[103, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 1]), None);
        assert_eq!(answer(&[104, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(answer(&[105, 0, 0, 0, 1, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = answer(&bytes);
            let _ = version(&bytes);
            let _ = longs(&bytes);
        }
    }
}
