//! What lies around one night's numbers: the week, what must be there, the clock, a restored
//! logbook, an export that stands still, and a configuration that removes.

mod clock;
mod restored;
mod rules;
mod sentinels;
mod standing;
mod week;

use serde_json::Value;

use crate::support::gateway::{Gateway, Told};

impl Gateway {
    /// A run at a played time.
    fn run_at(&self, time: &str) -> Told {
        self.run(&["run", "--as-of", time])
    }

    /// What `plan` says of the held plan.
    fn held_json(&self) -> Value {
        self.run(&["plan", &self.held(), "--json"]).exits(0).json()
    }

    /// The codes of the held plan's reasons.
    pub(crate) fn held_for(&self) -> Vec<String> {
        codes(&self.held_json())
    }
}

fn codes(json: &Value) -> Vec<String> {
    let codes = json["codes"].as_array().unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}
