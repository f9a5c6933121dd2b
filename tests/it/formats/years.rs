//! Groups hung under a node for their school year: written, valid, read back by another reader,
//! and no group of ours.

use rostergate::formats::Format;
use rostergate::roster::code::Code;
use rostergate::roster::entity::Group;
use rostergate::roster::issue::Severity;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, Role};

use super::schema::assert_valid;
use super::support::{
    Builder, at_schools, check_law, documents, group, itslearning, lines, person, plain, text,
    town, written,
};

const YEARS: &str = "school-year-nodes = true";

/// Two schools with groups of two years, one without a year, one below another, one at no school.
fn two_years() -> Roster {
    let of = |key, term, school| Group { term, ..group(key, key, GroupKind::Teaching, school) };
    Builder::new()
        .school("99000001", "Alskolan")
        .school("99000002", "Björkskolan")
        .person(&at_schools(person("p-1", "Elsa", "Berg", &[Role::Learner]), &["99000001"]))
        .group(&of("ma-1", "2026/2027", "99000001"))
        .group(&of("ma-2", "HT26 & <VT27>", "99000001"))
        .group(&Group { parent: "ma-1", ..of("ma-1a", "2026/2027", "99000001") })
        .group(&Group { parent: "ma-1a", ..of("ma-1aa", "", "") })
        .group(&of("ma-3", "2026/2027", "99000002"))
        .group(&of("utan", "", "99000002"))
        .group(&of("fri", "2026/2027", ""))
        .member("ma-1", "p-1", Role::Learner)
        .member("ma-1aa", "p-1", Role::Learner)
        .build()
}

fn node(document: &str, key: &str) -> String {
    let start = format!("<group><sourcedid><source>Exempelstad</source><id>{key}</id>");
    let at = document.find(&start).unwrap_or_else(|| panic!("no {key} in {document}"));
    document[at..].split("</group>").next().expect("a first part").to_owned()
}

#[track_caller]
fn hangs(document: &str, key: &str, level: u8, above: &str, label: &str) {
    let node = node(document, key);
    let expected = format!("<id>{above}</id></sourcedid><label>{label}</label>");
    assert!(node.contains(&expected), "{key}: {node}");
    assert!(node.contains(&format!("level=\"{level}\"")), "{key}: {node}");
}

#[test]
fn groups_hang_under_the_school_year_of_their_school() {
    let format = itslearning(YEARS);
    let (told, issues) = format.fit(&two_years());
    assert_eq!(issues, []);
    let document = text(&format, &told);
    hangs(&document, "99000001:2026/2027", 2, "99000001", "school");
    hangs(&document, "99000001:HT26 &amp; &lt;VT27&gt;", 2, "99000001", "school");
    hangs(&document, "99000002:2026/2027", 2, "99000002", "school");
    hangs(&document, "ma-1", 3, "99000001:2026/2027", "year");
    hangs(&document, "ma-1a", 4, "ma-1", "parent");
    hangs(&document, "ma-1aa", 5, "ma-1a", "parent");
    hangs(&document, "ma-3", 3, "99000002:2026/2027", "year");
    hangs(&document, "utan", 2, "99000002", "school");
    hangs(&document, "fri", 1, "root", "root");
    assert_eq!(document.matches("<short>2026/2027</short>").count(), 2, "once for each school");
    assert!(!document.contains("adminperiod"));
}

#[test]
fn school_years_are_read_back_and_are_no_groups() {
    for more in ["", "\nterms = true\nperiods = true", "\nencoding = \"iso-8859-1\""] {
        let format = itslearning(&format!("{YEARS}{more}"));
        check_law(&format, &two_years());
        let (fitted, _) = format.fit(&two_years());
        check_law(&format, &fitted);
        assert_eq!(format.visible(&fitted).count(Kind::Group), 7);
        check_law(&format, &town());
        assert_valid(&format, &fitted);
    }
}

#[test]
fn what_a_school_year_tells_is_what_the_baseline_keeps() {
    let format = itslearning(YEARS);
    assert!(format.carried().term && !itslearning("").carried().term);
    let (fitted, _) = format.fit(&two_years());
    let terms: Vec<&str> = fitted.groups().map(|group| group.term).collect();
    let expected = ["", "2026/2027", "", "", "HT26 & <VT27>", "2026/2027", ""];
    assert_eq!(terms, expected, "a term that no reader could know is none");
    assert_eq!(lines(&format.visible(&fitted)), lines(&itslearning_visible(&fitted, &format)));
}

/// The same document read without knowing what was told.
fn itslearning_visible(told: &Roster, format: &Format) -> Roster {
    let (found, issues) = format.decode(documents(&written(format, told))).expect("readable");
    assert_eq!(issues, []);
    found
}

