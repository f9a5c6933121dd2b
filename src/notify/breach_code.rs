//! Which message explains a reason to hold.

use crate::pipeline::verdict::Breach;
use crate::roster::code::Code;

/// The code that explains the reason.
pub fn code_of(breach: &Breach) -> Code {
    Code(match breach {
        Breach::OverPercent { .. } | Breach::OverCount { .. } | Breach::OverWeek { .. } => 330,
        Breach::Vanished { .. } => 332,
        Breach::FirstDelivery { .. } => 333,
        Breach::ProtectedFlood { .. } => 334,
        Breach::ProtectionFell { .. } => 379,
        Breach::EncodingChanged { .. } => 335,
        Breach::BelowMinimum { .. } => 336,
        Breach::SetAside { .. } => 337,
        Breach::OutcomeUnknown => 338,
        Breach::ForeignFile { .. } => 339,
        Breach::BaselineOld { .. } => 347,
        Breach::KeyRulesChanged => 348,
        Breach::WrongEncoding { .. } => 349,
        Breach::TakenOver { .. } => 362,
        Breach::SharedUserName { .. } => 380,
        Breach::Release { .. } => 363,
        Breach::ArchivedReturns { .. } => 361,
        Breach::WithdrawnBack { .. } => 376,
        Breach::Rekeyed { .. } => 355,
        Breach::FieldEmptied { .. } | Breach::FieldChanged { .. } => 356,
        Breach::NothingUnchanged { .. } => 357,
        Breach::ConfigurationRemoves { .. } => 359,
        Breach::Clock { .. } => 360,
    })
}
