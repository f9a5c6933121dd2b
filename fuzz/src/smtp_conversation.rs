//! A whole conversation with a mail server that says what bytes say: the program's own way to
//! hand over a mail.
//!
//! Whatever it says: it ends, nothing of it is repeated, and a mail is called sent only where the
//! server has all of it and said 250 to its end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rostergate::notify::message::Mail;
use rostergate::notify::send::{probe, send};
use rostergate::notify::settings::MailSettings;

/// Mails with every kind of dot.
const MAILS: [&str; 4] =
    ["Subject: a\r\n\r\nb\r\n", "Subject: a\r\n\r\n.\r\n..\r\n.b\r\n", ".", "Subject: a\r\n\r\n."];
/// Longer than any conversation may take.
const LONGEST: Duration = Duration::from_secs(20);
/// What one read of the program holds: of longer answers, it sees the beginning first.
const ONE_READ: usize = 4000;

/// What the server has seen and said.
#[derive(Default)]
struct Seen {
    /// The mail, as it stood between DATA and the dot.
    mail: Option<Vec<u8>>,
    /// What was said to the dot.
    last: Vec<u8>,
    /// More than one answer was said at once, or one that does not fit into a read.
    unruly: bool,
}

/// Holds the way of a mail to its laws.
pub fn check(bytes: &[u8]) {
    let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
    let mail = MAILS[usize::from(at(0) % 4)];
    let login = at(0) & 4 != 0;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let script = bytes.get(1..).unwrap_or_default().to_vec();
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("the program calls");
        let mut seen = Seen::default();
        // Whoever hangs up in the middle is one of the cases.
        let _ = converse(stream, &script, &mut seen);
        seen
    });
    let settings = settings(port, login);
    let started = Instant::now();
    let outcome = if at(0) & 8 == 0 {
        let to = "it@example.org".parse().expect("an address");
        let mail = Mail {
            message_id: "<a@example.org>".to_owned(),
            recipients: vec![],
            subject: String::new(),
            rfc822: mail.into(),
        };
        send(&settings, Some("hemlig"), &mail, &to).map(|()| true)
    } else {
        probe(&settings, Some("hemlig")).map(|()| false)
    };
    assert!(started.elapsed() < LONGEST, "it took {:?}", started.elapsed());
    let seen = server.join().expect("the server does not panic");
    match outcome {
        Ok(true) => sent(&seen, mail),
        Ok(false) => assert!(seen.mail.is_none(), "a probe sends nothing"),
        Err(error) => {
            let text = error.to_string();
            assert!((610..=613).contains(&error.code().0), "{text}");
            assert!(!text.contains("@example") && !text.contains("hemlig"), "{text}");
            assert!(!text.contains(char::is_control) && !text.contains("kanari"), "{text}");
        }
    }
}

fn settings(port: u16, login: bool) -> MailSettings {
    let login = if login { "user = \"u\"\npassword = \"credential:x\"\n" } else { "" };
    let text = format!(
        "from = \"r@example.org\"\nto = [\"it@example.org\"]\n[smtp]\nhost = \"127.0.0.1\"\n\
         port = {port}\ntls = \"none\"\ntimeout = \"5s\"\ngive-up-after = \"10s\"\n{login}"
    );
    toml::from_str(&text).expect("settings")
}

/// A mail that is called sent is there, whole, and has been taken.
fn sent(seen: &Seen, mail: &str) {
    let whole = if mail.ends_with("\r\n") { mail.to_owned() } else { format!("{mail}\r\n") };
    assert_eq!(seen.mail.as_deref(), Some(whole.as_bytes()), "called sent, and is not there");
    let taken = seen.last.starts_with(b"250 ") || seen.last.starts_with(b"250-");
    let bare = seen.last.starts_with(b"250\r\n") || seen.last.starts_with(b"250\n");
    assert!(taken || bare, "called sent, and was not taken: {:?}", seen.last);
    // An answer that is ahead of its command is seen as such, where it arrives with another.
    assert!(!seen.unruly, "called sent after more answers than were asked for");
}

