//! The place where files are put: a server's folder or one of ours, and in tests one that breaks.

use std::io::{self, Read};

use super::error::DeliveryError;

/// What is known of a file at the receiver. A server may leave out either.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stat {
    /// Bytes.
    pub size: Option<u64>,
    /// Last change, in seconds since 1970 by the receiver's clock.
    pub mtime: Option<i64>,
}

/// One entry of a folder at the receiver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name. Bytes that are no text are replaced, and such a name matches none of ours.
    pub name: String,
    /// What the listing says of it.
    pub stat: Stat,
}

/// What writing may do with a file that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Create {
    /// Refuse: the name is ours alone.
    New,
    /// Write over it.
    Over,
}

/// What renaming may do with a file that has the new name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rename {
    /// Take its place in one step.
    Over,
    /// Refuse.
    Free,
}

/// A folder at a receiver. Paths are whole paths, as the receiver writes them.
pub trait Remote {
    /// Writes all `size` bytes of `source` to `path`, has them put on disk where that is possible,
    /// and closes the file. `sent` hears how many bytes have been acknowledged so far.
    ///
    /// # Errors
    /// When the file cannot be made or written whole; what was written so far is left there.
    fn write(
        &mut self,
        path: &str,
        create: Create,
        source: &mut dyn Read,
        size: u64,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), DeliveryError>;

    /// What is known of a file; `None` when there is none.
    ///
    /// # Errors
    /// When the receiver does not say.
    fn stat(&mut self, path: &str) -> Result<Option<Stat>, DeliveryError>;

    /// Hands the file's bytes, in order, to `take`, and returns how many there were. Stops after
    /// `limit` bytes.
    ///
    /// # Errors
    /// When the file is not there or cannot be read to its end.
    fn read(
        &mut self,
        path: &str,
        limit: u64,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<u64, DeliveryError>;

    /// Gives a file another name, in one step.
    ///
    /// # Errors
    /// When it is refused, or when the answer was lost and it may have happened.
    fn rename(&mut self, from: &str, to: &str, rename: Rename) -> Result<(), DeliveryError>;

    /// Removes a file and says whether it was there.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    fn remove(&mut self, path: &str) -> Result<bool, DeliveryError>;

    /// The entries of a folder.
    ///
    /// # Errors
    /// When the folder is not there or may not be listed.
    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, DeliveryError>;

    /// Whether [`Rename::Over`] can be had here.
    fn renames_over(&self) -> bool;
}

/// A source that could not be read. The caller, who knows where it lies, puts in the path.
pub(crate) fn unreadable(path: &str, source: io::Error) -> DeliveryError {
    DeliveryError::Local { path: path.into(), source }
}
