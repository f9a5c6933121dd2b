//! Schools that the configuration names and the register does not have.

use std::collections::BTreeSet;

use super::{Checker, Level};
use crate::gateway::target::Aim;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::pipeline::select::Choice;
use crate::roster::code::Code;
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

impl Checker<'_> {
    /// What a receiver is to be told, or must be told, of a school that there is not.
    pub(super) fn schools(&mut self, register: &Roster) {
        // Without a list of schools, those that persons name are all that is known.
        if register.count(Kind::School) == 0 {
            return;
        }
        let config = &self.scene.loaded.config;
        for name in config.target.keys() {
            let aim = Aim::at(config, name);
            let mut named: BTreeSet<&String> =
                aim.limits.sentinels.schools.iter().flatten().collect();
            if let Choice::These(schools) = &aim.target.schools {
                named.extend(schools);
            }
            for key in named.into_iter().filter(|key| register.find_school(key).is_none()) {
                let facts = Facts::new()
                    .text(Placeholder::Target, name.as_str())
                    .text(Placeholder::Field, key.as_str());
                let facts = match register.schools().find(|school| school.name == key.as_str()) {
                    Some(school) => facts.words(
                        Placeholder::Detail,
                        format!("skolan som heter så har nyckeln {}", school.key),
                        format!("the school of that name has the key {}", school.key),
                    ),
                    None => facts,
                };
                self.fault(Level::Warning, name, Code(127), &facts);
            }
        }
    }
}
