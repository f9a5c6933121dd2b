//! Paths as a client writes them, kept inside one folder.

use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder that nothing leads out of: not `..`, not an absolute path, not a link.
#[derive(Clone, Debug)]
pub(super) struct Rooted(PathBuf);

impl Rooted {
    pub(super) fn new(root: &Path) -> io::Result<Rooted> {
        root.canonicalize().map(Rooted)
    }

    /// The real place of a path. Its last part may be a link, and is not to be followed.
    pub(super) fn place(&self, path: &str) -> io::Result<PathBuf> {
        let mut place = self.0.clone();
        let plain = self.plain(path);
        let Some(name) = plain.file_name() else { return Ok(place) };
        place.push(plain.parent().unwrap_or(Path::new("")));
        let folder = place.canonicalize()?;
        if !folder.starts_with(&self.0) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(folder.join(name))
    }

    /// The path as the client may see it.
    pub(super) fn shown(&self, path: &str) -> String {
        format!("/{}", self.plain(path).display())
    }

    /// The path without `.` and `..`, relative to the root.
    #[expect(clippy::unused_self, reason = "a path means something only under this root")]
    fn plain(&self, path: &str) -> PathBuf {
        let mut plain = PathBuf::new();
        for part in Path::new(path).components() {
            match part {
                Component::Normal(name) => plain.push(name),
                Component::ParentDir => _ = plain.pop(),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        plain
    }

    /// Bytes in the files under the root, one level of folders deep.
    pub(super) fn used(&self) -> u64 {
        let files = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
        files(&self.0)
            .flat_map(|entry| files(&entry.path()).chain([entry]).collect::<Vec<_>>())
            .filter_map(|entry| entry.metadata().ok())
            .filter(std::fs::Metadata::is_file)
            .map(|about| about.len())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out() {
        let outside = tempfile::tempdir().unwrap();
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
        let rooted = Rooted::new(root.path()).unwrap();
        let real = root.path().canonicalize().unwrap();
        for path in ["../../etc/passwd", "/etc/passwd", "a/../../../etc/passwd"] {
            assert!(rooted.place(path).is_err() || rooted.place(path).unwrap().starts_with(&real));
        }
        assert_eq!(rooted.place("/x").unwrap(), real.join("x"));
        assert_eq!(rooted.place("..").unwrap(), real);
        assert!(rooted.place("link/x").is_err());
        assert_eq!(rooted.shown("/a/./b/../c"), "/a/c");
    }
}
