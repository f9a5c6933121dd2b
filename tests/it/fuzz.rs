//! Every law of `fuzz/` holds for every file of the kept corpus, with libxml2 as the reader of XML
//! that is not ours; and the fuzzer attacks all of them.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../../fuzz/src/configuration.rs"]
#[expect(unreachable_pub, reason = "there it is a crate of its own")]
mod configuration;
#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "there it is a crate of its own")]
mod laws;
#[path = "../../fuzz/src/sftp_conversation/mod.rs"]
#[expect(clippy::disallowed_methods, unreachable_pub, reason = "there it is a crate of its own")]
pub(crate) mod sftp_conversation;
#[path = "../../fuzz/src/smtp_conversation.rs"]
#[expect(unreachable_pub, reason = "there it is a crate of its own")]
pub(crate) mod smtp_conversation;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

/// Holds a law to its corpus; where a law is broken, the file is named.
fn replay(law: &str, mut check: impl FnMut(&[u8])) {
    let corpus = folder().join("corpus").join(law);
    let names = names(&corpus);
    assert!(!names.is_empty(), "{law} has no corpus");
    for name in names {
        let bytes = fs::read(corpus.join(&name)).unwrap();
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&bytes)));
        assert!(held.is_ok(), "fuzz/corpus/{law}/{name} breaks the law");
    }
}

/// The same for a law about documents, which libxml2 must take: all of them at once.
#[expect(clippy::disallowed_methods, reason = "an independent judge of the files")]
fn replay_with_documents(law: &str, check: fn(&[u8], laws::delivered::Accept<'_>)) {
    let home = tempfile::tempdir().unwrap();
    let documents = RefCell::new(Vec::new());
    replay(law, |bytes| {
        check(bytes, &mut |document| {
            let mut documents = documents.borrow_mut();
            let path = home.path().join(format!("{}.xml", documents.len()));
            fs::write(&path, document).unwrap();
            documents.push(path);
        });
    });
    let documents = documents.into_inner();
    for some in documents.chunks(200) {
        let judged = Command::new("xmllint").args(["--noout", "--nonet"]).args(some).output();
        let judged = judged.expect("xmllint is missing: apt-get install -y libxml2-utils");
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
    }
    assert!(law == "receiver_csv" || documents.len() > 4, "{law} writes documents");
}

#[test]
fn any_configuration_is_whole_or_told_what_is_wrong() {
    replay("configuration", configuration::check);
}

#[test]
fn any_register_is_refused_or_can_be_delivered() {
    replay_with_documents("register_csv", laws::register_csv::check);
}

#[test]
fn any_text_becomes_files_that_others_read() {
    replay_with_documents("output", laws::output::check);
}

#[test]
fn any_document_is_refused_or_read_the_same_in_two_ways() {
    replay_with_documents("ims_enterprise", laws::ims_enterprise::check);
}

#[test]
fn any_tables_of_a_receiver_are_refused_or_written_again() {
    replay_with_documents("receiver_csv", laws::receiver_csv::check);
}

#[test]
fn any_list_of_what_waits_is_refused_or_itself_again() {
    replay("pending", laws::pending::check);
}

#[test]
fn any_snapshot_is_refused_or_what_was_written() {
    replay("snapshot", laws::snapshot::check);
}

#[test]
fn any_answer_of_a_server_is_understood_within_its_bytes() {
    replay("sftp", laws::sftp::check);
}

#[test]
fn any_receivers_server_is_believed_no_more_than_it_shows() {
    replay("sftp_conversation", sftp_conversation::check);
}

#[test]
fn any_mail_server_is_believed_no_more_than_it_shows() {
    replay("smtp_conversation", smtp_conversation::check);
}

/// A law that nobody attacks, a target without a corpus, a corpus that grows without end.
#[test]
fn every_law_has_a_target_and_a_small_corpus() {
    let manifest: toml::Table =
        fs::read_to_string(folder().join("Cargo.toml")).unwrap().parse().unwrap();
    let mut targets: Vec<&str> = manifest["bin"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bin| bin["name"].as_str().unwrap())
        .collect();
    targets.sort_unstable();
    assert_eq!(names(&folder().join("corpus")), targets);
    let run = fs::read_to_string(folder().join("run.sh")).unwrap();
    let own = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file!())).unwrap();
    let mut size = 0;
    for law in targets {
        let mut words = run.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert!(words.any(|word| word == law), "run.sh attacks {law}");
        assert!(own.contains(&format!("{law}::check);")), "{law} is replayed");
        let corpus = folder().join("corpus").join(law);
        let length = |name: String| fs::metadata(corpus.join(name)).unwrap().len();
        size += names(&corpus).into_iter().map(length).sum::<u64>();
    }
    assert!(size < 600_000, "{size} bytes: keep what adds something (cargo fuzz cmin)");
}
