//! The configuration: any text is a whole configuration, or refused with places that are there.

use std::path::Path;

use rostergate::config::{self, ConfigError};

/// Any text is a configuration that can be used, or faults that can be told.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match config::parse(text, Path::new("rostergate.toml")) {
        Ok(loaded) => {
            for target in loaded.config.target.keys() {
                assert_eq!(loaded.digest(target).len(), 64);
            }
        }
        Err(ConfigError::Faulty { faults, .. }) => {
            assert!(!faults.is_empty(), "refused without a word");
            let lines = text.lines().count().max(1);
            for fault in &faults {
                assert!(fault.line <= lines + 1, "a line that is not there");
                assert!(!fault.what.sv.is_empty() && !fault.what.en.is_empty());
            }
            assert!(faults.is_sorted_by_key(|fault| fault.line));
        }
        Err(error) => panic!("nothing is read from a disk here: {error}"),
    }
}
