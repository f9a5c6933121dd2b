//! The town as its exports tell it: whole, plausible, invented, and the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::{Date, date};

use super::{Export, Stir, Town, stamp};

const AUTUMN: Date = date(2026, 11, 21);

/// Rows without their heading, by file.
struct Night(BTreeMap<&'static str, Vec<Vec<String>>>);

const FILES: [&str; 5] =
    ["skolor.csv", "personer.csv", "grupper.csv", "medlemskap.csv", "relationer.csv"];

impl Night {
    fn read(folder: &Path) -> Night {
        Night(FILES.map(|name| (name, rows(&folder.join(name)))).into())
    }

    fn of(town: &Town, options: Export<'_>) -> Night {
        let folder = tempfile::tempdir().unwrap();
        town.write_export(folder.path(), options).unwrap();
        Night::read(folder.path())
    }

    fn column(&self, file: &str, nth: usize) -> Vec<&str> {
        self.0[file].iter().map(|row| row[nth].as_str()).collect()
    }

    fn keys(&self, file: &str) -> BTreeSet<&str> {
        self.column(file, 0).into_iter().collect()
    }

    fn count(&self, file: &str, nth: usize, value: &str) -> usize {
        self.column(file, nth).iter().filter(|text| **text == value).count()
    }

    #[track_caller]
    fn assert_whole(&self) {
        let keys = ["skolor.csv", "personer.csv", "grupper.csv"].map(|file| {
            let keys = self.keys(file);
            assert_eq!(keys.len(), self.0[file].len(), "a key twice in {file}");
            keys
        });
        let [schools, persons, groups] = keys;
        for (file, column, there) in [
            ("personer.csv", 7, &schools),
            ("grupper.csv", 3, &schools),
            ("medlemskap.csv", 0, &persons),
            ("medlemskap.csv", 1, &groups),
            ("relationer.csv", 0, &persons),
            ("relationer.csv", 1, &persons),
        ] {
            let lost = self.column(file, column).into_iter().find(|key| !there.contains(key));
            assert_eq!(lost, None, "{file} column {column}");
        }
        let pairs: BTreeSet<_> =
            self.0["medlemskap.csv"].iter().map(|row| (&row[0], &row[1])).collect();
        assert_eq!(pairs.len(), self.0["medlemskap.csv"].len(), "a membership twice");
        self.assert_guardians_have_children();
    }

    #[track_caller]
    fn assert_guardians_have_children(&self) {
        let with_children = self.keys("relationer.csv");
        let guardians = self.0["personer.csv"].iter().filter(|row| row[6] == "vårdnadshavare");
        let guardians: BTreeSet<&str> = guardians.map(|row| row[0].as_str()).collect();
        assert_eq!(guardians, with_children);
    }

    /// Shares of what was there before: gone, new, changed.
    fn shares(&self, before: &Night, file: &str, keys: usize) -> [f64; 3] {
        let index = |night: &Night| -> BTreeMap<Vec<String>, Vec<String>> {
            night.0[file].iter().map(|row| (row[..keys].to_vec(), row.clone())).collect()
        };
        let (old, new) = (index(before), index(self));
        let gone = old.keys().filter(|key| !new.contains_key(*key)).count();
        let fresh = new.keys().filter(|key| !old.contains_key(*key)).count();
        let changed = old.iter().filter(|(key, row)| new.get(*key).is_some_and(|now| now != *row));
        [gone, fresh, changed.count()].map(|rows| ratio(rows, old.len()))
    }
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let width = lines.next().unwrap().split(';').count();
    let rows: Vec<Vec<String>> =
        lines.map(|line| line.split(';').map(str::to_owned).collect()).collect();
    assert!(rows.iter().all(|row| row.len() == width), "{}", path.display());
    rows
}

fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

#[track_caller]
fn between(value: f64, low: f64, high: f64) {
    assert!((low..=high).contains(&value), "{value} is not in {low} to {high}");
}

fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, std::fs::read(file.path()).unwrap())
        })
        .collect()
}

#[test]
fn one_seed_gives_the_same_bytes_on_every_night() {
    let [first, second] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut towns = [7, 7].map(|seed| Town::found(700, seed, AUTUMN));
    for night in 0..4 {
        for (town, folder) in towns.iter_mut().zip([&first, &second]) {
            town.write_export(folder.path(), Export { shuffle: night, ..Export::default() })
                .unwrap();
            town.ordinary_night();
        }
        assert!(bytes(first.path()) == bytes(second.path()), "night {night}");
    }
    let other = tempfile::tempdir().unwrap();
    Town::found(700, 8, AUTUMN).write_export(other.path(), Export::default()).unwrap();
    assert!(bytes(first.path()) != bytes(other.path()));
}

