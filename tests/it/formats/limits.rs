//! What does not fit an IMS Enterprise document: cut, left out or refused, and counted.

use rostergate::roster::code::Code;
use rostergate::roster::entity::Group;
use rostergate::roster::issue::{Issue, Severity};
use rostergate::roster::words::{GroupKind, Role};

use super::support::{Builder, at_schools, check_law, group, itslearning, person, plain, text};

#[track_caller]
fn check_issue(issues: &[Issue], code: u16, severity: Severity, field: &str, count: &str) {
    let found = issues.iter().any(|issue| {
        (issue.code, issue.severity) == (Code(code), severity)
            && issue.field.as_deref() == Some(field)
            && issue.detail == count
            && issue.file == "ims.xml"
            && issue.line.is_none()
    });
    assert!(found, "RG{code} {field} {count} in {issues:?}");
}

#[test]
fn what_does_not_fit_is_cut_or_left_out_and_counted() {
    let long = "å".repeat(70);
    let (address, phone) = (format!("{}@example.org", "x".repeat(260)), "1".repeat(33));
    let mut pupil = person("p-1", &long, "Berg\u{fffe}", &[Role::Learner]);
    (pupil.email, pupil.mobile) = (&address, &phone);
    let other = person("p-2", &long, "Berg", &[Role::Learner]);
    let told = Builder::new()
        .person(&pupil)
        .person(&other)
        .group(&group("g-1", &long, GroupKind::Class, ""))
        .build();
    let (fitted, issues) = itslearning("").fit(&told);
    assert_eq!(issues.len(), 5, "{issues:?}");
    check_issue(&issues, 340, Severity::Warning, "given-name", "2");
    check_issue(&issues, 340, Severity::Warning, "group-name", "1");
    check_issue(&issues, 340, Severity::Warning, "email", "1");
    check_issue(&issues, 340, Severity::Warning, "mobile", "1");
    check_issue(&issues, 326, Severity::Warning, "family-name", "1");
    let pupil = fitted.person_at(0);
    assert_eq!((pupil.given_name, pupil.family_name), (&*"å".repeat(64), "Berg\u{fffd}"));
    assert_eq!((pupil.email, pupil.mobile), ("", ""));
    assert_eq!(itslearning("").fit(&fitted).1, []);
    let names: Vec<String> =
        plain("").fit(&told).1.into_iter().filter_map(|issue| issue.field).collect();
    assert_eq!(names, ["family-name", "email", "mobile"]);
}

#[test]
fn long_names_of_groups_stand_whole_in_the_plain_standard() {
    let long = "Samhällskunskap ".repeat(8);
    let told = Builder::new().group(&group("g", long.trim(), GroupKind::Other, "")).build();
    check_law(&plain(""), &told);
    let document = text(&plain(""), &told);
    let short = "<short>Samhällskunskap Samhällskunskap Samhällskunskap Samhällskuns</short>";
    assert!(document.contains(short), "{document}");
    assert!(document.contains("<long>"));
}

#[test]
fn a_key_that_does_not_fit_or_means_two_things_is_an_error() {
    let long = "k".repeat(256);
    let told = Builder::new()
        .school("s-1", "Skola")
        .person(&person(&long, "", "", &[]))
        .group(&group("s-1", "", GroupKind::Class, ""))
        .group(&group("root", "", GroupKind::Class, ""))
        .build();
    let issues = itslearning("").fit(&told).1;
    check_issue(&issues, 340, Severity::Error, "person-key", "1");
    check_issue(&issues, 346, Severity::Error, "key", "1");
    check_issue(&issues, 346, Severity::Error, "root.key", "1");
    let issues = plain("").fit(&told).1;
    assert_eq!(issues.len(), 1);
    check_issue(&issues, 346, Severity::Error, "key", "1");
}

#[test]
fn a_deep_chain_of_groups_keeps_its_levels() {
    let keys: Vec<String> = (0..120).map(|at| format!("g{at:03}")).collect();
    let mut told = Builder::new().school("s-1", "Skola");
    for (at, key) in keys.iter().enumerate() {
        let parent = if at == 0 { "" } else { &keys[at - 1] };
        let school = if at == 0 { "s-1" } else { "" };
        told = told.group(&Group { parent, ..group(key, "", GroupKind::Other, school) });
    }
    let told = told.build();
    for format in [itslearning(""), plain("")] {
        check_law(&format, &told);
        check_law(&format, &format.fit(&told).0);
    }
}

#[test]
fn schools_without_rows_are_told_to_whoever_configures() {
    let told = Builder::new().person(&at_schools(person("p", "", "", &[]), &["s"])).build();
    check_issue(&itslearning("").fit(&told).1, 322, Severity::Warning, "school", "1");
    check_law(&itslearning(""), &told);
}
