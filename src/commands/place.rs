//! Where a path leads, however it is written.

use std::path::{Component, Path, PathBuf};

/// The place that a path leads to, also where the end of it is not there yet.
pub(super) fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut real = PathBuf::new();
    for part in whole.components() {
        match part {
            // Links are followed before it: `..` behind one leads elsewhere than it looks.
            Component::ParentDir => drop(real.pop()),
            Component::CurDir => {}
            part => real.push(part),
        }
        if let Ok(there) = real.canonicalize() {
            real = there;
        }
    }
    real
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_leads_to_one_place_however_it_is_written() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/inner")).unwrap();
        symlink(root.join("a/inner"), root.join("link")).unwrap();
        for (written, expected) in [
            ("a", "a"),
            ("a/../a/", "a"),
            ("./new/../other", "other"),
            ("link/x", "a/inner/x"),
            ("link/../x", "a/x"),
            ("new/deep", "new/deep"),
        ] {
            assert_eq!(real(&root.join(written)), root.join(expected), "{written}");
        }
    }
}
