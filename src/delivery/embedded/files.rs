//! SFTP requests, answered from a folder.
//!
//! The files are the receiver's, not the state directory's: here the embedded server plays the
//! receiver, and so it writes them itself.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::Arc;

use russh_sftp::protocol::{
    Attrs, Data, ExtendedReply, File as Named, FileAttributes, Handle, Name, OpenFlags, Packet,
    Status, StatusCode, Version,
};
use russh_sftp::server::{Handler, StatusReply};
use rustix::fs::OFlags;

use super::EmbeddedOptions;
use super::rooted::Rooted;

type Answer<T> = Result<T, StatusReply>;

/// What a handle stands for.
enum Open {
    File(File),
    /// Names that have not been told yet.
    Folder(Vec<Named>),
}

/// One SFTP conversation.
pub(super) struct Files {
    root: Rooted,
    options: Arc<EmbeddedOptions>,
    open: HashMap<String, Open>,
    next: u64,
}

impl Files {
    pub(super) fn new(root: Rooted, options: Arc<EmbeddedOptions>) -> Files {
        Files { root, options, open: HashMap::new(), next: 0 }
    }

    fn keep(&mut self, id: u32, open: Open) -> Handle {
        self.next += 1;
        let handle = self.next.to_string();
        self.open.insert(handle.clone(), open);
        Handle { id, handle }
    }

    fn file(&self, handle: &str) -> Answer<&File> {
        match self.open.get(handle) {
            Some(Open::File(file)) => Ok(file),
            _ => Err(StatusCode::Failure.with_message("no such handle")),
        }
    }

    fn stat_of(&self, id: u32, path: &str) -> Answer<Attrs> {
        let about = self.root.place(path).and_then(fs::symlink_metadata).map_err(refusal)?;
        Ok(Attrs { id, attrs: FileAttributes::from(&about) })
    }

    fn posix_rename(&self, texts: &[String]) -> io::Result<()> {
        let [from, to] = texts else { return Err(io::ErrorKind::InvalidInput.into()) };
        fs::rename(self.root.place(from)?, self.root.place(to)?)
    }

    /// Free bytes as `statvfs` tells them: eleven numbers, of which two matter here.
    fn free(&self) -> Vec<u8> {
        let free =
            self.options.quota.map_or(1 << 40, |quota| quota.saturating_sub(self.root.used()));
        let numbers = [1, 1, 1 << 40, free, free, 1000, 1000, 1000, 0, 0, 255];
        numbers.iter().flat_map(|number: &u64| number.to_be_bytes()).collect()
    }
}

impl Handler for Files {
    type Error = StatusReply;

    fn unimplemented(&self) -> StatusReply {
        StatusCode::OpUnsupported.into()
    }

    async fn init(&mut self, _version: u32, _: HashMap<String, String>) -> Answer<Version> {
        let mut version = Version::new();
        if self.options.extensions {
            for (name, revision) in [("posix-rename", "1"), ("fsync", "1"), ("statvfs", "2")] {
                version.extensions.insert(format!("{name}@openssh.com"), revision.to_owned());
            }
        }
        Ok(version)
    }

    async fn open(
        &mut self,
        id: u32,
        path: String,
        flags: OpenFlags,
        _attrs: FileAttributes,
    ) -> Answer<Handle> {
        let place = self.root.place(&path).map_err(refusal)?;
        let mut options = OpenOptions::from(flags);
        let no_link = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let file = options.mode(0o640).custom_flags(no_link).open(place).map_err(refusal)?;
        Ok(self.keep(id, Open::File(file)))
    }

