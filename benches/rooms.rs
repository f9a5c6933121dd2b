//! What single rooms take for a town of 10 000 pupils: `cargo bench --bench rooms`.
#![expect(clippy::disallowed_methods, reason = "a benchmark writes its configuration")]

use std::collections::BTreeSet;
use std::fs;
use std::hint::black_box;
use std::io::{self, BufRead};
use std::path::Path;

use criterion::Criterion;
use jiff::civil::date;
use rostergate::commands::demo::town::{Export, Town};
use rostergate::config::{self, Loaded};
use rostergate::formats::Format;
use rostergate::formats::register_csv::{self, File};
use rostergate::formats::snapshot::{self, Header};
use rostergate::pipeline::diff::{View, diff};
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::pipeline::select::select;
use rostergate::roster::draft::Draft;
use rostergate::roster::roster::Roster;
use rostergate::sources::SourceKind;

const PUPILS: u32 = 10_000;

/// The bytes of one export, file by file.
struct Day(Vec<(String, Vec<u8>)>);

impl Day {
    fn of(town: &Town, folder: &Path) -> Day {
        town.write_export(folder, Export::default()).expect("a folder of our own");
        let names =
            ["skolor.csv", "personer.csv", "grupper.csv", "medlemskap.csv", "relationer.csv"];
        let file = |name: &str| (name.to_owned(), fs::read(folder.join(name)).expect("written"));
        Day(names.into_iter().map(file).collect())
    }

    fn decode(&self, loaded: &Loaded) -> Roster {
        let SourceKind::Csv(settings) = &loaded.config.source["register"];
        let files: Vec<File<'_>> =
            self.0.iter().map(|(name, bytes)| File { name, bytes, rows: None }).collect();
        let mut draft = Draft::new();
        let today = date(2026, 9, 2);
        register_csv::decode(settings, &files, today, &mut draft).expect("a sound export");
        protect(&mut draft, &Pseudonyms::new());
        Roster::assemble(draft).0
    }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let config = folder.path().join("r.toml");
    let text = include_str!("parts/town.toml").replace("counts = true", "counts = false");
    fs::write(&config, text.replace("@FOLDER@", "/nowhere")).expect("a folder of our own");
    let loaded = config::load(&config).expect("a sound configuration");
    let mut town = Town::found(PUPILS, 1, date(2026, 9, 1));
    let yesterday = Day::of(&town, folder.path()).decode(&loaded);
    town.ordinary_night();
    let day = Day::of(&town, folder.path());
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    criterion.bench_function("decode", |b| b.iter(|| black_box(day.decode(&loaded))));
    compare(&mut criterion, &yesterday, &day.decode(&loaded), &loaded);
    write_and_read(&mut criterion, &day.decode(&loaded), &loaded);
    criterion.final_summary();
}

fn compare(criterion: &mut Criterion, yesterday: &Roster, today: &Roster, loaded: &Loaded) {
    let mut packed = Vec::new();
    snapshot::write(yesterday, &Header::of(yesterday), &mut packed).expect("into memory");
    let carried = loaded.config.target["platform"].format.carried();
    let hidden = BTreeSet::new();
    criterion.bench_function("diff", |b| {
        b.iter(|| {
            let mut reader = snapshot::Reader::open(packed.as_slice()).expect("just written");
            let view = View { carried, hidden: &hidden };
            black_box(diff(today, Some(&mut reader), &view, |_| ()).expect("just written"))
        });
    });
}

fn write_and_read(criterion: &mut Criterion, roster: &Roster, loaded: &Loaded) {
    let target = &loaded.config.target["platform"];
    let format: &Format = &target.format;
    let stamp = date(2026, 9, 2).at(4, 15, 0, 0).in_tz("Europe/Stockholm").expect("a time");
    let selected = select(roster, &target.selection(), format.carried(), stamp.date());
    let (told, _) = format.fit(&selected);
    criterion.bench_function("encode", |b| {
        b.iter(|| format.write(&told, &stamp, "ims.xml", &mut io::sink()).expect("into nothing"));
    });
    let mut bytes = Vec::new();
    format.write(&told, &stamp, "ims.xml", &mut bytes).expect("into memory");
    criterion.bench_function("read back", |b| {
        b.iter(|| {
            let document: Box<dyn BufRead + '_> = Box::new(bytes.as_slice());
            let seen = format.read_back(&told, vec![("ims.xml".to_owned(), document)]);
            black_box(seen.expect("just written"))
        });
    });
}
