//! Exit codes: `sysexits` where the name tells the truth, 10 to 13 for states of our own.

use crate::roster::code::Code;

/// All targets done.
pub const DONE: u8 = 0;
/// Wrong usage.
pub const USAGE: u8 = 2;
/// Held: needs a person's decision.
pub const HELD: u8 = 10;
/// Another run is active.
pub const LOCKED: u8 = 11;
/// Some targets done, some not, or an outcome is unknown.
pub const MIXED: u8 = 12;
/// Outside the hours for delivery: planned only.
pub const PLANNED_ONLY: u8 = 13;
/// Source data wrong.
pub const DATA: u8 = 65;
/// Source missing, stale or half-written.
pub const NO_INPUT: u8 = 66;
/// Receiver unreachable after retries.
pub const UNAVAILABLE: u8 = 69;
/// A broken invariant: a bug.
pub const SOFTWARE: u8 = 70;
/// Local disk or state.
pub const IO: u8 = 74;
/// Mails still wait, and are tried again.
pub const TEMPORARY: u8 = 75;
/// Host key or login refused.
pub const NO_PERMISSION: u8 = 77;
/// Configuration or secret.
pub const CONFIG: u8 = 78;

/// The exit code that a message code ends in.
pub fn of(code: Code) -> u8 {
    match code.0 {
        // What was typed, and not what is configured.
        100 | 105 | 106 | 108 | 114 | 365 | 366 | 370 | 375 | 504..=508 => USAGE,
        107 | 412 | 420..=422 => NO_PERMISSION,
        109 | 371 | 413 | 501 | 502 | 509 | 614 => IO,
        115 | 311..=313 | 352 | 353 => NO_INPUT,
        100..=199 | 503 => CONFIG,
        330..=339 | 347..=349 | 355..=363 | 369 | 374 | 376 | 379 | 380 => HELD,
        300..=399 => DATA,
        430 => MIXED,
        // The last: nothing was found wrong but that nothing happened.
        400..=499 | 600..=699 | 910..=912 => UNAVAILABLE,
        500 => LOCKED,
        _ => SOFTWARE,
    }
}

/// The exit code of a run over several targets: mixed success is 12, else the most severe.
pub fn of_targets(each: &[u8]) -> u8 {
    let some_done = each.contains(&DONE);
    let worse = each.iter().copied().filter(|&code| code != DONE && code != PLANNED_ONLY);
    match worse.max() {
        None if each.contains(&PLANNED_ONLY) => PLANNED_ONLY,
        None => DONE,
        Some(_) if some_done => MIXED,
        Some(most) => most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_ends_as_its_table_says() {
        for (exit, codes) in [
            (USAGE, &[105, 106, 108, 114, 365, 366, 370, 375, 504, 505, 506, 507, 508][..]),
            (HELD, &[330, 331, 332, 333, 334, 335, 336, 337, 338, 339, 347, 348, 349]),
            (HELD, &[361, 362, 363]),
            (HELD, &[355, 356, 357, 359, 360, 369, 374, 376, 379, 380]),
            (LOCKED, &[500]),
            (MIXED, &[430]),
            (DATA, &[310, 314, 315, 316, 317, 318, 319, 321, 323, 329, 367]),
            (DATA, &[354]),
            (NO_INPUT, &[115, 311, 312, 313]),
            (UNAVAILABLE, &[410, 411, 414, 415, 610, 611, 612, 613]),
            (UNAVAILABLE, &[910, 911, 912]),
            (SOFTWARE, &[900, 901]),
            (IO, &[109, 371, 413, 501, 502, 614]),
            (NO_PERMISSION, &[107, 412, 420, 421, 422]),
            (CONFIG, &[101, 102, 103, 104, 110, 111, 112, 113, 503]),
        ] {
            for &code in codes {
                assert_eq!(of(Code(code)), exit, "RG{code}");
            }
        }
    }

    #[test]
    fn mixed_success_is_12_and_otherwise_the_most_severe_wins() {
        assert_eq!(of_targets(&[]), 0);
        assert_eq!(of_targets(&[0, 0]), 0);
        assert_eq!(of_targets(&[0, 10]), 12);
        assert_eq!(of_targets(&[10, 69]), 69);
        assert_eq!(of_targets(&[10]), 10);
        assert_eq!(of_targets(&[0, 13]), 13);
        assert_eq!(of_targets(&[13, 10]), 10, "a decision is waited for, whatever the others do");
    }
}
