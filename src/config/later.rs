//! Keys that belong to features this version does not have: refused by name, never ignored.

use super::document::{Document, Path};

/// Where such a key may stand; `*` is any name.
const KEYS: &[&str] = &["retention.reports"];

/// Every key of a feature that is not built yet.
pub(super) fn keys(document: &Document<'_>) -> Vec<Path> {
    KEYS.iter().flat_map(|pattern| document.matching(pattern)).collect()
}
