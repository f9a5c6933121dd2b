//! The snapshot: what was written is read back, and what was damaged is an error, never a
//! shorter roster.

use std::io::Read as _;

use proptest::prelude::*;
use proptest::sample::Index;
use rostergate::formats::snapshot::{self, Header, KEY_RULES, Reader, SnapshotError};
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, RelationKind, Role};

use crate::rows::{Register, class, guardian, lines, packed, pupil, staff};

/// Some of everything, with keys that sort oddly.
fn town() -> Roster {
    let child = Person {
        personal_number: "201806132385",
        given_name: "Åsa Märta",
        family_name: "O'Ekholm \"Öst\" 😀",
        email: "asa@elev.example",
        username: "asek",
        mobile: "+46701740612",
        school_year: "3",
        ..pupil("a b", "s1\u{1f}s2")
    };
    let group = Group {
        name: "3A; ekorrarna",
        kind: GroupKind::Teaching,
        term: "2026/2027",
        course: "MA",
        parent: "g",
        begin: "2026-08-18",
        end: "2027-06-11",
        ..class("g 1", "s1")
    };
    Register::new()
        .school("s1", "Björkskolan")
        .school("s2", "")
        .person(&child)
        .persons(["a", "aa", "å", "ä", "ö", "a😀"].map(|key| pupil(key, "s1")))
        .persons([staff("ab", "s2"), guardian("z")])
        .group(&class("g", ""))
        .group(&group)
        .member_from("g 1", "a b", Role::Learner, ["2026-08-18", ""])
        .member("g 1", "ab", Role::Instructor)
        .member("g", "ab", Role::Mentor)
        .member("g", "a", Role::Learner)
        .guardian("z", "a b")
        .relation("ab", "a b", RelationKind::Mentor)
        .roster()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    zstd::Decoder::new(bytes).expect("zstd").read_to_end(&mut text).expect("zstd");
    text
}

fn repacked(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("memory takes every byte")
}

#[track_caller]
fn assert_same(found: &Roster, expected: &Roster) {
    assert_eq!(lines(found), lines(expected));
}

/// Damage is an error, both for whoever reads it whole and for whoever reads line by line.
#[track_caller]
fn refused(bytes: &[u8]) -> SnapshotError {
    let by_line = Reader::open(bytes).and_then(|mut reader| {
        while reader.next_line()?.is_some() {}
        Ok(())
    });
    assert!(by_line.is_err(), "read line by line");
    snapshot::read(bytes).expect_err("damaged")
}

#[test]
fn what_was_written_is_read_back() {
    let town = town();
    assert_same(&snapshot::read(packed(&town).as_slice()).expect("just written"), &town);
    let empty = Register::new().roster();
    assert_same(&snapshot::read(packed(&empty).as_slice()).expect("just written"), &empty);
}

#[test]
fn the_header_says_what_follows() {
    let town = town();
    let header = Header::of(&town);
    assert_eq!(header.counts, [2, 9, 2, 4, 2]);
    assert_eq!((header.key_rules.as_str(), header.digest.len()), (KEY_RULES, 64));
    let bytes = packed(&town);
    let text = String::from_utf8(unpacked(&bytes)).expect("text");
    let first = text.lines().next().expect("a header");
    let expected = format!(
        "rostergate-snapshot 1\tkeys-1\tschool 2\tperson 9\tgroup 2\tmembership 4\trelation 2\t\
         sha256 {}",
        header.digest
    );
    assert_eq!(first, expected);
    assert_eq!(Reader::open(bytes.as_slice()).expect("just written").header(), &header);
}

#[test]
fn the_same_roster_gives_the_same_bytes() {
    assert_eq!(packed(&town()), packed(&town()));
}

#[test]
fn lines_stand_in_the_order_of_their_keys() {
    let bytes = packed(&town());
    let mut reader = Reader::open(bytes.as_slice()).expect("just written");
    let mut keys: Vec<String> = Vec::new();
    while let Some((kind, line)) = reader.next_line().expect("just written") {
        if kind == Kind::Person {
            keys.push(line.split('\t').next().expect("a key").to_owned());
        }
    }
    assert_eq!(keys, ["a", "a b", "aa", "ab", "a😀", "z", "ä", "å", "ö"]);
}

