//! What the operating system says, in both languages.

use std::io;

use super::catalogue::{Facts, Placeholder};

/// Facts with what the operating system said as their detail.
#[must_use]
pub fn because(facts: Facts, error: &io::Error) -> Facts {
    use io::ErrorKind::{
        InvalidData, InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied,
        QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let (sv, en) = match error.kind() {
        NotFound => ("den finns inte", "it is not there"),
        PermissionDenied => ("kontot saknar rättighet", "the account lacks permission"),
        StorageFull => ("disken är full", "the disk is full"),
        QuotaExceeded => ("utrymmet är slut", "the quota is used up"),
        ReadOnlyFilesystem => ("disken går bara att läsa", "the disk can only be read"),
        io::ErrorKind::FileTooLarge => ("den är för stor", "it is too large"),
        IsADirectory => ("det är en mapp", "it is a folder"),
        NotADirectory => ("en del av sökvägen är ingen mapp", "a part of the path is no folder"),
        io::ErrorKind::AlreadyExists => ("den finns redan", "it exists already"),
        InvalidData => ("den är inte text i UTF-8", "it is not text in UTF-8"),
        InvalidInput => ("det är ingen vanlig fil", "it is no regular file"),
        io::ErrorKind::ConnectionRefused => ("porten är stängd där", "the port is closed there"),
        io::ErrorKind::TimedOut => ("det tog för lång tid", "it took too long"),
        _ => {
            let said = error.to_string();
            return facts.words(Placeholder::Detail, format!("systemet säger \"{said}\""), said);
        }
    };
    facts.words(Placeholder::Detail, sv, en)
}
