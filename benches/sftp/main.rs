//! How fast files go to an OpenSSH server, and back: `cargo bench --bench sftp`, or `-- 1024 256`
//! for so many MiB on loopback and at a distance.
//!
//! Our delivery's code and OpenSSH's `sftp -b` take turns with the same server, cipher and file,
//! each in a process of its own, first directly and then through a proxy that holds every byte for
//! 15 ms each way. Both ask the server to put the file on disk. Reading back is hashing for us, as
//! in a delivery, and a file in the same folder for OpenSSH.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark starts servers and programs, and writes their configurations"
)]

#[path = "../parts/measured.rs"]
mod measured;
mod proxy;
mod server;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use measured::{Cost, measure};
use proxy::Proxy;
use rostergate::delivery::{self, Create, Deliver, Remote};
use rostergate::formats::snapshot::hex;
use server::Server;
use sha2::{Digest, Sha256};

const MIB: u64 = 1 << 20;
/// MiB on loopback and at a distance.
const USUAL: [u64; 2] = [256, 64];
const ROUNDS: usize = 5;
const EACH_WAY: Duration = Duration::from_millis(15);
/// MiB of memory, whatever the file.
const MEMORY: f64 = 32.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &words[..] {
        [measured::ALONE, ..] => measured::alone(&arguments[1..]),
        ["--put", settings, from, to] => put(Path::new(settings), Path::new(from), to),
        ["--get", settings, path] => get(Path::new(settings), path),
        _ => wanted(&words).and_then(bench),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The sizes asked for; `cargo bench` adds `--bench` by itself.
fn wanted(words: &[&str]) -> io::Result<[u64; 2]> {
    let typed: Vec<&&str> = words.iter().filter(|word| **word != "--bench").collect();
    let number = |word: &str| word.parse().ok().filter(|size| *size > 0);
    match &typed[..] {
        [] => Ok(USUAL),
        [near, far] if number(near).is_some() && number(far).is_some() => {
            Ok([number(near).unwrap_or(1), number(far).unwrap_or(1)])
        }
        _ => Err(io::Error::other("usage: cargo bench --bench sftp -- MIB-NEAR MIB-FAR")),
    }
}

fn bench([near, far]: [u64; 2]) -> io::Result<()> {
    let server = Server::start()?;
    let proxy = Proxy::start(server.port, EACH_WAY)?;
    println!("{}; {}; median of {ROUNDS}", server::version()?, server::CIPHER);
    let places = [("loopback", server.port, near, 0.9), ("30 ms away", proxy.port, far, 1.0)];
    for (place, port, mib, least) in places {
        let file = server.folder().join("ims.xml");
        write_noise(&file, mib)?;
        println!(
            "\n{place}, {mib} MiB {:>21} {:>12} {:>10} {:>8}",
            "wall s", "processor s", "peak MiB", "MB/s"
        );
        compare(&server, port, &file, mib, least)?;
    }
    Ok(())
}

/// Ours and theirs in turn, up and down.
fn compare(server: &Server, port: u16, file: &Path, mib: u64, least: f64) -> io::Result<()> {
    let own = std::env::current_exe()?.to_string_lossy().into_owned();
    let (settings, said) = (server.settings(port)?, server.folder().join("said"));
    let (settings, from) = (settings.to_string_lossy(), file.to_string_lossy());
    let to = server.folder().join("in").join("ims.xml");
    let to = to.to_string_lossy();
    let mut costs: [Vec<Cost>; 4] = std::array::from_fn(|_| Vec::new());
    for _ in 0..ROUNDS {
        let put = server.batch(port, &format!("put -f \"{from}\" \"{to}\"\n"))?;
        costs[0].push(measure("sftp", &put, &said)?);
        costs[1].push(measure(&own, &["--put", &settings, &from, &to], &said)?);
        let get = server.batch(port, &format!("get \"{to}\" \"{from}.back\"\n"))?;
        costs[2].push(measure("sftp", &get, &said)?);
        costs[3].push(measure(&own, &["--get", &settings, &to], &said)?);
    }
    let [their_put, our_put, their_get, our_get] = costs.map(middle);
    for (name, cost) in [
        ("OpenSSH sftp: put -f", their_put),
        ("rostergate: write", our_put),
        ("OpenSSH sftp: get", their_get),
        ("rostergate: read back", our_get),
    ] {
        let speed = speed(mib, cost);
        let Cost { wall, processor, peak } = cost;
        println!("{name:26} {wall:12.3} {processor:12.3} {peak:10.1} {speed:8.0}");
    }
    let put = their_put.wall / our_put.wall;
    println!(
        "  writing, as a multiple of OpenSSH's speed    {put:6.2}  ≥ {least:5.2}  {}",
        word(put >= least)
    );
    let get = their_get.wall / our_get.wall;
    println!("  reading back, the same                       {get:6.2}  (no target)");
    let peak = our_put.peak.max(our_get.peak);
    println!(
        "  memory, MiB                                  {peak:6.1}  ≤ {MEMORY:5.1}  {}",
        word(peak <= MEMORY)
    );
    Ok(())
}

fn word(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn middle(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    costs[costs.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "for reading")]
fn speed(mib: u64, cost: Cost) -> f64 {
    (mib * MIB) as f64 / 1e6 / cost.wall
}

/// A file that nothing on the way can make smaller.
fn write_noise(path: &Path, mib: u64) -> io::Result<()> {
    let (mut file, mut block) = (File::create(path)?, vec![0; 1 << 20]);
    let mut bits = 1_u64;
    for _ in 0..mib {
        for eight in block.chunks_exact_mut(8) {
            // xorshift64
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            eight.copy_from_slice(&bits.to_le_bytes());
        }
        file.write_all(&block)?;
    }
    file.sync_all()
}

fn connect(settings: &Path) -> io::Result<Box<dyn Remote>> {
    let text = std::fs::read_to_string(settings)?;
    let deliver: Deliver = toml::from_str(&text).map_err(io::Error::other)?;
    let credentials = deliver.credentials(None).map_err(io::Error::other)?;
    delivery::connect(&deliver, &[], &credentials).map_err(io::Error::other)
}

/// What a delivery does first: writes the file and has it put on disk.
fn put(settings: &Path, from: &Path, to: &str) -> io::Result<()> {
    let mut remote = connect(settings)?;
    let mut file = File::open(from)?;
    let size = file.metadata()?.len();
    let source: &mut dyn Read = &mut file;
    remote.write(to, Create::Over, source, size, &mut |_| ()).map_err(io::Error::other)
}

/// What a delivery does next: reads the file back and hashes it.
fn get(settings: &Path, path: &str) -> io::Result<()> {
    let mut digest = Sha256::new();
    let mut take = |bytes: &[u8]| digest.update(bytes);
    let mut remote = connect(settings)?;
    let count = remote.read(path, u64::MAX, &mut take).map_err(io::Error::other)?;
    println!("{count} {}", hex(&digest.finalize()));
    Ok(())
}
