//! Receivers' tables: the law, the bytes, the settings, the encodings.

use proptest::prelude::*;
use rostergate::formats::Format;
use rostergate::roster::code::Code;
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::issue::Severity;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Role};

use super::support::{
    Builder, at_schools, check_law, documents, format, group, lines, person, town, try_format,
    written,
};

const PUPILS: &str = r#"
[csv.file."elever.csv"]
rows = "persons"
columns = [["Id", "key"], ["Förnamn", "given-name"], ["Efternamn", "family-name"],
  ["E-post", "email"], ["Klass", "class"], ["Skola", "school"], ["Skolnamn", "school-name"]]
"#;

const ALL: &str = r#"
[csv.file."persons.csv"]
rows = "persons"
columns = [["a", "key"], ["b", "personal-number"], ["c", "given-name"], ["d", "family-name"],
  ["e", "name"], ["f", "email"], ["g", "username"], ["h", "phone"], ["i", "mobile"],
  ["j", "school-year"], ["k", "role"], ["l", "school"], ["m", "school-name"], ["n", "class"],
  ["o", "key"]]
[csv.file."schools.csv"]
rows = "schools"
columns = [["a", "key"], ["b", "name"]]
[csv.file."groups.csv"]
rows = "groups"
columns = [["a", "key"], ["b", "name"], ["c", "kind"], ["d", "school"], ["e", "school-name"],
  ["f", "term"], ["g", "course"], ["h", "parent"], ["i", "begin"], ["j", "end"]]
[csv.file."memberships.csv"]
rows = "memberships"
columns = [["a", "person"], ["b", "group"], ["c", "role"], ["d", "begin"], ["e", "end"],
  ["f", "group-name"]]
[csv.file."relations.csv"]
rows = "relations"
columns = [["a", "person"], ["b", "to"], ["c", "kind"]]
"#;

const KEYS: &str = r#"
[csv.file."1.csv"]
rows = "persons"
columns = [["a", "key"]]
[csv.file."2.csv"]
rows = "groups"
columns = [["a", "key"]]
[csv.file."3.csv"]
rows = "memberships"
columns = [["a", "group"], ["b", "person"]]
[csv.file."4.csv"]
rows = "relations"
columns = [["a", "to"], ["b", "person"]]
"#;

const NAMES: &str = r#"
[csv.file."1.csv"]
rows = "persons"
columns = [["a", "key"], ["b", "name"]]
"#;

const HABITS: &[&str] = &[
    "",
    "encoding = \"utf-8-bom\"",
    "encoding = \"windows-1252\"",
    "encoding = \"iso-8859-1\"\nquote = \"always\"",
    "delimiter = \";\"",
    "delimiter = \"\\t\"\nline-ends = \"lf\"",
    "header = false",
    "quote = \"always\"",
    "line-ends = \"lf\"",
];

fn csv(habit: &str, files: &str) -> Format {
    format(&format!("[csv]\n{habit}\n{files}"))
}

#[test]
fn what_is_read_back_is_what_was_promised() {
    for habit in HABITS {
        for files in [PUPILS, ALL, KEYS, NAMES] {
            let format = csv(habit, files);
            check_law(&format, &format.fit(&town()).0);
            check_law(&format, &Roster::default());
        }
    }
}

#[test]
fn the_table_is_what_the_receiver_asked_for() {
    let told = Builder::new()
        .school("1", "Västra skolan")
        .person(&at_schools(person("p-1", "Elsa", "Ek, \"E\"", &[Role::Learner]), &["1"]))
        .person(&person("p-2", "=1+1", "Å", &[]))
        .group(&group("g-1", "2B", GroupKind::Class, "1"))
        .group(&group("g-2", "2A", GroupKind::Class, "1"))
        .group(&group("g-3", "Ma", GroupKind::Teaching, "1"))
        .member("g-1", "p-1", Role::Learner)
        .member("g-2", "p-1", Role::Learner)
        .member("g-3", "p-1", Role::Learner)
        .build();
    let (_, bytes) = written(&csv("", PUPILS), &told).remove(0);
    assert_eq!(
        String::from_utf8(bytes).expect("UTF-8"),
        "Id,Förnamn,Efternamn,E-post,Klass,Skola,Skolnamn\r\n\
         p-1,Elsa,\"Ek, \"\"E\"\"\",,\"2A, 2B\",1,Västra skolan\r\n\
         p-2,=1+1,Å,,,,\r\n"
    );
    let format = csv("encoding = \"iso-8859-1\"\nquote = \"always\"\nline-ends = \"lf\"", NAMES);
    let (_, bytes) = written(&format, &told).remove(0);
    assert_eq!(bytes, b"\"a\",\"b\"\n\"p-1\",\"Elsa Ek, \"\"E\"\"\"\n\"p-2\",\"=1+1 \xc5\"\n");
    let (_, bytes) = written(&csv("encoding = \"utf-8-bom\"", NAMES), &told).remove(0);
    assert!(bytes.starts_with(b"\xef\xbb\xbfa,b\r\n"));
}

