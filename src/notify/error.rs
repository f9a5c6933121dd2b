//! Why a mail could not be sent.

use std::path::PathBuf;

use thiserror::Error;

use crate::roster::code::Code;

/// Why a mail could not be sent. Holds a server's name and numbers, never its words: they may
/// repeat an address.
#[derive(Debug, Error)]
pub enum MailError {
    /// No answer, a broken connection, or a server that is busy (a code beginning with 4).
    #[error("mail server {host}:{port}: {detail}")]
    Unreachable {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// What went wrong.
        detail: String,
    },
    /// No encryption, or a certificate that is not trusted. Nothing was said in clear.
    #[error("mail server {host}:{port}: {detail}")]
    Tls {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// What went wrong.
        detail: String,
    },
    /// The account or its password was refused.
    #[error("mail server {host}:{port} refused the login: {detail}")]
    Login {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// The server's code.
        detail: String,
    },
    /// The recipient or the mail was refused for good (a code beginning with 5).
    #[error("mail server {host}:{port} refused a recipient: {detail}")]
    Refused {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// The server's code.
        detail: String,
    },
    /// The folder for mails could not be written.
    #[error("mail folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The mail could not be built: a bug.
    #[error("a mail could not be built: {detail}")]
    Build {
        /// What went wrong.
        detail: String,
    },
}

impl MailError {
    /// The code that explains the error.
    pub fn code(&self) -> Code {
        Code(match self {
            MailError::Unreachable { .. } => 610,
            MailError::Tls { .. } => 611,
            MailError::Login { .. } => 612,
            MailError::Refused { .. } => 613,
            MailError::Folder { .. } => 614,
            MailError::Build { .. } => 901,
        })
    }

    /// Whether a new attempt may help without anyone changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, MailError::Unreachable { .. } | MailError::Folder { .. })
    }

    /// The facts for the explanation.
    pub fn facts(&self) -> super::catalogue::Facts {
        use super::catalogue::{Facts, Placeholder};
        use super::cause::because;
        use super::system;
        match self {
            MailError::Unreachable { host, port, detail }
            | MailError::Tls { host, port, detail }
            | MailError::Login { host, port, detail }
            | MailError::Refused { host, port, detail } => {
                because(Facts::new().text(Placeholder::Host, format!("{host}:{port}")), detail)
            }
            MailError::Folder { path, source } => system::because(Facts::new().path(path), source),
            MailError::Build { detail } => Facts::new().text(Placeholder::Detail, detail.as_str()),
        }
    }
}
