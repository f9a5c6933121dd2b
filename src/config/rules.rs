//! What of the configuration decides whom a target is told, as it is kept with every plan.

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::Loaded;
use crate::formats::snapshot::hex;
use crate::pipeline::rules::{PIPELINE_REVISION, Rules, Selected};

/// Keys of a source that can refuse an export and never read another thing out of one.
const REFUSING: [&str; 9] = [
    "complete",
    "expect",
    "final-line-break",
    "max-age",
    "max-field-size",
    "max-file-size",
    "max-row-size",
    "max-rows",
    "trusted-owners",
];

/// Keys of a target that are compared in other ways: its selection one by one, its receiver and
/// format as bindings of the baseline; and those that remove nothing. Every other key counts, also
/// one that comes later.
const OTHERWISE: [&str; 12] = [
    "archives",
    "deliver",
    "environment",
    "format",
    "grace",
    "group-key",
    "groups",
    "limits",
    "roles",
    "schools",
    "send",
    "years",
];

impl Loaded {
    /// What beside the register decides what a target of the configuration is told.
    pub fn rules(&self, target: &str) -> Rules {
        let table = |keys: [&str; 2]| {
            let found = self.table.get(keys[0]).and_then(|table| match keys[1] {
                "" => Some(table),
                name => table.get(name),
            });
            found.and_then(Value::as_table).cloned().unwrap_or_default()
        };
        let mut sources = table(["source", ""]);
        for source in tables(&mut sources) {
            for kind in tables(source) {
                kind.retain(|key, _| !REFUSING.contains(&key));
            }
        }
        let mut rest = table(["target", target]);
        rest.retain(|key, _| !OTHERWISE.contains(&key));
        Rules {
            selection: Selected::from(&self.config.target[target].selection()),
            sources: digest(&sources),
            protection: digest(&table(["protected-identity", ""])),
            target: digest(&rest),
            revision: PIPELINE_REVISION,
        }
    }
}

fn tables(table: &mut Table) -> impl Iterator<Item = &mut Table> {
    table.iter_mut().filter_map(|(_, value)| value.as_table_mut())
}

/// Comments, order and line breaks do not count.
fn digest(table: &Table) -> String {
    let text = toml::to_string(table).expect("a table read from TOML");
    hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::pipeline::verdict::Cause;

    const EXAMPLE: &str = include_str!("../../schemas/example.sv.toml");

    fn rules(text: &str) -> Rules {
        let loaded = super::super::parse(text, Path::new("r.toml"));
        loaded.unwrap_or_else(|error| panic!("{error}")).rules("itslearning")
    }

    #[track_caller]
    fn edited(from: &str, to: &str) -> Option<Cause> {
        assert!(EXAMPLE.contains(from), "{from}");
        rules(&EXAMPLE.replace(from, to)).cause_since(&rules(EXAMPLE))
    }

    #[test]
    fn an_edit_is_told_by_what_it_can_do() {
        for (from, to, cause) in [
            ("[site]", "# what this is\n[site]", None),
            ("max-age     = \"26h\"", "max-age = \"50h\"", None),
            ("# expect      =", "expect =", None),
            ("persons      = { add = \"25%\"", "persons      = { add = \"30%\"", None),
            ("folder    = \"/import\"", "folder    = \"/inlast\"", None),
            ("delimiter   = \";\" ", "delimiter   = \",\" ", Some(Cause::Source)),
            (
                "role            = { column = \"Roll\"",
                "role = { column = \"Typ\"",
                Some(Cause::Source),
            ),
            (
                "action = \"exclude\" ",
                "action = \"pseudonym\"\nfile = \"/x\" ",
                Some(Cause::Source),
            ),
            ("schools     = \"all\"", "schools     = [\"99123456\"]", Some(Cause::Selection)),
            ("years       = \"all\"", "years       = [\"7\"]", Some(Cause::Selection)),
            ("[\"learner\", \"staff\", \"guardian\"]", "[\"learner\"]", Some(Cause::Selection)),
            ("[\"class\", \"teaching\"]", "[\"class\"]", Some(Cause::Selection)),
            ("# send        =", "send        =", Some(Cause::Selection)),
        ] {
            assert_eq!(edited(from, to), cause, "{from} → {to}");
        }
        let both = EXAMPLE
            .replace("schools     = \"all\"", "schools = [\"1\"]")
            .replace("\"windows-1252\"", "")
            .replace("encoding    = \"utf-8\" ", "encoding    = \"windows-1252\" ");
        assert_eq!(rules(&both).cause_since(&rules(EXAMPLE)), Some(Cause::Source));
    }

    #[test]
    fn another_revision_of_the_program_is_a_cause() {
        let now = rules(EXAMPLE);
        let before = Rules { revision: 0, ..now.clone() };
        assert_eq!(now.cause_since(&before), Some(Cause::Program));
    }

    #[test]
    fn kept_rules_are_read_again_and_hold_no_settings_of_people() {
        let rules = rules(EXAMPLE);
        let json = serde_json::to_string(&rules).expect("plain data");
        assert_eq!(serde_json::from_str::<Rules>(&json).expect("readable"), rules);
        assert!(!json.contains("PersonId"), "{json}");
    }
}
