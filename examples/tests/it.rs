//! The example programs, run as a user runs them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails in a helper fails the test")]

#[path = "it/lake.rs"]
mod lake;
#[path = "it/parse.rs"]
mod parse;
#[path = "it/programs.rs"]
mod programs;

use std::path::{Path, PathBuf};

/// Where a program is: `cargo test` builds the examples beside the directory of the test binary.
fn program(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let profile = this.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "the example `{name}` is not built: run `cargo build --examples` first");
    program
}
