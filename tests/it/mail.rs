//! Staff are told what happened, in their language, without personal data, over a safe line.

mod golden;
mod headers;
mod nights;
mod sending;
