//! The house keeps its order: a room uses only rooms listed before it in `src/lib.rs`, the pure
//! rooms touch no disk, wire or clock, and every file and function can be read in one go.

use std::fs;
use std::path::{Path, PathBuf};

type Letters<'t> = std::iter::Peekable<std::str::Chars<'t>>;

const MOST_LINES: usize = 400;
const MOST_LINES_OF_A_FUNCTION: usize = 60;
const PURE: [&str; 3] = ["roster", "formats", "pipeline"];
const IMPURE_WORDS: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "SystemTime",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "tokio",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below `src`, with its path from there and its text.
fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the source") {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                let below = path.strip_prefix(source()).expect("below src");
                found.push((below.display().to_string(), text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 10, "the source is where it should be");
    found
}

fn rooms() -> Vec<String> {
    let lib = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    let name = |line: &str| {
        let line = line.trim_start_matches("pub ");
        line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
    };
    let rooms: Vec<String> = lib.lines().filter_map(name).collect();
    assert!(rooms.starts_with(&["roster".to_owned(), "formats".to_owned()]), "{rooms:?}");
    rooms
}

fn room_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// The code of a file, without comments and without what its texts hold, so that words in
/// either name nothing. Line breaks stay.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or_default();
        match c {
            '/' if next == '/' => {
                while chars.peek().is_some_and(|&c| c != '\n') {
                    chars.next();
                }
            }
            '"' => {
                let raw = hashes_before(&code);
                skip_text(&mut chars, &mut code, raw);
            }
            '\'' if is_character(&mut chars.clone()) => skip_character(&mut chars),
            _ => code.push(c),
        }
    }
    code
}

/// Of `r##"` the number of `#`; `None` for a plain text with escapes.
fn hashes_before(code: &str) -> Option<usize> {
    let bare = code.trim_end_matches('#');
    let is_raw = bare.ends_with('r') && !bare.trim_end_matches(['b', 'r']).ends_with(is_word);
    is_raw.then(|| code.len() - bare.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn skip_text(chars: &mut Letters<'_>, code: &mut String, raw: Option<usize>) {
    let hashes = raw.unwrap_or_default();
    while let Some(c) = chars.next() {
        match c {
            '\\' if raw.is_none() => {
                let escaped = chars.next();
                code.extend(escaped.filter(|&c| c == '\n'));
            }
            '\n' => code.push('\n'),
            '"' if chars.clone().take(hashes).filter(|&c| c == '#').count() == hashes => {
                chars.by_ref().take(hashes).for_each(drop);
                return;
            }
            _ => {}
        }
    }
}

/// Whether a quote begins a character, rather than a lifetime.
fn is_character(rest: &mut Letters<'_>) -> bool {
    rest.next() == Some('\\') || rest.next() == Some('\'')
}

fn skip_character(chars: &mut Letters<'_>) {
    if chars.next() == Some('\\') {
        chars.next();
    }
    chars.by_ref().find(|&c| c == '\'');
}

/// Rooms that the code names as `crate::ROOM`, also inside `use crate::{…}`.
fn named_rooms(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|&c| is_word(c)).collect::<String>();
    let mut named = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => named.push(word(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (place, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && is_word(c) => {
                            named.push(word(&list[place..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    named
}

#[test]
fn a_room_uses_only_rooms_listed_before_it() {
    let rooms = rooms();
    let mut faults = Vec::new();
    for (path, text) in files() {
        let Some(own) = rooms.iter().position(|room| room == room_of(&path)) else {
            assert!(path == "lib.rs" || path == "main.rs", "{path} belongs to no room in lib.rs");
            continue;
        };
        for named in named_rooms(&code(&text)) {
            match rooms.iter().position(|room| *room == named) {
                Some(other) if other > own => faults.push(format!("{path} uses {named}")),
                Some(_) => {}
                None => faults.push(format!("{path} uses crate::{named}, which is no room")),
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn pure_rooms_touch_no_disk_wire_or_clock() {
    let mut faults = Vec::new();
    for (path, text) in files().into_iter().filter(|(path, _)| PURE.contains(&room_of(path))) {
        let code = code(&text);
        let found = IMPURE_WORDS.iter().filter(|word| code.contains(**word));
        faults.extend(found.map(|word| format!("{path} names {word}")));
        let grouped = ["fs", "net", "process", "env"].map(|part| (part, "use std::{"));
        for (part, group) in grouped {
            let lists = code.split(group).skip(1).filter_map(|rest| rest.split('}').next());
            let names = lists.flat_map(|list| list.split([',', '{', ':'])).map(str::trim);
            if names.into_iter().any(|name| name == part) {
                faults.push(format!("{path} names std::{part}"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_and_can_be_read_in_one_go() {
    let mut faults = Vec::new();
    for (path, text) in files() {
        if !text.starts_with("//! ") {
            faults.push(format!("{path} does not open with a sentence"));
        }
        let lines = text.lines().count();
        if lines > MOST_LINES {
            faults.push(format!("{path} has {lines} lines, {MOST_LINES} at most"));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn no_function_is_longer_than_can_be_seen_at_once() {
    let mut faults = Vec::new();
    for (path, text) in files() {
        for (name, lines) in functions(&code(&text)) {
            if lines > MOST_LINES_OF_A_FUNCTION {
                faults.push(format!("{path}: fn {name} has {lines} lines"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

/// Every function with a body: its name, and its lines from `fn` to the closing brace.
fn functions(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].ends_with(is_word) {
            continue;
        }
        let rest = &code[at..];
        let name: String = rest[3..].chars().take_while(|&c| is_word(c)).collect();
        // A type such as `fn (u8)` has no name, a method of a trait may have no body.
        let Some(body) = body_of(rest).filter(|_| !name.is_empty()) else { continue };
        if rest[body..].starts_with('{') {
            let mut depth = 0;
            let end = rest[body..].char_indices().find(|&(_, c)| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth == 0
            });
            let end = body + end.map_or(0, |(end, _)| end);
            found.push((name, rest[..=end].lines().count()));
        }
    }
    found
}

/// Where the body of a function begins, or the `;` in its place; not the `;` of an array.
fn body_of(function: &str) -> Option<usize> {
    let mut depth = 0;
    let place = function.char_indices().find(|&(_, c)| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == '{' || (c == ';' && depth == 0)
    });
    place.map(|(at, _)| at)
}

#[test]
fn the_reader_of_code_sees_code_only() {
    let text = r##"
use crate::roster::words::Kind; // crate::commands
use crate::{formats::{carried, snapshot}, pipeline};
fn one<'a>(x: [&'a str; 2]) -> char {
    let _ = ("crate::state \" {", r#"crate::notify " }"#, b"{", '{', '"', '\'');
    'x'
}
"##;
    let code = code(text);
    assert_eq!(named_rooms(&code), ["roster", "formats", "pipeline"]);
    assert_eq!(functions(&code), [("one".to_owned(), 4)]);
    assert_eq!(code.lines().count(), text.lines().count());
}