#[test]
fn another_shuffle_gives_the_same_rows_in_another_order() {
    let town = Town::found(700, 7, AUTUMN);
    let [mut one, mut other] =
        [1, 2].map(|shuffle| Night::of(&town, Export { shuffle, ..Export::default() }));
    for file in FILES {
        assert!(one.0[file] != other.0[file], "{file}");
    }
    for night in [&mut one, &mut other] {
        night.0.values_mut().for_each(|rows| rows.sort());
    }
    assert!(one.0 == other.0);
}

#[test]
fn the_done_file_tells_the_rows_of_every_table_and_nothing_else_lies_there() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(1300, 7, AUTUMN);
    town.write_export(folder.path(), Export::default()).unwrap();
    let night = Night::read(folder.path());
    let counts = FILES.map(|file| format!("{file};{}\n", night.0[file].len())).concat();
    let done = std::fs::read_to_string(folder.path().join("export.klar")).unwrap();
    assert_eq!(done, counts);
    assert_eq!(bytes(folder.path()).len(), 6);
    assert_eq!(town.persons(), night.0["personer.csv"].len());
    assert_eq!(town.groups(), night.0["grupper.csv"].len());
    assert_eq!(town.memberships(), night.0["medlemskap.csv"].len());
    assert_eq!(town.pupils(), 1300);
    assert_eq!(night.count("personer.csv", 6, "elev"), 1300);
}

#[test]
fn the_files_can_be_dated_to_the_night_of_the_story() {
    let folder = tempfile::tempdir().unwrap();
    Town::found(100, 7, AUTUMN).write_export(folder.path(), Export::default()).unwrap();
    let written = "2026-11-22T01:30:00Z".parse().unwrap();
    stamp(folder.path(), written).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let modified = file.unwrap().metadata().unwrap().modified().unwrap();
        assert_eq!(jiff::Timestamp::try_from(modified).unwrap(), written);
    }
}

#[test]
fn a_town_has_the_proportions_of_a_swedish_one() {
    let night = Night::of(&Town::found(10_000, 7, AUTUMN), Export::default());
    night.assert_whole();
    let of_pupils = |rows: usize| ratio(rows, 10_000);
    between(of_pupils(night.0["personer.csv"].len()), 2.2, 2.4);
    between(of_pupils(night.count("personer.csv", 6, "vårdnadshavare")), 1.15, 1.3);
    between(of_pupils(night.count("personer.csv", 6, "personal")), 0.085, 0.095);
    between(of_pupils(night.0["grupper.csv"].len()), 0.5, 0.56);
    between(of_pupils(night.0["medlemskap.csv"].len()), 9.2, 9.8);
    between(of_pupils(night.0["relationer.csv"].len()), 1.6, 2.0);
    between(
        ratio(night.count("personer.csv", 9, "J"), night.0["personer.csv"].len()),
        0.002,
        0.004,
    );
    let classes: Vec<&Vec<String>> =
        night.0["grupper.csv"].iter().filter(|row| row[1] == "klass").collect();
    let mut sizes = BTreeMap::<&str, usize>::new();
    for row in night.0["medlemskap.csv"].iter().filter(|row| row[2] == "elev") {
        *sizes.entry(&row[1]).or_default() += 1;
    }
    let sizes: Vec<usize> = classes.iter().map(|row| sizes[row[0].as_str()]).collect();
    assert!(sizes.iter().all(|size| (17..=26).contains(size)), "{sizes:?}");
}

