//! The line to a mail server: one command, one answer, in clear or encrypted.
//!
//! The line is our own and not the mail library's, because of what lies between: an answer that
//! comes before it was asked for, and above all one that was slipped in in clear before encryption
//! began, would be taken for the next command's, and a mail called sent that no server has.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::response::Response;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// The longest line of an answer, and the longest answer, in bytes.
const LONGEST: (usize, usize) = (1000, 100_000);

/// What is wrong with a line.
#[derive(Debug)]
pub(super) enum Fault {
    /// It cannot be had, or is broken.
    Io(io::Error),
    /// Encryption could not be agreed on; what says why.
    Tls(String),
    /// An answer that is none.
    NotSmtp,
    /// More was said than was asked for.
    Early,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

/// A line to a mail server.
pub(super) struct Line {
    stream: Stream,
    /// What has been read and not been looked at.
    unread: Vec<u8>,
}

enum Stream {
    Clear(TcpStream),
    Encrypted(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Line {
    /// Connects to the first address that answers; `patience` is for each step.
    pub(super) fn open(host: &str, port: u16, patience: Duration) -> Result<Line, Fault> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "no address");
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, patience) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(patience))?;
                    stream.set_write_timeout(Some(patience))?;
                    return Ok(Line { stream: Stream::Clear(stream), unread: Vec::new() });
                }
                Err(error) => last = error,
            }
        }
        Err(Fault::Io(last))
    }

    /// Encrypts the line. Whatever was said in clear until now ends here.
    pub(super) fn encrypt(self, host: &str, trust: Arc<ClientConfig>) -> Result<Line, Fault> {
        let Stream::Clear(mut stream) = self.stream else { return Ok(self) };
        if !self.unread.is_empty() {
            return Err(Fault::Early);
        }
        let wrong = |error: &dyn Display| Fault::Tls(error.to_string());
        let name = ServerName::try_from(host.to_owned()).map_err(|error| wrong(&error))?;
        let mut talk = ClientConnection::new(trust, name).map_err(|error| wrong(&error))?;
        while talk.is_handshaking() {
            match talk.complete_io(&mut stream) {
                Ok(_) => {}
                Err(error) if is_late(&error) => return Err(Fault::Io(error)),
                Err(error) => return Err(wrong(&error)),
            }
        }
        let stream = Stream::Encrypted(Box::new(StreamOwned::new(talk, stream)));
        Ok(Line { stream, unread: Vec::new() })
    }

    /// Sends a command, which has its line's end, and reads its answer.
    pub(super) fn ask(&mut self, command: impl Display) -> Result<Response, Fault> {
        self.send(command.to_string().as_bytes())?;
        self.answer()
    }

    /// Sends bytes.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let out: &mut dyn Write = match &mut self.stream {
            Stream::Clear(stream) => stream,
            Stream::Encrypted(stream) => stream,
        };
        out.write_all(bytes)?;
        Ok(out.flush()?)
    }

    /// Reads one answer, and nothing after it.
    pub(super) fn answer(&mut self) -> Result<Response, Fault> {
        let mut answer = String::new();
        loop {
            let line = self.line()?;
            answer.push_str(&line);
            if answer.len() > LONGEST.1 {
                return Err(Fault::NotSmtp);
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        if !self.unread.is_empty() {
            return Err(Fault::Early);
        }
        answer.parse().map_err(|_| Fault::NotSmtp)
    }

    /// Reads a line, with its end.
    fn line(&mut self) -> Result<String, Fault> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let rest = self.unread.split_off(end + 1);
                let line = std::mem::replace(&mut self.unread, rest);
                return String::from_utf8(line).map_err(|_| Fault::NotSmtp);
            }
            if self.unread.len() > LONGEST.0 {
                return Err(Fault::NotSmtp);
            }
            let mut part = [0; 4096];
            let count = match &mut self.stream {
                Stream::Clear(stream) => stream.read(&mut part)?,
                Stream::Encrypted(stream) => stream.read(&mut part)?,
            };
            if count == 0 {
                return Err(Fault::Io(io::Error::new(io::ErrorKind::UnexpectedEof, "hung up")));
            }
            self.unread.extend_from_slice(&part[..count]);
        }
    }

    /// From now on nothing is waited for any longer than this.
    pub(super) fn hurry(&self, patience: Duration) {
        let stream = match &self.stream {
            Stream::Clear(stream) => stream,
            Stream::Encrypted(stream) => &stream.sock,
        };
        // It was set before; where it cannot be set again, the old one holds.
        let _ = stream.set_read_timeout(Some(patience));
    }
}

/// A read that ran out of time says "would block" (os error 11) here, not "timed out".
pub(super) fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}
