//! What other programs are told: a heartbeat to the outside, and metrics. Neither changes a night.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::export::Export;
use crate::support::gateway::{Gateway, secret};
use crate::support::smtp::{Mode, SmtpServer};
use crate::support::sshd::{free_port, listens};

/// How the other side answers.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Number(u16),
    Nothing,
}

/// A dead man's switch: its port, and everything that it was asked, header by header.
pub(crate) fn switch(answer: Answer) -> (u16, Arc<Mutex<Vec<Vec<String>>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let lines = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
            ears.lock().unwrap().push(lines.collect());
            match answer {
                Answer::Number(number) => {
                    write!(stream, "HTTP/1.1 {number} X\r\n\r\n").unwrap_or_default();
                }
                Answer::Nothing => silent.push(stream),
            }
        }
    });
    (port, heard)
}

impl Gateway {
    /// The same with a heartbeat to a port, and metrics; the receiver has the register already.
    pub(crate) fn monitored(mut self, port: u16) -> Gateway {
        let home = self.home().to_owned();
        secret(&home.join("url"), &format!("http://127.0.0.1:{port}/ping/hemlig-adress\n"));
        fs::create_dir_all(home.join("metrics")).unwrap();
        let table = format!(
            "[monitor]\nheartbeat = \"file:{0}/url\"\nheartbeat-timeout = \"1s\"\n\
             textfile = \"{0}/metrics/rostergate.prom\"\n\n[mail]\n",
            home.display()
        );
        self.change("[mail]\n", &table);
        self
    }

    fn tonight(&self, night: &str) -> crate::support::gateway::Told {
        self.export(&Export::night(night).lasting());
        self.run(&["run"])
    }

    pub(crate) fn metrics(&self) -> String {
        fs::read_to_string(self.home().join("metrics/rostergate.prom")).unwrap()
    }
}

/// The paths that were asked for, without the run's id.
fn paths(heard: &Mutex<Vec<Vec<String>>>) -> Vec<String> {
    let heard = heard.lock().unwrap();
    let path = |request: &Vec<String>| {
        let target = request[0].split(' ').nth(1).unwrap();
        target.split("?rid=").next().unwrap().to_owned()
    };
    heard.iter().filter(|request| !request.is_empty()).map(path).collect()
}

#[test]
fn every_night_is_signalled_at_its_beginning_and_its_end() {
    let (port, heard) = switch(Answer::Number(200));
    let gateway = Gateway::new().monitored(port);
    gateway.tonight("night1").exits(10);
    assert_eq!(paths(&heard), ["/ping/hemlig-adress/start", "/ping/hemlig-adress/fail"]);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert_eq!(paths(&heard)[2..], ["/ping/hemlig-adress"]);
    gateway.tonight("night2").exits(0);
    assert_eq!(paths(&heard)[3..], ["/ping/hemlig-adress/start", "/ping/hemlig-adress"]);
    // What is tried at another time is no night, nor is a part of one.
    gateway.run(&["run", "--as-of", "2026-08-25T04:15"]);
    gateway.run(&["run", "--target", "lms"]).exits(0);
    gateway.run(&["plan"]);
    gateway.run(&["check", "--connect"]);
    assert_eq!(paths(&heard)[5..], ["/"], "check looks at the front page, which signals nothing");
    for request in heard.lock().unwrap().iter() {
        let mut names: Vec<String> = request[1..]
            .iter()
            .map(|line| line.split(':').next().unwrap().to_ascii_lowercase())
            .collect();
        names.sort();
        assert_eq!(names, ["accept", "host", "user-agent"], "no body, no cookies, nothing of us");
        assert!(request.iter().any(|line| line.ends_with(": rostergate")), "{request:?}");
    }
    let rid = |at: usize| heard.lock().unwrap()[at][0].split("rid=").nth(1).unwrap().to_owned();
    assert!(rid(0) == rid(1) && rid(3) == rid(4) && rid(0) != rid(3), "one id for one run");
}

/// A yes to one of two plans is one receiver's file: the other still waits, and is told of.
#[test]
fn one_of_two_receivers_is_not_every_receiver() {
    let (port, heard) = switch(Answer::Number(200));
    let mut gateway = Gateway::new().monitored(port);
    let other = format!(
        "[target.prov]\nenvironment = \"test\"\n[target.prov.format.ims-enterprise]\n\
         dialect = \"plain\"\nsource = \"Exempelby\"\nfile-name = \"prov.xml\"\n\
         [target.prov.deliver.folder]\npath = \"{}\"\n\n[mail]\n",
        gateway.home().join("temp").display()
    );
    gateway.change("[mail]\n", &other);
    gateway.tonight("night1").exits(10);
    let before = paths(&heard).len();
    let held = |name: &str| {
        let status = gateway.run(&["status", "--json"]).json();
        status["targets"][name]["held"].as_str().unwrap().to_owned()
    };
    let says = |what: &str| {
        let mails = gateway.eml().into_values().map(|mail| mail.replace("=\r\n", ""));
        mails.filter(|mail| mail.contains(what)).count()
    };
    let told = gateway.approve_plan(&held("lms"), &["--receiver-empty"]).exits(0);
    assert_eq!(paths(&heard).len(), before, "the other's night is not mended by that");
    assert_eq!((says("Still without their file"), says("inte g=C3=B6ra n=C3=A5got")), (0, 0));
    assert_eq!(says("ntar fortfarande p=C3=A5 sin fil: prov."), 1, "{:?}", gateway.eml());
    assert_eq!(says("skickad till alla"), 0);
    told.says("DELVIS KLART  1 av 2 mottagare");
    gateway.export(&Export::night("night2").lasting());
    gateway.run(&["run", "--target", "lms"]).exits(0).says("DELVIS KLART  1 av 2 mottagare");
    assert_eq!((says("fortfarande p=C3=A5 sin fil: prov."), says("skickad till alla")), (2, 0));
    gateway.approve_plan(&held("prov"), &["--receiver-empty"]).exits(0);
    assert_eq!(paths(&heard).len(), before + 1, "prov has an older export than lms, and is done");
    assert_eq!((says("fortfarande p=C3=A5 sin fil: prov."), says("skickad till alla")), (2, 1));
}

