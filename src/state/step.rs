//! The steps of a delivery that are written down before or after they are taken.

/// A step of a delivery.
///
/// `Uploading` and `Publishing` are intents, noted before anything leaves; the others are
/// outcomes. After a crash the last one noted says what may have happened:
///
/// | last noted | at the receiver |
/// |---|---|
/// | (cleared) | nothing |
/// | `Uploading` | perhaps temporary files |
/// | `Uploaded` | whole temporary files, checked |
/// | `Publishing` | unknown: look there |
/// | `Published` | the new files; only the record is missing |
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Temporary files are about to be written.
    Uploading {
        /// Their names, in the documents' order.
        temps: Vec<String>,
    },
    /// The temporary files are whole, and checked.
    Uploaded {
        /// Their times at the receiver, in seconds since 1970, in the documents' order.
        temp_mtimes: Vec<Option<i64>>,
    },
    /// The final names are about to change.
    Publishing,
    /// The final names have changed.
    Published,
}
