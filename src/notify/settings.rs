//! The table `[mail]` of the configuration.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::address::{MailAddress, Recipients};
use super::duration::Patience;
use super::kind::Kind;
use super::night::{Night, Outcome};
use super::waiting;
use crate::secrets::SecretRef;

/// Who gets which mails, and how they are sent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Written")]
#[schemars(with = "Written")]
pub struct MailSettings {
    /// The sender: a mailbox that someone reads.
    pub from: MailAddress,
    /// Who gets every mail.
    pub to: Recipients,
    /// Who gets only bad news, besides `to`.
    pub urgent_to: Vec<MailAddress>,
    /// When a mail is sent at all.
    pub on: On,
    /// Another mail when a run begins.
    pub at_start: bool,
    /// How mails are sent.
    pub transport: Transport,
}

/// How mails are sent.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(SmtpSettings),
    /// As `.eml` files in a folder, for demonstration and trial.
    Folder(FolderSettings),
}

/// The table as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    /// The sender: a mailbox that someone reads.
    from: MailAddress,
    /// Who gets every mail.
    to: Recipients,
    /// Who gets only bad news, besides `to`.
    #[serde(default)]
    urgent_to: Vec<MailAddress>,
    /// When a mail is sent at all.
    #[serde(default)]
    on: On,
    /// Another mail when a run begins.
    #[serde(default)]
    at_start: bool,
    /// Send to a mail server.
    smtp: Option<SmtpSettings>,
    /// Write `.eml` files in a folder instead.
    folder: Option<FolderSettings>,
}

impl TryFrom<Written> for MailSettings {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let Written { from, to, urgent_to, on, at_start, smtp, folder } = written;
        let transport = match (smtp, folder) {
            (Some(smtp), None) => Transport::Smtp(smtp),
            (None, Some(folder)) => Transport::Folder(folder),
            (None, None) => return Err("say how mails are sent: [mail.smtp] or [mail.folder]"),
            (Some(_), Some(_)) => return Err("give [mail.smtp] or [mail.folder], not both"),
        };
        Ok(MailSettings { from, to, urgent_to, on, at_start, transport })
    }
}

/// When a mail is sent.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub enum On {
    /// After every run.
    #[default]
    Always,
    /// Not after a run that changed nothing.
    OnChange,
    /// Only where something is wrong, waits for a person or is about to; needs a heartbeat, for
    /// silence must not mean that nothing ran.
    OnProblem,
}

// By hand, so that the schema lists the words and the refusal says which there are.
impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl FromStr for On {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "always" => Ok(On::Always),
            "on-change" => Ok(On::OnChange),
            "on-problem" => Ok(On::OnProblem),
            other => Err(format!(
                "{other:?} is not known: give \"always\", \"on-change\" or \"on-problem\""
            )),
        }
    }
}

impl On {
    /// Whether this night is worth a mail.
    pub fn wants(self, night: &Night) -> bool {
        self == On::Always || !night.notes.is_empty() || self.is_news(Kind::of(night), night)
    }

    fn is_news(self, kind: Kind, night: &Night) -> bool {
        if self == On::OnProblem {
            // A mail that says that it is over ends what an earlier one began.
            let over = matches!(kind, Kind::Held | Kind::Failed | Kind::Recovered);
            return over || waiting::asks(night) || waiting::ends_soon(night);
        }
        kind != Kind::Completed
            || night.targets.iter().any(|target| {
                let unchanged = matches!(
                    target.outcome,
                    Outcome::Delivered { unchanged: true, .. }
                        | Outcome::AlreadyDelivered
                        | Outcome::PlannedOnly
                );
                !unchanged
            })
    }
}

/// A mail server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "WrittenSmtp")]
#[schemars(with = "WrittenSmtp")]
pub struct SmtpSettings {
    /// The server's name, as in its certificate.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// The account and its password, where the server asks for them.
    pub login: Option<Login>,
    /// A file with the certificates (PEM) that the server's must lead to, instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// How long one answer may take.
    pub timeout: Patience,
    /// How long one mail may take in all.
    pub give_up_after: Patience,
    /// The waits before further tries in the same night, for a server that may take it later.
    pub retry_waits: Vec<Patience>,
}

/// An account at a mail server.
#[derive(Clone, Debug)]
pub struct Login {
    /// The account's name.
    pub user: String,
    /// Where its password is.
    pub password: SecretRef,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// It begins in clear and must turn encrypted before anything is said.
    #[default]
    Starttls,
    /// It is encrypted from the first byte.
    Implicit,
    /// It is in clear: only to a mail server on this machine.
    None,
}

/// The table `[mail.smtp]` as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenSmtp {
    /// The server's name, as in its certificate.
    host: String,
    /// The port; 587, or 465 with `tls = "implicit"`, or 25 with `tls = "none"`.
    port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    tls: Tls,
    /// The account, where the server asks for one.
    user: Option<String>,
    /// Its password, as a reference.
    password: Option<SecretRef>,
    /// Certificates (PEM) to trust instead of the system's.
    ca_file: Option<PathBuf>,
    /// How long one answer may take.
    timeout: Option<Patience>,
    /// How long one mail may take in all.
    give_up_after: Option<Patience>,
    /// The waits before further tries in the same night. The delivery is over by then.
    retry_waits: Option<Vec<Patience>>,
}

