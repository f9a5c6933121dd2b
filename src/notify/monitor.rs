//! The table `[monitor]` of the configuration.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::duration::ShortPatience;
use crate::secrets::SecretRef;

/// What tells others than people that the night took place.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Monitor {
    /// The address of a dead man's switch, kept as a secret: whoever knows it can silence it.
    pub heartbeat: Option<SecretRef>,
    /// How long it may take to answer, at most `1m`: `10s` unless set. One that is silent costs a
    /// night three times as much.
    pub heartbeat_timeout: ShortPatience,
    /// Metrics for a node exporter, a file that ends in `.prom`.
    pub textfile: Option<PromFile>,
}

impl Default for Monitor {
    fn default() -> Self {
        Monitor { heartbeat: None, heartbeat_timeout: ShortPatience::seconds(10), textfile: None }
    }
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
    fn metrics_go_to_a_file_that_an_exporter_reads() {
        let read = |text: &str| PromFile::try_from(text.to_owned());
        assert!(read("/var/lib/prometheus/node-exporter/rostergate.prom").is_ok());
        for text in ["rostergate.prom", "/var/x.txt", "/var/.prom", "/var/"] {
            assert!(read(text).unwrap_err().contains(".prom"), "{text}");
        }
    }
}
