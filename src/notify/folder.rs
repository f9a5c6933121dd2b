//! A folder as mailbox: one `.eml` file a mail, whole or not there.

use std::fs::File;
use std::io::{Error, Write as _};
use std::path::Path;

use super::error::MailError;
use super::message::Mail;

/// Writes the mail; the same mail again replaces itself.
pub(super) fn put(folder: &Path, mail: &Mail) -> Result<(), MailError> {
    write(folder, &file_name(&mail.message_id), &mail.rfc822)
        .map_err(|source| MailError::Folder { path: folder.to_owned(), source })
}

/// Whether the folder can be written to; leaves nothing behind.
pub(super) fn probe(folder: &Path) -> Result<(), MailError> {
    tempfile::Builder::new()
        .prefix(".rostergate-")
        .tempfile_in(folder)
        .map(drop)
        .map_err(|source| MailError::Folder { path: folder.to_owned(), source })
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let mut file = tempfile::Builder::new().prefix(".rostergate-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name)).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// `R-20261121-0415.held.eml`; a message id holds only characters that a file name may hold.
fn file_name(message_id: &str) -> String {
    let id = message_id.trim_matches(['<', '>']);
    let id = id.rsplit_once('@').map_or(id, |(id, _)| id);
    format!("{id}.eml")
}
