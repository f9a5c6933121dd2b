//! One delivery on one connection: put beside, verify, publish, and leave alone.

use sha2::{Digest, Sha256};

use super::error::{Class, DeliveryError};
use super::pieces::{Piece, Tag};
use super::receipt::{How, Journal, Left, Progress, Receipt, Step, TempNote, Verified};
use super::remote::{Create, Remote, Rename, Stat};
use super::settings::{Deliver, Pickup, Publish, Verify};
use crate::formats::snapshot::hex;
use crate::state::document::Document;

/// Our temporary files are removed when they are this old, by the receiver's clock.
const STALE: i64 = 24 * 3600;

/// Uploads, verifies and publishes the documents. Each step is told to the journal first.
///
/// # Errors
/// When anything fails; up to [`Step::Publishing`] nothing is visible. An error after it that
/// leaves the outcome open is [`DeliveryError::Unknown`]: then [`super::settle`] finds out.
pub fn publish(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    documents: &[Document],
    tag: &Tag,
    journal: &mut Journal<'_>,
    progress: &mut Progress<'_>,
) -> Result<Receipt, DeliveryError> {
    let names: Vec<&str> = documents.iter().map(|d| d.name.as_str()).collect();
    deliver.check(&names)?;
    let pieces = deliver.pieces(documents, tag);
    let total = pieces.iter().map(|p| p.size).sum();
    let mut meter = Meter { before: 0, total, begun: false, progress };
    if deliver.strategy() == Publish::Direct {
        return direct(remote, deliver, &pieces, journal, &mut meter);
    }
    journal(Step::Uploading { temps: pieces.iter().map(|p| p.temp.clone()).collect() })?;
    let (temps, verified) = match put_beside(remote, deliver, &pieces, &mut meter) {
        Ok(done) => done,
        Err(error) => {
            give_up(remote, &pieces, &error);
            return Err(error);
        }
    };
    journal(Step::Uploaded { temps: temps.clone() })?;
    journal(Step::Publishing { finals: pieces.iter().map(|p| p.path.clone()).collect() })?;
    if let Err(error) = make_visible(remote, &pieces) {
        let error = in_doubt(error, journal)?;
        if error.class() != Class::Unknown {
            // Where renaming is refused every night, what earlier nights left must not pile up.
            sweep(remote, deliver, tag, &temps);
        }
        return Err(error);
    }
    let receipt = receipt(remote, deliver, &pieces, &temps, verified);
    journal(Step::Published { how: receipt.how })?;
    sweep(remote, deliver, tag, &temps);
    Ok(receipt)
}

/// Counts bytes over all pieces.
struct Meter<'a, 'b> {
    before: u64,
    total: u64,
    /// A file has been opened: what stood under its name does not any more.
    begun: bool,
    progress: &'a mut Progress<'b>,
}

