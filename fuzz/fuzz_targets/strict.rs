//! A reader of XML that is not ours.

/// Panics at a document that is none.
pub fn accept(document: &[u8]) {
    let latin = document.starts_with(b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"");
    let text = match latin {
        true => document.iter().map(|&byte| char::from(byte)).collect(),
        false => String::from_utf8(document.to_vec()).expect("a document in UTF-8"),
    };
    if let Err(error) = roxmltree::Document::parse(&text) {
        panic!("no XML: {error}");
    }
}
