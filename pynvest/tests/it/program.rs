//! The program, run as a user runs it.

#[path = "program/history.rs"]
mod history;
#[path = "program/lake.rs"]
mod lake;
#[path = "program/misfortune.rs"]
mod misfortune;
#[path = "program/parse.rs"]
mod parse;
#[path = "program/printed_otherwise.rs"]
mod printed_otherwise;
#[path = "program/ranks.rs"]
mod ranks;
#[path = "program/safety.rs"]
mod safety;
#[path = "program/shown.rs"]
mod shown;

use std::process::Command;
use std::sync::LazyLock;
use std::sync::mpsc::channel;

use replica::{Exchange, Replica};

/// A command of the program.
fn pynvest(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_pynvest"));
    program.arg(command);
    program
}

/// A fictional exchange of full size, for all tests that only read it.
fn site() -> &'static str {
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