#[test]
fn schools_have_eight_digits_and_preschools_do_not() {
    let night = Night::of(&Town::found(10_000, 7, AUTUMN), Export::default());
    let (digits, others): (Vec<&str>, Vec<&str>) = night
        .keys("skolor.csv")
        .into_iter()
        .partition(|key| key.len() == 8 && key.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(others, ["FSK-BLASIPPAN", "FSK-SOLROSEN"]);
    assert_eq!(digits.len(), 26);
    let names: BTreeSet<&str> = night.column("skolor.csv", 1).into_iter().collect();
    assert_eq!(names.len(), 28);
}

#[test]
fn nobody_in_it_can_be_anybody() {
    let mut town = Town::found(10_000, 7, AUTUMN);
    town.ordinary_night();
    let night = Night::of(&town, Export::default());
    let numbers: Vec<&str> =
        night.column("personer.csv", 1).into_iter().filter(|text| !text.is_empty()).collect();
    assert!((50..200).contains(&numbers.len()), "{}", numbers.len());
    let different: BTreeSet<&&str> = numbers.iter().collect();
    assert_eq!(different.len(), numbers.len());
    for number in numbers {
        let (day, last) = number.split_at(8);
        assert!(Date::strptime("%Y%m%d", day).is_ok(), "{number}");
        let places = last.strip_prefix("TF").expect("a temporary number");
        assert!(places.len() == 2 && places.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
    }
    for row in &night.0["personer.csv"] {
        if let Some(last) = row[10].strip_prefix("+467017406") {
            assert!(("05"..="99").contains(&last) && last.len() == 2, "{}", row[10]);
        } else {
            assert_eq!(row[10], "");
        }
        let (account, domain) = row[4].split_once('@').unwrap();
        assert_eq!(account, row[5]);
        assert!(
            domain == "exempelby.example" || domain.ends_with(".exempelby.example"),
            "{domain}"
        );
        assert!(account.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{account}");
    }
}

#[test]
fn an_ordinary_night_changes_a_little_of_everything() {
    let mut town = Town::found(10_000, 7, AUTUMN);
    let mut before = Night::of(&town, Export::default());
    for _ in 0..3 {
        town.ordinary_night();
        let night = Night::of(&town, Export { shuffle: 1, ..Export::default() });
        night.assert_whole();
        let [gone, new, changed] = night.shares(&before, "personer.csv", 1);
        between(gone, 0.001, 0.0025);
        between(new, 0.0025, 0.004);
        between(changed, 0.002, 0.004);
        let [gone, new, _] = night.shares(&before, "medlemskap.csv", 2);
        between(gone, 0.008, 0.012);
        between(new, 0.008, 0.014);
        let [gone, new, changed] = night.shares(&before, "grupper.csv", 1);
        assert!(gone == 0.0 && new == 0.0);
        between(changed, 0.001, 0.005);
        before = night;
    }
    assert_eq!(town.today(), date(2026, 11, 24));
}

#[test]
fn a_busy_night_changes_what_benches_are_promised() {
    let mut town = Town::found(10_000, 7, AUTUMN);
    let before = Night::of(&town, Export::default());
    town.night(Stir::BUSY);
    let night = Night::of(&town, Export { shuffle: 1, ..Export::default() });
    night.assert_whole();
    let [gone, new, changed] = night.shares(&before, "personer.csv", 1);
    between(gone, 0.004, 0.006);
    between(new, 0.006, 0.008);
    between(changed, 0.009, 0.011);
    let [gone, new, _] = night.shares(&before, "medlemskap.csv", 2);
    between(gone, 0.017, 0.023);
    between(new, 0.017, 0.025);
}

#[test]
fn a_year_of_nights_keeps_a_small_town_whole() {
    let mut town = Town::found(120, 7, AUTUMN);
    for _ in 0..300 {
        town.ordinary_night();
    }
    Night::of(&town, Export::default()).assert_whole();
    assert!(town.persons() > 200, "{}", town.persons());
}

#[test]
fn a_closed_school_leaves_nothing_dangling() {
    let mut town = Town::found(1300, 7, AUTUMN);
    town.ordinary_night();
    let before = Night::of(&town, Export::default());
    let pupils = town.pupils();
    let school = town.schools().into_iter().find(|one| one.name == "Lillby byskola").unwrap();
    assert_eq!(town.close_school(), "Lillby byskola");
    let after = Night::of(&town, Export::default());
    after.assert_whole();
    assert_eq!(town.pupils(), pupils - school.pupils);
    assert_eq!(after.0["skolor.csv"].len(), before.0["skolor.csv"].len() - 1);
    assert_eq!(after.count("personer.csv", 7, &school.key), 0);
    assert_eq!(after.count("grupper.csv", 3, &school.key), 0);
    // Nobody came, and only those left who had nobody else there.
    let [gone, new, _] = after.shares(&before, "personer.csv", 1);
    assert!(new == 0.0 && (0.02..0.08).contains(&gone), "{gone}");
    town.ordinary_night();
    Night::of(&town, Export::default()).assert_whole();
    assert_ne!(town.close_school(), "Lillby byskola");
}

#[test]
fn an_export_without_a_school_tells_the_same_as_its_closure() {
    let mut town = Town::found(1300, 7, AUTUMN);
    let lost =
        Night::of(&town, Export { leave_out_school: Some("Lillby byskola"), ..Export::default() });
    lost.assert_whole();
    let repaired = Night::of(&town, Export::default());
    assert_eq!(repaired.0["personer.csv"].len(), town.persons());
    town.close_school();
    assert!(lost.0 == Night::of(&town, Export::default()).0);
    let folder = tempfile::tempdir().unwrap();
    let unknown = Export { leave_out_school: Some("Lillby byskola"), ..Export::default() };
    let refused = town.write_export(folder.path(), unknown).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}
