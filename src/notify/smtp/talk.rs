//! The conversation with a mail server: what is said in which order, and which answers are a yes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::{
    ClientId, Extension, MailBodyParameter, MailParameter, ServerInfo,
};
use lettre::transport::smtp::response::Response;
use rustls::ClientConfig;

use super::line::{Fault, Line, is_late};
use super::unreachable;
use crate::notify::error::MailError;
use crate::notify::settings::{SmtpSettings, Tls};

/// Codes by which a server says that it wants another login.
const LOGIN_CODES: [u16; 4] = [530, 534, 535, 538];
/// How long we wait to be told good-bye.
const GOODBYE: Duration = Duration::from_secs(1);

/// A conversation that has come so far that mails can be handed over.
pub(super) struct Talk {
    line: Line,
    offers: ServerInfo,
    server: SmtpSettings,
}

impl Talk {
    /// Connects, encrypts and logs in.
    pub(super) fn begin(
        server: &SmtpSettings,
        password: Option<&str>,
        trust: Arc<ClientConfig>,
    ) -> Result<Talk, MailError> {
        let wrong = |fault| classed(server, fault);
        let host = server.host.as_str();
        let mut line = Line::open(host, server.port, server.timeout.get()).map_err(wrong)?;
        if server.tls == Tls::Implicit {
            line = line.encrypt(host, Arc::clone(&trust)).map_err(wrong)?;
        }
        yes(server, line.answer(), &[220])?;
        let mut offers = greet(server, &mut line)?;
        if server.tls == Tls::Starttls {
            if !offers.supports_feature(Extension::StartTls) {
                let detail = "the server does not offer encryption (STARTTLS)".to_owned();
                return Err(wrong(Fault::Tls(detail)));
            }
            yes(server, line.ask(Starttls).map_err(slipped_in), &[220])?;
            line = line.encrypt(host, trust).map_err(wrong)?;
            // What was offered in clear counts for nothing.
            offers = greet(server, &mut line)?;
        }
        let mut talk = Talk { line, offers, server: server.clone() };
        if let (Some(login), Some(password)) = (&server.login, password) {
            talk.login(&Credentials::new(login.user.clone(), password.to_owned()))?;
        }
        Ok(talk)
    }

    fn login(&mut self, credentials: &Credentials) -> Result<(), MailError> {
        let refused = |detail: &str| MailError::Login {
            host: self.server.host.clone(),
            port: self.server.port,
            detail: detail.to_owned(),
        };
        let known = [Mechanism::Plain, Mechanism::Login];
        let way = self.offers.get_auth_mechanism(&known);
        let way = way.ok_or_else(|| refused("no known authentication mechanism is offered"))?;
        let first = Auth::new(way, credentials.clone(), None);
        let mut said = self.line.ask(first.map_err(|_| refused("it cannot be said"))?);
        // A name and a password are asked for; a server that goes on asking is not answered.
        for _ in 0..2 {
            let Ok(asked) = &said else { break };
            if number(asked) != 334 {
                break;
            }
            let next = Auth::new_from_response(way, credentials.clone(), asked);
            said = self.line.ask(next.map_err(|_| refused("it asks for something else"))?);
        }
        yes(&self.server, said, &[235]).map(drop)
    }

    /// Hands over one mail: it is the server's when it says 250 to its end, and not before.
    pub(super) fn hand_over(&mut self, envelope: &Envelope, mail: &[u8]) -> Result<(), MailError> {
        let from = Mail::new(envelope.from().cloned(), self.parameters(envelope, mail)?);
        self.ask(from, &[250])?;
        for to in envelope.to() {
            // It may be forwarded (251) or taken unseen (252).
            self.ask(Rcpt::new(to.clone(), Vec::new()), &[250, 251, 252])?;
        }
        self.ask(Data, &[354])?;
        let sent = self.line.send(&dotted(mail)).and_then(|()| self.line.answer());
        yes(&self.server, sent, &[250]).map(drop)
    }

    fn ask(&mut self, command: impl std::fmt::Display, wanted: &[u16]) -> Result<(), MailError> {
        yes(&self.server, self.line.ask(command), wanted).map(drop)
    }

