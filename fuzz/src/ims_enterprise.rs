//! An IMS Enterprise document that another program wrote: any bytes are a document or refused,
//! by whichever of the reader's two ways they are read; what is read can be written again.

use rostergate::formats::Format;
use rostergate::formats::error::FormatError;
use rostergate::roster::code::Code;
use rostergate::roster::issue::Issue;
use rostergate::roster::roster::Roster;

use super::delivered::{self, Accept};
use super::{register_csv, settings};

/// A byte chooses the settings; the rest is the document.
pub fn check(bytes: &[u8], accept: Accept<'_>) {
    let Some((&number, document)) = bytes.split_first() else { return };
    let format = settings::ims(number);
    let found = read(&format, document);
    if let Some(other) = slowly(document) {
        let other = read(&format, &other);
        assert_eq!(told(&found), told(&other), "the same is said whichever way it is read");
    }
    if let Ok((roster, issues)) = &found
        && !delivered::is_refused(issues)
    {
        delivered::check(roster, &format, accept);
    }
    finished(&format, document, accept);
}

type Found = Result<(Roster, Vec<Issue>), FormatError>;

fn read(format: &Format, document: &[u8]) -> Found {
    let files = [("ims.xml".to_owned(), document.to_vec())];
    format.decode(delivered::documents(&files))
}

/// What can be told of a document: everything in it, and what is wrong where. Of several reasons
/// to refuse one, that which is met first is said, and that depends on how much is read ahead.
type Told = Option<(Vec<String>, Vec<(Code, Option<u64>)>)>;

fn told(found: &Found) -> Told {
    let (roster, issues) = found.as_ref().ok()?;
    let wrong = issues.iter().map(|issue| (issue.code, issue.line)).collect();
    Some((delivered::lines(roster), wrong))
}

/// What passes for the document that was planned is XML to others as well.
fn finished(format: &Format, document: &[u8], accept: Accept<'_>) {
    let planned = register_csv::read(0, &register_csv::tables(0)).expect("it is a small export");
    let told = format.fit(&planned).0;
    let files = [("ims.xml".to_owned(), document.to_vec())];
    let Ok(found) = format.read_back(&told, delivered::documents(&files)) else { return };
    if delivered::lines(&found) == delivered::lines(&format.visible(&told)) {
        accept(document);
    }
}

/// The same document with blanks before the end of every tag, in every tag other ones: the
/// reader knows plain tags, and tags that it has read before, by their bytes, and hands all
/// others to a reader for any markup.
fn slowly(document: &[u8]) -> Option<Vec<u8>> {
    let mut slow = Vec::new();
    let mut rest = document;
    let mut tags = 1_u32;
    while let Some(at) = rest.iter().position(|&byte| byte == b'<') {
        slow.extend(&rest[..at]);
        rest = &rest[at..];
        let beside = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        let length = match beside.iter().find(|(begin, _)| rest.starts_with(begin.as_bytes())) {
            Some((begin, end)) => {
                let behind = find(&rest[begin.len()..], end.as_bytes())?;
                begin.len() + behind + end.len()
            }
            None => end_of_tag(rest)? + 1,
        };
        let (markup, behind) = rest.split_at(length);
        if rest.starts_with(b"<!") || rest.starts_with(b"<?") {
            slow.extend(markup);
        } else {
            let end = if markup.ends_with(b"/>") { 2 } else { 1 };
            slow.extend(&markup[..length - end]);
            slow.extend(
                format!("{tags:b}").bytes().map(|bit| [b' ', b'\t'][usize::from(bit - b'0')]),
            );
            slow.extend(&markup[length - end..]);
            tags += 1;
        }
        rest = behind;
    }
    slow.extend(rest);
    Some(slow)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Where the `>` of a tag stands: not inside quotes, which an end tag has none of.
fn end_of_tag(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, &byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if !tag.starts_with(b"</") => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}
