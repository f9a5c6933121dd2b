//! Rosters and settings for the tests of receivers' files.

use jiff::Zoned;
use rostergate::formats::Format;
use rostergate::formats::error::FormatError;
use rostergate::roster::draft::{Draft, Marking, Place};
use rostergate::roster::entity::{Group, Membership, Person, Relation, Roles, School};
use rostergate::roster::issue::Issue;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, RelationKind, Role};

/// Reads a format's settings as they stand in the configuration.
pub(crate) fn format(toml: &str) -> Format {
    try_format(toml).expect("the test's settings are right")
}

pub(crate) fn try_format(toml: &str) -> Result<Format, toml::de::Error> {
    toml::from_str(toml)
}

pub(crate) fn itslearning(more: &str) -> Format {
    ims("itslearning", more)
}

pub(crate) fn plain(more: &str) -> Format {
    ims("plain", more)
}

fn ims(dialect: &str, more: &str) -> Format {
    format(&format!(
        "[ims-enterprise]\ndialect = \"{dialect}\"\nsource = \"Exempelstad\"\nfile-name = \
         \"ims.xml\"\n{more}"
    ))
}

pub(crate) fn stamp() -> Zoned {
    "2026-11-21T03:15:00+01:00[Europe/Stockholm]".parse().expect("a time")
}

const PLACE: Place = Place { file: 0, line: 1 };

/// Builds a roster row by row.
pub(crate) struct Builder(Draft);

impl Builder {
    pub(crate) fn new() -> Self {
        let mut draft = Draft::new();
        draft.file("test");
        Builder(draft)
    }

    pub(crate) fn school(mut self, key: &str, name: &str) -> Self {
        self.0.school(PLACE, &School { key, name });
        self
    }

    pub(crate) fn person(mut self, person: &Person<'_>) -> Self {
        self.0.person(PLACE, person, Marking::None);
        self
    }

    pub(crate) fn group(mut self, group: &Group<'_>) -> Self {
        self.0.group(PLACE, group);
        self
    }

    pub(crate) fn member(self, group: &str, person: &str, role: Role) -> Self {
        self.member_for(group, person, role, ["", ""])
    }

    pub(crate) fn member_for(
        mut self,
        group: &str,
        person: &str,
        role: Role,
        [begin, end]: [&str; 2],
    ) -> Self {
        self.0.membership(PLACE, &Membership { group, person, role, begin, end });
        self
    }

    pub(crate) fn relation(mut self, person: &str, to: &str, kind: RelationKind) -> Self {
        self.0.relation(PLACE, &Relation { person, to, kind });
        self
    }

    pub(crate) fn build(self) -> Roster {
        let (roster, issues) = Roster::assemble(self.0);
        assert_eq!(issues, [], "the test's roster is right");
        roster
    }
}

pub(crate) fn person<'p>(
    key: &'p str,
    given: &'p str,
    family: &'p str,
    roles: &[Role],
) -> Person<'p> {
    let roles: Roles = roles.iter().copied().collect();
    Person { key, given_name: given, family_name: family, roles, ..Person::default() }
}

pub(crate) fn at_schools<'p>(mut person: Person<'p>, schools: &[&str]) -> Person<'p> {
    person.set_schools(schools.iter().copied());
    person
}

pub(crate) fn group<'g>(
    key: &'g str,
    name: &'g str,
    kind: GroupKind,
    school: &'g str,
) -> Group<'g> {
    Group { key, name, kind, school, term: "", course: "", parent: "", begin: "", end: "" }
}

