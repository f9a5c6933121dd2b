//! A folder as mailbox: one `.eml` file a mail, whole or not there.

use std::path::Path;

use super::error::MailError;
use super::message::Mail;
use crate::state::files;

/// Writes the mail; the same mail again replaces itself.
pub(super) fn put(folder: &Path, mail: &Mail) -> Result<(), MailError> {
    let written = files::write_whole(&folder.join(file_name(&mail.message_id)), |out| {
        out.write_all(&mail.rfc822)
    });
    written.map(drop).map_err(|source| MailError::Folder { path: folder.to_owned(), source })
}

/// Whether the folder can be written to; leaves nothing behind.
pub(super) fn probe(folder: &Path) -> Result<(), MailError> {
    let file = folder.join(".rostergate-check");
    let written = files::write_whole(&file, |_| Ok(())).and_then(|_| std::fs::remove_file(&file));
    written.map_err(|source| MailError::Folder { path: folder.to_owned(), source })
}

/// `R-20261121-0415.held.eml`; a message id holds only characters that a file name may hold.
fn file_name(message_id: &str) -> String {
    let id = message_id.trim_matches(['<', '>']);
    let id = id.rsplit_once('@').map_or(id, |(id, _)| id);
    format!("{id}.eml")
}