/// A flip that the packing does not notice must change nothing; every other is an error.
#[test]
fn a_flipped_bit_is_an_error_or_changes_nothing() {
    let town = town();
    let bytes = packed(&town);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            if let Ok(found) = snapshot::read(flipped.as_slice()) {
                assert_same(&found, &town);
            }
        }
    }
}

#[test]
fn a_flipped_bit_under_the_packing_is_an_error() {
    let town = town();
    let text = unpacked(&packed(&town));
    let header = text.iter().position(|&byte| byte == b'\n').expect("a header");
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut flipped = text.clone();
            flipped[at] ^= 1 << bit;
            let bytes = repacked(&flipped);
            match Reader::open(bytes.as_slice()) {
                // Other key rules are read and hold the plan; whatever else stands is the same.
                Ok(reader) if reader.header().key_rules != KEY_RULES => assert!(at < header),
                Ok(_) | Err(_) if at > header => {
                    refused(&bytes);
                }
                _ => {
                    if let Ok(found) = snapshot::read(bytes.as_slice()) {
                        assert_same(&found, &town);
                    }
                }
            }
        }
    }
}

#[test]
fn a_cut_anywhere_is_an_error() {
    let bytes = packed(&town());
    for end in 0..bytes.len() {
        refused(&bytes[..end]);
    }
    let text = unpacked(&bytes);
    for end in 0..text.len() {
        refused(&repacked(&text[..end]));
    }
}

#[test]
fn something_after_the_end_is_an_error() {
    let bytes = packed(&town());
    let text = unpacked(&bytes);
    for more in [&b"\n"[..], b"R\tz\t\xc3\xb6\tguardian\n", b"x", &[0; 64]] {
        refused(&repacked(&[&text, more].concat()));
        refused(&[&bytes, more].concat());
    }
    refused(&[bytes.as_slice(), &bytes].concat());
}

/// The lines after the header, put together anew under a header that fits them.
fn forged(change: impl Fn(&mut Vec<String>)) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    let text = String::from_utf8(unpacked(&packed(&town()))).expect("text");
    let mut rows: Vec<String> = text.lines().skip(1).map(|line| format!("{line}\n")).collect();
    change(&mut rows);
    let count = |letter: char| rows.iter().filter(|row| row.starts_with(letter)).count();
    let [schools, persons, groups, members, relations] = ['S', 'P', 'G', 'M', 'R'].map(count);
    let digest = snapshot::hex(&Sha256::digest(rows.concat()));
    let header = format!(
        "rostergate-snapshot 1\tkeys-1\tschool {schools}\tperson {persons}\tgroup {groups}\t\
         membership {members}\trelation {relations}\tsha256 {digest}\n"
    );
    repacked(format!("{header}{}", rows.concat()).as_bytes())
}

#[test]
fn lines_out_of_order_or_twice_are_an_error_even_under_a_fitting_header() {
    assert_same(&snapshot::read(forged(|_| ()).as_slice()).expect("as written"), &town());
    let count = lines(&town()).len();
    for at in 0..count - 1 {
        refused(&forged(|rows| rows.swap(at, at + 1)));
    }
    for at in 0..count {
        refused(&forged(|rows| rows.insert(at, rows[at].clone())));
    }
    refused(&forged(|rows| rows.reverse()));
    refused(&forged(|rows| rows.rotate_left(2)));
}

#[test]
fn two_lines_of_one_entity_are_an_error_even_under_a_fitting_header() {
    for (row, other) in [
        ("S\ts2\t", "S\ts2\tEkskolan"),
        ("P\tz\t\t", "P\tz\t\tVera"),
        ("G\tg\t", "G\tg\t~"),
        ("M\tg\ta\tlearner\t\t", "M\tg\ta\tlearner\t\t2027-06-11"),
    ] {
        let twice = forged(|rows| {
            let at = rows.iter().position(|one| one.starts_with(row)).expect("there is one");
            rows.insert(at + 1, rows[at].replacen(row, other, 1));
            assert!(rows[at] < rows[at + 1], "in order as lines");
        });
        let error = refused(&twice);
        assert!(error.to_string().contains("two lines are of one entity"), "{error}");
    }
}

