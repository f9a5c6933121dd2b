//! What was asked for by hand and is not there.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[entry(
    370,
    [
        "Nyckeln finns varken i registrets export eller i någon sparad fil[: {detail}].",
        "Inget skickas och inget ändras. Elever och lärare märker inget.",
        "Skriv nyckeln precis som den står i exportens nyckelkolumn[ ({field})], inte namn, \
         personnummer eller e-post. Den som slutade för länge sedan finns inte kvar i någon \
         sparad fil.\n$ sudo rostergate find <nyckel>",
    ],
    [
        "The key is neither in the register's export nor in any stored file[: {detail}].",
        "Nothing is sent and nothing changes. Pupils and teachers notice nothing.",
        "Type the key exactly as it stands in the export's key column[ ({field})], no name, \
         personal number or e-mail. Whoever left long ago is in no stored file any more.\n\
         $ sudo rostergate find <key>",
    ],
)];
