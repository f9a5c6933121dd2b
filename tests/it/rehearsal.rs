//! The rehearsal lets every night through that does what was planned, whatever the receiver's
//! format has no place for, and no other.

use std::io::{self, Read};

use jiff::civil::date;
use rostergate::formats::Format;
use rostergate::pipeline::delay::Calendar;
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::plan::{
    Input, Model, OpenSnapshot, Plan, Purpose, Register as Reading, plan, rehearse,
};
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::pipeline::rehearse::{Mismatch, whole};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings};
use rostergate::pipeline::season::Season;
use rostergate::pipeline::select::{Choice, Selection, Sensitive};
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::roster::{Keep, Roster};
use rostergate::roster::words::{GroupKind, Kind, RelationKind, Role};

use crate::rows::{ALL, Register, class, guardian, packed, pupil, staff};

const ITSLEARNING: &str = "[ims-enterprise]\ndialect = \"itslearning\"\nsource = \"Exempelstad\"\n\
                           file-name = \"ims.xml\"\n";

fn format(text: &str) -> Format {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Tables of these rows and columns, beside one of persons.
fn tables(files: &[(&str, &[&str])]) -> Format {
    let persons = files.iter().all(|(rows, _)| *rows != "persons");
    let alone: &[(&str, &[&str])] = if persons { &[("persons", &["key"])] } else { &[] };
    let file = |(rows, fields): &(&str, &[&str])| {
        let columns: Vec<String> = fields
            .iter()
            .enumerate()
            .map(|(at, field)| format!("[\"C{at}\", \"{field}\"]"))
            .collect();
        format!(
            "[csv.file.\"{rows}.csv\"]\nrows = \"{rows}\"\ncolumns = [{}]\n",
            columns.join(", ")
        )
    };
    format(&alone.iter().chain(files).map(file).collect::<String>())
}

/// Two schools, and one more pupil each night. `U1` is part of a class of another school from the
/// second night on, when its own school differs, and one of its pupils also teaches in it.
fn town(night: usize) -> Reading {
    let names = ["Bo", "Li", "My", "Pi"];
    let moves = if night > 0 { "s2" } else { "s1" };
    let keys: Vec<String> = (0..20 + night).map(|at| format!("p{at:02}")).collect();
    let rows = Register::new().school("s1", "Björkskolan").school("s2", "Ekskolan");
    let rows = keys.iter().enumerate().fold(rows, |rows, (at, key)| {
        let given_name = if at == 1 && night > 0 { "Eli" } else { names[at % 4] };
        let pupil = Person { given_name, family_name: "Alm", ..pupil(key, "s1") };
        rows.person(&Person { email: "e@elev.example", school_year: "4", ..pupil })
    });
    let adult = |person| Person { given_name: "Eva", family_name: "Ek", ..person };
    let days = ["2026-08-01", "2027-06-30"];
    let part =
        Group { kind: GroupKind::Teaching, course: "MA", parent: "G1", ..class("U1", moves) };
    let rows = rows
        .person(&adult(guardian("v1")))
        .person(&adult(staff("t1", "s2")))
        .group(&Group { begin: days[0], end: days[1], term: "2026", ..class("G1", "s1") })
        .group(&class("G2", moves))
        .group(&Group { begin: days[0], ..part })
        .group(&Group { parent: "G2", ..class("U2", "s1") })
        .group(&Group { parent: "G2", ..class("U3", "") })
        .member_from("U1", "p01", Role::Learner, days)
        .member("U1", "p01", Role::Instructor)
        .member("G1", "p02", if night == 2 { Role::Mentor } else { Role::Learner })
        .member_from("G1", "t1", Role::Instructor, [days[0], ""])
        .relation("t1", "p00", RelationKind::Mentor);
    let pupil =
        |rows: Register, key: &String| rows.member("G2", key, Role::Learner).guardian("v1", key);
    reading(keys.iter().fold(rows, pupil))
}

fn reading(register: Register) -> Reading {
    let mut draft = register.draft();
    let protected = protect(&mut draft, &Pseudonyms::new());
    let persons_read = draft.rows_read(Kind::Person);
    let set_aside = draft.set_aside_rows().clone();
    let (roster, issues) = Roster::assemble(draft);
    Reading { roster, protected, set_aside, rows: 1_000, persons_read, garbled_names: 0, issues }
}

fn planned(register: &Reading, format: &Format, model: Model<'_>) -> Plan {
    let selection = Selection {
        schools: Choice::All,
        years: Choice::All,
        roles: Role::OF_PERSONS.iter().copied().collect(),
        groups: GroupKind::ALL.iter().copied().collect(),
        send: [Sensitive::PersonalNumber, Sensitive::Phone, Sensitive::Mobile].into(),
        group_keys: GroupKeys::default(),
    };
    plan(Input {
        register,
        selection: &selection,
        format,
        limits: &Limits::resolve(&Settings::default(), &Settings::default()),
        model,
        other_encoding: None,
        around: Circumstances::default(),
        calendar: Calendar { season: &Season::default(), pending: &[], today: date(2026, 9, 1) },
        purpose: Purpose::Tonight,
    })
    .expect("a plan")
}

/// The plan's files by name.
fn written(plan: &Plan, format: &Format) -> Vec<(String, String)> {
    let stamp = date(2026, 9, 1).in_tz("Europe/Stockholm").expect("a time");
    let write = |name: String| {
        let mut bytes = Vec::new();
        format.write(&plan.feed.roster, &stamp, &name, &mut bytes).expect("memory takes it");
        (name, String::from_utf8(bytes).expect("UTF-8"))
    };
    format.document_names().into_iter().map(write).collect()
}

fn rehearsed(
    plan: &Plan,
    format: &Format,
    model: Model<'_>,
    files: &[(String, String)],
) -> Result<(), String> {
    let open = |(name, text): &'_ (String, String)| {
        (name.clone(), Box::new(io::Cursor::new(text.clone())) as Box<dyn io::BufRead>)
    };
    rehearse(plan, format, model, files.iter().map(open).collect())
        .map_err(|(code, why)| format!("RG{} {why}", code.0))
}

