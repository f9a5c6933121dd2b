//! Another program's IMS Enterprise file: habits are forgiven, faults of form are not.

use std::io::BufReader;

use rostergate::formats::{Document, Format};
use rostergate::roster::code::Code;
use rostergate::roster::issue::Severity;
use rostergate::roster::words::Kind;

use super::support::{decode, documents, itslearning, lines, plain, town, try_format, written};

#[test]
fn a_file_written_with_other_settings_shows_what_the_receiver_would_see_change() {
    let told = town();
    let changed = |before: &Format, today: &Format| {
        let files = written(before, &told);
        let found = lines(&today.decode(documents(&files)).expect("well-formed").0);
        let promised = lines(&today.visible(&told));
        found.iter().zip(&promised).filter(|(found, promised)| found != promised).count()
    };
    let [by_name, by_email, by_number, nobody] = ["username", "email", "personal-number", "none"]
        .map(|field| plain(&format!("username = \"{field}\"")));
    assert_eq!(changed(&by_name, &by_name), 0);
    assert_eq!(changed(&by_name, &by_email), 2);
    assert_eq!(changed(&by_email, &by_name), 3);
    assert_eq!(changed(&by_name, &nobody), 2);
    assert_eq!(changed(&by_email, &by_number), 3);
    let other = try_format(
        "[ims-enterprise]\ndialect = \"plain\"\nsource = \"Annan\"\nfile-name = \"ims.xml\"",
    )
    .expect("settings");
    assert!(changed(&by_name, &other) > 10);
    assert!(changed(&itslearning(""), &by_name) > 3);
}

/// Hands out one byte at a time, and then a fault.
struct Dribble(Vec<u8>, bool);

impl std::io::Read for Dribble {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() && self.1 {
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        let count = usize::from(!self.0.is_empty() && !out.is_empty());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0.drain(..count);
        Ok(count)
    }
}

#[test]
fn a_slow_stream_is_read_and_a_broken_one_refused() {
    let told = town();
    for format in [itslearning(""), plain("encoding = \"iso-8859-1\"")] {
        let (name, bytes) = written(&format, &told).remove(0);
        let open = |bytes: &[u8], broken| -> Vec<Document<'static>> {
            let stream = BufReader::with_capacity(1, Dribble(bytes.to_vec(), broken));
            vec![(name.clone(), Box::new(stream))]
        };
        let found = format.read_back(&told, open(&bytes, false)).expect("it is whole");
        assert_eq!(lines(&found), lines(&format.visible(&told)));
        let error = format.read_back(&told, open(&bytes[..900], true)).expect_err("it breaks");
        assert_eq!(error.code(), Code(413), "{error}");
    }
}

/// A document with a body.
fn document(body: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<enterprise>{body}</enterprise>")
}

#[test]
fn a_predecessors_file_is_taken_over() {
    let file = include_str!("../../../fixtures/formats/predecessor.xml");
    let format = itslearning("username = \"username\"");
    let (roster, issues) = decode(&format, file).expect("it is well-formed");
    assert_eq!(
        lines(&roster),
        [
            "school: 99123456\tVästra skolan",
            "person: Annan|p-9\t\tBo\tEk\t\t\t\t\t\t\t",
            "person: p-1\t\tElsa Ester\tÅberg\telsa@example.org\telsa01\t\t+46701740605\t\tlearner\t99123456",
            "person: p-2\t\tAnna\tBerg\t\t\t\t\t\tguardian\u{1f}staff\t99123456",
            "group: g-1\t2A\tother\t99123456\t\t\t\t\t",
            "group: g-2\tMa 2A\tother\t99123456\t\t\tg-1\t\t",
            "membership: g-1\tp-1\tlearner\t\t",
            "membership: g-1\tp-2\tmentor\t\t",
            "membership: g-2\tp-2\tinstructor\t\t",
            "relation: p-2\tp-1\tguardian",
        ]
    );
    let codes: Vec<(Code, Severity)> = issues.iter().map(|i| (i.code, i.severity)).collect();
    assert_eq!(codes, [(Code(325), Severity::SetAside)]);
}

#[track_caller]
fn check_refused(text: &str, code: u16) {
    for format in [itslearning(""), plain("")] {
        let error = decode(&format, text).expect_err(text);
        assert_eq!(error.code(), Code(code), "{error}: {text}");
        assert!(!error.to_string().contains("Elsa"), "{error}");
    }
}

