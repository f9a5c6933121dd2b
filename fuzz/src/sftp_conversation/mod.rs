//! A whole conversation with an SFTP server that does what bytes say: the program's own way to a
//! receiver, over SSH, against a receiver whose real state is known.
//!
//! Whatever happens: it ends, nothing of anybody else's is touched, nothing is touched before it
//! was written down, what can be seen is whole, and "delivered and verified" is said only where
//! the right bytes arrived. A server that says the opposite of what it did is believed: then only
//! the laws hold that need no word of it.

mod answers;
mod receiver;
mod script;
mod server;

use std::path::Path;
use std::time::{Duration, Instant};

use rostergate::delivery::{
    Class, Credentials, Deliver, DeliveryError, Errand, How, Left, Pickup, Receipt, Settled, Step,
    Tag, TempNote, Verified, connect, deliver, observe, probe, settle,
};
use rostergate::formats::snapshot::hex;
use rostergate::secrets::Secret;
use rostergate::state::document::Document;
use sha2::{Digest as _, Sha256};

use receiver::{FOLDER, Final, Receiver, TEMPS};
use script::{Script, Setup};
use server::{Shared, host_key, start};

/// Longer than any conversation may take.
const LONGEST: Duration = Duration::from_secs(60);

/// Holds the whole way to a receiver to its laws.
pub fn check(bytes: &[u8]) {
    let (setup, script) = Script::new(bytes);
    let home = tempfile::tempdir().expect("a folder");
    let documents = documents(setup, home.path());
    let shared = Shared::new(receiver(setup, &documents), script, setup);
    let server = start(&shared);
    let to = settings(setup, server.port);
    let started = Instant::now();
    if setup.look {
        look(&shared, &to, &documents);
    } else {
        send(&shared, &to, &documents);
    }
    assert!(started.elapsed() < LONGEST, "it took {:?}", started.elapsed());
    let at = shared.receiver();
    assert!(at.broken.is_empty(), "{:?}", at.broken);
    assert!(at.files.contains_key(receiver::FOREIGN), "another's file is gone");
}

/// The documents of a delivery.
fn documents(setup: Setup, home: &Path) -> Vec<Document> {
    let names = if setup.publish == "done-file" { &["a.csv", "b.csv"][..] } else { &["ims.xml"] };
    let one = |name: &&str| {
        let content = content(setup.size, b'n');
        let path = home.join(name);
        std::fs::write(&path, &content).expect("a file of the law's own");
        let (size, sha256) = (content.len() as u64, Sha256::digest(&content).into());
        Document { name: (*name).to_owned(), path, size, sha256 }
    };
    names.iter().map(one).collect()
}

/// So many bytes, none like those of another day.
fn content(size: usize, day: u8) -> Vec<u8> {
    (0..size).map(|at| day ^ u8::try_from(at / 97 % 16).expect("small")).collect()
}

/// The receiver as it was the day before.
fn receiver(setup: Setup, documents: &[Document]) -> Receiver {
    let mut finals = Vec::new();
    for document in documents {
        let old = setup.yesterday.then(|| content(setup.size, b'o'));
        let new = content(setup.size, b'n');
        let path = format!("{FOLDER}/{}", document.name);
        finals.push(Final { path, old, new, marker: false });
    }
    if setup.publish == "done-file" {
        for document in documents {
            let line = format!("{}  {}\n", hex(&document.sha256), document.name);
            let old = setup.yesterday.then(|| b"yesterday\n".to_vec());
            let path = format!("{FOLDER}/{}.done", document.name);
            finals.push(Final { path, old, new: line.into_bytes(), marker: true });
        }
    }
    // With markers a file is taken only when its marker stands beside it, which is after all.
    let takes = setup.takes && setup.publish != "done-file";
    Receiver::new(finals, setup.publish == "direct", takes, setup.only_size)
}

fn settings(setup: Setup, port: u16) -> Deliver {
    let mut text = format!(
        "[sftp]\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"u\"\nfolder = \"{FOLDER}\"\n\
         password = \"credential:not-used\"\nconnect-timeout = \"20s\"\nidle-timeout = \"10s\"\n\
         publish = \"{}\"\nretry-waits = {:?}\n",
        setup.publish,
        vec!["1s"; setup.tries],
    );
    for (said, line) in [
        (setup.only_size, "verify = \"size\"\n"),
        (setup.expected, "pickup = \"expected\"\n"),
        (setup.temp_folder, &format!("temp-folder = \"{TEMPS}\"\n")),
    ] {
        text.push_str(if said { line } else { "" });
    }
    toml::from_str(&text).expect("settings")
}

fn password() -> Credentials {
    Credentials { password: Some(Secret::new("x".into())), ..Credentials::default() }
}

