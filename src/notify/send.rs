//! Hands a mail over: to a mail server, or to a folder.

use super::address::MailAddress;
use super::error::MailError;
use super::message::Mail;
use super::settings::{MailSettings, Transport};
use super::{folder, smtp};

/// Sends the mail to one recipient.
///
/// Recipients are served one by one, since a server refuses a whole message for the sake of one.
/// In a folder the mail is one file, however many recipients it has. Takes at most
/// `give-up-after`.
///
/// # Errors
/// [`MailError`], with the code and whether a new attempt may help.
pub fn send(
    settings: &MailSettings,
    password: Option<&str>,
    mail: &Mail,
    recipient: &MailAddress,
) -> Result<(), MailError> {
    match &settings.transport {
        Transport::Smtp(server) => {
            let envelope = smtp::envelope(&settings.from, recipient)?;
            smtp::send(server, password, envelope, &mail.rfc822)
        }
        Transport::Folder(folder) => folder::put(&folder.path, mail),
    }
}

/// Connects, encrypts and logs in, and sends nothing: for `check --connect`.
///
/// # Errors
/// As [`send`].
pub fn probe(settings: &MailSettings, password: Option<&str>) -> Result<(), MailError> {
    match &settings.transport {
        Transport::Smtp(server) => smtp::probe(server, password),
        Transport::Folder(folder) => folder::probe(&folder.path),
    }
}