#[test]
fn faults_of_form_are_refused() {
    check_refused("", 310);
    check_refused("<enterprise>", 310);
    check_refused("<enterprise><person>", 310);
    check_refused("<?xml version=\"1.0\"?><!DOCTYPE enterprise><enterprise/>", 318);
    check_refused("<!DOCTYPE enterprise [<!ENTITY x \"Elsa\">]><enterprise>&x;</enterprise>", 318);
    check_refused(&document("<person>&unknown;</person>"), 318);
    check_refused(&document("<person>&</person>"), 318);
    check_refused(&document("<person>Elsa</person>"), 318);
    check_refused(&document("<person></group>"), 318);
    check_refused(&document("<person><extension><x></y></extension></person>"), 318);
    check_refused(&document("<person><extension></x></extension></person>"), 318);
    check_refused(&document(&format!("<!--{}-->", "x".repeat(2 << 20))), 317);
    check_refused(&document("<person a=\"1\" a=\"2\"/>"), 318);
    check_refused(&document("<person a=\"<\"/>"), 318);
    check_refused(&document("<email>]]></email>"), 318);
    check_refused(&document("<!-- a -- b -->"), 318);
    check_refused("<enterprise/><enterprise/>", 318);
    check_refused("<enterprise/>Elsa", 318);
    check_refused("<?xml version=\"1.0\"?><?xml version=\"1.0\"?><enterprise/>", 318);
    check_refused(" <?xml version=\"1.0\"?><enterprise/>", 318);
    check_refused("<other/>", 318);
    check_refused("<ims:enterprise xmlns:ims=\"urn:x\"/>", 318);
    check_refused(&document(&"<x>".repeat(40)), 317);
    check_refused("<?xml version=\"1.0\" encoding=\"UTF-16\"?><enterprise/>", 314);
    check_refused(
        &document("<membership><sourcedid/></membership><person><sourcedid/></person>"),
        318,
    );
}

/// The reader holds a part of the document at a time: where one part ends makes no difference.
#[test]
fn markup_that_is_cut_anywhere_by_a_buffer_means_the_same() {
    let body = "<!-- <person> --><person ><sourcedid><source>Skolan</source><id>å-😀</id></sourcedid>\
        <name><fn>Åsa &amp; Ö&#x45;k</fn><n><family><![CDATA[Ö]]>Ek</family></n></name>\
        <institutionrole institutionroletype = 'Student' primaryrole=\"Y>s\" />\
        <extension><x y='/person>'>a<z/></x ></extension></person >";
    let format = plain("");
    let read = |blanks: usize| {
        let text = document(&format!("{}{body}", " ".repeat(blanks)));
        let (roster, issues) = decode(&format, &text).expect("well-formed");
        assert!(issues.is_empty(), "{issues:?}");
        lines(&roster)
    };
    let whole = read(300);
    assert_eq!(whole.len(), 1);
    for blanks in 0..240 {
        assert_eq!(read(blanks), whole, "{blanks}");
    }
    let begin = body.find("<person ").expect("it is there");
    for cut in begin + 1..body.len() {
        let text = document(body.get(..cut).unwrap_or("<person>"));
        assert!(decode(&format, &text).is_err(), "{text}");
    }
}

#[test]
fn characters_that_xml_forbids_are_refused() {
    for odd in ["\u{1}", "\u{0}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}", "&#1;", "&#xFFFF;"] {
        check_refused(&document(&format!("<person><name><fn>{odd}</fn></name></person>")), 326);
        check_refused(&document(&format!("<!-- {odd} --><x/>")).replace('&', "\u{1}"), 326);
    }
    check_refused(&document("<person><name><fn>&#0;</fn></name></person>"), 326);
    check_refused(&document("<person><name><fn>&#xD800;</fn></name></person>"), 326);
}

#[test]
fn bytes_of_another_encoding_are_refused() {
    let bytes = b"<enterprise><person><email>\xc5</email></person></enterprise>".to_vec();
    let format = plain("");
    let error = format.decode(documents(&[("ims.xml".to_owned(), bytes)])).expect_err("not UTF-8");
    assert_eq!(error.code(), Code(314));
}

fn body(keys: [&str; 2], member: &str) -> String {
    let sourcedid =
        |key: &str| format!("<sourcedid><source>Exempelstad</source><id>{key}</id></sourcedid>");
    let person = |key: &str, name: &str| {
        format!(
            "<person>{}<name><fn>x</fn><n><given>{name}</given></n></name></person>",
            sourcedid(key)
        )
    };
    document(&format!(
        "{}{}<group>{}</group><membership>{}<member>{}<idtype>1</idtype>\
         <role><status>1</status></role></member></membership>",
        person(keys[0], "Elsa"),
        person(keys[1], "Bo"),
        sourcedid("g"),
        sourcedid("g"),
        sourcedid(member),
    ))
}

#[test]
fn duplicates_and_references_to_nobody_are_found() {
    let read = |text: &str| decode(&plain(""), text).expect("it is well-formed");
    let codes = |text: &str| {
        let issues = read(text).1.into_iter();
        issues.map(|issue| (issue.code.0, issue.severity, issue.line)).collect::<Vec<_>>()
    };
    assert_eq!(codes(&body(["a", "b"], "a")), []);
    assert_eq!(codes(&body(["a", "a"], "a")), [(321, Severity::Error, Some(2))]);
    assert_eq!(
        codes(&body(["a", "b"], "c")),
        [(322, Severity::SetAside, Some(2)), (323, Severity::Error, None)]
    );
    assert_eq!(codes(&body(["a", ""], "a")), [(324, Severity::SetAside, Some(2))]);
    assert_eq!(read(&body(["a", "b"], "a")).0.count(Kind::Membership), 1);
}

#[test]
fn another_name_or_number_of_files_is_refused() {
    let format = plain("");
    let error =
        format.decode(documents(&[("other.xml".to_owned(), Vec::new())])).expect_err("name");
    assert_eq!(error.code(), Code(311));
    assert_eq!(format.decode(Vec::new()).expect_err("none").code(), Code(311));
}