impl TryFrom<WrittenSmtp> for SmtpSettings {
    type Error = String;

    fn try_from(written: WrittenSmtp) -> Result<Self, String> {
        let WrittenSmtp { host, port, tls, user, password, ca_file, .. } = written;
        let WrittenSmtp { timeout, give_up_after, retry_waits, .. } = written;
        if host.is_empty() || !host.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(format!(
                "{host:?} is not a server's name: give it as \"smtp.example.org\""
            ));
        }
        if tls == Tls::None && !is_this_machine(&host) {
            return Err(format!(
                "tls = \"none\" is allowed only to this machine (localhost), not to {host:?}: give \
                 \"starttls\" or \"implicit\""
            ));
        }
        let login = match (user, password) {
            (Some(user), Some(password)) => Some(Login { user, password }),
            (None, None) => None,
            _ => return Err("user and password go together: give both or none".to_owned()),
        };
        Ok(SmtpSettings {
            host,
            port: port.unwrap_or(match tls {
                Tls::Starttls => 587,
                Tls::Implicit => 465,
                Tls::None => 25,
            }),
            tls,
            login,
            ca_file,
            timeout: timeout.unwrap_or(Patience::seconds(30)),
            give_up_after: give_up_after.unwrap_or(Patience::seconds(120)),
            retry_waits: retry_waits
                .unwrap_or_else(|| [1, 5, 15].map(|m| Patience::seconds(m * 60)).into()),
        })
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A folder that mails are written to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FolderSettings {
    /// The folder, which must be there.
    pub path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "from = \"Rostergate <r@example.org>\"\nto = [\"it@example.org\"]\n";

    fn read(rest: &str) -> Result<MailSettings, String> {
        toml::from_str(&format!("{HEAD}{rest}")).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(text: &str, because: &str) {
        let error = toml::from_str::<MailSettings>(text).expect_err("must be refused").to_string();
        assert!(error.contains(because), "{error}");
    }

    #[test]
    fn the_smallest_table_has_safe_defaults() {
        let settings = read("[smtp]\nhost = \"smtp.example.org\"").expect("is valid");
        assert_eq!(settings.on, On::Always);
        let Transport::Smtp(smtp) = settings.transport else { panic!("is a server") };
        assert_eq!((smtp.port, smtp.tls), (587, Tls::Starttls));
    }

    #[test]
    fn the_port_follows_the_encryption() {
        for (tls, port) in [("implicit", 465), ("starttls", 587)] {
            let settings =
                read(&format!("[smtp]\nhost = \"a.example\"\ntls = \"{tls}\"")).expect("valid");
            let Transport::Smtp(smtp) = settings.transport else { panic!("is a server") };
            assert_eq!(smtp.port, port);
        }
    }

    #[test]
    fn clear_text_goes_only_to_this_machine() {
        for host in ["localhost", "127.0.0.1", "::1"] {
            assert!(read(&format!("[smtp]\nhost = \"{host}\"\ntls = \"none\"")).is_ok());
        }
        for host in ["smtp.example.org", "localhost.example.org", "10.0.0.1", "127.0.0.1.example"] {
            let text = format!("{HEAD}[smtp]\nhost = \"{host}\"\ntls = \"none\"");
            refused(&text, "only to this machine");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_hint() {
        let both = "[smtp]\nhost = \"a.example\"\n[folder]\npath = \"/x\"";
        refused(&format!("{HEAD}{both}"), "not both");
        refused(HEAD, "[mail.smtp] or [mail.folder]");
        refused(&format!("{HEAD}on = \"sometimes\"\n[folder]\npath = \"/x\""), "on-problem");
        refused(&format!("{HEAD}of = 1\n[folder]\npath = \"/x\""), "unknown field");
        refused(&format!("{HEAD}[smtp]\nhost = \"a.example\"\nuser = \"x\""), "go together");
        refused(&format!("{HEAD}[smtp]\nhost = \"a b\""), "server's name");
        refused(&format!("{HEAD}[smtp]\nhost = \"a.example\"\ntimeout = \"1h\""), "30s");
    }

    #[test]
    fn the_schema_names_every_key() {
        let schema = schemars::schema_for!(MailSettings).to_value().to_string();
        for key in ["urgent-to", "at-start", "ca-file", "give-up-after", "starttls", "on-change"] {
            assert!(schema.contains(&format!("\"{key}\"")), "{key} is not in {schema}");
        }
    }

    #[test]
    fn addresses_are_checked() {
        let with_to =
            |to: &str| format!("from = \"r@example.org\"\nto = {to}\n[folder]\npath = \"/x\"");
        assert!(
            toml::from_str::<MailSettings>(&with_to("[\"Skol-IT, Ö <it@example.org>\"]")).is_err()
        );
        assert!(
            toml::from_str::<MailSettings>(&with_to("[\"Skol IT Ö <it@example.org>\"]")).is_ok()
        );
        refused(&with_to("[]"), "at least one");
        refused(&with_to("[\"it\"]"), "not a mail address");
        refused(&with_to("[\"it@skövde.example\"]"), "xn--");
        refused(&with_to("[\"åsa@example.org\"]"), "before @");
        refused(&with_to("[\"it@example.org\\nBcc: x@example.org\"]"), "line breaks");
    }
}
