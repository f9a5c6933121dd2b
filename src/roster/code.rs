//! Stable message codes: what `help CODE` explains and what mails and reports refer to.

use std::fmt;

/// A stable message code, shown as `RG310`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RG{:03}", self.0)
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    /// Reads `RG310`, `rg310` or `310`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let upper = text.to_ascii_uppercase();
        let digits = upper.strip_prefix("RG").unwrap_or(&upper);
        digits.parse().map(Code).map_err(|_| ())
    }
}
