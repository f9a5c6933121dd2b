//! Receivers' files: written, read back, fitted, refused.

mod csv;
mod foreign;
mod ims;
mod limits;
mod roles;
mod schema;
mod support;
mod years;
