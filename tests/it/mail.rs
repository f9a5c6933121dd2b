//! Staff are told what happened, in their language, without personal data, over a safe line.

mod golden;
mod headers;
mod hostile;
mod nights;
mod sending;
