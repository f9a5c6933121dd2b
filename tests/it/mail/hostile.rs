//! Mail servers that are down, sulk, greylist or attack, and Debian's own: the delivery is what it
//! is, nothing is said in clear, and the mail arrives in the same night or waits.

use std::thread;
use std::time::{Duration, Instant};

use rostergate::roster::code::Code;

use super::sending::{deliver, settings, waiting};
use crate::support::exim::Exim;
use crate::support::export::Export;
use crate::support::gateway::{Gateway, secret};
use crate::support::odd_smtp::{Bad, OddSmtp, Step};
use crate::support::smtp::PASSWORD;

/// A hostile answer must not be repeated, whatever it holds.
const WORDS: &str = "550 <it@example.org> hemlig \x1b[31m";

/// One mail to a server that is bad at one step.
fn one_mail(step: Step, bad: Bad) {
    let server = OddSmtp::start(move |_, at| (at == step).then_some(bad));
    let rest = format!("ca-file = '{}'", server.ca_file().display());
    // Only who says nothing is to be given up for that, and not who is slow under many others.
    let ever = matches!(bad, Bad::Silent | Bad::Drips | Bad::Giant);
    let [wait, all] = if ever { ["1s", "3s"] } else { ["1m", "1m"] };
    let sent = deliver(&waiting(server.port, &rest, wait, all), PASSWORD, "it@example.org");
    let case = format!("{bad:?} at {step:?}: {sent:?}");
    let error = sent.expect_err(&case);
    assert!((610..=613).contains(&error.code().0), "{case}");
    // In the middle of a handshake no word is one of SMTP.
    let in_words = step != Step::Handshake;
    let later = in_words && matches!(bad, Bad::Says("421 bye" | "450 greylisted" | "451 busy"));
    assert!(!later || error.code() == Code(610) && error.is_transient(), "{case}");
    let refused = in_words && bad == Bad::Says(WORDS);
    assert!(!refused || !error.is_transient(), "{case}");
    let text = error.to_string();
    assert!(!text.contains("@example.org") && !text.contains(PASSWORD), "{text}");
    assert!(!text.contains("hemlig") && !text.contains(char::is_control), "{text}");
    for said in server.clear().lines() {
        assert!(
            said.starts_with("EHLO ") || ["STARTTLS", "QUIT"].contains(&said),
            "{case}: {said}"
        );
    }
    assert_eq!(server.taken().len(), usize::from(bad == Bad::TakesAndDrops), "{case}");
}

#[test]
fn f79_a_server_that_is_bad_at_any_step() {
    let bads = [
        Bad::Says("421 bye"),
        Bad::Says("450 greylisted"),
        Bad::Says("451 busy"),
        Bad::Says(WORDS),
        Bad::Says("hemlig <it@example.org>\x1b[31m"),
        Bad::Silent,
        Bad::Drips,
        Bad::Drops,
        Bad::Giant,
    ];
    let all = Step::ALL.into_iter().flat_map(|step| bads.map(|bad| (step, bad)));
    let all = all.chain([(Step::Taken, Bad::TakesAndDrops)]);
    let running: Vec<_> =
        all.map(|(step, bad)| thread::spawn(move || one_mail(step, bad))).collect();
    let broken = running.into_iter().filter_map(|case| case.join().err()).count();
    assert_eq!(broken, 0, "the cases are told above");
}

/// Whoever sits on the line can put words after the one that begins encryption, in clear. Taken
/// for answers under it, they would be a yes to every command, and the mail would never be missed.
#[test]
fn t10_words_slipped_in_before_encryption_end_the_conversation() {
    const SLIPPED: &str = "220 go ahead\r\n250-localhost\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 ok\r\n250 ok";
    let server = OddSmtp::start(|_, at| (at == Step::Starttls).then_some(Bad::Says(SLIPPED)));
    let rest = format!("ca-file = '{}'", server.ca_file().display());
    let sent = deliver(&settings(server.port, &rest), PASSWORD, "it@example.org");
    let error = sent.expect_err("nothing is called sent");
    assert_eq!(error.code(), Code(611), "{error}");
    assert!(server.taken().is_empty());
}

const WAITS: &str = "retry-waits = [\"1s\", \"1s\"]\ntimeout = \"2s\"";

/// A gateway with one night behind it whose mails go to a server.
fn mailing(port: u16, ca: &std::path::Path) -> Gateway {
    let mut gateway = Gateway::new().delivered();
    gateway.mail_to(port, ca, WAITS);
    gateway.export(&Export::night("night2"));
    gateway
}

const NIGHT: [&str; 4] = ["run", "--trigger=timer", "--as-of", "2026-08-25T04:15"];

#[test]
fn f79_a_server_that_greylists_gets_the_mail_in_the_same_night() {
    let server = OddSmtp::start(|connection, step| {
        (connection <= 2 && step == Step::Rcpt).then_some(Bad::Says("450 greylisted"))
    });
    let gateway = mailing(server.port, &server.ca_file());
    let told = gateway.run(&NIGHT).exits(0);
    assert!(told.out.contains("KLART") && told.out.contains("1 skickat"), "{told:?}");
    assert_eq!((server.connections(), server.taken().len()), (3, 1));
    gateway.run(&["status"]).exits(0).says("Mejl          inga i kö");
}