#[test]
fn somebody_with_two_roles_stands_once_where_roles_are_not_told() {
    let told = Builder::new()
        .person(&person("p", "", "", &[]))
        .group(&group("g", "", GroupKind::Class, ""))
        .member("g", "p", Role::Mentor)
        .member("g", "p", Role::Instructor)
        .build();
    let format = csv("", KEYS);
    assert_eq!(written(&format, &told)[2].1, b"a,b\r\ng,p\r\n");
    check_law(&format, &told);
}

#[test]
fn names_come_through_whatever_they_hold() {
    let names = ("\\PC{0,30}", "[\\PC\"',;=\\\\]{0,30}", "[\"\\PC]{0,8}");
    proptest!(ProptestConfig::with_cases(300), |((given, family, title) in names)| {
        let told = Builder::new()
            .school("s", &title)
            .person(&at_schools(person("p", &given, &family, &[Role::Learner]), &["s"]))
            .group(&group("g", &title, GroupKind::Class, "s"))
            .member("g", "p", Role::Learner)
            .build();
        for habit in HABITS {
            let format = csv(habit, ALL);
            check_law(&format, &format.fit(&told).0);
        }
    });
}

#[test]
fn a_table_cut_off_anywhere_is_refused() {
    for habit in ["", "quote = \"always\"\nline-ends = \"lf\"", "encoding = \"windows-1252\""] {
        let format = csv(habit, ALL);
        let (told, _) = format.fit(&town());
        let files = written(&format, &told);
        let promised = lines(&format.visible(&told));
        for at in 0..files.len() {
            for end in 0..files[at].1.len() {
                let mut cut = files.clone();
                cut[at].1.truncate(end);
                let found = format.read_back(&told, documents(&cut));
                let other = found.is_ok_and(|found| lines(&found) == promised);
                assert!(!other, "{} at {end}", files[at].0);
                let on_a_line = cut[at].1.ends_with(b"\n");
                assert!(on_a_line || format.decode(documents(&cut)).is_err(), "{end}");
            }
        }
    }
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let format = csv("", ALL);
    let told = town();
    let files = written(&format, &told);
    let change =
        (0..files.len(), 0..1000_usize, 0..1000_usize, "\\PC{0,3}|[\"\r\n,]{1,4}|[\u{0}-\u{1f}]");
    proptest!(ProptestConfig::with_cases(400), |((file, a, b, put) in change)| {
        let mut changed = files.clone();
        let bytes = &files[file].1;
        let (a, b) = (a.min(bytes.len()), b.min(bytes.len()));
        changed[file].1 = [&bytes[..a.min(b)], put.as_bytes(), &bytes[a.max(b)..]].concat();
        let _ = format.decode(documents(&changed));
        let _ = format.read_back(&told, documents(&changed));
    });
}

#[test]
fn no_byte_of_a_table_can_change_unnoticed() {
    for (habit, files) in [("", ALL), ("quote = \"always\"", PUPILS), ("header = false", NAMES)] {
        let format = csv(habit, files);
        let told = town();
        let files = written(&format, &told);
        let promised = lines(&format.visible(&told));
        for file in 0..files.len() {
            for at in 0..files[file].1.len() {
                let mut changed = files.clone();
                changed[file].1[at] = if files[file].1[at] == b'7' { b'8' } else { b'7' };
                let found = format.read_back(&told, documents(&changed));
                let unnoticed = found.is_ok_and(|found| lines(&found) == promised);
                assert!(!unnoticed, "{} at {at}", files[file].0);
            }
        }
    }
}

