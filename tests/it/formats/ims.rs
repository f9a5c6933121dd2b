//! IMS Enterprise documents: the law, the bytes, the settings, the limits.

use proptest::prelude::*;
use rostergate::formats::error::FormatError;
use rostergate::roster::code::Code;

use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, RelationKind, Role};

use super::support::{
    Builder, at_schools, check_law, documents, group, itslearning, lines, person, plain, stamp,
    text, town, try_format, written,
};

const HABITS: &[&str] = &[
    "",
    "encoding = \"iso-8859-1\"",
    "namespace = \"http://imsglobal.org/IMS_EPv1p1\"",
    "username = \"email\"",
    "username = \"personal-number\"",
    "username = \"key\"",
    "username = \"none\"",
    "school-memberships = false\nparent-links = false\nperiods = true\nterms = true",
    "school-memberships = true\nparent-links = true\nperiods = false\nterms = false",
    "roles = { mentor = \"02\", learner = \"Learner\" }",
    "roles = { mentor = \"02\" }\nperiods = true",
    "group-types = { class = \"Klass\", mentor = \"COURSE\" }",
    "institution-roles = { guardian = \"Guest\", staff = \"Guest\" }",
    "root = { key = \"top\", name = \"Hela <kommunen>\" }",
    "school-year-nodes = true",
    "school-year-nodes = true\nterms = true\nperiods = true",
];

#[test]
fn what_is_read_back_is_what_was_promised() {
    for habit in HABITS {
        check_law(&itslearning(habit), &town());
        check_law(&plain(habit), &town());
    }
}

#[test]
fn a_roster_with_nobody_in_it_is_a_document_too() {
    check_law(&itslearning(""), &Roster::default());
    check_law(&plain(""), &Roster::default());
}

#[test]
fn the_document_is_what_itslearning_reads() {
    let told = Builder::new()
        .school("99123456", "Västra skolan")
        .person(&at_schools(person("p-1", "Elsa", "Å & B", &[Role::Learner]), &["99123456"]))
        .person(&person("p-2", "Bo", "Å", &[Role::Guardian]))
        .group(&group("g-1", "2A", GroupKind::Class, "99123456"))
        .member("g-1", "p-1", Role::Learner)
        .relation("p-2", "p-1", RelationKind::Guardian)
        .build();
    let expected = include_str!("../../../fixtures/formats/itslearning.xml");
    assert_eq!(text(&itslearning("username = \"key\""), &told), expected);
}

#[test]
fn the_same_roster_gives_the_same_bytes() {
    let format = itslearning("");
    assert_eq!(written(&format, &town()), written(&format, &town()));
}

#[test]
fn latin_1_holds_its_own_letters_and_refers_to_others() {
    let (_, bytes) = written(&itslearning("encoding = \"iso-8859-1\""), &town()).remove(0);
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds(b"encoding=\"ISO-8859-1\""));
    assert!(holds(b"\xc5berg &amp; Son"));
    assert!(holds(b"<given>&#1606;&#1608;&#1585;</given>"));
}

#[test]
fn names_come_through_whatever_they_hold() {
    let name = "\\PC{0,40}";
    let odd = prop_oneof![
        name.prop_map(|name| name),
        Just("=HYPERLINK(\"http://x\")".to_owned()),
        Just("]]><![CDATA[<!--&lt;-->".to_owned()),
        Just("Gu\u{308}nther A\u{30a}sa".to_owned()),
        Just("שלום \u{202e}abc\u{202c}".to_owned()),
        Just("👩‍👩‍👧‍👦 \u{7f}\u{85}\u{2028}\u{feff}".to_owned()),
    ];
    let names = (odd.clone(), odd.clone(), odd);
    proptest!(ProptestConfig::with_cases(300), |((given, family, title) in names)| {
        let told = Builder::new()
            .school("s", &title)
            .person(&at_schools(person("p", &given, &family, &[Role::Learner]), &["s"]))
            .group(&group("g", &title, GroupKind::Class, "s"))
            .member("g", "p", Role::Learner)
            .build();
        for format in [
            itslearning(""),
            itslearning("encoding = \"iso-8859-1\""),
            plain(""),
            plain("encoding = \"iso-8859-1\""),
        ] {
            check_law(&format, &format.fit(&told).0);
        }
    });
}

#[test]
fn a_document_cut_off_anywhere_is_refused() {
    for format in [itslearning(""), plain("encoding = \"iso-8859-1\"")] {
        let told = town();
        let (name, bytes) = written(&format, &told).remove(0);
        let promised = lines(&format.visible(&told));
        for end in 0..bytes.len() - 1 {
            let files = [(name.clone(), bytes[..end].to_vec())];
            let error =
                format.read_back(&told, documents(&files)).expect_err("a piece is no whole");
            assert_ne!(error.code(), Code(901), "at {end}");
            format.decode(documents(&files)).expect_err("a piece is no whole");
        }
        let whole = [(name, bytes)];
        let found = format.read_back(&told, documents(&whole)).expect("the whole is one");
        assert_eq!(lines(&found), promised);
    }
}

