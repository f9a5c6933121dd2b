//! Reaching a server and proving who is who: host keys before any login, and logins once.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use rostergate::delivery::{
    Credentials, Deliver, DeliveryError, Fingerprint, Host, KeyFault, KeyPair, Span,
    shown_host_keys,
};
use rostergate::secrets::Secret;
use tempfile::TempDir;

use crate::support::deliveries::{at, code, document, embedded, names, send, settings, with_key};
use crate::support::sshd::{Sshd, command, free_port, private, put, run};

/// Keys of this test alone: one as most are, and one whose first byte is zero.
const ECDSA: &str = "\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS
1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQQ2Ut1qhKD78PVcImBTmeqDg4jR9JFW
sqJKWsBAzFYiB5ktBgBLifjuPM4QUgAQL0gVSdtiEr+i5yLLrSPmjeZ3AAAAoG2UzR1tlM
0dAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDZS3WqEoPvw9Vwi
YFOZ6oODiNH0kVayokpawEDMViIHmS0GAEuJ+O48zhBSABAvSBVJ22ISv6LnIsutI+aN5n
cAAAAhAKkg57MoKR8GxesNT3gG/NK4XQ0fm4aqZaOqB+UxhrLBAAAAAXQBAgMEBQY=
-----END OPENSSH PRIVATE KEY-----
";
const ECDSA_ZERO: &str = "\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS
1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQTTCUal4LjOkRTEcmgjRwo9q12LZ5FE
HghWILkquMiVxQx7cNePflKVXVQZeBWn2yqXiYUDch8SSUtoZPDOhs/tAAAAmKxqT5Csak
+QAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNMJRqXguM6RFMRy
aCNHCj2rXYtnkUQeCFYguSq4yJXFDHtw149+UpVdVBl4FafbKpeJhQNyHxJJS2hk8M6Gz+
0AAAAfcCbrX8y83dC92+0oPWM42ZtyEuh7b/atq2Hc7HvdpwAAAAF0
-----END OPENSSH PRIVATE KEY-----
";

#[test]
fn an_unknown_host_key_ends_it_before_any_login() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let file = document(&local, "ims.xml", b"today");
    let other: Fingerprint = "SHA256:q3n0V1Zq8m2yX5oE7r9tB4uC6wD1fG2hJ3kL5mN7pQs".parse().unwrap();
    let told = send(&at(&sshd, ""), &[other], &with_key(sshd.key()), &[file]);
    assert_eq!((code(&told), told.waits.len()), (420, 0));
    let Err(DeliveryError::HostKey { shown, .. }) = told.outcome else { panic!("host key") };
    let kinds: Vec<&str> = shown.iter().map(|key| key.algorithm.as_str()).collect();
    assert_eq!(kinds, ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]);
    assert_eq!(shown[0].fingerprint, sshd.host_key("ed25519"));
    assert_eq!(sshd.login_requests(), 0, "{}", sshd.log());
    assert!(sshd.log().contains("[preauth]"), "the server was there: {}", sshd.log());
}

#[test]
fn no_agreed_key_means_no_contact() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let file = document(&local, "ims.xml", b"today");
    let before = sshd.log().matches("Connection from").count();
    let told = send(&at(&sshd, ""), &[], &with_key(sshd.key()), &[file]);
    assert_eq!(code(&told), 421);
    assert_eq!(sshd.log().matches("Connection from").count(), before);
}

#[test]
fn any_kind_of_host_key_may_be_the_agreed_one() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let host = Host::try_from("127.0.0.1".to_owned()).unwrap();
    let shown = shown_host_keys(&host, sshd.port, Duration::from_secs(5)).unwrap();
    assert_eq!(shown.len(), 3);
    for kind in ["rsa", "ecdsa", "ed25519"] {
        assert!(shown.iter().any(|key| key.fingerprint == sshd.host_key(kind)), "{kind}");
        let file = document(&local, "ims.xml", kind.as_bytes());
        let told = send(&at(&sshd, ""), &[sshd.host_key(kind)], &with_key(sshd.key()), &[file]);
        told.outcome.unwrap();
    }
}

#[test]
fn a_refused_key_is_tried_once_and_named() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    sshd.admit_nobody();
    let file = document(&local, "ims.xml", b"today");
    let told = send(&at(&sshd, ""), &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    assert_eq!((code(&told), told.waits.len()), (422, 0));
    assert_eq!(sshd.login_requests(), 1, "{}", sshd.log());
    assert!(told.outcome.unwrap_err().to_string().contains("(key SHA256:"));
}

#[test]
fn keys_of_every_kind_with_and_without_a_passphrase() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let pins = [sshd.host_key("ed25519")];
    for passphrase in ["", "räksmörgås", "x y"] {
        let ecdsa = local.path().join(format!("ecdsa-{}", passphrase.len()));
        private_file(&ecdsa, ECDSA);
        rewrite(&ecdsa, "", passphrase, &[]);
        for (kind, key) in [
            ("ed25519", sshd.admit("ed25519", passphrase)),
            ("rsa", sshd.admit("rsa", passphrase)),
            ("ecdsa", sshd.admit_key(&ecdsa, passphrase)),
        ] {
            let with = opened_by(key, passphrase);
            let file = document(&local, "ims.xml", b"today");
            let told = send(&at(&sshd, ""), &pins, &with, &[file]);
            assert_eq!(code(&told), 0, "{kind} {passphrase}: {:?}", told.outcome.err());
        }
    }
}