#[test]
fn f79_what_no_try_delivers_waits_and_a_person_does_not() {
    let server = OddSmtp::start(|_, step| (step == Step::Mail).then_some(Bad::Says("421 bye")));
    let gateway = mailing(server.port, &server.ca_file());
    gateway.run(&NIGHT).exits(0);
    assert_eq!(server.connections(), 3, "one try and two more");
    gateway.run(&["status"]).exits(0).says("väntar: 1");
    let (before, started) = (server.connections(), Instant::now());
    gateway.run(&["run", "--again", "--as-of", "2026-08-25T04:17"]).exits(0);
    assert_eq!(server.connections(), before + 1, "by hand there is one try");
    assert!(started.elapsed() < Duration::from_secs(10));
    gateway.run(&["status"]).exits(0).says("väntar: 2");
    gateway.run(&["run", "--again", "--as-of", "2026-08-31T04:17"]);
    let status = gateway.run(&["status"]).says("uppgivna efter fem dagar: 2");
    status.says("väntar: 1");
}

/// A refusal for good is not asked again: a third wrong password may lock the account.
#[test]
fn f79_a_refusal_for_good_is_not_tried_again_that_night() {
    for (step, says) in [(Step::Auth, "535 no"), (Step::Rcpt, "550 nobody")] {
        let server = OddSmtp::start(move |_, at| (at == step).then_some(Bad::Says(says)));
        let gateway = mailing(server.port, &server.ca_file());
        gateway.run(&NIGHT).exits(0);
        assert_eq!(server.connections(), 1, "{step:?}");
        gateway.run(&["status"]).exits(0).says("väntar: 1");
    }
}

/// While a night waits for its mail server, it is over: delivered, told on screen, and others may
/// run; what one of them sends is not sent twice.
#[test]
fn f79_the_waits_hold_up_nobody() {
    let server = OddSmtp::start(|connection, step| {
        (connection == 1 && step == Step::Greeting).then_some(Bad::Says("421 later"))
    });
    let mut gateway = mailing(server.port, &server.ca_file());
    gateway.change("retry-waits = [\"1s\", \"1s\"]", "retry-waits = [\"6s\"]");
    let yesterday = gateway.told();
    let mut night = gateway.start(&NIGHT);
    let patience = Instant::now() + Duration::from_secs(20);
    let last = || {
        let history = gateway.run(&["history", "--json"]).exits(0).json();
        history["runs"][0]["result"].as_str().unwrap_or_default().to_owned()
    };
    while gateway.told() == yesterday || last() != "completed" {
        assert!(Instant::now() < patience);
        thread::sleep(Duration::from_millis(50));
    }
    assert!(night.try_wait().unwrap().is_none(), "it waits for the mail server");
    gateway.run(&["run", "--as-of", "2026-08-25T05:00"]).exits(0);
    assert_eq!(server.taken().len(), 2, "the night's mail and that of the second run");
    assert!(night.wait().unwrap().success());
    assert_eq!((server.connections(), server.taken().len()), (3, 2), "each once");
}

/// Exim, as Debian installs it: STARTTLS and login, a refused recipient, a greylisted one, and a
/// wrong password.
#[test]
fn f79_a_mail_server_of_debian() {
    let server = Exim::start();
    let mut gateway = mailing(server.port, &server.ca_file());
    let to = |who: &[&str]| format!("to   = {who:?}");
    gateway.change(
        &to(&["it-skola@exempelby.example"]),
        &to(&["it@example.org", "nobody@example.org"]),
    );
    gateway.run(&NIGHT).exits(0);
    assert_eq!(server.mails().len(), 1, "{}", server.log());
    let mail = &server.mails()[0];
    assert!(mail.contains("<it@example.org>") || mail.contains("it@example.org"), "{mail}");
    let log = server.log();
    assert!(log.contains("X=TLS1.3") && log.contains("A=plain:rostergate"), "{log}");
    gateway.run(&["status"]).exits(0).says("väntar: 1");

    gateway.change(&to(&["it@example.org", "nobody@example.org"]), &to(&["later@example.org"]));
    gateway.change("[\"1s\", \"1s\"]", "[\"4s\"]");
    gateway.export(&Export::night("night4"));
    let mut night = gateway.start(&["run", "--trigger=timer", "--as-of", "2026-08-26T04:15"]);
    let patience = Instant::now() + Duration::from_secs(20);
    while !server.log().contains("greylisted") {
        assert!(Instant::now() < patience, "{}", server.log());
        thread::sleep(Duration::from_millis(50));
    }
    server.let_in();
    assert!(night.wait().unwrap().success());
    assert_eq!(server.mails().len(), 2, "{}", server.log());

    secret(&gateway.home().join("mail.password"), "fel");
    gateway.run(&["check", "--connect"]).says("(RG612)");
}
