//! One integration test binary, one file per promise.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod alarm;
mod approve;
mod around;
mod attack;
mod backtest;
mod beside;
mod canary;
mod carry;
mod catalogue;
mod config;
mod conversations;
mod demo;
mod diff;
mod faults;
mod find;
mod foreign;
mod formats;
mod fuzz;
mod history;
mod keys;
mod kill;
mod layering;
mod leaks;
mod limits;
mod mail;
mod nights;
mod packaging;
mod pause;
mod plan;
mod protect;
mod protection;
mod readme;
mod region;
mod rehearsal;
mod rekey;
mod renamed;
mod roster;
mod rows;
mod safety;
mod schools;
mod screen;
mod select;
mod settling;
mod sftp;
mod sftp_hostile;
mod sftp_login;
mod sftp_openssh;
mod sftp_proftpd;
mod signals;
mod simulation;
mod snapshot;
mod source;
mod state;
mod terms;
mod traces;
mod windows;
mod withdraw;
mod wrong;
mod year;
mod years;

/// Servers and fixtures that several promises share.
mod support {
    pub(crate) mod canaries;
    pub(crate) mod deliveries;
    pub(crate) mod exim;
    pub(crate) mod export;
    pub(crate) mod gateway;
    pub(crate) mod nights;
    pub(crate) mod odd_server;
    pub(crate) mod odd_smtp;
    pub(crate) mod proftpd;
    pub(crate) mod sealing;
    pub(crate) mod smtp;
    pub(crate) mod sshd;
}