    async fn close(&mut self, id: u32, handle: String) -> Answer<Status> {
        match self.open.remove(&handle) {
            Some(_) => Ok(done(id)),
            None => Err(StatusCode::Failure.with_message("no such handle")),
        }
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> Answer<Data> {
        let mut data = vec![0; len.min(256 * 1024) as usize];
        let count = self.file(&handle)?.read_at(&mut data, offset).map_err(refusal)?;
        data.truncate(count);
        if count == 0 { Err(StatusCode::Eof.into()) } else { Ok(Data { id, data }) }
    }

    async fn write(
        &mut self,
        id: u32,
        handle: String,
        offset: u64,
        data: Vec<u8>,
    ) -> Answer<Status> {
        if self.options.quota.is_some_and(|quota| self.root.used() + data.len() as u64 > quota) {
            return Err(StatusCode::Failure.into());
        }
        self.file(&handle)?.write_all_at(&data, offset).map_err(refusal)?;
        Ok(done(id))
    }

    async fn lstat(&mut self, id: u32, path: String) -> Answer<Attrs> {
        self.stat_of(id, &path)
    }

    async fn stat(&mut self, id: u32, path: String) -> Answer<Attrs> {
        self.stat_of(id, &path)
    }

    async fn fstat(&mut self, id: u32, handle: String) -> Answer<Attrs> {
        let about = self.file(&handle)?.metadata().map_err(refusal)?;
        Ok(Attrs { id, attrs: FileAttributes::from(&about) })
    }

    async fn opendir(&mut self, id: u32, path: String) -> Answer<Handle> {
        let place = self.root.place(&path).map_err(refusal)?;
        if fs::symlink_metadata(&place).map_err(refusal)?.is_symlink() {
            return Err(StatusCode::PermissionDenied.into());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(place).map_err(refusal)?.flatten() {
            let Ok(about) = entry.metadata() else { continue };
            let name = entry.file_name().to_string_lossy().into_owned();
            names.push(Named::new(name, FileAttributes::from(&about)));
        }
        Ok(self.keep(id, Open::Folder(names)))
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Answer<Name> {
        match self.open.get_mut(&handle) {
            Some(Open::Folder(names)) if names.is_empty() => Err(StatusCode::Eof.into()),
            Some(Open::Folder(names)) => {
                let rest = names.split_off(names.len().min(100));
                Ok(Name { id, files: std::mem::replace(names, rest) })
            }
            _ => Err(StatusCode::Failure.with_message("no such handle")),
        }
    }

    async fn remove(&mut self, id: u32, path: String) -> Answer<Status> {
        self.root.place(&path).and_then(fs::remove_file).map_err(refusal)?;
        Ok(done(id))
    }

    async fn mkdir(&mut self, id: u32, path: String, _attrs: FileAttributes) -> Answer<Status> {
        self.root.place(&path).and_then(fs::create_dir).map_err(refusal)?;
        Ok(done(id))
    }

    async fn realpath(&mut self, id: u32, path: String) -> Answer<Name> {
        Ok(Name { id, files: vec![Named::dummy(self.root.shown(&path))] })
    }

    /// As in version 3: not over a file that is there.
    async fn rename(&mut self, id: u32, from: String, to: String) -> Answer<Status> {
        let (from, to) = (self.root.place(&from), self.root.place(&to));
        let (from, to) = (from.map_err(refusal)?, to.map_err(refusal)?);
        fs::hard_link(&from, &to).and_then(|()| fs::remove_file(&from)).map_err(refusal)?;
        Ok(done(id))
    }

    async fn extended(&mut self, id: u32, request: String, data: Vec<u8>) -> Answer<Packet> {
        let texts = texts(&data);
        match request.as_str() {
            _ if !self.options.extensions => Err(StatusCode::OpUnsupported.into()),
            "posix-rename@openssh.com" => {
                self.posix_rename(&texts).map_err(refusal)?;
                Ok(Packet::Status(done(id)))
            }
            "fsync@openssh.com" => {
                let handle = texts.first().map_or("", String::as_str);
                self.file(handle)?.sync_all().map_err(refusal)?;
                Ok(Packet::Status(done(id)))
            }
            "statvfs@openssh.com" => {
                Ok(Packet::ExtendedReply(ExtendedReply { id, data: self.free() }))
            }
            _ => Err(StatusCode::OpUnsupported.into()),
        }
    }
}

/// The strings of an extension's request.
fn texts(mut data: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((text, rest)) = rest.split_at_checked(length) else { break };
        texts.push(String::from_utf8_lossy(text).into_owned());
        data = rest;
    }
    texts
}

fn done(id: u32) -> Status {
    let (error_message, language_tag) = ("Ok".to_owned(), "en".to_owned());
    Status { id, status_code: StatusCode::Ok, error_message, language_tag }
}

/// As OpenSSH does it: two kinds are told, everything else is a failure.
#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn refusal(error: io::Error) -> StatusReply {
    match error.kind() {
        io::ErrorKind::NotFound => StatusCode::NoSuchFile.into(),
        io::ErrorKind::PermissionDenied => StatusCode::PermissionDenied.into(),
        _ => StatusCode::Failure.into(),
    }
}
