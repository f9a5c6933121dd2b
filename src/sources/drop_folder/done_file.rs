//! What a done-file says: a line `file;rows` for every file.

use std::collections::BTreeMap;
use std::path::Path;

use super::SourceError;
use crate::formats::register_csv::FileName;
use crate::roster::words::Kind;

/// Rows by file. Every configured file must be named, once.
pub(super) fn rows<'f>(
    path: &Path,
    bytes: &[u8],
    files: impl Iterator<Item = (Kind, &'f FileName)>,
) -> Result<BTreeMap<String, u64>, SourceError> {
    let fault = |line, what: &str| SourceError::DoneFile {
        path: path.to_owned(),
        line,
        what: what.to_owned(),
    };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut rows = BTreeMap::new();
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let (name, count) =
            parse(line).ok_or_else(|| fault(Some(number), "not a line \"file;rows\""))?;
        if rows.insert(name, count).is_some_and(|before| before != count) {
            return Err(fault(Some(number), "names a file again, with another number of rows"));
        }
    }
    for (_, file) in files {
        if !rows.contains_key(file.as_str()) {
            return Err(fault(None, &format!("does not say how many rows {} has", file.as_str())));
        }
    }
    Ok(rows)
}

fn parse(line: &[u8]) -> Option<(String, u64)> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, count) = line.rsplit_once([';', ',', '\t'])?;
    let bare = |text: &str| text.trim().trim_matches('"').to_owned();
    let count = bare(count);
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((bare(name), count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<String, u64>, String> {
        let file = FileName::try_from("a.csv".to_owned()).expect("a file name");
        rows(Path::new("done"), text.as_bytes(), [(Kind::Person, &file)].into_iter())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn one_line_for_each_file() {
        for text in ["a.csv;7\n", "\u{feff}a.csv,7\r\n\r\n", "b.csv;1\na.csv\t7", "\"a.csv\"; 7\n"]
        {
            assert_eq!(read(text).map(|rows| rows["a.csv"]), Ok(7), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_said_is_an_error() {
        let none = Err("done: does not say how many rows a.csv has".to_owned());
        assert_eq!(read(""), none);
        assert_eq!(read("b.csv;7\n"), none);
        for text in
            ["a.csv\n", "a.csv;\n", "a.csv;-1\n", "a.csv;x\n", "a.csv;99999999999999999999\n"]
        {
            assert_eq!(read(text), Err("done:1: not a line \"file;rows\"".to_owned()), "{text:?}");
        }
        assert!(read("a.csv;1\na.csv;2\n").is_err_and(|text| text.starts_with("done:2: names")));
    }
}
