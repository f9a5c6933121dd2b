//! Receivers that hang while others wait for their file.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::export::Export;
use crate::support::gateway::Gateway;

/// The sections of a second receiver before those of the first.
fn with_another(gateway: &mut Gateway) {
    let folder = gateway.remote().join("annan");
    fs::create_dir(&folder).unwrap();
    let config = gateway.config().to_owned();
    let (from, to) = (config.find("[target.lms]").unwrap(), config.find("# The fixture").unwrap());
    let own = config[from..to].replace("target.lms", "target.annan");
    let own = own.replace(
        &format!("folder          = \"{}\"", gateway.remote().display()),
        &format!("folder          = \"{}\"", folder.display()),
    );
    assert!(own.contains("/annan\""));
    gateway.change("[target.lms]\n", &format!("{own}[target.lms]\n"));
}

/// A port behind which a server answers, until it is to hang: then it accepts, and never says a
/// word.
fn hanging_at_will(server: u16) -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (port, hangs) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
    let flag = Arc::clone(&hangs);
    thread::spawn(move || {
        let mut kept = Vec::new();
        for client in listener.incoming().flatten() {
            if flag.load(Ordering::SeqCst) {
                kept.push(client);
                continue;
            }
            let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).unwrap();
            let (mut there, mut back) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut back, &mut there));
            thread::spawn(move || io::copy(&mut &client, &mut &server));
        }
    });
    (port, hangs)
}

#[test]
fn f57_a_receiver_that_hangs_keeps_no_other_from_its_file() {
    let mut gateway = Gateway::new().mailing();
    with_another(&mut gateway);
    let own = format!("port            = {}\n", gateway.sshd().port);
    let (port, hangs) = hanging_at_will(gateway.sshd().port);
    let behind = gateway.config().replacen(&own, &format!("port            = {port}\n"), 1);
    gateway.configure(behind.replacen("connect-timeout = \"10s\"", "connect-timeout = \"1s\"", 1));
    gateway.night_of(24, &Export::night("night1")).exits(10);
    for _ in 0..2 {
        gateway.approve(&["--receiver-empty"]).exits(0);
    }
    let (first, second) =
        (gateway.remote().join("annan/ims.xml"), gateway.remote().join("ims.xml"));
    let before = fs::read(&first).unwrap();

    hangs.store(true, Ordering::SeqCst);
    let (started, mails) = (Instant::now(), gateway.mails().len());
    let told = gateway.night_of(25, &Export::night("night2")).exits(12).explains("RG410");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(told.out.contains("SKICKAD och kontrollerad"), "{}", told.out);
    assert_eq!(fs::read(&first).unwrap(), before);
    assert!(fs::read_to_string(&second).unwrap().contains("Nygift"));
    let [mail] = &gateway.mails()[mails..] else { panic!("one mail for the night") };
    assert!(mail.body.contains("annan") && mail.body.contains("lms"), "{}", mail.body);
    assert!(mail.body.contains("RG410"), "{}", mail.body);

    hangs.store(false, Ordering::SeqCst);
    gateway.night_of(26, &Export::night("night2")).exits(0);
    assert!(fs::read_to_string(&first).unwrap().contains("Nygift"));
}