#[test]
fn todays_settings_see_what_turning_it_on_or_off_would_do() {
    let (with, without) = (itslearning(YEARS), itslearning(""));
    let (told, _) = with.fit(&two_years());
    let (seen, _) = without.decode(documents(&written(&with, &told))).expect("readable");
    assert_eq!(seen.count(Kind::Group), 10, "without it, the nodes are groups that would go");
    let (seen, _) = with.decode(documents(&written(&without, &told))).expect("readable");
    assert!(seen.groups().all(|group| group.term.is_empty()), "with it, every group moves");
}

#[test]
fn a_damaged_tree_of_school_years_is_refused() {
    let format = itslearning(&format!("{YEARS}\nterms = true"));
    let (told, _) = format.fit(&two_years());
    let (name, bytes) = written(&format, &told).remove(0);
    let document = String::from_utf8(bytes).expect("UTF-8");
    let year = format!("{}</group>\n", node(&document, "99000002:2026/2027"));
    let moved = node(&document, "ma-3").replace("99000002:2026/2027", "99000001:2026/2027");
    let flat = node(&document, "ma-3")
        .replace("99000002:2026/2027", "99000002")
        .replace("level=\"3\"", "level=\"2\"")
        .replace("<label>year", "<label>school");
    let ma_3 = node(&document, "ma-3");
    for (what, from, to) in [
        ("a node twice", &*year, &*year.repeat(2)),
        ("no node", &year, ""),
        ("a node with another name", "<short>2026/2027</short>", "<short>2027/2028</short>"),
        ("a group at another school's node", &ma_3, &moved),
        ("a group beside its node", &ma_3, &flat),
        ("a group of another year", "<adminperiod>2026/2027", "<adminperiod>2025/2026"),
        ("a node that is a course", "level=\"2\"></typevalue>", "level=\"2\">COURSE</typevalue>"),
    ] {
        let changed = document.replacen(from, to, 1);
        assert_ne!(changed, document, "{what}");
        let files = [(name.clone(), changed.into_bytes())];
        let found = format.read_back(&told, documents(&files));
        let noticed = found.map_or(true, |found| lines(&found) != lines(&format.visible(&told)));
        assert!(noticed, "{what}");
    }
}

#[test]
fn no_byte_of_a_tree_of_school_years_can_change_unnoticed() {
    for more in [YEARS, "school-year-nodes = true\nterms = true"] {
        let format = itslearning(more);
        let (told, _) = format.fit(&two_years());
        let (name, bytes) = written(&format, &told).remove(0);
        let promised = lines(&format.visible(&told));
        let start = bytes.windows(7).position(|part| part == b"<group>").expect("there are groups");
        for at in start..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            let files = [(name.clone(), changed)];
            let found = format.read_back(&told, documents(&files));
            let before = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..at]).into_owned();
            assert!(!found.is_ok_and(|found| lines(&found) == promised), "after {before}");
        }
    }
}

#[test]
fn a_node_that_does_not_fit_or_shares_a_key_is_an_error() {
    let school = "s".repeat(250);
    let of = |key, term, school| Group { term, ..group(key, "", GroupKind::Course, school) };
    let told = Builder::new()
        .school(&school, "")
        .school("a", "")
        .school("a:b", "")
        .group(&of("1", "2026/2027", &school))
        .group(&of("2", "b:c", "a"))
        .group(&of("3", "c", "a:b"))
        .group(&of("4", "HT26", "a"))
        .group(&of("a:HT26", "", "a"))
        .build();
    let issues = itslearning(YEARS).fit(&told).1;
    let found: Vec<(Code, Severity, &str)> =
        issues.iter().map(|issue| (issue.code, issue.severity, &*issue.detail)).collect();
    let expected = [(Code(340), Severity::Error, "1"), (Code(346), Severity::Error, "2")];
    assert_eq!(found, expected);
    assert_eq!(itslearning("").fit(&told).1, []);
}

#[test]
fn a_term_too_long_for_the_reader_makes_no_node() {
    let long = "x".repeat(33);
    let told = Builder::new()
        .school("s", "")
        .group(&Group { term: &long, ..group("g", "", GroupKind::Course, "s") })
        .build();
    let format = itslearning(YEARS);
    let (fitted, issues) = format.fit(&told);
    assert_eq!(issues.len(), 1, "{issues:?}");
    hangs(&text(&format, &fitted), "g", 2, "s", "school");
    check_law(&format, &fitted);
}

#[test]
fn the_plain_standard_has_no_tree_to_hang_them_in() {
    let format = plain(YEARS);
    assert!(format.contradiction().is_some_and(|what| what.contains("school-year-nodes")));
    assert_eq!(itslearning(YEARS).contradiction(), None);
    assert_eq!(format.digest(), plain("").digest());
    check_law(&format, &two_years());
}