/// Answers line for line until the script or the program is at its end.
fn converse(stream: TcpStream, script: &[u8], seen: &mut Seen) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut script = script.iter().copied();
    let mut lines = BufReader::new(stream);
    say(&mut lines, &mut script, "220 localhost", seen)?;
    loop {
        let said = line(&mut lines)?;
        let word = said.get(..4).unwrap_or_default().to_ascii_uppercase();
        let right = match word.as_slice() {
            b"EHLO" => "250-localhost\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
            b"AUTH" => "235 welcome",
            b"MAIL" | b"RCPT" => "250 ok",
            b"DATA" => "354 go ahead",
            b"QUIT" => "221 bye",
            _ => "502 what",
        };
        let answer = say(&mut lines, &mut script, right, seen)?;
        if word == b"DATA" && answer.starts_with(b"354") {
            seen.mail = Some(take(&mut lines)?);
            seen.last = say(&mut lines, &mut script, "250 taken", seen)?;
        }
    }
}

fn line(lines: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    // Whoever waits for more than was said is told by the end of the line.
    lines.get_ref().set_read_timeout(Some(Duration::from_millis(80)))?;
    let mut line = Vec::new();
    match lines.take(1 << 20).read_until(b'\n', &mut line)? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}

/// Reads a mail to its dot, and takes away the dots that were put before others.
fn take(lines: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let line = line(lines)?;
        if line == b".\r\n" {
            return Ok(mail);
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

/// Says what the script says where the right answer would be; gives what was said.
fn say(
    lines: &mut BufReader<TcpStream>,
    script: &mut impl Iterator<Item = u8>,
    right: &str,
    seen: &mut Seen,
) -> std::io::Result<Vec<u8>> {
    let (tag, argument) = (script.next().unwrap_or_default(), script.next().unwrap_or_default());
    let Some(answer) = answer(tag, argument, script, right) else {
        return Err(std::io::ErrorKind::ConnectionAborted.into());
    };
    // After the mail is taken, nothing changes that.
    seen.unruly |= seen.last.is_empty() && (answers(&answer) > 1 || answer.len() > ONE_READ);
    let stream = lines.get_mut();
    if tag % 16 == 15 {
        for piece in answer.chunks(3) {
            stream.write_all(piece)?;
        }
    } else {
        stream.write_all(&answer)?;
    }
    Ok(answer)
}

/// How many answers there are in what is said at once, a beginning counted as one.
fn answers(said: &[u8]) -> usize {
    let lines = said.split_inclusive(|&byte| byte == b'\n');
    let ends = lines.map(|line| !(line.ends_with(b"\n") && line.get(3) == Some(&b'-')));
    ends.filter(|end| *end).count()
}

fn answer(
    tag: u8,
    argument: u8,
    script: &mut impl Iterator<Item = u8>,
    right: &str,
) -> Option<Vec<u8>> {
    const CODES: [&str; 20] = [
        "199", "211", "220", "221", "235", "250", "251", "252", "334", "354", "421", "450", "451",
        "500", "530", "535", "550", "554", "600", "25",
    ];
    let code = CODES[usize::from(argument) % CODES.len()];
    let right_code = &right[..3];
    Some(match tag % 16 {
        8 | 9 => format!("{code} kanari <it@example.org>\x1b[31m\r\n").into(),
        10 => return None,
        11 => script.take(usize::from(argument)).collect(),
        12 => {
            let more = format!("{right_code}-kanari\r\n").repeat(usize::from(argument % 30));
            format!("{more}{right}\r\n").into()
        }
        13 => format!("{right_code}-kanari\r\n{code} kanari\r\n").into(),
        14 => match argument % 4 {
            0 => format!("{right}\r\n{code} kanari\r\n").into(),
            1 => format!("{right}\r\n{right_code} ok\r\n250 ok\r\n").into(),
            2 => vec![b'2'; usize::from(argument) * 1000],
            _ => format!("{right_code}-{}\r\n", "x".repeat(900)).repeat(argument.into()).into(),
        },
        _ => format!("{right}\r\n").into(),
    })
}