fn tag() -> Tag {
    Tag::new("inst1", "P-1").expect("a tag")
}

/// A delivery; where its outcome stays open, it is settled when the server is well again.
fn send(shared: &Shared, to: &Deliver, documents: &[Document]) {
    let tag = tag();
    let errand = Errand { deliver: to, documents, tag: &tag };
    let mut noted: Vec<TempNote> = Vec::new();
    let outcome = deliver(
        errand,
        &[host_key()],
        &password(),
        &mut |_| {},
        &mut |step| {
            match step {
                Step::Uploaded { temps } => noted = temps,
                Step::Publishing { .. } => shared.receiver().publishing = true,
                _ => {}
            }
            Ok(())
        },
        &mut |_, _| {},
    );
    match &outcome {
        Ok(receipt) => delivered(shared, receipt),
        Err(DeliveryError::Unknown { .. }) => settled(shared, to, documents, &noted),
        Err(error) => refused(shared, error),
    }
}

/// "Delivered and verified" means that the bytes are there, or were when they were taken.
fn delivered(shared: &Shared, receipt: &Receipt) {
    let at = shared.receiver();
    let claimed = match receipt.how {
        How::Verified => receipt.verified == Verified::ReadBack,
        How::PickedUp => receipt.verified == Verified::ReadBack && at.takes,
        How::Assumed => false,
    };
    assert!(at.lied || !claimed || at.has_all(), "said to be delivered, and is not: {receipt:?}");
    assert!(at.lied || at.spoilt || at.has_all(), "said to be delivered, and is not: {receipt:?}");
}

/// "Not delivered" means that nothing can be seen of it.
fn refused(shared: &Shared, error: &DeliveryError) {
    let at = shared.receiver();
    assert!(error.class() != Class::Unknown && error.code().0 != 0);
    assert!(at.lied || at.is_as_before(), "said not to be delivered, and can be seen: {error}");
}

fn settled(shared: &Shared, to: &Deliver, documents: &[Document], noted: &[TempNote]) {
    shared.mend();
    let mut remote = connect(to, &[host_key()], &password()).expect("the server is well again");
    let found = settle(remote.as_mut(), to, documents, &tag(), noted, None);
    let found = found.expect("a server that is well answers");
    let at = shared.receiver();
    if at.lied {
        return;
    }
    match found {
        Settled::Published(How::Verified) => assert!(at.has_all(), "settled as there, and is not"),
        Settled::Published(How::PickedUp) => {
            assert!(at.has_all() || at.spoilt, "settled as taken, and was not there");
        }
        Settled::NotPublished { .. } => {
            let same = at.finals.iter().all(|known| known.old.as_ref() == Some(&known.new));
            assert!(same || !at.has_all(), "settled as not there, and is");
        }
        Settled::Published(How::Assumed) | Settled::Unknowable => {}
    }
}

/// Looking, as before every delivery and in `check`: no more is said than is there.
fn look(shared: &Shared, to: &Deliver, documents: &[Document]) {
    let names: Vec<&str> = documents.iter().map(|document| document.name.as_str()).collect();
    let last = yesterday(shared, to, &names);
    if let Ok(mut remote) = connect(to, &[host_key()], &password())
        && let Ok(seen) = observe(remote.as_mut(), to, &names, Some(&last))
    {
        let at = shared.receiver();
        for file in seen.iter().filter(|file| file.ours) {
            let known = at.finals.iter().find(|known| known.path.ends_with(&file.name));
            let old = known.is_some_and(|known| known.old.is_some());
            assert!(at.lied || old, "{} is taken for ours, and is not there", file.name);
        }
    }
    let probed = probe(to, &[host_key()], &password(), Some(&tag()));
    let at = shared.receiver();
    assert!(at.is_as_before(), "looking changes nothing: {probed:?}");
}

/// The receipt of the day before, with a time of its own.
fn yesterday(shared: &Shared, to: &Deliver, names: &[&str]) -> Receipt {
    let at = shared.receiver();
    let left = |name: &&str| {
        let path = format!("{FOLDER}/{name}");
        let content = at.files.get(&path).map(|file| file.content.clone()).unwrap_or_default();
        let sha256 = hex(&Sha256::digest(&content));
        let size = content.len() as u64;
        Left { name: (*name).to_owned(), size, mtime: Some(1_700_000_000), sha256 }
    };
    let files: Vec<Left> = names.iter().map(left).collect();
    let Deliver::Sftp(sftp) = to else { unreachable!("it is a server") };
    let how = if sftp.pickup == Pickup::Stays { How::Verified } else { How::PickedUp };
    Receipt { how, verified: Verified::ReadBack, bytes: 0, files }
}
