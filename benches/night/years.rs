//! What `status` takes on a state with many nights behind it.

use std::fs;
use std::io;

use jiff::ToSpan;
use jiff::civil::date;
use rostergate::commands::demo::town::{Export, stamp};

use crate::home::{Home, PROGRAM, said};
use crate::measured::measure;
use crate::scene::first_delivery;
use crate::targets::verdict;

const NIGHTS: i64 = 400;
const PUPILS: u32 = 50;
/// Seconds of processor time.
const MOST: f64 = 0.05;

/// Lets a hamlet live through the nights, two a day, and measures `status`.
pub(crate) fn status() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut home = Home::found(folder.path(), PUPILS, 1)?;
    first_delivery(&home)?;
    let first = date(2026, 9, 2).at(4, 15, 0, 0);
    for night in 0..NIGHTS {
        if night % 2 == 0 {
            home.town.ordinary_night();
        }
        home.town.write_export(&home.path("inbox"), Export { shuffle: 2, ..Export::default() })?;
        let at = first.saturating_add((night * 12).hours());
        stamp(&home.path("inbox"), at.in_tz("UTC").map_err(io::Error::other)?.timestamp())?;
        said(&home.words(&["run", "--again", "--json", "--as-of", &at.to_string()]))?;
    }
    let said_to = folder.path().join("said");
    let mut costs = Vec::new();
    for _ in 0..5 {
        costs.push(measure(PROGRAM, &home.words(&["status", "--json"]), &said_to)?.processor);
    }
    costs.sort_by(f64::total_cmp);
    let told = said(&home.words(&["history", "--runs", "1000", "--json"]))?;
    let runs = told["runs"].as_array().map_or(0, Vec::len);
    crate::say(&format!("\nafter {runs} runs ({} plans kept)", plans(&home)?));
    verdict("status: seconds of processor time", costs[costs.len() / 2], MOST, true);
    Ok(())
}

fn plans(home: &Home) -> io::Result<usize> {
    Ok(fs::read_dir(home.path("state").join("runs"))?.count())
}