#[test]
fn lines_that_are_none_are_an_error_even_under_a_fitting_header() {
    for line in ["X\ta\tb\n", "S\n", "Sa\tb\n", "\n", "S\ta\n"] {
        let bytes = forged(|rows| rows.insert(0, line.to_owned()));
        assert!(snapshot::read(bytes.as_slice()).is_err(), "{line:?}");
    }
    let fewer_fields = forged(|rows| {
        let at = rows.iter().position(|row| row.starts_with("P\ta\t")).expect("a person");
        rows[at] = "P\ta\n".to_owned();
    });
    assert!(snapshot::read(fewer_fields.as_slice()).is_err());
    let link_to_nobody = forged(|rows| rows.retain(|row| !row.starts_with("P\tab\t")));
    assert!(snapshot::read(link_to_nobody.as_slice()).is_err());
}

fn with_header(change: impl Fn(&str) -> String) -> Vec<u8> {
    let text = String::from_utf8(unpacked(&packed(&town()))).expect("text");
    let (header, rest) = text.split_once('\n').expect("a header");
    repacked(format!("{}\n{rest}", change(header)).as_bytes())
}

#[test]
fn counts_and_digest_must_agree_with_the_lines() {
    for (word, other) in [
        ("school 2", "school 1"),
        ("person 9", "person 10"),
        ("group 2", "group 0"),
        ("membership 4", "membership 3"),
        ("relation 2", "relation 3"),
        ("school 2", "school"),
        ("school 2", "school -2"),
        ("sha256 ", "sha256 0"),
        ("sha256 ", "sha512 "),
        ("keys-1\t", ""),
        ("rostergate-snapshot", "rostergate"),
    ] {
        let error = refused(&with_header(|header| header.replace(word, other)));
        assert_eq!(error.code().0, 502, "{word} as {other}");
    }
    refused(&with_header(|header| format!("{header}\tmore 1")));
    refused(&with_header(|_| String::new()));
}

#[test]
fn a_newer_version_is_refused_by_name_and_never_guessed() {
    let newer = with_header(|header| header.replace("snapshot 1", "snapshot 2"));
    let error = refused(&newer);
    assert!(matches!(error, SnapshotError::Newer(2)), "{error}");
    assert_eq!(error.code().0, 503);
    let older = with_header(|header| header.replace("snapshot 1", "snapshot 0"));
    assert_eq!(refused(&older).code().0, 502);
}

#[test]
fn other_key_rules_are_seen_in_the_header() {
    let bytes = with_header(|header| header.replace("keys-1", "keys-0"));
    let reader = Reader::open(bytes.as_slice()).expect("readable");
    assert_eq!(reader.header().key_rules, "keys-0");
}

#[test]
fn nothing_and_noise_are_no_snapshot() {
    refused(b"");
    refused(b"rostergate-snapshot 1\n");
    refused(&repacked(b""));
    refused(&repacked(b"\xff\xfe\n"));
    refused(&[0x28, 0xb5, 0x2f, 0xfd]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(names in proptest::collection::vec("[^\\p{Cc}]{0,12}", 1..20)) {
        let keys: Vec<String> =
            names.iter().enumerate().map(|(at, name)| format!("k{name}{at}")).collect();
        let persons = keys.iter().zip(&names).map(|(key, name)| Person {
            family_name: name,
            ..pupil(key, "")
        });
        let groups = keys.iter().fold(Register::new().persons(persons), |rows, key| {
            rows.group(&class(key, ""))
        });
        let roster = keys.iter().fold(groups, |rows, key| rows.member(key, key, Role::Mentor)).roster();
        let found = snapshot::read(packed(&roster).as_slice()).expect("just written");
        prop_assert_eq!(lines(&found), lines(&roster));
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), at: Index) {
        let _ = snapshot::read(bytes.as_slice());
        let _ = snapshot::read(repacked(&bytes).as_slice());
        let mut text = unpacked(&packed(&town()));
        let at = at.index(text.len());
        text.splice(at..at, bytes);
        if let Ok(found) = snapshot::read(repacked(&text).as_slice()) {
            prop_assert_eq!(lines(&found), lines(&town()));
        }
    }
}