/// The library does not read a P-256 key in OpenSSH form whose first byte is zero, one in 256.
#[test]
fn a_key_that_begins_with_zero_is_read_once_it_is_rewritten_as_told() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let pins = [sshd.host_key("ed25519")];
    for passphrase in ["", "räksmörgås"] {
        let path = local.path().join(format!("key-{}", passphrase.len()));
        private_file(&path, ECDSA_ZERO);
        rewrite(&path, "", passphrase, &[]);
        let told = |key| {
            let file = document(&local, "ims.xml", b"today");
            send(&at(&sshd, ""), &pins, &opened_by(key, passphrase), &[file])
        };
        let Err(error) = told(sshd.admit_key(&path, passphrase)).outcome else { panic!("read") };
        let DeliveryError::Key { fault } = error else { panic!("{error}") };
        assert_eq!(fault, KeyFault::Lengths);
        rewrite(&path, passphrase, passphrase, &["-m", "PKCS8"]);
        told(private(&path)).outcome.unwrap();
        let unopened = Credentials { key: Some(private(&path)), ..Credentials::default() };
        let file = document(&local, "ims.xml", b"today");
        let told = send(&at(&sshd, ""), &pins, &unopened, &[file]);
        assert_eq!(code(&told), if passphrase.is_empty() { 0 } else { 113 });
    }
}

fn opened_by(key: Secret, passphrase: &str) -> Credentials {
    let passphrase = (!passphrase.is_empty()).then(|| Secret::new(passphrase.to_owned()));
    Credentials { key: Some(key), passphrase, password: None }
}

fn private_file(path: &Path, text: &str) {
    put(path, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// As RG113 says it, with the passphrases that ssh-keygen else asks for.
fn rewrite(path: &Path, old: &str, new: &str, form: &[&str]) {
    run(command("ssh-keygen")
        .args(["-q", "-p", "-P", old, "-N", new])
        .args(form)
        .arg("-f")
        .arg(path));
}

#[test]
fn a_key_that_does_not_open_is_found_before_the_server_hears_of_us() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let key = sshd.admit("ed25519", "right");
    let before = sshd.log().matches("Connection from").count();
    for (key, passphrase) in
        [(key.clone(), Some("wrong")), (key, None), (Secret::new("x".into()), None)]
    {
        let passphrase = passphrase.map(|text| Secret::new(text.to_owned()));
        let with = Credentials { key: Some(key), passphrase, password: None };
        let file = document(&local, "ims.xml", b"today");
        let told = send(&at(&sshd, ""), &[sshd.host_key("ed25519")], &with, &[file]);
        assert_eq!((code(&told), told.waits.len()), (113, 0));
        assert!(!told.outcome.unwrap_err().to_string().contains("wrong"));
    }
    assert_eq!(sshd.log().matches("Connection from").count(), before);
}

#[test]
fn a_server_that_never_answers_is_left_after_four_tries() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let local = TempDir::new().unwrap();
    let key = KeyPair::fresh().unwrap().private;
    let pin = "SHA256:q3n0V1Zq8m2yX5oE7r9tB4uC6wD1fG2hJ3kL5mN7pQs".parse().unwrap();
    let Deliver::Sftp(mut sftp) = settings(port, "u", "/in", "") else { panic!("sftp") };
    sftp.connect_timeout = Span::of_seconds(1);
    let to = Deliver::Sftp(sftp);
    let told = send(&to, &[pin], &with_key(key.clone()), &[document(&local, "ims.xml", b"today")]);
    assert_eq!((code(&told), told.waits.len()), (410, 3));
    assert!(told.waits[0] >= Duration::from_secs(120));
    drop(listener);
    let refused = settings(free_port(), "u", "/in", "retry-waits = []");
    let told = send(&refused, &[pin], &with_key(key), &[document(&local, "ims.xml", b"today")]);
    assert_eq!((code(&told), told.waits.len()), (410, 0));
    assert!(told.outcome.unwrap_err().to_string().contains("refused"));
}

#[test]
fn a_password_and_a_dialogue_that_asks_for_it() {
    let local = TempDir::new().unwrap();
    for dialogue in [false, true] {
        let (server, inbox, _root, _key) = embedded(|options| {
            options.password = Some(Secret::new("rätt lösen".to_owned()));
            options.dialogue = dialogue;
        });
        let to = settings(server.port(), "skolan", "/in", "");
        for (password, expected) in [("rätt lösen", 0), ("fel lösen", 422)] {
            let password = Some(Secret::new(password.to_owned()));
            let with = Credentials { password, ..Credentials::default() };
            let file = document(&local, "ims.xml", b"today");
            let told = send(&to, &[server.host_key()], &with, &[file]);
            assert_eq!((code(&told), told.waits.len()), (expected, 0), "{:?}", told.outcome.err());
        }
        assert_eq!(fs::read(inbox.join("ims.xml")).unwrap(), b"today");
    }
}

/// Nothing with SHA-1, CBC or short groups is agreed to, and no user name is said.
#[test]
fn t1_a_server_that_knows_only_weak_ways_is_not_spoken_to() {
    let local = TempDir::new().unwrap();
    for weak in [
        "KexAlgorithms diffie-hellman-group14-sha1",
        "KexAlgorithms diffie-hellman-group1-sha1",
        "Ciphers aes256-cbc,3des-cbc",
        "Ciphers aes256-ctr\nMACs hmac-sha1,hmac-md5",
    ] {
        let sshd = Sshd::with(&format!("internal-sftp\n{weak}"));
        let file = document(&local, "ims.xml", b"today");
        let to = at(&sshd, "retry-waits = []");
        let told = send(&to, &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
        assert_ne!(code(&told), 0, "{weak}");
        assert_eq!(sshd.login_requests(), 0, "{weak}: {}", sshd.log());
        assert!(sshd.log().contains("no matching"), "{weak}: {}", sshd.log());
        assert!(names(&sshd.inbox()).is_empty());
    }
}
