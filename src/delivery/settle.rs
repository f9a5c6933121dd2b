//! What became of a publishing whose answer was lost.
//!
//! Decided by digest, or by the time stamp that was noted for the temporary file, never by size
//! alone: a pupil who moves from 7A to 7B does not change the size.

use jiff::Timestamp;

use super::error::DeliveryError;
use super::pieces::{Piece, Tag};
use super::publish::digest;
use super::receipt::{How, Settled, TempNote};
use super::remote::{Remote, Stat};
use super::settings::{Deliver, Pickup, Publish};
use crate::state::document::Document;

/// Finds out what became of a delivery that had reached [`super::Step::Publishing`].
///
/// `noted` is what [`super::Step::Uploaded`] told; `started` is when publishing began, by our
/// clock, and counts only where the receiver's own time stamp was not noted.
///
/// # Errors
/// When the receiver cannot be asked.
pub fn settle(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    documents: &[Document],
    tag: &Tag,
    noted: &[TempNote],
    started: Option<Timestamp>,
) -> Result<Settled, DeliveryError> {
    let mut worst = Settled::Published(How::Verified);
    for piece in deliver.pieces(documents, tag) {
        let note = noted.iter().find(|note| note.path == piece.temp);
        let found = if deliver.strategy() == Publish::Direct {
            direct(remote, deliver, &piece)?
        } else {
            one(remote, deliver, &piece, note, started)?
        };
        worst = worse(worst, found);
    }
    Ok(worst)
}

/// Everything must be published; one file that is not decides for all.
fn worse(a: Settled, b: Settled) -> Settled {
    match (a, b) {
        (Settled::Published(a), Settled::Published(b)) => Settled::Published(a.max(b)),
        (Settled::NotPublished { temp_present: a }, Settled::NotPublished { temp_present: b }) => {
            Settled::NotPublished { temp_present: a || b }
        }
        (Settled::NotPublished { temp_present }, _)
        | (_, Settled::NotPublished { temp_present }) => Settled::NotPublished { temp_present },
        _ => Settled::Unknowable,
    }
}

/// Written straight to its name: only the content says whether it is whole, and where files are
/// taken, nothing says whether one that is gone was.
fn direct(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    piece: &Piece<'_>,
) -> Result<Settled, DeliveryError> {
    match shown(digest(remote, &piece.path, piece.size))? {
        Shown::There(found) if found == piece.sha256 => Ok(Settled::Published(How::Verified)),
        Shown::Absent if deliver.pickup() == Pickup::Expected => Ok(Settled::Unknowable),
        Shown::Absent if lacks_folders(remote, deliver)? => Ok(Settled::Unknowable),
        Shown::There(_) | Shown::Absent => Ok(Settled::NotPublished { temp_present: false }),
        Shown::Hidden => Ok(Settled::Unknowable),
    }
}

/// A share that is not mounted tonight, or a folder that was moved, shows no file that is there.
fn lacks_folders(remote: &mut dyn Remote, deliver: &Deliver) -> Result<bool, DeliveryError> {
    for folder in [deliver.receiver().folder, deliver.temp_folder()] {
        if matches!(look(remote, &folder)?, Shown::Absent) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn one(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    piece: &Piece<'_>,
    note: Option<&TempNote>,
    started: Option<Timestamp>,
) -> Result<Settled, DeliveryError> {
    match look(remote, &piece.temp)? {
        Shown::There(_) => return Ok(Settled::NotPublished { temp_present: true }),
        Shown::Hidden => return Ok(Settled::Unknowable),
        Shown::Absent => {}
    }
    // The temporary file is gone, and only we or the receiver remove it.
    match look(remote, &piece.path)? {
        Shown::There(last) => visible_file(remote, piece, last, note, started),
        Shown::Hidden => Ok(Settled::Unknowable),
        Shown::Absent if !shows_files(remote, deliver, note)? => Ok(Settled::Unknowable),
        Shown::Absent if deliver.pickup() == Pickup::Expected => {
            Ok(Settled::Published(How::PickedUp))
        }
        Shown::Absent => Ok(Settled::NotPublished { temp_present: false }),
    }
}

fn visible_file(
    remote: &mut dyn Remote,
    piece: &Piece<'_>,
    last: Stat,
    note: Option<&TempNote>,
    started: Option<Timestamp>,
) -> Result<Settled, DeliveryError> {
    let noted = note.and_then(|note| note.mtime);
    let stamped = noted.is_some() && last.mtime == noted;
    let same_size = last.size.is_none_or(|size| size == piece.size);
    match shown(digest(remote, &piece.path, piece.size))? {
        Shown::There(found) if found == piece.sha256 => {
            return Ok(Settled::Published(How::Verified));
        }
        // Taken between two looks: it is the receiver who takes.
        Shown::Absent => return Ok(Settled::Published(How::PickedUp)),
        // A rename keeps the time stamp, so this is our file, though we may not read it.
        Shown::Hidden if stamped && same_size => return Ok(Settled::Published(How::Assumed)),
        Shown::Hidden if noted.is_none() => return Ok(Settled::Unknowable),
        _ => {}
    }
    // Another file: an older one that was never replaced, or ours as the receiver changed it.
    let since = noted.or(started.map(Timestamp::as_second));
    match (last.mtime, since) {
        (Some(mtime), Some(since)) if mtime >= since => Ok(Settled::Published(How::Assumed)),
        _ => Ok(Settled::NotPublished { temp_present: false }),
    }
}

/// What the receiver lets us see.
enum Shown<T> {
    There(T),
    Absent,
    Hidden,
}

fn look(remote: &mut dyn Remote, path: &str) -> Result<Shown<Stat>, DeliveryError> {
    Ok(match shown(remote.stat(path))? {
        Shown::There(Some(stat)) => Shown::There(stat),
        Shown::There(None) | Shown::Absent => Shown::Absent,
        Shown::Hidden => Shown::Hidden,
    })
}

fn shown<T>(answer: Result<T, DeliveryError>) -> Result<Shown<T>, DeliveryError> {
    match answer {
        Ok(seen) => Ok(Shown::There(seen)),
        Err(DeliveryError::Absent { .. }) => Ok(Shown::Absent),
        Err(DeliveryError::Denied { .. } | DeliveryError::Refused { .. }) => Ok(Shown::Hidden),
        Err(error) => Err(error),
    }
}

/// "Not there" means something only where files that are there can be seen.
fn shows_files(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    note: Option<&TempNote>,
) -> Result<bool, DeliveryError> {
    if lacks_folders(remote, deliver)? {
        return Ok(false);
    }
    if note.is_some_and(|note| note.seen) {
        return Ok(true);
    }
    shown(remote.list(&deliver.temp_folder())).map(|listed| matches!(listed, Shown::There(_)))
}
