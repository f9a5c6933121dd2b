//! THE DECISIONS: protect, select, carry over, compare, judge. Pure: nothing here reads a disk,
//! a wire or a clock, and the same input gives the same plan.
//!
//! ```text
//! Draft ─protect─▶ Draft ─assemble─▶ Roster ─select─▶ ─fit─▶ ─carry─▶ told ─diff─▶ Delta ─judge─▶ Verdict
//! ```

pub mod carry;
mod changes;
pub mod counts;
pub mod diff;
mod limits;
pub mod percent;
pub mod plan;
pub mod protect;
pub mod rehearse;
pub mod replay;
mod reveal;
pub mod safety;
pub mod select;
pub mod trace;
pub mod verdict;
mod why_not;
pub mod withdrawal;
