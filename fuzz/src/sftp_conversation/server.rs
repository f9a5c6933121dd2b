//! The server around the receiver: SSH for real, and SFTP as the script has it.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rostergate::delivery::Fingerprint;
use russh::keys::{Algorithm, HashAlg, PrivateKey, key::safe_rng};
use russh::server::{self, Auth, ChannelOpenHandle, Msg};
use russh::{Channel, ChannelId, ChannelStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::answers::{self, Open, framed};
use super::receiver::Receiver;
use super::script::{Script, Setup, Turn};

/// What the server and the judge share.
#[derive(Clone)]
pub struct Shared {
    receiver: Arc<Mutex<Receiver>>,
    script: Arc<Mutex<Option<Script>>>,
    setup: Setup,
}

impl Shared {
    /// A receiver and what its server does.
    pub fn new(receiver: Receiver, script: Script, setup: Setup) -> Shared {
        let script = Arc::new(Mutex::new(Some(script)));
        Shared { receiver: Arc::new(Mutex::new(receiver)), script, setup }
    }

    /// The receiver, as it really is.
    pub fn receiver(&self) -> MutexGuard<'_, Receiver> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on nothing goes wrong.
    pub fn mend(&self) {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn turn(&self, kind: u8) -> Option<Turn> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.turn(kind)
    }
}

/// A server that ends when it is dropped.
pub struct Server {
    /// Its port.
    pub port: u16,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Common {
    runtime: Runtime,
    config: Arc<server::Config>,
    key: Fingerprint,
}

/// One key and one runtime for all conversations of the process.
fn common() -> &'static Common {
    static COMMON: OnceLock<Common> = OnceLock::new();
    COMMON.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().expect("a runtime");
        let key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).expect("a key");
        let shown = key.fingerprint(HashAlg::Sha256).to_string().parse().expect("a fingerprint");
        let config = server::Config { keys: vec![key], nodelay: true, ..server::Config::default() };
        Common { runtime, config: Arc::new(config), key: shown }
    })
}

/// The key that every server shows.
pub fn host_key() -> Fingerprint {
    common().key
}

/// Starts a server.
pub fn start(shared: &Shared) -> Server {
    let Common { runtime, config, .. } = common();
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let shared = shared.clone();
    let task = runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let session = Session { shared: shared.clone(), channels: HashMap::new() };
            tokio::spawn(async move {
                if let Ok(running) = server::run_stream(config.clone(), socket, session).await {
                    let _ = running.await;
                }
            });
        }
    });
    Server { port, task }
}

struct Session {
    shared: Shared,
    channels: HashMap<ChannelId, Channel<Msg>>,
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
        session.channel_success(id)?;
        if let Some(channel) = self.channels.remove(&id) {
            tokio::spawn(talk(channel.into_stream(), self.shared.clone()));
        }
        Ok(())
    }
}

/// Requests, put together from what arrives.
struct Inbox {
    stream: ChannelStream<Msg>,
    bytes: Vec<u8>,
}

impl Inbox {
    /// The next request; safe to give up waiting for.
    async fn request(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(length) = self.bytes.first_chunk::<4>() {
                let end = 4 + u32::from_be_bytes(*length) as usize;
                if self.bytes.len() >= end {
                    let rest = self.bytes.split_off(end);
                    return Some(std::mem::replace(&mut self.bytes, rest).split_off(4));
                }
            }
            let mut part = [0; 8192];
            match self.stream.read(&mut part).await {
                Ok(count) if count > 0 => self.bytes.extend_from_slice(&part[..count]),
                _ => return None,
            }
        }
    }
}

/// How long an answer that is late waits for further requests.
const LATE: Duration = Duration::from_millis(15);

async fn talk(stream: ChannelStream<Msg>, shared: Shared) {
    let mut inbox = Inbox { stream, bytes: Vec::new() };
    let (mut open, mut late) = (Open::new(), Vec::new());
    loop {
        let mut packet = if late.is_empty() {
            let Some(packet) = inbox.request().await else { return };
            packet
        } else {
            match tokio::time::timeout(LATE, inbox.request()).await {
                Ok(Some(packet)) => packet,
                Ok(None) => return,
                Err(_) => {
                    // The last one first.
                    let all: Vec<u8> = late.drain(..).rev().collect::<Vec<Vec<u8>>>().concat();
                    if inbox.stream.write_all(&all).await.is_err() {
                        return;
                    }
                    continue;
                }
            }
        };
        let turn = shared.turn(answers::kind(&packet));
        let answer = answer(&shared, turn, &mut packet, &mut open);
        let sent = match (turn, answer) {
            (_, None) => return,
            (Some(Turn::Late), Some(answer)) => {
                late.push(answer);
                continue;
            }
            (Some(Turn::Pieces), Some(answer)) => in_pieces(&mut inbox.stream, &answer).await,
            (Some(Turn::Cut(_)), Some(answer)) => {
                let _ = inbox.stream.write_all(&answer).await;
                let _ = inbox.stream.shutdown().await;
                return;
            }
            (_, Some(answer)) => inbox.stream.write_all(&answer).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn in_pieces(stream: &mut ChannelStream<Msg>, answer: &[u8]) -> std::io::Result<()> {
    let pieces = answer.len().div_ceil(40).max(3);
    for piece in answer.chunks(pieces) {
        stream.write_all(piece).await?;
        stream.flush().await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// What is sent back, with its length; nothing ends the connection.
fn answer(
    shared: &Shared,
    turn: Option<Turn>,
    packet: &mut [u8],
    open: &mut Open,
) -> Option<Vec<u8>> {
    let mut at = shared.receiver();
    at.lied |= turn.is_some_and(Turn::is_lie);
    let opening = packet[0] == 1;
    let mut act = |turn: Turn| {
        if opening {
            let Setup { posix_rename, extensions, .. } = shared.setup;
            answers::version(posix_rename, extensions)
        } else {
            answers::turned(turn, packet, open, &mut at)
        }
    };
    match turn {
        Some(Turn::Drop { done: false }) => None,
        Some(turn @ Turn::Drop { done: true }) => {
            act(turn);
            None
        }
        Some(Turn::Huge) => Some(vec![0x40, 0, 0, 0, 101]),
        Some(Turn::Twice) => Some(framed(&act(Turn::Twice)).repeat(2)),
        Some(turn @ Turn::Cut(at)) => {
            let mut answer = framed(&act(turn));
            answer.truncate(usize::from(at) % answer.len());
            Some(answer)
        }
        turn => Some(framed(&act(turn.unwrap_or(Turn::Pieces)))),
    }
}
