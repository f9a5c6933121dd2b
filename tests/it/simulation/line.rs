//! A receiver that is reached by SFTP: a server on the town's own folder, and the line to it,
//! which may lose an answer.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use rostergate::delivery::{EmbeddedOptions, EmbeddedServer, KeyPair};

use crate::support::gateway::secret;

const WHOLE: u8 = 0;
/// The next answer does not come through, and the connection ends.
const LOSES: u8 = 1;
/// The same, and from then on no connection comes about.
const BREAKS: u8 = 2;
const BROKEN: u8 = 3;
const OVER: u8 = 4;

/// The line and what is at its end; both are gone when it is dropped.
pub(super) struct Line {
    port: u16,
    state: Arc<AtomicU8>,
    server: EmbeddedServer,
}

impl Line {
    /// To a server that shows a folder, with its key in the file `key` there.
    pub(super) fn to(root: &Path) -> Line {
        let keys = KeyPair::fresh().expect("a key");
        secret(&root.join("key"), keys.private.expose());
        let mut options = EmbeddedOptions::new("skolan");
        options.public_key = Some(keys.public);
        let server = EmbeddedServer::start(root, options).expect("a server");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("a port").port();
        let (state, beyond) = (Arc::new(AtomicU8::new(WHOLE)), server.port());
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                match shared.load(Ordering::Acquire) {
                    OVER => return,
                    BROKEN => drop(client),
                    _ => connect(&client, beyond, &shared),
                }
            }
        });
        Line { port, state, server }
    }

    /// How the gateway delivers over it.
    pub(super) fn configured(&self, root: &Path) -> String {
        format!(
            "[target.lms.deliver.sftp]\nhost = \"127.0.0.1\"\nport = {}\nuser = \"skolan\"\n\
             folder = \"/remote\"\nkey = \"file:{}/key\"\nhost-keys = [\"{}\"]\nretry-waits = []",
            self.port,
            root.display(),
            self.server.host_key(),
        )
    }

    /// The next answer is lost; whether the line comes back within the run.
    pub(super) fn loses(&self, comes_back: bool) {
        self.state.store(if comes_back { LOSES } else { BREAKS }, Ordering::Release);
    }

    pub(super) fn is_whole_again(&self) {
        self.state.store(WHOLE, Ordering::Release);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.state.store(OVER, Ordering::Release);
        // It wakes, and sees that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn connect(client: &TcpStream, beyond: u16, state: &Arc<AtomicU8>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, beyond)) else { return };
    let both = |one: &TcpStream| one.try_clone().expect("one more handle");
    let (from, to) = (both(client), both(&server));
    std::thread::spawn(move || pass(from, to, || true));
    let (from, to, state) = (server, both(client), state.clone());
    std::thread::spawn(move || pass(from, to, || comes_through(&state)));
}

/// Whether an answer comes through, and what becomes of the line if not.
fn comes_through(state: &AtomicU8) -> bool {
    match state.load(Ordering::Acquire) {
        WHOLE => true,
        LOSES => {
            state.store(WHOLE, Ordering::Release);
            false
        }
        _ => {
            state.store(BROKEN, Ordering::Release);
            false
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, comes_through: impl Fn() -> bool) {
    let mut some = vec![0; 32 * 1024];
    while let Ok(count @ 1..) = from.read(&mut some) {
        if !comes_through() || to.write_all(&some[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