/// Two schools, pupils, a teacher who is a guardian too, a class with a group below it, and
/// names that every escaping must survive.
pub(crate) fn town() -> Roster {
    let pupil = Person {
        personal_number: "201806132385",
        email: "elsa@example.org",
        username: "elsa01",
        mobile: "+46701740605",
        school_year: "2",
        ..person("p-1", "Elsa <Ester>", "Åberg & Son", &[Role::Learner])
    };
    let other = Person {
        email: "noor@example.org",
        username: "noor01",
        ..person("p-2", "نور", "=HYPERLINK(\"http://x\")", &[Role::Learner])
    };
    let teacher = Person {
        email: "a.berg@example.org",
        phone: "+46317001234",
        mobile: "+46701740606",
        ..person("p-3", "Anna ]]> \"A\"", "Łuk\u{30a} 👩‍🎓", &[Role::Staff, Role::Guardian])
    };
    let below = Group {
        parent: "g-1",
        term: "2026/2027",
        course: "MAT1",
        begin: "2026-08-17",
        end: "2027-06-11",
        ..group("g-2", "Ma, 2A; \"grupp\"", GroupKind::Teaching, "")
    };
    Builder::new()
        .school("99123456", "Västra skolan")
        .school("99123457", "Östra skolan")
        .person(&at_schools(pupil, &["99123456"]))
        .person(&at_schools(other, &["99123457", "99123456"]))
        .person(&at_schools(teacher, &["99123457"]))
        .person(&person("p-4", "", "", &[]))
        .group(&group("g-1", "2A", GroupKind::Class, "99123456"))
        .group(&below)
        .group(&group("g-3", "Utan skola", GroupKind::Mentor, ""))
        .group(&group("g-4", "Tom", GroupKind::Other, "99123457"))
        .member("g-1", "p-1", Role::Learner)
        .member("g-1", "p-2", Role::Learner)
        .member("g-1", "p-3", Role::Mentor)
        .member("g-1", "p-3", Role::Instructor)
        .member_for("g-2", "p-1", Role::Learner, ["2026-08-17", "2027-06-11"])
        .member_for("g-2", "p-3", Role::Instructor, ["2026-08-17", ""])
        .member("g-3", "p-2", Role::Learner)
        .relation("p-3", "p-1", RelationKind::Guardian)
        .relation("p-3", "p-2", RelationKind::Guardian)
        .relation("p-3", "p-2", RelationKind::Mentor)
        .build()
}

/// Name and bytes of every file.
pub(crate) fn written(format: &Format, told: &Roster) -> Vec<(String, Vec<u8>)> {
    let write = |name: String| {
        let mut bytes = Vec::new();
        format.write(told, &stamp(), &name, &mut bytes).expect("memory can be written");
        (name, bytes)
    };
    format.document_names().into_iter().map(write).collect()
}

pub(crate) fn text(format: &Format, told: &Roster) -> String {
    let mut files = written(format, told);
    String::from_utf8(files.remove(0).1).expect("the first file is UTF-8")
}

pub(crate) fn documents(files: &[(String, Vec<u8>)]) -> Vec<rostergate::formats::Document<'_>> {
    let document = |(name, bytes): &'_ (String, Vec<u8>)| (name.clone(), bytes.clone());
    files
        .iter()
        .map(document)
        .map(|(name, bytes)| {
            let bytes: Box<dyn std::io::BufRead> = Box::new(std::io::Cursor::new(bytes));
            (name, bytes)
        })
        .collect()
}

/// Every canonical line, with its kind.
pub(crate) fn lines(roster: &Roster) -> Vec<String> {
    let mut lines = Vec::new();
    for &kind in Kind::ALL {
        roster.each_line(kind, |line| lines.push(format!("{kind}: {line}")));
    }
    lines
}

/// The law: what is read back is what was promised, line by line, in `read_back` and `decode`.
#[track_caller]
pub(crate) fn check_law(format: &Format, told: &Roster) {
    let files = written(format, told);
    let promised = lines(&format.visible(told));
    let found = format.read_back(told, documents(&files)).expect("a finished file is faultless");
    assert_eq!(lines(&found), promised);
    let (found, issues) = format.decode(documents(&files)).expect("a finished file is readable");
    assert_eq!(issues, []);
    let trimmed: Vec<String> = promised.iter().map(|line| trimmed(line)).collect();
    let found: Vec<String> = lines(&found).iter().map(|line| self::trimmed(line)).collect();
    assert_eq!(found, trimmed);
}

/// Another program's file may be indented, so there blanks at the ends of a field mean nothing.
fn trimmed(line: &str) -> String {
    line.split('\t').map(str::trim).collect::<Vec<_>>().join("\t")
}

/// Reads one document as another program's.
pub(crate) fn decode(format: &Format, text: &str) -> Result<(Roster, Vec<Issue>), FormatError> {
    let names = format.document_names();
    format.decode(documents(&[(names[0].clone(), text.as_bytes().to_vec())]))
}