#[track_caller]
fn check_read(format: &Format, bytes: &[u8], code: u16) {
    let names = format.document_names();
    let error = format.decode(documents(&[(names[0].clone(), bytes.to_vec())]));
    assert_eq!(error.expect_err("a fault").code(), Code(code));
}

#[test]
fn faults_of_form_are_refused() {
    let format = csv("", NAMES);
    check_read(&format, b"", 310);
    check_read(&format, b"a,c\r\n", 315);
    check_read(&format, b"a\r\n", 315);
    check_read(&format, b"a,b\r\n1,Elsa,3\r\n", 318);
    check_read(&format, b"a,b\r\n1,\"El", 310);
    check_read(&format, b"a,b\r\n1,\xc5\r\n", 314);
    check_read(&format, b"a,b\r\n1,\"El\nsa\"\r\n", 326);
}

#[test]
fn a_derived_column_that_says_something_else_is_found() {
    let format = csv("", ALL);
    let told = town();
    for (file, from, to) in [
        (2, "Elsa <Ester> Åberg & Son,elsa", "Elsa <Ester> Åberg & Sån,elsa"),
        (2, "Västra skolan,2A", "Västra skolan,2B"),
        (2, "Västra skolan,2A", "Östra skolan,2A"),
        (2, "2A,p-1", "2A,p-2"),
        (0, "99123456,Västra skolan", "99123456,Östra skolan"),
        (1, "learner,,,2A", "learner,,,2B"),
    ] {
        let mut files = written(&format, &told);
        let text = String::from_utf8(files[file].1.clone()).expect("UTF-8");
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        files[file].1 = changed.into_bytes();
        let error = format.read_back(&told, documents(&files)).expect_err(from);
        assert_eq!(error.code(), Code(901), "{error}");
    }
}

#[test]
fn letters_that_the_encoding_lacks_are_spelt_otherwise_or_refused() {
    let given = "Łucja";
    let pupil = Person { email: "łucja@example.org", ..person("p-1", given, "Gerő", &[]) };
    let told = Builder::new()
        .person(&pupil)
        .person(&person("ł", "A\u{30a}sa", "", &[]))
        .group(&group("g", "✓", GroupKind::Class, ""))
        .build();
    let (fitted, issues) = csv("encoding = \"windows-1252\"", ALL).fit(&told);
    let found: Vec<_> = issues
        .iter()
        .map(|i| (i.code.0, i.severity, i.file.as_str(), i.field.as_deref(), i.detail.as_str()))
        .collect();
    let warning = Severity::Warning;
    assert_eq!(
        found,
        [
            (326, warning, "persons.csv", Some("email"), "1"),
            (326, warning, "persons.csv", Some("family-name"), "1"),
            (326, warning, "persons.csv", Some("given-name"), "2"),
            (326, Severity::Error, "persons.csv", Some("person-key"), "1"),
            (326, warning, "groups.csv", Some("group-name"), "1"),
        ]
    );
    let pupil = fitted.person_at(0);
    assert_eq!((pupil.given_name, pupil.family_name, pupil.email), ("?ucja", "Gero", ""));
    assert_eq!(fitted.person_at(1).given_name, "Åsa");
    assert_eq!(csv("", ALL).fit(&told).1, []);
}

#[test]
fn keys_of_schools_that_cannot_be_taken_apart_are_refused() {
    let told = Builder::new().person(&at_schools(person("p", "", "", &[]), &["a, b"])).build();
    let issues = csv("", PUPILS).fit(&told).1;
    assert_eq!((issues[0].code, issues[0].severity), (Code(318), Severity::Error));
    assert_eq!(csv("", NAMES).fit(&told).1, []);
}

#[track_caller]
fn check_settings(toml: &str, line: usize, part: &str) {
    let message = try_format(toml).expect_err(toml).to_string();
    assert!(message.contains(part), "{message}");
    assert!(message.contains(&format!("line {line}")), "{message}");
}

