//! An SFTP server with its packets written by hand: binary handles, statuses without words and
//! with unknown codes, short reads, and on demand silence or nonsense.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is to stop")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// The receiver takes a file with the rename.
    TakesRenamed,
    /// There is room for so many bytes; then every write fails.
    Room(usize),
    /// One byte of what is written is another one.
    Flips,
    /// Files are said to be a byte longer than they are.
    Longer,
    /// Files may be written, and neither looked at nor read.
    WriteOnly,
    /// At request number so, counted from [`OddServer::play`]: what happens.
    At(usize, Then),
    /// The subsystem is refused.
    NoSftp,
}

/// What happens at one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Then {
    /// It is not done, and not answered.
    Silent,
    /// It is not done, and the connection ends.
    Drop,
    /// It is done, and the connection ends.
    DoneAndDrop,
    /// It is not done, and refused for no reason.
    Failure,
}

/// What a session shares with the server.
struct Shared {
    odd: Mutex<Odd>,
    count: AtomicUsize,
    files: Files,
    /// Every content that a visible file has had.
    seen: Mutex<Vec<Option<Vec<u8>>>>,
}

/// A running server; it ends with the test.
pub(crate) struct OddServer {
    pub(crate) port: u16,
    pub(crate) host_key: Fingerprint,
    pub(crate) files: Files,
    shared: Arc<Shared>,
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
        let shared = Arc::new(Shared {
            odd: Mutex::new(odd),
            count: AtomicUsize::new(0),
            files: files.clone(),
            seen: Mutex::default(),
        });
        let session = Session { shared: shared.clone(), channels: HashMap::new() };
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
        OddServer { port, host_key, files, shared, _runtime: runtime }
    }

    /// From now on this goes wrong; requests are counted, and what can be seen is noted, anew.
    pub(crate) fn play(&self, odd: Odd) {
        *self.shared.odd.lock().unwrap() = odd;
        self.shared.count.store(0, Ordering::Release);
        self.shared.seen.lock().unwrap().clear();
    }

    /// How many requests there were.
    pub(crate) fn requests(&self) -> usize {
        self.shared.count.load(Ordering::Acquire)
    }

    /// Every content that `/in/ims.xml` has had, in order; none while it was away.
    pub(crate) fn seen(&self) -> Vec<Option<Vec<u8>>> {
        self.shared.seen.lock().unwrap().clone()
    }
}

struct Session {
    shared: Arc<Shared>,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Clone for Session {
    fn clone(&self) -> Session {
        Session { shared: self.shared.clone(), channels: HashMap::new() }
    }
}

impl server::Handler for Session {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, _: &str) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }

    async fn auth_publickey(
        &mut self,
        _: &str,
        _: server::VerifiedPublicKey<'_>,
    ) -> Result<Auth, russh::Error> {
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
        if *self.shared.odd.lock().unwrap() == Odd::NoSftp {
            return session.channel_failure(id);
        }
        session.channel_success(id)?;
        let stream = self.channels.remove(&id).unwrap().into_stream();
        tokio::spawn(talk(stream, self.shared.clone()));
        Ok(())
    }
}

async fn talk(mut stream: ChannelStream<Msg>, shared: Arc<Shared>) {
    let mut open: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    while let Ok(length) = stream.read_u32().await {
        let mut packet = vec![0; length as usize];
        if stream.read_exact(&mut packet).await.is_err() {
            return;
        }
        let number = 1 + shared.count.fetch_add(1, Ordering::AcqRel);
        let odd = *shared.odd.lock().unwrap();
        let Some(answer) = odd_answer(odd, number, &mut packet, &mut open, &shared) else { return };
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// Does what is asked, or what goes wrong instead; no answer ends the connection, an empty one is
/// silence.
fn odd_answer(
    odd: Odd,
    number: usize,
    packet: &mut [u8],
    open: &mut HashMap<Vec<u8>, Vec<u8>>,
    shared: &Shared,
) -> Option<Vec<u8>> {
    let kind = packet[0];
    let id = packet[1..5].to_vec();
    let refused = |code| Some(framed(&status(&id, code)));
    match odd {
        Odd::Silent(at) if at == kind => return Some(Vec::new()),
        Odd::Huge(at) if at == kind => return Some(vec![0x40, 0, 0, 0, 101]),
        Odd::Drop(at) if at == kind => return None,
        Odd::At(at, Then::Silent) if at == number => return Some(Vec::new()),
        Odd::At(at, Then::Drop) if at == number => return None,
        Odd::At(at, Then::Failure) if at == number && kind != 1 => return refused(4),
        Odd::Room(room) if kind == 6 => {
            let used: usize = shared.files.lock().unwrap().values().map(Vec::len).sum();
            if used + packet.len() > room {
                return refused(4);
            }
        }
        Odd::WriteOnly if [5, 7, 8, 11, 17].contains(&kind) => return refused(3),
        Odd::Flips if kind == 6 => *packet.last_mut().unwrap() ^= 1,
        _ => {}
    }
    let mut answer = respond(packet, open, &shared.files);
    let mut files = shared.files.lock().unwrap();
    note(&files, shared);
    match odd {
        Odd::Takes if kind == 4 => files.clear(),
        Odd::TakesRenamed if kind == 18 => drop(files.remove(&b"/in/ims.xml"[..])),
        Odd::Stray(at) if at == kind => answer[1..5].copy_from_slice(&[9, 9, 9, 9]),
        Odd::Status(at, code) if at == kind => answer = status(&id, code),
        // The last byte of the eight that say the size.
        Odd::Longer if answer[0] == 105 => answer[16] = answer[16].wrapping_add(1),
        Odd::At(at, Then::DoneAndDrop) if at == number => return None,
        _ => {}
    }
    note(&files, shared);
    Some(framed(&answer))
}

fn framed(answer: &[u8]) -> Vec<u8> {
    [&u32::try_from(answer.len()).unwrap().to_be_bytes()[..], answer].concat()
}

/// Notes what can be seen now.
fn note(files: &HashMap<Vec<u8>, Vec<u8>>, shared: &Shared) {
    let now = files.get(&b"/in/ims.xml"[..]);
    let mut seen = shared.seen.lock().unwrap();
    if seen.last().map(Option::as_ref) != Some(now) {
        seen.push(now.cloned());
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
