//! The table `[monitor]` of the configuration.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::duration::Patience;
use crate::secrets::SecretRef;

/// What tells others than people that the night took place.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Monitor {
    /// The address of a dead man's switch, kept as a secret: whoever knows it can silence it.
    pub heartbeat: Option<SecretRef>,
    /// How long it may take to answer, at most `1m`: `10s` unless set. One that is silent costs a
    /// night three times as much.
    #[serde(deserialize_with = "a_minute_at_most")]
    pub heartbeat_timeout: Patience,
    /// Metrics for a node exporter, a file that ends in `.prom`.
    pub textfile: Option<PromFile>,
}

impl Default for Monitor {
    fn default() -> Self {
        Monitor { heartbeat: None, heartbeat_timeout: Patience::seconds(10), textfile: None }
    }
}

/// Whoever is told of a night answers at once or not at all.
fn a_minute_at_most<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patience, D::Error> {
    let patience = Patience::deserialize(deserializer)?;
    if patience.get() > Duration::from_secs(60) {
        let seconds = patience.get().as_secs();
        return Err(D::Error::custom(format!("{seconds}s is not between 1s and 1m")));
    }
    Ok(patience)
}

/// An absolute path that ends in `.prom`: a node exporter reads no other.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct PromFile(#[schemars(with = "String", regex(pattern = r"^/.+\.prom$"))] pub PathBuf);

impl TryFrom<String> for PromFile {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = PathBuf::from(&text);
        if path.is_absolute() && path.extension().is_some_and(|end| end == "prom") {
            return Ok(PromFile(path));
        }
        Err(format!("{text:?} is no file of metrics: give an absolute path that ends in .prom"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_told_of_a_night_has_a_minute_to_answer() {
        let read = |text: &str| toml::from_str::<Monitor>(&format!("heartbeat-timeout = {text:?}"));
        for (text, seconds) in [("10s", 10), ("1m", 60)] {
            assert_eq!(read(text).unwrap().heartbeat_timeout.get().as_secs(), seconds);
        }
        for text in ["61s", "2m", "60m"] {
            assert!(read(text).unwrap_err().message().ends_with("between 1s and 1m"), "{text}");
        }
        assert!(read("0s").is_err() && read("1h").is_err());
    }

    #[test]
    fn metrics_go_to_a_file_that_an_exporter_reads() {
        let read = |text: &str| PromFile::try_from(text.to_owned());
        assert!(read("/var/lib/prometheus/node-exporter/rostergate.prom").is_ok());
        for text in ["rostergate.prom", "/var/x.txt", "/var/.prom", "/var/"] {
            assert!(read(text).unwrap_err().contains(".prom"), "{text}");
        }
    }
}
