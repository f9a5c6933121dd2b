//! A finished file in the state directory, ready to be sent.

use std::path::PathBuf;

/// A finished file: bytes that were hashed as they were written and read back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// The file's name at the receiver.
    pub name: String,
    /// Where the bytes lie.
    pub path: PathBuf,
    /// How many bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}
