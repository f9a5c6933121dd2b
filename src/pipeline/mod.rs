//! THE DECISIONS: protect, select, carry over, compare, judge. Pure: nothing here reads a disk,
//! a wire or a clock, and the same input gives the same plan.
//!
//! ```text
//! Draft ─protect─▶ Draft ─assemble─▶ Roster ─select─▶ ─fit─▶ ─carry─▶ told ─diff─▶ Delta ─judge─▶ Verdict
//! ```

pub mod archive;
pub mod by_hand;
pub mod carry;
mod changes;
mod classes;
pub mod clock;
mod counter;
pub mod counts;
pub mod delay;
pub mod diff;
mod differences;
mod fate;
pub mod field;
pub mod flood;
pub mod keys;
mod limits;
mod namesakes;
pub mod pending;
pub mod percent;
pub mod plan;
mod posts;
pub mod protect;
pub mod rehearse;
pub mod rekey;
mod release;
pub mod replay;
mod reveal;
pub mod rules;
pub mod safety;
pub mod season;
pub mod select;
pub mod sentinels;
pub mod telltale;
mod today;
pub mod trace;
pub mod verdict;
pub mod waiting;
pub mod week;
mod why_not;
pub mod window;
pub mod withdrawal;
