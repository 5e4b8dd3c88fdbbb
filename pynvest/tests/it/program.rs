//! The program, run as a user runs it.

#[path = "program/damage.rs"]
mod damage;
#[path = "program/days.rs"]
mod days;
#[path = "program/funds.rs"]
mod funds;
#[path = "program/history.rs"]
mod history;
#[path = "program/hostile.rs"]
mod hostile;
#[path = "program/lake.rs"]
pub(crate) mod lake;
#[path = "program/lists.rs"]
mod lists;
#[path = "program/misfortune.rs"]
mod misfortune;
#[path = "program/network.rs"]
mod network;
#[path = "program/output.rs"]
mod output;
#[path = "program/parse.rs"]
mod parse;
#[path = "program/printed_otherwise.rs"]
mod printed_otherwise;
#[path = "program/ranks.rs"]
mod ranks;
#[path = "program/report.rs"]
mod report;
#[path = "program/safety.rs"]
mod safety;
#[path = "program/screens.rs"]
mod screens;
#[path = "program/sectors.rs"]
mod sectors;
#[path = "program/settings.rs"]
mod settings;
#[path = "program/shown.rs"]
mod shown;
#[path = "program/words.rs"]
mod words;

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::channel;

use replica::{Exchange, Replica};

/// A command of the program.
pub(crate) fn pynvest(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_pynvest"));
    // What one test keeps is no other's, and nothing of whoever runs them.
    static KEPT: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::TempDir::new().unwrap());
    program.arg(command).env("PYNVEST_CACHE", KEPT.path());
    program
}

/// What a command says that reads this from its standard input.
pub(crate) fn fed(command: &mut Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// A fictional exchange of full size, for all tests that only read it.
pub(crate) fn site() -> &'static str {
    static SITE: LazyLock<String> = LazyLock::new(|| {
        let (tell, told) = channel();
        std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let replica = Replica::start(Exchange::default()).await.unwrap();
                tell.send(replica.url()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        told.recv().unwrap()
    });
    &SITE
}
