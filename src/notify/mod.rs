//! EDGE OUT: what staff are told.
//!
//! [`catalogue`] explains every message code, [`sentence`] states why a plan is held, and
//! [`compose`](compose::compose) makes a night's mail; these are pure. [`message`] turns a mail
//! into bytes with headers, which the logbook keeps until [`send`](send::send) has handed them
//! over.
//!
//! Nothing here can carry personal data: the types hold counts, codes, and names of schools,
//! receivers and files.

pub mod address;
pub mod altered;
pub mod archive;
pub mod around;
mod breach_code;
pub mod catalogue;
pub mod cause;
mod columns;
pub mod command;
pub mod compose;
mod document;
pub mod duration;
pub mod error;
mod first_delivery;
mod folder;
mod headline;
pub mod heartbeat;
mod html;
pub mod kind;
pub mod language;
pub mod listed;
pub mod message;
pub mod metrics;
pub mod monitor;
pub mod night;
pub mod noun;
pub mod number;
pub mod past_filter;
pub mod pause;
mod proposal;
mod receivers;
mod remarks;
pub mod send;
pub mod sentence;
pub mod settings;
mod smtp;
pub mod system;
mod text;
mod waiting;
mod well;
pub mod why;