/// The plan's own files, rehearsed.
fn as_written(plan: &Plan, format: &Format, model: Model<'_>) -> Result<(), String> {
    rehearsed(plan, format, model, &written(plan, format))
}

/// Whether the rehearsal finds that a text stands in the files instead of another.
#[track_caller]
fn finds(plan: &Plan, format: &Format, model: Model<'_>, [right, wrong]: [&str; 2]) -> bool {
    let mut files = written(plan, format);
    assert!(files.iter().any(|(_, text)| text.contains(right)), "no {right:?} in {files:?}");
    for (_, text) in &mut files {
        *text = text.replace(right, wrong);
    }
    rehearsed(plan, format, model, &files).is_err()
}

/// Runs `with` on a stored snapshot, opened anew each time.
fn known<T>(plan: &Plan, with: impl FnOnce(OpenSnapshot<'_>) -> T) -> T {
    let bytes = packed(&plan.feed.roster);
    with(&|| -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) })
}

/// Three nights; the night and the reason of the first that is refused.
fn three_nights(format: &Format) -> Result<(), (usize, String)> {
    let mut last = planned(&town(0), format, Model::Nothing);
    as_written(&last, format, Model::Nothing).map_err(|why| (0, why))?;
    for night in 1..3 {
        last = known(&last, |open| {
            let plan = planned(&town(night), format, Model::Known(open));
            as_written(&plan, format, Model::Known(open)).map(|()| plan)
        })
        .map_err(|why| (night, why))?;
    }
    Ok(())
}

