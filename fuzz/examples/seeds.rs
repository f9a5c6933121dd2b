//! Writes the corpus that a fuzzer begins with: a whole file for every way of writing one.
//!
//! `cargo run --example seeds` in this folder; everybody in it is invented.

use std::fs;
use std::path::Path;

use rostergate::formats::snapshot::{self, Header};
use rostergate_fuzz::{delivered, register_csv, settings};

fn main() {
    let planned = register_csv::read(0, &register_csv::tables(0)).expect("it is a small export");
    for number in 0..16 {
        let tables = register_csv::tables(number).into_iter().map(|(_, bytes)| bytes);
        let tables: Vec<Vec<u8>> = tables.collect();
        put("register_csv", number, &[&[number, number], &*tables.join(&0x1e)].concat());
        let format = settings::csv(number);
        let files = delivered::written(&format, &format.fit(&planned).0);
        let files: Vec<Vec<u8>> = files.into_iter().map(|(_, bytes)| bytes).collect();
        put("receiver_csv", number, &[&[number], &*files.join(&0x1e)].concat());
    }
    for number in 0..8 {
        let format = settings::ims(number);
        let (_, bytes) = delivered::written(&format, &format.fit(&planned).0).remove(0);
        put("ims_enterprise", number, &[&[number], &*bytes].concat());
        let texts = "Åsa <Ester>\nO'Ek & \"Son\"\n=HYPERLINK(1)\n]]><![CDATA[\nGu\u{308}nther\n\u{202e}abc\n👩‍🎓\n\u{85}\u{feff}";
        put("output", number, &[&[number], texts.as_bytes()].concat());
    }
    let predecessor = fs::read("../fixtures/formats/predecessor.xml").expect("the fixture");
    put("ims_enterprise", 100, &[&[0], &*predecessor].concat());
    let mut packed = Vec::new();
    snapshot::write(&planned, &Header::of(&planned), &mut packed).expect("memory");
    let text = zstd::decode_all(packed.as_slice()).expect("just written");
    let lines = text.splitn(2, |&byte| byte == b'\n').nth(1).expect("a header");
    put("snapshot", 0, &[&[0], &*packed].concat());
    put("snapshot", 1, &[&[1], &*text].concat());
    put("snapshot", 2, &[&[2], lines].concat());
    for (number, language) in ["sv", "en"].iter().enumerate() {
        let path = format!("../schemas/example.{language}.toml");
        put("configuration", number as u8, &fs::read(path).expect("the example"));
    }
    let pending = "pending\tperson\t2027-06-15\t3\tLäsårsskifte 2027\t0\tstaged\t14\tp1\n\
        pending\tmembership\t2027-06-15\t0\t\t1\tapprove\t0\tg1\tp1\tlearner\n\
        gone\tgroup\twindow W\tg1\narchived\tgroup\tg9\n";
    put("pending", 0, pending.as_bytes());
    let answers: [&[u8]; 7] = [
        &[102, 0, 0, 0, 1, 0, 0, 0, 4, 0xff, 0x80, 0, 1],
        &[101, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 2, b'n', b'o', 0, 0, 0, 2, b'e', b'n'],
        &[2, 0, 0, 0, 3, 0, 0, 0, 1, b'a', 0, 0, 0, 1, b'1'],
        &[103, 0, 0, 0, 3, 0, 0, 0, 3, b'a', b'b', b'c'],
        &[
            104, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, b'x', 0, 0, 0, 1, b'x', 0, 0, 0, 1, 0, 0, 0,
            0, 0, 0, 0, 9,
        ],
        &[
            105, 0, 0, 0, 5, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0xa4, 0, 0, 0, 1, 0, 0,
            0, 2,
        ],
        &[201, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 16, 0],
    ];
    for (number, answer) in answers.iter().enumerate() {
        put("sftp", number as u8, answer);
    }
}

fn put(law: &str, number: u8, bytes: &[u8]) {
    let folder = Path::new("corpus").join(law);
    fs::create_dir_all(&folder).expect("the corpus");
    fs::write(folder.join(format!("seed-{number}")), bytes).expect("the corpus");
}
