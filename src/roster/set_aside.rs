//! Rows that could not be used.

use super::words::Kind;

/// A row that could not be used although its keys could be read: nobody is removed for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SetAside {
    /// What the row is about.
    pub kind: Kind,
    /// Key of the school, person or group; of a link, the person's.
    pub key: String,
    /// Of a membership the group's key, of a relation the pupil's; else empty.
    pub other: String,
}

impl std::fmt::Debug for SetAside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SetAside({}, •••)", self.kind)
    }
}