#[track_caller]
fn live(formats: impl IntoIterator<Item = (String, Format)>) {
    let lived = formats.into_iter().map(|(name, format)| (name, three_nights(&format)));
    let refused: Vec<_> = lived.filter(|(_, nights)| nights.is_err()).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn every_column_alone_lives_through_three_nights() {
    let keys: [(&str, &[&str]); 5] = [
        ("schools", &["key"]),
        ("persons", &["key"]),
        ("groups", &["key"]),
        ("memberships", &["person", "group"]),
        ("relations", &["person", "to"]),
    ];
    let columns: [&[&str]; 5] = [
        &["name"],
        &[
            "personal-number",
            "given-name",
            "family-name",
            "name",
            "email",
            "username",
            "phone",
            "mobile",
            "school-year",
            "role",
            "school",
            "school-name",
            "class",
        ],
        &["name", "kind", "school", "school-name", "term", "course", "parent", "begin", "end"],
        &["role", "begin", "end", "group-name"],
        &["kind"],
    ];
    let mut formats = Vec::new();
    for ((rows, keys), columns) in keys.into_iter().zip(columns) {
        for column in columns.iter().map(Some).chain([None]) {
            let fields: Vec<&str> = keys.iter().chain(column).copied().collect();
            for schools in [&[][..], &["key"], &["key", "name"]] {
                let mut files = vec![(rows, fields.as_slice())];
                if !schools.is_empty() && rows != "schools" {
                    files.push(("schools", schools));
                }
                if rows == "memberships" {
                    files.push(("groups", &["key"]));
                }
                formats.push((format!("{rows} {column:?} {schools:?}"), tables(&files)));
            }
        }
    }
    for beside in ["given-name", "family-name"] {
        formats.push((format!("name {beside}"), tables(&[("persons", &["key", "name", beside])])));
    }
    live(formats);
}

#[test]
fn every_habit_of_a_document_lives_through_three_nights() {
    let habits = [
        "",
        "school-memberships = false",
        "school-memberships = true",
        "parent-links = true",
        "parent-links = false",
        "periods = true",
        "terms = true",
        "group-types = { class = \"\", teaching = \"\" }",
        "institution-roles = { learner = \"X\", staff = \"X\", guardian = \"X\" }",
        "roles = { learner = \"01\", instructor = \"01\", mentor = \"01\" }",
    ];
    let plain = ITSLEARNING.replace("itslearning", "plain");
    live(habits.iter().flat_map(|habit| {
        [ITSLEARNING, &plain]
            .map(|text| (format!("{text}{habit}"), format(&format!("{text}{habit}\n"))))
    }));
}

/// Whatever the format cannot show, a file that says something else than planned is no night.
#[test]
fn a_writer_that_errs_is_found_on_every_night() {
    let csv = || {
        tables(&[
            ("persons", &["key", "name", "school-name"]),
            ("groups", &["key", "begin"]),
            ("memberships", &["person", "group"]),
        ])
    };
    let roles = || {
        tables(&[
            ("persons", &["key"]),
            ("groups", &["key"]),
            ("memberships", &["person", "group", "role"]),
        ])
    };
    let tree = || format(ITSLEARNING);
    let faults: [(&str, Format, [&str; 2]); 8] = [
        ("a person left out", csv(), ["p03,Pi Alm,Björkskolan\r\n", ""]),
        ("a name of another", csv(), ["p03,Pi Alm", "p03,Bo Alm"]),
        ("a school of another name", csv(), ["p03,Pi Alm,Björkskolan", "p03,Pi Alm,Ekskolan"]),
        ("another day", csv(), ["G1,2026-08-01", "G1,2026-08-02"]),
        ("a membership left out", csv(), ["p02,G1\r\n", ""]),
        ("a membership of another", csv(), ["p02,G1", "p03,G1"]),
        ("a role swapped", roles(), ["p04,G2,learner", "p04,G2,instructor"]),
        ("a group at another node", tree(), ["<id>G1</id>", "<id>G2</id>"]),
    ];
    for (fault, format, wrong) in faults {
        let first = planned(&town(0), &format, Model::Nothing);
        assert!(finds(&first, &format, Model::Nothing, wrong), "{fault}, first night");
        known(&first, |open| {
            let plan = planned(&town(1), &format, Model::Known(open));
            assert!(finds(&plan, &format, Model::Known(open), wrong), "{fault}");
        });
    }
}

/// Also where writer and format agree on it: nobody of the plan may be missing in the file.
#[test]
fn whoever_is_missing_in_a_file_is_found_by_key() {
    let told = town(0).roster;
    let all = Keep::all(&told);
    let first_less = |kept: &Vec<bool>| [&[false], &kept[1..]].concat();
    // The first is a mentor's, which not every format has a place for.
    let last_less = |kept: &Vec<bool>| [&kept[1..], &[false]].concat();
    let less = [
        (Kind::School, Keep { schools: first_less(&all.schools), ..all.clone() }),
        (Kind::Person, Keep { persons: first_less(&all.persons), ..all.clone() }),
        (Kind::Group, Keep { groups: first_less(&all.groups), ..all.clone() }),
        (Kind::Membership, Keep { memberships: first_less(&all.memberships), ..all.clone() }),
        (Kind::Relation, Keep { relations: last_less(&all.relations), ..all.clone() }),
    ];
    assert!(whole(&told, &told, ALL).is_ok());
    for (expected, keep) in less {
        let seen = told.subset(&keep);
        for (seen, told) in [(&seen, &told), (&told, &seen)] {
            let found = whole(seen, told, ALL);
            assert!(matches!(found, Err(Mismatch::Others { kind }) if kind == expected));
        }
    }
}

/// The same file, where the receiver's model is another than the plan was made against.
#[test]
fn a_plan_that_counted_against_another_model_is_found() {
    for format in [format(ITSLEARNING), tables(&[("persons", &["key", "name"])])] {
        let first = planned(&town(0), &format, Model::Nothing);
        let other = planned(&town(2), &format, Model::Nothing);
        let plan = known(&first, |open| planned(&town(1), &format, Model::Known(open)));
        let rehearsed =
            |before| known(before, |open| as_written(&plan, &format, Model::Known(open)));
        assert_eq!(rehearsed(&first), Ok(()));
        assert!(rehearsed(&other).is_err_and(|why| why.contains("other person numbers")));
    }
}
