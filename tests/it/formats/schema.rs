//! The documents against our own schema, with a checker that is not ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rostergate::formats::Format;
use rostergate::roster::roster::Roster;

use super::support::{itslearning, plain, town, written};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/ims-enterprise.xsd");

#[expect(clippy::disallowed_methods, reason = "the test runs an independent checker on a file")]
fn xmllint(schema: &Path, document: &[u8]) -> Output {
    let folder = tempfile::tempdir().expect("a folder for the document");
    let path = folder.path().join("document.xml");
    std::fs::write(&path, document).expect("the document can be written");
    Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([schema, &path])
        .output()
        .expect("xmllint is missing: sudo apt-get install libxml2-utils")
}

/// Asserts that a roster's document follows the schema.
#[track_caller]
pub(crate) fn assert_valid(format: &Format, told: &Roster) {
    check_valid_of(&PathBuf::from(SCHEMA), format, told);
}

#[track_caller]
fn check_valid(schema: &Path, format: &Format) {
    check_valid_of(schema, format, &format.fit(&town()).0);
}

#[track_caller]
fn check_valid_of(schema: &Path, format: &Format, told: &Roster) {
    let (_, document) = written(format, told).remove(0);
    let output = xmllint(schema, &document);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn documents_of_both_dialects_and_encodings_follow_the_schema() {
    let schema = PathBuf::from(SCHEMA);
    for more in
        ["", "encoding = \"iso-8859-1\"", "periods = true\nterms = true", "username = \"key\""]
    {
        check_valid(&schema, &itslearning(more));
        check_valid(&schema, &plain(more));
    }
    check_valid(&schema, &plain("parent-links = true\nschool-memberships = true"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the schema with a namespace is made for the test")]
fn a_document_with_a_namespace_follows_the_schema_in_that_namespace() {
    let uri = "http://imsglobal.org/IMS_EPv1p1";
    let folder = tempfile::tempdir().expect("a folder for the schema");
    let schema = folder.path().join("namespace.xsd");
    let text = format!(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"{uri}\" \
         elementFormDefault=\"qualified\"><xs:include schemaLocation=\"{SCHEMA}\"/></xs:schema>"
    );
    std::fs::write(&schema, text).expect("the schema can be written");
    check_valid(&schema, &itslearning(&format!("namespace = \"{uri}\"")));
    let (_, without) = written(&itslearning(""), &town()).remove(0);
    assert!(!xmllint(&schema, &without).status.success());
}

#[test]
fn the_schema_refuses_administrators() {
    let schema = PathBuf::from(SCHEMA);
    let (_, document) = written(&itslearning(""), &town()).remove(0);
    let document = String::from_utf8(document).expect("UTF-8");
    for (from, to) in [
        ("institutionroletype=\"Staff\"", "institutionroletype=\"Administrator\""),
        ("roletype=\"02\"", "roletype=\"07\""),
        ("roletype=\"02\"", "roletype=\"05\""),
        ("<institutionrole ", "<systemrole systemroletype=\"SysAdmin\"/><institutionrole "),
    ] {
        let changed = document.replacen(from, to, 1);
        assert_ne!(changed, document);
        assert!(!xmllint(&schema, changed.as_bytes()).status.success(), "{to}");
    }
}