#[test]
fn a_document_that_is_not_what_was_written_is_refused() {
    let format = itslearning("username = \"key\"");
    let told = town();
    let (name, bytes) = written(&format, &told).remove(0);
    let document = String::from_utf8(bytes).expect("UTF-8");
    for (from, to) in [
        ("<fn>Elsa", "<fn>Else"),
        ("<userid>p-2", "<userid>p-1"),
        (
            "primaryrole=\"Yes\" institutionroletype=\"Staff\"",
            "primaryrole=\"No\" institutionroletype=\"Staff\"",
        ),
        ("institutionroletype=\"Staff\"", "institutionroletype=\"Administrator\""),
        ("<relationshiptype>child", "<relationshiptype>parent"),
        ("<idtype>1", "<idtype>2"),
        ("<status>1", "<status>0"),
        ("<type>full", "<type>delta"),
        ("<datasource>Exempelstad", "<datasource>Annan"),
        ("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\""),
        (" encoding=", " noencoding="),
        ("<?xml version=\"1.0\"", "<?xml version=\"1.0\" standalone=\"yes\""),
        ("<enterprise>", "<enterprise xmlns=\"urn:x\">"),
        ("<short>Exempelstad</short>", "<short>Annan</short>"),
        ("<email>", "<photo/><email>"),
    ] {
        let changed = document.replacen(from, to, 1);
        assert_ne!(changed, document, "{from}");
        let files = [(name.clone(), changed.into_bytes())];
        let error = format.read_back(&told, documents(&files)).expect_err(from);
        assert_eq!(error.code(), Code(901), "{from}");
    }
}

#[test]
fn administrators_cannot_be_said() {
    let refused = |more: &str| {
        let toml = format!(
            "[ims-enterprise]\ndialect = \"plain\"\nsource = \"X\"\nfile-name = \"x.xml\"\n{more}"
        );
        try_format(&toml).expect_err(more).to_string()
    };
    for word in [
        "Administrator",
        "administrator",
        "SysAdmin",
        "SysSupport",
        "AccountAdmin",
        "Admin",
        "School administrator",
        "Manager",
        "SYSTEMFÖRVALTARE",
    ] {
        let message = refused(&format!("institution-roles = {{ staff = \"{word}\" }}"));
        assert!(message.contains("never hands out an administrator's rights"), "{message}");
        assert!(message.contains("line 5"), "{message}");
    }
    for role in ["05", "Manager", "07", "Administrator", "9", "+2"] {
        let message = refused(&format!("roles = {{ instructor = \"{role}\" }}"));
        assert!(message.contains("managers and administrators are refused"), "{message}");
    }
    refused("institution-roles = { administrator = \"Staff\" }");
    refused("group-types = { class = \"School\" }");
}

#[test]
fn settings_say_what_is_wrong_with_them() {
    let error = |settings: &str| {
        let message = try_format(&format!("[ims-enterprise]\n{settings}")).expect_err(settings);
        message.to_string()
    };
    let base = "dialect = \"plain\"\nsource = \"X\"\n";
    for name in ["../x.xml", "a/b.xml", ".x.xml", "", "x\\y.xml", "x\ty"] {
        error(&format!("{base}file-name = '''{name}'''"));
    }
    let long = "x".repeat(33);
    error(&format!("dialect = \"plain\"\nsource = \"{long}\"\nfile-name = \"x.xml\""));
    error(&format!("{base}file-name = \"x.xml\"\nnamespace = \"yes please\""));
    let unknown = error(&format!("{base}file-name = \"x.xml\"\nperiod = true"));
    assert!(unknown.contains("unknown field `period`") && unknown.contains("line 5"), "{unknown}");
}

#[test]
fn every_setting_that_reaches_the_bytes_moves_the_digest() {
    let settings = [
        "",
        "encoding = \"iso-8859-1\"",
        "namespace = \"urn:x\"",
        "username = \"email\"",
        "username = \"key\"",
        "root = { key = \"top\" }",
        "root = { name = \"top\" }",
        "group-types = { class = \"x\" }",
        "group-types = { course = \"x\" }",
        "group-types = { mentor = \"x\" }",
        "group-types = { other = \"x\" }",
        "group-types = { teaching = \"x\" }",
        "institution-roles = { guardian = \"x\" }",
        "institution-roles = { learner = \"x\" }",
        "institution-roles = { staff = \"x\" }",
        "roles = { instructor = \"Instructor\" }",
        "roles = { learner = \"Learner\" }",
        "roles = { mentor = \"Mentor\" }",
        "school-memberships = false",
        "parent-links = false",
        "periods = true",
        "terms = true",
        "school-year-nodes = true",
    ];
    let mut digests: Vec<[u8; 32]> = settings.iter().map(|s| itslearning(s).digest()).collect();
    digests.push(plain("").digest());
    let base = "[ims-enterprise]\ndialect = \"plain\"\nfile-name = \"b.xml\"\nsource = ";
    digests.push(try_format(&format!("{base}\"Annan\"")).expect("settings").digest());
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
    let renamed = try_format(&format!("{base}\"Exempelstad\"")).expect("settings");
    assert_eq!(renamed.digest(), plain("").digest());
    assert_eq!(itslearning("terms = false").digest(), itslearning("").digest());
    let without = itslearning("school-year-nodes = false");
    assert_eq!(without.digest(), itslearning("").digest());
}

