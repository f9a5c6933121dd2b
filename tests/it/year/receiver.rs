//! A model of the receiver: it deletes whoever is missing from the file, archives courses for
//! good, and remembers both.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rostergate::formats::Format;

/// The learning platform.
#[derive(Default)]
pub(super) struct Receiver {
    pub(super) persons: BTreeSet<String>,
    pub(super) groups: BTreeSet<String>,
    /// Group and person.
    pub(super) members: BTreeSet<(String, String)>,
    courses: BTreeSet<String>,
    pub(super) archived: BTreeMap<String, Date>,
    pub(super) deleted: BTreeMap<String, Date>,
}

impl Receiver {
    /// Imports a file; gives the accounts that it deletes.
    pub(super) fn import(&mut self, xml: &str, today: Date) -> BTreeSet<String> {
        let settings = "[ims-enterprise]\ndialect = \"itslearning\"\nsource = \"Exempelby\"\n\
                        file-name = \"ims.xml\"\n";
        let format: Format = toml::from_str(settings).expect("a format");
        let document =
            ("ims.xml".to_owned(), Box::new(xml.as_bytes()) as Box<dyn std::io::BufRead>);
        let (roster, _) = format.decode(vec![document]).expect("a whole file");
        let persons: BTreeSet<String> =
            roster.persons().map(|person| person.key.to_owned()).collect();
        let gone: BTreeSet<String> = self.persons.difference(&persons).cloned().collect();
        for key in &gone {
            self.deleted.insert(key.clone(), today);
        }
        let groups: BTreeSet<String> = roster.groups().map(|group| group.key.to_owned()).collect();
        let is_course = |key: &&String| !key.starts_with("klass-");
        let courses: BTreeSet<String> = groups.iter().filter(is_course).cloned().collect();
        for key in self.courses.difference(&courses) {
            self.archived.insert(key.clone(), today);
        }
        let back = courses.iter().find(|key| self.archived.contains_key(*key));
        assert_eq!(back, None, "{today}: an archived course comes back");
        let members = roster.memberships();
        self.members = members.map(|m| (m.group.to_owned(), m.person.to_owned())).collect();
        self.groups = groups;
        (self.persons, self.courses) = (persons, courses);
        gone
    }
}
