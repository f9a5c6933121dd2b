//! What an SFTP server says: any bytes are an answer or none, and nothing is believed beyond the
//! packet that it stands in.

#[path = "../../src/delivery/sftp/packet.rs"]
#[allow(dead_code, reason = "only the reading half is attacked; the writing half has its tests")]
mod packet;

use packet::{Answer, answer, longs, version};

/// Whatever a server says is understood within its bytes, or refused.
pub fn check(bytes: &[u8]) {
    if let Some((_, extensions)) = version(bytes) {
        let held: usize = extensions.iter().map(String::len).sum();
        // A byte that is no text becomes a mark of three.
        assert!(held <= bytes.len() * 3, "more names than the packet holds");
    }
    assert!(longs(bytes).len() == bytes.len() / 8);
    let Some((_, found)) = answer(bytes) else { return };
    let held = match found {
        Answer::Status { text, .. } => text.len(),
        Answer::Handle(bytes) | Answer::Data(bytes) | Answer::Extended(bytes) => bytes.len(),
        Answer::Names(names) => names.iter().map(|(name, _)| name.len() + 12).sum(),
        Answer::Attrs(_) => 4,
    };
    assert!(held <= bytes.len(), "more than the packet holds");
}