#[test]
fn settings_say_what_is_wrong_with_them() {
    let file = |columns: &str| {
        format!("[csv]\n[csv.file.\"a.csv\"]\nrows = \"persons\"\ncolumns = [\n{columns}\n]\n")
    };
    check_settings(
        &file("[\"Id\", \"key\"],\n[\"Klass\", \"clas\"]"),
        6,
        "unknown field \"clas\"; did you mean \"class\"?",
    );
    check_settings(&file("[\"Id\", \"key\"],\n[\"Klass\"]"), 6, "a column as");
    check_settings(&file("[\"Id\", \"key\", \"x\"]"), 5, "a column as");
    check_settings(
        &file("[\"Id\", \"key\"], [\"Till\", \"to\"]"),
        2,
        "column 2 (\"Till\") of persons",
    );
    check_settings(&file("[\"Id\", \"key\"], [\"Id\", \"email\"]"), 2, "stands twice");
    check_settings(&file("[\"Namn\", \"name\"]"), 2, "needs a column \"key\"");
    let groups = "[csv]\n[csv.file.\"a.csv\"]\nrows = \"groups\"\ncolumns = [[\"a\", \"key\"]]";
    check_settings(groups, 1, "rows = \"persons\" is needed");
    let path = file("[\"Id\", \"key\"]").replace("a.csv", "../a.csv");
    check_settings(&path, 2, "plain file name");
    for delimiter in ["", "ab", "\\\"", "å", "a", "\\n"] {
        let toml = format!("[csv]\ndelimiter = \"{delimiter}\"\n{NAMES}");
        check_settings(&toml, 2, "one character");
    }
    let latin = format!("[csv]\nencoding = \"iso-8859-1\"\n{}", NAMES.replace("\"a\"", "\"№\""));
    check_settings(&latin, 1, "iso-8859-1 lacks");
    check_settings(
        &format!("[csv]\n{NAMES}{NAMES}").replacen("1.csv", "2.csv", 1),
        1,
        "only one file",
    );
    let alone = "[csv.file.\"3.csv\"]\nrows = \"memberships\"\ncolumns = [[\"a\", \"group\"], [\"b\", \"person\"]]";
    check_settings(&format!("[csv]\n{NAMES}{alone}"), 1, "needs one with rows = \"groups\"");
}

#[test]
fn every_setting_that_reaches_the_bytes_moves_the_digest() {
    let mut digests: Vec<[u8; 32]> =
        HABITS.iter().map(|habit| csv(habit, PUPILS).digest()).collect();
    digests.push(csv("", &PUPILS.replace("Förnamn", "First name")).digest());
    digests.push(csv("", &PUPILS.replace("\"email\"", "\"username\"")).digest());
    digests.push(csv("", NAMES).digest());
    digests.push(csv("", ALL).digest());
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
    let renamed = csv("", &PUPILS.replace("elever.csv", "pupils.csv"));
    assert_eq!(renamed.digest(), csv("", PUPILS).digest());
    assert_eq!(renamed.binding(), "csv:pupils.csv");
    assert_eq!(csv("", KEYS).binding(), "csv:1.csv,2.csv,3.csv,4.csv");
    let toml = toml::to_string(&csv("delimiter = \";\"", ALL)).expect("settings are a table");
    assert_eq!(
        try_format(&toml).expect("written by us").digest(),
        csv("delimiter = \";\"", ALL).digest()
    );
}

#[test]
fn what_the_format_carries_follows_from_its_columns() {
    let carried = csv("", PUPILS).carried();
    assert!(carried.class_names && carried.schools && carried.school_rows && carried.email);
    assert!(!carried.group_rows && !carried.membership_rows && !carried.mobile && !carried.roles);
    let carried = csv("", NAMES).carried();
    assert!(carried.given_name && carried.family_name && !carried.class_names);
    let carried = csv("", ALL).carried();
    assert!(carried.periods && carried.relation_rows && carried.course && carried.parent);
}

#[test]
fn the_class_of_a_pupil_is_seen_without_rows_for_groups() {
    let below = Group { parent: "g-1", ..group("g-2", "2A", GroupKind::Class, "") };
    let told = Builder::new()
        .person(&person("p", "", "", &[]))
        .group(&group("g-1", "2A", GroupKind::Class, ""))
        .group(&below)
        .member("g-1", "p", Role::Learner)
        .member("g-2", "p", Role::Learner)
        .build();
    let format = csv("header = false", PUPILS);
    assert_eq!(written(&format, &told)[0].1, b"p,,,,2A,,\r\n");
    assert_eq!(lines(&format.visible(&told)), ["person: p\t\t\t\t\t\t\t\t\t\t"]);
}