#[test]
fn the_settings_have_a_schema() {
    let schema = schemars::schema_for!(rostergate::formats::Format);
    let text = serde_json::to_string(&schema).expect("a schema is JSON");
    for word in ["ims-enterprise", "school-memberships", "csv", "line-ends", "columns"] {
        assert!(text.contains(&format!("\"{word}\"")), "{word}");
    }
}

#[test]
fn settings_survive_being_written_down() {
    for habit in HABITS {
        let format = itslearning(habit);
        let toml = toml::to_string(&format).expect("settings are a table");
        assert_eq!(try_format(&toml).expect("written by us").digest(), format.digest());
    }
}

#[test]
fn what_the_format_carries_follows_from_its_settings() {
    let carried = itslearning("").carried();
    assert!(carried.schools && carried.relation_rows && carried.roles && carried.username);
    assert!(!carried.group_kind && !carried.periods && !carried.term && !carried.school_year);
    let carried = plain("").carried();
    assert!(carried.group_kind && carried.periods && carried.term && !carried.schools);
    assert!(!plain("username = \"email\"").carried().username);
    assert!(!plain("institution-roles = { staff = \"Other\" }").carried().roles);
    assert_eq!(plain("").binding(), "ims-enterprise:ims.xml");
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let format = plain("parent-links = true\nschool-memberships = true");
    let told = town();
    let (name, bytes) = written(&format, &told).remove(0);
    let change =
        (0..bytes.len(), 0..bytes.len(), "\\PC{0,3}|<[a-z]{1,6}>|&[a-z#0-9]{1,4};|[\u{0}-\u{1f}]");
    proptest!(ProptestConfig::with_cases(400), |((a, b, put) in change)| {
        let mut changed = bytes[..a.min(b)].to_vec();
        changed.extend_from_slice(put.as_bytes());
        changed.extend_from_slice(&bytes[a.max(b)..]);
        let files = [(name.clone(), changed)];
        let _ = format.decode(documents(&files));
        let _ = format.read_back(&told, documents(&files));
    });
}

#[test]
fn no_byte_of_a_document_can_change_unnoticed() {
    let told = town();
    for format in [
        itslearning(""),
        itslearning("institution-roles = { guardian = \"Guest\", staff = \"Guest\" }"),
        plain("parent-links = true\nschool-memberships = true\nusername = \"email\""),
    ] {
        let (name, bytes) = written(&format, &told).remove(0);
        let promised = lines(&format.visible(&told));
        let declaration = bytes.iter().position(|&b| b == b'\n').expect("there are lines");
        for at in declaration..bytes.len() {
            let other = if bytes[at] == b'7' { b'8' } else { b'7' };
            let mut changed = bytes.clone();
            changed[at] = other;
            let files = [(name.clone(), changed)];
            let found = format.read_back(&told, documents(&files));
            let unnoticed = found.is_ok_and(|found| lines(&found) == promised);
            let before = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..at]).into_owned();
            let is_time = before.contains("<datetime>");
            assert!(!unnoticed || is_time, "after {before}");
        }
    }
}

#[test]
fn a_repeat_in_a_finished_file_is_a_fault() {
    let format = plain("");
    let told = town();
    let (name, bytes) = written(&format, &told).remove(0);
    let document = String::from_utf8(bytes).expect("UTF-8");
    let start = document.find("<person>").expect("there are persons");
    let end = document.find("</person>\n").expect("there are persons") + 10;
    let twice = document.replacen(&document[start..end], &document[start..end].repeat(2), 1);
    let files = [(name, twice.into_bytes())];
    let error = format.read_back(&told, documents(&files)).expect_err("a person stands twice");
    assert!(matches!(error, FormatError::Faulty { code: Code(320), .. }), "{error}");
}

#[test]
fn writing_stops_when_the_disk_is_full() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = itslearning("").write(&town(), &stamp(), "ims.xml", &mut Full);
    assert_eq!(error.expect_err("nothing fits").kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(town().count(Kind::Person), 4);
}
