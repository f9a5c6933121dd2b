//! An SFTP server with its packets written by hand: binary handles, statuses without words and
//! with unknown codes, short reads, and on demand silence or nonsense.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is to stop")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rostergate::delivery::Fingerprint;
use russh::keys::{Algorithm, HashAlg, PrivateKey, key::safe_rng};
use russh::server::{self, Auth, ChannelOpenHandle, Msg};
use russh::{Channel, ChannelId, ChannelStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The files, by path.
pub(crate) type Files = Arc<Mutex<HashMap<Vec<u8>, Vec<u8>>>>;

/// What goes wrong, at requests of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Odd {
    /// Nothing does.
    Nothing,
    /// No answer comes.
    Silent(u8),
    /// The answer claims to be a gigabyte long.
    Huge(u8),
    /// The answer is to another request.
    Stray(u8),
    /// The answer is a status that no version of the protocol knows.
    Status(u8, u32),
    /// The connection is dropped instead of an answer.
    Drop(u8),
    /// The receiver takes every file as soon as it is closed, whatever it is called.
    Takes,
    /// The subsystem is refused.
    NoSftp,
}

/// A running server; it ends with the test.
pub(crate) struct OddServer {
    pub(crate) port: u16,
    pub(crate) host_key: Fingerprint,
    pub(crate) files: Files,
    _runtime: tokio::runtime::Runtime,
}

impl OddServer {
    pub(crate) fn start(odd: Odd) -> OddServer {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
        let host_key = key.fingerprint(HashAlg::Sha256).to_string().parse().unwrap();
        let config = server::Config { keys: vec![key], ..server::Config::default() };
        let config = Arc::new(config);
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let files = Files::default();
        let session = Session { odd, files: files.clone(), channels: HashMap::new() };
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let session = Session { channels: HashMap::new(), ..session.clone() };
                let config = config.clone();
                tokio::spawn(async move {
                    if let Ok(running) = server::run_stream(config, socket, session).await {
                        let _ = running.await;
                    }
                });
            }
        });
        OddServer { port, host_key, files, _runtime: runtime }
    }
}

struct Session {
    odd: Odd,
    files: Files,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Clone for Session {
    fn clone(&self) -> Session {
        Session { odd: self.odd, files: self.files.clone(), channels: HashMap::new() }
    }
}

impl server::Handler for Session {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, _: &str) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut server::Session,
    ) -> Result<(), russh::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        _: &str,
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        if self.odd == Odd::NoSftp {
            return session.channel_failure(id);
        }
        session.channel_success(id)?;
        let stream = self.channels.remove(&id).unwrap().into_stream();
        tokio::spawn(talk(stream, self.odd, self.files.clone()));
        Ok(())
    }
}

async fn talk(mut stream: ChannelStream<Msg>, odd: Odd, files: Files) {
    let mut open: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    while let Ok(length) = stream.read_u32().await {
        let mut packet = vec![0; length as usize];
        if stream.read_exact(&mut packet).await.is_err() {
            return;
        }
        let kind = packet[0];
        let mut answer = respond(&packet, &mut open, &files);
        match odd {
            Odd::Silent(at) if at == kind => continue,
            Odd::Drop(at) if at == kind => return,
            Odd::Takes if kind == 4 => files.lock().unwrap().clear(),
            Odd::Stray(at) if at == kind => answer[1..5].copy_from_slice(&[9, 9, 9, 9]),
            Odd::Status(at, code) if at == kind => answer = status(&packet[1..5], code),
            Odd::Huge(at) if at == kind => {
                let _ = stream.write_all(&[0x40, 0, 0, 0, 101]).await;
                continue;
            }
            _ => {}
        }
        let length = u32::try_from(answer.len()).unwrap().to_be_bytes();
        if stream.write_all(&[&length[..], &answer].concat()).await.is_err() {
            return;
        }
    }
}

fn status(id: &[u8], code: u32) -> Vec<u8> {
    // Neither words nor a language, as version 2 had it.
    [&[101][..], id, &code.to_be_bytes()].concat()
}

fn respond(packet: &[u8], open: &mut HashMap<Vec<u8>, Vec<u8>>, files: &Files) -> Vec<u8> {
    let (kind, id, mut rest) = (packet[0], &packet[1..5], packet.get(5..).unwrap_or_default());
    let mut files = files.lock().unwrap();
    let (ok, no_file) = (|| status(id, 0), || status(id, 2));
    let attrs = |size: usize| {
        let size = (size as u64).to_be_bytes();
        [&[105][..], id, &[0, 0, 0, 9], &size[..], &[0; 4], &[0, 0, 0x10, 0]].concat()
    };
    match kind {
        1 => vec![2, 0, 0, 0, 3],
        3 => {
            let path = text(&mut rest);
            if rest[3] & 2 == 0 && !files.contains_key(&path) {
                return no_file();
            }
            files.entry(path.clone()).or_default();
            // No text in any encoding.
            let handle = vec![0xff, 0x80, 0, u8::try_from(open.len()).unwrap()];
            open.insert(handle.clone(), path);
            [&[102][..], id, &[0, 0, 0, 4], &handle].concat()
        }
        4 => ok(),
        5 => {
            let path = &open[&text(&mut rest)];
            let content = &files[path];
            let from = usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap();
            let to = content.len().min(from + 1000);
            match content.get(from..to).filter(|part| !part.is_empty()) {
                None => status(id, 1),
                Some(part) => {
                    let length = u32::try_from(part.len()).unwrap().to_be_bytes();
                    [&[103][..], id, &length, part].concat()
                }
            }
        }
        6 => {
            let path = &open[&text(&mut rest)];
            let at = usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap();
            let (content, part) = (files.get_mut(path).unwrap(), &rest[12..]);
            content.resize(content.len().max(at + part.len()), 0);
            content[at..at + part.len()].copy_from_slice(part);
            ok()
        }
        8 => attrs(files[&open[&text(&mut rest)]].len()),
        13 => files.remove(&text(&mut rest)).map_or_else(no_file, |_| ok()),
        17 => files.get(&text(&mut rest)).map_or_else(no_file, |content| attrs(content.len())),
        18 => {
            let (from, to) = (text(&mut rest), text(&mut rest));
            if files.contains_key(&to) {
                return status(id, 11);
            }
            match files.remove(&from) {
                None => no_file(),
                Some(content) => {
                    files.insert(to, content);
                    ok()
                }
            }
        }
        _ => status(id, 8),
    }
}

fn text(rest: &mut &[u8]) -> Vec<u8> {
    let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
    let text = rest[4..4 + length].to_vec();
    *rest = &rest[4 + length..];
    text
}
