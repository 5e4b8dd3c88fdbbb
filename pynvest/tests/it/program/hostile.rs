//! What a hostile user, disk or site does to the program: it ends as it promises, and says what it could not do.

#[path = "hostile/bounds.rs"]
mod bounds;
#[path = "hostile/characters.rs"]
mod characters;
#[path = "hostile/endings.rs"]
mod endings;
#[path = "hostile/flips.rs"]
mod flips;

use twox_hash::XxHash64;

/// The first line of a list of steps: its checksum.
pub(crate) fn digest(steps: &str) -> String {
    format!("xxh64 {:016x}", XxHash64::oneshot(0, steps.as_bytes()))
}
