//! What must hold whatever bytes come in: one law for each file here, and one target for each law.
//!
//! A law panics when it is broken. The fuzzer looks for bytes that break one; the test
//! `tests/it/fuzz.rs` of the program holds every law to the kept corpus. The laws
//! about configurations and about whole conversations with servers stand beside the others and not
//! among them: they take the whole program.

pub mod delivered;
pub mod ims_enterprise;
pub mod output;
pub mod pending;
pub mod receiver_csv;
pub mod register_csv;
pub mod settings;
pub mod sftp;
pub mod snapshot;
