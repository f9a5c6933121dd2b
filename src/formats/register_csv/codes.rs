//! Codes of faults in rows; `help CODE` explains each.

use crate::roster::code::Code;

/// A row has no usable key.
pub const NO_KEY: Code = Code(324);
/// A word of the register that is not mapped to one of ours.
pub const UNKNOWN_WORD: Code = Code(325);
/// A word about protection that is not mapped to yes or no: counts as protected.
pub const UNKNOWN_MARKING: Code = Code(373);
/// Characters were taken out that cannot stand in XML, or that are control characters.
pub const ILLEGAL: Code = Code(326);
/// A date that is none, or a period that ends before it begins.
pub const BAD_DATE: Code = Code(327);
/// A personal number with a wrong date or check digit; it is left out.
pub const BAD_PERSONAL_NUMBER: Code = Code(328);
/// A person without any name.
pub const NAMELESS: Code = Code(341);
/// A name that a spreadsheet would take for a formula.
pub const FORMULA: Code = Code(342);
/// The file begins with a byte order mark.
pub const BYTE_ORDER_MARK: Code = Code(343);
/// Columns of the file that the configuration does not name.
pub const EXTRA_COLUMNS: Code = Code(344);
/// Several persons have one personal number.
pub const SHARED_PERSONAL_NUMBER: Code = Code(345);
/// Keys were changed by the declared clean-up.
pub const CLEANED_KEY: Code = Code(350);
/// Keys that begin or end with white space, which is kept.
pub const LOOSE_KEY: Code = Code(351);
