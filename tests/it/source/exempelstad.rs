//! The example town's exports, as they are.
#![expect(clippy::print_stderr, reason = "a test that is left out says so")]

use super::*;
use rostergate::formats::register_csv::Opened;
use rostergate::roster::words::Kind;
use std::path::{Path, PathBuf};

const EXEMPELSTAD: &str = r#"
folder = "/srv/rostergate/inbox"
encoding = "utf-8"
delimiter = ";"
date-format = "%Y-%m-%d"
complete = { done-file = "export.klar", counts = true }
max-age = "26h"
expect = { persons = [1000, 9000], groups = [100, 1500] }
[schools]
file = "skolor.csv"
key = "Skolenhetskod"
name = "Skolnamn"
[persons]
file = "personer.csv"
key = "PersonId"
personal-number = "Personnummer"
given-name = "Förnamn"
family-name = "Efternamn"
email = "Epost"
username = "Användarnamn"
mobile = "Mobil"
school = "Skolenhetskod"
school-year = "Årskurs"
role = { column = "Roll", values = { elev = "learner", personal = "staff", "vårdnadshavare" = "guardian" } }
protected = { column = "Sekretess", values = { N = false, J = true } }
[groups]
file = "grupper.csv"
key = "GruppId"
name = "Namn"
kind = { column = "Typ", values = { klass = "class", undervisning = "teaching" } }
school = "Skolenhetskod"
term = "Läsår"
course = "Kurskod"
begin = "Startdatum"
end = "Slutdatum"
[memberships]
file = "medlemskap.csv"
person = "PersonId"
group = "GruppId"
role = { column = "Roll", values = { elev = "learner", "lärare" = "instructor", mentor = "mentor" } }
begin = "Startdatum"
end = "Slutdatum"
[relations]
file = "relationer.csv"
person = "VuxenId"
to = "ElevId"
kind = { column = "Typ", values = { "vårdnadshavare" = "guardian" } }
"#;

/// The folder of a night; `None`, told on stderr, where the data is not beside the project.
fn night(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let found =
        beside.map(|folder| folder.join("shared/data/exempelstad").join(name)).find(|p| p.is_dir());
    if found.is_none() {
        eprintln!("NOT TESTED: the exports of exempelstad are not in ../shared/data/exempelstad");
    }
    found
}

#[test]
fn every_night_is_read_as_it_is() {
    let nights = ["night1", "night2", "night3-school-missing", "night4", "night6-new-school-year"];
    for name in nights {
        let Some(folder) = night(name) else { return };
        let folder = folder.to_str().expect("a folder in UTF-8");
        let settings = config(&EXEMPELSTAD.replace("/srv/rostergate/inbox", folder));
        let source = rostergate::sources::SourceKind::Csv(Box::new(settings.clone()));
        let now = "2026-11-21T02:00:00+01:00[Europe/Stockholm]".parse().expect("a time");
        let skip = rostergate::sources::Ages::Skip;
        let export =
            rostergate::sources::fetch("register", &source, &now, skip, None).expect("whole");
        let open = |name: &str| {
            let file = export.files.iter().find(|file| file.name == name)?;
            Some(Opened { name: &file.name, bytes: Box::new(file.open()), rows: file.rows })
        };
        let mut draft = Draft::new();
        let entities = register_csv::entities(&settings, &open, TODAY, &mut draft);
        let links = register_csv::links(&settings, &open, TODAY, &mut draft);
        let reading = entities.and_then(|entities| Ok(entities.plus(links?)));
        let reading = reading.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(reading.mojibake, 0, "{name}");
        assert_eq!(draft.set_aside_rows().len(), 0, "{name}");
        if name == "night1" {
            let rows = [Kind::School, Kind::Person, Kind::Group, Kind::Membership, Kind::Relation];
            assert_eq!(rows.map(|kind| draft.rows_read(kind)), [5, 1508, 270, 6210, 788]);
            assert_eq!(reading.rows, 5 + 1508 + 270 + 6210 + 788);
        }
    }
}
