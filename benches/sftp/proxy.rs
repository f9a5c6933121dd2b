//! A line to a far place: every byte arrives, in order, a fixed time after it was sent.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// A port of this machine that leads to another, slowly.
pub(crate) struct Proxy {
    pub(crate) port: u16,
}

type Late = (Instant, Vec<u8>);

impl Proxy {
    /// Listens for as long as the program runs.
    pub(crate) fn start(to: u16, delay: Duration) -> io::Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // Whoever is not let through sees a closed connection.
                let _ = join(near, to, delay);
            }
        });
        Ok(Proxy { port })
    }
}

fn join(near: TcpStream, to: u16, delay: Duration) -> io::Result<()> {
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, to))?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    for (from, to) in [(near.try_clone()?, far.try_clone()?), (far, near)] {
        // What is on the way is bounded by the windows of SSH, not here.
        let (sent, arriving) = mpsc::channel();
        thread::spawn(move || take(from, &sent));
        thread::spawn(move || give(to, &arriving, delay));
    }
    Ok(())
}

fn take(mut from: TcpStream, sent: &Sender<Late>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if sent.send((Instant::now(), buffer[..count].to_vec())).is_err() {
            return;
        }
    }
}

fn give(mut to: TcpStream, arriving: &Receiver<Late>, delay: Duration) {
    while let Ok((sent, bytes)) = arriving.recv() {
        thread::sleep((sent + delay).saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
