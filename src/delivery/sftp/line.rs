//! The operations of a delivery, each as the requests of SFTP that make it up.

use std::io::Read;

use super::client::Client;
use super::packet::{self, Answer, Attrs, Request, flag, kind, status};
use super::transfer::{self, CHUNK, Stop};
use super::watch::Watch;
use crate::delivery::error::{DeliveryError, printable};
use crate::delivery::remote::{Create, Entry, Rename, Stat};

const POSIX_RENAME: &str = "posix-rename@openssh.com";
const FSYNC: &str = "fsync@openssh.com";
const STATVFS: &str = "statvfs@openssh.com";
const LIMITS: &str = "limits@openssh.com";

/// More names than this in a folder are not looked at, …
const MOST_NAMES: usize = 100_000;
/// … nor more bytes of names: one may be as long as an answer.
const MOST_LISTED: usize = 16 << 20;

/// The conversation, and what watches it.
pub(super) struct Line {
    client: Client,
    watch: Watch,
    write_chunk: usize,
    read_chunk: usize,
    posix_rename: bool,
}

impl Line {
    pub(super) async fn new(client: Client, watch: Watch) -> Result<Line, DeliveryError> {
        let posix_rename = client.offers(POSIX_RENAME);
        let mut line = Line { client, watch, write_chunk: CHUNK, read_chunk: CHUNK, posix_rename };
        line.learn_limits().await?;
        Ok(line)
    }

    pub(super) fn extensions(&self) -> &[String] {
        &self.client.extensions
    }

    pub(super) fn renames_over(&self) -> bool {
        self.posix_rename
    }

    /// Servers may hang up on packets that are larger than they say.
    async fn learn_limits(&mut self) -> Result<(), DeliveryError> {
        if !self.client.offers(LIMITS) {
            return Ok(());
        }
        let request = self.client.extended(LIMITS);
        let asked = self.client.ask("limits", request);
        if let Answer::Extended(bytes) = self.watch.answer("limits", asked).await? {
            let limits = packet::longs(&bytes);
            let within = |limit: Option<&u64>| match limit {
                Some(&most) if most > 0 => CHUNK.min(usize::try_from(most).unwrap_or(CHUNK)),
                _ => CHUNK,
            };
            (self.read_chunk, self.write_chunk) = (within(limits.get(1)), within(limits.get(2)));
        }
        Ok(())
    }

    async fn ask(&self, doing: &'static str, request: Request) -> Result<Answer, DeliveryError> {
        self.watch.answer(doing, self.client.ask(doing, request)).await
    }

    /// A request whose answer is a status and nothing else.
    async fn done(
        &self,
        doing: &'static str,
        path: &str,
        request: Request,
    ) -> Result<(), DeliveryError> {
        let answer = self.watch.disk(doing, self.client.ask(doing, request)).await?;
        match answer {
            Answer::Status { code: status::OK, .. } => Ok(()),
            Answer::Status { code, text } => Err(refusal(doing, path, code, &text)),
            _ => Err(self.client.fault(&format!("{doing}: an answer of the wrong kind"))),
        }
    }

    async fn open(&mut self, path: &str, flags: u32) -> Result<Vec<u8>, DeliveryError> {
        let doing = if flags & flag::WRITE == 0 { "open" } else { "create" };
        let request = self.client.request(kind::OPEN).text(path.as_bytes()).int(flags).int(0);
        self.handle_of(doing, path, request).await
    }

    async fn handle_of(
        &self,
        doing: &'static str,
        path: &str,
        request: Request,
    ) -> Result<Vec<u8>, DeliveryError> {
        match self.ask(doing, request).await? {
            Answer::Handle(handle) => Ok(handle),
            Answer::Status { code, text } => Err(refusal(doing, path, code, &text)),
            _ => Err(self.client.fault(&format!("{doing}: an answer of the wrong kind"))),
        }
    }

    async fn close(&mut self, path: &str, handle: &[u8]) -> Result<(), DeliveryError> {
        let request = self.client.request(kind::CLOSE).text(handle);
        self.done("close", path, request).await
    }