/// Nobody answers, or says no: the night is the same, says so without the address, and ends in
/// time.
#[test]
fn a_heartbeat_that_does_not_arrive_changes_nothing() {
    for answer in
        [Some(Answer::Nothing), Some(Answer::Number(404)), Some(Answer::Number(503)), None]
    {
        let (port, heard) = answer.map_or_else(|| (free_port(), Arc::default()), switch);
        let gateway = Gateway::new().monitored(port);
        gateway.tonight("night1").exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        let before = heard.lock().unwrap().len();
        let started = Instant::now();
        let told = gateway.tonight("night2").exits(0).says("SKICKAD");
        assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
        assert!(told.err.contains("RG119"), "{told:?}");
        assert!(!format!("{told:?}").contains("hemlig-adress"), "{told:?}");
        let tries = heard.lock().unwrap().len() - before;
        let expected = match answer {
            Some(Answer::Number(404)) => 2,
            // Silence costs a night three timeouts.
            Some(Answer::Nothing) => 3,
            None => 0,
            // Three times at the end, and as often as there is time for at the beginning.
            _ => 5,
        };
        assert_eq!(tries, expected, "again, unless it says that it never will");
        let english = ["connection", "answered", "within", "refused"];
        assert!(!english.iter().any(|word| told.err.contains(word)), "{}", told.err);
        assert!(
            gateway
                .run(&["check", "--connect"])
                .exits(if matches!(answer, Some(Answer::Number(_))) { 0 } else { 78 })
                .out
                .contains("Puls")
        );
    }
}

/// Nobody logs in anywhere with it: what it means that the address is not there is said as it is.
#[test]
fn an_address_that_is_not_there_is_told_for_what_it_is() {
    let gateway = Gateway::new().monitored(free_port());
    fs::remove_file(gateway.home().join("url")).unwrap();
    let told = gateway.run(&["check"]).exits(78);
    for part in ["RG125", "den finns inte", "Leveransen påverkas inte"] {
        assert!(told.out.contains(part), "{}", told.out);
    }
    assert!(!told.out.contains("logga in"), "{}", told.out);
    let told = gateway.tonight("night1").exits(10);
    assert!(told.err.contains("RG125") && told.err.contains("den finns inte"), "{}", told.err);
}

/// Where other programs look for their files, ours would be taken for one of them.
#[test]
fn metrics_in_anothers_folder_are_told_by_check() {
    let mut gateway = Gateway::new().monitored(free_port());
    let home = gateway.home().display().to_string();
    let mut before = format!("{home}/metrics/rostergate.prom");
    for (file, says) in [
        (format!("{home}/inbox/rostergate.prom"), "inkorgen"),
        (format!("{home}/metrics/../inbox/x/rostergate.prom"), "inkorgen"),
        (format!("{home}/state/rostergate.prom"), "eget minne"),
        (format!("{home}/folder.prom"), "det är en mapp"),
    ] {
        fs::create_dir_all(Path::new(&home).join("folder.prom")).unwrap();
        gateway.change(&before, &file);
        before = file;
        let told = gateway.run(&["check"]).exits(78);
        assert!(told.out.contains("RG126") && told.out.contains(says), "{}", told.out);
    }
    gateway.change(&before, &format!("{home}/metrics/rostergate.prom"));
    assert!(!gateway.run(&["check"]).out.contains("RG126"));
}

#[test]
fn on_problem_mails_only_where_somebody_has_to_know() {
    let (port, _) = switch(Answer::Number(200));
    let mut gateway = Gateway::new().mailing();
    gateway.change("[mail]\n", "[mail]\non = \"on-problem\"\n");
    gateway.night(24).exits(78).explains("RG102");
    let gateway = gateway.monitored(port);
    gateway.night_of(24, &Export::night("night1")).exits(10);
    assert_eq!(gateway.mails().len(), 1);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let before = gateway.mails().len();
    gateway.night_of(25, &Export::night("night2")).exits(0);
    assert_eq!(gateway.mails().len(), before, "nothing to know");
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    assert_eq!(gateway.mails().len(), before + 1);
    gateway.night_of(27, &Export::night("night2")).exits(0);
    assert!(gateway.mails().last().unwrap().subject.contains("[OK igen]"));
}

