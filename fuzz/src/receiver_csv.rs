//! Tables that a receiver was once sent: any bytes are tables or refused; what is read can be
//! written and read again.

use rostergate::formats::Format;

use super::delivered::{self, Accept};
use super::{register_csv, settings};

/// Parts the tables of one delivery.
const BETWEEN: u8 = 0x1e;

/// A byte chooses the settings; then come the tables in the order of their names.
pub fn check(bytes: &[u8], accept: Accept<'_>) {
    let Some((&number, rest)) = bytes.split_first() else { return };
    let format = settings::csv(number);
    let names = format.document_names();
    let mut parts = rest.split(|&byte| byte == BETWEEN).map(<[u8]>::to_vec);
    let files: Vec<_> =
        names.into_iter().map(|name| (name, parts.next().unwrap_or_default())).collect();
    if let Ok((roster, issues)) = format.decode(delivered::documents(&files))
        && !delivered::is_refused(&issues)
    {
        delivered::check(&roster, &format, accept);
    }
    finished(&format, &files);
}

/// Files that pass for those that were planned hold what was planned, whoever reads them.
fn finished(format: &Format, files: &[(String, Vec<u8>)]) {
    let planned = register_csv::read(0, &register_csv::tables(0)).expect("it is a small export");
    let told = format.fit(&planned).0;
    let Ok(found) = format.read_back(&told, delivered::documents(files)) else { return };
    let (decoded, _) = format.decode(delivered::documents(files)).expect("it was read back");
    let count = |lines: Vec<String>| lines.len();
    assert_eq!(count(delivered::lines(&found)), count(delivered::lines(&decoded)));
}