    pub(super) async fn write(
        &mut self,
        path: &str,
        create: Create,
        source: &mut dyn Read,
        size: u64,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), DeliveryError> {
        let how = if create == Create::New { flag::EXCLUSIVE } else { flag::TRUNCATE };
        let opened = self.open(path, flag::WRITE | flag::CREATE | how).await;
        let handle = match opened {
            Ok(handle) => handle,
            Err(error) => return Err(self.or_full(path, size, error).await),
        };
        match self.fill(path, &handle, source, size, sent).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.or_full(path, size, error).await),
        }
    }

    async fn fill(
        &mut self,
        path: &str,
        handle: &[u8],
        source: &mut dyn Read,
        size: u64,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), DeliveryError> {
        let chunk = self.write_chunk;
        let sending =
            transfer::upload(&mut self.client, &mut self.watch, handle, chunk, source, size, sent);
        match sending.await {
            Ok(()) => {}
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Status(code, text)) => {
                // The file is given up; its handle is still given back.
                let _ = self.close(path, handle).await;
                return Err(refusal("write", path, code, &text));
            }
        }
        if self.client.offers(FSYNC) {
            let request = self.client.extended(FSYNC).text(handle);
            self.done("sync", path, request).await?;
        }
        let size_now = self.fstat(handle).await?;
        // Some servers tell of a full disk only here.
        self.close(path, handle).await?;
        match size_now {
            Some(now) if now != size => {
                Err(DeliveryError::Differs { path: path.to_owned(), fault: "the size differs" })
            }
            _ => Ok(()),
        }
    }

    /// The size by the open file; servers that cannot say are asked by name later.
    async fn fstat(&mut self, handle: &[u8]) -> Result<Option<u64>, DeliveryError> {
        let request = self.client.request(kind::FSTAT).text(handle);
        match self.ask("stat", request).await? {
            Answer::Attrs(attrs) => Ok(attrs.size),
            _ => Ok(None),
        }
    }

    pub(super) async fn stat(&mut self, path: &str) -> Result<Option<Stat>, DeliveryError> {
        let request = self.client.request(kind::STAT).text(path.as_bytes());
        match self.ask("stat", request).await? {
            Answer::Attrs(attrs) => Ok(Some(stat_of(&attrs))),
            Answer::Status { code: status::NO_SUCH_FILE | status::NO_SUCH_PATH, .. } => Ok(None),
            Answer::Status { code, text } => Err(refusal("stat", path, code, &text)),
            _ => Err(self.client.fault("stat: an answer of the wrong kind")),
        }
    }

    pub(super) async fn read(
        &mut self,
        path: &str,
        limit: u64,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<u64, DeliveryError> {
        let handle = self.open(path, flag::READ).await?;
        let chunk = self.read_chunk;
        let reading =
            transfer::download(&mut self.client, &mut self.watch, &handle, chunk, limit, take);
        match reading.await {
            Ok(count) => self.close(path, &handle).await.map(|()| count),
            Err(Stop::Error(error)) => Err(error),
            Err(Stop::Status(code, text)) => {
                let _ = self.close(path, &handle).await;
                Err(refusal("read", path, code, &text))
            }
        }
    }

    pub(super) async fn rename(
        &mut self,
        from: &str,
        to: &str,
        how: Rename,
    ) -> Result<(), DeliveryError> {
        let request = match how {
            Rename::Over => self.client.extended(POSIX_RENAME),
            Rename::Free => self.client.request(kind::RENAME),
        };
        let request = request.text(from.as_bytes()).text(to.as_bytes());
        let done = self.done("rename", to, request).await;
        if matches!(done, Err(DeliveryError::Refused { status: status::OP_UNSUPPORTED, .. })) {
            // Advertised and not there: the caller goes the longer way.
            self.posix_rename = false;
        }
        done
    }

    pub(super) async fn remove(&mut self, path: &str) -> Result<bool, DeliveryError> {
        let request = self.client.request(kind::REMOVE).text(path.as_bytes());
        match self.done("remove", path, request).await {
            Ok(()) => Ok(true),
            Err(DeliveryError::Absent { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn list(&mut self, folder: &str) -> Result<Vec<Entry>, DeliveryError> {
        let request = self.client.request(kind::OPENDIR).text(folder.as_bytes());
        let handle = self.handle_of("list", folder, request).await?;
        let (mut entries, mut listed) = (Vec::new(), 0);
        while entries.len() < MOST_NAMES && listed < MOST_LISTED {
            let request = self.client.request(kind::READDIR).text(&handle);
            let names = match self.ask("list", request).await? {
                Answer::Names(names) if !names.is_empty() => names,
                Answer::Names(_) | Answer::Status { code: status::EOF, .. } => break,
                Answer::Status { code, text } => return Err(refusal("list", folder, code, &text)),
                _ => return Err(self.client.fault("list: an answer of the wrong kind")),
            };
            listed += names.iter().map(|(name, _)| name.len()).sum::<usize>();
            entries.extend(names.iter().map(|(name, attrs)| Entry {
                name: String::from_utf8_lossy(name).into_owned(),
                stat: stat_of(attrs),
            }));
        }
        self.close(folder, &handle).await?;
        Ok(entries)
    }

    /// OpenSSH says no more than "Failure" when the disk is full: ask how much room there is.
    async fn or_full(&mut self, path: &str, size: u64, error: DeliveryError) -> DeliveryError {
        let DeliveryError::Refused { text, .. } = &error else { return error };
        let said = text.to_lowercase();
        let said = ["quota", "space", "disk full"].iter().any(|word| said.contains(word));
        match self.free(path).await {
            Some(free) if free < size || said => {
                DeliveryError::Full { path: path.to_owned(), free }
            }
            None if said => DeliveryError::Full { path: path.to_owned(), free: 0 },
            _ => error,
        }
    }

    async fn free(&mut self, path: &str) -> Option<u64> {
        if !self.client.offers(STATVFS) {
            return None;
        }
        let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let folder = if folder.is_empty() { "/" } else { folder };
        let request = self.client.extended(STATVFS).text(folder.as_bytes());
        let Ok(Answer::Extended(bytes)) = self.ask("free space", request).await else {
            return None;
        };
        let numbers = packet::longs(&bytes);
        Some(numbers.get(1)?.saturating_mul(*numbers.get(4)?))
    }
}

fn stat_of(attrs: &Attrs) -> Stat {
    Stat { size: attrs.size, mtime: attrs.mtime.map(i64::from) }
}

fn refusal(action: &'static str, path: &str, code: u32, text: &[u8]) -> DeliveryError {
    let path = path.to_owned();
    match code {
        status::NO_SUCH_FILE | status::NO_SUCH_PATH => DeliveryError::Absent { action, path },
        status::PERMISSION_DENIED | status::WRITE_PROTECT => DeliveryError::Denied { action, path },
        status::NO_SPACE | status::QUOTA_EXCEEDED => DeliveryError::Full { path, free: 0 },
        _ => DeliveryError::Refused { action, path, status: code, text: printable(text) },
    }
}