fn put_beside(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    pieces: &[Piece<'_>],
    meter: &mut Meter<'_, '_>,
) -> Result<(Vec<TempNote>, Verified), DeliveryError> {
    let mut notes = Vec::new();
    let mut weakest = Verified::Folder;
    for piece in pieces {
        // Left by an earlier try with the same bytes. Servers differ in what they say of a file
        // that is not there; what matters is that the next step succeeds.
        unless_refused(remote.remove(&piece.temp))?;
        // What is read back at the receiver before anybody sees it need not be hashed twice.
        let hashed = deliver.verify() != Verify::ReadBack;
        send(remote, piece, (&piece.temp, Create::New), hashed, meter)?;
        let (seen, verified) =
            verify(remote, deliver, piece, &piece.temp).map_err(|error| at_fault(piece, error))?;
        weakest = weakest.max(verified);
        let mtime = seen.and_then(|stat| stat.mtime);
        notes.push(TempNote { path: piece.temp.clone(), seen: seen.is_some(), mtime });
    }
    Ok((notes, weakest))
}

/// A difference is our own file's when that has changed, else the receiver's.
fn at_fault(piece: &Piece<'_>, error: DeliveryError) -> DeliveryError {
    match error {
        DeliveryError::Differs { .. } => match piece.has_changed() {
            Ok(false) => error,
            Ok(true) => piece.changed(),
            Err(local) => local,
        },
        _ => error,
    }
}

fn send(
    remote: &mut dyn Remote,
    piece: &Piece<'_>,
    (path, create): (&str, Create),
    hashed: bool,
    meter: &mut Meter<'_, '_>,
) -> Result<(), DeliveryError> {
    let mut source = piece.open(hashed)?;
    let Meter { before, total, begun, progress } = meter;
    let mut sent = |bytes| {
        *begun = true;
        progress(*before + bytes, *total);
    };
    let written = remote.write(path, create, &mut source, piece.size, &mut sent);
    written.map_err(|error| piece.locate(error))?;
    *before += piece.size;
    match source.sha256() {
        Some(sent) if sent != piece.sha256 => Err(piece.changed()),
        _ => Ok(()),
    }
}

/// Compares what lies there with what was decided on.
fn verify(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    piece: &Piece<'_>,
    path: &str,
) -> Result<(Option<Stat>, Verified), DeliveryError> {
    let differs = |fault| DeliveryError::Differs { path: path.to_owned(), fault };
    let seen = match remote.stat(path) {
        Ok(seen) => seen,
        Err(error) if error.leaves_doubt() => return Err(error),
        Err(_) => None,
    };
    let size = seen.and_then(|stat| stat.size);
    if size.is_some_and(|size| size != piece.size) {
        return Err(differs("the size differs from what was sent"));
    }
    if deliver.verify() == Verify::Size {
        let verified = if size.is_some() { Verified::Size } else { Verified::Acknowledged };
        return Ok((seen, verified));
    }
    match digest(remote, path, piece.size) {
        Ok(found) if found == piece.sha256 => {}
        Ok(_) => return Err(differs("the content differs from what was sent")),
        Err(DeliveryError::Absent { .. }) => {
            return Err(differs(
                "gone before it was published: the receiver takes temporary files too",
            ));
        }
        Err(DeliveryError::Denied { path, .. }) => {
            return Err(DeliveryError::Denied { action: "read back", path });
        }
        Err(error) => return Err(error),
    }
    let here = matches!(deliver, Deliver::Folder(_));
    Ok((seen, if here { Verified::Folder } else { Verified::ReadBack }))
}

/// The SHA-256 of a file at the receiver. One byte beyond `size` is asked for, so that a longer
/// file does not pass.
pub(super) fn digest(
    remote: &mut dyn Remote,
    path: &str,
    size: u64,
) -> Result<[u8; 32], DeliveryError> {
    let mut digest = Sha256::new();
    remote.read(path, size.saturating_add(1), &mut |bytes| digest.update(bytes))?;
    Ok(digest.finalize().into())
}

/// Nothing was published: take back what was put beside, unless the connection is gone.
fn give_up(remote: &mut dyn Remote, pieces: &[Piece<'_>], error: &DeliveryError) {
    if error.leaves_doubt() {
        return;
    }
    for piece in pieces {
        let _ = remote.remove(&piece.temp);
    }
}

/// Our own marker goes first and comes back last, so that nobody reads between two files.
fn make_visible(remote: &mut dyn Remote, pieces: &[Piece<'_>]) -> Result<(), DeliveryError> {
    for marker in pieces.iter().filter(|piece| piece.is_marker()) {
        if let Err(error) = remote.remove(&marker.path)
            && (error.leaves_doubt() || remote.stat(&marker.path)?.is_some())
        {
            return Err(error);
        }
    }
    pieces.iter().try_for_each(|piece| put_in_place(remote, piece))
}

/// Renames over an older file where that is one step; else the older file stands aside for a
/// moment. It is never removed first.
fn put_in_place(remote: &mut dyn Remote, piece: &Piece<'_>) -> Result<(), DeliveryError> {
    let Piece { temp, path, aside, .. } = piece;
    if remote.renames_over() {
        match remote.rename(temp, path, Rename::Over) {
            // Advertised, and then not there.
            Err(DeliveryError::Refused { .. }) if !remote.renames_over() => {}
            done => return done,
        }
    }
    let refused = match remote.rename(temp, path, Rename::Free) {
        Err(error) if !error.leaves_doubt() => error,
        done => return done,
    };
    if remote.stat(path)?.is_none() {
        return Err(refused);
    }
    unless_refused(remote.remove(aside))?;
    remote.rename(path, aside, Rename::Free)?;
    match remote.rename(temp, path, Rename::Free) {
        Ok(()) => {
            let _ = remote.remove(aside);
            Ok(())
        }
        Err(error) => {
            // After a lost answer the old file may be all there is: it stays where it is.
            if !error.leaves_doubt() {
                let _ = remote.rename(aside, path, Rename::Free);
            }
            Err(error)
        }
    }
}

fn direct(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    pieces: &[Piece<'_>],
    journal: &mut Journal<'_>,
    meter: &mut Meter<'_, '_>,
) -> Result<Receipt, DeliveryError> {
    // Once the final name is being written it is too late to find our own file changed.
    pieces.iter().try_for_each(unchanged)?;
    journal(Step::Uploading { temps: Vec::new() })?;
    journal(Step::Publishing { finals: pieces.iter().map(|p| p.path.clone()).collect() })?;
    let mut weakest = Verified::Folder;
    for piece in pieces {
        if let Err(error) = send(remote, piece, (&piece.path, Create::Over), true, meter) {
            // Refused in the middle, by a quota for example, a part of the file can be seen.
            return Err(if meter.begun {
                DeliveryError::Unknown { source: Box::new(error) }
            } else {
                in_doubt(error, journal)?
            });
        }
        // It stands there whole, as far as the server says: what fails now unsends nothing.
        let verified = verify_visible(remote, deliver, piece);
        let unknown = |error| DeliveryError::Unknown { source: Box::new(error) };
        weakest = weakest.max(verified.map_err(unknown)?);
    }
    let receipt = receipt(remote, deliver, pieces, &[], weakest);
    journal(Step::Published { how: receipt.how })?;
    Ok(receipt)
}

fn unchanged(piece: &Piece<'_>) -> Result<(), DeliveryError> {
    if piece.has_changed()? { Err(piece.changed()) } else { Ok(()) }
}

/// A file under its own name may be gone at once, which is no fault where pick-up is expected.
fn verify_visible(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    piece: &Piece<'_>,
) -> Result<Verified, DeliveryError> {
    match verify(remote, deliver, piece, &piece.path) {
        Ok((_, verified)) => Ok(verified),
        Err(error) if error.leaves_doubt() || deliver.pickup() == Pickup::Stays => Err(error),
        Err(error) => match remote.stat(&piece.path)? {
            None => Ok(Verified::Acknowledged),
            Some(_) => Err(error),
        },
    }
}

/// An error after publishing began: open, unless the server clearly said no. Temporary files stay
/// where they are: they are the proof that nothing was renamed.
fn in_doubt(
    error: DeliveryError,
    journal: &mut Journal<'_>,
) -> Result<DeliveryError, DeliveryError> {
    let visible_and_wrong = matches!(error, DeliveryError::Differs { .. });
    if error.leaves_doubt() || visible_and_wrong {
        return Ok(DeliveryError::Unknown { source: Box::new(error) });
    }
    journal(Step::NotPublished)?;
    Ok(error)
}

/// Looks once at what was published, and does nothing about it.
fn receipt(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    pieces: &[Piece<'_>],
    temps: &[TempNote],
    verified: Verified,
) -> Receipt {
    let mut how = How::Verified;
    let mut files = Vec::new();
    for (place, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_marker()) {
        let seen = remote.stat(&piece.path);
        how = how.max(match &seen {
            Ok(Some(stat)) if stat.size.is_none_or(|size| size == piece.size) => How::Verified,
            Ok(None) if deliver.pickup() == Pickup::Expected => How::PickedUp,
            _ => How::Assumed,
        });
        let noted = temps.get(place).and_then(|note| note.mtime);
        let mtime = seen.ok().flatten().and_then(|stat| stat.mtime).or(noted);
        files.push(left(piece, mtime));
    }
    Receipt { how, verified, bytes: files.iter().map(|f| f.size).sum(), files }
}

pub(super) fn left(piece: &Piece<'_>, mtime: Option<i64>) -> Left {
    Left { name: piece.name.clone(), size: piece.size, mtime, sha256: hex(&piece.sha256) }
}

/// Removes what interrupted deliveries of this installation have left. The age is taken from the
/// file that was just written, so only the receiver's clock counts. Never a reason to fail.
fn sweep(remote: &mut dyn Remote, deliver: &Deliver, tag: &Tag, temps: &[TempNote]) {
    let Some(now) = temps.iter().filter_map(|note| note.mtime).max() else { return };
    let folder = deliver.temp_folder();
    let Ok(entries) = remote.list(&folder) else { return };
    for entry in entries {
        let old = entry.stat.mtime.is_some_and(|mtime| mtime < now - STALE);
        if old && tag.left_behind(&entry.name) {
            let _ = remote.remove(&super::pieces::join(&folder, &entry.name));
        }
    }
}

/// Drops a plain refusal, and keeps an error of the connection.
fn unless_refused(removed: Result<bool, DeliveryError>) -> Result<(), DeliveryError> {
    match removed {
        Err(error) if error.leaves_doubt() => Err(error),
        _ => Ok(()),
    }
}