    /// What must be said of a mail that is not plain ASCII.
    fn parameters(
        &self,
        envelope: &Envelope,
        mail: &[u8],
    ) -> Result<Vec<MailParameter>, MailError> {
        let mut parameters = Vec::new();
        let mut needs = |extension, parameter| {
            if !self.offers.supports_feature(extension) {
                let (host, port) = (self.server.host.clone(), self.server.port);
                let detail = format!("it cannot take such a mail ({parameter})");
                return Err(MailError::Refused { host, port, detail });
            }
            parameters.push(parameter);
            Ok(())
        };
        let mut addresses = envelope.from().into_iter().chain(envelope.to());
        if !addresses.all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
            needs(Extension::SmtpUtfEight, MailParameter::SmtpUtfEight)?;
        }
        if !mail.is_ascii() {
            let eight = MailParameter::Body(MailBodyParameter::EightBitMime);
            needs(Extension::EightBitMime, eight)?;
        }
        Ok(parameters)
    }

    /// Takes leave. What is done is done, whatever the answer.
    pub(super) fn goodbye(mut self) {
        self.line.hurry(GOODBYE);
        let _ = self.line.ask(Quit);
    }
}

fn greet(server: &SmtpSettings, line: &mut Line) -> Result<ServerInfo, MailError> {
    let offered = yes(server, line.ask(Ehlo::new(ClientId::default())), &[250])?;
    ServerInfo::from_response(&offered).map_err(|_| classed(server, Fault::NotSmtp))
}

/// What comes in clear after the word that begins encryption would count as said under it.
fn slipped_in(fault: Fault) -> Fault {
    match fault {
        Fault::Early => Fault::Tls("more was said in clear than was asked for".to_owned()),
        other => other,
    }
}

/// The mail as it goes out: lines that begin with a dot have two, and a dot alone ends it.
fn dotted(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + 64);
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(if out.ends_with(b"\r\n") { b".\r\n" } else { b"\r\n.\r\n" });
    out
}

fn number(answer: &Response) -> u16 {
    answer.code().into()
}

/// The answer, if it is the one that is a yes here.
fn yes(
    server: &SmtpSettings,
    said: Result<Response, Fault>,
    wanted: &[u16],
) -> Result<Response, MailError> {
    let answer = said.map_err(|fault| classed(server, fault))?;
    let code = number(&answer);
    if wanted.contains(&code) {
        return Ok(answer);
    }
    let (host, port) = (server.host.clone(), server.port);
    // Only the code: the server's words may repeat an address.
    let detail = code.to_string();
    Err(match code {
        _ if LOGIN_CODES.contains(&code) => MailError::Login { host, port, detail },
        500.. => MailError::Refused { host, port, detail },
        400.. => MailError::Unreachable { host, port, detail },
        _ => classed(server, Fault::NotSmtp),
    })
}

fn classed(server: &SmtpSettings, fault: Fault) -> MailError {
    let (host, port) = (server.host.clone(), server.port);
    match fault {
        Fault::Tls(detail) => MailError::Tls { host, port, detail },
        // What could not be read is not repeated.
        Fault::NotSmtp => unreachable(server, "an answer that is not SMTP".to_owned()),
        Fault::Early => unreachable(server, "more answers than were asked for".to_owned()),
        Fault::Io(error) if is_late(&error) => {
            let seconds = server.timeout.get().as_secs();
            unreachable(server, format!("no answer within {seconds} s"))
        }
        // A line that was encrypted and is not any more is no matter of patience.
        Fault::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            MailError::Tls { host, port, detail: error.to_string() }
        }
        Fault::Io(error) => unreachable(server, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_ends_the_mail_and_no_line_of_it_does() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"a", b"a\r\n.\r\n"),
            (b".\r\nb\r\n", b"..\r\nb\r\n.\r\n"),
            (b"a\r\n..b\r\n.", b"a\r\n...b\r\n..\r\n.\r\n"),
            (b"", b"\r\n.\r\n"),
        ];
        for (mail, sent) in cases {
            assert_eq!(dotted(mail), sent, "{mail:?}");
        }
    }
}