/// One value of the file.
fn value(metrics: &str, name: &str) -> Option<f64> {
    let labels = name.replace('}', ",site=\"Exempelby kommun\"}");
    let line =
        metrics.lines().find_map(|line| line.strip_prefix(&format!("rostergate_{labels} ")))?;
    Some(line.parse().unwrap())
}

#[test]
fn metrics_say_when_it_last_went_well() {
    let (port, _) = switch(Answer::Number(200));
    let gateway = Gateway::new().monitored(port);
    gateway.tonight("night1").exits(10);
    let held = gateway.metrics();
    let lms = "{target=\"lms\"}";
    assert_eq!(value(&held, &format!("held{lms}")), Some(1.0));
    assert_eq!(value(&held, &format!("last_success_timestamp_seconds{lms}")), None);
    let ended = value(&held, &format!("last_completion_timestamp_seconds{lms}")).unwrap();
    assert_eq!(value(&held, "last_result{target=\"lms\",result=\"held\"}"), Some(1.0));
    assert_eq!(value(&held, "last_result{target=\"lms\",result=\"completed\"}"), Some(0.0));
    assert!(value(&held, "changes{target=\"lms\",type=\"persons\",op=\"add\"}").unwrap() > 40.0);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let approved = gateway.metrics();
    assert_eq!(value(&approved, &format!("held{lms}")), Some(0.0));
    assert!(value(&approved, &format!("last_success_timestamp_seconds{lms}")).unwrap() >= ended);
    gateway.tonight("night2").exits(0);
    let good = gateway.metrics();
    let success = value(&good, &format!("last_success_timestamp_seconds{lms}")).unwrap();
    // A night that comes to nothing leaves when it last went well.
    gateway.export(&Export::night("night2").lasting().with("personer.csv", "PersonId", "Id"));
    gateway.run(&["run"]).exits(65);
    let failed = gateway.metrics();
    assert_eq!(value(&failed, "last_result{target=\"lms\",result=\"failed\"}"), Some(1.0));
    assert!(value(&failed, &format!("last_success_timestamp_seconds{lms}")).unwrap() <= success);
    for stage in ["read", "plan", "write", "deliver", "mail"] {
        assert!(value(&good, &format!("stage_duration_seconds{{stage=\"{stage}\"}}")).is_some());
    }
    assert!(good.contains("rostergate_build_info{version=\"") && good.contains("delayed_deletes"));
    // Every line is what an exporter reads: comments, or a name, labels and a number, no time.
    for line in good.lines().filter(|line| !line.starts_with("# ")) {
        let (name, number) = line.rsplit_once(' ').unwrap();
        assert!(number.parse::<f64>().is_ok() && name.ends_with('}'), "{line}");
    }
    let file = gateway.home().join("metrics/rostergate.prom");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    let names: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing half-written is left");
    // Where it cannot be written the night is the same, and says so.
    fs::remove_dir_all(file.parent().unwrap()).unwrap();
    let told = gateway.tonight("night2").exits(0);
    assert!(told.err.contains("RG124") && told.err.contains(": den finns inte."), "{told:?}");
    assert!(gateway.run(&["check"]).exits(0).out.contains("RG124"));
}

/// Over an encrypted line the server must prove who it is, to this machine's own list of whom to
/// trust.
#[test]
#[expect(clippy::disallowed_methods, reason = "OpenSSL is the other side")]
fn an_encrypted_heartbeat_goes_only_to_whom_this_machine_trusts() {
    let certified = SmtpServer::start(Mode::Implicit);
    let (authority, port) = (certified.ca_file(), free_port());
    let mut server = Command::new("openssl")
        .args([
            "s_server",
            "-quiet",
            "-www",
            "-cert",
            "server.pem",
            "-key",
            "server.key",
            "-accept",
        ])
        .arg(port.to_string())
        .current_dir(authority.parent().unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert!(listens(port, &mut server));
    let gateway = Gateway::new().monitored(port);
    secret(&gateway.home().join("url"), &format!("https://localhost:{port}/ping/hemlig-adress"));
    gateway.export(&Export::night("night1").lasting());
    let night = |trust: Option<&Path>, arguments: &[&str]| {
        let mut command = gateway.command(arguments);
        command
            .env_remove("SSL_CERT_DIR")
            .env("SSL_CERT_FILE", trust.unwrap_or(Path::new("/dev/null")));
        let output = command.output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let (trusting, wary) = (night(Some(&authority), &["run"]), night(None, &["run"]));
    let probed = night(Some(&authority), &["check", "--connect"]);
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(trusting.contains("STOPPAD") && !trusting.contains("RG119"), "{trusting}");
    assert!(wary.contains("RG119") && wary.contains("certifikatet godtas inte"), "{wary}");
    assert!(probed.contains("servern svarar") && !probed.contains("RG119"), "{probed}");
    assert!(![trusting, wary, probed].concat().contains("hemlig-adress"));
}
