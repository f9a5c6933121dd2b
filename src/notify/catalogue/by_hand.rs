//! `RG365` and `RG366`: what a person does by hand, withdrawing somebody and pausing.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[entry(
    366,
    [
        "Det går inte, som pausen står nu[: {detail}].",
        "Inget är ändrat: en paus som finns gäller som förut, och finns ingen går körningarna som \
         vanligt. Elever och lärare märker inget.",
        "Se om det är paus och till när:\n$ sudo rostergate status",
    ],
    [
        "That cannot be done as the pause stands now[: {detail}].",
        "Nothing has changed: a pause that there is holds as before, and without one runs go on as \
         usual. Pupils and teachers notice nothing.",
        "See whether there is a pause, and until when:\n$ sudo rostergate status",
    ],
)];
