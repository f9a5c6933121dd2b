//! Programs that do one honest part of the work over the same files.

use std::fs::File;
use std::io::{self, BufReader};
use std::process::{Command, Stdio};

use quick_xml::Reader;
use quick_xml::events::Event;

/// The argument that makes this program the bare event loop.
pub(crate) const EVENT_LOOP: &str = "--quick-xml";

/// Which files a program goes over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The file that was delivered.
    Delivered,
    /// Today's export.
    Today,
    /// Yesterday's export and today's.
    BothDays,
}

/// A program to compare with.
pub(crate) struct Reference {
    pub(crate) name: &'static str,
    pub(crate) program: String,
    pub(crate) arguments: Vec<&'static str>,
    pub(crate) over: Over,
}

/// SHA-256 of the delivered file.
pub(crate) const HASH: &str = "openssl dgst -sha256";
/// Reading the delivered file event by event.
pub(crate) const EVENTS: &str = "quick-xml event loop";
/// Comparing both days.
pub(crate) const JOIN: &str = "DuckDB full outer join";
/// The same without a database.
const DIFF: &str = "qsv diff";

/// Those that can be had here; says which cannot.
pub(crate) fn present() -> io::Result<Vec<Reference>> {
    let own = std::env::current_exe()?.to_string_lossy().into_owned();
    let reference = |name, program: &str, arguments: &[&'static str], over| Reference {
        name,
        program: program.to_owned(),
        arguments: arguments.to_vec(),
        over,
    };
    let all = [
        reference(HASH, "openssl", &["dgst", "-sha256"], Over::Delivered),
        reference("plain copy (cat)", "cat", &[], Over::Delivered),
        reference(EVENTS, &own, &[EVENT_LOOP], Over::Delivered),
        reference("xmllint --stream", "xmllint", &["--stream", "--noout"], Over::Delivered),
        reference("sort *.csv", "sort", &[], Over::Today),
        reference(JOIN, "python3", &["-c", FULL_OUTER_JOIN], Over::BothDays),
        reference(DIFF, "sh", &["-c", DIFF_OF_TABLES, "sh"], Over::BothDays),
    ];
    let (present, missing): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| match one.name {
        JOIN => has_duckdb(),
        DIFF => is_installed("qsv"),
        EVENTS => true,
        _ => is_installed(&one.program),
    });
    for one in missing {
        crate::say(&format!("not installed, left out: {}", one.name));
    }
    Ok(present)
}

/// Whether a program is on the search path.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn has_duckdb() -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", "import duckdb"]).stdout(Stdio::null()).stderr(Stdio::null());
    python.status().is_ok_and(|status| status.success())
}

/// Gone, new and changed rows of the three tables, found by key; the tables of the two folders.
const FULL_OUTER_JOIN: &str = r#"
import sys, duckdb
old, new = sys.argv[1:]
tables = {"personer": ["PersonId"], "grupper": ["GruppId"], "medlemskap": ["PersonId", "GruppId"]}
db = duckdb.connect()
db.execute("set threads = 2")
for table, keys in tables.items():
    day = lambda folder: f"read_csv('{folder}/{table}.csv', delim=';', header=true, all_varchar=true)"
    named = ", ".join(keys)
    print(table, db.execute(f"""
        select count(*) filter (where b.{keys[0]} is null), count(*) filter (where a.{keys[0]} is null),
               count(*) filter (where a.row <> b.row)
        from (select {named}, t as row from {day(old)} t) a
        full outer join (select {named}, t as row from {day(new)} t) b using ({named})
    """).fetchone())
"#;

/// The same tables of the two folders.
const DIFF_OF_TABLES: &str = r"
set -e
for table in personer:PersonId grupper:GruppId medlemskap:PersonId,GruppId; do
    qsv diff --delimiter ';' --key ${table#*:} $1/${table%:*}.csv $2/${table%:*}.csv
done > /dev/null
";

/// The bare event loop: reads a file, does nothing with it, and says how many events there were.
pub(crate) fn event_loop(path: &str) -> io::Result<u64> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, File::open(path)?));
    let (mut buffer, mut events) = (Vec::new(), 0);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(io::Error::other)? {
            Event::Eof => return Ok(events),
            _ => events += 1,
        }
    }
}
